package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// A call to a system is tried again while its failure is one that passes by
// itself; the kind of the failure decides, see activities.classify. After
// enough tries the process parks, and goes on trying slowly from there.
func retries(first time.Duration) *temporal.RetryPolicy {
	return &temporal.RetryPolicy{
		InitialInterval:    first,
		BackoffCoefficient: 2,
		MaximumInterval:    2 * time.Minute,
		MaximumAttempts:    12, // about a quarter of an hour
	}
}

// shopCall suits one read or write of the shop. A real X-Cart 5.4 takes
// seconds a call, and an activity makes up to five.
func shopCall(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           QueueXCart,
		StartToCloseTimeout: 6 * time.Minute,
		HeartbeatTimeout:    20 * time.Second,
		RetryPolicy:         retries(time.Second),
		Summary:             summary,
		Priority:            temporal.Priority{PriorityKey: liveOrders},
	})
}

// erpCall suits one step in the ERP: a look-up, or a write with its look-up
// before and read-back after.
func erpCall(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           QueueP21,
		StartToCloseTimeout: 4 * time.Minute,
		HeartbeatTimeout:    20 * time.Second,
		RetryPolicy:         retries(time.Second),
		Summary:             summary,
		Priority:            temporal.Priority{PriorityKey: liveOrders},
	})
}

// pollCall suits one poll of a system. The schedule comes again soon, so a poll
// that fails is not tried long.
func pollCall(ctx workflow.Context, queue, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           queue,
		StartToCloseTimeout: 15 * time.Minute,
		HeartbeatTimeout:    2 * time.Minute,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 2 * time.Second, BackoffCoefficient: 2, MaximumAttempts: 3},
		Summary:             summary,
		Priority:            temporal.Priority{PriorityKey: bulkWork},
	})
}

// pure suits mapping, validation and small records: quick, without calls to
// either system, so they run inside the worker that runs the process.
func pure(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout: 20 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 200 * time.Millisecond, MaximumInterval: 10 * time.Second},
		Summary:             summary,
	})
}

// Priorities: lower goes first.
const (
	liveOrders = 2
	bulkWork   = 4
)

// slowly is how long a parked process waits before it tries again by itself,
// for causes that can pass: a quarter of an hour, doubling to six hours.
func slowly(attempt int) time.Duration {
	const first, longest = 15 * time.Minute, 6 * time.Hour
	d := first
	for range attempt {
		if d *= 2; d >= longest {
			return longest
		}
	}
	return d
}

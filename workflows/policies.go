package workflows

import (
	"hash/fnv"
	"strconv"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// A call to a system is tried again while its failure is one that passes by
// itself; the kind of the failure decides, see activities.classify, and
// activities.Pacing says when and how often: a failing call about a quarter of an
// hour; one that is held back because its system is down, for as long as that
// lasts, which these attempts bound to some hours. Then the process parks, and
// goes on trying slowly from there. The intervals here are for what has no such
// failure: a time-out, a record store that is down.
func retries(first time.Duration) *temporal.RetryPolicy {
	return &temporal.RetryPolicy{
		InitialInterval:    first,
		BackoffCoefficient: 2,
		MaximumInterval:    2 * time.Minute,
		MaximumAttempts:    200,
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

// briefly bounds a call that is worth making and not worth waiting for long.
func briefly(ctx workflow.Context) workflow.Context {
	return workflow.WithScheduleToCloseTimeout(ctx, 10*time.Minute)
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
// that fails is not tried long; but the schedule waits for one that hangs, so the
// death of its worker must be noticed soon too.
func pollCall(ctx workflow.Context, queue, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           queue,
		StartToCloseTimeout: 15 * time.Minute,
		HeartbeatTimeout:    30 * time.Second,
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
// for causes that can pass: a quarter of an hour, doubling to an hour, half as
// long or half as much again. Which of these depends on the process alone, so
// that those that one outage parked do not come back together, and a replay sees
// the same timer.
func slowly(workflowID string, attempt int) time.Duration {
	const first, longest = 15 * time.Minute, time.Hour
	d := first
	for range attempt {
		d = min(2*d, longest)
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(workflowID + "/" + strconv.Itoa(attempt)))
	return d/2 + time.Duration(h.Sum32()%1000)*d/1000
}

package activities

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"

	"github.com/cart21/cart21/connectors"
)

// Pacing decides when a failed activity is tried again, and when it gives up so
// that its process parks. Temporal's retry policies know no jitter: without it,
// all that waited for a system would come back in the same instant.
type Pacing struct {
	interceptor.WorkerInterceptorBase
	// Longest is the longest spread of the tries.
	Longest time.Duration
}

// enough tries that reached the system and failed: about a quarter of an hour
// with a longest spread of two minutes. A try that was held back, because the
// system is known to be down, does not make an activity give up: the outage
// concerns no order in particular, and nobody could do anything about this one.
const enough = 20

// enoughOf are fewer, where the cause is less likely to pass: an answer that
// cannot be read is the same each time when the system has changed.
var enoughOf = map[string]int{string(connectors.Malformed): 5}

func tooMany(attempt int, kind string) bool { return attempt >= cmp.Or(enoughOf[kind], enough) }

// InterceptActivity puts the pacing around every activity of a worker.
func (p *Pacing) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &paced{ActivityInboundInterceptorBase: interceptor.ActivityInboundInterceptorBase{Next: next}, longest: p.Longest}
}

type paced struct {
	interceptor.ActivityInboundInterceptorBase
	longest time.Duration
}

func (p *paced) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	result, err := p.Next.ExecuteActivity(ctx, in)
	return result, pace(err, int(activity.GetInfo(ctx).Attempt), p.longest, rand.N[time.Duration])
}

// pace adds the time of the next try to the failure of an attempt: what the
// failure asks for at least, and then a random part (full jitter) of a spread
// that doubles with each attempt.
func pace(err error, attempt int, longest time.Duration, random func(time.Duration) time.Duration) error {
	var app *temporal.ApplicationError
	if !errors.As(err, &app) || app.NonRetryable() {
		return err
	}
	var failure Failure
	if !app.HasDetails() || app.Details(&failure) != nil {
		return err
	}
	spread := longest
	if doublings := attempt - 1; doublings < 16 {
		spread = min(time.Second<<doublings, longest)
	}
	return temporal.NewApplicationErrorWithOptions(app.Message(), app.Type(), temporal.ApplicationErrorOptions{
		NonRetryable:   tooMany(attempt, app.Type()) && !failure.Held,
		NextRetryDelay: app.NextRetryDelay() + random(max(spread, 1)),
		Details:        []any{failure},
	})
}

package activities

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/cart21/cart21/connectors"
)

// Failure is the detail that travels with a failed activity, for the process
// to park by and for people to read.
type Failure struct {
	Reason string `json:"reason"` // system and kind: p21-rejected, xcart-unavailable
	// Passing causes can go away without anybody touching this order: a system
	// that is down, a password that somebody will correct.
	Passing bool `json:"passing,omitempty"`
	// Held: the system was not even called, because it is known to be down.
	Held   bool   `json:"held,omitempty"`
	Detail string `json:"detail,omitempty"`
}

// retried kinds pass by themselves within minutes. So does mostly an answer that
// cannot be read: half a document, a proxy's page.
var retried = map[connectors.Kind]bool{
	connectors.Unavailable:    true,
	connectors.RateLimited:    true,
	connectors.OutcomeUnknown: true,
	connectors.Malformed:      true,
}

// passing kinds are worth a slow automatic retry while the process is parked.
var passing = map[connectors.Kind]bool{
	connectors.Unavailable:    true,
	connectors.RateLimited:    true,
	connectors.OutcomeUnknown: true,
	connectors.Unauthorised:   true,
	connectors.Malformed:      true,
}

// prefixes begin a reason with its system, so that all that one outage parked
// can be found and released together.
var prefixes = map[string]string{connectors.XCart: "xcart-", connectors.Prophet21: "p21-"}

// classify turns an error into an application error with the kind as its type.
// It must be the outermost error: Temporal looks only there to decide whether
// to retry and when. Pacing adds the jitter.
func classify(err error) error {
	if err == nil {
		return nil
	}
	var app *temporal.ApplicationError
	if errors.As(err, &app) {
		return app
	}
	var failed *connectors.Error
	if !errors.As(err, &failed) {
		// Not a connector's: a record store that is down, a context that
		// ended. Temporal's default, a retry, is right.
		return err
	}
	return temporal.NewApplicationErrorWithOptions(failed.Error(), string(failed.Kind), temporal.ApplicationErrorOptions{
		NonRetryable:   !retried[failed.Kind],
		NextRetryDelay: failed.RetryAfter,
		Details: []any{Failure{
			Reason: prefixes[failed.System] + string(failed.Kind), Passing: passing[failed.Kind], Held: failed.Held, Detail: failed.Detail,
		}},
	})
}

// refuse is a permanent failure of our own making: the process parks under reason.
func refuse(reason, message string) error {
	return temporal.NewApplicationErrorWithOptions(message, reason, temporal.ApplicationErrorOptions{NonRetryable: true})
}

// heartbeating keeps telling Temporal that a slow call is still under way, so
// that the death of a worker is noticed in seconds and not at the end of the
// time-out. A quick call costs nothing: the first beat comes after some seconds.
func heartbeating(ctx context.Context) (stop func()) {
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(5 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				activity.RecordHeartbeat(ctx)
			case <-done:
				return
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() { close(done) }
}

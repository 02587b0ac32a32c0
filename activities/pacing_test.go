package activities

import (
	"errors"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/cart21/cart21/connectors"
)

func TestPace(t *testing.T) {
	down := &connectors.Error{Kind: connectors.Unavailable, System: connectors.Prophet21}
	held := &connectors.Error{Kind: connectors.Unavailable, System: connectors.Prophet21, Held: true, RetryAfter: 40 * time.Second}
	busy := &connectors.Error{Kind: connectors.RateLimited, System: connectors.XCart, RetryAfter: 7 * time.Second}
	unread := &connectors.Error{Kind: connectors.Malformed, System: connectors.XCart}
	refused := &connectors.Error{Kind: connectors.Rejected, System: connectors.Prophet21}
	for name, c := range map[string]struct {
		err      error
		attempt  int
		min, max time.Duration // of the next try
		gaveUp   bool
		reason   string
	}{
		"the first try":                  {down, 1, 0, time.Second, false, "p21-unavailable"},
		"the fifth":                      {down, 5, 0, 16 * time.Second, false, "p21-unavailable"},
		"the spread has a limit":         {down, 19, 0, 2 * time.Minute, false, "p21-unavailable"},
		"the last try":                   {down, 20, 0, 2 * time.Minute, true, "p21-unavailable"},
		"never before Retry-After":       {busy, 2, 7 * time.Second, 9 * time.Second, false, "xcart-rate-limited"},
		"held back":                      {held, 1, 40 * time.Second, 41 * time.Second, false, "p21-unavailable"},
		"held back through a long night": {held, 150, 40 * time.Second, 160 * time.Second, false, "p21-unavailable"},
		"cannot be read, the fourth":     {unread, 4, 0, 8 * time.Second, false, "xcart-malformed"},
		"cannot be read, the fifth":      {unread, 5, 0, 16 * time.Second, true, "xcart-malformed"},
		"refused":                        {refused, 1, 0, 0, true, "p21-rejected"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, random := range []func(time.Duration) time.Duration{
				func(time.Duration) time.Duration { return 0 }, func(n time.Duration) time.Duration { return n - 1 },
			} {
				var app *temporal.ApplicationError
				err := pace(classify(c.err), c.attempt, 2*time.Minute, random)
				if !errors.As(err, &app) || app.NonRetryable() != c.gaveUp || app.NextRetryDelay() < c.min || app.NextRetryDelay() > c.max {
					t.Fatalf("got %v, gave up %v, again in %s", err, app.NonRetryable(), app.NextRetryDelay())
				}
				if c.max > 0 && random(2) == 1 && app.NextRetryDelay() < c.max-1 {
					t.Errorf("spread over %s, want %s", app.NextRetryDelay(), c.max)
				}
				var failure Failure
				if err := app.Details(&failure); err != nil || failure.Reason != c.reason || app.Type() != string(connectors.KindOf(c.err)) {
					t.Errorf("type %s, details %+v, %v", app.Type(), failure, err)
				}
			}
		})
	}
}

func TestPaceLeavesOtherErrorsToTheRetryPolicy(t *testing.T) {
	for name, err := range map[string]error{
		"none": nil, "the record store's": errors.New("database is locked"), "a refusal of ours": refuse("ambiguous-customer", "two of them"),
	} {
		if got := pace(err, 30, time.Minute, func(time.Duration) time.Duration { return 0 }); !errors.Is(got, err) {
			t.Errorf("%s: %v became %v", name, err, got)
		}
	}
}

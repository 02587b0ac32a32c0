package service

import (
	"errors"
	"fmt"
	"time"

	"github.com/cart21/cart21/connectors"
)

// Outages says how a system is treated that cannot serve.
type Outages struct {
	BreakAfter   uint32        `envconfig:"BREAK_AFTER" default:"8" desc:"failures in a row after which a system is no longer called (circuit breaker)"`
	BreakFor     time.Duration `envconfig:"BREAK_FOR" default:"5s" desc:"for how long; doubling while the one call that then finds out fails too"`
	BreakLongest time.Duration `envconfig:"BREAK_LONGEST" default:"1m" desc:"up to this"`
	RetrySpread  time.Duration `envconfig:"RETRY_SPREAD" default:"2m" desc:"over how long the retries of all that waits for a system are spread at most"`
}

// Validate finds what makes no sense.
func (o Outages) Validate() error {
	var none, order error
	if o.BreakAfter == 0 || o.BreakFor <= 0 || o.RetrySpread <= 0 {
		none = errors.New("BREAK_AFTER, BREAK_FOR and RETRY_SPREAD must be above 0")
	}
	if o.BreakLongest < o.BreakFor {
		order = fmt.Errorf("BREAK_LONGEST is %s: it must not be below BREAK_FOR, %s", o.BreakLongest, o.BreakFor)
	}
	return errors.Join(none, order)
}

// Bound adds the breaker to a client's limits; observer may be nil.
func (o Outages) Bound(l connectors.Limits, observer connectors.Observer) connectors.Limits {
	l.BreakAfter, l.BreakFor, l.BreakLongest, l.Observer = o.BreakAfter, o.BreakFor, o.BreakLongest, observer
	return l
}

// Describe tells in a sentence within which limits a system is called.
func (o Outages) Describe(concurrency int, perSecond float64) string {
	fleet := "as many steps a second as the fleet can"
	if perSecond > 0 {
		fleet = fmt.Sprintf("%g steps a second for the whole fleet", perSecond)
	}
	return fmt.Sprintf("at most %d calls at a time from one worker, %s; after %d failures in a row not called for %s, doubling to %s",
		concurrency, fleet, o.BreakAfter, o.BreakFor, o.BreakLongest)
}

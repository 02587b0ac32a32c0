package connectors

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"
)

// BreakerState says whether a system is called.
type BreakerState string

// The states of a breaker.
const (
	Closed   BreakerState = "closed"    // all is well
	HalfOpen BreakerState = "half-open" // one call finds out whether it is well again
	Open     BreakerState = "open"      // not called until the next try
)

const (
	// shortestHold: a shorter Retry-After concerns the one call that got it.
	shortestHold = 5 * time.Second
	longestHold  = 5 * time.Minute
)

// breaker keeps calls away from a system that cannot serve, or asked to be left
// alone. It stays open longer each time that the one call which finds out fails
// too, so that a long outage costs few calls.
type breaker struct {
	first, longest time.Duration
	circuit        *gobreaker.CircuitBreaker[*Response]
	observer       Observer
	system         string

	mu       sync.Mutex
	told     BreakerState
	until    time.Time // not called before
	openings int       // in a row, without a call that succeeded
}

func newBreaker(system string, l Limits, log *slog.Logger) *breaker {
	b := &breaker{first: l.BreakFor, longest: max(l.BreakFor, l.BreakLongest), observer: l.Observer, system: system}
	b.tell(Closed)
	b.circuit = gobreaker.NewCircuitBreaker[*Response](gobreaker.Settings{
		Name:        system,
		MaxRequests: 1,
		Timeout:     b.first,
		ReadyToTrip: func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= l.BreakAfter },
		// Only a system that can't serve trips the breaker; a refused document does not.
		IsSuccessful: func(err error) bool { return !cannotServe(KindOf(err)) },
		IsExcluded:   func(err error) bool { return errors.Is(err, errCancelled) },
		OnStateChange: func(_ string, _, to gobreaker.State) {
			open := b.turn(to, time.Now())
			b.tell(states[to])
			log.Warn("circuit breaker changed", "system", system, "state", string(states[to]), "open for", open)
		},
	})
	return b
}

var states = map[gobreaker.State]BreakerState{
	gobreaker.StateClosed: Closed, gobreaker.StateHalfOpen: HalfOpen, gobreaker.StateOpen: Open,
}

func cannotServe(kind Kind) bool { return kind == Unavailable || kind == OutcomeUnknown }

// turn notes a change of the circuit and returns for how long it stays open.
func (b *breaker) turn(to gobreaker.State, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch to {
	case gobreaker.StateClosed:
		b.openings = 0
	case gobreaker.StateOpen:
		open := b.first
		for range b.openings {
			open = min(2*open, b.longest)
		}
		b.openings++
		b.until = later(b.until, now.Add(open))
		return b.until.Sub(now)
	}
	return 0
}

// hold keeps calls away for as long as the system asked for, within bounds.
func (b *breaker) hold(asked time.Duration) {
	if asked < shortestHold {
		return
	}
	b.mu.Lock()
	b.until = later(b.until, time.Now().Add(min(asked, longestHold)))
	b.mu.Unlock()
	b.tell(Open)
}

// tell tells the observer when the state has changed.
func (b *breaker) tell(state BreakerState) {
	b.mu.Lock()
	changed := b.told != state
	b.told = state
	b.mu.Unlock()
	if changed && b.observer != nil {
		b.observer.BreakerTurned(b.system, state)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// left is the time to the next try; zero when calls may be made.
func (b *breaker) left() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(0, time.Until(b.until))
}

func (b *breaker) state() BreakerState {
	if b.left() > 0 {
		return Open
	}
	return states[b.circuit.State()]
}

// run makes a call unless it has to be held back; then it returns the time to
// the next try.
func (b *breaker) run(call func() (*Response, error)) (resp *Response, held time.Duration, err error) {
	if held = b.left(); held > 0 {
		return nil, held, nil
	}
	resp, err = b.circuit.Execute(call)
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		// Another call is just finding out, or has just found out.
		return nil, max(b.left(), b.first), nil
	}
	b.tell(b.state()) // a call that was made is the end of a hold, of which the circuit knows nothing
	return resp, 0, err
}

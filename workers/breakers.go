package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/cart21/cart21/connectors"
	"github.com/cart21/cart21/records"
)

// breakerBeat is how often the state of the breakers is written down, beside
// every change: what is older is the word of a worker that is gone.
const breakerBeat = 15 * time.Second

// breakerBook writes the state of this worker's breakers into the records, where
// the alert watch finds it.
type breakerBook struct {
	connectors.Observer // is told everything too
	store               string
	worker              string
	changed             chan struct{}

	mu     sync.Mutex
	states map[string]records.Breaker // by system
}

func newBreakerBook(store string, next connectors.Observer) *breakerBook {
	host, _ := os.Hostname()
	return &breakerBook{
		Observer: next, store: store, worker: fmt.Sprintf("%s/%d", host, os.Getpid()),
		changed: make(chan struct{}, 1), states: map[string]records.Breaker{},
	}
}

// BreakerTurned notes a change. An outage lasts from the first failure to the
// first success: a breaker that finds out in between has not begun anew.
func (b *breakerBook) BreakerTurned(system string, state connectors.BreakerState) {
	b.Observer.BreakerTurned(system, state)
	b.mu.Lock()
	was, known := b.states[system]
	now := records.Breaker{Store: b.store, System: system, Worker: b.worker, State: string(state), Since: was.Since}
	if !known || (was.State == string(connectors.Closed)) != (state == connectors.Closed) {
		now.Since = time.Now()
	}
	b.states[system] = now
	b.mu.Unlock()
	select {
	case b.changed <- struct{}{}:
	default: // the next writing has it
	}
}

// keep writes until the context ends.
func (b *breakerBook) keep(ctx context.Context, store *records.Store, logger *slog.Logger) {
	beat := time.NewTicker(breakerBeat)
	defer beat.Stop()
	for {
		for _, breaker := range b.all() {
			if err := store.SaveBreaker(ctx, breaker); err != nil && ctx.Err() == nil {
				logger.Warn("the state of a circuit breaker could not be written down: alerts do not know it", "error", err)
			}
		}
		select {
		case <-b.changed:
		case <-beat.C:
		case <-ctx.Done():
			return
		}
	}
}

func (b *breakerBook) all() []records.Breaker {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Collect(maps.Values(b.states))
}

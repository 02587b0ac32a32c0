package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/cart21/cart21/connectors"
	"github.com/cart21/cart21/records"
)

type told []connectors.BreakerState

func (*told) Called(connectors.Call) {}

func (s *told) BreakerTurned(_ string, state connectors.BreakerState) { *s = append(*s, state) }

func TestBreakersAreWrittenDownWhereTheWatchFindsThem(t *testing.T) {
	store, err := records.Open(t.Context(), "file:"+filepath.Join(t.TempDir(), "records.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	var next told
	book := newBreakerBook("main", &next)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); book.keep(ctx, store, slog.New(slog.DiscardHandler)) }()
	defer func() { stop(); <-ended }()

	until := func(state connectors.BreakerState) records.Breaker {
		t.Helper()
		for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			all, err := store.Breakers(t.Context(), "main", time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			if len(all) == 1 && all[0].State == string(state) {
				return all[0]
			}
			if time.Now().After(deadline) {
				t.Fatalf("not written down as %s: %+v", state, all)
			}
		}
	}
	book.BreakerTurned("X-Cart", connectors.Closed)
	closed := until(connectors.Closed)
	book.BreakerTurned("X-Cart", connectors.Open)
	open := until(connectors.Open)
	if !open.Since.After(closed.Since) {
		t.Errorf("open since %s, though closed since %s", open.Since, closed.Since)
	}
	book.BreakerTurned("X-Cart", connectors.HalfOpen)
	if half := until(connectors.HalfOpen); !half.Since.Equal(open.Since) {
		t.Error("the outage began anew when a call was to find out")
	}
	book.BreakerTurned("X-Cart", connectors.Closed)
	if again := until(connectors.Closed); !again.Since.After(open.Since) {
		t.Error("it is not closed since the call that succeeded")
	}
	if len(next) != 4 {
		t.Errorf("the metrics were told %v", next)
	}
}

package activities

import (
	"context"
	"testing"
	"time"

	"github.com/cart21/cart21/records"
)

// TestCursorsAndClocks is about where a poll looks when clocks are wrong.
func TestCursorsAndClocks(t *testing.T) {
	noon := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	now := noon
	store, err := records.Open(t.Context(), "file::memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	in := &Intake{Records: store, Overlap: 5 * time.Minute, Lookback: 24 * time.Hour, Now: func() time.Time { return now }}
	look := func() position {
		t.Helper()
		p, err := in.position(context.Background(), "orders/main")
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	begins := func(p position, want time.Time) {
		t.Helper()
		if got := in.since(p); !got.Equal(want) {
			t.Errorf("at %s the window begins at %s, want %s", now.Format(time.TimeOnly), got.Format(time.DateTime), want.Format(time.DateTime))
		}
	}
	save := func(p position, until time.Time) {
		t.Helper()
		if err := in.save(context.Background(), "orders/main", p, until); err != nil {
			t.Fatal(err)
		}
	}

	p := look()
	begins(p, noon.Add(-24*time.Hour-5*time.Minute)) // the first of all
	p.handle("1", "s", noon.Add(-30*time.Minute))
	save(p, noon.Add(time.Hour)) // a row that is dated in the future

	now = noon.Add(time.Minute)
	p = look()
	begins(p, noon.Add(-5*time.Minute)) // not ahead of what was now
	save(p, now)

	now = noon.Add(61 * time.Minute)
	p = look()
	begins(p, noon.Add(time.Minute).Add(-wideOverlap)) // once an hour, for a clock that went back
	if !p.handled("1", "s") {
		t.Error("what the wide window shows again would be handled again")
	}
	save(p, now)
	now = noon.Add(62 * time.Minute)
	p = look()
	begins(p, noon.Add(56*time.Minute))
	save(p, now)

	now = noon.Add(-time.Hour) // our own clock was ahead, and was set right
	begins(func() position { p := look(); p.wide = false; return p }(), now.Add(-5*time.Minute))
}

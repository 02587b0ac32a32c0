package tests

import "testing"

// TestOutage takes Prophet 21 away while orders arrive. Nobody does anything:
// the breaker keeps the calls few, nothing parks for the outage, and all that
// waited is through soon after. docs/engineer.md has the command of the long form.
func TestOutage(t *testing.T) {
	t.Parallel()
	// The outage is a thirtieth of ten minutes, and so are the times that are
	// meant for one.
	s := runWith(t, []string{"BREAK_FOR=200ms", "BREAK_LONGEST=2s", "RETRY_SPREAD=4s"}, "-orders", "60", "-rate", "3", "-outage", "1s,20s")
	o := s.Outage
	if o == nil || o.OrdersArrived < 40 {
		t.Fatalf("too few orders arrived during the outage: %+v", o)
	}
	// Every order that waits tries several times; without a breaker that would
	// be hundreds of calls.
	if o.CallsDuring < 8 || o.CallsDuring > 60 {
		t.Errorf("%d calls during the outage", o.CallsDuring)
	}
	if n := s.Parked["p21-unavailable"] + s.Parked["p21-outcome-unknown"]; n > 0 {
		t.Errorf("%d orders parked for an outage that is over", n)
	}
	// A poll, a try of the breaker and the spread, on a machine that is busy.
	if o.BacklogSeconds > 30 {
		t.Errorf("all was through only %.1f s after the return", o.BacklogSeconds)
	}
}

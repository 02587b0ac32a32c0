package tests

import (
	"flag"
	"strconv"
	"testing"
)

// The drill's size: small in `go test ./...`, as large as one likes by hand.
var (
	drillOrders = flag.Int("drill.orders", 60, "orders of the drill")
	drillKills  = flag.Int("drill.kills", 4, "kills of workers, starter and Temporal in the drill")
	drillFaults = flag.Float64("drill.faults", 0.2, "share of calls that go wrong in the drill")
	drillSeed   = flag.Uint64("drill.seed", 21, "makes a drill repeatable")
)

// TestDrill switches everything on at once: a fifth of all calls to either
// system goes wrong (lost answers after and before the work was done, 429, 503,
// pool errors, dropped lines, ended sessions, HTML pages, truncated JSON, slow
// answers), webhooks come not at all, repeated and out of order, and workers,
// starter and the Temporal server are killed with SIGKILL. The long form:
//
//	go test ./tests -run TestDrill -v -timeout 120m -drill.orders 2000 -drill.kills 24
func TestDrill(t *testing.T) {
	t.Parallel()
	s := run(t, "-orders", strconv.Itoa(*drillOrders), "-kills", strconv.Itoa(*drillKills), "-faults", strconv.FormatFloat(*drillFaults, 'f', -1, 64),
		"-seed", strconv.FormatUint(*drillSeed, 10), "-webhooks", "mixed", "-data", t.TempDir(), "-timeout", "110m")
	if s.Placed != *drillOrders || s.Kills != *drillKills {
		t.Errorf("%d orders placed, %d kills", s.Placed, s.Kills)
	}
	if len(s.Faults) < 8 { // and dropped lines, in a longer drill
		t.Errorf("only these faults happened: %v", s.Faults)
	}
	t.Logf("%d orders, faults %v, %d kills: lost %d, doubled %d, mismatched %d; created %d, parked %v, cancelled %d",
		s.Placed, s.Faults, s.Kills, s.Lost, s.Duplicates, s.Mismatched, s.Created, s.Parked, s.Cancelled)
}

package tests

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// summary is what `sandbox -json` prints, as far as the tests judge it.
type summary struct {
	Placed, Created, Cancelled   int
	Parked                       map[string]int
	Held, Approved, Rejected     int
	Duplicates, Lost, Mismatched int
	Shipped, Notified            int
	TrackingMissing              int     `json:"tracking_missing"`
	WebTotal                     string  `json:"web_total"`
	ErpTotal                     string  `json:"erp_total"`
	CancellationDocuments        int     `json:"cancellation_documents"`
	EventsPerOrder               float64 `json:"events_per_order"`
	Kills                        int
	Faults                       map[string]int
	LostAnswers                  map[string]int `json:"lost_answers"`
	Outage                       *struct {
		Seconds        float64
		OrdersArrived  int     `json:"orders_arrived"`
		CallsDuring    int     `json:"calls_during"`
		BacklogSeconds float64 `json:"backlog_seconds"`
	}
	Problems []string
}

func (s summary) parked() (n int) {
	for _, c := range s.Parked {
		n += c
	}
	return n
}

// sandboxBinary builds the sandbox once for all tests.
var sandboxBinary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "cart21-tests-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "sandbox")
	cmd := exec.Command("go", "build", "-o", path, module+"sandbox")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", &buildError{string(out), err}
	}
	return path, nil
})

type buildError struct {
	output string
	err    error
}

func (e *buildError) Error() string { return e.err.Error() + "\n" + e.output }

// run runs the sandbox once and returns its summary. A run that lost, doubled
// or spoilt anything fails the test with the problems it names.
func run(t *testing.T, args ...string) summary {
	t.Helper()
	return runWith(t, nil, args...)
}

// runWith runs the sandbox with settings, such as BREAK_FOR=200ms, for its
// workers and starter.
func runWith(t *testing.T, settings []string, args ...string) summary {
	t.Helper()
	binary, err := sandboxBinary()
	if err != nil {
		t.Fatal(err)
	}
	if *encrypted && !slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "-codec") }) {
		args = append(args, "-codec")
	}
	cmd := exec.CommandContext(t.Context(), binary, append([]string{"-once", "-json", "-timeout", "4m"}, args...)...)
	cmd.Dir, cmd.Env = "..", append(os.Environ(), settings...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	runErr := cmd.Run()
	var s summary
	if err := json.Unmarshal(stdout.Bytes(), &s); err != nil {
		t.Fatalf("sandbox %v: %v, %v\n%s", args, runErr, err, stderr.String())
	}
	t.Logf("%s", stdout.String())
	if runErr != nil {
		t.Errorf("sandbox %v: %v\n%s\n%v", args, runErr, stderr.String(), s.Problems)
	}
	if s.Lost != 0 || s.Duplicates != 0 || s.Mismatched != 0 || s.Placed != s.Created+s.parked()+s.Cancelled || s.WebTotal != s.ErpTotal {
		t.Errorf("the books do not agree: %+v", s)
	}
	if s.Held != s.Approved+s.Rejected || s.Rejected > s.Cancelled {
		t.Errorf("%d held, %d approved, %d rejected, %d cancelled", s.Held, s.Approved, s.Rejected, s.Cancelled)
	}
	if s.Notified != s.Shipped {
		t.Errorf("%d orders shipped, %d shown so and mailed once", s.Shipped, s.Notified)
	}
	return s
}

func TestOrdersToCashOnEveryCombination(t *testing.T) {
	t.Parallel()
	for _, shop := range []string{"5.4", "5.5"} {
		for _, erp := range []string{"middleware", "gateway"} {
			t.Run(shop+" with "+erp, func(t *testing.T) {
				t.Parallel()
				s := run(t, "-orders", "30", "-xcart", shop, "-p21", erp)
				if s.Placed != 30 || s.Created < 20 || s.Shipped != s.Created {
					t.Errorf("placed %d, created %d, shipped %d", s.Placed, s.Created, s.Shipped)
				}
				if shop == "5.4" && s.TrackingMissing != 0 {
					t.Errorf("%d tracking numbers are not shown in the shop", s.TrackingMissing)
				}
			})
		}
	}
}

// TestRiskyOrdersWaitForTheirReviewer: some orders of the traffic are risky, and
// the scripted reviewer approves most of them.
func TestRiskyOrdersWaitForTheirReviewer(t *testing.T) {
	t.Parallel()
	s := run(t, "-orders", "80", "-seed", "4")
	if s.Held < 4 || s.Approved <= s.Rejected || s.Rejected == 0 || s.Held > 12 {
		t.Errorf("%d held, %d approved, %d rejected of %d orders", s.Held, s.Approved, s.Rejected, s.Placed)
	}
}

func TestPollsAloneFindEverything(t *testing.T) {
	t.Parallel()
	run(t, "-orders", "20", "-webhooks", "off")
}

func TestRepeatedAndReorderedWebhooksDoubleNothing(t *testing.T) {
	t.Parallel()
	run(t, "-orders", "30", "-webhooks", "thrice", "-rate", "20")
}

// TestKilledInMidRun kills workers, starter and Temporal with SIGKILL while
// orders are on their way.
func TestKilledInMidRun(t *testing.T) {
	t.Parallel()
	run(t, "-orders", "60", "-kills", "4", "-data", t.TempDir(), "-rate", "5")
}

// TestFaults makes calls to both systems go wrong: lost answers, error pages,
// rate limits, dead sessions.
func TestFaults(t *testing.T) {
	t.Parallel()
	run(t, "-orders", "40", "-faults", "0.05")
}

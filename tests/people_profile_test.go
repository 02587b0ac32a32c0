package tests

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cart21/cart21/sandbox/shop"
	"github.com/cart21/cart21/workflows"
)

// profile writes a mapping profile that extends the default.
func (w *world) profile(name, differs string) (path string) {
	w.t.Helper()
	path = filepath.Join(w.dir, name)
	if err := os.WriteFile(path, []byte("extends: default\nname: "+name+"\n"+differs), 0o644); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// more starts workers beside those that run.
func (w *world) more(settings ...string) *program {
	w.t.Helper()
	address := freeAddress(w.t)
	p := w.start("workers", append(append(w.settings, "LISTEN="+address), settings...))
	w.eventually("more workers are ready", func() bool { return ready(address) })
	return p
}

// checked is what workers -check prints with more settings.
func (w *world) checked(settings ...string) string {
	w.t.Helper()
	dir, err := programs()
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(dir, "workers"), "-check")
	cmd.Env = append(append(os.Environ(), w.settings...), settings...)
	out, _ := cmd.CombinedOutput() // it also says what else is missing here, by its status
	return string(out)
}

// TestWorkersWithDifferentProfilesAreTold: each order is mapped whole by one
// version, which is recorded with it, and the operator hears of the other.
func TestWorkersWithDifferentProfilesAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.profile("other.yaml", "order:\n  job_name: '\"OTHER\"'\n")
	if out := w.checked(); strings.Contains(out, "another mapping profile") {
		t.Errorf("one profile runs, and -check says\n%s", out)
	}
	second := w.more("MAPPING_FILE=" + other)
	w.eventually("the second says that the first uses another profile", func() bool {
		return strings.Contains(second.tail(1<<16), "workers with different mapping profiles run")
	})
	if out := w.checked(); !strings.Contains(out, "another mapping profile") {
		t.Errorf("-check says nothing of it:\n%s", out)
	}
	var ids []string
	for range 12 {
		ids = append(ids, w.place(nil))
		w.poke("order.placed", ids[len(ids)-1])
	}
	versions := map[string]bool{}
	for _, id := range ids {
		w.reaches(id, workflows.StageOpen)
		made := w.inERP(id)
		if len(made) != 1 {
			t.Fatalf("order %s is %d times in the ERP", id, len(made))
		}
		versions[w.status(id).Profile+" "+made[0].JobName] = true
	}
	for version := range versions {
		name, job, _ := strings.Cut(version, " ")
		if len(name) != 12 || len(versions) > 2 {
			t.Errorf("a version that is recorded with different mappings: %v (%s, %s)", versions, name, job)
		}
	}
	second.stop()
	if out := w.checked(); strings.Contains(out, "another mapping profile") {
		t.Errorf("the second has ended, and -check still says\n%s", out)
	}
}

// TestAProfileWithAnErrorStartsNothing: the new workers say where it is wrong,
// and those that run go on.
func TestAProfileWithAnErrorStartsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	waiting := w.place(func(n *shop.NewOrder) { n.PaymentStatus = "Q" })
	w.poke("order.placed", waiting)
	w.reaches(waiting, workflows.StageWaiting)
	broken := w.profile("broken.yaml", "order:\n  carrier: 'order.ShipingMethod'\n")
	p := w.start("workers", append(w.settings, "LISTEN="+freeAddress(t), "MAPPING_FILE="+broken))
	w.eventually("the workers with the broken profile end", func() bool {
		select {
		case <-p.exited:
			return true
		default:
			return false
		}
	})
	if said := p.tail(1 << 16); !strings.Contains(said, "broken.yaml:4:") || !strings.Contains(said, "ShipingMethod") {
		t.Errorf("it does not say where the mistake is:\n%s", said)
	}
	if err := w.shop.SetPaymentStatus(w.inShop(waiting).ID, "P"); err != nil {
		t.Fatal(err)
	}
	w.reaches(waiting, workflows.StageOpen)
}

// TestAWrongProfileIsMendedAndItsOrdersReleased: it loads, and Prophet 21 refuses
// what it makes.
func TestAWrongProfileIsMendedAndItsOrdersReleased(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	wrong := w.profile("wrong.yaml", "order:\n  location: '\"99\"'\n")
	w.restartWorkers("MAPPING_FILE=" + wrong)
	const n = 5
	for range n {
		w.poke("order.placed", w.place(nil))
	}
	w.eventually("all are parked", func() bool { return w.found("BlockedOn = 'p21-rejected'") == n })
	w.restartWorkers()
	var r struct {
		Signalled int `json:"signalled"`
		WentOn    int `json:"went_on"`
	}
	w.parkedJSON(&r, "release", "-reason", "p21-rejected", "-action", "retry", "-by", "Kim", "-why", "mended the profile", "-yes")
	if r.Signalled != n || r.WentOn != n {
		t.Errorf("released: %+v", r)
	}
	for _, o := range w.shop.Orders() {
		id := strconv.Itoa(o.ID)
		w.reaches(id, workflows.StageOpen)
		if got := w.inERP(id); len(got) != 1 || got[0].Location != 10 {
			t.Errorf("order %s in the ERP: %+v", id, got)
		}
	}
}

package tests

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cart21/cart21/connectors"
	"github.com/cart21/cart21/workflows"
)

// clock is one that somebody has set wrong, and sets right.
type clock struct{ ahead atomic.Int64 }

func (c *clock) set(ahead time.Duration) { c.ahead.Store(int64(ahead)) }
func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }

// TestAWebhookOfAWrongClockIsRefusedAndFoundByThePoll: the sender is told that it
// is the clock, and the order is not lost.
func TestAWebhookOfAWrongClockIsRefusedAndFoundByThePoll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.place(nil)
	for name, ahead := range map[string]time.Duration{"ahead": time.Hour, "behind": -time.Hour} {
		body, _ := json.Marshal(map[string]string{"event": "order.placed", "id": id})
		req, err := http.NewRequest(http.MethodPost, "http://"+w.starterAt+"/webhooks/xcart", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		connectors.Sign(req.Header, worldSecret, body, time.Now().Add(ahead))
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		answer, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized || !strings.Contains(string(answer), "clock") {
			t.Errorf("%s: %s %s", name, resp.Status, answer)
		}
	}
	w.reaches(id, workflows.StageOpen)
	if n := len(w.inERP(id)); n != 1 {
		t.Errorf("%d orders in the ERP", n)
	}
}

// TestClocksOffByAnHour: polls go by what the systems date, and neither lose nor
// double anything while a clock is wrong, nor when it is set right.
func TestClocksOffByAnHour(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"ahead": time.Hour, "behind": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var shopClock, erpClock clock
			shopClock.set(ahead)
			erpClock.set(ahead)
			w := newWorldAt(t, shopClock.now, erpClock.now)
			place := func() string { return w.place(nil) }
			ship := func() { w.erpSteps(&erpClock) }
			first := place()
			w.reaches(first, workflows.StageOpen)
			ship()
			w.reaches(first, workflows.StageCompleted)

			shopClock.set(0)
			erpClock.set(0)
			if ahead < 0 { // and the other way: now it is behind of what it said
				shopClock.set(-time.Minute)
			}
			second, third := place(), place()
			w.reaches(second, workflows.StageOpen)
			w.reaches(third, workflows.StageOpen)
			ship()
			for _, id := range []string{second, third} {
				w.reaches(id, workflows.StageCompleted)
			}
			for _, id := range []string{first, second, third} {
				w.eventually("the shop shows the parcel", func() bool { return len(w.inShop(id).TrackingNumbers) > 0 })
				if n := len(w.inERP(id)); n != 1 {
					t.Errorf("order %s is %d times in the ERP", id, n)
				}
			}
			if n := w.found("WorkflowType = 'OrderToCash'"); n != 3 {
				t.Errorf("%d processes for 3 orders", n)
			}
		})
	}
}

func (w *world) erpSteps(c *clock) {
	for range 8 {
		w.erp.Step(c.now())
	}
}

// TestAWrongZoneOfTheERPLosesNoShipment: all its times seem an hour off, the same
// in what is asked and what is answered; and when the setting is mended, what
// changed meanwhile is found.
func TestAWrongZoneOfTheERPLosesNoShipment(t *testing.T) {
	for name, offset := range map[string]string{"ahead": "-01:00", "behind": "+01:00"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "P21_UTC_OFFSET="+offset)
			first := w.place(nil)
			w.reaches(first, workflows.StageOpen)
			w.shipAll()
			w.reaches(first, workflows.StageCompleted)
			second := w.place(nil)
			w.reaches(second, workflows.StageOpen)
			w.workers.stop()
			w.shipAll()
			w.restartWorkers("P21_UTC_OFFSET=+00:00")
			w.reaches(second, workflows.StageCompleted)
			for _, id := range []string{first, second} {
				w.eventually("the shop shows the parcel", func() bool { return len(w.inShop(id).TrackingNumbers) > 0 })
			}
		})
	}
}

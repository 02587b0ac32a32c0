package workflows

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/mock"

	"github.com/cart21/cart21/activities"
	"github.com/cart21/cart21/commerce"
)

// What staff of either system do to an order, and when.

func judged(action activities.Decision) activities.Decision {
	d := decided(nil)
	d.Action, d.Why, d.Until = action.Action, action.Why, action.Until
	return d
}

func cancelled() (d activities.Decision) {
	d.Action, d.Why = activities.Cancelled, "the order's payment is cancelled in the shop"
	return judged(d)
}

func (s *story) waits() activities.Decision {
	var d activities.Decision
	d.Action, d.Why, d.Until = activities.Wait, "waiting for the payment", s.Now().Add(14*24*time.Hour)
	return judged(d)
}

func (s *story) poke(after time.Duration) {
	s.after(after, func() { s.SignalWorkflow(SignalShopChanged, nil) })
}

func (s *story) progress(after time.Duration, p commerce.OrderProgress) {
	s.after(after, func() { s.SignalWorkflow(SignalProgress, p) })
}

func (s *story) reads(orders ...commerce.Order) {
	for i, o := range orders {
		answer := s.answers(activities.ReadOrderName, activities.OrderReading{Order: o}, nil)
		if i < len(orders)-1 {
			answer.Once()
		}
	}
}

func edited() commerce.Order {
	o := anOrder
	o.Total = decimal.RequireFromString("99")
	return o
}

var (
	approved  = commerce.OrderProgress{Approved: true}
	completed = commerce.OrderProgress{Approved: true, Allocated: true, Shipped: true, Invoiced: true, Completed: true}
	skip      = Resolution{Action: Skip, By: "Ann", Why: "carried over"}
	retry     = Resolution{Action: Retry, By: "Ann", Why: "mended"}
	cancel    = Resolution{Action: Cancel, By: "Ann", Why: "called the customer"}
)

func TestStaffOfTheShop(t *testing.T) {
	for name, c := range map[string]struct {
		does    func(s *story)
		parked  string // after half an hour
		resolve *Resolution
		want    Stage
		creates int
	}{
		"cancel while the payment is awaited": {does: func(s *story) {
			s.answers(activities.DecideName, s.waits(), nil).Once()
			s.answers(activities.DecideName, cancelled(), nil)
			s.poke(time.Minute)
		}, want: StageCancelled},
		"mend what parked it before it was created": {does: func(s *story) {
			s.answers(activities.MapOrderName, activities.Mapped{Reason: "unknown-item", Findings: []activities.Finding{{Code: "unknown-item"}}}, nil).Once()
			s.poke(time.Minute)
		}, want: StageCompleted, creates: 1},
		"cancel while it is parked before it was created": {does: func(s *story) {
			s.answers(activities.DecideName, decided(nil), nil).Once()
			s.answers(activities.DecideName, cancelled(), nil)
			s.answers(activities.MapOrderName, activities.Mapped{Reason: "unknown-item", Findings: []activities.Finding{{Code: "unknown-item"}}}, nil).Once()
			s.poke(time.Minute)
		}, want: StageCancelled},
		"cancel between creation and acknowledgement": {does: func(s *story) {
			s.answers(activities.DecideName, decided(nil), nil).Once()
			s.answers(activities.DecideName, cancelled(), nil)
			s.answers(activities.AcknowledgeName, refusal("xcart-unavailable", true)).Once()
			s.poke(time.Minute)
			s.resolves(2*time.Minute, retry)
		}, parked: "cancelled-after-import", resolve: &cancel, want: StageCancelled, creates: 1},
		"edit between creation and acknowledgement": {does: func(s *story) {
			s.reads(anOrder, edited())
			s.answers(activities.AcknowledgeName, refusal("xcart-unavailable", true)).Once()
			s.poke(time.Minute)
			s.resolves(2*time.Minute, retry)
		}, parked: "changed-after-import", resolve: &skip, want: StageCompleted, creates: 1},
		"edit when it is in the ERP": {does: func(s *story) {
			s.reads(anOrder, edited())
			s.poke(time.Minute)
		}, parked: "changed-after-import", resolve: &skip, want: StageCompleted, creates: 1},
		"edit, and take it back": {does: func(s *story) {
			s.reads(anOrder, edited(), anOrder)
			s.poke(time.Minute)
			s.poke(2 * time.Minute)
		}, want: StageCompleted, creates: 1},
		"cancel when it is in the ERP": {does: func(s *story) {
			s.answers(activities.DecideName, decided(nil), nil).Once()
			s.answers(activities.DecideName, cancelled(), nil)
			s.poke(time.Minute)
		}, parked: "cancelled-after-import", resolve: &cancel, want: StageCancelled, creates: 1},
		"cancel when it was shipped": {does: func(s *story) {
			s.answers(activities.DecideName, decided(nil), nil).Once()
			s.answers(activities.DecideName, cancelled(), nil)
			s.after(time.Minute, func() { s.SignalWorkflow(SignalNotified, ShipmentNotified{PickTicket: "300001"}) })
			s.poke(2 * time.Minute)
		}, parked: "cancelled-after-import", resolve: &skip, want: StageCompleted, creates: 1},
		"cancel when all had ended": { // the poke began the process anew
			does: func(s *story) {
				s.answers(activities.ReadOrderName, activities.OrderReading{Order: anOrder, ERPOrder: "1000123", Stage: "completed"}, nil)
				s.answers(activities.DecideName, cancelled(), nil)
			}, parked: "cancelled-after-import", resolve: &cancel, want: StageCancelled},
		"edit when all had ended": {does: func(s *story) {
			s.answers(activities.ReadOrderName, activities.OrderReading{Order: edited(), ERPOrder: "1000123", Stage: "completed"}, nil)
			s.answers(activities.CreateOrderName, activities.CreatedOrder{Number: "1000123", Found: true, Status: completed,
				Differences: []activities.Difference{{Code: "net-total", Message: "131.50 instead of 99", Fatal: true}}}, nil)
		}, parked: "erp-order-differs", resolve: &skip, want: StageCompleted, creates: 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t)
			c.does(s)
			s.goesWell()
			if c.parked != "" {
				s.parkedFor(30*time.Minute, c.parked)
			} else {
				s.asks(30*time.Minute, func(status OrderStatus) {
					if status.Blocked != nil {
						t.Errorf("parked for %+v", status.Blocked)
					}
				})
			}
			if c.resolve != nil {
				s.resolves(time.Hour, *c.resolve)
			}
			s.progress(2*time.Hour, completed)
			if out := s.tell(); out.Stage != c.want {
				t.Errorf("outcome %+v, want %s", out, c.want)
			}
			s.AssertNumberOfCalls(t, activities.CreateOrderName, c.creates)
		})
	}
}

func TestStaffOfTheERP(t *testing.T) {
	held := commerce.OrderProgress{Approved: true, OnHold: "validation status Hold"}
	gone := commerce.OrderProgress{Vanished: "Prophet 21 does not have order 1000123 any more"}
	for name, c := range map[string]struct {
		does  func(s *story)
		waits string // what the order waits for after half an hour; a reason when it is parked
		want  Stage
		why   string
	}{
		"cancel it before the shop was told": {does: func(s *story) {
			s.answers(activities.AcknowledgeName, refusal("xcart-unavailable", true)).Once()
			s.progress(time.Minute, commerce.OrderProgress{Cancelled: true})
			s.resolves(2*time.Minute, retry)
		}, want: StageCancelled, why: "1000123 was cancelled in Prophet 21"},
		"cancel or delete it": {does: func(s *story) { s.progress(time.Minute, commerce.OrderProgress{Cancelled: true}) },
			want: StageCancelled, why: "1000123 was cancelled in Prophet 21"},
		"cancel the rest after a shipment": {does: func(s *story) {
			s.after(time.Minute, func() { s.SignalWorkflow(SignalNotified, ShipmentNotified{PickTicket: "300001"}) })
			s.progress(2*time.Minute, completed)
		}, want: StageCompleted},
		"cut a quantity or cancel a line": {does: func(s *story) { s.progress(time.Minute, approved) }, waits: "allocation", want: StageCompleted},
		"put it on hold":                  {does: func(s *story) { s.progress(time.Minute, held) }, waits: "release from hold in Prophet 21 (validation status Hold)", want: StageCompleted},
		"complete it by hand": {does: func(s *story) {
			s.progress(time.Minute, commerce.OrderProgress{Approved: true, Completed: true})
		}, want: StageCompleted, why: "completed by hand"},
		"lose it, and have it created again": {does: func(s *story) {
			s.progress(time.Minute, gone)
			s.progress(2*time.Minute, gone) // told again
			s.resolves(time.Hour, retry)
		}, waits: "vanished-from-erp", want: StageCompleted},
		"lose it for good": {does: func(s *story) {
			s.progress(time.Minute, gone)
			s.poke(2 * time.Minute) // decides nothing
			s.resolves(time.Hour, cancel)
		}, waits: "vanished-from-erp", want: StageCancelled, why: "Ann"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t)
			c.does(s)
			s.goesWell()
			if c.waits != "" {
				s.asks(30*time.Minute, func(status OrderStatus) {
					if status.WaitingFor != c.waits && (status.Blocked == nil || status.Blocked.Reason != c.waits) {
						t.Errorf("waits for %q, parked %+v; want %s", status.WaitingFor, status.Blocked, c.waits)
					}
				})
			}
			s.progress(2*time.Hour, completed)
			if out := s.tell(); out.Stage != c.want || !strings.Contains(out.Why, c.why) || (c.why == "") != (out.Why == "") {
				t.Errorf("outcome %+v, want %s because of %q", out, c.want, c.why)
			}
		})
	}
}

// TestOnlyAPersonHasALostOrderCreatedAgain looks at what the creation is told.
func TestOnlyAPersonHasALostOrderCreatedAgain(t *testing.T) {
	s := newStory(t)
	refused := refusal("vanished-from-erp", false)
	again := func(want bool) any {
		return mock.MatchedBy(func(in activities.OrderToCreate) bool { return in.Again == want })
	}
	s.OnActivity(activities.CreateOrderName, mock.Anything, again(false)).Return(activities.CreatedOrder{}, refused)
	s.OnActivity(activities.CreateOrderName, mock.Anything, again(true)).Return(activities.CreatedOrder{Number: "1000124", Status: approved}, nil).Once()
	s.goesWell()
	s.parkedFor(time.Minute, "vanished-from-erp")
	s.poke(2 * time.Minute)
	s.parkedFor(3*time.Minute, "vanished-from-erp") // the shop's change decides nothing
	s.resolves(time.Hour, retry)
	s.progress(2*time.Hour, completed)
	if out := s.tell(); out.ERPOrder != "1000124" {
		t.Errorf("outcome %+v", out)
	}
}

func TestAnIDThatWasGivenAgain(t *testing.T) {
	other := anOrder
	other.Number = "1004711"
	reused := activities.OrderReading{Order: other, Reused: "the shop's id 4711 was another order"}
	suffixed := Resolution{Action: Amend, By: "Ann", Changes: activities.Amendment{suffix: "2"}}

	t.Run("before it was imported", func(t *testing.T) {
		s := newStory(t)
		s.answers(activities.ReadOrderName, reused, nil)
		own := other
		own.ReferenceSuffix = "2"
		s.answers(activities.AmendOrderName, activities.Amended{Order: own, Changes: []string{suffix + ": \"\" -> 2"}}, nil)
		s.goesWell()
		s.parkedFor(time.Minute, "id-reused")
		s.poke(2 * time.Minute)
		s.resolves(time.Hour, retry)
		s.parkedFor(2*time.Hour, "id-reused") // neither changes what it is
		s.after(150*time.Minute, func() { s.AssertNotCalled(t, activities.CreateOrderName, mock.Anything, mock.Anything) })
		s.resolves(3*time.Hour, suffixed)
		s.progress(4*time.Hour, completed)
		if out := s.tell(); out.Stage != StageCompleted {
			t.Errorf("outcome %+v", out)
		}
	})
	t.Run("while the old one is followed on", func(t *testing.T) {
		s := newStory(t)
		s.answers(activities.ReadOrderName, activities.OrderReading{Order: anOrder}, nil).Once()
		s.answers(activities.ReadOrderName, reused, nil)
		s.goesWell()
		s.poke(time.Minute)
		s.parkedFor(time.Hour, "id-reused")
		s.asks(time.Hour, func(status OrderStatus) {
			if status.ERPOrder != "1000123" {
				t.Errorf("the ERP's number was lost: %+v", status)
			}
		})
		s.resolves(2*time.Hour, skip)
		s.progress(3*time.Hour, completed)
		if out := s.tell(); out.Stage != StageCompleted || out.ERPOrder != "1000123" {
			t.Errorf("outcome %+v", out)
		}
	})
	t.Run("and the old one is given up", func(t *testing.T) {
		s := newStory(t)
		s.answers(activities.ReadOrderName, activities.OrderReading{Order: anOrder}, nil).Once()
		s.answers(activities.ReadOrderName, reused, nil)
		s.goesWell()
		s.poke(time.Minute)
		s.resolves(2*time.Hour, cancel)
		s.ExecuteWorkflow(OrderToCash, OrderInput{Store: "main", OrderID: "4711", Number: "1004711"})
		if err := s.GetWorkflowError(); err == nil || !strings.Contains(err.Error(), "continue as new") {
			t.Errorf("it ended with %v, and nobody carries the new order", err)
		}
	})
}

func TestDeadlinesAreTheProfiles(t *testing.T) {
	const day = 24 * time.Hour
	deadlines := activities.Deadlines{Allocated: 2 * day, Shipped: 6 * day, Invoiced: 0}
	s := newStory(t)
	d := decided(nil)
	d.Deadlines = &deadlines
	s.answers(activities.DecideName, d, nil)
	s.goesWell()
	calm := func(after time.Duration) {
		s.asks(after, func(status OrderStatus) {
			if status.Blocked != nil {
				t.Errorf("parked after %s: %+v", after, status.Blocked)
			}
		})
	}
	calm(47 * time.Hour)
	s.parkedFor(49*time.Hour, "fulfilment-overdue")
	s.asks(49*time.Hour, func(status OrderStatus) {
		if !strings.Contains(status.Blocked.Message, "2 days") {
			t.Errorf("message %q", status.Blocked.Message)
		}
	})
	s.progress(3*day, commerce.OrderProgress{Approved: true, Allocated: true})
	calm(8 * day) // allocated: six more days
	s.parkedFor(10*day, "fulfilment-overdue")
	s.progress(11*day, commerce.OrderProgress{Approved: true, Allocated: true, Shipped: true})
	calm(300 * day) // for ever
	s.progress(301*day, completed)
	if out := s.tell(); out.Stage != StageCompleted {
		t.Errorf("outcome %+v", out)
	}
}

// TestWhatEndsAnOverdueWaitIsHeard: an order that is completed while it is parked
// as overdue is complete; nothing will ever be told of it again.
func TestWhatEndsAnOverdueWaitIsHeard(t *testing.T) {
	s := newStory(t)
	s.goesWell()
	s.parkedFor(15*24*time.Hour, "fulfilment-overdue")
	s.progress(16*24*time.Hour, completed)
	s.after(20*24*time.Hour, func() { t.Error("it did not end"); s.CancelWorkflow() })
	if out := s.tell(); out.Stage != StageCompleted {
		t.Errorf("outcome %+v", out)
	}
}

package workflows

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/cart21/cart21/activities"
	"github.com/cart21/cart21/commerce"
)

// story is one order's process in virtual time, with activities that answer
// what the test says.
type story struct {
	*testsuite.TestWorkflowEnvironment
	t *testing.T
}

func newStory(t *testing.T) *story {
	var suite testsuite.WorkflowTestSuite
	s := &story{suite.NewTestWorkflowEnvironment(), t}
	s.RegisterWorkflow(OrderToCash)
	s.RegisterWorkflow(ShipmentNotification)
	profile, shop, erp, records := &activities.Profile{}, &activities.Shop{}, &activities.ERP{}, &activities.Records{}
	for name, fn := range map[string]any{
		activities.DecideName: profile.Decide, activities.MapOrderName: profile.MapOrder, activities.AmendOrderName: profile.AmendOrder,
		activities.ReadOrderName: shop.ReadOrder, activities.AcknowledgeName: shop.Acknowledge, activities.NotifyShipmentName: shop.NotifyShipment,
		activities.TellHoldName:     shop.TellHold,
		activities.PrepareOrderName: erp.PrepareOrder, activities.CreateAccountName: erp.CreateAccount,
		activities.CreateOrderName: erp.CreateOrder, activities.ReadShipmentName: erp.ReadShipment,
		activities.RecordStageName: records.RecordStage, activities.RecordDecisionName: records.RecordDecision,
	} {
		s.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name})
	}
	s.SetTestTimeout(20 * time.Second)
	return s
}

func (s *story) answers(name string, result ...any) *testsuite.MockCallWrapper {
	args := []any{mock.Anything, mock.Anything}
	if name == activities.MapOrderName || name == activities.AmendOrderName || name == activities.ReadOrderName {
		args = append(args, mock.Anything)
	}
	return s.OnActivity(name, args...).Return(result...)
}

var anOrder = commerce.Order{Store: "main", ID: "4711", Number: "1004711", Currency: "USD", Total: decimal.RequireFromString("131.50"), PaymentStatus: "P"}

// goesWell lets every step succeed that the test has not answered otherwise.
func (s *story) goesWell() {
	s.answers(activities.ReadOrderName, activities.OrderReading{Order: anOrder}, nil).Maybe()
	s.answers(activities.DecideName, decided(activities.Import), nil).Maybe()
	s.answers(activities.PrepareOrderName, activities.Facts{Account: &commerce.Account{CustomerID: "100123"}}, nil).Maybe()
	s.answers(activities.MapOrderName, activities.Mapped{SalesOrder: commerce.SalesOrder{Reference: "xc-main-4711"}}, nil).Maybe()
	s.answers(activities.CreateOrderName, activities.CreatedOrder{Number: "1000123", Status: commerce.OrderProgress{Approved: true}}, nil).Maybe()
	s.answers(activities.AcknowledgeName, nil).Maybe()
	s.answers(activities.RecordStageName, nil).Maybe()
	s.answers(activities.RecordDecisionName, nil).Maybe()
}

func decided(action any) (d activities.Decision) {
	switch a := action.(type) {
	case activities.Decision:
		return a
	default:
		d.Profile, d.OnImport = "abc", "P"
		d.Action = activities.Import
	}
	return d
}

func (s *story) after(d time.Duration, do func()) { s.RegisterDelayedCallback(do, d) }

func (s *story) completes(after time.Duration) {
	s.after(after, func() {
		s.SignalWorkflow(SignalProgress, commerce.OrderProgress{Approved: true, Invoiced: true, Completed: true})
	})
}

func (s *story) resolves(after time.Duration, r Resolution) {
	s.after(after, func() { s.SignalWorkflow(Resolve, r) })
}

func (s *story) asks(after time.Duration, check func(OrderStatus)) {
	s.after(after, func() {
		value, err := s.QueryWorkflow(QueryStatus)
		var status OrderStatus
		if err == nil {
			err = value.Get(&status)
		}
		if err != nil {
			s.t.Errorf("query: %v", err)
		}
		check(status)
	})
}

func (s *story) parkedFor(after time.Duration, reason string) {
	s.asks(after, func(status OrderStatus) {
		if status.Blocked == nil || status.Blocked.Reason != reason {
			s.t.Errorf("after %s parked for %+v, want %s", after, status.Blocked, reason)
		} else if !strings.Contains(status.page(), reason) || !strings.Contains(status.page(), Resolve) {
			s.t.Errorf("the page does not say what to do:\n%s", status.page())
		}
	})
}

func (s *story) tell() OrderOutcome {
	s.t.Helper()
	s.ExecuteWorkflow(OrderToCash, OrderInput{Store: "main", OrderID: "4711", Number: "1004711"})
	if !s.IsWorkflowCompleted() {
		s.t.Fatal("the process did not end")
	}
	var out OrderOutcome
	if err := s.GetWorkflowResult(&out); err != nil {
		s.t.Fatalf("the process failed: %v", err)
	}
	return out
}

func refusal(reason string, passing bool) error {
	return temporal.NewApplicationErrorWithOptions("Prophet 21: refused", "rejected", temporal.ApplicationErrorOptions{
		NonRetryable: true, Details: []any{activities.Failure{Reason: reason, Passing: passing}},
	})
}

func TestAnOrderGoesAllTheWay(t *testing.T) {
	s := newStory(t)
	s.goesWell()
	s.asks(time.Minute, func(status OrderStatus) {
		if status.Stage != StageOpen || status.ERPOrder != "1000123" || status.WaitingFor != "allocation" {
			t.Errorf("acknowledged, the order is %+v", status)
		}
	})
	s.after(time.Hour, func() {
		s.SignalWorkflow(SignalNotified, ShipmentNotified{PickTicket: "300001", Tracking: []string{"1Z1"}})
	})
	s.completes(2 * time.Hour)
	if out := s.tell(); out.Stage != StageCompleted || out.ERPOrder != "1000123" {
		t.Errorf("outcome %+v", out)
	}
	s.AssertNumberOfCalls(t, activities.CreateOrderName, 1)
}

func TestABusinessRuleParksAndRetryGoesOn(t *testing.T) {
	s := newStory(t)
	s.answers(activities.CreateOrderName, activities.CreatedOrder{}, refusal("p21-rejected", false)).Once()
	s.goesWell()
	s.parkedFor(time.Hour, "p21-rejected")
	s.resolves(20*24*time.Hour, Resolution{Action: Retry, By: "Ann", Why: "created the carrier"})
	s.completes(21 * 24 * time.Hour)
	if out := s.tell(); out.Stage != StageCompleted {
		t.Errorf("outcome %+v", out)
	}
	s.AssertNumberOfCalls(t, activities.RecordDecisionName, 1)
	s.AssertNumberOfCalls(t, activities.ReadOrderName, 2)
}

func TestAnAmendmentIsAppliedAfterEveryFreshLook(t *testing.T) {
	s := newStory(t)
	s.answers(activities.MapOrderName, activities.Mapped{Reason: "unknown-item", Findings: []activities.Finding{{Code: "unknown-item", Message: "no such item"}}}, nil).Times(2)
	s.answers(activities.AmendOrderName, activities.Amended{Order: anOrder, Changes: []string{"/lines/0/sku: A -> B"}}, nil)
	s.goesWell()
	s.parkedFor(time.Minute, "unknown-item")
	s.resolves(2*time.Minute, Resolution{Action: Amend, By: "Ann", Changes: activities.Amendment{"/lines/0/sku": "B"}})
	s.parkedFor(3*time.Minute, "unknown-item") // still
	s.resolves(4*time.Minute, Resolution{Action: Retry, By: "Ann"})
	s.asks(5*time.Minute, func(status OrderStatus) {
		if len(status.Amended) != 1 {
			t.Errorf("the correction is not told: %+v", status)
		}
	})
	s.completes(time.Hour)
	s.tell()
	s.AssertNumberOfCalls(t, activities.AmendOrderName, 3) // checked once, applied twice
}

func TestASignalThatDoesNotFitIsToldAndLosesNothing(t *testing.T) {
	s := newStory(t)
	s.answers(activities.CreateOrderName, activities.CreatedOrder{}, refusal("p21-rejected", false)).Once()
	s.goesWell()
	s.resolves(time.Minute, Resolution{Action: Skip, By: "Ann"})
	s.asks(2*time.Minute, func(status OrderStatus) {
		if status.Blocked == nil || !strings.Contains(status.Refused, "not offered") {
			t.Errorf("status %+v", status)
		}
	})
	s.resolves(3*time.Minute, Resolution{Action: Retry})
	s.asks(4*time.Minute, func(status OrderStatus) {
		if !strings.Contains(status.Refused, "who decides") {
			t.Errorf("refused: %q", status.Refused)
		}
	})
	s.resolves(5*time.Minute, Resolution{Action: Cancel, By: "Ann", Why: "test"})
	if out := s.tell(); out.Stage != StageCancelled || !strings.Contains(out.Why, "Ann") {
		t.Errorf("outcome %+v", out)
	}
}

func TestTheUpdateAnswersWhetherItFits(t *testing.T) {
	s := newStory(t)
	s.answers(activities.CreateOrderName, activities.CreatedOrder{}, refusal("p21-rejected", false)).Once()
	s.goesWell()
	var refused, answered bool
	s.after(time.Minute, func() {
		s.UpdateWorkflow(Resolve, "1", &testsuite.TestUpdateCallback{
			OnAccept: func() { t.Error("an amendment without changes was accepted") }, OnReject: func(error) { refused = true }, OnComplete: func(any, error) {},
		}, Resolution{Action: Amend, By: "Ann"})
	})
	s.after(2*time.Minute, func() {
		s.UpdateWorkflow(Resolve, "2", &testsuite.TestUpdateCallback{
			OnAccept: func() {}, OnReject: func(err error) { t.Error(err) },
			OnComplete: func(answer any, err error) {
				answered = err == nil && strings.Contains(answer.(Answer).Accepted, "Ann")
			},
		}, Resolution{Action: Retry, By: "Ann"})
	})
	s.completes(time.Hour)
	s.tell()
	if !refused || !answered {
		t.Errorf("refused %v, answered %v", refused, answered)
	}
}

func TestAFailureIsRetriedThenParkedThenTriedSlowly(t *testing.T) {
	s := newStory(t)
	fails := func(gaveUp bool) error { // as activities.Pacing says it
		return temporal.NewApplicationErrorWithOptions("Prophet 21: down", "unavailable", temporal.ApplicationErrorOptions{
			NonRetryable: gaveUp, NextRetryDelay: time.Minute, Details: []any{activities.Failure{Reason: "p21-unavailable", Passing: true}}})
	}
	s.answers(activities.PrepareOrderName, activities.Facts{}, fails(false)).Times(19)
	s.answers(activities.PrepareOrderName, activities.Facts{}, fails(true)).Once()
	s.goesWell()
	s.parkedFor(20*time.Minute, "p21-unavailable")
	s.completes(3 * time.Hour)
	if out := s.tell(); out.Stage != StageCompleted {
		t.Errorf("nobody had to resolve it: %+v", out)
	}
	s.AssertNumberOfCalls(t, activities.RecordDecisionName, 0)
}

// TestAnOutageParksNobody holds a call back as often as an outage of hours does.
func TestAnOutageParksNobody(t *testing.T) {
	s := newStory(t)
	held := temporal.NewApplicationErrorWithOptions("Prophet 21: not called", "unavailable", temporal.ApplicationErrorOptions{
		NextRetryDelay: 30 * time.Second, Details: []any{activities.Failure{Reason: "p21-unavailable", Passing: true, Held: true}}})
	s.answers(activities.PrepareOrderName, activities.Facts{}, held).Times(150)
	s.goesWell()
	s.asks(70*time.Minute, func(status OrderStatus) {
		if status.Blocked != nil {
			t.Errorf("parked for %+v", status.Blocked)
		}
	})
	s.completes(8 * time.Hour)
	if out := s.tell(); out.Stage != StageCompleted {
		t.Errorf("outcome %+v", out)
	}
}

func TestSlowRetriesDoNotComeTogether(t *testing.T) {
	seen := map[time.Duration]bool{}
	for _, id := range []string{"order/main/1", "order/main/2", "order/main/3"} {
		for attempt, middle := range []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, time.Hour} {
			d := slowly(id, attempt)
			if d < middle/2 || d >= middle*3/2 || seen[d] || d != slowly(id, attempt) {
				t.Errorf("%s, attempt %d: %s (seen %v), want about %s", id, attempt, d, seen[d], middle)
			}
			seen[d] = true
		}
	}
}

func TestAnOrderWaitsForItsPayment(t *testing.T) {
	s := newStory(t)
	wait := decided(nil)
	wait.Action, wait.Why = activities.Wait, "waiting for the payment"
	s.answers(activities.DecideName, func() activities.Decision {
		wait.Until = s.Now().Add(14 * 24 * time.Hour)
		return wait
	}(), nil).Once()
	s.goesWell()
	s.asks(time.Hour, func(status OrderStatus) {
		if status.Stage != StageWaiting {
			t.Errorf("stage %s", status.Stage)
		}
	})
	s.after(2*time.Hour, func() { s.SignalWorkflow(SignalShopChanged, nil) })
	s.completes(3 * time.Hour)
	if out := s.tell(); out.Stage != StageCompleted {
		t.Errorf("outcome %+v", out)
	}
}

func TestOrdersThatNeverCome(t *testing.T) {
	for name, c := range map[string]struct {
		action any
		want   Stage
	}{
		"cancelled in the shop": {activities.Cancelled, StageCancelled},
		"given up":              {activities.GiveUp, StageNotImported},
		"never by rule":         {activities.Never, StageNotImported},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t)
			d := decided(nil)
			switch c.action {
			case activities.Cancelled:
				d.Action = activities.Cancelled
			case activities.GiveUp:
				d.Action = activities.GiveUp
			default:
				d.Action = activities.Never
			}
			s.answers(activities.DecideName, d, nil)
			s.goesWell()
			if out := s.tell(); out.Stage != c.want {
				t.Errorf("outcome %+v", out)
			}
			s.AssertNotCalled(t, activities.CreateOrderName, mock.Anything, mock.Anything)
		})
	}
}

func TestADifferentERPOrderParksUntilTaken(t *testing.T) {
	s := newStory(t)
	different := activities.CreatedOrder{Number: "1000123", Differences: []activities.Difference{{Code: "line-missing", Message: "item X is missing", Fatal: true}}}
	s.answers(activities.CreateOrderName, different, nil)
	s.goesWell()
	s.parkedFor(time.Minute, "erp-order-differs")
	s.resolves(2*time.Minute, Resolution{Action: Skip, By: "Ann", Why: "entered by hand"})
	s.completes(time.Hour)
	if out := s.tell(); out.Stage != StageCompleted {
		t.Errorf("outcome %+v", out)
	}
}

func TestAChangeAfterImportIsAPersonsToCarryOver(t *testing.T) {
	s := newStory(t)
	edited := anOrder
	edited.Total = decimal.RequireFromString("99")
	s.answers(activities.ReadOrderName, activities.OrderReading{Order: anOrder}, nil).Once()
	s.answers(activities.ReadOrderName, activities.OrderReading{Order: edited}, nil)
	s.goesWell()
	s.after(time.Hour, func() { s.SignalWorkflow(SignalShopChanged, nil) })
	s.parkedFor(2*time.Hour, "changed-after-import")
	s.resolves(3*time.Hour, Resolution{Action: Skip, By: "Ann"})
	s.completes(4 * time.Hour)
	if out := s.tell(); out.Stage != StageCompleted {
		t.Errorf("outcome %+v", out)
	}
}

func TestAPaymentCapturedLaterIsNoChange(t *testing.T) {
	s := newStory(t)
	captured := anOrder
	captured.PaymentStatus, captured.StaffNote = "P", "captured"
	s.answers(activities.ReadOrderName, activities.OrderReading{Order: anOrder}, nil).Once()
	s.answers(activities.ReadOrderName, activities.OrderReading{Order: captured}, nil)
	s.goesWell()
	s.after(time.Hour, func() { s.SignalWorkflow(SignalShopChanged, nil) })
	s.asks(2*time.Hour, func(status OrderStatus) {
		if status.Blocked != nil {
			t.Errorf("parked: %+v", status.Blocked)
		}
	})
	s.completes(3 * time.Hour)
	s.tell()
}

func TestCancelledInTheERP(t *testing.T) {
	s := newStory(t)
	s.goesWell()
	s.after(time.Hour, func() { s.SignalWorkflow(SignalProgress, commerce.OrderProgress{Cancelled: true}) })
	if out := s.tell(); out.Stage != StageCancelled || !strings.Contains(out.Why, "1000123") {
		t.Errorf("outcome %+v", out)
	}
}

func TestSilenceFromTheERPIsNoticed(t *testing.T) {
	s := newStory(t)
	s.goesWell()
	s.parkedFor(15*24*time.Hour, "fulfilment-overdue")
	s.resolves(16*24*time.Hour, Resolution{Action: Retry, By: "Ann"})
	s.completes(17 * 24 * time.Hour)
	if out := s.tell(); out.Stage != StageCompleted {
		t.Errorf("outcome %+v", out)
	}
}

func TestTheShopNeedNotBeTold(t *testing.T) {
	s := newStory(t)
	s.answers(activities.AcknowledgeName, refusal("xcart-rejected", false))
	s.goesWell()
	s.parkedFor(time.Minute, "xcart-rejected")
	s.resolves(2*time.Minute, Resolution{Action: Skip, By: "Ann"})
	s.completes(time.Hour)
	if out := s.tell(); out.Stage != StageCompleted {
		t.Errorf("outcome %+v", out)
	}
}

func TestShipmentNotification(t *testing.T) {
	reading := activities.ShipmentReading{
		Store: "main", OrderID: "4711", Tracking: []string{"1Z1", "1Z2"}, Complete: true,
		Shipment: commerce.Shipment{ID: "300001", Confirmed: true, Carrier: "UPS", Tracking: []string{"1Z2"}},
	}
	t.Run("tells the shop", func(t *testing.T) {
		s := newStory(t)
		s.answers(activities.ReadShipmentName, reading, nil)
		s.answers(activities.NotifyShipmentName, activities.Notified{Status: "S"}, nil).Once()
		s.OnSignalExternalWorkflow(mock.Anything, "order/main/4711", "", SignalNotified, mock.Anything).Return(errors.New("the order's process has ended")).Once()
		s.ExecuteWorkflow(ShipmentNotification, ShipmentInput{Store: "main", PickTicket: "300001"})
		var out ShipmentNotified
		if err := s.GetWorkflowResult(&out); err != nil || out.Status != "S" || out.Carrier != "UPS" {
			t.Errorf("%+v, %v", out, err)
		}
		s.AssertExpectations(t)
	})
	t.Run("passes over a counter sale", func(t *testing.T) {
		s := newStory(t)
		s.answers(activities.ReadShipmentName, activities.ShipmentReading{Shipment: commerce.Shipment{ID: "300001", Confirmed: true}}, nil)
		s.ExecuteWorkflow(ShipmentNotification, ShipmentInput{Store: "main", PickTicket: "300001"})
		if err := s.GetWorkflowError(); err != nil {
			t.Error(err)
		}
		s.AssertNotCalled(t, activities.NotifyShipmentName, mock.Anything, mock.Anything)
	})
	t.Run("parks and goes on", func(t *testing.T) {
		s := newStory(t)
		s.answers(activities.ReadShipmentName, reading, nil)
		s.answers(activities.NotifyShipmentName, activities.Notified{}, refusal("xcart-rejected", false)).Once()
		s.answers(activities.NotifyShipmentName, activities.Notified{Status: "S"}, nil)
		s.answers(activities.RecordDecisionName, nil)
		s.OnSignalExternalWorkflow(mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything).Return(nil)
		s.resolves(time.Hour, Resolution{Action: Retry, By: "Ann"})
		s.ExecuteWorkflow(ShipmentNotification, ShipmentInput{Store: "main", PickTicket: "300001"})
		if err := s.GetWorkflowError(); err != nil {
			t.Error(err)
		}
	})
}

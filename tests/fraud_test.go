package tests

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/cart21/cart21/sandbox/shop"
	"github.com/cart21/cart21/workflows"
)

// holding makes the workers hold what is risky.
func holding(t *testing.T) (setting string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fraud.yaml")
	policy := "mode: hold\nlists:\n  throw_away: [throw-away.test]\nhold: {status_held: WFA, status_approved: N, status_rejected: WND, payment_status_rejected: C}\n"
	if err := os.WriteFile(path, []byte(policy), 0o600); err != nil {
		t.Fatal(err)
	}
	return "FRAUD_POLICY_FILE=" + path
}

// risky is an order whose goods go to a forwarder, for a throw-away e-mail.
func risky(n *shop.NewOrder) {
	n.Email = "quick.deal@throw-away.test"
	to := *n.Shipping
	to.FirstName, to.Company, to.Line1, to.Zip = "Jordan", "Gulf Parcel Forwarding", "2200 Cargo Road", "89599"
	n.Shipping = &to
}

// placeHeld places a risky order and waits until it is held, and shown so.
func (w *world) placeHeld() string {
	w.t.Helper()
	id := w.place(risky)
	w.poke("order.placed", id)
	w.isHeld(id)
	return id
}

func (w *world) isHeld(id string) {
	w.t.Helper()
	w.eventually("order "+id+" is held", func() bool {
		return w.parkedFor(id) == "fraud-review" && w.shown(id) == "WFA" &&
			w.found("WorkflowId = '"+workflows.OrderID(worldStore, id)+"' AND ExecutionStatus = 'Running' AND BlockedOn = 'fraud-review' AND FraudOutcome = 'review' AND RiskScore > 5") == 1
	})
}

// shown is the shipping status that the shop shows.
func (w *world) shown(id string) string {
	n, _ := strconv.Atoi(id)
	o, _ := w.shop.Order(n)
	return o.ShippingStatus
}

func (w *world) hold(id string) (hold *workflows.FraudHold) {
	w.t.Helper()
	answer, err := w.temporal.QueryWorkflow(context.Background(), workflows.OrderID(worldStore, id), "", workflows.QueryFraudHold)
	if err == nil && answer.HasValue() {
		err = answer.Get(&hold)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return hold
}

// decide sends a decision as an update and returns its answer.
func (w *world) decide(id string, d workflows.FraudDecision) (answer workflows.Answer, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	handle, err := w.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{WorkflowID: workflows.OrderID(worldStore, id),
		UpdateName: workflows.UpdateDecideFraud, Args: []any{d}, WaitForStage: client.WorkflowUpdateStageCompleted})
	if err == nil {
		err = handle.Get(ctx, &answer)
	}
	return answer, err
}

// TestAHoldOutlivesItsWorkers holds two orders, kills the workers, and decides
// one by a signal while nobody works, the other by an update.
func TestAHoldOutlivesItsWorkers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, holding(t))
	good, bad := w.placeHeld(), w.placeHeld()
	if h := w.hold(good); h == nil || h.Score <= 5 || len(h.Reasons) == 0 || h.Deadline.Before(h.Since) {
		t.Errorf("the hold is %+v", h)
	}
	w.workers.kill()
	err := w.temporal.SignalWorkflow(context.Background(), workflows.OrderID(worldStore, good), "", workflows.SignalFraudDecision,
		workflows.FraudDecision{Decision: workflows.Approve, Reviewer: "Ann", Reason: "a regular"})
	if err != nil {
		t.Fatal(err)
	}
	w.workers = w.start("workers", append(w.settings, "LISTEN="+w.workersAt))
	w.reaches(good, workflows.StageOpen)
	if n := len(w.inERP(good)); n != 1 || w.shown(good) != "P" {
		t.Errorf("the approved order is in the ERP %d times, the shop shows %s", n, w.shown(good))
	}

	if _, err := w.decide(bad, workflows.FraudDecision{Decision: "maybe", Reviewer: "Ann", Reason: "x"}); err == nil || !strings.Contains(err.Error(), "approve") {
		t.Errorf("a decision that is none was answered %v", err)
	}
	if _, err := w.decide(good, workflows.FraudDecision{Decision: workflows.Reject, Reviewer: "Bob", Reason: "x"}); err == nil || !strings.Contains(err.Error(), "Ann decided approve") {
		t.Errorf("a second decision was answered %v", err)
	}
	if answer, err := w.decide(bad, workflows.FraudDecision{Decision: workflows.Reject, Reviewer: "Ann", Reason: "stolen card"}); err != nil || !strings.Contains(answer.Accepted, "reject by Ann") {
		t.Errorf("answered %+v, %v", answer, err)
	}
	var out workflows.OrderOutcome
	if err := w.temporal.GetWorkflow(context.Background(), workflows.OrderID(worldStore, bad), "").Get(context.Background(), &out); err != nil ||
		out.Stage != workflows.StageCancelled || !strings.Contains(out.Why, "stolen card") {
		t.Errorf("outcome %+v, %v", out, err)
	}
	if n, _ := strconv.Atoi(bad); w.shown(bad) != "WND" || len(w.inERP(bad)) != 0 || paid(w.shop, n) != "C" {
		t.Errorf("the rejected order: the shop shows %s and %s, in the ERP %v", w.shown(bad), paid(w.shop, n), w.inERP(bad))
	}
	if _, err := w.decide(bad, workflows.FraudDecision{Decision: workflows.Approve, Reviewer: "Bob", Reason: "x"}); err == nil {
		t.Error("an order whose process has ended was decided about")
	}
	for id, action := range map[string]string{good: "approve", bad: "reject"} {
		if trail := w.decided(workflows.OrderID(worldStore, id)); len(trail) != 1 || trail[0].Operation != action || trail[0].Actor != "Ann" || trail[0].Key != "fraud-review" {
			t.Errorf("audit trail of %s: %+v", id, trail)
		}
	}
	if *recordInto != "" {
		w.record(workflows.OrderID(worldStore, good), filepath.Join(*recordInto, "OrderToCash-approved.json"))
		w.record(workflows.OrderID(worldStore, bad), filepath.Join(*recordInto, "OrderToCash-rejected.json"))
	}
}

func paid(s *shop.Shop, id int) string {
	o, _ := s.Order(id)
	return o.PaymentStatus
}

// TestHoldsAtTheOrderDesk meets a hold where all parked work is, and decides it there.
func TestHoldsAtTheOrderDesk(t *testing.T) {
	t.Parallel()
	w := newWorld(t, holding(t))
	id := w.placeHeld()
	var l listed
	if w.parkedJSON(&l, "list"); l.Total != 1 || l.Parked[0].Reason != "fraud-review" || !strings.Contains(l.Parked[0].Message, "risk of a charge-back") {
		t.Errorf("list: %+v", l)
	}
	number := l.Parked[0].WebOrder
	var s struct {
		shownOrder
		FraudHold *workflows.FraudHold `json:"fraud_hold"`
	}
	if w.parkedJSON(&s, "show", number); !slices.Equal(s.Choices, []string{"approve", "reject"}) || s.FraudHold == nil ||
		!strings.HasSuffix(s.Runbook, "#fraud-review") || !strings.Contains(s.Page, "EMAIL_THROW_AWAY") {
		t.Errorf("show: %+v", s)
	}
	if _, errs, status := w.parked("", "resolve", number, "-action", "cancel", "-by", "Kim", "-why", "x"); status != 1 || !strings.Contains(errs, "not offered") {
		t.Errorf("status %d, %s", status, errs)
	}
	var r resolvedOrder
	if w.parkedJSON(&r, "resolve", number, "-action", "approve", "-by", "Kim", "-why", "called them"); !strings.Contains(r.Accepted, "approve by Kim") {
		t.Errorf("resolved: %+v", r)
	}
	w.reaches(id, workflows.StageOpen)
	if n := len(w.inERP(id)); n != 1 {
		t.Errorf("the order is in the ERP %d times", n)
	}
}

// TestAHoldWhoseProcessWasTerminatedIsHeldAgain: what the shop shows of the first
// hold must not be taken for an approval that the shop waits for.
func TestAHoldWhoseProcessWasTerminatedIsHeldAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, checkOften, holding(t))
	id := w.placeHeld()
	w.beginsAnew(id, w.terminate)
	w.isHeld(id)
	if _, err := w.decide(id, workflows.FraudDecision{Decision: workflows.Approve, Reviewer: "Ann", Reason: "a regular"}); err != nil {
		t.Error(err)
	}
	w.reaches(id, workflows.StageOpen)
}

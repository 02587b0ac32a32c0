package tests

import (
	"context"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/cart21/cart21/sandbox/shop"
	"github.com/cart21/cart21/workflows"
)

func (w *world) restartStarter() {
	w.t.Helper()
	w.starter.stop()
	w.starter = w.start("starter", append(w.settings, "LISTEN="+w.starterAt))
	w.eventually("the starter is ready again", func() bool { return ready(w.starterAt) })
}

// run is the latest run of an order's process, and whether it is open.
func (w *world) run(id string) (runID string, open bool) {
	got, err := w.temporal.DescribeWorkflowExecution(context.Background(), workflows.OrderID(worldStore, id), "")
	if err != nil {
		return "", false
	}
	info := got.WorkflowExecutionInfo
	return info.Execution.RunId, info.Status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
}

// beginsAnew ends an order's process in a way that is no decision about the
// order, and waits for the next.
func (w *world) beginsAnew(id string, end func(workflowID string) error) {
	w.t.Helper()
	before, open := w.run(id)
	if err := end(workflows.OrderID(worldStore, id)); err != nil || !open {
		w.t.Fatalf("ending order %s (open %v): %v", id, open, err)
	}
	w.eventually("the process of order "+id+" begins anew", func() bool {
		now, open := w.run(id)
		return open && now != before
	})
}

func (w *world) terminate(workflowID string) error {
	return w.temporal.TerminateWorkflow(context.Background(), workflowID, "", "pressed by mistake")
}

// TestAProcessEndedInTheWebUIBeginsAnew: terminating or cancelling a workflow is
// no decision about the order. The ERP gets it once all the same.
func TestAProcessEndedInTheWebUIBeginsAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, checkOften)
	inERP, waiting, done := w.place(nil), w.place(func(n *shop.NewOrder) { n.PaymentStatus = "Q" }), w.place(nil)
	for _, id := range []string{inERP, waiting, done} {
		w.poke("order.placed", id)
	}
	w.reaches(inERP, workflows.StageOpen)
	w.reaches(done, workflows.StageOpen)
	w.reaches(waiting, workflows.StageWaiting)
	if err := w.erp.Hold(w.inERP(inERP)[0].No, true); err != nil {
		t.Fatal(err)
	}
	w.shipAll()
	w.reaches(done, workflows.StageCompleted)
	ended, _ := w.run(done)

	w.beginsAnew(inERP, w.terminate)
	w.reaches(inERP, workflows.StageOpen)
	w.beginsAnew(inERP, func(id string) error { return w.temporal.CancelWorkflow(context.Background(), id, "") })
	w.reaches(inERP, workflows.StageOpen)
	w.beginsAnew(waiting, w.terminate)
	w.reaches(waiting, workflows.StageWaiting)
	if len(w.inERP(inERP)) != 1 || len(w.inERP(waiting)) != 0 {
		t.Errorf("in the ERP: %d and %d", len(w.inERP(inERP)), len(w.inERP(waiting)))
	}
	if now, open := w.run(done); open || now != ended {
		t.Error("a process that had come to its end was begun anew")
	}
	if err := w.erp.Hold(w.inERP(inERP)[0].No, false); err != nil {
		t.Fatal(err)
	}
	w.shipAll()
	w.reaches(inERP, workflows.StageCompleted)
	w.eventually("the shop shows its parcel", func() bool { return len(w.inShop(inERP).TrackingNumbers) > 0 })
}

// TestAPausedScheduleStaysPausedAndADeletedOneComesBack: meanwhile webhooks work,
// and afterwards nothing was missed.
func TestAPausedScheduleStaysPausedAndADeletedOneComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	intake := w.temporal.ScheduleClient().GetHandle(ctx, "order-intake/"+worldStore)
	if err := intake.Pause(ctx, client.SchedulePauseOptions{Note: "the shop is being moved"}); err != nil {
		t.Fatal(err)
	}
	w.restartStarter()
	if is, err := intake.Describe(ctx); err != nil || !is.Schedule.State.Paused || is.Schedule.State.Note != "the shop is being moved" {
		t.Fatalf("after a restart of the starter: %+v, %v", is, err)
	}
	w.eventually("no poll runs any more", func() bool { return w.found("WorkflowType = 'OrderIntake' AND ExecutionStatus = 'Running'") == 0 })
	silent, told := w.place(nil), w.place(nil)
	w.poke("order.placed", told)
	w.reaches(told, workflows.StageOpen)
	w.shipAll()
	w.reaches(told, workflows.StageCompleted)
	if _, open := w.run(silent); open {
		t.Fatal("a paused poll found an order: the test tests nothing")
	}
	if err := intake.Unpause(ctx, client.ScheduleUnpauseOptions{}); err != nil {
		t.Fatal(err)
	}
	w.reaches(silent, workflows.StageOpen)

	if err := intake.Delete(ctx); err != nil {
		t.Fatal(err)
	}
	late := w.place(nil)
	w.restartStarter()
	w.reaches(late, workflows.StageOpen)
	for _, id := range []string{silent, told, late} {
		if n := len(w.inERP(id)); n != 1 {
			t.Errorf("order %s is %d times in the ERP", id, n)
		}
	}
	if started := w.found("WorkflowType = 'OrderToCash'"); started != 3 {
		t.Errorf("%d processes for 3 orders", started)
	}
}

// TestStaffOfTheERPOnTheRealServer edit, hold, cancel and delete orders that the
// shop was told of.
func TestStaffOfTheERPOnTheRealServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, checkOften)
	place := func() string {
		id := w.place(func(n *shop.NewOrder) {
			n.Lines = append(n.Lines, shop.NewLine{SKU: "HOSE", Quantity: 4, Price: dec("19.95")})
		})
		w.poke("order.placed", id)
		return id
	}
	lineCancelled, cut, cancelled, deleted, held := place(), place(), place(), place(), place()
	number := map[string]string{}
	for _, id := range []string{lineCancelled, cut, cancelled, deleted, held} {
		w.reaches(id, workflows.StageOpen)
		number[id] = w.inERP(id)[0].No
	}
	for what, err := range map[string]error{
		"cancel a line":  w.erp.CancelLine(number[lineCancelled], 2),
		"cut a quantity": w.erp.SetQuantity(number[cut], 2, dec("1")),
		"cancel":         w.erp.Cancel(number[cancelled]),
		"delete":         w.erp.Delete(number[deleted]),
		"hold":           w.erp.Hold(number[held], true),
	} {
		if err != nil {
			t.Fatal(what, err)
		}
	}
	w.reaches(cancelled, workflows.StageCancelled)
	w.reaches(deleted, workflows.StageCancelled)
	w.eventually("the hold is shown", func() bool { return w.status(held).Progress.OnHold != "" })
	w.shipAll()
	w.reaches(lineCancelled, workflows.StageCompleted)
	w.reaches(cut, workflows.StageCompleted)
	// Staff touch them once more in the shop: what was ended stays ended.
	w.poke("order.changed", cancelled)
	w.parks(cancelled, "cancelled-in-erp")
	w.poke("order.changed", deleted)
	w.parks(deleted, "vanished-from-erp")
	if err := w.erp.Hold(number[held], false); err != nil {
		t.Fatal(err)
	}
	w.shipAll()
	w.reaches(held, workflows.StageCompleted)
	for id := range number {
		if n := len(w.inERP(id)); n != 1 {
			t.Errorf("order %s is %d times in the ERP", id, n)
		}
		shipped := id != cancelled && id != deleted
		w.eventually("the shop shows what left", func() bool { return (w.inShop(id).ShippingStatus == "S") == shipped })
	}
}

// TestStaffOfTheShopOnTheRealServer edit and cancel orders that the ERP has.
func TestStaffOfTheShopOnTheRealServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	unpaid := w.place(func(n *shop.NewOrder) { n.PaymentStatus = "Q" })
	edited, cancelled := w.place(nil), w.place(nil)
	for _, id := range []string{unpaid, edited, cancelled} {
		w.poke("order.placed", id)
	}
	w.reaches(unpaid, workflows.StageWaiting)
	w.reaches(edited, workflows.StageOpen)
	w.reaches(cancelled, workflows.StageOpen)
	// No webhook tells of it: the poll does.
	more := shop.Edit{Lines: []shop.NewLine{{SKU: "PUMP", Quantity: 7, Price: dec("19.95")}}}
	for _, err := range []error{
		w.shop.EditOrder(w.inShop(unpaid).ID, more), w.shop.SetPaymentStatus(w.inShop(unpaid).ID, "P"),
		w.shop.EditOrder(w.inShop(edited).ID, more), w.shop.Cancel(w.inShop(cancelled).ID),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w.reaches(unpaid, workflows.StageOpen)
	w.parks(edited, "changed-after-import")
	w.parks(cancelled, "cancelled-after-import")
	if got := w.inERP(unpaid); len(got) != 1 || !got[0].Lines[0].Qty.Equal(dec("7")) {
		t.Errorf("edited before it was imported: %+v", got)
	}
	if got := w.inERP(edited); len(got) != 1 || !got[0].Lines[0].Qty.Equal(dec("2")) {
		t.Errorf("edited after it was imported, and written over: %+v", got)
	}
	if err := w.erp.Cancel(w.inERP(cancelled)[0].No); err != nil {
		t.Fatal(err)
	}
	w.resolve(cancelled, "skip", nil)
	w.reaches(cancelled, workflows.StageCancelled)
	w.resolve(edited, "skip", nil)
	w.reaches(edited, workflows.StageOpen)
}

package tests

import (
	"context"
	"testing"

	"go.temporal.io/api/workflowservice/v1"

	"github.com/cart21/cart21/sandbox/shop"
	"github.com/cart21/cart21/workflows"
)

// TestParkedOrderIsFoundAndResolvedAsInTheWebUI does what an operator does
// there: list by reason, read the current details, send the signal.
func TestParkedOrderIsFoundAndResolvedAsInTheWebUI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	id := w.place(func(n *shop.NewOrder) { n.Number, n.Lines[0].SKU = "W-1001", "PUMP-OLD" })
	w.poke("order.placed", id)
	w.eventually("the order is parked", func() bool { return w.found("WebOrder = 'W-1001' AND BlockedOn = 'unknown-item'") == 1 })
	if got := w.inERP(id); len(got) != 0 {
		t.Fatalf("%d orders in the ERP before anybody decided", len(got))
	}

	signal := func(resolution map[string]any) {
		t.Helper()
		if err := w.temporal.SignalWorkflow(ctx, workflows.OrderID(worldStore, id), "", workflows.Resolve, resolution); err != nil {
			t.Fatal(err)
		}
	}
	signal(map[string]any{"action": "skip", "by": "Kim"})
	w.eventually("a decision that is not offered is refused, and says why", func() bool { return w.status(id).Refused != "" })
	signal(map[string]any{"action": "amend", "by": "Kim", "why": "renamed article", "changes": map[string]any{"/lines/0/sku": "PUMP"}})
	w.eventually("the corrected order is in the ERP", func() bool { return len(w.inERP(id)) == 1 })
	w.eventually("it is no longer listed as parked", func() bool { return w.found("BlockedOn = 'unknown-item'") == 0 })
	number := w.inERP(id)[0].No
	w.eventually("it is found by the ERP's number", func() bool { return w.found("ErpOrder = '"+number+"'") == 1 })
	if s := w.status(id); len(s.Amended) != 1 || s.ERPOrder != number {
		t.Errorf("the status page shows %+v", s)
	}
	if trail := w.decided(workflows.OrderID(worldStore, id)); len(trail) != 1 || trail[0].Detail != "renamed article; /lines/0/sku: PUMP-OLD -> PUMP" {
		t.Errorf("audit trail: %+v", trail)
	}
}

// found counts the processes that a list filter of the Web UI finds.
func (w *world) found(filter string) int64 {
	got, err := w.temporal.CountWorkflow(context.Background(), &workflowservice.CountWorkflowExecutionsRequest{Query: filter})
	if err != nil {
		w.t.Fatal(err)
	}
	return got.Count
}

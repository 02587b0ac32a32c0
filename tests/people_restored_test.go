package tests

import (
	"bytes"
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cart21/cart21/sandbox/erp"
	"github.com/cart21/cart21/sandbox/shop"
	"github.com/cart21/cart21/workflows"
)

// checkOften has the unfinished orders checked at every poll.
const checkOften = "ORDER_CHECK_EVERY=1s"

// shopBackup keeps the shop as it is now and returns what restores it.
func (w *world) shopBackup() (restore func()) {
	w.t.Helper()
	var kept bytes.Buffer
	if err := w.shop.Save(&kept); err != nil {
		w.t.Fatal(err)
	}
	return func() {
		if err := w.shop.Load(bytes.NewReader(kept.Bytes())); err != nil {
			w.t.Fatal(err)
		}
	}
}

// erpBackup keeps the ERP as it is now and returns what restores it.
func (w *world) erpBackup() (restore func()) {
	w.t.Helper()
	dir := w.t.TempDir()
	if err := w.erp.Save(dir); err != nil {
		w.t.Fatal(err)
	}
	return func() {
		if found, err := w.erp.Load(dir); err != nil || !found {
			w.t.Fatal(found, err)
		}
	}
}

// resolve decides about a parked order, as a person would from the Web UI.
func (w *world) resolve(id, action string, changes map[string]any) {
	w.t.Helper()
	decision := map[string]any{"action": action, "by": "Kim", "why": "a test"}
	if changes != nil {
		decision["changes"] = changes
	}
	if err := w.temporal.SignalWorkflow(context.Background(), workflows.OrderID(worldStore, id), "", workflows.Resolve, decision); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) parks(id, reason string) {
	w.t.Helper()
	w.eventually("order "+id+" is parked for "+reason, func() bool { return w.parkedFor(id) == reason })
}

func (w *world) reaches(id string, stage workflows.Stage) {
	w.t.Helper()
	w.eventually("order "+id+" is "+string(stage), func() bool { return w.status(id).Stage == stage && w.status(id).Blocked == nil })
}

// referenced lists the ERP's orders with a reference.
func (w *world) referenced(reference string) (found []erp.Order) {
	for _, o := range w.erp.Orders() {
		if o.WebReference == reference {
			found = append(found, o)
		}
	}
	return found
}

// inShop is an order as the shop shows it.
func (w *world) inShop(id string) shop.Order {
	w.t.Helper()
	n, err := strconv.Atoi(id)
	if err != nil {
		w.t.Fatal(err)
	}
	o, _ := w.shop.Order(n)
	return o
}

// shipAll lets the warehouse work until nothing is left to do.
func (w *world) shipAll() {
	for range 8 {
		w.erp.Step(time.Now())
	}
}

func anotherOrder(n *shop.NewOrder) {
	n.Email = "lee.poe@example.test"
	n.Lines = []shop.NewLine{{SKU: "VALVE", Quantity: 5, Price: dec("19.95")}}
	n.Time = time.Now().Add(time.Minute) // the shop keeps whole seconds
}

// TestAShopRestoredFromABackupGivesAnIDAgain: the ERP has an order under the
// reference of the new one, complete and invoiced, and it is another customer's.
func TestAShopRestoredFromABackupGivesAnIDAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, checkOften)
	restore := w.shopBackup()
	id := w.place(nil)
	w.poke("order.placed", id)
	w.reaches(id, workflows.StageOpen)
	w.shipAll()
	w.reaches(id, workflows.StageCompleted)
	old := w.inERP(id)[0]

	restore()
	if again := w.place(anotherOrder); again != id {
		t.Fatalf("the restored shop gave id %s, not %s again: the test tests nothing", again, id)
	}
	w.parks(id, "id-reused") // found by the poll
	if why := w.status(id).Blocked.Message; !strings.Contains(why, old.No) || !strings.Contains(why, "reference_suffix") {
		t.Errorf("the reason does not say what to do: %s", why)
	}
	if s := w.inShop(id); len(s.TrackingNumbers) > 0 || strings.Contains(s.AdminNotes, old.No) || len(w.erp.Orders()) != 1 {
		t.Errorf("the new order was taken for the old one: %+v", s)
	}

	w.resolve(id, "amend", map[string]any{"/reference_suffix": "2"})
	w.reaches(id, workflows.StageOpen)
	made := w.referenced("xc-main-" + id + ".2")
	if len(made) != 1 || made[0].Lines[0].ItemID != "VALVE" || made[0].CustomerID == old.CustomerID {
		t.Fatalf("made of the new order: %+v", made)
	}
	if !strings.Contains(w.inShop(id).AdminNotes, made[0].No) {
		t.Errorf("the shop shows %q", w.inShop(id).AdminNotes)
	}
	w.shipAll()
	w.reaches(id, workflows.StageCompleted)
	w.eventually("the new order's shipment is told", func() bool { return len(w.inShop(id).TrackingNumbers) > 0 })
	if len(w.inERP(id)) != 1 || len(w.erp.Orders()) != 2 {
		t.Errorf("%d orders in the ERP", len(w.erp.Orders()))
	}
}

// TestAnOldOrdersShipmentIsNotToldToTheNewOrderOfItsID: the mail with the
// tracking number would go to a stranger.
func TestAnOldOrdersShipmentIsNotToldToTheNewOrderOfItsID(t *testing.T) {
	t.Parallel()
	w := newWorld(t, checkOften)
	restore := w.shopBackup()
	id := w.place(nil)
	w.poke("order.placed", id)
	w.reaches(id, workflows.StageOpen)
	old := w.inERP(id)[0].No

	restore()
	w.place(anotherOrder)
	w.poke("order.changed", id)
	w.parks(id, "id-reused")
	w.shipAll()
	w.eventually("the shipment of the old order is parked", func() bool {
		return w.found("WorkflowType = 'ShipmentNotification' AND BlockedOn = 'id-reused'") == 1
	})
	w.resolve(id, "cancel", nil) // stop following the old order
	w.eventually("the process begins anew with the new order", func() bool {
		s := w.status(id)
		return s.Blocked != nil && s.Blocked.Reason == "id-reused" && s.ERPOrder == ""
	})
	w.resolve(id, "amend", map[string]any{"/reference_suffix": "2"})
	w.reaches(id, workflows.StageOpen)
	if s := w.inShop(id); len(s.TrackingNumbers) > 0 || s.ShippingStatus == "S" || strings.Contains(s.AdminNotes, old) {
		t.Errorf("the new order shows the old one's shipment: %+v", s)
	}
	if mails := w.shop.Mails(); strings.Contains(mailsTo(mails, "lee.poe@example.test"), "shipped") {
		t.Errorf("a stranger was told: %v", mails)
	}
}

func mailsTo(mails []shop.Mail, _ string) (kinds string) {
	for _, m := range mails {
		kinds += m.Kind + " "
	}
	return kinds
}

// TestOrdersThatVanishedFromTheShop were placed after the backup that it was
// restored from.
func TestOrdersThatVanishedFromTheShop(t *testing.T) {
	t.Parallel()
	w := newWorld(t, checkOften)
	restore := w.shopBackup()
	waiting := w.place(func(n *shop.NewOrder) { n.PaymentStatus = "Q" })
	imported := w.place(nil)
	w.poke("order.placed", waiting)
	w.poke("order.placed", imported)
	w.reaches(waiting, workflows.StageWaiting)
	w.reaches(imported, workflows.StageOpen)
	restore()
	w.poke("order.changed", waiting)
	w.parks(waiting, "xcart-not-found")
	w.resolve(waiting, "cancel", nil)
	w.eventually("it has ended", func() bool { return w.status(waiting).Stage == workflows.StageCancelled })
	w.poke("order.changed", imported)
	w.parks(imported, "xcart-not-found")
	w.resolve(imported, "skip", nil) // the goods leave all the same
	w.reaches(imported, workflows.StageOpen)
	w.shipAll()
	w.reaches(imported, workflows.StageCompleted)
	w.eventually("the shipment that nobody can be told of is parked", func() bool {
		return w.found("WorkflowType = 'ShipmentNotification' AND BlockedOn = 'xcart-not-found'") == 1
	})
}

// TestAnERPRestoredFromABackup has lost an order that the shop was told of, and
// gives its number to the next.
func TestAnERPRestoredFromABackup(t *testing.T) {
	t.Parallel()
	w := newWorld(t, checkOften)
	first := w.place(nil)
	w.poke("order.placed", first)
	w.reaches(first, workflows.StageOpen)
	restore := w.erpBackup()
	lost := w.place(nil)
	w.poke("order.placed", lost)
	w.reaches(lost, workflows.StageOpen)
	number := w.inERP(lost)[0].No

	restore()
	next := w.place(anotherOrder)
	w.poke("order.placed", next)
	w.reaches(next, workflows.StageOpen)
	if got := w.inERP(next)[0].No; got != number {
		t.Fatalf("the restored ERP gave number %s, not %s again: the test tests less than it says", got, number)
	}
	w.parks(lost, "vanished-from-erp")
	if why := w.status(lost).Blocked.Message; !strings.Contains(why, "xc-main-"+lost) || !strings.Contains(why, "xc-main-"+next) {
		t.Errorf("the reason does not say where to look: %s", why)
	}
	if len(w.inERP(lost)) != 0 {
		t.Error("it was created again before anybody decided")
	}
	// Nor does a poke from the shop create it, nor a process that begins anew.
	w.poke("order.changed", lost)
	w.beginsAnew(lost, w.terminate)
	w.parks(lost, "vanished-from-erp")
	w.resolve(lost, "retry", nil)
	w.reaches(lost, workflows.StageOpen)
	for _, id := range []string{first, lost, next} {
		if n := len(w.inERP(id)); n != 1 {
			t.Errorf("order %s is %d times in the ERP", id, n)
		}
	}
	if notes := w.inShop(lost).AdminNotes; !strings.Contains(notes, w.inERP(lost)[0].No) {
		t.Errorf("the shop does not show the new number: %q", notes)
	}
	w.shipAll()
	for _, id := range []string{first, lost, next} {
		w.reaches(id, workflows.StageCompleted)
	}
}

package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/sandbox/erp"
	"github.com/cart21/cart21/sandbox/shop"
	"github.com/cart21/cart21/workflows"
)

// books are both simulators' books at one moment, side by side. The judgement
// of a run rests on them alone.
type books struct {
	shop    map[string]shop.Order
	erp     map[string][]erp.Order // by shop order id
	tickets map[string][]erp.PickTicket
	mails   map[string]int // "order shipped" mails by shop order id
}

func (w *world) books() books {
	b := books{shop: map[string]shop.Order{}, erp: map[string][]erp.Order{}, tickets: map[string][]erp.PickTicket{}, mails: map[string]int{}}
	for _, o := range w.shop.Orders() {
		b.shop[strconv.Itoa(o.ID)] = o
	}
	prefix := "xc-" + store + "-"
	for _, o := range w.erp.Orders() {
		reference := cmp.Or(o.WebReference, o.PO) // the Transaction API knows no web reference
		if len(reference) > len(prefix) && reference[:len(prefix)] == prefix && !o.Deleted {
			id := reference[len(prefix):]
			b.erp[id] = append(b.erp[id], o)
		}
	}
	for _, t := range w.erp.Shipments() {
		if t.Shipped && !t.Deleted {
			b.tickets[t.OrderNo] = append(b.tickets[t.OrderNo], t)
		}
	}
	for _, m := range w.shop.Mails() {
		if m.Kind == shop.MailShipped {
			b.mails[strconv.Itoa(m.OrderID)]++
		}
	}
	return b
}

func (b books) inERP(id string) bool { return len(b.erp[id]) > 0 }

func (b books) erpNumber(id string) string {
	if !b.inERP(id) {
		return ""
	}
	return b.erp[id][0].No
}

// left reports whether all of the order has left the warehouse.
func (b books) left(id string) bool {
	return b.inERP(id) && b.erp[id][0].Completed && !b.erp[id][0].Cancelled
}

// shownShipped reports whether the shop shows the order as shipped.
func (b books) shownShipped(id string) bool {
	status := b.shop[id].ShippingStatus
	return status == "S" || status == "D"
}

// fulfilled reports whether nothing more can happen to the order.
func (b books) fulfilled(id string) bool {
	return b.inERP(id) && (b.erp[id][0].Cancelled || b.left(id) && b.shownShipped(id))
}

// mismatch says in what the ERP's order is not what was bought; empty when it is.
func (b books) mismatch(id string) string {
	bought, made := b.shop[id], b.erp[id][0]
	if !made.Total().Equal(bought.Total) {
		return fmt.Sprintf("order %s: %s in the shop, %s in the ERP", bought.Number, bought.Total, made.Total())
	}
	quantities := map[string]decimal.Decimal{}
	for _, l := range bought.Lines {
		if !notStock[l.SKU] {
			quantities[l.SKU] = quantities[l.SKU].Add(decimal.NewFromInt(int64(l.Quantity)))
		}
	}
	for _, l := range made.Lines {
		if !l.OtherCharge {
			quantities[l.ItemID] = quantities[l.ItemID].Sub(l.Qty)
		}
	}
	for item, difference := range quantities {
		if !difference.IsZero() {
			return fmt.Sprintf("order %s: the quantity of %s differs by %s", bought.Number, item, difference)
		}
	}
	return ""
}

// untold are tracking numbers that left with the order's parcels and that the
// shop does not show.
func (b books) untold(id string) (missing int) {
	var shown []string
	for _, t := range b.shop[id].TrackingNumbers {
		shown = append(shown, t.Value)
	}
	for _, t := range b.tickets[b.erpNumber(id)] {
		for _, number := range t.TrackingNumbers() {
			if !slices.Contains(shown, number) {
				missing++
			}
		}
	}
	return missing
}

// erpOrderDiffers is what an order is parked for that the ERP did not take as
// it was sent: a person mends it there.
const erpOrderDiffers = "erp-order-differs"

// summarise counts what a run came to.
func (w *world) summarise(ctx context.Context) (summary, error) {
	processes, err := w.processes(ctx)
	if err != nil {
		return summary{}, err
	}
	b, placed := w.books(), w.placements()
	s := summary{Parked: map[string]int{}, Placed: len(placed), AckMS: w.pokes.times50and99(), CallsPerOrder: map[string]float64{}}
	problem := func(format string, args ...any) {
		if len(s.Problems) < 10 {
			s.Problems = append(s.Problems, fmt.Sprintf(format, args...))
		}
	}
	var took []time.Duration
	var made []string
	events := int64(0)
	for id, p := range placed {
		events += processes[id].events
		s.screened(processes[id].fraud)
		switch process := processes[id]; {
		case process.open && process.blocked == erpOrderDiffers:
			s.Parked[process.blocked]++ // in the ERP, not as it was sent, and told so
		case b.inERP(id):
			s.Created++
			made = append(made, id)
			s.WebTotal, s.ErpTotal = s.WebTotal.Add(b.shop[id].Total), s.ErpTotal.Add(b.erp[id][0].Total())
			took = append(took, b.erp[id][0].Created.Sub(p.at))
			if surplus := len(b.erp[id]) - 1; surplus > 0 {
				s.Duplicates += surplus
				problem("order %s is in the ERP %d times", p.number, surplus+1)
			}
			if difference := b.mismatch(id); difference != "" {
				s.Mismatched++
				problem("%s", difference)
			}
			if b.left(id) {
				s.Shipped++
			}
			if b.left(id) && b.shownShipped(id) && b.mails[id] == 1 {
				s.Notified++
			} else if b.left(id) {
				problem("order %s has left; the shop shows %s and mailed %d times", p.number, b.shop[id].ShippingStatus, b.mails[id])
			}
			s.TrackingMissing += b.untold(id)
		case process.open && process.blocked != "":
			s.Parked[process.blocked]++
		case process.stage == string(workflows.StageCancelled), process.stage == string(workflows.StageNotImported):
			s.Cancelled++
			if p.cancellation {
				s.CancellationDocuments++
			}
		default:
			s.Lost++
			problem("order %s (id %s) is nowhere: its process is at %q", p.number, id, process.stage)
		}
	}
	s.CreatedMS = percentiles(took)
	if n := float64(s.Placed); n > 0 {
		s.EventsPerOrder = float64(events) / n
		s.CallsPerOrder["xcart"] = float64(sum(w.shop.Calls())) / n
		s.CallsPerOrder["prophet21"] = float64(sum(w.erp.Calls())) / n
	}
	s.Kills = int(w.kills.Load())
	s.Faults, s.LostAnswers, s.Outage = w.faultCounts(), w.lost.counts(), w.o.outage.summarise(b, placed)
	if surplus := w.doubledCustomers(); surplus > 0 {
		s.Duplicates += surplus
		problem("%d customers are in the ERP twice", surplus)
	}
	s.ActivitiesPerOrder, err = w.activitiesPerOrder(ctx, made)
	return s, err
}

// screened counts what came of an order's screening.
func (s *summary) screened(outcome string) {
	switch outcome {
	case workflows.FraudApproved:
		s.Held++
		s.Approved++
	case workflows.FraudRejected:
		s.Held++
		s.Rejected++
	case workflows.FraudReview, workflows.FraudReject, workflows.FraudEscalated, workflows.FraudExpired, workflows.FraudLowered, workflows.FraudWithdrawn:
		s.Held++
	}
}

func sum(counts map[string]int) (n int) {
	for _, count := range counts {
		n += count
	}
	return n
}

// runWarehouse lets the simulated warehouse work.
func (w *world) runWarehouse(ctx context.Context) {
	pace := 400 * time.Millisecond
	if !w.o.once {
		pace = 3 * time.Second
	}
	w.erp.Run(ctx, pace)
}

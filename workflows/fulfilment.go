package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"github.com/cart21/cart21/activities"
	"github.com/cart21/cart21/commerce"
)

// fulfil follows the order through allocation, shipments and invoice. It is
// told by signals: one poll serves all orders, and waiting costs nothing.
func (p *orderToCash) fulfil(ctx workflow.Context) error {
	if err := p.moveTo(ctx, StageOpen); err != nil {
		return err
	}
	for !p.progress.Completed {
		switch {
		case p.progress.Vanished != "":
			return p.lost(ctx)
		case p.progress.Cancelled:
			return ended{StageCancelled, fmt.Sprintf("order %s was cancelled in Prophet 21", p.created.Number)}
		}
		p.wait(ctx, p.nextInERP())
		timers, stop := workflow.WithCancel(ctx)
		wait := workflow.NewNamedSelector(ctx, "fulfilment")
		var changed bool
		wait.AddReceive(p.progressed, func(c workflow.ReceiveChannel, _ bool) { c.Receive(ctx, &p.progress) })
		wait.AddReceive(p.notified, func(c workflow.ReceiveChannel, _ bool) { p.noteShipment(ctx, c) })
		wait.AddReceive(p.shopChanged, func(c workflow.ReceiveChannel, _ bool) { c.Receive(ctx, nil); changed = true })
		wait.AddReceive(ctx.Done(), func(workflow.ReceiveChannel, bool) {})
		p.watch(timers, wait)
		wait.Select(ctx)
		stop()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case len(p.shipments) > 0 && p.stage == StageOpen:
			if err := p.moveTo(ctx, StageShipping); err != nil {
				return err
			}
		case changed:
			if err := p.changedAfterImport(ctx); err != nil {
				return err
			}
		case p.late != "":
			if err := p.overdue(ctx); err != nil {
				return err
			}
		}
	}
	for {
		var s ShipmentNotified
		if !p.notified.ReceiveAsync(&s) {
			return nil
		}
		p.shipments = append(p.shipments, s)
	}
}

func (p *orderToCash) noteShipment(ctx workflow.Context, c workflow.ReceiveChannel) {
	var s ShipmentNotified
	c.Receive(ctx, &s)
	p.shipments = append(p.shipments, s)
}

// changedAfterImport looks at an order that changed in the shop when the ERP
// already had it. Only staff can carry such a change over.
func (p *orderToCash) changedAfterImport(ctx workflow.Context) error {
	before := p.order
	for {
		blocked := p.read(ctx)
		if blocked != nil {
			*blocked = p.followed(*blocked)
		} else {
			var err error
			if blocked, err = p.importantChange(ctx, before); err != nil || blocked == nil {
				return err
			}
		}
		decision, err := p.desk.park(ctx, *blocked, p.shopChanged)
		if err != nil {
			return err
		}
		switch decision.Action {
		case Skip:
			if blocked.Reason == activities.ReasonReused {
				p.order = before
			}
			return nil
		case Cancel:
			if blocked.Reason == activities.ReasonReused {
				return beginAnew{OrderInput{Store: p.in.Store, OrderID: p.in.OrderID}}
			}
			return ended{StageCancelled, "ended by " + decision.By + ": " + decision.Why}
		}
	}
}

// importantChange says what of a change has to be carried over into the ERP;
// nil when nothing has, as after a capture or a note by staff.
func (p *orderToCash) importantChange(ctx workflow.Context, before commerce.Order) (*Blocked, error) {
	var d activities.Decision
	if err := workflow.ExecuteLocalActivity(pure(ctx, "import rules"), activities.DecideName, p.order).Get(ctx, &d); err != nil {
		return nil, err
	}
	reason, change := "changed-after-import", p.order.ChangeSince(before)
	if d.Action == activities.Cancelled {
		reason, change = "cancelled-after-import", d.Why
	}
	if change == "" {
		return nil, nil
	}
	return &Blocked{Reason: reason, Choices: []Action{Retry, Skip, Cancel}, Message: fmt.Sprintf(
		"the shop's order changed (%s) when Prophet 21 already had it as %s: carry the change over there, then skip; cancel stops following the order",
		change, p.created.Number)}, nil
}

// overdue parks an order of which nothing was heard for too long.
func (p *orderToCash) overdue(ctx workflow.Context) error {
	if workflow.GetVersion(ctx, "heard-while-overdue", workflow.DefaultVersion, 1) != workflow.DefaultVersion {
		p.desk.heard = &p.progress // what ends the wait may be that the order is complete
		defer func() { p.desk.heard = nil }()
	}
	decision, err := p.desk.park(ctx, Blocked{
		Reason: "fulfilment-overdue", Message: p.late + ": see order " + p.created.Number + " in Prophet 21", Choices: []Action{Retry, Cancel},
	}, p.progressed)
	p.late = ""
	if err == nil && decision.Action == Cancel {
		return ended{StageCancelled, "ended by " + decision.By + ": " + decision.Why}
	}
	return err
}

// nextInERP says what the order waits for, from how far the ERP is.
func (p *orderToCash) nextInERP() string {
	switch s := p.progress; {
	case s.OnHold != "":
		return "release from hold in Prophet 21 (" + s.OnHold + ")"
	case s.Quote:
		return "conversion of the quote into an order in Prophet 21"
	case !s.Approved:
		return "approval in Prophet 21"
	case s.Invoiced:
		return "completion in Prophet 21"
	case s.Shipped:
		return "the rest of the shipments, or the invoice"
	case s.Allocated:
		return "shipment"
	default:
		return "allocation"
	}
}

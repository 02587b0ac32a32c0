package workflows

import (
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/cart21/cart21/activities"
	"github.com/cart21/cart21/commerce"
)

// What follows is for systems that were restored from a backup: an order that
// is not the one it was, or not there any more.

// createAgain begins with the order's creation in the ERP again, since a person
// said so.
var errCreateAgain = errors.New("the order is created again")

// beginAnew ends the process of an order whose id the shop has given to another,
// and begins with that one.
type beginAnew struct{ in OrderInput }

func (beginAnew) Error() string { return "the id belongs to another order now" }

// suffix is where a correction says that an order gets a reference of its own.
const suffix = "/reference_suffix"

// reused parks an order whose id was another's, unless a person has said that it
// goes to the ERP under a reference of its own.
func (p *orderToCash) reused(reading activities.OrderReading) *Blocked {
	if reading.Reused == "" {
		return nil
	}
	for _, amendment := range p.amendments {
		if text, given := amendment[suffix].(string); given && text != "" {
			return nil
		}
	}
	return &Blocked{Reason: "id-reused", Choices: []Action{Retry, Amend, Cancel}, Message: reading.Reused +
		`. Should it go to Prophet 21 as the new order that it is, amend {"` + suffix + `": "2"}; cancel leaves it out`}
}

// followed is what people can decide when something stands against an order that
// the ERP has: it can be followed there whatever the shop shows.
func (p *orderToCash) followed(b Blocked) Blocked {
	b.Choices = []Action{Retry, Skip, Cancel}
	if b.Reason == activities.ReasonReused {
		b.Message = fmt.Sprintf("%s. Skip goes on following order %s in Prophet 21, of which the shop is told no more; cancel stops that and begins with the new order",
			p.reading.Reused, p.created.Number)
	}
	return b
}

// lost parks an order that the ERP does not have any more.
func (p *orderToCash) lost(ctx workflow.Context) error {
	message := p.progress.Vanished
	if n := len(p.shipments); n > 0 {
		message += fmt.Sprintf(". Mind that the shop was told of %d shipments of it: what is created again is shipped again", n)
	}
	decision, err := p.desk.park(ctx, Blocked{Reason: "vanished-from-erp", Message: message, Choices: []Action{Retry, Cancel}}, nil)
	if err != nil {
		return err
	}
	if decision.Action == Cancel {
		return ended{StageCancelled, "ended by " + decision.By + ": " + decision.Why}
	}
	p.again = true
	return errCreateAgain
}

// forgetLost drops what was told of an order that was created again since: that
// the ERP had lost it.
func (p *orderToCash) forgetLost() {
	if !p.again {
		return
	}
	p.again = false
	for {
		var told commerce.OrderProgress
		if !p.progressed.ReceiveAsync(&told) {
			return
		}
		if told.Vanished == "" {
			p.progress = told
		}
	}
}

// confirmsCreation reports whether a person's decision means that an order may be
// created although the ERP had it once.
func confirmsCreation(b Blocked, r Resolution) bool {
	asked := b.Reason == activities.ReasonVanished || b.Reason == "cancelled-in-erp"
	return asked && r.Action == Retry && r.By != automatic
}

// byHand says that an order was completed though nothing of it was seen to leave.
func (p *orderToCash) byHand() string {
	if p.progress.Invoiced || p.progress.Shipped || len(p.shipments) > 0 {
		return ""
	}
	return fmt.Sprintf("order %s was completed in Prophet 21 and no shipment or invoice of goods was seen: was it completed by hand, the customer's money is to be given back in the shop",
		p.created.Number)
}

// patience is how long an order may be silent, by what it waits for; 0 is for ever.
func (p *orderToCash) patience() time.Duration {
	d := p.deadlines
	switch s := p.progress; {
	case d == nil: // decided by an older version
		return 14 * 24 * time.Hour
	case s.Shipped && s.Allocated:
		return d.Invoiced
	case s.Shipped, s.Allocated:
		return d.Shipped
	default:
		return d.Allocated
	}
}

// watch wakes the selector when nothing was heard of the order for too long.
func (p *orderToCash) watch(ctx workflow.Context, wait workflow.Selector) {
	patience := p.patience()
	if patience == 0 {
		return
	}
	timer := workflow.NewTimerWithOptions(ctx, patience, workflow.TimerOptions{Summary: "nothing heard from the ERP"})
	wait.AddFuture(timer, func(f workflow.Future) {
		if f.Get(ctx, nil) == nil {
			p.late = fmt.Sprintf("nothing was heard of this order from the ERP for %s", inDays(patience))
		}
	})
}

func inDays(d time.Duration) string {
	if days := d / (24 * time.Hour); days*24*time.Hour == d && days > 1 {
		return fmt.Sprintf("%d days", days)
	}
	return d.String()
}

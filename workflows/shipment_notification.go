package workflows

import (
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/cart21/cart21/activities"
)

// ShipmentInput names the pick ticket that a notification is for.
type ShipmentInput struct {
	Store      string `json:"store"`
	PickTicket string `json:"pick_ticket"`
}

// ShipmentNotified is what the shop, and so the customer, was told of a shipment.
type ShipmentNotified struct {
	PickTicket string   `json:"pick_ticket"`
	Carrier    string   `json:"carrier,omitempty"`
	Tracking   []string `json:"tracking,omitempty"`
	Status     string   `json:"status,omitempty"` // shipping status code set in the shop
	Untold     string   `json:"untold,omitempty"` // what this shop cannot be told
}

func (s ShipmentNotified) inWords() string {
	parts := []string{}
	if s.Carrier != "" {
		parts = append(parts, s.Carrier)
	}
	if len(s.Tracking) > 0 {
		parts = append(parts, strings.Join(s.Tracking, " "))
	}
	if s.Status != "" {
		parts = append(parts, "shop status "+s.Status)
	}
	if s.Untold != "" {
		parts = append(parts, s.Untold)
	}
	return strings.Join(parts, ", ")
}

// ShipmentNotification tells the shop of one shipment: tracking numbers first,
// then the status, on which X-Cart mails the customer.
func ShipmentNotification(ctx workflow.Context, in ShipmentInput) (ShipmentNotified, error) {
	p := &shipmentNotification{in: in}
	if err := p.setup(ctx); err != nil {
		return ShipmentNotified{}, err
	}
	return p.run(ctx)
}

type shipmentNotification struct {
	in   ShipmentInput
	desk *desk
	done ShipmentNotified
}

func (p *shipmentNotification) setup(ctx workflow.Context) (err error) {
	p.done.PickTicket = p.in.PickTicket
	p.desk, err = newDesk(ctx, p.in.Store, nil, func() { p.show(ctx) })
	return err
}

func (p *shipmentNotification) run(ctx workflow.Context) (ShipmentNotified, error) {
	for {
		err := p.notify(ctx)
		if ctx.Err() != nil {
			return p.done, ctx.Err()
		}
		var decision Resolution
		if err != nil {
			if decision, err = p.desk.park(ctx, blockedBy(err, Retry, Skip), nil); err != nil {
				return p.done, err
			}
		}
		if decision.Action == "" || decision.Action == Skip {
			return p.done, p.desk.close(ctx)
		}
	}
}

func (p *shipmentNotification) notify(ctx workflow.Context) error {
	var reading activities.ShipmentReading
	err := workflow.ExecuteActivity(erpCall(ctx, "read the pick ticket and its order"), activities.ReadShipmentName, p.in.PickTicket).Get(ctx, &reading)
	if err != nil || reading.OrderID == "" || !reading.Shipment.Confirmed {
		return err // none of ours, or taken back meanwhile
	}
	p.done.Carrier = reading.Shipment.Carrier
	notice := activities.ShipmentNotice{
		OrderID: reading.OrderID, Ticket: p.in.PickTicket, Tracking: reading.Tracking, Complete: reading.Complete,
	}
	var notified activities.Notified
	err = workflow.ExecuteActivity(shopCall(ctx, "tracking numbers, then status"), activities.NotifyShipmentName, notice).Get(ctx, &notified)
	if err != nil {
		return err
	}
	p.done.Tracking, p.done.Status, p.done.Untold = reading.Shipment.Tracking, notified.Status, notified.Untold
	// The order's process keeps the shipment for its status page; one that has
	// ended needs to know no more.
	_ = workflow.SignalExternalWorkflow(ctx, OrderID(reading.Store, reading.OrderID), "", SignalNotified, p.done).Get(ctx, nil)
	p.show(ctx)
	return nil
}

func (p *shipmentNotification) show(ctx workflow.Context) {
	page := "### Shipment " + p.in.PickTicket + "\n\n" + p.done.inWords()
	if b := p.desk.blocked; b != nil {
		page += "\n\n**Parked: " + b.Reason + "**\n\n" + b.Message + "\n\nResolve with " + choices(b.Choices) + "; see " + Runbook(b.Reason)
	}
	workflow.SetCurrentDetails(ctx, page)
}

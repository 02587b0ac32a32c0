package mapping

import (
	"fmt"
	"time"

	"github.com/cart21/cart21/commerce"
)

// importRule says when orders of a payment method are imported.
type importRule string

const (
	always         importRule = "always"
	never          importRule = "never"
	whenAuthorized importRule = "when-authorized"
	whenPaid       importRule = "when-paid"
)

// Action is what to do with an order now.
type Action string

// The actions.
const (
	Import    Action = "import"
	Wait      Action = "wait"      // until the order changes, or until Decision.Until
	Never     Action = "never"     // by rule: not for the ERP
	GiveUp    Action = "give-up"   // it waited long enough
	Cancelled Action = "cancelled" // no goods should leave for it
	Hold      Action = "hold"      // a person must look: a status that the profile does not know
)

// Decision is what the import rules say about an order.
type Decision struct {
	Action Action    `json:"action"`
	Reason string    `json:"reason,omitempty"` // to park under, for Hold
	Why    string    `json:"why"`
	Until  time.Time `json:"until,omitzero"`
}

// ImportDecision applies the import rules to an order.
func (p *Profile) ImportDecision(order commerce.Order, now time.Time) Decision {
	payment, paymentKnown := p.doc.Statuses.Payment[order.PaymentStatus]
	shipping, shippingKnown := p.doc.Statuses.Shipping[order.ShippingStatus]
	switch {
	case order.Number == "" || payment == commerce.PaymentDraft || shipping == commerce.FulfilmentDraft:
		return p.wait(order, now, "the checkout to be finished")
	case !paymentKnown:
		return Decision{Action: Hold, Reason: "unknown-payment-status", Why: fmt.Sprintf(
			"the profile does not say what payment status %q means: add it under statuses.payment and retry", order.PaymentStatus)}
	case !shippingKnown:
		return Decision{Action: Hold, Reason: "unknown-shipping-status", Why: fmt.Sprintf(
			"the profile does not say what shipping status %q means: add it under statuses.shipping and retry", order.ShippingStatus)}
	case payment.Dead():
		return Decision{Action: Cancelled, Why: "the order's payment is " + string(payment) + " in the shop"}
	case shipping == commerce.FulfilmentWillNotDeliver || shipping == commerce.FulfilmentReturned:
		return Decision{Action: Cancelled, Why: "the order is marked " + string(shipping) + " in the shop"}
	}
	rule, ok := p.doc.Import.Methods[order.PaymentMethod]
	if !ok {
		rule = p.doc.Import.Default
	}
	switch {
	case rule == never:
		return Decision{Action: Never, Why: fmt.Sprintf("orders paid by %q are not imported, by rule", order.PaymentMethod)}
	case shipping == commerce.FulfilmentAwaitApproval:
		return p.wait(order, now, "approval in the shop")
	case rule == always, payment == commerce.PaymentPaid,
		rule == whenAuthorized && payment == commerce.PaymentAuthorized:
		return Decision{Action: Import, Why: "payment " + string(payment)}
	case rule == whenPaid:
		return p.wait(order, now, "the payment (it is "+string(payment)+")")
	default:
		return p.wait(order, now, "the payment or its authorisation (it is "+string(payment)+")")
	}
}

func (p *Profile) wait(order commerce.Order, now time.Time, what string) Decision {
	until := order.PlacedAt.AddDate(0, 0, p.doc.Import.GiveUpDays)
	if !now.Before(until) {
		return Decision{Action: GiveUp, Why: fmt.Sprintf("it waited %d days for %s", p.doc.Import.GiveUpDays, what)}
	}
	return Decision{Action: Wait, Why: "waiting for " + what, Until: until}
}

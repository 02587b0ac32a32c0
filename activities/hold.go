package activities

import (
	"context"
	"time"

	"github.com/cart21/cart21/commerce"
)

// What a screening says is to happen to an order.
const (
	RiskAccept = "accept"
	RiskReview = "review"
	RiskReject = "reject"
)

// HoldNotice is what the shop is to show of an order that people decide about.
type HoldNotice struct {
	OrderID string `json:"order_id"`
	// Status and PaymentStatus are the shop's codes to set; empty leaves them.
	Status        string `json:"status,omitempty"`
	PaymentStatus string `json:"payment_status,omitempty"`
	// Held is the shipping status code by which the shop shows a hold. From it
	// every other is a step forward; to it go only orders that nobody processes yet.
	Held string `json:"held,omitempty"`
}

// HoldTold is what came of a notice.
type HoldTold struct {
	// Left says what was not set, since staff have moved the order further.
	Left string `json:"left,omitempty"`
}

// TellHold sets what a hold or its decision makes of the order's statuses in the
// shop. What is set already is not written again, and nothing goes backwards.
func (s *Shop) TellHold(ctx context.Context, n HoldNotice) (HoldTold, error) {
	defer heartbeating(ctx)()
	known, err := absent(s.Records.OrderByShopID(ctx, s.Store, n.OrderID))
	if err != nil {
		return HoldTold{}, err
	}
	order, err := s.XCart.Order(ctx, n.OrderID)
	if err != nil {
		return HoldTold{}, classify(err)
	}
	if err := sameOrder(known, order); err != nil {
		return HoldTold{}, err
	}
	var told HoldTold
	switch {
	case n.Status == "" || n.Status == order.ShippingStatus:
	case !s.holdMayBecome(n, order.ShippingStatus):
		told.Left = "its shipping status in the shop is " + order.ShippingStatus + " and was left so"
	default:
		start := time.Now()
		err := s.XCart.SetShippingStatus(ctx, n.OrderID, n.Status)
		s.audit(ctx, "shipping status "+n.Status, n.OrderID, "", err, start)
		if err != nil {
			return told, classify(err)
		}
		order.ShippingStatus = n.Status
	}
	if n.PaymentStatus != "" && n.PaymentStatus != order.PaymentStatus && !s.Mapping.Payment(order.PaymentStatus).Dead() {
		start := time.Now()
		err := s.XCart.SetPaymentStatus(ctx, n.OrderID, n.PaymentStatus)
		s.audit(ctx, "payment status "+n.PaymentStatus, n.OrderID, "", err, start)
		if err != nil {
			return told, classify(err)
		}
		order.PaymentStatus = n.PaymentStatus
	}
	return told, s.remember(ctx, order)
}

func (s *Shop) holdMayBecome(n HoldNotice, now string) bool {
	from := s.Mapping.Fulfilment(now)
	if n.Status == n.Held {
		return from.MayBecome(commerce.FulfilmentProcessing)
	}
	return now == n.Held || from.MayBecome(s.Mapping.Fulfilment(n.Status))
}

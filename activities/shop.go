package activities

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
	"github.com/cart21/cart21/connectors/xcart"
	"github.com/cart21/cart21/mapping"
	"github.com/cart21/cart21/records"
)

// Shop is what a process may do in X-Cart.
type Shop struct {
	Store   string
	XCart   xcart.Shop
	Mapping *mapping.Profile
	Records *records.Store
	// Screening scores the orders that are read; nil: none is.
	Screening *Screening
}

// OrderReading is an order with what we already know of it.
type OrderReading struct {
	Order commerce.Order `json:"order"`
	// ERPOrder is the sales order that our records say was made from it.
	ERPOrder string `json:"erp_order,omitempty"`
	// Stage is where the last process for this order ended, when one has ended.
	Stage string `json:"stage,omitempty"`
	// Reused says how the order is seen not to be the one that had its id
	// before; empty when it is. Nothing of the former order is told then.
	Reused string `json:"reused,omitempty"`
	// Risk is what the fraud screening says; nil where nothing is screened,
	// and when the ERP has the order already.
	Risk *Risk `json:"risk,omitempty"`
}

// ReadOrder reads an order from the shop, remembers what it looked like and
// scores it. What was decided on it before may be left out.
func (s *Shop) ReadOrder(ctx context.Context, id string, before Screened) (OrderReading, error) {
	defer heartbeating(ctx)()
	order, err := s.XCart.Order(ctx, id)
	if err != nil {
		return OrderReading{}, classify(err)
	}
	known, err := absent(s.Records.OrderByShopID(ctx, s.Store, id))
	if err != nil {
		return OrderReading{}, err
	}
	if why := another(known, order); why != "" {
		return OrderReading{Order: order, Reused: why}, nil
	}
	if err := s.remember(ctx, order); err != nil {
		return OrderReading{}, err
	}
	order.ReferenceSuffix = commerce.ReferenceSuffix(known.Reference)
	reading := OrderReading{Order: order, ERPOrder: known.ERPOrder, Stage: known.Stage}
	if s.Screening != nil && known.ERPOrder == "" && order.Number != "" && !order.PlacedAt.IsZero() {
		if reading.Risk, err = s.Screening.Assess(ctx, order, before); err != nil {
			return OrderReading{}, err
		}
	}
	return reading, nil
}

// remember keeps the order's fingerprint, so that the intake recognises our own
// writes coming back and starts nothing for them, and what identifies it. The
// checkout of a draft may still move the latter.
func (s *Shop) remember(ctx context.Context, order commerce.Order) error {
	ref := records.OrderRef{Store: s.Store, ShopOrderID: order.ID, ShopNumber: order.Number, Fingerprint: order.Fingerprint()}
	if order.Number != "" {
		ref.PlacedAt = order.PlacedAt
	}
	return s.Records.SaveOrder(ctx, ref)
}

// Acknowledgement tells the shop that the ERP has an order.
type Acknowledgement struct {
	OrderID  string `json:"order_id"`
	ERPOrder string `json:"erp_order"`
	Status   string `json:"status,omitempty"` // shipping status code to set; empty leaves it
}

// Acknowledge leaves the ERP's number on the shop's order and sets the status
// that the profile names, unless staff have already moved the order further.
func (s *Shop) Acknowledge(ctx context.Context, a Acknowledgement) error {
	defer heartbeating(ctx)()
	start := time.Now()
	known, err := absent(s.Records.OrderByShopID(ctx, s.Store, a.OrderID))
	if err != nil {
		return err
	}
	order, err := s.XCart.Acknowledge(ctx, a.OrderID, a.ERPOrder, func(now commerce.Order) (string, error) {
		if err := sameOrder(known, now); err != nil {
			return "", err
		}
		if a.Status != "" && s.Mapping.Fulfilment(now.ShippingStatus).MayBecome(s.Mapping.Fulfilment(a.Status)) {
			return a.Status, nil
		}
		return "", nil
	})
	s.audit(ctx, "acknowledge", a.OrderID, a.ERPOrder, err, start)
	if err != nil {
		return classify(err)
	}
	return errors.Join(s.remember(ctx, order), s.Records.SaveOrder(ctx, records.OrderRef{
		Store: s.Store, ShopOrderID: a.OrderID, ERPOrder: a.ERPOrder, Stage: StageAcknowledged,
	}))
}

// StageAcknowledged is the stage, in the records, from which on the shop may be
// told of an order's shipments.
const StageAcknowledged = "open"

// acknowledged makes a shipment wait for the acknowledgement: two processes that
// set one order's status at the same time could leave the older one.
func (s *Shop) acknowledged(ctx context.Context, orderID string) (records.OrderRef, error) {
	known, err := s.Records.OrderByShopID(ctx, s.Store, orderID)
	if err == nil && known.Stage == "" {
		return known, temporal.NewApplicationErrorWithOptions("the shop has not been told yet that the ERP has the order", "not-acknowledged",
			temporal.ApplicationErrorOptions{Details: []any{Failure{Reason: "not-acknowledged", Passing: true}}})
	}
	return known, err
}

// ShipmentNotice is what the shop is to show of an order's shipments.
type ShipmentNotice struct {
	OrderID  string   `json:"order_id"`
	Ticket   string   `json:"ticket"`
	Tracking []string `json:"tracking,omitempty"` // of all shipments of the order that left
	Complete bool     `json:"complete"`           // nothing more will be shipped
}

// Notified is what the shop shows now.
type Notified struct {
	Status   string   `json:"status,omitempty"` // set now; empty when it was left
	Tracking []string `json:"tracking,omitempty"`
	// Untold says what could not be told to this shop, for people.
	Untold string `json:"untold,omitempty"`
}

// NotifyShipment writes tracking numbers first and the status second, since
// X-Cart mails the customer on the status and the mail shows the numbers. It
// never takes an order back: what staff marked Delivered stays so.
func (s *Shop) NotifyShipment(ctx context.Context, n ShipmentNotice) (Notified, error) {
	defer heartbeating(ctx)()
	var out Notified
	known, err := s.acknowledged(ctx, n.OrderID)
	if err != nil {
		return out, err
	}
	order, err := s.XCart.Order(ctx, n.OrderID)
	if err != nil {
		return out, classify(err)
	}
	if err := sameOrder(known, order); err != nil {
		return out, err
	}
	if len(n.Tracking) > 0 {
		start := time.Now()
		err := s.XCart.AddTracking(ctx, n.OrderID, n.Tracking)
		switch {
		case connectors.Is(err, connectors.Unsupported):
			out.Untold = "this X-Cart has no way of writing tracking numbers over its API: " + strings.Join(n.Tracking, ", ") + " not shown in the shop"
			activity.GetMetricsHandler(ctx).Counter("cart21_tracking_untold").Inc(1)
		default:
			s.audit(ctx, "tracking", n.OrderID, n.Ticket, err, start)
			if err != nil {
				return out, classify(err)
			}
			out.Tracking = n.Tracking
		}
	}
	next := commerce.FulfilmentPartlyShipped
	if n.Complete {
		next = commerce.FulfilmentShipped
	}
	code := s.Mapping.ShippingCode(next)
	if code != "" && code != order.ShippingStatus && s.Mapping.Fulfilment(order.ShippingStatus).MayBecome(next) {
		start := time.Now()
		err := s.XCart.SetShippingStatus(ctx, n.OrderID, code)
		s.audit(ctx, "shipping status "+code, n.OrderID, n.Ticket, err, start)
		if err != nil {
			return out, classify(err)
		}
		out.Status, order.ShippingStatus = code, code
	}
	if err := s.remember(ctx, order); err != nil {
		return out, err
	}
	return out, s.Records.SaveShipment(ctx, records.Shipment{
		PickTicket: n.Ticket, Store: s.Store, ShopOrderID: n.OrderID, NotifiedAt: time.Now(), Tracking: out.Tracking,
	})
}

func (s *Shop) audit(ctx context.Context, operation, orderID, key string, err error, start time.Time) {
	audit(ctx, s.Records, records.AuditEntry{
		Store: s.Store, System: "xcart", Operation: operation, Subject: "order/" + s.Store + "/" + orderID, Key: key,
		Outcome: outcome(err), Duration: time.Since(start),
	})
}

// outcome is the audit trail's word for how a write ended.
func outcome(err error) string {
	var refusal *temporal.ApplicationError // our own, before anything was sent
	switch kind := connectors.KindOf(err); {
	case err == nil:
		return records.OutcomeDone
	case errors.As(err, &refusal):
		return records.OutcomeRefused
	case kind == connectors.OutcomeUnknown, kind == "":
		return records.OutcomeUnknown
	default:
		return records.OutcomeRefused
	}
}

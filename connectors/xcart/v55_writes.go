package xcart

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

// SetShippingStatus sets the shipping status by its code.
func (s *shop55) SetShippingStatus(ctx context.Context, orderID, code string) error {
	return s.setStatus(ctx, "shipping", orderID, code)
}

// SetPaymentStatus sets the payment status by its code.
func (s *shop55) SetPaymentStatus(ctx context.Context, orderID, code string) error {
	return s.setStatus(ctx, "payment", orderID, code)
}

// setStatus reads the status, puts the code, and reads it back. An unknown code
// is refused by the shop before it stores anything.
func (s *shop55) setStatus(ctx context.Context, axis, orderID, code string) error {
	operation := "set the " + axis + " status of order " + orderID + " to " + code
	if err := checkCode(s.client, operation, code); err != nil {
		return err
	}
	path, err := s.orderPath(operation, orderID, "/"+axis+"_status")
	if err != nil {
		return err
	}
	var before, after status55
	if err := s.call(ctx, operation, http.MethodGet, path, nil, nil, &before); err != nil || before.Code == code {
		return err
	}
	if err := s.putStatus(ctx, operation, path, code); err != nil {
		return err
	}
	if err := s.call(ctx, operation, http.MethodGet, path, nil, nil, &after); err != nil {
		return unsure(err)
	}
	if after.Code != code {
		return s.client.Fail(connectors.Conflict, operation, fmt.Sprintf("the shop accepted it, but the order has status %q", after.Code), nil)
	}
	return nil
}

func (s *shop55) putStatus(ctx context.Context, operation, path, code string) error {
	var reply status55
	if err := s.call(ctx, operation, http.MethodPut, path, nil, map[string]string{"code": code}, &reply); err != nil {
		return err
	}
	if reply.Code != code {
		return s.client.Fail(connectors.Conflict, operation, fmt.Sprintf("the shop answered with status %q", reply.Code), nil)
	}
	return nil
}

// Acknowledge sets the status; the ERP's number has no place in this API. It
// reads the order (2 calls), puts the status (1) and reads the order back (1).
func (s *shop55) Acknowledge(ctx context.Context, orderID, _ string, next func(commerce.Order) (status string, err error)) (commerce.Order, error) {
	operation := "acknowledge order " + orderID
	order, err := s.Order(ctx, orderID)
	if err != nil {
		return order, err
	}
	status, err := next(order)
	if err != nil {
		return order, err
	}
	if status == "" || status == order.ShippingStatus {
		return order, nil
	}
	path, err := s.orderPath(operation, orderID, "/shipping_status")
	if err != nil {
		return order, err
	}
	if err := s.putStatus(ctx, operation, path, status); err != nil {
		return order, err
	}
	again, err := s.order(ctx, operation, orderID)
	if err != nil {
		return order, unsure(err)
	}
	// A shipping status moves no money: the payments are as they were read.
	again.Payments, again.PaymentMethod = order.Payments, order.PaymentMethod
	if again.ShippingStatus != status {
		return again, s.client.Fail(connectors.Conflict, operation, fmt.Sprintf("the shop accepted it, but the order has shipping status %q", again.ShippingStatus), nil)
	}
	return again, nil
}

// NoteERPOrder is refused: 5.5 has no write of an order's notes or details.
func (s *shop55) NoteERPOrder(context.Context, string, string) error {
	return s.client.Fail(connectors.Unsupported, "note the ERP's order number", noNotes, nil)
}

// AddTracking adds the numbers that the order does not show yet, where an addon
// offers the route for it: a read, a write for each, and a read back.
func (s *shop55) AddTracking(ctx context.Context, orderID string, numbers []string) error {
	operation := "add tracking to order " + orderID
	path, err := s.orderPath(operation, orderID, "/tracking_numbers")
	wanted := distinct(numbers)
	if err != nil || len(wanted) == 0 {
		return err
	}
	if err := s.describe(ctx); err != nil {
		return err
	}
	if !s.writesTracking() {
		return s.client.Fail(connectors.Unsupported, operation, noTracking, nil)
	}
	order, err := s.order(ctx, operation, orderID)
	if err != nil {
		return err
	}
	missing := without(wanted, order.Tracking)
	if len(missing) == 0 {
		return nil
	}
	for _, number := range missing {
		if err := s.call(ctx, operation, http.MethodPost, path, nil, map[string]string{"value": number}, new(ignored)); err != nil {
			return err
		}
	}
	if order, err = s.order(ctx, operation, orderID); err != nil {
		return unsure(err)
	}
	if left := without(wanted, order.Tracking); len(left) > 0 {
		return s.client.Fail(connectors.Conflict, operation,
			"the shop accepted them, but the order does not show "+strings.Join(left, ", "), nil)
	}
	return nil
}

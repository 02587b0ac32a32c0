package xcart

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

// Every write here first reads the order: a tracking number or a detail that is
// posted for an order which does not exist creates a blank order, which breaks
// every list. And every write is read back: the shop's answer to a write is the
// entity in memory, which may hold what was never stored.

// SetShippingStatus sets the shipping status by its code.
func (s *shop54) SetShippingStatus(ctx context.Context, orderID, code string) error {
	return s.setStatus(ctx, "shipping", orderID, code, func(o commerce.Order) string { return o.ShippingStatus })
}

// SetPaymentStatus sets the payment status by its code.
func (s *shop54) SetPaymentStatus(ctx context.Context, orderID, code string) error {
	return s.setStatus(ctx, "payment", orderID, code, func(o commerce.Order) string { return o.PaymentStatus })
}

// setStatus sets the status of an axis: the order is read (1), the status list
// too when it is not known (1), the row's id is put (1), the order is read back (1).
func (s *shop54) setStatus(ctx context.Context, axis, orderID, code string, now func(commerce.Order) string) error {
	operation := fmt.Sprintf("set the %s status of order %s to %s", axis, orderID, code)
	if err := checkCode(s.client, operation, code); err != nil {
		return err
	}
	order, err := s.complexOrder(ctx, operation, orderID)
	if err != nil || now(order) == code {
		return err
	}
	entity := "order-status-" + axis
	row, err := s.statusRow(ctx, operation, entity, code)
	if err != nil {
		return err
	}
	change := map[string]any{axis + "Status": map[string]json.Number{"id": row}}
	if err := s.call(ctx, operation, http.MethodPut, "order/"+orderID, "", change, new(ignored)); err != nil {
		return err
	}
	if order, err = s.complexOrder(ctx, operation, orderID); err != nil {
		return unsure(err)
	}
	if now(order) != code {
		s.forgetStatuses(entity) // the row may be another's by now
		return s.client.Fail(connectors.Conflict, operation, fmt.Sprintf("the shop accepted it, but the order has status %q", now(order)), nil)
	}
	return nil
}

// Acknowledge leaves the ERP's number in the staff notes and sets the shipping
// status: one write between two reads, or one read when all is there already.
// The notes are chosen, and not an order detail, since staff see them beside the
// order and one call writes both; what staff wrote there stays.
func (s *shop54) Acknowledge(ctx context.Context, orderID, erpOrder string, next func(commerce.Order) (status string, err error)) (commerce.Order, error) {
	operation := "acknowledge order " + orderID
	order, err := s.complexOrder(ctx, operation, orderID)
	if err != nil {
		return order, err
	}
	status, err := next(order)
	if err != nil {
		return order, err
	}
	change := map[string]any{}
	if erpOrder != "" && !noted(order.StaffNote, erpOrder) {
		change["adminNotes"] = strings.TrimLeft(strings.TrimRight(order.StaffNote, "\r\n")+"\n"+noteOf(erpOrder), "\r\n")
	}
	if status != "" && status != order.ShippingStatus {
		row, err := s.statusRow(ctx, operation, shippingStatuses, status)
		if err != nil {
			return order, err
		}
		change["shippingStatus"] = map[string]json.Number{"id": row}
	}
	if len(change) == 0 {
		return s.balanced(ctx, operation, order)
	}
	if err := s.call(ctx, operation, http.MethodPut, "order/"+orderID, "", change, new(ignored)); err != nil {
		return order, err
	}
	if order, err = s.complexOrder(ctx, operation, orderID); err != nil {
		return order, unsure(err)
	}
	switch {
	case erpOrder != "" && !noted(order.StaffNote, erpOrder):
		return order, s.client.Fail(connectors.Conflict, operation, "the shop accepted it, but the staff notes do not show the ERP's order", nil)
	case status != "" && order.ShippingStatus != status:
		s.forgetStatuses(shippingStatuses)
		return order, s.client.Fail(connectors.Conflict, operation, fmt.Sprintf("the shop accepted it, but the order has shipping status %q", order.ShippingStatus), nil)
	}
	return s.balanced(ctx, operation, order)
}

// noteOf is the line in the staff notes that names the ERP's order.
func noteOf(erpOrder string) string { return "ERP order " + erpOrder + " (Prophet 21)" }

// noted reports whether the notes have that line. Staff may have edited around it.
func noted(notes, erpOrder string) bool {
	for line := range strings.Lines(notes) {
		if strings.TrimSpace(line) == noteOf(erpOrder) {
			return true
		}
	}
	return false
}

// NoteERPOrder leaves the ERP's order number in the staff notes.
func (s *shop54) NoteERPOrder(ctx context.Context, orderID, erpOrder string) error {
	_, err := s.Acknowledge(ctx, orderID, erpOrder, func(commerce.Order) (string, error) { return "", nil })
	return err
}

// AddTracking adds the numbers that the order does not show yet: two reads, a
// write for each, and one read back. The shop itself keeps duplicates.
func (s *shop54) AddTracking(ctx context.Context, orderID string, numbers []string) error {
	operation := "add tracking to order " + orderID
	wanted := distinct(numbers)
	if len(wanted) == 0 {
		return checkID(s.client, operation, orderID)
	}
	order, err := s.complexOrder(ctx, operation, orderID)
	if err != nil {
		return err
	}
	if order.Number == "" {
		return s.client.Fail(connectors.Rejected, operation, "the order has no number: its checkout is not finished", nil)
	}
	shown, err := s.tracking(ctx, operation, orderID)
	if err != nil {
		return err
	}
	missing := without(wanted, shown)
	if len(missing) == 0 {
		return nil
	}
	for _, number := range missing {
		body := map[string]any{"value": number, "order": map[string]json.Number{"order_id": json.Number(orderID)}}
		if err := s.call(ctx, operation, http.MethodPost, "ordertrackingnumber/0", "", body, new(ignored)); err != nil {
			return err
		}
	}
	if shown, err = s.tracking(ctx, operation, orderID); err != nil {
		return unsure(err)
	}
	if left := without(wanted, shown); len(left) > 0 {
		return s.client.Fail(connectors.Conflict, operation,
			"the shop accepted them, but the order does not show "+strings.Join(left, ", "), nil)
	}
	return nil
}

// tracking lists an order's tracking numbers: the order itself tells its first only.
func (s *shop54) tracking(ctx context.Context, operation, orderID string) ([]string, error) {
	var rows []trackingNumber
	if err := s.call(ctx, operation, http.MethodGet, "ordertrackingnumber", "&_cnd[orderId]="+orderID, nil, &rows); err != nil {
		return nil, err
	}
	return values(rows), nil
}

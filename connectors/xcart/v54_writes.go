package xcart

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
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

func (s *shop54) setStatus(ctx context.Context, axis, orderID, code string, now func(commerce.Order) string) error {
	operation := fmt.Sprintf("set the %s status of order %s to %s", axis, orderID, code)
	order, err := s.Order(ctx, orderID)
	if err != nil || now(order) == code {
		return err
	}
	row, err := s.statusID(ctx, "order-status-"+axis, code)
	if err != nil {
		return err
	}
	err = s.call(ctx, operation, http.MethodPut, "order/"+orderID, "", map[string]any{axis + "Status": map[string]int{"id": row}}, new(any))
	if err != nil {
		return err
	}
	if order, err = s.Order(ctx, orderID); err != nil {
		return err
	}
	if now(order) != code {
		return s.client.Fail(connectors.Conflict, operation, "the shop accepted it, but the order has status "+now(order), nil)
	}
	return nil
}

// Acknowledge leaves the ERP's number in the staff notes and sets the shipping
// status, in one write between two reads. What is there already is left.
func (s *shop54) Acknowledge(ctx context.Context, orderID, erpOrder string, next func(status string) string) (commerce.Order, error) {
	operation := "acknowledge order " + orderID
	order, err := s.Order(ctx, orderID)
	if err != nil {
		return order, err
	}
	change, status := map[string]any{}, next(order.ShippingStatus)
	if erpOrder != "" && !strings.Contains(order.StaffNote, noteOf(erpOrder)) {
		change["adminNotes"] = strings.TrimLeft(order.StaffNote+"\n"+noteOf(erpOrder), "\n")
	}
	if status != "" && status != order.ShippingStatus {
		row, err := s.statusID(ctx, shippingStatuses, status)
		if err != nil {
			return order, err
		}
		change["shippingStatus"] = map[string]int{"id": row}
	}
	if len(change) == 0 {
		return order, nil
	}
	if err := s.call(ctx, operation, http.MethodPut, "order/"+orderID, "", change, new(any)); err != nil {
		return order, err
	}
	if order, err = s.Order(ctx, orderID); err != nil {
		return order, err
	}
	if (erpOrder != "" && !strings.Contains(order.StaffNote, noteOf(erpOrder))) || (status != "" && order.ShippingStatus != status) {
		return order, s.client.Fail(connectors.Conflict, operation, "the shop accepted it, but the order does not show it", nil)
	}
	return order, nil
}

// noteOf is the line in the staff notes that names the ERP's order. The full
// stop keeps 1000 from being found in 10001.
func noteOf(erpOrder string) string { return "Prophet 21 order " + erpOrder + "." }

// NoteERPOrder leaves the ERP's order number in the staff notes.
func (s *shop54) NoteERPOrder(ctx context.Context, orderID, erpOrder string) error {
	_, err := s.Acknowledge(ctx, orderID, erpOrder, func(string) string { return "" })
	return err
}

// AddTracking adds the numbers that the order does not show yet. The shop keeps
// duplicates, so what is there is read first.
func (s *shop54) AddTracking(ctx context.Context, orderID string, numbers []string) error {
	operation := "add tracking to order " + orderID
	order, err := s.Order(ctx, orderID)
	if err != nil {
		return err
	}
	if order.Number == "" {
		return s.client.Fail(connectors.Rejected, operation, "the order has no number: it is a draft", nil)
	}
	shown, err := s.tracking(ctx, operation, orderID)
	if err != nil {
		return err
	}
	id, err := strconv.Atoi(orderID)
	if err != nil {
		return s.client.Fail(connectors.Rejected, operation, "not an id", nil)
	}
	wrote := false
	for _, number := range numbers {
		if number == "" || slices.Contains(shown, number) {
			continue
		}
		body := map[string]any{"value": number, "order": map[string]int{"order_id": id}}
		if err := s.call(ctx, operation, http.MethodPost, "ordertrackingnumber/0", "", body, new(any)); err != nil {
			return err
		}
		shown, wrote = append(shown, number), true
	}
	if !wrote {
		return nil
	}
	if shown, err = s.tracking(ctx, operation, orderID); err != nil {
		return err
	}
	for _, number := range numbers {
		if number != "" && !slices.Contains(shown, number) {
			return s.client.Fail(connectors.Conflict, operation, "the shop accepted a tracking number that the order does not show", nil)
		}
	}
	return nil
}

func (s *shop54) tracking(ctx context.Context, operation, orderID string) ([]string, error) {
	var rows []struct {
		Value string `json:"value"`
	}
	if err := s.call(ctx, operation, http.MethodGet, "ordertrackingnumber", "&_cnd[orderId]="+orderID, nil, &rows); err != nil {
		return nil, err
	}
	numbers := make([]string, len(rows))
	for i, r := range rows {
		numbers[i] = r.Value
	}
	return numbers, nil
}

package prophet21

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

// changedLines are the columns of a line that tell that it changed.
var changedLines = table{name: "oe_line", columns: []string{"order_no", "oe_line_uid", "date_last_modified"}}

// linesAfter begins a cursor into the second half of the list.
const linesAfter = "lines "

// OrdersChanged lists our orders whose header or lines changed: a header's date
// need not move when only a line changes. First the headers in pages, then the
// lines; the cursor says which. An order may be told by both.
func (m *middleware) OrdersChanged(ctx context.Context, taker string, since time.Time, cursor string) (OrderPage, error) {
	const operation = "list changed orders"
	if taker == "" {
		return OrderPage{}, m.client.Fail(connectors.Rejected, operation, "without a taker everybody's orders would come", nil)
	}
	if rest, ok := strings.CutPrefix(cursor, linesAfter); ok {
		return m.changedByLines(ctx, taker, since, rest)
	}
	if _, err := m.after(cursor, since, headers, "order_no"); err != nil {
		return OrderPage{}, err
	}
	found, err := rows[headerRow](ctx, m, operation, func() query {
		filter, _ := m.after(cursor, since, headers, "order_no") // the cursor was checked above
		return query{table: headers, filter: filter + " and taker eq " + text(taker), order: "date_last_modified,order_no", top: pageRows}
	})
	if err != nil {
		return OrderPage{}, err
	}
	page, err := m.withProgress(ctx, operation, found)
	if err != nil {
		return OrderPage{}, err
	}
	page.Next = linesAfter
	if len(found) > 0 {
		last := found[len(found)-1]
		next, err := m.next(operation, cursor, len(found), last.Modified, last.OrderNo)
		if err != nil {
			return OrderPage{}, err
		}
		if next != "" {
			page.Next = next
		}
	}
	return page, nil
}

func (m *middleware) changedByLines(ctx context.Context, taker string, since time.Time, cursor string) (OrderPage, error) {
	const operation = "list orders with changed lines"
	if _, err := m.after(cursor, since, changedLines, "oe_line_uid"); err != nil {
		return OrderPage{}, err
	}
	type row struct {
		OrderNo  ident  `json:"order_no"`
		UID      ident  `json:"oe_line_uid"`
		Modified moment `json:"date_last_modified"`
	}
	changed, err := rows[row](ctx, m, operation, func() query {
		filter, _ := m.after(cursor, since, changedLines, "oe_line_uid") // the cursor was checked above
		return query{table: changedLines, filter: filter, order: "date_last_modified,oe_line_uid", top: pageRows}
	})
	if err != nil {
		return OrderPage{}, err
	}
	latest, numbers := map[string]time.Time{}, make([]string, len(changed))
	for i, r := range changed {
		numbers[i] = string(r.OrderNo)
		latest[numbers[i]] = r.Modified.in(m.cfg.Location)
	}
	found, err := eachOf[headerRow](ctx, m, operation, headers, "order_no", numbers, " and taker eq "+text(taker), "order_no")
	if err != nil {
		return OrderPage{}, err
	}
	page, err := m.withProgress(ctx, operation, found)
	if err != nil {
		return OrderPage{}, err
	}
	for i := range page.Orders {
		if at := latest[page.Orders[i].Number]; at.After(page.Orders[i].UpdatedAt) {
			page.Orders[i].UpdatedAt = at
		}
	}
	slices.SortStableFunc(page.Orders, func(a, b commerce.SalesOrder) int { return a.UpdatedAt.Compare(b.UpdatedAt) })
	if len(changed) > 0 {
		last := changed[len(changed)-1]
		next, err := m.next(operation, cursor, len(changed), last.Modified, last.UID)
		if err != nil {
			return OrderPage{}, err
		}
		if next != "" {
			page.Next = linesAfter + next
		}
	}
	return page, nil
}

// withProgress reads the lines of the orders, to tell how far each is.
func (m *middleware) withProgress(ctx context.Context, operation string, found []headerRow) (OrderPage, error) {
	numbers := make([]string, len(found))
	for i, h := range found {
		numbers[i] = string(h.OrderNo)
		if numbers[i] == "" {
			return OrderPage{}, m.client.Fail(connectors.Malformed, operation, "an order without a number", nil)
		}
	}
	all, err := m.linesOf(ctx, operation, numbers)
	if err != nil {
		return OrderPage{}, err
	}
	var page OrderPage
	for _, h := range found {
		o := m.header(h)
		advance(&o.Status, all[o.Number])
		page.Orders = append(page.Orders, o)
	}
	return page, nil
}

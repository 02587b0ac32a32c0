package prophet21

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

var (
	headers = table{name: "oe_hdr",
		columns: []string{"order_no", "customer_id", "company_id", "po_no", "web_reference_no", "taker", "approved", "completed", "cancel_flag",
			"projected_order", "freight_out", "location_id", "date_last_modified"},
		optional: []string{"validation_status", "credit_card_hold", "address_id", "source_location_id", "carrier_id", "will_call", "packing_basis"}}
	lines = table{name: "oe_line",
		columns: []string{"order_no", "line_no", "inv_mast_uid", "unit_quantity", "unit_size", "unit_of_measure", "qty_ordered", "qty_allocated",
			"qty_on_pick_tickets", "qty_invoiced", "qty_canceled", "unit_price", "extended_price", "cancel_flag", "delete_flag", "date_last_modified"},
		optional: []string{"sales_tax", "other_charge"}}
)

type headerRow struct {
	OrderNo        ident             `json:"order_no"`
	CustomerID     ident             `json:"customer_id"`
	CompanyID      ident             `json:"company_id"`
	PONo           string            `json:"po_no"`
	WebReference   string            `json:"web_reference_no"`
	Taker          string            `json:"taker"`
	Approved       flag              `json:"approved"`
	Completed      flag              `json:"completed"`
	Cancelled      flag              `json:"cancel_flag"`
	Quote          flag              `json:"projected_order"`
	Freight        connectors.Number `json:"freight_out"`
	Location       ident             `json:"location_id"`
	SourceLocation ident             `json:"source_location_id"`
	ShipTo         ident             `json:"address_id"`
	Carrier        ident             `json:"carrier_id"`
	WillCall       flag              `json:"will_call"`
	PackingBasis   string            `json:"packing_basis"`
	Validation     string            `json:"validation_status"`
	CreditCardHold flag              `json:"credit_card_hold"`
	Modified       moment            `json:"date_last_modified"`
}

type lineRow struct {
	OrderNo   ident              `json:"order_no"`
	LineNo    connectors.Number  `json:"line_no"`
	ItemUID   ident              `json:"inv_mast_uid"`
	Quantity  connectors.Number  `json:"unit_quantity"`
	UnitSize  connectors.Number  `json:"unit_size"`
	UOM       string             `json:"unit_of_measure"`
	Ordered   connectors.Number  `json:"qty_ordered"` // this and the following in base units
	Allocated connectors.Number  `json:"qty_allocated"`
	OnTickets connectors.Number  `json:"qty_on_pick_tickets"`
	Invoiced  connectors.Number  `json:"qty_invoiced"`
	Cancelled connectors.Number  `json:"qty_canceled"`
	Price     connectors.Number  `json:"unit_price"`
	Extended  connectors.Number  `json:"extended_price"`
	Tax       *connectors.Number `json:"sales_tax"`
	Charge    flag               `json:"other_charge"`
	CancelAll flag               `json:"cancel_flag"`
	Deleted   flag               `json:"delete_flag"`
	Modified  moment             `json:"date_last_modified"`
}

// referenceColumn is where our reference stands: the Transaction API's order has
// no web reference, there the PO number carries it.
func (m *middleware) referenceColumn() string {
	if m.cfg.OrderRoute == "transaction" {
		return "po_no"
	}
	return "web_reference_no"
}

// FindOrders finds orders by our reference, in one call.
func (m *middleware) FindOrders(ctx context.Context, reference string) ([]commerce.SalesOrder, error) {
	if reference == "" {
		return nil, m.client.Fail(connectors.Rejected, "find orders", "an empty reference would find every counter sale", nil)
	}
	found, err := rows[headerRow](ctx, m, "find order "+reference, headers,
		m.referenceColumn()+" eq "+text(reference)+" and delete_flag eq 'N'", "order_no", 10)
	if err != nil {
		return nil, err
	}
	var orders []commerce.SalesOrder
	for _, h := range found {
		// A filter that was ignored would find strangers.
		if h.WebReference != reference && h.PONo != reference {
			return nil, m.client.Fail(connectors.Malformed, "find order "+reference, "the answer holds other orders: the filter was ignored", nil)
		}
		orders = append(orders, m.header(h))
	}
	return orders, nil
}

func (m *middleware) header(h headerRow) commerce.SalesOrder {
	o := commerce.SalesOrder{
		Number: string(h.OrderNo), Reference: h.WebReference, PONumber: h.PONo, CompanyID: string(h.CompanyID), CustomerID: string(h.CustomerID),
		ShipToID: string(h.ShipTo), LocationID: string(h.Location), SourceLocationID: string(h.SourceLocation), Taker: h.Taker,
		Approved: bool(h.Approved), WillCall: bool(h.WillCall), CarrierID: string(h.Carrier), PackingBasis: h.PackingBasis,
		Freight: h.Freight.Decimal, Currency: m.cfg.Currency, UpdatedAt: h.Modified.in(m.cfg.Location).UTC(),
		Status: commerce.OrderProgress{Approved: bool(h.Approved), Quote: bool(h.Quote), Completed: bool(h.Completed), Cancelled: bool(h.Cancelled)},
	}
	if _, _, err := commerce.ParseReference(o.Reference); err != nil {
		if _, _, err := commerce.ParseReference(o.PONumber); err == nil {
			o.Reference = o.PONumber
		}
	}
	switch v := strings.ToUpper(strings.TrimSpace(h.Validation)); {
	case v == "HOLD", v == "COD":
		o.Status.OnHold = "validation status " + h.Validation
	case bool(h.CreditCardHold):
		o.Status.OnHold = "credit card hold"
	}
	return o
}

// Order reads an order whole, in two calls: its header, its lines. A third asks
// for items that were not met before.
func (m *middleware) Order(ctx context.Context, number string) (commerce.SalesOrder, error) {
	operation := "read sales order " + number
	if number == "" {
		return commerce.SalesOrder{}, m.client.Fail(connectors.Rejected, operation, "no number", nil)
	}
	found, err := rows[headerRow](ctx, m, operation, headers, "order_no eq "+text(number), "", 2)
	if err != nil {
		return commerce.SalesOrder{}, err
	}
	if len(found) == 0 || string(found[0].OrderNo) != number {
		return commerce.SalesOrder{}, m.client.Fail(connectors.NotFound, operation, "there is no such order", nil)
	}
	order := m.header(found[0])
	all, err := m.linesOf(ctx, operation, []string{number})
	if err != nil {
		return order, err
	}
	return order, m.addLines(ctx, &order, all[number])
}

// linesOf reads the lines of several orders, many in one query.
func (m *middleware) linesOf(ctx context.Context, operation string, numbers []string) (map[string][]lineRow, error) {
	all := map[string][]lineRow{}
	for _, some := range chunks(numbers, maxTerms) {
		literals := make([]string, len(some))
		for i, n := range some {
			literals[i] = text(n)
		}
		const top = 20000
		found, err := rows[lineRow](ctx, m, operation, lines, anyOf("order_no", literals)+" and delete_flag eq 'N'", "order_no,line_no", top)
		if err != nil {
			return nil, err
		}
		if len(found) == top {
			return nil, m.client.Fail(connectors.Malformed, operation, "more lines than one answer holds", nil)
		}
		for _, l := range found {
			all[string(l.OrderNo)] = append(all[string(l.OrderNo)], l)
		}
	}
	return all, nil
}

// addLines puts the lines into an order and says how far it is.
func (m *middleware) addLines(ctx context.Context, o *commerce.SalesOrder, found []lineRow) error {
	uids := make([]string, len(found))
	for i, l := range found {
		uids[i] = string(l.ItemUID)
	}
	ids, err := m.itemIDs(ctx, uids)
	if err != nil {
		return err
	}
	for _, l := range found {
		unit := l.UnitSize.Decimal
		if !unit.IsPositive() {
			unit = decimal.NewFromInt(1)
		}
		line := commerce.SalesOrderLine{
			LineNo: int(l.LineNo.IntPart()), ItemID: ids[string(l.ItemUID)], Quantity: l.Quantity.Decimal, UOM: l.UOM,
			UnitPrice: l.Price.Decimal, Extended: l.Extended.Decimal, Charge: bool(l.Charge),
			Allocated: l.Allocated.Div(unit), Invoiced: l.Invoiced.Div(unit), Cancelled: l.Cancelled.Div(unit),
		}
		if l.CancelAll {
			line.Cancelled = line.Quantity
		}
		if l.Tax != nil {
			o.TaxReported = true
			o.Tax = o.Tax.Add(l.Tax.Decimal)
		}
		o.Lines = append(o.Lines, line)
	}
	o.Tax = m.cfg.Currency.Round(o.Tax)
	advance(&o.Status, found)
	return nil
}

// advance says from the lines how far an order is.
func advance(s *commerce.OrderProgress, found []lineRow) {
	open, goods := false, false
	s.Allocated, s.Invoiced = true, true
	for _, l := range found {
		if l.Charge || l.CancelAll {
			continue
		}
		goods = true
		left := l.Ordered.Sub(l.Cancelled.Decimal)
		if l.Invoiced.LessThan(left) {
			s.Invoiced = false
		}
		if l.Allocated.Add(l.OnTickets.Decimal).Add(l.Invoiced.Decimal).LessThan(left) {
			s.Allocated = false
		}
		open = open || l.Invoiced.IsPositive()
	}
	s.Shipped = open
	if !goods {
		s.Allocated, s.Invoiced = false, false
	}
}

// itemIDs names items by their internal uid; those met before cost nothing.
func (m *middleware) itemIDs(ctx context.Context, uids []string) (map[string]string, error) {
	ids, unknown := map[string]string{}, []string{}
	m.mu.Lock()
	for _, uid := range uids {
		if id, ok := m.items[uid]; ok {
			ids[uid] = id
		} else if isTicket(uid) && ids[uid] == "" {
			ids[uid] = "?"
			unknown = append(unknown, uid)
		}
	}
	m.mu.Unlock()
	for _, some := range chunks(unknown, maxTerms) {
		found, err := rows[itemRow](ctx, m, "name items", items, anyOf("inv_mast_uid", some), "", len(some)+1)
		if err != nil {
			return nil, err
		}
		m.remember(found)
		for _, row := range found {
			ids[string(row.UID)] = row.ItemID
		}
	}
	return ids, nil
}

// OrdersChanged lists our orders whose header or lines changed: a header's date
// need not move when only a line changes. First the headers in pages, then the
// lines; the cursor says which.
func (m *middleware) OrdersChanged(ctx context.Context, taker string, since time.Time, cursor string) (OrderPage, error) {
	if rest, ok := strings.CutPrefix(cursor, "lines "); ok {
		return m.changedByLines(ctx, taker, since, rest)
	}
	const operation = "list changed orders"
	filter, err := m.after(cursor, since, "order_no", true)
	if err != nil {
		return OrderPage{}, err
	}
	found, err := rows[headerRow](ctx, m, operation, headers, filter+" and taker eq "+text(taker), "date_last_modified,order_no", pageRows)
	if err != nil {
		return OrderPage{}, err
	}
	page, err := m.withProgress(ctx, operation, found)
	page.Next = "lines "
	if len(found) == pageRows {
		last := found[len(found)-1]
		page.Next = keyset{At: m.stampOf(last.Modified), Key: string(last.OrderNo)}.String()
	}
	return page, err
}

func (m *middleware) changedByLines(ctx context.Context, taker string, since time.Time, cursor string) (OrderPage, error) {
	const operation = "list orders with changed lines"
	filter, err := m.after(cursor, since, "oe_line_uid", false)
	if err != nil {
		return OrderPage{}, err
	}
	type row struct {
		OrderNo  ident  `json:"order_no"`
		UID      ident  `json:"oe_line_uid"`
		Modified moment `json:"date_last_modified"`
	}
	changed, err := rows[row](ctx, m, operation, table{name: "oe_line", columns: []string{"order_no", "oe_line_uid", "date_last_modified"}},
		filter, "date_last_modified,oe_line_uid", pageRows)
	if err != nil {
		return OrderPage{}, err
	}
	latest, numbers := map[string]time.Time{}, []string{}
	for _, r := range changed {
		number := string(r.OrderNo)
		if _, seen := latest[number]; !seen {
			numbers = append(numbers, number)
		}
		latest[number] = r.Modified.in(m.cfg.Location).UTC()
	}
	var found []headerRow
	for _, some := range chunks(numbers, maxTerms) {
		literals := make([]string, len(some))
		for i, n := range some {
			literals[i] = text(n)
		}
		more, err := rows[headerRow](ctx, m, operation, headers, anyOf("order_no", literals)+" and taker eq "+text(taker), "order_no", len(some)+1)
		if err != nil {
			return OrderPage{}, err
		}
		found = append(found, more...)
	}
	page, err := m.withProgress(ctx, operation, found)
	for i := range page.Orders {
		if at := latest[page.Orders[i].Number]; at.After(page.Orders[i].UpdatedAt) {
			page.Orders[i].UpdatedAt = at
		}
	}
	if len(changed) == pageRows {
		last := changed[len(changed)-1]
		page.Next = "lines " + keyset{At: m.stampOf(last.Modified), Key: string(last.UID)}.String()
	}
	return page, err
}

// withProgress reads the lines of the orders, to tell how far each is.
func (m *middleware) withProgress(ctx context.Context, operation string, found []headerRow) (OrderPage, error) {
	numbers := make([]string, len(found))
	for i, h := range found {
		numbers[i] = string(h.OrderNo)
	}
	all, err := m.linesOf(ctx, operation, numbers)
	if err != nil {
		return OrderPage{}, err
	}
	var page OrderPage
	for _, h := range found {
		o := m.header(h)
		if o.Number == "" {
			return page, m.client.Fail(connectors.Malformed, operation, "an order without a number", nil)
		}
		advance(&o.Status, all[o.Number])
		page.Orders = append(page.Orders, o)
	}
	return page, nil
}

func orderOperation(o commerce.SalesOrder) string {
	return fmt.Sprintf("create sales order %s", o.Reference)
}

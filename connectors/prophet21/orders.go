package prophet21

import (
	"context"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
	"golang.org/x/sync/errgroup"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

var (
	headers = table{name: "oe_hdr",
		columns: []string{"order_no", "customer_id", "company_id", "po_no", "web_reference_no", "taker", "approved", "completed", "cancel_flag",
			"delete_flag", "projected_order", "freight_out", "location_id", "date_last_modified"},
		extra:    []string{"contact_id"},
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
	PONo           words             `json:"po_no"`
	WebReference   words             `json:"web_reference_no"`
	Taker          words             `json:"taker"`
	Approved       flag              `json:"approved"`
	Completed      flag              `json:"completed"`
	Cancelled      flag              `json:"cancel_flag"`
	Deleted        flag              `json:"delete_flag"`
	Contact        ident             `json:"contact_id"`
	Quote          flag              `json:"projected_order"`
	Freight        connectors.Number `json:"freight_out"`
	Location       ident             `json:"location_id"`
	SourceLocation ident             `json:"source_location_id"`
	ShipTo         ident             `json:"address_id"`
	Carrier        ident             `json:"carrier_id"`
	WillCall       flag              `json:"will_call"`
	PackingBasis   words             `json:"packing_basis"`
	Validation     words             `json:"validation_status"`
	CreditCardHold flag              `json:"credit_card_hold"`
	Modified       moment            `json:"date_last_modified"`
}

type lineRow struct {
	OrderNo   ident              `json:"order_no"`
	LineNo    count              `json:"line_no"`
	ItemUID   ident              `json:"inv_mast_uid"`
	Quantity  connectors.Number  `json:"unit_quantity"`
	UnitSize  connectors.Number  `json:"unit_size"`
	UOM       words              `json:"unit_of_measure"`
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
	operation := "find order " + reference
	found, err := rows[headerRow](ctx, m, operation, func() query {
		return query{table: headers, filter: m.referenceColumn() + " eq " + text(reference) + " and delete_flag eq 'N'", order: "order_no", top: 10}
	})
	if err != nil {
		return nil, err
	}
	var orders []commerce.SalesOrder
	for _, h := range found {
		// The database compares without regard to case. A filter that was ignored
		// would find strangers.
		if !strings.EqualFold(string(h.WebReference), reference) && !strings.EqualFold(string(h.PONo), reference) {
			return nil, m.client.Fail(connectors.Malformed, operation, "the answer holds other orders: the filter was ignored", nil)
		}
		if h.OrderNo == "" {
			return nil, m.client.Fail(connectors.Malformed, operation, "an order without a number", nil)
		}
		o := m.header(h)
		o.Reference = reference
		orders = append(orders, o)
	}
	return orders, nil
}

func (m *middleware) header(h headerRow) commerce.SalesOrder {
	o := commerce.SalesOrder{
		Number: string(h.OrderNo), Reference: string(h.WebReference), PONumber: string(h.PONo), CompanyID: string(h.CompanyID), CustomerID: string(h.CustomerID),
		ShipToID: string(h.ShipTo), LocationID: string(h.Location), SourceLocationID: string(h.SourceLocation), Taker: string(h.Taker), ContactID: string(h.Contact),
		Approved: bool(h.Approved), WillCall: bool(h.WillCall), CarrierID: string(h.Carrier), PackingBasis: string(h.PackingBasis),
		Freight: h.Freight.Decimal, Currency: m.cfg.Currency, UpdatedAt: h.Modified.in(m.cfg.Location),
		Status: commerce.OrderProgress{Approved: bool(h.Approved), Quote: bool(h.Quote), Completed: bool(h.Completed), Cancelled: bool(h.Cancelled || h.Deleted)},
	}
	if _, _, err := commerce.ParseReference(o.Reference); err != nil {
		if _, _, err := commerce.ParseReference(o.PONumber); err == nil {
			o.Reference = o.PONumber
		}
	}
	switch v := strings.ToUpper(strings.TrimSpace(string(h.Validation))); {
	case v != "" && v != "OK" && v != "APPROVED":
		o.Status.OnHold = "validation status " + string(h.Validation)
	case bool(h.CreditCardHold):
		o.Status.OnHold = "credit card hold"
	}
	return o
}

// Order reads an order whole, in two calls at once: its header, its lines. A
// third asks for items that were not met before.
func (m *middleware) Order(ctx context.Context, number string) (commerce.SalesOrder, error) {
	operation := "read sales order " + number
	if number == "" {
		return commerce.SalesOrder{}, m.client.Fail(connectors.Rejected, operation, "no number", nil)
	}
	var found []headerRow
	var all map[string][]lineRow
	var both errgroup.Group
	both.Go(func() (err error) {
		found, err = rows[headerRow](ctx, m, operation, func() query {
			return query{table: headers, filter: m.is(headers, "order_no", number), top: 2}
		})
		return err
	})
	both.Go(func() (err error) {
		all, err = m.linesOf(ctx, operation, []string{number})
		return err
	})
	if err := both.Wait(); err != nil {
		return commerce.SalesOrder{}, err
	}
	if len(found) == 0 || string(found[0].OrderNo) != number {
		return commerce.SalesOrder{}, m.client.Fail(connectors.NotFound, operation, "there is no such order", nil)
	}
	order := m.header(found[0])
	return order, m.addLines(ctx, &order, all[number])
}

// References reads the headers of many orders at once.
func (m *middleware) References(ctx context.Context, numbers []string) (map[string]string, error) {
	found, err := eachOf[headerRow](ctx, m, "look for orders by number", headers, "order_no", numbers, "", "order_no")
	if err != nil {
		return nil, err
	}
	references := make(map[string]string, len(found))
	for _, h := range found {
		references[string(h.OrderNo)] = m.header(h).Reference
	}
	return references, nil
}

// linesOf reads the lines of several orders, many in one query.
func (m *middleware) linesOf(ctx context.Context, operation string, numbers []string) (map[string][]lineRow, error) {
	found, err := eachOf[lineRow](ctx, m, operation, lines, "order_no", numbers, " and delete_flag eq 'N'", "order_no,line_no")
	if err != nil {
		return nil, err
	}
	all := map[string][]lineRow{}
	for _, l := range found {
		all[string(l.OrderNo)] = append(all[string(l.OrderNo)], l)
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
			LineNo: int(l.LineNo), ItemID: ids[string(l.ItemUID)], Quantity: l.Quantity.Decimal, UOM: string(l.UOM),
			UnitPrice: l.unitPrice(m.cfg.Currency), Extended: l.Extended.Decimal, Charge: bool(l.Charge),
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

// unitPrice is the price in the unit that the line is sold in. unit_price is per
// pricing unit, which may be another: then the line's total tells.
func (l lineRow) unitPrice(currency commerce.Currency) decimal.Decimal {
	plain := currency.Round(l.Quantity.Mul(l.Price.Decimal))
	cent := decimal.New(1, -currency.MinorUnits())
	if l.Quantity.IsPositive() && !l.Extended.IsZero() && l.Cancelled.IsZero() && plain.Sub(l.Extended.Decimal).Abs().GreaterThan(cent) {
		return l.Extended.Div(l.Quantity.Decimal)
	}
	return l.Price.Decimal
}

// advance says from the lines how far an order is. Shipped means that something
// was invoiced: P21 invoices when a ticket is confirmed, and it saves reading the
// pick tickets of every order; [middleware.Shipments] tells them one by one.
func advance(s *commerce.OrderProgress, found []lineRow) {
	shipped, goods := false, false
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
		shipped = shipped || l.Invoiced.IsPositive()
	}
	s.Shipped = shipped
	if !goods {
		s.Allocated, s.Invoiced = false, false
	}
}

func orderOperation(o commerce.SalesOrder) string {
	return fmt.Sprintf("create sales order %s", o.Reference)
}

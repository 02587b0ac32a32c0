package prophet21

import (
	"context"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

var (
	tickets = table{name: "oe_pick_ticket",
		columns:  []string{"pick_ticket_no", "order_no", "location_id", "carrier_id", "tracking_no", "ship_date", "invoice_no", "delete_flag", "date_last_modified"},
		optional: []string{"ship_confirmed_flag"}}
	ticketLines = table{name: "oe_pick_ticket_detail",
		columns:  []string{"pick_ticket_no", "oe_line_no", "inv_mast_uid", "ship_quantity"},
		optional: []string{"unit_size"}}
	// Where tracking numbers can sit besides the ticket itself.
	clippership  = table{name: "clippership_return_10004", columns: []string{"pick_ticket_no", "tracking_no"}}
	shipmentRows = table{name: "shipment", columns: []string{"transaction_no", "shipment_id"}}
	invoices     = table{name: "invoice_hdr", columns: []string{"invoice_no", "order_no", "invoice_date", "total_amount", "amount_paid", "tax_amount",
		"freight", "invoice_type", "date_last_modified"}}
)

type ticketRow struct {
	No        ident  `json:"pick_ticket_no"`
	OrderNo   ident  `json:"order_no"`
	Location  ident  `json:"location_id"`
	Carrier   ident  `json:"carrier_id"`
	Tracking  string `json:"tracking_no"`
	ShipDate  moment `json:"ship_date"`
	InvoiceNo ident  `json:"invoice_no"`
	Deleted   flag   `json:"delete_flag"`
	Confirmed flag   `json:"ship_confirmed_flag"`
	Modified  moment `json:"date_last_modified"`
}

// ShipmentsChanged lists pick tickets by their last change.
func (m *middleware) ShipmentsChanged(ctx context.Context, since time.Time, cursor string) (ShipmentPage, error) {
	const operation = "list changed pick tickets"
	filter, err := m.after(cursor, since, "pick_ticket_no", false)
	if err != nil {
		return ShipmentPage{}, err
	}
	found, err := rows[ticketRow](ctx, m, operation, tickets, filter, "date_last_modified,pick_ticket_no", pageRows)
	if err != nil {
		return ShipmentPage{}, err
	}
	page := ShipmentPage{}
	if page.Shipments, err = m.shipments(ctx, operation, found); err != nil {
		return page, err
	}
	if len(found) == pageRows {
		last := found[len(found)-1]
		page.Next = keyset{At: m.stampOf(last.Modified), Key: string(last.No)}.String()
	}
	return page, nil
}

// Shipment reads one pick ticket.
func (m *middleware) Shipment(ctx context.Context, pickTicket string) (commerce.Shipment, error) {
	operation := "read pick ticket " + pickTicket
	if !isTicket(pickTicket) {
		return commerce.Shipment{}, m.client.Fail(connectors.Rejected, operation, "not a pick ticket number", nil)
	}
	found, err := rows[ticketRow](ctx, m, operation, tickets, "pick_ticket_no eq "+pickTicket, "", 2)
	if err != nil {
		return commerce.Shipment{}, err
	}
	if len(found) == 0 || string(found[0].No) != pickTicket {
		return commerce.Shipment{}, m.client.Fail(connectors.NotFound, operation, "there is no such pick ticket", nil)
	}
	all, err := m.shipments(ctx, operation, found[:1])
	if err != nil {
		return commerce.Shipment{}, err
	}
	return all[0], nil
}

// Shipments reads the pick tickets of an order.
func (m *middleware) Shipments(ctx context.Context, orderNumber string) ([]commerce.Shipment, error) {
	operation := "read the pick tickets of order " + orderNumber
	found, err := rows[ticketRow](ctx, m, operation, tickets, "order_no eq "+text(orderNumber), "pick_ticket_no", 500)
	if err != nil {
		return nil, err
	}
	return m.shipments(ctx, operation, found)
}

// shipments adds lines, parcels and carriers to pick tickets, each in one query
// for all of them.
func (m *middleware) shipments(ctx context.Context, operation string, found []ticketRow) ([]commerce.Shipment, error) {
	numbers := make([]string, 0, len(found))
	for _, t := range found {
		if !isTicket(string(t.No)) {
			return nil, m.client.Fail(connectors.Malformed, operation, "a pick ticket without a number", nil)
		}
		numbers = append(numbers, string(t.No))
	}
	details, err := m.detailsOf(ctx, operation, numbers)
	if err != nil {
		return nil, err
	}
	tracking, err := m.trackingOf(ctx, operation, numbers)
	if err != nil {
		return nil, err
	}
	names, err := m.carrierNames(ctx, operation, found)
	if err != nil {
		return nil, err
	}
	out := make([]commerce.Shipment, len(found))
	for i, t := range found {
		no := string(t.No)
		s := commerce.Shipment{
			ID: no, OrderNumber: string(t.OrderNo), LocationID: string(t.Location), Carrier: names[string(t.Carrier)],
			ShippedAt: t.ShipDate.in(m.cfg.Location).UTC(), Deleted: bool(t.Deleted), InvoiceNo: string(t.InvoiceNo), Lines: details[no],
			UpdatedAt: t.Modified.in(m.cfg.Location).UTC(),
		}
		if t.ShipDate.raw == "" {
			s.ShippedAt = time.Time{}
		}
		s.Confirmed = bool(t.Confirmed) || !s.ShippedAt.IsZero() || s.InvoiceNo != ""
		s.Tracking = numbersIn(append([]string{t.Tracking}, tracking[no]...)...)
		out[i] = s
	}
	return out, nil
}

func (m *middleware) detailsOf(ctx context.Context, operation string, numbers []string) (map[string][]commerce.ShipmentLine, error) {
	type row struct {
		No       ident             `json:"pick_ticket_no"`
		Line     connectors.Number `json:"oe_line_no"`
		Item     ident             `json:"inv_mast_uid"`
		Quantity connectors.Number `json:"ship_quantity"` // base units
		UnitSize connectors.Number `json:"unit_size"`
	}
	all := map[string][]commerce.ShipmentLine{}
	for _, some := range chunks(numbers, maxTerms) {
		found, err := rows[row](ctx, m, operation, ticketLines, anyOf("pick_ticket_no", some), "pick_ticket_no,oe_line_no", 20000)
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			unit := r.UnitSize.Decimal
			if !unit.IsPositive() {
				unit = decimal.NewFromInt(1)
			}
			all[string(r.No)] = append(all[string(r.No)], commerce.ShipmentLine{OrderLine: int(r.Line.IntPart()), Quantity: r.Quantity.Div(unit)})
		}
	}
	return all, nil
}

// trackingOf reads the tables beside the ticket that can hold tracking numbers:
// the return table of UPS and FedEx (several parcels a ticket) and shipment.
// A tenant may lack either.
func (m *middleware) trackingOf(ctx context.Context, operation string, numbers []string) (map[string][]string, error) {
	all := map[string][]string{}
	for _, source := range []struct {
		table             table
		key, value, where string
	}{
		{clippership, "pick_ticket_no", "tracking_no", ""},
		{shipmentRows, "transaction_no", "shipment_id", " and type eq 1000"},
	} {
		if m.lacks(source.table.name) {
			continue
		}
		for _, some := range chunks(numbers, maxTerms) {
			found, err := rows[map[string]ident](ctx, m, operation, source.table, anyOf(source.key, some)+source.where, source.key, 20000)
			if connectors.Is(err, connectors.Unauthorised) {
				m.mu.Lock()
				m.missing[source.table.name] = true // not there, or not for us
				m.mu.Unlock()
				break
			}
			if err != nil {
				return nil, err
			}
			for _, r := range found {
				no, value := string(r[source.key]), string(r[source.value])
				all[no] = append(all[no], value)
			}
		}
	}
	return all, nil
}

// carrierNames reads the names of carriers, which are addresses; those met
// before cost nothing.
func (m *middleware) carrierNames(ctx context.Context, operation string, found []ticketRow) (map[string]string, error) {
	names, unknown := map[string]string{}, []string{}
	m.mu.Lock()
	for _, t := range found {
		id := string(t.Carrier)
		if name, ok := m.carriers[id]; ok {
			names[id] = name
		} else if _, asked := names[id]; isTicket(id) && !asked {
			names[id] = ""
			unknown = append(unknown, id)
		}
	}
	m.mu.Unlock()
	type row struct {
		ID   ident  `json:"id"`
		Name string `json:"name"`
	}
	for _, some := range chunks(unknown, maxTerms) {
		rows, err := rows[row](ctx, m, operation, table{name: "address", columns: []string{"id", "name"}}, anyOf("id", some), "", len(some)+1)
		if err != nil {
			return nil, err
		}
		m.mu.Lock()
		for _, r := range rows {
			m.carriers[string(r.ID)], names[string(r.ID)] = r.Name, r.Name
		}
		m.mu.Unlock()
	}
	return names, nil
}

// numbersIn splits fields that hold several numbers and drops doubles.
func numbersIn(fields ...string) []string {
	var out []string
	seen := map[string]bool{}
	for _, field := range fields {
		for _, number := range strings.FieldsFunc(field, func(r rune) bool { return strings.ContainsRune(",; \t\r\n|", r) }) {
			if !seen[number] {
				seen[number] = true
				out = append(out, number)
			}
		}
	}
	return out
}

// Invoices reads the invoices of an order.
func (m *middleware) Invoices(ctx context.Context, orderNumber string) ([]commerce.Invoice, error) {
	type row struct {
		No       ident             `json:"invoice_no"`
		OrderNo  ident             `json:"order_no"`
		Date     moment            `json:"invoice_date"`
		Total    connectors.Number `json:"total_amount"`
		Paid     connectors.Number `json:"amount_paid"`
		Tax      connectors.Number `json:"tax_amount"`
		Freight  connectors.Number `json:"freight"`
		Type     string            `json:"invoice_type"`
		Modified moment            `json:"date_last_modified"`
	}
	found, err := rows[row](ctx, m, "read the invoices of order "+orderNumber, invoices, "order_no eq "+text(orderNumber), "invoice_no", 500)
	if err != nil {
		return nil, err
	}
	var out []commerce.Invoice
	for _, r := range found {
		out = append(out, commerce.Invoice{
			Number: string(r.No), OrderNumber: string(r.OrderNo), Date: commerce.DateOf(r.Date.in(m.cfg.Location)), Total: r.Total.Decimal,
			Paid: r.Paid.Decimal, Tax: r.Tax.Decimal, Freight: r.Freight.Decimal,
			CreditMemo: strings.TrimSpace(r.Type) != "IN", UpdatedAt: r.Modified.in(m.cfg.Location).UTC(),
		})
	}
	return out, nil
}

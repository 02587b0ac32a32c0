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
	// Where tracking numbers can sit besides the ticket itself: the return table of
	// UPS and FedEx, with several parcels a ticket, and shipment.
	clippership = table{name: "clippership_return_10004", columns: []string{"pick_ticket_no", "tracking_no"}}
	parcels     = table{name: "shipment", columns: []string{"transaction_no", "shipment_id"}}
	// A carrier is an address.
	addresses = table{name: "address", columns: []string{"id", "name"}}
)

type ticketRow struct {
	No        ident  `json:"pick_ticket_no"`
	OrderNo   ident  `json:"order_no"`
	Location  ident  `json:"location_id"`
	Carrier   ident  `json:"carrier_id"`
	Tracking  words  `json:"tracking_no"`
	ShipDate  moment `json:"ship_date"`
	InvoiceNo ident  `json:"invoice_no"`
	Deleted   flag   `json:"delete_flag"`
	Confirmed flag   `json:"ship_confirmed_flag"`
	Modified  moment `json:"date_last_modified"`
}

// ShipmentsChanged lists pick tickets by their last change.
func (m *middleware) ShipmentsChanged(ctx context.Context, since time.Time, cursor string) (ShipmentPage, error) {
	const operation = "list changed pick tickets"
	if _, err := m.after(cursor, since, tickets, "pick_ticket_no"); err != nil {
		return ShipmentPage{}, err
	}
	found, err := rows[ticketRow](ctx, m, operation, func() query {
		filter, _ := m.after(cursor, since, tickets, "pick_ticket_no") // the cursor was checked above
		return query{table: tickets, filter: filter, order: "date_last_modified,pick_ticket_no", top: pageRows}
	})
	if err != nil {
		return ShipmentPage{}, err
	}
	page := ShipmentPage{}
	if page.Shipments, err = m.shipments(ctx, operation, found); err != nil {
		return ShipmentPage{}, err
	}
	if len(found) > 0 {
		last := found[len(found)-1]
		if page.Next, err = m.next(operation, cursor, len(found), last.Modified, last.No); err != nil {
			return ShipmentPage{}, err
		}
	}
	return page, nil
}

// Shipment reads one pick ticket.
func (m *middleware) Shipment(ctx context.Context, pickTicket string) (commerce.Shipment, error) {
	operation := "read pick ticket " + pickTicket
	if !isTicket(pickTicket) {
		return commerce.Shipment{}, m.client.Fail(connectors.Rejected, operation, "not a pick ticket number", nil)
	}
	found, err := rows[ticketRow](ctx, m, operation, func() query {
		return query{table: tickets, filter: m.is(tickets, "pick_ticket_no", pickTicket), top: 2}
	})
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
	if orderNumber == "" {
		return nil, m.client.Fail(connectors.Rejected, operation, "no order number", nil)
	}
	found, err := eachOf[ticketRow](ctx, m, operation, tickets, "order_no", []string{orderNumber}, "", "pick_ticket_no")
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
	carriers := make([]string, len(found))
	for i, t := range found {
		carriers[i] = string(t.Carrier)
	}
	names, err := m.carrierNames(ctx, operation, carriers)
	if err != nil {
		return nil, err
	}
	out := make([]commerce.Shipment, len(found))
	for i, t := range found {
		no := string(t.No)
		s := commerce.Shipment{
			ID: no, OrderNumber: string(t.OrderNo), LocationID: string(t.Location), Carrier: names[string(t.Carrier)],
			ShippedAt: t.ShipDate.in(m.cfg.Location), Deleted: bool(t.Deleted), InvoiceNo: string(t.InvoiceNo), Lines: details[no],
			UpdatedAt: t.Modified.in(m.cfg.Location),
		}
		s.Confirmed = bool(t.Confirmed) || !s.ShippedAt.IsZero() || s.InvoiceNo != ""
		s.Tracking = numbersIn(append([]string{string(t.Tracking)}, tracking[no]...)...)
		out[i] = s
	}
	return out, nil
}

func (m *middleware) detailsOf(ctx context.Context, operation string, numbers []string) (map[string][]commerce.ShipmentLine, error) {
	type row struct {
		No       ident             `json:"pick_ticket_no"`
		Line     count             `json:"oe_line_no"`
		Item     ident             `json:"inv_mast_uid"`
		Quantity connectors.Number `json:"ship_quantity"` // base units
		UnitSize connectors.Number `json:"unit_size"`
	}
	found, err := eachOf[row](ctx, m, operation, ticketLines, "pick_ticket_no", numbers, "", "pick_ticket_no,oe_line_no")
	if err != nil {
		return nil, err
	}
	uids := make([]string, len(found))
	for i, r := range found {
		uids[i] = string(r.Item)
	}
	ids, err := m.itemIDs(ctx, uids)
	if err != nil {
		return nil, err
	}
	all := map[string][]commerce.ShipmentLine{}
	for _, r := range found {
		unit := r.UnitSize.Decimal
		if !unit.IsPositive() {
			unit = decimal.NewFromInt(1)
		}
		all[string(r.No)] = append(all[string(r.No)],
			commerce.ShipmentLine{OrderLine: int(r.Line), ItemID: ids[string(r.Item)], Quantity: r.Quantity.Div(unit)})
	}
	return all, nil
}

// trackingOf reads the tables beside the ticket that can hold tracking numbers. A
// tenant may lack either, or not let us read it.
func (m *middleware) trackingOf(ctx context.Context, operation string, numbers []string) (map[string][]string, error) {
	all := map[string][]string{}
	for _, source := range []struct {
		table             table
		key, value, where string
	}{
		{clippership, "pick_ticket_no", "tracking_no", ""},
		// 1000 are shipments of pick tickets, 2175 those that stand.
		{parcels, "transaction_no", "shipment_id", " and type eq 1000 and row_status_flag eq 2175"},
	} {
		if m.lacks(source.table.name) {
			continue
		}
		found, err := eachOf[map[string]words](ctx, m, operation, source.table, source.key, numbers, source.where, source.key)
		if err != nil {
			if err = m.without(source.table.name, err); err != nil {
				return nil, err
			}
		}
		for _, r := range found {
			no := strings.TrimSuffix(strings.TrimSpace(string(r[source.key])), ".0")
			all[no] = append(all[no], string(r[source.value]))
		}
	}
	return all, nil
}

// carrierNames reads the names of carriers, which are addresses; those met
// before cost nothing. Without the right to read addresses they have none.
func (m *middleware) carrierNames(ctx context.Context, operation string, ids []string) (map[string]string, error) {
	var unknown []string
	m.mu.Lock()
	for _, id := range ids {
		if _, known := m.carriers[id]; !known && isTicket(id) {
			unknown = append(unknown, id)
		}
	}
	m.mu.Unlock()
	type row struct {
		ID   ident `json:"id"`
		Name words `json:"name"`
	}
	if len(unknown) > 0 && !m.lacks(addresses.name) {
		found, err := eachOf[row](ctx, m, operation, addresses, "id", unknown, "", "")
		if err != nil {
			if err = m.without(addresses.name, err); err != nil {
				return nil, err
			}
		}
		m.mu.Lock()
		for _, r := range found {
			m.carriers[string(r.ID)] = string(r.Name)
		}
		m.mu.Unlock()
	}
	names := map[string]string{}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		names[id] = m.carriers[id]
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

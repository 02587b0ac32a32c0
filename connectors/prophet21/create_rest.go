package prophet21

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

// CreateOrder creates a sales order by the configured route.
func (m *middleware) CreateOrder(ctx context.Context, o commerce.SalesOrder) (string, error) {
	if o.Reference == "" {
		return "", m.client.Fail(connectors.Rejected, "create sales order", "without a reference it could not be found again", nil)
	}
	if m.cfg.OrderRoute == "transaction" {
		return m.createByTransaction(ctx, o)
	}
	return m.createByREST(ctx, o)
}

// createByREST posts to the family api/sales/orders.
func (m *middleware) createByREST(ctx context.Context, o commerce.SalesOrder) (string, error) {
	operation := orderOperation(o)
	m.knowTemplate(ctx)
	var reply struct {
		OrderNo ident
	}
	if err := m.call(ctx, operation, http.MethodPost, m.cfg.URL+"/api/sales/orders/", m.restOrder(o), &reply); err != nil {
		return "", err
	}
	if reply.OrderNo == "" {
		return "", m.client.Fail(connectors.OutcomeUnknown, operation, "the answer names no order", nil)
	}
	return string(reply.OrderNo), nil
}

// restOrder writes the order in the family's own terms. Empty fields are left
// out, so that P21's defaults hold.
func (m *middleware) restOrder(o commerce.SalesOrder) map[string]any {
	doc := map[string]any{}
	set := func(field, usual, value string) {
		if value != "" {
			doc[m.name(field, usual)] = value
		}
	}
	id := func(field, usual, value string) {
		if value != "" {
			doc[m.name(field, usual)] = number(value)
		}
	}
	set("company_id", "CompanyId", o.CompanyID)
	id("customer_id", "CustomerId", o.CustomerID)
	set("contact_id", "ContactId", o.ContactID)
	id("ship_to_id", "ShipToId", o.ShipToID)
	id("location_id", "LocationId", o.LocationID)
	id("source_location_id", "SourceLocationId", o.SourceLocationID)
	set("po_number", "PoNo", o.PONumber)
	set("taker", "Taker", o.Taker)
	set("order_date", "OrderDate", midnight(o.OrderDate))
	set("requested_date", "RequestedDate", midnight(o.RequestedDate))
	id("carrier_id", "CarrierId", o.CarrierID)
	set("packing_basis", "PackingBasis", o.PackingBasis)
	set("freight_code", "FreightCd", o.FreightCode)
	set("terms", "Terms", o.Terms)
	set("delivery_instructions", "DeliveryInstructions", o.DeliveryInstructions)
	set("job_name", "JobName", o.JobName)
	set("ship_to.name", "ShipToName", o.ShipTo.Name())
	set("ship_to.line1", "ShipToAddress1", o.ShipTo.Line1)
	set("ship_to.line2", "ShipToAddress2", o.ShipTo.Line2)
	set("ship_to.city", "ShipToCity", o.ShipTo.City)
	set("ship_to.state", "OeHdrShip2State", o.ShipTo.State)
	set("ship_to.postal_code", "ZipCode", o.ShipTo.PostalCode)
	set("ship_to.country", "ShipToCountry", o.ShipTo.Country)
	set("ship_to.phone", "ShipToPhone", o.ShipTo.Phone)
	doc[m.name("approved", "Approved")] = m.approved(o.Approved)
	doc[m.name("quote", "Quote")] = "N"
	if o.WillCall {
		doc[m.name("will_call", "WillCall")] = "Y"
	}
	if !o.Freight.IsZero() {
		doc[m.name("freight", "FreightOut")] = json.Number(o.Freight.String())
	}
	for name, value := range o.Extra {
		doc[name] = value
	}
	// After Extra: an order without it could not be found again.
	set("reference", "WebReferenceNo", o.Reference)
	list := make([]map[string]any, len(o.Lines))
	for i, l := range o.Lines {
		list[i] = m.restLine(l)
	}
	doc["Lines"] = map[string]any{"list": list}
	if len(o.Notes) > 0 {
		doc["Notes"] = map[string]any{"list": restNotes(o.Notes)}
	}
	return doc
}

func (m *middleware) restLine(l commerce.SalesOrderLine) map[string]any {
	name := func(field, usual string) string { return m.name("lines."+field, usual) }
	line := map[string]any{
		name("line_no", "LineNo"):        l.LineNo,
		name("item_id", "ItemId"):        l.ItemID,
		name("quantity", "UnitQuantity"): json.Number(l.Quantity.String()),
		name("unit_price", "UnitPrice"):  json.Number(l.UnitPrice.String()),
		// Without it (so spelt) P21 may price the line by its own rules.
		name("manual_price", "ManualPriceOveride"): "Y",
	}
	if l.UOM != "" {
		line[name("uom", "UnitOfMeasure")] = l.UOM
	}
	if l.Description != "" {
		line[name("description", "ExtendedDesc")] = l.Description
	}
	if l.SourceLocationID != "" && !l.Charge {
		line[name("source_location_id", "SourceLocId")] = number(l.SourceLocationID)
	}
	for field, value := range l.Extra {
		line[field] = value
	}
	return line
}

func restNotes(notes []commerce.Note) []map[string]any {
	list := make([]map[string]any, len(notes))
	for i, n := range notes {
		list[i] = map[string]any{"Topic": n.Topic, "Note": n.Text}
		if n.Class != "" {
			list[i]["NotepadClassId"] = n.Class
		}
	}
	return list
}

func midnight(d commerce.Date) string {
	if d == "" {
		return ""
	}
	return string(d) + "T00:00:00"
}

package prophet21

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

type gatewayOrder struct {
	OrderNo          ident             `json:"orderNo"`
	CompanyID        ident             `json:"companyId"`
	CustomerID       ident             `json:"customerId"`
	ContactID        ident             `json:"contactId"`
	ShipToID         ident             `json:"shipToId"`
	LocationID       ident             `json:"locationId"`
	SourceLocationID ident             `json:"sourceLocationId"`
	CarrierID        ident             `json:"carrierId"`
	PONo             words             `json:"poNo"`
	WebReference     words             `json:"webReferenceNo"`
	Taker            words             `json:"taker"`
	Approved         flag              `json:"approved"`
	Quote            flag              `json:"quote"`
	WillCall         flag              `json:"willCall"`
	Freight          connectors.Number `json:"freightOut"`
	Status           words             `json:"status"`
	Completed        flag              `json:"completed"`
	Cancelled        flag              `json:"cancelled"`
	Modified         moment            `json:"dateModified"`
	Lines            []gatewayLine     `json:"lines"`
	Totals           *struct {
		Tax *connectors.Number `json:"tax"`
	} `json:"totals"`
}

type gatewayLine struct {
	LineNo    count             `json:"lineNo"`
	ItemID    words             `json:"itemId"`
	Quantity  connectors.Number `json:"quantity"`
	Unit      words             `json:"unitOfMeasure"`
	Price     connectors.Number `json:"unitPrice"`
	Extended  connectors.Number `json:"extendedPrice"`
	Charge    flag              `json:"otherCharge"`
	Allocated connectors.Number `json:"qtyAllocated"` // this and the following in base units
	Invoiced  connectors.Number `json:"qtyInvoiced"`
	Cancelled connectors.Number `json:"qtyCanceled"`
}

// canonical is the order in our words; sizes are those of [gateway.unitSizes].
func (g *gateway) canonical(d gatewayOrder, sizes map[string]decimal.Decimal) commerce.SalesOrder {
	o := commerce.SalesOrder{
		Number: string(d.OrderNo), Reference: string(d.WebReference), PONumber: string(d.PONo), CompanyID: string(d.CompanyID), CustomerID: string(d.CustomerID),
		ContactID: string(d.ContactID), ShipToID: string(d.ShipToID), LocationID: string(d.LocationID), SourceLocationID: string(d.SourceLocationID),
		CarrierID: string(d.CarrierID), Taker: string(d.Taker), Approved: bool(d.Approved), WillCall: bool(d.WillCall), Freight: d.Freight.Decimal,
		Currency: g.cfg.Currency, UpdatedAt: d.Modified.in(time.UTC),
		Status: commerce.OrderProgress{Approved: bool(d.Approved), Quote: bool(d.Quote), Completed: bool(d.Completed), Cancelled: bool(d.Cancelled)},
	}
	if strings.Contains(strings.ToLower(string(d.Status)), "hold") {
		o.Status.OnHold = string(d.Status)
	}
	if d.Totals != nil && d.Totals.Tax != nil {
		o.TaxReported, o.Tax = true, d.Totals.Tax.Decimal
	}
	goods := false
	o.Status.Allocated, o.Status.Invoiced = true, true
	for _, l := range d.Lines {
		size, known := sizes[unitOf(l)]
		if !known || !size.IsPositive() {
			size = decimal.NewFromInt(1)
		}
		for _, quantity := range []*connectors.Number{&l.Allocated, &l.Invoiced, &l.Cancelled} {
			quantity.Decimal = quantity.Div(size)
		}
		o.Lines = append(o.Lines, commerce.SalesOrderLine{
			LineNo: int(l.LineNo), ItemID: string(l.ItemID), Quantity: l.Quantity.Decimal, UOM: string(l.Unit), UnitPrice: l.Price.Decimal, Extended: l.Extended.Decimal,
			Charge: bool(l.Charge), Allocated: l.Allocated.Decimal, Invoiced: l.Invoiced.Decimal, Cancelled: l.Cancelled.Decimal,
		})
		left := l.Quantity.Sub(l.Cancelled.Decimal)
		if bool(l.Charge) || !left.IsPositive() {
			continue
		}
		goods = true
		o.Status.Invoiced = o.Status.Invoiced && l.Invoiced.GreaterThanOrEqual(left)
		o.Status.Allocated = o.Status.Allocated && l.Allocated.Add(l.Invoiced.Decimal).GreaterThanOrEqual(left)
		o.Status.Shipped = o.Status.Shipped || l.Invoiced.IsPositive()
	}
	o.Status.Allocated, o.Status.Invoiced = o.Status.Allocated && goods, o.Status.Invoiced && goods
	return o
}

func (g *gateway) FindOrders(ctx context.Context, reference string) ([]commerce.SalesOrder, error) {
	operation := "find order " + reference
	if reference == "" {
		return nil, g.client.Fail(connectors.Rejected, operation, "an empty reference would find every order", nil)
	}
	docs, _, err := get[gatewayOrder](ctx, g, operation, "SalesOrder", url.Values{"webReferenceNo": {reference}})
	if err != nil {
		return nil, err
	}
	for _, d := range docs {
		if !strings.EqualFold(string(d.WebReference), reference) {
			return nil, g.client.Fail(connectors.Malformed, operation, "the answer holds other orders: the filter was ignored", nil)
		}
		if d.OrderNo == "" {
			return nil, g.client.Fail(connectors.Malformed, operation, "an order without a number", nil)
		}
	}
	return g.canonicals(ctx, operation, docs)
}

// canonicals are orders in our words.
func (g *gateway) canonicals(ctx context.Context, operation string, docs []gatewayOrder) ([]commerce.SalesOrder, error) {
	sizes, err := g.unitSizes(ctx, operation, docs)
	if err != nil {
		return nil, err
	}
	var found []commerce.SalesOrder
	for _, d := range docs {
		found = append(found, g.canonical(d, sizes))
	}
	return found, nil
}

func unitOf(l gatewayLine) string { return string(l.ItemID) + "\x00" + string(l.Unit) }

// unitSizes are the sizes of the lines' units: what is allocated and invoiced is
// told in base units. They are read with the items, once for each.
func (g *gateway) unitSizes(ctx context.Context, operation string, docs []gatewayOrder) (map[string]decimal.Decimal, error) {
	sizes, unknown := map[string]decimal.Decimal{}, []string{}
	g.mu.Lock()
	for _, d := range docs {
		for _, l := range d.Lines {
			size, known := g.units[unitOf(l)]
			started := !l.Allocated.IsZero() || !l.Invoiced.IsZero() || !l.Cancelled.IsZero()
			if known {
				sizes[unitOf(l)] = size
			} else if started && l.Unit != "" {
				unknown = append(unknown, string(l.ItemID))
			}
		}
	}
	g.mu.Unlock()
	if len(unknown) == 0 {
		return sizes, nil
	}
	found, err := g.itemRows(ctx, operation, unknown)
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.units) > 200_000 {
		g.units = map[string]decimal.Decimal{} // bounded; it fills again
	}
	for _, item := range found {
		for _, unit := range item.Units {
			key := unitOf(gatewayLine{ItemID: item.ItemID, Unit: unit.Name})
			g.units[key], sizes[key] = unit.Size.Decimal, unit.Size.Decimal
		}
	}
	return sizes, nil
}

func (g *gateway) Order(ctx context.Context, number string) (commerce.SalesOrder, error) {
	operation := "read sales order " + number
	if number == "" {
		return commerce.SalesOrder{}, g.client.Fail(connectors.Rejected, operation, "no number", nil)
	}
	docs, _, err := get[gatewayOrder](ctx, g, operation, "SalesOrder", url.Values{"orderNo": {number}})
	if err != nil {
		return commerce.SalesOrder{}, err
	}
	if len(docs) == 0 || string(docs[0].OrderNo) != number {
		return commerce.SalesOrder{}, g.client.Fail(connectors.NotFound, operation, "there is no such order", nil)
	}
	found, err := g.canonicals(ctx, operation, docs[:1])
	if err != nil {
		return commerce.SalesOrder{}, err
	}
	return found[0], nil
}

// References reads one order after the other: this API has no other way.
func (g *gateway) References(ctx context.Context, numbers []string) (map[string]string, error) {
	references := make(map[string]string, len(numbers))
	for _, number := range numbers {
		order, err := g.Order(ctx, number)
		switch {
		case connectors.Is(err, connectors.NotFound):
		case err != nil:
			return nil, err
		default:
			references[number] = order.Reference
		}
	}
	return references, nil
}

func (g *gateway) OrdersChanged(ctx context.Context, taker string, since time.Time, cursor string) (OrderPage, error) {
	const operation = "list changed orders"
	if taker == "" {
		return OrderPage{}, g.client.Fail(connectors.Rejected, operation, "without a taker everybody's orders would come", nil)
	}
	docs, next, err := get[gatewayOrder](ctx, g, operation, "SalesOrder", changedSince(since, cursor))
	if err != nil {
		return OrderPage{}, err
	}
	if next != "" && next == cursor {
		return OrderPage{}, g.client.Fail(connectors.Malformed, operation, "the same page came again", nil)
	}
	ours := slices.DeleteFunc(docs, func(d gatewayOrder) bool { return !strings.EqualFold(string(d.Taker), taker) })
	page := OrderPage{Next: next}
	page.Orders, err = g.canonicals(ctx, operation, ours)
	return page, err
}

// CreateOrder posts the order.
func (g *gateway) CreateOrder(ctx context.Context, o commerce.SalesOrder) (string, error) {
	operation := orderOperation(o)
	if o.Reference == "" {
		return "", g.client.Fail(connectors.Rejected, operation, "without a reference it could not be found again", nil)
	}
	var reply struct {
		OrderNo ident `json:"orderNo"`
	}
	if err := g.call(ctx, operation, http.MethodPost, g.cfg.URL+"/api/v1/SalesOrder", g.orderDoc(o), &reply); err != nil {
		return "", err
	}
	if reply.OrderNo == "" {
		return "", g.client.Fail(connectors.OutcomeUnknown, operation, "the answer names no order", nil)
	}
	return string(reply.OrderNo), nil
}

func (g *gateway) orderDoc(o commerce.SalesOrder) map[string]any {
	doc := map[string]any{}
	set := func(field, usual string, value any) {
		if value == "" || value == nil {
			return
		}
		if renamed := g.cfg.FieldNames[field]; renamed != "" {
			usual = renamed
		}
		doc[usual] = value
	}
	set("company_id", "companyId", o.CompanyID)
	set("customer_id", "customerId", number(o.CustomerID))
	set("contact_id", "contactId", number(o.ContactID))
	set("ship_to_id", "shipToId", number(o.ShipToID))
	set("location_id", "locationId", number(o.LocationID))
	set("source_location_id", "sourceLocationId", number(o.SourceLocationID))
	set("carrier_id", "carrierId", number(o.CarrierID))
	set("po_number", "poNo", o.PONumber)
	set("taker", "taker", o.Taker)
	set("order_date", "orderDate", string(o.OrderDate))
	set("requested_date", "requestedDate", string(o.RequestedDate))
	set("approved", "approved", o.Approved)
	if o.WillCall {
		set("will_call", "willCall", true)
	}
	set("terms", "terms", o.Terms)
	set("freight_code", "freightCode", o.FreightCode)
	set("packing_basis", "packingBasis", o.PackingBasis)
	set("delivery_instructions", "deliveryInstructions", o.DeliveryInstructions)
	set("freight", "freightOut", json.Number(o.Freight.String()))
	set("ship_to.name", "shipToName", o.ShipTo.Name())
	set("ship_to.line1", "shipToAddress1", o.ShipTo.Line1)
	set("ship_to.line2", "shipToAddress2", o.ShipTo.Line2)
	set("ship_to.city", "shipToCity", o.ShipTo.City)
	set("ship_to.state", "shipToState", o.ShipTo.State)
	set("ship_to.postal_code", "shipToZip", o.ShipTo.PostalCode)
	set("ship_to.country", "shipToCountry", o.ShipTo.Country)
	set("ship_to.phone", "shipToPhone", o.ShipTo.Phone)
	for name, value := range o.Extra {
		doc[name] = value
	}
	set("reference", "webReferenceNo", o.Reference) // after Extra: without it the order could not be found again
	lines := make([]map[string]any, len(o.Lines))
	for i, l := range o.Lines {
		lines[i] = map[string]any{"lineNo": l.LineNo, "itemId": l.ItemID, "quantity": json.Number(l.Quantity.String()),
			"unitPrice": json.Number(l.UnitPrice.String()), "manualPrice": true}
		if l.UOM != "" {
			lines[i]["unitOfMeasure"] = l.UOM
		}
		if l.Description != "" {
			lines[i]["description"] = l.Description
		}
		for name, value := range l.Extra {
			lines[i][name] = value
		}
	}
	doc["lines"] = lines
	var notes []map[string]any
	for _, n := range o.Notes {
		note := map[string]any{"text": n.Text}
		if n.Topic != "" {
			note["topic"] = n.Topic
		}
		if n.Class != "" {
			note["class"] = n.Class
		}
		notes = append(notes, note)
	}
	if notes != nil {
		doc["notes"] = notes
	}
	return doc
}

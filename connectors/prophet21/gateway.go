package prophet21

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

// gateway is a Prophet 21 behind a gateway that serves /api/v1/SalesOrder,
// ItemMaster, CustomerMaster and Shipment. No public contract of its bodies
// exists: field names are read leniently, and can be renamed by FieldNames.
type gateway struct {
	caller
}

func openGateway(cfg Config, log *slog.Logger) (ERP, error) {
	if cfg.Limits.Timeout == 0 {
		cfg.Limits.Timeout = 35 * time.Second
	}
	client, err := connectors.NewClient(connectors.Prophet21, cfg.Limits, log)
	if err != nil {
		return nil, err
	}
	tokens := newTokens(client, cfg, "/api/v1/token")
	if cfg.ClientSecret != "" {
		tokens.body = map[string]string{"clientSecret": cfg.ClientSecret}
	}
	return &gateway{caller{cfg: cfg, client: client, tokens: tokens, judge: judgeGateway}}, nil
}

// judgeGateway classes a refusal by the error's code, else by the status.
func judgeGateway(c *connectors.Client, operation string, write bool, resp *connectors.Response) error {
	var doc struct {
		Error struct {
			Code, Message string
			Retryable     bool
		}
	}
	known := json.Unmarshal(resp.Body, &doc) == nil && doc.Error.Code != ""
	words := short(doc.Error.Message)
	kind := connectors.Malformed
	switch status := resp.Status; {
	case status == http.StatusForbidden, status == http.StatusUnauthorized:
		kind = connectors.Unauthorised
	case status == http.StatusNotFound:
		kind = connectors.NotFound
	case status == http.StatusConflict:
		kind = connectors.Conflict
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity:
		kind = connectors.Rejected
	case known && doc.Error.Retryable:
		kind = connectors.Unavailable // it says itself that nothing was done
	case status >= 500 && write:
		kind = connectors.OutcomeUnknown
	case status >= 500:
		kind = connectors.Unavailable
	}
	return failed(c, kind, operation, resp.Status, words)
}

// get reads a list, one page of it.
func get[T any](ctx context.Context, g *gateway, operation, resource string, query url.Values) ([]T, string, error) {
	var doc struct {
		Items *[]T   `json:"items"`
		Next  string `json:"next"`
	}
	if err := g.call(ctx, operation, http.MethodGet, g.cfg.URL+"/api/v1/"+resource+"?"+query.Encode(), nil, &doc); err != nil {
		return nil, "", err
	}
	if doc.Items == nil {
		return nil, "", g.client.Fail(connectors.Malformed, operation, "the answer has no \"items\"", nil)
	}
	return *doc.Items, doc.Next, nil
}

// Probe asks for something small of each kind.
func (g *gateway) Probe(ctx context.Context) (Capabilities, error) {
	can := Capabilities{API: "gateway", OrderRoute: "gateway"}
	recently := url.Values{"modifiedSince": {time.Now().UTC().Format(time.RFC3339)}, "limit": {"1"}}
	for _, resource := range []string{"SalesOrder", "Shipment", "CustomerMaster"} {
		if _, _, err := get[json.RawMessage](ctx, g, "try "+resource, resource, recently); err != nil {
			return can, err
		}
	}
	return can, nil
}

type gatewayOrder struct {
	OrderNo          ident             `json:"orderNo"`
	CompanyID        ident             `json:"companyId"`
	CustomerID       ident             `json:"customerId"`
	ContactID        ident             `json:"contactId"`
	ShipToID         ident             `json:"shipToId"`
	LocationID       ident             `json:"locationId"`
	SourceLocationID ident             `json:"sourceLocationId"`
	CarrierID        ident             `json:"carrierId"`
	PONo             string            `json:"poNo"`
	WebReference     string            `json:"webReferenceNo"`
	Taker            string            `json:"taker"`
	Approved         flag              `json:"approved"`
	Quote            flag              `json:"quote"`
	WillCall         flag              `json:"willCall"`
	Freight          connectors.Number `json:"freightOut"`
	Status           string            `json:"status"`
	Completed        flag              `json:"completed"`
	Cancelled        flag              `json:"cancelled"`
	Modified         time.Time         `json:"dateModified"`
	Lines            []struct {
		LineNo    int               `json:"lineNo"`
		ItemID    string            `json:"itemId"`
		Quantity  connectors.Number `json:"quantity"`
		Unit      string            `json:"unitOfMeasure"`
		Price     connectors.Number `json:"unitPrice"`
		Extended  connectors.Number `json:"extendedPrice"`
		Charge    flag              `json:"otherCharge"`
		Allocated connectors.Number `json:"qtyAllocated"`
		Invoiced  connectors.Number `json:"qtyInvoiced"`
		Cancelled connectors.Number `json:"qtyCanceled"`
	} `json:"lines"`
	Totals *struct {
		Tax *connectors.Number `json:"tax"`
	} `json:"totals"`
}

func (g *gateway) canonical(d gatewayOrder) commerce.SalesOrder {
	o := commerce.SalesOrder{
		Number: string(d.OrderNo), Reference: d.WebReference, PONumber: d.PONo, CompanyID: string(d.CompanyID), CustomerID: string(d.CustomerID),
		ContactID: string(d.ContactID), ShipToID: string(d.ShipToID), LocationID: string(d.LocationID), SourceLocationID: string(d.SourceLocationID),
		CarrierID: string(d.CarrierID), Taker: d.Taker, Approved: bool(d.Approved), WillCall: bool(d.WillCall), Freight: d.Freight.Decimal,
		Currency: g.cfg.Currency, UpdatedAt: d.Modified.UTC(),
		Status: commerce.OrderProgress{Approved: bool(d.Approved), Quote: bool(d.Quote), Completed: bool(d.Completed), Cancelled: bool(d.Cancelled)},
	}
	if strings.Contains(strings.ToLower(d.Status), "hold") {
		o.Status.OnHold = d.Status
	}
	if d.Totals != nil && d.Totals.Tax != nil {
		o.TaxReported, o.Tax = true, d.Totals.Tax.Decimal
	}
	goods := false
	o.Status.Allocated, o.Status.Invoiced = true, true
	for _, l := range d.Lines {
		o.Lines = append(o.Lines, commerce.SalesOrderLine{
			LineNo: l.LineNo, ItemID: l.ItemID, Quantity: l.Quantity.Decimal, UOM: l.Unit, UnitPrice: l.Price.Decimal, Extended: l.Extended.Decimal,
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
	var found []commerce.SalesOrder
	for _, d := range docs {
		if d.WebReference != reference {
			return nil, g.client.Fail(connectors.Malformed, operation, "the answer holds other orders: the filter was ignored", nil)
		}
		found = append(found, g.canonical(d))
	}
	return found, nil
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
	return g.canonical(docs[0]), nil
}

func (g *gateway) OrdersChanged(ctx context.Context, taker string, since time.Time, cursor string) (OrderPage, error) {
	docs, next, err := get[gatewayOrder](ctx, g, "list changed orders", "SalesOrder", changedSince(since, cursor))
	if err != nil {
		return OrderPage{}, err
	}
	page := OrderPage{Next: next}
	for _, d := range docs {
		if d.Taker == taker {
			page.Orders = append(page.Orders, g.canonical(d))
		}
	}
	return page, nil
}

func changedSince(since time.Time, cursor string) url.Values {
	query := url.Values{"modifiedSince": {since.UTC().Format(time.RFC3339Nano)}, "limit": {"500"}}
	if cursor != "" {
		query.Set("after", cursor)
	}
	return query
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
	id := func(s string) any { return idNumber(ident(s)) }
	set("company_id", "companyId", o.CompanyID)
	set("customer_id", "customerId", id(o.CustomerID))
	set("contact_id", "contactId", id(o.ContactID))
	set("ship_to_id", "shipToId", id(o.ShipToID))
	set("location_id", "locationId", id(o.LocationID))
	set("source_location_id", "sourceLocationId", id(o.SourceLocationID))
	set("carrier_id", "carrierId", id(o.CarrierID))
	set("po_number", "poNo", o.PONumber)
	set("reference", "webReferenceNo", o.Reference)
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
	}
	doc["lines"] = lines
	var notes []map[string]any
	for _, n := range o.Notes {
		notes = append(notes, map[string]any{"topic": n.Topic, "text": n.Text, "class": n.Class})
	}
	if notes != nil {
		doc["notes"] = notes
	}
	return doc
}

// Items reads items, forty in one call.
func (g *gateway) Items(ctx context.Context, ids []string) (map[string]commerce.Item, error) {
	type row struct {
		ItemID      string            `json:"itemId"`
		Description string            `json:"description"`
		Price       connectors.Number `json:"price"`
		SellingUnit string            `json:"sellingUnit"`
		BaseUnit    string            `json:"baseUnit"`
		Inactive    flag              `json:"inactive"`
		Deleted     flag              `json:"deleted"`
	}
	found := map[string]commerce.Item{}
	for _, some := range chunks(ids, maxTerms) {
		docs, _, err := get[row](ctx, g, "look up items", "ItemMaster", url.Values{"itemIds": {strings.Join(some, ",")}, "limit": {"100"}})
		if err != nil {
			return nil, err
		}
		for _, d := range docs {
			found[d.ItemID] = commerce.Item{ID: d.ItemID, Description: d.Description, SellingUnit: d.SellingUnit, BaseUnit: d.BaseUnit,
				Price: d.Price.Decimal, Inactive: bool(d.Inactive || d.Deleted)}
		}
	}
	return found, nil
}

type gatewayCustomer struct {
	CustomerID ident  `json:"customerId"`
	CompanyID  ident  `json:"companyId"`
	Name       string `json:"name"`
	LegacyID   string `json:"legacyId"`
	Terms      string `json:"terms"`
	Contacts   []struct {
		ContactID ident  `json:"contactId"`
		FirstName string `json:"firstName"`
		LastName  string `json:"lastName"`
		Email     string `json:"email"`
	} `json:"contacts"`
	ShipTos []struct {
		ShipToID ident `json:"shipToId"`
	} `json:"shipTos"`
}

// account is the customer with the contact that has the e-mail, else the first.
func (d gatewayCustomer) account(email string) commerce.Account {
	a := commerce.Account{CustomerID: string(d.CustomerID), CompanyID: string(d.CompanyID), Name: d.Name, Reference: d.LegacyID, Terms: d.Terms}
	for _, c := range d.Contacts {
		if a.ContactID == "" || (email != "" && strings.EqualFold(c.Email, email)) {
			a.ContactID, a.FirstName, a.LastName, a.Email = string(c.ContactID), c.FirstName, c.LastName, c.Email
		}
	}
	for _, s := range d.ShipTos {
		if a.ShipToID == "" || string(s.ShipToID) == a.CustomerID {
			a.ShipToID = string(s.ShipToID)
		}
	}
	if a.ShipToID == "" {
		a.ShipToID = a.CustomerID
	}
	return a
}

func (g *gateway) FindAccounts(ctx context.Context, q AccountQuery) ([]commerce.Account, error) {
	for _, ask := range []struct{ name, value string }{{"legacyId", q.Reference}, {"email", q.Email}} {
		if ask.value == "" {
			continue
		}
		docs, _, err := get[gatewayCustomer](ctx, g, "find customers", "CustomerMaster", url.Values{ask.name: {ask.value}})
		if err != nil {
			return nil, err
		}
		var found []commerce.Account
		for _, d := range docs {
			if ask.name == "email" || d.LegacyID == q.Reference {
				found = append(found, d.account(q.Email))
			}
		}
		if len(found) > 0 {
			return found, nil
		}
	}
	return nil, nil
}

func (g *gateway) Account(ctx context.Context, customerID string) (commerce.Account, error) {
	operation := "read customer " + customerID
	if customerID == "" {
		return commerce.Account{}, g.client.Fail(connectors.Rejected, operation, "no customer id", nil)
	}
	docs, _, err := get[gatewayCustomer](ctx, g, operation, "CustomerMaster", url.Values{"customerId": {customerID}})
	if err != nil {
		return commerce.Account{}, err
	}
	if len(docs) == 0 || string(docs[0].CustomerID) != customerID {
		return commerce.Account{}, g.client.Fail(connectors.NotFound, operation, "there is no such customer", nil)
	}
	return docs[0].account(""), nil
}

// CreateAccount creates customer, contact and ship-to in one call.
func (g *gateway) CreateAccount(ctx context.Context, a commerce.Account) (commerce.Account, error) {
	operation := "create customer " + a.Reference
	address := map[string]any{"address1": a.Address.Line1, "address2": a.Address.Line2, "city": a.Address.City,
		"state": a.Address.State, "zip": a.Address.PostalCode, "country": a.Address.Country}
	doc := map[string]any{
		"companyId": a.CompanyID, "name": a.Name, "legacyId": a.Reference, "email": a.Email, "phone": a.Phone, "address": address,
		"contacts": []any{map[string]any{"firstName": orElse(a.FirstName, a.Name), "lastName": orElse(a.LastName, "-"), "email": a.Email, "phone": a.Phone}},
		"shipTos":  []any{map[string]any{"name": a.Name, "address": address}},
	}
	if a.Terms != "" {
		doc["terms"] = a.Terms
	}
	for name, value := range a.Extra {
		doc[name] = value
	}
	var created gatewayCustomer
	if err := g.call(ctx, operation, http.MethodPost, g.cfg.URL+"/api/v1/CustomerMaster", doc, &created); err != nil {
		return a, err
	}
	if created.CustomerID == "" {
		return a, g.client.Fail(connectors.OutcomeUnknown, operation, "the answer names no customer", nil)
	}
	return created.account(a.Email), nil
}

type gatewayShipment struct {
	PickTicket ident      `json:"pickTicketNo"`
	OrderNo    ident      `json:"orderNo"`
	Location   ident      `json:"locationId"`
	Carrier    string     `json:"carrierName"`
	Tracking   []string   `json:"trackingNumbers"`
	Shipped    flag       `json:"shipped"`
	ShipDate   *time.Time `json:"shipDate"`
	InvoiceNo  ident      `json:"invoiceNo"`
	Deleted    flag       `json:"deleted"`
	Invoice    *struct {
		Freight connectors.Number `json:"freight"`
		Tax     connectors.Number `json:"tax"`
		Total   connectors.Number `json:"total"`
		Paid    connectors.Number `json:"paid"`
	} `json:"invoice"`
	Lines []struct {
		LineNo   int               `json:"lineNo"`
		ItemID   string            `json:"itemId"`
		Quantity connectors.Number `json:"quantity"`
	} `json:"lines"`
	Modified time.Time `json:"dateModified"`
}

func (d gatewayShipment) shipment() commerce.Shipment {
	s := commerce.Shipment{
		ID: string(d.PickTicket), OrderNumber: string(d.OrderNo), LocationID: string(d.Location), Carrier: d.Carrier,
		Tracking: numbersIn(d.Tracking...), Deleted: bool(d.Deleted), InvoiceNo: string(d.InvoiceNo), UpdatedAt: d.Modified.UTC(),
	}
	if d.ShipDate != nil {
		s.ShippedAt = d.ShipDate.UTC()
	}
	s.Confirmed = bool(d.Shipped) || !s.ShippedAt.IsZero() || s.InvoiceNo != ""
	for _, l := range d.Lines {
		s.Lines = append(s.Lines, commerce.ShipmentLine{OrderLine: l.LineNo, ItemID: l.ItemID, Quantity: l.Quantity.Decimal})
	}
	return s
}

func (g *gateway) ShipmentsChanged(ctx context.Context, since time.Time, cursor string) (ShipmentPage, error) {
	docs, next, err := get[gatewayShipment](ctx, g, "list changed shipments", "Shipment", changedSince(since, cursor))
	page := ShipmentPage{Next: next}
	for _, d := range docs {
		page.Shipments = append(page.Shipments, d.shipment())
	}
	return page, err
}

func (g *gateway) Shipment(ctx context.Context, pickTicket string) (commerce.Shipment, error) {
	operation := "read shipment " + pickTicket
	if !isTicket(pickTicket) {
		return commerce.Shipment{}, g.client.Fail(connectors.Rejected, operation, "not a pick ticket number", nil)
	}
	docs, _, err := get[gatewayShipment](ctx, g, operation, "Shipment", url.Values{"pickTicketNo": {pickTicket}})
	if err != nil {
		return commerce.Shipment{}, err
	}
	if len(docs) == 0 || string(docs[0].PickTicket) != pickTicket {
		return commerce.Shipment{}, g.client.Fail(connectors.NotFound, operation, "there is no such shipment", nil)
	}
	return docs[0].shipment(), nil
}

func (g *gateway) Shipments(ctx context.Context, orderNumber string) ([]commerce.Shipment, error) {
	docs, err := g.shipmentsOf(ctx, orderNumber)
	var out []commerce.Shipment
	for _, d := range docs {
		out = append(out, d.shipment())
	}
	return out, err
}

func (g *gateway) shipmentsOf(ctx context.Context, orderNumber string) ([]gatewayShipment, error) {
	docs, _, err := get[gatewayShipment](ctx, g, "read the shipments of order "+orderNumber, "Shipment", url.Values{"orderNo": {orderNumber}, "limit": {"500"}})
	return docs, err
}

// Invoices are told with the shipments they bill.
func (g *gateway) Invoices(ctx context.Context, orderNumber string) ([]commerce.Invoice, error) {
	docs, err := g.shipmentsOf(ctx, orderNumber)
	if err != nil {
		return nil, err
	}
	var out []commerce.Invoice
	for _, d := range docs {
		if d.InvoiceNo == "" {
			continue
		}
		i := commerce.Invoice{Number: string(d.InvoiceNo), OrderNumber: string(d.OrderNo), Total: decimal.Zero, UpdatedAt: d.Modified.UTC()}
		if d.ShipDate != nil {
			i.Date = commerce.DateOf(d.ShipDate.In(g.cfg.Location))
		}
		if d.Invoice != nil {
			i.Total, i.Tax, i.Freight, i.Paid = d.Invoice.Total.Decimal, d.Invoice.Tax.Decimal, d.Invoice.Freight.Decimal, d.Invoice.Paid.Decimal
		}
		out = append(out, i)
	}
	return out, nil
}

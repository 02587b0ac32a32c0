package erp

import (
	"net/http"
	"strings"
)

// The REST family api/sales/orders.

var orderFields = strings.Fields(`OrderNo CompanyId CustomerId ContactId LocationId SourceLocationId PoNo Taker JobName
JobNo OrderDate RequestedDate PromiseDate Approved ShipToId ShipToName ShipToAddress1 ShipToAddress2 ShipToAddress3
ShipToCity OeHdrShip2State ZipCode ShipToCountry ShipToMailAddress ShipToPhone CarrierId Route PackingBasis
DeliveryInstructions Terms WillCall Class1id Class2id Class3id Class4id Class5id RMA FreightCd FreightOut
ThirdPartyBilling PickTicketType CaptureUsage InvoiceBatchNumber CreateInvoice Quote DeletedFlag CancelledFlag
Completed InvoiceNo CurrencyID UpsCode PlacedByName OeHdrUid WebReferenceNo UserDefinedFields Lines Notes Salesreps`)

// orderTemplate is the blank order, with this tenant's own field names.
func orderTemplate(o Options) map[string]any {
	blank := map[string]any{}
	for _, name := range orderFields {
		blank[name] = nil
	}
	if o.ShipToState {
		delete(blank, "OeHdrShip2State")
		blank["ShipToState"] = nil
	}
	blank["CompanyId"], blank["UserDefinedFields"] = o.Company, map[string]any{}
	return blank
}

func (e *ERP) stateField() string {
	if e.options.ShipToState {
		return "ShipToState"
	}
	return "OeHdrShip2State"
}

func (e *ERP) createOrder(r *http.Request) reply {
	f, err := readFields(r.Body)
	if err != nil {
		return refused(err)
	}
	o, err := e.readOrder(f)
	if err != nil {
		return refused(err)
	}
	if err := e.books.place(o, dropsLine(r)); err != nil {
		return refused(err)
	}
	body := e.orderDocument(o, extended("*"))
	body["APIInformation"] = map[string]any{"ContextMessage": "Sales order " + o.No + " was created successfully."}
	return ok(body)
}

func (e *ERP) readOrder(f fields) (*Order, error) {
	if f.text("OrderNo") != "" {
		return nil, ruleError("Order " + f.text("OrderNo") + " cannot be changed by this service.")
	}
	if company := f.text("CompanyId"); company != e.options.Company {
		return nil, ruleError("Company ID " + company + " does not exist.")
	}
	o := &Order{
		CustomerID: f.id("CustomerId"), ContactID: f.id("ContactId"), ShipToID: f.id("ShipToId"),
		Location: f.id("LocationId"), SourceLocation: f.id("SourceLocationId"), CarrierID: f.id("CarrierId"),
		PO: f.text("PoNo"), WebReference: f.text("WebReferenceNo"), Taker: f.text("Taker"), Terms: f.text("Terms"),
		JobName: f.text("JobName"), FreightCode: f.text("FreightCd"), PackingBasis: f.text("PackingBasis"),
		Instructions: f.text("DeliveryInstructions"), Route: f.text("Route"),
		OrderDate: f.date("OrderDate"), RequestedDate: f.date("RequestedDate"),
		Freight: f.number("FreightOut"), ShipToName: f.text("ShipToName"),
		ShipToPhone: f.text("ShipToPhone"), ShipToEmail: f.text("ShipToMailAddress"),
		ShipTo: Postal{Line1: f.text("ShipToAddress1"), Line2: f.text("ShipToAddress2"), Line3: f.text("ShipToAddress3"),
			City: f.text("ShipToCity"), State: f.text(e.stateField()), Zip: f.text("ZipCode"), Country: f.text("ShipToCountry")},
	}
	if o.SourceLocation == 0 {
		o.SourceLocation = o.Location
	}
	approved, said := f.flag("Approved")
	o.Approved = approved || !said && e.options.AutoApprove
	o.Quote, _ = f.flag("Quote")
	o.WillCall, _ = f.flag("WillCall")
	for _, line := range f.list("Lines") {
		o.Lines = append(o.Lines, readOrderLine(line))
	}
	for _, note := range f.list("Notes") {
		o.Notes = append(o.Notes, Note{Topic: note.text("Topic"), Text: note.text("Note"), Class: note.text("NotepadClassId")})
	}
	return o, *f.err
}

func readOrderLine(f fields) *Line {
	manual, _ := f.flag("ManualPriceOveride")
	return &Line{
		ItemID: f.text("ItemId"), ExtendedDesc: f.text("ExtendedDesc"), Unit: f.text("UnitOfMeasure"),
		Qty: f.number("UnitQuantity"), Price: f.number("UnitPrice"), ManualPrice: manual,
		SourceLocation: f.id("SourceLocId"), ShipLocation: f.id("ShipLocId"), Disposition: f.text("Disposition"),
		RequiredDate: f.date("RequiredDate"), UserNo: f.text("LineNo"),
	}
}

func (e *ERP) getOrder(r *http.Request) reply {
	key := r.PathValue("key")
	o, found := e.books.orders[key]
	if !found {
		return refused(noSuch("GetById " + key))
	}
	return ok(e.orderDocument(o, extended(r.URL.Query().Get("extendedproperties"))))
}

// extended tells which child collections are asked for.
type extended string

func (x extended) wants(name string) bool {
	if x == "*" {
		return true
	}
	for part := range strings.SplitSeq(string(x), ",") {
		if strings.TrimSpace(part) == name {
			return true
		}
	}
	return false
}

func listed(items []map[string]any) map[string]any {
	if items == nil {
		items = []map[string]any{}
	}
	return map[string]any{"list": items}
}

func yn(on bool) string {
	if on {
		return "Y"
	}
	return "N"
}

func (e *ERP) orderDocument(o *Order, with extended) map[string]any {
	d := orderTemplate(e.options)
	for name, value := range map[string]any{
		"OrderNo": o.No, "CustomerId": o.CustomerID, "ContactId": itoa(o.ContactID), "LocationId": o.Location,
		"SourceLocationId": o.SourceLocation, "PoNo": o.PO, "Taker": o.Taker, "JobName": o.JobName,
		"OrderDate": o.OrderDate.Format(stampLayout), "RequestedDate": o.RequestedDate.Format(stampLayout),
		"Approved": o.Approved, "ShipToId": o.ShipToID, "ShipToName": o.ShipToName,
		"ShipToAddress1": o.ShipTo.Line1, "ShipToAddress2": o.ShipTo.Line2, "ShipToAddress3": o.ShipTo.Line3,
		"ShipToCity": o.ShipTo.City, e.stateField(): o.ShipTo.State, "ZipCode": o.ShipTo.Zip, "ShipToCountry": o.ShipTo.Country,
		"ShipToMailAddress": o.ShipToEmail, "ShipToPhone": o.ShipToPhone, "CarrierId": o.CarrierID, "Route": o.Route,
		"PackingBasis": o.PackingBasis, "DeliveryInstructions": o.Instructions, "Terms": o.Terms, "WillCall": yn(o.WillCall),
		"FreightCd": o.FreightCode, "FreightOut": money(o.Freight), "Quote": yn(o.Quote), "DeletedFlag": yn(o.Deleted),
		"CancelledFlag": yn(o.Cancelled), "Completed": yn(o.Completed), "CurrencyID": e.options.Currency,
		"OeHdrUid": o.UID, "WebReferenceNo": o.WebReference,
	} {
		d[name] = value
	}
	if with.wants("Lines") {
		var lines []map[string]any
		for _, l := range o.Lines {
			lines = append(lines, lineDocument(l))
		}
		d["Lines"] = listed(lines)
	}
	if with.wants("Notes") {
		var notes []map[string]any
		for _, n := range o.Notes {
			notes = append(notes, map[string]any{"Topic": n.Topic, "Note": n.Text, "NotepadClassId": n.Class})
		}
		d["Notes"] = listed(notes)
	}
	if with.wants("Salesreps") {
		d["Salesreps"] = listed(nil)
	}
	return d
}

func lineDocument(l *Line) map[string]any {
	return map[string]any{
		"LineNo": l.No, "ItemId": l.ItemID, "UnitQuantity": money(l.Qty), "UnitOfMeasure": l.Unit,
		"UnitPrice": money(l.Price), "PricingUnit": l.Unit, "ManualPriceOveride": yn(l.ManualPrice),
		"ExtendedPrice": money(l.Extended), "ExtendedDesc": l.ExtendedDesc, "SourceLocId": l.SourceLocation,
		"ShipLocId": l.ShipLocation, "RequiredDate": l.RequiredDate.Format(stampLayout), "Disposition": l.Disposition,
		"QtyOrdered": money(l.Ordered()), "Delete": false, "Notes": nil, "Serials": nil,
	}
}

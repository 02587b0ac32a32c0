package erp

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"time"
)

// The gateway's SalesOrder.

func sortBy(rows []any, key func(any) string) {
	slices.SortStableFunc(rows, func(x, y any) int { return cmp.Compare(key(x), key(y)) })
}

func (e *ERP) gatewayCreateOrder(r *http.Request) reply {
	var in gatewayOrder
	if err := readStrict(r, &in); err != nil {
		return gatewayRefused(err)
	}
	o, err := e.gatewayDraft(in)
	if err != nil {
		return gatewayRefused(err)
	}
	if err := e.books.place(o, dropsLine(r)); err != nil {
		return gatewayRefused(err)
	}
	return reply{status: http.StatusCreated, body: e.gatewayView(o)}
}

func (e *ERP) gatewayDraft(in gatewayOrder) (*Order, error) {
	switch {
	case in.OrderNo != "":
		return nil, errors.New("orderNo must not be given for a new order")
	case in.CompanyID != e.options.Company:
		return nil, errors.New("companyId is unknown")
	case len(in.Lines) == 0:
		return nil, errors.New("lines must not be empty")
	}
	o := &Order{
		CustomerID: in.CustomerID, ContactID: in.ContactID, ShipToID: in.ShipToID, Location: in.LocationID,
		SourceLocation: in.SourceLocationID, CarrierID: in.CarrierID, PO: in.PoNo, WebReference: in.WebReferenceNo,
		Taker: in.Taker, Approved: in.Approved || e.options.AutoApprove, Quote: in.Quote, WillCall: in.WillCall,
		Terms: in.Terms, FreightCode: in.FreightCode, PackingBasis: in.PackingBasis, Instructions: in.DeliveryInstructions,
		Freight: in.FreightOut.Decimal, ShipToName: in.ShipToName, ShipToPhone: in.ShipToPhone, ShipToEmail: in.ShipToEmail,
		ShipTo: Postal{in.ShipToAddress1, in.ShipToAddress2, in.ShipToAddress3, in.ShipToCity, in.ShipToState, in.ShipToZip, in.ShipToCountry},
	}
	if err := errors.Join(readDate(in.OrderDate, &o.OrderDate), readDate(in.RequestedDate, &o.RequestedDate)); err != nil {
		return nil, err
	}
	for _, l := range in.Lines {
		o.Lines = append(o.Lines, &Line{ItemID: l.ItemID, Qty: l.Quantity.Decimal, Unit: l.Unit, Price: l.UnitPrice.Decimal,
			ManualPrice: l.ManualPrice, ExtendedDesc: l.Description})
	}
	for _, n := range in.Notes {
		o.Notes = append(o.Notes, Note(n))
	}
	for _, p := range in.Payments {
		x := Remittance{TypeID: p.TypeID, Amount: p.Amount.Decimal, Desc: p.Description, Authorization: p.Authorization}
		if err := readDate(p.Date, &x.Date); err != nil {
			return nil, err
		}
		o.Remittances = append(o.Remittances, x)
	}
	return o, nil
}

// readDate reads a text that is not empty into its field.
func readDate(text string, field *time.Time) error {
	if text == "" {
		return nil
	}
	t, err := parseWall(text)
	*field = t
	return err
}

func (e *ERP) gatewayView(o *Order) gatewayOrderView {
	v := gatewayOrderView{gatewayOrder: gatewayOrder{
		OrderNo: o.No, CompanyID: e.options.Company, CustomerID: o.CustomerID, ContactID: o.ContactID, ShipToID: o.ShipToID,
		LocationID: o.Location, SourceLocationID: o.SourceLocation, CarrierID: o.CarrierID, PoNo: o.PO, WebReferenceNo: o.WebReference,
		Taker: o.Taker, OrderDate: o.OrderDate.Format(time.DateOnly), RequestedDate: o.RequestedDate.Format(time.DateOnly),
		Approved: o.Approved, Quote: o.Quote, WillCall: o.WillCall, Terms: o.Terms, FreightCode: o.FreightCode,
		PackingBasis: o.PackingBasis, DeliveryInstructions: o.Instructions, FreightOut: amount{o.Freight}, ShipToName: o.ShipToName,
		ShipToAddress1: o.ShipTo.Line1, ShipToAddress2: o.ShipTo.Line2, ShipToAddress3: o.ShipTo.Line3, ShipToCity: o.ShipTo.City,
		ShipToState: o.ShipTo.State, ShipToZip: o.ShipTo.Zip, ShipToCountry: o.ShipTo.Country, ShipToPhone: o.ShipToPhone,
		ShipToEmail: o.ShipToEmail, Lines: []gatewayLine{},
	},
		Status: gatewayStatus(o), Completed: o.Completed, Cancelled: o.Cancelled, DateCreated: o.Created, DateModified: orderModified(o),
		Totals: gatewayTotals{amount{o.Goods()}, amount{o.Freight}, amount{o.Charges()}, amount{o.Tax}, amount{o.Total()}},
	}
	for _, l := range o.Lines {
		v.Lines = append(v.Lines, gatewayLine{LineNo: l.No, ItemID: l.ItemID, Quantity: amount{l.Qty}, Unit: l.Unit, UnitPrice: amount{l.Price},
			ManualPrice: l.ManualPrice, Description: l.ExtendedDesc, Extended: amount{l.Extended}, Tax: amount{l.Tax}, OtherCharge: l.OtherCharge,
			QtyAllocated: amount{l.Allocated}, QtyInvoiced: amount{l.Invoiced}, QtyCanceled: amount{l.Canceled}, Complete: l.Complete, Cancelled: l.Cancelled})
	}
	for _, n := range o.Notes {
		v.Notes = append(v.Notes, gatewayNote(n))
	}
	for _, p := range o.Remittances {
		v.Payments = append(v.Payments, gatewayPayment{TypeID: p.TypeID, Amount: amount{p.Amount}, Description: p.Desc, Authorization: p.Authorization})
	}
	return v
}

func gatewayStatus(o *Order) string {
	switch {
	case o.Cancelled:
		return "cancelled"
	case o.Completed:
		return "completed"
	case o.Validation == "Hold":
		return "hold"
	case !o.Approved:
		return "unapproved"
	}
	return "open"
}

// orderModified is when an order or any of its lines last changed.
func orderModified(o *Order) time.Time {
	latest := o.Modified
	for _, l := range o.Lines {
		if l.Modified.After(latest) {
			latest = l.Modified
		}
	}
	return latest
}

func (e *ERP) gatewayOrders(r *http.Request) reply {
	q := r.URL.Query()
	var orders []*Order
	moment, given, err := since(r)
	switch {
	case err != nil:
		return gatewayRefused(err)
	case q.Get("orderNo") != "":
		orders = found(e.books.orders, q.Get("orderNo"))
	case q.Get("webReferenceNo") != "":
		orders = e.books.byWebRef[q.Get("webReferenceNo")]
	case q.Get("poNo") != "":
		orders = e.books.byPO[q.Get("poNo")]
	case given:
		orders = e.ordersSince(moment)
	default:
		return gatewayRefused(errors.New("one of orderNo, webReferenceNo, poNo, modifiedSince is required"))
	}
	p, err := gatewayPage(r, anys(orders),
		func(x any) time.Time { return orderModified(x.(*Order)) },
		func(x any) string { return x.(*Order).No },
		func(x any) any { return e.gatewayView(x.(*Order)) })
	if err != nil {
		return gatewayRefused(err)
	}
	return ok(p)
}

// ordersSince are the orders that changed, by themselves or in a line.
func (e *ERP) ordersSince(t time.Time) []*Order {
	seen := map[*Order]bool{}
	for _, row := range e.books.changed["oe_hdr"].since(t) {
		seen[row.(*Order)] = true
	}
	for _, row := range e.books.changed["oe_line"].since(t) {
		seen[row.(*Line).order] = true
	}
	orders := make([]*Order, 0, len(seen))
	for o := range seen {
		orders = append(orders, o)
	}
	return orders
}

type gatewayOrderChange struct {
	OrderNo              string        `json:"orderNo"`
	Cancel               bool          `json:"cancel"`
	CancelLines          []int         `json:"cancelLines"`
	Approved             *bool         `json:"approved"`
	Hold                 *bool         `json:"hold"`
	PoNo                 *string       `json:"poNo"`
	DeliveryInstructions *string       `json:"deliveryInstructions"`
	FreightOut           *amount       `json:"freightOut"`
	Lines                []gatewayLine `json:"lines"`
}

// gatewayUpdateOrder cancels, approves, holds, or changes an order. Lines are
// matched by lineNo; without one they are added.
func (e *ERP) gatewayUpdateOrder(r *http.Request) reply {
	var in gatewayOrderChange
	if err := readStrict(r, &in); err != nil {
		return gatewayRefused(err)
	}
	o, found := e.books.orders[in.OrderNo]
	if !found {
		return gatewayRefused(missingError("order " + in.OrderNo + " does not exist"))
	}
	if o.Completed || o.Cancelled {
		return gatewayRefused(conflictError("order " + in.OrderNo + " is completed or cancelled"))
	}
	if err := e.gatewayChange(o, in); err != nil {
		return gatewayRefused(err)
	}
	return ok(e.gatewayView(o))
}

func (e *ERP) gatewayChange(o *Order, in gatewayOrderChange) error {
	w := &orderWindow{ERP: e, existing: o, draft: o.clone(), cancel: in.Cancel}
	for _, no := range in.CancelLines {
		if no < 1 || no > len(o.Lines) {
			return missingError("line " + itoa(no) + " does not exist")
		}
	}
	w.cancelLines = in.CancelLines
	d := &w.draft
	change(&d.Approved, in.Approved)
	change(&d.PO, in.PoNo)
	change(&d.Instructions, in.DeliveryInstructions)
	if in.FreightOut != nil {
		d.Freight = in.FreightOut.Decimal
	}
	if in.Hold != nil {
		d.Validation = map[bool]string{true: "Hold", false: "OK"}[*in.Hold]
	}
	for _, l := range in.Lines {
		if l.LineNo == 0 {
			d.Lines = append(d.Lines, &Line{ItemID: l.ItemID, Qty: l.Quantity.Decimal, Unit: l.Unit, Price: l.UnitPrice.Decimal, ManualPrice: l.ManualPrice})
			continue
		}
		if l.LineNo < 1 || l.LineNo > len(o.Lines) {
			return missingError("line " + itoa(l.LineNo) + " does not exist")
		}
		line := d.Lines[l.LineNo-1]
		line.Qty, line.Price, line.ManualPrice = l.Quantity.Decimal, l.UnitPrice.Decimal, l.ManualPrice
	}
	return w.saveChanges()
}

func change[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

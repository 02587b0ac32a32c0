package erp

import (
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Order is a sales order as the books keep it.
type Order struct {
	No                                                       string
	UID                                                      int
	CustomerID, ShipToID, ContactID                          int
	Location, SourceLocation, CarrierID                      int
	PO, WebReference, Taker, Terms                           string
	JobName, SourceID, FreightCode, PackingBasis             string
	Instructions, Route, Validation                          string
	OrderDate, RequestedDate                                 time.Time
	Approved, Quote, WillCall, Completed, Cancelled, Deleted bool
	Freight, Tax                                             decimal.Decimal
	ShipToName, ShipToPhone, ShipToEmail                     string
	ShipTo                                                   Postal
	Lines                                                    []*Line
	Notes                                                    []Note
	Remittances                                              []Remittance
	Created, Modified                                        time.Time
}

// Line is one line of a sales order. Qty and Price are per Unit; Allocated,
// OnTickets, Invoiced and Canceled are in base units.
type Line struct {
	No, UID, ItemUID                                      int
	UserNo, ItemID, Desc, ExtendedDesc, Unit, Disposition string
	Qty, UnitSize, Price, Extended, Tax                   decimal.Decimal
	Allocated, OnTickets, Invoiced, Canceled              decimal.Decimal
	Reserved                                              []Reservation
	SourceLocation, ShipLocation                          int
	ManualPrice, OtherCharge, Complete, Cancelled         bool
	RequiredDate, Modified                                time.Time
	order                                                 *Order
}

// Reservation is stock set aside for a line, not yet on a ticket.
type Reservation struct {
	Location int
	Qty      decimal.Decimal
}

// Note is a notepad entry of an order.
type Note struct{ Topic, Text, Class string }

// Remittance is a payment recorded with an order.
type Remittance struct {
	TypeID, Desc, CheckNo, Authorization string
	Amount                               decimal.Decimal
	Date                                 time.Time
}

// Ordered is the quantity in base units.
func (l *Line) Ordered() decimal.Decimal { return l.Qty.Mul(l.UnitSize) }

// Open is what is neither invoiced nor cancelled, in base units.
func (l *Line) Open() decimal.Decimal { return l.Ordered().Sub(l.Invoiced).Sub(l.Canceled) }

// Net is the extended price of what is not cancelled.
func (l *Line) Net() decimal.Decimal {
	if l.Canceled.IsZero() || l.UnitSize.IsZero() {
		return l.Extended
	}
	return l.Price.Mul(l.Qty.Sub(l.Canceled.Div(l.UnitSize))).Round(2)
}

// Goods is the sum of the lines that are not charges.
func (o *Order) Goods() decimal.Decimal { return o.sum(false) }

// Charges is the sum of the other-charge lines.
func (o *Order) Charges() decimal.Decimal { return o.sum(true) }

func (o *Order) sum(charges bool) decimal.Decimal {
	total := decimal.Zero
	for _, l := range o.Lines {
		if l.OtherCharge == charges {
			total = total.Add(l.Net())
		}
	}
	return total
}

// Total is what the customer owes for the order.
func (o *Order) Total() decimal.Decimal {
	return o.Goods().Add(o.Charges()).Add(o.Freight).Add(o.Tax)
}

func (o *Order) paid() decimal.Decimal {
	total := decimal.Zero
	for _, r := range o.Remittances {
		total = total.Add(r.Amount)
	}
	return total
}

func (o *Order) clone() Order {
	copied := *o
	copied.Lines = make([]*Line, len(o.Lines))
	for i, l := range o.Lines {
		c := *l
		c.order, c.Reserved = nil, slices.Clone(l.Reserved)
		copied.Lines[i] = &c
	}
	copied.Notes = slices.Clone(o.Notes)
	copied.Remittances = slices.Clone(o.Remittances)
	return copied
}

// ruleError is a business rule that said no.
type ruleError string

func (e ruleError) Error() string { return string(e) }

// packingBases are the only values that the field takes.
var packingBases = []string{"Partial", "Item Complete", "Order Complete", "Item Partial", "Partial/Order", "Hold"}

// place checks a new order against the books and enters it. Nothing is
// entered unless all of it is right. It never asks whether the customer's
// order number or the web reference was seen before: P21 does not either.
// With short it loses the last line and says nothing, as P21 does when a
// prompt about that line was answered with its default.
func (b *books) place(o *Order, short bool) error {
	if err := b.checkHeader(o); err != nil {
		return err
	}
	if len(o.Lines) == 0 {
		return ruleError("At least one line item is required to save the order.")
	}
	for _, l := range o.Lines {
		if err := b.prepareLine(o, l); err != nil {
			return err
		}
	}
	if short {
		o.Lines = o.Lines[:len(o.Lines)-1]
	}
	b.enterOrder(o)
	return nil
}

func (b *books) enterOrder(o *Order) {
	now := b.now()
	o.UID = take(&b.Next.Order)
	o.No = itoa(o.UID)
	o.Created, o.Modified = now, now
	for i, l := range o.Lines {
		b.numberLine(l, i+1)
		l.Modified = now
	}
	b.retax(o)
	b.Orders = append(b.Orders, o)
	b.indexOrder(o)
}

func (b *books) numberLine(l *Line, no int) {
	l.No, l.UID = no, take(&b.Next.Line)
	setDefault(&l.UserNo, itoa(no))
}

func (b *books) checkHeader(o *Order) error {
	c, ok := b.customers[o.CustomerID]
	switch {
	case !ok || c.Deleted:
		return ruleError("Customer ID " + itoa(o.CustomerID) + " does not exist for company " + b.options.Company + ".")
	case c.PORequired && o.PO == "":
		return ruleError("Customer requires a PO Number.")
	case o.ContactID == 0:
		return ruleError("Contact ID is a required field.")
	case b.contacts[o.ContactID] == nil || b.contacts[o.ContactID].Deleted:
		return ruleError("Contact ID " + itoa(o.ContactID) + " does not exist.")
	case o.Taker == "":
		return ruleError("Taker is a required field.")
	case !slices.Contains(b.options.Takers, o.Taker):
		return ruleError("Taker " + o.Taker + " is not a valid user.")
	case len(o.PO) > 50:
		return ruleError("PO Number is longer than 50 characters.")
	case len(o.WebReference) > 255:
		return ruleError("Web Reference Number is longer than 255 characters.")
	case o.Freight.IsNegative():
		return ruleError("Freight Out cannot be negative.")
	}
	if err := b.checkPlaces(o); err != nil {
		return err
	}
	setDefault(&o.PackingBasis, "Partial")
	if !slices.Contains(packingBases, o.PackingBasis) {
		return ruleError("Packing Basis " + o.PackingBasis + " is not valid.")
	}
	setDefault(&o.Terms, c.Terms)
	setDefault(&o.Validation, "OK")
	return b.checkDates(o)
}

func (b *books) checkPlaces(o *Order) error {
	s, ok := b.shipTos[o.ShipToID]
	switch {
	case o.ShipToID == 0:
		return ruleError("Ship To ID is a required field.")
	case !ok || s.Deleted || s.CustomerID != o.CustomerID:
		return ruleError("Ship To ID " + itoa(o.ShipToID) + " is not valid for customer " + itoa(o.CustomerID) + ".")
	case !slices.Contains(b.options.Locations, o.Location):
		return ruleError("Location ID " + itoa(o.Location) + " does not exist.")
	case !slices.Contains(b.options.Locations, o.SourceLocation):
		return ruleError("Source Location ID " + itoa(o.SourceLocation) + " does not exist.")
	case o.CarrierID != 0 && b.options.Carriers[o.CarrierID] == "":
		return ruleError("Carrier ID " + itoa(o.CarrierID) + " does not exist.")
	case o.FreightCode != "" && !slices.Contains(b.options.FreightCodes, o.FreightCode):
		return ruleError("Freight Code " + o.FreightCode + " does not exist.")
	}
	setDefault(&o.CarrierID, s.CarrierID)
	// Each field starts as the ship-to has it and stays so unless overwritten.
	a := b.addresses[s.ID]
	setDefault(&o.ShipToName, s.Name)
	setDefault(&o.ShipToPhone, a.Phone)
	setDefault(&o.ShipToEmail, a.Email)
	if o.ShipTo.Line1 == "" {
		o.ShipTo.Line1, o.ShipTo.Line2, o.ShipTo.Line3 = a.Phys.Line1, a.Phys.Line2, a.Phys.Line3
	}
	setDefault(&o.ShipTo.City, a.Phys.City)
	setDefault(&o.ShipTo.State, a.Phys.State)
	setDefault(&o.ShipTo.Zip, a.Phys.Zip)
	setDefault(&o.ShipTo.Country, a.Phys.Country)
	return nil
}

func (b *books) checkDates(o *Order) error {
	today := b.wall(b.now()).Truncate(24 * time.Hour)
	setDefault(&o.OrderDate, today)
	setDefault(&o.RequestedDate, o.OrderDate)
	if o.RequestedDate.Before(o.OrderDate) {
		return ruleError("Requested Date cannot be before Order Date.")
	}
	return nil
}

// prepareLine checks a line and fills in what the item master knows. Unless
// its price is manual, P21's own price replaces whatever was sent.
func (b *books) prepareLine(o *Order, l *Line) error {
	item, ok := b.items[l.ItemID]
	if !ok {
		return ruleError("Item ID " + l.ItemID + " does not exist.")
	}
	if item.Deleted || item.Inactive {
		return ruleError("Item ID " + l.ItemID + " is not active.")
	}
	if !l.Qty.IsPositive() {
		return ruleError("Unit Quantity for item " + l.ItemID + " must be greater than zero.")
	}
	setDefault(&l.Unit, item.SellingUnit)
	size, ok := item.unit(l.Unit)
	if !ok {
		return ruleError("Unit of Measure " + l.Unit + " is not valid for item " + l.ItemID + ".")
	}
	l.ItemUID, l.UnitSize, l.OtherCharge = item.UID, size, item.OtherCharge
	setDefault(&l.Desc, item.Desc)
	if !l.ManualPrice {
		l.Price = item.priceFor(size)
	}
	l.Extended = l.Price.Mul(l.Qty).Round(2)
	setDefault(&l.SourceLocation, o.SourceLocation)
	setDefault(&l.ShipLocation, l.SourceLocation)
	for _, location := range []int{l.SourceLocation, l.ShipLocation} {
		if !slices.Contains(b.options.Locations, location) {
			return ruleError("Source Location ID " + itoa(location) + " does not exist for item " + l.ItemID + ".")
		}
	}
	setDefault(&l.RequiredDate, o.RequestedDate)
	return nil
}

// retax computes the tax of the goods by the ship-to's jurisdiction, rounds it
// once for the order, and spreads it over the lines by largest remainder.
func (b *books) retax(o *Order) {
	rate := b.options.TaxRates[strings.ToUpper(o.ShipTo.State)]
	if !b.customers[o.CustomerID].Taxable {
		rate = decimal.Zero
	}
	o.Tax = o.Goods().Mul(rate).Round(2)
	cent := decimal.New(1, -2)
	left := o.Tax
	var goods []*Line
	for _, l := range o.Lines {
		l.Tax = decimal.Zero
		if !l.OtherCharge {
			l.Tax = l.Net().Mul(rate).Truncate(2)
			left = left.Sub(l.Tax)
			goods = append(goods, l)
		}
	}
	remainder := func(l *Line) decimal.Decimal { return l.Net().Mul(rate).Sub(l.Tax) }
	slices.SortStableFunc(goods, func(x, y *Line) int { return remainder(y).Cmp(remainder(x)) })
	for _, l := range goods {
		if left.LessThan(cent) {
			return
		}
		l.Tax = l.Tax.Add(cent)
		left = left.Sub(cent)
	}
}

func (b *books) cancelOrder(o *Order) error {
	if o.Completed {
		return ruleError("Order " + o.No + " is complete and cannot be cancelled.")
	}
	for _, t := range b.ticketsOf[o.No] {
		if t.Shipped && t.InvoiceNo == "" {
			return ruleError("Order " + o.No + " has confirmed pick tickets and cannot be cancelled.")
		}
	}
	for _, t := range b.ticketsOf[o.No] {
		if !t.Shipped && !t.Deleted {
			b.deleteTicket(o, t)
		}
	}
	for _, l := range o.Lines {
		b.dropRemainder(l)
	}
	o.Cancelled = true
	b.retax(o)
	b.touch(o)
	return nil
}

func (b *books) cancelLine(o *Order, l *Line) error {
	if err := b.cancellable(o, l); err != nil {
		return err
	}
	b.dropRemainder(l)
	b.retax(o)
	b.completeIfDone(o)
	return nil
}

func (b *books) cancellable(o *Order, l *Line) error {
	if l.Complete || l.Cancelled {
		return ruleError("Line " + itoa(l.No) + " of order " + o.No + " is already complete.")
	}
	if l.OnTickets.IsPositive() {
		return ruleError("Line " + itoa(l.No) + " of order " + o.No + " is on a pick ticket.")
	}
	return nil
}

// dropRemainder gives back what was set aside for a line and closes it.
func (b *books) dropRemainder(l *Line) {
	if l.Complete || l.Cancelled {
		return
	}
	b.release(l)
	l.Canceled = l.Canceled.Add(l.Open())
	l.Cancelled = l.Invoiced.IsZero()
	l.Complete = true
	l.Disposition = "C"
	b.touch(l)
}

// release puts all stock that is reserved for a line back.
func (b *books) release(l *Line) {
	for _, r := range l.Reserved {
		s := b.stock(b.itemUIDs[l.ItemUID], r.Location)
		s.Allocated = s.Allocated.Sub(r.Qty)
		b.touch(s)
	}
	l.Reserved, l.Allocated = nil, decimal.Zero
}

func (b *books) completeIfDone(o *Order) {
	for _, l := range o.Lines {
		if !l.Complete {
			return
		}
	}
	if slices.ContainsFunc(o.Lines, func(l *Line) bool { return l.Invoiced.IsPositive() }) {
		o.Completed = true
	} else {
		o.Cancelled = true
	}
	b.touch(o)
}

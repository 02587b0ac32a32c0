package erp

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// Activity is what the warehouse did in one step.
type Activity struct{ Allocated, Ticketed, Shipped, Invoiced, Completed int }

// Step moves every open order on by one stage: allocate, print pick tickets,
// ship a ticket, invoice a ticket. What happens to an order depends on the
// seed and its number alone; only who rests depends on the moment too.
func (e *ERP) Step(now time.Time) Activity {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.books.clock = func() time.Time { return now }
	defer func() { e.books.clock = e.options.Now }()
	var done Activity
	step := uint64(now.UnixNano())
	for _, o := range slices.Clone(e.books.open) {
		if e.options.IdleShare > 0 && e.luck(o.No, step).Float64() < e.options.IdleShare {
			continue
		}
		e.advance(o, &done)
	}
	e.books.open = slices.DeleteFunc(e.books.open, func(o *Order) bool { return o.Completed || o.Cancelled })
	return done
}

// Run steps at a pace until the context ends.
func (e *ERP) Run(ctx context.Context, pace time.Duration) {
	ticker := time.NewTicker(pace)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			e.Step(e.options.Now())
		}
	}
}

func (e *ERP) advance(o *Order, done *Activity) {
	b := e.books
	if !o.Approved || o.Quote || o.Cancelled || o.Completed || o.Validation == "Hold" || o.PackingBasis == "Hold" {
		return
	}
	for _, t := range b.ticketsOf[o.No] {
		switch {
		case t.Deleted || t.InvoiceNo != "":
		case t.Shipped:
			b.invoice(o, t)
			done.Invoiced++
			done.Completed += boolInt(o.Completed)
			return
		default:
			e.ship(o, t)
			done.Shipped++
			return
		}
	}
	if slices.ContainsFunc(o.Lines, func(l *Line) bool { return l.Allocated.IsPositive() }) {
		done.Ticketed += b.ticket(o)
		return
	}
	done.Allocated += boolInt(e.allocate(o))
}

// plan is what the seed says will happen to an order.
type plan struct{ partial, split bool }

func (e *ERP) planOf(o *Order) plan {
	luck := e.luck(o.No, 1)
	return plan{
		partial: luck.Float64() < e.options.PartialShare && o.PackingBasis != "Order Complete",
		split:   luck.Float64() < e.options.SplitShare && len(e.options.Locations) > 1,
	}
}

// allocate sets stock aside for an order, all of it or a first part.
func (e *ERP) allocate(o *Order) bool {
	p := e.planOf(o)
	first := len(e.books.ticketsOf[o.No]) == 0
	any := false
	goods := 0
	for i, l := range o.Lines {
		if l.Complete {
			continue
		}
		want := l.Open().Sub(l.OnTickets).Sub(l.Allocated)
		if p.partial && first && !l.OtherCharge {
			want = firstPart(o, l, goods, want)
		}
		goods += boolInt(!l.OtherCharge)
		if want.IsPositive() {
			any = e.reserve(o, l, want, p.split && i%2 == 1) || any
		}
	}
	return any
}

// firstPart is how much of a line the first of two deliveries takes: every
// other line of several, or half of an only line.
func firstPart(o *Order, l *Line, index int, want decimal.Decimal) decimal.Decimal {
	goods := 0
	for _, x := range o.Lines {
		goods += boolInt(!x.OtherCharge && !x.Complete)
	}
	if goods > 1 {
		if index%2 == 1 {
			return decimal.Zero
		}
		return want
	}
	half := want.Div(l.UnitSize).Div(decimal.NewFromInt(2)).Floor().Mul(l.UnitSize)
	if half.IsPositive() {
		return half
	}
	return want
}

// reserve takes stock at the line's own location first, or last when the plan
// says so, and at the others for what is missing. Charges need no stock.
func (e *ERP) reserve(o *Order, l *Line, want decimal.Decimal, elsewhereFirst bool) bool {
	if l.OtherCharge {
		l.Allocated = l.Allocated.Add(want)
		l.Reserved = append(l.Reserved, Reservation{l.SourceLocation, want})
		e.books.touch(l)
		return true
	}
	locations := []int{l.SourceLocation}
	for _, location := range e.options.Locations {
		if location != l.SourceLocation {
			locations = append(locations, location)
		}
	}
	if elsewhereFirst {
		slices.Reverse(locations)
	}
	item := e.books.itemUIDs[l.ItemUID]
	for _, location := range locations {
		s := e.books.stock(item, location)
		got := decimal.Min(want, s.OnHand.Sub(s.Allocated))
		if !got.IsPositive() {
			continue
		}
		s.Allocated = s.Allocated.Add(got)
		e.books.touch(s)
		l.Allocated = l.Allocated.Add(got)
		l.Reserved = append(l.Reserved, Reservation{location, got})
		want = want.Sub(got)
	}
	if want.IsPositive() {
		l.Disposition = "B"
	}
	e.books.touch(l)
	return l.Allocated.IsPositive()
}

// ticket prints a pick ticket per location for all that is allocated.
func (b *books) ticket(o *Order) int {
	var made []*PickTicket
	at := func(location int) *PickTicket {
		for _, t := range made {
			if t.Location == location {
				return t
			}
		}
		t := &PickTicket{No: take(&b.Next.Ticket), OrderNo: o.No, Location: location, CarrierID: o.CarrierID, Created: b.now(), Printed: b.now()}
		made = append(made, t)
		return t
	}
	for _, l := range o.Lines {
		for _, r := range l.Reserved {
			t := at(r.Location)
			t.Lines = append(t.Lines, &TicketLine{No: len(t.Lines) + 1, LineNo: l.No, ItemUID: l.ItemUID, Qty: r.Qty, UnitSize: l.UnitSize, Unit: l.Unit})
			l.OnTickets = l.OnTickets.Add(r.Qty)
			b.touch(l)
		}
		if l.Reserved != nil {
			l.Reserved, l.Allocated = nil, decimal.Zero
		}
	}
	if len(b.ticketsOf[o.No]) == 0 && len(made) > 0 {
		made[0].Freight = o.Freight
	}
	for _, t := range made {
		t.Modified = b.now()
		b.Tickets = append(b.Tickets, t)
		b.indexTicket(t)
	}
	return len(made)
}

// deleteTicket takes an unshipped ticket back and frees its stock.
func (b *books) deleteTicket(o *Order, t *PickTicket) {
	for _, tl := range t.Lines {
		l := o.Lines[tl.LineNo-1]
		l.OnTickets = l.OnTickets.Sub(tl.Qty)
		if !l.OtherCharge {
			s := b.stock(b.itemUIDs[l.ItemUID], t.Location)
			s.Allocated = s.Allocated.Sub(tl.Qty)
			b.touch(s)
		}
	}
	t.Deleted = true
	b.touch(t)
}

// ship confirms a ticket and tracks it, in one of the places where tracking
// numbers are found.
func (e *ERP) ship(o *Order, t *PickTicket) {
	luck := e.luck(itoa(t.No), 2)
	parcels, shipment := luck.Float64() < e.options.ParcelShare, luck.Float64() < e.options.ShipmentShare
	switch {
	case o.WillCall:
		t.CarrierID = 0
	case t.Tracking != "":
	case parcels:
		e.assignCarrier(t)
		for range 2 + luck.IntN(2) {
			t.Parcels = append(t.Parcels, &Parcel{UID: take(&e.books.Next.Parcel), Tracking: e.books.trackingNo(), Weight: decimal.NewFromInt(5), Created: e.books.now(), ticket: t})
		}
	case shipment:
		e.assignCarrier(t)
		t.ShipmentTracking = e.books.trackingNo()
	default:
		e.assignCarrier(t)
		t.Tracking = e.books.trackingNo()
	}
	e.books.confirm(t)
}

func (e *ERP) assignCarrier(t *PickTicket) {
	if t.CarrierID == 0 {
		t.CarrierID = sortedKeys(e.options.Carriers)[0]
	}
}

func (b *books) trackingNo() string { return fmt.Sprintf("1Z999AA1%010d", take(&b.Next.Tracking)) }

// confirm takes the goods out of stock. The order's header does not move.
func (b *books) confirm(t *PickTicket) {
	o := b.orders[t.OrderNo]
	for _, tl := range t.Lines {
		tl.ShippedQty = tl.Qty
		if l := o.Lines[tl.LineNo-1]; !l.OtherCharge {
			s := b.stock(b.itemUIDs[l.ItemUID], t.Location)
			s.OnHand, s.Allocated = s.OnHand.Sub(tl.Qty), s.Allocated.Sub(tl.Qty)
			b.touch(s)
		}
	}
	t.Shipped, t.ShipDate = true, b.now()
	t.Tax = b.taxOf(o, t)
	b.touch(t)
}

// taxOf is a ticket's share of the order's tax: what is due up to and with it,
// less what earlier tickets had, so that the parts sum to the whole.
func (b *books) taxOf(o *Order, t *PickTicket) decimal.Decimal {
	goods := o.Goods()
	if goods.IsZero() {
		return decimal.Zero
	}
	shipped, taxed := decimal.Zero, decimal.Zero
	for _, x := range b.ticketsOf[o.No] {
		if x != t && !x.Shipped || x.Deleted {
			continue
		}
		taxed = taxed.Add(x.Tax)
		for _, tl := range x.Lines {
			if l := o.Lines[tl.LineNo-1]; !l.OtherCharge {
				shipped = shipped.Add(l.Price.Mul(tl.Qty).Div(l.UnitSize))
			}
		}
	}
	return o.Tax.Mul(shipped).Div(goods).Round(2).Sub(taxed.Sub(t.Tax))
}

// invoice bills a shipped ticket and completes the order with the last one.
func (b *books) invoice(o *Order, t *PickTicket) {
	wall := b.wall(b.now())
	x := &Invoice{No: itoa(take(&b.Next.Invoice)), OrderNo: o.No, CustomerID: o.CustomerID, Ticket: t.No, Period: int(wall.Month()),
		Year: wall.Year(), Tax: t.Tax, Freight: t.Freight, Date: b.now(), Modified: b.now()}
	for _, tl := range t.Lines {
		l := o.Lines[tl.LineNo-1]
		b.billLine(x, l, tl.ShippedQty)
	}
	x.Total = x.Goods.Add(x.Charges).Add(x.Freight).Add(x.Tax)
	x.Paid = decimal.Max(decimal.Zero, decimal.Min(x.Total, o.paid().Sub(b.paidSoFar(o))))
	b.Invoices = append(b.Invoices, x)
	b.indexInvoice(x)
	t.InvoiceNo = x.No
	b.touch(t)
	b.completeIfDone(o)
}

func (b *books) billLine(x *Invoice, l *Line, qty decimal.Decimal) {
	units := qty.Div(l.UnitSize)
	line := &InvoiceLine{No: len(x.Lines) + 1, OrderLine: l.No, ItemID: l.ItemID, Unit: l.Unit, Qty: units, UnitSize: l.UnitSize,
		Price: l.Price, Extended: l.Price.Mul(units).Round(2), OtherCharge: l.OtherCharge}
	x.Lines = append(x.Lines, line)
	if l.OtherCharge {
		x.Charges = x.Charges.Add(line.Extended)
	} else {
		x.Goods = x.Goods.Add(line.Extended)
	}
	l.OnTickets, l.Invoiced = l.OnTickets.Sub(qty), l.Invoiced.Add(qty)
	l.Complete = !l.Open().IsPositive()
	b.touch(l)
}

func (b *books) paidSoFar(o *Order) decimal.Decimal {
	paid := decimal.Zero
	for _, x := range b.invoiceOf[o.No] {
		paid = paid.Add(x.Paid)
	}
	return paid
}

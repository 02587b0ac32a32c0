package erp

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// books is the company's database: rows in the order of their creation, and
// the indexes over them. Whoever touches it holds the ERP's lock.
type books struct {
	Items     []*Item
	Customers []*Customer
	Addresses []*Address
	Contacts  []*Contact
	ShipTos   []*ShipTo
	Orders    []*Order
	Tickets   []*PickTicket
	Invoices  []*Invoice
	Journal   []*JournalLine
	Next      counters

	options Options
	clock   func() time.Time

	items     map[string]*Item
	itemUIDs  map[int]*Item
	customers map[int]*Customer
	addresses map[int]*Address
	contacts  map[int]*Contact
	shipTos   map[int]*ShipTo
	peopleOf  map[int][]*Contact // by customer
	placesOf  map[int][]*ShipTo
	orders    map[string]*Order
	byWebRef  map[string][]*Order
	byPO      map[string][]*Order
	tickets   map[int]*PickTicket
	ticketsOf map[string][]*PickTicket
	invoices  map[string]*Invoice
	invoiceOf map[string][]*Invoice
	open      []*Order // what the warehouse still has to look at
	changed   map[string]*history
}

// counters are the next numbers to give out.
type counters struct {
	Item, Address, Contact, Order, Line, Ticket, Invoice, Parcel, Journal, GL, Tracking int
}

func newBooks(o Options) *books {
	b := &books{options: o, clock: o.Now}
	b.Next = counters{
		Item: 1, Address: o.FirstCustomer, Contact: HouseContact + 1, Order: o.FirstOrder, Line: 1,
		Ticket: 2000001, Invoice: 3000001, Parcel: 1, Journal: 500001, GL: 1, Tracking: 1,
	}
	b.index()
	return b
}

// index builds every look-up anew from the rows.
func (b *books) index() {
	b.items, b.itemUIDs = map[string]*Item{}, map[int]*Item{}
	b.customers, b.addresses = map[int]*Customer{}, map[int]*Address{}
	b.contacts, b.shipTos = map[int]*Contact{}, map[int]*ShipTo{}
	b.peopleOf, b.placesOf = map[int][]*Contact{}, map[int][]*ShipTo{}
	b.orders, b.byWebRef, b.byPO = map[string]*Order{}, map[string][]*Order{}, map[string][]*Order{}
	b.tickets, b.ticketsOf = map[int]*PickTicket{}, map[string][]*PickTicket{}
	b.invoices, b.invoiceOf = map[string]*Invoice{}, map[string][]*Invoice{}
	b.open, b.changed = nil, map[string]*history{}
	for _, x := range b.Items {
		b.indexItem(x)
	}
	for _, x := range b.Addresses {
		b.addresses[x.ID] = x
		b.log(x)
	}
	for _, x := range b.Customers {
		b.customers[x.ID] = x
		b.log(x)
	}
	for _, x := range b.Contacts {
		b.contacts[x.ID] = x
		b.link(x)
		b.log(x)
	}
	for _, x := range b.ShipTos {
		b.shipTos[x.ID] = x
		b.placesOf[x.CustomerID] = append(b.placesOf[x.CustomerID], x)
		b.log(x)
	}
	for _, x := range b.Orders {
		b.indexOrder(x)
	}
	for _, x := range b.Tickets {
		b.indexTicket(x)
	}
	for _, x := range b.Invoices {
		b.indexInvoice(x)
	}
}

func (b *books) indexItem(x *Item) {
	b.items[x.ID], b.itemUIDs[x.UID] = x, x
	b.log(x)
	for _, s := range x.Stocks {
		s.item = x
		b.log(s)
	}
}

func (b *books) indexOrder(o *Order) {
	b.orders[o.No] = o
	if o.WebReference != "" {
		b.byWebRef[o.WebReference] = append(b.byWebRef[o.WebReference], o)
	}
	b.byPO[o.PO] = append(b.byPO[o.PO], o)
	if !o.Completed && !o.Cancelled {
		b.open = append(b.open, o)
	}
	b.log(o)
	for _, l := range o.Lines {
		l.order = o
		b.log(l)
	}
}

func (b *books) indexTicket(t *PickTicket) {
	b.tickets[t.No] = t
	b.ticketsOf[t.OrderNo] = append(b.ticketsOf[t.OrderNo], t)
	for _, l := range t.Lines {
		l.ticket = t
	}
	for _, p := range t.Parcels {
		p.ticket = t
	}
	b.log(t)
}

func (b *books) indexInvoice(x *Invoice) {
	b.invoices[x.No] = x
	b.invoiceOf[x.OrderNo] = append(b.invoiceOf[x.OrderNo], x)
	for _, l := range x.Lines {
		l.invoice = x
	}
	b.log(x)
}

// now is the moment as the database keeps it.
func (b *books) now() time.Time { return b.clock().UTC().Truncate(time.Millisecond) }

func take(n *int) int {
	*n++
	return *n - 1
}

// enterItem adds an article, or replaces the one of that id but for its uid.
func (b *books) enterItem(x *Item) *Item {
	setDefault(&x.BaseUnit, "EA")
	if x.SellingUnit == "" {
		x.SellingUnit = x.BaseUnit
	}
	if _, ok := x.unit(x.BaseUnit); !ok {
		x.UOMs = append([]UOM{{Name: x.BaseUnit, Size: decimal.NewFromInt(1)}}, x.UOMs...)
	}
	if old, ok := b.items[x.ID]; ok {
		x.UID, x.Stocks, x.Modified = old.UID, old.Stocks, old.Modified
		*old = *x
		x = old
	} else {
		x.UID = take(&b.Next.Item)
		b.Items = append(b.Items, x)
		b.items[x.ID], b.itemUIDs[x.UID] = x, x
	}
	b.touch(x)
	for _, location := range b.options.Locations {
		s := b.stock(x, location)
		if onHand, ok := x.Stock[location]; ok {
			s.OnHand = onHand
		}
		b.touch(s)
	}
	x.Stock = nil
	return x
}

func (b *books) stock(x *Item, location int) *Stock {
	for _, s := range x.Stocks {
		if s.Location == location {
			return s
		}
	}
	s := &Stock{Location: location, item: x}
	x.Stocks = append(x.Stocks, s)
	return s
}

func (b *books) enterAddress(a *Address) *Address {
	if a.ID == 0 {
		a.ID = take(&b.Next.Address)
	}
	b.Next.Address = max(b.Next.Address, a.ID+1)
	b.Addresses = append(b.Addresses, a)
	b.addresses[a.ID] = a
	b.touch(a)
	return a
}

func (b *books) enterContact(c *Contact) *Contact {
	if c.ID == 0 {
		c.ID = take(&b.Next.Contact)
	}
	b.Next.Contact = max(b.Next.Contact, c.ID+1)
	b.Contacts = append(b.Contacts, c)
	b.contacts[c.ID] = c
	b.link(c)
	b.touch(c)
	return c
}

// link makes a contact known as one of its customers' people.
func (b *books) link(c *Contact) {
	for _, id := range c.Links {
		if !slices.Contains(b.peopleOf[id], c) {
			b.peopleOf[id] = append(b.peopleOf[id], c)
		}
	}
}

func (b *books) enterShipTo(s *ShipTo) *ShipTo {
	b.ShipTos = append(b.ShipTos, s)
	b.shipTos[s.ID] = s
	b.placesOf[s.CustomerID] = append(b.placesOf[s.CustomerID], s)
	b.touch(s)
	return s
}

// enterCustomer adds a customer whose address, and first ship-to unless others
// are given, has the customer's own id, as P21 numbers them.
func (b *books) enterCustomer(r CustomerRecord) *Customer {
	c := r.Customer
	if c.ID == 0 {
		c.ID = take(&b.Next.Address)
	}
	setDefault(&c.CreditStatus, "GOOD")
	b.Customers = append(b.Customers, &c)
	b.customers[c.ID] = &c
	b.touch(&c)

	address := r.Address
	address.ID = c.ID
	setDefault(&address.Name, c.Name)
	b.enterAddress(&address)
	for _, contact := range r.Contacts {
		setDefault(&contact.AddressID, c.ID)
		contact.Links = []int{c.ID}
		b.enterContact(&contact)
	}
	if len(r.ShipTos) == 0 {
		r.ShipTos = []ShipToRecord{{ShipTo: ShipTo{ID: c.ID}, Address: address}}
	}
	for _, s := range r.ShipTos {
		b.enterShipToRecord(c.ID, s)
	}
	return &c
}

// enterShipToRecord adds a ship-to. Its id is that of its address.
func (b *books) enterShipToRecord(customerID int, r ShipToRecord) *ShipTo {
	s := r.ShipTo
	if _, ok := b.addresses[s.ID]; !ok || s.ID == 0 {
		address := r.Address
		address.ID = s.ID
		s.ID = b.enterAddress(&address).ID
	}
	s.CustomerID = customerID
	setDefault(&s.Name, b.addresses[s.ID].Name)
	return b.enterShipTo(&s)
}

// record gathers all rows that belong to a customer.
func (b *books) record(c *Customer) CustomerRecord {
	r := CustomerRecord{Customer: *c}
	if a, ok := b.addresses[c.ID]; ok {
		r.Address = *a
	}
	for _, contact := range b.peopleOf[c.ID] {
		r.Contacts = append(r.Contacts, contact.clone())
	}
	for _, s := range b.placesOf[c.ID] {
		r.ShipTos = append(r.ShipTos, ShipToRecord{ShipTo: *s, Address: *b.addresses[s.ID]})
	}
	return r
}

// carrierNamed finds a carrier by the name on its address.
func (b *books) carrierNamed(name string) (int, bool) {
	for _, id := range sortedKeys(b.options.Carriers) {
		if strings.EqualFold(b.options.Carriers[id], name) {
			return id, true
		}
	}
	return 0, false
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func itoa(n int) string { return strconv.Itoa(n) }

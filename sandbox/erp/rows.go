package erp

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// Item is an article of the item master. Price is for one SellingUnit.
type Item struct {
	ID, Desc, ExtendedDesc string
	Price, Weight          decimal.Decimal
	BaseUnit, SellingUnit  string
	UOMs                   []UOM
	OtherCharge            bool // freight, discounts, fees: never stocked, never taxed
	Inactive, Deleted      bool
	// Stock is what each location has on hand, in base units. Only AddItem reads it.
	Stock map[int]decimal.Decimal `json:"-"`

	UID      int
	Stocks   []*Stock
	Modified time.Time
}

// UOM is a unit of measure of an item and how many base units it holds.
type UOM struct {
	Name string
	Size decimal.Decimal
}

func (x *Item) unit(name string) (decimal.Decimal, bool) {
	for _, u := range x.UOMs {
		if u.Name == name {
			return u.Size, true
		}
	}
	return decimal.Zero, false
}

// priceFor is the list price of one unit of that name.
func (x *Item) priceFor(size decimal.Decimal) decimal.Decimal {
	selling, ok := x.unit(x.SellingUnit)
	if !ok || selling.IsZero() {
		return x.Price
	}
	return x.Price.Mul(size).Div(selling).Round(4)
}

// Stock is what one location has of one item, in base units.
type Stock struct {
	Location          int
	OnHand, Allocated decimal.Decimal
	Modified          time.Time
	item              *Item
}

// Postal is an address as printed.
type Postal struct{ Line1, Line2, Line3, City, State, Zip, Country string }

// Address is a row of the address table: of a customer, a ship-to or a carrier.
type Address struct {
	ID, CorpID         int
	Name, Phone, Email string
	Mail, Phys         Postal
	Carrier            bool
	Modified           time.Time
}

// Contact is a person. Links are the customers he or she belongs to.
type Contact struct {
	ID, AddressID                   int
	First, Last, Email, Phone, Cell string
	Links                           []int
	Deleted                         bool
	Modified                        time.Time
}

func (c *Contact) clone() Contact {
	copied := *c
	copied.Links = slices.Clone(c.Links)
	return copied
}

// Customer is the customer row itself; its address has the same id.
type Customer struct {
	ID                                            int
	Name, LegacyID, Terms, Salesrep, CreditStatus string
	CreditLimit                                   decimal.Decimal
	Taxable, PORequired, WebEnabled, Deleted      bool
	Modified                                      time.Time
}

// ShipTo is a place that a customer has goods sent to. Its id is its address's.
type ShipTo struct {
	ID, CustomerID               int
	Name, TaxGroup, PackingBasis string
	SourceLocation, CarrierID    int
	Deleted                      bool
	Modified                     time.Time
}

// CustomerRecord is a customer with all that belongs to it.
type CustomerRecord struct {
	Customer
	Address  Address
	Contacts []Contact
	ShipTos  []ShipToRecord
}

// ShipToRecord is a ship-to with its address.
type ShipToRecord struct {
	ShipTo
	Address Address
}

// PickTicket is one delivery out of one location.
type PickTicket struct {
	No, Location, CarrierID    int
	OrderNo, InvoiceNo         string
	Tracking                   string    // oe_pick_ticket.tracking_no
	Parcels                    []*Parcel // clippership_return_10004
	ShipmentTracking           string    // the shipment table
	ShipDate, Printed, Created time.Time
	Shipped, Deleted           bool
	Freight, Tax               decimal.Decimal
	Lines                      []*TicketLine
	Modified                   time.Time
}

// TicketLine is how much of an order line is on a ticket, in base units.
type TicketLine struct {
	No, LineNo, ItemUID       int
	Qty, ShippedQty, UnitSize decimal.Decimal
	Unit                      string
	ticket                    *PickTicket
}

// Parcel is one box with its own tracking number.
type Parcel struct {
	UID      int
	Tracking string
	Weight   decimal.Decimal
	Created  time.Time
	ticket   *PickTicket
}

func (t *PickTicket) clone() PickTicket {
	copied := *t
	copied.Lines, copied.Parcels = nil, nil
	for _, l := range t.Lines {
		c := *l
		c.ticket = nil
		copied.Lines = append(copied.Lines, &c)
	}
	for _, p := range t.Parcels {
		c := *p
		c.ticket = nil
		copied.Parcels = append(copied.Parcels, &c)
	}
	return copied
}

// Invoice bills one pick ticket.
type Invoice struct {
	No, OrderNo                               string
	CustomerID, Ticket, Period, Year          int
	Total, Paid, Tax, Freight, Charges, Goods decimal.Decimal
	Date, Modified                            time.Time
	Lines                                     []*InvoiceLine
}

// InvoiceLine is one line billed. Qty is in sales units.
type InvoiceLine struct {
	No, OrderLine                  int
	ItemID, Unit                   string
	Qty, UnitSize, Price, Extended decimal.Decimal
	OtherCharge                    bool
	invoice                        *Invoice
}

// JournalLine is one line of a general ledger entry.
type JournalLine struct {
	UID, Transaction, Sequence, Period, Year int
	Account, Journal, Description, Source    string
	Amount, Foreign                          decimal.Decimal
	Date, Created                            time.Time
}

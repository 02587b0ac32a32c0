package shop

import (
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// books are everything that the shop knows. They are JSON as they stand: that
// is the snapshot.
type books struct {
	Products   table[product]
	Categories table[category]
	Profiles   table[profile]
	Orders     table[order]

	PaymentStatuses  []*status
	ShippingStatuses []*status
	Memberships      []string // the id is the index plus one

	// Rows that hang on no order, as a POST without an order leaves them.
	OrphanTracking []TrackingNumber
	OrphanDetails  []Detail

	Mails []Mail
	Last  map[string]int // the highest id given, by kind of child row

	bySKU map[string][]*product // nil when it must be built anew
}

type status struct {
	ID       int
	Code     string
	Position int
	Name     string
}

type product struct {
	ID           int
	SKU          *string
	Name         *string // nil when it has no translation
	Description  string
	Brief        string
	Price        decimal.Decimal
	Weight       decimal.Decimal
	Amount       int
	Enabled      bool
	FreeShipping bool
	Taxable      bool
	Untracked    bool // inventory is not tracked
	Sales        int
	Date         int64
	Updated      int64
	Arrival      int64
	Version      string
	Categories   []categoryLink
	Images       []string
}

type categoryLink struct{ ID, Category int }

type category struct {
	ID, Parent int
	Name       string
	Enabled    bool
}

type profile struct {
	ID          int
	Login       string
	Password    string
	Added       int64
	FirstLogin  int64
	LastLogin   int64
	Disabled    bool
	Anonymous   bool
	Membership  int
	Order       int // set on an order's own copy
	Addresses   []*address
	AccessLevel int
}

type address struct {
	ID       int
	Billing  bool
	Shipping bool
	Work     bool
	Type     string
	Fields   []fieldValue
	Country  string
	State    int // row id, 0 when the country has no rows
}

// fieldValue is one stored value of an address. Nothing keeps a name from
// being there twice; readers take the last.
type fieldValue struct {
	ID    int
	Name  string
	Value string
}

func (a *address) field(name string) string {
	for _, f := range slices.Backward(a.Fields) {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

type order struct {
	ID               int
	Number           *string
	Date             int64
	Renewed          int64
	Payment          int // status row; 0 for none
	Shipping         int
	Profile          int // the order's own copy
	Original         int // 0 for guests
	Currency         string
	Items            []item
	Surcharges       []surcharge
	Coupons          []coupon
	Transactions     []transaction
	Events           []historyEvent
	Changes          []StatusChange
	Tracking         []TrackingNumber
	Details          []Detail
	ShippingMethod   string
	ShippingMethodID int
	PaymentMethod    string
	Notes            string
	AdminNotes       string
	TrackingField    string // an old column that nothing fills
	StockStatus      string
	Total            decimal.Decimal
	Subtotal         decimal.Decimal
	Recent           bool
}

// blank orders have neither currency nor profile. They come from POSTing a
// child row for an order that does not exist, and break complex lists.
func (o *order) blank() bool { return o.Currency == "" || o.Profile == 0 }

func (o *order) number() string {
	if o.Number == nil {
		return ""
	}
	return *o.Number
}

// sum adds up the surcharges of a type that are not in the prices.
func (o *order) sum(kind string) decimal.Decimal {
	total := decimal.Zero
	for _, s := range o.Surcharges {
		if s.Type == kind && !s.Include && s.Available {
			total = total.Add(s.Value)
		}
	}
	return total
}

type item struct {
	ID         int
	Product    int // 0 when it is deleted or was never there
	SKU        string
	Name       string
	Price      decimal.Decimal // list price
	Net        decimal.Decimal
	Discounted decimal.Decimal
	Subtotal   decimal.Decimal
	Total      decimal.Decimal
	Amount     int
}

type surcharge struct {
	ID                      int
	Type, Code, Class, Name string
	Include, Available      bool
	Value                   decimal.Decimal
}

type coupon struct {
	ID    int
	Code  string
	Value decimal.Decimal
	Type  string
}

type transaction struct {
	ID        int
	PublicID  string
	Type      string
	Status    string
	Value     decimal.Decimal
	Note      string
	Method    string // service name
	LocalName string
	Date      int64
}

type historyEvent struct {
	ID          int
	Date        int64
	Code        string
	Description string
	Old, New    string // status names, of status changes
	HasOrder    bool   // whether data carries the order id
	Grouped     bool   // data is an empty list
	Comment     string
	Author      string
	IP          string
}

// TrackingNumber is a parcel's number: X-Cart stores no carrier with it.
type TrackingNumber struct {
	ID    int
	Value string
	Time  time.Time
}

// Detail is a named remark on an order.
type Detail struct {
	ID                 int
	Name, Label, Value string
}

// StatusChange is one move of a status, in codes.
type StatusChange struct {
	Axis     string // "payment" or "shipping"
	From, To string
	Time     time.Time
	By       string // "REST API", or empty for the shop itself
}

// Mail is a message that the shop sent to a customer.
type Mail struct {
	Time     time.Time
	Kind     string // MailShipped or MailChanged
	OrderID  int
	Number   string
	To       string
	Tracking []string // the numbers that the order had when the mail went out
}

// The kinds of mail.
const (
	MailShipped = "order shipped"
	MailChanged = "order changed"
)

func newBooks() *books {
	return &books{
		PaymentStatuses: statusRows("Q Awaiting payment", "A Authorized", "PP Partially Paid", "P Paid", "D Declined", "C Cancelled", "R Refunded"),
		ShippingStatuses: statusRows("N New", "P Processing", "S Shipped", "D Delivered", "WND Will Not Deliver", "R Returned",
			"WFA Waiting for approve", "NBA New/Backorder", "NF Not finished"),
		Memberships: []string{"Wholesaler"},
		Last:        map[string]int{},
	}
}

func statusRows(rows ...string) []*status {
	var out []*status
	for i, row := range rows {
		code, name, _ := strings.Cut(row, " ")
		out = append(out, &status{ID: i + 1, Code: code, Position: 10 * (i + 1), Name: name})
	}
	out[len(out)-1].Position = len(out) * 10
	if code := out[len(out)-1].Code; code == "NF" {
		out[len(out)-1].Position = 100 // the addon that adds it leaves a gap
	}
	return out
}

// next gives the next id of a kind of child row.
func (b *books) next(kind string) int {
	b.Last[kind]++
	return b.Last[kind]
}

func (b *books) productBySKU(sku string) *product {
	if b.bySKU == nil {
		b.bySKU = map[string][]*product{}
		for p := range b.Products.all() {
			if p.SKU != nil {
				b.bySKU[*p.SKU] = append(b.bySKU[*p.SKU], p)
			}
		}
	}
	if found := b.bySKU[sku]; len(found) > 0 {
		return found[0]
	}
	return nil
}

func (b *books) removeProduct(id int) bool {
	b.bySKU = nil
	return b.Products.remove(id)
}

func (b *books) orderByNumber(number string) *order {
	for o := range b.Orders.all() {
		if o.Number != nil && *o.Number == number {
			return o
		}
	}
	return nil
}

// removeOrder takes an order away with its own copy of the profile.
func (b *books) removeOrder(id int) bool {
	if o := b.Orders.get(id); o != nil {
		b.removeCopy(o)
	}
	return b.Orders.remove(id)
}

func (b *books) removeCopy(o *order) {
	if p := b.Profiles.get(o.Profile); p != nil && p.Order == o.ID {
		b.Profiles.remove(p.ID)
	}
}

// customer is the account behind an order, else the order's own profile.
func (b *books) customer(o *order) *profile {
	if p := b.Profiles.get(o.Original); p != nil {
		return p
	}
	return b.Profiles.get(o.Profile)
}

func (p *profile) address(want func(*address) bool) *address {
	if p == nil {
		return nil
	}
	for _, a := range p.Addresses {
		if want(a) {
			return a
		}
	}
	return nil
}

func isBilling(a *address) bool  { return a.Billing }
func isShipping(a *address) bool { return a.Shipping }

// name is the profile's first and last name: X-Cart keeps them in addresses only.
func (p *profile) name() (first, last string) {
	a := p.address(isBilling)
	if a == nil {
		a = p.address(func(*address) bool { return true })
	}
	if a == nil {
		return "", ""
	}
	return a.field("firstname"), a.field("lastname")
}

package shop

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
)

// Product is something to sell. Several products may share a SKU, or have none.
type Product struct {
	ID           int // given by AddProduct
	SKU          string
	Name         string
	Description  string
	Price        decimal.Decimal
	Weight       decimal.Decimal
	Amount       int
	Disabled     bool
	FreeShipping bool
	Untracked    bool     // sales do not change Amount
	Categories   []string // made when they are not there
}

// Address is a customer's. Company and Line2 are fields that merchants add to
// X-Cart, under the names company and address2.
type Address struct {
	FirstName, LastName, Company, Line1, Line2, City string
	State                                            string // code, or free text where the country has no list
	Country, Zip, Phone                              string
}

// Customer is a registered account.
type Customer struct {
	ID                int // given by AddCustomer
	Email             string
	Membership        string
	Disabled          bool
	Billing, Shipping *Address
}

// Surcharge is what an order costs beside its lines.
type Surcharge struct {
	Type     string // shipping, tax, discount or handling
	Code     string
	Name     string
	Value    decimal.Decimal // discounts are negative
	Included bool            // already in the prices
}

// Freight is the shipping cost.
func Freight(value decimal.Decimal) Surcharge {
	return Surcharge{Type: "shipping", Code: "SHIPPING", Name: "Shipping cost", Value: value}
}

// Tax is the sales tax.
func Tax(value decimal.Decimal) Surcharge {
	return Surcharge{Type: "tax", Code: "CDEV.STAX.1", Name: "Sales tax", Value: value}
}

// Discount takes the given positive amount off.
func Discount(value decimal.Decimal) Surcharge {
	return Surcharge{Type: "discount", Code: "DISCOUNT", Name: "Discount", Value: value.Neg()}
}

// Handling is a fee under a name of the merchant's.
func Handling(name string, value decimal.Decimal) Surcharge {
	return Surcharge{Type: "handling", Code: "HANDLING", Name: name, Value: value}
}

// NewLine is a line of a new order. A SKU that the shop does not sell makes a
// line without a product, as one has whose product was deleted.
type NewLine struct {
	SKU      string
	Name     string // the product's when empty
	Quantity int
	Price    decimal.Decimal  // list price
	Subtotal *decimal.Decimal // what is charged; Price x Quantity when nil
}

// Coupon is a code that the customer used. Its value is in a Discount.
type Coupon struct {
	Code  string
	Value decimal.Decimal
}

// NewOrder is what a customer ordered. Totals are summed from lines and
// surcharges unless Total is given, which then need not add up.
type NewOrder struct {
	Number         string    // the next one when empty
	Time           time.Time // now when zero
	CustomerID     int       // 0 for a guest
	Email          string    // of guests
	Lines          []NewLine
	Surcharges     []Surcharge
	Coupons        []Coupon
	Total          *decimal.Decimal
	Currency       string // the shop's when empty
	PaymentMethod  string
	PaymentStatus  string // code; Q when empty
	ShippingMethod string
	ShippingStatus string // code; N when empty
	Billing        *Address
	Shipping       *Address // nil when nothing is shipped
	Notes          string   // the customer's
	IP             string
	// Draft is an order whose payment was not finished: shipping status NF, no
	// number unless given, no stock taken.
	Draft bool
}

// AddProduct puts a product on sale.
func (s *Shop) AddProduct(p Product) Product {
	s.locked(func() {
		now := s.unix()
		row := s.books.Products.insert(func(id int) *product {
			return &product{ID: id, SKU: &p.SKU, Name: &p.Name, Description: p.Description, Price: p.Price, Weight: p.Weight, Amount: p.Amount,
				Enabled: !p.Disabled, FreeShipping: p.FreeShipping, Untracked: p.Untracked, Taxable: true, Date: now, Updated: now, Arrival: now}
		})
		row.Version = s.version(row)
		if p.SKU == "" {
			row.SKU = nil
		}
		for _, name := range p.Categories {
			row.Categories = append(row.Categories, categoryLink{s.books.next("categoryproduct"), s.category(name).ID})
		}
		s.books.bySKU = nil
		p.ID = row.ID
	})
	return p
}

func (s *Shop) category(name string) *category {
	s.rootCategory()
	for c := range s.books.Categories.all() {
		if c.Name == name {
			return c
		}
	}
	return s.books.Categories.insert(func(id int) *category { return &category{ID: id, Parent: 1, Name: name, Enabled: true} })
}

// rootCategory makes sure of category 1, which every X-Cart has and no list shows.
func (s *Shop) rootCategory() {
	if s.books.Categories.get(1) == nil {
		s.books.Categories.insert(func(id int) *category { return &category{ID: id, Enabled: true} })
	}
}

// touch notes a change of a product's row.
func (s *Shop) touch(p *product) {
	p.Updated = s.unix()
	p.Version = s.version(p)
}

// version looks like the uuid that X-Cart gives each state of a product.
func (s *Shop) version(p *product) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d/%d", p.ID, s.books.next("version")))
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
}

// AddCustomer registers an account.
func (s *Shop) AddCustomer(c Customer) Customer {
	s.locked(func() {
		row := s.books.Profiles.insert(func(id int) *profile {
			return &profile{ID: id, Login: c.Email, Password: "$2y$10$SIMULATED-HASH-" + strconv.Itoa(id), Added: s.unix(), Disabled: c.Disabled}
		})
		row.Membership = s.membership(c.Membership)
		row.Addresses = s.addresses(c.Billing, c.Shipping)
		c.ID = row.ID
	})
	return c
}

func (s *Shop) membership(name string) int {
	if name == "" {
		return 0
	}
	for i, m := range s.books.Memberships {
		if m == name {
			return i + 1
		}
	}
	s.books.Memberships = append(s.books.Memberships, name)
	return len(s.books.Memberships)
}

// addresses makes one row when both are the same, as checkout does.
func (s *Shop) addresses(billing, shipping *Address) []*address {
	var out []*address
	if billing != nil {
		a := s.address(*billing)
		a.Billing, a.Shipping = true, shipping != nil && *shipping == *billing
		out = append(out, a)
	}
	if shipping != nil && (billing == nil || *shipping != *billing) {
		a := s.address(*shipping)
		a.Shipping = true
		out = append(out, a)
	}
	return out
}

func (s *Shop) address(in Address) *address {
	a := &address{ID: s.books.next("address"), Type: "R", Country: in.Country}
	row := stateByCode(in.Country, in.State)
	a.State = row.ID
	fields := [][2]string{{"firstname", in.FirstName}, {"lastname", in.LastName}, {"phone", in.Phone}, {"street", in.Line1}, {"city", in.City},
		{"zipcode", in.Zip}, {"company", in.Company}, {"address2", in.Line2}}
	if row.ID == 0 && in.State != "" {
		fields = append(fields, [2]string{"custom_state", in.State})
	}
	for _, f := range fields {
		if f[1] != "" {
			a.Fields = append(a.Fields, fieldValue{s.books.next("field"), f[0], f[1]})
		}
	}
	return a
}

// Place puts an order through checkout: the goods leave the stock, and the
// customer's profile is copied for the order.
func (s *Shop) Place(n NewOrder) (placed Order, err error) {
	s.locked(func() {
		var o *order
		if o, err = s.place(n); err == nil {
			s.emit(OrderPlaced, o)
			placed = s.public(o)
		}
	})
	return placed, err
}

func (s *Shop) place(n NewOrder) (*order, error) {
	original := s.books.Profiles.get(n.CustomerID)
	paid := s.books.statusByCode(payment, cmp.Or(n.PaymentStatus, "Q"))
	shippingCode := cmp.Or(n.ShippingStatus, "N")
	if n.Draft {
		shippingCode = "NF"
	}
	shipped := s.books.statusByCode(shipping, shippingCode)
	switch {
	case n.CustomerID != 0 && original == nil:
		return nil, fmt.Errorf("placing an order: there is no customer %d", n.CustomerID)
	case n.CustomerID == 0 && n.Email == "":
		return nil, errors.New("placing an order: a guest needs an e-mail address")
	case paid == nil || shipped == nil:
		return nil, fmt.Errorf("placing an order: unknown status %s/%s", n.PaymentStatus, shippingCode)
	}
	if n.Time.IsZero() {
		n.Time = s.options.Now()
	}
	o := s.books.Orders.insert(func(id int) *order {
		return &order{ID: id, Date: n.Time.Unix(), Renewed: s.unix(), Payment: paid.ID, Shipping: shipped.ID, Original: n.CustomerID,
			Currency: cmp.Or(n.Currency, s.options.Currency), PaymentMethod: n.PaymentMethod, ShippingMethod: n.ShippingMethod,
			ShippingMethodID: 1, Notes: n.Notes, Recent: true}
	})
	s.copyProfile(o, n, original)
	s.fill(o, n.Lines, n.Surcharges, n.Total)
	for _, c := range n.Coupons {
		o.Coupons = append(o.Coupons, coupon{ID: s.books.next("coupon"), Code: c.Code, Value: c.Value, Type: "$"})
	}
	if number := n.Number; number != "" || !n.Draft {
		number = cmp.Or(number, s.nextNumber())
		o.Number = &number
	}
	s.pay(o, paid.Code)
	if !n.Draft {
		s.takeStock(o)
	}
	buyer := author{ip: n.IP}
	s.record(o, historyEvent{Code: "PLACE ORDER", Description: "Order placed", HasOrder: true}, buyer)
	s.record(o, historyEvent{Code: "EMAIL ADMIN SENT", Description: "Email sent to the admin", HasOrder: true, Comment: "Order is initially created"}, buyer)
	return o, nil
}

// nextNumber counts the numbers that the shop gave itself.
func (s *Shop) nextNumber() string { return strconv.Itoa(s.books.next("number")) }

// copyProfile gives the order its own profile, which keeps name and addresses
// as they were.
func (s *Shop) copyProfile(o *order, n NewOrder, original *profile) {
	copied := s.books.Profiles.insert(func(id int) *profile {
		return &profile{ID: id, Login: n.Email, Added: s.unix(), Order: o.ID, Anonymous: original == nil}
	})
	if original != nil {
		copied.Login, copied.Membership = original.Login, original.Membership
	}
	copied.Addresses = s.addresses(n.Billing, n.Shipping)
	o.Profile = copied.ID
}

// pay notes the payment transaction that led to the status.
func (s *Shop) pay(o *order, code string) {
	t := transaction{Type: "sale", Status: "W"}
	switch code {
	case "P", "PP", "R":
		t.Status = "S"
	case "A":
		t.Type, t.Status = "auth", "S"
	case "D":
		t.Status = "F"
	case "C":
		t.Status = "C"
	}
	s.addTransaction(o, t.Type, t.Status, o.Total, "")
}

func (s *Shop) addTransaction(o *order, kind, status string, value decimal.Decimal, note string) {
	id := s.books.next("transaction")
	sum := sha256.Sum256([]byte(strconv.Itoa(id)))
	public := fmt.Sprintf("%06d-%X", o.ID, sum[:2])
	o.Transactions = append(o.Transactions, transaction{ID: id, PublicID: public, Type: kind, Status: status, Value: value, Note: note,
		Method: serviceName(o.PaymentMethod), LocalName: o.PaymentMethod, Date: s.unix()})
	s.record(o, historyEvent{Code: "TRANSACTION", Description: fmt.Sprintf("Payment transaction [method: %s, type: %s, amount: %s, status: %s]",
		o.PaymentMethod, kind, value, humanStatus(status))}, theShop)
}

// serviceName is a payment method's name without what is no letter or digit:
// "Money Order" shows up in transactions as "MoneyOrder".
func serviceName(method string) string {
	out := make([]rune, 0, len(method))
	for _, r := range method {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			out = append(out, r)
		}
	}
	return string(out)
}

func humanStatus(code string) string {
	return map[string]string{"I": "Initialized", "P": "In progress", "S": "Completed", "W": "Pending", "F": "Failed", "C": "Canceled", "V": "Void"}[code]
}

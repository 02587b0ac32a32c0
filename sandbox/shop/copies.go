package shop

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// Order is a copy of what the books say about an order.
type Order struct {
	ID                            int
	Number                        string
	Email                         string
	CustomerID                    int // 0 for a guest
	ProfileID                     int // the order's own copy of the profile; 0 for a blank order
	Time, Updated                 time.Time
	PaymentStatus, ShippingStatus string // codes
	PaymentMethod, ShippingMethod string
	Currency                      string
	Subtotal, Total               decimal.Decimal
	Lines                         []Line
	Surcharges                    []Surcharge
	Coupons                       []Coupon
	Billing, Shipping             *Address
	Notes, AdminNotes             string
	StockStatus                   string
	TrackingNumbers               []TrackingNumber
	Details                       []Detail
	Transactions                  []Transaction
	StatusChanges                 []StatusChange
	History                       []HistoryLine
}

// Line is a line of an order.
type Line struct {
	SKU, Name                             string
	ProductID                             int // 0 when there is none
	Quantity                              int
	Price, NetPrice, Subtotal, Discounted decimal.Decimal
}

// Transaction is a movement of money.
type Transaction struct {
	PublicID, Type, Status, Method string
	Value                          decimal.Decimal
	Time                           time.Time
}

// HistoryLine is a line of an order's history.
type HistoryLine struct {
	Time                          time.Time
	Code, Description, Author, IP string
}

// Orders returns all orders by id.
func (s *Shop) Orders() []Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Order, 0, len(s.books.Orders.ids))
	for o := range s.books.Orders.all() {
		out = append(out, s.public(o))
	}
	return out
}

// Order returns one order, and whether it is there.
func (s *Shop) Order(id int) (Order, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.books.Orders.get(id)
	if o == nil {
		return Order{}, false
	}
	return s.public(o), true
}

// Products returns all products by id.
func (s *Shop) Products() []Product {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Product, 0, len(s.books.Products.ids))
	for p := range s.books.Products.all() {
		out = append(out, s.publicProduct(p))
	}
	return out
}

// Product returns the first product with the SKU, and whether there is one.
func (s *Shop) Product(sku string) (Product, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.books.productBySKU(sku)
	if p == nil {
		return Product{}, false
	}
	return s.publicProduct(p), true
}

// Customers returns the accounts by id, without the copies that orders keep.
func (s *Shop) Customers() []Customer {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Customer
	for p := range s.books.Profiles.all() {
		if p.Order == 0 {
			out = append(out, Customer{ID: p.ID, Email: p.Login, Membership: s.books.membershipName(p), Disabled: p.Disabled,
				Billing: publicAddress(p.address(isBilling)), Shipping: publicAddress(p.address(isShipping))})
		}
	}
	return out
}

func (b *books) membershipName(p *profile) string {
	if p.Membership < 1 || p.Membership > len(b.Memberships) {
		return ""
	}
	return b.Memberships[p.Membership-1]
}

func (s *Shop) publicProduct(p *product) Product {
	out := Product{ID: p.ID, Description: p.Description, Price: p.Price, Weight: p.Weight, Amount: p.Amount, Disabled: !p.Enabled,
		FreeShipping: p.FreeShipping, Untracked: p.Untracked}
	if p.SKU != nil {
		out.SKU = *p.SKU
	}
	if p.Name != nil {
		out.Name = *p.Name
	}
	for _, l := range p.Categories {
		if c := s.books.Categories.get(l.Category); c != nil {
			out.Categories = append(out.Categories, c.Name)
		}
	}
	return out
}

func (s *Shop) public(o *order) Order {
	out := Order{ID: o.ID, Number: o.number(), CustomerID: o.Original, ProfileID: o.Profile, Time: time.Unix(o.Date, 0), Updated: time.Unix(o.Renewed, 0),
		PaymentStatus: s.books.code(payment, o), ShippingStatus: s.books.code(shipping, o), PaymentMethod: o.PaymentMethod,
		ShippingMethod: o.ShippingMethod, Currency: o.Currency, Subtotal: o.Subtotal, Total: o.Total, Surcharges: o.asSurcharges(), Notes: o.Notes,
		AdminNotes: o.AdminNotes, StockStatus: o.StockStatus, TrackingNumbers: slices.Clone(o.Tracking), Details: slices.Clone(o.Details),
		StatusChanges: slices.Clone(o.Changes)}
	if own := s.books.Profiles.get(o.Profile); own != nil {
		out.Email = own.Login
		out.Billing, out.Shipping = publicAddress(own.address(isBilling)), publicAddress(own.address(isShipping))
	}
	for _, i := range o.Items {
		out.Lines = append(out.Lines, Line{SKU: i.SKU, Name: i.Name, ProductID: i.Product, Quantity: i.Amount, Price: i.Price, NetPrice: i.Net,
			Subtotal: i.Subtotal, Discounted: i.Discounted})
	}
	for _, c := range o.Coupons {
		out.Coupons = append(out.Coupons, Coupon{c.Code, c.Value})
	}
	for _, t := range o.Transactions {
		out.Transactions = append(out.Transactions, Transaction{t.PublicID, t.Type, t.Status, t.LocalName, t.Value, time.Unix(t.Date, 0)})
	}
	for _, e := range o.Events {
		out.History = append(out.History, HistoryLine{time.Unix(e.Date, 0), e.Code, e.Description, e.Author, e.IP})
	}
	return out
}

func publicAddress(a *address) *Address {
	if a == nil {
		return nil
	}
	return &Address{FirstName: a.field("firstname"), LastName: a.field("lastname"), Company: a.field("company"), Line1: a.field("street"),
		Line2: a.field("address2"), City: a.field("city"), State: a.stateCode(), Country: a.Country, Zip: a.field("zipcode"), Phone: a.field("phone")}
}

package xcart

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

type order55 struct {
	ID              ident            `json:"id"`
	OrderNumber     ident            `json:"order_number"`
	Total           *number          `json:"total"`
	Email           string           `json:"email"`
	Currency        string           `json:"currency"`
	Items           []item55         `json:"items"`
	BillingAddress  *address55       `json:"billing_address"`
	ShippingAddress *address55       `json:"shipping_address"`
	CreateDate      when             `json:"create_date"`
	UpdateDate      when             `json:"update_date"`
	PaymentStatus   *status55        `json:"payment_status"`
	ShippingStatus  *status55        `json:"shipping_status"`
	CustomerID      ident            `json:"customer_id"` // the account; null for guests
	ShippingMethod  string           `json:"shipping_method_name"`
	PaymentMethod   string           `json:"payment_method_name"` // not in 5.5.0; see paymentMethod
	Notes           string           `json:"notes"`
	AdminNotes      string           `json:"admin_notes"`
	Surcharges      []surcharge      `json:"surcharges"`
	Tracking        []trackingNumber `json:"tracking_numbers"`
	UsedCoupons     []struct {
		Code string `json:"code"`
	} `json:"used_coupons"`
}

type status55 struct {
	Code string `json:"code"`
}

func (s *status55) code() string {
	if s == nil {
		return ""
	}
	return s.Code
}

type item55 struct {
	ID        ident   `json:"id"`
	ProductID ident   `json:"product_id"`
	SKU       string  `json:"sku"`
	Name      string  `json:"name"`
	Price     number  `json:"price"`
	NetPrice  *number `json:"item_net_price"`
	Amount    *number `json:"amount"`
	// DiscountedSubtotal has the order's discount taken off.
	DiscountedSubtotal *number     `json:"discounted_subtotal"`
	Surcharges         []surcharge `json:"surcharges"`
}

type address55 struct {
	FirstName    string `json:"firstname"`
	LastName     string `json:"lastname"`
	Phone        string `json:"phone"`
	Street       string `json:"street"`
	Zipcode      string `json:"zipcode"`
	City         string `json:"city"`
	CountryCode  string `json:"country_code"`
	StateName    string `json:"state_name"` // "state" is the id of a row, no code
	CustomFields words  `json:"custom_fields"`
}

// transaction55 is a payment transaction. In 5.5.0 its status holds the name of
// the method; the backend transactions tell the truth.
type transaction55 struct {
	ID       ident  `json:"id"`
	PublicID string `json:"public_id"`
	Type     string `json:"type"`
	Status   string `json:"status"`
	Name     string `json:"name"`
	Value    number `json:"value"`
	Data     cells  `json:"data"`
	Backend  []struct {
		Type   string `json:"type"`
		Status string `json:"status"`
		Data   cells  `json:"data"`
	} `json:"backend_transactions"`
}

// Order reads an order and, since the order itself does not name the payment
// method, its payment transactions: two calls.
func (s *shop55) Order(ctx context.Context, id string) (commerce.Order, error) {
	operation := "read order " + id
	order, err := s.order(ctx, operation, id)
	if err != nil {
		return order, err
	}
	var payments []transaction55
	err = s.call(ctx, operation, http.MethodGet, "/api/orders/"+id+"/payment_transactions", nil, nil, &payments)
	if err != nil && !connectors.Is(err, connectors.NotFound) {
		return order, err
	}
	for _, t := range payments {
		order.Payments = append(order.Payments, t.canonical(order.Currency))
		screen(&order.Screening, t.Data)
		for _, b := range t.Backend {
			screen(&order.Screening, b.Data)
		}
		if order.PaymentMethod == "" {
			order.PaymentMethod = t.Name
		}
	}
	return order, nil
}

// order reads an order without its payments.
func (s *shop55) order(ctx context.Context, operation, id string) (commerce.Order, error) {
	path, err := s.orderPath(operation, id, "")
	if err != nil {
		return commerce.Order{}, err
	}
	var doc order55
	if err := s.call(ctx, operation, http.MethodGet, path, nil, nil, &doc); err != nil {
		return commerce.Order{}, err
	}
	order, err := s.canonical(operation, doc)
	if err != nil {
		return order, err
	}
	if order.ID != id {
		return order, s.client.Fail(connectors.Malformed, operation, "the shop answered with another order", nil)
	}
	return order, nil
}

func (t transaction55) canonical(currency commerce.Currency) commerce.Payment {
	p := commerce.Payment{ID: t.PublicID, Method: t.Name, Type: t.Type, Amount: t.Value.Money(currency), Currency: currency}
	if p.ID == "" {
		p.ID = string(t.ID)
	}
	if len(t.Status) == 1 {
		p.Status = t.Status
	}
	if n := len(t.Backend); n > 0 {
		p.Status = t.Backend[n-1].Status
	}
	return p
}

func (s *shop55) canonical(operation string, d order55) (commerce.Order, error) {
	malformed := func(what string) error { return s.client.Fail(connectors.Malformed, operation, what, nil) }
	switch {
	case !isID(string(d.ID)):
		return commerce.Order{}, malformed("id is missing")
	case d.Total == nil:
		return commerce.Order{}, malformed("total is missing")
	case d.Currency == "":
		return commerce.Order{}, malformed("currency is missing")
	case d.Items == nil:
		return commerce.Order{}, malformed("items is missing")
	}
	currency := commerce.Currency(d.Currency)
	o := commerce.Order{
		Store: s.cfg.Store, ID: string(d.ID), Number: string(d.OrderNumber), Currency: currency,
		PlacedAt: d.CreateDate.Time, UpdatedAt: d.UpdateDate.Time, Total: d.Total.Money(currency),
		BillTo: d.BillingAddress.canonical(), ShipTo: d.ShippingAddress.canonical(),
		PaymentMethod: d.PaymentMethod, PaymentStatus: d.PaymentStatus.code(),
		ShippingMethod: d.ShippingMethod, ShippingStatus: d.ShippingStatus.code(),
		CustomerNote: d.Notes, StaffNote: d.AdminNotes,
		Customer: commerce.Customer{ProfileID: string(d.CustomerID), Guest: d.CustomerID == "", Email: d.Email},
		Charges:  charges(d.Surcharges, currency),
	}
	o.Customer.FirstName, o.Customer.LastName = o.BillTo.FirstName, o.BillTo.LastName
	o.Tracking = values(d.Tracking)
	for _, c := range d.UsedCoupons {
		if c.Code != "" {
			o.Coupons = append(o.Coupons, c.Code)
		}
	}
	for i, it := range d.Items {
		if it.Amount == nil || it.NetPrice == nil {
			return o, malformed(fmt.Sprintf("item %d lacks amount or item_net_price", i+1))
		}
		o.Lines = append(o.Lines, commerce.Line{
			ID: string(it.ID), ProductID: string(it.ProductID), SKU: it.SKU, Name: it.Name, Quantity: it.Amount.Decimal,
			ListPrice: it.Price.Money(currency), Subtotal: currency.Round(it.NetPrice.Mul(it.Amount.Decimal)),
		})
	}
	balanceDiscounts(&o, d.Items)
	return o, nil
}

// balanceDiscounts takes each line's discounted subtotal as what was charged
// where only that adds up: when no discount surcharge stands on the order.
func balanceDiscounts(o *commerce.Order, items []item55) {
	if o.Imbalance().IsZero() {
		return
	}
	other := *o
	other.Lines = slices.Clone(o.Lines)
	for i, it := range items {
		if it.DiscountedSubtotal != nil {
			other.Lines[i].Subtotal = it.DiscountedSubtotal.Money(o.Currency)
		}
	}
	if other.Imbalance().IsZero() {
		o.Lines = other.Lines
	}
}

// Company and second address line are fields that merchants add, under names of
// their own. These are looked for in the names, without case and punctuation.
var (
	companyFields = []string{"company"}
	line2Fields   = []string{"address2", "street2", "line2", "apartment", "suite"}
)

var punctuation = strings.NewReplacer("_", "", "-", "", " ", "", ".", "")

func (a *address55) canonical() commerce.Address {
	if a == nil {
		return commerce.Address{}
	}
	return commerce.Address{
		FirstName: a.FirstName, LastName: a.LastName, Company: a.custom(companyFields), Line1: a.Street, Line2: a.custom(line2Fields),
		City: a.City, State: a.StateName, PostalCode: a.Zipcode, Country: a.CountryCode, Phone: a.Phone,
	}
}

// custom finds a merchant's own address field by what its name contains.
func (a *address55) custom(names []string) string {
	for _, field := range sortedKeys(a.CustomFields) {
		plain := strings.ToLower(punctuation.Replace(field))
		for _, name := range names {
			if strings.Contains(plain, name) && a.CustomFields[field] != "" {
				return a.CustomFields[field]
			}
		}
	}
	return ""
}

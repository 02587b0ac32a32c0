package xcart

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

// order54 is an order in the "complex" schema, the one with addresses. No field
// of it can hold the password hash that early versions put here.
type order54 struct {
	OrderID         ident        `json:"orderId"`
	OrderNumber     ident        `json:"orderNumber"` // null: a draft
	Total           *number      `json:"total"`
	ShippingCost    number       `json:"shippingCost"`
	PaymentFee      number       `json:"paymentFee"`
	TaxAmount       number       `json:"taxAmount"`
	DiscountValue   number       `json:"discountValue"`
	OtherSurcharges surcharges54 `json:"otherSurcharges"`
	Currency        string       `json:"currency"`
	Items           []item54     `json:"items"`
	OrderDate       when         `json:"orderDate"`
	UpdateDate      when         `json:"updateDate"`
	TrackingNumber  string       `json:"trackingNumber"` // the first only
	CustomerNotes   string       `json:"customerNotes"`
	AdminNotes      string       `json:"adminNotes"`
	Coupon          coupons54    `json:"coupon"`
	CustomerInfo    *customer54  `json:"customerInfo"`
	BillingInfo     *address54   `json:"billingInfo"`
	ShippingInfo    *address54   `json:"shippingInfo"`
	PaymentMethod   string       `json:"paymentMethod"`
	PaymentStatus   string       `json:"paymentStatus"`
	ShippingMethod  string       `json:"shippingMethod"`
	ShippingStatus  string       `json:"shippingStatus"`
	Transactions    []struct {
		ID     ident  `json:"id"`
		Type   string `json:"type"`
		Value  number `json:"value"`
		Status string `json:"status"`
		Method string `json:"method"`
	} `json:"transactions"`
	Details cells `json:"details"`
}

type item54 struct {
	SKU        string `json:"sku"`
	ProductID  ident  `json:"productId"`
	Name       string `json:"name"`
	Attributes words  `json:"attributes"`
	// Price is the list price; what was charged is Subtotal.
	Price    number  `json:"price"`
	Quantity *number `json:"quantity"`
	Subtotal *number `json:"subtotal"`
}

type customer54 struct {
	ProfileID   ident  `json:"profileId"`
	IsAnonymous bool   `json:"isAnonymous"`
	Login       string `json:"login"`
	Email       string `json:"email"`
	Status      string `json:"status"`
	Membership  string `json:"membership"`
	FirstName   string `json:"firstname"`
	LastName    string `json:"lastname"`
	AddedDate   loose  `json:"addedDate"`
}

type address54 struct {
	FirstName string `json:"firstname"`
	LastName  string `json:"lastname"`
	Company   string `json:"company"` // an address field that merchants add
	Phone     string `json:"phone"`
	Address   string `json:"address"`
	Street    string `json:"street"`
	Address2  string `json:"address2"` // likewise
	City      string `json:"city"`
	State     string `json:"state"`
	Country   string `json:"country"`
	Zipcode   string `json:"zipcode"`
}

// native54 is what only the native schema tells. It declares no field of a
// profile: those hold the password hash. A list in it has no surcharges.
type native54 struct {
	OrderID       ident       `json:"order_id"`
	OrderNumber   ident       `json:"orderNumber"`
	LastRenewDate when        `json:"lastRenewDate"`
	Surcharges    []surcharge `json:"surcharges"`
	// What X-Payments keeps of the screening services' verdicts.
	FraudStatus loose `json:"xpaymentsFraudStatus"`
	FraudType   loose `json:"xpaymentsFraudType"`
}

// surcharges54 are the other surcharges by code; PHP writes none as [].
type surcharges54 map[string]struct {
	Name  string `json:"name"`
	Value number `json:"value"`
}

func (s *surcharges54) UnmarshalJSON(raw []byte) error {
	if len(raw) == 0 || raw[0] != '{' {
		return nil
	}
	type plain surcharges54
	return json.Unmarshal(raw, (*plain)(s))
}

// coupons54 are coupon codes, as a list or as one text.
type coupons54 []string

func (c *coupons54) UnmarshalJSON(raw []byte) error {
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		*c = list
		return nil
	}
	var one string
	if json.Unmarshal(raw, &one) == nil && one != "" {
		*c = []string{one}
	}
	return nil
}

// Order reads an order in one call. Where its parts do not come to its total
// (tax included in the prices, a surcharge that complex does not show), a second
// call asks the native schema for the surcharges.
func (s *shop54) Order(ctx context.Context, id string) (commerce.Order, error) {
	operation := "read order " + id
	order, err := s.complexOrder(ctx, operation, id)
	if err != nil {
		return order, err
	}
	return s.balanced(ctx, operation, order)
}

// complexOrder reads an order in one call, whether it adds up or not: enough to
// know that it exists and what it shows.
func (s *shop54) complexOrder(ctx context.Context, operation, id string) (commerce.Order, error) {
	if err := checkID(s.client, operation, id); err != nil {
		return commerce.Order{}, err
	}
	var doc order54
	if err := s.call(ctx, operation, http.MethodGet, "order/"+id, "&_schema=complex", nil, &doc); err != nil {
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

// canonical translates an order. The complex "subtotal" is total less shipping
// and is not used: the goods are the items.
func (s *shop54) canonical(operation string, d order54) (commerce.Order, error) {
	malformed := func(what string) error { return s.client.Fail(connectors.Malformed, operation, what, nil) }
	switch {
	case !isID(string(d.OrderID)):
		return commerce.Order{}, malformed("orderId is missing")
	case d.Total == nil:
		return commerce.Order{}, malformed("total is missing")
	case d.Currency == "":
		return commerce.Order{}, malformed("currency is missing: a blank order, which the shop makes when something is written for an order that does not exist")
	case d.Items == nil:
		return commerce.Order{}, malformed("items is missing")
	case d.CustomerInfo == nil:
		return commerce.Order{}, malformed("customerInfo is missing")
	}
	currency := commerce.Currency(d.Currency)
	o := commerce.Order{
		Store: s.cfg.Store, ID: string(d.OrderID), Number: string(d.OrderNumber), Currency: currency,
		PlacedAt: d.OrderDate.Time, UpdatedAt: d.UpdateDate.Time, Total: d.Total.Money(currency),
		BillTo: d.BillingInfo.canonical(), ShipTo: d.ShippingInfo.canonical(),
		PaymentMethod: d.PaymentMethod, PaymentStatus: d.PaymentStatus,
		ShippingMethod: d.ShippingMethod, ShippingStatus: d.ShippingStatus,
		CustomerNote: d.CustomerNotes, StaffNote: d.AdminNotes, Coupons: d.Coupon,
		Customer: d.CustomerInfo.canonical(), Charges: charges(d.surcharges(), currency),
	}
	if d.TrackingNumber != "" {
		o.Tracking = []string{d.TrackingNumber}
	}
	for i, it := range d.Items {
		if it.Quantity == nil || it.Subtotal == nil {
			return o, malformed(fmt.Sprintf("item %d lacks quantity or subtotal", i+1))
		}
		o.Lines = append(o.Lines, commerce.Line{
			ProductID: string(it.ProductID), SKU: it.SKU, Name: it.Name, Quantity: it.Quantity.Decimal,
			ListPrice: it.Price.Money(currency), Subtotal: it.Subtotal.Money(currency), Attributes: it.Attributes,
		})
	}
	for _, t := range d.Transactions {
		o.Payments = append(o.Payments, commerce.Payment{ID: string(t.ID), Method: t.Method, Type: t.Type, Status: t.Status, Amount: t.Value.Money(currency), Currency: currency})
	}
	if !o.Customer.Guest {
		// One that cannot be read is not known.
		o.Screening.AccountSince, _ = parseTime(string(d.CustomerInfo.AddedDate))
	}
	screen(&o.Screening, d.Details)
	return o, nil
}

// surcharges are those that complex spreads over fields of its own, as native
// writes them.
func (d order54) surcharges() []surcharge {
	all := []surcharge{
		{Type: "shipping", Code: "SHIPPING", Name: d.ShippingMethod, Value: d.ShippingCost},
		{Type: "discount", Code: "DISCOUNT", Name: "Discount", Value: d.DiscountValue},
		{Code: "PAYMENTFEE", Name: "Payment fee", Value: d.PaymentFee},
	}
	for _, code := range sortedKeys(d.OtherSurcharges) {
		all = append(all, surcharge{Code: code, Name: d.OtherSurcharges[code].Name, Value: d.OtherSurcharges[code].Value})
	}
	return append(all, surcharge{Type: "tax", Code: "TAX", Name: "Tax", Value: d.TaxAmount})
}

func (c *customer54) canonical() commerce.Customer {
	out := commerce.Customer{
		Guest: c.IsAnonymous, Email: c.Email, FirstName: c.FirstName, LastName: c.LastName,
		Membership: c.Membership, Disabled: c.Status == "D",
	}
	if out.Email == "" {
		out.Email = c.Login
	}
	if !c.IsAnonymous {
		out.ProfileID = string(c.ProfileID)
	}
	return out
}

func (a *address54) canonical() commerce.Address {
	if a == nil {
		return commerce.Address{}
	}
	line1 := a.Address
	if line1 == "" {
		line1 = a.Street
	}
	return commerce.Address{
		FirstName: a.FirstName, LastName: a.LastName, Company: a.Company, Line1: line1, Line2: a.Address2, City: a.City,
		State: a.State, PostalCode: a.Zipcode, Country: a.Country, Phone: a.Phone,
	}
}

// balanced takes the surcharges of the native order where the complex one does
// not add up: they tell which are in the prices already.
func (s *shop54) balanced(ctx context.Context, operation string, o commerce.Order) (commerce.Order, error) {
	if o.Imbalance().IsZero() {
		return o, nil
	}
	var doc native54
	if err := s.call(ctx, operation, http.MethodGet, "order/"+o.ID, "", nil, &doc); err != nil {
		return o, err
	}
	if len(doc.Surcharges) > 0 {
		o.Charges = charges(doc.Surcharges, o.Currency)
	}
	// No call is made for it, but where it comes by the way it is taken.
	if doc.FraudStatus != "" {
		o.Screening.Verdicts = append(o.Screening.Verdicts, commerce.ScreeningVerdict{Service: string(doc.FraudType), Result: string(doc.FraudStatus)})
	}
	return o, nil
}

package xcart

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

// order54 is an order in the "complex" schema, the one with addresses. No field
// of it can hold the password hash that early versions put here.
type order54 struct {
	OrderID         ident        `json:"orderId"`
	OrderNumber     ident        `json:"orderNumber"`
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
	TrackingNumber  string       `json:"trackingNumber"`
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

// Order reads an order in one call. Where its parts do not come to its total,
// a second call asks the native schema for the surcharges, which tell included
// amounts from added ones.
func (s *shop54) Order(ctx context.Context, id string) (commerce.Order, error) {
	operation := "read order " + id
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
	if order.Imbalance().IsZero() {
		return order, nil
	}
	return s.withNativeSurcharges(ctx, operation, order)
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
		Customer: d.CustomerInfo.canonical(),
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
	charge := func(kind commerce.ChargeKind, code, name string, amount number) {
		if value := amount.Money(currency); !value.IsZero() {
			o.Charges = append(o.Charges, commerce.Charge{Kind: kind, Code: code, Name: name, Amount: value})
		}
	}
	charge(commerce.ChargeFreight, "SHIPPING", d.ShippingMethod, d.ShippingCost)
	charge(commerce.ChargeDiscount, "DISCOUNT", "Discount", d.DiscountValue)
	charge(commerce.ChargePaymentFee, "PAYMENTFEE", "Payment fee", d.PaymentFee)
	for _, code := range sortedKeys(d.OtherSurcharges) {
		charge(kindOf("", code), code, d.OtherSurcharges[code].Name, d.OtherSurcharges[code].Value)
	}
	charge(commerce.ChargeTax, "TAX", "Tax", d.TaxAmount)
	for _, t := range d.Transactions {
		o.Payments = append(o.Payments, commerce.Payment{ID: string(t.ID), Method: t.Method, Type: t.Type, Status: t.Status, Amount: t.Value.Money(currency), Currency: currency})
	}
	return o, nil
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

// native54 is what only the native schema tells. It declares no field of a
// profile: those hold the password hash.
type native54 struct {
	OrderID       ident       `json:"order_id"`
	OrderNumber   ident       `json:"orderNumber"`
	LastRenewDate when        `json:"lastRenewDate"`
	Surcharges    []surcharge `json:"surcharges"`
}

func (s *shop54) withNativeSurcharges(ctx context.Context, operation string, o commerce.Order) (commerce.Order, error) {
	var doc native54
	if err := s.call(ctx, operation, http.MethodGet, "order/"+o.ID, "", nil, &doc); err != nil {
		return o, err
	}
	if len(doc.Surcharges) > 0 {
		o.Charges = charges(doc.Surcharges, o.Currency)
	}
	return o, nil
}

const page54 = 25 // a complex order is some kilobytes and a list takes seconds

// OrdersChanged lists orders by their last change, newest first: 5.4 can sort by
// it but not ask for it. It ends at the first order that is older than since.
func (s *shop54) OrdersChanged(ctx context.Context, since time.Time, cursor string) (OrderPage, error) {
	const operation = "list changed orders"
	offset, err := pageNumber(s.client, operation, cursor)
	if err != nil {
		return OrderPage{}, err
	}
	query := fmt.Sprintf("&_schema=complex&_cnd[limit][]=%d&_cnd[limit][]=%d&_cnd[orderBy][]=%s", offset, page54, url.QueryEscape("o.lastRenewDate,desc"))
	var docs []order54
	if err := s.call(ctx, operation, http.MethodGet, "order", query, nil, &docs); err != nil {
		// One blank order makes every complex list that holds it a 500: the
		// native list of the same page still tells what changed.
		if connectors.Is(err, connectors.Unavailable) {
			if page, nativeErr := s.nativePage(ctx, since, offset); nativeErr == nil {
				return page, nil
			}
		}
		return OrderPage{}, err
	}
	refs := make([]commerce.OrderRef, 0, len(docs))
	for _, d := range docs {
		o, err := s.canonical(operation, d)
		if err != nil {
			continue // a blank order: nothing to import
		}
		ref := commerce.OrderRef{ID: o.ID, Number: o.Number, UpdatedAt: o.UpdatedAt, PaymentStatus: o.PaymentStatus, ShippingStatus: o.ShippingStatus}
		if o.Imbalance().IsZero() {
			ref.Fingerprint = o.Fingerprint() // else Order reads more than the list tells
		}
		refs = append(refs, ref)
	}
	return s.page(refs, len(docs), since, offset), nil
}

func (s *shop54) nativePage(ctx context.Context, since time.Time, offset int) (OrderPage, error) {
	query := fmt.Sprintf("&_cnd[limit][]=%d&_cnd[limit][]=%d&_cnd[orderBy][]=%s", offset, page54, url.QueryEscape("o.lastRenewDate,desc"))
	var docs []native54
	if err := s.call(ctx, "list changed orders", http.MethodGet, "order", query, nil, &docs); err != nil {
		return OrderPage{}, err
	}
	var refs []commerce.OrderRef
	for _, d := range docs {
		if isID(string(d.OrderID)) {
			refs = append(refs, commerce.OrderRef{ID: string(d.OrderID), Number: string(d.OrderNumber), UpdatedAt: d.LastRenewDate.Time})
		}
	}
	return s.page(refs, len(docs), since, offset), nil
}

// page keeps what changed since, and says whether there is more. A shop that
// ignored the order or the limit is noticed: then every page is read, and
// nothing is taken to be older because of where it stands.
func (s *shop54) page(refs []commerce.OrderRef, rows int, since time.Time, offset int) OrderPage {
	sorted := true
	for i := 1; i < len(refs); i++ {
		sorted = sorted && !refs[i].UpdatedAt.After(refs[i-1].UpdatedAt)
	}
	var page OrderPage
	older := false
	for _, ref := range refs {
		if ref.UpdatedAt.Before(since.Truncate(time.Second)) {
			older = true
			continue
		}
		page.Orders = append(page.Orders, ref)
	}
	switch {
	case rows > page54: // the limit was ignored: this is everything
	case rows < page54: // the last page
	case older && sorted: // all that follow are older
	default:
		page.Next = strconv.Itoa(offset + page54)
	}
	return page
}

func pageNumber(c *connectors.Client, operation, cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(cursor)
	if err != nil || n < 0 {
		return 0, c.Fail(connectors.Rejected, operation, fmt.Sprintf("%.20q is not a cursor of this list", cursor), nil)
	}
	return n, nil
}

// surcharge is an amount of an order that is not goods, as both generations
// write it natively.
type surcharge struct {
	Type      string `json:"type"`
	Code      string `json:"code"`
	Class     string `json:"class"`
	Include   bool   `json:"include"`
	Available *bool  `json:"available"`
	Value     number `json:"value"`
	Name      string `json:"name"`
}

func charges(all []surcharge, currency commerce.Currency) []commerce.Charge {
	var out []commerce.Charge
	for _, c := range all {
		if c.Available != nil && !*c.Available {
			continue
		}
		if value := c.Value.Money(currency); !value.Equal(decimal.Zero) {
			out = append(out, commerce.Charge{Kind: kindOf(c.Type, c.Code+" "+c.Class), Code: c.Code, Name: c.Name, Amount: value, Included: c.Include})
		}
	}
	return out
}

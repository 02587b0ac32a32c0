package commerce

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Order is a web order as the shop holds it.
type Order struct {
	Store  string `json:"store"`  // short code of the store, from configuration
	ID     string `json:"id"`     // the shop's internal id
	Number string `json:"number"` // what the customer sees; empty for a draft
	// ReferenceSuffix tells apart the orders to which a restored shop gave one
	// id: it is added to the reference in the ERP. Empty for nearly all.
	ReferenceSuffix string `json:"reference_suffix,omitempty"`

	PlacedAt  time.Time `json:"placed_at"`
	UpdatedAt time.Time `json:"updated_at"`
	Currency  Currency  `json:"currency"`

	Customer Customer `json:"customer"`
	BillTo   Address  `json:"bill_to"`
	ShipTo   Address  `json:"ship_to"` // zero when the shop has none; see Destination

	Lines    []Line    `json:"lines"`
	Charges  []Charge  `json:"charges,omitempty"`
	Payments []Payment `json:"payments,omitempty"`
	Coupons  []string  `json:"coupons,omitempty"`
	// Total is what the customer owes for the order, all charges included.
	Total decimal.Decimal `json:"total"`

	PaymentMethod  string `json:"payment_method,omitempty"`
	PaymentStatus  string `json:"payment_status"` // the shop's code; a profile says what it means
	ShippingMethod string `json:"shipping_method,omitempty"`
	ShippingStatus string `json:"shipping_status"` // the shop's code; a profile says what it means

	CustomerNote string   `json:"customer_note,omitempty"`
	StaffNote    string   `json:"staff_note,omitempty"`
	Tracking     []string `json:"tracking,omitempty"` // tracking numbers the shop already shows

	// Screening stays in the process that read the order: it is in no JSON, so
	// that no history, log or fingerprint holds it.
	Screening Screening `json:"-"`
}

// Line is one item of an order.
type Line struct {
	ID        string          `json:"id,omitempty"`
	ProductID string          `json:"product_id,omitempty"` // empty when the product was deleted
	SKU       string          `json:"sku"`
	Name      string          `json:"name,omitempty"`
	Quantity  decimal.Decimal `json:"quantity"`
	// ListPrice is the catalogue price of one; it need not be what was charged.
	ListPrice decimal.Decimal `json:"list_price"`
	// Subtotal is what was charged for the whole line before order-level
	// discounts, shipping and tax.
	Subtotal decimal.Decimal `json:"subtotal"`
	// Attributes are the chosen options, name to value.
	Attributes map[string]string `json:"attributes,omitempty"`
}

// UnitPrice is what was charged for one, unrounded: Subtotal / Quantity. It is
// zero for a line without a quantity.
func (l Line) UnitPrice() decimal.Decimal {
	if l.Quantity.IsZero() {
		return decimal.Zero
	}
	return l.Subtotal.Div(l.Quantity)
}

// ChargeKind says what an order-level amount is for.
type ChargeKind string

// The kinds of charge.
const (
	ChargeFreight         ChargeKind = "freight"
	ChargeTax             ChargeKind = "tax"
	ChargeDiscount        ChargeKind = "discount"
	ChargeGiftCertificate ChargeKind = "gift-certificate"
	ChargePaymentFee      ChargeKind = "payment-fee"
	ChargeHandling        ChargeKind = "handling"
	ChargeOther           ChargeKind = "other"
)

// Charge is an amount of the order that is not goods. Discounts are negative.
type Charge struct {
	Kind   ChargeKind      `json:"kind"`
	Code   string          `json:"code,omitempty"` // the shop's own code, such as SHIPPING
	Name   string          `json:"name,omitempty"`
	Amount decimal.Decimal `json:"amount"`
	// Included charges are already inside the prices (tax-inclusive shops) and
	// do not add to the total.
	Included bool `json:"included,omitempty"`
}

// Payment is one payment transaction of an order.
type Payment struct {
	ID       string          `json:"id"`
	Method   string          `json:"method,omitempty"`
	Type     string          `json:"type,omitempty"`   // sale, auth, capture, refund, ...
	Status   string          `json:"status,omitempty"` // the shop's code
	Amount   decimal.Decimal `json:"amount"`
	Currency Currency        `json:"currency,omitempty"`
}

// Reference is the key that the order carries into the ERP.
func (o Order) Reference() string {
	reference := Reference(o.Store, o.ID)
	if o.ReferenceSuffix != "" {
		reference += suffixMark + o.ReferenceSuffix
	}
	return reference
}

// GoodsTotal is the sum of the lines.
func (o Order) GoodsTotal() decimal.Decimal {
	total := decimal.Zero
	for _, l := range o.Lines {
		total = total.Add(l.Subtotal)
	}
	return total
}

// ChargeTotal sums the charges of the given kinds that add to the total.
func (o Order) ChargeTotal(kinds ...ChargeKind) decimal.Decimal {
	total := decimal.Zero
	for _, c := range o.Charges {
		for _, k := range kinds {
			if c.Kind == k && !c.Included {
				total = total.Add(c.Amount)
			}
		}
	}
	return total
}

// Imbalance is the order's total less its goods and charges: zero when the
// order adds up.
func (o Order) Imbalance() decimal.Decimal {
	sum := o.GoodsTotal()
	for _, c := range o.Charges {
		if !c.Included {
			sum = sum.Add(c.Amount)
		}
	}
	return o.Currency.Round(o.Total.Sub(sum))
}

// Destination is where the order ships: the ship-to, or the bill-to when the
// shop gives no ship-to (goods not shipped, or "same as billing").
func (o Order) Destination() Address {
	if o.ShipTo.IsZero() {
		return o.BillTo
	}
	return o.ShipTo
}

// Fingerprint identifies what the ERP order was made from: it changes when
// somebody edits lines, amounts, addresses, payment or status, and not when
// notes or tracking numbers are written. Lists do not tell payments and the
// payment method; they never change without the payment status.
func (o Order) Fingerprint() string {
	o.UpdatedAt, o.StaffNote, o.Tracking, o.Customer.Addresses = time.Time{}, "", nil, nil
	o.PaymentMethod, o.Payments = "", nil
	o.ReferenceSuffix = "" // ours, not the shop's
	o.PlacedAt = o.PlacedAt.UTC()
	b, err := json.Marshal(o)
	if err != nil {
		panic("commerce: an order cannot fail to marshal: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// OrderRef points at an order that changed in the shop, with as much of its
// state as a list gives.
type OrderRef struct {
	ID             string    `json:"id"`
	Number         string    `json:"number,omitempty"`
	UpdatedAt      time.Time `json:"updated_at"`
	PaymentStatus  string    `json:"payment_status,omitempty"`
	ShippingStatus string    `json:"shipping_status,omitempty"`
	// Fingerprint is that of the whole order where the list gives whole
	// orders, else empty.
	Fingerprint string `json:"fingerprint,omitempty"`
}

// Product is an item of the shop's catalogue.
type Product struct {
	ID        string          `json:"id"`
	SKU       string          `json:"sku,omitempty"`
	Name      string          `json:"name,omitempty"`
	Price     decimal.Decimal `json:"price"`
	Quantity  decimal.Decimal `json:"quantity"`
	Weight    decimal.Decimal `json:"weight"`
	Enabled   bool            `json:"enabled"`
	UpdatedAt time.Time       `json:"updated_at"`
}

// ChangeSince names what of an order matters to the ERP and differs from an
// earlier reading; empty when nothing does. Notes, tracking numbers and
// statuses are passed over: the first are written by ourselves, and what a
// status means is for a mapping profile to say.
func (o Order) ChangeSince(before Order) string {
	var changes []string
	note := func(changed bool, what string) {
		if changed {
			changes = append(changes, what)
		}
	}
	note(!o.Total.Equal(before.Total), "total "+before.Total.String()+" -> "+o.Total.String())
	note(o.Destination() != before.Destination(), "shipping address")
	note(o.BillTo != before.BillTo, "billing address")
	note(!slices.EqualFunc(o.Lines, before.Lines, Line.same), "lines")
	return strings.Join(changes, ", ")
}

func (l Line) same(other Line) bool {
	return l.SKU == other.SKU && l.Quantity.Equal(other.Quantity) && l.Subtotal.Equal(other.Subtotal)
}

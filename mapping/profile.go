// Package mapping says how a web order becomes a sales order, and what an
// order's states mean: in a profile, a YAML file, not in code.
//
// It is pure: no clock, and no I/O but reading the profile. [Load] a profile
// once, use it from anywhere. default.yaml is the profile's reference.
package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
)

// Profile is a loaded mapping profile. It is safe for concurrent use.
type Profile struct {
	doc      document
	version  string
	zone     *time.Location
	programs programs
}

// Version identifies the profile's content. It is recorded with every order.
func (p *Profile) Version() string { return p.version }

// Name is the profile's name.
func (p *Profile) Name() string { return p.doc.Name }

// CompanyID is the P21 company.
func (p *Profile) CompanyID() string { return p.doc.Company.ID }

// Currency is the company's.
func (p *Profile) Currency() commerce.Currency { return p.doc.Company.Currency }

// FieldNames are the tenant's own names of P21 fields.
func (p *Profile) FieldNames() map[string]string { return p.doc.FieldNames }

// Payment says what a payment status code means; unknown codes mean
// [commerce.PaymentUnknown].
func (p *Profile) Payment(code string) commerce.PaymentState { return p.doc.Statuses.Payment[code] }

// Fulfilment says what a shipping status code means.
func (p *Profile) Fulfilment(code string) commerce.FulfilmentState {
	return p.doc.Statuses.Shipping[code]
}

// ShippingCode is the code to set in the shop when an order reaches a state;
// empty when none shall be set.
func (p *Profile) ShippingCode(state commerce.FulfilmentState) string {
	return p.doc.Statuses.Set[state]
}

// ChargeItems are the items that carry amounts which are not goods.
func (p *Profile) ChargeItems() []string {
	c := p.doc.Charges
	all := []string{c.Discount, c.GiftCertificate, c.PaymentFee, c.Handling, c.Other, p.doc.Lines.RoundingItem, p.doc.Tax.Item}
	if c.Freight != freightInHeader {
		all = append(all, c.Freight)
	}
	all = slices.AppendSeq(all, maps.Values(p.doc.Tables[chargesTable]))
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(id string) bool { return id == "" })
}

// Deadlines are how long an order may take from one stage to the next before
// somebody is told.
type Deadlines struct {
	Payment   time.Duration // from being placed to being imported
	Allocated time.Duration // from the ERP order to its allocation
	Shipped   time.Duration // from the ERP order to its last shipment
	Invoiced  time.Duration // from the last shipment to its invoice
}

// Deadlines are the profile's.
func (p *Profile) Deadlines() Deadlines {
	f := p.doc.Fulfilment
	return Deadlines{
		Payment:   time.Duration(p.doc.Import.GiveUpDays) * 24 * time.Hour,
		Allocated: f.Allocated.Duration, Shipped: f.Shipped.Duration, Invoiced: f.Invoiced.Duration,
	}
}

// SafetyStock is how much of an ERP item is kept from the shop.
func (p *Profile) SafetyStock(item string) decimal.Decimal {
	if own, ok := p.doc.Stock.Items[item]; ok {
		return own.Decimal
	}
	return p.doc.Stock.Safety.Decimal
}

// Lookup is the value of a key in one of the profile's tables, its own free
// tables included.
func (p *Profile) Lookup(table, key string) (string, bool) {
	value, ok := p.doc.Tables[table][key]
	return value, ok
}

func hash(doc []byte) string {
	sum := sha256.Sum256(doc)
	return hex.EncodeToString(sum[:6])
}

// Taker is whose orders in the ERP are ours, for polling. It is the same for
// all orders: a taker that depended on the order could not be asked for.
func (p *Profile) Taker() string {
	e := evaluation{programs: p.programs}
	return e.text(p.doc.Order.Taker, orderScope{})
}

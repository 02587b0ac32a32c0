// Package mapping says how a web order becomes a sales order, and what an
// order's states mean: in a profile, a YAML file, not in code.
//
// It is pure. Load a profile once, use it from anywhere.
package mapping

import (
	"crypto/sha256"
	"encoding/hex"
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

// document is a profile as it stands in YAML.
type document struct {
	Extends   string    `yaml:"extends,omitempty"`
	Name      string    `yaml:"name"`
	Company   company   `yaml:"company"`
	Import    importing `yaml:"import"`
	Statuses  statuses  `yaml:"statuses"`
	Order     header    `yaml:"order"`
	Lines     lines     `yaml:"lines"`
	Charges   charges   `yaml:"charges"`
	Tax       tax       `yaml:"tax"`
	Tolerance amount    `yaml:"total_tolerance"`
	Notes     []note    `yaml:"notes"`
	Customers customers `yaml:"customers"`
	Validate  bounds    `yaml:"validation"`
	Addresses struct {
		Normalise bool `yaml:"normalise"`
	} `yaml:"addresses"`
	FieldNames map[string]string            `yaml:"field_names"`
	Tables     map[string]map[string]string `yaml:"tables"`
}

type company struct {
	ID       string            `yaml:"id"`
	Currency commerce.Currency `yaml:"currency"`
	TimeZone string            `yaml:"time_zone"`
}

type importing struct {
	Default    importRule            `yaml:"default"`
	GiveUpDays int                   `yaml:"give_up_days"`
	Methods    map[string]importRule `yaml:"methods"`
}

type statuses struct {
	Payment  map[string]commerce.PaymentState    `yaml:"payment"`
	Shipping map[string]commerce.FulfilmentState `yaml:"shipping"`
	Set      map[commerce.FulfilmentState]string `yaml:"set"`
}

// expression is the source of an expression.
type expression string

type header struct {
	Taker                expression            `yaml:"taker"`
	Location             expression            `yaml:"location"`
	SourceLocation       expression            `yaml:"source_location"`
	PONumber             expression            `yaml:"po_number"`
	RequestedInDays      int                   `yaml:"requested_in_days"`
	Approved             expression            `yaml:"approved"`
	Carrier              expression            `yaml:"carrier"`
	WillCall             expression            `yaml:"will_call"`
	PackingBasis         expression            `yaml:"packing_basis"`
	FreightCode          expression            `yaml:"freight_code"`
	Terms                expression            `yaml:"terms"`
	DeliveryInstructions expression            `yaml:"delivery_instructions"`
	JobName              expression            `yaml:"job_name"`
	Extra                map[string]expression `yaml:"extra"`
}

type lines struct {
	Item          expression            `yaml:"item"`
	UOM           expression            `yaml:"uom"`
	Description   expression            `yaml:"description"`
	PriceDecimals int32                 `yaml:"price_decimals"`
	RoundingItem  string                `yaml:"rounding_item"`
	Extra         map[string]expression `yaml:"extra"`
}

type charges struct {
	Freight         string     `yaml:"freight"`
	Discount        string     `yaml:"discount"`
	GiftCertificate string     `yaml:"gift-certificate"`
	PaymentFee      string     `yaml:"payment-fee"`
	Handling        string     `yaml:"handling"`
	Other           string     `yaml:"other"`
	Description     expression `yaml:"description"`
}

type tax struct {
	Handling  string `yaml:"handling"`
	Item      string `yaml:"item"`
	Tolerance amount `yaml:"tolerance"`
}

type note struct {
	Topic expression `yaml:"topic"`
	Class expression `yaml:"class"`
	Text  expression `yaml:"text"`
}

type customers struct {
	Guests       string                `yaml:"guests"`
	HouseAccount string                `yaml:"house_account"`
	Terms        expression            `yaml:"terms"`
	Extra        map[string]expression `yaml:"extra"`
}

type bounds struct {
	MaxLines        int                 `yaml:"max_lines"`
	MaxQuantity     amount              `yaml:"max_quantity"`
	MinPrice        amount              `yaml:"min_price"`
	MaxPrice        amount              `yaml:"max_price"`
	MaxTotal        amount              `yaml:"max_total"`
	RequiredAddress map[string][]string `yaml:"required_address"`
}

// amount is a decimal in YAML, written as text so that it stays exact.
type amount struct{ decimal.Decimal }

// UnmarshalYAML reads an amount.
func (a *amount) UnmarshalYAML(text []byte) (err error) {
	a.Decimal, err = parseAmount(text)
	return err
}

// MarshalYAML writes an amount.
func (a amount) MarshalYAML() ([]byte, error) { return []byte(`"` + a.String() + `"`), nil }

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
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(id string) bool { return id == "" })
}

// GuestHouseAccount is the P21 customer of all guests; empty when guests get
// customers of their own.
func (p *Profile) GuestHouseAccount() string {
	if p.doc.Customers.Guests == guestsHouse {
		return p.doc.Customers.HouseAccount
	}
	return ""
}

// HouseAccount is the customer that an order's buyer is put on, if the profile
// says so.
func (p *Profile) HouseAccount(order commerce.Order) (string, bool) {
	account := p.GuestHouseAccount()
	return account, account != "" && order.Customer.Guest
}

func hash(doc []byte) string {
	sum := sha256.Sum256(doc)
	return hex.EncodeToString(sum[:6])
}

// Taker is whose orders in the ERP are ours, for polling. It is the same for
// all orders: a taker that depended on the order could not be asked for.
func (p *Profile) Taker() string {
	e := evaluation{programs: p.programs}
	return e.text(p.doc.Order.Taker, scope{})
}

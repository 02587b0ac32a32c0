package mapping

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
)

// Severity says what a finding means for the order.
type Severity string

// The severities.
const (
	Refuses Severity = "refuses" // the order is not written until it is mended
	Warns   Severity = "warns"   // written all the same; somebody may want to know
)

// Finding is one thing that stands against importing an order.
type Finding struct {
	Code     string   `json:"code"`            // kebab-case, stable
	Field    string   `json:"field,omitempty"` // JSON pointer into the order
	Message  string   `json:"message"`         // what is wrong and what to do
	Severity Severity `json:"severity,omitempty"`
}

// importance orders findings: the first is what the order is parked under.
var importance = []string{
	"amount-unusable", "expression-failed", "no-lines", "wrong-currency", "nothing-to-charge", "quantity-out-of-bounds", "price-out-of-bounds",
	"total-mismatch", "tax-included", "total-out-of-bounds", "unknown-item", "inactive-item", "inactive-customer",
	"missing-address", "missing-email", "unknown-carrier", "wrong-date", "too-long", "too-many-lines",
}

// Reason is the code to park an order under; empty when nothing refuses it.
func Reason(findings []Finding) string {
	for _, f := range findings {
		if f.Severity != Warns {
			return f.Code
		}
	}
	return ""
}

// adder notes a finding that refuses the order.
type adder func(code, field, format string, args ...any)

// validate finds all that stands against an order at once.
func (p *Profile) validate(order commerce.Order, sales commerce.SalesOrder, facts Facts, findings []Finding) []Finding {
	note := func(severity Severity) adder {
		return func(code, field, format string, args ...any) {
			findings = append(findings, Finding{Code: code, Field: field, Message: fmt.Sprintf(format, args...), Severity: severity})
		}
	}
	add := note(Refuses)
	p.validateTotals(order, add)
	p.validateLines(order, sales, add)
	p.validateItems(sales, facts, add)
	p.validateCustomer(order, facts, add)
	p.validateAddress(order, add)
	p.validateCarrier(order, sales, add, note(Warns))
	p.validateDates(sales, add)
	p.validateLengths(sales, add)
	slices.SortStableFunc(findings, func(a, b Finding) int { return rank(a) - rank(b) })
	return findings
}

func rank(f Finding) int {
	place := slices.Index(importance, f.Code)
	if place < 0 {
		place = len(importance)
	}
	if f.Severity == Warns {
		place += 1 + len(importance)
	}
	return place
}

// unusableAmounts finds numbers that are no amounts of money or goods: with
// hundreds of digits they would only cost time and memory.
func unusableAmounts(order commerce.Order) []Finding {
	var findings []Finding
	check := func(field string, d decimal.Decimal) {
		if d.Exponent() > 15 || d.Exponent() < -18 || d.NumDigits() > 30 {
			findings = append(findings, Finding{Code: "amount-unusable", Field: field, Severity: Refuses,
				Message: "the number at " + field + " is too large or too fine to be an amount: amend it"})
		}
	}
	check("/total", order.Total)
	for i, l := range order.Lines {
		at := fmt.Sprintf("/lines/%d", i)
		check(at+"/quantity", l.Quantity)
		check(at+"/subtotal", l.Subtotal)
		check(at+"/list_price", l.ListPrice)
	}
	for i, c := range order.Charges {
		check(fmt.Sprintf("/charges/%d/amount", i), c.Amount)
	}
	return findings
}

func (p *Profile) validateTotals(order commerce.Order, add adder) {
	b := p.doc.Validate
	if len(order.Lines) == 0 {
		add("no-lines", "/lines", "the order has no lines")
	}
	if len(order.Lines) > b.MaxLines {
		add("too-many-lines", "/lines", "the order has %d lines, the profile allows %d", len(order.Lines), b.MaxLines)
	}
	if order.Currency != p.doc.Company.Currency {
		add("wrong-currency", "/currency", "the order is in %s, the company in %s", order.Currency, p.doc.Company.Currency)
	}
	if diff := order.Imbalance(); !diff.IsZero() {
		add("total-mismatch", "/total", "the order does not add up: its total %s is %s off its lines and charges",
			order.Currency.Format(order.Total), order.Currency.Format(diff))
	}
	if order.Total.GreaterThan(b.MaxTotal.Decimal) || order.Total.IsNegative() {
		add("total-out-of-bounds", "/total", "the total %s is outside 0 to %s", order.Currency.Format(order.Total), b.MaxTotal)
	}
	if len(order.Lines) > 0 && order.Total.IsZero() && b.MinPrice.IsPositive() && !p.allFree(order) {
		add("nothing-to-charge", "/total", "the order costs nothing: a stock correction or a gift belongs into Prophet 21 by hand, or set validation.min_price to \"0\"")
	}
	switch included := includedTax(order); {
	case included.IsZero():
	case p.doc.Tax.Prices == pricesNet:
		add("tax-included", "/charges", "the prices hold %s of tax, and Prophet 21 would add its own: set tax.prices to gross in the profile", order.Currency.Format(included))
	case p.netAmounts(order).stuck:
		add("tax-included", "/charges", "the order has %s of tax inside its prices, but no price to take it out of", order.Currency.Format(included))
	}
}

func (p *Profile) allFree(order commerce.Order) bool {
	for _, l := range order.Lines {
		if !slices.Contains(p.doc.Validate.FreeItems, l.SKU) {
			return false
		}
	}
	return true
}

func (p *Profile) validateLines(order commerce.Order, sales commerce.SalesOrder, add adder) {
	b := p.doc.Validate
	for i, l := range order.Lines {
		at := fmt.Sprintf("/lines/%d", i)
		if !l.Quantity.IsPositive() || l.Quantity.GreaterThan(b.MaxQuantity.Decimal) {
			add("quantity-out-of-bounds", at+"/quantity", "line %d (%s): quantity %s is not within 0 to %s", i+1, l.SKU, l.Quantity, b.MaxQuantity)
			continue
		}
		price := l.UnitPrice()
		if sales.Lines[i].Charge || price.IsZero() && slices.Contains(b.FreeItems, l.SKU) {
			continue // postage or a discount sold as a product: any price goes
		}
		if price.LessThan(b.MinPrice.Decimal) || price.GreaterThan(b.MaxPrice.Decimal) {
			add("price-out-of-bounds", at+"/subtotal", "line %d (%s): the price %s is not within %s to %s",
				i+1, l.SKU, price.Round(4), b.MinPrice, b.MaxPrice)
		}
	}
}

func (p *Profile) validateItems(sales commerce.SalesOrder, facts Facts, add adder) {
	for i, l := range sales.Lines {
		field, what := fmt.Sprintf("/lines/%d/sku", i), fmt.Sprintf("line %d: ", i+1)
		if l.Charge {
			field, what = "", "charge: "
		}
		item, known := facts.Items[l.ItemID]
		switch {
		case !known && l.Charge:
			add("unknown-item", field, "the charge item %q (%s) is not in Prophet 21: create it there, or name another under charges in the profile", l.ItemID, l.Description)
		case !known:
			add("unknown-item", field, "line %d: Prophet 21 has no item %q: amend the SKU, add it to the profile's skus table, or create the item", i+1, l.ItemID)
		case item.Inactive:
			add("inactive-item", field, "%sitem %q is inactive in Prophet 21: activate it, or amend the SKU", what, l.ItemID)
		}
	}
}

func (p *Profile) validateCustomer(order commerce.Order, facts Facts, add adder) {
	if order.Customer.Email == "" && (!order.Customer.Guest || p.GuestHouseAccount() == "") {
		add("missing-email", "/customer/email", "the customer has no e-mail, by which Prophet 21's customer is found: amend /customer/email")
	}
	if a := facts.Account; a != nil && a.Inactive {
		add("inactive-customer", "/customer", "customer %s is inactive in Prophet 21: activate it there, then retry", a.CustomerID)
	}
}

var addressParts = map[string]func(commerce.Address) string{
	"name": commerce.Address.Name, "line1": func(a commerce.Address) string { return a.Line1 },
	"line2": func(a commerce.Address) string { return a.Line2 }, "city": func(a commerce.Address) string { return a.City },
	"state":       func(a commerce.Address) string { return a.State },
	"postal_code": func(a commerce.Address) string { return a.PostalCode },
	"country":     func(a commerce.Address) string { return a.Country }, "phone": func(a commerce.Address) string { return a.Phone },
}

func (p *Profile) validateAddress(order commerce.Order, add adder) {
	to, field := order.Destination(), "/ship_to"
	if order.ShipTo.IsZero() {
		field = "/bill_to"
	}
	required, ok := p.doc.Validate.RequiredAddress[to.Country]
	if !ok {
		required = p.doc.Validate.RequiredAddress["default"]
	}
	var missing []string
	for _, part := range required {
		if strings.TrimSpace(addressParts[part](to)) == "" {
			missing = append(missing, part)
		}
	}
	if len(missing) > 0 {
		add("missing-address", field, "the shipping address lacks %s: amend %s", strings.Join(missing, ", "), field)
	}
}

// validateCarrier tells of a shipping method that the table of carriers does
// not have; the carrier is then whatever the profile's expression falls back to.
func (p *Profile) validateCarrier(order commerce.Order, sales commerce.SalesOrder, refuse, warn adder) {
	table := p.doc.Tables[carriersTable]
	if _, known := table[order.ShippingMethod]; known || order.ShippingMethod == "" || sales.WillCall {
		return
	}
	switch {
	case p.doc.Validate.UnknownCarrier == carrierRefuse:
		refuse("unknown-carrier", "/shipping_method", "the profile's carriers table does not have the shipping method %q: add it, or amend /shipping_method", order.ShippingMethod)
	case len(table) > 0:
		warn("unknown-carrier", "/shipping_method", "the profile's carriers table does not have the shipping method %q: the carrier is %q (\"\" is the customer's own)", order.ShippingMethod, sales.CarrierID)
	}
}

func (p *Profile) validateDates(sales commerce.SalesOrder, add adder) {
	switch requested := sales.RequestedDate; {
	case requested == "":
	case !isDate(requested):
		add("wrong-date", "", "the profile's order.requested_date gives %q, which is not a date YYYY-MM-DD", requested)
	case requested < sales.OrderDate:
		add("wrong-date", "", "the requested date %s lies before the order date %s: Prophet 21 refuses that; mend order.requested_date in the profile", requested, sales.OrderDate)
	}
}

func isDate(d commerce.Date) bool {
	_, err := time.Parse(time.DateOnly, string(d))
	return err == nil
}

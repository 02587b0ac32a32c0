package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cart21/cart21/commerce"
)

// Finding is one thing that stands against importing an order.
type Finding struct {
	Code    string `json:"code"`            // kebab-case, stable
	Field   string `json:"field,omitempty"` // JSON pointer into the order
	Message string `json:"message"`         // what is wrong and what to do
}

// importance orders findings: the first is what the order is parked under.
var importance = []string{
	"expression-failed", "no-lines", "wrong-currency", "nothing-to-charge", "quantity-out-of-bounds", "price-out-of-bounds",
	"total-mismatch", "total-out-of-bounds", "unknown-item", "inactive-item", "missing-address", "missing-email", "too-long", "too-many-lines",
}

// Reason is the code to park an order under; empty without findings.
func Reason(findings []Finding) string {
	if len(findings) == 0 {
		return ""
	}
	return findings[0].Code
}

// validate finds all that stands against an order at once.
func (p *Profile) validate(order commerce.Order, sales commerce.SalesOrder, facts Facts, findings []Finding) []Finding {
	add := func(code, field, format string, args ...any) {
		findings = append(findings, Finding{Code: code, Field: field, Message: fmt.Sprintf(format, args...)})
	}
	p.validateTotals(order, add)
	p.validateLines(order, add)
	p.validateItems(sales, facts, add)
	p.validateAddress(order, add)
	for field, limit := range map[string]struct {
		value string
		most  int
	}{"po_number": {sales.PONumber, 50}, "reference": {sales.Reference, 50}, "taker": {sales.Taker, 30}} {
		if len([]rune(limit.value)) > limit.most {
			add("too-long", "", "%s %q is longer than the %d characters that Prophet 21 keeps", field, limit.value, limit.most)
		}
	}
	slices.SortStableFunc(findings, func(a, b Finding) int { return rank(a.Code) - rank(b.Code) })
	return findings
}

func rank(code string) int {
	if i := slices.Index(importance, code); i >= 0 {
		return i
	}
	return len(importance)
}

type adder func(code, field, format string, args ...any)

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
	if len(order.Lines) > 0 && order.Total.IsZero() && b.MinPrice.IsPositive() {
		add("nothing-to-charge", "/total", "the order costs nothing: a stock correction or a gift belongs into Prophet 21 by hand, or set validation.min_price to \"0\"")
	}
}

func (p *Profile) validateLines(order commerce.Order, add adder) {
	b := p.doc.Validate
	for i, l := range order.Lines {
		at := fmt.Sprintf("/lines/%d", i)
		if !l.Quantity.IsPositive() || l.Quantity.GreaterThan(b.MaxQuantity.Decimal) {
			add("quantity-out-of-bounds", at+"/quantity", "line %d (%s): quantity %s is not within 0 to %s", i+1, l.SKU, l.Quantity, b.MaxQuantity)
			continue
		}
		if p.isChargeSKU(l.SKU) {
			continue // postage or a discount sold as a product: any price goes
		}
		if price := l.UnitPrice(); price.LessThan(b.MinPrice.Decimal) || price.GreaterThan(b.MaxPrice.Decimal) {
			add("price-out-of-bounds", at+"/subtotal", "line %d (%s): the price %s is not within %s to %s",
				i+1, l.SKU, price.Round(4), b.MinPrice, b.MaxPrice)
		}
	}
}

// isChargeSKU reports whether the SKU table maps a SKU to a charge item.
func (p *Profile) isChargeSKU(sku string) bool {
	item, mapped := p.doc.Tables["skus"][sku]
	return mapped && slices.Contains(p.ChargeItems(), item)
}

func (p *Profile) validateItems(sales commerce.SalesOrder, facts Facts, add adder) {
	for i, l := range sales.Lines {
		item, known := facts.Items[l.ItemID]
		switch {
		case !known && l.Charge:
			add("unknown-item", "", "the charge item %q (%s) is not in Prophet 21: create it there, or name another under charges in the profile", l.ItemID, l.Description)
		case !known:
			add("unknown-item", fmt.Sprintf("/lines/%d/sku", i), "line %d: Prophet 21 has no item %q: amend the SKU, add it to the profile's skus table, or create the item", i+1, l.ItemID)
		case item.Inactive:
			add("inactive-item", fmt.Sprintf("/lines/%d/sku", i), "line %d: item %q is inactive in Prophet 21: activate it, or amend the SKU", i+1, l.ItemID)
		}
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
	if order.Customer.Email == "" && (!order.Customer.Guest || p.GuestHouseAccount() == "") {
		add("missing-email", "/customer/email", "the customer has no e-mail, by which Prophet 21's customer is found: amend /customer/email")
	}
}

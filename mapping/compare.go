package mapping

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
)

// Difference is something in which the ERP's order is not what was sent.
type Difference struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	// Fatal differences park the order; the others are recorded.
	Fatal bool `json:"fatal,omitempty"`
}

// Compare compares what was sent with what the ERP holds: lines, items,
// quantities, amounts, and the tax that the ERP computed with the shop's.
func (p *Profile) Compare(wanted, got commerce.SalesOrder) []Difference {
	var all []Difference
	add := func(code string, fatal bool, format string, args ...any) {
		all = append(all, Difference{Code: code, Message: fmt.Sprintf(format, args...), Fatal: fatal})
	}
	money := wanted.Currency.Format
	got.Currency = wanted.Currency // one rounding for both; not every API tells the currency
	if len(got.Lines) != len(wanted.Lines) {
		add("line-count", true, "%d lines were sent, Prophet 21 has %d", len(wanted.Lines), len(got.Lines))
	}
	all = append(all, compareItems(wanted, got)...)
	beyond := func(diff decimal.Decimal) bool { return diff.Abs().GreaterThan(p.doc.Tolerance.Decimal) }
	if diff := got.Freight.Sub(wanted.Freight); !diff.IsZero() {
		add("freight", beyond(diff), "freight is %s in Prophet 21, %s in the shop", money(got.Freight), money(wanted.Freight))
	}
	have, want := netTotal(got), netTotal(wanted)
	if diff := have.Sub(want); !diff.IsZero() {
		add("net-total", beyond(diff), "lines and freight come to %s in Prophet 21, to %s in the shop", money(have), money(want))
	}
	return append(all, p.compareTax(wanted, got)...)
}

func (p *Profile) compareTax(wanted, got commerce.SalesOrder) []Difference {
	money := wanted.Currency.Format
	switch diff := got.Tax.Sub(wanted.WebTax); {
	case p.doc.Tax.Handling != taxCompare: // the shop's tax is a line, compared with the others
		return nil
	case !got.TaxReported && wanted.WebTax.IsZero():
		return nil
	case !got.TaxReported:
		return []Difference{{Code: "tax-not-reported", Message: fmt.Sprintf(
			"the shop charged %s tax; this API does not tell what Prophet 21 computed: the invoice will", money(wanted.WebTax))}}
	case !diff.IsZero():
		return []Difference{{Code: "tax", Fatal: diff.Abs().GreaterThan(p.doc.Tax.Tolerance.Decimal), Message: fmt.Sprintf(
			"Prophet 21 computed %s tax, the shop charged %s", money(got.Tax), money(wanted.WebTax))}}
	}
	return nil
}

// extended is what a line costs: as the ERP extended it where it tells, else
// computed as the ERP does.
func extended(currency commerce.Currency, l commerce.SalesOrderLine) decimal.Decimal {
	if !l.Extended.IsZero() {
		return currency.Round(l.Extended)
	}
	return currency.Round(l.Quantity.Mul(l.UnitPrice))
}

func netTotal(s commerce.SalesOrder) decimal.Decimal {
	total := s.Freight
	for _, l := range s.Lines {
		total = total.Add(extended(s.Currency, l))
	}
	return total
}

type itemSum struct{ quantity, amount decimal.Decimal }

func sumByItem(s commerce.SalesOrder) (by map[string]itemSum, items []string) {
	by = map[string]itemSum{}
	for _, l := range s.Lines {
		sum, seen := by[l.ItemID]
		if !seen {
			items = append(items, l.ItemID)
		}
		by[l.ItemID] = itemSum{sum.quantity.Add(l.Quantity), sum.amount.Add(extended(s.Currency, l))}
	}
	return by, items
}

// compareItems compares by item, since the ERP may number lines otherwise.
func compareItems(wanted, got commerce.SalesOrder) []Difference {
	want, wantItems := sumByItem(wanted)
	have, haveItems := sumByItem(got)
	var all []Difference
	add := func(code, format string, args ...any) {
		all = append(all, Difference{Code: code, Fatal: true, Message: fmt.Sprintf(format, args...)})
	}
	for _, item := range wantItems {
		h, ok := have[item]
		switch w := want[item]; {
		case !ok:
			add("line-missing", "item %s is missing in Prophet 21", item)
		case !h.quantity.Equal(w.quantity):
			add("quantity", "item %s: quantity %s in Prophet 21, %s in the shop", item, h.quantity, w.quantity)
		case !h.amount.Equal(w.amount):
			add("price", "item %s: %s in Prophet 21, %s in the shop", item, h.amount, w.amount)
		}
	}
	for _, item := range haveItems {
		if _, ok := want[item]; !ok {
			add("line-added", "item %s was not ordered", item)
		}
	}
	return all
}

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
	if len(got.Lines) != len(wanted.Lines) {
		add("line-count", true, "%d lines were sent, Prophet 21 has %d", len(wanted.Lines), len(got.Lines))
	}
	for _, d := range compareItems(wanted, got) {
		add(d.Code, true, "%s", d.Message)
	}
	if diff := got.NetTotal().Sub(wanted.NetTotal()); !diff.IsZero() {
		add("net-total", diff.Abs().GreaterThan(p.doc.Tolerance.Decimal), "lines and freight come to %s in Prophet 21, to %s in the shop",
			wanted.Currency.Format(got.NetTotal()), wanted.Currency.Format(wanted.NetTotal()))
	}
	if got.TaxReported && p.doc.Tax.Handling == taxCompare {
		if diff := got.Tax.Sub(wanted.WebTax); !diff.IsZero() {
			add("tax", diff.Abs().GreaterThan(p.doc.Tax.Tolerance.Decimal), "Prophet 21 computed %s tax, the shop charged %s",
				wanted.Currency.Format(got.Tax), wanted.Currency.Format(wanted.WebTax))
		}
	}
	return all
}

type itemSum struct{ quantity, amount decimal.Decimal }

// compareItems compares by item, since the ERP may number lines otherwise.
func compareItems(wanted, got commerce.SalesOrder) []Difference {
	sums := func(s commerce.SalesOrder) (map[string]itemSum, []string) {
		by, order := map[string]itemSum{}, []string{}
		for _, l := range s.Lines {
			sum, seen := by[l.ItemID]
			if !seen {
				order = append(order, l.ItemID)
			}
			by[l.ItemID] = itemSum{sum.quantity.Add(l.Quantity), sum.amount.Add(s.Currency.Round(l.Quantity.Mul(l.UnitPrice)))}
		}
		return by, order
	}
	have, haveOrder := sums(got)
	want, wantOrder := sums(wanted)
	var all []Difference
	for _, item := range wantOrder {
		h, ok := have[item]
		switch w := want[item]; {
		case !ok:
			all = append(all, Difference{Code: "line-missing", Message: "item " + item + " is missing in Prophet 21"})
		case !h.quantity.Equal(w.quantity):
			all = append(all, Difference{Code: "quantity", Message: fmt.Sprintf("item %s: quantity %s in Prophet 21, %s in the shop", item, h.quantity, w.quantity)})
		case !h.amount.Equal(w.amount):
			all = append(all, Difference{Code: "price", Message: fmt.Sprintf("item %s: %s in Prophet 21, %s in the shop", item, h.amount, w.amount)})
		}
	}
	for _, item := range haveOrder {
		if _, ok := want[item]; !ok {
			all = append(all, Difference{Code: "line-added", Message: "item " + item + " was not ordered"})
		}
	}
	return all
}

package mapping

import (
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
)

func TestCompare(t *testing.T) {
	p, o := load(t, ""), sample(t)
	wanted, _ := p.MapOrder(o, facts(p, o), now)
	wanted.TaxReported, wanted.Tax = true, wanted.WebTax
	for name, c := range map[string]struct {
		change func(*commerce.SalesOrder)
		want   string // codes; fatal ones in capitals
	}{
		"the same":             {func(*commerce.SalesOrder) {}, ""},
		"a line dropped":       {func(s *commerce.SalesOrder) { s.Lines = s.Lines[1:] }, "LINE-COUNT LINE-MISSING NET-TOTAL"},
		"a quantity cut":       {func(s *commerce.SalesOrder) { s.Lines[0].Quantity = dec("1") }, "QUANTITY NET-TOTAL"},
		"repriced":             {func(s *commerce.SalesOrder) { s.Lines[0].UnitPrice = dec("140") }, "PRICE NET-TOTAL"},
		"a stranger line":      {func(s *commerce.SalesOrder) { s.Lines[2].ItemID = "X" }, "LINE-MISSING LINE-ADDED"},
		"freight dropped":      {func(s *commerce.SalesOrder) { s.Freight = decimal.Zero }, "FREIGHT NET-TOTAL"},
		"tax a cent off":       {func(s *commerce.SalesOrder) { s.TaxReported, s.Tax = true, dec("13.96") }, "tax"},
		"tax far off":          {func(s *commerce.SalesOrder) { s.TaxReported, s.Tax = true, dec("0") }, "TAX"},
		"tax not told":         {func(s *commerce.SalesOrder) { s.TaxReported, s.Tax = false, decimal.Zero }, "tax-not-reported"},
		"extended otherwise":   {func(s *commerce.SalesOrder) { s.Lines[0].Extended = dec("299.89") }, "PRICE NET-TOTAL"},
		"no currency told":     {func(s *commerce.SalesOrder) { s.Currency = "" }, ""},
		"lines in other order": {func(s *commerce.SalesOrder) { slices.Reverse(s.Lines) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := wanted
			got.Lines = slices.Clone(wanted.Lines)
			c.change(&got)
			var codes []string
			for _, d := range p.Compare(wanted, got) {
				if d.Fatal {
					d.Code = strings.ToUpper(d.Code)
				}
				codes = append(codes, d.Code)
			}
			if strings.Join(codes, " ") != c.want {
				t.Errorf("got %v, want %s", codes, c.want)
			}
		})
	}
}

func TestTaxAsALineIsComparedAsALine(t *testing.T) {
	p, o := load(t, "tax: {handling: charge-item, item: WEBTAX}"), sample(t)
	wanted, _ := p.MapOrder(o, facts(p, o), now)
	got := wanted
	got.TaxReported, got.Tax = true, decimal.Zero
	if all := p.Compare(wanted, got); len(all) > 0 {
		t.Errorf("the tax is a line and there: %+v", all)
	}
}

func TestTotalTolerance(t *testing.T) {
	p, o := load(t, `total_tolerance: "0.02"`), sample(t)
	wanted, _ := p.MapOrder(o, facts(p, o), now)
	for freight, fatal := range map[string]bool{"13.52": false, "13.53": true} {
		got := wanted
		got.Freight = dec(freight)
		told := false
		for _, d := range p.Compare(wanted, got) {
			if d.Code == "net-total" {
				told = true
				if d.Fatal != fatal {
					t.Errorf("freight %s: %+v", freight, d)
				}
			}
		}
		if !told {
			t.Errorf("freight %s: the difference was not told", freight)
		}
	}
}

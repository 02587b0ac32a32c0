package mapping

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
)

func TestFindingsComeAllAtOnce(t *testing.T) {
	p, o := load(t, ""), sample(t)
	o.Currency = "EUR"
	o.Lines[0].Quantity = dec("-1")
	o.Lines[1].Subtotal = dec("0")
	o.BillTo.City, o.BillTo.PostalCode = "", ""
	o.Customer.Email = ""
	f := facts(p, o)
	delete(f.Items, "HOSE-1/2")
	f.Items["PUMP-12V"] = commerce.Item{ID: "PUMP-12V", Inactive: true}
	_, findings := p.MapOrder(o, f, now)
	var codes []string
	for _, x := range findings {
		codes = append(codes, x.Code)
	}
	want := []string{"wrong-currency", "quantity-out-of-bounds", "price-out-of-bounds", "total-mismatch", "unknown-item", "inactive-item", "missing-address", "missing-email"}
	if diff := cmp.Diff(want, codes); diff != "" {
		t.Errorf("findings, most important first (-want +got):\n%s", diff)
	}
	if Reason(findings) != "wrong-currency" || Reason(nil) != "" {
		t.Errorf("parked under %q", Reason(findings))
	}
}

func has(findings []Finding, code string) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Code == code })
}

func TestFindings(t *testing.T) {
	for name, c := range map[string]struct {
		profile string
		change  func(*commerce.Order, *Facts)
		code    string // "" for none
		field   string
	}{
		"all is well":         {"", func(*commerce.Order, *Facts) {}, "", ""},
		"no lines":            {"", func(o *commerce.Order, _ *Facts) { o.Lines = nil }, "no-lines", "/lines"},
		"too many lines":      {"validation: {max_lines: 1}", func(*commerce.Order, *Facts) {}, "too-many-lines", "/lines"},
		"a total beyond":      {"validation: {max_total: 300}", func(*commerce.Order, *Facts) {}, "total-out-of-bounds", "/total"},
		"a price beyond":      {"validation: {max_price: 149.94}", func(*commerce.Order, *Facts) {}, "price-out-of-bounds", "/lines/0/subtotal"},
		"a quantity beyond":   {"validation: {max_quantity: 2}", func(*commerce.Order, *Facts) {}, "quantity-out-of-bounds", "/lines/1/quantity"},
		"a number of its own": {"", func(o *commerce.Order, _ *Facts) { o.Lines[1].Quantity = dec("1e9000") }, "amount-unusable", "/lines/1/quantity"},
		"a free item": {"", func(o *commerce.Order, f *Facts) {
			o.Lines = append(o.Lines, commerce.Line{SKU: "HOSE-1/2", Quantity: dec("1")})
		}, "price-out-of-bounds", "/lines/2/subtotal"},
		"a free item that may be": {"validation: {free_items: [HOSE-1/2]}", func(o *commerce.Order, f *Facts) {
			o.Lines = append(o.Lines, commerce.Line{SKU: "HOSE-1/2", Quantity: dec("1")})
		}, "", ""},
		"only a sample": {"validation: {free_items: [HOSE-1/2]}", func(o *commerce.Order, f *Facts) {
			o.Lines, o.Charges, o.Total = []commerce.Line{{SKU: "HOSE-1/2", Quantity: dec("1")}}, nil, decimal.Zero
		}, "", ""},
		"nothing to charge": {"validation: {min_price: '0.01'}", func(o *commerce.Order, _ *Facts) {
			o.Lines[0].Subtotal, o.Lines[1].Subtotal, o.Charges, o.Total = decimal.Zero, decimal.Zero, nil, decimal.Zero
		}, "nothing-to-charge", "/total"},
		"a charge item unknown": {"charges: {discount: NOPE}", func(_ *commerce.Order, f *Facts) { delete(f.Items, "NOPE") }, "unknown-item", ""},
		"an inactive customer":  {"", func(_ *commerce.Order, f *Facts) { f.Account.Inactive = true }, "inactive-customer", "/customer"},
		"a guest without e-mail on the house": {"customers: {guests: house, house_account: '9'}", func(o *commerce.Order, _ *Facts) {
			o.Customer = commerce.Customer{Guest: true}
		}, "", ""},
		"no state in Oklahoma":    {"", func(o *commerce.Order, _ *Facts) { o.BillTo.State = " " }, "missing-address", "/bill_to"},
		"no state in Germany":     {"", func(o *commerce.Order, _ *Facts) { o.BillTo.State, o.BillTo.Country = "", "Germany" }, "", ""},
		"a place of its own":      {"", func(o *commerce.Order, _ *Facts) { o.ShipTo = commerce.Address{City: "Reno", Country: "US"} }, "missing-address", "/ship_to"},
		"a carrier unknown":       {"validation: {unknown_carrier: refuse}", func(*commerce.Order, *Facts) {}, "unknown-carrier", "/shipping_method"},
		"a carrier known":         {"validation: {unknown_carrier: refuse}\ntables: {carriers: {UPS Ground: '1'}}", func(*commerce.Order, *Facts) {}, "", ""},
		"will-call":               {"validation: {unknown_carrier: refuse}", func(o *commerce.Order, _ *Facts) { o.ShippingMethod = "Will Call" }, "", ""},
		"a long PO number":        {"", func(o *commerce.Order, _ *Facts) { o.Number = strings.Repeat("1", 60) }, "too-long", ""},
		"a long address":          {"", func(o *commerce.Order, _ *Facts) { o.BillTo.Line1 = strings.Repeat("x", 51) }, "too-long", "/ship_to/line1"},
		"a note cut to fit":       {"", func(o *commerce.Order, _ *Facts) { o.CustomerNote = strings.Repeat("x", 999) }, "", ""},
		"a date that is none":     {"order: {requested_date: '\"soon\"'}", func(*commerce.Order, *Facts) {}, "wrong-date", ""},
		"a date before":           {"order: {requested_date: 'adddays(order.Date, -1)'}", func(*commerce.Order, *Facts) {}, "wrong-date", ""},
		"an expression fails":     {"order: {job_name: text(order.Total / dec(order.CustomerNote))}", func(o *commerce.Order, _ *Facts) { o.CustomerNote = "x" }, "expression-failed", ""},
		"a division by zero":      {"order: {job_name: text(order.Total / 0)}", func(*commerce.Order, *Facts) {}, "expression-failed", ""},
		"a division that is well": {"order: {job_name: 'text(order.Total / dec(\"7\"), 2)'}", func(*commerce.Order, *Facts) {}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p, o := load(t, c.profile), sample(t)
			f := facts(p, o)
			c.change(&o, &f)
			_, findings := p.MapOrder(o, f, now)
			if got := Reason(findings); got != c.code {
				t.Fatalf("parked under %q, want %q: %+v", got, c.code, findings)
			}
			if c.code != "" && (findings[0].Field != c.field || findings[0].Message == "" || findings[0].Severity != Refuses) {
				t.Errorf("got %+v, want it at %q", findings[0], c.field)
			}
		})
	}
}

func TestWarningsDoNotPark(t *testing.T) {
	p, o := load(t, "tables: {carriers: {FedEx: '2'}}"), sample(t)
	_, findings := p.MapOrder(o, facts(p, o), now)
	if len(findings) != 1 || findings[0].Code != "unknown-carrier" || findings[0].Severity != Warns || Reason(findings) != "" {
		t.Errorf("got %+v", findings)
	}
	o.Currency = "EUR"
	if _, findings := p.MapOrder(o, facts(p, o), now); Reason(findings) != "wrong-currency" || !has(findings, "unknown-carrier") {
		t.Errorf("got %+v", findings)
	}
}

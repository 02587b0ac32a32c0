package mapping

import (
	"math/rand/v2"
	"testing"
	"testing/quick"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
)

// Whatever is bought at whatever price: lines, freight and tax come to the
// shop's total, to the cent.
func TestTotalsAgreeToTheCentAlways(t *testing.T) {
	p := load(t, "")
	r := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		o := commerce.Order{Store: "main", ID: "1", Number: "1", Currency: "USD", PlacedAt: now}
		for range 1 + r.IntN(6) {
			o.Lines = append(o.Lines, commerce.Line{SKU: "A", Quantity: decimal.NewFromInt(1 + r.Int64N(99999)), Subtotal: decimal.New(1+r.Int64N(9999999), -2)})
		}
		o.Charges = []commerce.Charge{
			{Kind: commerce.ChargeFreight, Amount: decimal.New(r.Int64N(5000), -2)},
			{Kind: commerce.ChargeDiscount, Amount: decimal.New(-r.Int64N(5000), -2)},
			{Kind: commerce.ChargeTax, Amount: decimal.New(r.Int64N(5000), -2)},
			{Kind: commerce.ChargeTax, Amount: decimal.New(r.Int64N(5000), -2), Included: true},
		}
		o.Total = o.GoodsTotal().Add(o.ChargeTotal(commerce.ChargeFreight, commerce.ChargeDiscount, commerce.ChargeTax))
		sales, _ := p.MapOrder(o, facts(p, o), now)
		if got := sales.NetTotal().Add(sales.WebTax); !got.Equal(o.Total) {
			t.Fatalf("the sales order comes to %s, the web order to %s: %+v", got, o.Total, o.Lines)
		}
	}
}

func TestRoundingGetsALineOfItsOwn(t *testing.T) {
	p := load(t, "lines: {price_decimals: 2}")
	o := commerce.Order{Store: "main", ID: "1", Currency: "USD", Lines: []commerce.Line{{SKU: "A", Quantity: dec("3"), Subtotal: dec("10")}}, Total: dec("10")}
	sales, _ := p.MapOrder(o, facts(p, o), now)
	last := sales.Lines[len(sales.Lines)-1]
	if last.ItemID != "ROUNDING" || !last.UnitPrice.Equal(dec("0.01")) || !last.Charge {
		t.Errorf("3 x 3.33 lacks a cent; the last line is %+v", last)
	}
}

func TestUnitPrice(t *testing.T) {
	for name, c := range map[string]struct {
		decimals, quantity, amount, want string
		exact                            bool
	}{
		"whole cents":                {"4", "12", "305.88", "25.49", true},
		"thirds":                     {"4", "3", "10.00", "3.333", true},
		"thirds at two places":       {"2", "3", "10.00", "3.33", false},
		"a cent for seven":           {"4", "7", "0.01", "0.001", true},
		"a thousand for 9.99":        {"4", "1000", "9.99", "0.01", false},
		"a fraction of a unit":       {"4", "0.25", "1.00", "4", true},
		"too many for four places":   {"4", "99999", "12345.67", "0.1235", false},
		"enough with six":            {"6", "9999", "12345.67", "1.23469", true},
		"the price may be zero":      {"4", "3", "0", "0", true},
		"a refund":                   {"4", "3", "-10.00", "-3.333", true},
		"nothing bought":             {"4", "0", "10", "0", false},
		"an amount finer than cents": {"4", "2", "10.005", "5.005", true},
	} {
		t.Run(name, func(t *testing.T) {
			p := load(t, "lines: {price_decimals: "+c.decimals+"}")
			got := p.unitPrice("USD", dec(c.quantity), dec(c.amount))
			exact := commerce.Currency("USD").Round(got.Mul(dec(c.quantity))).Equal(commerce.Currency("USD").Round(dec(c.amount)))
			if !got.Equal(dec(c.want)) || exact != c.exact {
				t.Errorf("price %s (exact: %v), want %s (%v)", got, exact, c.want, c.exact)
			}
		})
	}
}

// Whatever a shop sells at whatever price, net or gross, whichever way tax and
// freight go: if the web order adds up, so does the sales order, to the cent.
func TestSalesOrdersCostWhatWebOrdersCost(t *testing.T) {
	profiles := []*Profile{
		load(t, ""), load(t, "lines: {price_decimals: 2}"), load(t, "lines: {price_decimals: 6}\ncharges: {freight: FREIGHT}"),
		load(t, "tax: {prices: gross}"), load(t, "tax: {prices: gross, included_in_freight: false}"),
		load(t, "tax: {prices: gross, handling: charge-item, item: WEBTAX}"), load(t, "tax: {handling: charge-item, item: WEBTAX}"),
	}
	type line struct {
		Quantity uint16
		Part     uint8  // of a unit, in hundredths
		Cents    uint32 // in tenths of a cent: shops that compute with floats give such amounts
	}
	property := func(lines []line, freight, discount, tax, included uint16, which uint8) bool {
		o := commerce.Order{Store: "main", ID: "1", Number: "1", Currency: "USD", PlacedAt: now}
		for _, l := range lines {
			o.Lines = append(o.Lines, commerce.Line{
				SKU: "A", Quantity: decimal.NewFromInt(int64(l.Quantity)).Add(decimal.New(int64(l.Part%100), -2)), Subtotal: decimal.New(int64(l.Cents), -3),
			})
		}
		for kind, cents := range map[commerce.ChargeKind]int64{
			commerce.ChargeFreight: int64(freight), commerce.ChargeDiscount: -int64(discount), commerce.ChargeTax: int64(tax),
		} {
			o.Charges = append(o.Charges, commerce.Charge{Kind: kind, Amount: decimal.New(cents, -2)})
		}
		o.Charges = append(o.Charges, commerce.Charge{Kind: commerce.ChargeTax, Amount: decimal.New(int64(included%100), -2), Included: true})
		o.Total = o.Currency.Round(o.GoodsTotal().Add(o.ChargeTotal(commerce.ChargeFreight, commerce.ChargeDiscount, commerce.ChargeTax)))

		p := profiles[int(which)%len(profiles)]
		sales, findings := p.MapOrder(o, facts(p, o), now)
		for _, f := range findings {
			if f.Code == "total-mismatch" || f.Code == "tax-included" && p.doc.Tax.Prices == pricesGross {
				return true // it does not add up (half a cent, say), or has no price to take the tax out of: it is parked
			}
		}
		got := sales.NetTotal()
		if p.doc.Tax.Handling == taxCompare {
			got = got.Add(sales.WebTax)
		}
		if !got.Equal(o.Total) {
			t.Logf("%s instead of %s, prices %s", got, o.Total, p.doc.Tax.Prices)
		}
		return got.Equal(o.Total)
	}
	if err := quick.Check(property, &quick.Config{MaxCount: 1000}); err != nil {
		t.Error(err)
	}
}

func TestGrossPricesLoseTheirTax(t *testing.T) {
	p := load(t, "company: {currency: GBP}\ntax: {prices: gross}")
	o := commerce.Order{
		Store: "main", ID: "1", Number: "1", Currency: "GBP", PlacedAt: now,
		Lines: []commerce.Line{
			{SKU: "A", Quantity: dec("2"), Subtotal: dec("120")},
			{SKU: "B", Quantity: dec("1"), Subtotal: dec("60")},
		},
		Charges: []commerce.Charge{
			{Kind: commerce.ChargeFreight, Amount: dec("12")},
			{Kind: commerce.ChargeTax, Amount: dec("32"), Included: true},
		},
		Total: dec("192"),
	}
	sales, _ := p.MapOrder(o, facts(p, o), now)
	if !sales.Lines[0].UnitPrice.Equal(dec("50")) || !sales.Lines[1].UnitPrice.Equal(dec("50")) || !sales.Freight.Equal(dec("10")) || !sales.WebTax.Equal(dec("32")) {
		t.Errorf("20%% of tax are inside 120, 60 and 12: got %s, %s, %s, tax %s", sales.Lines[0].UnitPrice, sales.Lines[1].UnitPrice, sales.Freight, sales.WebTax)
	}
	net := load(t, "company: {currency: GBP}")
	if _, findings := net.MapOrder(o, facts(net, o), now); !has(findings, "tax-included") {
		t.Errorf("a net profile would charge the tax twice: %+v", findings)
	}
}

func TestOtherCurrencies(t *testing.T) {
	for currency, c := range map[string]struct{ total, price string }{
		"JPY": {"1000", "333.3"}, "BHD": {"10.000", "3.3333"},
	} {
		p := load(t, "company: {currency: "+currency+"}")
		o := commerce.Order{Store: "main", ID: "1", Number: "1", Currency: commerce.Currency(currency), Total: dec(c.total),
			Lines: []commerce.Line{{SKU: "A", Quantity: dec("3"), Subtotal: dec(c.total)}}}
		sales, _ := p.MapOrder(o, facts(p, o), now)
		if !sales.Lines[0].UnitPrice.Equal(dec(c.price)) || !sales.NetTotal().Equal(o.Total) {
			t.Errorf("%s: price %s, total %s", currency, sales.Lines[0].UnitPrice, sales.NetTotal())
		}
	}
}

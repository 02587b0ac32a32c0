package mapping

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
)

var now = time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func sample(t *testing.T) commerce.Order {
	t.Helper()
	raw, err := os.ReadFile("testdata/order.json")
	if err != nil {
		t.Fatal(err)
	}
	var o commerce.Order
	if err := json.Unmarshal(raw, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func load(t *testing.T, yaml string) *Profile {
	t.Helper()
	p, err := Parse("test.yaml", []byte("extends: default\n"+yaml))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// facts says that the ERP has every item and a customer.
func facts(p *Profile, o commerce.Order) Facts {
	f := Facts{Items: map[string]commerce.Item{}, Account: &commerce.Account{CustomerID: "100123", ContactID: "2001", ShipToID: "100123"}}
	for _, id := range p.Items(o) {
		f.Items[id] = commerce.Item{ID: id, SellingUnit: "EA"}
	}
	return f
}

func TestDefaultProfileMapsAnOrder(t *testing.T) {
	p, o := load(t, ""), sample(t)
	got, findings := p.MapOrder(o, facts(p, o), now)
	if len(findings) > 0 {
		t.Fatalf("findings: %+v", findings)
	}
	type line struct{ Item, Quantity, Price, Text string }
	var lines []line
	for _, l := range got.Lines {
		lines = append(lines, line{l.ItemID, l.Quantity.String(), l.UnitPrice.String(), l.Description})
	}
	want := []line{
		{"PUMP-12V", "2", "149.95", ""},
		{"HOSE-1/2", "3", "3.333", ""}, // 10.00 / 3, as few places as give 10.00 again
		{"DISCOUNT", "1", "-15", "Autumn sale AUTUMN5"},
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if got.Reference != "xc-main-4120" || got.PONumber != "WEB-1004120" || got.CustomerID != "100123" || got.Taker != "XCART" {
		t.Errorf("header: %+v", got)
	}
	if !got.Freight.Equal(dec("13.5")) || !got.NetTotal().Add(got.WebTax).Equal(o.Total) {
		t.Errorf("freight %s, net total %s", got.Freight, got.NetTotal())
	}
	if got.ShipTo.State != "OK" || got.ShipTo.Country != "US" || got.ShipTo.Line1 != "400 N Main St" {
		t.Errorf("ship-to: %+v", got.ShipTo)
	}
	if got.OrderDate != "2026-11-20" || got.RequestedDate != "2026-11-21" {
		t.Errorf("dates %s, %s", got.OrderDate, got.RequestedDate)
	}
}

// Whatever is bought at whatever price: lines, freight and tax come to the
// shop's total, to the cent.
func TestTotalsAgreeToTheCentAlways(t *testing.T) {
	p := load(t, "")
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
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

func TestChargesAsLinesAndSkus(t *testing.T) {
	p := load(t, `
charges: {freight: FREIGHT, discount: DISC}
tax: {handling: charge-item, item: WEBTAX}
tables:
  skus: {POST: FREIGHT, PUMP-12V: P-000-12}`)
	o := sample(t)
	o.Lines = append(o.Lines, commerce.Line{SKU: "POST", Quantity: dec("1"), Subtotal: dec("0")})
	sales, findings := p.MapOrder(o, facts(p, o), now)
	if len(findings) > 0 {
		t.Errorf("a charge sold as a product may cost nothing: %+v", findings)
	}
	var items []string
	for _, l := range sales.Lines {
		items = append(items, l.ItemID)
	}
	if want := []string{"P-000-12", "HOSE-1/2", "FREIGHT", "FREIGHT", "DISC", "WEBTAX"}; !slices.Equal(items, want) {
		t.Errorf("items %v, want %v", items, want)
	}
	if !sales.Freight.IsZero() || !sales.NetTotal().Equal(o.Total) {
		t.Errorf("with tax as a line the net total %s is the shop's total %s", sales.NetTotal(), o.Total)
	}
}

func TestImportDecision(t *testing.T) {
	p := load(t, "import: {methods: {Cheque: when-paid, Test: never}}")
	for name, c := range map[string]struct {
		change func(*commerce.Order)
		at     time.Time
		want   Action
	}{
		"authorised card":            {func(*commerce.Order) {}, now, Import},
		"paid card":                  {func(o *commerce.Order) { o.PaymentStatus = "P" }, now, Import},
		"card without payment":       {func(o *commerce.Order) { o.PaymentStatus = "Q" }, now, Wait},
		"waited for two weeks":       {func(o *commerce.Order) { o.PaymentStatus = "Q" }, now.AddDate(0, 0, 14), GiveUp},
		"cheque only authorised":     {func(o *commerce.Order) { o.PaymentMethod = "Cheque" }, now, Wait},
		"purchase order":             {func(o *commerce.Order) { o.PaymentMethod, o.PaymentStatus = "Purchase Order", "Q" }, now, Import},
		"never by rule":              {func(o *commerce.Order) { o.PaymentMethod = "Test" }, now, Never},
		"cancelled":                  {func(o *commerce.Order) { o.PaymentStatus = "C" }, now, Cancelled},
		"will not deliver":           {func(o *commerce.Order) { o.ShippingStatus = "WND" }, now, Cancelled},
		"held by staff":              {func(o *commerce.Order) { o.ShippingStatus = "WFA" }, now, Wait},
		"a draft has no number":      {func(o *commerce.Order) { o.Number = "" }, now, Wait},
		"a draft by its status":      {func(o *commerce.Order) { o.ShippingStatus = "NF" }, now, Wait},
		"a status of the merchant's": {func(o *commerce.Order) { o.PaymentStatus = "ZZ" }, now, Hold},
	} {
		t.Run(name, func(t *testing.T) {
			o := sample(t)
			c.change(&o)
			if got := p.ImportDecision(o, c.at); got.Action != c.want {
				t.Errorf("got %+v, want %s", got, c.want)
			}
		})
	}
}

func TestCompare(t *testing.T) {
	p, o := load(t, ""), sample(t)
	wanted, _ := p.MapOrder(o, facts(p, o), now)
	for name, c := range map[string]struct {
		change func(*commerce.SalesOrder)
		want   string // codes; fatal ones in capitals
	}{
		"the same":             {func(*commerce.SalesOrder) {}, ""},
		"a line dropped":       {func(s *commerce.SalesOrder) { s.Lines = s.Lines[1:] }, "LINE-COUNT LINE-MISSING NET-TOTAL"},
		"a quantity cut":       {func(s *commerce.SalesOrder) { s.Lines[0].Quantity = dec("1") }, "QUANTITY NET-TOTAL"},
		"repriced":             {func(s *commerce.SalesOrder) { s.Lines[0].UnitPrice = dec("140") }, "PRICE NET-TOTAL"},
		"a stranger line":      {func(s *commerce.SalesOrder) { s.Lines[2].ItemID = "X" }, "LINE-MISSING LINE-ADDED"},
		"freight dropped":      {func(s *commerce.SalesOrder) { s.Freight = decimal.Zero }, "NET-TOTAL"},
		"tax a cent off":       {func(s *commerce.SalesOrder) { s.TaxReported, s.Tax = true, dec("13.96") }, "tax"},
		"tax far off":          {func(s *commerce.SalesOrder) { s.TaxReported, s.Tax = true, dec("0") }, "TAX"},
		"tax not told":         {func(s *commerce.SalesOrder) { s.Tax = decimal.Zero }, ""},
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

func TestGuests(t *testing.T) {
	own, house := load(t, ""), load(t, "customers: {guests: house, house_account: \"9999\"}")
	o := sample(t)
	o.Customer = commerce.Customer{Guest: true, Email: "Pat@Example.test "}
	if _, is := own.HouseAccount(o); is {
		t.Error("guests have customers of their own")
	}
	if account, _ := house.HouseAccount(o); account != "9999" {
		t.Errorf("the house account is %q", account)
	}
	a := own.Account(o)
	o.Customer.Email = "pat@example.test"
	if b := own.Account(o); a.Reference != b.Reference || strings.Contains(a.Reference, "pat") {
		t.Errorf("a guest is known by the hash of the e-mail: %q, %q", a.Reference, b.Reference)
	}
}

func TestMistakesInAProfile(t *testing.T) {
	for name, c := range map[string]struct{ yaml, want string }{
		"unknown key":             {"orders: {}", "test.yaml:2"},
		"bad expression":          {"order:\n  taker: 'order.Nmber'", "test.yaml:3: order.taker: in the expression order.Nmber"},
		"text where truth is due": {"order:\n  approved: '\"Y\"'", "order.approved"},
		"unknown state":           {"statuses:\n  payment:\n    X: payed", "test.yaml:4: statuses.payment.X"},
		"unknown rule":            {"import:\n  default: sometimes", "test.yaml:3: import.default"},
		"unknown currency":        {"company: {currency: DOLLAR}", "company.currency"},
		"amount":                  {"total_tolerance: lots", "not an amount"},
		"house account":           {"customers: {guests: house}", "customers.house_account"},
		"set without meaning":     {"statuses: {set: {shipped: X}}", "does not mean shipped"},
		"extends":                 {"", "only \"default\""},
	} {
		t.Run(name, func(t *testing.T) {
			text := "extends: default\n" + c.yaml
			if name == "extends" {
				text = "extends: other"
			}
			_, err := Parse("test.yaml", []byte(text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want it to tell %q", err, c.want)
			}
		})
	}
	_, err := Parse("test.yaml", []byte("extends: default\nimport: {default: x}\norder: {taker: 'nope('}"))
	if err == nil || !strings.Contains(err.Error(), "import.default") || !strings.Contains(err.Error(), "order.taker") {
		t.Errorf("all mistakes at once, got %v", err)
	}
}

func TestVersionIsOfTheContent(t *testing.T) {
	a, b, c := load(t, ""), load(t, "# a remark\n"), load(t, "company: {id: \"02\"}")
	if a.Version() != b.Version() || a.Version() == c.Version() || a.Version() == "" {
		t.Errorf("versions %s, %s, %s", a.Version(), b.Version(), c.Version())
	}
}

func TestTablesKeepTheDefaultsRows(t *testing.T) {
	p := load(t, "import: {methods: {Wire: when-paid}}")
	if p.doc.Import.Methods["Purchase Order"] != always || p.doc.Import.Methods["Wire"] != whenPaid {
		t.Errorf("methods: %v", p.doc.Import.Methods)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("extends: default\norder: {taker: 'left(order.Email, 3)'}")
	f.Add("notes:\n  - {topic: 1, class: [], text: {}}")
	f.Add("tables: {x: {y: z}}\ntotal_tolerance: 1e999999999")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse("fuzz.yaml", []byte(text))
		if err == nil && p.Version() == "" {
			t.Error("a profile without version")
		}
	})
}

package mapping

import (
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"sync"
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
	if postage := sales.Lines[2]; !postage.Charge || sales.Lines[0].Charge {
		t.Errorf("postage sold as a product carries money, but nothing to ship: %+v", postage)
	}
	if !sales.Freight.IsZero() || !sales.NetTotal().Equal(o.Total) {
		t.Errorf("with tax as a line the net total %s is the shop's total %s", sales.NetTotal(), o.Total)
	}
}

func TestAChargeHasAnItemByItsCode(t *testing.T) {
	p, o := load(t, "tables: {charges: {GIFT_WRAP: WRAP}}"), sample(t)
	o.Charges = append(o.Charges,
		commerce.Charge{Kind: commerce.ChargeOther, Code: "GIFT_WRAP", Name: strings.Repeat("Wrapped ", 9), Amount: dec("4")},
		commerce.Charge{Kind: commerce.ChargeOther, Code: "INSURANCE", Amount: dec("1")},
		commerce.Charge{Kind: commerce.ChargeGiftCertificate, Code: "GC1", Amount: dec("-5")},
		commerce.Charge{Kind: commerce.ChargePaymentFee, Amount: dec("0")})
	sales, findings := p.MapOrder(o, facts(p, o), now)
	var items []string
	for _, l := range sales.Lines[2:] {
		items = append(items, l.ItemID+" "+l.UnitPrice.String())
	}
	if want := []string{"DISCOUNT -15", "WRAP 4", "MISC 1", "GIFTCERT -5"}; !slices.Equal(items, want) {
		t.Errorf("charges %v, want %v (%+v)", items, want, findings)
	}
	if !slices.Contains(p.ChargeItems(), "WRAP") || has(findings, "too-long") {
		t.Errorf("charge items %v, %+v", p.ChargeItems(), findings)
	}
}

func TestDatesAreOfTheCompany(t *testing.T) {
	p, o := load(t, "company: {time_zone: America/Chicago}\norder: {requested_date: 'addworkdays(today, 2)'}"), sample(t)
	o.PlacedAt = time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC) // the evening before, in Chicago
	sales, _ := p.MapOrder(o, facts(p, o), now)
	if sales.OrderDate != "2026-11-19" || sales.RequestedDate != "2026-11-24" {
		t.Errorf("ordered %s, requested %s", sales.OrderDate, sales.RequestedDate)
	}
}

func TestExtraFieldsAndNotes(t *testing.T) {
	p := load(t, `
order: {extra: {Class1id: '"WEB"'}}
lines: {extra: {Disposition: 'line.Quantity > 2 ? "B" : "S"'}}
notes:
  - text: 'order.StaffNote'
  - {topic: '"Coupons"', text: 'order.Coupons'}`)
	o := sample(t)
	sales, _ := p.MapOrder(o, facts(p, o), now)
	if sales.Extra["Class1id"] != "WEB" || sales.Lines[0].Extra["Disposition"] != "S" || sales.Lines[1].Extra["Disposition"] != "B" {
		t.Errorf("extra fields %v, %v, %v", sales.Extra, sales.Lines[0].Extra, sales.Lines[1].Extra)
	}
	if want := []commerce.Note{{Topic: "Coupons", Text: "AUTUMN5"}}; !slices.Equal(sales.Notes, want) {
		t.Errorf("notes %+v: one without text is left out", sales.Notes)
	}
}

// The same profile is used by all of a worker's activities at once.
func TestAProfileIsSafeForConcurrentUse(t *testing.T) {
	p, o := load(t, ""), sample(t)
	f := facts(p, o)
	want, _ := p.MapOrder(o, f, now)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 20 {
				if got, _ := p.MapOrder(o, f, now); !cmp.Equal(got, want) {
					t.Error("another sales order")
				}
			}
		})
	}
	wait.Wait()
}

var update = flag.Bool("update", false, "write testdata/order.golden.json anew")

// What the default profile makes of the example order, whole: a change of it
// is a change for every installation.
func TestGolden(t *testing.T) {
	p, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	o := sample(t)
	sales, findings := p.MapOrder(o, facts(p, o), now)
	got, err := json.MarshalIndent(struct {
		Decision   Decision            `json:"decision"`
		Items      []string            `json:"items"`
		Account    commerce.Account    `json:"account"`
		SalesOrder commerce.SalesOrder `json:"sales_order"`
		Findings   []Finding           `json:"findings"`
	}{p.ImportDecision(o, now), p.Items(o), p.Account(o), sales, findings}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/order.golden.json"
	if *update {
		if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.TrimSpace(string(want)), string(got)); diff != "" {
		t.Errorf("(-want +got; go test ./mapping -update writes it anew):\n%s", diff)
	}
}

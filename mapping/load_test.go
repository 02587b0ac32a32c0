package mapping

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cart21/cart21/commerce"
)

func TestMistakesInAProfile(t *testing.T) {
	for name, c := range map[string]struct{ yaml, want string }{
		"unknown key":             {"orders: {}", "test.yaml:2:1: orders: unknown key"},
		"bad expression":          {"order:\n  taker: 'order.Nmber'", "test.yaml:3:17: order.taker: order has no field Nmber, in the expression: order.Nmber"},
		"text where truth is due": {"order:\n  approved: '\"Y\"'", "order.approved"},
		"unknown state":           {"statuses:\n  payment:\n    X: payed", "test.yaml:4:8: statuses.payment.X"},
		"unknown rule":            {"import:\n  default: sometimes", "test.yaml:3:12: import.default"},
		"unknown currency":        {"company: {currency: DOLLAR}", "company.currency"},
		"amount":                  {"total_tolerance: lots", "not an amount"},
		"house account":           {"customers: {guests: house}", "customers.house_account"},
		"set without meaning":     {"statuses: {set: {shipped: X}}", "does not mean shipped"},
		"extends":                 {"", "only \"default\" can be extended"},
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

func TestLoad(t *testing.T) {
	embedded, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "mine.yaml")
	if _, err := Load(path); err == nil {
		t.Error("a file that is not there was loaded")
	}
	write := func(text []byte) *Profile {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if p := write([]byte("extends: default\n")); p.Version() != embedded.Version() {
		t.Errorf("a file that changes nothing has version %s, the default %s", p.Version(), embedded.Version())
	}
	if p := write(defaultYAML); p.Version() != embedded.Version() {
		t.Errorf("a whole profile needs no extends: version %s, want %s", p.Version(), embedded.Version())
	}
	if embedded.Name() != "default" || embedded.CompanyID() != "01" || embedded.Currency() != "USD" || embedded.Taker() != "XCART" {
		t.Errorf("%s %s %s %s", embedded.Name(), embedded.CompanyID(), embedded.Currency(), embedded.Taker())
	}
}

func TestEveryMistakeIsToldAtOnce(t *testing.T) {
	_, err := Parse("mine.yaml", []byte(`extends: default
ordr: {}
order:
  taker: '"A" + 1'
  location: order.Lines
  carrier: lookup("carriers", order.ShipingMethod, "")
  terms: text(order.Totl, 2)
  cariers: x
lines:
  item: 'line.Price > 1.5 ? "A" : "B"'
  uom: lookup("unit", line.SKU)
notes:
  - text: charge.Name
tax: {handling: guess}
`))
	for _, want := range []string{
		"mine.yaml:2:1: ordr: unknown key; known here are addresses, charges,",
		"mine.yaml:4:15: order.taker: ",
		"mine.yaml:5:19: order.location: order has no field Lines",
		"mine.yaml:6:37: order.carrier: order has no field ShipingMethod",
		"mine.yaml:7:21: order.terms: order has no field Totl",
		"mine.yaml:8:3: order.cariers: unknown key",
		`write dec("1.5") instead of 1.5`,
		`mine.yaml:11:15: lines.uom: there is no table "unit"`,
		"mine.yaml:13:11: notes.0.text: unknown name charge",
		`mine.yaml:14:17: tax.handling: "guess" is not one of [compare charge-item]`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("not told: %s", want)
		}
	}
	if t.Failed() {
		t.Logf("told:\n%v", err)
	}
}

func TestAProfileThatExtendsNothingMustBeWhole(t *testing.T) {
	_, err := Parse("mine.yaml", []byte("name: mine\ncompany: {id: \"02\", currency: EUR, time_zone: UTC}\n"))
	if err == nil || !strings.Contains(err.Error(), "the profile lacks addresses, charges,") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
}

func TestAmountsAndSpans(t *testing.T) {
	p := load(t, `fulfilment: {allocated_within: 36h, shipped_within: "14d"}
stock: {safety: 2, items: {A: "0.5"}}`)
	want := Deadlines{Payment: 14 * 24 * time.Hour, Allocated: 36 * time.Hour, Shipped: 14 * 24 * time.Hour, Invoiced: 5 * 24 * time.Hour}
	if got := p.Deadlines(); got != want {
		t.Errorf("deadlines %+v", got)
	}
	if !p.SafetyStock("A").Equal(dec("0.5")) || !p.SafetyStock("B").Equal(dec("2")) {
		t.Errorf("safety stock %s, %s", p.SafetyStock("A"), p.SafetyStock("B"))
	}
	for _, bad := range []string{
		"fulfilment: {shipped_within: soon}", "fulfilment: {shipped_within: -1h}", "total_tolerance: 1e99",
		`total_tolerance: "-1"`, "lines: {price_decimals: 7}", "validation: {max_length: {shoe: 3}}", "validation: {required_address: {US: [street]}}",
		"charges: {discount: ''}", "addresses: {case: lower}", "import: {give_up_days: 0}", "company: {time_zone: Mars}",
		"notes: ! x", "tables: &a {skus: {}}", "tables: {skus: *a}", "tables: {<<: {skus: {}}}", "name: !!str x",
	} {
		if _, err := Parse("bad.yaml", []byte("extends: default\n"+bad)); err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
}

func TestNestingIsBounded(t *testing.T) {
	for _, one := range []string{"[", "{", "- ", "? ", "[\n"} {
		_, err := Parse("x.yaml", []byte("notes: "+strings.Repeat(one, 100_000)))
		if err == nil || !strings.Contains(err.Error(), "nests deeper") {
			t.Errorf("%q was read", one)
		}
	}
	load(t, "# "+strings.Repeat("-", 300)+"\n")
	var row strings.Builder // a table of many rows on one line is not deep
	for i := range 200 {
		fmt.Fprintf(&row, "K%d: v, ", i)
	}
	load(t, "tables: {mine: {"+row.String()+"}}")
	if _, err := Parse("x.yaml", bytes.Repeat([]byte("#\n"), maxProfile)); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("got %v", err)
	}
}

func TestStatuses(t *testing.T) {
	p := load(t, "statuses: {shipping: {PS: partly-shipped}, set: {partly-shipped: PS}}")
	if p.Payment("PP") != commerce.PaymentPartial || p.Payment("x") != commerce.PaymentUnknown {
		t.Error("payment codes")
	}
	if p.Fulfilment("WFA") != commerce.FulfilmentAwaitApproval || p.Fulfilment("PS") != commerce.FulfilmentPartlyShipped {
		t.Error("shipping codes")
	}
	for state, code := range map[commerce.FulfilmentState]string{
		commerce.FulfilmentProcessing: "P", commerce.FulfilmentShipped: "S", commerce.FulfilmentPartlyShipped: "PS", commerce.FulfilmentDelivered: "",
	} {
		if got := p.ShippingCode(state); got != code {
			t.Errorf("code of %s is %q, want %q", state, got, code)
		}
	}
}

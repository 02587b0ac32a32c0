package fraud_test

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/fraud"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// facts are those of an order that nothing speaks against.
func facts() fraud.Facts {
	home := commerce.Address{FirstName: "Pat", LastName: "Miller", Line1: "12 Elm St", City: "Edmond", PostalCode: "73003", Country: "US", Phone: "405-555-0100"}
	return fraud.Facts{
		Order: commerce.Order{
			Store: "main", ID: "7", PlacedAt: noon, Total: decimal.RequireFromString("120.50"), PaymentMethod: "Credit card",
			Customer: commerce.Customer{ProfileID: "3", Email: "pat.miller@edmond-irrigation.test"}, BillTo: home, ShipTo: home,
			Lines: []commerce.Line{{SKU: "A", Quantity: decimal.NewFromInt(2), Subtotal: decimal.RequireFromString("120.50")}},
		},
		Screening: commerce.Screening{AccountSince: noon.AddDate(-2, 0, 0), IP: "203.0.113.7", Card: "411111******1111", AVS: "Y", CVV: "M"},
		History:   &fraud.History{Orders: 6, Spend: decimal.NewFromInt(700)},
	}
}

func holding(t *testing.T, more string) *fraud.Policy {
	t.Helper()
	p, err := fraud.ParsePolicy("test.yaml", []byte("mode: hold\n"+more))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func codes(a fraud.Assessment) string {
	var all []string
	for _, r := range a.Reasons {
		all = append(all, r.Code)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func TestRulesTellTheirReasons(t *testing.T) {
	good := "ACCOUNT_OLD AVS_MATCH CUSTOMER_REGULAR"
	for _, test := range []struct {
		name   string
		change func(*fraud.Facts)
		want   string
	}{
		{"nothing speaks against it", func(*fraud.Facts) {}, good},
		{"ships elsewhere", func(f *fraud.Facts) { f.Order.ShipTo.PostalCode, f.Order.ShipTo.Line1 = "90001", "1 Main" }, "ACCOUNT_OLD ADDRESS_DIFFERS AVS_MATCH CUSTOMER_REGULAR"},
		{"ZIP+4 and spelling are the same address", func(f *fraud.Facts) { f.Order.ShipTo.PostalCode, f.Order.ShipTo.Line1 = "73003-1234", "12 ELM ST." }, good},
		{"abroad", func(f *fraud.Facts) { f.Order.ShipTo.Country = "NG" }, "ACCOUNT_OLD AVS_MATCH COUNTRY_DIFFERS CUSTOMER_REGULAR"},
		{"a forwarder by its suite", func(f *fraud.Facts) {
			f.Order.ShipTo.Line1 = "4283 Express Lane, Suite 77"
		}, "ACCOUNT_OLD AVS_MATCH CUSTOMER_REGULAR FORWARDER"},
		{"a P.O. box", func(f *fraud.Facts) { f.Order.ShipTo.Line1 = "P.O. Box 12" }, "ACCOUNT_OLD AVS_MATCH CUSTOMER_REGULAR PO_BOX"},
		{"a throw-away mailbox", func(f *fraud.Facts) { f.Order.Customer.Email = "x@Mailinator.com" }, "ACCOUNT_OLD AVS_MATCH CUSTOMER_REGULAR EMAIL_THROW_AWAY"},
		{"a free mailbox in another name", func(f *fraud.Facts) { f.Order.Customer.Email = "zz9@gmail.com" }, "ACCOUNT_OLD AVS_MATCH CUSTOMER_REGULAR EMAIL_FREE EMAIL_NAME"},
		{"a guest's first order", func(f *fraud.Facts) {
			f.Order.Customer.Guest, f.History = true, &fraud.History{}
		}, "AVS_MATCH CUSTOMER_FIRST_ORDER GUEST"},
		{"nothing known is nothing against", func(f *fraud.Facts) { *f = fraud.Facts{Order: commerce.Order{PlacedAt: noon}} }, ""},
		{"a wrong code and address", func(f *fraud.Facts) { f.Screening.AVS, f.Screening.CVV = "N", "N" }, "ACCOUNT_OLD AVS_MISMATCH CUSTOMER_REGULAR CVV_MISMATCH"},
		{"the services' worst verdict counts", func(f *fraud.Facts) {
			f.Screening.Verdicts = []commerce.ScreeningVerdict{{Service: "Kount", Result: "1"}, {Service: "NoFraud", Result: "fail"}}
		}, "ACCOUNT_OLD AVS_MATCH CUSTOMER_REGULAR VERDICT_FAIL"},
		{"many cards of one account", func(f *fraud.Facts) {
			count := fraud.KeyCount{First: noon.Add(-time.Hour), Last: noon.Add(-time.Hour), ChargeBacks: 1}
			for w := range count.Windows {
				count.Windows[w] = fraud.WindowCount{Orders: 4, Amount: decimal.NewFromInt(480), Distinct: map[fraud.Kind]int{fraud.KindCard: 3}}
			}
			f.Counts = fraud.Counts{fraud.KindCustomer: count}
		}, "ACCOUNT_OLD AVS_MATCH CUSTOMER_BUSY CUSTOMER_CHARGED_BACK CUSTOMER_MANY_CARDS CUSTOMER_REGULAR"},
		{"far above what is usual", func(f *fraud.Facts) {
			var count fraud.KeyCount
			count.Windows[3] = fraud.WindowCount{Orders: 10, Amount: decimal.NewFromInt(100)}
			f.Counts = fraud.Counts{fraud.KindStore: count}
		}, "ACCOUNT_OLD AMOUNT_VERY_HIGH AVS_MATCH CUSTOMER_REGULAR"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := facts()
			test.change(&f)
			a := fraud.Score(f, holding(t, ""), nil)
			if got := codes(a); got != test.want {
				t.Errorf("got reasons %q, want %q", got, test.want)
			}
			if _, err := json.Marshal(a); err != nil {
				t.Errorf("the assessment cannot be written down: %v", err)
			}
		})
	}
}

func TestScoreMultipliesOdds(t *testing.T) {
	f := fraud.Facts{Order: commerce.Order{PlacedAt: noon}, Screening: commerce.Screening{CVV: "N"}}
	// Odds of 1 to 99 five times over: 5 to 99.
	if got := fraud.Score(f, holding(t, "base_rate: 0.01"), nil).Score; got != 4.81 {
		t.Errorf("got %v, want 4.81", got)
	}
}

func TestOutcomes(t *testing.T) {
	risky := func(f *fraud.Facts) { f.Screening.CVV, f.Screening.AVS, f.History = "N", "N", nil }
	causes := []fraud.Cause{{Code: "CVV_MISMATCH", Multiplier: 5}, {Code: "AVS_MISMATCH", Multiplier: 3}}
	for _, test := range []struct {
		name, policy string
		change       func(*fraud.Facts)
		want         fraud.Outcome
		act          bool
		because      string
	}{
		{"accepted", "", func(f *fraud.Facts) { f.Screening.CVV, f.Screening.AVS = "M", "Y" }, fraud.Accept, true, ""},
		{"reviewed from the threshold", "review_from: 4", func(*fraud.Facts) {}, fraud.Review, true, ""},
		{"rejected from the threshold", "review_from: 1\nreject_from: 4", func(*fraud.Facts) {}, fraud.Reject, true, ""},
		{"shadow does not act", "review_from: 4\nmode: shadow", func(*fraud.Facts) {}, fraud.Review, false, ""},
		{"terms are exempt", "review_from: 4", func(f *fraud.Facts) { f.Terms = true }, fraud.Accept, true, "buys on account"},
		{"unless the policy says otherwise", "review_from: 4\nexempt: {terms_accounts: false}", func(f *fraud.Facts) { f.Terms = true }, fraud.Review, true, ""},
		{"no card, no charge-back", "review_from: 4", func(f *fraud.Facts) { f.Order.PaymentMethod = "purchase  order" }, fraud.Accept, true, "exempt"},
		{"approved before for the same causes", "review_from: 4", func(f *fraud.Facts) { f.Earlier = &fraud.Decision{Approved: true, Causes: causes} }, fraud.Accept, true, "approved before"},
		{"approved before, but a cause is new", "review_from: 4", func(f *fraud.Facts) { f.Earlier = &fraud.Decision{Approved: true, Causes: causes[1:]} }, fraud.Review, true, "CVV_MISMATCH is new"},
		{"approved before, when the cause weighed less", "review_from: 4", func(f *fraud.Facts) {
			f.Earlier = &fraud.Decision{Approved: true, Causes: []fraud.Cause{causes[1], {Code: "CVV_MISMATCH", Multiplier: 3}}}
		}, fraud.Review, true, "CVV_MISMATCH is new"},
		{"rejected before stays rejected", "review_from: 100", func(f *fraud.Facts) { f.Earlier = &fraud.Decision{By: "kim"} }, fraud.Reject, true, "kim"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := facts()
			risky(&f)
			test.change(&f)
			policy := test.policy
			if strings.Contains(policy, "mode:") {
				p, err := fraud.ParsePolicy("test.yaml", []byte(policy))
				if err != nil {
					t.Fatal(err)
				}
				check(t, fraud.Score(f, p, nil), test.want, test.act, test.because)
				return
			}
			check(t, fraud.Score(f, holding(t, policy), nil), test.want, test.act, test.because)
		})
	}
}

func check(t *testing.T, a fraud.Assessment, want fraud.Outcome, act bool, because string) {
	t.Helper()
	if a.Outcome != want || a.Act != act || !strings.Contains(a.Because, because) || because == "" && a.Because != "" {
		t.Errorf("got %s, act %v, because %q with score %v; want %s, act %v, because %q", a.Outcome, a.Act, a.Because, a.Score, want, act, because)
	}
}

func TestKeys(t *testing.T) {
	changed := func(change func(*fraud.Facts)) []fraud.Key {
		f := facts()
		change(&f)
		return f.Event([]byte("pepper")).Keys
	}
	base := changed(func(*fraud.Facts) {})
	for _, test := range []struct {
		name   string
		change func(*fraud.Facts)
		differ string // the kinds that are not as before
	}{
		{"another spelling of the mailbox", func(f *fraud.Facts) { f.Order.Customer.Email = " Pat.Miller+shop@Edmond-Irrigation.test" }, ""},
		{"another mailbox", func(f *fraud.Facts) { f.Order.Customer.Email = "kim@edmond-irrigation.test" }, "email"},
		{"another spelling of the address", func(f *fraud.Facts) { f.Order.ShipTo.Line1, f.Order.ShipTo.PostalCode = "12, elm st", "73003-0001" }, ""},
		{"the phone with a country code", func(f *fraud.Facts) { f.Order.BillTo.Phone = "+1 (405) 555-0100" }, ""},
		{"another card of the issuer", func(f *fraud.Facts) { f.Screening.Card = "411111xxxxxx2222" }, "card"},
		{"a card of which nothing is known", func(f *fraud.Facts) { f.Screening.Card = "******1111" }, "card bin"},
		{"the shop's own proxy", func(f *fraud.Facts) { f.Screening.IP = "10.0.0.1" }, "ip"},
		{"a guest", func(f *fraud.Facts) { f.Order.Customer.Guest = true }, "customer"},
		{"another store", func(f *fraud.Facts) { f.Order.Store = "b2b" }, "customer store"},
	} {
		t.Run(test.name, func(t *testing.T) {
			keys := changed(test.change)
			var differ []string
			for _, k := range base {
				if !slices.Contains(keys, k) {
					differ = append(differ, string(k.Kind))
				}
			}
			if got := strings.Join(differ, " "); got != test.differ {
				t.Errorf("differing kinds: got %q, want %q", got, test.differ)
			}
		})
	}
	if facts().Event([]byte("other")).Keys[0].Hash == base[0].Hash {
		t.Error("the pepper makes no difference")
	}
	for _, ips := range [][2]string{{"2001:db8:1:2::3", "2001:db8:1:2:9::1"}} {
		a := changed(func(f *fraud.Facts) { f.Screening.IP = ips[0] })
		b := changed(func(f *fraud.Facts) { f.Screening.IP = ips[1] })
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("two addresses of one network differ: %s", diff)
		}
	}
}

func TestGatewayWords(t *testing.T) {
	for _, test := range []struct {
		avs  string
		want fraud.Match
	}{
		{"Y", fraud.Matched}, {"z", fraud.Partial}, {"N", fraud.Mismatched}, {"U", fraud.Unavailable}, {"", ""}, {"wat", ""},
		{"Address (Street) and five digit ZIP match", fraud.Matched},
		{"Address (Street) matches, ZIP does not", fraud.Partial},
		{"N - No Match on Address (Street) or ZIP", fraud.Mismatched},
		{"No Match on Address (Street) or ZIP", fraud.Mismatched},
		{"Service not supported by issuer", fraud.Unavailable},
		{"Address information is unavailable", fraud.Unavailable},
		{"X: exact match", fraud.Matched},
	} {
		if got := fraud.AVS(test.avs); got != test.want {
			t.Errorf("AVS %q: got %q, want %q", test.avs, got, test.want)
		}
	}
	for answer, want := range map[string]fraud.Match{"M": fraud.Matched, "Match": fraud.Matched, "No Match": fraud.Mismatched, "Not Processed": fraud.Unavailable, "P": fraud.Unavailable} {
		if got := fraud.CVV(answer); got != want {
			t.Errorf("CVV %q: got %q, want %q", answer, got, want)
		}
	}
	for _, test := range []struct {
		verdict commerce.ScreeningVerdict
		want    fraud.Verdict
	}{
		{commerce.ScreeningVerdict{Service: "Kount", Result: "3"}, fraud.VerdictFail},
		{commerce.ScreeningVerdict{Service: "Signifyd", Result: "0"}, fraud.VerdictNone},
		{commerce.ScreeningVerdict{Service: "AntiFraud", Score: "7.5"}, fraud.VerdictReview},
		{commerce.ScreeningVerdict{Service: "AntiFraud", Score: "NaN"}, fraud.VerdictNone},
		{commerce.ScreeningVerdict{Service: "Signifyd", Score: "900"}, fraud.VerdictNone},
	} {
		if got := fraud.ReadVerdict(test.verdict); got != test.want {
			t.Errorf("%+v: got %v, want %v", test.verdict, got, test.want)
		}
	}
}

func TestPolicyMistakesAreAllTold(t *testing.T) {
	_, err := fraud.ParsePolicy("p.yaml", []byte("mode: off\nreview_from: 200\nzone: Mars\nrules:\n- {code: X, feature: nope, multiplier: -1, text: a}\n"))
	for _, want := range []string{"p.yaml", `mode "off"`, "review_from 200", `zone "Mars"`, `no feature "nope"`, "multiplier -1", "neither from nor below"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("not told: %q in %v", want, err)
		}
	}
	if _, err := fraud.ParsePolicy("p.yaml", []byte("mode: hold\nreview_form: 3\n")); err == nil || !strings.Contains(err.Error(), "2:1") {
		t.Errorf("an unknown key is told with its line, got %v", err)
	}
	for _, empty := range []string{"", "# nothing\n"} {
		p, err := fraud.ParsePolicy("p.yaml", []byte(empty))
		if err != nil || p.Version() != fraud.DefaultPolicy().Version() {
			t.Errorf("%q is not the default: %v", empty, err)
		}
	}
	p := holding(t, "rules:\n- {code: CVV_MISMATCH, feature: cvv, from: 2, multiplier: 1, text: off}\nexempt: {terms_accounts: false}\n")
	if len(p.Rules) != len(fraud.DefaultPolicy().Rules) || len(p.Exempt.PaymentMethods) == 0 {
		t.Error("what a policy does not name is not the default's any more")
	}
}

func TestEveryFeatureIsDescribedOnce(t *testing.T) {
	page, err := os.ReadFile("../docs/fraud.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, f := range fraud.Features {
		if seen[f.Name] || f.Doc == "" || f.Code == "" {
			t.Errorf("feature %q is there twice, or lacks its description or code", f.Name)
		}
		seen[f.Name] = true
		if !fraud.SingleKey(f.Name) && !strings.Contains(string(page), "`"+f.Name+"`") {
			t.Errorf("docs/fraud.md does not tell of %s", f.Name)
		}
	}
}

// model looks at the amount in both its parts.
const model = `{"format":1,"trained":{"from":"2026-01-01T00:00:00Z","to":"2026-02-01T00:00:00Z","orders":1000,"charge_backs":10,"label_delay":"720h0m0s","choice":"by hand"},
"logistic":{"bias":-4,"terms":[{"feature":"amount","mean":4,"scale":1,"weight":1},{"feature":"cvv","mean":0,"scale":1,"weight":0.5,"missing":0.25}]},
"trees":{"bias":-4,"trees":[[{"feature":"amount","below":6,"unknown":"left","left":1,"right":2,"value":0},{"value":-0.5},{"value":1.5}]]},
"trees_share":0.5,"slope":1.2,"intercept":0.1}`

func TestModel(t *testing.T) {
	m, err := fraud.ParseModel([]byte(model))
	if err != nil {
		t.Fatal(err)
	}
	policy := holding(t, "")
	f := facts()
	f.Order.Total = decimal.NewFromInt(5000)
	vector := fraud.Vector(f, policy)
	want := 1.2*(0.5*(-4+math.Log1p(5000)-4)+0.5*(-4+1.5)) + 0.1
	if got := fraud.LogOdds(m.Probability(vector)); math.Abs(got-want) > 1e-9 {
		t.Errorf("log-odds: got %v, want %v", got, want)
	}
	a := fraud.Score(f, policy, m)
	if !strings.Contains(codes(a), "MODEL_AMOUNT") || strings.Contains(codes(a), "CVV") || a.ModelVersion != m.Version() || !strings.Contains(a.Reasons[0].Text, "amount = 5000") {
		t.Errorf("the model's reasons: %+v", a.Reasons)
	}
	f.Screening.CVV = "N" // the model has learned what it means: no rule on top
	if got := codes(fraud.Score(f, policy, m)); !strings.Contains(got, "MODEL_CVV") || strings.Contains(got, "CVV_MISMATCH") {
		t.Errorf("counted twice: %s", got)
	}
	policy = holding(t, "rules:\n- {code: CVV_MISMATCH, feature: cvv, from: 2, multiplier: 5, always: true, text: a}")
	if got := codes(fraud.Score(f, policy, m)); !strings.Contains(got, "CVV_MISMATCH") {
		t.Errorf("a rule that always holds is left out: %s", got)
	}
	policy = holding(t, "rebase: true\nbase_rate: 0.001")
	if rebased := fraud.Score(f, policy, m).Score; rebased >= fraud.Score(f, holding(t, ""), m).Score {
		t.Errorf("a lower base rate does not lower the score: %v", rebased)
	}
	text, err := m.JSON()
	if err != nil {
		t.Fatal(err)
	}
	again, err := fraud.ParseModel(text)
	if err != nil || again.Version() != m.Version() || again.Raw(vector) != m.Raw(vector) {
		t.Errorf("the model does not survive its file: %v", err)
	}
}

func TestBrokenModels(t *testing.T) {
	for name, change := range map[string][2]string{
		"loops":               {`"left":1`, `"left":0`},
		"leads out":           {`"right":2`, `"right":9`},
		"an unknown feature":  {`"feature":"cvv"`, `"feature":"nope"`},
		"no scale":            {`"mean":4,"scale":1`, `"mean":4,"scale":0`},
		"another format":      {`"format":1`, `"format":2`},
		"trees are missing":   {`"trees":{"bias":-4`, `"x":{"bias":-4`},
		"turned around":       {`"slope":1.2`, `"slope":-1.2`},
		"learned from nobody": {`"charge_backs":10`, `"charge_backs":0`},
	} {
		if _, err := fraud.ParseModel([]byte(strings.Replace(model, change[0], change[1], 1))); err == nil {
			t.Errorf("%s: taken as a model", name)
		}
	}
}

func FuzzModel(f *testing.F) {
	f.Add([]byte(model))
	f.Add([]byte(strings.Replace(model, `"trees_share":0.5`, `"trees_share":0`, 1)))
	vector := fraud.Vector(facts(), fraud.DefaultPolicy())
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := fraud.ParseModel(text)
		if err != nil {
			return
		}
		a := fraud.Score(facts(), fraud.DefaultPolicy(), m)
		if !(a.Score >= 0.01 && a.Score <= 99) || len(m.Contributions(vector)) != len(vector) {
			t.Errorf("score %v", a.Score)
		}
		if _, err := json.Marshal(a); err != nil {
			t.Error(err)
		}
	})
}

func FuzzPolicy(f *testing.F) {
	f.Add([]byte("mode: hold\nreview_from: 3\nrules:\n- {code: X, feature: amount, from: 1, multiplier: 2, text: a}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if p, err := fraud.ParsePolicy("fuzz.yaml", text); err == nil {
			fraud.Score(facts(), p, nil)
		}
	})
}

func BenchmarkScore(b *testing.B) {
	m, err := fraud.ParseModel([]byte(model))
	if err != nil {
		b.Fatal(err)
	}
	policy, f := fraud.DefaultPolicy(), facts()
	for b.Loop() {
		fraud.Score(f, policy, m)
	}
}

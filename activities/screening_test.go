package activities

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
	"github.com/cart21/cart21/connectors/scorer"
	"github.com/cart21/cart21/connectors/xcart"
	"github.com/cart21/cart21/fraud"
	"github.com/cart21/cart21/mapping"
	"github.com/cart21/cart21/records"
)

// shelf is a shop that has these orders.
type shelf struct {
	xcart.Shop
	orders map[string]commerce.Order
}

func (s shelf) Order(_ context.Context, id string) (commerce.Order, error) { return s.orders[id], nil }

var begin = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// personal is what of an order may be in no history and not in the records.
var personal = []string{"pat.roe@example.test", "Patricia", "Roentgen", "1 Dock St", "5550100", "203.0.113.7", "411111******1111", "MRS P ROENTGEN", "dev-1f3a"}

// webOrder is an order of one person, placed so long after the begin.
func webOrder(id string, after time.Duration) commerce.Order {
	address := commerce.Address{FirstName: "Patricia", LastName: "Roentgen", Line1: "1 Dock St", City: "Tulsa", State: "OK", PostalCode: "74101", Country: "US", Phone: "5550100"}
	return commerce.Order{
		Store: "main", ID: id, Number: "100" + id, PlacedAt: begin.Add(after), Currency: "USD", Total: decimal.NewFromInt(100),
		Customer:  commerce.Customer{ProfileID: "9", Email: "pat.roe@example.test", FirstName: "Patricia", LastName: "Roentgen"},
		BillTo:    address,
		Lines:     []commerce.Line{{SKU: "A", Quantity: decimal.NewFromInt(1), Subtotal: decimal.NewFromInt(100)}},
		Screening: commerce.Screening{IP: "203.0.113.7", Card: "411111******1111", Cardholder: "MRS P ROENTGEN", Device: "dev-1f3a", AVS: "Y", AccountSince: begin.Add(-400 * 24 * time.Hour)},
	}
}

// desk reads orders as a worker does.
type desk struct {
	t    *testing.T
	shop *Shop
	dsn  string
}

func newDesk(t *testing.T, policy string, orders ...commerce.Order) *desk {
	t.Helper()
	parsed, err := fraud.ParsePolicy("test.yaml", []byte(policy))
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, dsn: filepath.Join(t.TempDir(), "records.db")}
	store, err := records.Open(t.Context(), "file:"+d.dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	s := shelf{orders: map[string]commerce.Order{}}
	for _, o := range orders {
		s.orders[o.ID] = o
	}
	d.shop = &Shop{Store: "main", XCart: s, Records: store, Screening: &Screening{Policy: parsed, Pepper: []byte("pepper"), Records: store, Now: func() time.Time { return begin }}}
	return d
}

// reads runs the activity with the arguments that a history has.
func (d *desk) reads(args ...any) OrderReading {
	d.t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivityWithOptions(d.shop.ReadOrder, activity.RegisterOptions{Name: ReadOrderName})
	value, err := env.ExecuteActivity(ReadOrderName, args...)
	if err != nil {
		d.t.Fatal(err)
	}
	var reading OrderReading
	if err := value.Get(&reading); err != nil {
		d.t.Fatal(err)
	}
	return reading
}

func (r *Risk) reason(code string) *RiskReason {
	if i := slices.IndexFunc(r.Reasons, func(reason RiskReason) bool { return reason.Code == code }); i >= 0 {
		return &r.Reasons[i]
	}
	return nil
}

func TestAnOrderIsScoredInShadowWithoutAnyPolicy(t *testing.T) {
	risk := newDesk(t, "", webOrder("1", 0)).reads("1").Risk
	if risk == nil || !risk.Shadow || risk.Outcome != RiskAccept || risk.Score <= 0 || risk.reason("AVS_MATCH") == nil {
		t.Fatalf("%+v", risk)
	}
	if risk.Terms.AtDeadline != "keep" || risk.Terms.DecideBy != 120*time.Hour || risk.Terms.EscalateAfter != 4*time.Hour || risk.Terms.StatusHeld != "WFA" {
		t.Errorf("terms %+v are not those of the default policy", risk.Terms)
	}
}

func TestWhichOrdersAreScored(t *testing.T) {
	draft, undated, inERP := webOrder("1", 0), webOrder("2", 0), webOrder("3", 0)
	draft.Number, undated.PlacedAt = "", time.Time{}
	d := newDesk(t, "", draft, undated, inERP)
	if err := d.shop.Records.SaveOrder(t.Context(), records.OrderRef{Store: "main", ShopOrderID: "3", ERPOrder: "E3", ShopNumber: "1003"}); err != nil {
		t.Fatal(err)
	}
	for id, what := range map[string]string{"1": "a draft", "2": "an order without a time", "3": "an order that the ERP has"} {
		if risk := d.reads(id).Risk; risk != nil {
			t.Errorf("%s was scored: %+v", what, risk)
		}
	}
	d.shop.Screening = nil
	if risk := d.reads("1").Risk; risk != nil {
		t.Errorf("scored without a screening: %+v", risk)
	}
}

func TestAnOrderIsCountedOnceAndOnlyForLaterOnes(t *testing.T) {
	d := newDesk(t, "mode: hold", webOrder("1", 0), webOrder("2", time.Minute), webOrder("3", 2*time.Minute), webOrder("4", 3*time.Minute))
	first := d.reads("1").Risk.Score
	for range 3 {
		d.reads("2")
		d.reads("3")
	}
	if risk := d.reads("1").Risk; risk.Score != first {
		t.Errorf("the first order scores %v after later ones, %v before: that is no cause", risk.Score, first)
	}
	risk := d.reads("4").Risk
	if busy := risk.reason("CARD_BUSY"); busy == nil || !strings.HasPrefix(busy.Sentence, "3 orders") {
		t.Errorf("reasons %+v: want 3 orders with this card", risk.Reasons)
	}
}

func TestAChargeBackWeighsOnTheNextOrder(t *testing.T) {
	d := newDesk(t, "mode: hold", webOrder("1", 0), webOrder("2", 48*time.Hour))
	d.reads("1")
	before := d.reads("2").Risk
	if err := d.shop.Records.RecordChargeBack(t.Context(), "xc-main-1", begin.Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	risk := d.reads("2").Risk
	if risk.reason("CARD_CHARGED_BACK") == nil || risk.Score <= before.Score || risk.Outcome != RiskReview || risk.Shadow {
		t.Errorf("before %+v, after %+v", before, risk)
	}

	var approved Screened
	for _, r := range risk.Reasons {
		approved.Approved = append(approved.Approved, r.Code)
	}
	if again := d.reads("2", approved).Risk; again.Outcome != RiskAccept || again.reason("OUTCOME") == nil {
		t.Errorf("approved, and asked again: %+v", again)
	}
	if again := d.reads("2", Screened{Approved: []string{"GUEST"}}).Risk; again.Outcome != RiskReview {
		t.Errorf("approved for another cause, and passed: %+v", again)
	}
}

func TestWhoBuysOnAccountIsExempt(t *testing.T) {
	guest := webOrder("2", 0)
	guest.Customer.Guest, guest.Customer.ProfileID = true, ""
	for name, c := range map[string]struct {
		order commerce.Order
		terms string // of the customer in the ERP
		want  string
	}{
		"terms on account":         {webOrder("1", 0), "net30", RiskAccept},
		"terms of card customers":  {webOrder("1", 0), "CC", RiskReview},
		"a customer not met yet":   {webOrder("1", 0), "", RiskReview},
		"a guest with that e-mail": {guest, "NET30", RiskReview},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, "mode: hold\nreview_from: 0.01\nexempt: {terms: [NET30]}", c.order)
			if c.terms != "" {
				if err := d.shop.Records.SaveCustomer(t.Context(), records.Customer{Store: "main", Key: mapping.AccountReference(c.order), CustomerID: "C1", Terms: c.terms}); err != nil {
					t.Fatal(err)
				}
			}
			if risk := d.reads(c.order.ID).Risk; risk.Outcome != c.want {
				t.Errorf("%s, want %s: %+v", risk.Outcome, c.want, risk.Reasons)
			}
		})
	}
}

func TestACustomerIsNewOnlyWhereTheRecordsCanTell(t *testing.T) {
	old := webOrder("0", -200*24*time.Hour)
	old.Customer = commerce.Customer{ProfileID: "1", Email: "first@example.test"}
	old.Screening = commerce.Screening{}
	young := webOrder("2", time.Hour)
	young.Customer.ProfileID, young.Screening.AccountSince = "10", begin.Add(30*time.Minute)
	for name, c := range map[string]struct {
		orders []commerce.Order
		asked  string
		first  bool
	}{
		"records of today, an old account":         {[]commerce.Order{webOrder("1", 0)}, "1", false},
		"records of today, an account made since":  {[]commerce.Order{webOrder("1", 0), young}, "2", true},
		"records of half a year, an old account":   {[]commerce.Order{old, webOrder("1", 0)}, "1", true},
		"the customer's earlier order is recorded": {[]commerce.Order{webOrder("0", -200*24*time.Hour), webOrder("1", 0)}, "1", false},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, "", c.orders...)
			for _, o := range c.orders {
				d.reads(o.ID)
				if o.ID != c.asked {
					if err := d.shop.Records.SaveOrder(t.Context(), records.OrderRef{Store: "main", ShopOrderID: o.ID, Reference: o.Reference(), ERPOrder: "E" + o.ID}); err != nil {
						t.Fatal(err)
					}
				}
			}
			if got := d.reads(c.asked).Risk.reason("CUSTOMER_FIRST_ORDER") != nil; got != c.first {
				t.Errorf("first order: %v, want %v", got, c.first)
			}
		})
	}
}

func TestNothingPersonalIsInHistoriesOrRecords(t *testing.T) {
	d := newDesk(t, "mode: hold", webOrder("1", 0), webOrder("2", time.Minute))
	d.shop.Screening.Scorer = scorerThat(t, `{"score": 50, "reason": "looks odd"}`)
	d.reads("1")
	reading := d.reads("2")
	risk, err := json.Marshal(reading.Risk)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := json.Marshal(reading)
	if err != nil {
		t.Fatal(err)
	}
	var stored []byte
	for _, path := range []string{d.dsn, d.dsn + "-wal"} {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, content...)
	}
	if !bytes.Contains(stored, []byte("person_orders_24h")) {
		t.Fatal("the features are not found where the search looks: it would find no leak either")
	}
	for _, word := range personal {
		if bytes.Contains(risk, []byte(word)) {
			t.Errorf("%q is in the risk", word)
		}
		if bytes.Contains(stored, []byte(word)) {
			t.Errorf("%q is in the records", word)
		}
	}
	for _, word := range []string{"203.0.113.7", "411111", "MRS P ROENTGEN", "dev-1f3a"} {
		if bytes.Contains(whole, []byte(word)) {
			t.Errorf("%q, which only the screening needs, is in the history", word)
		}
	}
}

// scorerThat is a scorer that gives this answer; none for an empty one.
func scorerThat(t *testing.T, answer string) *scorer.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the server does not see that nobody waits any more
		if answer == "" {
			<-r.Context().Done()
			return
		}
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(server.Close)
	client, err := scorer.New(scorer.Config{URL: server.URL, Limits: connectors.Limits{}}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestTheExternalScorersWordCountsAndItsFailureDoesNot(t *testing.T) {
	local := newDesk(t, "mode: hold", webOrder("1", 0)).reads("1").Risk
	for name, c := range map[string]struct {
		answer  string
		score   float64
		outcome string
		words   string
	}{
		"a higher score":      {`{"score": 80, "reason": "Seen in a botnet."}`, 80, RiskReview, "Seen in a botnet."},
		"a lower score":       {`{"score": 0.1}`, 0.1, RiskAccept, "says so"},
		"no answer in time":   {"", local.Score, local.Outcome, "gave no score"},
		"an answer of others": {`{"risk": "high"}`, local.Score, local.Outcome, "gave no score"},
		"a score beyond 100":  {`{"score": 101}`, local.Score, local.Outcome, "gave no score"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, "mode: hold", webOrder("1", 0))
			d.shop.Screening.Scorer = scorerThat(t, c.answer)
			risk := d.reads("1").Risk
			if reason := risk.reason("EXTERNAL"); risk.Score != c.score || risk.Outcome != c.outcome || reason == nil || !strings.Contains(reason.Sentence, c.words) {
				t.Errorf("%+v: want score %v, %s, and to read %q", risk, c.score, c.outcome, c.words)
			}
		})
	}
}

func TestTheCountryOfTheAddressIsLookedUp(t *testing.T) {
	d := newDesk(t, "", webOrder("1", 0))
	d.shop.Screening.Country = func(ip string) string {
		if ip != "203.0.113.7" {
			t.Errorf("asked for %q", ip)
		}
		return "RU"
	}
	if risk := d.reads("1").Risk; risk.reason("IP_COUNTRY_DIFFERS") == nil {
		t.Errorf("%+v", risk.Reasons)
	}
}

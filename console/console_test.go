package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/crypto/bcrypt"

	"github.com/cart21/cart21/activities"
	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/console/signed"
	"github.com/cart21/cart21/workflows"
)

const (
	heldID   = "order/main/7"
	parkedID = "order/main/8"
	password = "a password of the tests"
	secret   = "a-console-secret-of-the-tests-0123456789"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// fakeDesk has one held and one parked order, and keeps what was decided.
type fakeDesk struct {
	mu        sync.Mutex
	processes map[string]process
	more      []waiting
	decisions []workflows.FraudDecision
	resolved  []workflows.Resolution
	previewed int
	err       error
}

func newFakeDesk() *fakeDesk {
	order := &commerce.Order{ID: "7", Number: "1004120", Currency: "USD", Total: decimal.RequireFromString("812.5"), PlacedAt: noon,
		Customer: commerce.Customer{Email: "pat@example.test", FirstName: "Pat", LastName: "Roe"},
		BillTo:   commerce.Address{Line1: "1 Main St", City: "Reno"},
		ShipTo:   commerce.Address{Line1: "9 Forwarder Way", City: "Doral"},
		Lines:    []commerce.Line{{SKU: "PUMP", Name: "<b>Pump</b>", Quantity: decimal.NewFromInt(2), Subtotal: decimal.RequireFromString("812.5")}}}
	return &fakeDesk{processes: map[string]process{
		heldID: {WorkflowID: heldID, RunID: "run-7", Kind: workflows.OrderToCashName, Store: "main", Running: true, Order: order,
			Status: workflows.OrderStatus{WebOrder: "1004120", Stage: workflows.StageFraudReview},
			Hold: &workflows.FraudHold{Score: 71.25, Outcome: "review", Since: noon.Add(-3 * time.Hour), Total: "812.50 USD",
				Reasons: []activities.RiskReason{{Code: "forwarder", Multiplier: 4, Sentence: "It goes to a freight forwarder."}}}},
		parkedID: {WorkflowID: parkedID, RunID: "run-8", Kind: workflows.OrderToCashName, Store: "main", Running: true,
			Status:  workflows.OrderStatus{WebOrder: "1004121"},
			Blocked: &workflows.Blocked{Reason: "unknown-item", Message: "no item PUMP-OLD", Since: noon, Choices: []workflows.Action{workflows.Retry, workflows.Amend, workflows.Cancel}}},
	}}
}

func (d *fakeDesk) Waiting(context.Context) ([]waiting, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := []waiting{{WorkflowID: parkedID, Order: "1004121", Reason: "unknown-item", Since: noon}}
	if d.processes[heldID].Hold != nil {
		list = append(list, waiting{WorkflowID: heldID, Order: "1004120", Reason: workflows.ReasonFraudReview, Since: noon, Score: 71.25, Total: "812.50"})
	}
	return append(list, d.more...), d.err
}

func (d *fakeDesk) Explain(_ context.Context, list []waiting) {
	for i := range list {
		list[i].Message = "explained " + list[i].Order
	}
}

func (d *fakeDesk) Show(_ context.Context, id string) (process, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, known := d.processes[id]
	if !known {
		return p, errUnknown
	}
	return p, d.err
}

func (d *fakeDesk) DecideFraud(_ context.Context, id, run string, decision workflows.FraudDecision) (workflows.Answer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.processes[id]
	if d.err != nil {
		return workflows.Answer{}, d.err
	}
	if p.Hold == nil || p.RunID != run {
		return workflows.Answer{}, refusal{"this order is not held any more"}
	}
	p.Hold = nil
	d.processes[id] = p
	d.decisions = append(d.decisions, decision)
	return workflows.Answer{Accepted: string(decision.Decision) + " by " + decision.Reviewer + " noted"}, nil
}

func (d *fakeDesk) Resolve(_ context.Context, id, run string, r workflows.Resolution, preview bool) (workflows.Answer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.processes[id].RunID != run {
		return workflows.Answer{}, refusal{"this process began anew"}
	}
	var diff []string
	for place := range r.Changes {
		diff = append(diff, place+": PUMP-OLD -> PUMP")
	}
	if preview {
		d.previewed++
		return workflows.Answer{Changes: diff}, nil
	}
	d.resolved = append(d.resolved, r)
	return workflows.Answer{Accepted: string(r.Action) + " by " + r.By + " noted", Changes: diff}, nil
}

// site is a console over HTTP, and a browser before it.
type site struct {
	t       *testing.T
	console *console
	desk    *fakeDesk
	root    string
	browser *http.Client
	now     *time.Time
}

func newSite(t *testing.T, change func(*settings)) *site {
	t.Helper()
	file := filepath.Join(t.TempDir(), "users")
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	lines := "# who may what\nann:reviewer:" + string(hash) + "\nolga:operator:" + string(hash) + "\nvera:viewer:" + string(hash) + "\npaul:operator:-\n"
	if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(nil)
	s := settings{UsersFile: file, Session: time.Hour, LinkSignIn: true, ProxyRole: "viewer", TemporalUI: "https://temporal.example.test"}
	s.Console.URL, s.Console.Secret, s.Namespace = "http://"+server.Listener.Addr().String(), secret, "ns"
	if change != nil {
		change(&s)
	}
	at := noon
	c, err := newConsole(s, slog.New(slog.DiscardHandler), func() time.Time { return at })
	if err != nil {
		t.Fatal(err)
	}
	d := newFakeDesk()
	c.open(d)
	server.Config.Handler = c.handler()
	server.Start()
	t.Cleanup(server.Close)
	return &site{t: t, console: c, desk: d, root: server.URL, browser: newBrowser(), now: &at}
}

func newBrowser() *http.Client {
	jar, _ := cookiejar.New(nil)
	return &http.Client{Jar: jar}
}

// page is what a browser shows.
type page struct {
	status int
	path   string
	body   string
	header http.Header
}

func (s *site) do(req *http.Request) page {
	s.t.Helper()
	resp, err := s.browser.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return page{resp.StatusCode, resp.Request.URL.RequestURI(), string(body), resp.Header}
}

func (s *site) request(method, path string, form url.Values) *http.Request {
	s.t.Helper()
	req, err := http.NewRequest(method, s.root+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	return req
}

func (s *site) get(path string) page { return s.do(s.request(http.MethodGet, path, nil)) }
func (s *site) post(path string, pairs ...string) page {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return s.do(s.request(http.MethodPost, path, form))
}

func (s *site) signIn(name string) page {
	return s.post("/sign-in", "name", name, "password", password)
}

func (p page) must(t *testing.T, status int, words ...string) {
	t.Helper()
	if p.status != status {
		t.Errorf("%s is answered %d, want %d\n%s", p.path, p.status, status, p.body)
	}
	for _, w := range words {
		if !strings.Contains(p.body, w) {
			t.Errorf("%s does not say %q\n%s", p.path, w, p.body)
		}
	}
}

func (p page) mustNot(t *testing.T, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(p.body, w) {
			t.Errorf("%s says %q", p.path, w)
		}
	}
}

func TestAReviewerApprovesAHold(t *testing.T) {
	s := newSite(t, nil)
	first := s.get("/process/" + heldID)
	first.must(t, 200, "Sign in", `value="/process/order/main/7"`)
	first.mustNot(t, "1004120", "pat@example.test")
	s.post("/sign-in", "name", "ann", "password", password, "next", "/process/"+heldID).must(t, 200, "<h1>Order 1004120</h1>")
	s.get("/").must(t, 200, "1004120", "fraud-review <b>1</b>", "71.2 %", "explained 1004121")

	p := s.get("/process/" + heldID)
	p.must(t, 200, "Held for fraud review", "71.2 %", "freight forwarder", "×4", "9 Forwarder Way", "1 Main St", "812.50 USD", "&lt;b&gt;Pump&lt;/b&gt;",
		`href="https://temporal.example.test/namespaces/ns/workflows/order%2Fmain%2F7/run-7/history"`, `value="run-7"`)

	s.post("/decide/"+heldID, "run", "run-7", "decision", "approve", "reason", "  ").must(t, 409, "say why")
	if len(s.desk.decisions) != 0 {
		t.Fatal("decided without a reason")
	}
	done := s.post("/decide/"+heldID, "run", "run-7", "decision", "approve", "reason", "called the customer")
	done.must(t, 200, "approve by ann noted", "Nothing is to be decided here")
	if done.path != "/process/"+heldID {
		t.Errorf("after the decision the browser is at %s: a reload would decide again", done.path)
	}
	if want := (workflows.FraudDecision{Decision: "approve", Reviewer: "ann", Reason: "called the customer"}); len(s.desk.decisions) != 1 || s.desk.decisions[0] != want {
		t.Errorf("decided: %+v", s.desk.decisions)
	}
	s.get("/process/"+heldID).mustNot(t, "noted") // the notice is shown once
	s.post("/decide/"+heldID, "run", "run-7", "decision", "reject", "reason", "second thoughts").must(t, 409, "nothing was changed", "not held any more")
}

func TestRolesAreEnforced(t *testing.T) {
	for _, c := range []struct {
		name, path       string
		form             []string
		allowed, refused []string
	}{
		{"read", "", nil, []string{"vera", "ann", "olga"}, nil},
		{"decide a hold", "/decide/" + heldID, []string{"run", "run-7", "decision", "reject", "reason", "x"}, []string{"ann", "olga"}, []string{"vera"}},
		{"resolve", "/resolve/" + parkedID, []string{"run", "run-8", "action", "retry", "reason", "x"}, []string{"olga"}, []string{"vera", "ann"}},
	} {
		for _, name := range append(c.allowed, c.refused...) {
			t.Run(c.name+" by "+name, func(t *testing.T) {
				s := newSite(t, nil)
				s.signIn(name).must(t, 200)
				p := s.get("/process/" + heldID)
				if c.path != "" {
					p = s.post(c.path, c.form...)
				}
				want := http.StatusOK
				for _, r := range c.refused {
					if r == name {
						want = http.StatusForbidden
					}
				}
				p.must(t, want)
				if want == http.StatusForbidden && len(s.desk.decisions)+len(s.desk.resolved) > 0 {
					t.Error("it was done")
				}
			})
		}
	}
	s := newSite(t, nil)
	s.signIn("vera")
	s.get("/process/"+heldID).mustNot(t, `value="approve"`)
	s.browser = newBrowser()
	s.signIn("ann")
	s.get("/process/"+parkedID).mustNot(t, `name="action"`)
}

func TestAnOperatorCorrectsAnOrderAfterSeeingTheDifference(t *testing.T) {
	s := newSite(t, nil)
	s.signIn("olga")
	p := s.get("/process/" + parkedID)
	p.must(t, 200, "no item PUMP-OLD", `value="retry"`, `value="amend"`, `value="cancel"`, "operations.md#unknown-item")
	p.mustNot(t, `value="skip"`)
	form := []string{"run", "run-8", "action", "amend", "reason", "renamed", "corrections", "/lines/0/sku = PUMP\n"}
	s.post("/resolve/"+parkedID, form...).must(t, 200, "This is what it changes", "/lines/0/sku: PUMP-OLD -&gt; PUMP", "renamed")
	if s.desk.previewed != 1 || len(s.desk.resolved) != 0 {
		t.Fatalf("%d previewed, resolved %+v", s.desk.previewed, s.desk.resolved)
	}
	s.post("/resolve/"+parkedID, append(form, "seen", "yes")...).must(t, 200, "amend by olga noted", "PUMP-OLD -&gt; PUMP")
	if len(s.desk.resolved) != 1 || s.desk.resolved[0].By != "olga" || s.desk.resolved[0].Changes["/lines/0/sku"] != "PUMP" {
		t.Errorf("resolved %+v", s.desk.resolved)
	}
	s.post("/resolve/"+parkedID, "run", "run-8", "action", "amend", "reason", "x", "corrections", "sku = PUMP").must(t, 409, "is no correction", "sku = PUMP")
	s.post("/resolve/"+parkedID, "run", "old", "action", "retry", "reason", "x").must(t, 409, "began anew")
}

func TestOtherSitesCannotDecide(t *testing.T) {
	s := newSite(t, nil)
	s.signIn("ann")
	form := url.Values{"run": {"run-7"}, "decision": {"approve"}, "reason": {"x"}}
	for name, header := range map[string][2]string{
		"cross site":               {"Sec-Fetch-Site", "cross-site"},
		"another host of the site": {"Sec-Fetch-Site", "same-site"},
		"an older browser":         {"Origin", "https://evil.example.test"},
	} {
		t.Run(name, func(t *testing.T) {
			req := s.request(http.MethodPost, "/decide/"+heldID, form)
			req.Header.Del("Sec-Fetch-Site")
			req.Header.Set(header[0], header[1])
			s.do(req).must(t, 403, "another site")
		})
	}
	if len(s.desk.decisions) != 0 {
		t.Error("another site decided")
	}
	s.get("/decide/"+heldID+"?run=run-7&decision=approve&reason=x").must(t, 404)
}

func TestPagesCarryTheHeadersThatKeepThemSafe(t *testing.T) {
	s := newSite(t, func(s *settings) { s.Console.URL = "https://desk.example.test" })
	p := s.get("/sign-in")
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
		"Referrer-Policy": "same-origin", "Cache-Control": "no-store", "Strict-Transport-Security": "max-age",
	} {
		if !strings.Contains(p.header.Get(name), want) {
			t.Errorf("%s is %q", name, p.header.Get(name))
		}
	}
	p.mustNot(t, "<script", "style=", "onclick")
	s.browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	cookie := s.signIn("ann").header.Get("Set-Cookie")
	for _, want := range []string{"__Host-cart21-session=", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie lacks %s: %s", want, cookie)
		}
	}
}

func TestWhatDoesNotAnswerIsToldPlainly(t *testing.T) {
	s := newSite(t, nil)
	s.signIn("ann")
	s.get("/process/order/main/99").must(t, 404, "no such order")
	s.desk.err = errors.New("secret detail")
	p := s.get("/process/" + heldID)
	p.must(t, 502, "do not answer")
	p.mustNot(t, "secret detail")
	s.post("/decide/"+heldID, "run", "run-7", "decision", "approve", "reason", "x").must(t, 502, "not known whether")
	s.console.desk.Store(nil)
	s.get("/").must(t, 503, "Temporal is not there yet")
}

func TestTheListIsFilteredAndPaged(t *testing.T) {
	s := newSite(t, nil)
	for i := range 30 {
		s.desk.more = append(s.desk.more, waiting{WorkflowID: "order/main/x", Order: "P" + string(rune('A'+i)), Reason: "p21-rejected", Since: noon.Add(time.Duration(i) * time.Minute)})
	}
	s.signIn("vera")
	s.get("/").must(t, 200, "1 to 25 of 32", "p21-rejected <b>30</b>", "page=2")
	s.get("/?page=2").must(t, 200, "26 to 32 of 32", "page=1")
	s.get("/?page=99").must(t, 200, "26 to 32 of 32")
	only := s.get("/?reason=fraud-review")
	only.must(t, 200, "1 to 1 of 1", "1004120")
	only.mustNot(t, "1004121")
	s.get("/?reason=no-such").must(t, 200, "Nothing waits for no-such")
}

func TestCorrectionsAreParsed(t *testing.T) {
	got, err := parseCorrections("/ship_to/state = OK\r\n\n/lines/0/quantity=7\n/a = x=y\n/b = \"7\"\n")
	if err != nil || got["/ship_to/state"] != "OK" || got["/lines/0/quantity"] != 7.0 || got["/a"] != "x=y" || got["/b"] != "7" {
		t.Errorf("%v, %v", got, err)
	}
	for _, wrong := range []string{"", " \n ", "/a", "a = 1", "/a=1\n/a=2"} {
		if got, err := parseCorrections(wrong); err == nil {
			t.Errorf("%q was taken as %v", wrong, got)
		}
	}
}

func link(t *testing.T, s *site, change func(*signed.Link)) string {
	t.Helper()
	l := signed.Link{WorkflowID: heldID, RunID: "run-7", Decision: "reject", Since: noon.Add(-3 * time.Hour)}
	if change != nil {
		change(&l)
	}
	address, err := s.console.key.Address("", l, noon.Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return address
}

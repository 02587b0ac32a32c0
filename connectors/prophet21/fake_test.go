package prophet21

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// asked is a call as the fake saw it.
type asked struct {
	method, path, raw string
	query             url.Values
	header            http.Header
	body              string
}

// fake is a Prophet 21 of a few bodies: a path answers what it is told to. It
// refuses whatever the contract forbids: a table without $top, `in`, HTTP/2, a
// call without the token or without Accept.
type fake struct {
	*httptest.Server
	t  *testing.T
	mu sync.Mutex
	// on answers a path; tables answers a table of the data services.
	on     map[string]http.HandlerFunc
	tables map[string]func(q url.Values) string
	calls  []asked
	tokens int
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{t: t, on: map[string]http.HandlerFunc{}, tables: map[string]func(url.Values) string{}}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	f.mu.Lock()
	f.calls = append(f.calls, asked{r.Method, r.URL.Path, r.URL.RawQuery, r.URL.Query(), r.Header.Clone(), string(body)})
	on, known := f.on[r.URL.Path]
	f.mu.Unlock()
	if r.ProtoMajor != 1 || r.Header.Get("Accept") != "application/json" {
		f.t.Errorf("%s came by %s with Accept %q", r.URL.Path, r.Proto, r.Header.Get("Accept"))
	}
	if r.URL.Path == "/api/security/token/v2" && !known {
		f.mu.Lock()
		f.tokens++
		n := f.tokens
		f.mu.Unlock()
		fmt.Fprintf(w, `{"AccessToken":"token-%d","ExpiresInSeconds":86400}`, n)
		return
	}
	if r.URL.Path != "/api/security/token/v2" && !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer token-") {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if known {
		on(w, r)
		return
	}
	name, isTable := strings.CutPrefix(r.URL.Path, "/odataservice/odata/table/")
	f.mu.Lock()
	table, there := f.tables[name]
	f.mu.Unlock()
	if !isTable || !there {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	q := r.URL.Query()
	if q.Get("$top") == "" || strings.Contains(q.Get("$filter"), " in (") || strings.Count(q.Get("$filter"), " or ") > 50 {
		f.t.Errorf("table %s was asked %s", name, r.URL.RawQuery)
	}
	answer := table(q)
	if answer == "" {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	io.WriteString(w, answer)
}

// to lists the calls of a path.
func (f *fake) to(path string) []asked {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []asked
	for _, c := range f.calls {
		if c.path == path {
			out = append(out, c)
		}
	}
	return out
}

func (f *fake) table(name string) []asked { return f.to("/odataservice/odata/table/" + name) }

// rows answers a table with these rows, whatever is asked.
func (f *fake) rows(name string, rows ...string) {
	f.tables[name] = func(url.Values) string { return `{"value":[` + strings.Join(rows, ",") + `]}` }
}

func (f *fake) open(change ...func(*Config)) *middleware {
	f.t.Helper()
	cfg := Config{URL: f.URL + "/", API: "middleware", Username: "api", Password: "secret-password", Company: "01", Currency: "USD",
		Location: time.FixedZone("P21", -6*3600), Limits: connectors.Limits{Timeout: 5 * time.Second, BreakAfter: 1000}}
	for _, c := range change {
		c(&cfg)
	}
	erp, err := Open(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		f.t.Fatal(err)
	}
	m, _ := erp.(*middleware)
	return m
}

func transactionRoute(c *Config) { c.OrderRoute = "transaction" }

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// drop breaks the connection after the request was read.
func drop(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.Close()
	}
}

func refusal(kind, message string) string {
	b, _ := json.Marshal(map[string]any{"ErrorType": kind, "ErrorMessage": message, "StackTrace": "at P21.Secret.Place()", "InnerException": nil})
	return string(b)
}

func wantKind(t *testing.T, err error, want connectors.Kind) {
	t.Helper()
	if got := connectors.KindOf(err); got != want {
		t.Errorf("got kind %q (%v), want %q", got, err, want)
	}
	if err != nil && (strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "token-") || strings.Contains(err.Error(), "Secret.Place")) {
		t.Errorf("the error tells a secret or a stack trace: %v", err)
	}
}

const business = "P21.Business.Common.BusinessException"

func webOrder() commerce.SalesOrder {
	return commerce.SalesOrder{
		Reference: "xc-main-4711", PONumber: "WEB-4711", CompanyID: "01", CustomerID: "100123", ContactID: "2001", ShipToID: "100123", LocationID: "010",
		SourceLocationID: "10", Taker: "XCART", OrderDate: "2026-11-23", RequestedDate: "2026-11-24", CarrierID: "5001", PackingBasis: "Partial",
		FreightCode: "PPA", Terms: "NET30", Freight: dec("12.50"), Currency: "USD",
		ShipTo: commerce.Address{Company: "Example Inc", Line1: "1 Main St", City: "Reno", State: "NV", PostalCode: "89501", Country: "US"},
		Lines: []commerce.SalesOrderLine{
			{LineNo: 1, ItemID: "WIDGET-1", Quantity: dec("3"), UOM: "EA", UnitPrice: dec("19.95")},
			{LineNo: 2, ItemID: "WIDGET-1", Quantity: dec("1"), UnitPrice: dec("18"), Extra: map[string]string{"Disposition": "B"}},
		},
		Notes: []commerce.Note{{Topic: "Web", Text: "Paid by card", Class: "WEB"}},
		Extra: map[string]string{"Class1id": "WEB", "WebReferenceNo": "other", "po_no": "other"},
	}
}

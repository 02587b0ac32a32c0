package prophet21

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/cart21/cart21/connectors"
)

func TestTheEnvelopeDecidesAndNotTheStatus(t *testing.T) {
	const page = "<html><body><h1>Server Error</h1></body></html>"
	for name, c := range map[string]struct {
		status      int
		body        string
		write, read connectors.Kind
		says        string
	}{
		"business rule, 500":    {status: 500, body: refusal(business, "Customer is on credit hold"), write: connectors.Rejected, read: connectors.Rejected, says: "credit hold"},
		"business rule, 400":    {status: 400, body: refusal(business, "Item not found at location"), write: connectors.Rejected, read: connectors.Rejected, says: "at location"},
		"business rule, 200":    {status: 200, body: refusal(business, "no"), write: connectors.Rejected, read: connectors.Rejected},
		"P21 exception":         {status: 500, body: refusal("P21.Common.Exceptions.Prophet21Exception", "bad contact"), write: connectors.Rejected, read: connectors.Rejected},
		"business rule in XML":  {status: 500, body: "<Error><ErrorMessage>no</ErrorMessage><ErrorType>" + business + "</ErrorType></Error>", write: connectors.Rejected, read: connectors.Rejected},
		"not found":             {status: 500, body: refusal("P21.Common.Exceptions.NotFoundException", "no such customer"), write: connectors.NotFound, read: connectors.NotFound},
		"not found, 404":        {status: 404, body: refusal("P21.Common.Exceptions.NotFoundException", "x"), write: connectors.NotFound, read: connectors.NotFound},
		"pool":                  {status: 500, body: refusal(business, "Unexpected response window: w_x"), write: connectors.Unavailable, read: connectors.Unavailable},
		"module not licensed":   {status: 500, body: refusal("P21.Common.Exceptions.Prophet21Exception", "Window <<W_ORDER>> is not available or user does not have permission"), write: connectors.Unauthorised, read: connectors.Unauthorised, says: "licensed"},
		"other exception":       {status: 500, body: refusal("System.NullReferenceException", "Object reference"), write: connectors.OutcomeUnknown, read: connectors.Unavailable},
		"500 with a page":       {status: 500, body: page, write: connectors.OutcomeUnknown, read: connectors.Unavailable},
		"500 with nothing":      {status: 500, write: connectors.OutcomeUnknown, read: connectors.Unavailable},
		"502":                   {status: 502, body: page, write: connectors.OutcomeUnknown, read: connectors.Unavailable},
		"503":                   {status: 503, body: page, write: connectors.OutcomeUnknown, read: connectors.Unavailable},
		"504":                   {status: 504, write: connectors.OutcomeUnknown, read: connectors.Unavailable},
		"429":                   {status: 429, write: connectors.RateLimited, read: connectors.RateLimited},
		"403":                   {status: 403, body: `{"error":"insufficient_scope"}`, write: connectors.Unauthorised, read: connectors.Unauthorised, says: "scope"},
		"404 of the web server": {status: 404, body: page, write: connectors.NotFound, read: connectors.NotFound, says: "P21_URL"},
		"400 by its type":       {status: 400, body: refusal("System.FormatException", "bad date"), write: connectors.Rejected, read: connectors.Rejected},
		"200 with a page":       {status: 200, body: page, write: connectors.OutcomeUnknown, read: connectors.Unavailable},
		"200 with nothing":      {status: 200, write: connectors.OutcomeUnknown, read: connectors.Unavailable},
		"200, broken off":       {status: 200, body: `{"CustomerId":10`, write: connectors.OutcomeUnknown, read: connectors.Unavailable},
		"200, another type":     {status: 200, body: `{"OrderNo":true,"CustomerId":[]}`, write: connectors.OutcomeUnknown, read: connectors.Malformed},
		"200 without a number":  {status: 200, body: `{}`, write: connectors.OutcomeUnknown, read: connectors.Malformed},
		"number out of bounds":  {status: 200, body: `{"OrderNo":1e400,"CustomerId":1e400}`, write: connectors.OutcomeUnknown, read: connectors.Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.on["/api/sales/orders/"] = answer(c.status, c.body)
			f.on["/api/entity/customers/01_7"] = answer(c.status, c.body)
			m := f.open()
			_, err := m.CreateOrder(context.Background(), webOrder())
			wantKind(t, err, c.write)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v does not say %q", err, c.says)
			}
			if n := len(f.to("/api/sales/orders/")); n != 1 {
				t.Errorf("the order was sent %d times", n)
			}
			_, err = m.Account(context.Background(), "7")
			wantKind(t, err, c.read)
		})
	}
}

func TestBrokenConnections(t *testing.T) {
	f := newFake(t)
	f.on["/api/sales/orders/"], f.on["/odataservice/odata/table/oe_hdr"] = drop, drop
	m := f.open()
	_, err := m.CreateOrder(context.Background(), webOrder())
	wantKind(t, err, connectors.OutcomeUnknown)
	_, err = m.FindOrders(context.Background(), "xc-main-1")
	wantKind(t, err, connectors.Unavailable)

	// Once the token is there, the server goes: nothing was sent.
	m = f.open()
	if _, err := m.tokens.get(context.Background()); err != nil {
		t.Fatal(err)
	}
	f.Close()
	_, err = m.CreateOrder(context.Background(), webOrder())
	wantKind(t, err, connectors.Unavailable)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = m.CreateOrder(ctx, webOrder())
	wantKind(t, err, connectors.Unavailable)
}

func TestRedirectsKeepTokenAndBody(t *testing.T) {
	f := newFake(t)
	f.on["/api/sales/orders/"] = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "/p21/api/sales/orders/")
		w.WriteHeader(307)
	}
	f.on["/p21/api/sales/orders/"] = func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || r.Header.Get("Authorization") == "" || !strings.Contains(string(body), "xc-main-4711") {
			t.Errorf("redirected: %s %q %s", r.Method, r.Header.Get("Authorization"), body)
		}
		io.WriteString(w, `{"OrderNo":"1000123"}`)
	}
	number, err := f.open().CreateOrder(context.Background(), webOrder())
	if err != nil || number != "1000123" {
		t.Errorf("got %q, %v", number, err)
	}
}

func TestRedirectsGoNowhereElse(t *testing.T) {
	elsewhere := newFake(t)
	for name, c := range map[string]struct {
		status int
		to     string
		want   connectors.Kind
	}{
		"another host":    {307, elsewhere.URL + "/api/sales/orders/", connectors.Malformed},
		"as a GET":        {302, "/login/", connectors.OutcomeUnknown},
		"see other":       {303, "/login/", connectors.OutcomeUnknown},
		"round and round": {307, "/api/sales/orders/", connectors.Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.on["/api/sales/orders/"] = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", c.to)
				w.WriteHeader(c.status)
			}
			_, err := f.open().CreateOrder(context.Background(), webOrder())
			wantKind(t, err, c.want)
			if len(elsewhere.to("/api/sales/orders/")) > 0 || len(f.to("/login/")) > 0 {
				t.Error("it was followed")
			}
		})
	}
}

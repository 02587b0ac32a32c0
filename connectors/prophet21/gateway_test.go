package prophet21

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

func openTestGateway(t *testing.T, on func(w http.ResponseWriter, r *http.Request)) ERP {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v1/token" {
			io.WriteString(w, `{"token":"token-1","expiresIn":3600}`)
			return
		}
		if r.Header.Get("Authorization") != "Bearer token-1" || r.ProtoMajor != 1 {
			t.Errorf("%s by %s with %q", r.URL.Path, r.Proto, r.Header.Get("Authorization"))
		}
		on(w, r)
	}))
	t.Cleanup(server.Close)
	erp, err := Open(Config{URL: server.URL, API: "gateway", Username: "api", Password: "secret-password", Company: "01", Currency: "USD",
		Limits: connectors.Limits{Timeout: 5 * time.Second, BreakAfter: 1000}}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return erp
}

func TestGatewayKinds(t *testing.T) {
	problem := func(code string, retryable bool) string {
		return fmt.Sprintf(`{"error":{"code":%q,"message":"because","retryable":%v}}`, code, retryable)
	}
	for name, c := range map[string]struct {
		status      int
		body        string
		write, read connectors.Kind
	}{
		"validation":    {400, problem("validation", false), connectors.Rejected, connectors.Rejected},
		"business rule": {422, problem("business_rule", false), connectors.Rejected, connectors.Rejected},
		"conflict":      {409, problem("conflict", false), connectors.Conflict, connectors.Conflict},
		"not allowed":   {403, problem("forbidden", false), connectors.Unauthorised, connectors.Unauthorised},
		"rate":          {429, problem("rate_limited", true), connectors.RateLimited, connectors.RateLimited},
		"unavailable":   {503, problem("unavailable", true), connectors.Unavailable, connectors.Unavailable},
		"retryable":     {500, problem("internal", true), connectors.Unavailable, connectors.Unavailable},
		"internal":      {500, problem("internal", false), connectors.OutcomeUnknown, connectors.Unavailable},
		"a page":        {502, "<html>", connectors.OutcomeUnknown, connectors.Unavailable},
		"error of 200":  {200, problem("business_rule", false), connectors.Rejected, connectors.Rejected},
		"broken off":    {201, `{"orderNo":"10`, connectors.OutcomeUnknown, connectors.Unavailable},
		"nothing in it": {201, `{}`, connectors.OutcomeUnknown, connectors.Malformed},
		"not served":    {404, "", connectors.NotFound, connectors.Unauthorised},
	} {
		t.Run(name, func(t *testing.T) {
			g := openTestGateway(t, answer(c.status, c.body))
			_, err := g.CreateOrder(context.Background(), webOrder())
			wantKind(t, err, c.write)
			_, err = g.FindOrders(context.Background(), "xc-main-1")
			wantKind(t, err, c.read)
		})
	}
}

func TestGatewayOrder(t *testing.T) {
	var sent map[string]any
	g := openTestGateway(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost:
			if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
				t.Error(err)
			}
			w.WriteHeader(http.StatusCreated)
			io.WriteString(w, `{"orderNo":1000123}`)
		case r.URL.Path == "/api/v1/ItemMaster":
			io.WriteString(w, `{"items":[{"itemId":"WIDGET-1","units":[{"name":"CS","size":12},{"name":"EA","size":1}]}]}`)
		default:
			io.WriteString(w, `{"items":[{"orderNo":"1000123","webReferenceNo":"xc-main-4711","taker":"XCART","approved":true,"status":"hold","freightOut":12.5,
				"dateModified":"2026-11-23T14:00:00Z","totals":{"tax":3.19},
				"lines":[{"lineNo":1,"itemId":"WIDGET-1","quantity":2,"unitOfMeasure":"CS","unitPrice":19.95,"extendedPrice":39.9,"qtyAllocated":12,"qtyInvoiced":12}]}]}`)
		}
	})
	number, err := g.CreateOrder(context.Background(), webOrder())
	if err != nil || number != "1000123" {
		t.Fatal(number, err)
	}
	if sent["webReferenceNo"] != "xc-main-4711" || sent["customerId"] != 100123.0 || sent["locationId"] != "010" || sent["freightOut"] != 12.5 {
		t.Errorf("sent %v", sent)
	}
	got, err := g.Order(context.Background(), "1000123")
	if err != nil {
		t.Fatal(err)
	}
	line := got.Lines[0]
	if !line.Invoiced.Equal(dec("1")) || !line.Allocated.Equal(dec("1")) || got.Status.Invoiced || !got.Status.Shipped || !got.Status.Allocated || got.Status.OnHold == "" || !got.Tax.Equal(dec("3.19")) {
		t.Errorf("got %+v: quantities come in base units", got)
	}
}

func TestGatewayShipmentsAndAccounts(t *testing.T) {
	g := openTestGateway(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		switch {
		case r.URL.Path == "/api/v1/CustomerMaster" && r.Method == http.MethodPost:
			io.WriteString(w, `{"customerId":100200,"contacts":[{"contactId":"2001","email":"pat@example.test"}],"shipTos":[{"shipToId":100200}]}`)
		case r.URL.Path == "/api/v1/CustomerMaster" && q.Get("email") != "":
			io.WriteString(w, `{"items":[{"customerId":100200,"contacts":[{"contactId":"1","email":"x"},{"contactId":"2001","email":"PAT@example.test"}]}]}`)
		case r.URL.Path == "/api/v1/Shipment" && q.Get("after") == "":
			io.WriteString(w, `{"items":[{"pickTicketNo":300123,"orderNo":"1","trackingNumbers":["1Z1, 1Z2","1Z1"],"shipped":true,"shipDate":"2026-11-23T14:00:00Z","dateModified":"2026-11-23T14:00:00Z",
				"invoiceNo":"4001","invoice":{"total":52.4},"lines":[{"lineNo":1,"itemId":"A","quantity":2}]}],"next":"more"}`)
		default:
			io.WriteString(w, `{"items":[]}`)
		}
	})
	ctx := context.Background()
	page, err := g.ShipmentsChanged(ctx, time.Now(), "")
	if err != nil || page.Next != "more" || len(page.Shipments[0].Tracking) != 2 || !page.Shipments[0].Confirmed {
		t.Errorf("got %+v, %v", page, err)
	}
	if page, err = g.ShipmentsChanged(ctx, time.Now(), "more"); err != nil || page.Next != "" {
		t.Errorf("got %+v, %v", page, err)
	}
	invoices, err := g.Invoices(ctx, "1")
	if err != nil || len(invoices) != 1 || invoices[0].Date != "2026-11-23" || !invoices[0].Total.Equal(dec("52.4")) {
		t.Errorf("got %+v, %v", invoices, err)
	}
	created, err := g.CreateAccount(ctx, newcomer)
	if err != nil || created.CustomerID != "100200" || created.ContactID != "2001" || created.Reference != "xc-main-c3" {
		t.Errorf("got %+v, %v", created, err)
	}
	found, err := g.FindAccounts(ctx, AccountQuery{Reference: "xc-main-c9", Email: "pat@example.test"})
	if err != nil || len(found) != 1 || found[0].ContactID != "2001" {
		t.Errorf("got %+v, %v", found, err)
	}
	_, err = g.Account(ctx, "5")
	wantKind(t, err, connectors.NotFound)
	_, err = g.CreateAccount(ctx, commerce.Account{})
	wantKind(t, err, connectors.Rejected)
}

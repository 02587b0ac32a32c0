package erp

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// site is one ERP behind a real HTTP server, and a client with a token.
type site struct {
	t     *testing.T
	erp   *ERP
	url   string
	token string
}

func dec(text string) decimal.Decimal { return decimal.RequireFromString(text) }

var testNow = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)

func options() Options {
	return Options{
		Now:      func() time.Time { return testNow },
		Offset:   -6 * time.Hour,
		TaxRates: map[string]decimal.Decimal{"NV": dec("0.0825"), "IL": dec("0.0625")},
	}
}

func stocked(o Options) *ERP {
	e := New(o)
	e.AddItem(Item{ID: "WIDGET-1", Desc: "Widget", Price: dec("24.5"), UOMs: []UOM{{"EA", dec("1")}, {"BX", dec("12")}},
		Stock: map[int]decimal.Decimal{10: dec("100"), 20: dec("50")}})
	e.AddItem(Item{ID: `VALVE-1/2"#3`, Desc: "Valve", Price: dec("11.85"), Stock: map[int]decimal.Decimal{10: dec("40"), 20: dec("40")}})
	e.AddItem(Item{ID: "FREIGHT", Desc: "Freight", OtherCharge: true})
	e.AddItem(Item{ID: "OLD", Desc: "No longer sold", Inactive: true})
	return e
}

func open(t *testing.T, o Options) *site { return serve(t, stocked(o)) }

func serve(t *testing.T, e *ERP) *site {
	server := httptest.NewServer(e.Handler())
	t.Cleanup(server.Close)
	s := &site{t: t, erp: e, url: server.URL}
	s.token = s.login()
	return s
}

func (s *site) login() string {
	_, body := s.call("POST", "/api/security/token/v2", `{"username":"api","password":"api"}`)
	return object(s.t, body)["AccessToken"].(string)
}

func (s *site) call(method, path, body string) (int, string) {
	s.t.Helper()
	status, text, err := s.try(method, path, body)
	require.NoError(s.t, err)
	return status, text
}

func (s *site) try(method, path, body string) (int, string, error) {
	request, err := http.NewRequest(method, s.url+path, bytes.NewBufferString(body))
	require.NoError(s.t, err)
	if s.token != "" {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

func (s *site) get(path string) map[string]any {
	s.t.Helper()
	status, body := s.call("GET", path, "")
	require.Equal(s.t, 200, status, body)
	return object(s.t, body)
}

func object(t *testing.T, body string) map[string]any {
	t.Helper()
	var m map[string]any
	require.NoError(t, json.Unmarshal([]byte(body), &m), body)
	return m
}

// orderBody is a good order with parts of it replaced.
func orderBody(replace ...string) string {
	body := `{"CompanyId":"01","CustomerId":100000,"LocationId":10,"SourceLocationId":10,"ContactId":"2000","ShipToId":100000,
 "PoNo":"WEB-1","WebReferenceNo":"xc-1-1","Taker":"XCART","Approved":true,"OrderDate":"2026-11-23T00:00:00","FreightOut":12.50,
 "ShipToAddress1":"1 Main St","ShipToCity":"Reno","OeHdrShip2State":"NV","ZipCode":"89501",
 "Lines":{"list":[{"ItemId":"WIDGET-1","UnitQuantity":3,"UnitPrice":19.95,"ManualPriceOveride":"Y"},
  {"ItemId":"VALVE-1/2\"#3","UnitQuantity":2,"UnitPrice":10,"ManualPriceOveride":"Y"}]}}`
	return strings.NewReplacer(replace...).Replace(body)
}

func (s *site) place(replace ...string) string {
	s.t.Helper()
	status, body := s.call("POST", "/api/sales/orders/", orderBody(replace...))
	require.Equal(s.t, 200, status, body)
	return object(s.t, body)["OrderNo"].(string)
}

// refused posts a bad order and returns how the middleware put it.
func (s *site) refused(replace ...string) (int, string, string) {
	s.t.Helper()
	status, body := s.call("POST", "/api/sales/orders/", orderBody(replace...))
	e := object(s.t, body)
	return status, e["ErrorType"].(string), e["ErrorMessage"].(string)
}

func newServer(t *testing.T, h http.Handler) string {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// oneByte is a body of unknown length.
type oneByte struct{}

func (oneByte) Read(p []byte) (int, error) {
	p[0] = 'x'
	return 1, io.EOF
}

func (oneByte) Close() error { return nil }

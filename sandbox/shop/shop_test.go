package shop

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
)

const (
	writeKey = "write-key"
	readKey  = "read-key"
)

// clock is a time that tests move.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

// rig is a shop with a few goods, served in both interfaces.
type rig struct {
	t        *testing.T
	shop     *Shop
	clock    *clock
	url54    string
	url55    string
	key      string
	lastHead http.Header
}

func newRig(t *testing.T, change ...func(*Options)) *rig {
	t.Helper()
	r := &rig{t: t, clock: &clock{time.Unix(1795450000, 0)}, key: writeKey}
	o := Options{WriteKey: writeKey, ReadKey: readKey, Now: r.clock.Now}
	for _, c := range change {
		c(&o)
	}
	r.shop = New(o)
	r.shop.AddProduct(Product{SKU: "PUMP-12", Name: "Pump 12V", Description: "<p>Pumps.</p>", Price: money("59"), Weight: money("2.6"), Amount: 100, Categories: []string{"Pumps"}})
	r.shop.AddProduct(Product{SKU: "HOSE", Name: "Hose", Price: money("4.99"), Amount: 50})
	r.shop.AddProduct(Product{SKU: "PUMP-12X", Name: "Pump 12V XL", Price: money("99"), Amount: 5})
	r.url54, r.url55 = r.serve(r.shop.Handler54()), r.serve(r.shop.Handler55())
	return r
}

func (r *rig) serve(h http.Handler) string {
	server := httptest.NewServer(h)
	r.t.Cleanup(server.Close)
	return server.URL
}

func money(text string) decimal.Decimal { return decimal.RequireFromString(text) }

func pat() *Address {
	return &Address{FirstName: "Pat", LastName: "Roe", Company: "Roe Bros", Line1: "1 Dock St", Line2: "Suite 4", City: "Edmond", State: "OK",
		Country: "US", Zip: "73003", Phone: "5550100"}
}

// place puts one guest's order of two pumps with freight, tax and a discount.
func (r *rig) place(change ...func(*NewOrder)) Order {
	r.t.Helper()
	n := NewOrder{
		Email: "pat@example.test", Lines: []NewLine{{SKU: "PUMP-12", Quantity: 2, Price: money("59")}},
		Surcharges:    []Surcharge{Freight(money("13.50")), Tax(money("4.02")), Discount(money("5"))},
		Coupons:       []Coupon{{Code: "SAVE5", Value: money("5")}},
		PaymentMethod: "Phone Ordering", PaymentStatus: "P", ShippingMethod: "UPS Ground", Billing: pat(), Shipping: pat(), Notes: "gate code #5", IP: "10.0.0.7",
	}
	for _, c := range change {
		c(&n)
	}
	o, err := r.shop.Place(n)
	if err != nil {
		r.t.Fatal(err)
	}
	return o
}

func (r *rig) do(method, url, kind, body string, header ...string) (int, string) {
	r.t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	r.lastHead = res.Header
	return res.StatusCode, string(text)
}

// raw54 calls the 5.4 addon; path may carry more parameters after &.
func (r *rig) raw54(method, path, body string) (int, string) {
	r.t.Helper()
	return r.do(method, r.url54+"/admin.php?target=RESTAPI&_key="+r.key+"&_path="+path, "application/json", body)
}

// get54 and write54 want 200 and return the decoded answer.
func (r *rig) get54(path string) any { r.t.Helper(); return r.write54(http.MethodGet, path, "") }

func (r *rig) write54(method, path, body string) any {
	r.t.Helper()
	status, text := r.raw54(method, path, body)
	if status != http.StatusOK {
		r.t.Fatalf("%s %s: %d %s", method, path, status, text)
	}
	return decode(r.t, text)
}

func (r *rig) call55(method, path, body string) (int, any) {
	r.t.Helper()
	status, text := r.do(method, r.url55+path, "application/json", body, "X-Auth-Token", r.key)
	if text == "" {
		return status, nil
	}
	return status, decode(r.t, text)
}

func (r *rig) get55(path string) any {
	r.t.Helper()
	status, doc := r.call55(http.MethodGet, path, "")
	if status != http.StatusOK {
		r.t.Fatalf("GET %s: %d %v", path, status, doc)
	}
	return doc
}

func decode(t *testing.T, text string) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("not JSON: %v: %s", err, text)
	}
	return v
}

// at walks a document by keys and indices.
func at(t *testing.T, doc any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, ok := doc.(map[string]any)
			if !ok {
				t.Fatalf("no object at %q in %v", step, doc)
			}
			v, ok := m[step]
			if !ok {
				t.Fatalf("no key %q", step)
			}
			doc = v
		case int:
			l, ok := doc.([]any)
			if !ok || step >= len(l) {
				t.Fatalf("no element %d in %v", step, doc)
			}
			doc = l[step]
		}
	}
	return doc
}

func want(t *testing.T, doc any, expected any, path ...any) {
	t.Helper()
	got := at(t, doc, path...)
	if n, ok := got.(json.Number); ok {
		got = n.String()
	}
	if got != expected {
		t.Errorf("%v: got %#v, want %#v", path, got, expected)
	}
}

func length(t *testing.T, doc any, n int, path ...any) {
	t.Helper()
	list, ok := at(t, doc, path...).([]any)
	if !ok || len(list) != n {
		t.Errorf("%v: want a list of %d: %v", path, n, at(t, doc, path...))
	}
}

// order reads the books.
func (r *rig) order(id int) Order {
	r.t.Helper()
	o, ok := r.shop.Order(id)
	if !ok {
		r.t.Fatalf("no order %d", id)
	}
	return o
}

func (r *rig) amount(sku string) int {
	r.t.Helper()
	p, ok := r.shop.Product(sku)
	if !ok {
		r.t.Fatalf("no product %s", sku)
	}
	return p.Amount
}

// later moves the clock, so that a bump of lastRenewDate shows.
func (r *rig) later() { r.clock.now = r.clock.now.Add(time.Minute) }

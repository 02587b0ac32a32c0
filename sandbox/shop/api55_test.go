package shop

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestTokens55(t *testing.T) {
	r := newRig(t)
	r.place()
	for key, allowed := range map[string][2]int{writeKey: {200, 200}, readKey: {200, 403}, "bad": {401, 401}, "": {401, 401}} {
		r.key = key
		for i, method := range []string{"GET", "PUT"} {
			status, doc := r.call55(method, "/api/orders/1/payment_status", `{"code":"A"}`)
			if status != allowed[i] {
				t.Errorf("%s with %q: %d", method, key, status)
			}
			if status >= 400 {
				at(t, doc, "message")
			}
		}
	}
}

func TestOrder55(t *testing.T) {
	r := newRig(t)
	r.place()
	o := r.get55("/api/orders/1")
	want(t, o, "130.52", "total")
	want(t, o, "118", "sub_total")
	want(t, o, "2026-11-23T16:06:40+0000", "create_date") // no colon
	want(t, o, nil, "customer_id")                        // a guest
	want(t, o, "580", "billing_address", "state")         // a row id
	want(t, o, "Oklahoma", "billing_address", "state_name")
	want(t, o, "Roe Bros", "billing_address", "custom_fields", "company")
	want(t, o, "Suite 4", "billing_address", "custom_fields", "address2")
	want(t, o, "N", "shipping_status", "code")
	want(t, o, "SAVE5", "used_coupons", 0, "code")
	want(t, r.get55("/api/orders/by_number/1"), "1", "id")
}

func TestOrderNumberWithADashCannotBeFetched(t *testing.T) {
	r := newRig(t)
	r.place(func(n *NewOrder) { n.Number = "A-1" })
	if status, _ := r.call55("GET", "/api/orders/by_number/A-1", ""); status != 404 {
		t.Error(status)
	}
}

func TestCollectionsAreBareArraysOrHydra(t *testing.T) {
	r := newRig(t)
	for range 35 {
		r.place()
	}
	length(t, r.get55("/api/orders"), 30)
	length(t, r.get55("/api/orders?page=2"), 5)
	length(t, r.get55("/api/orders?itemsPerPage=1000"), 35)
	length(t, r.get55("/api/orders?page=3"), 0)
	if status, _ := r.call55("GET", "/api/orders?page=0", ""); status != 400 {
		t.Error(status)
	}
	_, text := r.do("GET", r.url55+"/api/orders", "", "", "X-Auth-Token", readKey, "Accept", "application/ld+json")
	doc := decode(t, text)
	want(t, doc, "35", "hydra:totalItems")
	length(t, doc, 30, "hydra:member")
	want(t, doc, "/api/orders?page=2", "hydra:view", "hydra:next")
}

func TestPagesHoldAtMost100(t *testing.T) {
	r := newRig(t)
	for range 105 {
		r.shop.AddProduct(Product{SKU: "X"})
	}
	length(t, r.get55("/api/products?itemsPerPage=1000"), 100)
	length(t, r.get55("/api/products?itemsPerPage=100&page=2"), 8)
	length(t, r.get55("/api/products?sku=HOSE&itemsPerPage=100"), 100) // no filter by SKU
}

func TestOrderFilters55(t *testing.T) {
	r := newRig(t)
	for i := range 3 {
		r.place(func(n *NewOrder) { n.Time = time.Date(2026, 11, 20+i, 12, 0, 0, 0, time.UTC) })
	}
	r.later()
	r.place(func(n *NewOrder) {
		n.Email, n.PaymentStatus, n.Time = "sam@example.test", "A", time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	})
	for query, n := range map[string]int{
		"":                                 4,
		"date[after]=2026-11-21T12:00:00Z": 3,
		"date[strictly_after]=2026-11-21T12:00:00Z":     2,
		"date[before]=2026-11-20T12:00:00%2B0000":       1,
		"date[after]=2026-11-22":                        2,
		"date[after]=2026-11-22T00:00:00+0000":          4, // the + is a space: unparsable, ignored
		"date[after]=rubbish":                           4,
		"paymentStatus.code=A":                          1,
		"paymentStatus.code[]=A&paymentStatus.code[]=P": 4,
		"shippingStatus.code=S":                         0,
		"profile.login=sam":                             1,
		"lastRenewDate[after]=2030-01-01":               4, // unknown in 5.5.0.29
		"nosuch=1":                                      4,
	} {
		length(t, r.get55("/api/orders?"+query), n)
	}
	want(t, r.get55("/api/orders?order[lastRenewDate]=desc&itemsPerPage=1"), "4", 0, "id")
	want(t, r.get55("/api/orders?order[date]=desc"), "4", 0, "id")
}

func TestRenewDateFilterOf551(t *testing.T) {
	r := newRig(t, func(o *Options) { o.RenewDateFilter = true })
	r.place()
	length(t, r.get55("/api/orders?lastRenewDate[after]=2030-01-01"), 0)
}

func TestStatusWrites55(t *testing.T) {
	r := newRig(t)
	r.place()
	if status, doc := r.call55("PUT", "/api/orders/1/shipping_status", `{"code":"S"}`); status != 200 {
		t.Error(status, doc)
	} else {
		want(t, doc, "Shipped", "name")
	}
	for body, wanted := range map[string]int{`{"code":"ZZ"}`: 400, `{"code":"TOOLONG"}`: 422, `{}`: 422, `{"code":5}`: 400, `{`: 400} {
		if status, _ := r.call55("PUT", "/api/orders/1/shipping_status", body); status != wanted {
			t.Errorf("%s: %d", body, status)
		}
		if kind := r.lastHead.Get("Content-Type"); !strings.HasPrefix(kind, "application/problem+json") {
			t.Error(body, kind)
		}
	}
	want(t, r.get55("/api/orders/1/shipping_status"), "S", "code")
	if m := r.shop.Mails(); len(m) != 1 || m[0].Kind != MailShipped {
		t.Error(m)
	}
}

func TestWhat55CannotDo(t *testing.T) {
	r := newRig(t)
	r.place()
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"POST", "/api/orders", 405}, {"PUT", "/api/orders/1", 405}, {"POST", "/api/orders/1/details", 405},
		{"POST", "/api/orders/1/tracking_numbers", 404}, {"GET", "/api/orders/99", 404}, {"GET", "/api/orders/abc", 404}, {"PATCH", "/api/orders/1", 405},
	} {
		if status, _ := r.call55(c.method, c.path, `{"value":"x"}`); status != c.status {
			t.Errorf("%s %s: %d", c.method, c.path, status)
		}
	}
	if status, _ := r.do("PUT", r.url55+"/api/orders/1/payment_status", "text/plain", `{"code":"A"}`, "X-Auth-Token", writeKey); status != 415 {
		t.Error("text/plain:", status)
	}
	if status, _ := r.do("GET", r.url55+"/api/orders", "", "", "X-Auth-Token", writeKey, "Accept", "application/xml"); status != 406 {
		t.Error("xml:", status)
	}
	if _, listed := at(t, r.get55("/api/docs.json"), "paths").(map[string]any)["/api/orders/{id}/tracking_numbers"]; listed {
		t.Error("tracking numbers are listed")
	}
}

func TestTrackingAddon55(t *testing.T) {
	r := newRig(t, func(o *Options) { o.TrackingAddon = true })
	r.place()
	at(t, r.get55("/api/docs.json"), "paths", "/api/orders/{id}/tracking_numbers", "post")
	path := "/api/orders/1/tracking_numbers"
	for range 2 { // the same number again is the same row
		if status, doc := r.call55("POST", path, `{"value":"1Z"}`); status != 201 {
			t.Error(status, doc)
		} else {
			want(t, doc, "1", "id")
		}
	}
	length(t, r.get55(path), 1)
	for p, wanted := range map[string]int{path: 422, "/api/orders/99/tracking_numbers": 400} {
		if status, _ := r.call55("POST", p, `{"value":""}`); status != wanted {
			t.Error(p, status)
		}
	}
	if status, _ := r.call55("DELETE", path+"/1", ""); status != http.StatusNoContent {
		t.Error(status)
	}
	length(t, r.get55(path), 0)
}

func TestTransactionStatusIsTheMethodsName(t *testing.T) {
	r := newRig(t)
	r.place()
	doc := r.get55("/api/orders/1/payment_transactions")
	want(t, doc, "Phone Ordering", 0, "status")
	want(t, doc, "S", 0, "backend_transactions", 0, "status")
	history := r.get55("/api/orders/1/history")
	want(t, history, at(t, history, 0, "code"), 0, "comment") // the other bug
	length(t, r.get55("/api/orders/1/details"), 0)
}

func TestProducts55(t *testing.T) {
	r := newRig(t)
	status, doc := r.call55("PUT", "/api/products/1", `{"amount":5}`)
	if status != 200 {
		t.Fatal(status, doc)
	}
	want(t, doc, "5", "amount")
	want(t, doc, "59", "price") // partial
	for body, wanted := range map[string]int{`{"amount":"5"}`: 400, `{"price":"abc"}`: 400, `{"amount":1.5}`: 400,
		fmt.Sprintf(`{"sku":%q}`, strings.Repeat("X", 33)): 422} {
		if status, _ := r.call55("PUT", "/api/products/1", body); status != wanted {
			t.Errorf("%s: %d", body, status)
		}
	}
	if r.amount("PUMP-12") != 5 {
		t.Error("a refused write changed something")
	}
	if status, doc = r.call55("POST", "/api/products", `{"sku":"NEW","name":"New","price":1.5}`); status != 201 {
		t.Error(status, doc)
	}
	if status, _ = r.call55("DELETE", "/api/products/4", ""); status != 204 {
		t.Error(status)
	}
}

func TestProfiles55(t *testing.T) {
	r := newRig(t)
	kim := r.shop.AddCustomer(Customer{Email: "kim@example.test", Billing: pat()})
	r.place(func(n *NewOrder) { n.CustomerID = kim.ID })
	length(t, r.get55("/api/profiles?login=kim"), 2) // with the order's copy
	want(t, r.get55("/api/profiles/1"), "2026-11-23T16:06:40+00:00", "create_date")
	want(t, r.get55("/api/orders/1"), "1", "customer_id")
	want(t, r.get55("/api/profiles/1/addresses"), "Pat", 0, "firstname")
	if status, _ := r.call55("PUT", "/api/profiles/1/addresses/1", `{"city":"Tulsa"}`); status != 200 {
		t.Error(status)
	}
	want(t, r.get55("/api/profiles/1/addresses/1"), "Tulsa", "city")
	if status, doc := r.call55("POST", "/api/profiles", `{"login":"sam@example.test"}`); status != 201 {
		t.Error(status, doc)
	}
	if status, _ := r.call55("POST", "/api/profiles", `{"status":"E"}`); status != 422 {
		t.Error(status)
	}
}

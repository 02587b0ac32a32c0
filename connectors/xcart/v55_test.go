package xcart

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

func TestOrder55(t *testing.T) {
	got, err := replay(t, "5.5", "55/order.http").Order(t.Context(), "4120")
	if err != nil {
		t.Fatal(err)
	}
	want := commerce.Order{
		Store: "main", ID: "4120", Number: "1004120", Currency: "USD", Total: dec("131.5"),
		PlacedAt: time.Date(2026, 11, 20, 14, 3, 10, 0, time.UTC), UpdatedAt: time.Date(2026, 11, 20, 14, 5, 2, 0, time.UTC),
		Customer: commerce.Customer{ProfileID: "300", Email: "pat@example.test", FirstName: "Pat", LastName: "Roe"},
		BillTo: commerce.Address{FirstName: "Pat", LastName: "Roe", Company: "Roe Marine", Line1: "1 Dock St", Line2: "Pier 4",
			City: "Edmond", State: "Oklahoma", PostalCode: "73003", Country: "US", Phone: "5550100"},
		Lines: []commerce.Line{{ID: "9001", ProductID: "77", SKU: "PUMP-12", Name: "Pump 12V", Quantity: dec("2"), ListPrice: dec("60"), Subtotal: dec("118")}},
		Charges: []commerce.Charge{
			{Kind: commerce.ChargeFreight, Code: "SHIPPING", Name: "Shipping cost", Amount: dec("23.5")},
			{Kind: commerce.ChargeGiftCertificate, Code: "GIFTCERT", Name: "Gift certificate", Amount: dec("-10")},
			{Kind: commerce.ChargePaymentFee, Code: "PAYMENT_FEE", Name: "Fee", Amount: dec("1.25")},
			{Kind: commerce.ChargeDiscount, Code: "DCOUPON", Name: "Coupon", Amount: dec("-1.25")},
			{Kind: commerce.ChargeTax, Code: "CDEV.VAT.1", Name: "VAT", Amount: dec("9.83"), Included: true},
		},
		// The transaction's own status is the method's name in 5.5.0: the backend tells.
		Payments:      []commerce.Payment{{ID: "004120-XY", Method: "Purchase Order", Type: "sale", Status: "W", Amount: dec("131.5"), Currency: "USD"}},
		Coupons:       []string{"SAVE10"},
		PaymentMethod: "Purchase Order", PaymentStatus: "P", ShippingMethod: "UPS Ground", ShippingStatus: "N", Tracking: []string{"1Z0001"},
	}
	if diff := cmp.Diff(want, got); diff != "" || !got.Imbalance().IsZero() {
		t.Error(diff, got.Imbalance())
	}
	shop := serve(t, "5.5", func(w http.ResponseWriter, r *http.Request) {
		body := "{}" // no description
		if r.URL.Path == "/api/orders" {
			body = "[" + included(t, "55", "< order.json") + "]"
		}
		_, _ = w.Write([]byte(body))
	})
	if found := all(t, shop, got.UpdatedAt); found["4120"].Fingerprint != got.Fingerprint() {
		t.Errorf("a list's fingerprint is not the order's: %v", found)
	}
}

func TestReading55Failures(t *testing.T) {
	changed := func(changes string) string { return included(t, "55", "< order.json "+changes) }
	for name, c := range map[string]struct {
		status int
		body   string
		kind   connectors.Kind
		words  string
	}{
		"unknown key":        {401, `{"message": "key ` + secret + ` is unknown"}`, connectors.Unauthorised, "XCART_KEY"},
		"read key":           {403, `{}`, connectors.Unauthorised, "only read"},
		"not there":          {404, `{"detail": "Not Found"}`, connectors.NotFound, "Not Found"},
		"violations":         {422, `{"violations": [{"propertyPath": "code", "message": "too long"}]}`, connectors.Rejected, "code: too long"},
		"quotes the key":     {400, `{"detail": "in X-Auth-Token: ` + secret + `"}`, connectors.Rejected, "***"},
		"error page":         {500, "<html>", connectors.Unavailable, "HTTP 500"},
		"maintenance":        {200, "<html>", connectors.Unavailable, "no JSON"},
		"redirect":           {302, "", connectors.Malformed, "XCART_URL"},
		"null":               {200, "null", connectors.Malformed, "id is missing"},
		"another order":      {200, changed(`{"id": 1}`), connectors.Malformed, "another order"},
		"no id":              {200, changed(`{"id": null}`), connectors.Malformed, "id is missing"},
		"no total":           {200, changed(`{"total": null}`), connectors.Malformed, "total is missing"},
		"no currency":        {200, changed(`{"currency": ""}`), connectors.Malformed, "currency is missing"},
		"no items":           {200, changed(`{"items": null}`), connectors.Malformed, "items is missing"},
		"item without price": {200, changed(`{"items": [{"amount": 1}]}`), connectors.Malformed, "item 1"},
		"wrong type":         {200, changed(`{"items": [{"amount": true}]}`), connectors.Malformed, "items.amount is"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := answering(t, "5.5", c.status, nil, c.body).Order(t.Context(), "4120")
			failing(t, err, c.kind, c.words)
		})
	}
}

func TestWrites55(t *testing.T) {
	shipped := func(ctx context.Context, s Shop) error { return s.SetShippingStatus(ctx, "4120", "S") }
	track := func(ctx context.Context, s Shop) error {
		return s.AddTracking(ctx, "4120", []string{"1Z0001", "1Z0002", "1Z0002"})
	}
	for name, c := range map[string]struct {
		file  string
		call  func(context.Context, Shop) error
		kind  connectors.Kind
		words string
	}{
		"status":                           {"set-status", shipped, "", ""},
		"status already set":               {"set-status-already", shipped, "", ""},
		"reading back catches a lie":       {"set-status-lie", shipped, connectors.Conflict, `status "N"`},
		"unknown status":                   {"set-status-unknown", func(ctx context.Context, s Shop) error { return s.SetShippingStatus(ctx, "4120", "ZZ") }, connectors.Rejected, "Status ZZ is wrong"},
		"maintenance in answer to a write": {"set-status-html", shipped, connectors.OutcomeUnknown, "no JSON"},
		"payment status":                   {"set-payment", func(ctx context.Context, s Shop) error { return s.SetPaymentStatus(ctx, "4120", "R") }, "", ""},
		"tracking":                         {"tracking", track, "", ""},
		"tracking all there":               {"tracking-all-there", func(ctx context.Context, s Shop) error { return s.AddTracking(ctx, "4120", []string{"1Z0001"}) }, "", ""},
		"tracking without the route":       {"tracking-no-way", track, connectors.Unsupported, "addon"},
		"tracking without description":     {"tracking-docs-hidden", track, connectors.Unsupported, "addon"},
		"tracking that was not kept":       {"tracking-lie", track, connectors.Conflict, "1Z0002"},
		"the ERP's number has no place":    {"", func(ctx context.Context, s Shop) error { return s.NoteERPOrder(ctx, "4120", "1") }, connectors.Unsupported, "ErpOrder"},
		"no search by SKU":                 {"", func(ctx context.Context, s Shop) error { _, err := s.ProductsBySKU(ctx, "A"); return err }, connectors.NotFound, "SKU"},
	} {
		t.Run(name, func(t *testing.T) {
			shop := serve(t, "5.5", nil)
			if c.file != "" {
				shop = replay(t, "5.5", "55/"+c.file+".http")
			}
			err := c.call(t.Context(), shop)
			if c.kind == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			failing(t, err, c.kind, c.words)
		})
	}
}

func TestAcknowledge55(t *testing.T) {
	order, err := replay(t, "5.5", "55/acknowledge.http").Acknowledge(t.Context(), "4120", "1000123", to("P"))
	if err != nil || order.ShippingStatus != "P" || len(order.Payments) != 1 || order.PaymentMethod == "" {
		t.Errorf("%+v, %v", order, err)
	}
	order, err = replay(t, "5.5", "55/acknowledge-again.http").Acknowledge(t.Context(), "4120", "1000123", to(""))
	if err != nil || order.ShippingStatus != "N" {
		t.Errorf("%+v, %v", order, err)
	}
}

func TestProbe55(t *testing.T) {
	for file, able := range map[string]bool{"probe-plain": false, "probe-rich": true, "probe-hidden": false} {
		can, err := replay(t, "5.5", "55/"+file+".http").Probe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if can.WriteTracking != able || can.FilterByUpdate != able || can.NoteERPOrder || can.FindBySKU || !can.CanWrite {
			t.Errorf("%s: %+v", file, can)
		}
		told := strings.Join(can.Remarks, "\n")
		if strings.Contains(told, "tracking numbers over its API") == able || strings.Contains(told, "docs.json") != (file == "probe-hidden") {
			t.Errorf("%s: remarks %q", file, can.Remarks)
		}
	}
	_, err := answering(t, "5.5", 401, nil, `{"message": "x"}`).Probe(t.Context())
	failing(t, err, connectors.Unauthorised)
}

func TestChanges55(t *testing.T) {
	for name, c := range map[string]struct {
		want        int
		has, hasNot string
	}{
		"changes-desc":           {101, "400", "399"},
		"changes-unsorted":       {1, "301", "300"}, // the order was ignored: to the very end
		"changes-asc":            {201, "300", ""},  // goes on from the last change; a broken row is told by its id
		"changes-filter-ignored": {2, "3", "1"},     // the description promised a filter
		"changes-small-pages":    {31, "470", "469"},
	} {
		t.Run(name, func(t *testing.T) {
			found := all(t, replay(t, "5.5", "55/"+name+".http"), ten)
			_, has := found[c.has]
			_, hasNot := found[c.hasNot]
			if len(found) != c.want || !has || hasNot {
				t.Errorf("%d orders: %v", len(found), found)
			}
		})
	}
}

func TestCatalogue55(t *testing.T) {
	customer, err := replay(t, "5.5", "55/profile.http").Profile(t.Context(), "300")
	want := commerce.Customer{ProfileID: "300", Email: "pat@example.test", FirstName: "Pat", LastName: "Roe", Membership: "2",
		Addresses: []commerce.Address{{FirstName: "Pat", LastName: "Roe", Line1: "1 Dock St", State: "Oklahoma"}}}
	if diff := cmp.Diff(want, customer); diff != "" || err != nil {
		t.Error(diff, err)
	}
	page, err := replay(t, "5.5", "55/products.http").Products(t.Context(), "2")
	if err != nil || len(page.Products) != 100 || page.Next != "3" {
		t.Errorf("%d products, next %q, %v", len(page.Products), page.Next, err)
	}
	page, err = replay(t, "5.5", "55/products-last.http").Products(t.Context(), "")
	if err != nil || len(page.Products) != 1 || page.Next != "" {
		t.Errorf("%+v, %v", page, err)
	}
	product, err := replay(t, "5.5", "55/product.http").Product(t.Context(), "7")
	if err != nil || !product.Price.Equal(dec("59.9")) || product.UpdatedAt.IsZero() {
		t.Errorf("%+v, %v", product, err)
	}
}

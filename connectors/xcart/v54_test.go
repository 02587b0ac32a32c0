package xcart

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func TestOrder54(t *testing.T) {
	got, err := replay(t, "5.4", "54/order.http").Order(t.Context(), "71")
	if err != nil {
		t.Fatal(err)
	}
	address := commerce.Address{FirstName: "Pat", LastName: "Roe", Phone: "5550100", Line1: "1 Dock St", City: "Tulsa", State: "OK", PostalCode: "74101", Country: "US"}
	want := commerce.Order{
		Store: "main", ID: "71", Number: "100071", Currency: "USD", Total: dec("66.49"), BillTo: address,
		PlacedAt: time.Date(2026, 11, 20, 7, 45, 0, 0, time.UTC), UpdatedAt: time.Date(2026, 11, 21, 15, 56, 14, 0, time.UTC),
		Customer: commerce.Customer{ProfileID: "9", Email: "pat.roe@example.test", FirstName: "Pat", LastName: "Roe", Membership: "Wholesaler"},
		Lines: []commerce.Line{
			// What was charged is the subtotal, not 3 times the list price.
			{ProductID: "42", SKU: "PUMP-12", Name: `Bilge pump <12V> & "hose"`, Quantity: dec("3"), ListPrice: dec("19.99"), Subtotal: dec("44.97"),
				Attributes: map[string]string{"Colour": "red", "Length": "3"}},
			// A deleted product; 14.869999999999999 is float noise.
			{SKU: "OLD-1", Name: "Gone", Quantity: dec("1"), ListPrice: dec("14.87"), Subtotal: dec("14.87")},
		},
		Charges: []commerce.Charge{
			{Kind: commerce.ChargeFreight, Code: "SHIPPING", Name: "UPS Ground", Amount: dec("6")},
			{Kind: commerce.ChargeDiscount, Code: "DISCOUNT", Name: "Discount", Amount: dec("-5.5")},
			{Kind: commerce.ChargeHandling, Code: "HANDLING", Name: "Handling", Amount: dec("2")},
			{Kind: commerce.ChargeTax, Code: "TAX", Name: "Tax", Amount: dec("4.15")},
		},
		Payments:      []commerce.Payment{{ID: "000071-AB12", Method: "PurchaseOrder", Type: "sale", Status: "S", Amount: dec("110.65"), Currency: "USD"}},
		Coupons:       []string{"SAVE10"},
		PaymentMethod: "Purchase Order", PaymentStatus: "P", ShippingMethod: "UPS Ground", ShippingStatus: "N",
		CustomerNote: `gate code #5 & "ring" ü`, StaffNote: "call first", Tracking: []string{"1Z0001"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// The complex subtotal (60.49) is total less shipping, and not the goods.
	if !got.GoodsTotal().Equal(dec("59.84")) || !got.Imbalance().IsZero() {
		t.Errorf("goods %s, imbalance %s", got.GoodsTotal(), got.Imbalance())
	}
}

func TestOrder54ThatDoesNotAddUpIsReadNativelyToo(t *testing.T) {
	got, err := replay(t, "5.4", "54/order-included-tax.http").Order(t.Context(), "71")
	if err != nil {
		t.Fatal(err)
	}
	want := []commerce.Charge{{Kind: commerce.ChargeTax, Code: "VAT", Name: "VAT", Amount: dec("4.15"), Included: true}}
	if diff := cmp.Diff(want, got.Charges); diff != "" || !got.Imbalance().IsZero() {
		t.Error(diff, got.Imbalance())
	}
}

// Fields that are empty make no charge; what they are tells their kind.
func TestChargesFromTheFieldsOfComplex(t *testing.T) {
	var doc order54
	if err := json.Unmarshal([]byte(`{"shippingMethod": "UPS Ground", "shippingCost": 0, "discountValue": "-1.50", "paymentFee": 2.12,
		"otherSurcharges": {"GIFTCERT": {"name": "Gift", "value": -5}, "COD": {"name": "Cash", "value": 3}}, "taxAmount": 0}`), &doc); err != nil {
		t.Fatal(err)
	}
	want := []commerce.Charge{
		{Kind: commerce.ChargeDiscount, Code: "DISCOUNT", Name: "Discount", Amount: dec("-1.5")},
		{Kind: commerce.ChargePaymentFee, Code: "PAYMENTFEE", Name: "Payment fee", Amount: dec("2.12")},
		{Kind: commerce.ChargeOther, Code: "COD", Name: "Cash", Amount: dec("3")},
		{Kind: commerce.ChargeGiftCertificate, Code: "GIFTCERT", Name: "Gift", Amount: dec("-5")},
	}
	if diff := cmp.Diff(want, charges(doc.surcharges(), "USD")); diff != "" {
		t.Error(diff)
	}
}

func TestReading54Failures(t *testing.T) {
	order := included(t, "54", "< order.json")
	changed := func(changes string) string { return included(t, "54", "< order.json "+changes) }
	for name, c := range map[string]struct {
		status int
		header http.Header
		body   string
		kind   connectors.Kind
		words  string
	}{
		"null is not found":             {200, nil, " null\n", connectors.NotFound, "no such record"},
		"another order (1abc is 1)":     {200, nil, changed(`{"orderId": 1}`), connectors.Malformed, "another order"},
		"error page":                    {500, nil, "<script>Error</script>", connectors.Unavailable, "HTTP 500"},
		"maintenance with 200":          {200, nil, "<html>rebuilding</html>", connectors.Unavailable, "no JSON"},
		"maintenance in plain words":    {200, nil, "Site is under maintenance", connectors.Unavailable, "no JSON"},
		"empty":                         {200, nil, "", connectors.Unavailable, "no JSON"},
		"broken off":                    {200, nil, order[:len(order)/2], connectors.Unavailable, "broke off"},
		"no key":                        {403, nil, "", connectors.Unauthorised, "XCART_KEY"},
		"a guard before it":             {401, nil, "", connectors.Unauthorised, "XCART_KEY"},
		"unknown entity":                {404, nil, "", connectors.Rejected, "addon"},
		"refused":                       {400, http.Header{"X-Rest-Error": {"Input data is incorrect, see _key=" + secret}}, "[]", connectors.Rejected, "Input data is incorrect"},
		"redirect is not followed":      {301, http.Header{"Location": {"https://elsewhere.test/"}}, "", connectors.Malformed, "XCART_URL"},
		"wrong type of total":           {200, nil, changed(`{"total": "much"}`), connectors.Malformed, "total is"},
		"total is an object":            {200, nil, changed(`{"total": {}}`), connectors.Malformed, "total is"},
		"empty total":                   {200, nil, changed(`{"total": ""}`), connectors.Malformed, "total is"},
		"total too large for a decimal": {200, nil, changed(`{"total": 1e400}`), connectors.Malformed, "total is"},
		"total of 31 digits":            {200, nil, changed(`{"total": 1.000000000000000000000000000001}`), connectors.Malformed, "total is"},
		"wrong type deep inside":        {200, nil, changed(`{"items": [{"quantity": [], "subtotal": 1}]}`), connectors.Malformed, "items.quantity is"},
		"no id":                         {200, nil, changed(`{"orderId": null}`), connectors.Malformed, "orderId is missing"},
		"no total":                      {200, nil, changed(`{"total": null}`), connectors.Malformed, "total is missing"},
		"no currency":                   {200, nil, changed(`{"currency": null}`), connectors.Malformed, "currency is missing"},
		"no items":                      {200, nil, changed(`{"items": null}`), connectors.Malformed, "items is missing"},
		"no customer":                   {200, nil, changed(`{"customerInfo": null}`), connectors.Malformed, "customerInfo is missing"},
		"item without quantity":         {200, nil, changed(`{"items": [{"subtotal": 1}]}`), connectors.Malformed, "item 1"},
		"a time beyond all":             {200, nil, changed(`{"updateDate": 99999999999999}`), connectors.Malformed, "updateDate is"},
		"a list":                        {200, nil, "[]", connectors.Malformed, "it is a array"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := answering(t, "5.4", c.status, c.header, c.body).Order(t.Context(), "71")
			failing(t, err, c.kind, c.words)
			if strings.Contains(err.Error(), "much") {
				t.Errorf("the value is in the error %q", err)
			}
		})
	}
}

func TestShapesThatPHPMakes54(t *testing.T) {
	for name, c := range map[string]struct {
		changes string
		check   func(commerce.Order) bool
	}{
		"draft":               {`{"orderNumber": null}`, func(o commerce.Order) bool { return o.Number == "" }},
		"ids as text":         {`{"orderId": "71"}`, func(o commerce.Order) bool { return o.ID == "71" }},
		"number of order int": {`{"orderNumber": 100071}`, func(o commerce.Order) bool { return o.Number == "100071" }},
		"amounts as text":     {`{"total": "66.4900"}`, func(o commerce.Order) bool { return o.Total.Equal(dec("66.49")) }},
		"zone without colon":  {`{"updateDate": "2026-11-21T17:56:14+0200"}`, func(o commerce.Order) bool { return o.UpdatedAt.Hour() == 15 }},
		"unix seconds":        {`{"updateDate": 1795449374}`, func(o commerce.Order) bool { return o.UpdatedAt.Unix() == 1795449374 }},
		"no coupon":           {`{"coupon": []}`, func(o commerce.Order) bool { return len(o.Coupons) == 0 }},
		"no items yet":        {`{"items": [], "total": 6.65}`, func(o commerce.Order) bool { return len(o.Lines) == 0 }},
		"guest": {`{"customerInfo": {"profileId": 5, "isAnonymous": true, "login": "g@example.test"}}`, func(o commerce.Order) bool {
			return o.Customer.Guest && o.Customer.ProfileID == "" && o.Customer.Email == "g@example.test"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := answering(t, "5.4", 200, nil, included(t, "54", "< order.json "+c.changes)).Order(t.Context(), "71")
			if err != nil || !c.check(o) {
				t.Errorf("%+v, %v", o, err)
			}
		})
	}
}

func TestNoCallWithAnIDThatIsNone(t *testing.T) {
	for _, api := range []string{"5.4", "5.5"} {
		var calls atomic.Int32
		shop := serve(t, api, func(http.ResponseWriter, *http.Request) { calls.Add(1) })
		for _, id := range []string{"", "0", "-1", "1abc", "abc", "1/2", "1&_method=DELETE", "01", "１", "9999999999999999999"} {
			for name, call := range map[string]func(context.Context) error{
				"order":    func(ctx context.Context) error { _, err := shop.Order(ctx, id); return err },
				"profile":  func(ctx context.Context) error { _, err := shop.Profile(ctx, id); return err },
				"product":  func(ctx context.Context) error { _, err := shop.Product(ctx, id); return err },
				"shipping": func(ctx context.Context) error { return shop.SetShippingStatus(ctx, id, "S") },
				"payment":  func(ctx context.Context) error { return shop.SetPaymentStatus(ctx, id, "P") },
				"tracking": func(ctx context.Context) error { return shop.AddTracking(ctx, id, []string{"1Z"}) },
				"acknowledge": func(ctx context.Context) error {
					_, err := shop.Acknowledge(ctx, id, "1", to("P"))
					return err
				},
			} {
				if err := call(t.Context()); !connectors.Is(err, connectors.Rejected) {
					t.Errorf("%s %s %q: %v", api, name, id, err)
				}
			}
		}
		failing(t, shop.SetShippingStatus(t.Context(), "1", ""), connectors.Rejected, "empty")
		if calls.Load() != 0 {
			t.Errorf("%s: the shop was called %d times", api, calls.Load())
		}
	}
}

func TestProbe54(t *testing.T) {
	for file, writes := range map[string]bool{"54/probe.http": true, "54/probe-read-only.http": false} {
		can, err := replay(t, "5.4", file).Probe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if can.CanWrite != writes || can.WriteTracking != writes || can.NoteERPOrder != writes || !can.FindBySKU || can.FilterByUpdate {
			t.Errorf("%s: %+v", file, can)
		}
		if diff := cmp.Diff([]string{"N", "P", "S"}, can.ShippingStatuses); diff != "" {
			t.Error(diff)
		}
		if told := strings.Contains(strings.Join(can.Remarks, "\n"), "read-only"); told == writes {
			t.Errorf("%s: remarks %q", file, can.Remarks)
		}
	}
}

func TestCatalogue54(t *testing.T) {
	found, err := replay(t, "5.4", "54/products-by-sku.http").ProductsBySKU(t.Context(), "PUMP 1/2")
	if err != nil || len(found) != 2 || found[0].ID != "1" || found[1].ID != "3" {
		t.Errorf("the shop's LIKE search is not narrowed to the SKU: %+v, %v", found, err)
	}
	page, err := replay(t, "5.4", "54/products.http").Products(t.Context(), "100")
	if err != nil || len(page.Products) != 100 || page.Next != "200" {
		t.Errorf("%d products, next %q, %v", len(page.Products), page.Next, err)
	}
	product, err := replay(t, "5.4", "54/product.http").Product(t.Context(), "1")
	if err != nil || !product.Quantity.Equal(dec("12")) || !product.Price.Equal(dec("21.5")) {
		t.Errorf("%+v, %v", product, err)
	}
	customer, err := replay(t, "5.4", "54/profile.http").Profile(t.Context(), "9")
	want := commerce.Customer{ProfileID: "9", Email: "pat.roe@example.test", FirstName: "Pat", LastName: "Roe", Membership: "Wholesaler", Disabled: true,
		Addresses: []commerce.Address{{FirstName: "Pat", Line1: "1 Dock St", City: "Tulsa", State: "OK", Country: "US"}}}
	if diff := cmp.Diff(want, customer); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

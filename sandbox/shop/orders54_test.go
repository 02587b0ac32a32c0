package shop

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const complexList = "order&_schema=complex"

func TestComplexOrderOf54(t *testing.T) {
	r := newRig(t)
	r.place()
	o := r.get54("order/1&_schema=complex")
	want(t, o, "130.52", "total") // 118 + 13.50 + 4.02 - 5
	want(t, o, "13.5", "shippingCost")
	want(t, o, "4.02", "taxAmount")
	want(t, o, "-5", "discountValue")
	want(t, o, "SAVE5", "coupon", 0)
	want(t, o, "P", "paymentStatus")
	want(t, o, "N", "shippingStatus")
	want(t, o, "", "trackingNumber")
	want(t, o, "OK", "billingInfo", "state")
	want(t, o, "1 Dock St", "billingInfo", "address")
	want(t, o, "Roe Bros", "billingInfo", "company")
	want(t, o, "2026-11-23T16:06:40+00:00", "orderDate")
	length(t, o, 0, "otherSurcharges")
	if url := at(t, o, "items", 0, "URL").(string); !strings.HasSuffix(url, "target=product&amp;product_id=1") {
		t.Error(url)
	}
}

func TestComplexSubtotalIsTotalLessFreightWithFloatNoise(t *testing.T) {
	r := newRig(t)
	r.place(func(n *NewOrder) {
		n.Lines = []NewLine{{SKU: "HOSE", Quantity: 1, Price: money("34.99")}}
		n.Surcharges = []Surcharge{Freight(money("3.02"))}
	})
	want(t, r.get54("order/1&_schema=complex"), "34.989999999999995", "subtotal")
	want(t, r.get54("order/1"), "34.99", "subtotal")
}

func TestItemPriceIsTheListPriceNotWhatWasCharged(t *testing.T) {
	r := newRig(t)
	charged := money("44.97")
	r.place(func(n *NewOrder) {
		n.Lines = []NewLine{{SKU: "HOSE", Quantity: 3, Price: money("19.99"), Subtotal: &charged}}
		n.Surcharges = nil
	})
	o := r.get54("order/1&_schema=complex")
	want(t, o, "19.99", "items", 0, "price")
	want(t, o, "44.97", "items", 0, "subtotal")
	want(t, r.get54("order/1"), "14.99", "items", 0, "itemNetPrice")
}

func TestOtherSurchargesAreAListWhenEmptyAndAMapOtherwise(t *testing.T) {
	r := newRig(t)
	r.place(func(n *NewOrder) { n.Surcharges = []Surcharge{Handling("Handling fee", money("1"))} })
	want(t, r.get54("order/1&_schema=complex"), "1", "otherSurcharges", "HANDLING", "value")
}

func TestGuestAndRegisteredCustomerInfo(t *testing.T) {
	r := newRig(t)
	kim := r.shop.AddCustomer(Customer{Email: "kim@example.test", Membership: "Wholesaler", Billing: pat()})
	guest := r.place()
	r.place(func(n *NewOrder) { n.CustomerID, n.Email = kim.ID, "" })
	g, k := r.get54("order/1&_schema=complex"), r.get54("order/2&_schema=complex")
	want(t, g, fmt.Sprint(guest.ProfileID), "customerInfo", "profileId")
	want(t, g, true, "customerInfo", "isAnonymous")
	want(t, k, fmt.Sprint(kim.ID), "customerInfo", "profileId")
	want(t, k, false, "customerInfo", "isAnonymous")
	want(t, k, "Wholesaler", "customerInfo", "membership")
	want(t, r.get54("order/1"), nil, "orig_profile")
	if hash := at(t, r.get54("order/2"), "orig_profile", "password").(string); hash == "" {
		t.Error("native orders show the password hash")
	}
}

func TestNativeListsHaveNoItems(t *testing.T) {
	r := newRig(t)
	r.place()
	first := at(t, r.get54("order"), 0).(map[string]any)
	for _, key := range []string{"items", "paymentStatus", "profile", "events"} {
		if _, there := first[key]; there {
			t.Error(key, "in a native list")
		}
	}
	want(t, first, "1795450000", "date")
}

func TestOrderFilters54(t *testing.T) {
	r := newRig(t)
	for i := range 5 {
		r.place(func(n *NewOrder) { n.Time = time.Unix(int64(1000+10*i), 0) })
	}
	r.place(func(n *NewOrder) { n.Time, n.Email, n.PaymentStatus = time.Unix(2000, 0), "sam.lee@example.test", "Q" })
	for query, n := range map[string]int{
		"":                                                 6,
		"&_cnd[limit][]=1&_cnd[limit][]=2":                 2,
		"&_cnd[limit][]=500&_cnd[limit][]=2":               0,
		"&_cnd[limit][]=0&_cnd[limit][]=0":                 6, // no limit
		"&_cnd[limit][]=-5&_cnd[limit][]=2":                2,
		"&_cnd[limit][]=0&_cnd[limit][]=1000000":           6,
		"&_cnd[date][]=1010&_cnd[date][]=1020":             2, // both ends inclusive
		"&_cnd[date][]=1030":                               3,
		"&_cnd[paymentStatus]=P":                           5,
		"&_cnd[paymentStatus]=4":                           5, // by row id
		"&_cnd[paymentStatus][]=P&_cnd[paymentStatus][]=Q": 6,
		"&_cnd[paymentStatus]=XX":                          0,
		"&_cnd[paymentStatus]=P&_cnd[shippingStatus]=N":    5,
		"&_cnd[email]=sam.lee%40example.test":              1,
		"&_cnd[orderNumber]=3":                             1,
		"&_cnd[orderNumber]=333":                           0,
		"&_cnd[substring]=3":                               1,
		"&_cnd[dateRange]=2019-01-01":                      6, // ignored
		"&_cnd[nosuch]=1":                                  6, // ignored
		"&_cnd[lastRenewDate][]=9999999999":                6, // no such filter
	} {
		length(t, r.get54(complexList+query), n)
		if got := r.lastHead.Get("X-Result-Count"); got != fmt.Sprint(n) {
			t.Errorf("%s: X-Result-Count %s", query, got)
		}
	}
}

func TestProfileFilterIsByTheAccount(t *testing.T) {
	r := newRig(t)
	kim := r.shop.AddCustomer(Customer{Email: "kim@example.test"})
	r.place()
	r.place(func(n *NewOrder) { n.CustomerID = kim.ID })
	length(t, r.get54(fmt.Sprintf("order&_cnd[profileId]=%d", kim.ID)), 1)
}

func TestScalarLimitIsAFatalPage(t *testing.T) {
	r := newRig(t)
	status, body := r.raw54("GET", "product&_cnd[limit]=2", "")
	if status != 500 || !strings.HasPrefix(body, "<script>") {
		t.Error(status, body)
	}
}

func TestOrderBy54(t *testing.T) {
	r := newRig(t)
	for range 3 {
		r.place()
	}
	r.later()
	r.write54("PUT", "order/2", `{"adminNotes":"x"}`)
	want(t, r.get54("order&_cnd[orderBy][]=o.lastRenewDate&_cnd[orderBy][]=desc&_cnd[limit][]=0&_cnd[limit][]=1"), "2", 0, "order_id")
	want(t, r.get54("order&_cnd[orderBy][]=o.order_id&_cnd[orderBy][]=desc"), "3", 0, "order_id")
	status, body := r.raw54("GET", "order&_cnd[orderBy][]=o.nosuch&_cnd[orderBy][]=desc", "")
	if status != 400 || body != "[]" || !strings.Contains(r.lastHead.Get("X-REST-Error"), "no field or association named nosuch") || r.lastHead.Get("X-Result-Count") != "0" {
		t.Error(status, body, r.lastHead)
	}
}

func TestDeletedProductLeavesAnItemWithoutOne(t *testing.T) {
	r := newRig(t)
	r.place()
	r.write54("DELETE", "product/1", "")
	o := r.get54("order/1&_schema=complex")
	want(t, o, nil, "items", 0, "productId")
	want(t, o, nil, "items", 0, "URL")
	want(t, o, "PUMP-12", "items", 0, "sku")
}

func TestDatesFollowTheShopsTimeZone(t *testing.T) {
	r := newRig(t, func(o *Options) { o.TimeZone = time.FixedZone("", -6*3600) })
	r.place()
	want(t, r.get54("order/1&_schema=complex"), "2026-11-23T10:06:40-06:00", "orderDate")
	want(t, r.get55("/api/orders/1"), "2026-11-23T10:06:40-0600", "create_date")
}

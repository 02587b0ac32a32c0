package shop

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// renews tells whether the write moved lastRenewDate.
func (r *rig) renews(id int, method, path, body string) bool {
	r.t.Helper()
	before := r.order(id).Updated
	r.later()
	r.write54(method, path, body)
	return !r.order(id).Updated.Equal(before)
}

func TestWhatMovesLastRenewDate(t *testing.T) {
	r := newRig(t)
	r.place()
	for _, c := range []struct {
		method, path, body string
		moves              bool
	}{
		{"PUT", "order/1", `{"adminNotes":"note"}`, true},
		{"PUT", "order/1", `{"adminNotes":"note"}`, false}, // the same again
		{"PUT", "order/1", `{"total":27.94}`, true},
		{"PUT", "order/1", `{"paymentStatus":{"id":2}}`, true},
		{"PUT", "order/1", `{"shippingStatus":{"code":"P"}}`, true},
		{"PUT", "order/1", `{"shippingStatus":{"id":2}}`, false}, // it is already
		{"PUT", "order/1", `{"details":[{"name":"n","label":"l","value":"v"}]}`, false},
		{"PUT", "order/1", `{"trackingNumbers":[{"value":"1Z"}]}`, false},
		{"POST", "ordertrackingnumber/0", `{"value":"1Z","order":{"order_id":1}}`, false},
		{"POST", "orderdetail/0", `{"name":"n","label":"l","value":"v","order":{"order_id":1}}`, false},
		{"DELETE", "ordertrackingnumber/1", "", false},
	} {
		if got := r.renews(1, c.method, c.path, c.body); got != c.moves {
			t.Errorf("%s %s %s: moved %t", c.method, c.path, c.body, got)
		}
	}
}

func TestScalarStatusIsIgnored(t *testing.T) {
	r := newRig(t)
	r.place()
	r.write54("PUT", "order/1", `{"paymentStatus":"A","shippingStatus":3}`)
	if o := r.order(1); o.PaymentStatus != "P" || o.ShippingStatus != "N" {
		t.Error(o.PaymentStatus, o.ShippingStatus)
	}
}

func TestUnknownStatusIDIsAnsweredButNotStored(t *testing.T) {
	r := newRig(t)
	r.place()
	want(t, r.write54("PUT", "order/1", `{"paymentStatus":{"id":99}}`), "99", "paymentStatus", "id")
	want(t, r.get54("order/1"), "4", "paymentStatus", "id")
}

func TestUnknownStatusCodeRenamesTheRowForTheWholeShop(t *testing.T) {
	r := newRig(t)
	r.place()
	r.place()
	r.write54("PUT", "order/1", `{"paymentStatus":{"code":"ZZ"}}`)
	if got := r.order(2).PaymentStatus; got != "ZZ" {
		t.Error("the other order's status is", got)
	}
	want(t, r.get54("order-status-payment"), "ZZ", 3, "code")
	if n := len(r.order(1).StatusChanges); n != 0 {
		t.Error("a renaming is no change of status:", n)
	}
	want(t, r.write54("PUT", "order-status-payment/4", `{"code":"P"}`), "P", "code")
	if got := r.order(2).PaymentStatus; got != "P" {
		t.Error("repaired to", got)
	}
}

func TestKnownStatusCodeWorks(t *testing.T) {
	r := newRig(t)
	r.place()
	want(t, r.write54("PUT", "order/1", `{"paymentStatus":{"code":"A"}}`), "2", "paymentStatus", "id")
	want(t, r.get54("order-status-payment"), "P", 3, "code")
}

func TestBothStatusesAndNotesInOneWrite(t *testing.T) {
	r := newRig(t)
	r.place()
	r.write54("PUT", "order/1", `{"paymentStatus":{"id":2},"shippingStatus":{"id":2},"adminNotes":"both"}`)
	if o := r.order(1); o.PaymentStatus != "A" || o.ShippingStatus != "P" || o.AdminNotes != "both" {
		t.Errorf("%+v", o)
	}
}

func TestStatusChangeIsInTheHistoryByName(t *testing.T) {
	r := newRig(t)
	r.place()
	r.write54("PUT", "order/1", `{"shippingStatus":{"id":3}}`)
	events := at(t, r.get54("order/1"), "events").([]any)
	i := slices.IndexFunc(events, func(e any) bool { return at(t, e, "code") == "CHANGE SHIPPING STATUS ORDER" })
	if i < 0 {
		t.Fatal(events)
	}
	want(t, events[i], "New", "data", "oldStatus")
	want(t, events[i], "Shipped", "data", "newStatus")
	want(t, events[i], "REST API", "authorName")
}

func TestShippedMailCarriesTheTrackingOfThatMoment(t *testing.T) {
	r := newRig(t)
	r.place()
	r.place()
	r.write54("POST", "ordertrackingnumber/0", `{"value":"1Z-A","order":{"order_id":1}}`)
	r.write54("POST", "ordertrackingnumber/0", `{"value":"1Z-B","order":{"order_id":1}}`)
	r.write54("PUT", "order/1", `{"shippingStatus":{"id":3}}`)
	r.write54("PUT", "order/1", `{"shippingStatus":{"id":3}}`) // no second mail
	r.write54("PUT", "order/2", `{"shippingStatus":{"id":3}}`)
	r.write54("POST", "ordertrackingnumber/0", `{"value":"1Z-C","order":{"order_id":2}}`) // too late
	var shipped []Mail
	for _, m := range r.shop.Mails() {
		if m.Kind == MailShipped {
			shipped = append(shipped, m)
		}
	}
	if len(shipped) != 2 || !slices.Equal(shipped[0].Tracking, []string{"1Z-A", "1Z-B"}) || shipped[1].Tracking != nil || shipped[0].To != "pat@example.test" {
		t.Errorf("%+v", shipped)
	}
}

func TestCancelReturnsStockAndUncancelTakesItAgain(t *testing.T) {
	r := newRig(t)
	r.place()
	for _, c := range []struct {
		body   string
		amount int
		stock  string
	}{
		{`{"notes":"x"}`, 98, "reduced"},
		{`{"paymentStatus":{"id":6}}`, 100, "increased"}, // cancelled
		{`{"paymentStatus":{"id":4}}`, 98, "reduced"},    // paid after all
		{`{"shippingStatus":{"id":3}}`, 98, "reduced"},
		{`{"paymentStatus":{"id":7}}`, 98, "reduced"},     // refunded, goods still out
		{`{"shippingStatus":{"id":6}}`, 100, "increased"}, // returned
	} {
		r.write54("PUT", "order/1", c.body)
		if got := r.amount("PUMP-12"); got != c.amount || r.order(1).StockStatus != c.stock {
			t.Errorf("%s: %d %s", c.body, got, r.order(1).StockStatus)
		}
	}
}

func TestChildRowForAnUnknownOrderCreatesABlankOneThatBreaksLists(t *testing.T) {
	for path, body := range map[string]string{
		"ordertrackingnumber/0": `{"value":"1Z","order":{"order_id":99999}}`,
		"orderdetail/0":         `{"name":"n","label":"l","value":"v","order":{"order_id":99999}}`,
	} {
		r := newRig(t)
		r.place()
		want(t, r.write54("POST", path, body), "2", "order", "order_id")
		want(t, r.get54("order/2"), nil, "orderNumber")
		for _, broken := range []string{"order/2&_schema=complex", complexList} {
			status, page := r.raw54("GET", broken, "")
			if status != http.StatusInternalServerError || !strings.HasPrefix(page, "<script>") {
				t.Error(broken, status, page)
			}
		}
		length(t, r.get54(complexList+"&_cnd[limit][]=0&_cnd[limit][]=1"), 1) // lists without it work
		if r.write54("DELETE", "order/2", "") != true {
			t.Error("not deleted")
		}
		length(t, r.get54(complexList), 1)
	}
}

func TestTrackingNumbers54(t *testing.T) {
	r := newRig(t)
	r.place()
	r.place()
	r.write54("POST", "ordertrackingnumber/0", `{"value":"1Z","order":{"order_id":2}}`)
	r.write54("POST", "ordertrackingnumber/0", `{"value":"1Z","order":{"order_id":2}}`) // duplicates are kept
	r.write54("PUT", "order/1", `{"trackingNumbers":[{"value":"N"}]}`)
	r.write54("POST", "ordertrackingnumber/0", `{"value":"B","order":{"orderNumber":"2"}}`)
	want(t, r.write54("POST", "ordertrackingnumber/0", `{"value":"orphan"}`), nil, "order")
	length(t, r.get54("ordertrackingnumber&_cnd[orderId]=2"), 3)
	length(t, r.get54("ordertrackingnumber&_cnd[orderId]=77"), 0)
	all := r.get54("ordertrackingnumber")
	length(t, all, 5)
	if _, shown := at(t, all, 0).(map[string]any)["order"]; shown {
		t.Error("rows of a list do not show their order")
	}
	want(t, r.get54("order/2&_schema=complex"), "1Z", "trackingNumber")
	if r.write54("DELETE", "ordertrackingnumber/1", "") != true || len(r.order(2).TrackingNumbers) != 2 {
		t.Error("not deleted")
	}
}

func TestDetails54(t *testing.T) {
	r := newRig(t)
	r.place()
	r.write54("POST", "orderdetail/0", `{"name":"p21_order_no","label":"P21 order","value":"1","order":{"order_id":1}}`)
	r.write54("PUT", "order/1", `{"details":[{"name":"p21_order_no","label":"P21 order","value":"2"}]}`) // appends
	want(t, r.write54("PUT", "orderdetail/1", `{"value":"1-A"}`), "1-A", "value")
	want(t, r.write54("POST", "orderdetail", `[{"name":"a","label":"b","value":"c","order":{"order_id":1}}]`), "3", 0, "detail_id")
	length(t, r.get54("orderdetail"), 3)
	complexDetails := at(t, r.get54("order/1&_schema=complex"), "details")
	want(t, complexDetails, "1", 0, "code") // the row id
	if _, shown := at(t, complexDetails, 0).(map[string]any)["name"]; shown {
		t.Error("the complex schema does not show a detail's name")
	}
	r.write54("DELETE", "order/1", "")
	length(t, r.get54("orderdetail"), 0)
}

func TestBulkPutDropsUnknownIDs(t *testing.T) {
	r := newRig(t)
	r.place()
	doc := r.write54("PUT", "order", `[{"order_id":1,"adminNotes":"bulk"},{"order_id":99999,"adminNotes":"none"}]`)
	length(t, doc, 1)
	want(t, doc, "bulk", 0, "adminNotes")
}

func TestOrderNumbersAreNotUnique(t *testing.T) {
	r := newRig(t)
	r.place()
	r.place()
	r.write54("PUT", "order/2", `{"orderNumber":"1"}`)
	length(t, r.get54("order&_cnd[orderNumber]=1"), 2)
}

func TestPostedOrderComputesNothing(t *testing.T) {
	r := newRig(t)
	kim := r.shop.AddCustomer(Customer{Email: "kim@example.test", Billing: pat()})
	r.write54("POST", "order/0", `{"orderNumber":"1001","currency":{"code":"USD"},"paymentStatus":{"code":"P"},"shippingStatus":{"code":"N"},
		"profile":{"profile_id":1},"orig_profile":{"profile_id":1},"subtotal":24.68,"total":26.94,
		"items":[{"name":"other","sku":"PUMP-12","price":12.34,"amount":2,"subtotal":24.68,"total":24.68,"object":{"product_id":1}}],
		"surcharges":[{"type":"shipping","code":"SHIPPING","include":false,"available":true,"value":3,"name":"Shipping cost"}]}`)
	r.write54("POST", "order-surcharge/0", `{"type":"handling","code":"HANDLING","include":false,"available":true,"value":1.0,"name":"Handling","owner":{"order_id":1}}`)
	r.write54("POST", "cdev-coupons-usedcoupon/0", `{"code":"SAVE10","value":2.5,"type":"$","order":{"order_id":1}}`)
	o := r.get54("order/1&_schema=complex")
	want(t, o, "26.94", "total")
	want(t, o, "Pump 12V", "items", 0, "name") // the product's
	want(t, o, "1", "otherSurcharges", "HANDLING", "value")
	want(t, o, "SAVE10", "coupon", 0)
	want(t, o, "kim@example.test", "customerInfo", "login")
	if r.amount("PUMP-12") != 100 || r.order(1).StockStatus != "" || kim.ID != 1 {
		t.Error("stock was taken")
	}
}

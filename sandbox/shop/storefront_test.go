package shop

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/sandbox/faults"
)

func TestPlaceSumsAndTakesStock(t *testing.T) {
	r := newRig(t)
	o := r.place()
	if !o.Subtotal.Equal(money("118")) || !o.Total.Equal(money("130.52")) || !o.Lines[0].Discounted.Equal(money("113")) {
		t.Errorf("%+v", o)
	}
	if r.amount("PUMP-12") != 98 || o.StockStatus != "reduced" || o.Number != "1" {
		t.Error("stock or number", o.StockStatus, o.Number)
	}
}

func TestOrdersThatNeedNotAddUp(t *testing.T) {
	r := newRig(t)
	total := money("-12.34")
	o := r.place(func(n *NewOrder) {
		n.Number, n.Total = "C536379", &total
		n.Lines = []NewLine{{SKU: "D", Name: "Discount", Quantity: -1, Price: money("27.50")}, {SKU: "HOSE", Quantity: 0}, {SKU: "HOSE", Quantity: -3, Price: money("1")}}
	})
	if o.Number != "C536379" || !o.Total.Equal(total) || o.Lines[0].ProductID != 0 || r.amount("HOSE") != 53 {
		t.Errorf("%+v %d", o, r.amount("HOSE"))
	}
	r.get54("order/1&_schema=complex")
	r.get55("/api/orders/1")
}

func TestDraftsTakeNoStockUntilTheyAreFinished(t *testing.T) {
	r := newRig(t)
	o := r.place(func(n *NewOrder) { n.Draft, n.PaymentStatus = true, "Q" })
	if o.ShippingStatus != "NF" || o.Number != "" || r.amount("PUMP-12") != 100 {
		t.Errorf("%+v", o)
	}
	want(t, r.get54("order/1&_schema=complex"), nil, "orderNumber")
	if err := errors.Join(r.shop.SetPaymentStatus(1, "P"), r.shop.SetShippingStatus(1, "N")); err != nil {
		t.Fatal(err)
	}
	if o = r.order(1); o.Number != "1" || r.amount("PUMP-12") != 98 {
		t.Errorf("%+v", o)
	}
}

func TestPlaceRefusesWhatMakesNoSense(t *testing.T) {
	r := newRig(t)
	for _, n := range []NewOrder{{}, {CustomerID: 7}, {Email: "a@example.test", PaymentStatus: "ZZ"}} {
		if _, err := r.shop.Place(n); err == nil {
			t.Errorf("%+v was placed", n)
		}
	}
	if r.shop.Cancel(1) == nil || r.shop.SetShippingStatus(1, "ZZ") == nil {
		t.Error("no error for a missing order")
	}
}

func TestEditOrderMovesTotalsStockAndLastRenewDate(t *testing.T) {
	r := newRig(t)
	before := r.place()
	r.later()
	notes := "call first"
	if err := r.shop.EditOrder(1, Edit{Lines: []NewLine{{SKU: "PUMP-12", Quantity: 1, Price: money("59")}}, AdminNotes: &notes, Shipping: &Address{City: "Tulsa"}}); err != nil {
		t.Fatal(err)
	}
	o := r.order(1)
	if !o.Total.Equal(money("71.52")) || r.amount("PUMP-12") != 99 || o.Updated.Equal(before.Updated) || o.AdminNotes != notes || o.Shipping.City != "Tulsa" || o.Billing.City != "Edmond" {
		t.Errorf("%+v", o)
	}
}

func TestRefund(t *testing.T) {
	r := newRig(t)
	r.place()
	for _, c := range []struct{ amount, status string }{{"100", "P"}, {"30.52", "R"}} {
		if err := r.shop.Refund(1, money(c.amount)); err != nil || r.order(1).PaymentStatus != c.status {
			t.Error(c, err, r.order(1).PaymentStatus)
		}
	}
}

func TestEventsTellOfPlacedAndChangedOrders(t *testing.T) {
	r := newRig(t)
	var heard []string
	r.shop.OnEvent(func(e Event) {
		_, _ = r.shop.Order(e.OrderID) // a listener may look at the shop
		heard = append(heard, e.Name+" "+e.Number)
	})
	r.place()
	r.write54("PUT", "order/1", `{"paymentStatus":{"id":2},"shippingStatus":{"id":2}}`) // one event
	r.write54("POST", "ordertrackingnumber/0", `{"value":"1Z","order":{"order_id":1}}`) // none
	if !reflect.DeepEqual(heard, []string{"order.placed 1", "order.changed 1"}) {
		t.Error(heard)
	}
}

func TestStateSurvivesARestart(t *testing.T) {
	r := newRig(t)
	r.place()
	r.write54("POST", "ordertrackingnumber/0", `{"value":"1Z","order":{"order_id":1}}`)
	r.write54("PUT", "order/1", `{"shippingStatus":{"id":3}}`)
	var snapshot bytes.Buffer
	if err := r.shop.Save(&snapshot); err != nil {
		t.Fatal(err)
	}
	again := New(Options{WriteKey: writeKey, Now: r.clock.Now})
	if err := again.Load(&snapshot); err != nil {
		t.Fatal(err)
	}
	_, before := r.raw54("GET", "order/1", "")
	r.url54 = r.serve(again.Handler54())
	if _, after := r.raw54("GET", "order/1", ""); after != before {
		t.Errorf("%s\n%s", before, after)
	}
	next, err := again.Place(NewOrder{Email: "sam@example.test"})
	if err != nil || next.ID != 2 || next.Number != "2" || len(again.Mails()) != 1 {
		t.Error(next, err, again.Mails())
	}
	if again.Load(strings.NewReader("{")) == nil {
		t.Error("half a snapshot was loaded")
	}
}

func TestConcurrentUse(t *testing.T) {
	r := newRig(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				if _, err := r.shop.Place(NewOrder{Email: "pat@example.test", Lines: []NewLine{{SKU: "HOSE", Quantity: 0, Price: decimal.Zero}}}); err != nil {
					t.Error(err)
				}
				if res, err := http.Get(r.url54 + "/admin.php?target=RESTAPI&_key=" + readKey + "&_path=order"); err != nil {
					t.Error(err)
				} else {
					_, _ = io.Copy(io.Discard, res.Body)
					_ = res.Body.Close()
				}
			}
		})
	}
	group.Wait()
	if n := len(r.shop.Orders()); n != 160 {
		t.Error(n, "orders")
	}
}

func TestFaults(t *testing.T) {
	var next atomic.Value
	next.Store(faults.Fault{})
	r := newRig(t, func(o *Options) { o.Faults = func(*http.Request) faults.Fault { return next.Load().(faults.Fault) } })
	r.place()
	put := func(fault faults.Fault, notes string) (*http.Response, string, error) {
		next.Store(fault)
		req, _ := http.NewRequest("PUT", r.url54+"/admin.php?target=RESTAPI&_key="+writeKey+"&_path=order/1", strings.NewReader(`{"adminNotes":"`+notes+`"}`))
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return nil, "", err
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		return res, string(body), err
	}
	if _, _, err := put(faults.Fault{Kind: faults.TimeoutAfterCommit}, "committed"); err == nil || r.order(1).AdminNotes != "committed" {
		t.Error("after commit:", err, r.order(1).AdminNotes)
	}
	if _, _, err := put(faults.Fault{Kind: faults.TimeoutBefore}, "never"); err == nil || r.order(1).AdminNotes != "committed" {
		t.Error("before:", err, r.order(1).AdminNotes)
	}
	if res, _, err := put(faults.Status(429, 1500*time.Millisecond), "never"); err != nil || res.StatusCode != 429 || res.Header.Get("Retry-After") != "2" {
		t.Error("status:", res, err)
	}
	if res, body, err := put(faults.Fault{Kind: faults.HTMLPage}, "never"); err != nil || res.StatusCode != 200 || !strings.HasPrefix(body, "<!DOCTYPE") {
		t.Error("html:", res, err)
	}
	if _, body, err := put(faults.Fault{Kind: faults.TruncatedJSON}, "cut"); err != nil || !strings.HasPrefix(body, "{") || strings.HasSuffix(body, "}") || r.order(1).AdminNotes != "cut" {
		t.Error("truncated:", body, err)
	}
	if res, _, err := put(faults.Slow(time.Millisecond), "slow"); err != nil || res.StatusCode != 200 {
		t.Error("slow:", err)
	}
	want := map[string]int{"timeout after commit": 1, "timeout before": 1, "status": 1, "html page": 1, "truncated json": 1, "slow": 1}
	if got := r.shop.FaultCounts(); !reflect.DeepEqual(got, want) {
		t.Error(got)
	}
	if calls := r.shop.Calls(); len(calls) != 1 || calls["PUT order/{id}"] != 6 {
		t.Error(calls)
	}
}

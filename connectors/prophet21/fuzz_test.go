package prophet21

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/cart21/cart21/connectors"
)

// offline is a caller that only decodes.
func offline(t testing.TB) caller {
	cfg := Config{URL: "http://p21.invalid", API: "middleware", Company: "01", Currency: "USD", Location: time.UTC, OrderRoute: "rest"}
	client, err := connectors.NewClient(connectors.Prophet21, connectors.Limits{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return caller{cfg: cfg, client: client, judge: judgeMiddleware}
}

// decoded decodes as an answer of HTTP 200 to a read and to a write, and demands
// that what can't be read is classed, and a write never called undone.
func decoded(t *testing.T, c caller, body []byte, into func() any) {
	for _, write := range []bool{false, true} {
		err := c.decode("decode", write, &connectors.Response{Status: http.StatusOK, Body: body}, into())
		if err == nil {
			continue
		}
		switch kind := connectors.KindOf(err); kind {
		case "":
			t.Errorf("not classed: %v", err)
		case connectors.Malformed:
			if write {
				t.Errorf("a write that was answered is called %s: %v", kind, err)
			}
		}
	}
}

func FuzzOrder(f *testing.F) {
	f.Add([]byte(`{"OrderNo":"1000123","Lines":{"list":[]}}`))
	f.Add([]byte(`{"OrderNo":1e400}`))
	f.Add([]byte(`{"CustomerId":1.0,"CustomerShipTos":{"list":[{"ShipToId":"01"}]},"CustomerContacts":[{"ContactId":7}]}`))
	f.Add([]byte(refusal(business, "no")))
	f.Fuzz(func(t *testing.T, body []byte) {
		c := offline(t)
		decoded(t, c, body, func() any { return &struct{ OrderNo ident }{} })
		decoded(t, c, body, func() any { return &customerDoc{} })
		decoded(t, c, body, func() any { return &list[customerDoc]{} })
	})
}

func FuzzTransactionReply(f *testing.F) {
	f.Add([]byte(passed))
	f.Add([]byte(`{"Messages":["x"],"Summary":{"Succeeded":0,"Failed":1}}`))
	f.Add([]byte(`{"Summary":{"Succeeded":1e9}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		m := &middleware{caller: offline(t)}
		var reply transactionReply
		if err := m.decode("create", true, &connectors.Response{Status: http.StatusOK, Body: body}, &reply); err != nil {
			if connectors.KindOf(err) == "" {
				t.Errorf("not classed: %v", err)
			}
			return
		}
		number, err := m.orderOf("create", reply)
		if (number == "") == (err == nil) || (err != nil && connectors.KindOf(err) == "") {
			t.Errorf("got %q, %v", number, err)
		}
	})
}

func FuzzRows(f *testing.F) {
	f.Add([]byte(`{"value":[{"order_no":"1000123","freight_out":"12.50","date_last_modified":"2026-11-23T08:00:00","approved":"Y"}]}`))
	f.Add([]byte(`{"value":[{"order_no":"1","line_no":1,"inv_mast_uid":5,"unit_quantity":2,"unit_size":1e-30,"qty_ordered":1e15,"extended_price":5,"unit_price":9}]}`))
	f.Add([]byte(`{"value":[{"pick_ticket_no":3,"tracking_no":7,"ship_date":"x"}]}`))
	f.Add([]byte(`{"value":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		m := &middleware{caller: offline(t), items: map[string]string{}}
		decoded(t, m.caller, body, func() any { return &struct{ Value *[]ticketRow }{} })
		decoded(t, m.caller, body, func() any { return &struct{ Value *[]itemRow }{} })
		decoded(t, m.caller, body, func() any { return &struct{ Value *[]map[string]words }{} })
		var doc struct{ Value []headerRow }
		if m.decode("read", false, &connectors.Response{Status: 200, Body: body}, &doc) == nil {
			for _, h := range doc.Value {
				o := m.header(h)
				if h.Modified.raw != "" && o.UpdatedAt.IsZero() {
					t.Errorf("lost the time %q", h.Modified.raw)
				}
			}
		}
		var lines struct{ Value []lineRow }
		if m.decode("read", false, &connectors.Response{Status: 200, Body: body}, &lines) == nil {
			for i := range lines.Value {
				m.items[string(lines.Value[i].ItemUID)] = "known"
			}
			o := m.header(headerRow{})
			for i := range lines.Value {
				_ = lines.Value[i].unitPrice("USD")
			}
			advance(&o.Status, lines.Value)
		}
	})
}

func FuzzToken(f *testing.F) {
	for _, seed := range []string{`{"AccessToken":"abc","ExpiresInSeconds":86400}`, `<T><AccessToken>abc</AccessToken></T>`, "abc", "<html>", "{"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		token, lifetime := parseToken(body)
		if token == "" {
			return
		}
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://p21.invalid", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header = header(token)
		if err := req.Header.Write(io.Discard); err != nil || lifetime <= 0 || lifetime > 24*time.Hour {
			t.Errorf("token %q for %s: %v", token, lifetime, err)
		}
		for _, r := range token {
			if r <= ' ' || r > '~' {
				t.Errorf("token %q would break the header", token)
			}
		}
	})
}

func FuzzMetadata(f *testing.F) {
	f.Add([]byte(metadataOf(nil)))
	f.Add([]byte(`{"$Version":"4.0","P21":{"oe_hdr":{"$Kind":"EntityType","order_no":{}}}}`))
	f.Fuzz(func(t *testing.T, body []byte) { parseMetadata(body) })
}

func FuzzGateway(f *testing.F) {
	f.Add([]byte(`{"items":[{"orderNo":1,"lines":[{"lineNo":1,"itemId":"A","quantity":1e15,"qtyInvoiced":12}],"dateModified":"2026-11-23T14:00:00Z"}],"next":""}`))
	f.Add([]byte(`{"items":[{"pickTicketNo":3,"trackingNumbers":[1,"2"],"shipDate":null}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		g := &gateway{caller: offline(t)}
		g.judge = judgeGateway
		decoded(t, g.caller, body, func() any { return &struct{ Items *[]gatewayCustomer }{} })
		decoded(t, g.caller, body, func() any { return &struct{ Items *[]gatewayItem }{} })
		var orders struct{ Items []gatewayOrder }
		if g.decode("read", false, &connectors.Response{Status: 200, Body: body}, &orders) == nil {
			for _, o := range orders.Items {
				g.canonical(o, nil)
			}
		}
		var shipments struct{ Items []gatewayShipment }
		if g.decode("read", false, &connectors.Response{Status: 200, Body: body}, &shipments) == nil {
			for _, s := range shipments.Items {
				s.shipment()
			}
		}
	})
}

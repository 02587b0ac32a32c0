package xcart

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

// hostile bodies, for every decoder.
var hostile = []string{
	"", "null", "[]", "{}", "<html>", `{"total": 1e400}`, `{"total": 1e999999999}`, `{"total": "-0"}`, `{"updateDate": 253402300800}`,
	`{"updateDate": "9999-12-31T23:59:59-23:00"}`, `{"update_date": "0000-01-01T00:00:00+23:00"}`, `{"items": [null]}`, `[null]`, `[[[[`,
	`{"otherSurcharges": {"A": null}}`, `{"otherSurcharges": {"A": []}}`, `{"coupon": {}}`, `{"details": {"a": 1, "b": {"label": "AVS"}}}`, `{"details": [null, {"label": "cardNumber", "value": "4111111111111111"}]}`,
	`{"data": [{"name": "card_number", "value": 4111111111111111}, {"label": [], "value": "Y"}]}`, `{"custom_fields": []}`,
}

// whole checks that no whole card number comes through, whatever a gateway keeps.
func whole(t *testing.T, s commerce.Screening) {
	t.Helper()
	if n := len(strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return 'd'
		}
		return -1
	}, s.Card)); n > 10 {
		t.Fatalf("%d digits of a card came through", n)
	}
}

// classed checks that an answer, whatever it is, ends in a value or in one of
// the connectors' errors.
func classed(t *testing.T, err error) {
	t.Helper()
	if err != nil && connectors.KindOf(err) == "" {
		t.Fatalf("%v has no kind", err)
	}
}

func bare54(t testing.TB) *shop54 {
	shop, err := Open(Config{API: "5.4", URL: "http://shop.test"}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return shop.(*shop54)
}

func bare55(t testing.TB) *shop55 {
	shop, err := Open(Config{API: "5.5", URL: "http://shop.test"}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return shop.(*shop55)
}

func answer(body string) *connectors.Response {
	return &connectors.Response{Status: http.StatusOK, Header: http.Header{}, Body: []byte(body)}
}

func FuzzOrder54(f *testing.F) {
	s := bare54(f)
	f.Add(asset(f, "54/order.json"))
	for _, body := range hostile {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		var doc order54
		if err := read(s.client, "", false, answer(body), &doc); err != nil {
			classed(t, err)
			return
		}
		order, err := s.canonical("", doc)
		classed(t, err)
		if err == nil && ref(order).ID != order.ID {
			t.Error("the list tells another id")
		}
		whole(t, order.Screening)
		var native native54
		classed(t, read(s.client, "", false, answer(body), &native))
		charges(native.Surcharges, "USD")
	})
}

func FuzzOrder55(f *testing.F) {
	s := bare55(f)
	f.Add(asset(f, "55/order.json"))
	for _, body := range hostile {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		var doc order55
		if err := read(s.client, "", false, answer(body), &doc); err != nil {
			classed(t, err)
			return
		}
		order, err := s.canonical("", doc)
		classed(t, err)
		if err == nil && ref(order).ID != order.ID {
			t.Error("the list tells another id")
		}
		var payment transaction55
		classed(t, read(s.client, "", false, answer(body), &payment))
		payment.canonical("USD")
		var cells commerce.Screening
		screen(&cells, payment.Data)
		whole(t, cells)
	})
}

func FuzzLists(f *testing.F) {
	s54, s55 := bare54(f), bare55(f)
	f.Add("["+asset(f, "54/order.json")+","+asset(f, "55/order.json")+"]", "25/true/7", "asc/2/1795449374")
	for _, body := range hostile {
		f.Add("["+body+"]", body, body)
	}
	f.Fuzz(func(t *testing.T, body, cursor54, cursor55 string) {
		if c, ok := parseCursor54(cursor54); ok {
			if again, ok := parseCursor54(c.String()); !ok || again != c {
				t.Errorf("cursor %q does not survive", cursor54)
			}
		}
		if c, ok := parseCursor55(cursor55); ok {
			if again, ok := parseCursor55(c.String()); !ok || again != c {
				t.Errorf("cursor %q does not survive", cursor55)
			}
		}
		var rows []json.RawMessage
		if err := read(s54.client, "", false, answer(body), &rows); err != nil {
			classed(t, err)
			return
		}
		for _, row := range rows {
			s54.complexRow(row)
			nativeRow(row)
			s55.row(row)
		}
		var products54 []product54
		classed(t, read(s54.client, "", false, answer(body), &products54))
		for _, p := range products54 {
			_, err := s54.product("", p)
			classed(t, err)
		}
		var tracking []trackingNumber
		classed(t, read(s54.client, "", false, answer(body), &tracking))
	})
}

func FuzzEvent(f *testing.F) {
	f.Add(`{"event": "order.placed", "id": 4711, "number": "1004711"}`)
	for _, body := range hostile {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if e, err := ParseEvent([]byte(body)); err == nil && (!isID(e.OrderID) || e.Name == "") {
			t.Errorf("%q became %+v", body, e)
		}
	})
}

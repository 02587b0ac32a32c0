package shop

import (
	"net/http"
	"strings"
	"testing"
)

func TestMissingIDIsNullWith200(t *testing.T) {
	r := newRig(t)
	r.place()
	for _, path := range []string{"order/999", "order/abc", "order/0", "order/", "order/999&_schema=complex", "product/999", "profile/999"} {
		if doc := r.get54(path); doc != nil {
			t.Errorf("%s: %v", path, doc)
		}
		if n := r.lastHead.Get("X-Result-Count"); n != "1" {
			t.Errorf("%s: X-Result-Count %s", path, n)
		}
	}
	if doc := r.write54("PUT", "order/999", `{"notes":"x"}`); doc != nil {
		t.Error("PUT of a missing order:", doc)
	}
	if doc := r.write54("DELETE", "order/999", ""); doc != nil {
		t.Error("DELETE of a missing order:", doc)
	}
}

func TestIDWithSuffixIsTheNumberItBeginsWith(t *testing.T) {
	r := newRig(t)
	r.place()
	want(t, r.get54("order/1abc"), "1", "order_id")
}

func TestOrderNumberInThePathIsNoID(t *testing.T) {
	r := newRig(t)
	r.place(func(n *NewOrder) { n.Number = "C536379" })
	if doc := r.get54("order/536379"); doc != nil {
		t.Error(doc)
	}
}

func TestKeys(t *testing.T) {
	r := newRig(t)
	r.place()
	for key, allowed := range map[string][2]int{writeKey: {200, 200}, readKey: {200, 403}, "bad": {403, 403}, "": {403, 403}} {
		r.key = key
		for i, method := range []string{"GET", "PUT"} {
			status, body := r.raw54(method, "order/1", `{"notes":"`+key+`"}`)
			if status != allowed[i] || status == 403 && body != "" {
				t.Errorf("%s with key %q: %d %q", method, key, status, body)
			}
		}
	}
}

func TestAShopWithoutKeysRefusesEverything(t *testing.T) {
	r := newRig(t, func(o *Options) { o.WriteKey, o.ReadKey = "", "" })
	r.key = ""
	if status, _ := r.raw54("GET", "order/1", ""); status != 403 {
		t.Error(status)
	}
	if status, _ := r.call55("GET", "/api/orders", ""); status != 401 {
		t.Error(status)
	}
}

func TestUnusableBodies(t *testing.T) {
	r := newRig(t)
	r.place()
	for _, body := range []string{`{"adminNotes": `, `{}`, `[]`, `"text"`, `{"a":1} x`} {
		status, text := r.raw54("PUT", "order/1", body)
		if status != 400 || text != "" || r.lastHead.Get("X-REST-Error") != "Input data is incorrect" {
			t.Errorf("%s: %d %q %q", body, status, text, r.lastHead.Get("X-REST-Error"))
		}
		if r.lastHead.Get("X-Result-Count") != "" {
			t.Error("X-Result-Count on a refused body")
		}
	}
	want(t, r.write54("PUT", "order/1", ""), "1", "order_id")
}

func TestContentTypes(t *testing.T) {
	r := newRig(t)
	r.place()
	url := r.url54 + "/admin.php?target=RESTAPI&_key=" + writeKey + "&_path=order/1"
	for _, c := range []struct{ kind, body, notes string }{
		{"application/json; charset=utf-8", `{"adminNotes":"charset"}`, "charset"},
		{"text/plain", `{"adminNotes":"text"}`, "charset"}, // nothing is written
		{"application/x-www-form-urlencoded", "model%5BadminNotes%5D=form+ok", "form ok"},
	} {
		if status, _ := r.do("PUT", url, c.kind, c.body); status != 200 {
			t.Errorf("%s: %d", c.kind, status)
		}
		if got := r.order(1).AdminNotes; got != c.notes {
			t.Errorf("%s: notes %q", c.kind, got)
		}
	}
}

func TestMethodOverrideWorksAndPatchIsAGet(t *testing.T) {
	r := newRig(t)
	r.place()
	url := r.url54 + "/admin.php?target=RESTAPI&_key=" + writeKey + "&_path=order/1"
	r.do("POST", url, "application/json", `{"adminNotes":"override"}`, "X-HTTP-Method-Override", "PUT")
	status, body := r.do("PATCH", url, "application/json", `{"adminNotes":"patched"}`)
	if status != 200 || !strings.Contains(body, `"override"`) || r.order(1).AdminNotes != "override" {
		t.Error(status, body)
	}
}

func TestUnknownEntityIs404AndComplexOfOthersIsFatal(t *testing.T) {
	r := newRig(t)
	for path, wanted := range map[string]int{"nosuchthing/1": 404, "order-detail/0": 404, "": 404, "category&_schema=complex": 500} {
		if status, _ := r.raw54("GET", path, ""); status != wanted {
			t.Errorf("%q: %d", path, status)
		}
	}
	if status, _ := r.raw54("PUT", "order/1&_schema=complex", `{"notes":"x"}`); status != 403 {
		t.Error("complex PUT:", status)
	}
}

func TestHeadersAndETag(t *testing.T) {
	r := newRig(t)
	url := r.url54 + "/admin.php?target=RESTAPI&_key=" + readKey + "&_path=order-status-payment"
	r.do("GET", url, "", "")
	tag := r.lastHead.Get("ETag")
	if len(tag) != 32 || r.lastHead.Get("X-Result-Count") != "7" || r.lastHead.Get("Content-Type") != "application/json;charset=utf-8" {
		t.Error(r.lastHead)
	}
	if status, body := r.do("GET", url, "", "", "If-None-Match", tag); status != http.StatusNotModified || body != "" {
		t.Error(status, body)
	}
	if status, _ := r.do("GET", url, "", "", "Accept", "application/xml"); status != 200 {
		t.Error("Accept is ignored:", status)
	}
}

func TestNonASCIIAndSlashesAreEscaped(t *testing.T) {
	r := newRig(t)
	r.place(func(n *NewOrder) { n.Notes = `a/b ü 日 😀 <b> & "q"` })
	_, body := r.raw54("GET", "order/1", "")
	if !strings.Contains(body, `a\/b \u00fc \u65e5 \ud83d\ude00 <b> & \"q\"`) {
		t.Error(body)
	}
}

func TestCollectionDeleteDeletesEverything(t *testing.T) {
	r := newRig(t)
	r.place()
	r.write54("DELETE", "product", "")
	if n := len(r.shop.Products()); n != 0 {
		t.Error(n, "products left")
	}
	r.write54("DELETE", "order", "")
	if n := len(r.shop.Orders()); n != 0 {
		t.Error(n, "orders left")
	}
}

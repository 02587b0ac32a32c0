package shop

import (
	"embed"
	"encoding/json"
	"fmt"
	"testing"
)

// The fixtures have the shape that X-Cart's answers have, with data of our own.
//
//go:embed testdata
var fixtures embed.FS

func TestShapes(t *testing.T) {
	r := newRig(t)
	kim := r.shop.AddCustomer(Customer{Email: "kim@example.test", Membership: "Wholesaler", Billing: pat(), Shipping: pat()})
	r.place(func(n *NewOrder) { n.CustomerID = kim.ID })
	r.write54("POST", "ordertrackingnumber/0", `{"value":"1Z","order":{"order_id":1}}`)
	r.write54("POST", "orderdetail/0", `{"name":"n","label":"l","value":"v","order":{"order_id":1}}`)
	for name, doc := range map[string]any{
		"order54_complex.json":   r.get54("order/1&_schema=complex"),
		"order54_list.json":      r.get54("order"),
		"order54_native.json":    r.get54("order/1"),
		"product54_complex.json": r.get54("product/1&_schema=complex"),
		"product54_list.json":    r.get54("product&_cnd[sku]=HOSE"),
		"profile54_complex.json": r.get54("profile/1&_schema=complex"),
		"order55.json":           r.get55("/api/orders/1"),
	} {
		t.Run(name, func(t *testing.T) {
			text, err := fixtures.ReadFile("testdata/" + name)
			if err != nil {
				t.Fatal(err)
			}
			sameShape(t, "", decode(t, string(text)), doc)
		})
	}
}

// sameShape wants the same keys and types; of lists the first elements.
func sameShape(t *testing.T, path string, fixture, doc any) {
	t.Helper()
	if a, b := kind(fixture), kind(doc); a != b {
		t.Errorf("%s: %s, want %s", path, b, a)
		return
	}
	switch fixture := fixture.(type) {
	case map[string]any:
		doc := doc.(map[string]any)
		for key, v := range fixture {
			if got, there := doc[key]; there {
				sameShape(t, path+"."+key, v, got)
			} else {
				t.Errorf("%s.%s is missing", path, key)
			}
		}
		for key := range doc {
			if _, there := fixture[key]; !there {
				t.Errorf("%s.%s is too much", path, key)
			}
		}
	case []any:
		if doc := doc.([]any); len(fixture) > 0 && len(doc) > 0 {
			sameShape(t, path+"[]", fixture[0], doc[0])
		} else if len(fixture) != 0 && len(doc) == 0 {
			t.Errorf("%s is empty", path)
		}
	}
}

func kind(v any) string {
	switch v.(type) {
	case json.Number:
		return "number"
	case nil:
		return "null"
	}
	return fmt.Sprintf("%T", v)
}

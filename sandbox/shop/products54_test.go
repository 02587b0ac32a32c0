package shop

import (
	"strings"
	"testing"
)

func TestSKUFilterIsLike(t *testing.T) {
	r := newRig(t)
	for query, n := range map[string]int{"sku=PUMP-12": 2, "SKU=pump-12": 2, "sku=HOSE": 1, "SKU=HOSE%2CPUMP-12": 0, "sku=none": 0, "substring=hose": 1,
		"enabled=1": 3, "inventory=out": 0, "nosuch=1": 3} {
		length(t, r.get54("product&_cnd["+query[:strings.Index(query, "=")]+"]"+query[strings.Index(query, "="):]), n)
	}
}

func TestSeveralProductsMayShareASKU(t *testing.T) {
	r := newRig(t)
	r.write54("POST", "product/0", `{"sku":"HOSE","price":1,"translations":[{"code":"en","name":"dup"}]}`)
	length(t, r.get54("product&_cnd[sku]=HOSE"), 2)
}

func TestProductFieldsAreCastAsPHPDoes(t *testing.T) {
	r := newRig(t)
	long := strings.Repeat("X", 60)
	for _, c := range []struct {
		body, field string
		value       any
	}{
		{`{"amount":17}`, "amount", "17"},
		{`{"amount":"12"}`, "amount", "12"},
		{`{"amount":"7.9"}`, "amount", "7"},
		{`{"amount":"abc"}`, "amount", "0"},
		{`{"amount":-5}`, "amount", "0"},
		{`{"price":21.5}`, "price", "21.5"},
		{`{"price":"abc"}`, "price", "0"},
		{`{"sku":"` + long + `"}`, "sku", long[:32]},
		{`{"sku":null}`, "sku", ""},
		{`{"nosuchfield":"x","amount":6}`, "amount", "6"},
		{`{"enabled":false}`, "enabled", false},
	} {
		want(t, r.write54("PUT", "product/2", c.body), c.value, c.field)
		want(t, r.get54("product/2"), c.value, c.field)
	}
}

func TestProductUpdateDateMovesOnChangeOnly(t *testing.T) {
	r := newRig(t)
	before := at(t, r.get54("product/1"), "updateDate")
	r.later()
	want(t, r.write54("PUT", "product/1", `{"amount":100}`), before.(interface{ String() string }).String(), "updateDate")
	if at(t, r.write54("PUT", "product/1", `{"amount":99}`), "updateDate") == before {
		t.Error("updateDate did not move")
	}
}

func TestTopLevelNameIsIgnored(t *testing.T) {
	r := newRig(t)
	r.write54("PUT", "product/1", `{"name":"New name"}`)
	want(t, r.get54("product/1&_schema=complex"), "Pump 12V", "name")
	r.write54("PUT", "product/1", `{"translations":[{"code":"en","name":"New name"}]}`)
	want(t, r.get54("product/1&_schema=complex"), "New name", "name")
}

func TestPostedProductDefaults(t *testing.T) {
	r := newRig(t)
	p := r.write54("POST", "product/0", `{"price":2,"name":"flat"}`)
	want(t, p, "1000", "amount")
	want(t, p, true, "enabled")
	want(t, p, nil, "sku")
	c := r.get54("product/4&_schema=complex")
	want(t, c, nil, "name")
	length(t, c, 0, "translations") // an empty map is []
	list := r.write54("POST", "product", `[{"sku":"A","amount":3},{"sku":"B","amount":4}]`)
	length(t, list, 2)
	if _, shown := at(t, list, 0).(map[string]any)["translations"]; shown {
		t.Error("bulk answers have no associations")
	}
}

func TestProductsInCategories(t *testing.T) {
	r := newRig(t)
	want(t, r.get54("product/1&_schema=complex"), "Pumps", "categories", 0)
	id := at(t, r.write54("POST", "category/0", `{"enabled":true,"parent":{"category_id":1},"translations":[{"code":"en","name":"Hoses"}]}`), "category_id").(interface{ String() string }).String()
	r.write54("POST", "categoryproducts/0", `{"category":{"category_id":`+id+`},"product":{"product_id":2}}`)
	want(t, r.get54("product/2&_schema=complex"), "Hoses", "categories", 0)
	r.write54("PUT", "product/3", `{"categoryProducts":[{"category":{"category_id":`+id+`}}]}`)
	want(t, r.get54("product/3&_schema=complex"), "Hoses", "categories", 0)
	length(t, r.get54("category"), 2)
}

func TestDeletedProductIsGone(t *testing.T) {
	r := newRig(t)
	if r.write54("DELETE", "product/1", "") != true || r.write54("DELETE", "product/1", "") != nil || r.get54("product/1") != nil {
		t.Error("still there")
	}
}

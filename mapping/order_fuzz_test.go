package mapping

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/cart21/cart21/commerce"
)

// FuzzOrder maps any order document: it is mapped or there are findings, and
// what comes out can be written down.
func FuzzOrder(f *testing.F) {
	example, err := os.ReadFile("testdata/order.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(example))
	for _, seed := range []string{
		`{}`, `{"lines":[{}]}`, `{"currency":"XXX","lines":[{"sku":"A","quantity":"0","subtotal":"1"}],"total":"1"}`,
		`{"lines":[{"sku":"A","quantity":"1e30","subtotal":"1e-30"}]}`, `{"lines":[{"sku":"A","quantity":-1,"subtotal":3}],"charges":[{"kind":"tax","amount":"-9","included":true}]}`,
		`{"ship_to":{"country":"\u0000","state":"\ud800","zip":"'"},"customer":{"email":"@"}}`, `{"total":"1e2147483647","lines":[{"quantity":"1e-2147483648"}]}`,
	} {
		f.Add(seed)
	}
	profile, err := Load("")
	if err != nil {
		f.Fatal(err)
	}
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, document string) {
		var order commerce.Order
		if json.Unmarshal([]byte(document), &order) != nil {
			return
		}
		facts := Facts{Items: map[string]commerce.Item{}}
		for _, id := range profile.Items(order) {
			facts.Items[id] = commerce.Item{ID: id, SellingUnit: "EA"}
		}
		profile.ImportDecision(order, now)
		account := profile.Account(order)
		facts.Account = &account
		sales, findings := profile.MapOrder(order, facts, now)
		if _, err := json.Marshal(sales); err != nil {
			t.Error(err)
		}
		if len(order.Lines) == 0 && Reason(findings) == "" {
			t.Error("an order without lines is mapped")
		}
	})
}

package activities

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"go.temporal.io/sdk/temporal"

	"github.com/cart21/cart21/commerce"
)

// FuzzAmend: whatever a person writes as a correction, the order is corrected or
// the correction is refused, and the order stays the same order.
func FuzzAmend(f *testing.F) {
	for path, value := range map[string]string{
		"/ship_to/state": `"OK"`, "/lines/0/sku": `"WIDGET-1"`, "/lines/0/quantity": `"1e999999999"`, "/lines/-": `{}`, "/lines/99999999999999999999": `1`,
		"": `{}`, "/": `1`, "/id": `"2"`, "/store": `null`, "/lines": `{"0": 1}`, "/lines/0": `[]`, "/~2": `1`, "/ship_to/~1~0": `1`, "/total": `"x"`,
		"/placed_at": `"0000-00-00"`, "/lines/0/attributes/a": `"b"`, "no pointer": `1`, "/charges/0": `{}`,
	} {
		f.Add(path, value)
	}
	order := commerce.Order{
		Store: "main", ID: "1", Number: "1001", Currency: "USD", PlacedAt: time.Unix(1795449374, 0).UTC(), Total: decimal.New(1250, -2),
		ShipTo: commerce.Address{FirstName: "A", State: "NY"},
		Lines:  []commerce.Line{{SKU: "A", Quantity: decimal.New(1, 0), Subtotal: decimal.New(1250, -2), Attributes: map[string]string{"a": "c"}}},
	}
	f.Fuzz(func(t *testing.T, path, value string) {
		var v any
		if json.Unmarshal([]byte(value), &v) != nil {
			return
		}
		out, err := amend(order, Amendment{path: v})
		var refused *temporal.ApplicationError
		switch {
		case err != nil && (!errors.As(err, &refused) || !refused.NonRetryable()):
			t.Errorf("%q: %s is not refused but fails: %v", path, value, err)
		case err != nil:
		case out.Order.Store != order.Store || out.Order.ID != order.ID || len(out.Changes) != 1:
			t.Errorf("%q: %s became %+v", path, value, out)
		default:
			out.Order.Fingerprint()
		}
	})
}

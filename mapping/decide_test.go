package mapping

import (
	"testing"
	"time"

	"github.com/cart21/cart21/commerce"
)

func TestImportDecision(t *testing.T) {
	p := load(t, "import: {methods: {Cheque: when-paid, Test: never}}")
	for name, c := range map[string]struct {
		change func(*commerce.Order)
		at     time.Time
		want   Action
	}{
		"authorised card":            {func(*commerce.Order) {}, now, Import},
		"paid card":                  {func(o *commerce.Order) { o.PaymentStatus = "P" }, now, Import},
		"card without payment":       {func(o *commerce.Order) { o.PaymentStatus = "Q" }, now, Wait},
		"waited for two weeks":       {func(o *commerce.Order) { o.PaymentStatus = "Q" }, now.AddDate(0, 0, 14), GiveUp},
		"cheque only authorised":     {func(o *commerce.Order) { o.PaymentMethod = "Cheque" }, now, Wait},
		"purchase order":             {func(o *commerce.Order) { o.PaymentMethod, o.PaymentStatus = "Purchase Order", "Q" }, now, Import},
		"never by rule":              {func(o *commerce.Order) { o.PaymentMethod = "Test" }, now, Never},
		"cancelled":                  {func(o *commerce.Order) { o.PaymentStatus = "C" }, now, Cancelled},
		"will not deliver":           {func(o *commerce.Order) { o.ShippingStatus = "WND" }, now, Cancelled},
		"held by staff":              {func(o *commerce.Order) { o.ShippingStatus = "WFA" }, now, Wait},
		"a draft has no number":      {func(o *commerce.Order) { o.Number = "" }, now, Wait},
		"a draft by its status":      {func(o *commerce.Order) { o.ShippingStatus = "NF" }, now, Wait},
		"a status of the merchant's": {func(o *commerce.Order) { o.PaymentStatus = "ZZ" }, now, Hold},
	} {
		t.Run(name, func(t *testing.T) {
			o := sample(t)
			c.change(&o)
			if got := p.ImportDecision(o, c.at); got.Action != c.want {
				t.Errorf("got %+v, want %s", got, c.want)
			}
		})
	}
}

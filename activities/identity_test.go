package activities

import (
	"testing"
	"time"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/records"
)

func TestAnOrderIsKnownByNumberAndMomentToo(t *testing.T) {
	placed := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		known   records.OrderRef
		order   commerce.Order
		another bool
	}{
		"never met":                 {records.OrderRef{}, commerce.Order{Number: "7", PlacedAt: placed}, false},
		"the same":                  {records.OrderRef{ShopNumber: "7", PlacedAt: placed}, commerce.Order{Number: "7", PlacedAt: placed}, false},
		"parts of a second":         {records.OrderRef{ShopNumber: "7", PlacedAt: placed.Add(300 * time.Millisecond)}, commerce.Order{Number: "7", PlacedAt: placed}, false},
		"another zone":              {records.OrderRef{ShopNumber: "7", PlacedAt: placed}, commerce.Order{Number: "7", PlacedAt: placed.In(time.FixedZone("", 3600))}, false},
		"of an older version":       {records.OrderRef{ShopNumber: "7"}, commerce.Order{Number: "7", PlacedAt: placed}, false},
		"a draft that got a number": {records.OrderRef{}, commerce.Order{Number: "7", PlacedAt: placed}, false},
		"another number":            {records.OrderRef{ShopNumber: "7"}, commerce.Order{Number: "8", PlacedAt: placed}, true},
		"placed at another time":    {records.OrderRef{ShopNumber: "7", PlacedAt: placed}, commerce.Order{Number: "7", PlacedAt: placed.Add(time.Second)}, true},
		"a draft under a known id":  {records.OrderRef{ShopNumber: "7", PlacedAt: placed}, commerce.Order{PlacedAt: placed}, true},
	} {
		if why := another(c.known, c.order); (why != "") != c.another {
			t.Errorf("%s: %q", name, why)
		}
	}
}

func TestAnOrderOfTheERPThatIsAStrangers(t *testing.T) {
	wanted := commerce.SalesOrder{Reference: "xc-main-7", CustomerID: "100", PONumber: "WEB-7"}
	for name, c := range map[string]struct {
		found    commerce.SalesOrder
		stranger bool
	}{
		"the same":                         {commerce.SalesOrder{CustomerID: "100", PONumber: "web-7 "}, false},
		"what this API does not tell":      {commerce.SalesOrder{}, false},
		"the PO number is the reference":   {commerce.SalesOrder{CustomerID: "100", PONumber: "xc-main-7"}, false},
		"another customer's":               {commerce.SalesOrder{CustomerID: "101", PONumber: "WEB-7"}, true},
		"another order of this customer's": {commerce.SalesOrder{CustomerID: "100", PONumber: "WEB-6"}, true},
	} {
		if why := stranger(wanted, c.found); (why != "") != c.stranger {
			t.Errorf("%s: %q", name, why)
		}
	}
}

func TestASurplusOrderThatWasCancelledDoesNotCount(t *testing.T) {
	live := commerce.SalesOrder{Number: "1"}
	dead := commerce.SalesOrder{Number: "2", Status: commerce.OrderProgress{Cancelled: true}}
	for name, c := range map[string]struct {
		found []commerce.SalesOrder
		want  int
	}{
		"one": {[]commerce.SalesOrder{live}, 1}, "one cancelled": {[]commerce.SalesOrder{dead}, 1},
		"the surplus cancelled": {[]commerce.SalesOrder{dead, live}, 1}, "two live": {[]commerce.SalesOrder{live, live, dead}, 3},
		"all cancelled": {[]commerce.SalesOrder{dead, dead}, 2},
	} {
		if got := only(c.found); len(got) != c.want {
			t.Errorf("%s: %d count", name, len(got))
		}
	}
}

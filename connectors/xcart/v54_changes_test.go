package xcart

import (
	"testing"
	"time"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

var ten = time.Date(2026, 11, 21, 10, 0, 0, 500, time.UTC)

// all reads a list to its end.
func all(t *testing.T, shop Shop, since time.Time) map[string]commerce.OrderRef {
	t.Helper()
	found := map[string]commerce.OrderRef{}
	for cursor, pages := "", 0; ; pages++ {
		page, err := shop.OrdersChanged(t.Context(), since, cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page.Orders {
			found[o.ID] = o
		}
		if cursor = page.Next; cursor == "" {
			return found
		}
		if pages > 10 {
			t.Fatal("the list does not end")
		}
	}
}

func TestChanges54(t *testing.T) {
	for name, c := range map[string]struct {
		want        int
		has, hasNot string
	}{
		"changes":           {27, "126", "127"}, // two pages that overlap by one row
		"changes-stop":      {24, "123", "124"}, // an older row ends it
		"changes-unsorted":  {1, "301", "100"},  // the order was ignored: to the very end
		"changes-no-limit":  {30, "129", ""},    // the limit was ignored: all at once
		"changes-same-page": {25, "124", ""},    // the offset was ignored: no endless list
	} {
		t.Run(name, func(t *testing.T) {
			found := all(t, replay(t, "5.4", "54/"+name+".http"), ten)
			_, has := found[c.has]
			_, hasNot := found[c.hasNot]
			if len(found) != c.want || !has || hasNot {
				t.Errorf("%d orders: %v", len(found), found)
			}
			for _, o := range found {
				if o.Fingerprint == "" || o.ShippingStatus != "N" {
					t.Errorf("%+v", o)
				}
			}
		})
	}
}

func TestOneBrokenOrderDoesNotHideTheOthers(t *testing.T) {
	found := all(t, replay(t, "5.4", "54/changes-broken-list.http"), time.Unix(1795400000, 0))
	if o := found["71"]; len(found) != 1 || o.Number != "100071" || o.UpdatedAt.Unix() != 1795449374 || o.Fingerprint != "" {
		t.Errorf("%v", found)
	}
	found = all(t, replay(t, "5.4", "54/changes-broken-row.http"), ten)
	if o := found["102"]; len(found) != 2 || o.Number != "102" || o.Fingerprint != "" || found["103"].Fingerprint == "" {
		t.Errorf("%v", found)
	}
}

func TestAListsFingerprintIsTheOrders(t *testing.T) {
	order, err := replay(t, "5.4", "54/order.http").Order(t.Context(), "71")
	if err != nil {
		t.Fatal(err)
	}
	shop := answering(t, "5.4", 200, nil, "["+included(t, "54", "< order.json")+"]")
	if found := all(t, shop, ten); found["71"].Fingerprint != order.Fingerprint() {
		t.Errorf("%v and %s", found, order.Fingerprint())
	}
}

func TestForeignCursor(t *testing.T) {
	for _, api := range []string{"5.4", "5.5"} {
		for _, cursor := range []string{"x", "-1/true/", "1/2/3", "desc/0/0", "asc/1/x", "1/true/1abc"} {
			_, err := answering(t, api, 200, nil, "[]").OrdersChanged(t.Context(), ten, cursor)
			failing(t, err, connectors.Rejected, "cursor")
		}
		_, err := answering(t, api, 200, nil, "[]").Products(t.Context(), "-3")
		failing(t, err, connectors.Rejected, "cursor")
	}
}

package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cart21/cart21/sandbox/erp"
	"github.com/cart21/cart21/sandbox/faults"
)

func TestTroubleHitsItsShareOfCallsAndIsRepeatable(t *testing.T) {
	const calls = 4000
	for _, share := range []float64{0, 0.05, 1} {
		one, again := erpTrouble(options{faults: share, seed: 7}), erpTrouble(options{faults: share, seed: 7})
		kinds := map[faults.Kind]int{}
		hit := 0
		for range calls {
			f := one(httptest.NewRequest(http.MethodGet, "/odataservice/odata/view/oe_hdr", nil))
			if f != again(httptest.NewRequest(http.MethodGet, "/odataservice/odata/view/oe_hdr", nil)) {
				t.Fatal("the same seed makes other trouble")
			}
			if f.Kind != faults.None {
				hit++
				kinds[f.Kind]++
			}
		}
		if got := float64(hit) / calls; got < share*.8 || got > share*1.2 {
			t.Errorf("share %v: hit %v", share, got)
		}
		if share > 0 && len(kinds) != 8 { // two of the nine are a status
			t.Errorf("share %v: kinds %v", share, kinds)
		}
	}
}

func TestLinesAreDroppedOnlyWhereAnOrderIsCreated(t *testing.T) {
	for path, creates := range map[string]bool{
		"/api/sales/orders/": true, "/uiserver0/api/v2/transaction": true, "/api/v1/SalesOrder": true, "/api/entity/customers/": false,
	} {
		trouble, dropped := erpTrouble(options{faults: 1, seed: 7}), false
		for range 200 {
			dropped = dropped || trouble(httptest.NewRequest(http.MethodPost, path, nil)).Kind == erp.DropLine
		}
		if dropped != creates {
			t.Errorf("%s: dropped %v", path, dropped)
		}
	}
}

func TestCountsAreListedInOrder(t *testing.T) {
	if got := listed(map[string]int{"status": 3, "slow": 2}); got != "2 slow, 3 status" {
		t.Error(got)
	}
}

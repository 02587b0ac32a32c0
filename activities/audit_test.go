package activities

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/cart21/cart21/records"
)

// TestADecisionIsAuditedOnceAndNamesNobodyElse: the same decision may be
// reported again when a worker died, and the trail holds no personal data.
func TestADecisionIsAuditedOnceAndNamesNobodyElse(t *testing.T) {
	ctx := context.Background()
	store, err := records.Open(ctx, "file:"+filepath.Join(t.TempDir(), "records.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	r := &Records{Store: store}
	first := PersonsDecision{
		Store: "main", Subject: "order/main/1", Action: "amend", By: "Ann", Reason: "typo", About: "unknown-item",
		At: time.Date(2026, 11, 24, 12, 0, 0, 123456789, time.UTC),
		Changes: []string{
			"/lines/0/sku: PUMP-OLD -> PUMP", "/lines/12/quantity: 1 -> 2", "/ship_to/line1: 1 Main St -> 2 Elm St",
			"/customer/email: pat@example.test -> roe@example.test", "/lines/0/attributes/engraving: Pat -> Roe",
		},
	}
	later := first
	later.At = first.At.Add(time.Minute)
	for _, d := range []PersonsDecision{first, first, later} {
		if err := r.RecordDecision(ctx, d); err != nil {
			t.Fatal(err)
		}
	}
	trail, err := store.AuditTrail(ctx, "order/main/1", 10)
	if err != nil || len(trail) != 2 {
		t.Fatalf("%d entries, %v: want the first decision once and the later one", len(trail), err)
	}
	const want = "typo; /lines/0/sku: PUMP-OLD -> PUMP; /lines/12/quantity: 1 -> 2; /ship_to/line1: corrected; " +
		"/customer/email: corrected; /lines/0/attributes/engraving: corrected"
	if e := trail[1]; e.Detail != want || e.Actor != "Ann" || e.Key != "unknown-item" || !e.At.Equal(first.At.Truncate(time.Microsecond)) {
		t.Errorf("the entry is %+v\nwant detail %q", e, want)
	}
}

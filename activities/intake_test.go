package activities

import (
	"context"
	"slices"
	"strconv"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
	"github.com/cart21/cart21/connectors/prophet21"
	"github.com/cart21/cart21/records"
)

// TestCursorsAndClocks is about where a poll looks when clocks are wrong.
func TestCursorsAndClocks(t *testing.T) {
	noon := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	now := noon
	store, err := records.Open(t.Context(), "file::memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	in := &Intake{Records: store, Overlap: 5 * time.Minute, Lookback: 24 * time.Hour, Now: func() time.Time { return now }}
	look := func() position {
		t.Helper()
		p, err := in.position(context.Background(), "orders/main")
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	begins := func(p position, want time.Time) {
		t.Helper()
		if got := in.since(p); !got.Equal(want) {
			t.Errorf("at %s the window begins at %s, want %s", now.Format(time.TimeOnly), got.Format(time.DateTime), want.Format(time.DateTime))
		}
	}
	save := func(p position, until time.Time) {
		t.Helper()
		if err := in.save(context.Background(), "orders/main", &p, until); err != nil {
			t.Fatal(err)
		}
	}

	p := look()
	begins(p, noon.Add(-24*time.Hour-5*time.Minute)) // the first of all
	p.handle("1", "s", noon.Add(-30*time.Minute))
	save(p, noon.Add(time.Hour)) // a row that is dated in the future

	now = noon.Add(time.Minute)
	p = look()
	begins(p, noon.Add(-5*time.Minute)) // not ahead of what was now
	save(p, now)

	now = noon.Add(61 * time.Minute)
	p = look()
	begins(p, noon.Add(time.Minute).Add(-wideOverlap)) // once an hour, for a clock that went back
	if !p.handled("1", "s") {
		t.Error("what the wide window shows again would be handled again")
	}
	save(p, now)
	now = noon.Add(62 * time.Minute)
	p = look()
	begins(p, noon.Add(56*time.Minute))
	save(p, now)

	now = noon.Add(-time.Hour) // our own clock was ahead, and was set right
	begins(func() position { p := look(); p.wide = false; return p }(), now.Add(-5*time.Minute))
}

// breakingERP lists pick tickets in pages of one, and breaks off when told.
type breakingERP struct {
	prophet21.ERP
	pages, breakAt int
	refuse         bool // the cursor that it is given
	asked          []string
}

func (e *breakingERP) ShipmentsChanged(_ context.Context, since time.Time, cursor string) (prophet21.ShipmentPage, error) {
	e.asked = append(e.asked, cursor)
	n, _ := strconv.Atoi(cursor)
	switch {
	case e.refuse && cursor != "":
		return prophet21.ShipmentPage{}, &connectors.Error{Kind: connectors.Rejected, System: connectors.Prophet21}
	case n == e.breakAt:
		return prophet21.ShipmentPage{}, &connectors.Error{Kind: connectors.Unavailable, System: connectors.Prophet21}
	}
	page := prophet21.ShipmentPage{Shipments: []commerce.Shipment{{ID: "T" + strconv.Itoa(n), OrderNumber: "1000", Confirmed: true, UpdatedAt: since.Add(time.Duration(n) * time.Minute)}}}
	if n+1 < e.pages {
		page.Next = strconv.Itoa(n + 1)
	}
	return page, nil
}

type countingLauncher struct {
	Launcher
	left []string
}

func (l *countingLauncher) ShipmentLeft(_ context.Context, _, ticket string) error {
	l.left = append(l.left, ticket)
	return nil
}

// TestAPollThatBreaksOffGoesOnThere: with hundreds of pages after an outage, one
// that began anew each time might never come to its end.
func TestAPollThatBreaksOffGoesOnThere(t *testing.T) {
	store, err := records.Open(t.Context(), "file::memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.SaveOrder(t.Context(), records.OrderRef{Store: "main", ShopOrderID: "1", Reference: "xc-main-1", ERPOrder: "1000"}); err != nil {
		t.Fatal(err)
	}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	erp, launcher := &breakingERP{pages: 5, breakAt: 3}, &countingLauncher{}
	in := &Intake{Store: "main", P21: erp, Records: store, Launcher: launcher, Overlap: time.Minute, Lookback: time.Hour, Now: time.Now}
	env.RegisterActivityWithOptions(in.pollShipments, activity.RegisterOptions{Name: "poll"})
	poll := func() error { _, err := env.ExecuteActivity("poll"); return err }

	if err := poll(); err == nil {
		t.Fatal("it did not break off: the test tests nothing")
	}
	erp.breakAt = -1
	if err := poll(); err != nil {
		t.Fatal(err)
	}
	if want := []string{"", "1", "2", "3", "3", "4"}; !slices.Equal(erp.asked, want) {
		t.Errorf("asked for the pages %q, want %q", erp.asked, want)
	}
	if want := []string{"T0", "T1", "T2", "T3", "T4"}; !slices.Equal(launcher.left, want) {
		t.Errorf("told of %q, want %q", launcher.left, want)
	}

	erp.breakAt, erp.asked = 2, nil
	_ = poll()
	erp.breakAt, erp.refuse, erp.pages = -1, true, 1
	if err := poll(); err != nil {
		t.Errorf("a kept cursor that the ERP refuses: %v", err)
	}
	if last := erp.asked[len(erp.asked)-1]; last != "" {
		t.Errorf("it did not begin anew: %q", erp.asked)
	}
}

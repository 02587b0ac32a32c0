package tests

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
	"github.com/cart21/cart21/connectors/prophet21"
	"github.com/cart21/cart21/sandbox/erp"
	"github.com/cart21/cart21/sandbox/faults"
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// p21Routes are the ways into a Prophet 21.
var p21Routes = map[string]struct{ api, route string }{
	"middleware, REST":            {"middleware", "rest"},
	"middleware, Transaction API": {"middleware", "transaction"},
	"gateway":                     {"gateway", ""},
}

// newP21 is a simulated Prophet 21 and a connector to it. What the simulator
// does is set by options.
func newP21(t *testing.T, api, route string, o erp.Options) (*erp.ERP, prophet21.ERP) {
	t.Helper()
	o.Username, o.Password, o.Company, o.Currency = "api", "secret-password", "01", "USD"
	o.Locations, o.Takers = []int{10, 20}, []string{"XCART"}
	o.Offset = -6 * time.Hour
	sim := erp.New(o)
	for _, id := range []string{"PUMP-12V", `GASKET-2"150#`, "HOSE-1/2", "O'RING"} {
		sim.AddItem(erp.Item{ID: id, Desc: id, Price: dec("99"), Stock: map[int]decimal.Decimal{10: dec("1000"), 20: dec("1000")}})
	}
	sim.AddItem(erp.Item{ID: "DISCOUNT", Desc: "Discount", OtherCharge: true})
	handler := sim.Handler()
	if api == "gateway" {
		handler = sim.Gateway()
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c, err := prophet21.Open(prophet21.Config{
		URL: server.URL, API: api, OrderRoute: route, Username: "api", Password: "secret-password", Company: "01", Currency: "USD",
		Location: time.FixedZone("P21", -6*3600), Limits: connectors.Limits{Timeout: 3 * time.Second, BreakAfter: 1000},
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return sim, c
}

func salesOrder(a commerce.Account, reference string) commerce.SalesOrder {
	return commerce.SalesOrder{
		Reference: reference, PONumber: "WEB-1", CompanyID: "01", CustomerID: a.CustomerID, ContactID: a.ContactID, ShipToID: a.ShipToID,
		LocationID: "10", SourceLocationID: "10", Taker: "XCART", OrderDate: "2026-11-20", RequestedDate: "2026-11-21", Approved: true,
		ShipTo:   commerce.Address{Company: "Acme", Line1: "1 Main St", City: "Reno", State: "NV", PostalCode: "89501", Country: "US"},
		Currency: "USD", Freight: dec("12.50"),
		Lines: []commerce.SalesOrderLine{
			{LineNo: 1, ItemID: "PUMP-12V", Quantity: dec("3"), UOM: "EA", UnitPrice: dec("19.95")},
			{LineNo: 2, ItemID: `GASKET-2"150#`, Quantity: dec("2"), UnitPrice: dec("3.3333")},
			{LineNo: 3, ItemID: "PUMP-12V", Quantity: dec("1"), UnitPrice: dec("18")}, // the same item twice
			{LineNo: 4, ItemID: "DISCOUNT", Quantity: dec("1"), UnitPrice: dec("-5"), Charge: true, Description: "Autumn sale"},
		},
	}
}

func newAccount() commerce.Account {
	return commerce.Account{
		CompanyID: "01", Name: "Acme Hydraulics", FirstName: "Pat", LastName: "O'Neill", Email: "pat@example.test", Phone: "(405) 555-0100",
		Address:   commerce.Address{Company: "Acme Hydraulics", Line1: "1 Main St", City: "Reno", State: "NV", PostalCode: "89501", Country: "US"},
		Reference: "xc-main-c300",
	}
}

func TestProphet21TakesAnOrderByEveryRoute(t *testing.T) {
	for name, c := range p21Routes {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			sim, p21 := newP21(t, c.api, c.route, erp.Options{})
			can, err := p21.Probe(ctx)
			if err != nil {
				t.Fatalf("probe: %v (%+v)", err, can)
			}
			account, err := p21.CreateAccount(ctx, newAccount())
			if err != nil {
				t.Fatal(err)
			}
			for what, query := range map[string]prophet21.AccountQuery{
				"reference": {Reference: "xc-main-c300"}, "e-mail": {Email: "Pat@example.test"}, "both": {Reference: "xc-main-c1", Email: "pat@example.test"},
			} {
				found, err := p21.FindAccounts(ctx, query)
				if err != nil || len(found) != 1 || found[0].CustomerID != account.CustomerID || found[0].ContactID != account.ContactID || found[0].ShipToID == "" {
					t.Errorf("by %s: found %+v, %v; want %+v", what, found, err, account)
				}
			}
			if found, err := p21.FindAccounts(ctx, prophet21.AccountQuery{Reference: "xc-main-c999", Email: "nobody@example.test"}); err != nil || len(found) != 0 {
				t.Errorf("a stranger was found: %+v, %v", found, err)
			}
			wanted := salesOrder(account, "xc-main-4711")
			if found, err := p21.FindOrders(ctx, wanted.Reference); err != nil || len(found) != 0 {
				t.Fatalf("before: %v, %v", found, err)
			}
			number, err := p21.CreateOrder(ctx, wanted)
			if err != nil {
				t.Fatal(err)
			}
			found, err := p21.FindOrders(ctx, wanted.Reference)
			if err != nil || len(found) != 1 || found[0].Number != number {
				t.Fatalf("after: %v, %v, want %s", found, err, number)
			}
			got, err := p21.Order(ctx, number)
			if err != nil {
				t.Fatal(err)
			}
			freight := wanted.Freight
			if c.route == "transaction" {
				freight = decimal.Zero // this window has no freight amount: a charge item carries it
			}
			if len(got.Lines) != 4 || !got.LineTotal().Equal(wanted.LineTotal()) || !got.Freight.Equal(freight) {
				t.Errorf("read back %d lines, %s and freight %s; sent %s and %s: %+v", len(got.Lines), got.LineTotal(), got.Freight, wanted.LineTotal(), freight, got.Lines)
			}
			if !got.TaxReported || !got.Status.Approved || got.Status.Invoiced || got.Reference != wanted.Reference {
				t.Errorf("read back: %+v", got)
			}
			if books := sim.Orders(); len(books) != 1 {
				t.Errorf("%d orders in the books", len(books))
			}
		})
	}
}

func TestProphet21FollowsAnOrder(t *testing.T) {
	for name, c := range p21Routes {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			began := time.Now().Add(-time.Minute)
			sim, p21 := newP21(t, c.api, c.route, erp.Options{ParcelShare: 1, PartialShare: 1})
			account, err := p21.CreateAccount(ctx, newAccount())
			if err != nil {
				t.Fatal(err)
			}
			number, err := p21.CreateOrder(ctx, salesOrder(account, "xc-main-1"))
			if err != nil {
				t.Fatal(err)
			}
			for range 12 {
				sim.Step(time.Now())
			}
			order, err := p21.Order(ctx, number)
			if err != nil || !order.Status.Completed || !order.Status.Invoiced || !order.Status.Shipped {
				t.Fatalf("after the warehouse: %+v, %v", order.Status, err)
			}
			shipments, err := p21.Shipments(ctx, number)
			if err != nil || len(shipments) == 0 {
				t.Fatal(shipments, err)
			}
			numbers := 0
			for _, s := range shipments {
				numbers += len(s.Tracking)
				if !s.Confirmed || s.OrderNumber != number || len(s.Lines) == 0 || s.Carrier == "" {
					t.Errorf("shipment %+v", s)
				}
				one, err := p21.Shipment(ctx, s.ID)
				if err != nil || len(one.Tracking) != len(s.Tracking) {
					t.Errorf("read alone: %+v, %v", one, err)
				}
			}
			if numbers < 2 {
				t.Errorf("%d tracking numbers for several parcels", numbers)
			}
			changed, err := p21.ShipmentsChanged(ctx, began, "")
			if err != nil || len(changed.Shipments) != len(shipments) || changed.Shipments[0].UpdatedAt.Before(began) {
				t.Errorf("changed since: %+v, %v", changed, err)
			}
			later, err := p21.ShipmentsChanged(ctx, time.Now().Add(time.Hour), "")
			if err != nil || len(later.Shipments) != 0 {
				t.Errorf("nothing changed in the future, got %+v, %v: is the time zone right?", later, err)
			}
			seen := 0
			for cursor := ""; ; {
				page, err := p21.OrdersChanged(ctx, "XCART", began, cursor)
				if err != nil {
					t.Fatal(err)
				}
				for _, o := range page.Orders {
					if o.Number == number && o.Status.Completed && o.Reference == "xc-main-1" {
						seen++
					}
				}
				if cursor = page.Next; cursor == "" {
					break
				}
			}
			if seen == 0 {
				t.Error("the completed order is not among the changed")
			}
			invoices, err := p21.Invoices(ctx, number)
			if err != nil || len(invoices) != len(shipments) {
				t.Errorf("%d invoices for %d shipments, %v", len(invoices), len(shipments), err)
			}
		})
	}
}

func TestProphet21ItemsAreFoundWhateverTheyAreCalled(t *testing.T) {
	for name, c := range p21Routes {
		t.Run(name, func(t *testing.T) {
			_, p21 := newP21(t, c.api, c.route, erp.Options{})
			items, err := p21.Items(context.Background(), []string{"PUMP-12V", `GASKET-2"150#`, "HOSE-1/2", "O'RING", "NO SUCH"})
			if err != nil || len(items) != 4 {
				t.Errorf("got %+v, %v", items, err)
			}
		})
	}
}

// Faults in a write: what is not known is called unknown, what surely did not
// happen is not.
func TestProphet21ClassesWhatGoesWrongWithAWrite(t *testing.T) {
	for name, c := range p21Routes {
		for _, f := range []struct {
			fault faults.Fault
			want  connectors.Kind
			done  bool
		}{
			{faults.Fault{Kind: faults.TimeoutAfterCommit}, connectors.OutcomeUnknown, true},
			{faults.Fault{Kind: faults.TimeoutBefore}, connectors.OutcomeUnknown, false},
			{faults.Fault{Kind: faults.TruncatedJSON}, connectors.OutcomeUnknown, true},
			{faults.Fault{Kind: faults.HTMLPage}, connectors.OutcomeUnknown, false},
			{faults.Status(429, 2*time.Second), connectors.RateLimited, false},
			{faults.Status(503, 2*time.Second), connectors.Unavailable, false},
			{faults.Fault{Kind: erp.PoolError}, connectors.Unavailable, false},
			{faults.Fault{Kind: erp.TokenInvalidated}, "", true},
		} {
			t.Run(name+", "+string(f.fault.Kind), func(t *testing.T) {
				ctx := context.Background()
				armed := false
				sim, p21 := newP21(t, c.api, c.route, erp.Options{Faults: func(r *http.Request) faults.Fault {
					if armed && r.Method == http.MethodPost && r.URL.Path != "/api/security/token/v2" && r.URL.Path != "/api/v1/token" {
						armed = false
						return f.fault
					}
					return faults.Fault{}
				}})
				account, err := p21.CreateAccount(ctx, newAccount())
				if err != nil {
					t.Fatal(err)
				}
				armed = true
				_, err = p21.CreateOrder(ctx, salesOrder(account, "xc-main-1"))
				if got := connectors.KindOf(err); got != f.want {
					t.Errorf("got kind %q (%v), want %q", got, err, f.want)
				}
				if done := len(sim.Orders()) == 1; done != f.done {
					t.Errorf("the order is in the books: %v, want %v", done, f.done)
				}
			})
		}
	}
}

// limits are wide: what is tested is not the limits.
func limits() connectors.Limits {
	return connectors.Limits{Timeout: 20 * time.Second, Concurrency: 64, BreakAfter: 1000}
}

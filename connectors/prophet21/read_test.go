package prophet21

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

func TestOrderIsReadInThreeCalls(t *testing.T) {
	f := newFake(t)
	f.rows("oe_hdr", `{"order_no":"1000123","customer_id":100123.0,"company_id":"01","po_no":"WEB-1","web_reference_no":"xc-main-1","taker":"XCART","approved":"Y",
		"completed":"N","cancel_flag":null,"projected_order":"N","freight_out":"12.50","location_id":10,"validation_status":"OK","credit_card_hold":"N",
		"address_id":100123,"date_last_modified":"2026-11-23T08:00:00"}`)
	f.rows("oe_line",
		`{"order_no":"1000123","line_no":1,"inv_mast_uid":501,"unit_quantity":"2.0000","unit_size":12,"unit_of_measure":"CS","qty_ordered":24,"qty_allocated":12,
			"qty_on_pick_tickets":0,"qty_invoiced":12,"qty_canceled":0,"unit_price":19.950000,"extended_price":39.9,"sales_tax":3.19,"other_charge":"N","delete_flag":"N"}`,
		`{"order_no":"1000123","line_no":2,"inv_mast_uid":502,"unit_quantity":3,"unit_size":1,"qty_ordered":3,"unit_price":150,"extended_price":4.5,"other_charge":"Y"}`)
	f.rows("inv_mast", `{"inv_mast_uid":501,"item_id":"WIDGET-1"}`, `{"inv_mast_uid":502,"item_id":"10.0"}`)
	m := f.open()
	for range 2 {
		got, err := m.Order(context.Background(), "1000123")
		if err != nil {
			t.Fatal(err)
		}
		if !got.Freight.Equal(dec("12.5")) || !got.Tax.Equal(dec("3.19")) || !got.TaxReported || got.UpdatedAt != time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC) {
			t.Errorf("got %+v", got)
		}
		if want := (commerce.OrderProgress{Approved: true, Allocated: true, Shipped: true}); got.Status != want {
			t.Errorf("progress %+v, want %+v", got.Status, want)
		}
		first, second := got.Lines[0], got.Lines[1]
		if first.ItemID != "WIDGET-1" || !first.Allocated.Equal(dec("1")) || !first.Invoiced.Equal(dec("1")) || !first.Quantity.Equal(dec("2")) || !first.UnitPrice.Equal(dec("19.95")) {
			t.Errorf("quantities are in the order's unit: %+v", first)
		}
		// Priced per hundred: the price of one is the total's third.
		if second.ItemID != "10.0" || !second.UnitPrice.Equal(dec("1.5")) || !second.Charge {
			t.Errorf("got %+v", second)
		}
	}
	if n := len(f.table("inv_mast")); n != 1 {
		t.Errorf("items were named %d times", n)
	}
	if _, err := m.Order(context.Background(), "999"); !connectors.Is(err, connectors.NotFound) {
		t.Errorf("another order came: %v", err)
	}
}

func TestHolds(t *testing.T) {
	m := newFake(t).open()
	for status, held := range map[string]bool{"OK": false, "Approved": false, "": false, "Hold": true, "COD": true, "Credit": true} {
		if o := m.header(headerRow{Validation: words(status)}); (o.Status.OnHold != "") != held {
			t.Errorf("%q: on hold %q", status, o.Status.OnHold)
		}
	}
	if o := m.header(headerRow{CreditCardHold: true, Deleted: true}); o.Status.OnHold == "" || !o.Status.Cancelled {
		t.Errorf("got %+v", o.Status)
	}
}

func TestAChangedLineIsAChangedOrder(t *testing.T) {
	f := newFake(t)
	header := func(number string) string {
		return `{"order_no":"` + number + `","web_reference_no":"xc-main-` + number + `","taker":"XCART","approved":"Y","date_last_modified":"2026-11-20T08:00:00"}`
	}
	f.tables["oe_hdr"] = func(q url.Values) string {
		if strings.Contains(q.Get("$filter"), "date_last_modified") {
			return `{"value":[` + header("1") + `]}`
		}
		return `{"value":[` + header("2") + `]}` // by number, of those with changed lines
	}
	f.rows("oe_line", `{"order_no":"2","oe_line_uid":77,"line_no":1,"date_last_modified":"2026-11-23T08:00:00"}`)
	m := f.open()
	seen := map[string]time.Time{}
	for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
		page, err := m.OrdersChanged(context.Background(), "XCART", time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), cursor)
		if err != nil || pages > 3 {
			t.Fatal(err)
		}
		for _, o := range page.Orders {
			seen[o.Number] = o.UpdatedAt
		}
		cursor = page.Next
	}
	if len(seen) != 2 || seen["2"] != time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC) {
		t.Errorf("got %v", seen)
	}
	for _, c := range f.table("oe_hdr") {
		if !strings.Contains(c.query.Get("$filter"), "taker eq 'XCART'") {
			t.Errorf("everybody's orders: %s", c.raw)
		}
	}
}

func TestTrackingIsInThreePlaces(t *testing.T) {
	f := newFake(t)
	f.rows("oe_pick_ticket",
		`{"pick_ticket_no":300123,"order_no":"1000123","location_id":10,"carrier_id":5001,"tracking_no":"1Z1, 1Z2;1Z1","ship_date":null,"invoice_no":0,
			"ship_confirmed_flag":"Y","delete_flag":"N","date_last_modified":"2026-11-23T08:00:00"}`,
		`{"pick_ticket_no":300124,"order_no":"1000123","carrier_id":5001,"invoice_no":"4001","delete_flag":"N","date_last_modified":"2026-11-23T08:00:00"}`,
		`{"pick_ticket_no":300125,"order_no":"1000123","invoice_no":"0","delete_flag":"N","date_last_modified":"2026-11-23T08:00:00"}`)
	f.rows("oe_pick_ticket_detail", `{"pick_ticket_no":300123,"oe_line_no":1,"inv_mast_uid":501,"ship_quantity":24,"unit_size":12}`)
	f.rows("inv_mast", `{"inv_mast_uid":501,"item_id":"WIDGET-1"}`)
	f.rows("clippership_return_10004", `{"pick_ticket_no":300123,"tracking_no":"1Z3"}`, `{"pick_ticket_no":300124.0,"tracking_no":794612345678}`)
	f.rows("shipment", `{"transaction_no":300123,"shipment_id":"1Z2 1Z4"}`)
	f.rows("address", `{"id":5001,"name":"UPS Ground"}`)
	m := f.open()
	got, err := m.Shipments(context.Background(), "1000123")
	if err != nil || len(got) != 3 {
		t.Fatal(got, err)
	}
	if want := []string{"1Z1", "1Z2", "1Z3", "1Z4"}; !cmp.Equal(got[0].Tracking, want) {
		t.Errorf("tracking %v, want %v", got[0].Tracking, want)
	}
	if !cmp.Equal(got[1].Tracking, []string{"794612345678"}) || got[0].Carrier != "UPS Ground" {
		t.Errorf("got %+v", got[1])
	}
	if line := got[0].Lines[0]; line.ItemID != "WIDGET-1" || !line.Quantity.Equal(dec("2")) || line.OrderLine != 1 {
		t.Errorf("line %+v", line)
	}
	if !got[0].Confirmed || !got[1].Confirmed || got[2].Confirmed {
		t.Errorf("confirmed %v %v %v", got[0].Confirmed, got[1].Confirmed, got[2].Confirmed)
	}
	if filter := f.table("shipment")[0].query.Get("$filter"); filter != "(transaction_no eq 300123 or transaction_no eq 300124 or transaction_no eq 300125) and type eq 1000 and row_status_flag eq 2175" {
		t.Errorf("asked %s", filter)
	}
}

func TestSpareTablesAreAskedOnce(t *testing.T) {
	f := newFake(t)
	f.rows("oe_pick_ticket", `{"pick_ticket_no":300123,"order_no":"1","carrier_id":5001,"tracking_no":"1Z1","date_last_modified":"2026-11-23T08:00:00"}`)
	f.rows("oe_pick_ticket_detail")
	f.on["/odataservice/odata/table/shipment"] = answer(403, "")
	m := f.open()
	for range 3 {
		got, err := m.Shipment(context.Background(), "300123")
		if err != nil || !slices.Equal(got.Tracking, []string{"1Z1"}) || got.Carrier != "" {
			t.Fatal(got, err)
		}
	}
	for _, name := range []string{"clippership_return_10004", "shipment", "address"} {
		if n := len(f.table(name)); n != 1 {
			t.Errorf("%s was asked for %d times", name, n)
		}
	}
	// A spare table that is down is another matter: tracking numbers may be missing.
	f.on["/odataservice/odata/table/clippership_return_10004"] = answer(500, "")
	_, err := f.open().Shipment(context.Background(), "300123")
	wantKind(t, err, connectors.Unavailable)
}

func TestInvoices(t *testing.T) {
	f := newFake(t)
	f.rows("invoice_hdr", `{"invoice_no":"4001","order_no":"1000123","invoice_date":"2026-11-23T23:30:00","total_amount":"52.40","amount_paid":0,"tax_amount":3.19,"freight":12.5,"invoice_type":"IN"}`,
		`{"invoice_no":"4002","order_no":"1000123","invoice_date":null,"total_amount":-5,"invoice_type":"CM"}`)
	got, err := f.open().Invoices(context.Background(), "1000123")
	if err != nil || len(got) != 2 || got[0].Date != "2026-11-23" || !got[0].Total.Equal(dec("52.4")) || got[0].CreditMemo || !got[1].CreditMemo || got[1].Date != "" {
		t.Errorf("got %+v, %v", got, err)
	}
	if filter := f.table("invoice_hdr")[0].query.Get("$filter"); filter != "(order_no eq '1000123')" {
		t.Errorf("asked %s", filter)
	}
}

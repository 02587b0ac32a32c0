package erp

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// finish steps until nothing moves any more.
func (e *ERP) finish(t *testing.T) {
	now := testNow
	for range 40 {
		now = now.Add(time.Minute)
		if e.Step(now) == (Activity{}) {
			return
		}
	}
	t.Fatal("the warehouse never comes to rest")
}

func TestAnOrderGoesThroughAllStages(t *testing.T) {
	s := open(t, options())
	no := s.place()
	require.Equal(t, 1, s.erp.Step(testNow.Add(1*time.Minute)).Allocated)
	_, lines := s.ask("oe_line", "order_no eq '"+no+"' and line_no eq 1")
	require.EqualValues(t, 3, lines[0].(map[string]any)["qty_allocated"])
	require.Equal(t, 1, s.erp.Step(testNow.Add(2*time.Minute)).Ticketed)
	require.Equal(t, 1, s.erp.Step(testNow.Add(3*time.Minute)).Shipped)
	_, tickets := s.ask("oe_pick_ticket", "order_no eq '"+no+"'")
	ticket := tickets[0].(map[string]any)
	require.Equal(t, "Y", ticket["ship_confirmed_flag"])
	require.NotNil(t, ticket["tracking_no"])
	require.Nil(t, ticket["invoice_no"])
	_, headers := s.ask("oe_hdr", "order_no eq '"+no+"'")
	require.Equal(t, "2026-11-23T09:00:00.000", headers[0].(map[string]any)["date_last_modified"], "the header has not moved")
	require.Equal(t, 1, s.erp.Step(testNow.Add(4*time.Minute)).Completed)
	o, _ := s.erp.Order(no)
	require.True(t, o.Completed)
	invoice := s.erp.Invoices()[0]
	require.True(t, invoice.Total.Equal(o.Total()), "%s, not %s", invoice.Total, o.Total())
	_, stock := s.ask("inv_loc", "inv_mast_uid eq 1 and location_id eq 10")
	require.EqualValues(t, 97, stock[0].(map[string]any)["qty_on_hand"])
	require.EqualValues(t, 0, stock[0].(map[string]any)["qty_allocated"])
}

func TestUnapprovedHeldAndQuotedOrdersRest(t *testing.T) {
	s := open(t, options())
	s.place(`"Approved":true`, `"Approved":false`)
	s.place(`"Approved":true`, `"Approved":true,"Quote":"Y"`)
	held := s.place()
	require.NoError(t, s.erp.Hold(held, true))
	require.Zero(t, s.erp.Step(testNow.Add(time.Minute)))
	require.NoError(t, s.erp.Hold(held, false))
	require.Equal(t, 1, s.erp.Step(testNow.Add(time.Minute)).Allocated)
}

func TestPartsSumToTheWhole(t *testing.T) {
	o := options()
	o.PartialShare, o.SplitShare, o.ParcelShare, o.ShipmentShare, o.IdleShare, o.Seed = 0.6, 0.5, 0.3, 0.4, 0, 7
	s := open(t, o)
	for i := range 20 {
		s.place(`xc-1-1`, fmt.Sprint("xc-1-", i), `"UnitQuantity":3`, fmt.Sprintf(`"UnitQuantity":%d`, 1+i%4))
	}
	s.erp.finish(t)
	billed := map[string]decimal.Decimal{}
	for _, x := range s.erp.Invoices() {
		billed[x.OrderNo] = billed[x.OrderNo].Add(x.Total)
	}
	tickets := map[string]int{}
	places := map[string]int{}
	for _, p := range s.erp.Shipments() {
		tickets[p.OrderNo]++
		places["parcels"] += boolInt(len(p.Parcels) > 1)
		places["shipment"] += boolInt(p.ShipmentTracking != "")
		places["ticket"] += boolInt(p.Tracking != "")
		places["second location"] += boolInt(p.Location == 20)
	}
	several := 0
	for _, order := range s.erp.Orders() {
		require.True(t, order.Completed, order.No)
		require.True(t, billed[order.No].Equal(order.Total()), "order %s: billed %s of %s", order.No, billed[order.No], order.Total())
		several += boolInt(tickets[order.No] > 1)
	}
	require.Positive(t, several)
	for _, place := range []string{"parcels", "shipment", "ticket", "second location"} {
		require.Positive(t, places[place], place)
	}
}

func TestTheSameSeedDoesTheSame(t *testing.T) {
	run := func() []PickTicket {
		o := options()
		o.PartialShare, o.SplitShare, o.ParcelShare, o.Seed = 0.5, 0.5, 0.5, 3
		s := open(t, o)
		for range 6 {
			s.place()
		}
		s.erp.finish(t)
		return s.erp.Shipments()
	}
	require.Equal(t, run(), run())
}

func TestWillCallHasNeitherCarrierNorTracking(t *testing.T) {
	s := open(t, options())
	s.place(`"Approved":true`, `"Approved":true,"WillCall":"Y"`)
	s.erp.finish(t)
	p := s.erp.Shipments()[0]
	require.Empty(t, p.TrackingNumbers())
	require.Zero(t, p.CarrierID)
	require.True(t, p.Shipped)
}

func TestBackordersWaitForStock(t *testing.T) {
	s := open(t, options())
	no := s.place(`"UnitQuantity":3`, `"UnitQuantity":160`)
	s.erp.finish(t)
	o, _ := s.erp.Order(no)
	require.False(t, o.Completed)
	require.Equal(t, "150", o.Lines[0].Invoiced.String(), "both locations are empty now")
	require.True(t, s.erp.SetStock("WIDGET-1", 10, dec("20")))
	s.erp.finish(t)
	o, _ = s.erp.Order(no)
	require.True(t, o.Completed)
}

func TestCancelGivesStockBack(t *testing.T) {
	s := open(t, options())
	no := s.place()
	s.erp.Step(testNow.Add(time.Minute))
	s.erp.Step(testNow.Add(2 * time.Minute))
	require.NoError(t, s.erp.Cancel(no))
	require.True(t, s.erp.Items()[0].Stocks[0].Allocated.IsZero())
	require.True(t, s.erp.Shipments()[0].Deleted)
	no = s.place()
	require.NoError(t, s.erp.CancelLine(no, 2))
	s.erp.finish(t)
	o, _ := s.erp.Order(no)
	require.True(t, o.Completed)
	require.Equal(t, "59.85", o.Goods().String())
	require.Error(t, s.erp.Cancel(no))
}

func TestShippingWindowSetsTrackingUntilInvoiced(t *testing.T) {
	s := open(t, options())
	s.place()
	s.erp.Step(testNow.Add(1 * time.Minute))
	s.erp.Step(testNow.Add(2 * time.Minute))
	set := func(edits string) (string, int) {
		return s.transact(`{"Name":"Shipping","Transactions":[{"Status":"New","DataElements":[{"Name":"TABPAGE_1.tp_1_dw_1","Type":"Form","Keys":["pick_ticket_no"],
		 "Rows":[{"Edits":[{"Name":"pick_ticket_no","Value":"2000001"}` + edits + `]}]}]}]}`)
	}
	message, failed := set(`,{"Name":"carrier_id","Value":"5001"}`)
	require.Equal(t, 1, failed, "the carrier goes by its display name")
	require.Contains(t, message, "Carrier 5001")
	_, failed = set(`,{"Name":"carrier_id","Value":"UPS GROUND"},{"Name":"tracking_no","Value":"1Z5"},{"Name":"create_invoice","Value":"ON"}`)
	require.Zero(t, failed)
	p := s.erp.Shipments()[0]
	require.Equal(t, "1Z5", p.Tracking)
	require.NotEmpty(t, p.InvoiceNo)
	message, failed = set(`,{"Name":"tracking_no","Value":"1Z6"}`)
	require.Equal(t, 1, failed)
	require.Contains(t, message, "already been invoiced")
}

func TestPaymentsArePaidOnTheInvoice(t *testing.T) {
	s := open(t, options())
	s.transact(orderTransaction)
	s.erp.finish(t)
	require.Equal(t, "84.35", s.erp.Invoices()[0].Paid.String())
}

func TestManyAtOnce(t *testing.T) {
	o := options()
	o.PartialShare, o.Now = 0.5, time.Now
	s := open(t, o)
	ctx, cancel := context.WithCancel(t.Context())
	var steps, clients sync.WaitGroup
	steps.Go(func() { s.erp.Run(ctx, time.Millisecond) })
	for range 8 {
		clients.Go(func() {
			for range 10 {
				_, _, _ = s.try("POST", "/api/sales/orders/", orderBody())
				_, _, _ = s.try("GET", "/odataservice/odata/table/oe_line", "")
			}
		})
	}
	clients.Wait()
	cancel()
	steps.Wait()
	require.Len(t, s.erp.Orders(), 80)
	require.Len(t, s.erp.Duplicates(), 1)
}

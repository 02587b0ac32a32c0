package erp

import (
	"time"

	"github.com/shopspring/decimal"
)

func (e *ERP) defineOrders(t map[string]*table) {
	type o = *Order
	company := e.options.Company
	define(t, "oe_hdr", each(func(b *books) []o { return b.Orders }),
		keys{
			"order_no":         byText(func(b *books, s string) []o { return found(b.orders, s) }),
			"web_reference_no": byText(func(b *books, s string) []o { return b.byWebRef[s] }),
			"po_no":            byText(func(b *books, s string) []o { return b.byPO[s] }),
		},
		text("order_no", func(x o) string { return x.No }),
		whole("oe_hdr_uid", func(x o) int { return x.UID }),
		whole("customer_id", func(x o) int { return x.CustomerID }),
		constant[o]("company_id", company),
		text("po_no", func(x o) string { return x.PO }),
		optional("web_reference_no", func(x o) string { return x.WebReference }),
		text("taker", func(x o) string { return x.Taker }),
		yesNo("approved", func(x o) bool { return x.Approved }),
		yesNo("completed", func(x o) bool { return x.Completed }),
		yesNo("cancel_flag", func(x o) bool { return x.Cancelled }),
		yesNo("delete_flag", func(x o) bool { return x.Deleted }),
		yesNo("projected_order", func(x o) bool { return x.Quote }),
		constant[o]("rma_flag", "N"),
		whole("location_id", func(x o) int { return x.Location }),
		whole("source_location_id", func(x o) int { return x.SourceLocation }),
		whole("address_id", func(x o) int { return x.ShipToID }),
		text("contact_id", func(x o) string { return itoa(x.ContactID) }),
		number("freight_out", func(x o) decimal.Decimal { return x.Freight }),
		link("freight_code_uid", func(x o) int { return e.freightUID(x.FreightCode) }),
		link("carrier_id", func(x o) int { return x.CarrierID }),
		optional("terms", func(x o) string { return x.Terms }),
		text("validation_status", func(x o) string { return x.Validation }),
		constant[o]("credit_card_hold", "N"),
		constant[o]("front_counter", "N"),
		yesNo("will_call", func(x o) bool { return x.WillCall }),
		text("packing_basis", func(x o) string { return x.PackingBasis }),
		optional("job_name", func(x o) string { return x.JobName }),
		link("source_code_no", func(o) int { return 0 }),
		optional("source_id", func(x o) string { return x.SourceID }),
		optional("delivery_instructions", func(x o) string { return x.Instructions }),
		day("order_date", func(x o) time.Time { return x.OrderDate }),
		day("requested_date", func(x o) time.Time { return x.RequestedDate }),
		optional("ship2_name", func(x o) string { return x.ShipToName }),
		optional("ship2_add1", func(x o) string { return x.ShipTo.Line1 }),
		optional("ship2_add2", func(x o) string { return x.ShipTo.Line2 }),
		optional("ship2_add3", func(x o) string { return x.ShipTo.Line3 }),
		optional("ship2_city", func(x o) string { return x.ShipTo.City }),
		optional("ship2_state", func(x o) string { return x.ShipTo.State }),
		optional("ship2_zip", func(x o) string { return x.ShipTo.Zip }),
		optional("ship2_country", func(x o) string { return x.ShipTo.Country }),
		optional("ship2_email_address", func(x o) string { return x.ShipToEmail }),
		moment(e, "date_created", func(x o) time.Time { return x.Created }),
		moment(e, "date_last_modified", func(x o) time.Time { return x.Modified }),
	)
	e.defineOrderLines(t)
}

func (e *ERP) defineOrderLines(t map[string]*table) {
	type l = *Line
	define(t, "oe_line",
		nested(func(b *books) []*Order { return b.Orders }, func(o *Order) []l { return o.Lines }),
		keys{"order_no": byText(func(b *books, s string) []l {
			if o, ok := b.orders[s]; ok {
				return o.Lines
			}
			return nil
		})},
		text("order_no", func(x l) string { return x.order.No }),
		whole("line_no", func(x l) int { return x.No }),
		whole("oe_line_uid", func(x l) int { return x.UID }),
		whole("inv_mast_uid", func(x l) int { return x.ItemUID }),
		number("unit_quantity", func(x l) decimal.Decimal { return x.Qty }),
		number("unit_size", func(x l) decimal.Decimal { return x.UnitSize }),
		text("unit_of_measure", func(x l) string { return x.Unit }),
		number("qty_ordered", func(x l) decimal.Decimal { return x.Ordered() }),
		number("qty_allocated", func(x l) decimal.Decimal { return x.Allocated }),
		number("qty_on_pick_tickets", func(x l) decimal.Decimal { return x.OnTickets }),
		number("qty_invoiced", func(x l) decimal.Decimal { return x.Invoiced }),
		number("qty_canceled", func(x l) decimal.Decimal { return x.Canceled }),
		number("unit_price", func(x l) decimal.Decimal { return x.Price }),
		number("extended_price", func(x l) decimal.Decimal { return x.Extended }),
		number("sales_tax", func(x l) decimal.Decimal { return x.Tax }),
		optional("extended_desc", func(x l) string { return x.ExtendedDesc }),
		optional("disposition", func(x l) string { return x.Disposition }),
		yesNo("complete", func(x l) bool { return x.Complete }),
		yesNo("cancel_flag", func(x l) bool { return x.Cancelled }),
		constant[l]("delete_flag", "N"),
		text("user_line_no", func(x l) string { return x.UserNo }),
		yesNo("other_charge", func(x l) bool { return x.OtherCharge }),
		yesNo("manual_price_overide", func(x l) bool { return x.ManualPrice }),
		whole("source_loc_id", func(x l) int { return x.SourceLocation }),
		whole("ship_loc_id", func(x l) int { return x.ShipLocation }),
		constant[l]("company_no", e.options.Company),
		day("required_date", func(x l) time.Time { return x.RequiredDate }),
		moment(e, "date_last_modified", func(x l) time.Time { return x.Modified }),
	)
}

func (e *ERP) defineTickets(t map[string]*table) {
	type p = *PickTicket
	tickets := func(b *books) []p { return b.Tickets }
	define(t, "oe_pick_ticket", each(tickets),
		keys{
			"pick_ticket_no": byNumber(func(b *books, n int) []p { return found(b.tickets, n) }),
			"order_no":       byText(func(b *books, s string) []p { return b.ticketsOf[s] }),
		},
		whole("pick_ticket_no", func(x p) int { return x.No }),
		text("order_no", func(x p) string { return x.OrderNo }),
		constant[p]("company_id", e.options.Company),
		whole("location_id", func(x p) int { return x.Location }),
		link("carrier_id", func(x p) int { return x.CarrierID }),
		optional("tracking_no", func(x p) string { return x.Tracking }),
		number("freight_out", func(x p) decimal.Decimal { return x.Freight }),
		number("freight_in", func(p) decimal.Decimal { return decimal.Zero }),
		moment(e, "ship_date", func(x p) time.Time { return x.ShipDate }),
		moment(e, "print_date", func(x p) time.Time { return x.Printed }),
		optional("invoice_no", func(x p) string { return x.InvoiceNo }),
		yesNo("delete_flag", func(x p) bool { return x.Deleted }),
		yesNo("ship_confirmed_flag", func(x p) bool { return x.Shipped }),
		constant[p]("front_counter", "N"),
		number("total_tax", func(x p) decimal.Decimal { return x.Tax }),
		optional("pro_number", func(p) string { return "" }),
		moment(e, "date_created", func(x p) time.Time { return x.Created }),
		moment(e, "date_last_modified", func(x p) time.Time { return x.Modified }),
	)
	e.defineTicketLines(t)
	e.defineTracking(t)
}

func (e *ERP) defineTicketLines(t map[string]*table) {
	type l = *TicketLine
	define(t, "oe_pick_ticket_detail",
		nested(func(b *books) []*PickTicket { return b.Tickets }, func(x *PickTicket) []l { return x.Lines }),
		keys{"pick_ticket_no": byNumber(func(b *books, n int) []l {
			if x, ok := b.tickets[n]; ok {
				return x.Lines
			}
			return nil
		})},
		whole("pick_ticket_no", func(x l) int { return x.ticket.No }),
		whole("line_number", func(x l) int { return x.No }),
		whole("oe_line_no", func(x l) int { return x.LineNo }),
		whole("inv_mast_uid", func(x l) int { return x.ItemUID }),
		number("print_quantity", func(x l) decimal.Decimal { return x.Qty }),
		number("ship_quantity", func(x l) decimal.Decimal { return x.ShippedQty }),
		number("qty_to_pick", func(x l) decimal.Decimal { return x.Qty }),
		text("unit_of_measure", func(x l) string { return x.Unit }),
		number("unit_size", func(x l) decimal.Decimal { return x.UnitSize }),
		number("unit_quantity", func(x l) decimal.Decimal { return x.Qty.Div(x.UnitSize) }),
		moment(e, "date_last_modified", func(x l) time.Time { return x.ticket.Modified }),
	)
}

// defineTracking defines the two tables besides the pick ticket in which a
// tracking number can be.
func (e *ERP) defineTracking(t map[string]*table) {
	type p = *Parcel
	tickets := func(b *books) []*PickTicket { return b.Tickets }
	define(t, "clippership_return_10004",
		nested(tickets, func(x *PickTicket) []p { return x.Parcels }),
		keys{"pick_ticket_no": byNumber(func(b *books, n int) []p {
			if x, ok := b.tickets[n]; ok {
				return x.Parcels
			}
			return nil
		})},
		whole("clippership_return_uid", func(x p) int { return x.UID }),
		whole("pick_ticket_no", func(x p) int { return x.ticket.No }),
		text("tracking_no", func(x p) string { return x.Tracking }),
		optional("carrier_name", func(x p) string { return e.options.Carriers[x.ticket.CarrierID] }),
		number("package_weight", func(x p) decimal.Decimal { return x.Weight }),
		number("total_charge", func(p) decimal.Decimal { return decimal.Zero }),
		constant[p]("delete_flag", "N"),
		moment(e, "shipped_date", func(x p) time.Time { return x.Created }),
		moment(e, "date_created", func(x p) time.Time { return x.Created }),
		moment(e, "date_last_modified", func(x p) time.Time { return x.Created }),
	)
	type s = *PickTicket
	shipped := func(x *PickTicket) []s {
		if x.ShipmentTracking == "" {
			return nil
		}
		return []s{x}
	}
	define(t, "shipment", nested(tickets, shipped),
		keys{"transaction_no": byNumber(func(b *books, n int) []s {
			if x, ok := b.tickets[n]; ok {
				return shipped(x)
			}
			return nil
		})},
		whole("shipment_uid", func(x s) int { return x.No }),
		whole("transaction_no", func(x s) int { return x.No }),
		whole("transaction_type_cd", func(s) int { return 1000 }),
		whole("type", func(s) int { return 1000 }),
		text("shipment_id", func(x s) string { return x.ShipmentTracking }),
		whole("row_status_flag", func(s) int { return 2175 }),
		link("carrier_id", func(x s) int { return x.CarrierID }),
		moment(e, "date_created", func(x s) time.Time { return x.ShipDate }),
		moment(e, "date_last_modified", func(x s) time.Time { return x.ShipDate }),
	)
}

func (e *ERP) defineInvoices(t map[string]*table) {
	type i = *Invoice
	invoices := func(b *books) []i { return b.Invoices }
	define(t, "invoice_hdr", each(invoices),
		keys{
			"invoice_no": byText(func(b *books, s string) []i { return found(b.invoices, s) }),
			"order_no":   byText(func(b *books, s string) []i { return b.invoiceOf[s] }),
		},
		text("invoice_no", func(x i) string { return x.No }),
		text("order_no", func(x i) string { return x.OrderNo }),
		text("customer_id", func(x i) string { return itoa(x.CustomerID) }),
		moment(e, "invoice_date", func(x i) time.Time { return x.Date }),
		number("total_amount", func(x i) decimal.Decimal { return x.Total }),
		number("amount_paid", func(x i) decimal.Decimal { return x.Paid }),
		number("terms_taken", func(i) decimal.Decimal { return decimal.Zero }),
		number("allowed", func(i) decimal.Decimal { return decimal.Zero }),
		number("tax_amount", func(x i) decimal.Decimal { return x.Tax }),
		number("freight", func(x i) decimal.Decimal { return x.Freight }),
		number("other_charge_amount", func(x i) decimal.Decimal { return x.Charges }),
		yesNo("paid_in_full_flag", func(x i) bool { return x.Paid.GreaterThanOrEqual(x.Total) }),
		moment(e, "net_due_date", func(x i) time.Time { return x.Date.AddDate(0, 0, 30) }),
		constant[i]("invoice_type", "IN"),
		whole("period", func(x i) int { return x.Period }),
		whole("year_for_period", func(x i) int { return x.Year }),
		constant[i]("company_no", e.options.Company),
		moment(e, "date_created", func(x i) time.Time { return x.Date }),
		moment(e, "date_last_modified", func(x i) time.Time { return x.Modified }),
	)
	type l = *InvoiceLine
	define(t, "invoice_line", nested(invoices, func(x i) []l { return x.Lines }),
		keys{"invoice_no": byText(func(b *books, s string) []l {
			if x, ok := b.invoices[s]; ok {
				return x.Lines
			}
			return nil
		})},
		text("invoice_no", func(x l) string { return x.invoice.No }),
		whole("line_no", func(x l) int { return x.No }),
		text("order_no", func(x l) string { return x.invoice.OrderNo }),
		whole("oe_line_number", func(x l) int { return x.OrderLine }),
		text("item_id", func(x l) string { return x.ItemID }),
		number("qty_shipped", func(x l) decimal.Decimal { return x.Qty }),
		text("unit_of_measure", func(x l) string { return x.Unit }),
		number("sales_unit_size", func(x l) decimal.Decimal { return x.UnitSize }),
		number("unit_price", func(x l) decimal.Decimal { return x.Price }),
		number("extended_price", func(x l) decimal.Decimal { return x.Extended }),
		yesNo("other_charge_item", func(x l) bool { return x.OtherCharge }),
		moment(e, "date_last_modified", func(x l) time.Time { return x.invoice.Modified }),
	)
}

// freightUID is the number of a freight code in its table.
func (e *ERP) freightUID(code string) int {
	for i, c := range e.options.FreightCodes {
		if c == code {
			return i + 1
		}
	}
	return 0
}

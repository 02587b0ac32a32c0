package erp

import (
	"slices"
	"strings"
	"time"
)

// The Order window of the Transaction API.

const (
	orderForm      = "TABPAGE_1.order"
	orderItems     = "TP_ITEMS.items"
	orderExtended  = "TP_EXTDINFO.extd_info"
	orderPayments  = "TP_REMITTANCES.remittances"
	orderShipTo    = "TP_SHIPTO.shipto"
	orderTotals    = "TP_TOTALS.tp_totals"
	jurisdictionNo = "Jurisdiction ID for Order Header Tax is required."
)

var orderElements = []string{orderForm, "TP_CUSTOMER.tp_customer", "TP_CONTACTS.tp_contacts", orderShipTo, orderItems,
	orderExtended, "TP_TAX.tp_tax_dw_2", "TP_TAX.tp_tax", "TP_CREDIT.tp_credit", "TP_WAREHOUSEACTIVITY.warehouse_activity",
	"TP_SHIPPING.shipment_header", orderPayments, "TP_REMITTANCES.remittotals", "TP_CCTRANSACTIONRESPONSE.tp_cctransactionresponse",
	orderTotals, "TP_FRONTCOUNTER.tp_frontcounter"}

// orderWindow is the window with one order in it, not yet saved.
type orderWindow struct {
	*ERP
	set         transactionSet
	draft       Order
	existing    *Order // the order being changed; nil for a new one
	cancel      bool
	cancelLines []int
}

func (e *ERP) saveOrderWindow(set transactionSet, t transaction, short bool) ([]dataElement, error) {
	w := &orderWindow{ERP: e, set: set}
	if err := w.open(t); err != nil {
		return nil, err
	}
	for _, element := range t.DataElements {
		for _, row := range element.Rows {
			if err := w.enter(element, row); err != nil {
				return nil, err
			}
		}
	}
	no, err := w.save(short)
	if err != nil {
		return nil, err
	}
	return []dataElement{form(orderForm, "order_no", no)}, nil
}

// open looks whether the header names an order. Then this is an update.
func (w *orderWindow) open(t transaction) error {
	if len(t.DataElements) == 0 || t.DataElements[0].Name != orderForm || len(t.DataElements[0].Rows) != 1 {
		return ruleError("The header element " + orderForm + " must come first, with one row.")
	}
	header := t.DataElements[0]
	no := header.Rows[0].value("order_no")
	if no == "" {
		w.draft = Order{Approved: w.options.AutoApprove}
		return nil
	}
	if !slices.Contains(header.Keys, "order_no") {
		return ruleError("Column order_no is disabled.")
	}
	o, found := w.books.orders[no]
	if !found {
		return ruleError("Order number " + no + " does not exist.")
	}
	if o.Completed || o.Cancelled {
		return ruleError("Order number " + no + " is complete or cancelled and cannot be changed.")
	}
	w.existing, w.draft = o, o.clone()
	return nil
}

func (w *orderWindow) enter(element dataElement, row dataRow) error {
	switch element.Name {
	case orderForm:
		return typeEach(row.Edits, w.typeHeader)
	case orderItems:
		return w.enterItem(element, row)
	case orderExtended:
		return w.enterExtended(row)
	case orderPayments:
		return w.enterPayment(row)
	case orderShipTo:
		return typeEach(row.Edits, w.typeShipTo)
	case "TP_FRONTCOUNTER.tp_frontcounter":
		if on, err := w.set.checkBox(row.value("will_call")); err == nil && on {
			w.draft.WillCall = true
		}
	}
	return nil // the others are read-only, or of no consequence here
}

// typeEach types the edits of a row one after the other.
func typeEach(edits []edit, typing func(name, v string) error) error {
	for _, x := range edits {
		if err := typing(x.Name, x.Value); err != nil {
			return err
		}
	}
	return nil
}

// disabledOnUpdate are header columns that an existing order does not let go of.
var disabledOnUpdate = []string{"customer_id", "sales_loc_id", "currency_id"}

// ignoredHeader are columns of the window that the simulator has no use for.
var ignoredHeader = strings.Fields(`c_job_no order_priority_uid electronic_order_flag order_type source_code_no
convert_to_order ups_code fc_create_invoice currency_id quote_type`)

func (w *orderWindow) typeHeader(name, v string) error {
	disabled := name == "company_id" || w.existing != nil && slices.Contains(disabledOnUpdate, name)
	if disabled {
		if w.set.IgnoreDisabled {
			return nil
		}
		return ruleError("Column " + name + " is disabled.")
	}
	o := &w.draft
	switch name {
	case "order_no":
		return nil
	case "customer_id":
		return w.typeCustomer(v)
	case "ship_to_id":
		return w.typeShipToID(v)
	case "contact_id":
		return w.typeID(v, "Contact ID", &o.ContactID)
	case "sales_loc_id":
		return w.typeID(v, "Location ID", &o.Location)
	case "source_loc_id":
		return w.typeID(v, "Source Location ID", &o.SourceLocation)
	case "oe_hdr_carrier_id":
		return w.typeCarrier(v)
	case "order_date":
		return typeDate(v, &o.OrderDate)
	case "requested_date":
		return typeDate(v, &o.RequestedDate)
	}
	if field := w.headerText(name); field != nil {
		*field = v
		return nil
	}
	if field := w.headerFlag(name); field != nil {
		on, err := w.set.checkBox(v)
		*field = on
		return err
	}
	if slices.Contains(ignoredHeader, name) {
		return nil
	}
	return ruleError("Column " + name + " does not exist in " + orderForm + ".")
}

func (w *orderWindow) headerText(name string) *string {
	o := &w.draft
	return map[string]*string{
		"po_no": &o.PO, "taker": &o.Taker, "job_name": &o.JobName, "email_address": &o.ShipToEmail, "oe_hdr_terms": &o.Terms,
		"ship_to_name": &o.ShipToName, "oe_hdr_ship2_add1": &o.ShipTo.Line1, "oe_hdr_ship2_add2": &o.ShipTo.Line2,
		"oe_hdr_ship2_city": &o.ShipTo.City, "oe_hdr_ship2_state": &o.ShipTo.State, "oe_hdr_ship2_zip": &o.ShipTo.Zip,
		"ship_route": &o.Route, "packing_basis": &o.PackingBasis, "delivery_instructions": &o.Instructions,
		"freight_cd": &o.FreightCode, "source_id": &o.SourceID, "validation_status": &o.Validation,
	}[name]
}

func (w *orderWindow) headerFlag(name string) *bool {
	o := &w.draft
	return map[string]*bool{"approved": &o.Approved, "quote": &o.Quote, "oe_hdr_completed": &o.Completed, "cancel_flag": &w.cancel}[name]
}

// typeCustomer starts the header over: what depends on the customer is cleared.
func (w *orderWindow) typeCustomer(v string) error {
	id := leadingInt(v)
	if c := w.books.customers[id]; c == nil || c.Deleted {
		return ruleError("Customer ID " + v + " does not exist.")
	}
	w.draft.CustomerID, w.draft.ShipToID, w.draft.ContactID = id, 0, 0
	return nil
}

func (w *orderWindow) typeShipToID(v string) error {
	if w.draft.CustomerID == 0 {
		return ruleError("Customer ID must be entered before Ship To ID.")
	}
	s := w.books.shipTos[leadingInt(v)]
	if s == nil || s.CustomerID != w.draft.CustomerID {
		return ruleError("Ship To ID " + v + " is not valid for customer " + itoa(w.draft.CustomerID) + ".")
	}
	w.draft.ShipToID = s.ID
	// The window fills the address in from the ship-to; later edits overwrite it.
	w.draft.ShipTo, w.draft.ShipToName = w.books.addresses[s.ID].Phys, s.Name
	return nil
}

func (w *orderWindow) typeID(v, what string, field *int) error {
	id := leadingInt(v)
	if id <= 0 {
		return ruleError(what + " " + v + " is not valid.")
	}
	*field = id
	return nil
}

// typeCarrier takes the display name, or the id when code values are used.
func (w *orderWindow) typeCarrier(v string) error {
	id, known := w.books.carrierNamed(v)
	if w.set.UseCodeValues {
		id = leadingInt(v)
		known = w.options.Carriers[id] != ""
	}
	if !known {
		return ruleError("Carrier " + v + " does not exist.")
	}
	w.draft.CarrierID = id
	return nil
}

func typeDate(v string, field *time.Time) error {
	t, err := parseWall(v)
	if err != nil {
		return ruleError(err.Error())
	}
	*field = t
	return nil
}

func (w *orderWindow) typeShipTo(name, v string) error {
	o := &w.draft
	field := map[string]*string{
		"name": &o.ShipToName, "phys_address1": &o.ShipTo.Line1, "phys_address2": &o.ShipTo.Line2, "phys_address3": &o.ShipTo.Line3,
		"phys_city": &o.ShipTo.City, "phys_state": &o.ShipTo.State, "phys_postal_code": &o.ShipTo.Zip, "phys_country": &o.ShipTo.Country,
	}[name]
	switch {
	case field != nil:
		*field = v
	case name == "source_loc_id":
		return w.typeID(v, "Source Location ID", &o.SourceLocation)
	default:
		return ruleError("Column " + name + " does not exist in " + orderShipTo + ".")
	}
	return nil
}

func (e *ERP) loadOrderWindow(no string) ([]dataElement, error) {
	o, found := e.books.orders[no]
	if !found {
		return nil, ruleError("Order number " + no + " does not exist.")
	}
	items := dataElement{Name: orderItems, Type: "List", Keys: []string{"oe_order_item_id"}}
	for _, l := range o.Lines {
		items.Rows = append(items.Rows, rowOf("user_line_no", l.UserNo, "oe_order_item_id", l.ItemID, "item_desc", l.Desc,
			"unit_quantity", l.Qty.String(), "unit_of_measure", l.Unit, "unit_price", l.Price.String(),
			"extended_price", l.Extended.String(), "canceled_qty", l.Canceled.String(), "invoiced_qty", l.Invoiced.String(),
			"sum_tax", l.Tax.String(), "disposition", l.Disposition))
	}
	return []dataElement{
		form(orderForm, "order_no", o.No, "company_id", e.options.Company, "customer_id", itoa(o.CustomerID), "ship_to_id", itoa(o.ShipToID),
			"contact_id", itoa(o.ContactID), "sales_loc_id", itoa(o.Location), "source_loc_id", itoa(o.SourceLocation), "po_no", o.PO,
			"taker", o.Taker, "order_date", o.OrderDate.Format(stampLayout), "requested_date", o.RequestedDate.Format(stampLayout),
			"approved", onOff(o.Approved), "oe_hdr_completed", onOff(o.Completed), "cancel_flag", onOff(o.Cancelled),
			"validation_status", o.Validation, "packing_basis", o.PackingBasis, "source_id", o.SourceID),
		items,
		form(orderTotals, "sales_sub_total", o.Goods().String(), "total_other_charge", o.Charges().String(),
			"total_freight", o.Freight.String(), "sales_total", o.Total().String(), "tax_total", o.Tax.String(), "total_paid", o.paid().String()),
	}, nil
}

package erp

// The Shipping window of the Transaction API.

const shippingForm = "TABPAGE_1.tp_1_dw_1"

// saveShippingWindow writes the tracking number and the carrier of a pick
// ticket, and confirms the shipment when create_invoice is ticked. A ticket
// that has its invoice is closed.
func (e *ERP) saveShippingWindow(set transactionSet, t transaction, _ bool) ([]dataElement, error) {
	if len(t.DataElements) != 1 || len(t.DataElements[0].Rows) != 1 {
		return nil, ruleError("One data element with one row is expected.")
	}
	row := t.DataElements[0].Rows[0]
	no := row.value("pick_ticket_no")
	ticket := e.books.tickets[leadingInt(no)]
	if ticket == nil || ticket.Deleted {
		return nil, ruleError("Pick ticket " + no + " does not exist.")
	}
	if ticket.InvoiceNo != "" {
		return nil, ruleError("Pick ticket " + no + " has already been invoiced.")
	}
	changed, confirm := *ticket, false
	err := typeEach(row.Edits, func(name, v string) error {
		switch name {
		case "tracking_no":
			if len(v) > 40 {
				return ruleError("Tracking number is longer than 40 characters.")
			}
			changed.Tracking = v
		case "carrier_id":
			id, known := e.books.carrierNamed(v)
			if !known {
				return ruleError("Carrier " + v + " does not exist.")
			}
			changed.CarrierID = id
		case "create_invoice":
			on, err := set.checkBox(v)
			confirm = on
			return err
		case "pick_ticket_no", "ship_date", "freight_cd", "ship_route", "period", "year_for_period", "print_invoice", "email_invoice":
		default:
			return ruleError("Column " + name + " does not exist in " + shippingForm + ".")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	*ticket = changed
	e.books.touch(ticket)
	if confirm {
		o := e.books.orders[ticket.OrderNo]
		if !ticket.Shipped {
			e.books.confirm(ticket)
		}
		e.books.invoice(o, ticket)
	}
	return []dataElement{form(shippingForm, "pick_ticket_no", no, "invoice_no", ticket.InvoiceNo)}, nil
}

func (e *ERP) loadShippingWindow(no string) ([]dataElement, error) {
	ticket := e.books.tickets[leadingInt(no)]
	if ticket == nil {
		return nil, ruleError("Pick ticket " + no + " does not exist.")
	}
	return []dataElement{form(shippingForm, "pick_ticket_no", no, "order_no", ticket.OrderNo, "invoice_no", ticket.InvoiceNo,
		"tracking_no", ticket.Tracking, "carrier_id", e.options.Carriers[ticket.CarrierID])}, nil
}

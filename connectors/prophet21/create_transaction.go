package prophet21

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

// transaction is a request of the Transaction API. The middleware types the
// edits into a real window, in this order; every value is text.
type transaction struct {
	Name           string
	UseCodeValues  bool
	IgnoreDisabled bool
	Transactions   []transactionState
}

type transactionState struct {
	Status       string
	DataElements []element
}

type element struct {
	Name string
	Type string
	Keys []string
	Rows []row
}

type row struct {
	Edits             []edit
	RelativeDateEdits []edit
}

type edit struct {
	Name  string
	Value string
}

// transactionReply comes with HTTP 200 even when everything failed.
type transactionReply struct {
	Messages []string
	Results  struct {
		Transactions []struct {
			Status       string
			DataElements []struct {
				Name string
				Rows []struct {
					Edits []struct {
						Name  string
						Value ident
					}
				}
			}
		}
	}
	Summary *struct {
		Succeeded, Failed, Other count
	}
}

const headerElement = "TABPAGE_1.order"

// createByTransaction creates the order through the service Order. It has no
// field for a web reference: the PO number carries ours.
func (m *middleware) createByTransaction(ctx context.Context, o commerce.SalesOrder) (string, error) {
	operation := orderOperation(o)
	root, err := m.transactionURL(ctx)
	if err != nil {
		return "", err
	}
	if isTicket(o.CarrierID) {
		// The window takes a carrier by its name, as it takes every display value.
		names, err := m.carrierNames(ctx, operation, []string{o.CarrierID})
		if err != nil {
			return "", err
		}
		o.CarrierID = orElse(names[o.CarrierID], o.CarrierID)
	}
	var reply transactionReply
	if err := m.call(ctx, operation, http.MethodPost, root+"api/v2/transaction", orderTransaction(o), &reply); err != nil {
		m.forgetTransactionURL(err)
		return "", err
	}
	return m.orderOf(operation, reply)
}

// orderOf judges a reply. A transaction that failed comes with HTTP 200, and one
// that succeeded names the order.
func (m *middleware) orderOf(operation string, reply transactionReply) (string, error) {
	words := short(strings.Join(reply.Messages, " "))
	switch {
	case reply.Summary == nil:
		return "", m.client.Fail(connectors.OutcomeUnknown, operation, "the answer has no summary", nil)
	case reply.Summary.Failed > 0:
		kind, hint := kindOfMessage(words)
		if kind == "" {
			kind = connectors.Rejected
		}
		return "", m.client.Fail(kind, operation, hint+words, nil)
	case reply.Summary.Succeeded != 1 || reply.Summary.Other > 0:
		return "", m.client.Fail(connectors.OutcomeUnknown, operation, "it neither succeeded nor failed: "+words, nil)
	}
	for _, t := range reply.Results.Transactions {
		for _, e := range t.DataElements {
			if e.Name != headerElement {
				continue
			}
			for _, r := range e.Rows {
				for _, edit := range r.Edits {
					if edit.Name == "order_no" && edit.Value != "" {
						return string(edit.Value), nil
					}
				}
			}
		}
	}
	return "", m.client.Fail(connectors.OutcomeUnknown, operation, "it succeeded, but the answer names no order", nil)
}

// orderTransaction writes the order as edits. company_id is not among them: the
// field is disabled and follows the customer.
func orderTransaction(o commerce.SalesOrder) transaction {
	header := row{RelativeDateEdits: []edit{}}
	set := func(name, value string) {
		if value != "" {
			header.Edits = append(header.Edits, edit{name, value})
		}
	}
	set("customer_id", o.CustomerID) // first: it fills in the customer's defaults
	set("ship_to_id", o.ShipToID)
	set("contact_id", o.ContactID)
	set("sales_loc_id", o.LocationID)
	set("source_loc_id", o.SourceLocationID) // without it the order's tax has no jurisdiction
	set("order_date", string(o.OrderDate))
	set("requested_date", string(o.RequestedDate))
	set("po_no", o.Reference)
	set("taker", o.Taker)
	set("oe_hdr_carrier_id", o.CarrierID)
	set("packing_basis", o.PackingBasis)
	set("freight_cd", o.FreightCode)
	set("oe_hdr_terms", o.Terms)
	set("ship_to_name", o.ShipTo.Name())
	set("oe_hdr_ship2_add1", o.ShipTo.Line1)
	set("oe_hdr_ship2_add2", o.ShipTo.Line2)
	set("oe_hdr_ship2_city", o.ShipTo.City)
	set("oe_hdr_ship2_state", o.ShipTo.State)
	set("oe_hdr_ship2_zip", o.ShipTo.PostalCode)
	set("delivery_instructions", o.DeliveryInstructions)
	set("job_name", o.JobName)
	approved := "OFF"
	if o.Approved {
		approved = "ON"
	}
	set("approved", approved)
	for _, name := range sortedKeys(o.Extra) {
		if name != "po_no" { // it holds our reference
			set(name, o.Extra[name])
		}
	}
	// Without the line number as key the same item twice becomes one line.
	list := element{Name: "TP_ITEMS.items", Type: "List", Keys: []string{"user_line_no"}}
	for _, l := range o.Lines {
		list.Rows = append(list.Rows, transactionLine(l))
	}
	return transaction{Name: "Order", IgnoreDisabled: true, Transactions: []transactionState{{Status: "New", DataElements: []element{
		{Name: headerElement, Type: "Form", Keys: []string{}, Rows: []row{header}}, list,
	}}}}
}

func transactionLine(l commerce.SalesOrderLine) row {
	r := row{RelativeDateEdits: []edit{}, Edits: []edit{
		{"user_line_no", strconv.Itoa(l.LineNo)}, {"oe_order_item_id", l.ItemID}, {"unit_quantity", l.Quantity.String()},
	}}
	if l.UOM != "" {
		r.Edits = append(r.Edits, edit{"unit_of_measure", l.UOM})
	}
	r.Edits = append(r.Edits, edit{"unit_price", l.UnitPrice.String()})
	if l.Description != "" {
		r.Edits = append(r.Edits, edit{"extended_desc", l.Description})
	}
	for _, name := range sortedKeys(l.Extra) {
		r.Edits = append(r.Edits, edit{name, l.Extra[name]})
	}
	return r
}

// transactionURL asks the router once where the UI server is.
func (m *middleware) transactionURL(ctx context.Context) (string, error) {
	m.mu.Lock()
	known := m.uiServer
	m.mu.Unlock()
	if known != "" {
		return known, nil
	}
	var doc struct{ Url string }
	if err := m.call(ctx, "find the UI server", http.MethodGet, m.cfg.URL+"/api/ui/router/v1/?urlType=external", nil, &doc); err != nil {
		return "", err
	}
	if !strings.HasPrefix(doc.Url, "http") {
		return "", m.client.Fail(connectors.Malformed, "find the UI server", "the router names none", nil)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.uiServer = strings.TrimRight(doc.Url, "/") + "/"
	return m.uiServer, nil
}

// forgetTransactionURL lets the router be asked again when the UI server cannot
// be reached: the router may have moved us to another.
func (m *middleware) forgetTransactionURL(err error) {
	switch connectors.KindOf(err) {
	case connectors.Unavailable, connectors.OutcomeUnknown, connectors.NotFound:
		m.mu.Lock()
		defer m.mu.Unlock()
		m.uiServer = ""
	}
}

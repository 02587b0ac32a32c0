package erp

import (
	"errors"
	"net/http"
	"time"

	"github.com/shopspring/decimal"
)

// The gateway's Shipment: a pick ticket with its tracking numbers gathered
// from wherever they are.

type gatewayShipment struct {
	PickTicketNo    int                   `json:"pickTicketNo"`
	OrderNo         string                `json:"orderNo"`
	LocationID      int                   `json:"locationId"`
	CarrierID       int                   `json:"carrierId,omitempty"`
	CarrierName     string                `json:"carrierName,omitempty"`
	TrackingNumbers []string              `json:"trackingNumbers"`
	Shipped         bool                  `json:"shipped"`
	ShipDate        *time.Time            `json:"shipDate,omitempty"`
	InvoiceNo       string                `json:"invoiceNo,omitempty"`
	Invoice         *gatewayInvoice       `json:"invoice,omitempty"`
	Freight         amount                `json:"freight"`
	Lines           []gatewayShipmentLine `json:"lines"`
	DateModified    time.Time             `json:"dateModified"`
}

type gatewayShipmentLine struct {
	LineNo   int    `json:"lineNo"`
	ItemID   string `json:"itemId"`
	Quantity amount `json:"quantity"`
	Unit     string `json:"unitOfMeasure"`
}

type gatewayInvoice struct {
	Goods   amount `json:"goods"`
	Freight amount `json:"freight"`
	Charges amount `json:"charges"`
	Tax     amount `json:"tax"`
	Total   amount `json:"total"`
	Paid    amount `json:"paid"`
}

func (e *ERP) gatewayShipments(r *http.Request) reply {
	q := r.URL.Query()
	moment, given, err := since(r)
	var tickets []*PickTicket
	switch {
	case err != nil:
		return gatewayRefused(err)
	case q.Get("orderNo") != "":
		tickets = e.books.ticketsOf[q.Get("orderNo")]
	case q.Get("pickTicketNo") != "":
		tickets = found(e.books.tickets, leadingInt(q.Get("pickTicketNo")))
	case given:
		for _, row := range e.books.changed["oe_pick_ticket"].since(moment) {
			tickets = append(tickets, row.(*PickTicket))
		}
	default:
		return gatewayRefused(errors.New("one of orderNo, pickTicketNo, modifiedSince is required"))
	}
	rows := make([]any, 0, len(tickets))
	for _, t := range tickets {
		if !t.Deleted {
			rows = append(rows, t)
		}
	}
	p, err := gatewayPage(r, rows,
		func(x any) time.Time { return x.(*PickTicket).Modified },
		func(x any) string { return itoa(x.(*PickTicket).No) },
		func(x any) any { return e.gatewayShipmentView(x.(*PickTicket)) })
	if err != nil {
		return gatewayRefused(err)
	}
	return ok(p)
}

func (e *ERP) gatewayShipmentView(t *PickTicket) gatewayShipment {
	v := gatewayShipment{PickTicketNo: t.No, OrderNo: t.OrderNo, LocationID: t.Location, CarrierID: t.CarrierID,
		CarrierName: e.options.Carriers[t.CarrierID], TrackingNumbers: t.TrackingNumbers(), Shipped: t.Shipped,
		InvoiceNo: t.InvoiceNo, Freight: amount{t.Freight}, Lines: []gatewayShipmentLine{}, DateModified: t.Modified}
	if t.Shipped {
		v.ShipDate = &t.ShipDate
	}
	if x, invoiced := e.books.invoices[t.InvoiceNo]; invoiced {
		v.Invoice = &gatewayInvoice{amount{x.Goods}, amount{x.Freight}, amount{x.Charges}, amount{x.Tax}, amount{x.Total}, amount{x.Paid}}
	}
	for _, l := range t.Lines {
		v.Lines = append(v.Lines, gatewayShipmentLine{l.LineNo, e.books.itemUIDs[l.ItemUID].ID, salesUnits(l.Qty, l.UnitSize), l.Unit})
	}
	return v
}

// TrackingNumbers are all tracking numbers of a ticket, from the three places.
func (t *PickTicket) TrackingNumbers() []string {
	numbers := []string{}
	for _, p := range t.Parcels {
		numbers = append(numbers, p.Tracking)
	}
	for _, no := range []string{t.ShipmentTracking, t.Tracking} {
		if no != "" {
			numbers = append(numbers, no)
		}
	}
	return numbers
}

// gatewayUpdateShipment sets the tracking number or the carrier of a ticket
// that has no invoice yet.
func (e *ERP) gatewayUpdateShipment(r *http.Request) reply {
	var in struct {
		PickTicketNo int     `json:"pickTicketNo"`
		Tracking     *string `json:"trackingNumber"`
		CarrierID    *int    `json:"carrierId"`
	}
	if err := readStrict(r, &in); err != nil {
		return gatewayRefused(err)
	}
	t, found := e.books.tickets[in.PickTicketNo]
	switch {
	case !found || t.Deleted:
		return gatewayRefused(missingError("pick ticket " + itoa(in.PickTicketNo) + " does not exist"))
	case t.InvoiceNo != "":
		return gatewayRefused(conflictError("pick ticket " + itoa(t.No) + " is invoiced already"))
	case in.CarrierID != nil && e.options.Carriers[*in.CarrierID] == "":
		return gatewayRefused(ruleError("carrier does not exist"))
	case in.Tracking != nil && len(*in.Tracking) > 40:
		return gatewayRefused(errors.New("trackingNumber is longer than 40 characters"))
	}
	change(&t.Tracking, in.Tracking)
	change(&t.CarrierID, in.CarrierID)
	e.books.touch(t)
	return ok(e.gatewayShipmentView(t))
}

// salesUnits is a quantity in base units turned into sales units.
func salesUnits(qty, size decimal.Decimal) amount {
	if size.IsZero() {
		return amount{qty}
	}
	return amount{qty.Div(size)}
}

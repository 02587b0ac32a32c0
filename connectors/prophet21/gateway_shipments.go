package prophet21

import (
	"context"
	"net/url"
	"time"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

type gatewayShipment struct {
	PickTicket ident   `json:"pickTicketNo"`
	OrderNo    ident   `json:"orderNo"`
	Location   ident   `json:"locationId"`
	Carrier    words   `json:"carrierName"`
	Tracking   []words `json:"trackingNumbers"`
	Shipped    flag    `json:"shipped"`
	ShipDate   moment  `json:"shipDate"`
	InvoiceNo  ident   `json:"invoiceNo"`
	Deleted    flag    `json:"deleted"`
	Invoice    *struct {
		Freight connectors.Number `json:"freight"`
		Tax     connectors.Number `json:"tax"`
		Total   connectors.Number `json:"total"`
		Paid    connectors.Number `json:"paid"`
	} `json:"invoice"`
	Lines []struct {
		LineNo   count             `json:"lineNo"`
		ItemID   words             `json:"itemId"`
		Quantity connectors.Number `json:"quantity"`
	} `json:"lines"`
	Modified moment `json:"dateModified"`
}

func (d gatewayShipment) shipment() commerce.Shipment {
	s := commerce.Shipment{
		ID: string(d.PickTicket), OrderNumber: string(d.OrderNo), LocationID: string(d.Location), Carrier: string(d.Carrier),
		ShippedAt: d.ShipDate.in(time.UTC), Deleted: bool(d.Deleted), InvoiceNo: string(d.InvoiceNo), UpdatedAt: d.Modified.in(time.UTC),
	}
	fields := make([]string, len(d.Tracking))
	for i, field := range d.Tracking {
		fields[i] = string(field)
	}
	s.Tracking = numbersIn(fields...)
	s.Confirmed = bool(d.Shipped) || !s.ShippedAt.IsZero() || s.InvoiceNo != ""
	for _, l := range d.Lines {
		s.Lines = append(s.Lines, commerce.ShipmentLine{OrderLine: int(l.LineNo), ItemID: string(l.ItemID), Quantity: l.Quantity.Decimal})
	}
	return s
}

// ShipmentsChanged lists pick tickets by their last change.
func (g *gateway) ShipmentsChanged(ctx context.Context, since time.Time, cursor string) (ShipmentPage, error) {
	const operation = "list changed shipments"
	docs, next, err := get[gatewayShipment](ctx, g, operation, "Shipment", changedSince(since, cursor))
	if err != nil {
		return ShipmentPage{}, err
	}
	if next != "" && next == cursor {
		return ShipmentPage{}, g.client.Fail(connectors.Malformed, operation, "the same page came again", nil)
	}
	page := ShipmentPage{Next: next}
	for _, d := range docs {
		if d.PickTicket == "" {
			return ShipmentPage{}, g.client.Fail(connectors.Malformed, operation, "a pick ticket without a number", nil)
		}
		page.Shipments = append(page.Shipments, d.shipment())
	}
	return page, nil
}

// Shipment reads one pick ticket.
func (g *gateway) Shipment(ctx context.Context, pickTicket string) (commerce.Shipment, error) {
	operation := "read shipment " + pickTicket
	if !isTicket(pickTicket) {
		return commerce.Shipment{}, g.client.Fail(connectors.Rejected, operation, "not a pick ticket number", nil)
	}
	docs, _, err := get[gatewayShipment](ctx, g, operation, "Shipment", url.Values{"pickTicketNo": {pickTicket}})
	if err != nil {
		return commerce.Shipment{}, err
	}
	if len(docs) == 0 || string(docs[0].PickTicket) != pickTicket {
		return commerce.Shipment{}, g.client.Fail(connectors.NotFound, operation, "there is no such shipment", nil)
	}
	return docs[0].shipment(), nil
}

// Shipments reads the pick tickets of an order.
func (g *gateway) Shipments(ctx context.Context, orderNumber string) ([]commerce.Shipment, error) {
	docs, err := g.shipmentsOf(ctx, orderNumber)
	var out []commerce.Shipment
	for _, d := range docs {
		out = append(out, d.shipment())
	}
	return out, err
}

func (g *gateway) shipmentsOf(ctx context.Context, orderNumber string) ([]gatewayShipment, error) {
	operation := "read the shipments of order " + orderNumber
	if orderNumber == "" {
		return nil, g.client.Fail(connectors.Rejected, operation, "no order number", nil)
	}
	docs, _, err := get[gatewayShipment](ctx, g, operation, "Shipment", url.Values{"orderNo": {orderNumber}, "limit": {"500"}})
	return docs, err
}

// Invoices are told with the shipments they bill.
func (g *gateway) Invoices(ctx context.Context, orderNumber string) ([]commerce.Invoice, error) {
	docs, err := g.shipmentsOf(ctx, orderNumber)
	if err != nil {
		return nil, err
	}
	var out []commerce.Invoice
	for _, d := range docs {
		if d.InvoiceNo == "" {
			continue
		}
		i := commerce.Invoice{Number: string(d.InvoiceNo), OrderNumber: string(d.OrderNo), UpdatedAt: d.Modified.in(time.UTC)}
		if at := d.ShipDate.in(time.UTC); !at.IsZero() {
			i.Date = commerce.DateOf(at.In(g.cfg.Location))
		}
		if d.Invoice != nil {
			i.Total, i.Tax, i.Freight, i.Paid = d.Invoice.Total.Decimal, d.Invoice.Tax.Decimal, d.Invoice.Freight.Decimal, d.Invoice.Paid.Decimal
		}
		out = append(out, i)
	}
	return out, nil
}

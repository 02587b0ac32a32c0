package mapping

import (
	"slices"
	"time"

	"github.com/cart21/cart21/commerce"
)

// Facts are what the ERP knows of an order's items and customer.
type Facts struct {
	Items map[string]commerce.Item `json:"items"`
	// Account is the ERP's customer; nil while there is none.
	Account *commerce.Account `json:"account,omitempty"`
}

// Items are the ERP items that an order needs, charge items included, to look
// up before mapping.
func (p *Profile) Items(order commerce.Order) []string {
	if len(unusableAmounts(order)) > 0 {
		return nil // MapOrder tells
	}
	e := evaluation{programs: p.programs}
	sales := commerce.SalesOrder{Currency: order.Currency}
	p.addMoney(&e, &sales, order, Facts{})
	var ids []string
	seen := map[string]bool{"": true}
	for _, l := range sales.Lines {
		if !seen[l.ItemID] {
			seen[l.ItemID] = true
			ids = append(ids, l.ItemID)
		}
	}
	return ids
}

// MapOrder makes a sales order of a web order, and finds all that stands
// against it at once. When [Reason] of the findings is not empty, the sales
// order is not to be written.
func (p *Profile) MapOrder(order commerce.Order, facts Facts, now time.Time) (commerce.SalesOrder, []Finding) {
	if findings := unusableAmounts(order); len(findings) > 0 {
		return commerce.SalesOrder{Reference: order.Reference()}, findings
	}
	order = p.tidy(order)
	e := evaluation{programs: p.programs}
	sales := p.header(&e, order, facts, now)
	p.addMoney(&e, &sales, order, facts)
	return sales, p.validate(order, sales, facts, e.findings)
}

// addMoney maps what an order costs: goods, charges, and what rounding leaves.
func (p *Profile) addMoney(e *evaluation, sales *commerce.SalesOrder, order commerce.Order, facts Facts) {
	view := p.view(order)
	net := p.netAmounts(order)
	p.addLines(e, sales, order, net, view, facts)
	p.addCharges(e, sales, order, net, view)
	p.addRounding(sales, order, net)
}

func (p *Profile) header(e *evaluation, order commerce.Order, facts Facts, now time.Time) commerce.SalesOrder {
	day := p.orderDate(order)
	s := orderScope{
		Order: p.view(order), Reference: order.Reference(),
		Today: string(max(day, commerce.DateOf(now.In(p.zone)))),
	}
	h := p.doc.Order
	sales := commerce.SalesOrder{
		Reference: s.Reference, PONumber: e.text(h.PONumber, s), CompanyID: p.doc.Company.ID,
		LocationID: e.text(h.Location, s), SourceLocationID: e.text(h.SourceLocation, s), Taker: e.text(h.Taker, s),
		OrderDate: day, RequestedDate: commerce.Date(e.text(h.RequestedDate, s)),
		Approved: e.truth(h.Approved, s), WillCall: e.truth(h.WillCall, s),
		CarrierID: e.text(h.Carrier, s), PackingBasis: e.text(h.PackingBasis, s), FreightCode: e.text(h.FreightCode, s),
		Terms: e.text(h.Terms, s), DeliveryInstructions: e.text(h.DeliveryInstructions, s), JobName: e.text(h.JobName, s),
		ShipTo: order.Destination(), Currency: order.Currency, Extra: e.extra(h.Extra, s),
		WebTax: p.webTax(order), WebTotal: order.Total,
	}
	if a := facts.Account; a != nil {
		sales.CustomerID, sales.ContactID, sales.ShipToID = a.CustomerID, a.ContactID, a.ShipToID
	}
	for _, n := range p.doc.Notes {
		if text := e.text(n.Text, s); text != "" {
			sales.Notes = append(sales.Notes, commerce.Note{Topic: e.text(n.Topic, s), Class: e.text(n.Class, s), Text: text})
		}
	}
	return sales
}

// addLines maps the goods, one line for each of the web order's, in its order:
// shipments are told by line.
func (p *Profile) addLines(e *evaluation, sales *commerce.SalesOrder, order commerce.Order, net netAmounts, view orderView, facts Facts) {
	chargeItems := p.ChargeItems()
	for i, l := range order.Lines {
		s := lineScope{Order: view, Line: lineView{
			ProductID: l.ProductID, SKU: l.SKU, Name: l.Name, Quantity: l.Quantity, Price: l.UnitPrice(),
			ListPrice: l.ListPrice, Subtotal: l.Subtotal, Attributes: l.Attributes,
		}}
		line := commerce.SalesOrderLine{
			LineNo: len(sales.Lines) + 1, ItemID: e.text(p.doc.Lines.Item, s), Description: e.text(p.doc.Lines.Description, s),
			Quantity: l.Quantity, UOM: e.text(p.doc.Lines.UOM, s), SourceLocationID: sales.SourceLocationID,
			UnitPrice: p.unitPrice(order.Currency, l.Quantity, net.lines[i]), Extra: e.extra(p.doc.Lines.Extra, s),
		}
		if line.UOM == "" {
			line.UOM = facts.Items[line.ItemID].SellingUnit
		}
		// Postage or a fee that the shop sells as if it were a product.
		line.Charge = slices.Contains(chargeItems, line.ItemID)
		sales.Lines = append(sales.Lines, line)
	}
}

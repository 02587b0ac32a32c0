package mapping

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"

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
	e := evaluation{programs: p.programs}
	sales := commerce.SalesOrder{Currency: order.Currency}
	p.addLines(&e, &sales, order, Facts{})
	p.addCharges(&e, &sales, order)
	seen := map[string]bool{}
	var ids []string
	for _, l := range sales.Lines {
		if l.ItemID != "" && !seen[l.ItemID] {
			seen[l.ItemID] = true
			ids = append(ids, l.ItemID)
		}
	}
	return ids
}

// MapOrder makes a sales order of a web order, and finds all that stands
// against it at once. With findings the sales order is not to be written.
func (p *Profile) MapOrder(order commerce.Order, facts Facts, now time.Time) (commerce.SalesOrder, []Finding) {
	order = p.tidy(order)
	e := evaluation{programs: p.programs}
	s := scope{Order: viewOf(order), Reference: commerce.Reference(order.Store, order.ID)}
	day := commerce.DateOf(order.PlacedAt.In(p.zone))
	h := p.doc.Order
	sales := commerce.SalesOrder{
		Reference: s.Reference, PONumber: e.text(h.PONumber, s), CompanyID: p.doc.Company.ID,
		LocationID: e.text(h.Location, s), SourceLocationID: e.text(h.SourceLocation, s), Taker: e.text(h.Taker, s),
		OrderDate: day, RequestedDate: max(day, commerce.DateOf(now.In(p.zone))).AddDays(h.RequestedInDays),
		Approved: e.truth(h.Approved, s), WillCall: e.truth(h.WillCall, s),
		CarrierID: e.text(h.Carrier, s), PackingBasis: e.text(h.PackingBasis, s), FreightCode: e.text(h.FreightCode, s),
		Terms: e.text(h.Terms, s), DeliveryInstructions: e.text(h.DeliveryInstructions, s), JobName: e.text(h.JobName, s),
		ShipTo: order.Destination(), Currency: order.Currency, Extra: e.extra(h.Extra, s),
		WebTax: order.ChargeTotal(commerce.ChargeTax), WebTotal: order.Total,
	}
	if a := facts.Account; a != nil {
		sales.CustomerID, sales.ContactID, sales.ShipToID = a.CustomerID, a.ContactID, a.ShipToID
	}
	p.addLines(&e, &sales, order, facts)
	p.addCharges(&e, &sales, order)
	for _, n := range p.doc.Notes {
		if text := e.text(n.Text, s); text != "" {
			sales.Notes = append(sales.Notes, commerce.Note{Topic: e.text(n.Topic, s), Class: e.text(n.Class, s), Text: text})
		}
	}
	return sales, p.validate(order, sales, facts, e.findings)
}

// addLines maps the goods. A unit price that cannot express what was charged is
// made up for by one rounding line, so that the order agrees to the cent.
func (p *Profile) addLines(e *evaluation, sales *commerce.SalesOrder, order commerce.Order, facts Facts) {
	residue := decimal.Zero
	for _, l := range order.Lines {
		s := scope{Order: viewOf(order), Line: lineView{SKU: l.SKU, Name: l.Name, Quantity: l.Quantity, Price: l.UnitPrice(), Attributes: l.Attributes}}
		line := commerce.SalesOrderLine{
			LineNo: len(sales.Lines) + 1, ItemID: e.text(p.doc.Lines.Item, s), Description: e.text(p.doc.Lines.Description, s),
			Quantity: l.Quantity, UOM: e.text(p.doc.Lines.UOM, s), SourceLocationID: sales.SourceLocationID,
			Extra: e.extra(p.doc.Lines.Extra, s),
		}
		if line.UOM == "" {
			line.UOM = facts.Items[line.ItemID].SellingUnit
		}
		line.UnitPrice = p.unitPrice(order.Currency, l)
		residue = residue.Add(l.Subtotal).Sub(order.Currency.Round(line.Quantity.Mul(line.UnitPrice)))
		sales.Lines = append(sales.Lines, line)
	}
	if residue = order.Currency.Round(residue); !residue.IsZero() {
		addCharge(sales, p.doc.Lines.RoundingItem, "Rounding", residue)
	}
}

// unitPrice is the price of one with as few decimal places as express the
// line's subtotal when multiplied again; with the most places allowed when none do.
func (p *Profile) unitPrice(currency commerce.Currency, l commerce.Line) decimal.Decimal {
	exact := l.UnitPrice()
	for places := currency.MinorUnits(); places < p.doc.Lines.PriceDecimals; places++ {
		if price := exact.Round(places); currency.Round(l.Quantity.Mul(price)).Equal(l.Subtotal) {
			return price
		}
	}
	return exact.Round(p.doc.Lines.PriceDecimals)
}

// addCharges maps what is not goods: freight into the header or a charge line,
// everything else into charge lines.
func (p *Profile) addCharges(e *evaluation, sales *commerce.SalesOrder, order commerce.Order) {
	for _, c := range order.Charges {
		if c.Included || c.Amount.IsZero() {
			continue
		}
		item := p.chargeItem(c.Kind)
		if c.Kind == commerce.ChargeTax && p.doc.Tax.Handling == taxCompare {
			continue
		}
		if c.Kind == commerce.ChargeFreight && item == freightInHeader {
			sales.Freight = sales.Freight.Add(c.Amount)
			continue
		}
		s := scope{Order: viewOf(order), Charge: chargeView{Kind: string(c.Kind), Code: c.Code, Name: c.Name, Amount: c.Amount}}
		addCharge(sales, item, e.text(p.doc.Charges.Description, s), c.Amount)
	}
}

func (p *Profile) chargeItem(kind commerce.ChargeKind) string {
	c := p.doc.Charges
	switch kind {
	case commerce.ChargeFreight:
		return c.Freight
	case commerce.ChargeTax:
		return p.doc.Tax.Item
	case commerce.ChargeDiscount:
		return c.Discount
	case commerce.ChargeGiftCertificate:
		return c.GiftCertificate
	case commerce.ChargePaymentFee:
		return c.PaymentFee
	case commerce.ChargeHandling:
		return c.Handling
	default:
		return c.Other
	}
}

func addCharge(sales *commerce.SalesOrder, item, description string, amount decimal.Decimal) {
	sales.Lines = append(sales.Lines, commerce.SalesOrderLine{
		LineNo: len(sales.Lines) + 1, ItemID: item, Description: description,
		Quantity: decimal.NewFromInt(1), UnitPrice: amount, Charge: true,
	})
}

// Account is the buyer of an order as a customer that could be looked for or
// created. Its reference holds no personal data.
func (p *Profile) Account(order commerce.Order) commerce.Account {
	order = p.tidy(order)
	c, to := order.Customer, order.Destination()
	key := "c" + c.ProfileID
	if c.ProfileID == "" || c.Guest {
		key = "g" + hash([]byte(strings.ToLower(strings.TrimSpace(c.Email))))
	}
	bill := order.BillTo
	if bill.IsZero() {
		bill = to
	}
	e := evaluation{programs: p.programs}
	s := scope{Order: viewOf(order)}
	a := commerce.Account{
		CompanyID: p.doc.Company.ID, Name: left(bill.Name(), 50), FirstName: bill.FirstName, LastName: bill.LastName,
		Email: c.Email, Phone: bill.Phone, Address: bill, Terms: e.text(p.doc.Customers.Terms, s),
		Reference: "xc-" + order.Store + "-" + key, Extra: e.extra(p.doc.Customers.Extra, s),
	}
	if a.Name == "" {
		a.Name = left(c.Name(), 50)
	}
	return a
}

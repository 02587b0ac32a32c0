package mapping

import (
	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
)

// addCharges maps what is not goods: freight into the header or a charge line,
// everything else into charge lines, each with its name.
func (p *Profile) addCharges(e *evaluation, sales *commerce.SalesOrder, order commerce.Order, net netAmounts, view orderView) {
	for i, c := range order.Charges {
		amount := order.Currency.Round(net.charges[i])
		if !p.isMapped(c) || amount.IsZero() {
			continue
		}
		item := p.chargeItem(c)
		if c.Kind == commerce.ChargeFreight && item == freightInHeader {
			sales.Freight = sales.Freight.Add(amount)
			continue
		}
		s := chargeScope{Order: view, Charge: chargeView{Kind: string(c.Kind), Code: c.Code, Name: c.Name, Amount: amount}}
		addCharge(sales, item, e.text(p.doc.Charges.Description, s), amount)
	}
}

// isMapped reports whether a charge goes to the ERP at all: not what is inside
// the prices already, and not the tax that the ERP computes itself. Where tax
// is sent as a line, tax that was taken out of the prices is sent too.
func (p *Profile) isMapped(c commerce.Charge) bool {
	if c.Kind == commerce.ChargeTax {
		return p.doc.Tax.Handling == taxAsCharge && (!c.Included || p.doc.Tax.Prices == pricesGross)
	}
	return !c.Included
}

// chargeItem is the item that carries a charge: by its code where the table of
// charges has it, else by its kind.
func (p *Profile) chargeItem(charge commerce.Charge) string {
	if item, ok := p.doc.Tables[chargesTable][charge.Code]; ok && charge.Code != "" {
		return item
	}
	c := p.doc.Charges
	switch charge.Kind {
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

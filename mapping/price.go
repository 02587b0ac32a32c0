package mapping

import (
	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
)

// netAmounts are an order's amounts as the ERP wants them: without tax.
type netAmounts struct {
	lines   []decimal.Decimal // by line of the order
	charges []decimal.Decimal // by charge of the order
	// stuck: there is tax inside the prices, and nothing to take it out of.
	stuck bool
}

// netAmounts takes the tax that is inside a gross shop's prices out of them, in
// proportion, by largest remainder: the parts sum to the tax that the shop
// says, to the cent. With several rates in one order a single line may be some
// cents off its own tax; the shop tells the tax of the order only.
func (p *Profile) netAmounts(order commerce.Order) netAmounts {
	net := netAmounts{lines: make([]decimal.Decimal, len(order.Lines)), charges: make([]decimal.Decimal, len(order.Charges))}
	weights := make([]decimal.Decimal, 0, len(order.Lines)+len(order.Charges))
	for i, l := range order.Lines {
		net.lines[i] = l.Subtotal
		weights = append(weights, decimal.Max(l.Subtotal, decimal.Zero))
	}
	for i, c := range order.Charges {
		net.charges[i] = c.Amount
		weight := decimal.Zero
		if p.doc.Tax.OnFreight && c.Kind == commerce.ChargeFreight && !c.Included {
			weight = decimal.Max(c.Amount, decimal.Zero)
		}
		weights = append(weights, weight)
	}
	tax := order.Currency.Round(includedTax(order))
	if p.doc.Tax.Prices != pricesGross || tax.IsZero() {
		return net
	}
	parts, err := order.Currency.Allocate(tax, weights)
	if err != nil {
		net.stuck = true
		return net
	}
	for i := range net.lines {
		net.lines[i] = net.lines[i].Sub(parts[i])
	}
	for i := range net.charges {
		net.charges[i] = net.charges[i].Sub(parts[len(net.lines)+i])
	}
	return net
}

// includedTax is the tax inside an order's prices.
func includedTax(order commerce.Order) decimal.Decimal {
	tax := decimal.Zero
	for _, c := range order.Charges {
		if c.Kind == commerce.ChargeTax && c.Included {
			tax = tax.Add(c.Amount)
		}
	}
	return tax
}

// webTax is the tax that the shop charged, to compare with the ERP's.
func (p *Profile) webTax(order commerce.Order) decimal.Decimal {
	tax := order.ChargeTotal(commerce.ChargeTax)
	if p.doc.Tax.Prices == pricesGross {
		tax = tax.Add(includedTax(order))
	}
	return order.Currency.Round(tax)
}

// unitPrice is the price of one with as few decimal places as give the amount
// again when the ERP multiplies and rounds. Where no price with the places
// allowed does, it is the nearest, and [Profile.addRounding] makes up for it.
func (p *Profile) unitPrice(currency commerce.Currency, quantity, amount decimal.Decimal) decimal.Decimal {
	if quantity.IsZero() {
		return decimal.Zero
	}
	most := max(p.doc.Lines.PriceDecimals, currency.MinorUnits())
	amount = currency.Round(amount)
	for places := currency.MinorUnits(); places <= most; places++ {
		nearest := amount.DivRound(quantity, places)
		// A product that lies half-way between two cents is rounded away from
		// zero; one step nearer to zero it may be the amount.
		for _, price := range []decimal.Decimal{nearest, nearest.Sub(decimal.New(int64(nearest.Sign()), -places))} {
			if currency.Round(quantity.Mul(price)).Equal(amount) {
				return price
			}
		}
	}
	return amount.DivRound(quantity, most)
}

// addRounding makes the sales order agree with the web order to the cent: what
// unit prices cannot express becomes one named line. The alternative, splitting
// a line into two prices, would break the tie between the lines of shop, ERP and
// shipment, and shows customers two prices for one thing.
func (p *Profile) addRounding(sales *commerce.SalesOrder, order commerce.Order, net netAmounts) {
	var wanted decimal.Decimal
	if order.Imbalance().IsZero() && !net.stuck {
		wanted = order.Total
		if p.doc.Tax.Handling == taxCompare {
			wanted = wanted.Sub(p.webTax(order))
		}
	} else { // it does not add up and is parked; still, preview it
		wanted = commerce.Sum(net.lines...)
		for i, c := range order.Charges {
			if p.isMapped(c) {
				wanted = wanted.Add(net.charges[i])
			}
		}
	}
	if residue := order.Currency.Round(wanted.Sub(sales.NetTotal())); !residue.IsZero() {
		addCharge(sales, p.doc.Lines.RoundingItem, "Rounding", residue)
	}
}

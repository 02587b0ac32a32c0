package shop

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// Edit is what staff change in an order. What is nil stays.
type Edit struct {
	Lines             []NewLine
	Surcharges        []Surcharge
	Total             *decimal.Decimal // summed when lines or surcharges change
	Billing, Shipping *Address
	Notes, AdminNotes *string
}

// EditOrder changes an order as staff do in the admin area. Stock follows the
// quantities.
func (s *Shop) EditOrder(id int, e Edit) error {
	return s.withOrder(id, func(o *order) error {
		if e.Lines != nil || e.Surcharges != nil || e.Total != nil {
			s.editLines(o, e)
		}
		if p := s.books.Profiles.get(o.Profile); p != nil && (e.Billing != nil || e.Shipping != nil) {
			s.editAddresses(p, e)
		}
		if e.Notes != nil {
			o.Notes = *e.Notes
		}
		if e.AdminNotes != nil {
			o.AdminNotes = *e.AdminNotes
		}
		s.record(o, historyEvent{Code: "ORDER EDITED", Description: "Order edited", HasOrder: true}, author{name: "staff"})
		s.renew(o)
		return nil
	})
}

func (s *Shop) editLines(o *order, e Edit) {
	holds := o.StockStatus == stockReduced
	if holds {
		s.moveStock(o, 1)
	}
	lines, surcharges := e.Lines, e.Surcharges
	if lines == nil {
		lines = o.asLines()
	}
	if surcharges == nil {
		surcharges = o.asSurcharges()
	}
	s.fill(o, lines, surcharges, e.Total)
	if holds {
		s.moveStock(o, -1)
	}
}

func (s *Shop) editAddresses(p *profile, e Edit) {
	billing, shipping := e.Billing, e.Shipping
	if billing == nil {
		billing = publicAddress(p.address(isBilling))
	}
	if shipping == nil {
		shipping = publicAddress(p.address(isShipping))
	}
	p.Addresses = s.addresses(billing, shipping)
}

// SetPaymentStatus moves an order to a payment status by its code.
func (s *Shop) SetPaymentStatus(id int, code string) error { return s.setByCode(id, payment, code) }

// SetShippingStatus moves an order to a shipping status by its code. S mails
// the customer.
func (s *Shop) SetShippingStatus(id int, code string) error { return s.setByCode(id, shipping, code) }

// Cancel cancels an order's payment; the goods return to the stock.
func (s *Shop) Cancel(id int) error { return s.setByCode(id, payment, "C") }

func (s *Shop) setByCode(id int, axis, code string) error {
	return s.withOrder(id, func(o *order) error {
		to := s.books.statusByCode(axis, code)
		if to == nil {
			return fmt.Errorf("there is no %s status %q", axis, code)
		}
		s.setStatus(o, axis, to, theShop)
		return nil
	})
}

// Refund gives money back. A refund of all that is left makes the order refunded.
func (s *Shop) Refund(id int, amount decimal.Decimal) error {
	return s.withOrder(id, func(o *order) error {
		s.addTransaction(o, "refund", "S", amount, "")
		left := o.Total
		for _, t := range o.Transactions {
			if t.Type == "refund" && t.Status == "S" {
				left = left.Sub(t.Value)
			}
		}
		s.renew(o)
		if left.Sign() <= 0 {
			s.setStatus(o, payment, s.books.statusByID(payment, 7), theShop)
		}
		return nil
	})
}

// AddTracking writes a tracking number as staff do. It moves no lastRenewDate.
func (s *Shop) AddTracking(id int, number string) error {
	return s.withOrder(id, func(o *order) error {
		o.Tracking = append(o.Tracking, s.newTracking(number))
		return nil
	})
}

func (s *Shop) newTracking(value string) TrackingNumber {
	return TrackingNumber{ID: s.books.next("tracking"), Value: value, Time: s.options.Now().Truncate(1e9)}
}

func (s *Shop) withOrder(id int, change func(*order) error) (err error) {
	s.locked(func() {
		o := s.books.Orders.get(id)
		if o == nil {
			err = fmt.Errorf("there is no order %d", id)
			return
		}
		err = change(o)
	})
	return err
}

// fill writes the order's lines, surcharges and totals.
func (s *Shop) fill(o *order, lines []NewLine, surcharges []Surcharge, total *decimal.Decimal) {
	o.Items, o.Surcharges, o.Subtotal = nil, nil, decimal.Zero
	for _, l := range lines {
		i := s.item(l)
		o.Subtotal = o.Subtotal.Add(i.Subtotal)
		o.Items = append(o.Items, i)
	}
	o.Total = o.Subtotal
	for _, c := range surcharges {
		o.Surcharges = append(o.Surcharges, surcharge{ID: s.books.next("surcharge"), Type: c.Type, Code: c.Code, Class: surchargeClass(c),
			Name: c.Name, Include: c.Included, Available: true, Value: c.Value})
		if !c.Included {
			o.Total = o.Total.Add(c.Value)
		}
	}
	spreadDiscount(o)
	if total != nil {
		o.Total = *total
	}
}

func (s *Shop) item(l NewLine) item {
	quantity := decimal.NewFromInt(int64(l.Quantity))
	subtotal := l.Price.Mul(quantity).Round(2)
	if l.Subtotal != nil {
		subtotal = *l.Subtotal
	}
	i := item{ID: s.books.next("item"), SKU: l.SKU, Name: l.Name, Price: l.Price, Net: l.Price, Amount: l.Quantity,
		Subtotal: subtotal, Total: subtotal, Discounted: subtotal}
	if l.Quantity != 0 {
		i.Net = subtotal.DivRound(quantity, 4)
	}
	if p := s.books.productBySKU(l.SKU); p != nil {
		i.Product = p.ID
		if i.Name == "" && p.Name != nil {
			i.Name = *p.Name
		}
	}
	return i
}

// spreadDiscount gives each line its share of the discount, the last line the
// remainder, so that the shares sum to it.
func spreadDiscount(o *order) {
	discount := o.sum("discount")
	if discount.IsZero() || o.Subtotal.IsZero() {
		return
	}
	left := discount
	for n := range o.Items {
		i := &o.Items[n]
		share := discount.Mul(i.Subtotal).DivRound(o.Subtotal, 2)
		if n == len(o.Items)-1 {
			share = left
		}
		left = left.Sub(share)
		i.Discounted = i.Subtotal.Add(share)
	}
}

func surchargeClass(c Surcharge) string {
	switch c.Type {
	case "shipping":
		return `\XLite\Logic\Order\Modifier\Shipping`
	case "tax":
		return `\XLite\Module\CDev\SalesTax\Logic\Order\Modifier\Tax`
	case "discount":
		return `\XLite\Module\CDev\VolumeDiscounts\Logic\Order\Modifier\Discount`
	}
	return `\XLite\Logic\Order\Modifier\Handling`
}

func (o *order) asLines() []NewLine {
	var out []NewLine
	for _, i := range o.Items {
		out = append(out, NewLine{SKU: i.SKU, Name: i.Name, Quantity: i.Amount, Price: i.Price, Subtotal: &i.Subtotal})
	}
	return out
}

func (o *order) asSurcharges() []Surcharge {
	var out []Surcharge
	for _, c := range o.Surcharges {
		out = append(out, Surcharge{Type: c.Type, Code: c.Code, Name: c.Name, Value: c.Value, Included: c.Include})
	}
	return out
}

package erp

import "github.com/shopspring/decimal"

// What the order desk does to an order in P21's windows.

// Delete deletes an order: it is flagged, and most windows and queries pass it over.
func (e *ERP) Delete(orderNo string) error {
	return e.change(orderNo, func(o *Order) error {
		if err := e.books.cancelOrder(o); err != nil {
			return err
		}
		o.Deleted = true
		e.books.touch(o)
		return nil
	})
}

// SetQuantity changes what is ordered of a line that nothing was done about yet.
func (e *ERP) SetQuantity(orderNo string, lineNo int, quantity decimal.Decimal) error {
	return e.change(orderNo, func(o *Order) error {
		for _, l := range o.Lines {
			if l.No != lineNo {
				continue
			}
			if err := e.books.cancellable(o, l); err != nil {
				return err
			}
			e.books.release(l)
			l.Qty, l.Extended = quantity, l.Price.Mul(quantity).Round(2)
			e.books.retax(o)
			e.books.touch(l)
			e.books.touch(o)
			return nil
		}
		return ruleError("Line " + itoa(lineNo) + " does not exist.")
	})
}

// Complete completes an order by hand: what is still open of it is given up.
func (e *ERP) Complete(orderNo string) error {
	return e.change(orderNo, func(o *Order) error {
		for _, l := range o.Lines {
			e.books.dropRemainder(l)
		}
		o.Completed = true
		e.books.touch(o)
		return nil
	})
}

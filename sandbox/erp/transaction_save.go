package erp

import (
	"slices"

	"github.com/shopspring/decimal"
)

// Saving the Order window: all of it, or nothing.

func (w *orderWindow) save(short bool) (string, error) {
	o := &w.draft
	switch {
	case o.ShipToID == 0:
		return "", ruleError("Ship To ID is a required field.")
	case o.SourceLocation == 0:
		return "", ruleError(jurisdictionNo)
	case o.PO == "":
		return "", ruleError("PO Number is a required field.")
	case o.OrderDate.IsZero() || o.RequestedDate.IsZero():
		return "", ruleError("Order Date and Requested Date are required fields.")
	case !slices.Contains([]string{"", "OK", "Hold", "Approved", "COD"}, o.Validation):
		return "", ruleError("Validation Status " + o.Validation + " is not valid.")
	}
	if w.existing != nil {
		return w.existing.No, w.saveChanges()
	}
	if err := w.books.place(o, short); err != nil {
		return "", err
	}
	return o.No, nil
}

// saveChanges writes the draft over the order it was taken from.
func (w *orderWindow) saveChanges() error {
	if err := w.books.checkHeader(&w.draft); err != nil {
		return err
	}
	for _, l := range w.draft.Lines {
		if l.Complete {
			continue
		}
		if err := w.books.prepareLine(&w.draft, l); err != nil {
			return err
		}
		if l.Ordered().LessThan(l.Invoiced.Add(l.OnTickets).Add(l.Canceled)) {
			return ruleError("Unit Quantity of line " + itoa(l.No) + " is less than what was already picked.")
		}
	}
	o := w.existing
	if w.cancel {
		return w.books.cancelOrder(o)
	}
	slices.Sort(w.cancelLines)
	w.cancelLines = slices.Compact(w.cancelLines)
	for _, no := range w.cancelLines {
		if err := w.books.cancellable(o, o.Lines[no-1]); err != nil {
			return err
		}
	}
	lines := o.Lines
	*o = w.draft
	o.Lines = lines
	w.writeLines(o)
	w.books.retax(o)
	w.books.touch(o)
	for _, no := range w.cancelLines {
		w.books.dropRemainder(o.Lines[no-1])
	}
	if len(w.cancelLines) > 0 {
		w.books.retax(o)
		w.books.completeIfDone(o)
	}
	return nil
}

func (w *orderWindow) writeLines(o *Order) {
	for i, l := range w.draft.Lines {
		if i >= len(o.Lines) {
			w.books.numberLine(l, i+1)
			l.order = o
			o.Lines = append(o.Lines, l)
			w.books.touch(l)
			continue
		}
		old := o.Lines[i]
		if sameLine(old, l) {
			continue
		}
		if !old.Ordered().Equal(l.Ordered()) {
			w.books.release(old)
			l.Reserved, l.Allocated = nil, decimal.Zero
		}
		modified := old.Modified
		*old = *l
		old.order, old.Modified = o, modified
		w.books.touch(old)
	}
}

func sameLine(x, y *Line) bool {
	return x.Qty.Equal(y.Qty) && x.Price.Equal(y.Price) && x.Unit == y.Unit && x.Disposition == y.Disposition &&
		x.ExtendedDesc == y.ExtendedDesc && x.Desc == y.Desc && x.SourceLocation == y.SourceLocation && x.ShipLocation == y.ShipLocation
}

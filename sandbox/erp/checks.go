package erp

import "slices"

// What tests and the sandbox's own bookkeeping look at, behind the API's back.

// Orders is a copy of all orders.
func (e *ERP) Orders() []Order {
	e.mu.RLock()
	defer e.mu.RUnlock()
	out := make([]Order, len(e.books.Orders))
	for i, o := range e.books.Orders {
		out[i] = o.clone()
	}
	return out
}

// Order is a copy of one order.
func (e *ERP) Order(no string) (Order, bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	o, found := e.books.orders[no]
	if !found {
		return Order{}, false
	}
	return o.clone(), true
}

// Shipments is a copy of all pick tickets, shipped or not.
func (e *ERP) Shipments() []PickTicket {
	e.mu.RLock()
	defer e.mu.RUnlock()
	out := make([]PickTicket, len(e.books.Tickets))
	for i, t := range e.books.Tickets {
		out[i] = t.clone()
	}
	return out
}

// Invoices is a copy of all invoices.
func (e *ERP) Invoices() []Invoice {
	e.mu.RLock()
	defer e.mu.RUnlock()
	out := make([]Invoice, len(e.books.Invoices))
	for i, x := range e.books.Invoices {
		out[i] = *x
		out[i].Lines = slices.Clone(x.Lines)
	}
	return out
}

// Journal is a copy of all ledger lines.
func (e *ERP) Journal() []JournalLine {
	e.mu.RLock()
	defer e.mu.RUnlock()
	out := make([]JournalLine, len(e.books.Journal))
	for i, l := range e.books.Journal {
		out[i] = *l
	}
	return out
}

// Items is a copy of the item master with its stock.
func (e *ERP) Items() []Item {
	e.mu.RLock()
	defer e.mu.RUnlock()
	out := make([]Item, len(e.books.Items))
	for i, x := range e.books.Items {
		out[i] = *x
		out[i].UOMs = slices.Clone(x.UOMs)
		out[i].Stocks = nil
		for _, s := range x.Stocks {
			copied := *s
			copied.item = nil
			out[i].Stocks = append(out[i].Stocks, &copied)
		}
	}
	return out
}

// Customers is a copy of all customers with their contacts and ship-tos.
func (e *ERP) Customers() []CustomerRecord {
	e.mu.RLock()
	defer e.mu.RUnlock()
	out := make([]CustomerRecord, len(e.books.Customers))
	for i, c := range e.books.Customers {
		out[i] = e.books.record(c)
	}
	return out
}

// Duplicate is one web order that was entered more than once.
type Duplicate struct {
	Reference string
	Orders    []string
}

// Duplicates lists what has the same web reference, or, without one, the same
// purchase order number and taker for one customer.
func (e *ERP) Duplicates() []Duplicate {
	e.mu.RLock()
	defer e.mu.RUnlock()
	seen := map[string][]string{}
	for _, o := range e.books.Orders {
		key := o.WebReference
		if key == "" {
			if o.PO == "" {
				continue
			}
			key = o.PO + " of " + o.Taker + " for " + itoa(o.CustomerID)
		}
		seen[key] = append(seen[key], o.No)
	}
	var out []Duplicate
	for _, key := range sortedKeys(seen) {
		if len(seen[key]) > 1 {
			out = append(out, Duplicate{Reference: key, Orders: seen[key]})
		}
	}
	return out
}

package shop

import "slices"

const (
	payment  = "payment"
	shipping = "shipping"
)

// author is who makes a change, as the order's history shows it.
type author struct{ name, ip string }

var theShop = author{}

func (b *books) statuses(axis string) []*status {
	if axis == payment {
		return b.PaymentStatuses
	}
	return b.ShippingStatuses
}

func (b *books) statusByID(axis string, id int) *status {
	return first(b.statuses(axis), func(s *status) bool { return s.ID == id })
}

func (b *books) statusByCode(axis, code string) *status {
	return first(b.statuses(axis), func(s *status) bool { return s.Code == code })
}

func first(rows []*status, want func(*status) bool) *status {
	if i := slices.IndexFunc(rows, want); i >= 0 {
		return rows[i]
	}
	return nil
}

// code is the current code of an order on an axis; empty for none.
func (b *books) code(axis string, o *order) string {
	if s := b.statusByID(axis, *o.axis(axis)); s != nil {
		return s.Code
	}
	return ""
}

func (o *order) axis(axis string) *int {
	if axis == payment {
		return &o.Payment
	}
	return &o.Shipping
}

// setStatus moves an order to a status and does what X-Cart does then: history,
// stock, mail, lastRenewDate. The status that it has already is no change: no
// event, no mail (as observed on 5.4.1.23, and the same handlers run in 5.5).
func (s *Shop) setStatus(o *order, axis string, to *status, by author) {
	current := o.axis(axis)
	if *current == to.ID {
		return
	}
	old := s.books.statusByID(axis, *current)
	if old == nil {
		old = &status{}
	}
	*current = to.ID
	o.Changes = append(o.Changes, StatusChange{Axis: axis, From: old.Code, To: to.Code, Time: s.options.Now(), By: by.name})
	s.renew(o)
	e := historyEvent{Code: "CHANGE PAYMENT STATUS ORDER", Description: "Order payment status changed from {{oldStatus}} to {{newStatus}}",
		Old: old.Name, New: to.Name, HasOrder: true}
	if axis == shipping {
		e.Code, e.Description = "CHANGE SHIPPING STATUS ORDER", "Order shipping status changed from {{oldStatus}} to {{newStatus}}"
	}
	s.record(o, e, by)
	if axis == shipping && old.Code == "NF" {
		s.finish(o)
	}
	s.settleStock(o, by)
	kind := MailChanged
	if axis == shipping && to.Code == "S" {
		kind = MailShipped
	}
	s.mail(o, kind, by)
}

// record writes a line of the order's history.
func (s *Shop) record(o *order, e historyEvent, by author) {
	e.ID, e.Date, e.Author, e.IP = s.books.next("event"), s.unix(), by.name, by.ip
	o.Events = append(o.Events, e)
}

// mail sends the customer a message that carries the tracking numbers which the
// order has at this moment: one that is added later is not in it.
func (s *Shop) mail(o *order, kind string, by author) {
	m := Mail{Time: s.options.Now(), Kind: kind, OrderID: o.ID, Number: o.number()}
	if p := s.books.customer(o); p != nil {
		m.To = p.Login
	}
	for _, t := range o.Tracking {
		m.Tracking = append(m.Tracking, t.Value)
	}
	s.books.Mails = append(s.books.Mails, m)
	s.record(o, historyEvent{Code: "EMAIL CUSTOMER SENT", Description: "Email sent to the customer", HasOrder: true}, by)
}

// Mails returns the messages that customers got, oldest first.
func (s *Shop) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.books.Mails)
}

// The values of an order's stockStatus.
const (
	stockReduced   = "reduced"
	stockIncreased = "increased"
)

// givesBack tells whether an order in these statuses holds no stock: declined
// and cancelled ones, and refunded ones once the goods are back or not sent.
// As observed: refunded and still shipped gives nothing back.
func givesBack(paymentCode, shippingCode string) bool {
	switch paymentCode {
	case "C", "D":
		return true
	case "R":
		return shippingCode == "R" || shippingCode == "WND"
	}
	return false
}

// settleStock takes or returns the order's goods when its statuses say so.
// Orders that never took stock (created over REST, drafts) are left alone.
func (s *Shop) settleStock(o *order, by author) {
	back := givesBack(s.books.code(payment, o), s.books.code(shipping, o))
	switch {
	case back && o.StockStatus == stockReduced:
		s.moveStock(o, 1)
		o.StockStatus = stockIncreased
	case !back && o.StockStatus == stockIncreased:
		s.moveStock(o, -1)
		o.StockStatus = stockReduced
	default:
		return
	}
	s.record(o, historyEvent{Code: "CHANGE PRODUCT AMOUNT GROUPED", Description: "[Inventory] Inventory changed", Grouped: true}, by)
}

// finish makes a real order of a draft.
func (s *Shop) finish(o *order) {
	if o.Number == nil {
		number := s.nextNumber()
		o.Number = &number
	}
	if o.StockStatus == "" {
		s.takeStock(o)
	}
}

// takeStock is the sale.
func (s *Shop) takeStock(o *order) {
	o.StockStatus = stockIncreased
	if !givesBack(s.books.code(payment, o), s.books.code(shipping, o)) {
		s.moveStock(o, -1)
		o.StockStatus = stockReduced
	}
}

// moveStock adds the order's quantities to the products, sign times. X-Cart
// knows no negative amounts: what is oversold is forgotten.
func (s *Shop) moveStock(o *order, sign int) {
	for _, i := range o.Items {
		p := s.books.Products.get(i.Product)
		if p == nil || i.Amount == 0 || p.Untracked {
			continue
		}
		p.Amount = max(0, p.Amount+sign*i.Amount)
		p.Sales = max(0, p.Sales-sign*i.Amount)
		s.touch(p)
	}
}

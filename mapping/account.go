package mapping

import (
	"strings"

	"github.com/cart21/cart21/commerce"
)

// GuestHouseAccount is the P21 customer of all guests; empty when guests get
// customers of their own.
func (p *Profile) GuestHouseAccount() string {
	if p.doc.Customers.Guests == guestsHouse {
		return p.doc.Customers.HouseAccount
	}
	return ""
}

// HouseAccount is the customer that an order's buyer is put on, if the profile
// says so.
func (p *Profile) HouseAccount(order commerce.Order) (string, bool) {
	account := p.GuestHouseAccount()
	return account, account != "" && order.Customer.Guest
}

// Account is the buyer of an order as a customer that could be looked for or
// created. Its reference is the shop's account, or for a guest a hash of the
// e-mail: it finds the same guest again, and holds no personal data.
func (p *Profile) Account(order commerce.Order) commerce.Account {
	order = p.tidy(order)
	c := order.Customer
	bill := order.BillTo
	if bill.IsZero() {
		bill = order.Destination()
	}
	e := evaluation{programs: p.programs}
	s := customerScope{}
	if len(unusableAmounts(order)) == 0 {
		s.Order = p.view(order)
	}
	longest := p.doc.Validate.MaxLength["name"]
	a := commerce.Account{
		CompanyID: p.doc.Company.ID, Name: left(bill.Name(), longest), FirstName: bill.FirstName, LastName: bill.LastName,
		Email: c.Email, Phone: bill.Phone, Address: bill, Terms: e.text(p.doc.Customers.Terms, s),
		Reference: AccountReference(order), Extra: e.extra(p.doc.Customers.Extra, s),
	}
	if a.Name == "" {
		a.Name = left(c.Name(), longest)
	}
	return a
}

// AccountReference is our key for the buyer of an order.
func AccountReference(order commerce.Order) string {
	return "xc-" + order.Store + "-" + accountKey(order.Customer)
}

func accountKey(c commerce.Customer) string {
	if c.ProfileID == "" || c.Guest {
		return "g" + hash([]byte(strings.ToLower(strings.TrimSpace(c.Email))))
	}
	return "c" + c.ProfileID
}

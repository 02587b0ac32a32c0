package erp

import (
	"errors"
	"net/http"
	"strings"
	"time"
)

// The gateway's CustomerMaster.

type gatewayCustomer struct {
	CustomerID   int              `json:"customerId,omitempty"`
	CompanyID    string           `json:"companyId"`
	Name         string           `json:"name"`
	LegacyID     string           `json:"legacyId,omitempty"`
	Terms        string           `json:"terms,omitempty"`
	CreditStatus string           `json:"creditStatus,omitempty"`
	Taxable      *bool            `json:"taxable,omitempty"`
	Email        string           `json:"email"`
	Phone        string           `json:"phone"`
	Address      *gatewayAddress  `json:"address,omitempty"`
	Contacts     []gatewayContact `json:"contacts"`
	ShipTos      []gatewayShipTo  `json:"shipTos"`
	DateModified *time.Time       `json:"dateModified,omitempty"`
}

type gatewayAddress struct {
	Line1   string `json:"address1"`
	Line2   string `json:"address2,omitempty"`
	Line3   string `json:"address3,omitempty"`
	City    string `json:"city"`
	State   string `json:"state"`
	Zip     string `json:"zip"`
	Country string `json:"country"`
}

type gatewayContact struct {
	ContactID int    `json:"contactId,omitempty"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
	Email     string `json:"email"`
	Phone     string `json:"phone,omitempty"`
}

type gatewayShipTo struct {
	ShipToID int            `json:"shipToId,omitempty"`
	Name     string         `json:"name"`
	Address  gatewayAddress `json:"address"`
}

func (e *ERP) gatewayCustomers(r *http.Request) reply {
	q := r.URL.Query()
	moment, given, err := since(r)
	id, email, legacy := leadingInt(q.Get("customerId")), q.Get("email"), q.Get("legacyId")
	if err == nil && id < 0 && email == "" && legacy == "" && !given {
		err = errors.New("one of customerId, email, legacyId, modifiedSince is required")
	}
	if err != nil {
		return gatewayRefused(err)
	}
	var rows []any
	for _, c := range e.books.Customers {
		if id >= 0 && c.ID != id || legacy != "" && c.LegacyID != legacy {
			continue
		}
		record := e.books.record(c)
		if (email == "" || hasEmail(record, email)) && (!given || !customerModified(record).Before(moment)) {
			rows = append(rows, record)
		}
	}
	p, err := gatewayPage(r, rows,
		func(x any) time.Time { return customerModified(x.(CustomerRecord)) },
		func(x any) string { return itoa(x.(CustomerRecord).ID) },
		func(x any) any { return e.gatewayCustomerView(x.(CustomerRecord)) })
	if err != nil {
		return gatewayRefused(err)
	}
	return ok(p)
}

func hasEmail(r CustomerRecord, email string) bool {
	if strings.EqualFold(r.Address.Email, email) {
		return true
	}
	for _, c := range r.Contacts {
		if strings.EqualFold(c.Email, email) {
			return true
		}
	}
	return false
}

func customerModified(r CustomerRecord) time.Time {
	latest := r.Modified
	later := func(t time.Time) {
		if t.After(latest) {
			latest = t
		}
	}
	later(r.Address.Modified)
	for _, c := range r.Contacts {
		later(c.Modified)
	}
	for _, s := range r.ShipTos {
		later(s.ShipTo.Modified)
		later(s.Address.Modified)
	}
	return latest
}

func (e *ERP) gatewayCustomerView(r CustomerRecord) gatewayCustomer {
	modified := customerModified(r)
	address := gatewayAddress(r.Address.Mail)
	v := gatewayCustomer{CustomerID: r.ID, CompanyID: e.options.Company, Name: r.Name, LegacyID: r.LegacyID, Terms: r.Terms,
		CreditStatus: r.CreditStatus, Taxable: &r.Taxable, Email: r.Address.Email, Phone: r.Address.Phone, Address: &address,
		Contacts: []gatewayContact{}, ShipTos: []gatewayShipTo{}, DateModified: &modified}
	for _, c := range r.Contacts {
		v.Contacts = append(v.Contacts, gatewayContact{c.ID, c.First, c.Last, c.Email, c.Phone})
	}
	for _, s := range r.ShipTos {
		v.ShipTos = append(v.ShipTos, gatewayShipTo{s.ShipTo.ID, s.Name, gatewayAddress(s.Address.Phys)})
	}
	return v
}

// gatewayCreateCustomer makes the customer, its contacts and its ship-tos at
// once. It does not look whether the e-mail is known already.
func (e *ERP) gatewayCreateCustomer(r *http.Request) reply {
	var in gatewayCustomer
	if err := readStrict(r, &in); err != nil {
		return gatewayRefused(err)
	}
	switch {
	case in.CustomerID != 0:
		return gatewayRefused(errors.New("customerId must not be given for a new customer"))
	case in.CompanyID != e.options.Company:
		return gatewayRefused(errors.New("companyId is unknown"))
	case in.Name == "" || in.Address == nil || len(in.Contacts) == 0:
		return gatewayRefused(errors.New("name, address and at least one contact are required"))
	}
	postal := Postal(*in.Address)
	record := CustomerRecord{
		Customer: Customer{Name: in.Name, LegacyID: in.LegacyID, Terms: in.Terms, Taxable: in.Taxable == nil || *in.Taxable},
		Address:  Address{Name: in.Name, Email: in.Email, Phone: in.Phone, Mail: postal, Phys: postal},
	}
	for _, c := range in.Contacts {
		record.Contacts = append(record.Contacts, Contact{First: c.FirstName, Last: c.LastName, Email: c.Email, Phone: c.Phone})
	}
	for _, s := range in.ShipTos {
		where := Postal(s.Address)
		record.ShipTos = append(record.ShipTos, ShipToRecord{ShipTo: ShipTo{Name: s.Name}, Address: Address{Name: s.Name, Mail: where, Phys: where}})
	}
	c := e.books.enterCustomer(record)
	return reply{status: http.StatusCreated, body: e.gatewayCustomerView(e.books.record(c))}
}

// gatewayUpdateCustomer changes the fields sent, adds contacts and ship-tos
// without an id, and changes those with one.
func (e *ERP) gatewayUpdateCustomer(r *http.Request) reply {
	var in gatewayCustomer
	if err := readStrict(r, &in); err != nil {
		return gatewayRefused(err)
	}
	c, found := e.books.customers[in.CustomerID]
	if !found {
		return gatewayRefused(missingError("customer " + itoa(in.CustomerID) + " does not exist"))
	}
	if err := e.checkChildren(c, in); err != nil {
		return gatewayRefused(err)
	}
	overwrite(&c.Name, in.Name)
	overwrite(&c.LegacyID, in.LegacyID)
	change(&c.Taxable, in.Taxable)
	e.books.touch(c)
	if a := e.books.addresses[c.ID]; a != nil {
		overwrite(&a.Email, in.Email)
		overwrite(&a.Phone, in.Phone)
		if in.Address != nil {
			a.Mail, a.Phys = Postal(*in.Address), Postal(*in.Address)
		}
		e.books.touch(a)
	}
	for _, x := range in.Contacts {
		e.mergeContact(c, x)
	}
	for _, x := range in.ShipTos {
		e.mergeShipTo(c, x)
	}
	return ok(e.gatewayCustomerView(e.books.record(c)))
}

func overwrite(field *string, value string) {
	if value != "" {
		*field = value
	}
}

func (e *ERP) checkChildren(c *Customer, in gatewayCustomer) error {
	for _, x := range in.Contacts {
		if x.ContactID != 0 && e.books.contacts[x.ContactID] == nil {
			return missingError("contact " + itoa(x.ContactID) + " does not exist")
		}
	}
	for _, x := range in.ShipTos {
		if s := e.books.shipTos[x.ShipToID]; x.ShipToID != 0 && (s == nil || s.CustomerID != c.ID) {
			return missingError("ship-to " + itoa(x.ShipToID) + " does not exist")
		}
	}
	return nil
}

func (e *ERP) mergeContact(c *Customer, in gatewayContact) {
	if in.ContactID == 0 {
		e.books.enterContact(&Contact{AddressID: c.ID, First: in.FirstName, Last: in.LastName, Email: in.Email, Phone: in.Phone, Links: []int{c.ID}})
		return
	}
	x := e.books.contacts[in.ContactID]
	overwrite(&x.First, in.FirstName)
	overwrite(&x.Last, in.LastName)
	overwrite(&x.Email, in.Email)
	overwrite(&x.Phone, in.Phone)
	e.books.touch(x)
}

func (e *ERP) mergeShipTo(c *Customer, in gatewayShipTo) {
	postal := Postal(in.Address)
	if in.ShipToID == 0 {
		e.books.enterShipToRecord(c.ID, ShipToRecord{ShipTo: ShipTo{Name: in.Name}, Address: Address{Name: in.Name, Mail: postal, Phys: postal}})
		return
	}
	s, a := e.books.shipTos[in.ShipToID], e.books.addresses[in.ShipToID]
	overwrite(&s.Name, in.Name)
	a.Mail, a.Phys = postal, postal
	e.books.touch(s)
	e.books.touch(a)
}

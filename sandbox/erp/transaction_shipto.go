package erp

import (
	"slices"
	"strings"
)

// The ShipTo window of the Transaction API: the only way to add a ship-to to
// an existing customer, or to change one.

const (
	shipToForm  = "TABPAGE_1.shiptomain"
	shipToMail  = "TABPAGE_2.tp_2_dw_2"
	shipToPhone = "TABPAGE_5.tp_5_dw_5"
)

var ignoredShipTo = strings.Fields("default_branch terms_id invoice_type phys_county url taxable_flag")

// saveShipToWindow adds a ship-to, or changes the one that the keys name.
func (e *ERP) saveShipToWindow(set transactionSet, t transaction, _ bool) ([]dataElement, error) {
	var r ShipToRecord
	var existing *ShipTo
	for _, element := range t.DataElements {
		for _, row := range element.Rows {
			if element.Name == shipToForm && slices.Contains(element.Keys, "address_id") {
				id := row.value("address_id")
				if existing = e.books.shipTos[leadingInt(id)]; existing == nil {
					return nil, ruleError("Ship To ID " + id + " does not exist.")
				}
				r = ShipToRecord{ShipTo: *existing, Address: *e.books.addresses[existing.ID]}
			}
			if err := typeEach(row.Edits, func(name, v string) error { return e.typeShipToRecord(set, &r, name, v) }); err != nil {
				return nil, err
			}
		}
	}
	if e.books.customers[r.CustomerID] == nil || r.Name == "" {
		return nil, ruleError("Customer ID and Name are required fields.")
	}
	if existing != nil && existing.CustomerID != r.CustomerID {
		return nil, ruleError("Column customer_id is disabled.")
	}
	if existing == nil {
		existing = e.books.enterShipToRecord(r.CustomerID, r)
	} else {
		address := e.books.addresses[existing.ID]
		*existing, *address = r.ShipTo, r.Address
		e.books.touch(existing)
		e.books.touch(address)
	}
	return []dataElement{form(shipToForm, "address_id", itoa(existing.ID))}, nil
}

func (e *ERP) typeShipToRecord(set transactionSet, r *ShipToRecord, name, v string) error {
	a := &r.Address
	field := map[string]*string{
		"email_address": &a.Email, "central_phone_number": &a.Phone, "tax_group_id": &r.TaxGroup,
		"phys_address1": &a.Phys.Line1, "phys_address2": &a.Phys.Line2, "phys_city": &a.Phys.City,
		"phys_state": &a.Phys.State, "phys_postal_code": &a.Phys.Zip, "phys_country": &a.Phys.Country,
		"mail_address1": &a.Mail.Line1, "mail_address2": &a.Mail.Line2, "mail_city": &a.Mail.City,
		"mail_state": &a.Mail.State, "mail_postal_code": &a.Mail.Zip, "mail_country": &a.Mail.Country,
	}[name]
	switch {
	case field != nil:
		*field = v
	case name == "address_name":
		r.Name, a.Name = v, v
	case name == "customer_id":
		r.CustomerID = leadingInt(v)
	case name == "delete_flag":
		on, err := set.checkBox(v)
		r.Deleted = on
		return err
	case name == "company_id":
		if v != e.options.Company {
			return ruleError("Company ID " + v + " does not exist.")
		}
	case name == "address_id" || slices.Contains(ignoredShipTo, name):
	default:
		return ruleError("Column " + name + " does not exist in ShipTo.")
	}
	return nil
}

func (e *ERP) loadShipToWindow(id string) ([]dataElement, error) {
	s := e.books.shipTos[leadingInt(id)]
	if s == nil {
		return nil, ruleError("Ship To ID " + id + " does not exist.")
	}
	a := e.books.addresses[s.ID]
	return []dataElement{form(shipToForm, "address_id", id, "customer_id", itoa(s.CustomerID), "address_name", s.Name,
		"phys_address1", a.Phys.Line1, "phys_city", a.Phys.City, "phys_state", a.Phys.State, "phys_postal_code", a.Phys.Zip)}, nil
}

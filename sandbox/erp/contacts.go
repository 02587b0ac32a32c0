package erp

import (
	"net/http"
	"slices"
)

// The REST families api/entity/contacts and api/entity/addresses.

var contactTemplate = blank(`Id FirstName LastName AddressId EmailAddress DirectPhone Cellular ContactLinks
ContactSalesreps UserDefinedFields`, "contact")

func (e *ERP) createContact(r *http.Request) reply {
	f, err := readFields(r.Body)
	if err != nil {
		return refused(err)
	}
	if f.id("Id") != 0 {
		return refused(ruleError("Contact ID must not be given for a new contact."))
	}
	c := &Contact{}
	if err := e.readContact(f, c); err != nil {
		return refused(err)
	}
	e.books.enterContact(c)
	return ok(e.contactDocument(c, extended("*")))
}

func (e *ERP) updateContact(r *http.Request) reply {
	key := r.PathValue("key")
	c := e.books.contacts[leadingInt(key)]
	if c == nil {
		return refused(noSuch("GetById " + key))
	}
	f, err := readFields(r.Body)
	if err != nil {
		return refused(err)
	}
	changed := c.clone()
	if err := e.readContact(f, &changed); err != nil {
		return refused(err)
	}
	*c = changed
	e.books.link(c)
	e.books.touch(c)
	return ok(e.contactDocument(c, extended("*")))
}

func (e *ERP) readContact(f fields, c *Contact) error {
	f.set(&c.First, "FirstName")
	f.set(&c.Last, "LastName")
	f.set(&c.Email, "EmailAddress")
	f.set(&c.Phone, "DirectPhone")
	f.set(&c.Cell, "Cellular")
	if f.has("AddressId") {
		c.AddressID = f.id("AddressId")
	}
	if on, given := f.flag("Delete"); given {
		c.Deleted = on
	}
	for _, link := range f.list("ContactLinks") {
		id := link.id("LinkId")
		if e.books.customers[id] == nil {
			return ruleError("Customer ID " + itoa(id) + " does not exist.")
		}
		if !slices.Contains(c.Links, id) {
			c.Links = append(c.Links, id)
		}
	}
	switch {
	case *f.err != nil:
		return *f.err
	case c.First == "" && c.Last == "":
		return ruleError("First Name or Last Name is a required field.")
	case c.AddressID == 0:
		return ruleError("Address ID is a required field.")
	case e.books.addresses[c.AddressID] == nil:
		return ruleError("Address ID " + itoa(c.AddressID) + " does not exist.")
	}
	return nil
}

func (e *ERP) getContact(r *http.Request) reply {
	key := r.PathValue("key")
	c := e.books.contacts[leadingInt(key)]
	if c == nil {
		return refused(noSuch("GetById " + key))
	}
	return ok(e.contactDocument(c, extended(r.URL.Query().Get("extendedproperties"))))
}

func (e *ERP) listContacts(r *http.Request) reply {
	columns := []column{
		text("Id", func(c *Contact) string { return itoa(c.ID) }),
		text("FirstName", func(c *Contact) string { return c.First }),
		text("LastName", func(c *Contact) string { return c.Last }),
		text("EmailAddress", func(c *Contact) string { return c.Email }),
		whole("AddressId", func(c *Contact) int { return c.AddressID }),
	}
	return listing(r, e.books.Contacts, columns, func(c *Contact) map[string]any {
		return e.contactDocument(c, extended(r.URL.Query().Get("extendedproperties")))
	})
}

func (e *ERP) contactDocument(c *Contact, with extended) map[string]any {
	d := map[string]any{
		"Id": itoa(c.ID), "FirstName": c.First, "LastName": c.Last, "AddressId": c.AddressID, "EmailAddress": c.Email,
		"DirectPhone": c.Phone, "Cellular": c.Cell, "Delete": c.Deleted, "ContactLinks": nil,
		"UserDefinedFields": map[string]any{}, "ObjectName": "contact",
	}
	if with.wants("ContactLinks") {
		var links []map[string]any
		for _, id := range c.Links {
			links = append(links, map[string]any{"LinkId": id, "LinkType": "CUSTOMER", "CompanyId": e.options.Company})
		}
		d["ContactLinks"] = listed(links)
	}
	return d
}

func (e *ERP) createAddress(r *http.Request) reply {
	f, err := readFields(r.Body)
	if err != nil {
		return refused(err)
	}
	if f.id("AddressId") != 0 {
		return refused(ruleError("Address ID must not be given for a new address."))
	}
	var a Address
	readAddress(f, &a)
	if *f.err != nil {
		return refused(*f.err)
	}
	if a.Name == "" {
		return refused(ruleError("Name is a required field."))
	}
	return ok(addressDocument(e.books.enterAddress(&a)))
}

func (e *ERP) getAddress(r *http.Request) reply {
	key := r.PathValue("key")
	a := e.books.addresses[leadingInt(key)]
	if a == nil {
		return refused(noSuch("GetById " + key))
	}
	return ok(addressDocument(a))
}

func (e *ERP) listAddresses(r *http.Request) reply {
	columns := []column{
		whole("AddressId", func(a *Address) int { return a.ID }),
		text("Name", func(a *Address) string { return a.Name }),
		text("EmailAddress", func(a *Address) string { return a.Email }),
		text("MailPostalCode", func(a *Address) string { return a.Mail.Zip }),
		text("PhysPostalCode", func(a *Address) string { return a.Phys.Zip }),
	}
	return listing(r, e.books.Addresses, columns, addressDocument)
}

// readAddress takes the mailing and the physical address. When only the
// former is sent, the latter is the same.
func readAddress(f fields, a *Address) {
	f.set(&a.Name, "Name")
	f.set(&a.Phone, "CentralPhoneNumber")
	f.set(&a.Email, "EmailAddress")
	if f.has("CorpAddressId") {
		a.CorpID = f.id("CorpAddressId")
	}
	readPostal(f, "Mail", &a.Mail)
	readPostal(f, "Phys", &a.Phys)
	if a.Phys == (Postal{}) {
		a.Phys = a.Mail
	}
}

func readPostal(f fields, prefix string, p *Postal) {
	f.set(&p.Line1, prefix+"Address1")
	f.set(&p.Line2, prefix+"Address2")
	f.set(&p.Line3, prefix+"Address3")
	f.set(&p.City, prefix+"City")
	f.set(&p.State, prefix+"State")
	f.set(&p.Zip, prefix+"PostalCode")
	f.set(&p.Country, prefix+"Country")
}

func addressDocument(a *Address) map[string]any {
	d := map[string]any{"AddressId": a.ID, "Name": a.Name, "CorpAddressId": a.CorpID,
		"CentralPhoneNumber": a.Phone, "EmailAddress": a.Email, "ObjectName": "address"}
	for prefix, p := range map[string]Postal{"Mail": a.Mail, "Phys": a.Phys} {
		d[prefix+"Address1"], d[prefix+"Address2"], d[prefix+"Address3"] = p.Line1, p.Line2, p.Line3
		d[prefix+"City"], d[prefix+"State"], d[prefix+"PostalCode"], d[prefix+"Country"] = p.City, p.State, p.Zip, p.Country
	}
	return d
}

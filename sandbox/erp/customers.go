package erp

import (
	"net/http"
	"slices"
	"strings"
)

// The REST family api/entity/customers. Its key is {CompanyId}_{CustomerId}.

var customerTemplate = blank(`CompanyId CustomerId CustomerName SalesrepId TermsId CreditStatus CreditLimit
CreditLimitUsed Taxable PoNoRequired JobPricing CurrencyId WebEnabledFlag LegacyId PricingMethod Delete
UserDefinedFields CustomerAddress CustomerContacts CustomerSalesreps CustomerShipTos CustomerTerms
CustomerPriceLibraries`, "customer")

func blank(names, object string) map[string]any {
	d := map[string]any{}
	for name := range strings.FieldsSeq(names) {
		d[name] = nil
	}
	d["UserDefinedFields"], d["ObjectName"] = map[string]any{}, object
	return d
}

func (e *ERP) createCustomer(r *http.Request) reply {
	f, err := readFields(r.Body)
	if err != nil {
		return refused(err)
	}
	if f.id("CustomerId") != 0 {
		return refused(ruleError("Customer ID must not be given for a new customer."))
	}
	if company := f.text("CompanyId"); company != e.options.Company {
		return refused(ruleError("Company ID " + company + " does not exist."))
	}
	if strings.TrimSpace(f.text("CustomerName")) == "" {
		return refused(ruleError("Customer Name is a required field."))
	}
	contacts, err := e.linkedContacts(f)
	if err != nil {
		return refused(err)
	}
	c := &Customer{CreditStatus: "GOOD", Taxable: true}
	readCustomer(f, c)
	shipTos, err := e.readShipTos(f)
	if err != nil {
		return refused(err)
	}
	address, given := readCustomerAddress(f)
	if *f.err != nil {
		return refused(*f.err)
	}
	e.enterNewCustomer(c, address, given, shipTos, contacts)
	return ok(e.customerDocument(c, extended("*")))
}

// enterNewCustomer adds the rows. The customer's id is that of its address; a
// customer without any address gets no ship-to and can order nothing.
func (e *ERP) enterNewCustomer(c *Customer, address Address, given bool, shipTos []ShipToRecord, contacts []*Contact) {
	b := e.books
	c.ID = take(&b.Next.Address)
	b.Customers = append(b.Customers, c)
	b.customers[c.ID] = c
	b.touch(c)
	if !given && len(shipTos) > 0 {
		address, given = shipTos[0].Address, true
	}
	if given {
		address.ID = c.ID
		setDefault(&address.Name, c.Name)
		b.enterAddress(&address)
	}
	for _, s := range shipTos {
		if s.ID == 0 && b.shipTos[c.ID] == nil {
			s.ID = c.ID
		}
		b.enterShipToRecord(c.ID, s)
	}
	if given && b.shipTos[c.ID] == nil {
		b.enterShipTo(&ShipTo{ID: c.ID, CustomerID: c.ID, Name: address.Name})
	}
	for _, contact := range contacts {
		contact.Links = append(contact.Links, c.ID)
		b.link(contact)
		b.touch(contact)
	}
}

func readCustomer(f fields, c *Customer) {
	f.set(&c.Name, "CustomerName")
	f.set(&c.LegacyID, "LegacyId")
	f.set(&c.Terms, "TermsId")
	f.set(&c.Salesrep, "SalesrepId")
	f.set(&c.CreditStatus, "CreditStatus")
	if f.has("CreditLimit") {
		c.CreditLimit = f.number("CreditLimit")
	}
	for name, flag := range map[string]*bool{"Taxable": &c.Taxable, "PoNoRequired": &c.PORequired, "WebEnabledFlag": &c.WebEnabled, "Delete": &c.Deleted} {
		if on, given := f.flag(name); given {
			*flag = on
		}
	}
}

func readCustomerAddress(f fields) (Address, bool) {
	var a Address
	if !f.has("CustomerAddress") {
		return a, false
	}
	readAddress(f.object("CustomerAddress"), &a)
	return a, true
}

func (e *ERP) readShipTos(f fields) ([]ShipToRecord, error) {
	var out []ShipToRecord
	for _, s := range f.list("CustomerShipTos") {
		where := s.object("ShipToAddress")
		r := ShipToRecord{ShipTo: ShipTo{
			ID: where.id("AddressId"), Name: s.text("ShipToName"), TaxGroup: s.text("TaxGroupId"),
			PackingBasis: s.text("PackingBasis"), SourceLocation: s.id("DefaultSourceLocationId"), CarrierID: s.id("DefaultCarrierId"),
		}}
		if id := r.ShipTo.ID; id != 0 && (e.books.addresses[id] == nil || e.books.shipTos[id] != nil) {
			return nil, ruleError("Address ID " + itoa(id) + " cannot be used for a ship to.")
		}
		readAddress(where, &r.Address)
		setDefault(&r.Address.Name, r.Name)
		out = append(out, r)
	}
	return out, nil
}

func (e *ERP) linkedContacts(f fields) ([]*Contact, error) {
	var out []*Contact
	for _, x := range f.list("CustomerContacts") {
		id := x.id("ContactId")
		c := e.books.contacts[id]
		if c == nil {
			return nil, ruleError("Contact ID " + itoa(id) + " does not exist.")
		}
		out = append(out, c)
	}
	return out, nil
}

// customerByKey takes {CompanyId}_{CustomerId} and nothing less.
func (e *ERP) customerByKey(key string) (*Customer, error) {
	id, found := strings.CutPrefix(key, e.options.Company+"_")
	c := e.books.customers[leadingInt(id)]
	if !found || c == nil {
		return nil, noSuch("GetById " + key)
	}
	return c, nil
}

func (e *ERP) getCustomer(r *http.Request) reply {
	c, err := e.customerByKey(r.PathValue("key"))
	if err != nil {
		return refused(err)
	}
	return ok(e.customerDocument(c, extended(r.URL.Query().Get("extendedproperties"))))
}

// updateCustomer changes the fields sent, links more contacts and rewrites the
// customer's own address. Ship-tos are not touched by this route.
func (e *ERP) updateCustomer(r *http.Request) reply {
	c, err := e.customerByKey(r.PathValue("key"))
	if err != nil {
		return refused(err)
	}
	f, err := readFields(r.Body)
	if err != nil {
		return refused(err)
	}
	contacts, err := e.linkedContacts(f)
	if err != nil {
		return refused(err)
	}
	changed := *c
	readCustomer(f, &changed)
	var address Address
	if a := e.books.addresses[c.ID]; a != nil {
		address = *a
	}
	hasAddress := f.has("CustomerAddress")
	if hasAddress {
		readAddress(f.object("CustomerAddress"), &address)
	}
	if *f.err != nil {
		return refused(*f.err)
	}
	*c = changed
	e.books.touch(c)
	if hasAddress {
		e.rewriteAddress(c, address)
	}
	for _, contact := range contacts {
		if !slices.Contains(contact.Links, c.ID) {
			contact.Links = append(contact.Links, c.ID)
			e.books.link(contact)
			e.books.touch(contact)
		}
	}
	return ok(e.customerDocument(c, extended("*")))
}

func (e *ERP) rewriteAddress(c *Customer, address Address) {
	if a := e.books.addresses[c.ID]; a != nil {
		*a = address
		e.books.touch(a)
		return
	}
	address.ID = c.ID
	setDefault(&address.Name, c.Name)
	e.books.enterAddress(&address)
}

func (e *ERP) listCustomers(r *http.Request) reply {
	columns := []column{
		text("CompanyId", func(*Customer) string { return e.options.Company }),
		whole("CustomerId", func(c *Customer) int { return c.ID }),
		text("CustomerName", func(c *Customer) string { return c.Name }),
		text("LegacyId", func(c *Customer) string { return c.LegacyID }),
		text("TermsId", func(c *Customer) string { return c.Terms }),
		text("CreditStatus", func(c *Customer) string { return c.CreditStatus }),
	}
	return listing(r, e.books.Customers, columns, func(c *Customer) map[string]any {
		return e.customerDocument(c, extended(r.URL.Query().Get("extendedproperties")))
	})
}

// listing answers a list of a REST family: everything, or what $query asks
// for. There is no paging, $top is ignored.
func listing[R any](r *http.Request, rows []R, columns []column, document func(R) map[string]any) reply {
	byName := map[string]column{}
	for _, c := range columns {
		byName[c.name] = c
	}
	var filter condition = always{}
	if text := r.URL.Query().Get("$query"); text != "" {
		var err error
		if filter, err = parseFilter(text, byName, queryFunctions); err != nil {
			return refused(err)
		}
	}
	documents := []map[string]any{}
	for _, row := range rows {
		if filter.holds(row) {
			documents = append(documents, document(row))
		}
	}
	return ok(documents)
}

func (e *ERP) customerDocument(c *Customer, with extended) map[string]any {
	d := blank("", "customer")
	for name := range customerTemplate {
		d[name] = nil
	}
	for name, value := range map[string]any{
		"CompanyId": e.options.Company, "CustomerId": c.ID, "CustomerName": c.Name, "SalesrepId": c.Salesrep,
		"TermsId": c.Terms, "CreditStatus": c.CreditStatus, "CreditLimit": money(c.CreditLimit), "Taxable": yn(c.Taxable),
		"PoNoRequired": yn(c.PORequired), "CurrencyId": 1, "WebEnabledFlag": yn(c.WebEnabled), "LegacyId": c.LegacyID,
		"Delete": c.Deleted, "UserDefinedFields": map[string]any{}, "ObjectName": "customer",
	} {
		d[name] = value
	}
	r := e.books.record(c)
	if a := e.books.addresses[c.ID]; a != nil && with.wants("CustomerAddress") {
		d["CustomerAddress"] = addressDocument(a)
	}
	if with.wants("CustomerContacts") {
		var contacts []map[string]any
		for _, contact := range r.Contacts {
			contacts = append(contacts, map[string]any{"CompanyId": e.options.Company, "ContactId": itoa(contact.ID)})
		}
		d["CustomerContacts"] = listed(contacts)
	}
	if with.wants("CustomerShipTos") {
		var shipTos []map[string]any
		for _, s := range r.ShipTos {
			shipTos = append(shipTos, map[string]any{
				"CompanyId": e.options.Company, "ShipToId": s.ID, "ShipToName": s.Name, "TaxGroupId": s.TaxGroup,
				"PackingBasis": s.PackingBasis, "DefaultSourceLocationId": s.SourceLocation, "DefaultCarrierId": s.CarrierID,
				"InvoiceType": "IN", "ShipToAddress": addressDocument(&s.Address),
			})
		}
		d["CustomerShipTos"] = listed(shipTos)
	}
	return d
}

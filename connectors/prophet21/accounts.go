package prophet21

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

var (
	contacts  = table{name: "contacts", columns: []string{"id", "first_name", "last_name", "email_address", "address_id"}}
	customers = table{name: "customer", columns: []string{"customer_id", "company_id", "customer_name"}}
)

// list is a child collection of the REST families: an object that holds a list,
// or null when it was not asked for. A bare array is read too.
type list[T any] []T

func (l *list[T]) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '[' {
		return json.Unmarshal(raw, (*[]T)(l))
	}
	var doc struct {
		List []T `json:"list"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return err
	}
	*l = doc.List
	return nil
}

type customerDoc struct {
	CompanyId    ident
	CustomerId   ident
	CustomerName string
	TermsId      ident
	LegacyId     ident
	Delete       flag
	Contacts     list[struct{ ContactId ident }] `json:"CustomerContacts"`
	ShipTos      list[struct {
		ShipToId      ident
		ShipToAddress *struct{ AddressId ident }
	}] `json:"CustomerShipTos"`
}

func (d customerDoc) account() commerce.Account {
	a := commerce.Account{CustomerID: string(d.CustomerId), CompanyID: string(d.CompanyId), Name: d.CustomerName,
		Terms: string(d.TermsId), Reference: string(d.LegacyId), Inactive: bool(d.Delete)}
	if len(d.Contacts) > 0 {
		a.ContactID = string(d.Contacts[0].ContactId)
	}
	for _, s := range d.ShipTos {
		id := string(s.ShipToId)
		if id == "" && s.ShipToAddress != nil {
			id = string(s.ShipToAddress.AddressId)
		}
		// A customer's main ship-to has the customer's own id.
		if a.ShipToID == "" || id == a.CustomerID {
			a.ShipToID = id
		}
	}
	if a.ShipToID == "" {
		a.ShipToID = a.CustomerID
	}
	return a
}

// FindAccounts finds customers by our reference in their legacy id, and by the
// e-mail of a contact.
func (m *middleware) FindAccounts(ctx context.Context, q AccountQuery) ([]commerce.Account, error) {
	var found []commerce.Account
	if q.Reference != "" {
		byReference, err := m.byReference(ctx, q.Reference)
		if err != nil || len(byReference) > 0 {
			return byReference, err // it is ours: no other can fit better
		}
	}
	if q.Email != "" {
		return m.byEmail(ctx, q.Email)
	}
	return found, nil
}

func (m *middleware) byReference(ctx context.Context, reference string) ([]commerce.Account, error) {
	const operation = "find the customer by our reference"
	var docs list[customerDoc]
	query := strings.ReplaceAll(url.Values{"$query": {"LegacyId eq " + text(reference)}, "extendedproperties": {"CustomerContacts,CustomerShipTos"}}.Encode(), "+", "%20")
	err := m.call(ctx, operation, http.MethodGet, m.cfg.URL+"/api/entity/customers/?"+query, nil, &docs)
	if err != nil {
		if connectors.Is(err, connectors.NotFound) {
			return nil, nil
		}
		return nil, err
	}
	var found []commerce.Account
	for _, d := range docs {
		if string(d.LegacyId) != reference {
			continue // the filter was ignored
		}
		account := d.account()
		if account.ContactID == "" {
			if account, err = m.Account(ctx, account.CustomerID); err != nil {
				return nil, err
			}
		}
		found = append(found, account)
	}
	return found, nil
}

// byEmail finds the contacts with the address, and the customers they belong
// to: by the contact's links, else by its address, which a customer may share.
func (m *middleware) byEmail(ctx context.Context, email string) ([]commerce.Account, error) {
	const operation = "find customers by e-mail"
	type row struct {
		ID        ident  `json:"id"`
		First     string `json:"first_name"`
		Last      string `json:"last_name"`
		Email     string `json:"email_address"`
		AddressID ident  `json:"address_id"`
	}
	spellings := []string{text(email)}
	if lower := strings.ToLower(email); lower != email {
		spellings = append(spellings, text(lower))
	}
	people, err := rows[row](ctx, m, operation, contacts, anyOf("email_address", spellings), "id", 20)
	if err != nil {
		return nil, err
	}
	var found []commerce.Account
	for _, p := range people {
		if !strings.EqualFold(strings.TrimSpace(p.Email), strings.TrimSpace(email)) {
			continue
		}
		ids, err := m.customersOf(ctx, operation, string(p.ID), string(p.AddressID))
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			account, err := m.Account(ctx, id)
			if connectors.Is(err, connectors.NotFound) {
				continue // a link to something else, or to a customer of another company
			}
			if err != nil {
				return nil, err
			}
			account.ContactID, account.FirstName, account.LastName, account.Email = string(p.ID), p.First, p.Last, p.Email
			found = append(found, account)
		}
	}
	return found, nil
}

func (m *middleware) customersOf(ctx context.Context, operation, contactID, addressID string) ([]string, error) {
	var doc struct {
		ContactLinks list[struct {
			LinkId, CustomerId ident
			LinkType           string
		}]
	}
	err := m.call(ctx, operation, http.MethodGet, m.cfg.URL+"/api/entity/contacts/"+url.PathEscape(contactID)+"?extendedproperties=ContactLinks", nil, &doc)
	if err != nil && !connectors.Is(err, connectors.NotFound) {
		return nil, err
	}
	var ids []string
	for _, l := range doc.ContactLinks {
		if l.LinkType != "" && !strings.EqualFold(l.LinkType, "CUSTOMER") && !strings.EqualFold(l.LinkType, "C") {
			continue
		}
		if id := string(l.CustomerId + l.LinkId); id != "" {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 && addressID != "" {
		ids = append(ids, addressID)
	}
	return ids, nil
}

// Account reads a customer with a contact and a ship-to.
func (m *middleware) Account(ctx context.Context, customerID string) (commerce.Account, error) {
	operation := "read customer " + customerID
	if customerID == "" {
		return commerce.Account{}, m.client.Fail(connectors.Rejected, operation, "no customer id", nil)
	}
	var doc customerDoc
	address := m.cfg.URL + "/api/entity/customers/" + url.PathEscape(m.cfg.Company+"_"+customerID) + "?extendedproperties=CustomerContacts,CustomerShipTos"
	if err := m.call(ctx, operation, http.MethodGet, address, nil, &doc); err != nil {
		return commerce.Account{}, err
	}
	if string(doc.CustomerId) != customerID {
		return commerce.Account{}, m.client.Fail(connectors.Malformed, operation, "CustomerId is missing or another's", nil)
	}
	return doc.account(), nil
}

// CreateAccount creates an address, a contact at it, and the customer with the
// address as its ship-to. The customer comes last and carries our reference: an
// attempt that broke off before leaves no customer that could be doubled.
func (m *middleware) CreateAccount(ctx context.Context, a commerce.Account) (commerce.Account, error) {
	operation := "create customer " + a.Reference
	var address struct{ AddressId ident }
	if err := m.call(ctx, operation, http.MethodPost, m.cfg.URL+"/api/entity/addresses/", addressDoc(a), &address); err != nil {
		return a, err
	}
	var contact struct{ Id ident }
	err := m.call(ctx, operation, http.MethodPost, m.cfg.URL+"/api/entity/contacts/", map[string]any{
		"FirstName": orElse(a.FirstName, a.Name), "LastName": orElse(a.LastName, "-"), "AddressId": idNumber(address.AddressId),
		"EmailAddress": a.Email, "DirectPhone": a.Phone,
	}, &contact)
	if err != nil {
		return a, err
	}
	shipTo := addressDoc(a)
	shipTo["AddressId"] = idNumber(address.AddressId)
	doc := map[string]any{
		"CompanyId": a.CompanyID, "CustomerName": a.Name, "LegacyId": a.Reference,
		"CustomerAddress":  addressDoc(a),
		"CustomerContacts": map[string]any{"list": []any{map[string]any{"CompanyId": a.CompanyID, "ContactId": string(contact.Id)}}},
		"CustomerShipTos": map[string]any{"list": []any{map[string]any{
			"CompanyId": a.CompanyID, "ShipToName": a.Name, "InvoiceType": "IN", "ShipToAddress": shipTo,
		}}},
	}
	if a.Terms != "" {
		doc["TermsId"] = a.Terms
	}
	for name, value := range a.Extra {
		doc[name] = value
	}
	var created customerDoc
	if err := m.call(ctx, operation, http.MethodPost, m.cfg.URL+"/api/entity/customers/", doc, &created); err != nil {
		return a, err
	}
	if created.CustomerId == "" {
		return a, m.client.Fail(connectors.OutcomeUnknown, operation, "the answer names no customer", nil)
	}
	out := created.account()
	if len(created.ShipTos) == 0 || out.ContactID == "" {
		if out, err = m.Account(ctx, out.CustomerID); err != nil {
			return out, err
		}
	}
	if out.ContactID == "" {
		out.ContactID = string(contact.Id)
	}
	out.Reference, out.Email, out.FirstName, out.LastName = a.Reference, a.Email, a.FirstName, a.LastName
	return out, nil
}

func addressDoc(a commerce.Account) map[string]any {
	to := a.Address
	return map[string]any{
		"Name":         a.Name,
		"MailAddress1": to.Line1, "MailAddress2": to.Line2, "MailCity": to.City, "MailState": to.State, "MailPostalCode": to.PostalCode, "MailCountry": to.Country,
		"PhysAddress1": to.Line1, "PhysAddress2": to.Line2, "PhysCity": to.City, "PhysState": to.State, "PhysPostalCode": to.PostalCode, "PhysCountry": to.Country,
		"CentralPhoneNumber": a.Phone, "EmailAddress": a.Email,
	}
}

func idNumber(id ident) any {
	if isTicket(string(id)) {
		return json.Number(id)
	}
	return string(id)
}

func orElse(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

package prophet21

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

var (
	contacts = table{name: "contacts", columns: []string{"id", "first_name", "last_name", "email_address", "address_id"},
		extra: []string{"delete_flag"}}
	customers = table{name: "customer", columns: []string{"customer_id", "company_id", "customer_name"},
		extra: []string{"legacy_id"}}
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
	CustomerName words
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
	a := commerce.Account{CustomerID: string(d.CustomerId), CompanyID: string(d.CompanyId), Name: string(d.CustomerName),
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

// byReference asks the data services where the tenant shows customer.legacy_id,
// else the REST family.
func (m *middleware) byReference(ctx context.Context, reference string) ([]commerce.Account, error) {
	const operation = "find the customer by our reference"
	if m.has("customer.legacy_id") {
		type row struct {
			ID      ident `json:"customer_id"`
			Company ident `json:"company_id"`
			Legacy  words `json:"legacy_id"`
		}
		docs, err := rows[row](ctx, m, operation, func() query {
			return query{table: customers, filter: "legacy_id eq " + text(reference), order: "customer_id", top: 10}
		})
		var refused *connectors.Error
		if err == nil {
			var found []commerce.Account
			for _, d := range docs {
				if !strings.EqualFold(strings.TrimSpace(string(d.Legacy)), reference) {
					return nil, m.client.Fail(connectors.Malformed, operation, "the answer holds other customers: the filter was ignored", nil)
				}
				account, err := m.accountIn(ctx, string(d.Company), string(d.ID))
				if err != nil {
					return nil, err
				}
				account.Reference = reference
				found = append(found, account)
			}
			return found, nil
		}
		if !asRefusal(err, &refused) {
			return nil, err
		}
	}
	var docs list[customerDoc]
	filter := escape("LegacyId eq " + text(reference))
	err := m.call(ctx, operation, http.MethodGet, m.cfg.URL+"/api/entity/customers/?$query="+filter+"&extendedproperties=CustomerContacts,CustomerShipTos", nil, &docs)
	if connectors.Is(err, connectors.NotFound) && !errors.Is(err, errNoSuchPath) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var found []commerce.Account
	for _, d := range docs {
		if !strings.EqualFold(strings.TrimSpace(string(d.LegacyId)), reference) {
			continue // the filter was ignored: everybody came
		}
		account := d.account()
		if account.ContactID == "" || len(d.ShipTos) == 0 {
			if account, err = m.accountIn(ctx, account.CompanyID, account.CustomerID); err != nil {
				return nil, err
			}
		}
		account.Reference = reference
		found = append(found, account)
	}
	return found, nil
}

// byEmail finds the contacts with the address, and the customers they belong
// to: by the contact's links, else by its address, which a customer may share.
func (m *middleware) byEmail(ctx context.Context, email string) ([]commerce.Account, error) {
	const operation = "find customers by e-mail"
	type row struct {
		ID        ident `json:"id"`
		First     words `json:"first_name"`
		Last      words `json:"last_name"`
		Email     words `json:"email_address"`
		AddressID ident `json:"address_id"`
		Deleted   flag  `json:"delete_flag"`
	}
	// The database mostly compares without regard to case; where it does not, the
	// spelling in small letters is the likely one.
	spellings := []string{email}
	if lower := strings.ToLower(email); lower != email {
		spellings = append(spellings, lower)
	}
	people, err := rows[row](ctx, m, operation, func() query {
		return query{table: contacts, filter: m.anyOf(contacts, "email_address", spellings), order: "id", top: 20}
	})
	if err != nil {
		return nil, err
	}
	var found []commerce.Account
	for _, p := range people {
		if bool(p.Deleted) || !strings.EqualFold(strings.TrimSpace(string(p.Email)), strings.TrimSpace(email)) {
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
			account.ContactID, account.FirstName, account.LastName, account.Email = string(p.ID), string(p.First), string(p.Last), string(p.Email)
			found = append(found, account)
		}
	}
	return found, nil
}

// customersOf names the customers of a contact. The columns of contacts_x_links
// are nowhere published, so the REST contact's ContactLinks are read, leniently;
// a contact without any may sit at the customer's own address, whose id the
// customer has.
func (m *middleware) customersOf(ctx context.Context, operation, contactID, addressID string) ([]string, error) {
	var doc struct {
		ContactLinks list[struct {
			LinkId, CustomerId ident
			LinkType           words
		}]
	}
	err := m.call(ctx, operation, http.MethodGet, m.cfg.URL+"/api/entity/contacts/"+url.PathEscape(contactID)+"?extendedproperties=ContactLinks", nil, &doc)
	if err != nil && !connectors.Is(err, connectors.NotFound) && !connectors.Is(err, connectors.Rejected) {
		return nil, err
	}
	var ids []string
	for _, l := range doc.ContactLinks {
		kind := strings.ToUpper(string(l.LinkType))
		if kind != "" && kind != "C" && !strings.HasPrefix(kind, "CUSTOMER") {
			continue // a supplier's or a vendor's
		}
		if id := orElse(string(l.CustomerId), string(l.LinkId)); id != "" && !slices.Contains(ids, id) {
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
	return m.accountIn(ctx, m.cfg.Company, customerID)
}

func (m *middleware) accountIn(ctx context.Context, company, customerID string) (commerce.Account, error) {
	operation := "read customer " + customerID
	if customerID == "" {
		return commerce.Account{}, m.client.Fail(connectors.Rejected, operation, "no customer id", nil)
	}
	var doc customerDoc
	key := url.PathEscape(orElse(company, m.cfg.Company) + "_" + customerID)
	if err := m.call(ctx, operation, http.MethodGet, m.cfg.URL+"/api/entity/customers/"+key+"?extendedproperties=CustomerContacts,CustomerShipTos", nil, &doc); err != nil {
		return commerce.Account{}, err
	}
	if string(doc.CustomerId) != customerID {
		return commerce.Account{}, m.client.Fail(connectors.Malformed, operation, "CustomerId is missing or another's", nil)
	}
	return doc.account(), nil
}

func orElse(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

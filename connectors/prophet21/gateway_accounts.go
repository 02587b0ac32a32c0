package prophet21

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

type gatewayCustomer struct {
	CustomerID ident `json:"customerId"`
	CompanyID  ident `json:"companyId"`
	Name       words `json:"name"`
	LegacyID   words `json:"legacyId"`
	Terms      words `json:"terms"`
	Deleted    flag  `json:"deleted"`
	Inactive   flag  `json:"inactive"`
	Contacts   []struct {
		ContactID ident `json:"contactId"`
		FirstName words `json:"firstName"`
		LastName  words `json:"lastName"`
		Email     words `json:"email"`
	} `json:"contacts"`
	ShipTos []struct {
		ShipToID ident `json:"shipToId"`
	} `json:"shipTos"`
}

// account is the customer with the contact that has the e-mail, else the first.
func (d gatewayCustomer) account(email string) commerce.Account {
	a := commerce.Account{CustomerID: string(d.CustomerID), CompanyID: string(d.CompanyID), Name: string(d.Name),
		Reference: string(d.LegacyID), Terms: string(d.Terms), Inactive: bool(d.Deleted || d.Inactive)}
	for _, c := range d.Contacts {
		if a.ContactID == "" || (email != "" && strings.EqualFold(strings.TrimSpace(string(c.Email)), strings.TrimSpace(email))) {
			a.ContactID, a.FirstName, a.LastName, a.Email = string(c.ContactID), string(c.FirstName), string(c.LastName), string(c.Email)
		}
	}
	for _, s := range d.ShipTos {
		if a.ShipToID == "" || string(s.ShipToID) == a.CustomerID {
			a.ShipToID = string(s.ShipToID)
		}
	}
	if a.ShipToID == "" {
		a.ShipToID = a.CustomerID
	}
	return a
}

// FindAccounts asks by our reference first; a customer that carries it is ours.
func (g *gateway) FindAccounts(ctx context.Context, q AccountQuery) ([]commerce.Account, error) {
	for _, ask := range []struct{ name, value string }{{"legacyId", q.Reference}, {"email", q.Email}} {
		if ask.value == "" {
			continue
		}
		docs, _, err := get[gatewayCustomer](ctx, g, "find customers", "CustomerMaster", url.Values{ask.name: {ask.value}})
		if err != nil {
			return nil, err
		}
		var found []commerce.Account
		for _, d := range docs {
			if ask.name == "email" || strings.EqualFold(string(d.LegacyID), q.Reference) {
				found = append(found, d.account(q.Email))
			}
		}
		if len(found) > 0 {
			return found, nil
		}
	}
	return nil, nil
}

// Account reads a customer.
func (g *gateway) Account(ctx context.Context, customerID string) (commerce.Account, error) {
	operation := "read customer " + customerID
	if customerID == "" {
		return commerce.Account{}, g.client.Fail(connectors.Rejected, operation, "no customer id", nil)
	}
	docs, _, err := get[gatewayCustomer](ctx, g, operation, "CustomerMaster", url.Values{"customerId": {customerID}})
	if err != nil {
		return commerce.Account{}, err
	}
	if len(docs) == 0 || string(docs[0].CustomerID) != customerID {
		return commerce.Account{}, g.client.Fail(connectors.NotFound, operation, "there is no such customer", nil)
	}
	return docs[0].account(""), nil
}

// CreateAccount creates customer, contact and ship-to in one call.
func (g *gateway) CreateAccount(ctx context.Context, a commerce.Account) (commerce.Account, error) {
	operation := "create customer " + a.Reference
	if a.Reference == "" {
		return a, g.client.Fail(connectors.Rejected, operation, "without a reference it could not be found again", nil)
	}
	a.CompanyID = orElse(a.CompanyID, g.cfg.Company)
	address := map[string]any{"address1": a.Address.Line1, "address2": a.Address.Line2, "city": a.Address.City,
		"state": a.Address.State, "zip": a.Address.PostalCode, "country": a.Address.Country}
	doc := map[string]any{
		"companyId": a.CompanyID, "name": a.Name, "email": a.Email, "phone": a.Phone, "address": address,
		"contacts": []any{map[string]any{"firstName": orElse(a.FirstName, a.Name), "lastName": orElse(a.LastName, "-"), "email": a.Email, "phone": a.Phone}},
		"shipTos":  []any{map[string]any{"name": a.Name, "address": address}},
	}
	if a.Terms != "" {
		doc["terms"] = a.Terms
	}
	for name, value := range a.Extra {
		doc[name] = value
	}
	doc["legacyId"] = a.Reference
	var created gatewayCustomer
	if err := g.call(ctx, operation, http.MethodPost, g.cfg.URL+"/api/v1/CustomerMaster", doc, &created); err != nil {
		return a, err
	}
	if created.CustomerID == "" {
		return a, g.client.Fail(connectors.OutcomeUnknown, operation, "the answer names no customer", nil)
	}
	out := created.account(a.Email)
	a.CustomerID, a.ContactID, a.ShipToID = out.CustomerID, out.ContactID, out.ShipToID
	return a, nil
}

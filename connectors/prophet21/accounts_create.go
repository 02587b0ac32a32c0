package prophet21

import (
	"context"
	"errors"
	"net/http"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

// ofShipTos are the fields that P21 keeps with a ship-to; tenants need some of
// them there. Given as Extra they go into the customer and into its ship-to.
var ofShipTos = []string{"DefaultBranch", "TaxGroupId", "TermsId", "DefaultSourceLocationId", "PackingBasis", "PickTicketType",
	"AcceptPartialOrders", "DefaultCarrierId", "SalesrepId"}

// CreateAccount creates an address, a contact at it, and the customer with the
// address as its ship-to. The customer comes last and carries our reference: an
// attempt that broke off before leaves no customer that could be doubled.
func (m *middleware) CreateAccount(ctx context.Context, a commerce.Account) (commerce.Account, error) {
	operation := "create customer " + a.Reference
	if a.Reference == "" {
		return a, m.client.Fail(connectors.Rejected, operation, "without a reference it could not be found again", nil)
	}
	a.CompanyID = orElse(a.CompanyID, m.cfg.Company)
	var address struct{ AddressId ident }
	if err := m.call(ctx, operation, http.MethodPost, m.cfg.URL+"/api/entity/addresses/", addressDoc(a), &address); err != nil {
		return a, err
	}
	if address.AddressId == "" {
		return a, m.client.Fail(connectors.OutcomeUnknown, operation, "the answer names no address", nil)
	}
	var contact struct{ Id ident }
	err := m.call(ctx, operation, http.MethodPost, m.cfg.URL+"/api/entity/contacts/", map[string]any{
		"FirstName": orElse(a.FirstName, a.Name), "LastName": orElse(a.LastName, "-"), "AddressId": number(string(address.AddressId)),
		"EmailAddress": a.Email, "DirectPhone": a.Phone,
	}, &contact)
	if err != nil {
		return a, halfDone(err, "address "+string(address.AddressId))
	}
	if contact.Id == "" {
		return a, m.client.Fail(connectors.OutcomeUnknown, operation, "the answer names no contact", nil)
	}
	written := "address " + string(address.AddressId) + " and contact " + string(contact.Id)
	var created customerDoc
	doc := newCustomer(a, address.AddressId, contact.Id)
	if err := m.call(ctx, operation, http.MethodPost, m.cfg.URL+"/api/entity/customers/", doc, &created); err != nil {
		return a, halfDone(err, written)
	}
	if created.CustomerId == "" {
		return a, m.client.Fail(connectors.OutcomeUnknown, operation, "the answer names no customer", nil)
	}
	out := created.account()
	if len(created.ShipTos) == 0 || out.ContactID == "" {
		if out, err = m.accountIn(ctx, a.CompanyID, string(created.CustomerId)); err != nil {
			// It is there: to be found by its reference, not created again.
			return a, m.client.Fail(connectors.OutcomeUnknown, operation, "customer "+string(created.CustomerId)+" was created and could not be read back", err)
		}
	}
	a.CustomerID, a.ShipToID, a.ContactID = out.CustomerID, out.ShipToID, orElse(out.ContactID, string(contact.Id))
	a.Terms = orElse(out.Terms, a.Terms)
	return a, nil
}

// halfDone says what an attempt that broke off has left behind. "Unavailable"
// would mean that nothing was written.
func halfDone(err error, written string) error {
	var e *connectors.Error
	if !errors.As(err, &e) {
		return err
	}
	if e.Kind == connectors.Unavailable {
		e.Kind = connectors.OutcomeUnknown
	}
	if e.Detail != "" {
		e.Detail += "; "
	}
	e.Detail += "before that, " + written + " had been created"
	return err
}

func newCustomer(a commerce.Account, address, contact ident) map[string]any {
	at := addressDoc(a)
	at["AddressId"] = number(string(address))
	shipTo := map[string]any{"CompanyId": a.CompanyID, "ShipToName": a.Name, "InvoiceType": "IN", "ShipToAddress": at}
	doc := map[string]any{
		"CompanyId": a.CompanyID, "CustomerName": a.Name, "CustomerAddress": addressDoc(a),
		"CustomerContacts": map[string]any{"list": []any{map[string]any{"CompanyId": a.CompanyID, "ContactId": string(contact)}}},
		"CustomerShipTos":  map[string]any{"list": []any{shipTo}},
	}
	if a.Terms != "" {
		doc["TermsId"] = a.Terms
	}
	for name, value := range a.Extra {
		doc[name] = value
	}
	for _, name := range ofShipTos {
		if value, there := doc[name]; there {
			shipTo[name] = value
		}
	}
	doc["LegacyId"] = a.Reference // after Extra: without it the customer could not be found again
	return doc
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

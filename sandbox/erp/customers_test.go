package erp

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// newCustomer goes the way of address, contact, customer.
func (s *site) newCustomer(email string) map[string]any {
	s.t.Helper()
	_, body := s.call("POST", "/api/entity/addresses/", `{"Name":"Ann Smith","MailAddress1":"9 Elm","MailCity":"Reno","MailState":"NV","MailPostalCode":"89501"}`)
	address := object(s.t, body)["AddressId"]
	_, body = s.call("POST", "/api/entity/contacts/", strings.ReplaceAll(`{"FirstName":"Ann","LastName":"Smith","AddressId":ADDRESS,"EmailAddress":"`+email+`"}`, "ADDRESS", itoa(int(address.(float64)))))
	contact := object(s.t, body)["Id"].(string)
	status, body := s.call("POST", "/api/entity/customers/", `{"CompanyId":"01","CustomerName":"Ann Smith","TermsId":"8","LegacyId":"xc-7",
	 "CustomerContacts":{"list":[{"CompanyId":"01","ContactId":"`+contact+`"}]},
	 "CustomerAddress":{"MailAddress1":"9 Elm","MailCity":"Reno","MailState":"NV","MailPostalCode":"89501"},
	 "CustomerShipTos":{"list":[{"CompanyId":"01","ShipToName":"Ann's dock","ShipToAddress":{"MailAddress1":"9 Elm","MailCity":"Reno","MailState":"NV"}}]}}`)
	require.Equal(s.t, 200, status, body)
	return object(s.t, body)
}

func TestCustomerIsCreatedAfterAddressAndContact(t *testing.T) {
	s := open(t, options())
	c := s.newCustomer("ann@example.com")
	id := itoa(int(c["CustomerId"].(float64)))
	shipTos := c["CustomerShipTos"].(map[string]any)["list"].([]any)
	require.Len(t, shipTos, 1)
	require.EqualValues(t, c["CustomerId"], shipTos[0].(map[string]any)["ShipToId"], "the default ship-to has the customer's id")
	contact := c["CustomerContacts"].(map[string]any)["list"].([]any)[0].(map[string]any)["ContactId"].(string)
	no := s.place(`"CustomerId":100000`, `"CustomerId":`+id, `"ShipToId":100000`, `"ShipToId":`+id, `"2000"`, `"`+contact+`"`)
	o, _ := s.erp.Order(no)
	require.Equal(t, "Ann's dock", o.ShipToName)
}

func TestEmailsMayRepeat(t *testing.T) {
	s := open(t, options())
	s.newCustomer("ann@example.com")
	s.newCustomer("ann@example.com")
	_, body := s.call("GET", "/api/entity/contacts/?$top=1&$query="+url.QueryEscape("EmailAddress eq 'ann@example.com'"), "")
	require.Equal(t, 2, strings.Count(body, `"FirstName":"Ann"`), "$top is ignored")
	_, rows := s.ask("contacts", "email_address eq 'ann@example.com'")
	require.Len(t, rows, 2)
}

func TestCustomerKeyIsCompanyAndId(t *testing.T) {
	s := open(t, options())
	require.Equal(t, "WEB HOUSE ACCOUNT", s.get("/api/entity/customers/01_100000")["CustomerName"])
	require.Nil(t, s.get("/api/entity/customers/01_100000")["CustomerShipTos"])
	for _, key := range []string{"100000", "1_100000", "01_5"} {
		status, body := s.call("GET", "/api/entity/customers/"+key, "")
		require.Equal(t, 404, status)
		require.Equal(t, exceptionNotFound, object(t, body)["ErrorType"])
	}
}

func TestCustomerUpdateChangesWhatIsSent(t *testing.T) {
	s := open(t, options())
	status, body := s.call("PUT", "/api/entity/customers/01_100000", `{"CustomerName":"Web","CustomerAddress":{"MailCity":"Chicago"},
	 "CustomerShipTos":{"list":[{"ShipToName":"ignored"}]}}`)
	require.Equal(t, 200, status, body)
	c := s.erp.Customers()[0]
	require.Equal(t, "Web", c.Name)
	require.True(t, c.Taxable)
	require.Equal(t, "Chicago", c.Address.Mail.City)
	require.Equal(t, "IL", c.Address.Mail.State)
	require.Len(t, c.ShipTos, 1, "ship-tos cannot be changed this way")
}

func TestACustomerWithoutAddressHasNoShipTo(t *testing.T) {
	s := open(t, options())
	_, body := s.call("POST", "/api/entity/customers/", `{"CompanyId":"01","CustomerName":"Bare"}`)
	require.Empty(t, object(t, body)["CustomerShipTos"].(map[string]any)["list"])
}

func TestContactsNeedAnExistingAddress(t *testing.T) {
	s := open(t, options())
	status, body := s.call("POST", "/api/entity/contacts/", `{"FirstName":"A","LastName":"B","AddressId":7}`)
	require.Equal(t, 500, status)
	require.Contains(t, body, "Address ID 7 does not exist")
	status, _ = s.call("PUT", "/api/entity/contacts/2000", `{"EmailAddress":"web@example.com"}`)
	require.Equal(t, 200, status)
	require.Equal(t, "web@example.com", s.erp.Customers()[0].Contacts[0].Email)
}

func TestAddressesHaveNoPutAndNoTemplate(t *testing.T) {
	s := open(t, options())
	status, _ := s.call("PUT", "/api/entity/addresses/100000", `{}`)
	require.Equal(t, 405, status)
	status, _ = s.call("GET", "/api/entity/addresses/new", "")
	require.Equal(t, 500, status)
	require.Contains(t, s.get("/api/entity/customers/new"), "CustomerShipTos")
}

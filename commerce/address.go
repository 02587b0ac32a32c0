package commerce

import "strings"

// Address is a postal address with the person or company it belongs to.
type Address struct {
	FirstName  string `json:"first_name,omitempty"`
	LastName   string `json:"last_name,omitempty"`
	Company    string `json:"company,omitempty"`
	Line1      string `json:"line1,omitempty"`
	Line2      string `json:"line2,omitempty"`
	City       string `json:"city,omitempty"`
	State      string `json:"state,omitempty"`       // as the shop gives it: a code where it has one, else a name
	PostalCode string `json:"postal_code,omitempty"` // as written
	Country    string `json:"country,omitempty"`     // ISO 3166-1 alpha-2 where the shop has it, else a name
	Phone      string `json:"phone,omitempty"`
	Email      string `json:"email,omitempty"`
}

// PersonName is first and last name with one space between them.
func (a Address) PersonName() string {
	return strings.TrimSpace(strings.TrimSpace(a.FirstName) + " " + strings.TrimSpace(a.LastName))
}

// Name is whom a parcel is for: the company where there is one, else the person.
func (a Address) Name() string {
	if company := strings.TrimSpace(a.Company); company != "" {
		return company
	}
	return a.PersonName()
}

// IsZero reports whether nothing is known of the address.
func (a Address) IsZero() bool { return a == Address{} }

// Customer is who placed an order, as the shop knows them.
type Customer struct {
	ProfileID  string `json:"profile_id,omitempty"` // the shop's account; empty for a guest
	Guest      bool   `json:"guest,omitempty"`
	Email      string `json:"email,omitempty"`
	FirstName  string `json:"first_name,omitempty"`
	LastName   string `json:"last_name,omitempty"`
	Membership string `json:"membership,omitempty"`
	TaxID      string `json:"tax_id,omitempty"`
	Disabled   bool   `json:"disabled,omitempty"`
	// Addresses is the account's address book; the addresses of an order are on the order.
	Addresses []Address `json:"addresses,omitempty"`
}

// Name is the customer's first and last name with one space between them.
func (c Customer) Name() string {
	return Address{FirstName: c.FirstName, LastName: c.LastName}.PersonName()
}

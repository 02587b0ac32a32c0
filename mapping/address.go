package mapping

import (
	"regexp"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/cart21/cart21/commerce"
)

// tidy brings the addresses of an order into the form that the ERP keeps.
func (p *Profile) tidy(order commerce.Order) commerce.Order {
	order.Customer.Email = strings.TrimSpace(order.Customer.Email)
	order.BillTo, order.ShipTo = p.tidyAddress(order.BillTo), p.tidyAddress(order.ShipTo)
	return order
}

func (p *Profile) tidyAddress(a commerce.Address) commerce.Address {
	how := p.doc.Addresses
	if !how.Normalise {
		return a
	}
	written := a.Phone
	if country, ok := p.doc.Tables[countryTable][strings.TrimSpace(a.Country)]; ok {
		a.Country = country
	}
	if state, ok := p.doc.Tables[stateTable][strings.TrimSpace(a.State)]; ok {
		a.State = state
	}
	a = NormaliseAddress(a)
	switch how.Phones {
	case phonesE164:
		a.Phone = phone(a.Country, written, true)
	case phonesKeep:
		a.Phone = written
	}
	if how.Case == caseUpper {
		for _, part := range []*string{&a.Line1, &a.Line2, &a.City, &a.State, &a.PostalCode} {
			*part = strings.ToUpper(*part)
		}
	}
	return a
}

// NormaliseAddress writes an address as postal services do: country and state
// codes, postal code and phone in their usual form, and for the United States
// the abbreviations of USPS Publication 28. What it does not understand stays
// as written.
func NormaliseAddress(a commerce.Address) commerce.Address {
	for _, part := range []*string{
		&a.FirstName, &a.LastName, &a.Company, &a.Line1, &a.Line2, &a.City, &a.State, &a.PostalCode, &a.Country, &a.Phone, &a.Email,
	} {
		*part = strings.Join(strings.Fields(*part), " ")
	}
	a.Country = countryCode(a.Country, a.PostalCode)
	a.State = stateCode(a.Country, a.State)
	a.PostalCode = postalCode(a.Country, a.PostalCode)
	a.Phone = phone(a.Country, a.Phone, false)
	if a.Country == "US" && !isMilitary(a) {
		a.Line1, a.Line2 = street(a.Line1), street(a.Line2)
	}
	return a
}

// isMilitary reports whether an address is one of the armed forces', which have
// no streets: "PSC 802 Box 74, APO AE 09499".
func isMilitary(a commerce.Address) bool {
	switch strings.ToUpper(a.City) {
	case "APO", "FPO", "DPO":
		return true
	}
	return a.State == "AA" || a.State == "AE" || a.State == "AP"
}

func stateCode(country, state string) string {
	key := strings.ToLower(strings.Trim(state, ". "))
	if code, ok := states[country][key]; ok {
		return code
	}
	upper := strings.ToUpper(strings.ReplaceAll(key, ".", ""))
	for _, code := range states[country] {
		if code == upper {
			return code
		}
	}
	return state
}

var (
	usZip    = regexp.MustCompile(`^(\d{5})[- ]?(\d{4})?$`)
	caPostal = regexp.MustCompile(`^([A-Z]\d[A-Z])[- ]?(\d[A-Z]\d)$`)
	gbPostal = regexp.MustCompile(`^([A-Z]{1,2}\d[A-Z\d]?) ?(\d[A-Z]{2})$`)
)

func postalCode(country, code string) string {
	upper := strings.ToUpper(code)
	switch country {
	case "US":
		if m := usZip.FindStringSubmatch(upper); m != nil {
			return strings.TrimSuffix(m[1]+"-"+m[2], "-")
		}
	case "CA":
		if m := caPostal.FindStringSubmatch(upper); m != nil {
			return m[1] + " " + m[2]
		}
	case "GB", "JE", "GG", "IM":
		if m := gbPostal.FindStringSubmatch(upper); m != nil {
			return m[1] + " " + m[2]
		}
	}
	return code
}

// phone writes a valid number in the country's national form, or in the
// international form when it is another country's; or always as E.164.
func phone(country, number string, e164 bool) string {
	if number == "" {
		return ""
	}
	parsed, err := phonenumbers.Parse(number, country)
	if err != nil || !phonenumbers.IsValidNumber(parsed) {
		return number
	}
	switch {
	case e164 && parsed.GetExtension() == "": // E.164 would lose an extension
		return phonenumbers.Format(parsed, phonenumbers.E164)
	case !e164 && phonenumbers.GetRegionCodeForNumber(parsed) == country:
		return phonenumbers.Format(parsed, phonenumbers.NATIONAL)
	}
	return phonenumbers.Format(parsed, phonenumbers.INTERNATIONAL)
}

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
	if p.doc.Addresses.Normalise {
		order.BillTo = NormaliseAddress(order.BillTo)
		order.ShipTo = NormaliseAddress(order.ShipTo)
	}
	return order
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
	a.Country = countryCode(a.Country)
	a.State = stateCode(a.Country, a.State)
	a.PostalCode = postalCode(a.Country, a.PostalCode)
	a.Phone = phone(a.Country, a.Phone)
	if a.Country == "US" {
		a.Line1, a.Line2 = street(a.Line1), street(a.Line2)
	}
	return a
}

func stateCode(country, state string) string {
	key := strings.ToLower(strings.Trim(state, ". "))
	if code, ok := states[country][key]; ok {
		return code
	}
	if upper := strings.ToUpper(key); len(upper) == 2 && len(states[country]) > 0 {
		return upper
	}
	return state
}

var (
	usZip     = regexp.MustCompile(`^(\d{5})[- ]?(\d{4})?$`)
	caPostal  = regexp.MustCompile(`^([A-Z]\d[A-Z])[- ]?(\d[A-Z]\d)$`)
	gbPostal  = regexp.MustCompile(`^([A-Z]{1,2}\d[A-Z\d]?) ?(\d[A-Z]{2})$`)
	poBox     = regexp.MustCompile(`(?i)^(p\.? ?o\.? ?)?box\b`)
	number    = regexp.MustCompile(`^#?\d+[A-Za-z]?$`)
	saintNext = regexp.MustCompile(`(?i)^(paul|louis|john|james|charles|george|peter|mary|joseph|francis|clair|andrew|anthony|augustine|thomas|patrick|michael)$`)
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
	case "GB":
		if m := gbPostal.FindStringSubmatch(upper); m != nil {
			return m[1] + " " + m[2]
		}
	}
	return code
}

// phone writes a valid number in the country's national form, or in the
// international form when it is another country's.
func phone(country, number string) string {
	if number == "" {
		return ""
	}
	parsed, err := phonenumbers.Parse(number, country)
	if err != nil || !phonenumbers.IsValidNumber(parsed) {
		return number
	}
	if phonenumbers.GetRegionCodeForNumber(parsed) == country {
		return phonenumbers.Format(parsed, phonenumbers.NATIONAL)
	}
	return phonenumbers.Format(parsed, phonenumbers.INTERNATIONAL)
}

// street abbreviates a US street line by USPS Publication 28: the suffix where
// it ends the street's name, directionals before and after it, unit designators.
// "Saint Paul Street NE" keeps its Saint: only the last suffix word is one.
func street(line string) string {
	if line == "" || poBox.MatchString(line) {
		return line
	}
	words := strings.Fields(line)
	unit := unitStart(words)
	name, rest := words[:unit], words[unit:]
	last := len(name) - 1
	if last > 1 && directionals[plain(name[last])] != "" && suffixes[plain(name[last-1])] != "" {
		name[last] = directionals[plain(name[last])]
		last--
	}
	if last > 0 && suffixes[plain(name[last])] != "" && !(last+1 < len(name) && saintNext.MatchString(name[last+1])) {
		name[last] = suffixes[plain(name[last])]
	}
	// A leading directional, but not the whole name of the street: "N Street" stays.
	if len(name) > 3 && number.MatchString(name[0]) && directionals[plain(name[1])] != "" {
		name[1] = directionals[plain(name[1])]
	}
	if len(rest) > 0 && units[plain(rest[0])] != "" {
		rest[0] = units[plain(rest[0])]
	}
	return strings.Join(append(append([]string{}, name...), rest...), " ")
}

// unitStart finds where a unit such as "Apt 4" or "#4" begins.
func unitStart(words []string) int {
	for i, w := range words {
		if (i > 1 || len(words) <= 2) && (units[plain(w)] != "" && i+1 < len(words) || strings.HasPrefix(w, "#") && i > 0) {
			return i
		}
	}
	return len(words)
}

func plain(word string) string { return strings.ToLower(strings.Trim(word, ".,")) }

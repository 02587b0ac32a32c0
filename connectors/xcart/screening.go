package xcart

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"github.com/cart21/cart21/commerce"
)

// cell is something that a payment gateway or an addon left on an order: a data
// cell of a transaction in 5.5, a detail of the order in 5.4 (where only the
// label is told).
type cell struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	Value loose  `json:"value"`
}

// cells are a list, or a map where PHP made one of it. What cannot be read is
// left out: an order is not refused for what only the screening looks at.
type cells []cell

func (c *cells) UnmarshalJSON(raw []byte) error {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		var byName map[string]json.RawMessage
		if json.Unmarshal(raw, &byName) != nil {
			return nil
		}
		for _, name := range sortedKeys(byName) {
			list = append(list, byName[name])
		}
	}
	*c = nil
	for _, one := range list {
		var read cell
		if json.Unmarshal(one, &read) == nil {
			*c = append(*c, read)
		}
	}
	return nil
}

// loose is a text or a number as it is written; empty for anything else.
type loose string

func (l *loose) UnmarshalJSON(raw []byte) error {
	var s string
	switch err := json.Unmarshal(raw, &s); {
	case err == nil:
		*l = loose(s)
	case len(raw) > 0 && (raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9'):
		*l = loose(raw)
	}
	return nil
}

// cellNames are the names and labels of the cells, without case and punctuation.
// Every gateway has its own: X-Payments', AuthorizeNet's, and those that several
// use.
var cellNames = func() map[string]func(*commerce.Screening) *string {
	fields := map[string]func(*commerce.Screening) *string{}
	for _, known := range []struct {
		field func(*commerce.Screening) *string
		names string
	}{
		{func(s *commerce.Screening) *string { return &s.AVS }, "avs avsresult avsresponse avsresponsecode avsresultcode avscode avsmessage xpaymentsavsresult"},
		{func(s *commerce.Screening) *string { return &s.CVV }, "cvv cvv2 cvvresult cvvresponse cvvresponsecode cvvresultcode cvv2result cvv2match cvc cvcresult cvcresponse cardcoderesponse xpaymentscvvresult"},
		{func(s *commerce.Screening) *string { return &s.Card }, "cardnumber maskedcardnumber maskedcard creditcardnumber xpaymentscardnumber"},
		{func(s *commerce.Screening) *string { return &s.Cardholder }, "cardholder cardholdername nameoncard cardname xpaymentscardholder"},
		{func(s *commerce.Screening) *string { return &s.IP }, "ip ipaddress customerip clientip"},
		{func(s *commerce.Screening) *string { return &s.Device }, "deviceid devicefingerprint fingerprint"},
	} {
		for name := range strings.FieldsSeq(known.names) {
			fields[name] = known.field
		}
	}
	return fields
}()

// services are those whose verdict a cell tells, by what its name contains.
var services = []string{"Kount", "NoFraud", "Signifyd", "AntiFraud"}

// screen takes what the cells say; a later one counts more, as a later
// transaction does.
func screen(s *commerce.Screening, from cells) {
	for _, c := range from {
		value := strings.TrimSpace(string(c.Value))
		if value == "" {
			continue
		}
		for _, name := range []string{plain(c.Name), plain(c.Label)} {
			if field, known := cellNames[name]; known {
				*field(s) = value
				break
			}
			if i := slices.IndexFunc(services, func(service string) bool { return strings.HasPrefix(name, plain(service)) }); i >= 0 {
				verdict(s, services[i], strings.TrimPrefix(name, plain(services[i])), value)
				break
			}
		}
	}
	s.Card = masked(s.Card)
}

// verdict notes what a service says: its word, or its number. Cells about
// anything else, such as a link, say neither.
func verdict(s *commerce.Screening, service, about, value string) {
	var field func(*commerce.ScreeningVerdict) *string
	switch about {
	case "", "result", "status", "decision", "verdict", "auto", "response":
		field = func(v *commerce.ScreeningVerdict) *string { return &v.Result }
	case "score", "risk", "riskscore":
		field = func(v *commerce.ScreeningVerdict) *string { return &v.Score }
	default:
		return
	}
	i := slices.IndexFunc(s.Verdicts, func(v commerce.ScreeningVerdict) bool { return v.Service == service })
	if i < 0 {
		i = len(s.Verdicts)
		s.Verdicts = append(s.Verdicts, commerce.ScreeningVerdict{Service: service})
	}
	*field(&s.Verdicts[i]) = value
}

// masked is a card's number with its first six and last four digits alone,
// should a gateway keep more of it.
func masked(card string) string {
	digits := 0
	for _, r := range card {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	if digits <= 10 {
		return card
	}
	seen := 0
	return strings.Map(func(r rune) rune {
		if !unicode.IsDigit(r) {
			return r
		}
		if seen++; seen <= 6 || seen > digits-4 {
			return r
		}
		return '*'
	}, card)
}

func plain(name string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, name))
}

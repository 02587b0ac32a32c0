package prophet21

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/connectors"
)

// The values of P21's documents. The same field comes as a number from one
// family and as text from another, and a flag has three encodings.

// ident is an id or a number that is used as one, as text: "01" keeps its zero,
// 100123.0 is 100123, and 0 is none.
type ident string

func (i *ident) UnmarshalJSON(raw []byte) error {
	var w words
	if err := w.UnmarshalJSON(raw); err != nil {
		return err
	}
	s := strings.TrimSpace(string(w))
	if whole, fraction, ok := strings.Cut(s, "."); ok && isTicket(whole) && strings.Trim(fraction, "0") == "" {
		s = whole
	}
	if s == "0" {
		s = ""
	}
	*i = ident(s)
	return nil
}

// words are text; a number is taken as it would be written.
type words string

func (w *words) UnmarshalJSON(raw []byte) error {
	switch {
	case string(raw) == "null":
		return nil
	case len(raw) > 0 && raw[0] == '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
		*w = words(strings.TrimRight(s, " ")) // char columns are padded
		return nil
	}
	var n connectors.Number
	if err := n.UnmarshalJSON(raw); err != nil {
		return err
	}
	*w = words(n.String())
	return nil
}

// count is a small whole number: of a line, or of transactions.
type count int

var errNotACount = errors.New("not a small whole number")

func (c *count) UnmarshalJSON(raw []byte) error {
	var n connectors.Number
	if err := n.UnmarshalJSON(raw); err != nil {
		return err
	}
	if !n.IsInteger() || n.IsNegative() || n.Cmp(decimal.New(1, 9)) >= 0 {
		return errNotACount
	}
	*c = count(n.IntPart())
	return nil
}

// flag is yes or no in any of P21's encodings: Y/N, ON/OFF, true/false, 1/0.
type flag bool

func (f *flag) UnmarshalJSON(raw []byte) error {
	switch strings.ToUpper(strings.Trim(string(raw), `" `)) {
	case "Y", "YES", "ON", "TRUE", "T", "1":
		*f = true
	default:
		*f = false
	}
	return nil
}

// moment is a time in a row: zone-less in the server's zone, or with one.
type moment struct {
	raw string
}

var errNotATime = errors.New("not a time")

func (t *moment) UnmarshalJSON(raw []byte) error {
	if string(raw) == "null" {
		return nil
	}
	if err := json.Unmarshal(raw, &t.raw); err != nil {
		return errNotATime
	}
	at, err := t.parse(time.UTC)
	if err == nil && at.Year() <= 1900 {
		t.raw = "" // the empty date of a database
	}
	return err
}

const zoneless = "2006-01-02T15:04:05.999999999"

func (t moment) parse(zone *time.Location) (time.Time, error) {
	if t.raw == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{zoneless, time.RFC3339Nano, time.DateOnly, "2006-01-02 15:04:05.999999999"} {
		if at, err := time.ParseInLocation(layout, t.raw, zone); err == nil {
			return at, nil
		}
	}
	return time.Time{}, errNotATime
}

// in is the instant, in UTC; zero when there is none.
func (t moment) in(zone *time.Location) time.Time {
	at, _ := t.parse(zone) // it was parsed when it was decoded
	if at.IsZero() {
		return time.Time{}
	}
	return at.UTC()
}

// digits is the time as the server's clock showed it, for a cursor: taken as it
// came where it has no zone, so that the hour that daylight saving repeats or
// leaves out does not move it.
func (t moment) digits(zone *time.Location) string {
	if _, err := time.Parse(zoneless, t.raw); err == nil {
		return t.raw
	}
	at, err := t.parse(zone)
	if err != nil || at.IsZero() {
		return ""
	}
	return at.In(zone).Format(zoneless)
}

// isNumber reports whether s can be written as a JSON number and stay the same
// id: 010 can't.
func isNumber(s string) bool { return isTicket(s) && (len(s) == 1 || s[0] != '0') }

// number is an id as P21 wants it: a JSON number where it is one.
func number(id string) any {
	if isNumber(id) {
		return json.Number(id)
	}
	return id
}

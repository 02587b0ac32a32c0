package xcart

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/cart21/cart21/connectors"
)

// The types here take what PHP makes of a value: a number as text, an empty map
// as [], a time in three forms. What they cannot take they refuse with a
// json.UnmarshalTypeError, since encoding/json adds the field's name to that
// one only, and the value, which may be personal, is not told.

func wrong[T any](what string) error {
	return &json.UnmarshalTypeError{Value: what, Type: reflect.TypeFor[T]()}
}

// number is a decimal, as a number or as text. PHP writes at most 17 digits;
// more than 30, or an exponent beyond sense, is not an amount. Unlike elsewhere
// an empty text is not zero: 5.4 stores "abc" as 0, and an order of 0 must not
// come of a field that was not filled.
type number struct{ connectors.Number }

func (n *number) UnmarshalJSON(raw []byte) error {
	if string(raw) == "null" {
		return nil
	}
	digits := 0
	for _, b := range raw {
		if b >= '0' && b <= '9' {
			digits++
		}
	}
	if digits == 0 || digits > 30 || n.Number.UnmarshalJSON(raw) != nil {
		return wrong[number]("value that is no amount")
	}
	return nil
}

// ident is an id, as a whole number or as text; null and 0, which stand for "no
// such record" in a reference, are empty.
type ident string

func (i *ident) UnmarshalJSON(raw []byte) error {
	s, err := text(raw)
	if err != nil {
		return wrong[ident]("value that is no id")
	}
	if s == "0" {
		s = ""
	}
	*i = ident(s)
	return nil
}

// words is an object of text values. PHP writes an empty one as [].
type words map[string]string

func (w *words) UnmarshalJSON(raw []byte) error {
	if len(raw) == 0 || raw[0] != '{' {
		return nil
	}
	var loose map[string]json.RawMessage
	if err := json.Unmarshal(raw, &loose); err != nil {
		return err
	}
	*w = words{}
	for k, v := range loose {
		switch s := ""; {
		case string(v) == "null":
		case json.Unmarshal(v, &s) == nil:
			(*w)[k] = s
		default:
			(*w)[k] = string(v) // a number or a list, as it is written: no floats
		}
	}
	return nil
}

// when is an instant in any form that the two generations write: ISO 8601 with
// or without the colon in the zone, or seconds since 1970.
type when struct{ time.Time }

func (w *when) UnmarshalJSON(raw []byte) error {
	s := strings.Trim(string(raw), `"`)
	if s == "null" || s == "" {
		return nil
	}
	t, err := parseTime(s)
	// Beyond these years an instant cannot be written as JSON again.
	if err != nil || t.Year() < 1 || t.Year() > 9999 {
		return wrong[when]("value that is no time")
	}
	w.Time = t
	return nil
}

func parseTime(s string) (time.Time, error) {
	if seconds, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.Unix(seconds, 0).UTC(), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05-0700", "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, errors.New("not a time")
}

// ignored takes an answer that must be JSON but proves nothing: 5.4 answers a
// write with the entity in memory, password hash and all.
type ignored struct{}

func (*ignored) UnmarshalJSON([]byte) error { return nil }

// surcharge is an amount of an order that is not goods, as both generations
// write it natively.
type surcharge struct {
	Type      string `json:"type"`
	Code      string `json:"code"`
	Class     string `json:"class"`
	Include   bool   `json:"include"`
	Available *bool  `json:"available"`
	Value     number `json:"value"`
	Name      string `json:"name"`
}

// plainJSON tells a decoding error without the values, which may be personal.
func plainJSON(err error) string {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		field := wrong.Field
		if field == "" {
			field = "it"
		}
		return fmt.Sprintf("%s is a %s", field, wrong.Value)
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return "it is no JSON, or broke off"
	}
	return "it is not as expected"
}

// short makes a system's message fit for one line of a log; the client cuts it.
func short(s string) string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(strings.ToValidUTF8(s, ""), " ")), " ")
}

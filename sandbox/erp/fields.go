package erp

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// fields is a JSON object as the middleware takes it: names that it does not
// know are never asked for, numbers may come as strings and flags in three
// ways. The first value of a wrong type is kept as the error.
type fields struct {
	values map[string]any
	err    *error
}

func readFields(body io.Reader) (fields, error) {
	var values map[string]any
	if err := decodeNumbers(body, &values); err != nil {
		//lint:ignore ST1005 these are Prophet 21's own words
		return fields{}, fmt.Errorf("Cannot deserialize the current JSON: %w", err)
	}
	if values == nil {
		//lint:ignore ST1005 these are Prophet 21's own words
		return fields{}, errors.New("The request body is empty.")
	}
	return newFields(values), nil
}

func newFields(values map[string]any) fields {
	var err error
	return fields{values: values, err: &err}
}

func decodeNumbers(body io.Reader, into any) error {
	decoder := json.NewDecoder(body)
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("additional text after the end of the document")
	}
	return nil
}

func (f fields) fail(name, want string) {
	if *f.err == nil {
		//lint:ignore ST1005 these are Prophet 21's own words
		*f.err = fmt.Errorf("Error converting value for '%s': a %s was expected.", name, want)
	}
}

func (f fields) has(name string) bool { return f.values[name] != nil }

func (f fields) text(name string) string {
	switch v := f.values[name].(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return fmt.Sprint(v)
	default:
		f.fail(name, "string")
		return ""
	}
}

// set overwrites a string that was sent, and leaves alone one that was not.
func (f fields) set(field *string, name string) {
	if f.has(name) {
		*field = f.text(name)
	}
}

func (f fields) number(name string) decimal.Decimal {
	text := f.text(name)
	if text == "" {
		return decimal.Zero
	}
	d, err := parseDecimal(text)
	if err != nil {
		f.fail(name, "number")
	}
	return d
}

// parseDecimal refuses what no money column could hold: an exponent in the
// millions would otherwise be a million digits to print.
func parseDecimal(text string) (decimal.Decimal, error) {
	if len(text) > 32 || strings.ContainsAny(text, "eE") && len(text) > 12 {
		return decimal.Zero, errors.New("number too long")
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return decimal.Zero, err
	}
	if d.Exponent() > 18 || d.Exponent() < -18 {
		return decimal.Zero, errors.New("number out of range")
	}
	return d, nil
}

func (f fields) id(name string) int {
	d := f.number(name)
	if !d.IsInteger() || d.BigInt().BitLen() > 40 {
		f.fail(name, "whole number")
		return 0
	}
	return int(d.IntPart())
}

// flag reads Y/N, ON/OFF, or a boolean, and whether it was there at all.
func (f fields) flag(name string) (on, given bool) {
	text := f.text(name)
	if text == "" {
		return false, false
	}
	on, err := parseFlag(text)
	if err != nil {
		f.fail(name, "flag")
	}
	return on, true
}

func parseFlag(text string) (bool, error) {
	switch strings.ToUpper(text) {
	case "Y", "ON", "TRUE", "1":
		return true, nil
	case "N", "OFF", "FALSE", "0", "":
		return false, nil
	}
	return false, errors.New(text + " is not a valid value for a check box.")
}

func (f fields) date(name string) time.Time {
	text := f.text(name)
	if text == "" {
		return time.Time{}
	}
	t, err := parseWall(text)
	if err != nil {
		f.fail(name, "date")
	}
	return t
}

// object is a child object; a missing one has no fields.
func (f fields) object(name string) fields {
	switch v := f.values[name].(type) {
	case nil:
		return fields{err: f.err}
	case map[string]any:
		return fields{values: v, err: f.err}
	default:
		f.fail(name, "object")
		return fields{err: f.err}
	}
}

// list is a child collection. It is an object that holds a list, and a bare
// array is an error.
func (f fields) list(name string) []fields {
	switch v := f.values[name].(type) {
	case nil:
		return nil
	case map[string]any:
		return f.array(v["list"], name)
	default:
		f.fail(name, "object with a list")
		return nil
	}
}

func (f fields) array(v any, name string) []fields {
	array, isArray := v.([]any)
	if v != nil && !isArray {
		f.fail(name+".list", "array")
	}
	var out []fields
	for _, x := range array {
		m, isObject := x.(map[string]any)
		if !isObject {
			f.fail(name+".list", "list of objects")
			continue
		}
		out = append(out, fields{values: m, err: f.err})
	}
	return out
}

// wall is what the server's clock shows at t: its timestamps carry no zone.
func (b *books) wall(t time.Time) time.Time { return t.UTC().Add(b.options.Offset) }

// stampLayout is how a timestamp is written: in server time and without a zone.
const stampLayout = "2006-01-02T15:04:05.000"

// parseWall reads a date or a timestamp as digits on the server's clock. A Z
// is taken and means nothing.
func parseWall(text string) (time.Time, error) {
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, strings.TrimSuffix(text, "Z")); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New(text + " is not a valid date.")
}

package shop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// row is a JSON object. The order of keys varies in X-Cart too.
type row = map[string]any

// number is a decimal as a JSON number.
type number struct{ decimal.Decimal }

func (n number) MarshalJSON() ([]byte, error) { return []byte(n.String()), nil }

// phpFloat is a decimal with PHP's float noise, for what PHP computes.
func phpFloat(d decimal.Decimal) float64 {
	f, _ := d.Float64()
	return f
}

var leadingNumber = regexp.MustCompile(`^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?`)

// toDecimal is PHP's (float) cast: the number that a text begins with, else 0.
func toDecimal(v any) decimal.Decimal {
	switch v := v.(type) {
	case int:
		return decimal.NewFromInt(int64(v))
	case json.Number:
		return toDecimal(v.String())
	case bool:
		if v {
			return decimal.NewFromInt(1)
		}
	case string:
		text := strings.TrimSuffix(strings.TrimSpace(leadingNumber.FindString(v)), ".")
		if d, err := decimal.NewFromString(text); err == nil && d.Exponent() > -40 && d.Exponent() < 40 {
			return d
		}
	}
	return decimal.Zero
}

// toInt is PHP's (int) cast: "7.9" is 7, "abc" is 0, "12 boxes" is 12.
func toInt(v any) int { return int(toDecimal(v).IntPart()) }

func toText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "1"
		}
	case nil:
	default:
		return "Array"
	}
	return ""
}

func toBool(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case string:
		return v != "" && v != "0"
	case json.Number:
		return !toDecimal(v).IsZero()
	}
	return false
}

// mysqlID is what MySQL makes of an id given as text: the digits that it begins
// with. So order/1abc is order 1, and order/abc is none.
func mysqlID(text string) int {
	end := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(text)
	}
	id, err := strconv.Atoi(text[:end])
	if err != nil {
		return 0
	}
	return id
}

// like is MySQL's LIKE %needle%.
func like(text, needle string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(needle))
}

// orEmptyList is PHP's empty map: it becomes [] in JSON.
func orEmptyList(m row) any {
	if len(m) == 0 {
		return []any{}
	}
	return m
}

// orNull turns a missing thing into null.
func orNull[T any](v *T) any {
	if v == nil {
		return nil
	}
	return *v
}

// encodePHP is json_encode with its default flags: non-ASCII as \uXXXX and
// slashes escaped.
func encodePHP(v any) ([]byte, error) {
	var plain bytes.Buffer
	e := json.NewEncoder(&plain)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	in := bytes.TrimRight(plain.Bytes(), "\n")
	out := make([]byte, 0, len(in)+len(in)/8)
	for len(in) > 0 {
		r, size := utf8.DecodeRune(in)
		in = in[size:]
		switch {
		case r == '/':
			out = append(out, '\\', '/')
		case r < utf8.RuneSelf:
			out = append(out, byte(r))
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out, nil
}

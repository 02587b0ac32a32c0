package xcart

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Event is a poke from the shop. X-Cart's core sends none: an addon does. It
// only names what changed; the process reads the record itself.
type Event struct {
	Name    string // order.placed, order.changed, ...
	OrderID string
	Number  string // as customers see it, when the event tells it
}

// The events that are acted on. Others are accepted and passed over, so that an
// addon may send more than this version knows.
const (
	OrderPlaced  = "order.placed"
	OrderChanged = "order.changed"
)

// ParseEvent reads a webhook's body: {"event": "order.placed", "id": 4711,
// "number": "1004711"}. The id may be a number or a string of digits.
func ParseEvent(body []byte) (Event, error) {
	var doc struct {
		Event  string          `json:"event"`
		ID     json.RawMessage `json:"id"`
		Number json.RawMessage `json:"number"`
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return Event{}, errors.New(`the body is not a JSON object such as {"event": "order.placed", "id": 4711}`)
	}
	if doc.Event == "" {
		return Event{}, fmt.Errorf(`"event" is missing: use %s or %s`, OrderPlaced, OrderChanged)
	}
	id, err := text(doc.ID)
	if err != nil || !isID(id) {
		return Event{}, errors.New(`"id" must be the order's internal id, a positive whole number`)
	}
	number, err := text(doc.Number)
	if err != nil || !isOrderNumber(number) {
		return Event{}, errors.New(`"number" must be the order number: at most 64 letters, digits, spaces and - _ . / #`)
	}
	return Event{Name: doc.Event, OrderID: id, Number: number}, nil
}

// text reads a JSON string or whole number as a string; nothing and null are empty.
func text(raw json.RawMessage) (string, error) {
	switch {
	case len(raw) == 0, string(raw) == "null":
		return "", nil
	case raw[0] == '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	default:
		n, err := strconv.ParseInt(string(raw), 10, 64)
		return strconv.FormatInt(n, 10), err
	}
}

// isID reports whether s is a positive whole number without sign or leading
// zeros, the only form an X-Cart id has: 5.4 reads "1abc" as order 1.
func isID(s string) bool {
	if s == "" || len(s) > 18 || s[0] == '0' {
		return false
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

// isOrderNumber reports whether s may be shown as an order's number, which the
// Web UI renders as Markdown: a link or a mail address must not come in by it.
func isOrderNumber(s string) bool {
	return len(s) <= 64 && !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" -_./#", r)
	})
}

package prophet21

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cart21/cart21/connectors"
)

// text is an OData string literal.
func text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// stamp is a zone-less OData time in the server's zone.
func (m *middleware) stamp(t time.Time) string {
	return t.In(m.cfg.Location).Format("2006-01-02T15:04:05.000")
}

// anyOf is field eq a or field eq b ...: `in (...)` is ignored without a word,
// and everything would come back.
func anyOf(field string, literals []string) string {
	terms := make([]string, len(literals))
	for i, l := range literals {
		terms[i] = field + " eq " + l
	}
	return "(" + strings.Join(terms, " or ") + ")"
}

const (
	maxTerms = 40   // of an or chain; about 50 is what a server takes
	pageRows = 1000 // of one query
)

// chunks splits a list into pieces that fit into one or chain.
func chunks[T any](all []T, size int) [][]T {
	var out [][]T
	for len(all) > size {
		out = append(out, all[:size])
		all = all[size:]
	}
	if len(all) > 0 {
		out = append(out, all)
	}
	return out
}

// table is one OData table with the columns we ask for. An unknown column makes
// the whole query a 404, so optional ones that the tenant lacks are dropped.
type table struct {
	name     string
	columns  []string
	optional []string
}

func (m *middleware) selected(t table) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	columns := append([]string{}, t.columns...)
	for _, c := range t.optional {
		if !m.missing[t.name+"."+c] {
			columns = append(columns, c)
		}
	}
	return strings.Join(columns, ",")
}

// rows reads rows of a table. $top is always given: without it everything comes.
func rows[T any](ctx context.Context, m *middleware, operation string, t table, filter, orderBy string, top int) ([]T, error) {
	query := url.Values{"$filter": {filter}, "$select": {m.selected(t)}, "$top": {fmt.Sprint(top)}}
	if orderBy != "" {
		query.Set("$orderby", orderBy)
	}
	var doc struct {
		Value *[]T `json:"value"`
	}
	address := m.cfg.URL + "/odataservice/odata/table/" + t.name + "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
	if err := m.call(ctx, operation, http.MethodGet, address, nil, &doc); err != nil {
		if connectors.Is(err, connectors.NotFound) {
			return nil, m.client.Fail(connectors.Unauthorised, operation,
				"the table "+t.name+" or a column of it cannot be read: give the account its Dataservice Permission, or see -check for missing columns", err)
		}
		return nil, err
	}
	if doc.Value == nil {
		return nil, m.client.Fail(connectors.Malformed, operation, "the answer has no \"value\"", nil)
	}
	return *doc.Value, nil
}

// keyset is the cursor of a list by date and key: rows may move while it is
// read, so a page begins after the last row seen and not at a row number.
type keyset struct {
	At  string `json:"at"`
	Key string `json:"key"`
}

func (k keyset) String() string {
	raw, _ := json.Marshal(k)
	return string(raw)
}

// after is the filter for rows changed since, or after the cursor's row.
func (m *middleware) after(cursor string, since time.Time, key string, quoted bool) (string, error) {
	if cursor == "" {
		return "date_last_modified ge " + m.stamp(since), nil
	}
	var k keyset
	if err := json.Unmarshal([]byte(cursor), &k); err != nil || !isStamp(k.At) {
		return "", m.client.Fail(connectors.Rejected, "list changes", "not a cursor of this list", nil)
	}
	literal := k.Key
	if quoted {
		literal = text(k.Key)
	} else if !isTicket(k.Key) {
		return "", m.client.Fail(connectors.Rejected, "list changes", "not a cursor of this list", nil)
	}
	return fmt.Sprintf("(date_last_modified gt %s or (date_last_modified eq %s and %s gt %s))", k.At, k.At, key, literal), nil
}

func isStamp(s string) bool {
	_, err := time.Parse("2006-01-02T15:04:05.999999999", s)
	return err == nil
}

// moment is a time in a row: zone-less in the server's zone, or with one.
type moment struct {
	raw string
}

func (t *moment) UnmarshalJSON(raw []byte) error {
	if string(raw) == "null" {
		return nil
	}
	if err := json.Unmarshal(raw, &t.raw); err != nil {
		return fmt.Errorf("%.40s is not a time", raw)
	}
	if _, err := t.parse(time.UTC); err != nil {
		return err
	}
	return nil
}

func (t moment) parse(zone *time.Location) (time.Time, error) {
	if t.raw == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05.999999999", time.RFC3339Nano, time.DateOnly, "2006-01-02 15:04:05.999999999"} {
		if at, err := time.ParseInLocation(layout, t.raw, zone); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("%.40q is not a time", t.raw)
}

func (t moment) in(zone *time.Location) time.Time {
	at, _ := t.parse(zone) // it was parsed when it was decoded
	return at
}

// stampOf is the row's own time as a literal, for the cursor.
func (m *middleware) stampOf(t moment) string {
	return t.in(m.cfg.Location).In(m.cfg.Location).Format("2006-01-02T15:04:05.999999999")
}

// flag is yes or no in any of P21's encodings: Y/N, ON/OFF, true/false, 1/0.
type flag bool

func (f *flag) UnmarshalJSON(raw []byte) error {
	switch strings.ToUpper(strings.Trim(string(raw), `" `)) {
	case "Y", "YES", "ON", "TRUE", "1":
		*f = true
	default:
		*f = false
	}
	return nil
}

// ident is an id or a number that is used as one, as text: "01" keeps its zero,
// 100123.0 is 100123.
type ident string

func (i *ident) UnmarshalJSON(raw []byte) error {
	s := string(raw)
	if s == "null" {
		return nil
	}
	if strings.HasPrefix(s, `"`) {
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
		*i = ident(strings.TrimSpace(s))
		return nil
	}
	var n connectors.Number
	if err := n.UnmarshalJSON(raw); err != nil {
		return err
	}
	*i = ident(n.String())
	if *i == "0" {
		*i = ""
	}
	return nil
}

package prophet21

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cart21/cart21/connectors"
)

const (
	maxTerms  = 50   // of an or chain; about that is what a server takes
	maxFilter = 1500 // bytes of a chain, escaped: IIS takes 2048 of a whole query unless told otherwise
	pageRows  = 250  // of a list that is read in pages
	maxRows   = 20000
)

// query is one question to a table of the data services.
type query struct {
	table  table
	filter string
	order  string
	top    int // always given: without $top everything comes
}

// rows reads rows of a table. An unknown column, or a literal of the wrong type,
// makes the whole query a 404: the tenant's metadata is read then, unless it was
// already, and the question is put once more in its terms. That is why ask is a
// function.
func rows[T any](ctx context.Context, m *middleware, operation string, ask func() query) ([]T, error) {
	q := ask()
	found, err := fetch[T](ctx, m, operation, q)
	if !connectors.Is(err, connectors.NotFound) {
		return found, err
	}
	if m.learn(ctx) {
		q = ask()
		found, err = fetch[T](ctx, m, operation, q)
	}
	if connectors.Is(err, connectors.NotFound) {
		// Not NotFound: a caller would take it for "there is no such order".
		return nil, failed(m.client, connectors.Unauthorised, operation, http.StatusNotFound,
			"the table "+q.table.name+", or a column of it, cannot be read: give the account its Dataservice Permission; -check names columns that are missing")
	}
	return found, err
}

func fetch[T any](ctx context.Context, m *middleware, operation string, q query) ([]T, error) {
	// Escaped by hand: a space is %20 here and not +, and the names keep their $.
	parts := []string{"$select=" + url.QueryEscape(m.selected(q.table)), "$top=" + fmt.Sprint(q.top)}
	if q.filter != "" {
		parts = append(parts, "$filter="+escape(q.filter))
	}
	if q.order != "" {
		parts = append(parts, "$orderby="+escape(q.order))
	}
	var doc struct {
		Value *[]T `json:"value"`
	}
	err := m.call(ctx, operation, http.MethodGet, m.cfg.URL+"/odataservice/odata/table/"+q.table.name+"?"+strings.Join(parts, "&"), nil, &doc)
	var e *connectors.Error
	if errors.As(err, &e) && e.Status == http.StatusForbidden {
		e.Detail = "the table " + q.table.name + " may not be read: give the account its Dataservice Permission, or the consumer key the scope /odata:" + q.table.name
	}
	if err != nil {
		return nil, err
	}
	if doc.Value == nil {
		return nil, m.client.Fail(connectors.Malformed, operation, "the answer has no \"value\"", nil)
	}
	return *doc.Value, nil
}

func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// text is an OData string literal.
func text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// is compares a column with a value, quoted as the column's type wants it: a
// literal of the wrong type is a 404.
func (m *middleware) is(t table, column, value string) string {
	if m.isText(t.name, column) || !isTicket(value) {
		value = text(value)
	}
	return column + " eq " + value
}

// anyOf is column eq a or column eq b ...: `in (...)` is ignored without a word,
// and everything would come back.
func (m *middleware) anyOf(t table, column string, values []string) string {
	terms := make([]string, len(values))
	for i, v := range values {
		terms[i] = m.is(t, column, v)
	}
	return "(" + strings.Join(terms, " or ") + ")"
}

// chains splits values, doubles and empty ones dropped, into pieces that fit into
// one or chain.
func chains(column string, values []string) [][]string {
	var out [][]string
	var piece []string
	size, seen := 0, map[string]bool{"": true}
	for _, v := range values {
		if seen[v] {
			continue
		}
		seen[v] = true
		term := len(escape(column + " eq " + text(v) + " or "))
		if len(piece) == maxTerms || (size+term > maxFilter && len(piece) > 0) {
			out, piece, size = append(out, piece), nil, 0
		}
		piece, size = append(piece, v), size+term
	}
	if len(piece) > 0 {
		out = append(out, piece)
	}
	return out
}

// eachOf reads the rows whose column has one of the values, in as few questions
// as the length of an or chain allows.
func eachOf[T any](ctx context.Context, m *middleware, operation string, t table, column string, values []string, also, order string) ([]T, error) {
	var all []T
	for _, piece := range chains(column, values) {
		found, err := rows[T](ctx, m, operation, func() query {
			return query{table: t, filter: m.anyOf(t, column, piece) + also, order: order, top: maxRows}
		})
		if err != nil {
			return nil, err
		}
		if len(found) >= maxRows {
			return nil, m.client.Fail(connectors.Malformed, operation, "more rows than one answer holds: a filter that was ignored?", nil)
		}
		all = append(all, found...)
	}
	return all, nil
}

// keyset is the cursor of a list by date and key: rows may move while it is
// read, so a page begins after the last row seen and not at a row number.
type keyset struct {
	At  string `json:"at"`
	Key string `json:"key"`
}

// next is the cursor after a full page; empty after the last.
func (m *middleware) next(operation, cursor string, rows int, modified moment, key ident) (string, error) {
	if rows < pageRows {
		return "", nil
	}
	k := keyset{At: modified.digits(m.cfg.Location), Key: string(key)}
	if k.At == "" || k.Key == "" {
		return "", m.client.Fail(connectors.Malformed, operation, "a row without date_last_modified or key", nil)
	}
	raw, err := json.Marshal(k)
	if err != nil || string(raw) == cursor {
		return "", m.client.Fail(connectors.Malformed, operation, "the same page came again: the filter was ignored", nil)
	}
	return string(raw), nil
}

// after is the filter for rows changed since, or after the cursor's row. The
// literal has the Z that OData's grammar wants, and the digits of the server's
// own clock: columns have no zone.
func (m *middleware) after(cursor string, since time.Time, t table, key string) (string, error) {
	if cursor == "" {
		return "date_last_modified ge " + since.In(m.cfg.Location).Format("2006-01-02T15:04:05.000") + "Z", nil
	}
	var k keyset
	err := json.Unmarshal([]byte(cursor), &k)
	if err == nil {
		_, err = time.Parse(zoneless, k.At)
	}
	if err != nil || k.Key == "" {
		return "", m.client.Fail(connectors.Rejected, "list changes", "not a cursor of this list", nil)
	}
	literal := k.Key
	if m.isText(t.name, key) || !isTicket(k.Key) {
		literal = text(k.Key)
	}
	return fmt.Sprintf("(date_last_modified gt %sZ or (date_last_modified eq %sZ and %s gt %s))", k.At, k.At, key, literal), nil
}

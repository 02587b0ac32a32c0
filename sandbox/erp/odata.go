package erp

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Data services: read-only OData over the tables.

// table is a table as the data services show it. Through keys and the history
// of modifications the common questions need no scan of all rows.
type table struct {
	name    string
	columns []column
	byName  map[string]column
	rows    func(*books) iter.Seq[any]
	keys    map[string]func(*books, value) []any
}

func (e *ERP) odata(r *http.Request) reply {
	name := r.PathValue("table")
	tables := tablesOf(e)
	if name == "$metadata" {
		return reply{status: http.StatusOK, raw: metadata(tables), kind: "application/xml"}
	}
	t, found := tables[name]
	if !found {
		return odataError(fmt.Errorf("%w '%s'", errUnknown, name))
	}
	q, err := readQuery(r.URL.Query(), t)
	if err != nil {
		return odataError(err)
	}
	rows := q.run(e.books, t, e.options.Offset)
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	context := scheme + "://" + r.Host + "/odataservice/odata/$metadata#" + name
	return reply{status: http.StatusOK, raw: q.encode(rows, context), kind: "application/json; odata.metadata=minimal"}
}

func odataError(err error) reply {
	status := http.StatusBadRequest
	if errors.Is(err, errUnknown) {
		status = http.StatusNotFound
	}
	return reply{status: status, body: map[string]any{"error": map[string]string{"code": strconv.Itoa(status), "message": err.Error()}}}
}

// query is one question to a table.
type query struct {
	filter    condition
	columns   []column
	order     []ordering
	top, skip int // top -1 is everything
	count     bool
	total     int
}

type ordering struct {
	column column
	desc   bool
}

func readQuery(v url.Values, t *table) (*query, error) {
	q := &query{columns: t.columns, top: -1}
	var err error
	if text := v.Get("$filter"); text != "" {
		if q.filter, err = parseFilter(text, t.byName, odataFunctions); err != nil {
			return nil, err
		}
	}
	if text := v.Get("$select"); text != "" && text != "*" {
		q.columns = nil
		for name := range strings.SplitSeq(text, ",") {
			c, found := t.byName[strings.TrimSpace(name)]
			if !found {
				return nil, fmt.Errorf("%w '%s'", errUnknown, name)
			}
			q.columns = append(q.columns, c)
		}
	}
	if q.order, err = readOrder(v.Get("$orderby"), t); err != nil {
		return nil, err
	}
	if q.top, err = readCount(v.Get("$top"), -1); err != nil {
		return nil, err
	}
	if q.skip, err = readCount(v.Get("$skip"), 0); err != nil {
		return nil, err
	}
	q.count = v.Get("$count") == "true"
	return q, nil
}

func readOrder(text string, t *table) ([]ordering, error) {
	var order []ordering
	if text == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		words := strings.Fields(part)
		if len(words) == 0 || len(words) > 2 || len(words) == 2 && words[1] != "asc" && words[1] != "desc" {
			return nil, fmt.Errorf("%w in $orderby", errSyntax)
		}
		c, found := t.byName[words[0]]
		if !found {
			return nil, fmt.Errorf("%w '%s'", errUnknown, words[0])
		}
		order = append(order, ordering{column: c, desc: len(words) == 2 && words[1] == "desc"})
	}
	return order, nil
}

func readCount(text string, missing int) (int, error) {
	if text == "" {
		return missing, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%w: '%s' is not a count", errSyntax, text)
	}
	return n, nil
}

func (q *query) run(b *books, t *table, offset time.Duration) []any {
	var rows []any
	if some, narrowed := q.candidates(b, t, q.filter, offset); narrowed {
		rows = slices.DeleteFunc(some, func(row any) bool { return !q.filter.holds(row) })
	} else {
		for row := range t.rows(b) {
			if q.filter == nil || q.filter.holds(row) {
				rows = append(rows, row)
			}
		}
	}
	q.total = len(rows)
	if len(q.order) > 0 {
		slices.SortStableFunc(rows, q.compare)
	}
	rows = rows[min(q.skip, len(rows)):]
	if q.top >= 0 {
		rows = rows[:min(q.top, len(rows))]
	}
	return rows
}

func (q *query) compare(x, y any) int {
	for _, o := range q.order {
		n := compare(o.column.kind, o.column.get(x), o.column.get(y))
		if o.desc {
			n = -n
		}
		if n != 0 {
			return n
		}
	}
	return 0
}

// candidates are the rows that an index gives for a condition, a superset of
// those for which it holds; false when no index helps.
func (q *query) candidates(b *books, t *table, c condition, offset time.Duration) ([]any, bool) {
	switch c := c.(type) {
	case both:
		if rows, narrowed := q.candidates(b, t, c.left, offset); narrowed {
			return rows, true
		}
		return q.candidates(b, t, c.right, offset)
	case either:
		left, narrowed := q.candidates(b, t, c.left, offset)
		if !narrowed {
			return nil, false
		}
		right, narrowed := q.candidates(b, t, c.right, offset)
		return union(left, right), narrowed
	case comparing:
		if key, found := t.keys[c.column.name]; found && c.operator == "eq" && !c.literal.null {
			return key(b, c.literal), true
		}
		h, logged := b.changed[t.name]
		if logged && c.column.name == "date_last_modified" && !c.literal.null && strings.Contains("eq ge gt", c.operator) {
			return h.since(c.literal.date.Add(-offset)), true
		}
	}
	return nil, false
}

func union(left, right []any) []any {
	seen := make(map[any]bool, len(left))
	for _, row := range left {
		seen[row] = true
	}
	for _, row := range right {
		if !seen[row] {
			left = append(left, row)
		}
	}
	return left
}

// encode writes the rows by hand: thousands of them in a map each would cost
// more than all the rest.
func (q *query) encode(rows []any, context string) []byte {
	var out bytes.Buffer
	head, _ := json.Marshal(context) // a string
	out.WriteString(`{"@odata.context":`)
	out.Write(head)
	if q.count {
		fmt.Fprintf(&out, `,"@odata.count":%d`, q.total)
	}
	out.WriteString(`,"value":[`)
	for i, row := range rows {
		if i > 0 {
			out.WriteByte(',')
		}
		for j, c := range q.columns {
			out.WriteByte("{,"[min(j, 1)])
			out.WriteByte('"')
			out.WriteString(c.name)
			out.WriteString(`":`)
			encodeValue(&out, c.kind, c.get(row))
		}
		out.WriteByte('}')
	}
	out.WriteString("]}")
	return out.Bytes()
}

func encodeValue(out *bytes.Buffer, k kind, v value) {
	switch {
	case v.null:
		out.WriteString("null")
	case k == numberKind:
		out.WriteString(v.number.String())
	case k == dateKind:
		out.WriteByte('"')
		out.WriteString(v.date.Format(stampLayout))
		out.WriteByte('"')
	default:
		text, _ := json.Marshal(v.text) // a string
		out.Write(text)
	}
}

// metadata lists the tables and their columns with their types.
func metadata(tables map[string]*table) []byte {
	type property struct {
		Name string `xml:"Name,attr"`
		Type string `xml:"Type,attr"`
	}
	type entity struct {
		Name     string `xml:"Name,attr"`
		Property []property
	}
	types := map[kind]string{textKind: "Edm.String", numberKind: "Edm.Decimal", dateKind: "Edm.DateTimeOffset"}
	var document struct {
		XMLName    xml.Name `xml:"edmx:Edmx"`
		Namespace  string   `xml:"xmlns:edmx,attr"`
		Version    string   `xml:"Version,attr"`
		EntityType []entity `xml:"edmx:DataServices>Schema>EntityType"`
	}
	document.Namespace, document.Version = "http://docs.oasis-open.org/odata/ns/edmx", "4.0"
	for _, name := range sortedKeys(tables) {
		x := entity{Name: name}
		for _, c := range tables[name].columns {
			x.Property = append(x.Property, property{Name: c.name, Type: types[c.kind]})
		}
		document.EntityType = append(document.EntityType, x)
	}
	text, _ := xml.Marshal(document) // strings
	return append([]byte(xml.Header), text...)
}

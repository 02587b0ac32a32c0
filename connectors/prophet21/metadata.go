package prophet21

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cart21/cart21/connectors"
)

// table is one OData table with the columns we ask for, and no more.
type table struct {
	name     string
	columns  []string
	optional []string // of the contract; dropped when the tenant lacks them
	extra    []string // not in the contract; asked for when the tenant has them
}

// allTables are the tables that are read. The last three are not needed: tracking
// numbers and carrier names can be had without.
var allTables = []table{headers, lines, tickets, ticketLines, items, contacts, customers, invoices, clippership, parcels, addresses}

var spareTables = []string{clippership.name, parcels.name, addresses.name}

// textColumns are the compared columns that are strings unless the metadata says
// otherwise; the others are decimals.
var textColumns = []string{
	"oe_hdr.order_no", "oe_hdr.web_reference_no", "oe_hdr.po_no", "oe_hdr.taker", "oe_line.order_no", "oe_pick_ticket.order_no",
	"invoice_hdr.order_no", "inv_mast.item_id", "contacts.id", "contacts.email_address", "customer.legacy_id",
}

// schema is what the tenant's $metadata tells, and what a 404 taught.
type schema struct {
	columns columnSet       // table and table.column to "is text"; nil until the metadata was read
	gone    map[string]bool // spare tables that answered 404 or 403
	tried   time.Time
}

// learn reads the metadata unless it was read before, or in vain a moment ago. It
// reports whether there is something new to know.
func (m *middleware) learn(ctx context.Context) bool {
	m.mu.Lock()
	done := m.schema.columns != nil || time.Since(m.schema.tried) < 5*time.Minute
	m.schema.tried = time.Now()
	m.mu.Unlock()
	return !done && m.readMetadata(ctx) == nil
}

func (m *middleware) readMetadata(ctx context.Context) error {
	const operation = "read the data services' metadata"
	resp, err := m.send(ctx, operation, http.MethodGet, m.cfg.URL+"/odataservice/odata/table/$metadata", nil, false)
	if err != nil {
		return err
	}
	if err := m.judge(m.client, operation, false, resp); err != nil {
		return err
	}
	columns := parseMetadata(resp.Body)
	if !columns.has(headers.name) {
		return m.client.Fail(connectors.Malformed, operation, "the answer is not the metadata", nil)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.schema = schema{columns: columns, gone: map[string]bool{}, tried: time.Now()}
	return nil
}

type columnSet map[string]bool

func (c columnSet) has(name string) bool { _, ok := c[name]; return ok }

// parseMetadata reads the tables and columns of an OData service, in XML or, since
// we ask for JSON everywhere, in OData's JSON form. A table goes by the name of
// its entity set, and by that of its type.
func parseMetadata(body []byte) columnSet {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	if len(body) > 0 && body[0] == '{' {
		return parseMetadataJSON(body)
	}
	var doc struct {
		Schemas []struct {
			Types []struct {
				Name       string `xml:"Name,attr"`
				Properties []struct {
					Name string `xml:"Name,attr"`
					Type string `xml:"Type,attr"`
				} `xml:"Property"`
			} `xml:"EntityType"`
			Sets []struct {
				Name string `xml:"Name,attr"`
				Type string `xml:"EntityType,attr"`
			} `xml:"EntityContainer>EntitySet"`
		} `xml:"DataServices>Schema"`
	}
	if xml.Unmarshal(body, &doc) != nil {
		return nil
	}
	known, sets := columnSet{}, map[string][]string{}
	for _, s := range doc.Schemas {
		for _, set := range s.Sets {
			name := set.Type[strings.LastIndexByte(set.Type, '.')+1:]
			sets[name] = append(sets[name], set.Name)
		}
	}
	for _, s := range doc.Schemas {
		for _, t := range s.Types {
			for _, name := range append(sets[t.Name], t.Name) {
				known[name] = false
				for _, p := range t.Properties {
					known[name+"."+p.Name] = p.Type == "Edm.String"
				}
			}
		}
	}
	return known
}

func parseMetadataJSON(body []byte) columnSet {
	var doc map[string]json.RawMessage
	if json.Unmarshal(body, &doc) != nil {
		return nil
	}
	known := columnSet{}
	for _, raw := range doc {
		var types map[string]map[string]json.RawMessage
		if json.Unmarshal(raw, &types) != nil {
			continue // $Version and the like
		}
		for name, properties := range types {
			if string(properties["$Kind"]) != `"EntityType"` {
				continue
			}
			known[name] = false
			for column, property := range properties {
				var p struct {
					Type string `json:"$Type"`
				}
				// A property without a type is a string.
				if !strings.HasPrefix(column, "$") && json.Unmarshal(property, &p) == nil {
					known[name+"."+column] = p.Type == "" || p.Type == "Edm.String"
				}
			}
		}
	}
	return known
}

// selected are the columns of a table to ask for.
func (m *middleware) selected(t table) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	have := m.schema.columns
	columns := slices.Clone(t.columns)
	for _, c := range t.optional {
		if !have.has(t.name) || have.has(t.name+"."+c) {
			columns = append(columns, c)
		}
	}
	for _, c := range t.extra {
		if have.has(t.name + "." + c) {
			columns = append(columns, c)
		}
	}
	return strings.Join(columns, ",")
}

// isText reports whether a column is compared with quoted literals.
func (m *middleware) isText(table, column string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if is, known := m.schema.columns[table+"."+column]; known {
		return is
	}
	return slices.Contains(textColumns, table+"."+column)
}

// has reports whether the metadata tells of a column.
func (m *middleware) has(name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.schema.columns.has(name)
}

// lacks reports whether a spare table is known not to be there.
func (m *middleware) lacks(name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.schema.gone[name] || (m.schema.columns != nil && !m.schema.columns.has(name))
}

// without remembers a spare table that is not there, or not for us, so that it
// costs no more calls; other errors are handed back.
func (m *middleware) without(name string, err error) error {
	var refused *connectors.Error
	if !asRefusal(err, &refused) {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.schema.gone[name] = true
	return nil
}

// missing compares the metadata with what is asked for.
func (m *middleware) missing() (optional, required []string) {
	for _, t := range allTables {
		if m.lacks(t.name) && slices.Contains(spareTables, t.name) {
			optional = append(optional, t.name)
			continue
		}
		m.mu.Lock()
		have := m.schema.columns
		m.mu.Unlock()
		if have == nil {
			continue
		}
		if !have.has(t.name) {
			required = append(required, t.name)
			continue
		}
		for _, c := range t.columns {
			if !have.has(t.name + "." + c) {
				required = append(required, t.name+"."+c)
			}
		}
		for _, c := range t.optional {
			if !have.has(t.name + "." + c) {
				optional = append(optional, t.name+"."+c)
			}
		}
	}
	slices.Sort(optional)
	return optional, required
}

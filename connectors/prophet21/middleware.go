package prophet21

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/cart21/cart21/connectors"
)

// middleware is a Prophet 21 through its middleware server: REST families, data
// services (OData, read only), and the Transaction API of its UI server.
type middleware struct {
	caller

	mu       sync.Mutex
	missing  map[string]bool   // optional table.column, or table, that the tenant lacks
	names    map[string]string // chosen field names of the sales order
	uiServer string            // root of the Transaction API
	items    map[string]string // item ids by internal uid; never changes
	carriers map[string]string // names by id
}

func openMiddleware(cfg Config, log *slog.Logger) (ERP, error) {
	if cfg.OrderRoute == "" {
		cfg.OrderRoute = "rest"
	}
	cfg.Limits.DisableHTTP2 = true // trouble was seen with HTTP/2
	if cfg.Limits.Timeout == 0 {
		cfg.Limits.Timeout = 35 * time.Second
	}
	client, err := connectors.NewClient(connectors.Prophet21, cfg.Limits, log)
	if err != nil {
		return nil, err
	}
	return &middleware{
		caller:  caller{cfg: cfg, client: client, tokens: newTokens(client, cfg, "/api/security/token/v2"), judge: judgeMiddleware},
		missing: map[string]bool{}, names: map[string]string{}, items: map[string]string{}, carriers: map[string]string{},
	}, nil
}

// Probe reads the build, the tenant's own field names, and which columns and
// tables there are, and tries every table that is needed.
func (m *middleware) Probe(ctx context.Context) (Capabilities, error) {
	can := Capabilities{API: "middleware", OrderRoute: m.cfg.OrderRoute}
	if _, err := m.tokens.get(ctx); err != nil {
		return can, err
	}
	can.Build = m.build(ctx)
	if err := m.chooseNames(ctx); err != nil {
		can.Remarks = append(can.Remarks, "the template of the sales order (/api/sales/orders/new) cannot be read: the usual field names are used; give others as field_names in the profile")
	}
	m.mu.Lock()
	can.FieldNames = m.names
	m.mu.Unlock()
	if err := m.readMetadata(ctx); err != nil {
		can.Remarks = append(can.Remarks, "the data services' $metadata cannot be read: every column of the contract is taken to be there")
	}
	m.mu.Lock()
	for name := range m.missing {
		can.MissingColumns = append(can.MissingColumns, name)
	}
	m.mu.Unlock()
	sort.Strings(can.MissingColumns)
	can.OData = true
	for _, t := range []table{headers, lines, tickets, ticketLines, items, contacts, customers} {
		_, err := rows[json.RawMessage](ctx, m, "try table "+t.name, t, t.columns[0]+" ne null", "", 1)
		var refused *connectors.Error
		if errors.As(err, &refused) && refused.Kind == connectors.Unauthorised {
			can.OData = false
			can.Remarks = append(can.Remarks, refused.Detail)
		} else if err != nil {
			return can, err
		}
	}
	if m.cfg.OrderRoute == "transaction" {
		if _, err := m.transactionURL(ctx); err != nil {
			return can, err
		}
	}
	return can, nil
}

func (m *middleware) build(ctx context.Context) string {
	var doc map[string]any
	if m.call(ctx, "read the build", http.MethodGet, m.cfg.URL+"/api/environment/systems", nil, &doc) != nil {
		return ""
	}
	for name, value := range doc {
		if strings.Contains(strings.ToLower(name), "version") || strings.Contains(strings.ToLower(name), "build") {
			return fmt.Sprint(value)
		}
	}
	return ""
}

// alternatives are names of one field that differ between tenants and versions;
// an unknown name is apt to be ignored without a word. The first is the usual one.
var alternatives = map[string][]string{
	"ship_to.state":      {"OeHdrShip2State", "ShipToState"},
	"source_location_id": {"SourceLocationId", "SourceLocId"},
	"terms":              {"Terms", "TermsId"},
}

// chooseNames reads the blank order and takes the names that it has.
func (m *middleware) chooseNames(ctx context.Context) error {
	var blank map[string]json.RawMessage
	if err := m.call(ctx, "read the order template", http.MethodGet, m.cfg.URL+"/api/sales/orders/new", nil, &blank); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for field, names := range alternatives {
		for _, name := range names {
			if _, there := blank[name]; there {
				m.names[field] = name
				break
			}
		}
	}
	return nil
}

// name is the tenant's name of a field: from configuration, else as probed,
// else the usual one.
func (m *middleware) name(field, usual string) string {
	if configured := m.cfg.FieldNames[field]; configured != "" {
		return configured
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if probed := m.names[field]; probed != "" {
		return probed
	}
	return usual
}

// readMetadata finds optional columns and tables that the tenant lacks.
func (m *middleware) readMetadata(ctx context.Context) error {
	const operation = "read the data services' metadata"
	resp, err := m.send(ctx, operation, http.MethodGet, m.cfg.URL+"/odataservice/odata/table/$metadata", nil, false)
	if err != nil {
		return err
	}
	if resp.Status != http.StatusOK {
		return m.judge(m.client, operation, false, resp)
	}
	var doc struct {
		Types []struct {
			Name       string `xml:"Name,attr"`
			Properties []struct {
				Name string `xml:"Name,attr"`
			} `xml:"Property"`
		} `xml:"DataServices>Schema>EntityType"`
	}
	if err := xml.Unmarshal(resp.Body, &doc); err != nil || len(doc.Types) == 0 {
		return m.client.Fail(connectors.Malformed, operation, "the answer is not the metadata", nil)
	}
	have := map[string]bool{}
	for _, t := range doc.Types {
		have[t.Name] = true
		for _, p := range t.Properties {
			have[t.Name+"."+p.Name] = true
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range []table{headers, lines, tickets, ticketLines, items, contacts, customers, clippership, shipmentRows} {
		if !have[t.name] {
			m.missing[t.name] = true
			continue
		}
		for _, c := range t.optional {
			if !have[t.name+"."+c] {
				m.missing[t.name+"."+c] = true
			}
		}
	}
	return nil
}

func (m *middleware) lacks(name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.missing[name]
}

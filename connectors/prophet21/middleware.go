package prophet21

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
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
	schema   schema
	template template
	uiServer string            // root of the Transaction API
	items    map[string]string // item ids by internal uid; never changes
	carriers map[string]string // names by id
}

func openMiddleware(cfg Config, log *slog.Logger) (ERP, error) {
	switch cfg.OrderRoute {
	case "":
		cfg.OrderRoute = "rest"
	case "rest", "transaction":
	default:
		return nil, fmt.Errorf("the Prophet 21 order route %q is not known: use rest or transaction", cfg.OrderRoute)
	}
	client, err := newClient(&cfg, log)
	if err != nil {
		return nil, err
	}
	return &middleware{
		caller: caller{cfg: cfg, client: client, tokens: newTokens(client, cfg, "/api/security/token/v2"), judge: judgeMiddleware},
		schema: schema{gone: map[string]bool{}}, items: map[string]string{}, carriers: map[string]string{},
	}, nil
}

func newClient(cfg *Config, log *slog.Logger) (*connectors.Client, error) {
	cfg.Limits.DisableHTTP2 = true // trouble was seen with HTTP/2
	if cfg.Limits.Timeout == 0 {
		cfg.Limits.Timeout = 35 * time.Second // P21's own gateway gives up after about 30
	}
	if cfg.Limits.Concurrency == 0 {
		cfg.Limits.Concurrency = 4 // the pool of PowerBuilder sessions is small
	}
	client, err := connectors.NewClient(connectors.Prophet21, cfg.Limits, log)
	if err != nil {
		return nil, err
	}
	client.Conceal(cfg.Password, cfg.ClientSecret)
	return client, nil
}

// asRefusal reports whether the account may not do something, or it is not
// there: not that the account itself is refused (401).
func asRefusal(err error, e **connectors.Error) bool {
	return errors.As(err, e) && (*e).Kind == connectors.Unauthorised && (*e).Status != http.StatusUnauthorized && (*e).Status != 0
}

// Probe reads the build, the tenant's own field names, and which columns and
// tables there are, and tries everything that is needed. What is missing becomes
// a remark; only an installation that cannot be reached is an error.
func (m *middleware) Probe(ctx context.Context) (Capabilities, error) {
	can := Capabilities{API: "middleware", OrderRoute: m.cfg.OrderRoute}
	remark := func(format string, args ...any) { can.Remarks = append(can.Remarks, fmt.Sprintf(format, args...)) }
	if _, err := m.tokens.get(ctx); err != nil {
		return can, err
	}
	can.Build = m.build(ctx)
	if m.cfg.OrderRoute == "rest" {
		if err := m.readTemplate(ctx); err != nil {
			remark("the template of the sales order (/api/sales/orders/new) cannot be read: the usual field names are used; give others as field_names in the profile")
		}
	} else {
		remark("the Transaction API's order has no field for freight, notes, will-call or a web reference: sell freight as a charge item; the PO number carries our reference")
	}
	can.FieldNames = m.fieldNames()
	if err := m.readMetadata(ctx); err != nil {
		remark("the data services' $metadata cannot be read: every column of the contract is taken to be there")
	}
	families := []string{"entity/customers", "entity/contacts", "entity/addresses"}
	if m.cfg.OrderRoute == "rest" {
		families = append(families, "sales/orders")
	}
	for _, family := range families {
		var pong json.RawMessage
		if err := m.call(ctx, "ping "+family, http.MethodGet, m.cfg.URL+"/api/"+family+"/ping", nil, &pong); err != nil {
			remark("the API family %s does not answer its ping (%s): is it installed and licensed?", family, connectors.KindOf(err))
		}
	}
	can.OData = true
	for _, t := range allTables {
		if m.lacks(t.name) && slices.Contains(spareTables, t.name) {
			continue
		}
		_, err := rows[json.RawMessage](ctx, m, "try table "+t.name, func() query { return query{table: t, top: 1} })
		var refused *connectors.Error
		switch {
		case err == nil:
		case !asRefusal(err, &refused):
			return can, err
		case slices.Contains(spareTables, t.name):
			_ = m.without(t.name, err) // a refusal, as just seen
		default:
			can.OData = false
			remark("%s", refused.Detail)
		}
	}
	var required []string
	can.MissingColumns, required = m.missing()
	for _, name := range required {
		remark("the data services do not show %s, which is needed", name)
	}
	if m.lacks(clippership.name) && m.lacks(parcels.name) {
		remark("tracking numbers are read from oe_pick_ticket alone: the tables clippership_return_10004 and shipment are not there or not allowed")
	}
	if m.lacks(addresses.name) {
		remark("carriers are shown without a name: the table address is not there or not allowed")
	}
	if m.cfg.OrderRoute == "transaction" {
		if _, err := m.transactionURL(ctx); err != nil {
			return can, err
		}
	}
	return can, nil
}

// build reads the build number; its document's shape is not published.
func (m *middleware) build(ctx context.Context) string {
	var doc json.RawMessage
	if m.call(ctx, "read the build", http.MethodGet, m.cfg.URL+"/api/environment/systems", nil, &doc) != nil {
		return ""
	}
	for _, word := range []string{"build", "version"} {
		if found := findText(doc, word, 6); found != "" {
			return fmt.Sprintf("%.60s", short(found))
		}
	}
	return ""
}

// findText finds the first scalar whose name holds the word.
func findText(raw json.RawMessage, word string, depth int) string {
	raw = bytes.TrimSpace(raw)
	if depth == 0 || len(raw) == 0 {
		return ""
	}
	var all []json.RawMessage
	if raw[0] == '[' && json.Unmarshal(raw, &all) == nil {
		for _, one := range all {
			if found := findText(one, word, depth-1); found != "" {
				return found
			}
		}
	}
	var fields map[string]json.RawMessage
	if raw[0] != '{' || json.Unmarshal(raw, &fields) != nil {
		return ""
	}
	for _, name := range sortedKeys(fields) {
		var value words
		if strings.Contains(strings.ToLower(name), word) && value.UnmarshalJSON(fields[name]) == nil && value != "" {
			return string(value)
		}
		if found := findText(fields[name], word, depth-1); found != "" {
			return found
		}
	}
	return ""
}

func sortedKeys[V any](all map[string]V) []string { return slices.Sorted(maps.Keys(all)) }

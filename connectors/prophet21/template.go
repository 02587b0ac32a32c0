package prophet21

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"time"
)

// template is what the blank order of the tenant (/api/sales/orders/new) tells.
type template struct {
	names   map[string]string // chosen field names by our canonical ones; nil until it was read
	letters bool              // Approved is Y or N, not true or false
	tried   time.Time
}

// alternatives are names of one field that differ between tenants and versions;
// an unknown name is apt to be ignored without a word. The first is the usual one.
var alternatives = map[string][]string{
	"ship_to.state":      {"OeHdrShip2State", "ShipToState"},
	"source_location_id": {"SourceLocationId", "SourceLocId"},
	"terms":              {"Terms", "TermsId"},
}

// readTemplate reads the blank order and takes the names that it has.
func (m *middleware) readTemplate(ctx context.Context) error {
	var blank map[string]json.RawMessage
	if err := m.call(ctx, "read the order template", http.MethodGet, m.cfg.URL+"/api/sales/orders/new", nil, &blank); err != nil {
		return err
	}
	found := template{names: map[string]string{}, tried: time.Now()}
	for field, names := range alternatives {
		for _, name := range names {
			if _, there := blank[name]; there {
				found.names[field] = name
				break
			}
		}
	}
	approved := blank["Approved"]
	found.letters = len(approved) > 0 && approved[0] == '"'
	m.mu.Lock()
	defer m.mu.Unlock()
	m.template = found
	return nil
}

// knowTemplate reads the template before the first order, when nobody probed. If
// it cannot be read, the usual names are used, as they mostly are right.
func (m *middleware) knowTemplate(ctx context.Context) {
	m.mu.Lock()
	known := m.template.names != nil || time.Since(m.template.tried) < 5*time.Minute
	m.template.tried = time.Now()
	m.mu.Unlock()
	if !known {
		_ = m.readTemplate(ctx)
	}
}

// fieldNames are the names in use of the fields that have alternatives.
func (m *middleware) fieldNames() map[string]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	names := maps.Clone(m.template.names)
	for field := range alternatives {
		if configured := m.cfg.FieldNames[field]; configured != "" && names != nil {
			names[field] = configured
		}
	}
	return names
}

// name is the tenant's name of a field: from configuration, else as read, else
// the usual one.
func (m *middleware) name(field, usual string) string {
	if configured := m.cfg.FieldNames[field]; configured != "" {
		return configured
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if read := m.template.names[field]; read != "" {
		return read
	}
	return usual
}

// approved is the flag as the tenant's template writes it.
func (m *middleware) approved(yes bool) any {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case !m.template.letters:
		return yes
	case yes:
		return "Y"
	default:
		return "N"
	}
}

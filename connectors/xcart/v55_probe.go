package xcart

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/cart21/cart21/connectors"
)

// description is what the API says of itself: which routes and filters this
// version has with its addons. An unknown filter would be ignored without a
// word, and everything would come back.
type description struct {
	mu     sync.Mutex
	routes map[string]bool // "post /orders/{}/tracking_numbers"
	params map[string]bool // query parameters of GET /orders
	until  time.Time       // when to read it again
	// hidden: this shop does not show its description.
	hidden bool
	// ignores: it names the filter by time of change but does not obey it.
	ignores bool
}

const (
	trackingRoute = "post /orders/{}/tracking_numbers"
	changeFilter  = "lastRenewDate[after]"
	descriptionOf = 15 * time.Minute // an addon may be installed meanwhile
)

const (
	noTracking = "this X-Cart has no way of writing tracking numbers over its API: it needs the cart21 addon, or a version whose API lists POST /api/orders/{id}/tracking_numbers"
	noNotes    = "this X-Cart has no way of writing an order's notes over its API: look the ERP's order number up in the Temporal Web UI (ErpOrder)"
)

// Probe reads the API's own description. Whether the key may write is not
// tried: no write is known to change nothing.
func (s *shop55) Probe(ctx context.Context) (Capabilities, error) {
	can := Capabilities{Version: "5.5 or later", CanWrite: true}
	if err := s.call(ctx, "probe the shop", http.MethodGet, "/api/orders", url.Values{"itemsPerPage": {"1"}}, nil, new([]ignored)); err != nil {
		return can, err
	}
	if err := s.describe(ctx); err != nil {
		return can, err
	}
	s.said.mu.Lock()
	hidden := s.said.hidden
	s.said.mu.Unlock()
	can.WriteTracking, can.FilterByUpdate = s.writesTracking(), s.filtersByChange()
	if hidden {
		can.Remarks = append(can.Remarks, "the shop does not show its API's description (/api/docs.json): tracking numbers and the filter by time of change are taken to be missing")
	}
	if !can.WriteTracking {
		can.Remarks = append(can.Remarks, noTracking+"; until then shipments set the status only")
	}
	if !can.FilterByUpdate {
		can.Remarks = append(can.Remarks, "this X-Cart cannot be asked for orders by the time of their change: each poll reads the list from the newest change down to the last one known")
	}
	can.Remarks = append(can.Remarks, noNotes,
		"this X-Cart cannot search products by SKU: the whole catalogue is read for it",
		"whether the key may write shows at the first write: give the all-access key, not the read key")
	return can, nil
}

func (s *shop55) writesTracking() bool {
	s.said.mu.Lock()
	defer s.said.mu.Unlock()
	return s.said.routes[trackingRoute]
}

func (s *shop55) filtersByChange() bool {
	s.said.mu.Lock()
	defer s.said.mu.Unlock()
	return s.said.params[changeFilter] && !s.said.ignores
}

// describe reads the description when it is not known or old. A shop that does
// not show it is taken to have neither addon nor filter.
func (s *shop55) describe(ctx context.Context) error {
	s.said.mu.Lock()
	known := time.Now().Before(s.said.until)
	s.said.mu.Unlock()
	if known {
		return nil
	}
	var doc struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	err := s.call(ctx, "read the API's description", http.MethodGet, "/api/docs.json", nil, nil, &doc)
	switch connectors.KindOf(err) {
	case connectors.NotFound, connectors.Rejected, connectors.Malformed, connectors.Unauthorised:
		err, doc.Paths = nil, nil
	}
	if err != nil {
		return err
	}
	routes, params := routesOf(doc.Paths)
	s.said.mu.Lock()
	defer s.said.mu.Unlock()
	s.said.routes, s.said.params, s.said.hidden = routes, params, len(doc.Paths) == 0
	s.said.ignores = false
	s.said.until = time.Now().Add(descriptionOf)
	return nil
}

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// routesOf gives the routes in one form: the prefix, the names of the parameters
// and the format suffix differ between versions.
func routesOf(paths map[string]map[string]json.RawMessage) (routes, params map[string]bool) {
	routes, params = map[string]bool{}, map[string]bool{}
	for path, methods := range paths {
		path = strings.TrimPrefix(strings.TrimSuffix(path, ".{_format}"), "/api")
		path = placeholder.ReplaceAllString(path, "{}")
		for method := range methods {
			routes[strings.ToLower(method)+" "+path] = true
		}
		if path != "/orders" {
			continue
		}
		var get struct {
			Parameters []struct {
				Name string `json:"name"`
			} `json:"parameters"`
		}
		if json.Unmarshal(methods["get"], &get) == nil {
			for _, p := range get.Parameters {
				params[p.Name] = true
			}
		}
	}
	return routes, params
}

// distrust notes that the shop does not obey its filter, until the description
// is read again.
func (s *shop55) distrust() {
	s.said.mu.Lock()
	defer s.said.mu.Unlock()
	s.said.ignores = true
}

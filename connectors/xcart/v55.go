package xcart

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/cart21/cart21/connectors"
)

// shop55 is an X-Cart 5.5 or later through its API Platform REST API.
type shop55 struct {
	cfg    Config
	client *connectors.Client

	mu     sync.Mutex
	routes map[string]map[string]bool // path -> methods, from /api/docs.json; nil until read
	params map[string]bool            // query parameters of GET /api/orders
}

const trackingRoute = "/api/orders/{id}/tracking_numbers"

func open55(cfg Config, log *slog.Logger) (Shop, error) {
	if cfg.Limits.Timeout == 0 {
		cfg.Limits.Timeout = 30 * time.Second
	}
	client, err := connectors.NewClient(connectors.XCart, cfg.Limits, log)
	if err != nil {
		return nil, err
	}
	return &shop55{cfg: cfg, client: client}, nil
}

func (s *shop55) call(ctx context.Context, operation, method, path string, query url.Values, body, into any) error {
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return s.client.Fail(connectors.Malformed, operation, "the document cannot be written", err)
		}
	}
	header := jsonHeader.Clone()
	header.Set("X-Auth-Token", s.cfg.Key)
	address := s.cfg.URL + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	write := method != http.MethodGet
	resp, err := s.client.Do(ctx, connectors.Request{Operation: operation, Method: method, URL: address, Header: header, Body: raw, Write: write})
	if err != nil {
		return err
	}
	if resp.Status >= 300 {
		return s.judge(operation, write, resp)
	}
	if into == nil || resp.Status == http.StatusNoContent {
		return nil
	}
	return read(s.client, operation, write, resp, into)
}

// judge classes a refusal by its status; its words are API Platform's problem
// document, or the authenticator's.
func (s *shop55) judge(operation string, write bool, resp *connectors.Response) error {
	var problem struct {
		Detail     string `json:"detail"`
		Hydra      string `json:"hydra:description"`
		Message    string `json:"message"`
		Violations []struct {
			PropertyPath string `json:"propertyPath"`
			Message      string `json:"message"`
		} `json:"violations"`
	}
	_ = json.Unmarshal(resp.Body, &problem) // an error page has no words worth telling
	words := problem.Detail + problem.Hydra + problem.Message
	for _, v := range problem.Violations {
		words += "; " + v.PropertyPath + ": " + v.Message
	}
	kind := connectors.Malformed
	switch status := resp.Status; {
	case status == http.StatusUnauthorized:
		kind, words = connectors.Unauthorised, "the shop does not know the key: give the all-access key of Settings > API as XCART_KEY"
	case status == http.StatusForbidden:
		kind, words = connectors.Unauthorised, "the key may only read: give the all-access key of Settings > API as XCART_KEY"
	case status == http.StatusNotFound, status == http.StatusGone:
		kind = connectors.NotFound
	case status == http.StatusConflict:
		kind = connectors.Conflict
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity, status == http.StatusMethodNotAllowed:
		kind = connectors.Rejected
	case status >= 500 && write:
		kind = connectors.OutcomeUnknown
	case status >= 500:
		kind = connectors.Unavailable
	}
	return fail(s.client, kind, operation, resp.Status, short(words))
}

// Probe reads the API's own description. Whether the key may write is not
// tried: 5.5 has no write that changes nothing.
func (s *shop55) Probe(ctx context.Context) (Capabilities, error) {
	can := Capabilities{Version: "5.5", CanWrite: true}
	if err := s.call(ctx, "probe the shop", http.MethodGet, "/api/orders", url.Values{"itemsPerPage": {"1"}}, nil, new([]any)); err != nil {
		return can, err
	}
	if err := s.describe(ctx); err != nil {
		can.Remarks = append(can.Remarks, "the API's description (/api/docs.json) cannot be read: tracking numbers and search by change are taken to be missing")
		return can, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	can.WriteTracking = s.routes[trackingRoute]["post"]
	can.FilterByUpdate = s.params["lastRenewDate[after]"]
	if !can.WriteTracking {
		can.Remarks = append(can.Remarks, "this X-Cart cannot take tracking numbers over its API: shipments set the status only, until an addon offers POST "+trackingRoute)
	}
	can.Remarks = append(can.Remarks, "this X-Cart cannot take the ERP's order number over its API: find it by ErpOrder in the Temporal Web UI",
		"whether the key may write shows at the first write: give the all-access key, not the read key")
	return can, nil
}

// describe reads which routes and filters this version has. An unknown filter
// would be ignored without a word, and everything would come back.
func (s *shop55) describe(ctx context.Context) error {
	s.mu.Lock()
	known := s.routes != nil
	s.mu.Unlock()
	if known {
		return nil
	}
	var doc struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := s.call(ctx, "read the API's description", http.MethodGet, "/api/docs.json", nil, nil, &doc); err != nil {
		return err
	}
	routes, params := map[string]map[string]bool{}, map[string]bool{}
	for path, methods := range doc.Paths {
		path = strings.TrimSuffix(path, ".{_format}")
		routes[path] = map[string]bool{}
		for method := range methods {
			routes[path][method] = true
		}
		if path != "/api/orders" {
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
	s.mu.Lock()
	defer s.mu.Unlock()
	s.routes, s.params = routes, params
	return nil
}

func (s *shop55) orderPath(operation, id, rest string) (string, error) {
	if err := checkID(s.client, operation, id); err != nil {
		return "", err
	}
	return fmt.Sprintf("/api/orders/%s%s", id, rest), nil
}

package prophet21

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/connectors"
)

// gateway is a Prophet 21 behind a gateway that serves /api/v1/SalesOrder,
// ItemMaster, CustomerMaster and Shipment. No public contract of its bodies
// exists: field names are read leniently, and can be renamed by FieldNames.
type gateway struct {
	caller

	mu    sync.Mutex
	units map[string]decimal.Decimal // sizes in base units by item and unit
}

func openGateway(cfg Config, log *slog.Logger) (ERP, error) {
	client, err := newClient(&cfg, log)
	if err != nil {
		return nil, err
	}
	tokens := newTokens(client, cfg, "/api/v1/token")
	if cfg.ClientSecret != "" {
		tokens.body = map[string]string{"clientSecret": cfg.ClientSecret}
	}
	return &gateway{caller: caller{cfg: cfg, client: client, tokens: tokens, judge: judgeGateway}, units: map[string]decimal.Decimal{}}, nil
}

// judgeGateway classes a refusal by the error's code, else by the status.
func judgeGateway(c *connectors.Client, operation string, write bool, resp *connectors.Response) error {
	var doc struct {
		Error struct {
			Code, Message string
			Retryable     bool
		}
	}
	looksRefused := resp.Status >= 300 || (len(resp.Body) < 64<<10 && bytes.Contains(resp.Body, []byte(`"error"`)))
	known := looksRefused && json.Unmarshal(resp.Body, &doc) == nil && doc.Error.Code != ""
	if resp.Status < 300 && !known {
		return nil
	}
	words := short(doc.Error.Message)
	kind := connectors.Malformed
	switch status := resp.Status; {
	case status < 300 && !doc.Error.Retryable:
		kind = connectors.Rejected // a refusal that its status hides
	case status == http.StatusForbidden, status == http.StatusUnauthorized:
		kind = connectors.Unauthorised
	case status == http.StatusNotFound && !known:
		return &connectors.Error{Kind: connectors.NotFound, System: c.System(), Operation: operation, Status: status, Err: errNoSuchPath}
	case status == http.StatusNotFound:
		kind = connectors.NotFound
	case status == http.StatusConflict:
		kind = connectors.Conflict
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity:
		kind = connectors.Rejected
	case known && doc.Error.Retryable:
		kind = connectors.Unavailable // it says itself that nothing was done
	case status >= 500:
		kind = lost(write)
	}
	return failed(c, kind, operation, resp.Status, words)
}

// get reads a list, one page of it.
func get[T any](ctx context.Context, g *gateway, operation, resource string, query url.Values) ([]T, string, error) {
	var doc struct {
		Items *[]T   `json:"items"`
		Next  string `json:"next"`
	}
	if err := g.call(ctx, operation, http.MethodGet, g.cfg.URL+"/api/v1/"+resource+"?"+query.Encode(), nil, &doc); err != nil {
		if connectors.Is(err, connectors.NotFound) {
			// Nothing found is an empty list: this is a path that is not served,
			// and a caller would take NotFound for "there is no such order".
			return nil, "", failed(g.client, connectors.Unauthorised, operation, http.StatusNotFound, "the gateway does not serve "+resource+" to this account: check P21_URL and its rights")
		}
		return nil, "", err
	}
	if doc.Items == nil {
		return nil, "", g.client.Fail(connectors.Malformed, operation, "the answer has no \"items\"", nil)
	}
	return *doc.Items, doc.Next, nil
}

// Probe asks for something small of each kind.
func (g *gateway) Probe(ctx context.Context) (Capabilities, error) {
	can := Capabilities{API: "gateway", OrderRoute: "gateway"}
	recently := url.Values{"modifiedSince": {time.Now().UTC().Format(time.RFC3339)}, "limit": {"1"}}
	for _, resource := range []string{"SalesOrder", "Shipment", "CustomerMaster", "ItemMaster"} {
		if _, _, err := get[json.RawMessage](ctx, g, "try "+resource, resource, recently); err != nil {
			return can, err
		}
	}
	return can, nil
}

func changedSince(since time.Time, cursor string) url.Values {
	query := url.Values{"modifiedSince": {since.UTC().Format(time.RFC3339Nano)}, "limit": {"500"}}
	if cursor != "" {
		query.Set("after", cursor)
	}
	return query
}

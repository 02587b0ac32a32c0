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

// shop54 is an X-Cart 5.3 or 5.4 through its "REST API" addon. Its traps are
// told where they are avoided; every one was observed on a 5.4.1.23.
type shop54 struct {
	cfg    Config
	client *connectors.Client

	mu       sync.Mutex
	statuses map[string]statusList // by entity
}

// statusList is a list of statuses, kept for some minutes: an order's status is
// set by the id of its row.
type statusList struct {
	ids  map[string]int // by code
	read time.Time
}

const (
	shippingStatuses = "order-status-shipping"
	paymentStatuses  = "order-status-payment"
)

func open54(cfg Config, log *slog.Logger) (Shop, error) {
	if cfg.Limits.Timeout == 0 {
		cfg.Limits.Timeout = 60 * time.Second // a real one takes 1 to 3.5 s a call, more when busy
	}
	if cfg.Limits.Concurrency == 0 {
		cfg.Limits.Concurrency = 2 // it serialises
	}
	client, err := connectors.NewClient(connectors.XCart, cfg.Limits, log)
	if err != nil {
		return nil, err
	}
	return &shop54{cfg: cfg, client: client, statuses: map[string]statusList{}}, nil
}

// call makes one call and decodes its answer into into. path is
// entity[/id], already checked; query holds what comes after it.
func (s *shop54) call(ctx context.Context, operation, method, path, query string, body, into any) error {
	raw := []byte(nil)
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return s.client.Fail(connectors.Malformed, operation, "the document cannot be written", err)
		}
	}
	write := method != http.MethodGet
	resp, err := s.client.Do(ctx, connectors.Request{
		Operation: operation, Method: method, Header: jsonHeader.Clone(), Body: raw, Write: write,
		URL: s.cfg.URL + "/admin.php?target=RESTAPI&_key=" + url.QueryEscape(s.cfg.Key) + "&_path=" + path + query,
	})
	if err != nil {
		return err
	}
	switch reason := resp.Header.Get("X-REST-Error"); {
	case resp.Status == http.StatusForbidden:
		return fail(s.client, connectors.Unauthorised, operation, resp.Status,
			"the shop refused the key: give the read/write key of the REST API addon as XCART_KEY")
	case resp.Status == http.StatusNotFound:
		return fail(s.client, connectors.Unauthorised, operation, resp.Status,
			"the shop does not know this part of the API: is the addon that brings it enabled?")
	case resp.Status == http.StatusBadRequest:
		return fail(s.client, connectors.Rejected, operation, resp.Status, short(reason))
	case resp.Status >= 500:
		kind := connectors.Unavailable
		if write {
			kind = connectors.OutcomeUnknown
		}
		return fail(s.client, kind, operation, resp.Status, "the shop failed")
	case resp.Status != http.StatusOK:
		return fail(s.client, connectors.Malformed, operation, resp.Status, "an answer that the contract does not know")
	}
	// A missing record is answered with 200 and null.
	if strings.TrimSpace(string(resp.Body)) == "null" {
		return fail(s.client, connectors.NotFound, operation, resp.Status, "the shop has no such record")
	}
	return read(s.client, operation, write, resp, into)
}

// Probe looks at what the shop answers. Whether the key may write is found by a
// PUT to an order that does not exist: it changes nothing, a key that may write
// is answered null, a read-only one 403.
func (s *shop54) Probe(ctx context.Context) (Capabilities, error) {
	can := Capabilities{Version: "5.4 (REST API addon)", FindBySKU: true}
	const operation = "probe the shop"
	for _, list := range []struct {
		entity string
		codes  *[]string
	}{{shippingStatuses, &can.ShippingStatuses}, {paymentStatuses, &can.PaymentStatuses}} {
		ids, err := s.statusIDs(ctx, list.entity)
		if err != nil {
			return can, err
		}
		for code := range ids {
			*list.codes = append(*list.codes, code)
		}
	}
	err := s.call(ctx, operation, http.MethodPut, "order/999999999999", "", map[string]string{"notes": ""}, new(any))
	switch connectors.KindOf(err) {
	case connectors.NotFound:
		can.CanWrite, can.WriteTracking, can.NoteERPOrder = true, true, true
	case connectors.Unauthorised:
		can.Remarks = append(can.Remarks, "the key is read-only: orders can be read, but statuses and tracking numbers cannot be written; give the read/write key")
	default:
		return can, err
	}
	return can, nil
}

// statusIDs reads the status rows of an axis: code to id.
func (s *shop54) statusIDs(ctx context.Context, entity string) (map[string]int, error) {
	s.mu.Lock()
	known := s.statuses[entity]
	s.mu.Unlock()
	if time.Since(known.read) < 5*time.Minute {
		return known.ids, nil
	}
	var rows []struct {
		ID   int     `json:"id"`
		Code *string `json:"code"`
	}
	if err := s.call(ctx, "read the statuses", http.MethodGet, entity, "", nil, &rows); err != nil {
		return nil, err
	}
	ids := map[string]int{}
	for _, r := range rows {
		if r.Code != nil && r.ID > 0 {
			ids[*r.Code] = r.ID
		}
	}
	if len(ids) == 0 {
		return nil, s.client.Fail(connectors.Malformed, "read the statuses", "the shop lists none", nil)
	}
	s.mu.Lock()
	s.statuses[entity] = statusList{ids: ids, read: time.Now()}
	s.mu.Unlock()
	return ids, nil
}

// statusID finds the row of a status. A status is never written by its code:
// {"shippingStatus": {"code": "S"}} renames the order's present status for the
// whole shop when no row S exists.
func (s *shop54) statusID(ctx context.Context, entity, code string) (int, error) {
	ids, err := s.statusIDs(ctx, entity)
	if err != nil {
		return 0, err
	}
	id, ok := ids[code]
	if !ok {
		return 0, s.client.Fail(connectors.Rejected, "set status "+code, fmt.Sprintf("the shop has no status %q in %s", code, entity), nil)
	}
	return id, nil
}

package xcart

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
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
	client.Conceal(cfg.Key)
	return &shop54{cfg: cfg, client: client, statuses: map[string]statusList{}}, nil
}

// call makes one call and decodes its answer into into. path is
// entity[/id], already checked; query holds what comes after it.
func (s *shop54) call(ctx context.Context, operation, method, path, query string, body, into any) error {
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return s.client.Fail(connectors.Malformed, operation, "the document cannot be written", err)
		}
	}
	write := method != http.MethodGet
	resp, err := s.client.Do(ctx, connectors.Request{
		Operation: operation, Method: method, Header: jsonHeader.Clone(), Body: raw, Write: write, Judge: served(write),
		// The key has no other place than the query, so no URL may appear in an error or a log.
		URL: s.cfg.URL + "/admin.php?target=RESTAPI&_key=" + url.QueryEscape(s.cfg.Key) + "&_path=" + path + query,
	})
	if err != nil {
		return err
	}
	if resp.Status != http.StatusOK {
		return s.judge(operation, write, resp)
	}
	// A missing record is answered with 200 and null, to a PUT too.
	if string(bytes.TrimSpace(resp.Body)) == "null" {
		return fail(s.client, connectors.NotFound, operation, resp.Status, "the shop has no such record")
	}
	return read(s.client, operation, write, resp, into)
}

// judge classes a refusal by its status: the addon has no error document.
func (s *shop54) judge(operation string, write bool, resp *connectors.Response) error {
	kind, words := connectors.Malformed, "an answer that the contract does not know"
	switch status := resp.Status; {
	case status == http.StatusForbidden, status == http.StatusUnauthorized:
		kind, words = connectors.Unauthorised, "the shop refused the key: give the read/write key of the REST API addon (not the read-only one) as XCART_KEY"
	case status == http.StatusNotFound:
		kind, words = connectors.Rejected, "the shop does not know this part of the API: is XCART_URL right, and the REST API addon enabled?"
	case status == http.StatusBadRequest:
		kind, words = connectors.Rejected, short(resp.Header.Get("X-REST-Error"))
	case status >= 500:
		kind, words = lost(write), "the shop failed"
	case status >= 300 && status < 400:
		words = "the shop answers from another address: give that one as XCART_URL (https?)"
	}
	return fail(s.client, kind, operation, resp.Status, words)
}

// neverAnOrder is beyond what the shop's 32-bit order ids can reach.
const neverAnOrder = "999999999999"

// Probe looks at what the shop answers. Whether the key may write is found by a
// PUT to an order that cannot exist: the shop looks the order up before it
// looks at the body, and answers null when there is none, having changed
// nothing; a key that may only read is answered 403.
func (s *shop54) Probe(ctx context.Context) (Capabilities, error) {
	const operation = "probe the shop"
	can := Capabilities{Version: "5.4 (REST API addon)", FindBySKU: true}
	for _, list := range []struct {
		entity string
		codes  *[]string
	}{{shippingStatuses, &can.ShippingStatuses}, {paymentStatuses, &can.PaymentStatuses}} {
		rows, err := s.statusRows(ctx, list.entity)
		if err != nil {
			return can, err
		}
		*list.codes = sortedKeys(rows)
	}
	err := s.call(ctx, operation, http.MethodPut, "order/"+neverAnOrder, "", map[string]string{"adminNotes": ""}, new(ignored))
	var failure *connectors.Error
	switch errors.As(err, &failure); {
	case connectors.Is(err, connectors.NotFound):
		can.CanWrite, can.WriteTracking, can.NoteERPOrder = true, true, true
	case connectors.Is(err, connectors.Unauthorised):
		can.Remarks = append(can.Remarks, "the key is read-only: orders can be read, but statuses, notes and tracking numbers cannot be written; give the read/write key of the REST API addon as XCART_KEY")
	case connectors.Is(err, connectors.OutcomeUnknown):
		failure.Kind = connectors.Unavailable // there was nothing to write to
		return can, failure
	case err != nil:
		return can, err
	default:
		return can, s.client.Fail(connectors.Malformed, operation, "the shop says that it has order "+neverAnOrder+": is this an X-Cart 5.4?", nil)
	}
	can.Remarks = append(can.Remarks, "this X-Cart cannot be asked for orders by the time of their change: each poll reads the list from the newest change down to the last one known")
	return can, nil
}

package xcart

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cart21/cart21/connectors"
)

// shop55 is an X-Cart 5.5 or later through its API Platform REST API.
type shop55 struct {
	cfg    Config
	client *connectors.Client
	said   description
}

func open55(cfg Config, log *slog.Logger) (Shop, error) {
	if cfg.Limits.Timeout == 0 {
		cfg.Limits.Timeout = 30 * time.Second
	}
	if cfg.Limits.Concurrency == 0 {
		cfg.Limits.Concurrency = 4
	}
	client, err := connectors.NewClient(connectors.XCart, cfg.Limits, log)
	if err != nil {
		return nil, err
	}
	client.Conceal(cfg.Key)
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
	resp, err := s.client.Do(ctx, connectors.Request{Operation: operation, Method: method, URL: address, Header: header, Body: raw, Write: write, Judge: served(write)})
	if err != nil {
		return err
	}
	if resp.Status >= 300 {
		return s.judge(operation, write, resp)
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
	case status >= 500:
		kind = lost(write)
	case status >= 300 && status < 400:
		words = "the shop answers from another address: give that one as XCART_URL (https?)"
	}
	return fail(s.client, kind, operation, resp.Status, strings.TrimPrefix(short(words), "; "))
}

func (s *shop55) orderPath(operation, id, rest string) (string, error) {
	if err := checkID(s.client, operation, id); err != nil {
		return "", err
	}
	return "/api/orders/" + id + rest, nil
}

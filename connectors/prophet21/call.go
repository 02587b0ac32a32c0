package prophet21

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/cart21/cart21/connectors"
)

// caller calls one installation with a token, and judges its answers.
type caller struct {
	cfg    Config
	client *connectors.Client
	tokens *tokens
	judge  func(c *connectors.Client, operation string, write bool, resp *connectors.Response) error // nil for a success
}

// call makes one call and decodes its answer; everything but a GET writes.
func (c *caller) call(ctx context.Context, operation, method, address string, body, into any) error {
	write := method != http.MethodGet
	resp, err := c.send(ctx, operation, method, address, body, write)
	if err != nil {
		return err
	}
	return c.decode(operation, write, resp, into)
}

// send makes one call. A 401 means that the token was ended (by a restart, or by
// another program's log-in): the call was not done, and is made once more with a
// new one.
func (c *caller) send(ctx context.Context, operation, method, address string, body any, write bool) (*connectors.Response, error) {
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return nil, c.client.Fail(connectors.Malformed, operation, "the document cannot be written", nil)
		}
	}
	for try := 0; ; try++ {
		token, err := c.tokens.get(ctx)
		if err != nil {
			return nil, err
		}
		resp, err := follow(ctx, c.client, connectors.Request{
			Operation: operation, Method: method, URL: address, Header: header(token), Body: raw, Write: write,
			Judge: func(resp *connectors.Response) connectors.Kind {
				return connectors.KindOf(c.judge(c.client, operation, write, resp))
			},
		})
		if err != nil {
			return nil, err
		}
		if resp.Status != http.StatusUnauthorized {
			return resp, nil
		}
		c.tokens.drop(token)
		if try > 0 {
			// Wrong credentials are refused by the token call itself: this
			// passes when whoever ends the sessions stops.
			return nil, failed(c.client, connectors.Unavailable, operation, resp.Status,
				"Prophet 21 refused a fresh token: another program with the same account keeps ending its sessions, or the account lacks a right")
		}
	}
}

// follow sends a request, and again where a redirect tells to: P21 answers 307 to
// a path that lacks its slash, and some tenants redirect http to https. Method,
// body and token go along unchanged, so they go to the same host only and never
// from https to http. A redirect that would turn a write into a GET is not
// followed; it is the judge's.
func follow(ctx context.Context, client *connectors.Client, r connectors.Request) (*connectors.Response, error) {
	for hops := 0; ; hops++ {
		if ctx.Err() != nil {
			return nil, client.Fail(connectors.Unavailable, r.Operation, "not sent: the call was cancelled", ctx.Err())
		}
		resp, err := client.Do(ctx, r)
		if err != nil {
			return nil, err
		}
		keeps := resp.Status == http.StatusTemporaryRedirect || resp.Status == http.StatusPermanentRedirect
		moved := resp.Status == http.StatusMovedPermanently || resp.Status == http.StatusFound
		if !keeps && (!moved || r.Method != http.MethodGet) || hops == 3 {
			return resp, nil
		}
		next, ok := redirected(r.URL, resp.Header.Get("Location"))
		if !ok {
			return resp, nil
		}
		r.URL = next
	}
}

func redirected(from, location string) (string, bool) {
	base, err := url.Parse(from)
	if err != nil || location == "" {
		return "", false
	}
	next, err := base.Parse(location)
	if err != nil || next.Scheme != "http" && next.Scheme != "https" {
		return "", false
	}
	same := next.Scheme == base.Scheme && strings.EqualFold(next.Host, base.Host)
	secured := base.Scheme == "http" && next.Scheme == "https" && strings.EqualFold(next.Hostname(), base.Hostname())
	return next.String(), same || secured
}

func (c *caller) decode(operation string, write bool, resp *connectors.Response, into any) error {
	if err := c.judge(c.client, operation, write, resp); err != nil {
		return err
	}
	body := bytes.TrimSpace(bytes.TrimPrefix(resp.Body, []byte("\xef\xbb\xbf")))
	// A write was done by now; when its answer cannot be read, what came of it
	// is not known.
	if len(body) == 0 || body[0] == '<' {
		return failed(c.client, lost(write), operation, resp.Status, "the answer is no JSON: a proxy's error page?")
	}
	if into == nil {
		return nil
	}
	err := json.Unmarshal(body, into)
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		return failed(c.client, lost(write), operation, resp.Status, "the answer broke off or is no JSON")
	case write:
		return failed(c.client, connectors.OutcomeUnknown, operation, resp.Status, "the answer cannot be read: "+plainJSON(err))
	default:
		return failed(c.client, connectors.Malformed, operation, resp.Status, "the answer cannot be read: "+plainJSON(err))
	}
}

// plainJSON tells a decoding error without the values, which may be personal.
func plainJSON(err error) string {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return wrong.Field + " is a " + wrong.Value
	}
	return "a number, an id or a time in it is none"
}

package prophet21

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/cart21/cart21/connectors"
)

// caller calls one installation with a token, and judges its answers.
type caller struct {
	cfg    Config
	client *connectors.Client
	tokens *tokens
	judge  func(c *connectors.Client, operation string, write bool, resp *connectors.Response) error
}

// call makes one call and decodes its answer. A 401 means that the token was
// ended (by a restart, or by another program's log-in): the call was not done,
// and is made once more with a new one.
func (c *caller) call(ctx context.Context, operation, method, address string, body, into any) error {
	resp, err := c.send(ctx, operation, method, address, body, method != http.MethodGet)
	if err != nil {
		return err
	}
	return c.decode(operation, method != http.MethodGet, resp, into)
}

func (c *caller) send(ctx context.Context, operation, method, address string, body any, write bool) (*connectors.Response, error) {
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return nil, c.client.Fail(connectors.Malformed, operation, "the document cannot be written", err)
		}
	}
	for try := 0; ; try++ {
		token, err := c.tokens.get(ctx)
		if err != nil {
			return nil, err
		}
		resp, err := c.client.Do(ctx, connectors.Request{
			Operation: operation, Method: method, URL: address, Header: header(token), Body: raw, Write: write,
		})
		if err != nil {
			return nil, err
		}
		if resp.Status != http.StatusUnauthorized {
			return resp, nil
		}
		c.tokens.drop(token)
		if try > 0 {
			return nil, failed(c.client, connectors.Unauthorised, operation, resp.Status,
				"Prophet 21 refused a fresh token: the account lacks a right, or another program with the same account keeps ending its sessions")
		}
	}
}

func (c *caller) decode(operation string, write bool, resp *connectors.Response, into any) error {
	if resp.Status >= 300 {
		return c.judge(c.client, operation, write, resp)
	}
	body := bytes.TrimSpace(bytes.TrimPrefix(resp.Body, []byte("\xef\xbb\xbf")))
	unread := connectors.Unavailable
	if write {
		unread = connectors.OutcomeUnknown // it was done; what came of it is not known
	}
	if len(body) == 0 || body[0] == '<' {
		return failed(c.client, unread, operation, resp.Status, "the answer is no JSON: a proxy's error page?")
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
		return failed(c.client, unread, operation, resp.Status, "the answer broke off")
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
		return fmt.Sprintf("%s is a %s", wrong.Field, wrong.Value)
	}
	return err.Error()
}

func failed(c *connectors.Client, kind connectors.Kind, operation string, status int, detail string) error {
	e := c.Fail(kind, operation, detail, nil)
	e.Status = status
	return e
}

// envelope is the middleware's error document. Its StackTrace is not declared:
// it is nobody's to read but Epicor's.
type envelope struct {
	ErrorMessage string
	ErrorType    string
	Message      string // of the web server's own errors
}

// judgeMiddleware classes a refusal. The envelope decides, not the status: a
// business rule answers 500.
func judgeMiddleware(c *connectors.Client, operation string, write bool, resp *connectors.Response) error {
	var e envelope
	known := json.Unmarshal(resp.Body, &e) == nil && (e.ErrorType != "" || e.ErrorMessage != "")
	words := short(e.ErrorMessage)
	switch {
	case known && (strings.Contains(e.ErrorMessage, "nexpected response window") || strings.Contains(e.ErrorMessage, "session pool")):
		// A contaminated session of the pool; the same call often passes on another.
		return failed(c, connectors.Unavailable, operation, resp.Status, words)
	case known && strings.Contains(e.ErrorMessage, "is not available or user does not have permission"):
		return failed(c, connectors.Unauthorised, operation, resp.Status, words+" (is the module licensed, and the user allowed to use its window?)")
	case known && strings.HasSuffix(e.ErrorType, "NotFoundException"):
		return failed(c, connectors.NotFound, operation, resp.Status, words)
	case resp.Status == http.StatusForbidden:
		return failed(c, connectors.Unauthorised, operation, resp.Status, "the account lacks a right: "+words)
	case known && (strings.Contains(e.ErrorType, "Business") || strings.Contains(e.ErrorType, "Prophet21Exception") || resp.Status < 500):
		return failed(c, connectors.Rejected, operation, resp.Status, words)
	case resp.Status == http.StatusNotFound:
		return failed(c, connectors.NotFound, operation, resp.Status, short(e.Message))
	case resp.Status == http.StatusBadRequest:
		return failed(c, connectors.Rejected, operation, resp.Status, short(words+e.Message))
	case resp.Status >= 500 && write:
		return failed(c, connectors.OutcomeUnknown, operation, resp.Status, words)
	case resp.Status >= 500:
		return failed(c, connectors.Unavailable, operation, resp.Status, words)
	default:
		return failed(c, connectors.Malformed, operation, resp.Status, "an answer that the contract does not know")
	}
}

// short makes a system's message fit for a log.
func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 400 {
		s = s[:400] + "..."
	}
	return s
}

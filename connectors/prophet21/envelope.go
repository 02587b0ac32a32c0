package prophet21

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"
	"strings"

	"github.com/cart21/cart21/connectors"
)

// envelope is the middleware's error document. Its StackTrace is not declared:
// it is nobody's to read but Epicor's.
type envelope struct {
	XMLName      xml.Name `json:"-"`
	ErrorMessage string
	ErrorType    string
	Message      string // of the web server's own errors
}

// openEnvelope reads an error document, in JSON or XML. An answer that may be a
// success is looked at only when it is small and names an ErrorType.
func openEnvelope(resp *connectors.Response) (e envelope, known bool) {
	body := bytes.TrimSpace(bytes.TrimPrefix(resp.Body, []byte("\xef\xbb\xbf")))
	if len(body) == 0 || len(body) > 256<<10 || (resp.Status < 300 && !bytes.Contains(body, []byte("ErrorType"))) {
		return envelope{}, false
	}
	if body[0] == '<' {
		if xml.Unmarshal(body, &e) != nil {
			return envelope{}, false
		}
	} else if json.Unmarshal(body, &e) != nil {
		return envelope{}, false
	}
	return e, e.ErrorType != "" || e.ErrorMessage != ""
}

// errNoSuchPath marks a 404 that came from no program of Prophet 21's: it says
// nothing about a record.
var errNoSuchPath = errors.New("nothing answers at this path: check P21_URL, and that this API is installed")

// judgeMiddleware classes a refusal; nil for a success. The envelope decides, not
// the status: a business rule's no is HTTP 500.
func judgeMiddleware(c *connectors.Client, operation string, write bool, resp *connectors.Response) error {
	e, known := openEnvelope(resp)
	if resp.Status < 300 && !known {
		return nil
	}
	words := short(e.ErrorMessage)
	refuse := func(kind connectors.Kind, detail string) error {
		return failed(c, kind, operation, resp.Status, detail)
	}
	if kind, hint := kindOfMessage(e.ErrorMessage); kind != "" {
		return refuse(kind, hint+words)
	}
	switch {
	case known && strings.HasSuffix(e.ErrorType, "NotFoundException"):
		return refuse(connectors.NotFound, words)
	case strings.Contains(e.ErrorType, "BusinessException"), strings.Contains(e.ErrorType, "Prophet21Exception"):
		return refuse(connectors.Rejected, words)
	}
	switch status := resp.Status; {
	case status == http.StatusForbidden, status == http.StatusUnauthorized:
		return refuse(connectors.Unauthorised, strings.TrimSpace("the account lacks a right: look at its consumer key's scopes, or its Dataservice Permissions in User Maintenance. "+words))
	case status == http.StatusNotFound && known:
		return refuse(connectors.NotFound, words)
	case status == http.StatusNotFound:
		return &connectors.Error{Kind: connectors.NotFound, System: c.System(), Operation: operation, Status: status, Err: errNoSuchPath}
	case status == http.StatusConflict:
		return refuse(connectors.Conflict, short(words+" "+e.Message))
	case status == http.StatusBadRequest, known && status < 500 && status >= 400:
		return refuse(connectors.Rejected, short(words+" "+e.Message))
	case write && (status == http.StatusFound || status == http.StatusSeeOther):
		return refuse(connectors.OutcomeUnknown, "it redirects to another page: done, or a log-in page?")
	case status >= 300 && status < 400:
		return refuse(connectors.Malformed, "it redirects elsewhere: P21_URL must be the middleware's own address")
	case status >= 500, status == http.StatusRequestTimeout, status < 300:
		return refuse(lost(write), words)
	}
	return refuse(connectors.Malformed, "an answer that the contract does not know")
}

// kindOfMessage knows the messages that mean more than their type says; hint
// says what to do. They come in the envelope, and among the messages of a
// transaction that failed with HTTP 200.
func kindOfMessage(message string) (kind connectors.Kind, hint string) {
	lower := strings.ToLower(message)
	switch {
	case strings.Contains(lower, "unexpected response window"), strings.Contains(lower, "contaminat"), strings.Contains(lower, "session pool"):
		return connectors.Unavailable, "a stuck session of the pool, the same call often passes on another: "
	case strings.Contains(lower, "window") && strings.Contains(lower, "is not available"):
		return connectors.Unauthorised, "the module is probably not licensed or not deployed, or the user may not open its window: "
	}
	return "", ""
}

// lost is the kind of a call whose answer never came: a write may have been done.
func lost(write bool) connectors.Kind {
	if write {
		return connectors.OutcomeUnknown
	}
	return connectors.Unavailable
}

// short makes a system's message fit for one line of a log; the client cuts it.
func short(s string) string {
	return strings.ToValidUTF8(strings.Join(strings.Fields(s), " "), "?")
}

func failed(c *connectors.Client, kind connectors.Kind, operation string, status int, detail string) error {
	e := c.Fail(kind, operation, detail, nil)
	e.Status = status
	return e
}

package xcart

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"github.com/cart21/cart21/connectors"
)

var jsonHeader = http.Header{"Accept": {"application/json"}, "Content-Type": {"application/json"}}

var tags = regexp.MustCompile(`<[^>]*>`)

func fail(c *connectors.Client, kind connectors.Kind, operation string, status int, detail string) error {
	e := c.Fail(kind, operation, detail, nil)
	e.Status = status
	return e
}

// lost is what an answer that tells nothing means: nothing happened for a
// reading, but a writing may have been done.
func lost(write bool) connectors.Kind {
	if write {
		return connectors.OutcomeUnknown
	}
	return connectors.Unavailable
}

// served tells of an answer whether the shop itself wrote it, which the breaker
// wants to know: not a proxy, and not the page that X-Cart shows while it is
// being rebuilt. A failure that one order brings about again and again is the
// shop's own.
func served(write bool) func(*connectors.Response) connectors.Kind {
	return func(resp *connectors.Response) connectors.Kind {
		switch resp.Status {
		case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return lost(write)
		case http.StatusOK:
			if isPage(body(resp)) {
				return lost(write)
			}
		}
		return ""
	}
}

func body(resp *connectors.Response) []byte {
	return bytes.TrimSpace(bytes.TrimPrefix(resp.Body, []byte("\xef\xbb\xbf")))
}

func isPage(body []byte) bool { return len(body) == 0 || body[0] == '<' }

// read decodes an answer, and judges one that is no JSON: an error page, or the
// "maintenance" page that a shop shows, with 200, while its cache is rebuilt.
func read(c *connectors.Client, operation string, write bool, resp *connectors.Response, into any) error {
	body := body(resp)
	if isPage(body) {
		return fail(c, lost(write), operation, resp.Status, "the answer is no JSON: an error page, or the shop is being rebuilt")
	}
	err := json.Unmarshal(body, into)
	if err == nil {
		return nil
	}
	// No JSON may come whole with another try; a wrong type comes again.
	kind := connectors.Malformed
	var syntax *json.SyntaxError
	if write || errors.As(err, &syntax) {
		kind = lost(write)
	}
	return fail(c, kind, operation, resp.Status, "the answer cannot be read: "+plainJSON(err))
}

// checkID refuses an id before a URL is made of it. On 5.4 a path without an id
// concerns every row (DELETE on it empties the table), and 1abc is order 1.
func checkID(c *connectors.Client, operation, id string) error {
	if !isID(id) {
		return c.Fail(connectors.Rejected, operation, fmt.Sprintf("%.20q is not an id: it must be a positive whole number", id), nil)
	}
	return nil
}

// checkCode refuses an empty status: it would be found "already set" on an order
// that has none.
func checkCode(c *connectors.Client, operation, code string) error {
	if code == "" {
		return c.Fail(connectors.Rejected, operation, "the status code is empty", nil)
	}
	return nil
}

func badCursor(c *connectors.Client, operation, cursor string) error {
	return c.Fail(connectors.Rejected, operation, fmt.Sprintf("%.20q is not a cursor of this list", cursor), nil)
}

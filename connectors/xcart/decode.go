package xcart

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/cart21/cart21/connectors"
)

type number = connectors.Number

// ident is an id in JSON, as a whole number or as text; null is empty.
type ident string

func (i *ident) UnmarshalJSON(raw []byte) error {
	s, err := text(raw)
	if err != nil {
		return fmt.Errorf("%.40s is not an id", raw)
	}
	if s == "0" {
		s = "" // "no such record" in a reference
	}
	*i = ident(s)
	return nil
}

// words is an object of text values. PHP writes an empty one as [].
type words map[string]string

func (w *words) UnmarshalJSON(raw []byte) error {
	if len(raw) == 0 || raw[0] != '{' {
		return nil
	}
	var loose map[string]any
	if err := json.Unmarshal(raw, &loose); err != nil {
		return err
	}
	*w = words{}
	for k, v := range loose {
		if v != nil {
			(*w)[k] = fmt.Sprint(v)
		}
	}
	return nil
}

// when is an instant in any form that the two generations write: ISO 8601 with
// or without the colon in the zone, or seconds since 1970.
type when struct{ time.Time }

func (w *when) UnmarshalJSON(raw []byte) error {
	s := strings.Trim(string(raw), `"`)
	if s == "null" || s == "" {
		return nil
	}
	if seconds, err := strconv.ParseInt(s, 10, 64); err == nil {
		w.Time = time.Unix(seconds, 0).UTC()
		return nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05-0700", "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			w.Time = t.UTC()
			return nil
		}
	}
	return fmt.Errorf("%.40q is not a time", s)
}

// read decodes an answer, and judges one that is no JSON: an error page, or the
// page that a shop shows while its cache is rebuilt.
func read(c *connectors.Client, operation string, write bool, resp *connectors.Response, into any) error {
	body := bytes.TrimSpace(resp.Body)
	if len(body) == 0 || bytes.ContainsRune([]byte("<"), rune(body[0])) {
		kind := connectors.Unavailable
		if write {
			kind = connectors.OutcomeUnknown
		}
		return fail(c, kind, operation, resp.Status, "the answer is no JSON: an error page, or the shop is being rebuilt")
	}
	if err := json.Unmarshal(body, into); err != nil {
		kind := connectors.Malformed
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			// Broken off on the way: another try may bring it whole.
			if kind = connectors.Unavailable; write {
				kind = connectors.OutcomeUnknown
			}
		}
		return fail(c, kind, operation, resp.Status, "the answer cannot be read: "+plainJSON(err))
	}
	return nil
}

// plainJSON tells a decoding error without the values, which may be personal.
func plainJSON(err error) string {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Sprintf("%s is a %s", wrong.Field, wrong.Value)
	}
	return err.Error()
}

func fail(c *connectors.Client, kind connectors.Kind, operation string, status int, detail string) error {
	e := c.Fail(kind, operation, detail, nil)
	e.Status = status
	return e
}

var tags = regexp.MustCompile(`<[^>]*>`)

// short makes a system's message fit for a log.
func short(s string) string {
	s = strings.Join(strings.Fields(tags.ReplaceAllString(s, " ")), " ")
	if len(s) > 300 {
		s = s[:300] + "..."
	}
	return s
}

// checkID refuses an id before a URL is made of it: on 5.4 a collection's
// DELETE or PUT without an id concerns every row.
func checkID(c *connectors.Client, operation, id string) error {
	if !isID(id) {
		return c.Fail(connectors.Rejected, operation, fmt.Sprintf("%.20q is not an id: it must be a positive whole number", id), nil)
	}
	return nil
}

var jsonHeader = http.Header{"Accept": {"application/json"}, "Content-Type": {"application/json"}}

package prophet21

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cart21/cart21/connectors"
)

// FuzzRefusal judges any answer of either API. Whatever comes, a write that may
// have been done is never called undone by a status that does not say so.
func FuzzRefusal(f *testing.F) {
	f.Add(500, []byte(refusal(business, "Item 4711 is on hold")), true)
	f.Add(500, []byte(`<ApiError><ErrorType>P21.Common.Exceptions.BusinessException</ErrorType><ErrorMessage>no</ErrorMessage></ApiError>`), true)
	f.Add(502, []byte("<html>"), true)
	f.Add(404, []byte(`{"Message":"No HTTP resource was found"}`), false)
	f.Add(409, []byte(`{"error":{"code":"busy","message":"later","retryable":true}}`), true)
	f.Add(200, []byte(`{"ErrorType":1,"ErrorMessage":{}}`), false)
	f.Add(500, []byte("\xef\xbb\xbf"+strings.Repeat("[", 20_000)), true)
	f.Add(500, []byte(`<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><ApiError><ErrorMessage>&d;</ErrorMessage></ApiError>`), true)
	f.Fuzz(func(t *testing.T, status int, body []byte, write bool) {
		c := offline(t)
		resp := &connectors.Response{Status: status, Header: http.Header{}, Body: body}
		for name, err := range map[string]error{
			"middleware": judgeMiddleware(c.client, "judge", write, resp),
			"gateway":    judgeGateway(c.client, "judge", write, resp),
		} {
			kind := connectors.KindOf(err)
			if err != nil && kind == "" {
				t.Errorf("%s: not classed: %v", name, err)
			}
			if status >= 300 && err == nil {
				t.Errorf("%s: status %d is called a success", name, status)
			}
			if _, known := openEnvelope(resp); name == "middleware" && write && status >= 500 && !known && kind != connectors.OutcomeUnknown {
				t.Errorf("%s: status %d of a write is called %s", name, status, kind)
			}
		}
	})
}

// FuzzRedirect: our token goes to no other host, and never from https to http.
func FuzzRedirect(f *testing.F) {
	f.Add("https://p21.example.com/api/x", "/api/x/")
	f.Add("https://p21.example.com/api/x", "//evil.example.com/")
	f.Add("https://p21.example.com/api/x", "http://p21.example.com/")
	f.Add("http://p21.example.com:80/api/x", "https://p21.example.com:8443/")
	f.Add("https://p21.example.com/", "https://p21.example.com@evil.example.com/")
	f.Add("https://p21.example.com/", `https:\\evil.example.com`)
	f.Fuzz(func(t *testing.T, from, location string) {
		next, ok := redirected(from, location)
		if !ok {
			return
		}
		base, err := url.Parse(from)
		if err != nil {
			t.Fatal(err)
		}
		to, err := http.NewRequest(http.MethodGet, next, nil)
		if err != nil {
			return // it cannot be followed
		}
		if !strings.EqualFold(to.URL.Hostname(), base.Hostname()) || base.Scheme == "https" && to.URL.Scheme != "https" {
			t.Errorf("from %q to %q", from, next)
		}
	})
}

// FuzzCursor: a stored cursor becomes a filter, and whatever it holds stays
// inside its literal.
func FuzzCursor(f *testing.F) {
	f.Add(`{"at":"2026-11-23T08:00:00","key":"1000123"}`)
	f.Add(`{"at":"2026-11-23T08:00:00","key":"1' or '1' eq '1"}`)
	f.Add(`{"at":"2026-11-23T08:00:00Z or true","key":"1"}`)
	f.Add("{")
	f.Fuzz(func(t *testing.T, cursor string) {
		m := &middleware{caller: offline(t)}
		filter, err := m.after(cursor, time.Time{}, headers, "order_no")
		if err != nil {
			if connectors.KindOf(err) == "" {
				t.Errorf("not classed: %v", err)
			}
			return
		}
		if cursor == "" {
			return
		}
		outside := ""
		for i, part := range strings.Split(strings.ReplaceAll(filter, "''", ""), "'") {
			if i%2 == 0 {
				outside += part
			}
		}
		if strings.Count(outside, " or ") != 1 || strings.Count(outside, " and ") != 1 {
			t.Errorf("%q became %q", cursor, filter)
		}
	})
}

package xcart

import (
	"net/http"
	"strings"
	"testing"

	"github.com/cart21/cart21/connectors"
)

// FuzzRefusal judges any refusal of either generation: a class comes out, a
// write that may have been done is never called undone, and the key is not told.
func FuzzRefusal(f *testing.F) {
	f.Add(422, "", `{"detail":"quantity: must be positive","violations":[{"propertyPath":"quantity","message":"must be positive"}]}`, true)
	f.Add(400, "Wrong parameters <b>x</b>", "", true)
	f.Add(500, "", "<html><body>admin.php?_key=0123456789abcdef", true)
	f.Add(404, "0123456789abcdef", `{"message":{"a":1}}`, false)
	f.Add(302, "\xff", `{"hydra:description":"0123456789abcdef"}`, false)
	f.Add(700, "", "[[[[", true)
	const key = "0123456789abcdef"
	s54, s55 := bare54(f), bare55(f)
	s54.client.Conceal(key)
	s55.client.Conceal(key)
	f.Fuzz(func(t *testing.T, status int, header, body string, write bool) {
		if status < 300 {
			return
		}
		resp := &connectors.Response{Status: status, Header: http.Header{"X-Rest-Error": {header}}, Body: []byte(body)}
		for name, err := range map[string]error{"5.4": s54.judge("judge", write, resp), "5.5": s55.judge("judge", write, resp)} {
			kind := connectors.KindOf(err)
			if kind == "" || write && status >= 500 && kind != connectors.OutcomeUnknown {
				t.Errorf("%s: status %d is %v", name, status, err)
			}
			if strings.Contains(err.Error(), key) {
				t.Errorf("%s tells the key: %v", name, err)
			}
		}
	})
}

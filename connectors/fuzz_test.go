package connectors

import (
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/cart21/cart21/commerce"
)

func FuzzVerify(f *testing.F) {
	const secret = "a secret of some length"
	now := time.Unix(1795449374, 0)
	good := http.Header{}
	Sign(good, secret, []byte("{}"), now)
	f.Add(good.Get(HeaderTimestamp), good.Get(HeaderSignature), []byte("{}"))
	f.Add("-9223372036854775808", "sha256=", []byte(nil))
	f.Add("9223372036854775807", "sha256=sha256=00", []byte("{}"))
	f.Add("1795449374", strings.Repeat("0", 64), []byte("{}"))
	f.Fuzz(func(t *testing.T, timestamp, signature string, body []byte) {
		h := http.Header{HeaderTimestamp: {timestamp}, HeaderSignature: {signature}}
		if Verify(h, nil, body, now) == nil {
			t.Error("accepted without any secret")
		}
		if Verify(h, []string{secret}, body, now) != nil {
			return
		}
		again := http.Header{}
		Sign(again, secret, body, now)
		if timestamp == again.Get(HeaderTimestamp) && !strings.EqualFold(strings.TrimPrefix(signature, "sha256="), strings.TrimPrefix(again.Get(HeaderSignature), "sha256=")) {
			t.Errorf("accepted %q", signature)
		}
	})
}

func FuzzNumber(f *testing.F) {
	for _, seed := range []string{`12.50`, `"12.50"`, `null`, `""`, `1e999999999`, `-0`, `0x10`, `"1e-30"`, `999999999999999999999999999999`, `34.989999999999995`, `" 1"`, `1_000`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		var n Number
		if n.UnmarshalJSON([]byte(raw)) != nil {
			return
		}
		if written := n.String(); len(written) > 80 {
			t.Errorf("%q is written with %d characters", raw, len(written))
		}
		if n.Money("USD").Sub(n.Decimal).Abs().GreaterThan(commerce.Currency("USD").Round(n.Abs()).Add(n.Abs())) {
			t.Errorf("%q became %s", raw, n.Money("USD"))
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"7", "-3", "99999999999999999999", "Tue, 24 Nov 2026 10:00:30 GMT", "Tuesday, 24-Nov-26 10:00:30 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "soon"} {
		f.Add(seed)
	}
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value string) {
		if d := RetryAfter(http.Header{"Retry-After": {value}}, now); d < 0 || d > 24*time.Hour {
			t.Errorf("%q is %s", value, d)
		}
	})
}

func FuzzRedact(f *testing.F) {
	const secret = "k3y+of/some length"
	f.Add("GET /admin.php?_key=", "&_path=order/1")
	f.Add(`{"password":"`, `","user":"web"}`)
	f.Add("a@b.", ".c")
	f.Add("\xff", "\xff")
	f.Fuzz(func(t *testing.T, before, after string) {
		c := &Client{}
		c.Conceal(secret)
		if strings.Contains(before+after, secret) {
			return
		}
		got := c.redact(before + secret + after)
		if strings.Contains(got, secret) || utf8.RuneCountInString(got) > mostSaid+3 {
			t.Errorf("%q", got)
		}
	})
}

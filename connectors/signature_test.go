package connectors

import (
	"errors"
	"net/http"
	"testing"
	"time"
)

func TestVerify(t *testing.T) {
	now := time.Unix(1795449374, 0)
	body := []byte(`{"event":"order.placed","id":1}`)
	const secret, next = "an old secret of some length", "the next secret of some length"
	signed := func(secret string, at time.Time) http.Header {
		h := http.Header{}
		Sign(h, secret, body, at)
		return h
	}
	tampered := signed(secret, now)
	tampered.Set(HeaderTimestamp, "1795449375")
	garbled := signed(secret, now)
	garbled.Set(HeaderSignature, "sha256=zz")
	for name, c := range map[string]struct {
		header http.Header
		body   []byte
		want   error
	}{
		"fits":                        {signed(secret, now), body, nil},
		"fits the next secret":        {signed(next, now), body, nil},
		"a clock a little off":        {signed(secret, now.Add(4*time.Minute)), body, nil},
		"another's secret":            {signed("a stranger's secret, long enough", now), body, ErrBadSignature},
		"another body":                {signed(secret, now), []byte(`{"event":"order.placed","id":2}`), ErrBadSignature},
		"the timestamp was changed":   {tampered, body, ErrBadSignature},
		"no hex":                      {garbled, body, ErrBadSignature},
		"sent again ten minutes on":   {signed(secret, now.Add(-10*time.Minute)), body, ErrOldSignature},
		"from the future":             {signed(secret, now.Add(10*time.Minute)), body, ErrOldSignature},
		"nothing signed":              {http.Header{}, body, ErrNoSignature},
		"a timestamp that is no time": {http.Header{HeaderTimestamp: {"soon"}, HeaderSignature: {"sha256=00"}}, body, ErrNoSignature},
	} {
		t.Run(name, func(t *testing.T) {
			if err := Verify(c.header, []string{secret, next}, c.body, now); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	for in, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-3": 0, "soon": 0, "99999999": 24 * time.Hour,
		"Tue, 24 Nov 2026 10:00:30 GMT": 30 * time.Second, "Tue, 24 Nov 2026 09:00:00 GMT": 0,
	} {
		if got := RetryAfter(http.Header{"Retry-After": {in}}, now); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

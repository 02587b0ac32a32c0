package scorer

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

const token = "t0ken-that-nobody-may-see"

func client(t testing.TB, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c, err := New(Config{URL: server.URL, Token: token}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestScoreTellsTheOrderAndReadsTheAnswer(t *testing.T) {
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		var told Order
		err := json.NewDecoder(r.Body).Decode(&told)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Authorization") != "Bearer "+token || told.Screening.IP != "203.0.113.7" || told.Features["guest"] != 1 || told.Order.Number != "100071" {
			t.Errorf("%s %v %+v %v", r.Method, r.Header, told, err)
		}
		_, _ = io.WriteString(w, `{"score": 12.5, "reason": "Seen\nbefore.", "more": true}`)
	})
	got, err := c.Score(t.Context(), Order{
		Reference: "xc-main-71", Order: commerce.Order{Number: "100071"}, Screening: commerce.Screening{IP: "203.0.113.7"},
		Features: map[string]float64{"guest": 1}, Score: 3, Outcome: "accept",
	})
	if want := (Answer{12.5, "Seen before."}); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWhatIsNoScoreIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		words  string
	}{
		"no score":       {200, `{}`, "score"},
		"null":           {200, `{"score": null}`, "score"},
		"below 0":        {200, `{"score": -1}`, "score"},
		"above 100":      {200, `{"score": 100.5}`, "score"},
		"text":           {200, `{"score": "12"}`, "score"},
		"a page":         {200, `<html>`, "score"},
		"wrong token":    {401, ``, "FRAUD_TOKEN"},
		"not understood": {422, `pat.roe@example.test ` + token, "HTTP 422"},
		"broken":         {500, ``, "HTTP 500"},
		"a proxy's page": {503, `<html>`, "scorer"},
	} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int32
			scorer := client(t, func(w http.ResponseWriter, _ *http.Request) {
				calls.Add(1)
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			_, err := scorer.Score(t.Context(), Order{})
			if err == nil || connectors.KindOf(err) == "" || !strings.Contains(err.Error(), c.words) || strings.Contains(err.Error(), token) || strings.Contains(err.Error(), "@") {
				t.Errorf("%v: want a connector's error with %q and nothing secret", err, c.words)
			}
			if calls.Load() != 1 {
				t.Errorf("asked %d times: the order waits", calls.Load())
			}
		})
	}
}

func TestNoAnswerIsWaitedForBriefly(t *testing.T) {
	c := client(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the server does not see that nobody waits any more
		<-r.Context().Done()
	})
	start := time.Now()
	if _, err := c.Score(t.Context(), Order{}); err == nil || time.Since(start) > Timeout+time.Second {
		t.Errorf("%v after %s", err, time.Since(start))
	}
}

func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{`{"score": 1, "reason": "x"}`, `{"score": 1e400}`, `{"score": -0, "reason": "\u0000\ud800"}`, `null`, ``, `[]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := read(body)
		if err == nil && (!(a.Score >= 0.01 && a.Score <= 99) || len(a.Sentence) > maxSentence+3 || strings.ContainsAny(a.Sentence, "\n\x00")) {
			t.Errorf("%q is read as %+v", body, a)
		}
	})
}

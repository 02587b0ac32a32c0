package prophet21

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cart21/cart21/connectors"
)

func TestTokenInEveryForm(t *testing.T) {
	for name, c := range map[string]struct {
		body, token string
		lifetime    time.Duration
	}{
		"user credentials": {`{"AccessToken":"abc","TokenType":"Bearer","RefreshToken":"r","ExpiresInSeconds":3600}`, "abc", time.Hour},
		"consumer key":     {`{"AccessToken":"abc","ExpiresIn":600000000,"RefreshToken":"","ConsumerUid":4}`, "abc", 24 * time.Hour},
		"text for numbers": {`{"AccessToken":"abc","ExpiresInSeconds":"3600"}`, "abc", time.Hour},
		"XML":              {`<?xml version="1.0"?><Token xmlns="http://x"><AccessToken>abc</AccessToken><ExpiresInSeconds>3600</ExpiresInSeconds></Token>`, "abc", time.Hour},
		"bare":             {"abc\r\n", "abc", defaultLifetime},
		"bare, quoted":     {"\xef\xbb\xbf\"abc\"", "abc", defaultLifetime},
		"an error":         {`<TokenError><Message>no</Message></TokenError>`, "", defaultLifetime},
		"a login page":     {`<html><body>Log in</body></html>`, "", 0},
		"words":            {"Service unavailable", "", 0},
		"nothing":          {"", "", 0},
		"absurd lifetime":  {`{"AccessToken":"abc","ExpiresIn":1e400}`, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			token, lifetime := parseToken([]byte(c.body))
			if token != c.token || (c.token != "" && lifetime != c.lifetime) {
				t.Errorf("got %q for %s, want %q for %s", token, lifetime, c.token, c.lifetime)
			}
		})
	}
}

func TestTokenRequest(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"user":         {func(*Config) {}, `{"password":"secret-password","username":"api"}`},
		"consumer key": {func(c *Config) { c.ClientSecret = "secret-key" }, `{"ClientSecret":"secret-key","GrantType":"client_credentials"}`},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			if _, err := f.open(c.change).tokens.get(context.Background()); err != nil {
				t.Fatal(err)
			}
			if got := f.to("/api/security/token/v2"); len(got) != 1 || got[0].method != http.MethodPost || got[0].body != c.want {
				t.Errorf("asked %+v, want %s", got, c.want)
			}
		})
	}
}

func TestFiftyCallersShareOneToken(t *testing.T) {
	f := newFake(t)
	release := make(chan struct{})
	f.on["/api/security/token/v2"] = func(w http.ResponseWriter, _ *http.Request) {
		<-release
		io.WriteString(w, `{"AccessToken":"token-x","ExpiresInSeconds":86400}`)
	}
	m := f.open()
	// The first caller gives up; the call that the others wait for goes on.
	first, cancel := context.WithCancel(context.Background())
	gaveUp := make(chan error)
	go func() { _, err := m.tokens.get(first); gaveUp <- err }()
	for len(f.to("/api/security/token/v2")) == 0 {
		time.Sleep(time.Millisecond)
	}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if token, err := m.tokens.get(context.Background()); err != nil || token != "token-x" {
				t.Errorf("got %q, %v", token, err)
			}
		})
	}
	cancel()
	wantKind(t, <-gaveUp, connectors.Unavailable)
	close(release)
	wg.Wait()
	if n := len(f.to("/api/security/token/v2")); n != 1 {
		t.Errorf("%d sessions were opened, want 1: each may end the others", n)
	}
}

func TestTokenIsRefreshedFiveMinutesEarly(t *testing.T) {
	f := newFake(t)
	m := f.open()
	if _, err := m.tokens.get(context.Background()); err != nil {
		t.Fatal(err)
	}
	left := time.Until(m.tokens.refresh)
	if left > 24*time.Hour-5*time.Minute || left < 24*time.Hour-6*time.Minute {
		t.Errorf("the next token is got in %s", left)
	}
	m.tokens.refresh = time.Now().Add(-time.Second)
	if token, err := m.tokens.get(context.Background()); err != nil || token != "token-2" {
		t.Errorf("got %q, %v", token, err)
	}
}

func TestOneRetryWithAFreshToken(t *testing.T) {
	for name, c := range map[string]struct {
		refusals int
		want     connectors.Kind
		posts    int
	}{
		"token ended": {1, "", 2}, "account refused": {9, connectors.Unavailable, 2},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			refusals, created := c.refusals, 0
			f.on["/api/sales/orders/"] = func(w http.ResponseWriter, r *http.Request) {
				if refusals--; refusals >= 0 {
					w.WriteHeader(http.StatusUnauthorized)
					return
				}
				body, _ := io.ReadAll(r.Body)
				if !strings.Contains(string(body), "xc-main-4711") || r.Header.Get("Authorization") != "Bearer token-2" {
					t.Errorf("the retry came with %s and %s", r.Header.Get("Authorization"), body)
				}
				created++
				io.WriteString(w, `{"OrderNo":1000123}`)
			}
			_, err := f.open().CreateOrder(context.Background(), webOrder())
			wantKind(t, err, c.want)
			if n := len(f.to("/api/sales/orders/")); n != c.posts {
				t.Errorf("%d posts, want %d", n, c.posts)
			}
			if c.want == "" && created != 1 {
				t.Errorf("%d orders", created)
			}
		})
	}
}

func TestAnAnswerWithoutAToken(t *testing.T) {
	for answered, want := range map[string]connectors.Kind{
		`{"AccessToken":"abc`: connectors.Unavailable, "<html><body>starting</body></html>": connectors.Unavailable,
		`{"message":"hello"}`: connectors.Malformed, "": connectors.Malformed,
	} {
		f := newFake(t)
		f.on["/api/security/token/v2"] = answer(200, answered)
		_, err := f.open().tokens.get(context.Background())
		if !connectors.Is(err, want) {
			t.Errorf("%q: %v, want %s", answered, err, want)
		}
	}
}

func TestTokenRefused(t *testing.T) {
	for status, want := range map[int]connectors.Kind{
		400: connectors.Unauthorised, 401: connectors.Unauthorised, 403: connectors.Unauthorised, 404: connectors.Malformed,
		500: connectors.Unavailable, 503: connectors.Unavailable, 429: connectors.RateLimited,
	} {
		f := newFake(t)
		f.on["/api/security/token/v2"] = answer(status, `{"error":"invalid_grant","password":"secret-password"}`)
		_, err := f.open().FindOrders(context.Background(), "xc-main-1")
		wantKind(t, err, want)
	}
	f := newFake(t)
	f.on["/api/security/token/v2"] = answer(200, `<html>log in</html>`)
	_, err := f.open().FindOrders(context.Background(), "xc-main-1")
	wantKind(t, err, connectors.Unavailable)
}

func TestSecretsAreInNoLog(t *testing.T) {
	f := newFake(t)
	f.rows("oe_hdr")
	var log strings.Builder
	var mu sync.Mutex
	erp, err := Open(Config{URL: f.URL, API: "middleware", Username: "api", Password: "secret-password"},
		slog.New(slog.NewTextHandler(writerFunc(func(b []byte) (int, error) { mu.Lock(); defer mu.Unlock(); return log.Write(b) }), &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := erp.FindOrders(context.Background(), "xc-main-1"); err != nil {
		t.Fatal(err)
	}
	if mu.Lock(); log.Len() == 0 || strings.Contains(log.String(), "token-") || strings.Contains(log.String(), "secret") {
		t.Errorf("the log: %s", log.String())
	}
	mu.Unlock()
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

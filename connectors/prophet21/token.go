package prophet21

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/cart21/cart21/connectors"
)

// tokens keeps one token for the whole process: each token call opens a session
// in the middleware and may end an earlier one.
type tokens struct {
	client *connectors.Client
	url    string
	body   any // the credentials
	group  singleflight.Group

	mu      sync.Mutex
	token   string
	refresh time.Time // when to get a new one
}

const (
	refreshEarly    = 5 * time.Minute
	defaultLifetime = 50 * time.Minute // when the answer does not tell
)

func newTokens(client *connectors.Client, cfg Config, path string) *tokens {
	t := &tokens{client: client, url: cfg.URL + path}
	if cfg.ClientSecret != "" {
		t.body = map[string]string{"ClientSecret": cfg.ClientSecret, "GrantType": "client_credentials"}
	} else {
		t.body = map[string]string{"username": cfg.Username, "password": cfg.Password}
	}
	return t
}

// get returns a token that is good for some minutes. Callers that need a new
// one at the same time share one call, which no single caller's end cancels.
func (t *tokens) get(ctx context.Context) (string, error) {
	t.mu.Lock()
	token, fresh := t.token, time.Now().Before(t.refresh)
	t.mu.Unlock()
	if token != "" && fresh {
		return token, nil
	}
	call := t.group.DoChan("token", func() (any, error) {
		// Another flight may have landed since the look above.
		t.mu.Lock()
		token, fresh := t.token, time.Now().Before(t.refresh)
		t.mu.Unlock()
		if token != "" && fresh {
			return token, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		return t.fetch(ctx)
	})
	select {
	case result := <-call:
		if result.Err != nil {
			return "", result.Err
		}
		return result.Val.(string), nil
	case <-ctx.Done():
		return "", t.client.Fail(connectors.Unavailable, "get a token", "the call was cancelled", ctx.Err())
	}
}

// drop forgets a token that was refused, unless another caller already has a
// newer one.
func (t *tokens) drop(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == token {
		t.token = ""
	}
}

func (t *tokens) fetch(ctx context.Context) (string, error) {
	const operation = "get a token"
	body, err := json.Marshal(t.body)
	if err != nil {
		return "", t.client.Fail(connectors.Malformed, operation, "the credentials cannot be written", nil)
	}
	resp, err := follow(ctx, t.client, connectors.Request{Operation: operation, Method: http.MethodPost, URL: t.url, Header: header(""), Body: body})
	if err != nil {
		return "", err
	}
	switch {
	case resp.Status == http.StatusUnauthorized, resp.Status == http.StatusForbidden, resp.Status == http.StatusBadRequest:
		return "", failed(t.client, connectors.Unauthorised, operation, resp.Status,
			"Prophet 21 refused the credentials: check P21_USERNAME and P21_PASSWORD (or P21_CLIENT_SECRET), and that the account may use the API")
	case resp.Status == http.StatusNotFound, resp.Status < 500 && resp.Status >= 300:
		// Not NotFound: a caller would take it for "there is no such order".
		return "", failed(t.client, connectors.Malformed, operation, resp.Status, "no tokens are given here: check P21_URL and P21_API")
	case resp.Status >= 300:
		return "", failed(t.client, connectors.Unavailable, operation, resp.Status, "")
	}
	token, lifetime := parseToken(resp.Body)
	if token == "" {
		switch body := bytes.TrimSpace(resp.Body); {
		case bytes.HasPrefix(body, []byte("<")):
			return "", failed(t.client, connectors.Unavailable, operation, resp.Status, "a page came instead of a token")
		case bytes.HasPrefix(body, []byte("{")) && !json.Valid(body):
			return "", failed(t.client, connectors.Unavailable, operation, resp.Status, "the answer broke off")
		}
		return "", failed(t.client, connectors.Malformed, operation, resp.Status, "the answer holds no token")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.token = token
	t.refresh = time.Now().Add(max(lifetime-refreshEarly, lifetime/2))
	return token, nil
}

// parseToken reads a token in any of the three forms that were seen: JSON, XML
// even when JSON was asked for, and the bare token.
func parseToken(body []byte) (token string, lifetime time.Duration) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	var doc struct {
		XMLName          xml.Name
		AccessToken      string
		ExpiresInSeconds int64 // user credentials
		ExpiresIn        int64 // consumer key
	}
	switch {
	case len(body) == 0 || len(body) > 64<<10:
		return "", 0
	case body[0] == '{':
		var numbers struct {
			AccessToken                 string
			Token                       string // a gateway's word for it
			ExpiresInSeconds, ExpiresIn connectors.Number
		}
		if json.Unmarshal(body, &numbers) != nil {
			return "", 0
		}
		doc.AccessToken = numbers.AccessToken + numbers.Token
		doc.ExpiresInSeconds, doc.ExpiresIn = numbers.ExpiresInSeconds.IntPart(), numbers.ExpiresIn.IntPart()
	case body[0] == '<':
		if xml.Unmarshal(body, &doc) != nil {
			return "", 0
		}
	default:
		doc.AccessToken = strings.Trim(string(body), `"`)
	}
	if strings.ContainsFunc(doc.AccessToken, func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' || r == '{' }) {
		return "", 0 // an error page, not a token
	}
	seconds := max(doc.ExpiresInSeconds, doc.ExpiresIn)
	if seconds <= 0 {
		return doc.AccessToken, defaultLifetime
	}
	return doc.AccessToken, time.Duration(min(seconds, 24*3600)) * time.Second
}

func header(token string) http.Header {
	h := http.Header{"Accept": {"application/json"}, "Content-Type": {"application/json"}}
	if token != "" {
		h.Set("Authorization", "Bearer "+token)
	}
	return h
}

package erp

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"
	"sync"
	"time"
)

// neverExpires is what a consumer key made as "never expire" reports.
const neverExpires = 20 * 365 * 24 * time.Hour

// tokens are the open middleware sessions.
type tokens struct {
	mu     sync.Mutex
	expiry map[string]time.Time
}

func newTokens() *tokens { return &tokens{expiry: map[string]time.Time{}} }

func (t *tokens) revoke() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.expiry)
}

func (t *tokens) issue(user string, now time.Time, life time.Duration, alone bool) (token, session string) {
	session = rand.Text()
	encode := func(v any) string {
		text, _ := json.Marshal(v) // a map of strings and numbers
		return base64.RawURLEncoding.EncodeToString(text)
	}
	token = encode(map[string]string{"alg": "HS256", "typ": "JWT"}) + "." + encode(map[string]any{
		"sub": user, "aud": "P21.Soa", "iss": "P21.Soa", "P21.SessionId": session, "exp": now.Add(life).Unix(),
	}) + "." + rand.Text()
	t.mu.Lock()
	defer t.mu.Unlock()
	if alone {
		clear(t.expiry)
	}
	t.expiry[token] = now.Add(life)
	return token, session
}

func (t *tokens) valid(token string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	expiry, ok := t.expiry[token]
	return ok && now.Before(expiry)
}

// RevokeTokens ends every session, as a restart of the middleware does.
func (e *ERP) RevokeTokens() { e.tokens.revoke() }

func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

func (e *ERP) signedIn(r *http.Request) bool { return e.tokens.valid(bearer(r), e.options.Now()) }

// guarded lets a request in only with a token that is good.
func (e *ERP) guarded(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !e.signedIn(r) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "invalid_grant", "error_description": "The access token is missing, invalid or expired."})
			return
		}
		h.ServeHTTP(w, r)
	})
}

// grant is the answer to a token request. User credentials and consumer keys
// name the lifetime differently.
type grant struct {
	XMLName          xml.Name `json:"-" xml:"Token"`
	AccessToken      string
	TokenType        string
	RefreshToken     string
	ExpiresInSeconds int64  `json:",omitempty" xml:",omitempty"`
	ExpiresIn        int64  `json:",omitempty" xml:",omitempty"`
	Scope            string `json:",omitempty" xml:",omitempty"`
	SessionID        string `json:"SessionId,omitempty" xml:"SessionId,omitempty"`
	UserName         string `json:",omitempty" xml:",omitempty"`
	ConsumerUID      string `json:"ConsumerUid,omitempty" xml:"ConsumerUid,omitempty"`
}

// tokenV2 takes user credentials or a consumer key in the body.
func (e *ERP) tokenV2(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Username, Password, ClientSecret, GrantType string
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&ask); err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": "invalid_request"})
		return
	}
	switch {
	case ask.ClientSecret != "":
		if ask.GrantType != "client_credentials" || !e.knowsSecret(ask.ClientSecret) {
			writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
			return
		}
		token, session := e.tokens.issue(ask.Username, e.options.Now(), neverExpires, e.options.OneToken)
		e.writeGrant(w, r, grant{AccessToken: token, TokenType: "Bearer", ExpiresIn: int64(neverExpires / time.Second),
			Scope: "/api /uiserver0 /odata", SessionID: session, UserName: ask.Username, ConsumerUID: "1"})
	case e.knowsUser(ask.Username, ask.Password):
		e.writeGrant(w, r, e.userGrant(ask.Username))
	default:
		writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "invalid_grant"})
	}
}

// tokenV1 takes user credentials in HTTP headers and no body.
func (e *ERP) tokenV1(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength < 0 {
		writeHTML(w, http.StatusLengthRequired, "Length Required")
		return
	}
	if !e.knowsUser(r.Header.Get("username"), r.Header.Get("password")) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte("<TokenError><Error>invalid_grant</Error></TokenError>"))
		return
	}
	e.writeGrant(w, r, e.userGrant(r.Header.Get("username")))
}

func (e *ERP) userGrant(user string) grant {
	life := e.options.TokenLifetime
	token, _ := e.tokens.issue(user, e.options.Now(), life, e.options.OneToken)
	return grant{AccessToken: token, TokenType: "Bearer", RefreshToken: rand.Text(), ExpiresInSeconds: int64(life / time.Second)}
}

func (e *ERP) writeGrant(w http.ResponseWriter, r *http.Request, g grant) {
	if e.options.TokenXML || strings.Contains(r.Header.Get("Accept"), "xml") {
		text, _ := xml.Marshal(g) // strings and numbers
		w.Header().Set("Content-Type", "application/xml")
		_, _ = w.Write(text)
		return
	}
	writeJSON(w, http.StatusOK, g)
}

func (e *ERP) knowsUser(user, password string) bool {
	return same(user, e.options.Username) && same(password, e.options.Password)
}

func (e *ERP) knowsSecret(secret string) bool {
	return e.options.ClientSecret != "" && same(secret, e.options.ClientSecret)
}

func same(x, y string) bool { return subtle.ConstantTimeCompare([]byte(x), []byte(y)) == 1 }

package main

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// session is what the cookie of one who is signed in says.
type session struct {
	Name     string `json:"name"`
	Password string `json:"password"` // digest of the hash it began with: a new password ends the session
}

const (
	sessionPurpose = "session"
	noticePurpose  = "notice"
)

// user is who makes a request: whom the proxy in front has signed in, or whose
// session the cookie holds. What they may do is looked up every time.
func (c *console) user(r *http.Request) (user, bool) {
	if name := c.proxied(r); name != "" {
		if u, known := c.users[name]; known {
			return u, true
		}
		return user{Name: name, Role: role(c.settings.ProxyRole)}, true
	}
	cookie, err := r.Cookie(c.cookieName(sessionPurpose))
	if err != nil {
		return user{}, false
	}
	var s session
	if c.key.Read(sessionPurpose, cookie.Value, c.now(), &s) != nil {
		return user{}, false
	}
	u, known := c.users[s.Name]
	if !known || u.hash == noPassword || s.Password != c.key.Digest(u.hash) {
		return user{}, false
	}
	return u, true
}

// proxied is whom a trusted proxy names; empty when there is none.
func (c *console) proxied(r *http.Request) string {
	if c.settings.ProxyHeader == "" || !c.fromProxy(r) {
		return ""
	}
	names := r.Header.Values(c.settings.ProxyHeader)
	if len(names) != 1 || validName(names[0]) != nil {
		return "" // two may be one that the visitor sent and one of the proxy
	}
	return names[0]
}

func (c *console) fromProxy(r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && slices.ContainsFunc(c.proxies, func(n netip.Prefix) bool { return n.Contains(from.Addr().Unmap()) })
}

// remote is from where a request comes: behind a trusted proxy what that saw.
func (c *console) remote(r *http.Request) string {
	if seen := r.Header.Values("X-Forwarded-For"); c.fromProxy(r) && len(seen) > 0 {
		all := strings.Split(seen[len(seen)-1], ",")
		return network(strings.TrimSpace(all[len(all)-1])) // what stands before it the visitor may have sent
	}
	return network(r.RemoteAddr)
}

type signInView struct {
	frame
	Name, Next string
}

func (c *console) signInPage(w http.ResponseWriter, r *http.Request) {
	c.render(w, http.StatusOK, "sign-in", signInView{frame: c.frame(w, r, "Sign in"), Next: local(r.FormValue("next"))})
}

func (c *console) signIn(w http.ResponseWriter, r *http.Request) {
	name, password := strings.TrimSpace(r.PostFormValue("name")), r.PostFormValue("password")
	again := func(status int, why string) {
		view := signInView{frame: c.frame(w, r, "Sign in"), Name: name, Next: local(r.PostFormValue("next"))}
		view.Problem = why
		c.render(w, status, "sign-in", view)
	}
	if !c.limits.allow(name, c.remote(r)) {
		c.logger.Warn("too many sign-ins were tried")
		w.Header().Set("Retry-After", "60")
		again(http.StatusTooManyRequests, "That was tried too often. Wait a minute, and try again.")
		return
	}
	u, right := c.compare(r, name, password)
	if !right {
		c.logger.Warn("a sign-in was refused") // without the name: people type passwords there
		again(http.StatusUnauthorized, "Name and password do not fit.")
		return
	}
	if !c.setCookie(w, r, sessionPurpose, session{Name: u.Name, Password: c.key.Digest(u.hash)}, c.settings.Session) {
		return
	}
	http.Redirect(w, r, local(r.PostFormValue("next")), http.StatusSeeOther)
}

// compare bounds how many passwords are hashed at a time: each takes a core.
func (c *console) compare(r *http.Request, name, password string) (user, bool) {
	select {
	case c.limits.hashing <- struct{}{}:
		defer func() { <-c.limits.hashing }()
		return c.users.authenticate(name, password)
	case <-r.Context().Done():
		return user{}, false
	}
}

func (c *console) signOut(w http.ResponseWriter, r *http.Request) {
	c.dropCookie(w, sessionPurpose)
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
}

func (c *console) askToSignIn(w http.ResponseWriter, r *http.Request) {
	next := "/"
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		next = r.URL.RequestURI()
	}
	http.Redirect(w, r, "/sign-in?next="+url.QueryEscape(local(next)), http.StatusSeeOther)
}

// local is a path of ours: nobody is led elsewhere after signing in.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.Contains(next, "\\") {
		return "/"
	}
	return next
}

// cookieName is bound to this host by browsers, where TLS lets it be.
func (c *console) cookieName(purpose string) string {
	if c.https() {
		return "__Host-cart21-" + purpose
	}
	return "cart21-" + purpose
}

func (c *console) setCookie(w http.ResponseWriter, r *http.Request, purpose string, content any, lasts time.Duration) bool {
	value, err := c.key.Sign(purpose, content, c.now().Add(lasts))
	if err != nil {
		c.broken(w, r, err)
		return false
	}
	c.writeCookie(w, purpose, value, int(lasts.Seconds()))
	return true
}

func (c *console) dropCookie(w http.ResponseWriter, purpose string) {
	c.writeCookie(w, purpose, "", -1)
}

func (c *console) writeCookie(w http.ResponseWriter, purpose, value string, maxAge int) {
	// Lax, not Strict: whoever follows the link of an alert is signed in there too.
	http.SetCookie(w, &http.Cookie{Name: c.cookieName(purpose), Value: value, Path: "/", MaxAge: maxAge,
		Secure: c.https(), HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

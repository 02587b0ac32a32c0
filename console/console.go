package main

import (
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cart21/cart21/console/signed"
)

// console answers the pages.
type console struct {
	settings settings
	key      signed.Key
	users    users
	proxies  []netip.Prefix
	limits   *limits
	logger   *slog.Logger
	now      func() time.Time
	desk     atomic.Pointer[desk] // nil until Temporal is there
}

func newConsole(s settings, logger *slog.Logger, now func() time.Time) (*console, error) {
	key, err := signed.NewKey(s.Console.Secret)
	if err != nil {
		return nil, err
	}
	all, err := s.users()
	if err != nil {
		return nil, err
	}
	proxies, err := s.proxies()
	if err != nil {
		return nil, err
	}
	return &console{settings: s, key: key, users: all, proxies: proxies, limits: newLimits(now), logger: logger, now: now}, nil
}

// open lets the pages answer: until then they say that Temporal is awaited.
func (c *console) open(d desk) { c.desk.Store(&d) }

// mostPosted bounds what a form may send, in bytes.
const mostPosted = 64 << 10

func (c *console) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /style.css", serveStyle)
	mux.HandleFunc("GET /sign-in", c.signInPage)
	mux.HandleFunc("POST /sign-in", c.signIn)
	mux.HandleFunc("POST /sign-out", c.signOut)
	mux.HandleFunc("GET /{$}", c.forUsers(viewer, c.listPage))
	mux.HandleFunc("GET /process/{id...}", c.forUsers(viewer, c.processPage))
	mux.HandleFunc("POST /decide/{id...}", c.forUsers(reviewer, c.decide))
	mux.HandleFunc("POST /resolve/{id...}", c.forUsers(operator, c.resolve))
	mux.HandleFunc("GET "+signed.LinkPath+"{token}", c.withDesk(c.linkPage))
	mux.HandleFunc("POST "+signed.LinkPath+"{token}", c.withDesk(c.decideByLink))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		c.fail(w, r, http.StatusNotFound, "There is no such page.")
	})
	return c.secured(mux)
}

// secured puts before all pages what keeps other sites from using them.
func (c *console) secured(pages http.Handler) http.Handler {
	sameOrigin := http.NewCrossOriginProtection()
	// The proxy in front may call this by another host name than browsers do. The
	// settings have seen to it that this is an address.
	if err := sameOrigin.AddTrustedOrigin(origin(c.settings.Console.URL)); err != nil {
		c.logger.Warn("CONSOLE_URL has no origin that could be trusted", "error", err)
	}
	sameOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.fail(w, r, http.StatusForbidden, "This was sent from another site, and nothing was done. Is CONSOLE_URL the address in your browser?")
	}))
	protected := sameOrigin.Handler(pages)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin") // no-referrer would take the Origin from our own forms
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if c.https() {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		r.Body = http.MaxBytesReader(w, r.Body, mostPosted)
		protected.ServeHTTP(w, r)
	})
}

// https reports whether browsers reach the console over TLS.
func (c *console) https() bool { return strings.HasPrefix(c.settings.Console.URL, "https://") }

// origin is scheme and host of an address.
func origin(address string) string {
	scheme, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}

// deskPage is a page that asks the processes.
type deskPage func(http.ResponseWriter, *http.Request, desk)

// withDesk answers with 503 until Temporal is there.
func (c *console) withDesk(page deskPage) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		d := c.desk.Load()
		if d == nil {
			w.Header().Set("Retry-After", "10")
			c.fail(w, r, http.StatusServiceUnavailable, "Temporal is not there yet. Try again in a moment.")
			return
		}
		page(w, r, *d)
	}
}

// forUsers lets in who is signed in with that role at least.
func (c *console) forUsers(needed role, page deskPage) http.HandlerFunc {
	return c.withDesk(func(w http.ResponseWriter, r *http.Request, d desk) {
		u, signedIn := c.user(r)
		switch {
		case !signedIn:
			c.askToSignIn(w, r)
		case !u.Role.may(needed):
			c.fail(w, r, http.StatusForbidden, "This needs the role "+string(needed)+"; yours is "+string(u.Role)+". Nothing was done.")
		default:
			page(w, r, d)
		}
	})
}

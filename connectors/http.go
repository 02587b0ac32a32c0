// Package connectors holds what both systems' connectors stand on: one HTTP
// client with time-outs, limits, a circuit breaker and a token bucket, and one
// error type that says what can be done about a failure.
//
// A connector speaks to one system. It knows nothing of Temporal and nothing of
// the other system.
package connectors

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/sony/gobreaker/v2"
	"golang.org/x/time/rate"
)

// Limits are the bounds within which a [Client] talks to its system.
type Limits struct {
	Timeout      time.Duration // for one call, answer read
	MaxBody      int64         // bytes of an answer
	Concurrency  int           // calls at a time
	PerSecond    float64       // token bucket of this process; 0 = no limit
	BreakAfter   uint32        // consecutive failures that open the breaker
	BreakFor     time.Duration // how long it stays open
	CAFile       string        // additional root certificates (PEM)
	DisableHTTP2 bool
}

// Client calls one system over HTTP.
type Client struct {
	system string
	limits Limits
	http   *http.Client
	bucket *rate.Limiter
	slots  chan struct{}
	brk    *gobreaker.CircuitBreaker[*Response]
	log    *slog.Logger
	// OnCall, when set, is told of every call: for metrics.
	OnCall func(operation string, kind Kind, took time.Duration)
}

// Request is one call. Operation names it for people, without keys or personal data.
type Request struct {
	Operation string
	Method    string
	URL       string
	Header    http.Header
	Body      []byte
	// Write marks a call that changes something: when its answer is lost the
	// outcome is unknown.
	Write bool
}

// Response is an answer, read whole.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// NewClient makes a client for a system; system is its name for people.
func NewClient(system string, limits Limits, log *slog.Logger) (*Client, error) {
	if limits.Timeout <= 0 {
		limits.Timeout = 30 * time.Second
	}
	if limits.MaxBody <= 0 {
		limits.MaxBody = 32 << 20
	}
	if limits.Concurrency <= 0 {
		limits.Concurrency = 4
	}
	if limits.BreakAfter == 0 {
		limits.BreakAfter = 8
	}
	if limits.BreakFor <= 0 {
		limits.BreakFor = 15 * time.Second
	}
	transport := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxIdleConns:           2 * limits.Concurrency,
		MaxIdleConnsPerHost:    2 * limits.Concurrency,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
		ForceAttemptHTTP2:      !limits.DisableHTTP2,
	}
	if limits.DisableHTTP2 {
		transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	if limits.CAFile != "" {
		pem, err := os.ReadFile(limits.CAFile)
		if err != nil {
			return nil, fmt.Errorf("reading the CA file for %s: %w", system, err)
		}
		roots, err := x509.SystemCertPool()
		if err != nil {
			roots = x509.NewCertPool()
		}
		if !roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("the CA file %s for %s holds no PEM certificate", limits.CAFile, system)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	}
	c := &Client{
		system: system, limits: limits, log: log,
		http:  &http.Client{Transport: transport, CheckRedirect: noRedirect},
		slots: make(chan struct{}, limits.Concurrency),
	}
	if limits.PerSecond > 0 {
		c.bucket = rate.NewLimiter(rate.Limit(limits.PerSecond), max(1, int(limits.PerSecond)))
	}
	c.brk = gobreaker.NewCircuitBreaker[*Response](gobreaker.Settings{
		Name:        system,
		MaxRequests: 1,
		Timeout:     limits.BreakFor,
		ReadyToTrip: func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= limits.BreakAfter },
		// Only a system that can't serve trips the breaker; a refused document does not.
		IsSuccessful: func(err error) bool {
			kind := KindOf(err)
			return kind != Unavailable && kind != OutcomeUnknown
		},
		OnStateChange: func(name string, from, to gobreaker.State) {
			log.Warn("circuit breaker changed", "system", name, "from", from.String(), "to", to.String())
		},
	})
	return c, nil
}

// System is the name of the system for people.
func (c *Client) System() string { return c.system }

// Fail makes an error of this system.
func (c *Client) Fail(kind Kind, operation, detail string, err error) *Error {
	return &Error{Kind: kind, System: c.system, Operation: operation, Detail: detail, Err: err}
}

// BreakerState is "closed", "half-open" or "open".
func (c *Client) BreakerState() string { return c.brk.State().String() }

// Do sends a request and reads the answer whole. It returns an *Error when no
// usable answer came, or for 429, 502, 503, 504; every other status, redirects
// included, is the connector's to judge.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	if c.bucket != nil {
		if err := c.bucket.Wait(ctx); err != nil {
			return nil, c.Fail(Unavailable, r.Operation, "waited for the rate limit in vain", err)
		}
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return nil, c.Fail(Unavailable, r.Operation, "waited for a free slot in vain", ctx.Err())
	}
	start := time.Now()
	resp, err := c.brk.Execute(func() (*Response, error) { return c.send(ctx, r) })
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		e := c.Fail(Unavailable, r.Operation, "not called: it failed repeatedly, the circuit breaker is open", nil)
		e.RetryAfter = c.limits.BreakFor
		err = e
	}
	if c.OnCall != nil {
		c.OnCall(r.Operation, KindOf(err), time.Since(start))
	}
	c.log.Debug("call", "system", c.system, "operation", r.Operation, "method", r.Method,
		"took", time.Since(start), "kind", string(KindOf(err)))
	return resp, err
}

func (c *Client) send(ctx context.Context, r Request) (*Response, error) {
	ctx, cancel := context.WithTimeout(ctx, c.limits.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		// The error of net/url quotes the URL, which may hold a key.
		return nil, c.Fail(Malformed, r.Operation, "cannot make a request: the configured URL is not valid", nil)
	}
	for k, v := range r.Header {
		req.Header[k] = v
	}
	lost := Unavailable
	if r.Write {
		lost = OutcomeUnknown
	}
	resp, err := c.http.Do(req)
	if err != nil {
		kind := lost
		if neverSent(err) {
			kind = Unavailable
		}
		return nil, c.Fail(kind, r.Operation, plainReason(err), nil)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, c.limits.MaxBody+1))
	if err != nil {
		return nil, c.Fail(lost, r.Operation, "the answer broke off", nil)
	}
	if int64(len(body)) > c.limits.MaxBody {
		return nil, c.Fail(Malformed, r.Operation, fmt.Sprintf("the answer is larger than %d bytes", c.limits.MaxBody), nil)
	}
	out := &Response{Status: resp.StatusCode, Header: resp.Header, Body: body}
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		return nil, c.busy(RateLimited, r, out)
	case http.StatusServiceUnavailable:
		return nil, c.busy(Unavailable, r, out)
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		return nil, c.busy(lost, r, out)
	}
	return out, nil
}

func (c *Client) busy(kind Kind, r Request, resp *Response) *Error {
	e := c.Fail(kind, r.Operation, "", nil)
	e.Status = resp.Status
	e.RetryAfter = RetryAfter(resp.Header, time.Now())
	return e
}

// RetryAfter reads a Retry-After header in both its forms, seconds and date;
// zero when there is none.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if n, err := strconv.Atoi(v); err == nil {
		return time.Duration(min(max(n, 0), 24*3600)) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil && t.After(now) {
		return min(t.Sub(now), 24*time.Hour)
	}
	return 0
}

// noRedirect hands a redirect to the connector instead of following it: it would
// carry our key to another host, in a header or as the Referer, and turn a PUT
// into a GET that writes nothing and looks like a success.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// neverSent reports whether a request certainly did not reach the system, so
// that even a write may be tried again.
func neverSent(err error) bool {
	var dns *net.DNSError
	var op *net.OpError
	var cert *tls.CertificateVerificationError
	return errors.As(err, &dns) || errors.As(err, &cert) || (errors.As(err, &op) && op.Op == "dial")
}

// plainReason tells a transport error without the URL, which may hold a key.
func plainReason(err error) string {
	var timeout net.Error
	var op *net.OpError
	var cert *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.Canceled):
		return "the call was cancelled"
	case errors.As(err, &cert):
		return "its certificate is not trusted (" + cert.Err.Error() + "); give the CA file if it is your own"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.As(err, &op):
		return op.Op + ": " + op.Err.Error()
	default:
		return "the connection broke"
	}
}

// Package connectors holds what both systems' connectors stand on: one HTTP
// client with time-outs, limits, a circuit breaker and a token bucket, and one
// error type that says what can be done about a failure.
//
// A connector speaks to one system. It knows nothing of Temporal and nothing of
// the other system.
package connectors

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/time/rate"
)

// Limits are the bounds within which a [Client] talks to its system.
type Limits struct {
	Timeout      time.Duration // for one call, answer read
	MaxBody      int64         // bytes of an answer
	Concurrency  int           // calls at a time
	PerSecond    float64       // token bucket of this process; 0 = no limit
	BreakAfter   uint32        // consecutive failures that open the breaker
	BreakFor     time.Duration // how long it stays open, doubling while the system keeps failing
	BreakLongest time.Duration // up to this
	CAFile       string        // additional root certificates (PEM)
	DisableHTTP2 bool
	Observer     Observer // told of every call; nil = nobody
}

// Observer is told what a [Client] does: for metrics.
type Observer interface {
	Called(Call)
	BreakerTurned(system string, state BreakerState)
}

// Held is the outcome of a call that was not made.
const Held = "held"

// Call is one call as an [Observer] sees it.
type Call struct {
	System    string
	Operation string        // what was done, without any ids: "read order"
	Outcome   string        // "ok", the kind of the failure, "refused", or Held
	Waited    time.Duration // for the rate limit and a free slot
	Took      time.Duration // the call itself
}

// Client calls one system over HTTP.
type Client struct {
	system string
	limits Limits
	http   *http.Client
	bucket *rate.Limiter
	slots  chan struct{}
	brk    *breaker
	log    *slog.Logger
	// secrets are kept out of errors; see Conceal.
	secrets []string
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
	// Judge, when set, tells the kind of failure that the connector will read
	// from an answer. With it a system that answers every call with an internal
	// error opens the breaker, and a 502, 503 or 504 that the system itself
	// wrote is told from a proxy's.
	Judge func(*Response) Kind
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
		limits.BreakFor = 5 * time.Second
	}
	if limits.BreakLongest <= 0 {
		limits.BreakLongest = time.Minute
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
	c.brk = newBreaker(system, limits, log)
	return c, nil
}

// System is the name of the system for people.
func (c *Client) System() string { return c.system }

// Fail makes an error of this system; detail is what it said, taken down without
// keys and e-mail addresses.
func (c *Client) Fail(kind Kind, operation, detail string, err error) *Error {
	return &Error{Kind: kind, System: c.system, Operation: operation, Detail: c.redact(detail), Err: err}
}

// BreakerState says whether the system is called now.
func (c *Client) BreakerState() BreakerState { return c.brk.state() }

// Do sends a request and reads the answer whole. It returns an *Error when no
// usable answer came, for 429 and a 503 that says when to come again, and for
// 502, 503 and 504 unless the request has a Judge; every other status, redirects
// included, is the connector's to judge.
// While the breaker is open it fails at once, with the time to the next try.
//
// A read that fails at once for want of an answer is asked again: a step makes up
// to a dozen calls, and one dropped connection should not repeat them all. A
// write never is.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	const tries, atOnce = 3, 2 * time.Second
	start := time.Now()
	resp, kind, err := c.once(ctx, r)
	for try := 1; try < tries && !r.Write && worthAsking(kind, err) && time.Since(start) < atOnce; try++ {
		select {
		case <-time.After(rand.N(200 * time.Millisecond * time.Duration(try))):
		case <-ctx.Done():
			return resp, err
		}
		start = time.Now()
		again, kindAgain, errAgain := c.once(ctx, r)
		if isHeld(errAgain) {
			return resp, err // the breaker opened: what opened it says more
		}
		resp, kind, err = again, kindAgain, errAgain
	}
	return resp, err
}

// worthAsking reports whether a read may do better at once: not when the system
// said when to come again, nor when it is held back.
func worthAsking(kind Kind, err error) bool {
	var failed *Error
	return kind == Unavailable && (!errors.As(err, &failed) || (!failed.Held && failed.RetryAfter == 0 && failed.Err == nil))
}

func isHeld(err error) bool {
	var failed *Error
	return errors.As(err, &failed) && failed.Held
}

// once makes one call. The kind of its failure is told even where the answer is
// the connector's to judge.
func (c *Client) once(ctx context.Context, r Request) (resp *Response, kind Kind, err error) {
	asked := time.Now()
	if left := c.brk.left(); left > 0 {
		return nil, Unavailable, c.held(r, left)
	}
	if c.bucket != nil {
		if err := c.bucket.Wait(ctx); err != nil {
			return nil, Unavailable, c.Fail(Unavailable, r.Operation, "waited for the rate limit in vain", err)
		}
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return nil, Unavailable, c.Fail(Unavailable, r.Operation, "waited for a free slot in vain", ctx.Err())
	}
	start := time.Now()
	resp, left, err := c.brk.run(func() (*Response, error) {
		resp, err := c.send(ctx, r)
		var failed *Error
		switch {
		case errors.As(err, &failed) && errors.Is(ctx.Err(), context.Canceled):
			failed.Err = errCancelled // by us: it says nothing about the system
		case err == nil && r.Judge != nil:
			kind = r.Judge(resp)
		}
		if cannotServe(kind) {
			err = &Error{Kind: kind} // for the breaker; the connector tells it better
		}
		return resp, err
	})
	switch {
	case left > 0:
		return nil, Unavailable, c.held(r, left)
	case cannotServe(kind):
		err = nil
	case err != nil:
		kind = KindOf(err)
	case r.Judge == nil && resp.Status >= http.StatusBadRequest:
		kind = "refused"
	}
	c.observe(r, string(cmp.Or(kind, "ok")), start.Sub(asked), time.Since(start))
	return resp, kind, err
}

// held is the failure of a call that was not made.
func (c *Client) held(r Request, left time.Duration) *Error {
	e := c.Fail(Unavailable, r.Operation, "not called: it failed repeatedly or asked to be left alone; the next try is in "+left.Round(time.Second).String(), nil)
	e.RetryAfter, e.Held = left, true
	c.observe(r, Held, 0, 0)
	return e
}

func (c *Client) observe(r Request, outcome string, waited, took time.Duration) {
	c.log.Debug("call", "system", c.system, "operation", r.Operation, "method", r.Method, "took", took, "outcome", outcome)
	if c.limits.Observer != nil {
		c.limits.Observer.Called(Call{System: c.system, Operation: withoutIDs(r.Operation), Outcome: outcome, Waited: waited, Took: took})
	}
}

// withoutIDs is an operation up to the first word that is not made of letters.
func withoutIDs(operation string) string {
	words := strings.Fields(operation)
	for i, w := range words {
		if strings.ContainsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) }) {
			return strings.Join(words[:i], " ")
		}
	}
	return strings.Join(words, " ")
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
	if kind := busy(r, out, lost); kind != "" {
		e := c.Fail(kind, r.Operation, "", nil)
		e.Status = out.Status
		e.RetryAfter = RetryAfter(out.Header, time.Now())
		c.brk.hold(e.RetryAfter)
		return nil, e
	}
	return out, nil
}

// busy tells what an answer means that says "not now", or that a proxy wrote
// because the system behind it did not answer; "" for one that the connector
// judges.
func busy(r Request, resp *Response, lost Kind) Kind {
	asked := resp.Header.Get("Retry-After") != ""
	switch resp.Status {
	case http.StatusTooManyRequests:
		return RateLimited
	case http.StatusServiceUnavailable:
		if asked || r.Judge == nil {
			return Unavailable
		}
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		if r.Judge == nil {
			return lost
		}
	}
	return ""
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

var errCancelled = errors.New("the call was cancelled")

// plainReason tells a transport error without the URL, which may hold a key.
func plainReason(err error) string {
	var timeout net.Error
	var op *net.OpError
	var cert *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.Canceled):
		return ""
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

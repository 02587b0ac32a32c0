package shop

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// FaultKind names what goes wrong.
type FaultKind string

// The faults that a shop, and the network before it, show.
const (
	NoFault            FaultKind = ""
	TimeoutAfterCommit FaultKind = "timeout after commit" // the work is done, the answer never comes
	TimeoutBefore      FaultKind = "timeout before"       // nothing is done, no answer comes
	StatusFault        FaultKind = "status"               // Status, with Retry-After when set
	HTMLPage           FaultKind = "html page"            // a page instead of JSON, as while the cache is rebuilt
	TruncatedJSON      FaultKind = "truncated json"       // the work is done, half the answer comes
	SlowFault          FaultKind = "slow"                 // Delay, then all is well
)

// Fault is one thing to go wrong with one request.
type Fault struct {
	Kind       FaultKind
	Status     int           // of StatusFault (default 503) and HTMLPage (default 200)
	RetryAfter time.Duration // of StatusFault
	Delay      time.Duration // before the fault shows
}

// Status is a fault that answers with a status code, before any work is done.
func Status(code int, retryAfter time.Duration) Fault {
	return Fault{Kind: StatusFault, Status: code, RetryAfter: retryAfter}
}

// Slow is a fault that only takes time.
func Slow(d time.Duration) Fault { return Fault{Kind: SlowFault, Delay: d} }

// tally counts requests by class and faults by kind.
type tally struct {
	mu     sync.Mutex
	calls  map[string]int
	faults map[string]int
}

func newTally() *tally { return &tally{calls: map[string]int{}, faults: map[string]int{}} }

// TotalCalls is the key of Calls that counts all requests.
const TotalCalls = "total"

func (t *tally) call(class string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls[class]++
	t.calls[TotalCalls]++
}

func (t *tally) fault(kind FaultKind) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults[string(kind)]++
}

// Calls counts the requests seen, by "METHOD path-class" such as
// "PUT order/{id}" or "GET /api/orders", and all of them under TotalCalls.
func (s *Shop) Calls() map[string]int {
	s.tally.mu.Lock()
	defer s.tally.mu.Unlock()
	return maps.Clone(s.tally.calls)
}

// FaultCounts counts the faults played, by kind.
func (s *Shop) FaultCounts() map[string]int {
	s.tally.mu.Lock()
	defer s.tally.mu.Unlock()
	return maps.Clone(s.tally.faults)
}

// withFaults stands before an interface: it counts, waits and spoils.
func (s *Shop) withFaults(class func(*http.Request) string, door http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.tally.call(r.Method + " " + class(r))
		var f Fault
		if s.options.Faults != nil {
			f = s.options.Faults(r)
		}
		if f.Kind != NoFault {
			s.tally.fault(f.Kind)
		}
		if pause(r.Context(), s.options.Latency+f.Delay) {
			play(f, door, w, r)
		}
	})
}

func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func play(f Fault, door http.Handler, w http.ResponseWriter, r *http.Request) {
	switch f.Kind {
	case TimeoutAfterCommit:
		door.ServeHTTP(newBuffer(), r)
		panic(http.ErrAbortHandler) // drops the connection without a word
	case TimeoutBefore:
		panic(http.ErrAbortHandler)
	case StatusFault:
		if f.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
		}
		page(w, orDefault(f.Status, http.StatusServiceUnavailable), "<html><body><h1>The server is busy</h1></body></html>")
	case HTMLPage:
		page(w, orDefault(f.Status, http.StatusOK), "<!DOCTYPE html><html><body>We are currently working on our store. Please come back in a minute.</body></html>")
	case TruncatedJSON:
		b := newBuffer()
		door.ServeHTTP(b, r)
		b.sendHalf(w)
	default:
		door.ServeHTTP(w, r)
	}
}

func orDefault(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

func page(w http.ResponseWriter, code int, html string) {
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	w.WriteHeader(code)
	_, _ = w.Write([]byte(html))
}

// buffer keeps an answer instead of sending it.
type buffer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newBuffer() *buffer { return &buffer{header: http.Header{}, status: http.StatusOK} }

func (b *buffer) Header() http.Header         { return b.header }
func (b *buffer) WriteHeader(status int)      { b.status = status }
func (b *buffer) Write(p []byte) (int, error) { return b.body.Write(p) }

// sendHalf sends the answer cut in the middle, as if it were whole: an answer
// of one byte becomes an empty one.
func (b *buffer) sendHalf(w http.ResponseWriter) {
	maps.Copy(w.Header(), b.header)
	w.Header().Del("Content-Length")
	w.WriteHeader(b.status)
	_, _ = w.Write(b.body.Bytes()[:b.body.Len()/2])
}

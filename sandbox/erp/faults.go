package erp

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

// The faults that a Prophet 21 installation, and the network before it, show.
const (
	NoFault            FaultKind = ""
	TimeoutAfterCommit FaultKind = "timeout after commit" // the work is done, the answer never comes
	TimeoutBefore      FaultKind = "timeout before"       // nothing is done, no answer comes
	StatusFault        FaultKind = "status"               // Status, with Retry-After when set
	HTMLPage           FaultKind = "html page"            // a proxy answers instead
	TruncatedJSON      FaultKind = "truncated json"       // the work is done, half the answer comes
	SlowFault          FaultKind = "slow"                 // Delay, then all is well
	PoolError          FaultKind = "pool error"           // a contaminated session
	DropLine           FaultKind = "drop line"            // a create succeeds without its last line
	TokenInvalidated   FaultKind = "token invalidated"    // all tokens end before the request is seen
)

// Fault is one thing to go wrong with one request.
type Fault struct {
	Kind       FaultKind
	Status     int           // of StatusFault (default 503) and HTMLPage (default 502)
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

func (t *tally) call(class string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls[class]++
}

func (t *tally) fault(kind FaultKind) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults[string(kind)]++
}

// Calls counts the requests seen, by "METHOD path-class".
func (e *ERP) Calls() map[string]int {
	e.tally.mu.Lock()
	defer e.tally.mu.Unlock()
	return maps.Clone(e.tally.calls)
}

// FaultCounts counts the faults played, by kind.
func (e *ERP) FaultCounts() map[string]int {
	e.tally.mu.Lock()
	defer e.tally.mu.Unlock()
	return maps.Clone(e.tally.faults)
}

type dropLineKey struct{}

// dropsLine tells whether this request shall lose its last line.
func dropsLine(r *http.Request) bool { return r.Context().Value(dropLineKey{}) != nil }

// withFaults stands before a front door: it counts, waits and spoils.
func (e *ERP) withFaults(door http.Handler, errorPage func(http.ResponseWriter, int)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.tally.call(r.Method + " " + pathClass(r.URL.Path))
		var f Fault
		if e.options.Faults != nil {
			f = e.options.Faults(r)
		}
		if f.Kind != NoFault {
			e.tally.fault(f.Kind)
		}
		if !pause(r.Context(), e.options.Latency+f.Delay) {
			return
		}
		e.play(f, door, errorPage, w, r)
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

func (e *ERP) play(f Fault, door http.Handler, errorPage func(http.ResponseWriter, int), w http.ResponseWriter, r *http.Request) {
	switch f.Kind {
	case TimeoutAfterCommit:
		door.ServeHTTP(newBuffer(), r)
		panic(http.ErrAbortHandler) // drops the connection without a word
	case TimeoutBefore:
		panic(http.ErrAbortHandler)
	case StatusFault:
		setDefault(&f.Status, http.StatusServiceUnavailable)
		if f.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
		}
		errorPage(w, f.Status)
	case HTMLPage:
		setDefault(&f.Status, http.StatusBadGateway)
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(f.Status)
		_, _ = w.Write([]byte("<html><head><title>502 - Web server received an invalid response</title></head><body><h2>502 - Web server received an invalid response while acting as a gateway or proxy server.</h2></body></html>"))
	case TruncatedJSON:
		b := newBuffer()
		door.ServeHTTP(b, r)
		copyHeader(w.Header(), b.header)
		w.WriteHeader(b.status)
		_, _ = w.Write(b.body.Bytes()[:b.body.Len()/2])
	case PoolError:
		errorPage(w, 0)
	case DropLine:
		door.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), dropLineKey{}, true)))
	case TokenInvalidated:
		e.tokens.revoke()
		door.ServeHTTP(w, r)
	default:
		door.ServeHTTP(w, r)
	}
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

func copyHeader(to, from http.Header) {
	for k, v := range from {
		if k != "Content-Length" {
			to[k] = v
		}
	}
}

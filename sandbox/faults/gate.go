package faults

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Gate stands before the interfaces of a simulated system: it counts the calls,
// lets each take its time, and spoils those that are chosen. It is safe for
// concurrent use; set its fields before the first call.
type Gate struct {
	Latency time.Duration             // of every call
	Choose  func(*http.Request) Fault // what shall go wrong with a call; nil for nothing

	mu     sync.Mutex
	calls  map[string]int
	played map[string]int
}

// Interface is how calls and faults look at one interface of a system.
type Interface struct {
	Class      func(*http.Request) string              // the path without ids, or its like, to count by
	Error      func(w http.ResponseWriter, status int) // writes the answer of an ErrorStatus
	PageStatus int                                     // of an HTMLPage
	Page       string                                  // what an HTMLPage shows
	Own        map[Kind]http.HandlerFunc               // answers under a fault that only this system knows
}

// Before puts the gate before a handler.
func (g *Gate) Before(handler http.Handler, look Interface) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var f Fault
		if g.Choose != nil {
			f = g.Choose(r)
		}
		g.count(r.Method+" "+look.Class(r), f.Kind)
		if pause(r.Context(), g.Latency+f.Delay) {
			look.play(f, handler, w, r)
		}
	})
}

// Calls counts the calls seen, by "METHOD class".
func (g *Gate) Calls() map[string]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return maps.Clone(g.calls)
}

// Counts counts the faults played, by kind.
func (g *Gate) Counts() map[string]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return maps.Clone(g.played)
}

func (g *Gate) count(call string, fault Kind) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.calls == nil {
		g.calls, g.played = map[string]int{}, map[string]int{}
	}
	g.calls[call]++
	if fault != None {
		g.played[string(fault)]++
	}
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

func (look Interface) play(f Fault, handler http.Handler, w http.ResponseWriter, r *http.Request) {
	switch f.Kind {
	case None, SlowAnswer:
		handler.ServeHTTP(w, r)
	case TimeoutAfterCommit:
		handler.ServeHTTP(newBuffer(), r)
		panic(http.ErrAbortHandler) // drops the connection without a word
	case TimeoutBefore:
		panic(http.ErrAbortHandler)
	case ErrorStatus:
		if f.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
		}
		look.Error(w, cmp.Or(f.Status, http.StatusServiceUnavailable))
	case HTMLPage:
		w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		w.WriteHeader(cmp.Or(f.Status, look.PageStatus))
		_, _ = w.Write([]byte(look.Page))
	case TruncatedJSON:
		b := newBuffer()
		handler.ServeHTTP(b, r)
		b.sendHalf(w)
	default:
		look.Own[f.Kind](w, r)
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

// sendHalf sends the answer cut in the middle, as if it were whole: an answer
// of one byte becomes an empty one.
func (b *buffer) sendHalf(w http.ResponseWriter) {
	maps.Copy(w.Header(), b.header)
	w.Header().Del("Content-Length")
	w.WriteHeader(b.status)
	_, _ = w.Write(b.body.Bytes()[:b.body.Len()/2])
}

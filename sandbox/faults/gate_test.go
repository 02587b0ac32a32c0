package faults

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

const answer = `{"done":true}`

// look is an interface with one fault of its own.
var look = Interface{
	Class:      func(r *http.Request) string { return r.URL.Path },
	Error:      func(w http.ResponseWriter, status int) { http.Error(w, "busy", status) },
	PageStatus: http.StatusBadGateway,
	Page:       "<html></html>",
	Own:        map[Kind]http.HandlerFunc{"own": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "own") }},
}

func TestWhatAFaultDoesToACall(t *testing.T) {
	for name, c := range map[string]struct {
		fault   Fault
		dropped bool // the connection ends without an answer
		done    bool // the work was done
		status  int
		body    string
		retry   string
		atLeast time.Duration
		uncount bool
	}{
		"none":                 {fault: Fault{}, done: true, status: 201, body: answer, uncount: true},
		"timeout after commit": {fault: Fault{Kind: TimeoutAfterCommit}, dropped: true, done: true},
		"timeout before":       {fault: Fault{Kind: TimeoutBefore}, dropped: true},
		"status":               {fault: Status(429, 1500*time.Millisecond), status: 429, body: "busy\n", retry: "2"},
		"status by default":    {fault: Fault{Kind: ErrorStatus}, status: 503, body: "busy\n"},
		"page":                 {fault: Fault{Kind: HTMLPage}, status: 502, body: "<html></html>"},
		"page with status":     {fault: Fault{Kind: HTMLPage, Status: 200}, status: 200, body: "<html></html>"},
		"truncated":            {fault: Fault{Kind: TruncatedJSON}, done: true, status: 201, body: answer[:len(answer)/2]},
		"slow":                 {fault: Slow(20 * time.Millisecond), done: true, status: 201, body: answer, atLeast: 20 * time.Millisecond},
		"the system's own":     {fault: Fault{Kind: "own"}, status: 200, body: "own"},
	} {
		t.Run(name, func(t *testing.T) {
			var done atomic.Bool
			gate := &Gate{Choose: func(*http.Request) Fault { return c.fault }}
			server := httptest.NewServer(gate.Before(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				done.Store(true)
				w.Header().Set("Content-Length", fmt.Sprint(len(answer)))
				w.WriteHeader(http.StatusCreated)
				fmt.Fprint(w, answer)
			}), look))
			defer server.Close()

			start := time.Now()
			resp, err := http.Post(server.URL+"/orders", "application/json", nil)
			if (err != nil) != c.dropped {
				t.Fatalf("dropped: %v, want %v", err, c.dropped)
			}
			if took := time.Since(start); took < c.atLeast {
				t.Errorf("took %v, want at least %v", took, c.atLeast)
			}
			if done.Load() != c.done {
				t.Errorf("the work was done: %v, want %v", done.Load(), c.done)
			}
			if err == nil {
				defer resp.Body.Close()
				body, err := io.ReadAll(resp.Body)
				if err != nil || resp.StatusCode != c.status || string(body) != c.body || resp.Header.Get("Retry-After") != c.retry {
					t.Errorf("got %d %q, Retry-After %q (%v)", resp.StatusCode, body, resp.Header.Get("Retry-After"), err)
				}
			}
			if got := gate.Calls(); !maps.Equal(got, map[string]int{"POST /orders": 1}) {
				t.Errorf("calls: %v", got)
			}
			want := map[string]int{string(c.fault.Kind): 1}
			if c.uncount {
				want = nil
			}
			if got := gate.Counts(); !maps.Equal(got, want) {
				t.Errorf("faults: %v, want %v", got, want)
			}
		})
	}
}

func TestEveryCallTakesTheLatency(t *testing.T) {
	gate := &Gate{Latency: 20 * time.Millisecond}
	start := time.Now()
	gate.Before(http.NotFoundHandler(), look).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	if took := time.Since(start); took < gate.Latency {
		t.Errorf("took %v", took)
	}
}

package main

import (
	"bytes"
	"crypto/sha256"
	"io"
	"maps"
	"net/http"
	"regexp"
	"sync"

	"github.com/cart21/cart21/sandbox/faults"
)

// lostAnswers loses the answer of the first of every write: it is done, and the
// caller never hears of it. The same write sent again, should somebody do that,
// is answered.
type lostAnswers struct {
	mu   sync.Mutex
	seen map[[sha256.Size]byte]bool
	lost map[string]int // by "METHOD path without ids"
}

func newLostAnswers() *lostAnswers {
	return &lostAnswers{seen: map[[sha256.Size]byte]bool{}, lost: map[string]int{}}
}

// before puts the losses before a system.
func (l *lostAnswers) before(system http.Handler) http.Handler {
	gate := &faults.Gate{Choose: l.choose}
	return gate.Before(system, faults.Interface{Class: withoutIDs})
}

func (l *lostAnswers) choose(r *http.Request) faults.Fault {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return faults.Fault{}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return faults.Fault{} // the system will see it
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	write := sha256.Sum256([]byte(r.Method + " " + r.URL.RequestURI() + "\n" + assigned.ReplaceAllString(string(body), "")))
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen[write] {
		return faults.Fault{}
	}
	l.seen[write] = true
	l.lost[r.Method+" "+withoutIDs(r)]++
	return faults.Fault{Kind: faults.TimeoutAfterCommit}
}

func (l *lostAnswers) counts() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.lost)
}

// unreliable is a system as -lose-answers makes it.
func (w *world) unreliable(system http.Handler) http.Handler {
	if !w.o.lose {
		return system
	}
	return w.lost.before(system)
}

// assigned are the ids that a system gave to a part that was written before: a
// write that is made again, with a new part, is the same write.
var assigned = regexp.MustCompile(`"\w*Id":\s*"?[0-9]+"?`)

var number = regexp.MustCompile(`/[0-9]+`)

// withoutIDs is the path of a call, or what X-Cart 5.4 has in its place.
func withoutIDs(r *http.Request) string {
	path := r.URL.Path
	if resource := r.URL.Query().Get("_path"); resource != "" {
		path = resource
	}
	return number.ReplaceAllString(path, "/{id}")
}

// doubledCustomers are customers that the ERP has more than once by our reference.
func (w *world) doubledCustomers() (surplus int) {
	seen := map[string]bool{}
	for _, c := range w.erp.Customers() {
		if c.LegacyID == "" || c.Deleted {
			continue
		}
		if seen[c.LegacyID] {
			surplus++
		}
		seen[c.LegacyID] = true
	}
	return surplus
}

package erp

import (
	"context"
	"net/http"

	"github.com/cart21/cart21/sandbox/faults"
)

// The faults that only a Prophet 21 installation shows.
const (
	PoolError        faults.Kind = "pool error"        // a contaminated session
	DropLine         faults.Kind = "drop line"         // a create succeeds without its last line
	TokenInvalidated faults.Kind = "token invalidated" // all tokens end before the request is seen
)

// Calls counts the requests seen, by "METHOD path-class".
func (e *ERP) Calls() map[string]int { return e.gate.Calls() }

// FaultCounts counts the faults played, by kind.
func (e *ERP) FaultCounts() map[string]int { return e.gate.Counts() }

type dropLineKey struct{}

// dropsLine tells whether this request shall lose its last line.
func dropsLine(r *http.Request) bool { return r.Context().Value(dropLineKey{}) != nil }

// withFaults puts the gate before a front door, whose errors errorPage writes.
func (e *ERP) withFaults(door http.Handler, errorPage func(http.ResponseWriter, int)) http.Handler {
	return e.gate.Before(door, faults.Interface{
		Class:      func(r *http.Request) string { return pathClass(r.URL.Path) },
		Error:      errorPage,
		PageStatus: http.StatusBadGateway, // a proxy answers instead
		Page:       "<html><head><title>502 - Web server received an invalid response</title></head><body><h2>502 - Web server received an invalid response while acting as a gateway or proxy server.</h2></body></html>",
		Own: map[faults.Kind]http.HandlerFunc{
			PoolError: func(w http.ResponseWriter, _ *http.Request) { errorPage(w, 0) },
			DropLine: func(w http.ResponseWriter, r *http.Request) {
				door.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), dropLineKey{}, true)))
			},
			TokenInvalidated: func(w http.ResponseWriter, r *http.Request) {
				e.tokens.revoke()
				door.ServeHTTP(w, r)
			},
		},
	})
}

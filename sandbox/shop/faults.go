package shop

import (
	"net/http"

	"github.com/cart21/cart21/sandbox/faults"
)

// Calls counts the requests seen, by "METHOD path-class" such as
// "PUT order/{id}" or "GET /api/orders".
func (s *Shop) Calls() map[string]int { return s.gate.Calls() }

// FaultCounts counts the faults played, by kind.
func (s *Shop) FaultCounts() map[string]int { return s.gate.Counts() }

// withFaults puts the gate before an interface.
func (s *Shop) withFaults(class func(*http.Request) string, handler http.Handler) http.Handler {
	return s.gate.Before(handler, faults.Interface{
		Class: class,
		Error: func(w http.ResponseWriter, status int) {
			page(w, status, "<html><body><h1>The server is busy</h1></body></html>")
		},
		PageStatus: http.StatusOK, // as while the cache is rebuilt
		Page:       "<!DOCTYPE html><html><body>We are currently working on our store. Please come back in a minute.</body></html>",
	})
}

// Package faults makes calls to a simulated system go wrong when it is told to,
// as networks, proxies and busy servers do, and counts what it did.
package faults

import "time"

// Kind names what goes wrong. A simulator may add kinds of its own.
type Kind string

// The faults that any system, and the network before it, shows.
const (
	None               Kind = ""
	TimeoutAfterCommit Kind = "timeout after commit" // the work is done, the answer never comes
	TimeoutBefore      Kind = "timeout before"       // nothing is done, no answer comes
	ErrorStatus        Kind = "status"               // Status, with Retry-After when set
	HTMLPage           Kind = "html page"            // a page instead of JSON
	TruncatedJSON      Kind = "truncated json"       // the work is done, half the answer comes
	SlowAnswer         Kind = "slow"                 // Delay, then all is well
)

// Fault is one thing to go wrong with one call. The zero value is none.
type Fault struct {
	Kind       Kind
	Status     int           // of ErrorStatus (default 503) and HTMLPage (default: the interface's)
	RetryAfter time.Duration // of ErrorStatus; sent in whole seconds, rounded up
	Delay      time.Duration // before the fault shows
}

// Status is a fault that answers with a status code, before any work is done.
func Status(code int, retryAfter time.Duration) Fault {
	return Fault{Kind: ErrorStatus, Status: code, RetryAfter: retryAfter}
}

// Slow is a fault that only takes time.
func Slow(d time.Duration) Fault { return Fault{Kind: SlowAnswer, Delay: d} }

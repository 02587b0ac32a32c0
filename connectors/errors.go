package connectors

import (
	"errors"
	"fmt"
	"time"
)

// Kind classes a failure by what can be done about it.
type Kind string

// The kinds of failure.
const (
	// Unavailable: the system could not be reached or said that it cannot
	// serve now; nothing was written. Try again.
	Unavailable Kind = "unavailable"
	// RateLimited: too many calls; try again after RetryAfter.
	RateLimited Kind = "rate-limited"
	// Unauthorised: the credentials are wrong or lack a right.
	Unauthorised Kind = "unauthorised"
	// NotFound: the record does not exist.
	NotFound Kind = "not-found"
	// Rejected: a business rule of the system refuses the document.
	Rejected Kind = "rejected"
	// Unsupported: this version or installation has no way of doing it.
	Unsupported Kind = "unsupported"
	// Malformed: the answer is not what the contract says (schema).
	Malformed Kind = "malformed"
	// Conflict: somebody else changed the record, or it is in a state that
	// does not allow this.
	Conflict Kind = "conflict"
	// OutcomeUnknown: a write was sent and its answer never came. It may have
	// been done: look it up, never blindly send it again.
	OutcomeUnknown Kind = "outcome-unknown"
)

// The systems, by their names for people.
const (
	XCart     = "X-Cart"
	Prophet21 = "Prophet 21"
)

// Error is the one error type of the connectors.
type Error struct {
	Kind       Kind
	System     string // XCart or Prophet21
	Operation  string // what was being done: "read order 4711"
	Status     int    // HTTP status, when there was one
	Detail     string // what the system said, fit for an operator; no secrets, no personal data
	RetryAfter time.Duration
	// Held: the call was not made, because the system is known to be down or
	// asked to be left alone until RetryAfter has passed.
	Held bool
	Err  error
}

func (e *Error) Error() string {
	s := e.System + ": " + e.Operation + ": " + string(e.Kind)
	if e.Status != 0 {
		s += fmt.Sprintf(" (HTTP %d)", e.Status)
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf is the kind of an error of a connector; an error of another make has
// the kind "".
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

// Is reports whether err is a connector's error of this kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

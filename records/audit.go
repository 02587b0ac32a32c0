package records

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// The outcomes of a write.
const (
	OutcomeDone    = "done"    // the system has it
	OutcomeFound   = "found"   // the system had it already
	OutcomeRefused = "refused" // the system said no
	OutcomeUnknown = "unknown" // no answer came
)

// AuditEntry is one write to one of the systems, or one decision of a person.
// It holds ids and codes: no secret and no personal data, save the name of the
// member of staff who decided. That is the caller's contract.
type AuditEntry struct {
	ID        int64 // set by the database, rising
	At        time.Time
	Store     string
	System    string // xcart, prophet21, cart21
	Operation string
	Subject   string // what it was for: order/<store>/<shop order id>
	Key       string // what the system calls it
	Outcome   string // one of the Outcome constants
	Actor     string // who: cart21, or a person
	Detail    string // short
	Duration  time.Duration
}

// maxDetail bounds the detail of an entry, in characters.
const maxDetail = 500

// Audit appends to the audit trail. Entries can't be changed or deleted; the
// database itself refuses it.
func (s *Store) Audit(ctx context.Context, e AuditEntry) error {
	switch e.Outcome {
	case OutcomeDone, OutcomeFound, OutcomeRefused, OutcomeUnknown:
	default:
		return fmt.Errorf("auditing %s for %s: outcome %q is none of done, found, refused, unknown", e.Operation, e.Subject, e.Outcome)
	}
	if e.Subject == "" || e.Operation == "" {
		return errors.New("auditing: subject and operation must be set")
	}
	if e.At.IsZero() {
		e.At = s.now()
	}
	if detail := []rune(e.Detail); len(detail) > maxDetail {
		e.Detail = string(detail[:maxDetail-1]) + "…"
	}
	_, err := s.exec(ctx, `
		INSERT INTO audit (at, store, system, operation, subject, key, outcome, actor, detail, duration_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		stamp(e.At), e.Store, e.System, e.Operation, e.Subject, e.Key, e.Outcome, e.Actor, e.Detail, e.Duration.Milliseconds())
	if err != nil {
		return fmt.Errorf("auditing %s for %s: %w", e.Operation, e.Subject, err)
	}
	return nil
}

// AuditTrail returns the latest entries for a subject, newest first, at most limit.
func (s *Store) AuditTrail(ctx context.Context, subject string, limit int) ([]AuditEntry, error) {
	var trail []AuditEntry
	err := s.rows(ctx, func(r scanner) error {
		var e AuditEntry
		var ms int64
		err := r.Scan(&e.ID, &e.At, &e.Store, &e.System, &e.Operation, &e.Subject, &e.Key, &e.Outcome, &e.Actor, &e.Detail, &ms)
		e.At, e.Duration = e.At.UTC(), time.Duration(ms)*time.Millisecond
		trail = append(trail, e)
		return err
	}, `SELECT id, at, store, system, operation, subject, key, outcome, actor, detail, duration_ms
		FROM audit WHERE subject = $1 ORDER BY id DESC LIMIT $2`, subject, limit)
	if err != nil {
		return nil, fmt.Errorf("reading the audit trail of %s: %w", subject, err)
	}
	return trail, nil
}

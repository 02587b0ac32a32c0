package records

import (
	"context"
	"fmt"
	"time"
)

// Breaker is the state of a worker's circuit breaker, as the worker last told it.
type Breaker struct {
	Store  string
	System string
	Worker string // with Store and System the key
	State  string // closed, half-open or open
	Since  time.Time
	SeenAt time.Time
}

// breakersKept is how long the breakers of a worker that tells no more are kept.
const breakersKept = 24 * time.Hour

// SaveBreaker records the state of a breaker, seen now, and forgets the workers
// that told nothing for a day.
func (s *Store) SaveBreaker(ctx context.Context, b Breaker) error {
	now := s.now()
	_, err := s.exec(ctx, `
		INSERT INTO breakers (store, system, worker, state, since, seen_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (store, system, worker) DO UPDATE SET state = excluded.state, since = excluded.since, seen_at = excluded.seen_at`,
		b.Store, b.System, b.Worker, b.State, stamp(b.Since), stamp(now))
	if err == nil {
		_, err = s.exec(ctx, `DELETE FROM breakers WHERE seen_at < $1`, stamp(now.Add(-breakersKept)))
	}
	if err != nil {
		return fmt.Errorf("saving the breaker of %s: %w", b.System, err)
	}
	return nil
}

// Breakers lists the breakers of a store's workers that were seen since a time,
// by system and worker.
func (s *Store) Breakers(ctx context.Context, store string, seenSince time.Time) ([]Breaker, error) {
	var all []Breaker
	err := s.rows(ctx, func(r scanner) error {
		b := Breaker{Store: store}
		err := r.Scan(&b.System, &b.Worker, &b.State, &b.Since, &b.SeenAt)
		b.Since, b.SeenAt = b.Since.UTC(), b.SeenAt.UTC()
		all = append(all, b)
		return err
	}, `SELECT system, worker, state, since, seen_at FROM breakers WHERE store = $1 AND seen_at >= $2 ORDER BY system, worker`, store, stamp(seenSince))
	if err != nil {
		return nil, fmt.Errorf("listing the breakers: %w", err)
	}
	return all, nil
}

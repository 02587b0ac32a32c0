package records

import (
	"context"
	"fmt"
	"time"
)

// ProfileInUse is the version of the mapping profile that a worker uses.
type ProfileInUse struct {
	Store   string
	Worker  string // with Store the key
	Version string
	SeenAt  time.Time
}

// NoteProfile notes that a worker uses a profile just now.
func (s *Store) NoteProfile(ctx context.Context, store, worker, version string) error {
	_, err := s.exec(ctx, `
		INSERT INTO profiles_in_use (store, worker, version, seen_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (store, worker) DO UPDATE SET version = excluded.version, seen_at = excluded.seen_at`,
		store, worker, version, stamp(s.now()))
	if err != nil {
		return fmt.Errorf("noting the profile of worker %s: %w", worker, err)
	}
	return nil
}

// ForgetProfile forgets a worker that ends.
func (s *Store) ForgetProfile(ctx context.Context, store, worker string) error {
	if _, err := s.exec(ctx, `DELETE FROM profiles_in_use WHERE store = $1 AND worker = $2`, store, worker); err != nil {
		return fmt.Errorf("forgetting the profile of worker %s: %w", worker, err)
	}
	return nil
}

// ProfilesInUse lists what the workers of a store use that were seen since a time.
func (s *Store) ProfilesInUse(ctx context.Context, store string, since time.Time) ([]ProfileInUse, error) {
	var all []ProfileInUse
	err := s.rows(ctx, func(r scanner) error {
		p := ProfileInUse{Store: store}
		err := r.Scan(&p.Worker, &p.Version, &p.SeenAt)
		p.SeenAt = p.SeenAt.UTC()
		all = append(all, p)
		return err
	}, `SELECT worker, version, seen_at FROM profiles_in_use WHERE store = $1 AND seen_at >= $2 ORDER BY worker`, store, stamp(since))
	if err != nil {
		return nil, fmt.Errorf("listing the profiles in use: %w", err)
	}
	return all, nil
}

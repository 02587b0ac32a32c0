package records

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Alert is something wrong that a channel was told of and that is not over for
// it: it is forgotten when the channel was told of the recovery.
type Alert struct {
	Store    string
	Channel  string // who was told: log, webhook, mail
	Key      string // with Store and Channel the key
	Severity string // as it was told
	Title    string
	Since    time.Time
	ToldAt   time.Time // the last time
	GoneAt   time.Time // no longer found since; zero while it is
}

// SaveAlert records that a channel was told.
func (s *Store) SaveAlert(ctx context.Context, a Alert) error {
	if a.Store == "" || a.Channel == "" || a.Key == "" {
		return errors.New("saving an alert: store, channel and key must be set")
	}
	_, err := s.exec(ctx, `
		INSERT INTO alerts (store, channel, key, severity, title, since, told_at, gone_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (store, channel, key) DO UPDATE SET
			severity = excluded.severity, title = excluded.title, since = excluded.since,
			told_at = excluded.told_at, gone_at = excluded.gone_at`,
		a.Store, a.Channel, a.Key, a.Severity, a.Title, stamp(a.Since), stamp(a.ToldAt),
		optional(a.GoneAt))
	if err != nil {
		return fmt.Errorf("saving alert %s of channel %s: %w", a.Key, a.Channel, err)
	}
	return nil
}

// ForgetAlert removes an alert whose recovery was told.
func (s *Store) ForgetAlert(ctx context.Context, store, channel, key string) error {
	_, err := s.exec(ctx, `DELETE FROM alerts WHERE store = $1 AND channel = $2 AND key = $3`, store, channel, key)
	if err != nil {
		return fmt.Errorf("forgetting alert %s of channel %s: %w", key, channel, err)
	}
	return nil
}

// Alerts lists what a channel was told of and is not over for it, by key.
func (s *Store) Alerts(ctx context.Context, store, channel string) ([]Alert, error) {
	var all []Alert
	err := s.rows(ctx, func(r scanner) error {
		a := Alert{Store: store, Channel: channel}
		var gone sql.NullTime
		err := r.Scan(&a.Key, &a.Severity, &a.Title, &a.Since, &a.ToldAt, &gone)
		a.Since, a.ToldAt = a.Since.UTC(), a.ToldAt.UTC()
		if gone.Valid {
			a.GoneAt = gone.Time.UTC()
		}
		all = append(all, a)
		return err
	}, `SELECT key, severity, title, since, told_at, gone_at FROM alerts WHERE store = $1 AND channel = $2 ORDER BY key`, store, channel)
	if err != nil {
		return nil, fmt.Errorf("listing the alerts of channel %s: %w", channel, err)
	}
	return all, nil
}

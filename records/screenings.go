package records

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/shopspring/decimal"
)

// Screening is how an order was scored and from what, without anything personal.
type Screening struct {
	Reference string
	Store     string
	PlacedAt  time.Time
	Amount    decimal.Decimal
	Owner     string             // a hash: orders of one customer have the same
	Features  map[string]float64 // those that were known
	Score     float64            // percent
	Outcome   string
	Shadow    bool
	Model     string // versions
	Policy    string
	DecidedAt time.Time
}

// SaveScreening keeps an order for those that come after it and what its score
// was made from, in one transaction. Of several scores of an order the last stays.
func (s *Store) SaveScreening(ctx context.Context, o VelocityOrder, c Screening) error {
	if c.Reference == "" || c.Store == "" || o.Reference != c.Reference {
		return errors.New("saving a screening: it needs a reference and a store")
	}
	features, err := json.Marshal(finite(c.Features))
	if err != nil {
		return fmt.Errorf("saving the screening of order %s: %w", c.Reference, err)
	}
	err = s.transact(ctx, func(tx *transaction) error {
		if err := recordVelocity(ctx, tx, o); err != nil {
			return err
		}
		return tx.exec(ctx, `
			INSERT INTO risk_features (reference, store, placed_at, amount, owner, features, score, outcome, shadow, model, policy, decided_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
			ON CONFLICT (reference) DO UPDATE SET store = excluded.store, placed_at = excluded.placed_at, amount = excluded.amount, owner = excluded.owner,
				features = excluded.features, score = excluded.score, outcome = excluded.outcome, shadow = excluded.shadow,
				model = excluded.model, policy = excluded.policy, decided_at = excluded.decided_at`,
			c.Reference, c.Store, micros(c.PlacedAt), units(c.Amount), c.Owner, string(features), c.Score, c.Outcome, c.Shadow, c.Model, c.Policy, stamp(c.DecidedAt))
	})
	if err != nil {
		return fmt.Errorf("saving the screening of order %s: %w", c.Reference, err)
	}
	return nil
}

// Labelled is a screening of which it is known whether it was charged back.
type Labelled struct {
	Screening
	ChargedBack time.Time // known since; zero when it was not
}

// LabelledScreenings gives those placed before a time, oldest first, that went
// into the ERP or were charged back: of the others nobody knows what would have
// become of them.
func (s *Store) LabelledScreenings(ctx context.Context, placedBefore time.Time) ([]Labelled, error) {
	var all []Labelled
	err := s.rows(ctx, func(r scanner) error {
		var l Labelled
		var placed, amount int64
		var features string
		var back sql.NullInt64
		if err := r.Scan(&l.Reference, &l.Store, &placed, &amount, &l.Owner, &features, &l.Score, &l.Outcome, &l.Shadow, &l.Model, &l.Policy, &l.DecidedAt, &back); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(features), &l.Features); err != nil {
			return fmt.Errorf("the features of order %s: %w", l.Reference, err)
		}
		l.PlacedAt, l.Amount, l.DecidedAt = fromMicros(placed), fromUnits(amount), l.DecidedAt.UTC()
		if back.Valid {
			l.ChargedBack = fromMicros(back.Int64)
		}
		all = append(all, l)
		return nil
	}, `SELECT f.reference, f.store, f.placed_at, f.amount, f.owner, f.features, f.score, f.outcome, f.shadow, f.model, f.policy, f.decided_at, b.known_at
		FROM risk_features AS f LEFT JOIN charge_backs AS b ON b.reference = f.reference
		WHERE f.placed_at < $1 AND (b.known_at IS NOT NULL OR EXISTS (SELECT 1 FROM orders AS o WHERE o.reference = f.reference AND o.erp_order <> ''))
		ORDER BY f.placed_at, f.reference`, micros(placedBefore))
	if err != nil {
		return nil, fmt.Errorf("reading the screenings to learn from: %w", err)
	}
	return all, nil
}

// finite leaves out what JSON has no word for.
func finite(values map[string]float64) map[string]float64 {
	kept := make(map[string]float64, len(values))
	for name, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			kept[name] = v
		}
	}
	return kept
}

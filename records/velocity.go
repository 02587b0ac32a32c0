package records

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// VelocityKey is one identity of an order, hashed. Hashes of two kinds differ.
type VelocityKey struct {
	Kind string
	Hash string
	// Crowd: unrelated orders share it, as they do the store. It neither has nor
	// is a distinct counterpart.
	Crowd bool
}

// VelocityOrder is an order as velocity counts it.
type VelocityOrder struct {
	Reference string
	At        time.Time // when it was placed
	Amount    decimal.Decimal
	Keys      []VelocityKey
}

// micros is a time as velocity stores it: comparing and adding whole numbers
// takes a third of the time that texts take.
func micros(t time.Time) int64 { return t.UnixMicro() }

func fromMicros(n int64) time.Time { return time.UnixMicro(n).UTC() }

// Ten-thousandths of the currency's unit: no currency has more decimals. What is
// beyond sense is cut so that sums stay whole numbers.
const amountShift, amountMost = 4, 1e14

func units(d decimal.Decimal) int64 {
	n := d.Shift(amountShift).Round(0)
	switch {
	case n.GreaterThan(decimal.NewFromInt(amountMost)):
		return amountMost
	case n.LessThan(decimal.NewFromInt(-amountMost)):
		return -amountMost
	}
	return n.IntPart()
}

func fromUnits(n int64) decimal.Decimal { return decimal.New(n, -amountShift) }

// RecordVelocity adds an order, or replaces it where it is there already.
func (s *Store) RecordVelocity(ctx context.Context, o VelocityOrder) error {
	return s.transact(ctx, func(tx *transaction) error { return recordVelocity(ctx, tx, o) })
}

func recordVelocity(ctx context.Context, tx *transaction, o VelocityOrder) error {
	if o.Reference == "" || o.At.IsZero() {
		return errors.New("recording an order for velocity: it needs a reference and a time")
	}
	wanted := entries(o)
	there, err := entriesOf(ctx, tx, o.Reference)
	if err == nil && !slices.Equal(wanted, there) {
		err = replaceEntries(ctx, tx, o.Reference, there, wanted)
	}
	if err != nil {
		return fmt.Errorf("recording order %s for velocity: %w", o.Reference, err)
	}
	return nil
}

// entry is an order under one of its keys, as it is stored.
type entry struct {
	hash, kind string
	crowd      bool
	at, amount int64
}

// entries are an order's, each key once, sorted by hash.
func entries(o VelocityOrder) []entry {
	var all []entry
	for _, k := range o.Keys {
		all = append(all, entry{k.Hash, k.Kind, k.Crowd, micros(o.At), units(o.Amount)})
	}
	slices.SortFunc(all, func(a, b entry) int { return strings.Compare(a.hash, b.hash) })
	return slices.CompactFunc(all, func(a, b entry) bool { return a.hash == b.hash })
}

// entriesOf are those of an order that is there already, sorted by hash.
func entriesOf(ctx context.Context, from reader, reference string) ([]entry, error) {
	var all []entry
	err := from.rows(ctx, func(r scanner) error {
		var e entry
		err := r.Scan(&e.hash, &e.kind, &e.crowd, &e.at, &e.amount)
		all = append(all, e)
		return err
	}, `SELECT hash, kind, crowd, at, amount FROM velocity WHERE reference = $1`, reference)
	slices.SortFunc(all, func(a, b entry) int { return strings.Compare(a.hash, b.hash) })
	return all, err
}

func replaceEntries(ctx context.Context, tx *transaction, reference string, there, wanted []entry) error {
	if len(there) > 0 {
		if err := tx.exec(ctx, `DELETE FROM velocity WHERE reference = $1`, reference); err != nil {
			return err
		}
	}
	if len(wanted) > 0 {
		var rows []string
		args := []any{reference, wanted[0].at, wanted[0].amount}
		for _, e := range wanted {
			args = append(args, e.hash, e.kind, e.crowd)
			rows = append(rows, fmt.Sprintf(`($%d, $2, $1, $%d, $3, $%d, (SELECT known_at FROM charge_backs WHERE reference = $1))`, len(args)-2, len(args)-1, len(args)))
		}
		if err := tx.exec(ctx, `INSERT INTO velocity (hash, at, reference, kind, amount, crowd, charged_back_at) VALUES `+strings.Join(rows, ", "), args...); err != nil {
			return err
		}
	}
	for _, change := range []struct {
		entries []entry
		sign    int64
	}{{there, -1}, {wanted, 1}} {
		for _, e := range change.entries {
			if !e.crowd {
				continue
			}
			if err := tx.exec(ctx, `INSERT INTO velocity_hours (hash, hour, orders, amount) VALUES ($1, $2, $3, $4)
				ON CONFLICT (hash, hour) DO UPDATE SET orders = velocity_hours.orders + excluded.orders, amount = velocity_hours.amount + excluded.amount`,
				e.hash, hour(e.at), change.sign, change.sign*e.amount); err != nil {
				return err
			}
		}
	}
	return nil
}

// hour is a stored time's, since 1970, rounded down.
func hour(at int64) int64 {
	const micros = int64(time.Hour / time.Microsecond)
	return (at - (at%micros+micros)%micros) / micros
}

// RecordChargeBack says that an order was charged back and since when that is
// known; of several the earliest counts. The order need not be there yet.
func (s *Store) RecordChargeBack(ctx context.Context, reference string, known time.Time) error {
	if reference == "" || known.IsZero() {
		return errors.New("recording a charge-back: it needs an order's reference and the time since when it is known")
	}
	err := s.transact(ctx, func(tx *transaction) error {
		if err := tx.exec(ctx, `INSERT INTO charge_backs (reference, known_at) VALUES ($1, $2)
			ON CONFLICT (reference) DO UPDATE SET known_at = excluded.known_at WHERE excluded.known_at < charge_backs.known_at`, reference, micros(known)); err != nil {
			return err
		}
		return tx.exec(ctx, `UPDATE velocity SET charged_back_at = (SELECT known_at FROM charge_backs WHERE reference = $1) WHERE reference = $1`, reference)
	})
	if err != nil {
		return fmt.Errorf("recording the charge-back of order %s: %w", reference, err)
	}
	return nil
}

// PruneVelocity forgets the orders placed before a time, and the features of
// their scores, and tells how many rows that were.
func (s *Store) PruneVelocity(ctx context.Context, before time.Time) (int64, error) {
	var all int64
	for _, statement := range []string{
		`DELETE FROM velocity WHERE at < $1`,
		`DELETE FROM velocity_hours WHERE (hour + 1) * 3600000000 < $1`,
		`DELETE FROM risk_features WHERE placed_at < $1`,
		// What nobody recorded may still come, but not for ever.
		`DELETE FROM charge_backs WHERE known_at < $1 AND NOT EXISTS (SELECT 1 FROM velocity WHERE velocity.reference = charge_backs.reference)`,
	} {
		n, err := s.exec(ctx, statement, micros(before))
		if err != nil {
			return all, fmt.Errorf("forgetting the orders that velocity no longer counts: %w", err)
		}
		all += n
	}
	return all, nil
}

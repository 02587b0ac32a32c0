package records

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// VelocityQuestion asks what came before an order.
type VelocityQuestion struct {
	Order     VelocityOrder
	Windows   []time.Duration // the longest last
	Retention time.Duration   // how far back first, last and charge-backs are looked for
}

// VelocityCount is what came before an order with one of its keys.
type VelocityCount struct {
	Windows     []VelocityWindow
	First, Last time.Time // zero when there was none
	ChargeBacks int       // known before the order
}

// VelocityWindow is what happened within one window.
type VelocityWindow struct {
	Orders   int
	Amount   decimal.Decimal
	Distinct map[string]int // kind to number of different keys; nil when there are none
}

// CountVelocity counts what came before an order, for each of its keys, by kind.
// The order itself is never counted.
func (s *Store) CountVelocity(ctx context.Context, q VelocityQuestion) (map[string]VelocityCount, error) {
	counts := map[string]VelocityCount{}
	kinds := map[string]string{}
	for _, k := range q.Order.Keys {
		kinds[k.Hash] = k.Kind
		counts[k.Kind] = VelocityCount{Windows: make([]VelocityWindow, len(q.Windows))}
	}
	if len(kinds) == 0 {
		return counts, nil
	}
	for _, part := range []func(context.Context, VelocityQuestion, map[string]string, map[string]VelocityCount) error{s.countWindows, s.countEnds, s.countBacks, s.countDistinct} {
		if err := part(ctx, q, kinds, counts); err != nil {
			return nil, fmt.Errorf("counting what came before order %s: %w", q.Order.Reference, err)
		}
	}
	return counts, nil
}

// past is the condition that an order is another one, placed before and at the
// earliest so long before.
const past = ` reference <> $1 AND at < $2 AND at >= $3`

func (q VelocityQuestion) past(span time.Duration) []any {
	return []any{q.Order.Reference, micros(q.Order.At), micros(q.Order.At.Add(-span))}
}

// countWindows counts whole hours by their sums where there are such, and the
// rest one by one.
func (s *Store) countWindows(ctx context.Context, q VelocityQuestion, kinds map[string]string, counts map[string]VelocityCount) error {
	own, err := entriesOf(ctx, s, q.Order.Reference)
	if err != nil {
		return err
	}
	var alone []string
	for _, k := range q.Order.Keys {
		if !k.Crowd {
			alone = append(alone, k.Hash)
			continue
		}
		for i, w := range q.Windows {
			if counts[k.Kind].Windows[i], err = s.countCrowd(ctx, q, k.Hash, w, own); err != nil {
				return err
			}
		}
	}
	if len(alone) == 0 {
		return nil
	}
	args := q.past(q.Windows[len(q.Windows)-1])
	var columns strings.Builder
	for _, w := range q.Windows {
		args = append(args, micros(q.Order.At.Add(-w)))
		fmt.Fprintf(&columns, `, COUNT(*) FILTER (WHERE at >= $%[1]d), CAST(COALESCE(SUM(amount) FILTER (WHERE at >= $%[1]d), 0) AS BIGINT)`, len(args))
	}
	places, args := places(args, alone)
	return s.rows(ctx, func(r scanner) error {
		var hash string
		orders, sums := make([]int, len(q.Windows)), make([]int64, len(q.Windows))
		into := []any{&hash}
		for i := range q.Windows {
			into = append(into, &orders[i], &sums[i])
		}
		err := r.Scan(into...)
		for i := range q.Windows {
			counts[kinds[hash]].Windows[i] = VelocityWindow{Orders: orders[i], Amount: fromUnits(sums[i])}
		}
		return err
	}, `SELECT hash`+columns.String()+` FROM velocity WHERE hash IN (`+places+`) AND`+past+` GROUP BY hash`, args...)
}

// countCrowd counts one window of a key that unrelated orders share: the hours
// that lie in it whole, what is before and after them, less the order itself
// where it is among the sums.
func (s *Store) countCrowd(ctx context.Context, q VelocityQuestion, hash string, window time.Duration, own []entry) (VelocityWindow, error) {
	from, until := micros(q.Order.At.Add(-window)), micros(q.Order.At)
	first, end := hour(from-1)+1, hour(until) // whole hours: first to before end
	if end < first {
		first, end = hour(until), hour(until)
	}
	const micros = int64(time.Hour / time.Microsecond)
	head, tail := min(first*micros, until), max(end*micros, from)
	var orders int
	var sum int64
	err := s.row(ctx, func(r scanner) error { return r.Scan(&orders, &sum) }, `
		SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT), CAST(COALESCE(SUM(total), 0) AS BIGINT) FROM (
			SELECT SUM(orders) AS n, SUM(amount) AS total FROM velocity_hours WHERE hash = $1 AND hour >= $2 AND hour < $3
			UNION ALL SELECT COUNT(*), SUM(amount) FROM velocity WHERE hash = $1 AND at >= $4 AND at < $5
			UNION ALL SELECT COUNT(*), SUM(amount) FROM velocity WHERE hash = $1 AND at >= $6 AND at < $7
		) AS parts`, hash, first, end, from, head, tail, until)
	for _, e := range own {
		if e.hash == hash && e.at >= from && e.at < until {
			orders, sum = orders-1, sum-e.amount
		}
	}
	return VelocityWindow{Orders: orders, Amount: fromUnits(sum)}, err
}

// countEnds finds the first and the last order.
func (s *Store) countEnds(ctx context.Context, q VelocityQuestion, kinds map[string]string, counts map[string]VelocityCount) error {
	args := q.past(q.Retention)
	var rows []string
	for hash := range kinds {
		args = append(args, hash)
		rows = append(rows, "($"+strconv.Itoa(len(args))+")")
	}
	of := `(SELECT at FROM velocity WHERE hash = k.column1 AND` + past + ` ORDER BY at`
	return s.rows(ctx, func(r scanner) error {
		var hash string
		var first, last sql.NullInt64
		err := r.Scan(&hash, &first, &last)
		if count := counts[kinds[hash]]; first.Valid {
			count.First, count.Last = fromMicros(first.Int64), fromMicros(last.Int64)
			counts[kinds[hash]] = count
		}
		return err
	}, `SELECT k.column1, `+of+` LIMIT 1), `+of+` DESC LIMIT 1) FROM (VALUES `+strings.Join(rows, ", ")+`) AS k`, args...)
}

// countBacks counts the orders that were known to be charged back.
func (s *Store) countBacks(ctx context.Context, q VelocityQuestion, kinds map[string]string, counts map[string]VelocityCount) error {
	places, args := places(q.past(q.Retention), hashes(kinds))
	return s.rows(ctx, func(r scanner) error {
		var hash string
		var n int
		err := r.Scan(&hash, &n)
		count := counts[kinds[hash]]
		count.ChargeBacks = n
		counts[kinds[hash]] = count
		return err
	}, `SELECT hash, COUNT(*) FROM velocity WHERE charged_back_at IS NOT NULL AND charged_back_at < $2 AND hash IN (`+places+`) AND`+past+` GROUP BY hash`, args...)
}

// countDistinct finds the different keys of other kinds that came with the
// order's keys. A counterpart counts in every window that its latest order is in.
func (s *Store) countDistinct(ctx context.Context, q VelocityQuestion, kinds map[string]string, counts map[string]VelocityCount) error {
	var own []string
	for _, k := range q.Order.Keys {
		if !k.Crowd {
			own = append(own, k.Hash)
		}
	}
	if len(own) == 0 {
		return nil
	}
	ours, args := places(q.past(q.Windows[len(q.Windows)-1]), own)
	return s.rows(ctx, func(r scanner) error {
		var hash, other string
		var latest int64
		if err := r.Scan(&hash, &other, &latest); err != nil {
			return err
		}
		windows := counts[kinds[hash]].Windows
		for i, w := range q.Windows {
			if latest < micros(q.Order.At.Add(-w)) {
				continue
			}
			if windows[i].Distinct == nil {
				windows[i].Distinct = map[string]int{}
			}
			windows[i].Distinct[other]++
		}
		return nil
	}, `SELECT v.hash, o.kind, MAX(v.at) FROM (SELECT hash, kind, at, reference FROM velocity WHERE hash IN (`+ours+`) AND`+past+`) AS v
		JOIN velocity AS o ON o.reference = v.reference WHERE o.kind <> v.kind AND NOT o.crowd GROUP BY v.hash, o.kind, o.hash`, args...)
}

// Bought tells how many orders with a key went into the ERP and were not
// cancelled, of those placed from a time until before another, and their total;
// one order is left out.
func (s *Store) Bought(ctx context.Context, hash, except string, from, until time.Time, cancelled string) (orders int, total decimal.Decimal, err error) {
	var sum int64
	err = s.row(ctx, func(r scanner) error { return r.Scan(&orders, &sum) },
		`SELECT COUNT(*), CAST(COALESCE(SUM(v.amount), 0) AS BIGINT)
		FROM (SELECT reference, amount FROM velocity WHERE`+past+` AND hash = $4) AS v
		JOIN orders AS o ON o.reference = v.reference AND o.reference <> '' WHERE o.erp_order <> '' AND o.stage <> $5`,
		except, micros(until), micros(from), hash, cancelled)
	if err != nil {
		return 0, decimal.Zero, fmt.Errorf("looking for what the customer of order %s bought before: %w", except, err)
	}
	return orders, fromUnits(sum), nil
}

// places adds texts to the parameters of a query and gives their places.
func places(args []any, texts []string) (string, []any) {
	var all []string
	for _, text := range texts {
		args = append(args, text)
		all = append(all, "$"+strconv.Itoa(len(args)))
	}
	return strings.Join(all, ", "), args
}

func hashes(kinds map[string]string) []string {
	var all []string
	for hash := range kinds {
		all = append(all, hash)
	}
	return all
}

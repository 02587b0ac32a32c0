package records_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/activities"
	"github.com/cart21/cart21/fraud"
	"github.com/cart21/cart21/fraud/velocitytest"
	"github.com/cart21/cart21/records"
)

// The adapter is among the activities; the databases are started here.
func TestVelocityCountsAsFraudWantsIt(t *testing.T) {
	records.OnBoth(t, func(t *testing.T, dsn string) {
		store := records.Opened(t, dsn)
		velocitytest.Run(t, func(t *testing.T) fraud.Velocity {
			return activities.Velocity{Records: records.Emptied(t, store)}
		})
	})
}

// TestVelocityAgreesWithTheCounter compares with the counter in memory on orders
// that are edited, moved and charged back, at times around full hours.
func TestVelocityAgreesWithTheCounter(t *testing.T) {
	records.OnBoth(t, func(t *testing.T, dsn string) {
		ctx, random := t.Context(), rand.New(rand.NewPCG(1, 2))
		stored, memory := activities.Velocity{Records: records.Opened(t, dsn)}, new(fraud.Counter)
		begin := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
		order := func() fraud.Event {
			e := fraud.Event{
				ID: fmt.Sprint("xc-main-", random.IntN(150)), At: begin.Add(time.Duration(random.IntN(40*48)) * 30 * time.Minute),
				Amount: decimal.New(random.Int64N(100_000), -2), Keys: []fraud.Key{fraud.NewKey(fraud.KindStore, "main", nil)},
			}
			for _, kind := range []fraud.Kind{fraud.KindCustomer, fraud.KindCard, fraud.KindBIN, fraud.KindIP} {
				if random.IntN(4) > 0 {
					e.Keys = append(e.Keys, fraud.NewKey(kind, fmt.Sprint(random.IntN(6)), nil))
				}
			}
			return e
		}
		for range 300 {
			e, back, known := order(), fmt.Sprint("xc-main-", random.IntN(400)), begin.Add(time.Duration(random.IntN(2000))*time.Hour)
			for _, v := range []fraud.Velocity{stored, memory} {
				if err := errors.Join(v.Record(ctx, e), v.ChargeBack(ctx, back, known)); err != nil {
					t.Fatal(err)
				}
			}
		}
		for range 60 {
			e := order()
			want, err := memory.Count(ctx, e)
			if err != nil {
				t.Fatal(err)
			}
			got, err := stored.Count(ctx, e)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s at %s (-memory +records):\n%s", e.ID, e.At, diff)
			}
		}
	})
}

package activities

import (
	"context"
	"time"

	"github.com/cart21/cart21/fraud"
	"github.com/cart21/cart21/records"
)

// Velocity is a [fraud.Velocity] that the records keep.
type Velocity struct{ Records *records.Store }

var velocityWindows = func() (all []time.Duration) {
	for _, w := range fraud.Windows {
		all = append(all, w.Span)
	}
	return all
}()

// Record implements [fraud.Velocity].
func (v Velocity) Record(ctx context.Context, e fraud.Event) error {
	return v.Records.RecordVelocity(ctx, recorded(e))
}

// ChargeBack implements [fraud.Velocity].
func (v Velocity) ChargeBack(ctx context.Context, id string, known time.Time) error {
	return v.Records.RecordChargeBack(ctx, id, known)
}

// Count implements [fraud.Velocity].
func (v Velocity) Count(ctx context.Context, e fraud.Event) (fraud.Counts, error) {
	found, err := v.Records.CountVelocity(ctx, records.VelocityQuestion{
		Order: recorded(e), Windows: velocityWindows, Retention: fraud.Retention,
	})
	if err != nil {
		return nil, err
	}
	counts := fraud.Counts{}
	for kind, c := range found {
		count := fraud.KeyCount{First: c.First, Last: c.Last, ChargeBacks: c.ChargeBacks}
		for i, w := range c.Windows {
			count.Windows[i] = fraud.WindowCount{Orders: w.Orders, Amount: w.Amount}
			for other, n := range w.Distinct {
				if count.Windows[i].Distinct == nil {
					count.Windows[i].Distinct = map[fraud.Kind]int{}
				}
				count.Windows[i].Distinct[fraud.Kind(other)] = n
			}
		}
		counts[fraud.Kind(kind)] = count
	}
	return counts, nil
}

func recorded(e fraud.Event) records.VelocityOrder {
	o := records.VelocityOrder{Reference: e.ID, At: e.At, Amount: e.Amount}
	for _, k := range e.Keys {
		o.Keys = append(o.Keys, records.VelocityKey{Kind: string(k.Kind), Hash: k.Hash, Crowd: k.Kind.Crowd()})
	}
	return o
}

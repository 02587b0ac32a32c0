package main

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/fraud"
	"github.com/cart21/cart21/fraud/learn"
)

// data are the orders as a model sees them.
type data struct {
	learn.Set
	amounts []decimal.Decimal
	group   []string // whose order it is: draws of the bootstrap keep these together
}

func (d data) part(from, to int) data {
	return data{d.Set.Part(from, to), d.amounts[from:to], d.group[from:to]}
}

// replay takes the orders in order of time and gives each the features it would
// have had when it was placed.
func replay(ctx context.Context, orders []order, policy *fraud.Policy, labelDelay time.Duration) (data, error) {
	var d data
	var velocity fraud.Counter
	for _, o := range orders {
		if err := ctx.Err(); err != nil {
			return data{}, err
		}
		event := o.facts.Event(nil)
		// The store is no part of the order here, so that a payment company's
		// customers are the same ones at all its merchants.
		if o.merchant != "" {
			event.Keys = append(event.Keys, fraud.NewKey(fraud.KindStore, o.merchant, nil))
		}
		counts, err := velocity.Count(ctx, event)
		if err != nil {
			return data{}, fmt.Errorf("counting for order %s: %w", o.facts.Order.ID, err)
		}
		o.facts.Counts = counts
		d.Vectors = append(d.Vectors, fraud.Vector(o.facts, policy))
		d.At = append(d.At, event.At)
		d.Bad = append(d.Bad, o.bad)
		d.amounts = append(d.amounts, event.Amount)
		d.group = append(d.group, event.Owner())
		if err := velocity.Record(ctx, event); err != nil {
			return data{}, fmt.Errorf("recording order %s: %w", o.facts.Order.ID, err)
		}
		if !o.bad {
			continue
		}
		known := o.known
		if known.IsZero() {
			known = event.At.Add(labelDelay)
		}
		if err := velocity.ChargeBack(ctx, event.ID, known); err != nil {
			return data{}, fmt.Errorf("recording the charge-back of order %s: %w", o.facts.Order.ID, err)
		}
	}
	return d, nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cart21/cart21/fraud"
	"github.com/cart21/cart21/records"
)

// recorded are the orders that a shop's workers scored, with the features of that
// time: nothing is counted again. Those placed since before are left out:
// their charge-backs may be still to come.
func recorded(ctx context.Context, dsn string, before time.Time) (data, error) {
	store, err := records.Open(ctx, dsn)
	if err != nil {
		return data{}, fmt.Errorf("opening the records: %w", err)
	}
	defer store.Close()
	all, err := store.LabelledScreenings(ctx, before)
	if err != nil {
		return data{}, err
	}
	if len(all) == 0 {
		return data{}, errors.New("the records hold no scored order that is old enough and went into Prophet 21: let the workers score for a while, or shorten -label-delay")
	}
	var d data
	for _, order := range all {
		vector := make([]float64, len(fraud.Features))
		for i, feature := range fraud.Features {
			value, known := order.Features[feature.Name]
			if vector[i] = value; !known {
				vector[i] = fraud.Unknown
			}
		}
		d.Vectors = append(d.Vectors, vector)
		d.At = append(d.At, order.PlacedAt)
		d.Bad = append(d.Bad, !order.ChargedBack.IsZero())
		d.amounts = append(d.amounts, order.Amount)
		d.group = append(d.group, order.Owner)
	}
	return d, nil
}

package main

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"
)

// costs turn a review into money.
type costs struct {
	Review     decimal.Decimal `json:"review_cost"`
	Fee        decimal.Decimal `json:"charge_back_fee"`
	LossShare  decimal.Decimal `json:"loss_share"`
	InsultRate decimal.Decimal `json:"insult_rate"`
	Margin     decimal.Decimal `json:"margin"`
}

var defaultCosts = costs{
	Review:     decimal.NewFromInt(5),
	Fee:        decimal.NewFromInt(20),
	LossShare:  decimal.NewFromInt(1),
	InsultRate: decimal.RequireFromString("0.05"),
	Margin:     decimal.RequireFromString("0.3"),
}

// outcome is what reviewing all orders from a score up would have come to. A
// reviewer is taken to find every charge-back.
type outcome struct {
	Name     string          `json:"name"`
	From     float64         `json:"review_from"` // the score, 0 to 100
	Reviewed int             `json:"reviewed"`
	Found    int             `json:"found"` // charge-backs among them
	Avoided  decimal.Decimal `json:"loss_avoided"`
	Effort   decimal.Decimal `json:"review_cost"`
	Insulted decimal.Decimal `json:"insulted"` // earnings lost with good customers
	Net      decimal.Decimal `json:"net"`
	Missed   decimal.Decimal `json:"loss_left"`
}

// loss is what a charge-back of an amount costs.
func (c costs) loss(amount decimal.Decimal) decimal.Decimal {
	return amount.Mul(c.LossShare).Add(c.Fee)
}

func (c costs) of(name string, from float64, forecast []float64, d data) outcome {
	o := outcome{Name: name, From: 100 * from}
	for i, p := range forecast {
		switch {
		case p < from:
			if d.Bad[i] {
				o.Missed = o.Missed.Add(c.loss(d.amounts[i]))
			}
			continue
		case d.Bad[i]:
			o.Found++
			o.Avoided = o.Avoided.Add(c.loss(d.amounts[i]))
		default:
			o.Insulted = o.Insulted.Add(d.amounts[i].Mul(c.InsultRate).Mul(c.Margin))
		}
		o.Reviewed++
		o.Effort = o.Effort.Add(c.Review)
	}
	o.Net = o.Avoided.Sub(o.Effort).Sub(o.Insulted)
	for _, amount := range []*decimal.Decimal{&o.Avoided, &o.Effort, &o.Insulted, &o.Net, &o.Missed} {
		*amount = amount.Round(2)
	}
	return o
}

// outcomes are those of the shares in [reviewed] and of a threshold that was
// chosen before.
func (c costs) outcomes(forecast []float64, d data, chosen float64) []outcome {
	sorted := slices.Clone(forecast)
	slices.SortFunc(sorted, func(a, b float64) int { return cmp.Compare(b, a) })
	all := []outcome{c.of("nothing reviewed", 2, forecast, d)}
	all[0].From = 100
	for _, share := range reviewed {
		place := max(int(share*float64(len(sorted)))-1, 0)
		all = append(all, c.of(decimal.NewFromFloat(100*share).String()+" % reviewed", sorted[place], forecast, d))
	}
	return append(all, c.of("threshold of the earlier part", chosen, forecast, d))
}

// threshold is the score from which reviewing comes to most on some orders.
func (c costs) threshold(forecast []float64, d data) float64 {
	places := make([]int, len(forecast))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(a, b int) int { return cmp.Compare(forecast[b], forecast[a]) })
	net, most, best := decimal.Zero, decimal.Zero, 1.0
	for i, place := range places {
		if d.Bad[place] {
			net = net.Add(c.loss(d.amounts[place]))
		} else {
			net = net.Sub(d.amounts[place].Mul(c.InsultRate).Mul(c.Margin))
		}
		net = net.Sub(c.Review)
		last := i == len(places)-1 || forecast[places[i+1]] < forecast[place]
		if last && net.GreaterThan(most) {
			most, best = net, forecast[place]
		}
	}
	return best
}

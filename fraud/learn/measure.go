package learn

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// ranked are places from the highest score to the lowest.
func ranked(scores []float64) []int {
	places := make([]int, len(scores))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	return places
}

// groups calls yield with the number of orders and of charge-backs of each score,
// from the highest: equal scores are one group, so that the order of rows tells
// nothing.
func groups(scores []float64, bad []bool, yield func(orders, chargeBacks float64)) {
	places := ranked(scores)
	for i := 0; i < len(places); {
		var orders, backs float64
		for score := scores[places[i]]; i < len(places) && scores[places[i]] == score; i++ {
			orders++
			backs += one(bad[places[i]])
		}
		yield(orders, backs)
	}
}

// AUC is the chance that a charge-back scores higher than an order that is none;
// NaN without both kinds.
func AUC(scores []float64, bad []bool) float64 {
	var above, pairs, total float64
	groups(scores, bad, func(orders, backs float64) {
		pairs += (orders - backs) * (above + backs/2)
		above, total = above+backs, total+orders
	})
	return pairs / (above * (total - above))
}

// AveragePrecision is the mean, over the charge-backs, of the share of
// charge-backs among the orders that score at least as high; NaN without any.
func AveragePrecision(scores []float64, bad []bool) float64 {
	var seen, found, sum float64
	groups(scores, bad, func(orders, backs float64) {
		seen, found = seen+orders, found+backs
		sum += backs * found / seen
	})
	return sum / found
}

// Recall is the share of charge-backs among the given share of orders with the
// highest scores. Of equal scores at the edge a share is taken.
func Recall(scores []float64, bad []bool, reviewed float64) float64 {
	left := reviewed * float64(len(scores))
	var found, total float64
	groups(scores, bad, func(orders, backs float64) {
		total += backs
		take := min(left, orders)
		found += backs * take / orders
		left -= take
	})
	return found / total
}

// Brier is the mean squared error of probabilities.
func Brier(probabilities []float64, bad []bool) (sum float64) {
	for i, p := range probabilities {
		sum += (p - one(bad[i])) * (p - one(bad[i]))
	}
	return sum / float64(len(bad))
}

// Interval is the middle 95 % of a bootstrap.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Bootstrap draws whole groups of orders (those of one customer go together, as
// they are charged back together) and measures each draw; one interval for every
// measure. A draw without charge-backs is left out. The same seed gives the same
// intervals.
func Bootstrap(group []string, draws int, seed uint64, measure func(rows []int) []float64) []Interval {
	members, names := map[string][]int{}, []string{}
	for i, g := range group {
		if _, seen := members[g]; !seen {
			names = append(names, g)
		}
		members[g] = append(members[g], i)
	}
	random := rand.New(rand.NewPCG(seed, 21))
	var results [][]float64
	for range draws {
		var rows []int
		for range names {
			rows = append(rows, members[names[random.IntN(len(names))]]...)
		}
		for m, x := range measure(rows) {
			if m == len(results) {
				results = append(results, nil)
			}
			if !math.IsNaN(x) {
				results[m] = append(results[m], x)
			}
		}
	}
	intervals := make([]Interval, len(results))
	for m, r := range results {
		if slices.Sort(r); len(r) > 0 {
			intervals[m] = Interval{r[len(r)*25/1000], r[len(r)*975/1000]}
		}
	}
	return intervals
}

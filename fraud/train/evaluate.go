package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/cart21/cart21/fraud"
	"github.com/cart21/cart21/fraud/learn"
)

// report is what came out.
type report struct {
	Earlier    span     `json:"earlier"`
	Later      span     `json:"later,omitzero"`
	LabelDelay string   `json:"label_delay"`
	Trials     []trial  `json:"trials"` // within the earlier part
	Model      string   `json:"model"`  // its version
	Choice     string   `json:"choice"`
	Measures   []figure `json:"measures,omitempty"` // on the later part
	// Calibration compares what was forecast with what came, on the later part.
	Calibration []bucket  `json:"calibration,omitempty"`
	Money       []outcome `json:"money,omitempty"`
	Costs       costs     `json:"costs"`
}

type span struct {
	From        time.Time `json:"from"`
	To          time.Time `json:"to"`
	Orders      int       `json:"orders"`
	ChargeBacks int       `json:"charge_backs"`
}

func spanOf(s learn.Set) span {
	if s.Len() == 0 {
		return span{}
	}
	return span{s.At[0], s.At[s.Len()-1], s.Len(), s.ChargeBacks()}
}

type trial struct {
	Name   string  `json:"name"`
	AUC    float64 `json:"auc"`
	AP     float64 `json:"average_precision"`
	Loss   float64 `json:"log_loss"`
	Chosen bool    `json:"chosen,omitempty"`
}

// figure is one measure of the model, and of the yardsticks beside it.
type figure struct {
	Name       string          `json:"name"`
	Model      float64         `json:"model"`
	ModelRange *learn.Interval `json:"model_95,omitempty"`
	Yardsticks []yardstick     `json:"yardsticks"`
	Note       string          `json:"note,omitempty"`
}

type yardstick struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	// Difference is the model's measure less this one.
	Difference float64         `json:"difference"`
	Range      *learn.Interval `json:"difference_95,omitempty"`
}

type bucket struct {
	Above    float64 `json:"above"` // forecast risk, 0 to 1
	Orders   int     `json:"orders"`
	Forecast float64 `json:"forecast"` // mean
	Observed float64 `json:"observed"` // share charged back
}

// plain are the features of the yardsticks: how often the customer, card and
// device came before, and the amount.
func plain(feature string) bool {
	kind, rest, _ := strings.Cut(feature, "_")
	return feature == "amount" || strings.HasPrefix(rest, "orders_") && (kind == "customer" || kind == "card" || kind == "device")
}

// yardsticks are what the model has to beat: the counts of 30 days and half the
// amount, as logs, simply added up; and a logistic regression that learned from
// all plain features.
func yardsticks(earlier, later data) (names []string, forecasts [][]float64, err error) {
	sum := func(d data) []float64 {
		all := make([]float64, d.Len())
		for i, v := range d.Vectors {
			for f, feature := range fraud.Features {
				switch {
				case math.IsNaN(v[f]) || !plain(feature.Name):
				case feature.Name == "amount":
					all[i] += v[f] / 2
				case strings.HasSuffix(feature.Name, "_30d"):
					all[i] += v[f]
				}
			}
		}
		return all
	}
	slope, intercept := learn.Platt(sum(earlier), earlier.Bad)
	added := sum(later)
	for i, raw := range added {
		added[i] = fraud.Sigmoid(slope*raw + intercept)
	}
	learned, _, _, err := learn.Train(earlier.Set, []learn.Candidate{{Name: "plain", L2: 1, Linear: plain}})
	if err != nil {
		return nil, nil, err
	}
	return []string{"counts and amount, added", "counts and amount, learned"}, [][]float64{added, scores(learned, later)}, nil
}

// reviewed are the shares of orders for whose review recall and money are told.
var reviewed = []float64{0.02, 0.05}

func evaluate(all data, o options) (report, *fraud.Model, error) {
	edge := int(math.Round(o.split * float64(all.Len())))
	earlier, later := all.part(0, edge), all.part(edge, all.Len())
	model, trials, best, err := learn.Train(earlier.Set, learn.Candidates)
	if err != nil {
		return report{}, nil, fmt.Errorf("learning from the first %d of %d orders: %w; more orders, or a larger -split, are needed", edge, all.Len(), err)
	}
	model.Trained.LabelDelay = o.labelDelay.String()
	if err := model.Ready(); err != nil {
		return report{}, nil, err
	}
	r := report{
		Earlier: spanOf(earlier.Set), Later: spanOf(later.Set), LabelDelay: o.labelDelay.String(),
		Model: model.Version(), Choice: model.Trained.Choice, Costs: o.costs,
	}
	for i, t := range trials {
		r.Trials = append(r.Trials, trial{t.Candidate.Name, t.AUC, t.AP, t.Loss, i == best})
	}
	if n := later.ChargeBacks(); n == 0 || n == later.Len() {
		return r, model, nil // nothing to measure on
	}
	names, theirs, err := yardsticks(earlier, later)
	if err != nil {
		return report{}, nil, err
	}
	ours := scores(model, later)
	r.Measures = measure(ours, names, theirs, later, o)
	r.Calibration = calibration(ours, later.Bad)
	chosen := trials[best].Forecast
	past := earlier.part(chosen.First, earlier.Len())
	forecast := make([]float64, len(chosen.Raw))
	for i, raw := range chosen.Raw {
		forecast[i] = fraud.Sigmoid(model.Slope*raw + model.Intercept)
	}
	r.Money = o.costs.outcomes(ours, later, o.costs.threshold(forecast, past))
	return r, model, nil
}

func scores(m *fraud.Model, d data) []float64 {
	all := make([]float64, d.Len())
	for i, v := range d.Vectors {
		all[i] = m.Probability(v)
	}
	return all
}

// measures are what a list of scores comes to.
func measures(scores []float64, bad []bool) []float64 {
	all := []float64{learn.AUC(scores, bad), learn.AveragePrecision(scores, bad)}
	for _, share := range reviewed {
		all = append(all, learn.Recall(scores, bad, share))
	}
	return append(all, learn.Brier(scores, bad))
}

func measure(ours []float64, yards []string, theirs [][]float64, d data, o options) []figure {
	rate := float64(d.ChargeBacks()) / float64(d.Len())
	names, notes := []string{"AUC", "average precision"}, []string{"", fmt.Sprintf("by chance %.3f", rate)}
	for _, share := range reviewed {
		names = append(names, fmt.Sprintf("recall at %g %% reviewed", 100*share))
		notes = append(notes, fmt.Sprintf("at most %.3f", min(share/rate, 1)))
	}
	names, notes = append(names, "Brier"), append(notes, fmt.Sprintf("less is better; the base rate alone %.4f", rate*(1-rate)))
	// all is the model's measures, then its advantage over each yardstick.
	all := func(rows []int) []float64 {
		bad := pick(d.Bad, rows)
		mine := measures(pick(ours, rows), bad)
		values := slices.Clone(mine)
		for _, their := range theirs {
			for i, x := range measures(pick(their, rows), bad) {
				values = append(values, mine[i]-x)
			}
		}
		return values
	}
	rows := make([]int, d.Len())
	for i := range rows {
		rows[i] = i
	}
	values, intervals := all(rows), learn.Bootstrap(d.group, o.draws, o.seed, all)
	interval := func(at int) *learn.Interval {
		if len(intervals) == 0 {
			return nil
		}
		return &intervals[at]
	}
	figures := make([]figure, len(names))
	for i := range figures {
		figures[i] = figure{Name: names[i], Model: values[i], ModelRange: interval(i), Note: notes[i]}
		for y, name := range yards {
			at := (y+1)*len(names) + i
			figures[i].Yardsticks = append(figures[i].Yardsticks, yardstick{name, values[i] - values[at], values[at], interval(at)})
		}
	}
	return figures
}

func pick[T any](all []T, rows []int) []T {
	picked := make([]T, len(rows))
	for i, row := range rows {
		picked[i] = all[row]
	}
	return picked
}

// edges part the forecast risks into buckets.
var edges = []float64{0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5}

func calibration(forecast []float64, bad []bool) []bucket {
	buckets := make([]bucket, len(edges))
	for i, edge := range edges {
		buckets[i].Above = edge
	}
	for i, p := range forecast {
		at := len(edges) - 1
		for p < edges[at] {
			at--
		}
		buckets[at].Orders++
		buckets[at].Forecast += p
		if bad[i] {
			buckets[at].Observed++
		}
	}
	var used []bucket
	for _, b := range buckets {
		if b.Orders > 0 {
			b.Forecast /= float64(b.Orders)
			b.Observed /= float64(b.Orders)
			used = append(used, b)
		}
	}
	return used
}

// Package learn makes fraud models from labelled orders: logistic regression,
// gradient-boosted trees, a mix of both, calibrated, and chosen by a time-ordered
// validation. It draws no random numbers: the same orders give the same model.
package learn

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/cart21/cart21/fraud"
)

// Set are labelled orders in order of time.
type Set struct {
	At      []time.Time
	Vectors [][]float64 // each in the order of [fraud.Features]
	Bad     []bool      // charged back
}

// Len is the number of orders.
func (s Set) Len() int { return len(s.Bad) }

// Part is the orders from one place to before another.
func (s Set) Part(from, to int) Set {
	return Set{s.At[from:to], s.Vectors[from:to], s.Bad[from:to]}
}

// ChargeBacks is the number of orders that were charged back.
func (s Set) ChargeBacks() (n int) {
	for _, bad := range s.Bad {
		if bad {
			n++
		}
	}
	return n
}

// Candidate is one way to make a model.
type Candidate struct {
	Name string
	// L2 is the logistic regression's penalty on its squared weights.
	L2 float64
	// Share is the trees' share of the sum.
	Share float64
	Boost Boost
	// Linear and Treed restrict the features of each part; nil means all.
	Linear, Treed func(feature string) bool
}

// Candidates are what training chooses among, the simplest first. Trees are not
// tried alone: they do not go on where the orders they learned from end.
var Candidates = candidates()

func candidates() []Candidate {
	var all []Candidate
	penalties := []float64{30, 10, 3}
	for _, l2 := range penalties {
		all = append(all, Candidate{Name: fmt.Sprintf("logistic regression of few features, penalty %g", l2), L2: l2, Linear: few})
	}
	for depth := 2; depth <= 3; depth++ {
		b := Boost{Trees: 100, Depth: depth, Rate: 0.05, MinOrders: 15, L2: 5}
		all = append(all, Candidate{Name: fmt.Sprintf("few features, penalty 10, and trees of depth %d", depth), L2: 10, Share: 0.5, Boost: b, Linear: few, Treed: few})
	}
	for _, l2 := range penalties {
		all = append(all, Candidate{Name: fmt.Sprintf("logistic regression of all features, penalty %g", l2), L2: l2})
	}
	for depth := 2; depth <= 4; depth++ {
		b := Boost{Trees: 100, Depth: depth, Rate: 0.05, MinOrders: 15, L2: 5}
		all = append(all, Candidate{Name: fmt.Sprintf("all features, penalty 30, and trees of depth %d", depth), L2: 30, Share: 0.5, Boost: b})
	}
	return all
}

// few are the features that are not of one kind of key alone: the order's own,
// and a person's keys taken together. Few charge-backs teach more about few.
func few(feature string) bool { return !fraud.SingleKey(feature) }

// Fit makes a model without calibration.
func (c Candidate) Fit(s Set) (*fraud.Model, error) {
	bad := s.ChargeBacks()
	if bad == 0 || bad == s.Len() {
		return nil, fmt.Errorf("learning from %d orders with %d charge-backs: some of both kinds are needed", s.Len(), bad)
	}
	m := &fraud.Model{Format: fraud.ModelFormat, TreesShare: c.Share, Slope: 1}
	m.Trained.From, m.Trained.To = s.At[0], s.At[s.Len()-1]
	m.Trained.Orders, m.Trained.ChargeBacks, m.Trained.Choice = s.Len(), bad, c.Name
	if c.Share < 1 {
		m.Logistic = fitLogistic(s, telling(s, c.Linear), c.L2)
	}
	if c.Share > 0 {
		m.Trees = c.Boost.fit(s, telling(s, c.Treed))
	}
	if err := m.Ready(); err != nil {
		return nil, fmt.Errorf("the model that came out is none: %w", err)
	}
	return m, nil
}

// telling are the features that differ among the orders.
func telling(s Set, only func(string) bool) []int {
	var columns []int
	for f, feature := range fraud.Features {
		if only != nil && !only(feature.Name) {
			continue
		}
		first := s.Vectors[0][f]
		for _, v := range s.Vectors {
			if v[f] != first && !(math.IsNaN(v[f]) && math.IsNaN(first)) {
				columns = append(columns, f)
				break
			}
		}
	}
	return columns
}

// Folds of the rolling origin: learning begins with this part of the orders,
// and the rest is forecast in so many steps, each from all before it.
const (
	firstFold = 0.4
	folds     = 4
)

// Forecast is what candidates said of orders they had not seen.
type Forecast struct {
	Raw   []float64
	Bad   []bool
	First int // the place of the first forecast order
}

// Roll forecasts the later part of a set step by step, each step from what came
// before it: the honest way to judge a candidate without touching what is kept.
func (c Candidate) Roll(s Set) (Forecast, error) {
	f := Forecast{First: int(firstFold * float64(s.Len()))}
	for i := range folds {
		from := f.First + (s.Len()-f.First)*i/folds
		to := f.First + (s.Len()-f.First)*(i+1)/folds
		m, err := c.Fit(s.Part(0, from))
		if err != nil {
			return Forecast{}, fmt.Errorf("validating step %d of %d: %w", i+1, folds, err)
		}
		for j := from; j < to; j++ {
			f.Raw = append(f.Raw, m.Raw(s.Vectors[j]))
		}
		f.Bad = append(f.Bad, s.Bad[from:to]...)
	}
	return f, nil
}

// Trial is how a candidate did in the rolling forecast.
type Trial struct {
	Candidate Candidate
	Forecast  Forecast
	Loss      float64 // mean log loss after calibration: less is better
	AP        float64 // average precision: more is better
	AUC       float64
}

// Try judges every candidate. The best is the first, and so the simplest, that is
// not worse than the one of least log loss by more than the standard error of
// their difference: with few charge-backs the least is often so by chance.
func Try(s Set, all []Candidate) (trials []Trial, best int, err error) {
	if len(all) == 0 {
		return nil, 0, errors.New("there is no candidate to choose from")
	}
	var losses [][]float64
	least := 0
	for _, c := range all {
		f, err := c.Roll(s)
		if err != nil {
			return nil, 0, err
		}
		slope, intercept := Platt(f.Raw, f.Bad)
		loss := make([]float64, len(f.Raw))
		for i, raw := range f.Raw {
			loss[i] = softplus(slope*raw+intercept, f.Bad[i])
		}
		mean, _ := meanError(loss)
		trials = append(trials, Trial{Candidate: c, Forecast: f, Loss: mean, AP: AveragePrecision(f.Raw, f.Bad), AUC: AUC(f.Raw, f.Bad)})
		losses = append(losses, loss)
		if mean < trials[least].Loss {
			least = len(trials) - 1
		}
	}
	for i := range trials {
		difference := make([]float64, len(losses[i]))
		for j := range difference {
			difference[j] = losses[i][j] - losses[least][j]
		}
		if mean, deviation := meanError(difference); mean <= deviation {
			return trials, i, nil
		}
	}
	return trials, least, nil
}

// meanError is the mean and its standard error.
func meanError(values []float64) (mean, deviation float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	for _, v := range values {
		deviation += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(deviation) / n
}

// Train chooses a candidate and makes the model from all orders, calibrated on
// the rolling forecast.
func Train(s Set, all []Candidate) (*fraud.Model, []Trial, int, error) {
	trials, best, err := Try(s, all)
	if err != nil {
		return nil, nil, 0, err
	}
	m, err := trials[best].Calibrated(s)
	return m, trials, best, err
}

// Calibrated makes the trial's model from all orders.
func (t Trial) Calibrated(s Set) (*fraud.Model, error) {
	m, err := t.Candidate.Fit(s)
	if err != nil {
		return nil, err
	}
	slope, intercept := Platt(t.Forecast.Raw, t.Forecast.Bad)
	m.Slope, m.Intercept = digits(slope), digits(intercept)
	return m, m.Ready()
}

// digits rounds to six significant ones, so that the file reads well and holds
// exactly what is scored with.
func digits(x float64) float64 {
	if x == 0 {
		return 0
	}
	scale := math.Pow(10, 5-math.Floor(math.Log10(math.Abs(x))))
	return math.Round(x*scale) / scale
}

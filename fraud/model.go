package fraud

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"
)

// ModelFormat is the version of the model file's layout.
const ModelFormat = 1

// Model is a trained scorer: a weighted sum of a logistic regression and of
// gradient-boosted trees, both in log-odds, brought to a probability by a
// calibration. It is stored as JSON that a person can read, and safe for
// concurrent use.
type Model struct {
	Format   int        `json:"format"`
	Trained  Provenance `json:"trained"`
	Logistic *Logistic  `json:"logistic,omitempty"`
	Trees    *Trees     `json:"trees,omitempty"`
	// TreesShare is the trees' share of the sum, 0 to 1.
	TreesShare float64 `json:"trees_share"`
	// Slope and Intercept calibrate (Platt): the log-odds of a charge-back are
	// Slope times the sum plus Intercept.
	Slope     float64 `json:"slope"`
	Intercept float64 `json:"intercept"`

	version string
	terms   []int // of Logistic, as places in a vector
	splits  map[string]int
}

// Provenance says what a model was made of.
type Provenance struct {
	From        time.Time `json:"from"` // the first and last order it learned from
	To          time.Time `json:"to"`
	Orders      int       `json:"orders"`
	ChargeBacks int       `json:"charge_backs"`
	// LabelDelay is how long after an order its charge-back was taken to be known.
	LabelDelay string `json:"label_delay"`
	Choice     string `json:"choice"` // which candidate was chosen, in words
}

// Logistic is a logistic regression over standardised features.
type Logistic struct {
	Bias  float64 `json:"bias"`
	Terms []Term  `json:"terms"`
}

// Term is one feature's part: Weight times (value - Mean) / Scale, or Missing
// when the value is unknown.
type Term struct {
	Feature string  `json:"feature"`
	Mean    float64 `json:"mean"`
	Scale   float64 `json:"scale"`
	Weight  float64 `json:"weight"`
	Missing float64 `json:"missing,omitempty"`
}

// Trees are gradient-boosted regression trees, added to Bias.
type Trees struct {
	Bias  float64  `json:"bias"`
	Trees [][]Node `json:"trees"` // each with its root first
}

// Node is a split, or a leaf when it has no feature. Value is what the tree
// says of the orders that come here, in log-odds; at a split it is the average
// of what is below, so that each step tells what its feature did.
type Node struct {
	Feature string  `json:"feature,omitempty"`
	Below   float64 `json:"below,omitempty"`   // values less than this go left
	Unknown string  `json:"unknown,omitempty"` // where unknown values go: left or right
	Left    int     `json:"left,omitempty"`
	Right   int     `json:"right,omitempty"`
	Value   float64 `json:"value"`
}

// Version identifies the model's content; it goes with every score.
func (m *Model) Version() string { return m.version }

// BaseRate is the share of charge-backs among the orders it learned from.
func (m *Model) BaseRate() float64 { return float64(m.Trained.ChargeBacks) / float64(m.Trained.Orders) }

const maxModel = 16 << 20

// ParseModel reads a model file. All mistakes are in the error.
func ParseModel(text []byte) (*Model, error) {
	if len(text) > maxModel {
		return nil, fmt.Errorf("reading the fraud model: it is larger than %d MiB", maxModel>>20)
	}
	var m Model
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		return nil, fmt.Errorf("reading the fraud model: it is not one that fraud/train wrote: %w", err)
	}
	if decoder.More() {
		return nil, errors.New("reading the fraud model: there is more in the file than one model")
	}
	if err := m.Ready(); err != nil {
		return nil, fmt.Errorf("reading the fraud model: %w; train it again with fraud/train", err)
	}
	return &m, nil
}

// JSON is the model's file: the same model is the same bytes.
func (m *Model) JSON() ([]byte, error) {
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return nil, fmt.Errorf("writing the fraud model: %w", err)
	}
	return append(text, '\n'), nil
}

// Ready checks a model that was put together and makes it ready to score.
func (m *Model) Ready() error {
	var found []error
	note := func(bad bool, format string, args ...any) {
		if bad {
			found = append(found, fmt.Errorf(format, args...))
		}
	}
	note(m.Format != ModelFormat, "format %d is not %d, which this program reads", m.Format, ModelFormat)
	note(m.Trained.Orders <= 0 || m.Trained.ChargeBacks <= 0 || m.Trained.ChargeBacks >= m.Trained.Orders, "it does not say how many orders and charge-backs it learned from")
	note(!(m.TreesShare >= 0 && m.TreesShare <= 1), "trees_share %v is not between 0 and 1", m.TreesShare)
	note(m.TreesShare < 1 && m.Logistic == nil, "the logistic part is missing")
	note(m.TreesShare > 0 && m.Trees == nil, "the trees are missing")
	note(m.Slope < 0, "slope %v is negative: it would turn the order of scores around", m.Slope)
	// Bounded numbers make bounded sums: a score is always a number.
	number := func(what string, all ...float64) {
		for _, x := range all {
			note(!(math.Abs(x) <= 1e9), "%s: %v is not a number that training writes", what, x)
		}
	}
	number("slope and intercept", m.Slope, m.Intercept)
	m.terms, m.splits = nil, map[string]int{}
	feature := func(name string) int {
		i, ok := featureIndex[name]
		note(!ok, "there is no feature %q", name)
		return i
	}
	if m.Logistic != nil {
		number("the logistic part", m.Logistic.Bias)
		for _, t := range m.Logistic.Terms {
			note(!(t.Scale >= 1e-9), "feature %s: scale %v is not above 0", t.Feature, t.Scale)
			number("feature "+t.Feature, t.Mean, t.Scale, t.Weight, t.Missing)
			m.terms = append(m.terms, feature(t.Feature))
		}
	}
	if m.Trees != nil {
		number("the trees", m.Trees.Bias)
		for i, tree := range m.Trees.Trees {
			note(len(tree) == 0, "tree %d is empty", i)
			for at, n := range tree {
				number("a tree", n.Value)
				if n.Feature == "" {
					continue
				}
				m.splits[n.Feature] = feature(n.Feature)
				// Children come after their parent, so that every walk ends.
				note(n.Left <= at || n.Right <= at || n.Left >= len(tree) || n.Right >= len(tree), "tree %d: node %d leads nowhere", i, at)
				note(n.Unknown != "left" && n.Unknown != "right", "tree %d: node %d does not say where unknown values go", i, at)
			}
		}
	}
	if err := errors.Join(found...); err != nil {
		return err
	}
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	m.version = hex.EncodeToString(sum[:6])
	return nil
}

// Knows says whether the model looks at a feature.
func (m *Model) Knows(feature string) bool {
	if _, ok := m.splits[feature]; ok && m.TreesShare > 0 {
		return true
	}
	if m.Logistic == nil || m.TreesShare == 1 {
		return false
	}
	for _, t := range m.Logistic.Terms {
		if t.Feature == feature && (t.Weight != 0 || t.Missing != 0) {
			return true
		}
	}
	return false
}

// Raw is the sum before calibration, in log-odds.
func (m *Model) Raw(vector []float64) float64 {
	raw, _ := m.explain(vector, false)
	return raw
}

// Probability is the calibrated risk of a charge-back, 0 to 1.
func (m *Model) Probability(vector []float64) float64 {
	return Sigmoid(m.Slope*m.Raw(vector) + m.Intercept)
}

// Contributions are what each feature adds to the calibrated log-odds, against
// an order of which it tells nothing, in the order of [Features].
func (m *Model) Contributions(vector []float64) []float64 {
	_, parts := m.explain(vector, true)
	for i := range parts {
		parts[i] *= m.Slope
	}
	return parts
}

func (m *Model) explain(vector []float64, parts bool) (raw float64, by []float64) {
	if parts {
		by = make([]float64, len(vector))
	}
	add := func(feature int, value float64) {
		raw += value
		if parts {
			by[feature] += value
		}
	}
	if share := 1 - m.TreesShare; share > 0 {
		raw += share * m.Logistic.Bias
		for i, t := range m.Logistic.Terms {
			add(m.terms[i], share*t.part(vector[m.terms[i]]))
		}
	}
	if m.TreesShare > 0 {
		raw += m.TreesShare * m.Trees.Bias
		for _, tree := range m.Trees.Trees {
			n := tree[0]
			raw += m.TreesShare * n.Value
			for n.Feature != "" {
				feature := m.splits[n.Feature]
				next := tree[n.next(vector[feature])]
				add(feature, m.TreesShare*(next.Value-n.Value))
				n = next
			}
		}
	}
	return raw, by
}

func (t Term) part(value float64) float64 {
	if math.IsNaN(value) {
		return t.Missing
	}
	return t.Weight * (value - t.Mean) / t.Scale
}

func (n Node) next(value float64) int {
	if left := value < n.Below; left || math.IsNaN(value) && n.Unknown == "left" {
		return n.Left
	}
	return n.Right
}

// Sigmoid turns log-odds into a probability.
func Sigmoid(logOdds float64) float64 { return 1 / (1 + math.Exp(-logOdds)) }

// LogOdds is the inverse of [Sigmoid].
func LogOdds(probability float64) float64 { return math.Log(probability / (1 - probability)) }

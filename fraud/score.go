package fraud

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Outcome is what shall happen to an order.
type Outcome string

// The outcomes.
const (
	Accept Outcome = "accept"
	Review Outcome = "review" // a person decides
	Reject Outcome = "reject"
)

// Reason says why a score is what it is.
type Reason struct {
	Code string `json:"code"`
	// Multiplier is what it does to the odds of a charge-back: 2 doubles them,
	// 0.5 halves them.
	Multiplier float64 `json:"multiplier"`
	Text       string  `json:"text"` // a sentence, without personal data
}

// Assessment is a scored order.
type Assessment struct {
	// Score is the risk of a charge-back in percent, 0.01 to 99.
	Score   float64 `json:"score"`
	Outcome Outcome `json:"outcome"` // what the thresholds, exemptions and earlier decisions come to
	// Act says that the outcome is to be acted upon: false in shadow mode.
	Act bool `json:"act"`
	// Because says why an outcome is not what its score alone comes to: an
	// exemption, or an earlier decision.
	Because string   `json:"because,omitempty"`
	Reasons []Reason `json:"reasons,omitempty"` // the weightiest first
	// Causes are the reasons that raise the score. Keep them with the decision:
	// nobody is asked about the same ones again.
	Causes []Cause `json:"causes,omitempty"`
	// Features are those that are known, for the log; a later model learns from them.
	Features      map[string]float64 `json:"features"`
	ModelVersion  string             `json:"model,omitempty"` // empty when rules alone scored
	PolicyVersion string             `json:"policy"`
}

// Score assesses an order by rules and, when there is one, a model. It does no
// I/O and asks no clock.
func Score(f Facts, p *Policy, m *Model) Assessment {
	vector := Vector(f, p)
	a := Assessment{Features: map[string]float64{}, PolicyVersion: p.version}
	for i, value := range vector {
		if !math.IsNaN(value) {
			a.Features[Features[i].Name] = value
		}
	}
	logOdds := LogOdds(p.BaseRate)
	if m != nil {
		a.ModelVersion = m.version
		logOdds = m.Slope*m.Raw(vector) + m.Intercept
		if p.Rebase {
			logOdds += LogOdds(p.BaseRate) - LogOdds(m.BaseRate())
		}
		a.Reasons = m.reasons(vector)
	}
	for _, r := range p.Rules {
		if m != nil && !r.Always && m.Knows(r.Feature) {
			continue
		}
		if plain, ok := r.holds(vector[featureIndex[r.Feature]]); ok && r.Multiplier != 1 {
			logOdds += math.Log(r.Multiplier)
			a.Reasons = append(a.Reasons, Reason{r.Code, r.Multiplier, strings.ReplaceAll(r.Text, "{value}", short(plain))})
		}
	}
	if f.Opinion != nil {
		logOdds = a.consult(*f.Opinion, logOdds)
	}
	slices.SortStableFunc(a.Reasons, func(x, y Reason) int {
		return cmp.Compare(math.Abs(math.Log(y.Multiplier)), math.Abs(math.Log(x.Multiplier)))
	})
	for _, r := range a.Reasons {
		if r.Multiplier > 1 {
			a.Causes = append(a.Causes, Cause{r.Code, r.Multiplier})
		}
	}
	a.Score = math.Round(min(max(100*Sigmoid(logOdds), 0.01), 99)*100) / 100
	a.decide(f, p)
	return a
}

// consult takes an external scorer's opinion as the reason that moves the odds to
// its score.
func (a *Assessment) consult(o Opinion, logOdds float64) float64 {
	reason := Reason{Code: "EXTERNAL", Multiplier: 1, Text: o.Text}
	if o.Score > 0 {
		external := LogOdds(min(max(o.Score, 0.01), 99) / 100)
		reason.Multiplier = round(math.Exp(external-logOdds), 3)
		logOdds = external
	}
	a.Reasons = append(a.Reasons, reason)
	return logOdds
}

// decide turns a score into an outcome.
func (a *Assessment) decide(f Facts, p *Policy) {
	switch {
	case a.Score >= p.RejectFrom:
		a.Outcome = Reject
	case a.Score >= p.ReviewFrom:
		a.Outcome = Review
	default:
		a.Outcome = Accept
	}
	a.Act = p.Mode == Hold
	accept := func(because string) { a.Outcome, a.Because = Accept, because }
	switch {
	case f.Earlier != nil && !f.Earlier.Approved:
		a.Outcome, a.Because = Reject, "rejected before by "+cmp.Or(f.Earlier.By, "an earlier decision")
	case a.Outcome == Accept:
	case f.Terms && p.Exempt.TermsAccounts:
		accept("buys on account: customers with terms are exempt")
	case p.exemptMethod(f.Order.PaymentMethod):
		accept("paid by a method that is exempt: " + f.Order.PaymentMethod)
	case f.Earlier != nil:
		fresh := slices.DeleteFunc(slices.Clone(a.Causes), f.Earlier.covers)
		if len(fresh) == 0 {
			accept("approved before for the same causes by " + cmp.Or(f.Earlier.By, "an earlier decision"))
			return
		}
		a.Because = fmt.Sprintf("approved before, but %s is new", fresh[0].Code)
	}
}

func (p *Policy) exemptMethod(method string) bool {
	method = squeeze(method)
	return method != "" && slices.ContainsFunc(p.Exempt.PaymentMethods, func(m string) bool { return squeeze(m) == method })
}

// modelTold is how much a model's reason has to multiply or divide the odds to
// be told.
const modelTold = 1.15

// reasons are a model's contributions, features of one code together, told by
// the feature that contributes most.
func (m *Model) reasons(vector []float64) []Reason {
	parts := m.Contributions(vector)
	sum, most := map[string]float64{}, map[string]int{}
	var codes []string // in the order of features
	for i, part := range parts {
		code := Features[i].Code
		if _, seen := sum[code]; !seen {
			codes, most[code] = append(codes, code), i
		}
		sum[code] += part
		if math.Abs(part) > math.Abs(parts[most[code]]) {
			most[code] = i
		}
	}
	var all []Reason
	for _, code := range codes {
		if math.Abs(sum[code]) < math.Log(modelTold) {
			continue
		}
		feature := Features[most[code]]
		told := "unknown"
		if value := vector[most[code]]; !math.IsNaN(value) {
			told = short(Plain(feature.Name, value))
		}
		text := fmt.Sprintf("Learned from earlier orders, mostly by %s = %s.", feature.Name, told)
		all = append(all, Reason{"MODEL_" + code, round(math.Exp(min(max(sum[code], -7), 7)), 3), text})
	}
	return all
}

func short(x float64) string { return fmt.Sprintf("%.4g", math.Round(x*100)/100) }

// round keeps so many significant digits.
func round(x float64, digits int) float64 {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return x
	}
	scale := math.Pow(10, float64(digits)-math.Ceil(math.Log10(math.Abs(x))))
	return math.Round(x*scale) / scale
}

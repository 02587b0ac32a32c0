package fraud

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

//go:embed default.yaml
var defaultPolicy []byte

// Mode says whether anything is held.
type Mode string

// The modes.
const (
	Shadow Mode = "shadow" // score and log only
	Hold   Mode = "hold"
)

// Policy says how orders are screened; default.yaml is its reference. It is read
// by [ParsePolicy] and safe for concurrent use. Where the thresholds stand in
// another file, [Policy.Check] it after setting them.
type Policy struct {
	Mode       Mode      `yaml:"mode" json:"mode"`
	BaseRate   float64   `yaml:"base_rate" json:"base_rate"` // of charge-backs, 0 to 1
	Rebase     bool      `yaml:"rebase" json:"rebase"`       // a model's base rate to this one
	ReviewFrom float64   `yaml:"review_from" json:"review_from"`
	RejectFrom float64   `yaml:"reject_from" json:"reject_from"`
	Zone       string    `yaml:"zone" json:"zone"` // IANA name
	Exempt     Exemption `yaml:"exempt" json:"exempt"`
	Lists      Lists     `yaml:"lists" json:"lists"`
	OnHold     Terms     `yaml:"hold" json:"hold"`
	Rules      []Rule    `yaml:"rules" json:"rules"`

	lookup  lookup
	zone    *time.Location
	version string
}

// Exemption says which orders are accepted whatever they score.
type Exemption struct {
	TermsAccounts  bool     `yaml:"terms_accounts" json:"terms_accounts"`
	Terms          []string `yaml:"terms" json:"terms"` // of Prophet 21 that are on account
	PaymentMethods []string `yaml:"payment_methods" json:"payment_methods"`
}

// Terms say how a held order waits and what the shop shows of it.
type Terms struct {
	EscalateAfter time.Duration `yaml:"escalate_after" json:"escalate_after"` // 0 = never
	DecideBy      time.Duration `yaml:"decide_by" json:"decide_by"`           // 0 = no deadline
	AtDeadline    AtDeadline    `yaml:"at_deadline" json:"at_deadline"`
	// The shop's shipping status codes to set; empty leaves what is there.
	StatusHeld     string `yaml:"status_held" json:"status_held"`
	StatusApproved string `yaml:"status_approved" json:"status_approved"`
	StatusRejected string `yaml:"status_rejected" json:"status_rejected"`
	// PaymentStatusRejected is likewise a payment status code.
	PaymentStatusRejected string `yaml:"payment_status_rejected" json:"payment_status_rejected"`
}

// AtDeadline is what happens to an order on which nobody decided in time.
type AtDeadline string

// What may happen at the deadline.
const (
	ApproveThen AtDeadline = "approve"
	RejectThen  AtDeadline = "reject"
	KeepThen    AtDeadline = "keep" // it stays held
)

// check finds every mistake.
func (t Terms) check(note func(bad bool, format string, args ...any)) {
	note(t.EscalateAfter < 0, "hold: escalate_after %v is negative", t.EscalateAfter)
	note(t.DecideBy < 0, "hold: decide_by %v is negative", t.DecideBy)
	note(!slices.Contains([]AtDeadline{ApproveThen, RejectThen, KeepThen}, t.AtDeadline), "hold: at_deadline %q is none of approve, reject and keep", t.AtDeadline)
	for _, code := range []string{t.StatusHeld, t.StatusApproved, t.StatusRejected, t.PaymentStatusRejected} {
		note(len(code) > 4, "hold: %q is no status code: X-Cart's have up to 4 letters", code)
	}
	note(t.StatusHeld != "" && t.StatusApproved == "", "hold: status_approved must say to which status an approved order goes back, since status_held moves it")
}

// Rule multiplies the odds of a charge-back when a feature is within bounds.
type Rule struct {
	Code    string `yaml:"code" json:"code"`
	Feature string `yaml:"feature" json:"feature"`
	// From and Below bound the feature, as plain numbers; nil is no bound.
	From       *float64 `yaml:"from" json:"from,omitempty"`
	Below      *float64 `yaml:"below" json:"below,omitempty"`
	Multiplier float64  `yaml:"multiplier" json:"multiplier"` // 1 switches the rule off
	Always     bool     `yaml:"always" json:"always,omitempty"`
	Text       string   `yaml:"text" json:"text"` // a sentence; {value} is the feature's
}

// OnAccount says whether a customer with these terms in Prophet 21 buys on
// account: card customers have terms there too.
func (p *Policy) OnAccount(terms string) bool {
	return terms != "" && slices.ContainsFunc(p.Exempt.Terms, func(t string) bool { return strings.EqualFold(t, terms) })
}

// Version identifies the policy's content; it goes with every score.
func (p *Policy) Version() string { return p.version }

// DefaultPolicy is the embedded one.
func DefaultPolicy() *Policy {
	p, err := ParsePolicy("default.yaml", nil)
	if err != nil {
		panic("fraud: the embedded policy: " + err.Error())
	}
	return p
}

const maxPolicy = 1 << 20

// ParsePolicy reads a policy over the embedded default. All mistakes are in the
// error, with the line where the YAML library knows it.
func ParsePolicy(name string, text []byte) (_ *Policy, err error) {
	defer func() { // as the YAML library does on some documents
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: this YAML cannot be read: %v", name, r)
		}
	}()
	if len(text) > maxPolicy {
		return nil, fmt.Errorf("the fraud policy %s is larger than %d MiB", name, maxPolicy>>20)
	}
	var p Policy
	if err := decode(defaultPolicy, &p); err != nil {
		return nil, fmt.Errorf("the embedded fraud policy: %w", err)
	}
	rules := p.Rules
	p.Rules = nil
	if err := decode(text, &p); err != nil {
		return nil, fmt.Errorf("the fraud policy %s: %w", name, err)
	}
	p.Rules = overlay(rules, p.Rules)
	if err := p.Check(); err != nil {
		return nil, fmt.Errorf("the fraud policy %s: %w", name, err)
	}
	return &p, nil
}

func decode(text []byte, into *Policy) error {
	if len(lines(string(text))) == 0 {
		return nil // an empty file says nothing; decoding it would empty the policy
	}
	return yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(into)
}

// overlay replaces rules by code and adds new ones.
func overlay(rules, own []Rule) []Rule {
	for _, r := range own {
		if i := slices.IndexFunc(rules, func(known Rule) bool { return known.Code == r.Code }); i >= 0 {
			rules[i] = r
		} else {
			rules = append(rules, r)
		}
	}
	return rules
}

// Check finds every mistake, and makes a policy that was changed ready again.
func (p *Policy) Check() error {
	var found []error
	note := func(bad bool, format string, args ...any) {
		if bad {
			found = append(found, fmt.Errorf(format, args...))
		}
	}
	note(p.Mode != Shadow && p.Mode != Hold, "mode %q is neither shadow nor hold", p.Mode)
	note(!(p.BaseRate > 0 && p.BaseRate < 1), "base_rate %v is not a share between 0 and 1", p.BaseRate)
	note(!(p.ReviewFrom > 0 && p.ReviewFrom <= 100), "review_from %v is not a score above 0 and up to 100", p.ReviewFrom)
	note(!(p.RejectFrom >= p.ReviewFrom && p.RejectFrom <= 100), "reject_from %v is not a score from review_from to 100", p.RejectFrom)
	zone, err := time.LoadLocation(p.Zone)
	note(err != nil, "zone %q is not the name of a time zone, such as America/Chicago", p.Zone)
	p.OnHold.check(note)
	for _, r := range p.Rules {
		_, known := featureIndex[r.Feature]
		note(r.Code == "", "a rule on %q has no code", r.Feature)
		note(!known, "rule %s: there is no feature %q", r.Code, r.Feature)
		note(!(r.Multiplier > 0 && r.Multiplier <= 1000), "rule %s: multiplier %v is not above 0 and up to 1000", r.Code, r.Multiplier)
		note(r.From == nil && r.Below == nil, "rule %s: neither from nor below says when it holds", r.Code)
		note(r.From != nil && r.Below != nil && !(*r.From < *r.Below), "rule %s: from is not less than below", r.Code)
		note(strings.TrimSpace(r.Text) == "", "rule %s: has no text for the reviewer", r.Code)
	}
	if err := errors.Join(found...); err != nil {
		return err
	}
	content, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("writing the policy down: %w", err)
	}
	sum := sha256.Sum256(content)
	p.lookup, p.zone, p.version = p.Lists.lookup(), zone, hex.EncodeToString(sum[:6])
	return nil
}

// holds says whether a rule holds for a feature's value, and the plain value.
func (r Rule) holds(value float64) (plain float64, ok bool) {
	if math.IsNaN(value) {
		return 0, false
	}
	plain = Plain(r.Feature, value)
	const epsilon = 1e-9 // what taking a logarithm and back costs
	return plain, (r.From == nil || plain >= *r.From-epsilon) && (r.Below == nil || plain < *r.Below-epsilon)
}

// Plain is a feature's value without its logarithm: what a person reads.
func Plain(feature string, value float64) float64 {
	i, ok := featureIndex[feature]
	switch {
	case !ok:
		return value
	case strings.Contains(Features[i].Doc, "log(1+x)"):
		return math.Expm1(value)
	case strings.Contains(Features[i].Doc, "as log"):
		return math.Exp(value)
	}
	return value
}

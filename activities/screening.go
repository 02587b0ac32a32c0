package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors/scorer"
	"github.com/cart21/cart21/fraud"
	"github.com/cart21/cart21/mapping"
	"github.com/cart21/cart21/records"
)

// Risk is how risky an order is, and what the policy does about it. It goes into
// histories: nothing in it is personal.
type Risk struct {
	Score   float64 `json:"score"`            // risk of a charge-back in percent
	Outcome string  `json:"outcome"`          // accept, review or reject
	Shadow  bool    `json:"shadow,omitempty"` // scored only: the outcome is not to be acted upon
	// Reasons are the weightiest first.
	Reasons []RiskReason `json:"reasons,omitempty"`
	Model   string       `json:"model,omitempty"` // version; empty when rules alone scored
	Terms   HoldTerms    `json:"terms"`
}

// RiskReason says why a score is what it is.
type RiskReason struct {
	Code       string  `json:"code"`
	Multiplier float64 `json:"multiplier"` // of the odds of a charge-back
	Sentence   string  `json:"sentence"`
}

// HoldTerms are how a hold goes, from the policy in force when the order was read.
type HoldTerms struct {
	EscalateAfter time.Duration `json:"escalate_after,omitempty"` // nanoseconds
	DecideBy      time.Duration `json:"decide_by,omitempty"`      // nanoseconds from the hold's begin; 0 = no deadline
	AtDeadline    string        `json:"at_deadline,omitempty"`    // approve, reject or keep
	// Shipping status codes to set in the shop; empty leaves it.
	StatusHeld     string `json:"status_held,omitempty"`
	StatusApproved string `json:"status_approved,omitempty"`
	StatusRejected string `json:"status_rejected,omitempty"`
	// PaymentStatusRejected likewise.
	PaymentStatusRejected string `json:"payment_status_rejected,omitempty"`
}

// Screened is what was decided on an order before this reading.
type Screened struct {
	// Approved are the codes of the reasons that an approval covered: nobody is
	// asked about them again.
	Approved []string `json:"approved,omitempty"`
}

// Screening says how risky an order is. It makes no call to another system
// unless a Scorer is set.
type Screening struct {
	Policy  *fraud.Policy
	Model   *fraud.Model // nil: rules alone
	Pepper  []byte       // of the keys that velocity is counted by
	Records *records.Store
	Scorer  *scorer.Client         // nil: no other system is asked
	Country func(ip string) string // ISO 3166-1 alpha-2, "" when not known; nil: nobody looks
	Now     func() time.Time
}

// Assess scores an order with what came before it, and leaves the order for
// those that come later. Repeating it changes nothing: an order is counted once,
// and only what was placed before it counts.
func (s *Screening) Assess(ctx context.Context, order commerce.Order, before Screened) (*Risk, error) {
	facts := fraud.Facts{Order: order, Screening: order.Screening, Earlier: before.decision()}
	if s.Country != nil && facts.Screening.IPCountry == "" {
		facts.Screening.IPCountry = s.Country(facts.Screening.IP)
	}
	var err error
	if facts.Terms, err = s.onAccount(ctx, order); err != nil {
		return nil, err
	}
	event := facts.Event(s.Pepper)
	velocity := Velocity{s.Records}
	if facts.Counts, err = velocity.Count(ctx, event); err != nil {
		return nil, err
	}
	if facts.History, err = s.history(ctx, event, facts); err != nil {
		return nil, err
	}
	assessment := fraud.Score(facts, s.Policy, s.Model)
	if s.Scorer != nil {
		facts.Opinion = s.ask(ctx, facts, assessment)
		assessment = fraud.Score(facts, s.Policy, s.Model)
	}
	if err := s.Records.SaveScreening(ctx, recorded(event), s.log(order, event, assessment)); err != nil {
		return nil, err
	}
	return s.risk(assessment), nil
}

func (b Screened) decision() *fraud.Decision {
	if len(b.Approved) == 0 {
		return nil
	}
	d := &fraud.Decision{Approved: true}
	for _, code := range b.Approved {
		// Whatever a reason weighs by now, it was approved.
		d.Causes = append(d.Causes, fraud.Cause{Code: code, Multiplier: math.Inf(1)})
	}
	return d
}

// onAccount says whether the buyer has terms in the ERP that are on account, as
// far as an earlier order told. A guest has none, whatever e-mail he names.
func (s *Screening) onAccount(ctx context.Context, order commerce.Order) (bool, error) {
	if order.Customer.Guest || order.Customer.ProfileID == "" || len(s.Policy.Exempt.Terms) == 0 {
		return false, nil
	}
	known, err := s.Records.Customer(ctx, order.Store, mapping.AccountReference(order))
	if errors.Is(err, records.ErrNotFound) {
		return false, nil
	}
	return s.Policy.OnAccount(known.Terms), err
}

// believed is how far the records have to go back until a customer of whom they
// hold nothing is taken for a new one.
const believed = 180 * 24 * time.Hour

// history is what the customer bought before, as far as the records go back; nil
// for a guest, and while they are too young to tell a first order.
func (s *Screening) history(ctx context.Context, event fraud.Event, facts fraud.Facts) (*fraud.History, error) {
	customer := ""
	for _, k := range event.Keys {
		if k.Kind == fraud.KindCustomer {
			customer = k.Hash
		}
	}
	if customer == "" {
		return nil, nil
	}
	orders, spend, err := s.Records.Bought(ctx, customer, event.ID, event.At.Add(-fraud.Retention), event.At, StageCancelled)
	if err != nil {
		return nil, err
	}
	begin := facts.Counts[fraud.KindStore].First
	young := begin.IsZero() || event.At.Sub(begin) < believed
	seenAll := !begin.IsZero() && facts.Screening.AccountSince.After(begin)
	if orders == 0 && young && !seenAll {
		return nil, nil
	}
	return &fraud.History{Orders: orders, Spend: spend}, nil
}

// log is the assessment as a later model learns from it.
func (s *Screening) log(order commerce.Order, event fraud.Event, a fraud.Assessment) records.Screening {
	return records.Screening{
		Reference: event.ID, Store: order.Store, PlacedAt: event.At, Amount: event.Amount, Owner: event.Owner(),
		Features: a.Features, Score: a.Score, Outcome: string(a.Outcome), Shadow: !a.Act,
		Model: a.ModelVersion, Policy: a.PolicyVersion, DecidedAt: s.Now(),
	}
}

func (s *Screening) risk(a fraud.Assessment) *Risk {
	hold := s.Policy.OnHold
	risk := &Risk{
		Score: a.Score, Outcome: string(a.Outcome), Shadow: !a.Act, Model: a.ModelVersion,
		Terms: HoldTerms{
			EscalateAfter: hold.EscalateAfter, DecideBy: hold.DecideBy, AtDeadline: string(hold.AtDeadline),
			StatusHeld: hold.StatusHeld, StatusApproved: hold.StatusApproved, StatusRejected: hold.StatusRejected,
			PaymentStatusRejected: hold.PaymentStatusRejected,
		},
	}
	if a.Because != "" {
		risk.Reasons = append(risk.Reasons, RiskReason{"OUTCOME", 1, strings.ToUpper(a.Because[:1]) + a.Because[1:] + "."})
	}
	for _, r := range a.Reasons {
		risk.Reasons = append(risk.Reasons, RiskReason{r.Code, r.Multiplier, r.Text})
	}
	return risk
}

// ask gets the external scorer's opinion. It never fails: without one the score
// stands as it is, and the reasons say so.
func (s *Screening) ask(ctx context.Context, facts fraud.Facts, local fraud.Assessment) *fraud.Opinion {
	answer, err := s.Scorer.Score(ctx, scorer.Order{
		Reference: facts.Order.Reference(), Order: facts.Order, Screening: facts.Screening,
		Features: local.Features, Score: local.Score, Outcome: string(local.Outcome),
	})
	if err != nil {
		return &fraud.Opinion{Text: fmt.Sprintf("The external scorer gave no score, so that the rules' and the model's own stands: %v.", err)}
	}
	return &fraud.Opinion{Score: answer.Score, Text: cmp.Or(answer.Sentence, "The external scorer says so.")}
}

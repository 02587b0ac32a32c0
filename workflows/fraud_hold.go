package workflows

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/cart21/cart21/activities"
)

// A hold is a question at the desk like any other, asked before the ERP hears of
// the order, with a clock of its own and words of its own for reviewers.

// ReasonFraudReview is what an order is parked for that a reviewer decides about.
const ReasonFraudReview = "fraud-review"

// policy decides when nobody has until the deadline. Unlike what automatic
// decides, that is kept and audited as a person's decision is.
const policy = "policy"

// FraudHold is what a reviewer is asked.
type FraudHold struct {
	WebOrder  string                  `json:"web_order"`
	Total     string                  `json:"total"` // with its currency
	Score     float64                 `json:"score"` // risk of a charge-back in percent
	Outcome   string                  `json:"outcome"`
	Reasons   []activities.RiskReason `json:"reasons,omitempty"` // the weightiest first
	Since     time.Time               `json:"since"`
	Deadline  time.Time               `json:"deadline,omitzero"` // when AtDeadline decides
	AtEnd     string                  `json:"at_deadline,omitempty"`
	Escalated bool                    `json:"escalated"`         // it has waited for long
	Expired   bool                    `json:"expired,omitempty"` // past the deadline, and kept
	Choices   []Action                `json:"choices"`
	Remark    string                  `json:"remark,omitempty"` // what else a reviewer should know
}

// screening is what a process knows of its order's screening.
type screening struct {
	hold     *FraudHold
	terms    activities.HoldTerms // of the latest hold
	decision *Resolution          // about the hold, until the process has acted on it
	approved []string             // codes of reasons; nobody is asked about them again
	released bool                 // somebody approved, be it without any reason to approve
	outcome  string               // as shown
	score    float64              // as shown
	unshown  bool                 // the two above are yet to be shown
}

// screen holds an order that is risky for reasons that nobody has approved.
func (p *orderToCash) screen(ctx workflow.Context) (*Blocked, error) {
	risk := p.reading.Risk
	if p.created.Number != "" { // the ERP has it
		return nil, nil
	}
	if !p.screening.mustHold(risk) {
		return nil, p.letGo(ctx, risk)
	}
	return p.holdBack(ctx, *risk)
}

func (s *screening) mustHold(risk *activities.Risk) bool {
	if risk == nil || risk.Shadow || risk.Outcome == activities.RiskAccept {
		return false
	}
	return !s.released || slices.ContainsFunc(causes(risk.Reasons), func(code string) bool { return !slices.Contains(s.approved, code) })
}

// causes are the reasons that raise the score.
func causes(reasons []activities.RiskReason) (codes []string) {
	for _, r := range reasons {
		if r.Multiplier > 1 {
			codes = append(codes, r.Code)
		}
	}
	return codes
}

// letGo ends a hold, if there is one, and lets the order go on.
func (p *orderToCash) letGo(ctx workflow.Context, risk *activities.Risk) error {
	s, outcome := &p.screening, ""
	switch {
	case s.hold != nil && s.decision != nil:
		outcome = FraudApproved
	case s.hold != nil:
		outcome = FraudLowered
	case risk == nil || s.released:
		return nil
	case risk.Shadow && risk.Outcome != activities.RiskAccept:
		outcome = "shadow-" + risk.Outcome
	default:
		outcome = risk.Outcome
	}
	if s.hold != nil {
		if _, err := p.tellHold(ctx, activities.HoldNotice{Status: s.terms.StatusApproved}); err != nil {
			workflow.GetLogger(ctx).Warn("the shop was not told of the release", "error", err)
		}
		s.hold, s.decision = nil, nil
		if err := p.moveTo(ctx, StageReceived); err != nil {
			return err
		}
		return p.showRisk(ctx, outcome, risk)
	}
	s.outcome, s.score, s.unshown = outcome, risk.Score, true // until the ERP's number is: most orders are never held
	return nil
}

// holdBack describes the hold. An order that changed while it was held is still
// held since the same moment; one that was approved and has new causes is not.
func (p *orderToCash) holdBack(ctx workflow.Context, risk activities.Risk) (*Blocked, error) {
	s := &p.screening
	before := s.hold
	s.terms = risk.Terms
	hold := &FraudHold{
		WebOrder: p.order.Number, Total: p.order.Currency.Format(p.order.Total), Score: risk.Score, Outcome: risk.Outcome,
		Reasons: risk.Reasons, Since: workflow.Now(ctx), Choices: []Action{Approve, Reject},
	}
	switch {
	case before == nil:
	case s.decision != nil:
		hold.Remark = fmt.Sprintf("%s approved it before, for other reasons.", s.decision.By)
	default:
		hold.Since, hold.Escalated, hold.Expired, hold.Remark = before.Since, before.Escalated, before.Expired, before.Remark
	}
	if s.terms.DecideBy > 0 {
		hold.Deadline, hold.AtEnd = hold.Since.Add(s.terms.DecideBy), s.terms.AtDeadline
	}
	s.hold, s.decision = hold, nil
	if err := p.moveTo(ctx, StageFraudReview); err != nil {
		return nil, err
	}
	if before == nil {
		p.beginHold(ctx)
	}
	p.waitingFor = "a reviewer's decision"
	err := p.showRisk(ctx, hold.state(), &risk)
	return &Blocked{Reason: ReasonFraudReview, Message: hold.inWords(), Since: hold.Since, Choices: hold.Choices}, err
}

// beginHold tells the shop. That it cannot be told must not keep the order from
// its reviewers.
func (p *orderToCash) beginHold(ctx workflow.Context) {
	p.wait(ctx, "telling the shop that the order is held")
	told, err := p.tellHold(ctx, activities.HoldNotice{Status: p.screening.terms.StatusHeld})
	switch {
	case err != nil:
		p.screening.hold.Remark = "The shop could not be told: " + blockedBy(err).Message
	case told.Left != "":
		p.screening.hold.Remark = "The shop was not told: " + told.Left + "."
	}
}

// tellHold sets in the shop what a hold makes of the order's statuses, if anything.
func (p *orderToCash) tellHold(ctx workflow.Context, n activities.HoldNotice) (told activities.HoldTold, err error) {
	if n.Status == "" && n.PaymentStatus == "" {
		return told, nil
	}
	n.OrderID, n.Held = p.in.OrderID, p.screening.terms.StatusHeld
	err = workflow.ExecuteActivity(briefly(shopCall(ctx, "show the hold in X-Cart")), activities.TellHoldName, n).Get(ctx, &told)
	return told, err
}

// overlookHold takes the status by which the shop shows our hold for that of an
// order which is not held: it says nothing of the order itself. The hold may be
// that of an earlier process, which was terminated.
func (p *orderToCash) overlookHold(reading *activities.OrderReading) {
	terms := p.screening.terms
	if p.screening.mustHold(reading.Risk) {
		terms = reading.Risk.Terms
	}
	if terms.StatusHeld != "" && reading.Order.ShippingStatus == terms.StatusHeld {
		reading.Order.ShippingStatus = terms.StatusApproved
	}
}

// askReviewer parks the order until it is decided, or changes in the shop.
func (p *orderToCash) askReviewer(ctx workflow.Context, b Blocked) (Resolution, error) {
	clock, stop := workflow.WithCancel(ctx)
	defer stop()
	workflow.GoNamed(clock, "hold-clock", p.keepTime)
	decision, err := p.desk.park(ctx, b, p.shopChanged)
	if decision.Action == Approve || decision.Action == Reject {
		p.screening.decision = &decision
	}
	return decision, err
}

// keepTime escalates a hold, and decides it by policy at its deadline.
func (p *orderToCash) keepTime(ctx workflow.Context) {
	hold, terms := p.screening.hold, p.screening.terms
	until := func(at time.Time, what string) bool {
		timer := workflow.NewTimerWithOptions(ctx, at.Sub(workflow.Now(ctx)), workflow.TimerOptions{Summary: what})
		return timer.Get(ctx, nil) == nil && ctx.Err() == nil
	}
	early := hold.Deadline.IsZero() || terms.EscalateAfter < terms.DecideBy
	if terms.EscalateAfter > 0 && early && !hold.Escalated {
		if !until(hold.Since.Add(terms.EscalateAfter), "escalate the hold: nobody has decided") {
			return
		}
		hold.Escalated = true
		p.noteTime(ctx, hold)
	}
	if hold.Deadline.IsZero() || hold.Expired || !until(hold.Deadline, "deadline of the hold: "+cmp.Or(hold.AtEnd, "keep")) {
		return
	}
	switch action := Action(hold.AtEnd); action {
	case Approve, Reject:
		p.desk.decideFor(ctx, Resolution{Action: action, By: policy, Why: "nobody decided within " + inDays(terms.DecideBy)})
	default:
		hold.Expired, hold.Escalated = true, true
		p.noteTime(ctx, hold)
	}
}

func (p *orderToCash) noteTime(ctx workflow.Context, hold *FraudHold) {
	if err := p.showRisk(ctx, hold.state(), p.reading.Risk); err != nil {
		workflow.GetLogger(ctx).Error("the hold could not be shown as "+hold.state(), "error", err)
	}
	p.show(ctx)
}

// approve keeps what a reviewer approved. The order is read once more before it
// goes on: it may have changed, or been cancelled, since they looked.
func (p *orderToCash) approve() {
	s := &p.screening
	s.released = true
	for _, code := range causes(p.reading.Risk.Reasons) {
		if !slices.Contains(s.approved, code) {
			s.approved = append(s.approved, code)
		}
	}
}

// reject cancels the order in the shop as configured, and ends the process.
func (p *orderToCash) reject(ctx workflow.Context, by Resolution) error {
	s := &p.screening
	why := "rejected in fraud review by " + by.By + ": " + by.Why
	for {
		p.wait(ctx, "cancelling the order in the shop")
		told, err := p.tellHold(ctx, activities.HoldNotice{Status: s.terms.StatusRejected, PaymentStatus: s.terms.PaymentStatusRejected})
		if err == nil && told.Left != "" {
			why += "; " + told.Left
		}
		if err == nil {
			break
		}
		decision, err := p.desk.park(ctx, blockedBy(err, Retry, Skip), nil)
		if err != nil {
			return err
		}
		if decision.Action == Skip {
			why += "; the shop was not told (" + decision.By + ": " + decision.Why + ")"
			break
		}
	}
	s.hold = nil
	if err := p.showRisk(ctx, FraudRejected, p.reading.Risk); err != nil {
		return err
	}
	return ended{StageCancelled, why}
}

// withdrawHold closes a hold that nobody decided, since the order came to an end.
func (p *orderToCash) withdrawHold(ctx workflow.Context) error {
	if p.screening.hold == nil {
		return nil
	}
	p.screening.hold = nil
	return p.showRisk(ctx, FraudWithdrawn, p.reading.Risk)
}

// showRisk makes the process found by its score and what came of it.
func (p *orderToCash) showRisk(ctx workflow.Context, outcome string, risk *activities.Risk) error {
	s, score := &p.screening, p.screening.score
	if risk != nil {
		score = risk.Score
	}
	if s.outcome == outcome && s.score == score {
		return nil
	}
	s.outcome, s.score, s.unshown = outcome, score, false
	if err := workflow.UpsertTypedSearchAttributes(ctx, AttrFraudOutcome.ValueSet(outcome), AttrRiskScore.ValueSet(score)); err != nil {
		return fmt.Errorf("showing the fraud outcome %s: %w", outcome, err)
	}
	return nil
}

// state is what the search attribute says of a hold.
func (h *FraudHold) state() string {
	switch {
	case h.Expired:
		return FraudExpired
	case h.Escalated:
		return FraudEscalated
	}
	return h.Outcome
}

// inWords tells a reviewer score and reasons, one a line.
func (h *FraudHold) inWords() string {
	lines := []string{fmt.Sprintf("risk of a charge-back %.4g %%, total %s; the score advises: %s", h.Score, h.Total, h.Outcome)}
	for _, r := range h.Reasons {
		lines = append(lines, fmt.Sprintf("%s (odds × %.3g): %s", r.Code, r.Multiplier, r.Sentence))
	}
	if h.Remark != "" {
		lines = append(lines, h.Remark)
	}
	return strings.Join(lines, "\n")
}

// page tells what happens to a hold and how to decide it, as Markdown.
func (h *FraudHold) page() string {
	var b strings.Builder
	switch {
	case h.Expired:
		b.WriteString("**Its deadline has passed** and it is kept until somebody decides.\n\n")
	case h.Escalated:
		b.WriteString("**It has waited for long.**\n\n")
	}
	if !h.Deadline.IsZero() && !h.Expired {
		b.WriteString(fmt.Sprintf("Nobody deciding until %s means: %s.\n\n", h.Deadline.Format(time.RFC3339), cmp.Or(h.AtEnd, "keep")))
	}
	b.WriteString(fmt.Sprintf("To decide, send the signal `%s` or the update `%s` with `{\"decision\": %s, \"reviewer\": \"your name\", \"reason\": \"...\"}`",
		SignalFraudDecision, UpdateDecideFraud, choices(h.Choices)))
	return b.String()
}

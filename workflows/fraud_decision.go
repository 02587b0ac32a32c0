package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"
)

// How reviewers decide about holds: what may be decided when, and what is answered.

// FraudDecision is a reviewer's.
type FraudDecision struct {
	Decision Action `json:"decision"` // approve or reject
	Reviewer string `json:"reviewer"`
	Reason   string `json:"reason"`
}

func (d FraudDecision) resolution() Resolution {
	return Resolution{Action: d.Decision, By: d.Reviewer, Why: d.Reason}
}

// setupHold registers what a hold answers to. Call it before anything that yields.
func (p *orderToCash) setupHold(ctx workflow.Context) error {
	err := errors.Join(
		workflow.SetQueryHandler(ctx, QueryFraudHold, func() (*FraudHold, error) { return p.held(), nil }),
		workflow.SetUpdateHandlerWithOptions(ctx, UpdateDecideFraud, p.decideFraud, workflow.UpdateHandlerOptions{
			Description: "Decide about an order that is held for fraud review: approve or reject",
			Validator:   p.fits,
		}))
	if err != nil {
		return fmt.Errorf("registering what holds answer to: %w", err)
	}
	workflow.GoNamed(ctx, "fraud-decisions", func(ctx workflow.Context) {
		signals := workflow.GetSignalChannel(ctx, SignalFraudDecision)
		for {
			var sent any // the SDK would drop without a word what is no decision
			if more := signals.Receive(ctx, &sent); !more {
				return
			}
			d, err := readDecision(sent)
			if err == nil {
				_, err = p.decideFraud(ctx, d)
			}
			if err != nil {
				p.desk.refused(err)
			}
		}
	})
	return nil
}

func readDecision(sent any) (FraudDecision, error) {
	fields, ok := sent.(map[string]any)
	if !ok {
		return FraudDecision{}, errors.New(`the signal is no decision: write it like {"decision": "approve", "reviewer": "your name", "reason": "..."}`)
	}
	text := func(name string) string {
		s, _ := fields[name].(string)
		return s
	}
	return FraudDecision{Decision: Action(text("decision")), Reviewer: text("reviewer"), Reason: text("reason")}, nil
}

// decideFraud takes a decision, or says why not. One that comes while the order
// is read again, since it changed, waits for what is found.
func (p *orderToCash) decideFraud(ctx workflow.Context, d FraudDecision) (Answer, error) {
	seen := p.held()
	if err := workflow.Await(ctx, func() bool { return !p.readAgain() }); err != nil {
		return Answer{}, err
	}
	if err := p.fits(d); err != nil {
		return Answer{}, err
	}
	if d.Decision == Approve && p.held().exceeds(seen) {
		return Answer{}, errors.New("the order changed and has other reasons now than when you decided: look at it again")
	}
	return p.desk.take(ctx, d.resolution())
}

// held is the hold that waits for a decision; nil when none does.
func (p *orderToCash) held() *FraudHold {
	if p.screening.decision != nil {
		return nil
	}
	return p.screening.hold
}

// readAgain reports whether a held order is just read from the shop again.
func (p *orderToCash) readAgain() bool {
	return p.held() != nil && p.desk.blocked == nil && p.stage == StageFraudReview
}

// exceeds reports whether a hold has causes that a reviewer of another has not seen.
func (h *FraudHold) exceeds(seen *FraudHold) bool {
	return seen != nil && slices.ContainsFunc(causes(h.Reasons), func(code string) bool { return !slices.Contains(causes(seen.Reasons), code) })
}

// fits rejects a decision that does not fit the question. It is pure.
func (p *orderToCash) fits(d FraudDecision) error {
	hold, asked := p.held(), p.desk.blocked
	switch {
	case hold == nil:
		return p.notHeld()
	case !slices.Contains(hold.Choices, d.Decision):
		return fmt.Errorf(`"decision" is %q: use one of %v`, d.Decision, hold.Choices)
	case strings.TrimSpace(d.Reviewer) == "":
		return errors.New(`say who decides, in "reviewer"`)
	case strings.TrimSpace(d.Reason) == "":
		return errors.New(`say why, in "reason"`)
	case p.readAgain():
		return nil
	case asked == nil || asked.Reason != ReasonFraudReview:
		return errors.New("the order waits for something else first: see its details, and decide when it is held again")
	}
	return p.desk.validate(d.resolution())
}

// notHeld says why there is nothing to decide.
func (p *orderToCash) notHeld() error {
	for _, d := range slices.Backward(p.desk.past) {
		if d.About == ReasonFraudReview {
			return fmt.Errorf("this order is not held any more: %s decided %s at %s (%s)", d.By, d.Action, d.At.Format(time.RFC3339), d.Why)
		}
	}
	return errors.New("this order is not held: there is nothing to decide")
}

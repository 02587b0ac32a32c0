package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/cart21/cart21/activities"
)

// Resolution is a person's decision about a parked process.
type Resolution struct {
	Action Action `json:"action"`
	By     string `json:"by"`
	Why    string `json:"why"`
	// Changes correct the order for Amend: JSON pointer to new value, such as
	// {"/ship_to/state": "OK"}.
	Changes activities.Amendment `json:"changes,omitempty"`
}

// automatic decides in people's place: the slow retry, a change in the shop.
const automatic = "cart21"

// Answer says that a resolution was accepted and what an amendment changes.
type Answer struct {
	Accepted string   `json:"accepted"`          // in words
	Changes  []string `json:"changes,omitempty"` // as "/lines/0/sku: PUMP-OLD -> PUMP"
}

// Decided is a person's decision that was accepted.
type Decided struct {
	At      time.Time `json:"at"`
	About   string    `json:"about"` // what the process was parked for
	Action  Action    `json:"action"`
	By      string    `json:"by"`
	Why     string    `json:"why,omitempty"`
	Changes []string  `json:"changes,omitempty"`
}

// corrector says what an amendment would change, or why it does not fit. It
// changes nothing itself.
type corrector func(workflow.Context, activities.Amendment) ([]string, error)

// taken is a resolution on its way from the handler to the process.
type taken struct {
	Resolution
	diff []string
}

// validate rejects a resolution that does not fit the question.
func (r Resolution) validate(b *Blocked) error {
	switch {
	case b == nil:
		return errors.New("this process is not parked: there is nothing to resolve")
	case !slices.Contains(b.Choices, r.Action):
		return fmt.Errorf("action %q is not offered here: use one of %v", r.Action, b.Choices)
	case strings.TrimSpace(r.By) == "":
		return errors.New(`say who decides, in "by"`)
	case b.Reason == ReasonFraudReview && (r.By == automatic || r.By == policy):
		return fmt.Errorf("%q is nobody's name: say who decides", r.By)
	case b.Reason == ReasonFraudReview && strings.TrimSpace(r.Why) == "":
		return errors.New(`say why, in "why"`)
	case r.Action == Amend && len(r.Changes) == 0:
		return errors.New(`say what to correct, in "changes", such as {"/ship_to/state": "OK"}`)
	case r.Action != Amend && len(r.Changes) > 0:
		return errors.New(`"changes" go with the action amend`)
	}
	return nil
}

// newDesk registers the updates, the signal and the queries. Call it before
// anything that yields.
func newDesk(ctx workflow.Context, store string, correct corrector, changed func()) (*desk, error) {
	d := &desk{store: store, correct: correct, inbox: workflow.NewNamedBufferedChannel(ctx, "resolutions", 16), changed: changed}
	err := errors.Join(
		workflow.SetQueryHandler(ctx, QueryBlocked, func() (*Blocked, error) { return d.blocked, nil }),
		workflow.SetQueryHandler(ctx, QueryDecisions, func() ([]Decided, error) { return d.past, nil }),
		workflow.SetUpdateHandlerWithOptions(ctx, Resolve, d.take, workflow.UpdateHandlerOptions{
			Description: "Decide about a parked process: retry, amend, skip or cancel",
			Validator:   d.validate,
		}),
		workflow.SetUpdateHandlerWithOptions(ctx, PreviewResolution, d.preview, workflow.UpdateHandlerOptions{
			Description: "Say whether a decision would be accepted and what it would correct; changes nothing",
			Validator:   d.validate,
		}))
	if err != nil {
		return nil, fmt.Errorf("registering what parked processes answer to: %w", err)
	}
	workflow.GoNamed(ctx, "resolve-signals", func(ctx workflow.Context) {
		signals := workflow.GetSignalChannel(ctx, Resolve)
		for {
			var r Resolution
			if more := signals.Receive(ctx, &r); !more {
				return
			}
			err := r.validate(d.blocked)
			if err == nil {
				_, err = d.take(ctx, r)
			}
			if err != nil {
				d.refused(err)
			}
		}
	})
	return d, nil
}

// refused notes, for the details, why a signal was not taken.
func (d *desk) refused(err error) {
	d.last = err.Error()
	d.changed()
}

// validate is pure: an update that it rejects leaves no trace in the history.
func (d *desk) validate(r Resolution) error {
	if err := r.validate(d.blocked); err != nil {
		return err
	}
	if d.decider != "" {
		return fmt.Errorf("%s has just decided", d.decider)
	}
	return nil
}

// take accepts a resolution that fits, or says why not.
func (d *desk) take(ctx workflow.Context, r Resolution) (Answer, error) {
	answer := Answer{Accepted: fmt.Sprintf("%s by %s noted", r.Action, r.By)}
	if workflow.GetVersion(ctx, "resolutions-checked", workflow.DefaultVersion, 1) > workflow.DefaultVersion {
		var err error
		if answer.Changes, err = d.check(ctx, r); err != nil {
			return Answer{}, err
		}
		d.decider = r.By
	}
	d.inbox.Send(ctx, taken{r, answer.Changes})
	return answer, nil
}

// decideFor decides in people's place, unless one of them just has.
func (d *desk) decideFor(ctx workflow.Context, r Resolution) {
	if d.blocked == nil || d.decider != "" {
		return
	}
	d.decider = r.By
	d.inbox.Send(ctx, taken{Resolution: r})
}

// preview answers as take would.
func (d *desk) preview(ctx workflow.Context, r Resolution) (Answer, error) {
	changes, err := d.check(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	return Answer{Accepted: fmt.Sprintf("%s by %s would be accepted", r.Action, r.By), Changes: changes}, nil
}

// check finds out whether a resolution fits the question and an amendment fits
// the order, and what it changes. That takes a moment, in which the process may
// have gone on.
func (d *desk) check(ctx workflow.Context, r Resolution) (changes []string, err error) {
	if err := d.validate(r); err != nil {
		return nil, err
	}
	if r.Action != Amend {
		return nil, nil
	}
	question := d.blocked
	if changes, err = d.correct(ctx, r.Changes); err != nil {
		var refused *temporal.ApplicationError
		if errors.As(err, &refused) {
			return nil, errors.New(refused.Message())
		}
		return nil, err
	}
	if d.blocked != question || d.decider != "" {
		return nil, errors.New("the process went on before this correction was checked: look at it again")
	}
	return changes, nil
}

// keep notes a person's decision, in the process and in the audit trail.
func (d *desk) keep(ctx workflow.Context, about string, t taken) error {
	const most = 100
	d.past = append(d.past, Decided{At: workflow.Now(ctx), About: about, Action: t.Action, By: t.By, Why: t.Why, Changes: t.diff})
	d.past = d.past[max(0, len(d.past)-most):]
	return workflow.ExecuteLocalActivity(pure(ctx, "audit the decision"), activities.RecordDecisionName, activities.PersonsDecision{
		Store: d.store, Subject: workflow.GetInfo(ctx).WorkflowExecution.ID, At: workflow.Now(ctx),
		Action: string(t.Action), By: t.By, Reason: t.Why, About: about, Changes: t.diff,
	}).Get(ctx, nil)
}

// close lets those who just asked have their answer before the process ends.
func (d *desk) close(ctx workflow.Context) error {
	return workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

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

// Action is what a person can decide about a parked process.
type Action string

// The actions.
const (
	Retry  Action = "retry"  // try again from a fresh look
	Amend  Action = "amend"  // correct the order as we know it, then try again
	Skip   Action = "skip"   // leave this step undone, or take its result as it is
	Cancel Action = "cancel" // end the process
)

// Blocked says what a process is parked for. Parked work is the dead-letter
// queue: nothing is lost, everything resumes where it stood.
type Blocked struct {
	Reason  string    `json:"reason"` // kebab-case; docs/operations has a page for each
	Message string    `json:"message"`
	Since   time.Time `json:"since"`
	Choices []Action  `json:"choices"`
	// Passing causes may go away by themselves: the process tries again slowly.
	Passing bool `json:"passing,omitempty"`
}

// Resolution is a person's decision about a parked process.
type Resolution struct {
	Action Action `json:"action"`
	By     string `json:"by"`
	Why    string `json:"why"`
	// Changes correct the order for Amend: JSON pointer to new value, such as
	// {"/ship_to/state": "OK"}.
	Changes activities.Amendment `json:"changes,omitempty"`
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
	case r.Action == Amend && len(r.Changes) == 0:
		return errors.New(`say what to correct, in "changes", such as {"/ship_to/state": "OK"}`)
	case r.Action != Amend && len(r.Changes) > 0:
		return errors.New(`"changes" go with the action amend`)
	}
	return nil
}

// desk is where a process parks and where people resolve it.
type desk struct {
	store   string
	blocked *Blocked
	inbox   workflow.Channel // of Resolution
	last    string           // the last invalid signal, for the details
	tries   int              // slow automatic retries in a row
	changed func()           // the status page must be written again
}

// newDesk registers the update, the signal and the query. Call it before
// anything that yields.
func newDesk(ctx workflow.Context, store string, changed func()) (*desk, error) {
	d := &desk{store: store, inbox: workflow.NewNamedBufferedChannel(ctx, "resolutions", 16), changed: changed}
	if err := workflow.SetQueryHandler(ctx, QueryBlocked, func() (*Blocked, error) { return d.blocked, nil }); err != nil {
		return nil, fmt.Errorf("registering the query %s: %w", QueryBlocked, err)
	}
	err := workflow.SetUpdateHandlerWithOptions(ctx, Resolve,
		func(ctx workflow.Context, r Resolution) (string, error) {
			d.inbox.Send(ctx, r)
			return fmt.Sprintf("%s by %s noted", r.Action, r.By), nil
		},
		workflow.UpdateHandlerOptions{
			Description: "Decide about a parked process: retry, amend, skip or cancel",
			Validator:   func(r Resolution) error { return r.validate(d.blocked) },
		})
	if err != nil {
		return nil, fmt.Errorf("registering the update %s: %w", Resolve, err)
	}
	workflow.GoNamed(ctx, "resolve-signals", func(ctx workflow.Context) {
		signals := workflow.GetSignalChannel(ctx, Resolve)
		for {
			var r Resolution
			if more := signals.Receive(ctx, &r); !more {
				return
			}
			if err := r.validate(d.blocked); err != nil {
				d.last = err.Error()
				d.changed()
				continue
			}
			d.inbox.Send(ctx, r)
		}
	})
	return d, nil
}

// park waits for a decision. A passing cause is also tried again slowly by
// itself, and wake (the order changed in the shop, say) ends the wait with a
// retry too.
func (d *desk) park(ctx workflow.Context, b Blocked, wake workflow.ReceiveChannel) (Resolution, error) {
	b.Since = workflow.Now(ctx)
	d.blocked = &b
	d.changed()
	err := workflow.UpsertTypedSearchAttributes(ctx, AttrBlockedOn.ValueSet(b.Reason), AttrBlockedSince.ValueSet(b.Since))
	if err != nil {
		return Resolution{}, fmt.Errorf("showing the process as parked: %w", err)
	}
	workflow.GetLogger(ctx).Warn("parked", "reason", b.Reason)

	decision, err := d.decide(ctx, b, wake)
	if err != nil {
		return decision, err
	}
	d.blocked, d.last = nil, ""
	d.changed()
	err = workflow.UpsertTypedSearchAttributes(ctx, AttrBlockedOn.ValueUnset(), AttrBlockedSince.ValueUnset())
	if err != nil {
		return decision, fmt.Errorf("showing the process as resumed: %w", err)
	}
	return decision, nil
}

func (d *desk) decide(ctx workflow.Context, b Blocked, wake workflow.ReceiveChannel) (Resolution, error) {
	timers, stop := workflow.WithCancel(ctx)
	defer stop()
	var decision Resolution
	wait := workflow.NewNamedSelector(ctx, "parked: "+b.Reason)
	wait.AddReceive(d.inbox, func(c workflow.ReceiveChannel, _ bool) { c.Receive(ctx, &decision) })
	wait.AddReceive(ctx.Done(), func(workflow.ReceiveChannel, bool) {})
	if wake != nil {
		wait.AddReceive(wake, func(c workflow.ReceiveChannel, _ bool) {
			c.Receive(ctx, nil)
			decision = Resolution{Action: Retry, By: "cart21", Why: "the order changed in the shop"}
		})
	}
	if b.Passing {
		timer := workflow.NewTimerWithOptions(timers, slowly(d.tries), workflow.TimerOptions{Summary: "slow automatic retry of " + b.Reason})
		wait.AddFuture(timer, func(f workflow.Future) {
			if f.Get(ctx, nil) == nil {
				d.tries++
				decision = Resolution{Action: Retry, By: "cart21", Why: "slow automatic retry"}
			}
		})
	}
	wait.Select(ctx)
	if err := ctx.Err(); err != nil {
		return decision, err
	}
	if decision.By == "cart21" {
		return decision, nil
	}
	d.tries = 0
	record := activities.PersonsDecision{
		Store: d.store, Subject: workflow.GetInfo(ctx).WorkflowExecution.ID,
		Action: string(decision.Action), By: decision.By, Reason: decision.Why, About: b.Reason,
	}
	err := workflow.ExecuteLocalActivity(pure(ctx, "audit the decision"), activities.RecordDecisionName, record).Get(ctx, nil)
	return decision, err
}

// blockedBy describes the failure of an activity as something to park for.
func blockedBy(err error, choices ...Action) Blocked {
	b := Blocked{Reason: "failed", Message: err.Error(), Choices: choices}
	var app *temporal.ApplicationError
	var timeout *temporal.TimeoutError
	switch {
	case errors.As(err, &app):
		b.Message = app.Message()
		if app.Type() != "" {
			b.Reason = app.Type()
		}
		var failure activities.Failure
		if app.HasDetails() && app.Details(&failure) == nil {
			b.Reason, b.Passing = failure.Reason, failure.Passing
		}
	case errors.As(err, &timeout):
		b.Reason, b.Message, b.Passing = "timeout", "a step did not end in time: "+timeout.Error(), true
	}
	return b
}

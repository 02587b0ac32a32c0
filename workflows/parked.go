package workflows

import (
	"errors"
	"fmt"
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
	// Of an order that is held for fraud review:
	Approve Action = "approve" // let it go to the ERP
	Reject  Action = "reject"  // cancel it in the shop
)

// Runbook is the address of the page that says what a reason means and what to do.
func Runbook(reason string) string {
	return "https://github.com/cart21/cart21/blob/main/docs/operations.md#" + reason
}

// Blocked says what a process is parked for. Parked work is the dead-letter
// queue: nothing is lost, everything resumes where it stood.
type Blocked struct {
	Reason  string    `json:"reason"` // kebab-case; see Runbook
	Message string    `json:"message"`
	Since   time.Time `json:"since"`
	Choices []Action  `json:"choices"`
	// Passing causes may go away by themselves: the process tries again slowly.
	Passing bool `json:"passing,omitempty"`
}

// desk is where a process parks and where people resolve it.
type desk struct {
	store   string
	correct corrector // nil when the process has nothing to amend
	blocked *Blocked
	inbox   workflow.Channel // of taken
	decider string           // who decided, until the process has taken it up
	past    []Decided
	last    string // the last invalid signal, for the details
	tries   int    // slow automatic retries in a row
	heard   any    // where what wakes a parked process is kept; nil drops it
	changed func() // the status page must be written again
}

// park waits for a decision. A passing cause is also tried again slowly by
// itself, and wake (the order changed in the shop, say) ends the wait with a
// retry too.
func (d *desk) park(ctx workflow.Context, b Blocked, wake workflow.ReceiveChannel) (Resolution, error) {
	if b.Since.IsZero() { // a question that is asked again has its first moment
		b.Since = workflow.Now(ctx)
	}
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
	d.blocked, d.last, d.decider = nil, "", ""
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
	var decision taken
	wait := workflow.NewNamedSelector(ctx, "parked: "+b.Reason)
	wait.AddReceive(d.inbox, func(c workflow.ReceiveChannel, _ bool) { c.Receive(ctx, &decision) })
	wait.AddReceive(ctx.Done(), func(workflow.ReceiveChannel, bool) {})
	if wake != nil {
		wait.AddReceive(wake, func(c workflow.ReceiveChannel, _ bool) {
			c.Receive(ctx, d.heard)
			decision.Resolution = Resolution{Action: Retry, By: automatic, Why: "the order changed in the shop"}
		})
	}
	if b.Passing {
		timer := workflow.NewTimerWithOptions(timers, slowly(workflow.GetInfo(ctx).WorkflowExecution.ID, d.tries), workflow.TimerOptions{Summary: "slow automatic retry of " + b.Reason})
		wait.AddFuture(timer, func(f workflow.Future) {
			if f.Get(ctx, nil) == nil {
				d.tries++
				decision.Resolution = Resolution{Action: Retry, By: automatic, Why: "slow automatic retry"}
			}
		})
	}
	wait.Select(ctx)
	if err := ctx.Err(); err != nil || decision.By == automatic {
		return decision.Resolution, err
	}
	d.tries = 0
	return decision.Resolution, d.keep(ctx, b.Reason, decision)
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

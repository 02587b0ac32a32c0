package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/cart21/cart21/activities"
	"github.com/cart21/cart21/workflows"
)

// resolved is the answer of resolve. The field names are for programs: they stay.
type resolved struct {
	WorkflowID string `json:"workflow_id"`
	DryRun     bool   `json:"dry_run,omitempty"`
	workflows.Answer
}

type resolveParked struct {
	decision
	order   string
	changes activities.Amendment
	dryRun  bool
	json    bool
}

func (c *resolveParked) define(flags *flag.FlagSet) {
	c.decision.define(flags, "retry, amend, skip or cancel; approve or reject an order that is held for fraud review")
	c.changes = activities.Amendment{}
	flags.Func("set", "with -action amend, as often as needed: `/place/in/the/order=value`, such as /lines/0/sku=PUMP. The value is JSON where it parses as such, else text", c.set)
	flags.BoolVar(&c.dryRun, "dry-run", false, "say what would change, and whether it would be accepted; change nothing")
	flags.BoolVar(&c.json, "json", false, "the answer as one JSON object")
}

func (c *resolveParked) set(assignment string) error {
	place, text, ok := strings.Cut(assignment, "=")
	if !ok || !strings.HasPrefix(place, "/") {
		return errors.New("write it like /ship_to/state=OK")
	}
	if _, twice := c.changes[place]; twice {
		return fmt.Errorf("%s is set twice", place)
	}
	var value any
	if json.Unmarshal([]byte(text), &value) != nil {
		value = text
	}
	c.changes[place] = value
	return nil
}

func (c *resolveParked) accept(args []string) (err error) {
	if c.order, err = one(args); err != nil {
		return err
	}
	switch amends := workflows.Action(c.action) == workflows.Amend; {
	case amends && len(c.changes) == 0:
		return errors.New("say what to correct with -set /place/in/the/order=value")
	case !amends && len(c.changes) > 0:
		return errors.New("-set goes with -action amend")
	}
	return c.decision.validate(workflows.Retry, workflows.Amend, workflows.Skip, workflows.Cancel, workflows.Approve, workflows.Reject)
}

func (c *resolveParked) run(ctx context.Context, d *orderDesk) error {
	process, err := d.find(ctx, c.order)
	if err != nil {
		return err
	}
	resolution := c.resolution()
	resolution.Changes = c.changes
	answer := resolved{WorkflowID: process.WorkflowID, DryRun: c.dryRun}
	if answer.Answer, err = d.resolve(ctx, process.WorkflowID, resolution, c.dryRun); err != nil {
		return err
	}
	if c.json {
		return d.writeJSON(answer)
	}
	fmt.Fprintf(d.out, "%s: %s\n", answer.WorkflowID, answer.Accepted)
	for _, change := range answer.Changes {
		fmt.Fprintf(d.out, "  %s\n", change)
	}
	return nil
}

func (d *orderDesk) resolve(ctx context.Context, id string, r workflows.Resolution, dryRun bool) (answer workflows.Answer, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	update := workflows.Resolve
	if dryRun {
		update = workflows.PreviewResolution
	}
	handle, err := d.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: id, UpdateName: update, Args: []any{r}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, &answer)
	}
	var refused *temporal.ApplicationError
	switch {
	case errors.As(err, &refused):
		return answer, fmt.Errorf("not accepted, nothing is changed: %s", refused.Message())
	case err != nil:
		return answer, fmt.Errorf("asking %s (do the workers run?): %w", id, err)
	}
	return answer, nil
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	sdkpb "go.temporal.io/api/sdk/v1"

	"github.com/cart21/cart21/workflows"
)

// shown is the answer of show. The field names are for programs: they stay.
type shown struct {
	parkedProcess
	Parked    bool                 `json:"parked"`
	Choices   []workflows.Action   `json:"choices,omitempty"`
	Passing   bool                 `json:"passing,omitempty"` // also tried again by itself
	Runbook   string               `json:"runbook,omitempty"`
	Decisions []workflows.Decided  `json:"decisions"` // oldest first
	Amended   []string             `json:"amended"`   // corrections in force, "place: old -> new"
	Refused   string               `json:"refused,omitempty"`
	FraudHold *workflows.FraudHold `json:"fraud_hold,omitempty"`
	Page      string               `json:"page"` // the status page, Markdown
}

type showParked struct {
	order string
	json  bool
}

func (c *showParked) define(flags *flag.FlagSet) {
	flags.BoolVar(&c.json, "json", false, "as one JSON object")
}

func (c *showParked) accept(args []string) (err error) {
	c.order, err = one(args)
	return err
}

func (c *showParked) run(ctx context.Context, d *orderDesk) error {
	process, err := d.find(ctx, c.order)
	if err != nil {
		return err
	}
	s, err := d.show(ctx, process)
	if err != nil {
		return err
	}
	if c.json {
		return d.writeJSON(s)
	}
	s.write(d, time.Now())
	return nil
}

// queryMetadata is what the Web UI asks every process for its current details.
const queryMetadata = "__temporal_workflow_metadata"

// find is the process that staff mean by a number or a workflow id.
func (d *orderDesk) find(ctx context.Context, name string) (parkedProcess, error) {
	query := equals("WorkflowId", name)
	if !strings.Contains(name, "/") {
		query = fmt.Sprintf("%s AND (%s OR %s)", equals(workflows.AttrStore.GetName(), d.settings.Store),
			equals(workflows.AttrWebOrder.GetName(), name), equals(workflows.AttrErpOrder.GetName(), name))
	}
	var ids []string
	var found parkedProcess
	err := d.each(ctx, query, func(p parkedProcess) {
		for _, id := range ids {
			if id == p.WorkflowID {
				return // an earlier run: the newest comes first
			}
		}
		ids, found = append(ids, p.WorkflowID), p
	})
	switch {
	case err != nil:
		return found, err
	case len(ids) == 0:
		return found, fmt.Errorf("no process of %q: give a web order number, a Prophet 21 order number or a workflow id such as order/%s/4711", name, d.settings.Store)
	case len(ids) > 1:
		return found, fmt.Errorf("%q may mean %s: give the workflow id", name, strings.Join(ids, " or "))
	}
	return found, nil
}

// show asks the process itself: lists are some moments behind.
func (d *orderDesk) show(ctx context.Context, process parkedProcess) (shown, error) {
	s := shown{parkedProcess: process, Decisions: []workflows.Decided{}, Amended: []string{}}
	s.Reason, s.Since = "", time.Time{}
	var blocked *workflows.Blocked
	var about sdkpb.WorkflowMetadata
	err := errors.Join(
		d.ask(ctx, process.WorkflowID, workflows.QueryBlocked, &blocked),
		d.ask(ctx, process.WorkflowID, workflows.QueryDecisions, &s.Decisions),
		d.ask(ctx, process.WorkflowID, queryMetadata, &about))
	if err != nil {
		return s, fmt.Errorf("asking the process (do the workers run?): %w", err)
	}
	s.Page = about.GetCurrentDetails()
	if process.Process == workflows.OrderToCashName {
		var status workflows.OrderStatus
		if err := d.ask(ctx, process.WorkflowID, workflows.QueryStatus, &status); err != nil {
			return s, fmt.Errorf("asking the process: %w", err)
		}
		s.Amended, s.Refused, s.ERPOrder, s.Stage = append(s.Amended, status.Amended...), status.Refused, status.ERPOrder, status.Stage
		s.FraudHold = status.FraudHold
	}
	if blocked != nil {
		s.Parked, s.Reason, s.Since, s.Message = true, blocked.Reason, blocked.Since, blocked.Message
		s.Choices, s.Passing, s.Runbook = blocked.Choices, blocked.Passing, workflows.Runbook(blocked.Reason)
	}
	return s, nil
}

func (d *orderDesk) ask(ctx context.Context, id, query string, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	value, err := d.temporal.QueryWorkflow(ctx, id, "", query)
	if err != nil {
		return fmt.Errorf("query %s to %s: %w", query, id, err)
	}
	return value.Get(answer)
}

func (s shown) write(d *orderDesk, now time.Time) {
	fmt.Fprintf(d.out, "%s, %s", s.WorkflowID, s.Process)
	if s.Parked {
		words := make([]string, len(s.Choices))
		for i, c := range s.Choices {
			words[i] = string(c)
		}
		fmt.Fprintf(d.out, ": parked for %s since %s (%s)\n\n%s\n\nChoices:     %s", s.Reason, s.Since.Format(time.RFC3339), age(now, s.Since), s.Message, strings.Join(words, ", "))
		if s.Passing {
			fmt.Fprint(d.out, "; it is also tried again by itself")
		}
		fmt.Fprintf(d.out, "\nWhat to do:  %s\n", s.Runbook)
	} else {
		fmt.Fprint(d.out, ": not parked\n")
	}
	if s.Refused != "" {
		fmt.Fprintf(d.out, "Refused:     %s\n", s.Refused)
	}
	section := func(title string, lines []string) {
		if len(lines) > 0 {
			fmt.Fprintf(d.out, "\n%s\n  %s\n", title, strings.Join(lines, "\n  "))
		}
	}
	section("Corrected so far:", s.Amended)
	var decisions []string
	for _, x := range s.Decisions {
		decisions = append(decisions, fmt.Sprintf("%s  %s by %s about %s: %s", x.At.Format(time.RFC3339), x.Action, x.By, x.About, x.Why))
		for _, change := range x.Changes {
			decisions = append(decisions, "    "+change)
		}
	}
	section("Decided before:", decisions)
	section("Status page:", strings.Split(strings.TrimSpace(s.Page), "\n"))
}

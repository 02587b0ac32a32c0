package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	batchpb "go.temporal.io/api/batch/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"github.com/cart21/cart21/workflows"
)

// released is the answer of release. The field names are for programs: they stay.
type released struct {
	Reason      string         `json:"reason"`
	Job         string         `json:"job,omitempty"` // the batch operation in the Web UI
	Parked      int            `json:"parked"`        // when it began
	Signalled   int64          `json:"signalled"`
	Failed      int64          `json:"failed"`       // could not be signalled
	WentOn      int            `json:"went_on"`      // a later stage, or the end
	Trying      int            `json:"trying"`       // no longer parked, no later stage yet
	ParkedAgain int            `json:"parked_again"` // for whatever reason
	AgainFor    map[string]int `json:"again_for"`
	NotTaken    int            `json:"not_taken"` // still parked as before
}

type releaseParked struct {
	decision
	selection
	yes  bool
	json bool
	wait time.Duration
}

func (c *releaseParked) define(flags *flag.FlagSet) {
	c.decision.define(flags, "retry, skip or cancel")
	c.selection.define(flags)
	flags.BoolVar(&c.yes, "yes", false, "do not ask")
	flags.BoolVar(&c.json, "json", false, "the outcome as one JSON object")
	flags.DurationVar(&c.wait, "wait", time.Minute, "how long to watch what becomes of them")
}

func (c *releaseParked) accept(args []string) error {
	if c.reason == "" {
		return errors.New("say which with -reason")
	}
	return errors.Join(none(args), c.decision.validate(workflows.Retry, workflows.Skip, workflows.Cancel))
}

func (c *releaseParked) run(ctx context.Context, d *orderDesk) error {
	c.store = d.settings.Store
	// What parks from now on is not meant: nobody has looked at it.
	c.older = max(c.older, time.Nanosecond)
	query := c.query(time.Now())
	watched := map[string]parkedProcess{}
	if err := d.each(ctx, query, func(p parkedProcess) { watched[p.run] = p }); err != nil {
		return err
	}
	outcome := released{Reason: c.reason, Parked: len(watched), AgainFor: map[string]int{}}
	if len(watched) > 0 {
		if !c.yes && !d.agreed(fmt.Sprintf("%s %d processes parked for %s?", c.action, len(watched), c.reason)) {
			return errors.New("nothing is changed: the question was not answered with y")
		}
		if err := c.signal(ctx, d, query, &outcome); err != nil {
			return err
		}
		if err := d.watch(ctx, watched, c.wait, &outcome); err != nil {
			return fmt.Errorf("all were signalled, and what became of them could not be seen: %w", err)
		}
	}
	if c.json {
		if err := d.writeJSON(outcome); err != nil {
			return err
		}
	} else {
		outcome.write(d)
	}
	if outcome.Failed > 0 || outcome.NotTaken > 0 {
		return fmt.Errorf("%d could not be signalled and %d are parked as before: see workers parked show for one of them", outcome.Failed, outcome.NotTaken)
	}
	return nil
}

// agreed asks on stderr, so that stdout holds nothing but the answer.
func (d *orderDesk) agreed(question string) bool {
	fmt.Fprint(d.err, question, " [y/N] ")
	line, _ := bufio.NewReader(d.in).ReadString('\n')
	answer := strings.ToLower(strings.TrimSpace(line))
	return answer == "y" || answer == "yes"
}

// signal lets Temporal's own batch operation send the decision: it survives
// this command and is paced by the server.
func (c *releaseParked) signal(ctx context.Context, d *orderDesk, query string, outcome *released) error {
	codec, err := d.settings.Codec()
	if err != nil {
		return err
	}
	input, err := converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), codec).ToPayloads(c.resolution())
	if err != nil {
		return fmt.Errorf("writing the decision down: %w", err)
	}
	outcome.Job = "release-" + c.reason + "-" + strings.ToLower(rand.Text()[:8])
	_, err = d.temporal.WorkflowService().StartBatchOperation(ctx, &workflowservice.StartBatchOperationRequest{
		Namespace: d.settings.Namespace, VisibilityQuery: query, JobId: outcome.Job, Reason: c.action + " of " + c.reason + " by " + c.by,
		Operation: &workflowservice.StartBatchOperationRequest_SignalOperation{SignalOperation: &batchpb.BatchOperationSignal{
			Signal: workflows.Resolve, Input: input, Identity: c.by,
		}},
	})
	if err != nil {
		return fmt.Errorf("starting the batch operation (one at a time runs in a namespace: see Batch Operations in the Web UI): %w", err)
	}
	progress := d.progress()
	for {
		batch, err := d.temporal.WorkflowService().DescribeBatchOperation(ctx, &workflowservice.DescribeBatchOperationRequest{Namespace: d.settings.Namespace, JobId: outcome.Job})
		if err != nil {
			return fmt.Errorf("asking for the batch operation %s, which goes on all the same: %w", outcome.Job, err)
		}
		outcome.Signalled, outcome.Failed = batch.CompleteOperationCount, batch.FailureOperationCount
		progress("signalled %d of %d", outcome.Signalled+outcome.Failed, outcome.Parked)
		switch batch.State {
		case enumspb.BATCH_OPERATION_STATE_COMPLETED:
			return nil
		case enumspb.BATCH_OPERATION_STATE_FAILED:
			return fmt.Errorf("the batch operation %s failed after %d of %d: what it reached goes on; run this again for the rest", outcome.Job, outcome.Signalled, outcome.Parked)
		}
		if err := pause(ctx, 500*time.Millisecond); err != nil {
			return fmt.Errorf("the batch operation %s goes on: %w", outcome.Job, err)
		}
	}
}

// watch follows the processes until each has moved on or is parked again, or
// the patience is at its end.
func (d *orderDesk) watch(ctx context.Context, before map[string]parkedProcess, patience time.Duration, outcome *released) error {
	deadline, progress := time.Now().Add(patience), d.progress()
	for {
		outcome.Trying, outcome.NotTaken = 0, 0
		for runs := range slices.Chunk(slices.Collect(maps.Keys(before)), 100) {
			query := "RunId IN ('" + strings.Join(runs, "', '") + "')"
			running := map[string]bool{}
			err := d.each(ctx, query+" AND ExecutionStatus = 'Running'", func(now parkedProcess) {
				running[now.run] = true
				was := before[now.run]
				switch {
				case now.Reason != "" && now.Since.Equal(was.Since):
					outcome.NotTaken++
				case now.Reason != "":
					outcome.ParkedAgain++
					outcome.AgainFor[now.Reason]++
					delete(before, now.run)
				case now.Stage != was.Stage:
					outcome.WentOn++
					delete(before, now.run)
				default:
					outcome.Trying++
				}
			})
			if err != nil {
				return err
			}
			for _, run := range runs {
				if _, open := before[run]; open && !running[run] { // it has ended
					outcome.WentOn++
					delete(before, run)
				}
			}
		}
		progress("%d went on, %d parked again, %d trying, %d not yet taken", outcome.WentOn, outcome.ParkedAgain, outcome.Trying, outcome.NotTaken)
		if len(before) == 0 || time.Now().After(deadline) {
			return nil
		}
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
	}
}

// progress tells how it goes, on stderr, whenever that has changed.
func (d *orderDesk) progress() func(format string, args ...any) {
	last := ""
	return func(format string, args ...any) {
		if line := fmt.Sprintf(format, args...); line != last {
			last = line
			fmt.Fprintln(d.err, line)
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r released) write(d *orderDesk) {
	if r.Parked == 0 {
		fmt.Fprintf(d.out, "Nothing is parked for %s.\n", r.Reason)
		return
	}
	fmt.Fprintf(d.out, "%d were parked for %s: %d went on", r.Parked, r.Reason, r.WentOn)
	if r.Trying > 0 {
		fmt.Fprintf(d.out, ", %d are still trying", r.Trying)
	}
	fmt.Fprintf(d.out, ", %d parked again", r.ParkedAgain)
	for _, reason := range slices.Sorted(maps.Keys(r.AgainFor)) {
		fmt.Fprintf(d.out, " (%d for %s)", r.AgainFor[reason], reason)
	}
	if r.NotTaken > 0 {
		fmt.Fprintf(d.out, ", %d are parked as before", r.NotTaken)
	}
	fmt.Fprintln(d.out, ".")
}

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	sdkpb "go.temporal.io/api/sdk/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"golang.org/x/sync/errgroup"

	"github.com/cart21/cart21/workflows"
)

// How long the processes are given to answer.
const (
	queryPatience  = 10 * time.Second
	updatePatience = 20 * time.Second
)

// mostWaiting bounds a list: whoever has more waiting has one cause to mend, not
// a list to read.
const mostWaiting = 5000

var errUnknown = errors.New("there is no such process")

// refusal is a process's no, in words for those who asked.
type refusal struct{ why string }

func (r refusal) Error() string { return r.why }

// temporalDesk asks Temporal. Every word it has is the processes' own.
type temporalDesk struct {
	client client.Client
	store  string // empty: of every store
}

func (d temporalDesk) Waiting(ctx context.Context) ([]waiting, error) {
	query := "ExecutionStatus = 'Running' AND " + workflows.AttrBlockedOn.GetName() + " IS NOT NULL"
	if d.store != "" {
		query += " AND " + workflows.AttrStore.GetName() + " = '" + d.store + "'"
	}
	var list []waiting
	request := &workflowservice.ListWorkflowExecutionsRequest{PageSize: 1000, Query: query}
	for {
		page, err := d.client.ListWorkflow(ctx, request)
		if err != nil {
			return nil, fmt.Errorf("listing what waits (if a search attribute is missing, start the starter once: it sets them up): %w", err)
		}
		for _, e := range page.Executions {
			list = append(list, waitingOf(e))
		}
		if request.NextPageToken = page.NextPageToken; len(request.NextPageToken) == 0 || len(list) >= mostWaiting {
			break
		}
	}
	slices.SortStableFunc(list, func(a, b waiting) int { return a.Since.Compare(b.Since) })
	return list, nil
}

func waitingOf(e *workflowpb.WorkflowExecutionInfo) waiting {
	attributes := e.GetSearchAttributes().GetIndexedFields()
	w := waiting{
		WorkflowID: e.GetExecution().GetWorkflowId(), kind: e.GetType().GetName(),
		Store:  attribute[string](attributes, workflows.AttrStore.GetName()),
		Order:  attribute[string](attributes, workflows.AttrWebOrder.GetName()),
		Reason: attribute[string](attributes, workflows.AttrBlockedOn.GetName()),
		Since:  attribute[time.Time](attributes, workflows.AttrBlockedSince.GetName()),
		Score:  attribute[float64](attributes, workflows.AttrRiskScore.GetName()),
	}
	if w.Order == "" {
		w.Order = w.WorkflowID
	}
	return w
}

// attribute reads a search attribute; one that is missing is zero.
func attribute[T any](attributes map[string]*commonpb.Payload, name string) (v T) {
	if payload := attributes[name]; payload != nil {
		_ = converter.GetDefaultDataConverter().FromPayload(payload, &v)
	}
	return v
}

func (d temporalDesk) Explain(ctx context.Context, list []waiting) {
	asking, ctx := errgroup.WithContext(ctx)
	asking.SetLimit(8)
	for i := range list {
		asking.Go(func() error {
			return d.explain(ctx, &list[i]) // when one does not answer, as without workers, none will
		})
	}
	_ = asking.Wait()
}

// explain asks each kind of process for what tells the most by one query.
func (d temporalDesk) explain(ctx context.Context, w *waiting) error {
	switch {
	case w.Reason == workflows.ReasonFraudReview:
		var hold *workflows.FraudHold
		if err := d.ask(ctx, w.WorkflowID, "", workflows.QueryFraudHold, &hold); err != nil || hold == nil {
			return err
		}
		var sentences []string
		for _, r := range hold.Reasons {
			sentences = append(sentences, r.Sentence)
		}
		w.Total, w.Score, w.Message = hold.Total, hold.Score, strings.Join(sentences, " ")
	case w.kind == workflows.OrderToCashName:
		var s workflows.OrderStatus
		if err := d.ask(ctx, w.WorkflowID, "", workflows.QueryStatus, &s); err != nil || s.Blocked == nil {
			return err
		}
		w.Total, w.Message = s.Total, s.Blocked.Message
	default:
		var b *workflows.Blocked
		if err := d.ask(ctx, w.WorkflowID, "", workflows.QueryBlocked, &b); err != nil || b == nil {
			return err
		}
		w.Message = b.Message
	}
	return nil
}

func (d temporalDesk) Show(ctx context.Context, workflowID string) (process, error) {
	described, err := d.client.DescribeWorkflowExecution(ctx, workflowID, "")
	var missing *serviceerror.NotFound
	var malformed *serviceerror.InvalidArgument
	switch {
	case errors.As(err, &missing), errors.As(err, &malformed):
		return process{}, errUnknown
	case err != nil:
		return process{}, fmt.Errorf("asking Temporal for %s: %w", workflowID, err)
	}
	info := described.GetWorkflowExecutionInfo()
	p := process{
		WorkflowID: workflowID, RunID: info.GetExecution().GetRunId(), Kind: info.GetType().GetName(),
		Store:   attribute[string](info.GetSearchAttributes().GetIndexedFields(), workflows.AttrStore.GetName()),
		Running: info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING,
	}
	if p.Kind != workflows.OrderToCashName && p.Kind != workflows.ShipmentNotificationName || d.store != "" && p.Store != d.store {
		return process{}, errUnknown
	}
	err = d.question(ctx, &p)
	return p, err
}

// question asks the process itself: lists are some moments behind.
func (d temporalDesk) question(ctx context.Context, p *process) error {
	asking, ctx := errgroup.WithContext(ctx)
	ask := func(query string, answer any) {
		asking.Go(func() error { return d.ask(ctx, p.WorkflowID, p.RunID, query, answer) })
	}
	var about sdkpb.WorkflowMetadata
	ask(workflows.QueryBlocked, &p.Blocked)
	ask(workflows.QueryDecisions, &p.Decisions)
	ask("__temporal_workflow_metadata", &about) // what the Web UI asks for the current details
	if p.Kind == workflows.OrderToCashName {
		ask(workflows.QueryStatus, &p.Status)
		ask(workflows.QueryOrder, &p.Order)
		ask(workflows.QueryFraudHold, &p.Hold)
	}
	if err := asking.Wait(); err != nil {
		return err
	}
	p.Details = about.GetCurrentDetails()
	if p.Blocked != nil && p.Blocked.Reason == workflows.ReasonFraudReview {
		p.Blocked = nil // the hold says more
	}
	return nil
}

func (d temporalDesk) ask(ctx context.Context, id, run, query string, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, queryPatience)
	defer cancel()
	value, err := d.client.QueryWorkflow(ctx, id, run, query)
	if err == nil {
		err = value.Get(answer)
	}
	if err != nil {
		return fmt.Errorf("asking %s for its %s (do the workers run?): %w", id, query, err)
	}
	return nil
}

func (d temporalDesk) DecideFraud(ctx context.Context, workflowID, runID string, decision workflows.FraudDecision) (answer workflows.Answer, err error) {
	err = d.update(ctx, workflowID, runID, workflows.UpdateDecideFraud, decision, &answer)
	return answer, err
}

func (d temporalDesk) Resolve(ctx context.Context, workflowID, runID string, r workflows.Resolution, preview bool) (answer workflows.Answer, err error) {
	name := workflows.Resolve
	if preview {
		name = workflows.PreviewResolution
	}
	err = d.update(ctx, workflowID, runID, name, r, &answer)
	return answer, err
}

func (d temporalDesk) update(ctx context.Context, id, run, name string, argument, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, updatePatience)
	defer cancel()
	handle, err := d.client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: id, RunID: run, UpdateName: name, Args: []any{argument}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, answer)
	}
	var refused *temporal.ApplicationError
	var missing *serviceerror.NotFound
	switch {
	case errors.As(err, &refused):
		return refusal{refused.Message()}
	case errors.As(err, &missing):
		return refusal{"this process has ended or begun anew meanwhile"}
	case err != nil:
		return fmt.Errorf("sending %s to %s (do the workers run?): %w", name, id, err)
	}
	return nil
}

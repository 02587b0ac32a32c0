package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"github.com/cart21/cart21/workflows"
)

// process is what Temporal tells of one order's process.
type process struct {
	orderID string
	stage   string
	blocked string
	fraud   string // what came of its screening
	open    bool
	events  int64
}

// processes lists the processes of all orders, by shop order id. Of several
// runs the latest counts; what came of the screening is in the one that made the
// order in the ERP.
func (w *world) processes(ctx context.Context) (map[string]process, error) {
	all := map[string]process{}
	var token []byte
	for {
		page, err := w.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: w.at.Namespace, PageSize: 1000, NextPageToken: token,
			Query: fmt.Sprintf("WorkflowType = '%s' AND Store = '%s'", workflows.OrderToCashName, store),
		})
		if err != nil {
			return nil, fmt.Errorf("listing the processes: %w", err)
		}
		for _, e := range page.Executions {
			p := describe(e)
			before, seen := all[p.orderID]
			p.fraud = cmp.Or(p.fraud, before.fraud)
			before.fraud = p.fraud
			if !seen || p.open || !before.open {
				p.events += before.events
				all[p.orderID] = p
			} else {
				all[p.orderID] = before
			}
		}
		if token = page.NextPageToken; len(token) == 0 {
			return all, nil
		}
	}
}

func describe(e *workflowpb.WorkflowExecutionInfo) process {
	attributes := e.GetSearchAttributes().GetIndexedFields()
	return process{
		orderID: e.Execution.WorkflowId[len(workflows.OrderID(store, "")):],
		stage:   keyword(attributes[workflows.AttrStage.GetName()]),
		blocked: keyword(attributes[workflows.AttrBlockedOn.GetName()]),
		fraud:   keyword(attributes[workflows.AttrFraudOutcome.GetName()]),
		open:    e.Status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING,
		events:  e.HistoryLength,
	}
}

func keyword(p *commonpb.Payload) (s string) {
	if p != nil {
		_ = converter.GetDefaultDataConverter().FromPayload(p, &s)
	}
	return s
}

// settle waits until nothing moves any more: every order is in the ERP, shipped
// and shown so in the shop, or parked, or ended without the ERP.
func (w *world) settle(ctx context.Context) error {
	w.say("all orders are placed; waiting until every one is shipped, parked or cancelled ...")
	said := time.Now()
	for {
		waiting, err := w.unsettled(ctx)
		if err == nil && waiting == 0 {
			return nil
		}
		if time.Since(said) > 10*time.Second && err == nil {
			w.say(fmt.Sprintf("%d orders are still on their way ...", waiting))
			said = time.Now()
		}
		// Listing thousands of processes costs the server more than running them.
		sleep(ctx, 500*time.Millisecond+time.Duration(len(w.placements()))*3*time.Millisecond)
		if ctx.Err() != nil {
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return fmt.Errorf("%d orders were still on their way after %s", waiting, w.o.timeout)
			}
			return ctx.Err()
		}
	}
}

func (w *world) unsettled(ctx context.Context) (waiting int, err error) {
	processes, err := w.processes(ctx)
	if err != nil {
		return 0, err
	}
	books := w.books()
	for id := range w.placements() {
		p, known := processes[id]
		parked := p.blocked != "" && p.blocked != workflows.ReasonFraudReview // which the reviewer decides
		settled := parked || !p.open
		if books.inERP(id) {
			settled = books.fulfilled(id) || parked // its notification may outlast its process
		}
		if !known || !settled {
			waiting++
		}
	}
	return waiting, nil
}

func (w *world) placements() map[string]placement {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.placed)
}

// activitiesPerOrder counts, in the histories of some orders, the activities
// that went over a task queue.
func (w *world) activitiesPerOrder(ctx context.Context, ids []string) (float64, error) {
	const sample = 40
	slices.Sort(ids)
	ids = ids[:min(sample, len(ids))]
	if len(ids) == 0 {
		return 0, nil
	}
	count := 0
	for _, id := range ids {
		events := w.temporal.GetWorkflowHistory(ctx, workflows.OrderID(store, id), "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for events.HasNext() {
			e, err := events.Next()
			if err != nil {
				return 0, fmt.Errorf("reading the history of order %s: %w", id, err)
			}
			if e.EventType == enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED {
				count++
			}
		}
	}
	return float64(count) / float64(len(ids)), nil
}

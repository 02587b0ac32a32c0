package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/cart21/cart21/workflows"
)

// recordHistories writes one history of each kind of process and of each way in
// which it ended or stands, for the replay tests.
func (w *world) recordHistories(ctx context.Context, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, kind := range []string{workflows.OrderToCashName, workflows.ShipmentNotificationName, workflows.OrderIntakeName, workflows.FulfilmentIntakeName} {
		page, err := w.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: w.at.Namespace, PageSize: 1000, Query: fmt.Sprintf("WorkflowType = '%s'", kind),
		})
		if err != nil {
			return fmt.Errorf("listing %s: %w", kind, err)
		}
		for _, e := range page.Executions {
			name := kind
			for _, attribute := range []string{workflows.AttrStage.GetName(), workflows.AttrBlockedOn.GetName()} {
				if value := keyword(e.GetSearchAttributes().GetIndexedFields()[attribute]); value != "" {
					name += "-" + value
				}
			}
			if seen[name] {
				continue
			}
			seen[name] = true
			if err := w.recordHistory(ctx, e.Execution.WorkflowId, e.Execution.RunId, filepath.Join(dir, name+".json")); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *world) recordHistory(ctx context.Context, id, run, path string) error {
	history := &historypb.History{}
	events := w.temporal.GetWorkflowHistory(ctx, id, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			return fmt.Errorf("reading the history of %s: %w", id, err)
		}
		history.Events = append(history.Events, e)
	}
	raw, err := temporalproto.CustomJSONMarshalOptions{Indent: " "}.Marshal(history)
	if err != nil {
		return fmt.Errorf("writing the history of %s down: %w", id, err)
	}
	return os.WriteFile(path, raw, 0o644)
}

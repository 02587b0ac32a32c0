package tests

import (
	"context"
	"fmt"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/cart21/cart21/activities"
	"github.com/cart21/cart21/workflows"
)

// TestLiveOrdersGoBeforeBulkWork queues polls, which are bulk work, and then one
// live order, while nobody serves the shop's queue. The worker that comes has one
// slot: the order's step must be the first that it gets.
func TestLiveOrdersGoBeforeBulkWork(t *testing.T) {
	w := &world{t: t, dir: t.TempDir()}
	w.startTemporal("")
	processes := worker.New(w.temporal, workflows.QueueProcesses, worker.Options{LocalActivityWorkerOnly: true})
	processes.RegisterWorkflowWithOptions(workflows.OrderToCash, workflow.RegisterOptions{Name: workflows.OrderToCashName})
	processes.RegisterWorkflowWithOptions(workflows.OrderIntake, workflow.RegisterOptions{Name: workflows.OrderIntakeName})
	if err := processes.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(processes.Stop)

	const bulk = 12
	ctx := context.Background()
	for i := range bulk {
		id := fmt.Sprint("bulk/", i)
		if _, err := w.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: workflows.QueueProcesses}, workflows.OrderIntakeName); err != nil {
			t.Fatal(err)
		}
		w.eventually(id+" waits in the queue", func() bool { return w.scheduled(id) })
	}
	if err := (workflows.Launcher{Client: w.temporal}).StartOrder(ctx, worldStore, "4711", "1004711"); err != nil {
		t.Fatal(err)
	}
	order := workflows.OrderID(worldStore, "4711")
	w.eventually("the order waits in the queue", func() bool { return w.scheduled(order) })

	served := make(chan string, bulk+1)
	calls := worker.New(w.temporal, workflows.QueueXCart, worker.Options{
		DisableWorkflowWorker: true, MaxConcurrentActivityExecutionSize: 1, MaxConcurrentActivityTaskPollers: 1,
	})
	register(calls, map[string]any{
		activities.PollShopName: func(context.Context) (activities.Polled, error) { served <- "bulk"; return activities.Polled{}, nil },
		activities.ReadOrderName: func(context.Context, string) (activities.OrderReading, error) {
			served <- "order"
			return activities.OrderReading{}, sdk.NewNonRetryableApplicationError("that is enough of this order", "rejected", nil)
		},
	})
	if err := calls.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(calls.Stop)
	if first := <-served; first != "order" {
		t.Errorf("the first that was served is %s, want the live order, which came last", first)
	}
}

// scheduled reports whether a process waits for an activity.
func (w *world) scheduled(workflowID string) bool {
	history := w.temporal.GetWorkflowHistory(context.Background(), workflowID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for history.HasNext() {
		event, err := history.Next()
		if err != nil {
			return false
		}
		if event.EventType == enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED {
			return true
		}
	}
	return false
}

package tests

import (
	"path/filepath"
	"testing"

	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/cart21/cart21/workflows"
)

// TestReplay runs recorded histories through today's code. A change that a
// running process could not survive fails here: make it through
// workflow.GetVersion, and keep the old history.
func TestReplay(t *testing.T) {
	replayer := worker.NewWorkflowReplayer()
	for name, process := range map[string]any{
		workflows.OrderToCashName: workflows.OrderToCash, workflows.ShipmentNotificationName: workflows.ShipmentNotification,
		workflows.OrderIntakeName: workflows.OrderIntake, workflows.FulfilmentIntakeName: workflows.FulfilmentIntake,
	} {
		replayer.RegisterWorkflowWithOptions(process, workflow.RegisterOptions{Name: name})
	}
	histories, err := filepath.Glob("testdata/histories/*.json")
	if err != nil || len(histories) < 6 {
		t.Fatalf("%d histories found, %v: each process must be there", len(histories), err)
	}
	for _, path := range histories {
		t.Run(filepath.Base(path), func(t *testing.T) {
			if err := replayer.ReplayWorkflowHistoryFromJSONFile(nil, path); err != nil {
				t.Error(err)
			}
		})
	}
}

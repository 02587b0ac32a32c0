package service

import (
	"errors"
	"strings"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/types/known/durationpb"
)

const (
	oldKey = "old:b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2w="
	newKey = "new:bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmU="
)

// TestAProcessWaitsForAMissingKey: were the error returned, the process would
// end as failed.
func TestAProcessWaitsForAMissingKey(t *testing.T) {
	for _, c := range []struct {
		name, keys string
		waits      bool
	}{
		{"with the key", newKey + "," + oldKey, false},
		{"without", newKey, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			writes, err := Temporal{PayloadKeys: oldKey}.options()
			if err != nil {
				t.Fatal(err)
			}
			input, err := writes.DataConverter.ToPayloads("an order")
			if err != nil {
				t.Fatal(err)
			}
			reads, err := Temporal{PayloadKeys: c.keys}.options()
			if err != nil {
				t.Fatal(err)
			}
			replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{DataConverter: reads.DataConverter, FailureConverter: reads.FailureConverter})
			if err != nil {
				t.Fatal(err)
			}
			replayer.RegisterWorkflowWithOptions(func(ctx workflow.Context, _ string) error { return workflow.Sleep(ctx, time.Hour) }, workflow.RegisterOptions{Name: "P"})
			err = replayer.ReplayWorkflowHistory(nil, startedWith(input))
			if c.waits != (err != nil) {
				t.Fatalf("got %v", err)
			}
			if c.waits && !strings.Contains(err.Error(), "PAYLOAD_KEYS has only new") {
				t.Errorf("it does not wait with the reason: %v", err)
			}
		})
	}
}

// startedWith is the history of a process that took its input and sleeps.
func startedWith(input *commonpb.Payloads) *historypb.History {
	queue := &taskqueuepb.TaskQueue{Name: "q"}
	return &historypb.History{Events: []*historypb.HistoryEvent{
		{EventId: 1, EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED, Attributes: &historypb.HistoryEvent_WorkflowExecutionStartedEventAttributes{
			WorkflowExecutionStartedEventAttributes: &historypb.WorkflowExecutionStartedEventAttributes{
				WorkflowType: &commonpb.WorkflowType{Name: "P"}, TaskQueue: queue, Input: input, OriginalExecutionRunId: "run"}}},
		{EventId: 2, EventType: enumspb.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, Attributes: &historypb.HistoryEvent_WorkflowTaskScheduledEventAttributes{
			WorkflowTaskScheduledEventAttributes: &historypb.WorkflowTaskScheduledEventAttributes{TaskQueue: queue}}},
		{EventId: 3, EventType: enumspb.EVENT_TYPE_WORKFLOW_TASK_STARTED, Attributes: &historypb.HistoryEvent_WorkflowTaskStartedEventAttributes{
			WorkflowTaskStartedEventAttributes: &historypb.WorkflowTaskStartedEventAttributes{ScheduledEventId: 2}}},
		{EventId: 4, EventType: enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED, Attributes: &historypb.HistoryEvent_WorkflowTaskCompletedEventAttributes{
			WorkflowTaskCompletedEventAttributes: &historypb.WorkflowTaskCompletedEventAttributes{ScheduledEventId: 2, StartedEventId: 3}}},
		{EventId: 5, EventType: enumspb.EVENT_TYPE_TIMER_STARTED, Attributes: &historypb.HistoryEvent_TimerStartedEventAttributes{
			TimerStartedEventAttributes: &historypb.TimerStartedEventAttributes{TimerId: "5", StartToFireTimeout: durationpb.New(time.Hour), WorkflowTaskCompletedEventId: 4}}},
	}}
}

func TestFailureMessagesAreEncrypted(t *testing.T) {
	cause := errors.New("Rosa Fuentes lives nowhere")
	for _, c := range []struct {
		name, keys string
		hidden     bool
	}{{"with a key", oldKey, true}, {"without", "", false}} {
		t.Run(c.name, func(t *testing.T) {
			options, err := Temporal{PayloadKeys: c.keys}.options()
			if err != nil {
				t.Fatal(err)
			}
			failure := options.FailureConverter.ErrorToFailure(temporal.NewApplicationErrorWithCause("no such person: Rosa Fuentes", "rejected", cause, "Rosa Fuentes"))
			if hidden := !strings.Contains(failure.String(), "Fuentes"); hidden != c.hidden {
				t.Errorf("%v", failure)
			}
			var back *temporal.ApplicationError
			if err := options.FailureConverter.FailureToError(failure); !errors.As(err, &back) || back.Type() != "rejected" || !strings.Contains(err.Error(), "Rosa Fuentes lives nowhere") {
				t.Errorf("came back as %v", err)
			}
		})
	}
}

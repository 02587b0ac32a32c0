package workflows

import (
	"context"
	"errors"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/cart21/cart21/commerce"
)

// Launcher starts and signals the processes over a Temporal client. Every start
// carries the business ID: a webhook that comes three times and a poll that
// finds the same order begin one process.
type Launcher struct {
	Client client.Client
}

// StartOrder makes sure that a process for a new order runs or has run to its
// end. One that was terminated or cancelled, or that failed, begins anew: that
// is no decision about the order, and the look-up by reference keeps it single.
func (l Launcher) StartOrder(ctx context.Context, store, orderID, number string) error {
	in := OrderInput{Store: store, OrderID: orderID, Number: number}
	options := l.order(in)
	options.WorkflowIDReusePolicy = enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY
	options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
	_, err := l.Client.ExecuteWorkflow(ctx, options, OrderToCashName, in)
	if temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return nil // it has run and ended
	}
	return err
}

// OrderChanged tells the order's process that the shop's order changed, and
// starts one if none runs.
func (l Launcher) OrderChanged(ctx context.Context, store, orderID, number string) error {
	in := OrderInput{Store: store, OrderID: orderID, Number: number}
	options := l.order(in)
	_, err := l.Client.SignalWithStartWorkflow(ctx, options.ID, SignalShopChanged, nil, options, OrderToCashName, in)
	return err
}

// OrderProgressed tells the order's process how far the ERP is. It does nothing
// when none runs.
func (l Launcher) OrderProgressed(ctx context.Context, store, orderID string, progress commerce.OrderProgress) error {
	err := l.Client.SignalWorkflow(ctx, OrderID(store, orderID), "", SignalProgress, progress)
	var gone *serviceerror.NotFound
	if errors.As(err, &gone) {
		return nil
	}
	return err
}

// ShipmentLeft starts the notification of a shipment, again if its pick ticket
// changed since.
func (l Launcher) ShipmentLeft(ctx context.Context, store, pickTicket string) error {
	options := client.StartWorkflowOptions{
		ID: ShipmentID(pickTicket), TaskQueue: QueueProcesses,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		TypedSearchAttributes:    temporal.NewSearchAttributes(AttrStore.ValueSet(store)),
		StaticSummary:            "Shipment of pick ticket " + pickTicket,
		Priority:                 temporal.Priority{PriorityKey: liveOrders},
	}
	_, err := l.Client.ExecuteWorkflow(ctx, options, ShipmentNotificationName, ShipmentInput{Store: store, PickTicket: pickTicket})
	return err
}

func (l Launcher) order(in OrderInput) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID: OrderID(in.Store, in.OrderID), TaskQueue: QueueProcesses,
		TypedSearchAttributes: temporal.NewSearchAttributes(
			AttrStore.ValueSet(in.Store), AttrStage.ValueSet(string(StageReceived)), AttrWebOrder.ValueSet(in.label())),
		StaticSummary: "Web order " + in.label() + " of " + in.Store,
		Priority:      temporal.Priority{PriorityKey: liveOrders},
	}
}

// Schedule is a process that is started again and again: a poll, or the watch.
type Schedule struct {
	ID       string
	Workflow string
	Queue    string
	Every    time.Duration
	Note     string
}

// Schedules are those of a store.
func Schedules(store string, orders, fulfilment, alerts time.Duration) []Schedule {
	return []Schedule{
		{ID: "order-intake/" + store, Workflow: OrderIntakeName, Queue: QueueProcesses, Every: orders, Note: "Orders placed or changed in the shop that no webhook told"},
		{ID: "fulfilment-intake/" + store, Workflow: FulfilmentIntakeName, Queue: QueueProcesses, Every: fulfilment, Note: "Orders that moved on and shipments that left in Prophet 21"},
		{ID: "alert-watch/" + store, Workflow: AlertWatchName, Queue: QueueAlerts, Every: alerts, Note: "Tells people of what needs them"},
	}
}

// Ensure creates the schedule or brings it up to date. A schedule that an
// operator paused stays paused.
func (s Schedule) Ensure(ctx context.Context, c client.Client) error {
	spec := client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: s.Every}}, Jitter: s.Every / 10}
	action := &client.ScheduleWorkflowAction{
		ID: s.ID, Workflow: s.Workflow, TaskQueue: s.Queue,
		// A poll that hangs must not silence the schedule for ever.
		WorkflowRunTimeout: 30 * time.Minute,
	}
	_, err := c.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID: s.ID, Spec: spec, Action: action, Note: s.Note,
		Overlap:       enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		CatchupWindow: time.Hour, // the default is a year: one poll finds all that was missed
	})
	if !errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return err
	}
	return c.ScheduleClient().GetHandle(ctx, s.ID).Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			schedule := in.Description.Schedule
			schedule.Spec, schedule.Action = &spec, action
			schedule.Policy = &client.SchedulePolicies{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: time.Hour}
			return &client.ScheduleUpdate{Schedule: &schedule}, nil
		},
	})
}

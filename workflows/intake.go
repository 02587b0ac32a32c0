package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"github.com/cart21/cart21/activities"
)

// OrderIntake polls the shop once for orders placed or changed. A schedule
// starts it; a webhook that was lost costs no more than the schedule's interval.
func OrderIntake(ctx workflow.Context) (activities.Polled, error) {
	return poll(ctx, QueueXCart, activities.PollShopName, "orders changed in X-Cart")
}

// FulfilmentIntake polls the ERP once for orders that moved on and pick tickets
// that left.
func FulfilmentIntake(ctx workflow.Context) (activities.Polled, error) {
	return poll(ctx, QueueP21, activities.PollFulfilmentName, "orders and shipments changed in Prophet 21")
}

func poll(ctx workflow.Context, queue, activity, summary string) (activities.Polled, error) {
	var polled activities.Polled
	err := workflow.ExecuteActivity(pollCall(ctx, queue, summary), activity).Get(ctx, &polled)
	if err != nil {
		return polled, fmt.Errorf("polling for %s: %w", summary, err)
	}
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("%d seen, %d started or told, up to %s", polled.Seen, polled.Started, polled.Until.Format("2006-01-02 15:04:05 MST")))
	return polled, nil
}

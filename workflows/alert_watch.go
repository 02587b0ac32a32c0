package workflows

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/cart21/cart21/activities"
)

// Watched is what the alert watch found and told. The next run reads what it
// remembers.
type Watched struct {
	Seen       activities.Sighting        `json:"seen"`
	Remembered activities.Remembered      `json:"remembered"`
	Told       map[string]activities.Told `json:"told,omitempty"` // by channel
}

// AlertWatch looks once for what needs a person and tells it on every channel. A
// schedule starts it, on a task queue of its own: it must run when what it
// reports on does not. A channel that fails is tried again by the next run, and
// keeps no other from being told.
func AlertWatch(ctx workflow.Context) (Watched, error) {
	var before Watched
	if workflow.HasLastCompletionResult(ctx) {
		if err := workflow.GetLastCompletionResult(ctx, &before); err != nil {
			workflow.GetLogger(ctx).Warn("what the last run remembered cannot be read", "error", err)
		}
	}
	p := &alertWatch{before: before.Remembered}
	return p.run(ctx)
}

type alertWatch struct {
	before activities.Remembered
	now    Watched
}

func (p *alertWatch) run(ctx workflow.Context) (Watched, error) {
	err := workflow.ExecuteActivity(alertCall(ctx, "look for what needs a person", 3), activities.LookName, p.before).Get(ctx, &p.now.Seen)
	if err != nil {
		return p.now, fmt.Errorf("looking for what needs a person: %w", err)
	}
	p.now.Remembered.Schedules, p.now.Seen.Schedules = p.now.Seen.Schedules, nil
	p.show(ctx)
	p.tell(ctx)
	p.show(ctx)
	return p.now, ctx.Err()
}

// tell tells all channels at once.
func (p *alertWatch) tell(ctx workflow.Context) {
	p.now.Told, p.now.Remembered.Failing = map[string]activities.Told{}, map[string]time.Time{}
	var telling []workflow.Future
	for _, channel := range p.now.Seen.Channels {
		in := activities.Telling{Channel: channel, Findings: p.now.Seen.Findings, Blind: p.now.Seen.Blind}
		telling = append(telling, workflow.ExecuteActivity(alertCall(ctx, "tell the "+channel, 5), activities.TellName, in))
	}
	for i, channel := range p.now.Seen.Channels {
		var told activities.Told
		if err := telling[i].Get(ctx, &told); err != nil {
			workflow.GetLogger(ctx).Error("a channel could not be told; the next run tries again", "channel", channel, "error", err)
			p.now.Remembered.Failing[channel] = workflow.Now(ctx)
			if since, failed := p.before.Failing[channel]; failed {
				p.now.Remembered.Failing[channel] = since
			}
			continue
		}
		p.now.Told[channel] = told
	}
}

// show keeps the present findings as the page that the Web UI shows.
func (p *alertWatch) show(ctx workflow.Context) { workflow.SetCurrentDetails(ctx, p.page()) }

func (p *alertWatch) page() string {
	page := []string{"### All is well"}
	switch n := len(p.now.Seen.Findings); n {
	case 0:
	case 1:
		page[0] = "### 1 alert"
	default:
		page[0] = fmt.Sprintf("### %d alerts", n)
	}
	for _, f := range p.now.Seen.Findings {
		line := fmt.Sprintf("- **%s** (%s): %s", f.Title, f.Severity, strings.TrimSuffix(strings.ReplaceAll(f.Detail, "\n", " "), "."))
		if len(f.Examples) > 0 {
			line += "; for example " + strings.Join(f.Examples, ", ")
		}
		page = append(page, line+". What to do: "+f.Runbook)
	}
	for _, channel := range p.now.Seen.Channels {
		if _, failing := p.now.Remembered.Failing[channel]; failing {
			page = append(page, "- **"+channel+" could not be told**: see the failed activity; the next run tries again")
		}
	}
	return strings.Join(page, "\n")
}

// alertCall suits a look around and the telling of a channel: the schedule comes
// again soon, so neither is tried long.
func alertCall(ctx workflow.Context, summary string, tries int32) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              QueueAlerts,
		StartToCloseTimeout:    time.Minute,
		ScheduleToCloseTimeout: 5 * time.Minute,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: 2 * time.Second, BackoffCoefficient: 2, MaximumAttempts: tries},
		Summary:                summary,
		Priority:               temporal.Priority{PriorityKey: liveOrders},
	})
}

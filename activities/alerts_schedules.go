package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/cart21/cart21/alerts"
	"github.com/cart21/cart21/records"
)

// cursors are those that the runs of a kind of schedule move on.
var cursors = map[string][]string{
	"order-intake":      {"orders"},
	"fulfilment-intake": {"sales-orders", "shipments"},
}

// schedules finds schedules that do not do what they are for, one finding for
// each: a poll that stands still is never told twice over. It brings what is
// remembered of them up to date.
func (a *Alerts) schedules(ctx context.Context, seen map[string]ScheduleSeen) ([]alerts.Finding, error) {
	var found []alerts.Finding
	for _, id := range a.Schedules {
		f := alerts.Finding{Key: scheduleSource + "/" + id, Link: a.Links.Schedule(id), Runbook: a.Links.Runbook("alert-schedule")}
		is, err := a.Temporal.ScheduleClient().GetHandle(ctx, id).Describe(ctx)
		var none *serviceerror.NotFound
		if errors.As(err, &none) {
			f.Severity, f.Title, f.Detail = alerts.Critical, "schedule "+id+" does not exist", "Start the starter: it sets the schedules up."
			found = append(found, f)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("looking at the schedule %s: %w", id, err)
		}
		before, known := seen[id]
		now := ScheduleSeen{Missed: is.Info.NumActionsMissedCatchupWindow, PausedAt: before.PausedAt}
		if is.Schedule.State.Paused {
			now.PausedAt = a.Now()
		}
		trouble, err := a.troubleOf(ctx, id, is, before.PausedAt)
		if err != nil {
			return nil, err
		}
		if given := now.Missed - before.Missed; known && given > 0 {
			trouble = append(trouble, problem{alerts.Warning, "missed runs", fmt.Sprintf("%d runs were given up because Temporal was down for too long; later ones find what they would have found.", given)})
		}
		seen[id] = now
		if len(trouble) > 0 {
			f.Severity, f.Title, f.Detail = trouble[0].severity, "schedule "+id+": "+trouble[0].title, inLines(trouble)
			found = append(found, f)
		}
	}
	return found, nil
}

func inLines(trouble []problem) string {
	lines := make([]string, len(trouble))
	for i, p := range trouble {
		lines[i] = p.detail
	}
	return strings.Join(lines, "\n")
}

// problem is one thing that is wrong with a schedule.
type problem struct {
	severity      alerts.Severity
	title, detail string
}

// troubleOf says what is wrong with a schedule, the worst first. What it did not
// do while it was paused is not held against it.
func (a *Alerts) troubleOf(ctx context.Context, id string, is *client.ScheduleDescription, paused time.Time) ([]problem, error) {
	if is.Schedule.State.Paused {
		return []problem{{alerts.Warning, "paused", "Somebody paused it: nothing runs until it is unpaused. What no webhook tells is not found meanwhile."}}, nil
	}
	tolerated := a.tolerated(is)
	if tolerated == 0 {
		return nil, nil // no interval of ours: nothing to judge it by
	}
	late, err := a.standsStill(ctx, id, is, later(is.Info.CreatedAt, later(is.Info.LastUpdateAt, paused)))
	if err != nil {
		return nil, err
	}
	failed, err := a.counted(ctx, "TemporalScheduledById = "+quote(id)+` AND ExecutionStatus IN ("Failed", "TimedOut", "Terminated") AND CloseTime > `+
		quote(a.Now().Add(-tolerated).UTC().Format(time.RFC3339)))
	if err != nil {
		return nil, fmt.Errorf("counting the failed runs of %s: %w", id, err)
	}
	// One that fails between others is what retries are for.
	if failed >= 3 {
		late = append(late, problem{alerts.Warning, "its runs fail", fmt.Sprintf("%d runs failed in the last %s: open one to see why.", failed, tolerated)})
	}
	return late, nil
}

// tolerated is for how long a schedule may do nothing; zero when it has no interval.
func (a *Alerts) tolerated(is *client.ScheduleDescription) time.Duration {
	if is.Schedule.Spec == nil || len(is.Schedule.Spec.Intervals) == 0 {
		return 0
	}
	return time.Duration(a.Rules.Intervals) * is.Schedule.Spec.Intervals[0].Every
}

// standsStill finds the absence of what ought to have happened since it begun:
// runs, and polls that succeed.
func (a *Alerts) standsStill(ctx context.Context, id string, is *client.ScheduleDescription, begun time.Time) ([]problem, error) {
	now, tolerated := a.Now(), a.tolerated(is)
	ran := begun
	if n := len(is.Info.RecentActions); n > 0 {
		ran = later(ran, is.Info.RecentActions[n-1].ActualTime)
	}
	var late []problem
	kind, store, _ := strings.Cut(id, "/")
	for _, name := range cursors[kind] {
		cursor, err := a.Records.Cursor(ctx, name+"/"+store)
		if err != nil && !errors.Is(err, records.ErrNotFound) {
			return nil, err
		}
		if moved := later(cursor.UpdatedAt, begun); now.Sub(moved) > tolerated {
			late = append(late, problem{alerts.Critical, "does not advance", "No poll of " + strings.ReplaceAll(name, "-", " ") + " succeeded since " +
				moment(moved) + ". What no webhook tells is not found meanwhile."})
		}
	}
	if len(is.Info.RunningWorkflows) == 0 && now.Sub(ran) > tolerated {
		late = append(late, problem{alerts.Critical, "does not run", "It started nothing since " + moment(ran) + "."})
	}
	return late, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

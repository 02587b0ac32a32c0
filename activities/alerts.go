package activities

import (
	"context"
	"fmt"
	"maps"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"

	"github.com/cart21/cart21/alerts"
	"github.com/cart21/cart21/records"
)

// Alerts looks for what needs a person, and tells it.
type Alerts struct {
	Store     string
	Temporal  Temporal
	Records   *records.Store
	Schedules []string // those that must run
	Channels  []alerts.Channel
	Links     alerts.Links
	// Pages are those of the console about what is parked for a reason, with some
	// of it; nil without a console.
	Pages func(reason string, examples []Parked) ([]alerts.Page, error)
	Rules AlertRules
	Now   func() time.Time
}

// Temporal is the part of Temporal's client that the look needs.
type Temporal interface {
	CountWorkflow(context.Context, *workflowservice.CountWorkflowExecutionsRequest) (*workflowservice.CountWorkflowExecutionsResponse, error)
	ListWorkflow(context.Context, *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error)
	ScheduleClient() client.ScheduleClient
}

// AlertRules say from when on something is an alert, and how often it is told.
type AlertRules struct {
	ParkedCount    int           // so many parked for one reason are critical
	ParkedAge      time.Duration // so is one that is parked for so long
	Intervals      int           // of a schedule, without a run or a poll that succeeded
	BreakerAfter   time.Duration // for which a system was not called
	Repeat         time.Duration // until what lasts is told again
	RecoveredAfter time.Duration // without a finding, until it counts as over
}

// Remembered is what one look hands on to the next.
type Remembered struct {
	Schedules map[string]ScheduleSeen `json:"schedules,omitempty"` // by id
	// Failing says since when a channel could not be told.
	Failing map[string]time.Time `json:"failing,omitempty"`
}

// ScheduleSeen is what is remembered of a schedule.
type ScheduleSeen struct {
	Missed   int       `json:"missed,omitempty"`   // runs that it ever gave up
	PausedAt time.Time `json:"paused_at,omitzero"` // it was paused when last seen so
}

// Sighting is all that a look found.
type Sighting struct {
	Findings []alerts.Finding `json:"findings,omitempty"`
	// Blind lists the sources that could not be looked at: what was found there
	// before is not over.
	Blind     []string                `json:"blind,omitempty"`
	Channels  []string                `json:"channels"` // to be told
	Schedules map[string]ScheduleSeen `json:"schedules,omitempty"`
}

// lookTries is how often a look is tried before it goes without a source.
const lookTries = 3

// Look collects what is wrong now. A source that cannot be looked at is tried
// again, and then a finding itself.
func (a *Alerts) Look(ctx context.Context, before Remembered) (Sighting, error) {
	out := Sighting{Schedules: map[string]ScheduleSeen{}}
	maps.Copy(out.Schedules, before.Schedules)
	for _, c := range a.Channels {
		out.Channels = append(out.Channels, c.Name())
	}
	sources := []struct {
		name string
		look func(context.Context) ([]alerts.Finding, error)
	}{
		{parkedSource, a.parked},
		{stuckSource, a.stuck},
		{breakerSource, a.breakers},
		{scheduleSource, func(ctx context.Context) ([]alerts.Finding, error) { return a.schedules(ctx, out.Schedules) }},
	}
	for _, s := range sources {
		found, err := s.look(ctx)
		if err != nil {
			err = fmt.Errorf("looking for what is wrong with %s: %w", s.name, err)
			if activity.GetInfo(ctx).Attempt < lookTries {
				return Sighting{}, err
			}
			activity.GetLogger(ctx).Error("the alert watch cannot see everything", "error", err)
			out.Blind = append(out.Blind, s.name)
			found = []alerts.Finding{{
				Key: "watch/" + s.name, Severity: alerts.Critical, Title: "the alert watch cannot see " + s.name,
				Detail:  "What is wrong there is not known. The log of the workers that serve the task queue alerts says why.",
				Runbook: a.Links.Runbook("alert-watch"),
			}}
		}
		out.Findings = append(out.Findings, found...)
	}
	out.Findings = append(out.Findings, a.silentChannels(before.Failing)...)
	activity.GetMetricsHandler(ctx).Gauge("cart21_alert_watch_last_look_timestamp_seconds").Update(float64(a.Now().Unix()))
	return out, nil
}

// channelSource is where the failures of channels are found.
const channelSource = "channel"

// silentChannels tells the channels that work of those that don't.
func (a *Alerts) silentChannels(failing map[string]time.Time) []alerts.Finding {
	var found []alerts.Finding
	for _, c := range a.Channels {
		since, fails := failing[c.Name()]
		if !fails {
			continue
		}
		found = append(found, alerts.Finding{
			Key: channelSource + "/" + c.Name(), Severity: alerts.Critical, Title: "alerts cannot be sent over " + c.Name(), Since: since,
			Detail: c.Describe() + " fails since " + moment(since) + ". The history of the alert watch says why; what was not sent is kept.", Runbook: a.Links.Runbook("alert-channel"),
		})
	}
	return found
}

// Telling is what one channel is to be told, as far as it does not know it.
type Telling struct {
	Channel  string           `json:"channel"`
	Findings []alerts.Finding `json:"findings,omitempty"`
	Blind    []string         `json:"blind,omitempty"`
}

// Told counts what a channel was told.
type Told struct {
	News      int `json:"news"`
	Recovered int `json:"recovered,omitempty"`
}

// Tell sends a channel what it does not know yet: what is new, has become worse,
// lasts since it was last told of it, or is over. Only then is it noted as told, so
// that a message may come twice and is never lost.
func (a *Alerts) Tell(ctx context.Context, in Telling) (Told, error) {
	var channel alerts.Channel
	for _, c := range a.Channels {
		if c.Name() == in.Channel {
			channel = c
		}
	}
	if channel == nil {
		return Told{}, fmt.Errorf("the alert channel %s is not configured here: give all workers of the task queue alerts the same settings", in.Channel)
	}
	known, err := a.Records.Alerts(ctx, a.Store, in.Channel)
	if err != nil {
		return Told{}, err
	}
	d := a.Rules.due(in, known, a.Now())
	if len(d.news) > 0 {
		if err := channel.Send(ctx, alerts.Message{Store: a.Store, News: d.news}); err != nil {
			return Told{}, classify(err)
		}
	}
	var out Told
	for _, n := range d.news {
		if n.Change != alerts.Recovered {
			out.News++
			continue
		}
		out.Recovered++
		if err := a.Records.ForgetAlert(ctx, a.Store, in.Channel, n.Key); err != nil {
			return out, err
		}
	}
	for _, alert := range d.save {
		alert.Store, alert.Channel = a.Store, in.Channel
		if err := a.Records.SaveAlert(ctx, alert); err != nil {
			return out, err
		}
	}
	return out, nil
}

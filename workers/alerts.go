package main

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/cart21/cart21/activities"
	"github.com/cart21/cart21/alerts"
	"github.com/cart21/cart21/service"
	"github.com/cart21/cart21/workflows"
)

// alertWatch is the worker of the watch: processes and activities of its own, so
// that it runs when no other does.
func alertWatch(c client.Client, s settings, sys *systems, logger *slog.Logger) (worker.Worker, error) {
	channels, err := s.Alerts.Channels(logger)
	if err != nil {
		return nil, err
	}
	watch := &activities.Alerts{
		Store: s.Store, Temporal: c, Records: sys.records, Channels: channels, Now: time.Now,
		Links: alerts.Links{UI: s.Alerts.UIURL, Namespace: s.Temporal.Namespace, Docs: s.Alerts.RunbookURL},
		Pages: consolePages(s.Console, time.Now),
		Rules: activities.AlertRules{
			ParkedCount: s.Alerts.ParkedCount, ParkedAge: s.Alerts.ParkedAge, Intervals: s.Alerts.Intervals,
			BreakerAfter: s.Alerts.BreakerAfter, Repeat: s.Alerts.Repeat, RecoveredAfter: s.Alerts.RecoveredAfter,
		},
	}
	for _, schedule := range workflows.Schedules(s.Store, 0, 0, 0) {
		watch.Schedules = append(watch.Schedules, schedule.ID)
	}
	w := worker.New(c, workflows.QueueAlerts, worker.Options{WorkerStopTimeout: 20 * time.Second})
	RegisterProcesses(w)
	register(w, activities.LookName, watch.Look)
	register(w, activities.TellName, watch.Tell)
	return w, nil
}

// describeChannels says who is told.
func describeChannels(s settings, logger *slog.Logger) string {
	channels, err := s.Alerts.Channels(logger)
	if err != nil {
		return err.Error() // told by the settings before
	}
	var words []string
	for _, c := range channels {
		words = append(words, c.Describe())
	}
	told := strings.Join(words, "; ")
	if len(channels) == 1 {
		told += " alone: set ALERT_WEBHOOK_URL or ALERT_SMTP_URL so that somebody is told"
	}
	return told
}

// runCheckAlerts sends a test alert on every channel and says how it went.
func runCheckAlerts(s settings) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	logger, err := s.Logger()
	if err != nil {
		return err
	}
	channels, err := s.Alerts.Channels(logger)
	if err != nil {
		return err
	}
	links := alerts.Links{UI: s.Alerts.UIURL, Namespace: s.Temporal.Namespace, Docs: s.Alerts.RunbookURL}
	test := alerts.Message{Store: s.Store, News: []alerts.News{{Change: alerts.New, Finding: alerts.Finding{
		Key: "test", Severity: alerts.Warning, Title: "a test: nothing is wrong",
		Detail: "Somebody asked for it with -check-alerts.", Link: links.Workflows("BlockedOn IS NOT NULL"), Runbook: links.Runbook("alerts"),
	}}}}
	report := service.NewReport(os.Stdout)
	for _, c := range channels {
		report.Add(c.Name(), c.Send(ctx, test), func() string { return "sent: " + c.Describe() })
	}
	return report.Err()
}

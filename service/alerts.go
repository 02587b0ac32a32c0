package service

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/cart21/cart21/alerts"
)

// Alerts says who is told what needs a person, and from when on something does.
type Alerts struct {
	WebhookURL     string        `envconfig:"ALERT_WEBHOOK_URL" desc:"where alerts are posted as Slack takes them (secret)"`
	SMTPURL        string        `envconfig:"ALERT_SMTP_URL" desc:"mail server for alerts: smtp://user:password@host:587 or smtps://... (secret)"`
	EmailFrom      string        `envconfig:"ALERT_EMAIL_FROM" desc:"sender of alerts by mail"`
	EmailTo        []string      `envconfig:"ALERT_EMAIL_TO" desc:"their recipients, separated by commas"`
	UIURL          string        `envconfig:"ALERT_UI_URL" desc:"root of the Temporal Web UI, for the links in alerts"`
	RunbookURL     string        `envconfig:"ALERT_RUNBOOK_URL" default:"docs/operations.md" desc:"page with a section for each reason, for the links in alerts"`
	Repeat         time.Duration `envconfig:"ALERT_REPEAT" default:"4h" desc:"until what lasts is told again"`
	RecoveredAfter time.Duration `envconfig:"ALERT_RECOVERED_AFTER" default:"5m" desc:"for how long something must be well until it is told as recovered"`
	ParkedCount    int           `envconfig:"ALERT_PARKED_COUNT" default:"20" desc:"so many parked for one reason are critical"`
	ParkedAge      time.Duration `envconfig:"ALERT_PARKED_AGE" default:"4h" desc:"so is one that is parked for so long"`
	Intervals      int           `envconfig:"ALERT_INTERVALS" default:"5" desc:"intervals of a schedule without a run, or a poll that succeeded, that are an alert"`
	BreakerAfter   time.Duration `envconfig:"ALERT_BREAKER_AFTER" default:"2m" desc:"for how long a system must be down to be an alert"`
}

// Validate finds what is missing or makes no sense.
func (a Alerts) Validate() error {
	var bounds error
	if a.Repeat <= 0 || a.ParkedAge <= 0 || a.ParkedCount < 1 || a.Intervals < 1 || a.RecoveredAfter < 0 || a.BreakerAfter < 0 {
		bounds = errors.New("ALERT_REPEAT, ALERT_PARKED_AGE, ALERT_PARKED_COUNT and ALERT_INTERVALS must be above 0, ALERT_RECOVERED_AFTER and ALERT_BREAKER_AFTER not below")
	}
	var mail error
	if a.SMTPURL == "" && (a.EmailFrom != "" || len(a.EmailTo) > 0) {
		mail = errors.New("ALERT_SMTP_URL must be set for alerts by mail")
	}
	_, channels := a.Channels(slog.New(slog.DiscardHandler))
	return errors.Join(bounds, mail, channels, webAddress("ALERT_UI_URL", a.UIURL))
}

// Channels are the log and those that are configured.
func (a Alerts) Channels(logger *slog.Logger) ([]alerts.Channel, error) {
	all := []alerts.Channel{alerts.Log{Logger: logger}}
	if a.WebhookURL != "" {
		webhook, err := alerts.NewWebhook(a.WebhookURL, logger)
		if err != nil {
			return nil, fmt.Errorf("ALERT_WEBHOOK_URL: %w", err)
		}
		all = append(all, webhook)
	}
	if a.SMTPURL != "" {
		mail, err := alerts.NewMail(a.SMTPURL, a.EmailFrom, trimmed(a.EmailTo))
		if err != nil {
			return nil, fmt.Errorf("ALERT_SMTP_URL, ALERT_EMAIL_FROM, ALERT_EMAIL_TO: %w", err)
		}
		all = append(all, mail)
	}
	return all, nil
}

func trimmed(all []string) []string {
	var kept []string
	for _, s := range all {
		if s = strings.TrimSpace(s); s != "" {
			kept = append(kept, s)
		}
	}
	return kept
}

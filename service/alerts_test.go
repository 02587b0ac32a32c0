package service

import (
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestAlertsChannels(t *testing.T) {
	sound := func(change func(*Alerts)) Alerts {
		a := Alerts{Repeat: time.Hour, ParkedAge: time.Hour, ParkedCount: 20, Intervals: 5}
		change(&a)
		return a
	}
	const hook = "https://hooks.slack.test/services/very-secret"
	for name, c := range map[string]struct {
		alerts  Alerts
		want    string // channels
		mistake string
	}{
		"none": {sound(func(*Alerts) {}), "log", ""},
		"both": {sound(func(a *Alerts) {
			a.WebhookURL, a.SMTPURL, a.EmailFrom, a.EmailTo = hook, "smtp://mail.test", "a@example.test", []string{"b@example.test", " c@example.test"}
		}), "log webhook mail", ""},
		"no web address":  {sound(func(a *Alerts) { a.WebhookURL = "very-secret" }), "", "ALERT_WEBHOOK_URL"},
		"no recipients":   {sound(func(a *Alerts) { a.SMTPURL, a.EmailFrom = "smtp://user:very-secret@mail.test", "a@example.test" }), "", "ALERT_EMAIL_TO"},
		"no mail server":  {sound(func(a *Alerts) { a.EmailTo = []string{"b@example.test"} }), "log", "ALERT_SMTP_URL must be set"},
		"no repeat":       {sound(func(a *Alerts) { a.Repeat = 0 }), "log", "ALERT_REPEAT"},
		"negative":        {sound(func(a *Alerts) { a.BreakerAfter = -1 }), "log", "ALERT_BREAKER_AFTER"},
		"no UI's address": {sound(func(a *Alerts) { a.UIURL = "temporal.test" }), "log", "ALERT_UI_URL"},
	} {
		t.Run(name, func(t *testing.T) {
			channels, _ := c.alerts.Channels(slog.New(slog.DiscardHandler))
			var names []string
			for _, channel := range channels {
				names = append(names, channel.Name())
			}
			if got := strings.Join(names, " "); got != c.want {
				t.Errorf("channels %q, want %q", got, c.want)
			}
			err := c.alerts.Validate()
			if (err == nil) != (c.mistake == "") || (err != nil && !strings.Contains(err.Error(), c.mistake)) {
				t.Errorf("got %v, want %q", err, c.mistake)
			}
			if err != nil && strings.Contains(err.Error(), "very-secret") {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}
}

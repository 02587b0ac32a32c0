package main

import (
	"strings"
	"testing"
	"time"

	"github.com/cart21/cart21/activities"
	"github.com/cart21/cart21/console/signed"
	"github.com/cart21/cart21/service"
	"github.com/cart21/cart21/workflows"
)

func TestAlertsLinkIntoTheConsole(t *testing.T) {
	const root, secret = "https://desk.example.test/", "a-console-secret-of-the-tests-0123456789"
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	held := []activities.Parked{{WorkflowID: "order/main/7", RunID: "run-7", Since: now.Add(-time.Hour)}}
	for _, c := range []struct {
		name, reason string
		console      service.Console
		texts        []string
	}{
		{"a hold", workflows.ReasonFraudReview, service.Console{URL: root, Secret: secret}, []string{"decide in the console", "approve order/main/7", "reject order/main/7"}},
		{"a hold, without the secret", workflows.ReasonFraudReview, service.Console{URL: root}, []string{"decide in the console"}},
		{"other parked work", "unknown-item", service.Console{URL: root, Secret: secret}, []string{"decide in the console"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			pages, err := consolePages(c.console, func() time.Time { return now })(c.reason, held)
			if err != nil || len(pages) != len(c.texts) {
				t.Fatalf("%v, %v", pages, err)
			}
			for i, text := range c.texts {
				if pages[i].Text != text {
					t.Errorf("page %d is %q, want %q", i, pages[i].Text, text)
				}
			}
			if want := root + "?reason=" + c.reason; pages[0].URL != want {
				t.Errorf("the list is at %s, want %s", pages[0].URL, want)
			}
			for _, p := range pages[1:] {
				key, _ := signed.NewKey(secret)
				l, err := key.Link(strings.TrimPrefix(p.URL, root+"link/"), now.Add(linkLasts-time.Second))
				if err != nil || l.RunID != "run-7" || !l.About(held[0].Since) || !strings.HasPrefix(p.Text, l.Decision) {
					t.Errorf("%s leads to %+v, %v", p.Text, l, err)
				}
			}
		})
	}
	if consolePages(service.Console{}, time.Now) != nil {
		t.Error("there are pages without a console")
	}
}

package main

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/cart21/cart21/activities"
	"github.com/cart21/cart21/alerts"
	"github.com/cart21/cart21/console/signed"
	"github.com/cart21/cart21/service"
	"github.com/cart21/cart21/workflows"
)

// linkLasts is how long a link in an alert leads to a decision. What is held for
// longer is told again, with links of its own.
const linkLasts = 3 * 24 * time.Hour

// consolePages are the console's pages for alerts: the list and, with the secret
// that signs them, links by which a hold is approved or rejected. Nil without a
// console.
func consolePages(c service.Console, now func() time.Time) func(string, []activities.Parked) ([]alerts.Page, error) {
	if c.URL == "" {
		return nil
	}
	return func(reason string, examples []activities.Parked) ([]alerts.Page, error) {
		pages := []alerts.Page{{Text: "decide in the console", URL: strings.TrimRight(c.URL, "/") + "/?reason=" + url.QueryEscape(reason)}}
		if reason != workflows.ReasonFraudReview || c.Secret == "" {
			return pages, nil
		}
		key, err := signed.NewKey(c.Secret)
		if err != nil {
			return nil, err
		}
		for _, p := range examples {
			for _, action := range []workflows.Action{workflows.Approve, workflows.Reject} {
				l := signed.Link{WorkflowID: p.WorkflowID, RunID: p.RunID, Decision: string(action), Since: p.Since}
				address, err := key.Address(c.URL, l, now().Add(linkLasts))
				if err != nil {
					return nil, err
				}
				pages = append(pages, alerts.Page{Text: fmt.Sprintf("%s %s", action, p.WorkflowID), URL: address})
			}
		}
		return pages, nil
	}
}

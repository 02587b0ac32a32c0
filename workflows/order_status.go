package workflows

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/cart21/cart21/activities"
	"github.com/cart21/cart21/commerce"
)

// OrderStatus is where the process of an order stands.
type OrderStatus struct {
	Stage      Stage                  `json:"stage"`
	WebOrder   string                 `json:"web_order"`
	ERPOrder   string                 `json:"erp_order,omitempty"`
	Total      string                 `json:"total,omitempty"`
	WaitingFor string                 `json:"waiting_for,omitempty"`
	Blocked    *Blocked               `json:"blocked,omitempty"`
	FraudHold  *FraudHold             `json:"fraud_hold,omitempty"`
	Profile    string                 `json:"profile,omitempty"`
	Amended    []string               `json:"amended,omitempty"`
	Progress   commerce.OrderProgress `json:"progress"`
	Notes      []string               `json:"notes,omitempty"` // differences that were let pass
	Shipments  []ShipmentNotified     `json:"shipments,omitempty"`
	Refused    string                 `json:"refused,omitempty"` // the last signal that could not be taken
}

func (p *orderToCash) status() OrderStatus {
	s := OrderStatus{
		Stage: p.stage, WebOrder: p.in.label(), ERPOrder: p.created.Number, WaitingFor: p.waitingFor,
		Blocked: p.desk.blocked, FraudHold: p.held(), Profile: p.profile, Amended: p.amended, Progress: p.progress,
		Shipments: p.shipments, Refused: p.desk.last,
	}
	if p.order.Number != "" {
		s.WebOrder = p.order.Number
	}
	if p.order.Currency != "" {
		s.Total = p.order.Currency.Format(p.order.Total)
	}
	for _, d := range p.created.Differences {
		s.Notes = append(s.Notes, d.Message)
	}
	return s
}

// known is the order for those who decide about it; nil until it has been read.
func (p *orderToCash) known() *commerce.Order {
	if p.order.ID == "" {
		return nil
	}
	return &p.order
}

// show writes the status page that the Web UI shows as current details.
func (p *orderToCash) show(ctx workflow.Context) {
	workflow.SetCurrentDetails(ctx, p.status().page())
}

// page writes the status for people, as Markdown.
func (s OrderStatus) page() string {
	var b strings.Builder
	b.WriteString(fmt.Sprintf("### Web order %s: %s\n\n", s.WebOrder, s.Stage))
	if s.Blocked != nil {
		b.WriteString(fmt.Sprintf("**Parked: %s** since %s\n\n%s\n\n", s.Blocked.Reason, s.Blocked.Since.Format(time.RFC3339), s.Blocked.Message))
		if s.Blocked.Reason == ReasonFraudReview && s.FraudHold != nil {
			b.WriteString(s.FraudHold.page())
		} else {
			b.WriteString(fmt.Sprintf("To resolve, send the signal or update `%s` with `{\"action\": %s, \"by\": \"your name\", \"why\": \"...\"}`",
				Resolve, choices(s.Blocked.Choices)))
		}
		if s.Blocked.Passing {
			b.WriteString("; it is also tried again by itself, slowly")
		}
		b.WriteString(fmt.Sprintf(". [What it means and what to do](%s)\n\n", Runbook(s.Blocked.Reason)))
	} else if s.WaitingFor != "" {
		b.WriteString(fmt.Sprintf("Now: %s\n\n", s.WaitingFor))
	}
	if s.Refused != "" {
		b.WriteString(fmt.Sprintf("The last signal was not taken: %s\n\n", s.Refused))
	}
	row := func(name, value string) {
		if value != "" {
			b.WriteString(fmt.Sprintf("- %s: %s\n", name, value))
		}
	}
	row("Prophet 21 order", s.ERPOrder)
	row("Total", s.Total)
	row("Mapping profile", s.Profile)
	for _, line := range s.Amended {
		row("Corrected", line)
	}
	for _, line := range s.Notes {
		row("Noted", line)
	}
	for _, shipment := range s.Shipments {
		row("Shipment "+shipment.PickTicket, shipment.inWords())
	}
	return b.String()
}

func choices(actions []Action) string {
	words := make([]string, len(actions))
	for i, a := range actions {
		words[i] = `"` + string(a) + `"`
	}
	return strings.Join(words, " | ")
}

// inWords tells all findings, one a line.
func inWords(findings []activities.Finding) string {
	lines := make([]string, len(findings))
	for i, f := range findings {
		lines[i] = f.Code + ": " + f.Message
	}
	return strings.Join(lines, "\n")
}

func fatalIn(differences []activities.Difference) string {
	var lines []string
	for _, d := range differences {
		if d.Fatal {
			lines = append(lines, d.Message)
		}
	}
	return strings.Join(lines, "; ")
}

package main

import (
	"context"
	"strings"
	"time"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/workflows"
)

// desk is the processes as the pages need them: what waits for a person, and
// how to decide about it.
type desk interface {
	// Waiting lists all that waits, the longest first.
	Waiting(ctx context.Context) ([]waiting, error)
	// Explain adds what only the processes themselves know. One that does not
	// answer stays as it is listed.
	Explain(ctx context.Context, list []waiting)
	// Show tells all about one process; errUnknown when there is none.
	Show(ctx context.Context, workflowID string) (process, error)
	// DecideFraud decides about a hold of that run and says what happened.
	DecideFraud(ctx context.Context, workflowID, runID string, d workflows.FraudDecision) (workflows.Answer, error)
	// Resolve decides about a parked process; preview only says what it would do.
	Resolve(ctx context.Context, workflowID, runID string, r workflows.Resolution, preview bool) (workflows.Answer, error)
}

// waiting is a process that waits for a person, as lists show it.
type waiting struct {
	WorkflowID, Store, Order string
	Reason                   string // as in the runbook; fraud-review for a hold
	Since                    time.Time
	Total                    string
	Score                    float64 // of the fraud screening; zero when not known
	Message                  string
	kind                     string // of process
}

// process is one process with all that a decision needs.
type process struct {
	WorkflowID, RunID, Kind, Store string
	Status                         workflows.OrderStatus // zero for a shipment
	Order                          *commerce.Order       // nil when not read, or none
	Hold                           *workflows.FraudHold  // nil when not held
	Blocked                        *workflows.Blocked    // nil when not parked for anything but fraud
	Decisions                      []workflows.Decided   // oldest first
	Details                        string                // the process's own page, Markdown
	Running                        bool
}

// name is what people call the process.
func (p process) name() string {
	if p.Status.WebOrder != "" {
		return "order " + p.Status.WebOrder
	}
	_, number, _ := strings.Cut(p.WorkflowID, "/")
	return "shipment " + number
}

package activities

import (
	"context"
	"regexp"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/cart21/cart21/records"
)

// audit adds to the trail of writes. A trail that cannot be written never
// undoes what was done: it is logged and the process goes on.
func audit(ctx context.Context, store *records.Store, entry records.AuditEntry) {
	entry.At = time.Now().UTC()
	if entry.Actor == "" {
		entry.Actor = "cart21"
	}
	// The write has happened; the entry must be kept even if the activity was just cancelled.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := store.Audit(ctx, entry); err != nil {
		activity.GetLogger(ctx).Error("the audit trail could not be written", "subject", entry.Subject, "operation", entry.Operation, "error", err)
	}
}

// Records keeps what a process decides beside what it writes.
type Records struct {
	Store *records.Store
}

// PersonsDecision is what somebody decided about a process.
type PersonsDecision struct {
	Store   string `json:"store"`
	Subject string `json:"subject"` // workflow id
	Action  string `json:"action"`
	By      string `json:"by"`
	Reason  string `json:"reason"`
	About   string `json:"about"` // what the process was parked for
	// At is when, by the process' clock: one decision is one moment.
	At time.Time `json:"at"`
	// Changes are an amendment's, as "place: old -> new".
	Changes []string `json:"changes,omitempty"`
}

// RecordDecision adds a person's decision to the audit trail, once: it may be
// asked again when the worker died before it could say that it was done.
func (r *Records) RecordDecision(ctx context.Context, d PersonsDecision) error {
	entry := records.AuditEntry{
		At: d.At.UTC().Truncate(time.Microsecond), Store: d.Store, System: "cart21", Operation: d.Action, Subject: d.Subject,
		Key: d.About, Outcome: records.OutcomeDone, Actor: d.By, Detail: d.detail(),
	}
	if d.At.IsZero() { // noted by a process of an older version
		entry.At = time.Now().UTC()
	}
	const latest = 50
	trail, err := r.Store.AuditTrail(ctx, d.Subject, latest)
	if err != nil {
		return err
	}
	for _, e := range trail {
		if e.At.Equal(entry.At) && e.Operation == entry.Operation && e.Actor == entry.Actor {
			return nil
		}
	}
	return r.Store.Audit(ctx, entry)
}

// impersonal are the places of an order whose values the audit trail keeps: it
// holds no personal data, and of every other place only that it was corrected.
var impersonal = regexp.MustCompile(`^/(lines/\d+/(sku|quantity|subtotal|list_price)|reference_suffix|charges/\d+/(kind|code|amount)|total|currency|payment_method|payment_status|shipping_method|shipping_status)$`)

func (d PersonsDecision) detail() string {
	parts := []string{}
	if d.Reason != "" {
		parts = append(parts, d.Reason)
	}
	for _, change := range d.Changes {
		place, _, _ := strings.Cut(change, ": ")
		if !impersonal.MatchString(place) {
			change = place + ": corrected"
		}
		parts = append(parts, change)
	}
	return strings.Join(parts, "; ")
}

// OrderStage is where a process for an order has come to.
type OrderStage struct {
	Store    string `json:"store"`
	OrderID  string `json:"order_id"`
	Stage    string `json:"stage"`
	ERPOrder string `json:"erp_order,omitempty"`
	Profile  string `json:"profile,omitempty"`
}

// RecordStage keeps where a process ended, so that a late webhook or a poll
// does not begin it anew.
func (r *Records) RecordStage(ctx context.Context, s OrderStage) error {
	return r.Store.SaveOrder(ctx, records.OrderRef{
		Store: s.Store, ShopOrderID: s.OrderID, Stage: s.Stage, ERPOrder: s.ERPOrder, ProfileVersion: s.Profile,
	})
}

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/shopspring/decimal"
)

// summary is what a run came to. Duplicates, lost and mismatched are counted
// in the simulators' own books, not from what the processes claim.
type summary struct {
	Placed    int            `json:"placed"`
	Created   int            `json:"created"` // in the ERP's books
	Parked    map[string]int `json:"parked"`  // reason to count; waiting for a person
	Cancelled int            `json:"cancelled"`
	// CancellationDocuments, among the cancelled, are C-invoices of a replayed
	// export: cancellations of earlier orders, which nothing handles yet.
	CancellationDocuments int `json:"cancellation_documents,omitempty"`

	// Held for fraud review were these, and of them approved and rejected. The
	// rejected are among the cancelled, the undecided among the parked.
	Held     int `json:"held"`
	Approved int `json:"approved"`
	Rejected int `json:"rejected"`

	Duplicates int `json:"duplicates"` // surplus ERP orders of one web order, and customers of one reference
	Lost       int `json:"lost"`       // neither in the ERP nor parked nor cancelled
	Mismatched int `json:"mismatched"` // ERP order that is not what was bought, to the cent

	Shipped         int `json:"shipped"`          // orders that left whole
	Notified        int `json:"notified"`         // orders that the shop shows as shipped
	TrackingMissing int `json:"tracking_missing"` // tracking numbers that the shop does not show

	WebTotal decimal.Decimal `json:"web_total"` // of the created orders, in the shop
	ErpTotal decimal.Decimal `json:"erp_total"` // of the same orders, in the ERP

	Seconds   float64 `json:"seconds"`
	AckMS     latency `json:"ack_ms"`     // webhook sent to answered
	CreatedMS latency `json:"created_ms"` // placed in the shop, or paid where that came later, to created in the ERP

	EventsPerOrder     float64            `json:"events_per_order"`
	ActivitiesPerOrder float64            `json:"activities_per_order"`
	CallsPerOrder      map[string]float64 `json:"calls_per_order"`        // by system, polls included
	Kills              int                `json:"kills,omitempty"`        // of workers, starter and Temporal, by SIGKILL
	Faults             map[string]int     `json:"faults,omitempty"`       // kind to count; made to happen, in both systems
	LostAnswers        map[string]int     `json:"lost_answers,omitempty"` // of writes that were done, by "METHOD path"
	Outage             *outageSummary     `json:"outage,omitempty"`
	Problems           []string           `json:"problems,omitempty"` // the first few, for people
}

// latency is in milliseconds; zero when nothing was measured.
type latency struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
}

func percentiles(took []time.Duration) latency {
	if len(took) == 0 {
		return latency{}
	}
	sorted := slices.Sorted(slices.Values(took))
	at := func(share float64) float64 {
		return float64(sorted[min(len(sorted)-1, int(share*float64(len(sorted))))].Microseconds()) / 1000
	}
	return latency{P50: at(.5), P99: at(.99)}
}

func (s summary) parked() int { return sum(s.Parked) }

// verdict is an error when anything is lost, doubled or wrong.
func (s summary) verdict() error {
	switch {
	case s.Lost > 0 || s.Duplicates > 0 || s.Mismatched > 0:
		return fmt.Errorf("%d lost, %d doubled, %d mismatched", s.Lost, s.Duplicates, s.Mismatched)
	case s.Placed != s.Created+s.parked()+s.Cancelled:
		return fmt.Errorf("%d placed, but %d created + %d parked + %d cancelled", s.Placed, s.Created, s.parked(), s.Cancelled)
	case !s.WebTotal.Equal(s.ErpTotal):
		return fmt.Errorf("the totals differ: %s in the shop, %s in the ERP", s.WebTotal, s.ErpTotal)
	case s.Notified < s.Shipped:
		return fmt.Errorf("%d orders shipped, but the shop shows %d", s.Shipped, s.Notified)
	}
	return nil
}

func (s summary) writeJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	return encoder.Encode(s)
}

// listed is counts in words: "2 slow, 3 status".
func listed(counts map[string]int) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		words = append(words, fmt.Sprintf("%d %s", counts[name], name))
	}
	return strings.Join(words, ", ")
}

// write shows the summary to people.
func (s summary) write(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	row := func(name, format string, args ...any) {
		fmt.Fprintf(t, "  %s\t%s\n", name, fmt.Sprintf(format, args...))
	}
	row("placed", "%d", s.Placed)
	row("created in the ERP", "%d", s.Created)
	row("parked for people", "%d", s.parked())
	for _, reason := range slices.Sorted(maps.Keys(s.Parked)) {
		row("  "+reason, "%d", s.Parked[reason])
	}
	row("cancelled", "%d", s.Cancelled)
	row("held for fraud review", "%d: %d approved, %d rejected", s.Held, s.Approved, s.Rejected)
	if s.CancellationDocuments > 0 {
		row("  of them C-invoices", "%d (returns are not handled yet)", s.CancellationDocuments)
	}
	row("shipped / notified", "%d / %d", s.Shipped, s.Notified)
	if s.TrackingMissing > 0 {
		row("tracking not shown", "%d numbers (this X-Cart cannot be told)", s.TrackingMissing)
	}
	row("lost, doubled, mismatched", "%d, %d, %d", s.Lost, s.Duplicates, s.Mismatched)
	row("total in shop / ERP", "%s / %s", s.WebTotal.StringFixed(2), s.ErpTotal.StringFixed(2))
	row("webhook answered", "p50 %.1f ms, p99 %.1f ms", s.AckMS.P50, s.AckMS.P99)
	row("placed to created", "p50 %.0f ms, p99 %.0f ms", s.CreatedMS.P50, s.CreatedMS.P99)
	row("an order costs", "%.1f events, %.1f activities, %.1f X-Cart calls, %.1f P21 calls",
		s.EventsPerOrder, s.ActivitiesPerOrder, s.CallsPerOrder["xcart"], s.CallsPerOrder["prophet21"])
	if s.Kills > 0 {
		row("kills", "%d", s.Kills)
	}
	if len(s.Faults) > 0 {
		row("faults", "%s", listed(s.Faults))
	}
	if n := sum(s.LostAnswers); n > 0 {
		row("answers of writes lost", "%d", n)
	}
	if o := s.Outage; o != nil {
		row("outage of the ERP", "%.0f s: %d orders arrived, %d calls made in vain; all through %.1f s after it returned",
			o.Seconds, o.OrdersArrived, o.CallsDuring, o.BacklogSeconds)
	}
	row("took", "%.1f s", s.Seconds)
	for _, p := range s.Problems {
		row("PROBLEM", "%s", p)
	}
	t.Flush()
}

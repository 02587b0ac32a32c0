package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"
	"golang.org/x/sync/errgroup"

	"github.com/cart21/cart21/workflows"
)

// parkedProcess is one parked process as the server lists it. The field names
// are for programs: they stay.
type parkedProcess struct {
	WorkflowID string          `json:"workflow_id"`
	Process    string          `json:"process"` // OrderToCash, ShipmentNotification
	Store      string          `json:"store"`
	WebOrder   string          `json:"web_order,omitempty"`
	ERPOrder   string          `json:"erp_order,omitempty"`
	Stage      workflows.Stage `json:"stage,omitempty"`
	Reason     string          `json:"reason,omitempty"`
	Since      time.Time       `json:"since,omitzero"`
	Message    string          `json:"message,omitempty"`

	run string
}

// reasonCount is how much is parked for one reason.
type reasonCount struct {
	Reason string    `json:"reason"`
	Count  int       `json:"count"`
	Oldest time.Time `json:"oldest"`
}

// parkedList is the answer of list.
type parkedList struct {
	Total    int             `json:"total"`
	ByReason []reasonCount   `json:"by_reason"` // most first
	Parked   []parkedProcess `json:"parked"`    // the longest parked first; no more than -limit
}

// selection says which parked processes are meant.
type selection struct {
	reason string
	store  string // empty: of every store
	older  time.Duration
}

func (s *selection) define(flags *flag.FlagSet) {
	flags.StringVar(&s.reason, "reason", "", "only what is parked for this `reason`, such as unknown-item")
	flags.DurationVar(&s.older, "older", 0, "only what is parked for longer than this, such as 2h")
}

// query is the list filter, the same that one would type into the Web UI.
func (s selection) query(now time.Time) string {
	conditions := []string{"ExecutionStatus = 'Running'"}
	if s.reason == "" {
		conditions = append(conditions, workflows.AttrBlockedOn.GetName()+" IS NOT NULL")
	} else {
		conditions = append(conditions, equals(workflows.AttrBlockedOn.GetName(), s.reason))
	}
	if s.store != "" {
		conditions = append(conditions, equals(workflows.AttrStore.GetName(), s.store))
	}
	if s.older > 0 {
		conditions = append(conditions, workflows.AttrBlockedSince.GetName()+" < '"+now.Add(-s.older).UTC().Format(time.RFC3339Nano)+"'")
	}
	return strings.Join(conditions, " AND ")
}

func equals(attribute, value string) string {
	return attribute + " = '" + strings.ReplaceAll(value, "'", "''") + "'"
}

type listParked struct {
	selection
	anyStore bool
	limit    int
	json     bool
}

func (c *listParked) define(flags *flag.FlagSet) {
	c.selection.define(flags)
	flags.StringVar(&c.store, "store", "", "of this `store`; the setting STORE when empty")
	flags.BoolVar(&c.anyStore, "all-stores", false, "of every store")
	flags.IntVar(&c.limit, "limit", 50, "list no more than this many, the longest parked first; 0 = all. All are counted")
	flags.BoolVar(&c.json, "json", false, "as one JSON object")
}

func (c *listParked) accept(args []string) error {
	if c.limit < 0 {
		return errors.New("-limit must not be below 0")
	}
	return none(args)
}

func (c *listParked) run(ctx context.Context, d *orderDesk) error {
	if c.store == "" && !c.anyStore {
		c.store = d.settings.Store
	}
	list, err := d.list(ctx, c.selection, c.limit)
	if err != nil {
		return err
	}
	d.addMessages(ctx, list.Parked)
	if c.json {
		return d.writeJSON(list)
	}
	return list.write(d, time.Now())
}

// list counts all and keeps the longest parked, so that thousands cost no
// more memory than what is shown.
func (d *orderDesk) list(ctx context.Context, s selection, limit int) (parkedList, error) {
	list := parkedList{ByReason: []reasonCount{}, Parked: []parkedProcess{}}
	counts := map[string]reasonCount{}
	longestFirst := func() {
		slices.SortFunc(list.Parked, func(a, b parkedProcess) int { return a.Since.Compare(b.Since) })
		if limit > 0 && len(list.Parked) > limit {
			list.Parked = list.Parked[:limit]
		}
	}
	err := d.each(ctx, s.query(time.Now()), func(p parkedProcess) {
		c := counts[p.Reason]
		if c.Reason, c.Count = p.Reason, c.Count+1; c.Oldest.IsZero() || p.Since.Before(c.Oldest) {
			c.Oldest = p.Since
		}
		counts[p.Reason] = c
		list.Total++
		if list.Parked = append(list.Parked, p); limit > 0 && len(list.Parked) >= 2*limit+1000 {
			longestFirst()
		}
	})
	longestFirst()
	list.ByReason = slices.AppendSeq(list.ByReason, maps.Values(counts))
	slices.SortFunc(list.ByReason, func(a, b reasonCount) int {
		if a.Count != b.Count {
			return b.Count - a.Count
		}
		return strings.Compare(a.Reason, b.Reason)
	})
	return list, err
}

// each goes through all processes that a filter finds, page by page.
func (d *orderDesk) each(ctx context.Context, query string, do func(parkedProcess)) error {
	request := &workflowservice.ListWorkflowExecutionsRequest{Namespace: d.settings.Namespace, PageSize: 1000, Query: query}
	for {
		page, err := d.temporal.ListWorkflow(ctx, request)
		if err != nil {
			return fmt.Errorf("listing %s (if a search attribute is missing, start the starter once: it sets them up): %w", query, err)
		}
		for _, e := range page.Executions {
			do(processOf(e))
		}
		if request.NextPageToken = page.NextPageToken; len(request.NextPageToken) == 0 {
			return nil
		}
	}
}

func processOf(e *workflowpb.WorkflowExecutionInfo) parkedProcess {
	attributes := e.GetSearchAttributes().GetIndexedFields()
	return parkedProcess{
		WorkflowID: e.GetExecution().GetWorkflowId(), Process: e.GetType().GetName(), run: e.GetExecution().GetRunId(),
		Store: value[string](attributes, workflows.AttrStore.GetName()), Stage: value[workflows.Stage](attributes, workflows.AttrStage.GetName()),
		WebOrder: value[string](attributes, workflows.AttrWebOrder.GetName()), ERPOrder: value[string](attributes, workflows.AttrErpOrder.GetName()),
		Reason: value[string](attributes, workflows.AttrBlockedOn.GetName()), Since: value[time.Time](attributes, workflows.AttrBlockedSince.GetName()),
	}
}

// value reads a search attribute; one that is missing is zero.
func value[T any](attributes map[string]*commonpb.Payload, name string) (v T) {
	if payload := attributes[name]; payload != nil {
		_ = converter.GetDefaultDataConverter().FromPayload(payload, &v)
	}
	return v
}

// addMessages asks each process what stands against it, some at a time. What
// keeps one from answering, as when no worker runs, keeps all: the list then
// comes without.
func (d *orderDesk) addMessages(ctx context.Context, parked []parkedProcess) {
	asking, ctx := errgroup.WithContext(ctx)
	asking.SetLimit(16)
	for i := range parked {
		asking.Go(func() error {
			var b *workflows.Blocked
			err := d.ask(ctx, parked[i].WorkflowID, workflows.QueryBlocked, &b)
			if err == nil && b != nil {
				parked[i].Message = b.Message
			}
			return err
		})
	}
	if err := asking.Wait(); err != nil {
		fmt.Fprintf(d.err, "not every process said why it is parked (do the workers run?): %v\n", err)
	}
}

// write writes the list for people.
func (l parkedList) write(d *orderDesk, now time.Time) error {
	if l.Total == 0 {
		_, err := fmt.Fprintln(d.out, "Nothing is parked.")
		return err
	}
	tabs := tabwriter.NewWriter(d.out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(tabs, "COUNT\tREASON\tOLDEST\tWHAT TO DO\n")
	for _, c := range l.ByReason {
		fmt.Fprintf(tabs, "%d\t%s\t%s\t%s\n", c.Count, c.Reason, age(now, c.Oldest), workflows.Runbook(c.Reason))
	}
	if err := tabs.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "\n%d parked", l.Total)
	if len(l.Parked) < l.Total {
		fmt.Fprintf(d.out, "; the %d that have waited longest (-limit 0 lists all)", len(l.Parked))
	}
	fmt.Fprint(d.out, ":\n\n")
	fmt.Fprintf(tabs, "ORDER\tREASON\tAGE\tMESSAGE\tWORKFLOW\n")
	for _, p := range l.Parked {
		fmt.Fprintf(tabs, "%s\t%s\t%s\t%s\t%s\n", p.label(), p.Reason, age(now, p.Since), firstLine(p.Message, 80), p.WorkflowID)
	}
	return tabs.Flush()
}

func (p parkedProcess) label() string {
	if p.WebOrder == "" {
		_, id, _ := strings.Cut(p.WorkflowID, "/")
		return id
	}
	return p.WebOrder
}

// age is a time for people: 45s, 12m, 3h, 5d.
func age(now, since time.Time) string {
	switch d := now.Sub(since); {
	case d < time.Minute:
		return fmt.Sprintf("%ds", max(0, int(d.Seconds())))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	default:
		return fmt.Sprintf("%dd", int(d.Hours()/24))
	}
}

func firstLine(text string, most int) string {
	line, _, more := strings.Cut(strings.TrimSpace(text), "\n")
	runes := []rune(line)
	if len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	if more {
		return line + " …"
	}
	return line
}

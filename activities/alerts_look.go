package activities

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"github.com/cart21/cart21/alerts"
	"github.com/cart21/cart21/connectors"
)

// Where findings are made: the first part of their keys.
const (
	parkedSource   = "parked"
	stuckSource    = "stuck"
	breakerSource  = "breaker"
	scheduleSource = "schedule"
)

// Temporal is asked by lists and counts, never order by order: one list when
// fewer processes than a page are parked, and two counts for each reason more.
const (
	parkedPage   = 200
	mostReasons  = 50
	mostExamples = 3
)

// Parked is a process that is parked.
type Parked struct {
	WorkflowID, RunID string
	Since             time.Time
}

// group is the parked work of one reason.
type group struct {
	count, old int64 // old: parked for longer than is tolerable
	oldest     time.Time
	exact      bool // all of it was seen
	examples   []Parked
}

// parked finds parked work, one finding for each reason.
func (a *Alerts) parked(ctx context.Context) ([]alerts.Finding, error) {
	groups := map[string]*group{}
	for len(groups) < mostReasons {
		query := a.parkedQuery()
		if len(groups) > 0 {
			query += " AND BlockedOn NOT IN (" + quoteAll(slices.Sorted(maps.Keys(groups))) + ")"
		}
		page, err := a.Temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: query, PageSize: parkedPage})
		if err != nil {
			return nil, fmt.Errorf("listing parked work: %w", err)
		}
		whole := len(page.NextPageToken) == 0
		fresh := a.byReason(page.Executions, whole)
		if len(fresh) == 0 {
			break
		}
		maps.Copy(groups, fresh)
		if whole {
			break
		}
	}
	var found []alerts.Finding
	for _, reason := range slices.Sorted(maps.Keys(groups)) {
		g := groups[reason]
		if !g.exact {
			if err := a.count(ctx, reason, g); err != nil {
				return nil, err
			}
		}
		f, err := a.parkedFor(reason, g)
		if err != nil {
			return nil, err
		}
		found = append(found, f)
	}
	return found, nil
}

func (a *Alerts) parkedQuery() string {
	return `ExecutionStatus = "Running" AND Store = ` + quote(a.Store) + " AND BlockedOn IS NOT NULL"
}

func (a *Alerts) byReason(page []*workflowpb.WorkflowExecutionInfo, whole bool) map[string]*group {
	groups := map[string]*group{}
	for _, p := range page {
		var reason string
		var since time.Time
		if !attribute(p.GetSearchAttributes(), "BlockedOn", &reason) || reason == "" {
			continue
		}
		g := groups[reason]
		if g == nil {
			g = &group{exact: whole}
			groups[reason] = g
		}
		g.count++
		if attribute(p.GetSearchAttributes(), "BlockedSince", &since) {
			if g.oldest.IsZero() || since.Before(g.oldest) {
				g.oldest = since
			}
			if a.Now().Sub(since) >= a.Rules.ParkedAge {
				g.old++
			}
		}
		if len(g.examples) < mostExamples {
			g.examples = append(g.examples, Parked{p.GetExecution().GetWorkflowId(), p.GetExecution().GetRunId(), since})
		}
	}
	return groups
}

// count asks for the figures of a reason of which only a part was seen.
func (a *Alerts) count(ctx context.Context, reason string, g *group) (err error) {
	query := a.parkedQuery() + " AND BlockedOn = " + quote(reason)
	if g.count, err = a.counted(ctx, query); err == nil {
		long := a.Now().Add(-a.Rules.ParkedAge).UTC().Format(time.RFC3339)
		g.old, err = a.counted(ctx, query+" AND BlockedSince <= "+quote(long))
	}
	if err != nil {
		return fmt.Errorf("counting what is parked for %s: %w", reason, err)
	}
	return nil
}

func (a *Alerts) counted(ctx context.Context, query string) (int64, error) {
	answer, err := a.Temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: query})
	return answer.GetCount(), err
}

func (a *Alerts) parkedFor(reason string, g *group) (alerts.Finding, error) {
	f := alerts.Finding{
		Key: parkedSource + "/" + reason, Severity: alerts.Warning, Title: "parked: " + reason, Since: g.oldest,
		Link: a.Links.Workflows(a.parkedQuery() + " AND BlockedOn = " + quote(reason)), Runbook: a.Links.Runbook(reason),
	}
	f.Detail = processes(g.count)
	if !g.oldest.IsZero() {
		least := ""
		if !g.exact {
			least = "at least "
		}
		f.Detail += ", the oldest for " + least + span(a.Now().Sub(g.oldest))
	}
	if g.old > 0 {
		f.Detail += fmt.Sprintf("; %d for longer than %s", g.old, span(a.Rules.ParkedAge))
	}
	if g.old > 0 || g.count >= int64(a.Rules.ParkedCount) {
		f.Severity = alerts.Critical
	}
	for _, p := range g.examples {
		f.Examples = append(f.Examples, p.WorkflowID)
	}
	if a.Pages == nil {
		return f, nil
	}
	var err error
	if f.Pages, err = a.Pages(reason, g.examples); err != nil {
		return f, fmt.Errorf("linking to the console: %w", err)
	}
	return f, nil
}

// stuck finds processes whose code cannot go on: Temporal itself marks one after
// five failures in a row. Ours without a store are polls and the like.
func (a *Alerts) stuck(ctx context.Context) ([]alerts.Finding, error) {
	query := `ExecutionStatus = "Running" AND TemporalReportedProblems IS NOT NULL AND (Store = ` + quote(a.Store) + " OR Store IS NULL)"
	page, err := a.Temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: query, PageSize: mostExamples})
	var unknown *serviceerror.InvalidArgument
	if errors.As(err, &unknown) {
		return nil, nil // a server from before it marked them
	}
	if err != nil || len(page.Executions) == 0 {
		return nil, err
	}
	n, err := a.counted(ctx, query)
	if err != nil {
		return nil, err
	}
	f := alerts.Finding{
		Key: stuckSource + "/workflow-task", Severity: alerts.Critical, Title: "processes whose code fails",
		Detail: processes(n) + " cannot go on: a defect, or workers whose version does not fit their history. Nothing is lost; they go on when it is mended.",
		Link:   a.Links.Workflows(query), Runbook: a.Links.Runbook("alert-stuck"),
	}
	for _, p := range page.Executions {
		f.Examples = append(f.Examples, p.GetExecution().GetWorkflowId())
	}
	return []alerts.Finding{f}, nil
}

// breakerFresh is how old the last word of a worker on its breakers may be: three
// of its beats.
const breakerFresh = 45 * time.Second

// breakers finds systems that a worker does not call, one finding for each.
func (a *Alerts) breakers(ctx context.Context) ([]alerts.Finding, error) {
	now := a.Now()
	all, err := a.Records.Breakers(ctx, a.Store, now.Add(-breakerFresh))
	if err != nil {
		return nil, err
	}
	since, workers := map[string]time.Time{}, map[string]int{}
	for _, b := range all {
		if b.State == string(connectors.Closed) || now.Sub(b.Since) < a.Rules.BreakerAfter {
			continue
		}
		workers[b.System]++
		if s, met := since[b.System]; !met || b.Since.Before(s) {
			since[b.System] = b.Since
		}
	}
	var found []alerts.Finding
	for _, system := range slices.Sorted(maps.Keys(since)) {
		found = append(found, alerts.Finding{
			Key: breakerSource + "/" + system, Severity: alerts.Critical, Title: system + " is down or refuses calls", Since: since[system],
			Detail: fmt.Sprintf("The circuit breaker is open since %s in %d worker(s): only now and then a call finds out. Work waits and goes on by itself.",
				moment(since[system]), workers[system]),
			Runbook: a.Links.Runbook("alert-breaker"),
		})
	}
	return found, nil
}

func attribute(attributes *commonpb.SearchAttributes, name string, into any) bool {
	payload := attributes.GetIndexedFields()[name]
	return payload != nil && converter.GetDefaultDataConverter().FromPayload(payload, into) == nil
}

// quote writes a value into a query. Ours hold nothing that would need escaping;
// a profile's reason might.
func quote(s string) string {
	return `"` + strings.Map(func(r rune) rune {
		if r == '"' || r == '\\' || r < ' ' {
			return -1
		}
		return r
	}, s) + `"`
}

func quoteAll(all []string) string {
	quoted := make([]string, len(all))
	for i, s := range all {
		quoted[i] = quote(s)
	}
	return strings.Join(quoted, ", ")
}

func processes(n int64) string {
	if n == 1 {
		return "1 process"
	}
	return strconv.FormatInt(n, 10) + " processes"
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

// span tells a duration to the minute.
func span(d time.Duration) string {
	d = d.Round(time.Minute)
	hours, minutes := int(d.Hours()), int(d.Minutes())%60
	switch {
	case d <= 0:
		return "less than a minute"
	case hours == 0:
		return fmt.Sprintf("%d min", minutes)
	case minutes == 0:
		return fmt.Sprintf("%d h", hours)
	}
	return fmt.Sprintf("%d h %d min", hours, minutes)
}

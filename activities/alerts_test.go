package activities

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/cart21/cart21/alerts"
	"github.com/cart21/cart21/records"
)

// parkedProcess is a process as a list shows it.
type parkedProcess struct {
	reason string
	since  time.Time
}

// fakeTemporal has parked processes, and schedules that a test describes.
type fakeTemporal struct {
	parked    []parkedProcess
	stuck     int
	stuckErr  error
	listErr   error
	failed    int64 // runs of any schedule
	schedules map[string]*client.ScheduleDescription
	lists     int
	counts    int
}

func (f *fakeTemporal) CountWorkflow(_ context.Context, r *workflowservice.CountWorkflowExecutionsRequest) (*workflowservice.CountWorkflowExecutionsResponse, error) {
	f.counts++
	var n int64
	switch {
	case strings.Contains(r.Query, "TemporalScheduledById"):
		n = f.failed
	case strings.Contains(r.Query, "TemporalReportedProblems"):
		n = int64(f.stuck)
	default:
		_, after, long := strings.Cut(r.Query, `BlockedSince <= "`)
		before, _ := time.Parse(time.RFC3339, strings.TrimSuffix(after, `"`))
		for _, p := range f.parked {
			if strings.Contains(r.Query, `BlockedOn = "`+p.reason+`"`) && (!long || !p.since.After(before)) {
				n++
			}
		}
	}
	return &workflowservice.CountWorkflowExecutionsResponse{Count: n}, nil
}

func (f *fakeTemporal) ListWorkflow(_ context.Context, r *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	f.lists++
	out := &workflowservice.ListWorkflowExecutionsResponse{}
	if strings.Contains(r.Query, "TemporalReportedProblems") {
		for i := range min(f.stuck, int(r.PageSize)) {
			out.Executions = append(out.Executions, execution(fmt.Sprint("order/main/stuck-", i), nil))
		}
		return out, f.stuckErr
	}
	for i, p := range f.parked {
		if strings.Contains(r.Query, "NOT IN") && strings.Contains(r.Query, `"`+p.reason+`"`) {
			continue
		}
		if len(out.Executions) == int(r.PageSize) {
			out.NextPageToken = []byte("more")
			break
		}
		out.Executions = append(out.Executions, execution(fmt.Sprint("order/main/", i), map[string]any{"BlockedOn": p.reason, "BlockedSince": p.since}))
	}
	return out, f.listErr
}

func execution(id string, attributes map[string]any) *workflowpb.WorkflowExecutionInfo {
	fields := map[string]*commonpb.Payload{}
	for name, value := range attributes {
		fields[name], _ = converter.GetDefaultDataConverter().ToPayload(value)
	}
	return &workflowpb.WorkflowExecutionInfo{Execution: &commonpb.WorkflowExecution{WorkflowId: id}, SearchAttributes: &commonpb.SearchAttributes{IndexedFields: fields}}
}

func (f *fakeTemporal) ScheduleClient() client.ScheduleClient { return schedules{of: f} }

type schedules struct {
	client.ScheduleClient
	of *fakeTemporal
}

func (s schedules) GetHandle(_ context.Context, id string) client.ScheduleHandle {
	return handle{is: s.of.schedules[id]}
}

type handle struct {
	client.ScheduleHandle
	is *client.ScheduleDescription
}

func (h handle) Describe(context.Context) (*client.ScheduleDescription, error) {
	if h.is == nil {
		return nil, serviceerror.NewNotFound("no such schedule")
	}
	return h.is, nil
}

// schedule runs every minute since long ago and ran last at a time.
func schedule(ran time.Time) *client.ScheduleDescription {
	is := &client.ScheduleDescription{}
	is.Schedule.Spec = &client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: time.Minute}}}
	is.Schedule.State = &client.ScheduleState{}
	is.Info.CreatedAt = ran.Add(-24 * time.Hour)
	is.Info.RecentActions = []client.ScheduleActionResult{{ActualTime: ran.Add(-time.Minute)}, {ActualTime: ran}}
	return is
}

// fakeChannel keeps what it is told, or fails.
type fakeChannel struct {
	name string
	err  error
	sent []alerts.Message
}

func (c *fakeChannel) Name() string     { return c.name }
func (c *fakeChannel) Describe() string { return "a test's " + c.name }
func (c *fakeChannel) Send(_ context.Context, m alerts.Message) error {
	if c.err == nil {
		c.sent = append(c.sent, m)
	}
	return c.err
}

// watched is an alert watch on real records.
type watched struct {
	*Alerts
	temporal *fakeTemporal
	env      *testsuite.TestActivityEnvironment
	now      time.Time
	t        *testing.T
}

func newWatched(t *testing.T, channels ...alerts.Channel) *watched {
	store, err := records.Open(t.Context(), "file:"+filepath.Join(t.TempDir(), "records.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	var suite testsuite.WorkflowTestSuite
	// The records stamp with the real time, so the watch lives in it.
	w := &watched{temporal: &fakeTemporal{}, env: suite.NewTestActivityEnvironment(), now: time.Now().Truncate(time.Second), t: t}
	w.Alerts = &Alerts{
		Store: "main", Temporal: w.temporal, Records: store, Channels: channels, Now: func() time.Time { return w.now },
		Links: alerts.Links{UI: "https://temporal.test", Namespace: "default", Docs: "docs/operations.md"},
		Rules: AlertRules{ParkedCount: 20, ParkedAge: 4 * time.Hour, Intervals: 5, BreakerAfter: 2 * time.Minute, Repeat: 4 * time.Hour, RecoveredAfter: 5 * time.Minute},
	}
	w.env.RegisterActivity(w.Look)
	w.env.RegisterActivity(w.Tell)
	return w
}

func (w *watched) look(before Remembered) Sighting {
	w.t.Helper()
	value, err := w.env.ExecuteActivity(w.Look, before)
	var out Sighting
	if err == nil {
		err = value.Get(&out)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// keys lists findings with their severity.
func keys(found []alerts.Finding) []string {
	var all []string
	for _, f := range found {
		all = append(all, string(f.Severity)+" "+f.Key)
	}
	return all
}

func TestParkedWorkIsOneFindingForEachReason(t *testing.T) {
	w := newWatched(t)
	park := func(n int, reason string, ago time.Duration) {
		for range n {
			w.temporal.parked = append(w.temporal.parked, parkedProcess{reason, w.now.Add(-ago)})
		}
	}
	park(2, "p21-rejected", time.Hour)
	park(1, "p21-rejected", 65*time.Minute)
	park(1, "unknown-item", 5*time.Hour)
	park(20, "xcart-unavailable", time.Minute)
	found := w.look(Remembered{}).Findings
	if diff := cmp.Diff([]string{"warning parked/p21-rejected", "critical parked/unknown-item", "critical parked/xcart-unavailable"}, keys(found)); diff != "" {
		t.Fatal(diff)
	}
	if w.temporal.lists != 2 || w.temporal.counts != 0 {
		t.Errorf("%d lists and %d counts for few parked", w.temporal.lists, w.temporal.counts)
	}
	want := alerts.Finding{
		Key: "parked/p21-rejected", Severity: alerts.Warning, Title: "parked: p21-rejected", Detail: "3 processes, the oldest for 1 h 5 min", Since: w.now.Add(-65 * time.Minute),
		Examples: []string{"order/main/0", "order/main/1", "order/main/2"}, Runbook: "docs/operations.md#p21-rejected",
		Link: w.Links.Workflows(`ExecutionStatus = "Running" AND Store = "main" AND BlockedOn IS NOT NULL AND BlockedOn = "p21-rejected"`),
	}
	if diff := cmp.Diff(want, found[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	// Thousands cost a list and two counts for each reason.
	park(5000, "p21-unavailable", 3*time.Minute)
	park(7, "p21-unavailable", 6*time.Hour)
	w.temporal.lists, w.temporal.counts = 0, 0
	found = w.look(Remembered{}).Findings
	if w.temporal.lists > 4 || w.temporal.counts > 10 {
		t.Errorf("%d lists and %d counts for thousands parked", w.temporal.lists, w.temporal.counts)
	}
	i := slices.IndexFunc(found, func(f alerts.Finding) bool { return f.Key == "parked/p21-unavailable" })
	if i < 0 || found[i].Detail != "5007 processes, the oldest for at least 3 min; 7 for longer than 4 h" || found[i].Severity != alerts.Critical {
		t.Errorf("got %+v", found)
	}
	if len(found) != 4 {
		t.Errorf("reasons behind the first page: got %v", keys(found))
	}
}

func TestStuckProcessesAreThoseThatTemporalMarks(t *testing.T) {
	w := newWatched(t)
	w.temporal.stuck = 7
	found := w.look(Remembered{}).Findings
	if len(found) != 1 || found[0].Key != "stuck/workflow-task" || len(found[0].Examples) != mostExamples || !strings.HasPrefix(found[0].Detail, "7 processes") {
		t.Errorf("got %+v", found)
	}
	w.temporal.stuckErr = serviceerror.NewInvalidArgument("invalid query: no such search attribute")
	if out := w.look(Remembered{}); len(out.Findings) != 0 || len(out.Blind) != 0 {
		t.Errorf("a server that does not mark them: got %+v", out)
	}
}

func TestBreakersThatStayOpen(t *testing.T) {
	w := newWatched(t)
	for _, b := range []records.Breaker{
		{System: "X-Cart", Worker: "a", State: "half-open", Since: w.now.Add(-10 * time.Minute)},
		{System: "X-Cart", Worker: "b", State: "open", Since: w.now.Add(-3 * time.Minute)},
		{System: "X-Cart", Worker: "c", State: "closed", Since: w.now.Add(-time.Hour)},
		{System: "Prophet 21", Worker: "a", State: "open", Since: w.now.Add(-time.Minute)}, // may pass
	} {
		b.Store = "main"
		if err := w.Records.SaveBreaker(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	found := w.look(Remembered{}).Findings
	if len(found) != 1 || found[0].Key != "breaker/X-Cart" || !strings.Contains(found[0].Detail, "in 2 worker(s)") || !found[0].Since.Equal(w.now.Add(-10*time.Minute)) {
		t.Errorf("got %+v", found)
	}
	w.now = w.now.Add(5 * time.Minute)
	if found := w.look(Remembered{}).Findings; len(found) != 0 {
		t.Errorf("of workers that are gone: got %+v", found)
	}
}

func TestSchedulesThatDoNotDoWhatTheyAreFor(t *testing.T) {
	const id = "order-intake/main"
	for name, c := range map[string]struct {
		arrange func(w *watched, is *client.ScheduleDescription)
		before  ScheduleSeen
		want    string // severity and title of the one finding
		seen    func(w *watched) ScheduleSeen
	}{
		"all is well": {},
		"gone":        {arrange: func(w *watched, _ *client.ScheduleDescription) { delete(w.temporal.schedules, id) }, want: "critical schedule order-intake/main does not exist"},
		"paused": {
			arrange: func(_ *watched, is *client.ScheduleDescription) { is.Schedule.State.Paused = true },
			want:    "warning schedule order-intake/main: paused", seen: func(w *watched) ScheduleSeen { return ScheduleSeen{PausedAt: w.now} },
		},
		"no poll succeeds": {
			arrange: func(w *watched, is *client.ScheduleDescription) { w.ago(is, 6*time.Minute, 30*time.Second) },
			want:    "critical schedule order-intake/main: does not advance",
		},
		"no run": {
			arrange: func(w *watched, is *client.ScheduleDescription) { w.ago(is, 0, 6*time.Minute) }, want: "critical schedule order-intake/main: does not run",
		},
		"a long run": {
			arrange: func(w *watched, is *client.ScheduleDescription) {
				w.ago(is, 0, 6*time.Minute)
				is.Info.RunningWorkflows = []client.ScheduleWorkflowExecution{{WorkflowID: id}}
			},
		},
		"unpaused just now": {
			arrange: func(w *watched, is *client.ScheduleDescription) { w.ago(is, time.Hour, time.Hour) },
			before:  ScheduleSeen{PausedAt: time.Now().Add(59 * time.Minute)}, // a minute before the watch's now
		},
		"a run failed":     {arrange: func(w *watched, _ *client.ScheduleDescription) { w.temporal.failed = 2 }},
		"many runs failed": {arrange: func(w *watched, _ *client.ScheduleDescription) { w.temporal.failed = 3 }, want: "warning schedule order-intake/main: its runs fail"},
		"runs were missed": {
			arrange: func(_ *watched, is *client.ScheduleDescription) { is.Info.NumActionsMissedCatchupWindow = 9 },
			before:  ScheduleSeen{Missed: 4}, want: "warning schedule order-intake/main: missed runs",
			seen: func(*watched) ScheduleSeen { return ScheduleSeen{Missed: 9} },
		},
		"runs were missed long ago": {
			arrange: func(_ *watched, is *client.ScheduleDescription) { is.Info.NumActionsMissedCatchupWindow = 9 },
			before:  ScheduleSeen{Missed: 9}, seen: func(*watched) ScheduleSeen { return ScheduleSeen{Missed: 9} },
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWatched(t)
			w.Schedules = []string{id}
			is := schedule(w.now)
			w.temporal.schedules = map[string]*client.ScheduleDescription{id: is}
			w.ago(is, 0, 0)
			if c.arrange != nil {
				c.arrange(w, is)
			}
			out := w.look(Remembered{Schedules: map[string]ScheduleSeen{id: c.before}})
			var got string
			if len(out.Findings) > 0 {
				got = string(out.Findings[0].Severity) + " " + out.Findings[0].Title
			}
			if got != c.want || len(out.Findings) > 1 {
				t.Errorf("got %q of %v, want %q", got, out.Findings, c.want)
			}
			if c.seen != nil && !cmp.Equal(out.Schedules[id], c.seen(w)) {
				t.Errorf("remembered %+v, want %+v", out.Schedules[id], c.seen(w))
			}
		})
	}
}

// ago lets the last poll that succeeded and the last run be some time past. The
// records stamp a cursor with the real time, so the watch's clock moves instead.
func (w *watched) ago(is *client.ScheduleDescription, polled, ran time.Duration) {
	w.t.Helper()
	err := w.Records.SaveCursor(w.t.Context(), records.Cursor{Name: "orders/main", Position: "{}"})
	if err != nil && !errors.Is(err, records.ErrCursorMoved) {
		w.t.Fatal(err)
	}
	if polled > 0 {
		w.now = time.Now().Add(polled)
	}
	last := len(is.Info.RecentActions) - 1
	is.Info.RecentActions[last].ActualTime = w.now.Add(-ran)
}

func TestALookGoesOnWithoutWhatItCannotSee(t *testing.T) {
	w := newWatched(t)
	w.temporal.stuck, w.temporal.listErr = 1, errors.New("the visibility store is down")
	if _, err := w.env.ExecuteActivity(w.Look, Remembered{}); err == nil {
		t.Error("the first try did not fail, so it is not tried again")
	}
	// A look that is tried as often as the watch tries it.
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	env.RegisterActivity(w.Look)
	env.ExecuteWorkflow(func(ctx workflow.Context) (out Sighting, err error) {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
			StartToCloseTimeout: time.Minute, RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second, MaximumAttempts: lookTries}})
		err = workflow.ExecuteActivity(ctx, w.Look, Remembered{}).Get(ctx, &out)
		return out, err
	})
	var out Sighting
	if err := env.GetWorkflowResult(&out); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(out.Blind, []string{"parked"}) || !slices.Equal(keys(out.Findings), []string{"critical watch/parked", "critical stuck/workflow-task"}) {
		t.Errorf("got %v, %v", out.Blind, keys(out.Findings))
	}
}

func TestAChannelThatFailsIsToldOnTheOthers(t *testing.T) {
	broken, works := &fakeChannel{name: "webhook"}, &fakeChannel{name: "mail"}
	w := newWatched(t, broken, works)
	out := w.look(Remembered{Failing: map[string]time.Time{"webhook": w.now.Add(-time.Hour)}})
	if !slices.Equal(keys(out.Findings), []string{"critical channel/webhook"}) || !slices.Equal(out.Channels, []string{"webhook", "mail"}) {
		t.Fatalf("got %+v", out)
	}
	for _, name := range out.Channels {
		if _, err := w.env.ExecuteActivity(w.Tell, Telling{Channel: name, Findings: out.Findings}); err != nil {
			t.Fatal(err)
		}
	}
	if len(broken.sent) != 0 || len(works.sent) != 1 {
		t.Errorf("the broken one was told %d times, the other %d", len(broken.sent), len(works.sent))
	}
}

// TestTelling follows one channel through time.
func TestTelling(t *testing.T) {
	channel, other := &fakeChannel{name: "webhook"}, &fakeChannel{name: "mail"}
	w := newWatched(t, channel, other)
	start := w.now
	rejected := alerts.Finding{Key: "parked/p21-rejected", Severity: alerts.Warning, Title: "parked: p21-rejected"}
	worse := rejected
	worse.Severity = alerts.Critical
	down := alerts.Finding{Key: "breaker/X-Cart", Severity: alerts.Critical, Title: "X-Cart is down"}
	refused := errors.New("no such host")
	for _, step := range []struct {
		at    time.Duration
		found []alerts.Finding
		blind []string
		fails error
		want  string // changes and keys, as they are told
	}{
		{0, []alerts.Finding{rejected}, nil, refused, ""},
		{1 * time.Minute, []alerts.Finding{rejected}, nil, nil, "new parked/p21-rejected"}, // it was not lost
		{2 * time.Minute, []alerts.Finding{rejected}, nil, nil, ""},
		{3 * time.Minute, []alerts.Finding{rejected, down}, nil, nil, "new breaker/X-Cart"},
		{4 * time.Minute, []alerts.Finding{worse, down}, nil, nil, "worse parked/p21-rejected"},
		{5 * time.Minute, []alerts.Finding{rejected, down}, nil, nil, ""},
		{6 * time.Minute, []alerts.Finding{worse}, nil, nil, ""},       // the breaker closed,
		{8 * time.Minute, []alerts.Finding{worse, down}, nil, nil, ""}, // and opened again
		{9 * time.Minute, []alerts.Finding{worse}, nil, nil, ""},
		{13 * time.Minute, []alerts.Finding{worse}, nil, nil, ""},                 // closed for four minutes only
		{14 * time.Minute, []alerts.Finding{worse}, []string{"breaker"}, nil, ""}, // not seen is not over
		{15 * time.Minute, []alerts.Finding{worse}, nil, refused, ""},
		{16 * time.Minute, []alerts.Finding{worse}, nil, nil, "recovered breaker/X-Cart"},
		{17 * time.Minute, []alerts.Finding{worse}, nil, nil, ""},
		{4*time.Hour + 3*time.Minute, []alerts.Finding{worse}, nil, nil, ""},
		{4*time.Hour + 4*time.Minute, []alerts.Finding{down, worse}, nil, nil, "new breaker/X-Cart, still parked/p21-rejected"},
		{4*time.Hour + 5*time.Minute, nil, nil, nil, ""},
		{4*time.Hour + 10*time.Minute, []alerts.Finding{{Key: "a", Severity: alerts.Warning}, {Key: "b", Severity: alerts.Critical}}, nil, nil,
			"new b, new a, recovered breaker/X-Cart, recovered parked/p21-rejected"},
	} {
		w.now, channel.err, channel.sent = start.Add(step.at), step.fails, nil
		_, err := w.env.ExecuteActivity(w.Tell, Telling{Channel: "webhook", Findings: step.found, Blind: step.blind})
		if (err != nil) != (step.fails != nil) {
			t.Fatalf("after %s: %v", step.at, err)
		}
		var told []string
		for _, m := range channel.sent {
			for _, n := range m.News {
				told = append(told, string(n.Change)+" "+n.Key)
			}
		}
		if got := strings.Join(told, ", "); got != step.want || len(channel.sent) > 1 {
			t.Errorf("after %s told %q in %d messages, want %q", step.at, got, len(channel.sent), step.want)
		}
	}
	if len(other.sent) > 0 {
		t.Error("another channel was told")
	}
	if _, err := w.env.ExecuteActivity(w.Tell, Telling{Channel: "pager"}); err == nil {
		t.Error("a channel that is not configured was told")
	}
}

// TestEveryRunbookOfAnAlertIsWritten keeps the links of alerts from leading nowhere.
func TestEveryRunbookOfAnAlertIsWritten(t *testing.T) {
	page, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, anchor := range []string{"alerts", "alert-stuck", "alert-breaker", "alert-schedule", "alert-channel", "alert-watch"} {
		if !strings.Contains(strings.ToLower(string(page)), "# "+anchor+"\n") {
			t.Errorf("docs/operations.md has no section %s", anchor)
		}
	}
}

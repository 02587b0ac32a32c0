package workflows

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/cart21/cart21/activities"
)

// watch is one run of the alert watch in virtual time.
func watch(t *testing.T, before *Watched) *testsuite.TestWorkflowEnvironment {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	a := &activities.Alerts{}
	env.RegisterWorkflow(AlertWatch)
	env.RegisterActivityWithOptions(a.Look, activity.RegisterOptions{Name: activities.LookName})
	env.RegisterActivityWithOptions(a.Tell, activity.RegisterOptions{Name: activities.TellName})
	if before != nil {
		env.SetLastCompletionResult(*before)
	}
	return env
}

func sighting() activities.Sighting {
	s := activities.Sighting{
		Channels: []string{"log", "webhook", "mail"}, Blind: []string{"breaker"},
		Schedules: map[string]activities.ScheduleSeen{"order-intake/main": {Missed: 3}},
	}
	s.Findings = slices.Grow(s.Findings, 1)[:1]
	f := &s.Findings[0]
	f.Key, f.Title, f.Severity, f.Detail = "parked/p21-rejected", "parked: p21-rejected", "critical", "12 processes"
	f.Examples, f.Runbook = []string{"order/main/1"}, "docs/operations.md#p21-rejected"
	return s
}

func result(t *testing.T, env *testsuite.TestWorkflowEnvironment) (out Watched) {
	t.Helper()
	if err := env.GetWorkflowResult(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAlertWatchTellsEveryChannelWhatItFound(t *testing.T) {
	env := watch(t, nil)
	env.OnActivity(activities.LookName, mock.Anything, activities.Remembered{}).Return(sighting(), nil).Once()
	var mu sync.Mutex // activities run at the same time
	var told []string
	env.OnActivity(activities.TellName, mock.Anything, mock.MatchedBy(func(in activities.Telling) bool {
		return len(in.Findings) == 1 && in.Findings[0].Key == "parked/p21-rejected" && slices.Equal(in.Blind, []string{"breaker"})
	})).Return(func(_ context.Context, in activities.Telling) (activities.Told, error) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, in.Channel)
		return activities.Told{News: 1}, nil
	})
	env.ExecuteWorkflow(AlertWatch)
	out := result(t, env)
	slices.Sort(told)
	if !slices.Equal(told, []string{"log", "mail", "webhook"}) || out.Told["mail"].News != 1 || len(out.Remembered.Failing) != 0 {
		t.Errorf("told %v, result %+v", told, out)
	}
	if out.Remembered.Schedules["order-intake/main"].Missed != 3 || len(out.Seen.Findings) != 1 {
		t.Errorf("the result does not keep what was found: %+v", out)
	}
	env.AssertExpectations(t)
}

func TestAlertWatchGoesOnWhenAChannelFails(t *testing.T) {
	begun := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	before := &Watched{Remembered: activities.Remembered{
		Schedules: map[string]activities.ScheduleSeen{"order-intake/main": {Missed: 2}},
		Failing:   map[string]time.Time{"webhook": begun, "log": begun},
	}}
	env := watch(t, before)
	env.OnActivity(activities.LookName, mock.Anything, before.Remembered).Return(sighting(), nil).Once()
	var mu sync.Mutex
	tries := map[string]int{}
	env.OnActivity(activities.TellName, mock.Anything, mock.Anything).Return(func(_ context.Context, in activities.Telling) (activities.Told, error) {
		mu.Lock()
		defer mu.Unlock()
		tries[in.Channel]++
		switch in.Channel {
		case "webhook":
			return activities.Told{}, errors.New("no such host")
		case "mail":
			return activities.Told{}, temporal.NewNonRetryableApplicationError("refused", "rejected", nil)
		}
		return activities.Told{News: 1}, nil
	})
	env.ExecuteWorkflow(AlertWatch)
	out := result(t, env)
	if tries["webhook"] != 5 || tries["mail"] != 1 || tries["log"] != 1 {
		t.Errorf("tries: %v", tries)
	}
	failing := out.Remembered.Failing
	if len(failing) != 2 || !failing["webhook"].Equal(begun) || !failing["mail"].After(begun) {
		t.Errorf("failing since %v: the webhook since %s, mail since now, the log no more", failing, begun)
	}
}

func TestAlertWatchFailsWhenItCannotLook(t *testing.T) {
	env := watch(t, nil)
	env.OnActivity(activities.LookName, mock.Anything, mock.Anything).Return(activities.Sighting{}, errors.New("the records are down")).Times(3)
	env.ExecuteWorkflow(AlertWatch)
	if err := env.GetWorkflowError(); err == nil {
		t.Error("a watch that sees nothing must not look well")
	}
	env.AssertExpectations(t)
}

func TestAlertWatchPage(t *testing.T) {
	p := alertWatch{}
	if got := p.page(); got != "### All is well" {
		t.Errorf("nothing found: %s", got)
	}
	p.now.Seen = sighting()
	p.now.Remembered.Failing = map[string]time.Time{"webhook": {}}
	want := "### 1 alert\n- **parked: p21-rejected** (critical): 12 processes; for example order/main/1. What to do: docs/operations.md#p21-rejected\n" +
		"- **webhook could not be told**: see the failed activity; the next run tries again"
	if got := p.page(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

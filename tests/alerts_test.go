package tests

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	sdktemporal "go.temporal.io/sdk/temporal"

	"github.com/cart21/cart21/sandbox/shop"
	"github.com/cart21/cart21/workflows"
)

// inbox keeps the messages that a channel brought.
type inbox struct {
	mu       sync.Mutex
	messages []string
}

func (b *inbox) add(message string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = append(b.messages, message)
}

// with lists the messages that hold all the words.
func (b *inbox) with(words ...string) (found []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
next:
	for _, m := range b.messages {
		for _, word := range words {
			if !strings.Contains(m, word) {
				continue next
			}
		}
		found = append(found, m)
	}
	return found
}

// slackServer takes messages as Slack does; it refuses the first.
func slackServer(t *testing.T) (*inbox, string) {
	var b inbox
	var refused atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if refused.CompareAndSwap(false, true) {
			http.Error(rw, "busy", http.StatusInternalServerError)
			return
		}
		var payload struct{ Text string }
		if err := json.NewDecoder(r.Body).Decode(&payload); err != nil || payload.Text == "" {
			t.Errorf("the webhook got no text: %v", err)
		}
		b.add(payload.Text)
	}))
	t.Cleanup(server.Close)
	return &b, server.URL + "/services/a-secret-path"
}

// mailServer takes mail over SMTP.
func mailServer(t *testing.T) (*inbox, string) {
	var b inbox
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go b.receive(conn)
		}
	}()
	return &b, "smtp://" + l.Addr().String()
}

func (b *inbox) receive(conn net.Conn) {
	defer conn.Close()
	say := func(line string) { fmt.Fprintf(conn, "%s\r\n", line) }
	say("220 mail.test")
	for in := bufio.NewScanner(conn); in.Scan(); {
		switch verb, _, _ := strings.Cut(in.Text(), " "); strings.ToUpper(verb) {
		case "DATA":
			say("354 go on")
			var mail strings.Builder
			for in.Scan() && in.Text() != "." {
				mail.WriteString(in.Text() + "\n")
			}
			b.add(mail.String())
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

// TestAlertsReachPeopleOnceAndSayWhenItIsOver runs the watch beside everything
// else, with a webhook and a mail server that are the test's own.
func TestAlertsReachPeopleOnceAndSayWhenItIsOver(t *testing.T) {
	t.Parallel()
	slack, webhookURL := slackServer(t)
	mail, smtpURL := mailServer(t)
	var handler atomic.Pointer[http.Handler]
	shopServer := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if h := handler.Load(); h != nil {
			(*h).ServeHTTP(rw, r)
			return
		}
		rw.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(shopServer.Close)
	w := newWorld(t, "XCART_URL="+shopServer.URL, "BREAK_AFTER=3", "BREAK_FOR=1s", "BREAK_LONGEST=2s",
		"ALERT_EVERY=1s", "ALERT_RECOVERED_AFTER=2s", "ALERT_BREAKER_AFTER=1s", "ALERT_PARKED_COUNT=3", "ALERT_INTERVALS=8",
		"ALERT_WEBHOOK_URL="+webhookURL, "ALERT_SMTP_URL="+smtpURL, "ALERT_EMAIL_FROM=cart21@example.test", "ALERT_EMAIL_TO=desk@example.test,on-call@example.test",
		"ALERT_UI_URL=https://temporal.example.test", "ALERT_RUNBOOK_URL=https://docs.example.test/operations")
	ctx := context.Background()
	h := w.shop.Handler54()
	handler.Store(&h)

	// A process whose code fails again and again is marked by Temporal itself, after
	// some time: it is asked for at the end.
	_, err := w.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "order/main/broken", TaskQueue: workflows.QueueProcesses,
		TypedSearchAttributes: sdktemporal.NewSearchAttributes(workflows.AttrStore.ValueSet(worldStore))}, "NoSuchProcess")
	if err != nil {
		t.Fatal(err)
	}

	// Three orders park for one reason: one alert, critical by their number.
	var ids []string
	for range 3 {
		id := w.place(func(n *shop.NewOrder) { n.Lines[0].SKU = "PUMP-OLD" })
		ids = append(ids, id)
		w.poke("order.placed", id)
	}
	const parked = "parked: unknown-item"
	link := "https://temporal.example.test/namespaces/" + w.at.Namespace + "/workflows?query=" +
		url.QueryEscape(`ExecutionStatus = "Running" AND Store = "main" AND BlockedOn IS NOT NULL AND BlockedOn = "unknown-item"`)
	for name, box := range map[string]*inbox{"the webhook": slack, "mail": mail} {
		w.eventually(name+" tells of the parked orders", func() bool { return len(box.with(parked, "3 processes")) > 0 })
	}
	for _, words := range []string{strings.ReplaceAll(link, "&", "&amp;"), "https://docs.example.test/operations#unknown-item", "order/main/" + ids[0]} {
		if len(slack.with(parked, words)) == 0 {
			t.Errorf("the webhook does not say %s:\n%s", words, strings.Join(slack.with(parked), "\n---\n"))
		}
	}
	if got := mail.with("To: <desk@example.test>, <on-call@example.test>", "Subject: [cart21 main] "); len(got) == 0 {
		t.Errorf("no mail to the two with a subject:\n%s", strings.Join(mail.with(), "\n---\n"))
	}
	if got := append(slack.with("pat.roe"), mail.with("pat.roe")...); len(got) > 0 {
		t.Errorf("alerts name the customer: %s", got)
	}

	// A schedule that somebody paused, told on a channel that knows of the orders.
	intake := w.temporal.ScheduleClient().GetHandle(ctx, "order-intake/main")
	if err := intake.Pause(ctx, client.SchedulePauseOptions{Note: "by Pat Roe"}); err != nil {
		t.Fatal(err)
	}
	w.eventually("the paused schedule is told", func() bool { return len(slack.with("schedule order-intake/main: paused")) == 1 })
	if err := intake.Unpause(ctx, client.ScheduleUnpauseOptions{}); err != nil {
		t.Fatal(err)
	}
	w.eventually("it is told that it runs again", func() bool { return len(slack.with(":large_green_circle: *schedule order-intake/main: paused*")) == 1 })

	// The orders are corrected: recovered, and nothing was told twice.
	for _, id := range ids {
		resolution := map[string]any{"action": "amend", "by": "Kim", "why": "renamed", "changes": map[string]any{"/lines/0/sku": "PUMP"}}
		if err := w.temporal.SignalWorkflow(ctx, workflows.OrderID(worldStore, id), "", workflows.Resolve, resolution); err != nil {
			t.Fatal(err)
		}
	}
	for name, box := range map[string]*inbox{"the webhook": slack, "mail": mail} {
		w.eventually(name+" tells of the recovery", func() bool {
			return len(box.with("RECOVERED "+parked))+len(box.with(":large_green_circle: *"+parked)) == 1
		})
		if got := box.with(parked, "the oldest for"); len(got) > 2 { // as a warning with the first, and critical with the third
			t.Errorf("%s told %d times of the same orders:\n%s", name, len(got), strings.Join(got, "\n---\n"))
		}
	}

	// The shop is down.
	shopServer.Close()
	w.eventually("the open breaker is told", func() bool { return len(slack.with("X-Cart is down")) == 1 })
	w.eventually("so is the poll that stands still", func() bool { return len(slack.with("schedule order-intake/main: does not advance")) == 1 })

	w.eventually("the stuck process is told", func() bool { return len(slack.with("processes whose code fails", "order/main/broken")) == 1 })
}

// TestAlertWatchRunsWithoutWhatItReportsOn lets a process of its own serve the
// watch, without the settings of either system, when no other worker runs.
func TestAlertWatchRunsWithoutWhatItReportsOn(t *testing.T) {
	t.Parallel()
	slack, webhookURL := slackServer(t)
	w := newWorld(t, "ALERT_EVERY=1s", "ALERT_INTERVALS=4", "ALERT_WEBHOOK_URL="+webhookURL)
	w.workers.stop()
	var settings []string
	for _, s := range w.settings {
		if !strings.HasPrefix(s, "XCART_") && !strings.HasPrefix(s, "P21_") {
			settings = append(settings, s)
		}
	}
	w.start("workers", append(settings, "LISTEN="+freeAddress(t)), "-queues", "alerts")
	began := time.Now()
	w.eventually("it tells that nothing is polled", func() bool {
		return len(slack.with("order-intake/main: does not advance")) > 0 && len(slack.with("fulfilment-intake/main: does not advance")) > 0
	})
	t.Logf("told %s after the other workers ended", time.Since(began).Round(time.Second))
}

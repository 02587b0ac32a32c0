package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/cart21/cart21/connectors"
	"github.com/cart21/cart21/service"
	"github.com/cart21/cart21/workflows"
)

// fakeTemporal counts what the door hands on. An order's process begins once:
// a second start is refused as the server refuses it.
type fakeTemporal struct {
	client.Client
	before func(context.Context) // runs before anything is taken

	mu      sync.Mutex
	broken  error
	started map[string]int
	signals int
}

func (f *fakeTemporal) ExecuteWorkflow(ctx context.Context, o client.StartWorkflowOptions, _ any, _ ...any) (client.WorkflowRun, error) {
	if f.before != nil {
		f.before(ctx)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.broken != nil:
		return nil, f.broken
	case strings.HasPrefix(o.ID, "order/") && f.started[o.ID] > 0:
		return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("it has run", "", "")
	}
	f.started[o.ID]++
	return nil, nil
}

func (f *fakeTemporal) SignalWithStartWorkflow(context.Context, string, string, any, client.StartWorkflowOptions, any, ...any) (client.WorkflowRun, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.signals++
	return nil, f.broken
}

// door is a starter over HTTP, as a stranger meets it.
type door struct {
	*httptest.Server
	hooks    *webhooks
	temporal *fakeTemporal
	log      *bytes.Buffer
}

func openDoor(t *testing.T, secrets string) *door {
	t.Helper()
	d := &door{temporal: &fakeTemporal{started: map[string]int{}}, log: &bytes.Buffer{}}
	registry := prometheus.NewRegistry()
	logger := slog.New(slog.NewTextHandler(d.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	d.hooks = newWebhooks(settings{Store: "main", WebhookSecret: secrets}, registry, logger)
	d.hooks.open(workflows.Launcher{Client: d.temporal})
	mux := http.NewServeMux()
	(&service.Health{}).Mount(mux, registry)
	d.hooks.mount(mux)
	d.Server = httptest.NewServer(mux)
	t.Cleanup(d.Close)
	return d
}

// call is a webhook; what is not said is as it should be.
type call struct {
	method, path, body, secret, contentType string
	at                                      time.Duration // of its timestamp, from now
}

const placed = `{"event":"order.placed","id":4711,"number":"1004711"}`

func (d *door) request(t *testing.T, c call) *http.Request {
	t.Helper()
	or := func(s *string, usual string) {
		if *s == "" {
			*s = usual
		}
	}
	or(&c.method, http.MethodPost)
	or(&c.path, "/webhooks/xcart")
	or(&c.body, placed)
	or(&c.secret, secret)
	r, err := http.NewRequest(c.method, d.URL+c.path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	if c.contentType != "" {
		r.Header.Set("Content-Type", c.contentType)
	}
	connectors.Sign(r.Header, c.secret, []byte(c.body), time.Now().Add(c.at))
	return r
}

func send(t *testing.T, r *http.Request) (*http.Response, string) {
	t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestTheDoorsAnswers(t *testing.T) {
	const old, next, other = "the old secret of some length", "the next secret of some length", "a secret that nobody knows"
	for name, c := range map[string]struct {
		call    call
		secrets string
		want    int
	}{
		"an order":                            {call{}, secret, http.StatusAccepted},
		"a shipment":                          {call{path: "/webhooks/prophet21", body: `{"event":"shipment.confirmed","id":"300123"}`}, secret, http.StatusAccepted},
		"an event of a later version":         {call{body: `{"event":"order.weighed","id":4711}`}, secret, http.StatusAccepted},
		"the old secret while it is replaced": {call{secret: old}, old + ", " + next, http.StatusAccepted},
		"the next secret":                     {call{secret: next}, old + ", " + next, http.StatusAccepted},
		"the old secret after that":           {call{secret: old}, next, http.StatusUnauthorized},
		"a stranger":                          {call{secret: other}, old + "," + next, http.StatusUnauthorized},
		"four minutes old":                    {call{at: -4 * time.Minute}, secret, http.StatusAccepted},
		"four minutes ahead":                  {call{at: 4 * time.Minute}, secret, http.StatusAccepted},
		"six minutes old":                     {call{at: -6 * time.Minute}, secret, http.StatusUnauthorized},
		"six minutes ahead":                   {call{at: 6 * time.Minute}, secret, http.StatusUnauthorized},
		"no JSON":                             {call{body: "<order/>"}, secret, http.StatusBadRequest},
		"an id that is none":                  {call{body: `{"event":"order.placed","id":"../1"}`}, secret, http.StatusBadRequest},
		"a number that is a link":             {call{body: `{"event":"order.placed","id":4711,"number":"[pay](https://evil.example.com)"}`}, secret, http.StatusBadRequest},
		"a form's content type":               {call{contentType: "application/x-www-form-urlencoded"}, secret, http.StatusAccepted},
		"a content type that is none":         {call{contentType: ";;"}, secret, http.StatusAccepted},
		"GET":                                 {call{method: http.MethodGet}, secret, http.StatusMethodNotAllowed},
		"PUT":                                 {call{method: http.MethodPut}, secret, http.StatusMethodNotAllowed},
		"TRACE":                               {call{method: http.MethodTrace}, secret, http.StatusMethodNotAllowed},
		"another path":                        {call{path: "/webhooks/magento"}, secret, http.StatusNotFound},
		"below a path":                        {call{path: "/webhooks/xcart/1"}, secret, http.StatusNotFound},
		"the profiler":                        {call{path: "/debug/pprof/", method: http.MethodGet}, secret, http.StatusNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			d := openDoor(t, c.secrets)
			resp, body := send(t, d.request(t, c.call))
			if resp.StatusCode != c.want {
				t.Errorf("%d %s, want %d", resp.StatusCode, body, c.want)
			}
			if taken := len(d.temporal.started) > 0; c.want != http.StatusAccepted && taken {
				t.Error("a process was started")
			}
		})
	}
}

func TestWhatOneDoorPassesOverTheOtherTakes(t *testing.T) {
	d := openDoor(t, secret)
	order, _ := send(t, d.request(t, call{body: `{"event":"shipment.confirmed","id":300123}`}))
	ticket, _ := send(t, d.request(t, call{path: "/webhooks/prophet21", body: `{"event":"shipment.confirmed","id":300123}`}))
	if order.StatusCode != http.StatusAccepted || ticket.StatusCode != http.StatusAccepted || d.temporal.started["shipment/300123"] != 1 {
		t.Errorf("%d, %d, %v: the first is nothing to the shop's door, the second is a shipment", order.StatusCode, ticket.StatusCode, d.temporal.started)
	}
}

func TestACopyInsideTheReplayWindowIsHarmless(t *testing.T) {
	d := openDoor(t, secret)
	again := openDoor(t, secret) // another starter of the same Temporal
	again.hooks.open(workflows.Launcher{Client: d.temporal})
	for _, body := range []string{placed, `{"event":"order.changed","id":4711}`} {
		captured := d.request(t, call{body: body}).Header
		for _, door := range []*door{d, d, d, again, again} {
			r := door.request(t, call{body: body})
			r.Header = captured
			if resp, answer := send(t, r); resp.StatusCode != http.StatusAccepted {
				t.Fatalf("%d %s", resp.StatusCode, answer)
			}
		}
	}
	if d.temporal.started["order/main/4711"] != 1 || d.temporal.signals != 2 {
		t.Errorf("started %v, %d signals: want one process, and one signal from each starter", d.temporal.started, d.temporal.signals)
	}
}

func TestAWebhookThatFailedIsNotACopy(t *testing.T) {
	d := openDoor(t, secret)
	d.temporal.broken = errors.New("no quorum")
	header := d.request(t, call{}).Header
	for _, broken := range []error{errors.New("no quorum"), nil} {
		d.temporal.broken = broken
		r := d.request(t, call{})
		r.Header = header
		resp, body := send(t, r)
		if (resp.StatusCode == http.StatusAccepted) != (broken == nil) {
			t.Errorf("%d %s while Temporal says %v", resp.StatusCode, body, broken)
		}
	}
	if d.temporal.started["order/main/4711"] != 1 {
		t.Error("the order was lost")
	}
}

func TestReplaysAreForgottenWithTheirSignatures(t *testing.T) {
	var p replays
	now := time.Unix(1795449374, 0)
	p.remember(event{1}, now)
	p.remember(event{2}, now.Add(connectors.ReplayWindow))
	p.remember(event{3}, now.Add(2*connectors.ReplayWindow+time.Minute))
	if p.seen(event{1}) || !p.seen(event{2}) || !p.seen(event{3}) {
		t.Errorf("%v", p.taken)
	}
}

func TestBeyondItsPlacesTheDoorSaysLater(t *testing.T) {
	d := openDoor(t, secret)
	d.hooks.slots = make(chan struct{}, 1)
	inside, leave := make(chan struct{}), make(chan struct{})
	d.temporal.before = func(context.Context) { close(inside); <-leave }
	first := make(chan int)
	r := d.request(t, call{})
	go func() {
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			first <- 0
			return
		}
		resp.Body.Close()
		first <- resp.StatusCode
	}()
	<-inside
	resp, body := send(t, d.request(t, call{body: `{"event":"order.placed","id":4712}`}))
	if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	// Whoever asks whether the starter lives is not in the queue.
	if health, err := http.Get(d.URL + "/healthz"); err != nil || health.StatusCode != http.StatusOK {
		t.Errorf("%v %v", health, err)
	}
	close(leave)
	if status := <-first; status != http.StatusAccepted {
		t.Errorf("the one inside was answered %d", status)
	}
}

func TestABodyThatCrawlsGivesItsPlaceUp(t *testing.T) {
	d := openDoor(t, secret)
	d.hooks.slots = make(chan struct{}, 1)
	d.hooks.bodyTime = 20 * time.Millisecond
	crawling, end := io.Pipe()
	defer end.Close()
	r := d.request(t, call{})
	r.Body, r.ContentLength = crawling, 100
	if resp, body := send(t, r); resp.StatusCode != http.StatusRequestTimeout {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	if resp, body := send(t, d.request(t, call{})); resp.StatusCode != http.StatusAccepted {
		t.Errorf("the next one: %d %s", resp.StatusCode, body)
	}
}

func TestALogHoldsNoSecretAndNoBody(t *testing.T) {
	d := openDoor(t, secret)
	d.temporal.broken = errors.New("no quorum")
	const marker = "jane.roe@shop.example.com"
	for _, c := range []call{
		{body: `{"event":"order.placed","id":4711,"number":"1","email":"` + marker + `"}`}, {body: marker}, {secret: "another secret, " + marker},
		{body: `{"event":"order.placed","id":"` + marker + `"}`}, {path: "/webhooks/prophet21", body: `{"event":"shipment.confirmed","id":"` + marker + `"}`},
	} {
		r := d.request(t, c)
		signature := r.Header.Get(connectors.HeaderSignature)
		_, answer := send(t, r)
		for _, hidden := range []string{secret, marker, signature} {
			if strings.Contains(d.log.String(), hidden) || strings.Contains(answer, hidden) {
				t.Errorf("%+v: the log or the answer holds %q:\n%s%s", c, hidden, d.log, answer)
			}
		}
	}
	if !strings.Contains(d.log.String(), "no quorum") {
		t.Error("the log does not say what is wrong with Temporal")
	}
}

// FuzzDoor sends any signed body: it is taken, or refused as the sender's
// mistake, and only ids that are ids reach Temporal.
func FuzzDoor(f *testing.F) {
	f.Add(placed, false)
	f.Add(`{"event":"shipment.confirmed","id":"300123"}`, true)
	f.Add(`{"event":"order.changed","id":4711,"number":"[click](https://evil.example.com)"}`, false)
	f.Add(`{"event":"order.placed","id":1e2}`, false)
	f.Add(`{"event":"shipment.confirmed","id":300123.0}`, true)
	f.Add("[[[[", true)
	f.Fuzz(func(t *testing.T, body string, erp bool) {
		temporal := &fakeTemporal{started: map[string]int{}}
		hooks := newWebhooks(settings{Store: "main", WebhookSecret: secret}, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
		hooks.open(workflows.Launcher{Client: temporal})
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		connectors.Sign(r.Header, secret, []byte(body), time.Now())
		w, handle := httptest.NewRecorder(), hooks.xcart
		if erp {
			handle = hooks.prophet21
		}
		handle(w, r)
		if w.Code != http.StatusAccepted && w.Code != http.StatusBadRequest {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		for id := range temporal.started {
			number := id[strings.LastIndexByte(id, '/')+1:]
			if number == "" || strings.Trim(number, "0123456789") != "" {
				t.Errorf("started %q", id)
			}
		}
	})
}

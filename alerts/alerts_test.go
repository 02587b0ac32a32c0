package alerts

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cart21/cart21/connectors"
)

var parked = Finding{
	Key: "parked/p21-rejected", Severity: Critical, Title: "parked: p21-rejected", Detail: "12 processes & <!channel>",
	Examples: []string{"order/main/1"}, Link: "https://temporal.test/namespaces/default/workflows?query=a+%3D+%22b%22&x=|", Runbook: "docs/operations.md#p21-rejected",
}

func TestMessageSaysWhatWhereAndWhatToDo(t *testing.T) {
	m := Message{Store: "main", News: []News{{parked, New}, {parked, Worse}, {Finding{Title: "X-Cart is down", Detail: "not told any more"}, Recovered}}}
	for name, c := range map[string]struct {
		as   markup
		want []string
		not  []string
	}{
		"plain": {plain, []string{"CRITICAL parked: p21-rejected\n12 processes & <!channel>\nfor example order/main/1\nopen in Temporal: https://temporal.test/", "what to do: docs/operations.md#p21-rejected",
			"(has become worse)", "RECOVERED X-Cart is down"}, []string{"not told any more"}},
		"Slack": {slack, []string{":red_circle: *parked: p21-rejected*\n12 processes &amp; &lt;!channel&gt;", "<https://temporal.test/namespaces/default/workflows?query=a+%3D+%22b%22&amp;x=%7C|open in Temporal>",
			":large_green_circle: *X-Cart is down*"}, []string{"<!channel>"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := m.text(c.as)
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("it does not say %q:\n%s", want, got)
				}
			}
			for _, not := range c.not {
				if strings.Contains(got, not) {
					t.Errorf("it says %q:\n%s", not, got)
				}
			}
		})
	}
	many := Message{News: make([]News, mostTold+7)}
	if got := many.text(plain); !strings.Contains(got, "and 7 more") {
		t.Errorf("a long message does not say that it is cut:\n%s", got)
	}
}

func TestSubject(t *testing.T) {
	warning := News{Finding{Severity: Warning, Title: "w"}, New}
	critical := News{Finding{Severity: Critical, Title: "c"}, Still}
	over := News{Finding{Severity: Critical, Title: "o"}, Recovered}
	for want, news := range map[string][]News{
		"[cart21 main] warning: w":                        {warning},
		"[cart21 main] recovered: o":                      {over},
		"[cart21 main] 2 recovered":                       {over, over},
		"[cart21 main] warning: 2 alerts":                 {warning, warning},
		"[cart21 main] critical: 2 alerts, 1 recovered":   {warning, critical, over},
		"[cart21 main] warning: 1 alerts, 1 recovered":    {warning, over},
		"[cart21 main] warning: a  Bcc: thief@evil.test ": {{Finding{Severity: Warning, Title: "a\r\nBcc: thief@evil.test\u2028"}, New}},
	} {
		if got := (Message{Store: "main", News: news}).Subject(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := (Message{News: []News{{Finding{Title: strings.Repeat("ä", 300)}, New}}}).Subject(); len([]rune(got)) != 200 {
		t.Errorf("a subject of %d characters", len([]rune(got)))
	}
}

func TestWebhook(t *testing.T) {
	var answer int
	var got struct{ Text string }
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("got %s: %v", r.Header, err)
		}
		if answer == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "3")
		}
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(answer)
	}))
	defer server.Close()
	const path = "/services/T000/B000/very-secret"
	w, err := NewWebhook(server.URL+path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	message := Message{Store: "main", News: []News{{parked, New}}}
	for _, c := range []struct {
		answer int
		kind   connectors.Kind
	}{
		{200, ""}, {204, ""}, {302, connectors.Rejected}, {404, connectors.Rejected}, {410, connectors.Rejected},
		{429, connectors.RateLimited}, {500, connectors.Unavailable}, {503, connectors.Unavailable},
	} {
		answer = c.answer
		err := w.Send(t.Context(), message)
		if connectors.KindOf(err) != c.kind {
			t.Errorf("answer %d: got %v, want %q", c.answer, err, c.kind)
		}
		if err != nil && strings.Contains(err.Error(), path) {
			t.Errorf("the error tells the key: %v", err)
		}
	}
	if !strings.HasPrefix(got.Text, "*[cart21 main] critical: parked: p21-rejected*\n\n:red_circle:") {
		t.Errorf("text: %s", got.Text)
	}
	if d := w.Describe(); strings.Contains(d, "secret") || !strings.Contains(d, "127.0.0.1") {
		t.Errorf("described as %q", d)
	}
	server.Close()
	if err := w.Send(t.Context(), message); !connectors.Is(err, connectors.Unavailable) || strings.Contains(err.Error(), path) {
		t.Errorf("a server that is gone: %v", err)
	}
	if _, err := NewWebhook("hooks.slack.com/very-secret", slog.New(slog.DiscardHandler)); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("an address without a scheme: %v", err)
	}
}

func TestMailIsRefusedWhenItCannotWork(t *testing.T) {
	to := []string{"desk@example.test"}
	for name, c := range map[string]struct {
		url, from string
		to        []string
	}{
		"no scheme":                 {"mail.test:587", "a@example.test", to},
		"another scheme":            {"https://mail.test", "a@example.test", to},
		"no host":                   {"smtp://", "a@example.test", to},
		"no sender":                 {"smtp://mail.test", "", to},
		"no recipient":              {"smtp://mail.test", "a@example.test", nil},
		"a header in a sender":      {"smtp://mail.test", "a@example.test\r\nBcc: b@example.test", to},
		"a recipient that isn't":    {"smtp://mail.test", "a@example.test", []string{"the desk"}},
		"a password that is no URL": {"smtp://user:se%cret@mail.test", "a@example.test", to},
	} {
		if _, err := NewMail(c.url, c.from, c.to); err == nil {
			t.Errorf("%s was accepted", name)
		} else if strings.Contains(err.Error(), "cret@") || strings.Contains(err.Error(), "example.test") {
			t.Errorf("%s: the error tells what is secret: %v", name, err)
		}
	}
}

func TestMail(t *testing.T) {
	m, err := NewMail("smtps://user%40mail:pass%2Fword@127.0.0.1:1", "cart21 <cart21@example.test>", []string{"desk@example.test", "Kim <kim@example.test>"})
	if err != nil {
		t.Fatal(err)
	}
	evil := parked
	evil.Title = "parked: x\r\nBcc: thief@evil.test"
	composed, err := m.compose(Message{Store: "main", News: []News{{evil, New}}})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if _, err := composed.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(b.String(), "\r\n\r\n")
	for _, want := range []string{"Subject: [cart21 main] critical: parked: x", "From: \"cart21\" <cart21@example.test>", "To: <desk@example.test>, \"Kim\" <kim@example.test>", "Auto-Submitted: auto-generated"} {
		if !strings.Contains(head, want) {
			t.Errorf("the head lacks %q:\n%s", want, head)
		}
	}
	if strings.Contains(head, "\r\nBcc:") {
		t.Errorf("a title made a header:\n%s", head)
	}
	if !strings.Contains(body, "12 processes & <!channel>") {
		t.Errorf("body:\n%s", body)
	}
	if d := m.Describe(); d != "mail over 127.0.0.1 to 2 address(es)" {
		t.Errorf("described as %q", d)
	}
	if err := m.Send(t.Context(), Message{}); err == nil || strings.Contains(err.Error(), "word") || strings.Contains(err.Error(), "example.test") {
		t.Errorf("a server that is not there: %v", err)
	}
}

func TestLinks(t *testing.T) {
	l := Links{UI: "https://temporal.test/", Namespace: "cart21", Docs: "docs/operations.md"}
	for got, want := range map[string]string{
		l.Workflows(`A = "b c"`):        "https://temporal.test/namespaces/cart21/workflows?query=A+%3D+%22b+c%22",
		l.Schedule("order-intake/main"): "https://temporal.test/namespaces/cart21/schedules/order-intake%2Fmain",
		l.Runbook("p21-rejected"):       "docs/operations.md#p21-rejected",
		Links{}.Workflows("x"):          "",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestLogTellsEachOnce(t *testing.T) {
	var b strings.Builder
	l := Log{slog.New(slog.NewJSONHandler(&b, nil))}
	over := Finding{Key: "breaker/X-Cart", Title: "X-Cart is down", Since: time.Now()}
	if err := l.Send(t.Context(), Message{News: []News{{parked, New}, {over, Recovered}}}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `"WARN"`) || !strings.Contains(lines[0], "p21-rejected") || !strings.Contains(lines[1], `"INFO"`) {
		t.Errorf("logged:\n%s", b.String())
	}
}

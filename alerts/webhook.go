package alerts

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cart21/cart21/connectors"
)

// Webhook posts messages as Slack takes them: {"text": "..."} in its mrkdwn.
// Mattermost, Rocket.Chat and others take the same.
type Webhook struct {
	url    string
	host   string
	client *connectors.Client
}

// NewWebhook makes the channel. Its URL is the key to it, and in no error.
func NewWebhook(address string, logger *slog.Logger) (*Webhook, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		// Not repeated: it is a secret.
		return nil, fmt.Errorf("the alerts' webhook is no web address: it must begin with https://")
	}
	client, err := connectors.NewClient("the alerts' webhook", connectors.Limits{Timeout: 15 * time.Second, Concurrency: 1, MaxBody: 64 << 10}, logger)
	if err != nil {
		return nil, err
	}
	client.Conceal(address, u.Path, u.RawQuery)
	return &Webhook{url: address, host: u.Host, client: client}, nil
}

// Name is "webhook".
func (w *Webhook) Name() string { return "webhook" }

// Describe names the host, not the path: that is the key.
func (w *Webhook) Describe() string { return "webhook of " + w.host }

// Send posts the message. The error is a *[connectors.Error].
func (w *Webhook) Send(ctx context.Context, m Message) error {
	const operation = "send alerts"
	body, err := json.Marshal(map[string]string{"text": slack.bold(slack.escape(m.Subject())) + "\n\n" + m.text(slack)})
	if err != nil {
		return fmt.Errorf("writing the alerts down: %w", err)
	}
	resp, err := w.client.Do(ctx, connectors.Request{
		Operation: operation, Method: http.MethodPost, URL: w.url, Body: body,
		Header: http.Header{"Content-Type": {"application/json"}},
	})
	switch {
	case err != nil:
		return err
	case resp.Status >= 500:
		return w.client.Fail(connectors.Unavailable, operation, fmt.Sprintf("answered %d", resp.Status), nil)
	case resp.Status >= 300:
		return w.client.Fail(connectors.Rejected, operation,
			fmt.Sprintf("answered %d: see whether ALERT_WEBHOOK_URL is still valid", resp.Status), nil)
	}
	return nil
}

var slackEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

var slack = markup{
	escape: slackEscapes.Replace,
	bold:   func(s string) string { return "*" + s + "*" },
	link: func(url, text string) string {
		return "<" + strings.ReplaceAll(slackEscapes.Replace(url), "|", "%7C") + "|" + text + ">"
	},
	marks: map[string]string{string(Critical): ":red_circle:", string(Warning): ":large_yellow_circle:", string(Recovered): ":large_green_circle:"},
}

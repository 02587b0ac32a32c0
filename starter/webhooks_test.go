package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cart21/cart21/connectors"
)

const secret = "a secret of some length"

// post sends a body to the webhooks of a starter that has not reached Temporal.
func post(t *testing.T, body string, sign bool) *httptest.ResponseRecorder {
	t.Helper()
	hooks := newWebhooks(settings{Store: "main", WebhookSecret: secret}, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
	r := httptest.NewRequest(http.MethodPost, "/webhooks/xcart", strings.NewReader(body))
	if sign {
		connectors.Sign(r.Header, secret, []byte(body), time.Now())
	}
	w := httptest.NewRecorder()
	hooks.xcart(w, r)
	return w
}

func TestAStrangersWebhookIsRefused(t *testing.T) {
	if w := post(t, `{"event":"order.placed","id":1}`, false); w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), connectors.HeaderSignature) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestALargeBodyIsRefusedBeforeItIsRead(t *testing.T) {
	if w := post(t, strings.Repeat("x", maxBody+1), true); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestWithoutTemporalAWebhookIsToComeAgain(t *testing.T) {
	w := post(t, `{"event":"order.placed","id":1}`, true)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %s: accepted without Temporal it would be lost", w.Code, w.Body)
	}
}

func TestSettingsTellEveryMistake(t *testing.T) {
	err := settings{WebhookSecret: "short"}.Validate()
	if err == nil || !strings.Contains(err.Error(), "16 characters") || !strings.Contains(err.Error(), "POLL_EVERY") {
		t.Errorf("got %v", err)
	}
}

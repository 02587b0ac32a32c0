package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/cart21/cart21/connectors"
	"github.com/cart21/cart21/connectors/prophet21"
	"github.com/cart21/cart21/connectors/xcart"
	"github.com/cart21/cart21/workflows"
)

const (
	maxBody   = 64 << 10 // a poke is a few hundred bytes
	maxAtOnce = 256      // webhooks being handled; more are told to come again
)

// webhooks answers pokes from both systems: 202 once Temporal has the process,
// 503 with Retry-After when it has not, 4xx with the reason otherwise.
type webhooks struct {
	store    string
	secrets  []string
	launcher atomic.Pointer[workflows.Launcher]
	slots    chan struct{}
	answers  *prometheus.CounterVec
	took     prometheus.Histogram
	log      *slog.Logger
}

func newWebhooks(s settings, registry *prometheus.Registry, logger *slog.Logger) *webhooks {
	factory := promauto.With(registry)
	return &webhooks{
		store: s.Store, secrets: s.secrets(), slots: make(chan struct{}, maxAtOnce), log: logger,
		answers: factory.NewCounterVec(prometheus.CounterOpts{Name: "cart21_webhooks_total", Help: "Webhooks by system and answer."}, []string{"system", "answer"}),
		took: factory.NewHistogram(prometheus.HistogramOpts{Name: "cart21_webhook_seconds", Help: "Time to answer a webhook.",
			Buckets: []float64{.002, .005, .01, .02, .05, .1, .25, 1, 5}}),
	}
}

// open begins to take webhooks: Temporal is there.
func (h *webhooks) open(l workflows.Launcher) { h.launcher.Store(&l) }

func (h *webhooks) xcart(w http.ResponseWriter, r *http.Request) {
	h.take(w, r, "xcart", func(ctx context.Context, l workflows.Launcher, body []byte) (bool, error) {
		event, err := xcart.ParseEvent(body)
		if err != nil {
			return false, refused{err}
		}
		switch event.Name {
		case xcart.OrderPlaced:
			return true, l.StartOrder(ctx, h.store, event.OrderID, event.Number)
		case xcart.OrderChanged:
			return true, l.OrderChanged(ctx, h.store, event.OrderID, event.Number)
		}
		return false, nil
	})
}

func (h *webhooks) prophet21(w http.ResponseWriter, r *http.Request) {
	h.take(w, r, "prophet21", func(ctx context.Context, l workflows.Launcher, body []byte) (bool, error) {
		event, err := prophet21.ParseEvent(body)
		if err != nil {
			return false, refused{err}
		}
		if event.Name == prophet21.ShipmentConfirmed {
			return true, l.ShipmentLeft(ctx, h.store, event.PickTicket)
		}
		return false, nil
	})
}

// refused marks what the sender has to mend.
type refused struct{ error }

type handler func(ctx context.Context, l workflows.Launcher, body []byte) (started bool, err error)

func (h *webhooks) take(w http.ResponseWriter, r *http.Request, system string, handle handler) {
	start := time.Now()
	status, message := h.answer(w, r, handle)
	h.took.Observe(time.Since(start).Seconds())
	h.answers.WithLabelValues(system, http.StatusText(status)).Inc()
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": message})
}

func (h *webhooks) answer(w http.ResponseWriter, r *http.Request, handle handler) (status int, message string) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	default:
		return http.StatusServiceUnavailable, "too many webhooks at once: send it again"
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return http.StatusRequestEntityTooLarge, "the body is larger than 64 KiB"
	}
	if err != nil {
		return http.StatusBadRequest, "the body broke off"
	}
	if err := connectors.Verify(r.Header, h.secrets, body, time.Now()); err != nil {
		return http.StatusUnauthorized, err.Error()
	}
	launcher := h.launcher.Load()
	if launcher == nil {
		return http.StatusServiceUnavailable, "Temporal is not reached yet: send it again"
	}
	ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
	defer cancel()
	started, err := handle(ctx, *launcher, body)
	var wrong refused
	switch {
	case errors.As(err, &wrong):
		return http.StatusBadRequest, err.Error()
	case err != nil:
		h.log.Error("a webhook could not be handed to Temporal", "error", err)
		return http.StatusServiceUnavailable, "Temporal did not take it: send it again"
	case !started:
		return http.StatusAccepted, "nothing is done for this event"
	}
	return http.StatusAccepted, "taken"
}

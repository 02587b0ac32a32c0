package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
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
	maxBody   = 64 << 10        // a poke is a few hundred bytes
	maxAtOnce = 256             // webhooks being handled; more are told to come again
	bodyTime  = 5 * time.Second // for a body to arrive: until then a stranger holds a place
)

// webhooks answers pokes from both systems: 202 once Temporal has the process,
// 503 with Retry-After when it has not, 4xx with the reason otherwise.
type webhooks struct {
	store    string
	secrets  []string
	launcher atomic.Pointer[workflows.Launcher]
	slots    chan struct{}
	bodyTime time.Duration
	replays  replays
	answers  *prometheus.CounterVec
	took     prometheus.Histogram
	log      *slog.Logger
}

func newWebhooks(s settings, registry *prometheus.Registry, logger *slog.Logger) *webhooks {
	factory := promauto.With(registry)
	return &webhooks{
		store: s.Store, secrets: s.secrets(), slots: make(chan struct{}, maxAtOnce), bodyTime: bodyTime, log: logger,
		answers: factory.NewCounterVec(prometheus.CounterOpts{Name: "cart21_webhooks_total", Help: "Webhooks by system and answer."}, []string{"system", "answer"}),
		took: factory.NewHistogram(prometheus.HistogramOpts{Name: "cart21_webhook_seconds", Help: "Time to answer a webhook.",
			Buckets: []float64{.002, .005, .01, .02, .05, .1, .25, 1, 5}}),
	}
}

// mount adds the doors to a mux. Neither the content type nor any header but the
// signature's is looked at: the signature covers the body, and the body is JSON.
func (h *webhooks) mount(mux *http.ServeMux) {
	mux.HandleFunc("POST /webhooks/xcart", h.xcart)
	mux.HandleFunc("POST /webhooks/prophet21", h.prophet21)
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
	body, status, message := h.readBody(w, r)
	if status != 0 {
		return status, message
	}
	if err := connectors.Verify(r.Header, h.secrets, body, time.Now()); err != nil {
		return http.StatusUnauthorized, err.Error()
	}
	launcher := h.launcher.Load()
	if launcher == nil {
		return http.StatusServiceUnavailable, "Temporal is not reached yet: send it again"
	}
	this := eventOf(r, body)
	if h.replays.seen(this) {
		return http.StatusAccepted, "taken"
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
	h.replays.remember(this, time.Now())
	return http.StatusAccepted, "taken"
}

// readBody reads a body whole, within bounds of size and time; a status other
// than 0 is the answer to one that breaks them.
func (h *webhooks) readBody(w http.ResponseWriter, r *http.Request) (body []byte, status int, message string) {
	// Not every ResponseWriter can: then the server's own time-out holds.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(h.bodyTime))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, http.StatusRequestEntityTooLarge, "the body is larger than 64 KiB"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, http.StatusRequestTimeout, "the body did not arrive in time"
	case err != nil:
		return nil, http.StatusBadRequest, "the body broke off"
	}
	return body, 0, ""
}

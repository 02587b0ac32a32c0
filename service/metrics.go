package service

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/cart21/cart21/connectors"
)

const breakerMetric = "cart21_breaker_state"

// breakerValues are the breaker's states as numbers: the worse the higher.
var breakerValues = map[connectors.BreakerState]float64{connectors.Closed: 0, connectors.HalfOpen: 1, connectors.Open: 2}

// mostOperations bounds the labels that operations make. There are about forty;
// one that names a thing by mistake must not fill the metrics' store.
const mostOperations = 100

// CallMetrics shows the calls to the connected systems. It is a [connectors.Observer].
type CallMetrics struct {
	calls   *prometheus.CounterVec
	took    *prometheus.HistogramVec
	waited  *prometheus.HistogramVec
	breaker *prometheus.GaugeVec

	mu         sync.Mutex
	operations map[string]bool
}

// NewCallMetrics registers the metrics.
func NewCallMetrics(registry prometheus.Registerer) *CallMetrics {
	m := &CallMetrics{
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "cart21_calls_total",
			Help: "Calls to a connected system by what was done and how it ended: ok, held (not made), or the kind of the failure."}, []string{"system", "operation", "outcome"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "cart21_call_duration_seconds",
			Help: "How long the calls took that were made.", Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20, 40}}, []string{"system", "operation"}),
		waited: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "cart21_call_wait_seconds",
			Help: "How long the calls waited for the rate limit and a free slot.", Buckets: []float64{.001, .01, .1, .5, 1, 5, 20}}, []string{"system"}),
		breaker: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: breakerMetric,
			Help: "Circuit breaker of a connected system: 0 closed, 1 half-open (one call finds out), 2 open (not called)."}, []string{"system"}),
		operations: map[string]bool{},
	}
	registry.MustRegister(m.calls, m.took, m.waited, m.breaker)
	return m
}

// Called counts a call.
func (m *CallMetrics) Called(c connectors.Call) {
	operation := m.label(c.Operation)
	m.calls.WithLabelValues(c.System, operation, c.Outcome).Inc()
	if c.Outcome == connectors.Held {
		return
	}
	m.took.WithLabelValues(c.System, operation).Observe(c.Took.Seconds())
	m.waited.WithLabelValues(c.System).Observe(c.Waited.Seconds())
}

func (m *CallMetrics) label(operation string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.operations[operation] && len(m.operations) >= mostOperations {
		return "other"
	}
	m.operations[operation] = true
	return operation
}

// BreakerTurned notes the state of a system's breaker.
func (m *CallMetrics) BreakerTurned(system string, state connectors.BreakerState) {
	m.breaker.WithLabelValues(system).Set(breakerValues[state])
}

// Breakers asks a running service of this machine for the states of its
// breakers and tells them in a sentence.
func Breakers(address string) (string, error) {
	if strings.HasPrefix(address, ":") {
		address = "127.0.0.1" + address
	}
	c := http.Client{Timeout: 3 * time.Second}
	resp, err := c.Get("http://" + address + "/metrics")
	if err != nil {
		return "", fmt.Errorf("asking for the breakers: %w", err)
	}
	defer resp.Body.Close()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(resp.Body)
	if err != nil {
		return "", fmt.Errorf("reading the metrics of %s: %w", address, err)
	}
	words := map[float64]string{}
	for state, value := range breakerValues {
		words[value] = string(state)
	}
	states := map[string]string{}
	for _, metric := range families[breakerMetric].GetMetric() {
		states[metric.GetLabel()[0].GetValue()] = words[metric.GetGauge().GetValue()]
	}
	var all []string
	for _, system := range slices.Sorted(maps.Keys(states)) {
		all = append(all, system+" "+states[system])
	}
	if len(all) == 0 {
		return "", fmt.Errorf("the service at %s shows no breakers", address)
	}
	return strings.Join(all, ", "), nil
}

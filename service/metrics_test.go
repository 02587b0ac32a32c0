package service

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cart21/cart21/connectors"
)

// samples are the values of a metric by its labels' values, a histogram's being
// the number of its observations.
func samples(t *testing.T, registry *prometheus.Registry, name string) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, metric := range family.Metric {
			var labels []string
			for _, l := range metric.Label {
				labels = append(labels, l.GetValue())
			}
			all[strings.Join(labels, "|")] = metric.GetCounter().GetValue() + metric.GetGauge().GetValue() + float64(metric.GetHistogram().GetSampleCount())
		}
	}
	return all
}

func TestCallMetrics(t *testing.T) {
	registry := NewRegistry()
	m := NewCallMetrics(registry)
	m.Called(connectors.Call{System: "X-Cart", Operation: "read order", Outcome: "ok", Took: 40 * time.Millisecond, Waited: 2 * time.Millisecond})
	m.Called(connectors.Call{System: "X-Cart", Operation: "read order", Outcome: connectors.Held})
	for name, want := range map[string]map[string]float64{
		"cart21_calls_total":           {"read order|ok|X-Cart": 1, "read order|held|X-Cart": 1},
		"cart21_call_duration_seconds": {"read order|X-Cart": 1}, // a call that was not made took no time
		"cart21_call_wait_seconds":     {"X-Cart": 1},
	} {
		if got := samples(t, registry, name); !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

func TestOperationsCannotFillTheMetricsStore(t *testing.T) {
	registry := NewRegistry()
	m := NewCallMetrics(registry)
	for i := range 3 * mostOperations {
		m.Called(connectors.Call{System: "X-Cart", Operation: fmt.Sprint("read order ", i), Outcome: "ok"})
	}
	if got := samples(t, registry, "cart21_calls_total"); len(got) != mostOperations+1 || got["other|ok|X-Cart"] != 2*mostOperations {
		t.Errorf("%d series, %v others", len(got), got["other|ok|X-Cart"])
	}
}

func TestBreakersAreToldInASentence(t *testing.T) {
	registry := NewRegistry()
	mux := http.NewServeMux()
	(&Health{}).Mount(mux, registry)
	server := httptest.NewServer(mux)
	defer server.Close()
	address := strings.TrimPrefix(server.URL, "http://")
	if got, err := Breakers(address); err == nil {
		t.Errorf("without breakers: %q", got)
	}
	m := NewCallMetrics(registry)
	m.BreakerTurned("X-Cart", connectors.Closed)
	m.BreakerTurned("Prophet 21", connectors.Open)
	if got, err := Breakers(address); err != nil || got != "Prophet 21 open, X-Cart closed" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestOutagesValidate(t *testing.T) {
	good := Outages{BreakAfter: 8, BreakFor: 5 * time.Second, BreakLongest: time.Minute, RetrySpread: 2 * time.Minute}
	for name, c := range map[string]struct {
		change func(*Outages)
		want   string
	}{
		"the defaults":   {func(*Outages) {}, ""},
		"never opens":    {func(o *Outages) { o.BreakAfter = 0 }, "BREAK_AFTER"},
		"no spread":      {func(o *Outages) { o.RetrySpread = 0 }, "RETRY_SPREAD"},
		"the wrong way":  {func(o *Outages) { o.BreakLongest = time.Second }, "BREAK_LONGEST is 1s"},
		"a fixed length": {func(o *Outages) { o.BreakLongest = o.BreakFor }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := good
			c.change(&o)
			err := o.Validate()
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	if s := good.Describe(4, 20); !strings.Contains(s, "4 calls at a time") || !strings.Contains(s, "20 steps a second") {
		t.Error(s)
	}
}

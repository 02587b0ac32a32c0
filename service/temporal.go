package service

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/uber-go/tally/v4"
	tallyprom "github.com/uber-go/tally/v4/prometheus"
	"go.temporal.io/sdk/client"
	sdktally "go.temporal.io/sdk/contrib/tally"
	"go.temporal.io/sdk/log"
)

// Dial connects to Temporal, with the SDK's metrics in the registry.
func (t Temporal) Dial(ctx context.Context, logger *slog.Logger, registry *prometheus.Registry) (client.Client, error) {
	options := client.Options{
		HostPort:  t.Address,
		Namespace: t.Namespace,
		Logger:    log.NewStructuredLogger(logger),
	}
	if registry != nil {
		options.MetricsHandler = sdktally.NewMetricsHandler(scope(registry, logger))
	}
	if t.APIKey != "" {
		options.Credentials = client.NewAPIKeyStaticCredentials(t.APIKey)
	}
	if t.TLSCert != "" || t.TLSKey != "" {
		certificate, err := tls.LoadX509KeyPair(t.TLSCert, t.TLSKey)
		if err != nil {
			return nil, fmt.Errorf("reading TEMPORAL_TLS_CERT and TEMPORAL_TLS_KEY: %w", err)
		}
		options.ConnectionOptions.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	} else if t.APIKey != "" {
		options.ConnectionOptions.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	c, err := client.DialContext(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("connecting to Temporal at %s, namespace %s: %w", t.Address, t.Namespace, err)
	}
	return c, nil
}

// DialPatiently connects to Temporal and waits for it: services start in any order.
func (t Temporal) DialPatiently(ctx context.Context, logger *slog.Logger, registry *prometheus.Registry) (client.Client, error) {
	for wait := 250 * time.Millisecond; ; wait = min(2*wait, 10*time.Second) {
		c, err := t.Dial(ctx, logger, registry)
		if err == nil {
			return c, nil
		}
		logger.Warn("Temporal is not there yet", "address", t.Address, "again in", wait, "error", err)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil, err
		}
	}
}

func scope(registry *prometheus.Registry, logger *slog.Logger) tally.Scope {
	reporter := tallyprom.NewReporter(tallyprom.Options{
		Registerer:       registry,
		OnRegisterError:  func(err error) { logger.Debug("metric not registered", "error", err) },
		DefaultTimerType: tallyprom.HistogramTimerType,
	})
	s, _ := tally.NewRootScope(tally.ScopeOptions{
		CachedReporter: reporter, Separator: tallyprom.DefaultSeparator, SanitizeOptions: &sdktally.PrometheusSanitizeOptions,
	}, time.Second)
	return sdktally.NewPrometheusNamingScope(s)
}

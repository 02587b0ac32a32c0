package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/uber-go/tally/v4"
	tallyprom "github.com/uber-go/tally/v4/prometheus"
	"go.temporal.io/sdk/client"
	sdktally "go.temporal.io/sdk/contrib/tally"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
)

// Temporal says which Temporal server and namespace, how to get in, and with
// which keys what it stores is encrypted.
type Temporal struct {
	Address       string `envconfig:"TEMPORAL_ADDRESS" default:"127.0.0.1:7233" desc:"host:port of the Temporal server"`
	Namespace     string `envconfig:"TEMPORAL_NAMESPACE" default:"default" desc:"namespace of the processes"`
	APIKey        string `envconfig:"TEMPORAL_API_KEY" desc:"API key, for Temporal Cloud; sent over TLS only (secret)"`
	TLS           string `envconfig:"TEMPORAL_TLS" desc:"true: TLS to the server; on by itself with an API key or any of TEMPORAL_TLS_..."`
	TLSCA         string `envconfig:"TEMPORAL_TLS_CA" desc:"root certificates file (PEM) of a server with a CA of its own; the system's when empty"`
	TLSServerName string `envconfig:"TEMPORAL_TLS_SERVER_NAME" desc:"name on the server's certificate, when it is not that of the address"`
	TLSCert       string `envconfig:"TEMPORAL_TLS_CERT" desc:"client certificate file (PEM), for mTLS"`
	TLSKey        string `envconfig:"TEMPORAL_TLS_KEY" desc:"client key file (PEM), for mTLS"`
	PayloadKeys   string `envconfig:"PAYLOAD_KEYS" desc:"encrypts what Temporal stores: id:base64-of-32-bytes[,id2:...]; the first encrypts, all decrypt (secret)"`
}

// Validate finds what is missing or cannot be read.
func (t Temporal) Validate() error {
	_, keys := newCodec(t.PayloadKeys)
	_, tls := t.tls()
	return errors.Join(tls, keys)
}

// Codec encrypts and decrypts payloads with PAYLOAD_KEYS; without any it passes
// all through, and fails on what is encrypted.
func (t Temporal) Codec() (converter.PayloadCodec, error) { return newCodec(t.PayloadKeys) }

// Dial connects to Temporal, with the SDK's metrics in the registry unless it is nil.
func (t Temporal) Dial(ctx context.Context, logger *slog.Logger, registry *prometheus.Registry) (client.Client, error) {
	options, err := t.options()
	if err != nil {
		return nil, err
	}
	options.Logger = log.NewStructuredLogger(logger)
	if registry != nil {
		options.MetricsHandler = sdktally.NewMetricsHandler(scope(registry, logger))
	}
	c, err := client.DialContext(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("connecting to Temporal at %s, namespace %s: %w", t.Address, t.Namespace, withRemedy(err))
	}
	return c, nil
}

func (t Temporal) options() (client.Options, error) {
	codec, err := newCodec(t.PayloadKeys)
	if err != nil {
		return client.Options{}, err
	}
	tls, err := t.tls()
	if err != nil {
		return client.Options{}, err
	}
	data := newDataConverter(codec)
	options := client.Options{
		HostPort:          t.Address,
		Namespace:         t.Namespace,
		DataConverter:     data,
		ConnectionOptions: client.ConnectionOptions{TLS: tls},
		// What went wrong often quotes what was sent: messages and stack traces
		// are encrypted with the rest.
		FailureConverter: temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{
			DataConverter: data, EncodeCommonAttributes: codec.first != "",
		}),
	}
	if t.APIKey != "" {
		options.Credentials = client.NewAPIKeyStaticCredentials(t.APIKey)
	}
	return options, nil
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

// Command starter takes webhooks in and starts the processes; it sets up the
// search attributes and the schedules when it starts. It holds no credentials
// of either system.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"github.com/cart21/cart21/service"
	"github.com/cart21/cart21/workflows"
)

type settings struct {
	service.Temporal
	service.Logging
	Codec
	Store           string        `envconfig:"STORE" default:"main" desc:"short code of the store: letters and digits"`
	WebhookSecret   string        `envconfig:"WEBHOOK_SECRET" desc:"shared secret of the webhooks; several, separated by commas, while one is being replaced (secret)"`
	Listen          string        `envconfig:"LISTEN" default:":8080" desc:"address of the webhooks, /healthz, /readyz and /metrics"`
	OrderEvery      time.Duration `envconfig:"ORDER_POLL_EVERY" default:"60s" desc:"how often the shop is asked for changed orders"`
	FulfilmentEvery time.Duration `envconfig:"FULFILMENT_POLL_EVERY" default:"60s" desc:"how often Prophet 21 is asked for progress and shipments"`
	AlertEvery      time.Duration `envconfig:"ALERT_EVERY" default:"60s" desc:"how often the alert watch looks for what needs a person"`
}

// Validate finds every mistake.
func (s settings) Validate() error {
	var mistakes []error
	for _, secret := range s.secrets() {
		if len(secret) < 16 {
			mistakes = append(mistakes, errors.New("WEBHOOK_SECRET must be at least 16 characters long: make one with `openssl rand -hex 32`"))
		}
	}
	if len(s.secrets()) == 0 {
		mistakes = append(mistakes, errors.New("WEBHOOK_SECRET must be set: make one with `openssl rand -hex 32`"))
	}
	if s.OrderEvery < time.Second || s.FulfilmentEvery < time.Second || s.AlertEvery < time.Second {
		mistakes = append(mistakes, errors.New("ORDER_POLL_EVERY, FULFILMENT_POLL_EVERY and ALERT_EVERY must be at least 1s"))
	}
	return errors.Join(append(mistakes, s.Temporal.Validate(), s.Codec.Validate(s.Temporal))...)
}

func (s settings) secrets() []string {
	var secrets []string
	for secret := range strings.SplitSeq(s.WebhookSecret, ",") {
		if secret = strings.TrimSpace(secret); secret != "" {
			secrets = append(secrets, secret)
		}
	}
	return secrets
}

func main() {
	var s settings
	service.Program{
		Name: "starter", Purpose: "takes webhooks in and starts cart21's processes", Settings: &s, Listen: &s.Listen,
		Run:   func() error { return run(s) },
		Check: func() error { return runCheck(s) },
	}.Main()
}

func run(s settings) error {
	logger, err := s.Logger()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	registry := service.NewRegistry()
	health := &service.Health{}
	hooks := newWebhooks(s, registry, logger)
	mux := http.NewServeMux()
	health.Mount(mux, registry)
	hooks.mount(mux)

	servers, ctx := errgroup.WithContext(ctx)
	servers.Go(func() error { return service.Serve(ctx, s.Listen, mux, logger) })
	if s.Codec.Listen != "" {
		codec, err := s.Temporal.Codec()
		if err != nil {
			return err
		}
		servers.Go(func() error {
			return service.Serve(ctx, s.Codec.Listen, newCodecEndpoint(s.Codec, codec, logger), logger)
		})
	}

	// Until Temporal is there, a webhook is answered with 503 and Retry-After.
	temporal, err := s.Temporal.DialPatiently(ctx, logger, registry)
	if err != nil {
		return errors.Join(servers.Wait(), err)
	}
	defer temporal.Close()
	if err := setUp(ctx, temporal, s); err != nil {
		return err
	}
	hooks.open(workflows.Launcher{Client: temporal})
	health.Ready(func(ctx context.Context) error {
		_, err := temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
		return err
	})
	logger.Info("taking webhooks", "store", s.Store)
	return servers.Wait()
}

func runCheck(s settings) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	s.Logging.Level = "error"
	logger, err := s.Logger()
	if err != nil {
		return err
	}
	report := service.NewReport(os.Stdout)
	c, err := s.Temporal.Dial(ctx, logger, nil)
	report.Add("Temporal", err, func() string { return s.Temporal.Address + ", namespace " + s.Temporal.Namespace })
	if err != nil {
		return report.Err()
	}
	defer c.Close()
	missing, err := missingAttributes(ctx, c, s.Temporal.Namespace)
	report.Add("search attributes", err, func() string {
		if len(missing) == 0 {
			return "all there"
		}
		return "the starter will add " + strings.Join(missing, ", ")
	})
	report.Add("webhook secret", nil, func() string { return fmt.Sprintf("%d set", len(s.secrets())) })
	return report.Err()
}

// Command starter takes webhooks in and starts the processes; it sets up the
// search attributes and the schedules when it starts. It holds no credentials
// of either system.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/cart21/cart21/service"
	"github.com/cart21/cart21/workflows"
)

type settings struct {
	service.Temporal
	service.Logging
	Store           string        `envconfig:"STORE" default:"main" desc:"short code of the store: letters and digits"`
	WebhookSecret   string        `envconfig:"WEBHOOK_SECRET" desc:"shared secret of the webhooks; several, separated by commas, while one is being replaced (secret)"`
	Listen          string        `envconfig:"LISTEN" default:":8080" desc:"address of the webhooks, /healthz, /readyz and /metrics"`
	OrderEvery      time.Duration `envconfig:"ORDER_POLL_EVERY" default:"60s" desc:"how often the shop is asked for changed orders"`
	FulfilmentEvery time.Duration `envconfig:"FULFILMENT_POLL_EVERY" default:"60s" desc:"how often Prophet 21 is asked for progress and shipments"`
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
	if s.OrderEvery < time.Second || s.FulfilmentEvery < time.Second {
		mistakes = append(mistakes, errors.New("ORDER_POLL_EVERY and FULFILMENT_POLL_EVERY must be at least 1s"))
	}
	return errors.Join(mistakes...)
}

func (s settings) secrets() []string {
	return strings.FieldsFunc(s.WebhookSecret, func(r rune) bool { return r == ',' })
}

func main() {
	var s settings
	var check, health bool
	flag.BoolVar(&check, "check", false, "try the connection to Temporal, say what works and what is missing, and end")
	flag.BoolVar(&health, "healthcheck", false, "ask the running starter of this machine for its health, and end")
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "starter takes webhooks in and starts cart21's processes.\n\nFlags:\n")
		flag.PrintDefaults()
		fmt.Fprintf(flag.CommandLine.Output(), "\nEnvironment:\n")
		service.Usage(flag.CommandLine.Output(), &s)
	}
	flag.Parse()

	err := service.Load(&s)
	switch {
	case health:
		err = service.HealthCheck(s.Listen)
	case err != nil:
		err = fmt.Errorf("the settings are not complete (see -help):\n%w", err)
	case check:
		err = runCheck(s)
	default:
		err = run(s)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "starter:", err)
		os.Exit(1)
	}
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
	mux.HandleFunc("POST /webhooks/xcart", hooks.xcart)
	mux.HandleFunc("POST /webhooks/prophet21", hooks.prophet21)

	serving := make(chan error, 1)
	go func() { serving <- service.Serve(ctx, s.Listen, mux, logger) }()

	// Until Temporal is there, a webhook is answered with 503 and Retry-After.
	temporal, err := s.Temporal.DialPatiently(ctx, logger, registry)
	if err != nil {
		return err
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
	return <-serving
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

// Command workers hosts the processes and the activities: all task queues, or
// a chosen few. Start as many as you like; they share the work.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/cart21/cart21/connectors/prophet21"
	"github.com/cart21/cart21/connectors/xcart"
	"github.com/cart21/cart21/mapping"
	"github.com/cart21/cart21/records"
	"github.com/cart21/cart21/service"
	"github.com/cart21/cart21/workflows"
)

type settings struct {
	service.Temporal
	service.XCart
	service.P21
	service.Logging
	Store       string        `envconfig:"STORE" default:"main" desc:"short code of the store: letters and digits"`
	MappingFile string        `envconfig:"MAPPING_FILE" desc:"the mapping profile; the embedded default when empty"`
	RecordsDSN  string        `envconfig:"RECORDS_DSN" default:"file:cart21.db" desc:"file:... (SQLite) or postgres://... (secret)"`
	Listen      string        `envconfig:"LISTEN" default:":9090" desc:"address of /healthz, /readyz and /metrics"`
	Overlap     time.Duration `envconfig:"POLL_OVERLAP" default:"5m" desc:"how far before its cursor a poll looks again"`
	Lookback    time.Duration `envconfig:"POLL_LOOKBACK" default:"24h" desc:"where the very first poll begins"`
}

// Validate finds every mistake.
func (s settings) Validate() error {
	var store error
	if s.Store == "" || strings.ContainsFunc(s.Store, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9')
	}) {
		store = fmt.Errorf("STORE is %q: use letters and digits only", s.Store)
	}
	return errors.Join(store, s.XCart.Validate(), s.P21.Validate())
}

func main() {
	var s settings
	var queues string
	var check, health bool
	flag.StringVar(&queues, "queues", "processes,xcart,prophet21", "task queues to serve, separated by commas")
	flag.BoolVar(&check, "check", false, "try every connection, say what works and what is missing, and end")
	flag.BoolVar(&health, "healthcheck", false, "ask the running workers of this machine for their health, and end")
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "workers hosts cart21's processes and activities.\n\nFlags:\n")
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
		err = run(s, strings.Split(queues, ","))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "workers:", err)
		os.Exit(1)
	}
}

// systems are the two connected systems with the profile and the records.
type systems struct {
	profile *mapping.Profile
	records *records.Store
	xcart   xcart.Shop
	p21     prophet21.ERP
}

func open(ctx context.Context, s settings, logger *slog.Logger) (*systems, error) {
	profile, err := mapping.Load(s.MappingFile)
	if err != nil {
		return nil, fmt.Errorf("loading the mapping profile: %w", err)
	}
	if s.P21.Company == "" {
		s.P21.Company = profile.CompanyID()
	}
	shop, err := xcart.Open(s.XCart.Config(s.Store), logger)
	if err != nil {
		return nil, err
	}
	erp, err := prophet21.Open(s.P21.Config(profile.Currency(), profile.FieldNames()), logger)
	if err != nil {
		return nil, err
	}
	store, err := records.Open(ctx, s.RecordsDSN)
	if err != nil {
		return nil, fmt.Errorf("opening the records: %w", err)
	}
	return &systems{profile: profile, records: store, xcart: shop, p21: erp}, nil
}

func run(s settings, queues []string) error {
	logger, err := s.Logger()
	if err != nil {
		return err
	}
	for _, q := range queues {
		if !slices.Contains([]string{workflows.QueueProcesses, workflows.QueueXCart, workflows.QueueP21}, q) {
			return fmt.Errorf("task queue %q is not known: use processes, xcart, prophet21", q)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	sys, err := open(ctx, s, logger)
	if err != nil {
		return err
	}
	defer sys.records.Close()

	registry := service.NewRegistry()
	health := &service.Health{}
	mux := http.NewServeMux()
	health.Mount(mux, registry)
	serving := make(chan error, 1)
	go func() { serving <- service.Serve(ctx, s.Listen, mux, logger) }()

	temporal, err := s.Temporal.DialPatiently(ctx, logger, registry)
	if err != nil {
		return err
	}
	defer temporal.Close()

	go probe(ctx, sys, logger)
	stopWorkers, err := host(temporal, s, sys, queues)
	if err != nil {
		return err
	}
	health.Ready(func(ctx context.Context) error {
		_, err := temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
		return err
	})
	logger.Info("working", "queues", queues, "store", s.Store, "profile", sys.profile.Version())
	select {
	case <-ctx.Done():
		logger.Info("stopping: what runs is finished or handed on")
	case err = <-serving:
	}
	stopWorkers()
	return err
}

// probe tells in the log what either system cannot do. A step that needs it says
// so again where it matters, so nothing depends on the answers.
func probe(ctx context.Context, sys *systems, logger *slog.Logger) {
	shop, err := sys.xcart.Probe(ctx)
	if err != nil {
		logger.Warn("the shop could not be probed", "error", err)
	}
	erp, err := sys.p21.Probe(ctx)
	if err != nil {
		logger.Warn("Prophet 21 could not be probed", "error", err)
	}
	for _, remark := range append(shop.Remarks, erp.Remarks...) {
		logger.Warn("of the connected systems", "remark", remark)
	}
}

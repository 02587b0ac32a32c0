// Command workers hosts the processes and the activities: all task queues, or
// a chosen few. Start as many as you like; they share the work. With the argument
// parked it is the command line for parked work instead, with chargebacks it takes
// in a file of charge-backs.
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
	"sync"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/cart21/cart21/activities"
	"github.com/cart21/cart21/connectors"
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
	service.Outages
	service.Alerts
	service.Console
	service.Fraud
	service.Logging
	Store       string        `envconfig:"STORE" default:"main" desc:"short code of the store: letters and digits"`
	MappingFile string        `envconfig:"MAPPING_FILE" desc:"the mapping profile; the embedded default when empty"`
	RecordsDSN  string        `envconfig:"RECORDS_DSN" default:"file:cart21.db" desc:"file:... (SQLite) or postgres://... (secret)"`
	Listen      string        `envconfig:"LISTEN" default:":9090" desc:"address of /healthz, /readyz and /metrics"`
	Overlap     time.Duration `envconfig:"POLL_OVERLAP" default:"5m" desc:"how far before its cursor a poll looks again"`
	Lookback    time.Duration `envconfig:"POLL_LOOKBACK" default:"24h" desc:"where the very first poll begins"`
	CheckEvery  time.Duration `envconfig:"ORDER_CHECK_EVERY" default:"1h" desc:"how often unfinished orders are checked: that their process runs, that Prophet 21 still has them"`

	queues string // of -queues
}

// watchOnly reports whether these workers serve the alert watch and nothing else:
// they need neither system, and live when what the others need is broken.
func (s settings) watchOnly() bool { return s.queues == workflows.QueueAlerts }

// Validate finds every mistake.
func (s settings) Validate() error {
	var systems error
	if !s.watchOnly() {
		systems = errors.Join(s.XCart.Validate(), s.P21.Validate(), s.Outages.Validate())
	}
	return errors.Join(validStore(s.Store), s.Temporal.Validate(), systems, s.Alerts.Validate(), s.Console.Validate(), s.Fraud.Validate())
}

func validStore(store string) error {
	if store == "" || strings.ContainsFunc(store, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9')
	}) {
		return fmt.Errorf("STORE is %q: use letters and digits only", store)
	}
	return nil
}

func main() {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "parked":
			os.Exit(runParked(os.Args[2:], os.Stdin, os.Stdout, os.Stderr))
		case "chargebacks":
			os.Exit(runChargeBacks(os.Args[2:], os.Stdin, os.Stdout, os.Stderr))
		}
	}
	var s settings
	flag.StringVar(&s.queues, "queues", "processes,xcart,prophet21,alerts", "task queues to serve, separated by commas")
	testAlerts := flag.Bool("check-alerts", false, "send a test alert on every channel, say how it went, and end")
	service.Program{
		Name: "workers", Purpose: "hosts cart21's processes and activities; workers parked looks after parked work (see workers parked -help), workers chargebacks takes in charge-backs (see workers chargebacks -help)", Settings: &s, Listen: &s.Listen,
		Run: func() error {
			if *testAlerts {
				return runCheckAlerts(s)
			}
			return run(s, strings.Split(s.queues, ","))
		},
		Check: func() error { return runCheck(s) },
	}.Main()
}

// systems are the two connected systems with the profile and the records.
type systems struct {
	profile   *mapping.Profile
	records   *records.Store
	xcart     xcart.Shop
	p21       prophet21.ERP
	screening *activities.Screening
}

func open(ctx context.Context, s settings, observer connectors.Observer, logger *slog.Logger) (*systems, error) {
	if s.watchOnly() {
		store, err := records.Open(ctx, s.RecordsDSN)
		if err != nil {
			return nil, fmt.Errorf("opening the records: %w", err)
		}
		return &systems{records: store}, nil
	}
	profile, err := mapping.Load(s.MappingFile)
	if err != nil {
		return nil, fmt.Errorf("loading the mapping profile: %w", err)
	}
	shop, err := openShop(s, observer, logger)
	if err != nil {
		return nil, err
	}
	erp, err := openERP(s, profile, observer, logger)
	if err != nil {
		return nil, err
	}
	screening, err := openScreening(s, observer, logger)
	if err != nil {
		return nil, err
	}
	store, err := records.Open(ctx, s.RecordsDSN)
	if err != nil {
		return nil, fmt.Errorf("opening the records: %w", err)
	}
	screening.Records = store
	return &systems{profile: profile, records: store, xcart: shop, p21: erp, screening: screening}, nil
}

func openShop(s settings, observer connectors.Observer, logger *slog.Logger) (xcart.Shop, error) {
	config := s.XCart.Config(s.Store)
	config.Limits = s.Outages.Bound(config.Limits, observer)
	return xcart.Open(config, logger)
}

func openERP(s settings, profile *mapping.Profile, observer connectors.Observer, logger *slog.Logger) (prophet21.ERP, error) {
	config := s.P21.Config(profile.Currency(), profile.FieldNames())
	config.Limits = s.Outages.Bound(config.Limits, observer)
	if config.Company == "" {
		config.Company = profile.CompanyID()
	}
	return prophet21.Open(config, logger)
}

func run(s settings, queues []string) error {
	logger, err := s.Logger()
	if err != nil {
		return err
	}
	for _, q := range queues {
		if !slices.Contains([]string{workflows.QueueProcesses, workflows.QueueXCart, workflows.QueueP21, workflows.QueueAlerts}, q) {
			return fmt.Errorf("task queue %q is not known: use processes, xcart, prophet21, alerts", q)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	registry := service.NewRegistry()
	breakers := newBreakerBook(s.Store, service.NewCallMetrics(registry))
	sys, err := open(ctx, s, breakers, logger)
	if err != nil {
		return err
	}
	defer sys.records.Close()

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

	var noting sync.WaitGroup
	if !s.watchOnly() {
		go probe(ctx, sys, logger)
		noting.Go(func() { noteProfile(ctx, sys.records, s.Store, sys.profile.Version(), logger) })
		noting.Go(func() { breakers.keep(ctx, sys.records, logger) })
		noting.Go(func() { prune(ctx, sys.records, logger) })
		logger = logger.With("profile", sys.profile.Version())
	}
	defer func() { stop(); noting.Wait() }() // before the records are closed
	stopWorkers, err := host(temporal, s, sys, queues, logger)
	if err != nil {
		return err
	}
	health.Ready(func(ctx context.Context) error {
		_, err := temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
		return err
	})
	logger.Info("working", "queues", queues, "store", s.Store)
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

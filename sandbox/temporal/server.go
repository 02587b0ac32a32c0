package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"time"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/metrics"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/common/testing/freeport"
	"go.temporal.io/server/schema/sqlite"
	"go.temporal.io/server/temporal"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"google.golang.org/protobuf/types/known/durationpb"
)

// unlimited is more requests a second than one machine can ask for.
const unlimited = 100_000

// settings of the server, in memory. With one history shard the default of 20
// polls a second makes every hop of a workflow wait for a token of 50 ms; a
// production cluster has hundreds of shards and needs none of this.
var settings = dynamicconfig.StaticClient{
	dynamicconfig.TransferProcessorMaxPollRPS.Key():   2000,
	dynamicconfig.TimerProcessorMaxPollRPS.Key():      2000,
	dynamicconfig.VisibilityProcessorMaxPollRPS.Key(): 2000,
	dynamicconfig.OutboundProcessorMaxPollRPS.Key():   2000,

	// One partition: a task never waits for its poller in another one. Live
	// orders go before bulk work by priority, stores share by fairness key.
	dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
	dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,
	dynamicconfig.MatchingUseNewMatcher.Key():               true,
	dynamicconfig.MatchingEnableFairness.Key():              true,

	// The rates that protect a shared cluster only get in the way of a benchmark.
	dynamicconfig.FrontendRPS.Key():                                                        unlimited,
	dynamicconfig.FrontendMaxNamespaceRPSPerInstance.Key():                                 unlimited,
	dynamicconfig.FrontendMaxNamespaceVisibilityRPSPerInstance.Key():                       1000,
	dynamicconfig.FrontendMaxNamespaceNamespaceReplicationInducingAPIsRPSPerInstance.Key(): 100,
	dynamicconfig.HistoryRPS.Key():                                                         unlimited,
	dynamicconfig.MatchingRPS.Key():                                                        unlimited,
	dynamicconfig.FrontendPersistenceMaxQPS.Key():                                          unlimited,
	dynamicconfig.HistoryPersistenceMaxQPS.Key():                                           unlimited,
	dynamicconfig.MatchingPersistenceMaxQPS.Key():                                          unlimited,
	dynamicconfig.WorkerPersistenceMaxQPS.Key():                                            unlimited,

	dynamicconfig.FrontendEnableUpdateWorkflowExecution.Key():              true,
	dynamicconfig.FrontendEnableUpdateWorkflowExecutionAsyncAccepted.Key(): true,
	dynamicconfig.ForceSearchAttributesCacheRefreshOnRead.Key():            true,
}

const (
	clusterName = "active"
	storeName   = "sqlite"
	loopback    = "127.0.0.1"
)

// server is Temporal's four roles in this process.
type server struct {
	temporal temporal.Server
	level    zap.AtomicLevel // of the log
	asked    zapcore.Level   // by -log-level
}

func newServer(o options, frontend string) (*server, error) {
	store, err := database(o)
	if err != nil {
		return nil, err
	}
	cfg := &config.Config{
		Persistence: config.Persistence{
			DefaultStore: storeName, VisibilityStore: storeName, NumHistoryShards: 1,
			DataStores: map[string]config.DataStore{storeName: {SQL: store}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10, MasterClusterName: clusterName, CurrentClusterName: clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{clusterName: {
				Enabled: true, InitialFailoverVersion: 1, RPCAddress: frontend,
			}},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		PublicClient:        config.PublicClient{HostPort: frontend},
		Archival: config.Archival{
			History:    config.HistoryArchival{State: "disabled"},
			Visibility: config.VisibilityArchival{State: "disabled"},
		},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: "disabled"},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: "disabled"},
		}},
	}
	if o.metrics != "" {
		cfg.Global.Metrics = &metrics.Config{Prometheus: &metrics.PrometheusConfig{ListenAddress: o.metrics, HandlerPath: "/metrics"}}
	}
	var hosts map[primitives.ServiceName]static.Hosts
	if cfg.Services, hosts, err = services(frontend); err != nil {
		return nil, err
	}
	s := &server{level: zap.NewAtomicLevelAt(o.logLevel), asked: o.logLevel}
	logger := log.BuildZapLogger(log.Config{Level: "debug", Format: "console"}).
		WithOptions(zap.IncreaseLevel(s.level), zap.AddStacktrace(zapcore.FatalLevel))
	s.temporal, err = temporal.NewServer(
		temporal.WithConfig(cfg),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(hosts),
		temporal.WithLogger(log.NewZapLogger(logger)),
		temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return authorization.NewNoopClaimMapper() }),
		temporal.WithDynamicConfigClient(settings),
	)
	if err != nil {
		return nil, fmt.Errorf("setting up the server: %w", err)
	}
	return s, nil
}

// start returns when all roles run. Its one standing warning, that there is no
// HTTP API, is not worth a line at every start.
func (s *server) start() error {
	if s.asked == zapcore.WarnLevel {
		s.level.SetLevel(zapcore.ErrorLevel)
		defer s.level.SetLevel(s.asked)
	}
	return s.temporal.Start()
}

// stop ends all roles, and the process when they don't within some seconds. They
// end one after the other and complain of each other's absence, which is no news.
func (s *server) stop() {
	if s.asked > zapcore.DebugLevel {
		s.level.SetLevel(zapcore.FatalLevel)
	}
	late := time.AfterFunc(stopTimeout, func() {
		fmt.Fprintln(os.Stderr, "temporal: the server did not stop in time")
		os.Exit(1)
	})
	defer late.Stop()
	if err := s.temporal.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "temporal: stopping the server:", err)
	}
}

// database prepares the store: the schema in a new file, and the namespace with
// its search attributes when it is not there.
func database(o options) (*config.SQL, error) {
	store := sqliteStore("cart21", "memory")
	if o.db == "" {
		store.ConnectAttributes["cache"] = "shared"
	} else {
		if err := newFile(o.db); err != nil {
			return nil, fmt.Errorf("setting up %s: %w", o.db, err)
		}
		store = sqliteStore(o.db, "rw")
		// A killed process loses nothing in WAL mode. The lock keeps a second
		// server from the same file.
		store.ConnectAttributes["journal_mode"] = "wal"
		store.ConnectAttributes["synchronous"] = "normal"
		store.ConnectAttributes["locking_mode"] = "exclusive"
	}
	namespace, err := sqlite.NewNamespaceConfig(clusterName, o.namespace, false, searchAttributes)
	if err != nil {
		return nil, fmt.Errorf("describing the namespace %s: %w", o.namespace, err)
	}
	namespace.Detail.Config.Retention = durationpb.New(o.retention)
	if err := sqlite.CreateNamespaces(store, namespace); err != nil {
		return nil, fmt.Errorf("creating the namespace %s: %w", o.namespace, err)
	}
	return store, nil
}

// newFile makes a database with the schema at path, unless there is one. It is
// made beside and then moved, so that there is never one with half a schema, and
// no log left of a deleted one is taken for its own.
func newFile(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	beside := path + ".new"
	for _, left := range []string{beside, beside + "-journal", path + "-wal", path + "-shm"} {
		if err := os.Remove(left); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := sqlite.SetupSchema(sqliteStore(beside, "rwc")); err != nil {
		return err
	}
	return os.Rename(beside, path)
}

// sqliteStore describes a database; its name becomes part of a URI.
func sqliteStore(name, mode string) *config.SQL {
	return &config.SQL{
		PluginName:        sqliteplugin.PluginName,
		DatabaseName:      (&url.URL{Path: name}).EscapedPath(),
		ConnectAttributes: map[string]string{"mode": mode},
	}
}

// services gives each role a port; all but the frontend's are found freely. The
// roles are told of each other: found through the database, the dead ones of a
// killed server would keep a new one waiting for half a minute.
func services(frontend string) (map[string]config.Service, map[primitives.ServiceName]static.Hosts, error) {
	all, hosts := map[string]config.Service{}, map[primitives.ServiceName]static.Hosts{}
	for _, name := range temporal.DefaultServices {
		at := frontend
		if name != string(primitives.FrontendService) {
			at = net.JoinHostPort(loopback, strconv.Itoa(freeport.MustGetFreePort()))
		}
		host, port, err := splitAddress(at)
		if err != nil {
			return nil, nil, err
		}
		all[name] = config.Service{RPC: config.RPC{BindOnIP: host, GRPCPort: port}}
		hosts[primitives.ServiceName(name)] = static.SingleLocalHost(at)
	}
	return all, hosts, nil
}

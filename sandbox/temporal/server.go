package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/log"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/schema/sqlite"
	"go.temporal.io/server/temporal"
	"google.golang.org/protobuf/types/known/durationpb"
)

// searchAttributes are those that the processes use.
var searchAttributes = map[string]enumspb.IndexedValueType{
	"Store":        enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	"WebOrder":     enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	"ErpOrder":     enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	"Stage":        enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	"BlockedOn":    enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	"FraudOutcome": enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	"OrderTotal":   enumspb.INDEXED_VALUE_TYPE_DOUBLE,
	"RiskScore":    enumspb.INDEXED_VALUE_TYPE_DOUBLE,
	"BlockedSince": enumspb.INDEXED_VALUE_TYPE_DATETIME,
}

// settings of the server. With one history shard the default of 20 polls a
// second makes every hop of a workflow wait for a token of 50 ms; a production
// cluster has hundreds of shards and needs none of this.
var settings = dynamicconfig.StaticClient{
	dynamicconfig.TransferProcessorMaxPollRPS.Key():                  2000,
	dynamicconfig.TimerProcessorMaxPollRPS.Key():                     2000,
	dynamicconfig.VisibilityProcessorMaxPollRPS.Key():                2000,
	dynamicconfig.OutboundProcessorMaxPollRPS.Key():                  2000,
	dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():           1,
	dynamicconfig.MatchingNumTaskqueueWritePartitions.Key():          1,
	dynamicconfig.FrontendMaxNamespaceRPSPerInstance.Key():           20000,
	dynamicconfig.FrontendMaxNamespaceVisibilityRPSPerInstance.Key(): 1000,
	dynamicconfig.ForceSearchAttributesCacheRefreshOnRead.Key():      true,
}

const (
	loopback = "127.0.0.1"
	theStore = "sqlite"
)

func newServer(o options, host string, port int) (temporal.Server, error) {
	store, err := database(o)
	if err != nil {
		return nil, err
	}
	cfg := &config.Config{
		Persistence: config.Persistence{
			DefaultStore: theStore, VisibilityStore: theStore, NumHistoryShards: 1,
			DataStores: map[string]config.DataStore{theStore: {SQL: store}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10, MasterClusterName: "active", CurrentClusterName: "active",
			ClusterInformation: map[string]cluster.ClusterInformation{"active": {
				Enabled: true, InitialFailoverVersion: 1, RPCAddress: fmt.Sprintf("%s:%d", host, port),
			}},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		PublicClient:        config.PublicClient{HostPort: fmt.Sprintf("%s:%d", host, port)},
		Archival: config.Archival{
			History:    config.HistoryArchival{State: "disabled"},
			Visibility: config.VisibilityArchival{State: "disabled"},
		},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: "disabled"},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: "disabled"},
		}},
	}
	cfg.Global.Membership = config.Membership{MaxJoinDuration: 30 * time.Second, BroadcastAddress: loopback}
	if cfg.Services, err = services(host, port); err != nil {
		return nil, err
	}
	logger := log.NewZapLogger(log.BuildZapLogger(log.Config{Level: o.logLevel, Format: "console"}))
	server, err := temporal.NewServer(
		temporal.WithConfig(cfg),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithLogger(logger),
		temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return authorization.NewNoopClaimMapper() }),
		temporal.WithDynamicConfigClient(settings),
	)
	if err != nil {
		return nil, fmt.Errorf("setting up the server: %w", err)
	}
	return server, nil
}

// database prepares the store: the schema in a new file, the namespace with its
// search attributes when it is not there.
func database(o options) (*config.SQL, error) {
	store := &config.SQL{PluginName: sqliteplugin.PluginName, DatabaseName: o.db, ConnectAttributes: map[string]string{}}
	if o.db == "" {
		store.DatabaseName = "cart21"
		store.ConnectAttributes["mode"] = "memory"
		store.ConnectAttributes["cache"] = "shared"
	} else {
		store.ConnectAttributes["mode"] = "rwc"
		store.ConnectAttributes["_journal_mode"] = "wal"
		store.ConnectAttributes["_synchronous"] = "normal"
		if _, err := os.Stat(o.db); errors.Is(err, os.ErrNotExist) {
			if err := sqlite.SetupSchema(store); err != nil {
				return nil, fmt.Errorf("setting up %s: %w", o.db, err)
			}
		}
	}
	namespace, err := sqlite.NewNamespaceConfig("active", o.namespace, false, searchAttributes)
	if err != nil {
		return nil, fmt.Errorf("describing the namespace %s: %w", o.namespace, err)
	}
	namespace.Detail.Config.Retention = durationpb.New(o.retention)
	if err := sqlite.CreateNamespaces(store, namespace); err != nil {
		return nil, fmt.Errorf("creating the namespace %s: %w", o.namespace, err)
	}
	return store, nil
}

// services gives each role a port; all but the frontend's are found freely.
func services(host string, port int) (map[string]config.Service, error) {
	all := map[string]config.Service{}
	for _, name := range []string{"frontend", "history", "matching", "worker"} {
		at := port
		if name != "frontend" {
			var err error
			if _, at, err = address(loopback + ":0"); err != nil {
				return nil, err
			}
		}
		_, membership, err := address(loopback + ":0")
		if err != nil {
			return nil, err
		}
		rpc := config.RPC{GRPCPort: at, MembershipPort: membership, BindOnIP: loopback}
		if name == "frontend" {
			rpc.BindOnIP = host
		}
		all[name] = config.Service{RPC: rpc}
	}
	return all, nil
}

package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"
	"go.uber.org/zap/exp/zapslog"
	"go.uber.org/zap/zapcore"
	"golang.org/x/net/netutil"
)

// Logging says how to log.
type Logging struct {
	Format string `envconfig:"LOG_FORMAT" default:"console" desc:"console or json"`
	Level  string `envconfig:"LOG_LEVEL" default:"info" desc:"debug, info, warn or error"`
}

// Logger writes to stderr through zap.
func (l Logging) Logger() (*slog.Logger, error) {
	level, err := zapcore.ParseLevel(l.Level)
	if err != nil {
		return nil, fmt.Errorf("LOG_LEVEL %q: use debug, info, warn or error", l.Level)
	}
	encoder := zap.NewProductionEncoderConfig()
	encoder.EncodeTime = zapcore.RFC3339TimeEncoder
	encoder.EncodeDuration = zapcore.StringDurationEncoder
	var core zapcore.Core
	switch l.Format {
	case "json":
		core = zapcore.NewCore(zapcore.NewJSONEncoder(encoder), zapcore.Lock(os.Stderr), level)
	case "console":
		core = zapcore.NewCore(zapcore.NewConsoleEncoder(encoder), zapcore.Lock(os.Stderr), level)
	default:
		return nil, fmt.Errorf("LOG_FORMAT %q: use console or json", l.Format)
	}
	return slog.New(zapslog.NewHandler(core)), nil
}

// NewRegistry is a metrics registry with Go's and the process's own metrics.
func NewRegistry() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return registry
}

// Health answers /healthz (alive), /readyz (able to work now) and /metrics.
type Health struct {
	ready atomic.Pointer[func(context.Context) error]
}

// Ready sets what decides whether the service can work now.
func (h *Health) Ready(check func(context.Context) error) { h.ready.Store(&check) }

// Mount adds the pages to a mux.
func (h *Health) Mount(mux *http.ServeMux, registry *prometheus.Registry) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		check := h.ready.Load()
		if check == nil {
			http.Error(w, "starting", http.StatusServiceUnavailable)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
		defer cancel()
		if (*check)(ctx) != nil {
			// Why is for the log and for -check: a stranger may ask here.
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
}

// maxConnections bounds what open connections cost; more wait to be accepted.
const maxConnections = 1024

func newServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
}

// Serve serves HTTP with bounds on everything a stranger can send, until ctx
// ends; then it lets running requests finish for some seconds.
func Serve(ctx context.Context, address string, handler http.Handler, logger *slog.Logger) error {
	server := newServer(handler, logger)
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("listening on %s: %w", address, err)
	}
	logger.Info("listening", "address", listener.Addr().String())
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		stopped <- server.Shutdown(grace)
	}()
	if err := server.Serve(netutil.LimitListener(listener, maxConnections)); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving on %s: %w", address, err)
	}
	return <-stopped
}

// HealthCheck asks a running service of this machine for its health: for
// containers, which have no other program to ask with.
func HealthCheck(address string) error {
	if strings.HasPrefix(address, ":") {
		address = "127.0.0.1" + address
	}
	c := http.Client{Timeout: 3 * time.Second}
	resp, err := c.Get("http://" + address + "/healthz")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s", resp.Status)
	}
	return nil
}

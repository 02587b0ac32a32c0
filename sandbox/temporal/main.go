// Command temporal is a whole Temporal server with its Web UI in one process,
// for the sandbox and the tests: SQLite in memory or in a file, one namespace,
// our search attributes. When everything answers it prints one line of JSON on
// stdout, and logs on stderr only:
//
//	{"address":"127.0.0.1:7233","ui":"http://127.0.0.1:8233","namespace":"default"}
//
// It knows nothing of authentication and therefore listens on loopback alone.
// It is a module of its own: its dependencies are hundreds, and no production
// binary of ours needs them.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	uiserver "github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	uioptions "github.com/temporalio/ui-server/v2/server/server_options"
	"go.temporal.io/server/common/testing/freeport"
	"go.uber.org/zap/zapcore"
)

const (
	startTimeout = 30 * time.Second
	stopTimeout  = 8 * time.Second
)

type options struct {
	listen, ui, metrics, db, namespace, codec string
	logLevel                                  zapcore.Level
	retention                                 time.Duration
	exitWithParent                            bool
}

// ready is what is printed when everything answers.
type ready struct {
	Address   string `json:"address"`
	UI        string `json:"ui,omitempty"`
	Namespace string `json:"namespace"`
	Metrics   string `json:"metrics,omitempty"`
}

func main() {
	o := options{logLevel: zapcore.WarnLevel}
	flag.StringVar(&o.listen, "listen", "127.0.0.1:7233", "address of the frontend; port 0 picks a free one")
	flag.StringVar(&o.ui, "ui", "127.0.0.1:8233", "address of the Web UI; port 0 picks a free one, empty = none")
	flag.StringVar(&o.codec, "codec", "", "URL of a codec endpoint that decrypts payloads for the Web UI")
	flag.StringVar(&o.metrics, "metrics", "", "address of the server's own Prometheus metrics; port 0 picks a free one, empty = none")
	flag.StringVar(&o.db, "db", "", "SQLite file; empty = in memory, gone at the end")
	flag.StringVar(&o.namespace, "namespace", "default", "namespace to create")
	flag.DurationVar(&o.retention, "retention", 7*24*time.Hour, "how long ended workflows are kept")
	flag.TextVar(&o.logLevel, "log-level", zapcore.WarnLevel, "debug, info, warn or error")
	flag.BoolVar(&o.exitWithParent, "exit-with-parent", false, "end when stdin is closed, so that a child of a killed test does not linger")
	flag.Parse()

	// The line of JSON is for a machine: whatever else in here writes to stdout
	// (the Web UI's router logs there) goes to stderr.
	stdout := os.Stdout
	os.Stdout = os.Stderr
	if err := run(o, stdout); err != nil {
		fmt.Fprintln(os.Stderr, "temporal:", err)
		os.Exit(1)
	}
}

func run(o options, stdout io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if o.exitWithParent {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			stop()
		}()
	}
	is := ready{Namespace: o.namespace}
	var err error
	if is.Address, err = address(o.listen); err != nil {
		return fmt.Errorf("-listen: %w", err)
	}
	if o.metrics != "" {
		if o.metrics, err = address(o.metrics); err != nil {
			return fmt.Errorf("-metrics: %w", err)
		}
		is.Metrics = "http://" + o.metrics + "/metrics"
	}
	server, err := newServer(o, is.Address)
	if err != nil {
		return err
	}
	defer server.stop()
	if err := server.start(); err != nil {
		return fmt.Errorf("starting the server: %w", err)
	}
	starting, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	err = prepareNamespace(starting, is.Address, o.namespace, o.retention)
	if err == nil && o.ui != "" {
		var end func()
		is.UI, end, err = serveUI(starting, o, is.Address)
		defer end()
	}
	switch {
	case ctx.Err() != nil:
		return nil // told to end before it was ready
	case err != nil:
		return err
	}
	if err := json.NewEncoder(stdout).Encode(is); err != nil {
		return fmt.Errorf("saying that all is ready: %w", err)
	}
	<-ctx.Done()
	stop() // a second signal ends it at once
	return nil
}

// serveUI starts the Web UI in front of the frontend and waits until it answers.
// The function that it returns ends it, and is never nil.
func serveUI(ctx context.Context, o options, frontend string) (url string, end func(), err error) {
	at, err := address(o.ui)
	if err != nil {
		return "", func() {}, fmt.Errorf("-ui: %w", err)
	}
	host, port, err := splitAddress(at)
	if err != nil {
		return "", func() {}, err
	}
	ui := uiserver.NewServer(uioptions.WithConfigProvider(&uiconfig.Config{
		Host: host, Port: port,
		TemporalGRPCAddress: frontend,
		DefaultNamespace:    o.namespace,
		EnableUI:            true,
		CORS:                uiconfig.CORS{CookieInsecure: true}, // loopback speaks no TLS
		DisableNewsFetch:    true,
		Codec:               uiconfig.Codec{Endpoint: o.codec, IncludeCredentials: o.codec != ""},
		HideLogs:            true,
	}))
	go func() { _ = ui.Start() }() // ends the process itself when it can't listen
	url = "http://" + at
	err = until(ctx, func() error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/healthz", nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return errors.New(response.Status)
		}
		return nil
	})
	if err != nil {
		err = fmt.Errorf("waiting for the Web UI: %w", err)
	}
	return url, ui.Stop, err
}

// until tries again and again, and returns the last failure when ctx ends first.
func until(ctx context.Context, try func() error) error {
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// address turns a host:port into an IPv4 loopback address that is free to listen
// on; port 0 becomes a free port.
func address(listen string) (string, error) {
	l, err := net.Listen("tcp4", listen)
	if err != nil {
		return "", err
	}
	at := l.Addr().(*net.TCPAddr)
	if err := l.Close(); err != nil {
		return "", err
	}
	if !at.IP.IsLoopback() {
		return "", fmt.Errorf("%s is not loopback, and this server lets everybody in", listen)
	}
	if _, port, _ := net.SplitHostPort(listen); port == "0" {
		at.Port = freeport.MustGetFreePort() // one that the system does not hand out again at once
	}
	return at.String(), nil
}

func splitAddress(at string) (host string, port int, err error) {
	host, digits, err := net.SplitHostPort(at)
	if err != nil {
		return "", 0, err
	}
	port, err = strconv.Atoi(digits)
	return host, port, err
}

// Command temporal is a whole Temporal server with its Web UI in one process,
// for the sandbox and the tests: SQLite in memory or in a file, one namespace,
// our search attributes. When it is ready it prints one line of JSON on stdout.
//
// It is a module of its own: its dependencies are hundreds, and no production
// binary of ours needs them.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	uiserver "github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	uioptions "github.com/temporalio/ui-server/v2/server/server_options"
)

type options struct {
	listen, ui, db, namespace, logLevel string
	retention                           time.Duration
	exitWithParent                      bool
}

func main() {
	var o options
	flag.StringVar(&o.listen, "listen", "127.0.0.1:7233", "address of the frontend; port 0 picks a free one")
	flag.StringVar(&o.ui, "ui", "127.0.0.1:8233", "address of the Web UI; port 0 picks a free one, empty = none")
	flag.StringVar(&o.db, "db", "", "SQLite file; empty = in memory, gone at the end")
	flag.StringVar(&o.namespace, "namespace", "default", "namespace to create")
	flag.DurationVar(&o.retention, "retention", 7*24*time.Hour, "how long ended workflows are kept")
	flag.StringVar(&o.logLevel, "log-level", "error", "debug, info, warn or error")
	flag.BoolVar(&o.exitWithParent, "exit-with-parent", false, "end when stdin is closed, so that a child of a killed test does not linger")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "temporal:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	if o.exitWithParent {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			stop <- syscall.SIGTERM
		}()
	}
	host, port, err := address(o.listen)
	if err != nil {
		return fmt.Errorf("-listen: %w", err)
	}
	server, err := newServer(o, host, port)
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return fmt.Errorf("starting the server: %w", err)
	}
	defer func() { _ = server.Stop() }()

	frontend := net.JoinHostPort(host, strconv.Itoa(port))
	ready := map[string]string{"address": frontend, "namespace": o.namespace}
	if o.ui != "" {
		url, err := serveUI(o.ui, frontend, o.namespace)
		if err != nil {
			return err
		}
		ready["ui"] = url
	}
	if err := json.NewEncoder(os.Stdout).Encode(ready); err != nil {
		return err
	}
	<-stop
	return nil
}

// serveUI starts the Web UI in front of the frontend.
func serveUI(listen, frontend, namespace string) (url string, err error) {
	host, port, err := address(listen)
	if err != nil {
		return "", fmt.Errorf("-ui: %w", err)
	}
	ui := uiserver.NewServer(uioptions.WithConfigProvider(&uiconfig.Config{
		Host: host, Port: port,
		TemporalGRPCAddress: frontend,
		DefaultNamespace:    namespace,
		EnableUI:            true,
		CORS:                uiconfig.CORS{CookieInsecure: true},
		HideLogs:            true,
	}))
	go func() {
		if err := ui.Start(); err != nil {
			fmt.Fprintln(os.Stderr, "temporal: the Web UI ended:", err)
		}
	}()
	return "http://" + net.JoinHostPort(host, strconv.Itoa(port)), nil
}

// address splits a host:port; port 0 becomes a free one.
func address(listen string) (host string, port int, err error) {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return "", 0, err
	}
	defer l.Close()
	at := l.Addr().(*net.TCPAddr)
	return at.IP.String(), at.Port, nil
}

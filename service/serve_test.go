package service

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// bounded is a server as Serve runs it, on a free port.
func bounded(t *testing.T, handler http.Handler) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := newServer(handler, slog.New(slog.DiscardHandler))
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { server.Close() })
	return listener.Addr().String()
}

func dial(t *testing.T, address, first string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, first); err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestHugeHeadersAreRefused(t *testing.T) {
	t.Parallel()
	conn := dial(t, bounded(t, http.NotFoundHandler()), "GET / HTTP/1.1\r\nHost: x\r\nX-Large: "+strings.Repeat("x", 24<<10)+"\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("%v %v", resp, err)
	}
}

// TestHeadersThatNeverEndAreHungUpOn waits for the real time-out, five seconds.
func TestHeadersThatNeverEndAreHungUpOn(t *testing.T) {
	t.Parallel()
	conn := dial(t, bounded(t, http.NotFoundHandler()), "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	var timeout net.Error
	if _, err := io.ReadAll(conn); errors.As(err, &timeout) && timeout.Timeout() {
		t.Error("the server keeps the connection")
	}
}

func TestReadinessTellsAStrangerNothing(t *testing.T) {
	health := &Health{}
	mux := http.NewServeMux()
	health.Mount(mux, prometheus.NewRegistry())
	ask := func() *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		return w
	}
	if w := ask(); w.Code != http.StatusServiceUnavailable {
		t.Errorf("before it began: %d", w.Code)
	}
	health.Ready(func(context.Context) error { return errors.New("dial tcp 10.1.2.3:7233: refused") })
	if w := ask(); w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "10.1.2.3") {
		t.Errorf("without Temporal: %d %s", w.Code, w.Body)
	}
	health.Ready(func(context.Context) error { return nil })
	if w := ask(); w.Code != http.StatusOK {
		t.Errorf("with it: %d %s", w.Code, w.Body)
	}
}

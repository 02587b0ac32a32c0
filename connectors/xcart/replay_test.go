package xcart

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cart21/cart21/connectors"
)

const secret = "k3y-that-nobody-may-see"

// exchange is one request and its answer, as in testdata/*/*.http: the request
// line, headers, a blank line and the body; "---"; the status line, headers, a
// blank line and the body. Exchanges are separated by "###". A body
// "< file.json {...}" is that file with some of its fields replaced.
type exchange struct {
	method, target string
	want           string // request body
	status         int
	header         http.Header
	body           string
}

func exchanges(t *testing.T, file string) []exchange {
	t.Helper()
	var out []exchange
	for _, part := range strings.Split(asset(t, file), "\n###\n") {
		request, answer, ok := strings.Cut(part, "\n---\n")
		if !ok {
			t.Fatalf("%s: an exchange has no ---", file)
		}
		var e exchange
		head, body, _ := strings.Cut(strings.TrimSpace(request)+"\n", "\n\n")
		e.method, e.target, _ = strings.Cut(strings.SplitN(head, "\n", 2)[0], " ")
		e.target, e.want = strings.TrimSpace(e.target), strings.TrimSpace(body)
		head, body, _ = strings.Cut(strings.TrimSpace(answer)+"\n", "\n\n")
		lines := strings.Split(strings.TrimSpace(head), "\n")
		if _, err := fmt.Sscanf(lines[0], "HTTP/1.1 %d", &e.status); err != nil {
			t.Fatalf("%s: %q is no status line", file, lines[0])
		}
		e.header = http.Header{}
		for _, line := range lines[1:] {
			name, value, _ := strings.Cut(line, ": ")
			e.header.Set(name, value)
		}
		e.body = included(t, filepath.Dir(file), strings.TrimSpace(body))
		out = append(out, e)
	}
	return out
}

func included(t *testing.T, dir, body string) string {
	t.Helper()
	reference, list := strings.CutPrefix(body, "[< ")
	if !list {
		var one bool
		if reference, one = strings.CutPrefix(body, "< "); !one {
			return body
		}
	}
	var docs []map[string]any
	for _, line := range strings.Split(strings.TrimSuffix(reference, "]"), "\n< ") {
		name, changes, _ := strings.Cut(strings.TrimSpace(line), " ")
		doc := map[string]any{}
		for _, layer := range []string{asset(t, filepath.Join(dir, name)), changes} {
			if layer == "" {
				continue
			}
			d := json.NewDecoder(strings.NewReader(layer))
			d.UseNumber()
			if err := d.Decode(&doc); err != nil {
				t.Fatalf("%s %s: %v", name, changes, err)
			}
		}
		docs = append(docs, doc)
	}
	var all any = docs
	if !list {
		all = docs[0]
	}
	raw, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// replay is a shop that plays a file's exchanges in their order and knows no
// other: one call too many, too few or another one fails the test.
func replay(t *testing.T, api, file string) Shop {
	t.Helper()
	var mu sync.Mutex
	left := exchanges(t, file)
	shop := serve(t, api, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		target := strings.ReplaceAll(r.URL.RequestURI(), secret, "KEY")
		if len(left) == 0 {
			t.Errorf("%s: a call too many: %s %s", file, r.Method, target)
			w.WriteHeader(http.StatusTeapot)
			return
		}
		e := left[0]
		left = left[1:]
		body, _ := io.ReadAll(r.Body)
		if r.Method != e.method || target != e.target || !sameJSON(string(body), e.want) {
			t.Errorf("%s: the call was\n%s %s\n%s\nand should be\n%s %s\n%s", file, r.Method, target, body, e.method, e.target, e.want)
		}
		if api == "5.5" && r.Header.Get("X-Auth-Token") != secret {
			t.Errorf("%s: %s %s has no key", file, r.Method, target)
		}
		for name, values := range e.header {
			w.Header()[name] = values
		}
		w.WriteHeader(e.status)
		_, _ = io.WriteString(w, e.body)
	})
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		for _, e := range left {
			t.Errorf("%s: not called: %s %s", file, e.method, e.target)
		}
	})
	return shop
}

func sameJSON(a, b string) bool {
	if a == b {
		return true
	}
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && cmp.Equal(x, y)
}

// serve opens a shop on a handler. Whatever it logs must not hold the key.
func serve(t *testing.T, api string, handler http.HandlerFunc) Shop {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	log := new(lockedBuffer)
	t.Cleanup(func() {
		if strings.Contains(log.String(), secret) {
			t.Error("the key is in the log")
		}
	})
	shop, err := Open(Config{URL: server.URL + "/", API: api, Key: secret, Store: "main"},
		slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	return shop
}

// answering is a shop that answers every call alike.
func answering(t *testing.T, api string, status int, header http.Header, body string) Shop {
	t.Helper()
	return serve(t, api, func(w http.ResponseWriter, _ *http.Request) {
		for name, values := range header {
			w.Header()[name] = values
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

var quiet = slog.New(slog.DiscardHandler)

func asset(t testing.TB, file string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// failing checks an error's kind and words, and that the key is in none.
func failing(t *testing.T, err error, kind connectors.Kind, words ...string) {
	t.Helper()
	if !connectors.Is(err, kind) {
		t.Fatalf("the error is %v, and should be %s", err, kind)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the error %q does not say %q", err, w)
		}
	}
	if strings.Contains(err.Error(), secret) {
		t.Errorf("the key is in the error %q", err)
	}
}

package tests

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"go.temporal.io/sdk/client"

	"github.com/cart21/cart21/connectors"
	"github.com/cart21/cart21/sandbox/erp"
	"github.com/cart21/cart21/sandbox/shop"
	"github.com/cart21/cart21/service"
	"github.com/cart21/cart21/workflows"
)

// encrypted lets the sandbox and the worlds of all tests run with payloads
// encrypted: go test ./tests -encrypted
var encrypted = flag.Bool("encrypted", false, "encrypt what Temporal stores, in every end-to-end test")

// programs are the built binaries, made once for all tests.
var programs = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "cart21-programs-")
	if err != nil {
		return "", err
	}
	for _, args := range [][]string{
		{"build", "-C", "..", "-o", dir, "./workers", "./starter", "./console"},
		{"build", "-C", "../sandbox/temporal", "-o", filepath.Join(dir, "temporal"), "."},
	} {
		if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
			return "", &buildError{string(out), err}
		}
	}
	return dir, nil
})

// world is a simulated shop and ERP with a Temporal server and our programs
// between them, as processes of their own: for tests that do to it what the
// sandbox's traffic does not.
type world struct {
	t        *testing.T
	shop     *shop.Shop
	erp      *erp.ERP
	temporal client.Client
	dir      string   // records, logs
	settings []string // of workers and starter
	at       struct{ Address, Namespace string }

	server, workers, starter *program
	workersAt, starterAt     string
}

const (
	worldStore  = "main"
	worldSecret = "a-webhook-secret-of-the-tests"
)

// newWorld brings up everything, with X-Cart 5.4 and the middleware. Extra
// settings, such as MAPPING_FILE=..., go to workers and starter.
func newWorld(t *testing.T, settings ...string) *world {
	t.Helper()
	return newWorldAt(t, time.Now, time.Now, settings...)
}

// newWorldAt gives the shop and the ERP clocks of their own.
func newWorldAt(t *testing.T, shopNow, erpNow func() time.Time, settings ...string) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	w.shop = shop.New(shop.Options{WriteKey: "a-shop-key-of-the-tests", Currency: "USD", Now: shopNow})
	w.erp = erp.New(erp.Options{Username: "api", Password: "a-password-of-the-tests", Company: "01", Currency: "USD", Locations: []int{10, 20}, Takers: []string{"XCART"}, Now: erpNow})
	for _, sku := range []string{"PUMP", "VALVE", "HOSE"} {
		w.erp.AddItem(erp.Item{ID: sku, Desc: sku, Price: dec("19.95"), BaseUnit: "EA", SellingUnit: "EA",
			Stock: map[int]decimal.Decimal{10: dec("100000"), 20: dec("100000")}})
		w.shop.AddProduct(shop.Product{SKU: sku, Name: sku, Price: dec("19.95"), Amount: 1 << 30})
	}
	serve := func(h http.Handler) string {
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		return server.URL
	}
	if *encrypted {
		settings = append([]string{"PAYLOAD_KEYS=tests:" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{21}, 32))}, settings...)
	}
	w.startTemporal(setting(settings, "PAYLOAD_KEYS"))
	w.workersAt, w.starterAt = freeAddress(t), freeAddress(t)
	w.settings = append([]string{
		"TEMPORAL_ADDRESS=" + w.at.Address, "TEMPORAL_NAMESPACE=" + w.at.Namespace, "STORE=" + worldStore,
		"XCART_URL=" + serve(w.shop.Handler54()), "XCART_API=5.4", "XCART_KEY=a-shop-key-of-the-tests", "XCART_CONCURRENCY=8", "XCART_RATE=0",
		"P21_URL=" + serve(w.erp.Handler()), "P21_API=middleware", "P21_USERNAME=api", "P21_PASSWORD=a-password-of-the-tests",
		"P21_CONCURRENCY=8", "P21_RATE=0", "P21_SETTLE=1s", "P21_TIMEOUT=10s", "XCART_TIMEOUT=10s",
		"RECORDS_DSN=file:" + filepath.Join(w.dir, "records.db"), "WEBHOOK_SECRET=" + worldSecret, "LOG_FORMAT=json",
		"ORDER_POLL_EVERY=1s", "FULFILMENT_POLL_EVERY=1s", "POLL_OVERLAP=15s",
	}, settings...)
	w.starter = w.start("starter", append(w.settings, "LISTEN="+w.starterAt))
	w.workers = w.start("workers", append(w.settings, "LISTEN="+w.workersAt))
	t.Cleanup(func() {
		if t.Failed() {
			for _, p := range []*program{w.workers, w.starter} {
				t.Logf("log of %s:\n%s", p.name, p.tail(4000))
			}
		}
	})
	w.eventually("the starter is ready", func() bool { return ready(w.starterAt) })
	w.eventually("the workers are ready", func() bool { return ready(w.workersAt) })
	return w
}

// startTemporal starts a server of the test's own, in memory.
func (w *world) startTemporal(payloadKeys string) {
	w.t.Helper()
	w.server = w.start("temporal", nil, "-listen", "127.0.0.1:0", "-ui", "", "-log-level", "error")
	line, err := bufio.NewReader(w.server.stdout).ReadString('\n')
	if err == nil {
		err = json.Unmarshal([]byte(line), &w.at)
	}
	if err != nil {
		w.t.Fatalf("the Temporal server: %v\n%s", err, w.server.tail(2000))
	}
	at := service.Temporal{Address: w.at.Address, Namespace: w.at.Namespace, PayloadKeys: payloadKeys}
	w.temporal, err = at.Dial(context.Background(), slog.New(slog.DiscardHandler), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(w.temporal.Close)
}

// setting is the last value of a setting; empty when it is not set.
func setting(settings []string, name string) (value string) {
	for _, s := range settings {
		if v, ok := strings.CutPrefix(s, name+"="); ok {
			value = v
		}
	}
	return value
}

// restartWorkers ends the workers and starts them again with more settings.
func (w *world) restartWorkers(settings ...string) {
	w.t.Helper()
	w.workers.stop()
	w.workers = w.start("workers", append(append(w.settings, "LISTEN="+w.workersAt), settings...))
	w.eventually("the workers are ready again", func() bool { return ready(w.workersAt) })
}

// place puts an order of one line into the shop; change may alter it first.
func (w *world) place(change func(*shop.NewOrder)) string {
	w.t.Helper()
	address := &shop.Address{FirstName: "Pat", LastName: "Roe", Line1: "1 Main St", City: "Reno", State: "NV", Country: "US", Zip: "89501", Phone: "775 555 0100"}
	n := shop.NewOrder{Email: "pat.roe@example.test", Lines: []shop.NewLine{{SKU: "PUMP", Quantity: 2, Price: dec("19.95")}},
		PaymentMethod: "Credit Card", PaymentStatus: "P", ShippingMethod: "UPS Ground", Billing: address, Shipping: address}
	if change != nil {
		change(&n)
	}
	o, err := w.shop.Place(n)
	if err != nil {
		w.t.Fatal(err)
	}
	return strconv.Itoa(o.ID)
}

// poke sends a signed webhook of the shop.
func (w *world) poke(event, id string) {
	w.t.Helper()
	body, _ := json.Marshal(map[string]string{"event": event, "id": id, "time": time.Now().UTC().Format(time.RFC3339)})
	req, _ := http.NewRequest(http.MethodPost, "http://"+w.starterAt+"/webhooks/xcart", bytes.NewReader(body))
	connectors.Sign(req.Header, worldSecret, body, time.Now())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		w.t.Fatalf("the webhook was answered %s", resp.Status)
	}
}

// status asks the process of an order where it stands; zero when none runs.
func (w *world) status(id string) (s workflows.OrderStatus) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if answer, err := w.temporal.QueryWorkflow(ctx, workflows.OrderID(worldStore, id), "", workflows.QueryStatus); err == nil {
		_ = answer.Get(&s)
	}
	return s
}

// parkedFor is the reason that the process of an order is parked for, if it is.
func (w *world) parkedFor(id string) string {
	if b := w.status(id).Blocked; b != nil {
		return b.Reason
	}
	return ""
}

// inERP lists the ERP's orders that were made from a web order.
func (w *world) inERP(id string) (found []erp.Order) {
	for _, o := range w.erp.Orders() {
		if o.WebReference == "xc-"+worldStore+"-"+id {
			found = append(found, o)
		}
	}
	return found
}

// eventually waits for a condition, within a minute.
func (w *world) eventually(what string, holds func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("in vain: %s", what)
		}
	}
}

// program is a running binary.
type program struct {
	name   string
	cmd    *exec.Cmd
	stdout io.Reader
	log    string // file of what it writes to stderr
	exited chan struct{}
}

// start starts a program, which ends with the test at the latest.
func (w *world) start(name string, env []string, args ...string) *program {
	w.t.Helper()
	dir, err := programs()
	if err != nil {
		w.t.Fatal(err)
	}
	p := &program{name: name, cmd: exec.Command(filepath.Join(dir, name), args...), log: filepath.Join(w.dir, name+".log"), exited: make(chan struct{})}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		w.t.Fatal(err)
	}
	defer log.Close()
	p.cmd.Env, p.cmd.Stderr = append(os.Environ(), env...), log
	if p.stdout, err = p.cmd.StdoutPipe(); err != nil {
		w.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() { _, _ = p.cmd.Process.Wait(); close(p.exited) }()
	w.t.Cleanup(p.stop)
	return p
}

// stop asks the program to end, and kills it after a while.
func (p *program) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(30 * time.Second):
		p.kill()
	}
}

// kill ends the program as a power cut would.
func (p *program) kill() {
	_ = p.cmd.Process.Kill()
	<-p.exited
}

func (p *program) tail(n int) string {
	all, _ := os.ReadFile(p.log)
	return string(all[max(0, len(all)-n):])
}

func ready(address string) bool {
	resp, err := http.Get("http://" + address + "/readyz")
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// freeAddress is one that nobody listens on. It lies below the ports that the
// system hands out by itself, so that no other test's server gets it meanwhile.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(20000+rand.IntN(10000)))
		if err == nil {
			defer l.Close()
			return l.Addr().String()
		}
	}
	t.Fatal("no free port")
	return ""
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/shopspring/decimal"
	"go.temporal.io/sdk/client"

	"github.com/cart21/cart21/sandbox/erp"
	"github.com/cart21/cart21/sandbox/shop"
	"github.com/cart21/cart21/service"
)

const (
	store         = "sandbox"
	shopKey       = "sandbox-all-access-key"
	webhookSecret = "sandbox-webhook-secret-0123456789"
	p21Password   = "sandbox-password"
)

// taxRates are what both the shop and the ERP charge; other states are free.
var taxRates = map[string]decimal.Decimal{
	"OK": decimal.RequireFromString("0.045"), "TX": decimal.RequireFromString("0.0625"), "CA": decimal.RequireFromString("0.0725"),
}

// world is everything that runs.
type world struct {
	o        options
	shop     *shop.Shop
	erp      *erp.ERP
	pokes    *pokes
	temporal client.Client
	at       temporalAt
	codec    codec
	console  console
	say      func(string)
	bin      string
	dir      string // state and logs
	goods    []good

	workers, starter, server *child
	shopURL, erpURL          string
	starterAddress           string
	stopServing              context.CancelFunc
	serving                  sync.WaitGroup

	kills atomic.Int32

	mu     sync.Mutex
	placed map[string]placement // by shop order id
	lost   *lostAnswers
}

// placement is an order that was put into the shop.
type placement struct {
	number       string
	at           time.Time
	cancellation bool // a C-invoice of a replayed export
}

func newWorld(ctx context.Context, o options, say func(string)) (_ *world, err error) {
	w := &world{o: o, say: say, placed: map[string]placement{}, lost: newLostAnswers()}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	root, err := moduleRoot()
	if err != nil {
		return nil, err
	}
	w.bin = filepath.Join(root, ".sandbox", "bin")
	if w.dir = o.data; w.dir == "" {
		if w.dir, err = os.MkdirTemp("", "cart21-sandbox-"); err != nil {
			return nil, err
		}
	} else if err = os.MkdirAll(w.dir, 0o755); err != nil {
		return nil, err
	}
	embedded := os.Getenv("TEMPORAL_ADDRESS") == ""
	if err = build(ctx, root, w.bin, embedded, say); err != nil {
		return nil, err
	}
	if w.codec, err = newCodec(o.codec, w.dir, o.port("8081")); err != nil {
		return nil, err
	}
	if err = w.startSystems(); err != nil {
		return nil, err
	}
	if err = w.startTemporal(ctx, embedded); err != nil {
		return nil, err
	}
	if err = w.startOurs(ctx, root); err != nil {
		return nil, err
	}
	say(fmt.Sprintf("Temporal Web UI %s   X-Cart %s (%s)   Prophet 21 %s (%s)   logs and state in %s",
		w.at.UI, w.shopURL, o.xcart, w.erpURL, o.p21, w.dir))
	if w.codec.on() {
		say(fmt.Sprintf("payloads are encrypted: log in at %s once (any name, password %s), and the Web UI shows them", w.codec.url(), codecToken))
	}
	return w, nil
}

// startSystems opens the simulated shop and ERP.
func (w *world) startSystems() error {
	w.shop, w.erp = newShop(w.o), newERP(w.o)
	if err := w.restore(); err != nil {
		return err
	}
	w.goods = catalogue()
	stock(w.shop, w.erp, w.goods)

	ctx, cancel := context.WithCancel(context.Background())
	w.stopServing = cancel
	var err error
	if w.shopURL, err = w.serve(ctx, w.unreliable(shopHandler(w.shop, w.o.xcart)), "127.0.0.1:8054"); err != nil {
		return err
	}
	if w.erpURL, err = w.serve(ctx, w.o.outage.before(w.unreliable(erpHandler(w.erp, w.o.p21))), "127.0.0.1:8021"); err != nil {
		return err
	}
	w.serving.Add(1)
	go func() {
		defer w.serving.Done()
		w.runWarehouse(ctx)
	}()
	return nil
}

func newShop(o options) *shop.Shop {
	return shop.New(shop.Options{
		WriteKey: shopKey, Currency: "USD", Latency: o.latency,
		Faults: shopTrouble(o),
	})
}

func newERP(o options) *erp.ERP {
	return erp.New(erp.Options{
		Username: "sandbox", Password: p21Password, Company: "01", Currency: "USD", Locations: []int{10, 20},
		Takers: []string{"XCART"}, Carriers: map[int]string{5001: "UPS Ground", 5002: "FedEx 2Day"}, TaxRates: taxRates,
		Latency: o.latency, Faults: erpTrouble(o), Seed: o.seed,
		PartialShare: .2, SplitShare: .1, ParcelShare: .15, ShipmentShare: .1,
	})
}

func shopHandler(s *shop.Shop, api string) http.Handler {
	if api == "5.5" {
		return s.Handler55()
	}
	return s.Handler54()
}

func erpHandler(e *erp.ERP, api string) http.Handler {
	if api == "gateway" {
		return e.Gateway()
	}
	return e.Handler()
}

// serve answers on the wanted address, or on a free one when it is taken.
func (w *world) serve(ctx context.Context, handler http.Handler, wanted string) (url string, err error) {
	listener, err := net.Listen("tcp", wanted)
	if err != nil {
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return "", err
		}
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(quiet().Handler(), slog.LevelError)}
	w.serving.Add(2)
	go func() {
		defer w.serving.Done()
		_ = server.Serve(listener)
	}()
	go func() {
		defer w.serving.Done()
		<-ctx.Done()
		_ = server.Close()
	}()
	return "http://" + listener.Addr().String(), nil
}

// startTemporal starts the embedded server, or takes the one that is named.
func (w *world) startTemporal(ctx context.Context, embedded bool) error {
	if embedded {
		db := ""
		if w.o.data != "" {
			db = filepath.Join(w.o.data, "temporal.db")
		}
		ready := func(line string) (err error) {
			w.at, err = parseReady(line)
			return err
		}
		args := func(listen, ui string) []string {
			return []string{"-listen", listen, "-ui", ui, "-db", db, "-codec", w.codec.url()}
		}
		w.server = &child{name: "the Temporal server", path: filepath.Join(w.bin, "temporal"),
			args: args("127.0.0.1:"+w.o.port("7233"), "127.0.0.1:"+w.o.port("8233"))}
		err := w.launch(w.server, ready)
		if err != nil { // another sandbox took the port just then, or the machine is very busy
			w.server.args = args("127.0.0.1:0", "127.0.0.1:0")
			err = w.launch(w.server, ready)
		}
		if err != nil {
			return err
		}
		// Started again after a kill, it must be found where it was.
		w.server.args = args(w.at.Address, strings.TrimPrefix(w.at.UI, "http://"))
	} else {
		w.at = temporalAt{Address: os.Getenv("TEMPORAL_ADDRESS"), Namespace: envOr("TEMPORAL_NAMESPACE", "default"), UI: "(your own)"}
	}
	var settings service.Temporal
	if err := service.Load(&settings); err != nil {
		return err
	}
	settings.Address, settings.Namespace = w.at.Address, w.at.Namespace
	if w.codec.on() {
		settings.PayloadKeys = w.codec.keys
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		c, err := settings.Dial(ctx, quiet(), nil)
		if err == nil {
			w.temporal = c
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("reaching Temporal at %s: %w", w.at.Address, err)
		}
		sleep(ctx, 100*time.Millisecond)
	}
}

// startOurs starts the workers and the starter, with the settings that a person
// would give them.
func (w *world) startOurs(ctx context.Context, root string) error {
	settings := []string{
		"TEMPORAL_ADDRESS=" + w.at.Address, "TEMPORAL_NAMESPACE=" + w.at.Namespace, "STORE=" + store,
		"XCART_URL=" + w.shopURL, "XCART_API=" + w.o.xcart, "XCART_KEY=" + shopKey, "XCART_CONCURRENCY=8", "XCART_RATE=0",
		"P21_URL=" + w.erpURL, "P21_API=" + w.o.p21, "P21_USERNAME=sandbox", "P21_PASSWORD=" + p21Password,
		"P21_CONCURRENCY=8", "P21_RATE=0", "P21_SETTLE=1s", "RETRY_SPREAD=" + envOr("RETRY_SPREAD", "15s"), "P21_TIMEOUT=10s", "XCART_TIMEOUT=10s",
		"MAPPING_FILE=" + cmp.Or(w.o.mapping, filepath.Join(root, "sandbox", "mapping.yaml")),
		"FRAUD_POLICY_FILE=" + filepath.Join(root, "sandbox", "fraud.yaml"),
		"RECORDS_DSN=file:" + filepath.Join(w.dir, "records.db"), "WEBHOOK_SECRET=" + webhookSecret, "LOG_FORMAT=json",
		"ORDER_POLL_EVERY=2s", "FULFILMENT_POLL_EVERY=1s", "POLL_OVERLAP=15s",
	}
	settings = append(settings, w.codec.payloadKeys()...)
	w.console = newConsole(w.o)
	settings = append(settings, w.console.links()...)
	workersAddress := "127.0.0.1:" + w.o.port("9090")
	w.starterAddress = "127.0.0.1:" + w.o.port("8080")
	w.workers = &child{name: "the workers", path: filepath.Join(w.bin, "workers"), env: append(slices.Clone(settings), "LISTEN="+workersAddress)}
	w.starter = &child{name: "the starter", path: filepath.Join(w.bin, "starter"), env: append(slices.Clone(settings), append(w.codec.endpoint(w.at.UI), "LISTEN="+w.starterAddress)...)}
	for _, c := range []*child{w.starter, w.workers} {
		if err := w.launch(c, nil); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := errors.Join(w.awaitService(ctx, w.starter, w.starterAddress), w.awaitService(ctx, w.workers, workersAddress)); err != nil {
		return err
	}
	if err := w.startConsole(ctx); err != nil {
		return err
	}
	w.pokes = &pokes{url: "http://" + w.starterAddress + "/webhooks/xcart", secret: webhookSecret, manner: w.o.webhooks,
		log: quiet(), r: rand.New(rand.NewPCG(w.o.seed, 7))}
	w.shop.OnEvent(func(e shop.Event) { w.pokes.send(context.Background(), pokeOf(e)) })
	return nil
}

func (w *world) awaitService(ctx context.Context, c *child, address string) error {
	ready := make(chan error, 1)
	go func() { ready <- awaitReady(ctx, address, quiet()) }()
	for {
		select {
		case err := <-ready:
			return err
		case <-time.After(200 * time.Millisecond):
			if !c.running() {
				return fmt.Errorf("%s ended: see %s", c.name, c.log.Name())
			}
		}
	}
}

// launch opens the child's log and starts it.
func (w *world) launch(c *child, firstLine func(string) error) error {
	if c.log == nil {
		path := filepath.Join(w.dir, strings.ReplaceAll(strings.TrimPrefix(c.name, "the "), " ", "-")+".log")
		file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		c.log = file
	}
	return c.start(firstLine)
}

// killNowAndThen ends workers, starter and (with -data) Temporal without warning,
// now one and now another, all through the traffic, and starts them again.
func (w *world) killNowAndThen(ctx context.Context) {
	victims := []*child{w.workers, w.starter}
	if w.o.data != "" && w.server != nil {
		victims = append(victims, w.server)
	}
	r := rand.New(rand.NewPCG(w.o.seed, 9))
	traffic := time.Duration(float64(w.o.orders) / w.o.rate * float64(time.Second))
	between := max(traffic/time.Duration(max(w.o.kills, 1)), 2*time.Second)
	for i := range w.o.kills {
		sleep(ctx, between/2+time.Duration(r.Int64N(int64(between))))
		if ctx.Err() != nil {
			return
		}
		victim := victims[r.IntN(len(victims))]
		if i < len(victims) {
			victim = victims[i] // each at least once
		}
		victim.kill()
		w.kills.Add(1)
		sleep(ctx, time.Duration(r.IntN(1000))*time.Millisecond)
		var ready func(string) error
		if victim == w.server {
			ready = func(string) error { return nil }
		}
		if err := w.launch(victim, ready); err != nil {
			w.say(err.Error())
		}
	}
}

func (w *world) close() {
	for _, c := range []*child{w.console.child, w.starter, w.workers} {
		if c != nil {
			c.stop()
		}
	}
	if w.temporal != nil {
		w.temporal.Close()
	}
	if w.server != nil {
		w.server.stop()
	}
	if w.stopServing != nil {
		w.stopServing()
	}
	w.serving.Wait()
	if w.o.data != "" && w.shop != nil {
		if err := w.keep(); err != nil {
			w.say(err.Error())
		}
	} else if w.dir != "" && !w.o.verbose {
		_ = os.RemoveAll(w.dir)
	}
}

// keep and restore hold the simulators' books in the data folder.
func (w *world) keep() error {
	return errors.Join(w.write("shop.json", w.shop.Save), w.erp.Save(w.dir))
}

func (w *world) restore() error {
	if w.o.data == "" {
		return nil
	}
	_, err := w.erp.Load(w.dir)
	if err := errors.Join(err, w.read("shop.json", w.shop.Load)); err != nil {
		return err
	}
	for _, o := range w.shop.Orders() {
		if o.Number != "" {
			w.placed[strconv.Itoa(o.ID)] = placement{number: o.Number, at: o.Time}
		}
	}
	return nil
}

// port is the one that people know where the sandbox stays up, if it is free.
// With -once any will do: several may run side by side.
func (o options) port(wanted string) string {
	if o.once { // below what the system hands out by itself
		wanted = strconv.Itoa(20000 + rand.IntN(10000))
	}
	return freePort(wanted)
}

func freePort(wanted string) string {
	listener, err := net.Listen("tcp", "127.0.0.1:"+wanted)
	if err != nil {
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return wanted
		}
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port
}

func envOr(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}

// Command sandbox is a whole world on one machine: Temporal with its Web UI, a
// simulated X-Cart and a simulated Prophet 21, the real workers and starter as
// processes of their own, and orders that a distributor's customers would
// place. Ctrl-C ends all of it.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"
)

type options struct {
	once     bool
	orders   int
	from     string
	json     bool
	xcart    string
	p21      string
	faults   float64
	seed     uint64
	data     string
	webhooks string
	rate     float64
	latency  time.Duration
	kills    int
	timeout  time.Duration
	record   string
	codec    bool
	outage   *outage
	lose     bool
	mapping  string
	plain    bool
	verbose  bool
}

func main() {
	o := options{outage: &outage{}}
	flag.BoolVar(&o.once, "once", false, "place the orders, wait until all is done, print a summary; exit 1 if anything is lost, doubled or wrong")
	flag.IntVar(&o.orders, "orders", 50, "how many orders to place with -once")
	flag.StringVar(&o.from, "from", "", "replay an order export FILE.csv[.gz] (InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country)")
	flag.BoolVar(&o.json, "json", false, "with -once: the summary as one JSON object on stdout")
	flag.StringVar(&o.xcart, "xcart", "5.4", "X-Cart generation: 5.4 or 5.5")
	flag.StringVar(&o.p21, "p21", "middleware", "Prophet 21 route: middleware or gateway")
	flag.Float64Var(&o.faults, "faults", 0, "share of calls to either system that go wrong, 0 to 1")
	flag.Uint64Var(&o.seed, "seed", 1, "makes a run repeatable")
	flag.StringVar(&o.data, "data", "", "folder that keeps all state between runs")
	flag.StringVar(&o.webhooks, "webhooks", "on", "on, off (polls alone find everything), thrice (each three times, out of order) or mixed (each not at all or up to three times, out of order)")
	flag.Float64Var(&o.rate, "rate", 0, "orders a second; 0 = 10 with -once, 0.5 live")
	flag.DurationVar(&o.latency, "latency", 5*time.Millisecond, "how long a call to either simulated system takes")
	flag.IntVar(&o.kills, "kills", 0, "with -once: kill -9 the workers, the starter and (with -data) Temporal this many times in turn, and start them again")
	flag.DurationVar(&o.timeout, "timeout", 15*time.Minute, "with -once: give up waiting after this")
	flag.StringVar(&o.record, "record", "", "with -once: write a history of each kind of process into this folder, for the replay tests")
	flag.StringVar(&o.mapping, "mapping", "", "mapping profile instead of sandbox/mapping.yaml")
	flag.Var(o.outage, "outage", "FROM,FOR such as 2s,60s: for that span after the first order, Prophet 21 answers nothing but 503")
	flag.BoolVar(&o.lose, "lose-answers", false, "lose the answer of the first of every write to either system, after it was done")
	flag.BoolVar(&o.codec, "codec", false, "encrypt what Temporal stores, and decrypt it for the Web UI")
	flag.BoolVar(&o.plain, "plain", false, "plain lines instead of the live view")
	flag.BoolVar(&o.verbose, "v", false, "show what the workers and the starter log")
	only := flag.String("only", "", "run one simulator alone, to point workers and starter at: xcart or p21")
	listen := flag.String("listen", "127.0.0.1:8054", "address for -only")
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), "sandbox brings up cart21 with a simulated shop and a simulated Prophet 21.\n\n"+
			"  go run ./sandbox                    live, until Ctrl-C\n"+
			"  go run ./sandbox -once -orders 50   place 50 orders, check the books, end\n\nFlags:\n")
		flag.PrintDefaults()
		fmt.Fprint(flag.CommandLine.Output(), "\nTEMPORAL_ADDRESS set: that server is used instead of the embedded one.\n")
	}
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := o.validate()
	switch {
	case err != nil:
	case *only != "":
		err = serveAlone(ctx, o, *only, *listen)
	case o.once:
		err = runOnce(ctx, o)
	default:
		err = runLive(ctx, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1)
	}
}

func (o *options) validate() error {
	for _, c := range []struct {
		flag, value string
		known       []string
	}{
		{"xcart", o.xcart, []string{"5.4", "5.5"}}, {"p21", o.p21, []string{"middleware", "gateway"}},
		{"webhooks", o.webhooks, []string{"on", "off", "thrice", "mixed"}},
	} {
		if !slices.Contains(c.known, c.value) {
			return fmt.Errorf("-%s %q is not known: use one of %v", c.flag, c.value, c.known)
		}
	}
	if o.rate == 0 {
		o.rate = 0.5
		if o.once {
			o.rate = 10
		}
	}
	if o.codec && o.record != "" {
		return fmt.Errorf("-record needs histories that can be read: leave -codec out")
	}
	if o.faults < 0 || o.faults > 1 || o.rate < 0 {
		return fmt.Errorf("-faults must be within 0 and 1, -rate above 0")
	}
	return nil
}

// runOnce places the orders, waits until nothing moves any more, and judges.
func runOnce(ctx context.Context, o options) error {
	w, err := newWorld(ctx, o, progress)
	if err != nil {
		return err
	}
	defer w.close()
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	start := time.Now()
	trafficErr := make(chan error, 1)
	w.o.outage.start()
	go func() { trafficErr <- w.placeAll(ctx) }()
	go w.killNowAndThen(ctx)
	go w.review(ctx)
	if err := <-trafficErr; err != nil {
		return err
	}
	waitErr := w.settle(ctx)
	s, err := w.summarise(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	s.Seconds = time.Since(start).Seconds()
	if o.record != "" {
		if err := w.recordHistories(context.WithoutCancel(ctx), o.record); err != nil {
			return err
		}
	}
	if o.json {
		err = s.writeJSON(os.Stdout)
	} else {
		s.write(os.Stdout)
	}
	if waitErr != nil {
		return waitErr
	}
	if err != nil {
		return err
	}
	return s.verdict()
}

// progress tells people what takes long; it never goes to stdout, which -json owns.
func progress(line string) { fmt.Fprintln(os.Stderr, line) }

// runLive places orders until Ctrl-C and shows them moving.
func runLive(ctx context.Context, o options) error {
	w, err := newWorld(ctx, o, progress)
	if err != nil {
		return err
	}
	defer w.close()
	go func() {
		if err := w.placeForever(ctx); err != nil {
			progress(err.Error())
		}
	}()
	if o.plain || !isatty.IsTerminal(os.Stdout.Fd()) {
		return w.tell(ctx, os.Stdout)
	}
	return w.view(ctx)
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// Command train makes a fraud model from labelled orders and says how well it
// does on orders it has not seen.
//
//	go run ./fraud/train -data orders.csv -out model.json
//	go run ./fraud/train -from-records file:cart21.db -out model.json
//
// It learns from the earlier part of the file and reports on the later.
// docs/fraud.md says how to read the report.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/fraud"
)

const help = `train makes a fraud model from a CSV of orders that says which were charged
back. It learns from the earlier part, chooses among models by forecasts within
that part, and reports on the later part, which it has not looked at.

  go run ./fraud/train -data orders.csv -split 0.7
  go run ./fraud/train -data orders.csv -columns time=placed,amount=total,charge_back=disputed
  go run ./fraud/train -data orders.csv -split 1 -out model.json     learn from all, report nothing
  go run ./fraud/train -from-records file:cart21.db                   from what the workers logged

id, time, amount and charge_back are needed. What else may be in the file, and
under which heading it is looked for:

%s
It exits 0 when a model was made, 1 when the data do not do, 2 for wrong flags.

Flags:
`

// options are the command line.
type options struct {
	data, records, out, columns, policy string
	split                               float64
	labelDelay                          time.Duration
	draws                               int
	seed                                uint64
	json                                bool
	costs                               costs
}

func main() {
	o, err := parse(os.Args[1:], os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		fmt.Fprintf(os.Stderr, "train: %v; see -help\n", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

func parse(args []string, out io.Writer) (options, error) {
	flags := flag.NewFlagSet("train", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // main prints the error
	o := options{costs: defaultCosts}
	flags.StringVar(&o.data, "data", "", "CSV `FILE` of labelled orders with a heading; - reads stdin")
	flags.StringVar(&o.records, "from-records", "", "instead of -data: `DSN` of the records in which workers logged the features of every order they scored")
	flags.StringVar(&o.columns, "columns", "", "`FIELD=HEADING,...` where headings differ from those above")
	flags.StringVar(&o.policy, "policy", "", "fraud policy `FILE` (lists, time zone); the embedded one when empty")
	flags.StringVar(&o.out, "out", "", "write the model to `FILE`")
	flags.Float64Var(&o.split, "split", 0.7, "`SHARE` of the orders, the earliest, to learn from")
	flags.DurationVar(&o.labelDelay, "label-delay", 30*24*time.Hour, "how long after an order its charge-back becomes known, for counting earlier charge-backs; with -from-records, how old orders must be to learn from them")
	flags.IntVar(&o.draws, "bootstrap", 1000, "`DRAWS` for the intervals")
	flags.Uint64Var(&o.seed, "seed", 1, "seed of the draws")
	flags.BoolVar(&o.json, "json", false, "print JSON")
	for name, field := range map[string]*decimal.Decimal{"review-cost": &o.costs.Review, "charge-back-fee": &o.costs.Fee} {
		flags.TextVar(field, name, *field, money[name])
	}
	for name, field := range map[string]*decimal.Decimal{"loss-share": &o.costs.LossShare, "insult-rate": &o.costs.InsultRate, "margin": &o.costs.Margin} {
		flags.TextVar(field, name, *field, money[name])
	}
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintf(out, help, fieldHelp())
		flags.SetOutput(out)
		flags.PrintDefaults()
	case err != nil:
	case flags.NArg() > 0:
		err = fmt.Errorf("%q is not a flag", flags.Arg(0))
	case (o.data == "") == (o.records == ""):
		err = errors.New("either -data or -from-records says which orders to learn from")
	case !(o.split > 0 && o.split <= 1):
		err = fmt.Errorf("-split %v is not above 0 and up to 1", o.split)
	case o.labelDelay < 0:
		err = fmt.Errorf("-label-delay %v is negative", o.labelDelay)
	case o.draws < 0 || o.draws > 100_000:
		err = fmt.Errorf("-bootstrap %d is not between 0 and 100000", o.draws)
	}
	return o, err
}

// gather gives the orders to learn from, with their features.
func gather(ctx context.Context, o options, policy *fraud.Policy) (data, error) {
	if o.records != "" {
		return recorded(ctx, o.records, time.Now().Add(-o.labelDelay))
	}
	orders, err := load(o.data, o.columns)
	if err != nil {
		return data{}, err
	}
	return replay(ctx, orders, policy, o.labelDelay)
}

var money = map[string]string{
	"review-cost":     "what it costs to review an order",
	"charge-back-fee": "what the bank charges for a charge-back",
	"loss-share":      "`SHARE` of a charged-back amount that is lost",
	"insult-rate":     "`SHARE` of good orders that are lost by being reviewed",
	"margin":          "`SHARE` of a lost good order that would have been earned",
}

func run(ctx context.Context, o options, out io.Writer) error {
	policy := fraud.DefaultPolicy()
	if o.policy != "" {
		text, err := os.ReadFile(o.policy)
		if err != nil {
			return fmt.Errorf("reading the fraud policy: %w", err)
		}
		if policy, err = fraud.ParsePolicy(o.policy, text); err != nil {
			return err
		}
	}
	data, err := gather(ctx, o, policy)
	if err != nil {
		return err
	}
	result, model, err := evaluate(data, o)
	if err != nil {
		return err
	}
	if o.out != "" {
		text, err := model.JSON()
		if err != nil {
			return err
		}
		if err := os.WriteFile(o.out, text, 0o644); err != nil {
			return fmt.Errorf("writing the model: %w", err)
		}
	}
	if o.json {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(result)
	}
	return result.write(out)
}

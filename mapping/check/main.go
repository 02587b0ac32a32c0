// Command check validates a mapping profile and shows what it makes of an order.
//
//	go run ./mapping/check                                     the embedded default
//	go run ./mapping/check -profile my.yaml                    a profile of your own
//	go run ./mapping/check -profile my.yaml -order order.json  and what becomes of an order
//
// It exits 1 when the profile has mistakes or the order would be parked.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/mapping"
)

const help = `check validates a mapping profile and shows what it makes of an order: whether
it would be imported, the sales order in Prophet 21, the customer if a new one
has to be made, and what would park the order. It calls neither system.

  go run ./mapping/check
  go run ./mapping/check -profile my.yaml
  go run ./mapping/check -profile my.yaml -order mapping/testdata/order.json
  go run ./mapping/check -profile my.yaml -order - -facts facts.json -json < order.json

The order is the JSON of a web order as cart21 keeps it: mapping/testdata/order.json
is an example. The facts are what Prophet 21 knows, such as
  {"items": {"PUMP-12V": {"id": "PUMP-12V", "selling_unit": "EA", "price": "0"}},
   "account": {"customer_id": "100123", "address": {}}}
Without them every item is taken to exist and the customer to be new.

It exits 0 when all is well, 1 when the profile has mistakes or the order would
be parked, 2 for wrong flags.

Flags:
`

func main() {
	flags := flag.NewFlagSet("check", flag.ExitOnError)
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), help)
		flags.PrintDefaults()
	}
	var in input
	flags.StringVar(&in.profile, "profile", "", "profile `FILE` to check; the embedded default when empty")
	flags.StringVar(&in.order, "order", "", "order `FILE` (JSON); - reads stdin")
	flags.StringVar(&in.facts, "facts", "", "`FILE` of what Prophet 21 knows (JSON)")
	flags.BoolVar(&in.json, "json", false, "print JSON")
	_ = flags.Parse(os.Args[1:]) // ExitOnError
	if flags.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "check: %q is not a flag; see -help\n", flags.Arg(0))
		os.Exit(2)
	}
	if err := run(in, time.Now(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "check:", err)
		os.Exit(1)
	}
}

// input is what check is to look at.
type input struct {
	profile, order, facts string
	json                  bool
}

// result is what check found, as -json prints it.
type result struct {
	Profile    string               `json:"profile"`
	Version    string               `json:"version"`
	Decision   *mapping.Decision    `json:"decision,omitempty"`
	Parked     string               `json:"parked,omitempty"` // the reason to park the order under
	SalesOrder *commerce.SalesOrder `json:"sales_order,omitempty"`
	Findings   []mapping.Finding    `json:"findings,omitempty"`
	Account    *commerce.Account    `json:"account,omitempty"`
}

func run(in input, now time.Time, stdin io.Reader, w io.Writer) error {
	p, err := mapping.Load(in.profile)
	if err != nil {
		return fmt.Errorf("the profile has mistakes:\n%w", err)
	}
	out := result{Profile: p.Name(), Version: p.Version()}
	if in.order != "" {
		if err := out.preview(p, in, now, stdin); err != nil {
			return err
		}
	}
	if in.json {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(out)
	} else {
		err = out.write(w)
	}
	if err == nil && out.Parked != "" {
		err = errors.New("the order would be parked: " + out.Parked)
	}
	return err
}

func (r *result) preview(p *mapping.Profile, in input, now time.Time, stdin io.Reader) error {
	var order commerce.Order
	if err := readJSON(in.order, stdin, &order); err != nil {
		return fmt.Errorf("reading the order: %w", err)
	}
	account := p.Account(order)
	facts := mapping.Facts{Items: map[string]commerce.Item{}}
	if in.facts != "" {
		if err := readJSON(in.facts, stdin, &facts); err != nil {
			return fmt.Errorf("reading the facts: %w", err)
		}
	} else {
		for _, id := range p.Items(order) {
			facts.Items[id] = commerce.Item{ID: id, SellingUnit: "EA"}
		}
	}
	decision := p.ImportDecision(order, now)
	sales, findings := p.MapOrder(order, facts, now)
	r.Decision, r.SalesOrder, r.Findings, r.Parked = &decision, &sales, findings, mapping.Reason(findings)
	if decision.Action == mapping.Hold {
		r.Parked = decision.Reason
	}
	if facts.Account == nil {
		r.Account = &account
	}
	return nil
}

func readJSON(path string, stdin io.Reader, into any) error {
	in := stdin
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		in = file
	}
	decoder := json.NewDecoder(in)
	decoder.DisallowUnknownFields() // a misspelt field would be lost without a word
	return decoder.Decode(into)
}

// Command check validates a mapping profile and shows what it makes of an order.
//
//	go run ./mapping/check                                     the embedded default
//	go run ./mapping/check -profile my.yaml -order order.json  what becomes of an order
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/mapping"
)

func main() {
	profile := flag.String("profile", "", "profile to check; the embedded default when empty")
	order := flag.String("order", "", "order document (JSON of a web order, as in mapping/testdata/order.json); - reads stdin")
	facts := flag.String("facts", "", "what the ERP knows (JSON: items, account); when empty every item is taken to exist")
	asJSON := flag.Bool("json", false, "print JSON")
	flag.Parse()
	if err := run(os.Stdout, *profile, *order, *facts, *asJSON); err != nil {
		fmt.Fprintln(os.Stderr, "check:", err)
		os.Exit(1)
	}
}

type result struct {
	Profile    string               `json:"profile"`
	Version    string               `json:"version"`
	Decision   *mapping.Decision    `json:"decision,omitempty"`
	SalesOrder *commerce.SalesOrder `json:"sales_order,omitempty"`
	Findings   []mapping.Finding    `json:"findings,omitempty"`
	Account    *commerce.Account    `json:"account,omitempty"`
}

func run(w io.Writer, profilePath, orderPath, factsPath string, asJSON bool) error {
	p, err := mapping.Load(profilePath)
	if err != nil {
		return err
	}
	out := result{Profile: p.Name(), Version: p.Version()}
	if orderPath != "" {
		if err := out.preview(p, orderPath, factsPath); err != nil {
			return err
		}
	}
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(out)
	} else {
		out.write(w)
	}
	if err == nil && len(out.Findings) > 0 {
		err = fmt.Errorf("the order would be parked: %s", mapping.Reason(out.Findings))
	}
	return err
}

func (r *result) preview(p *mapping.Profile, orderPath, factsPath string) error {
	var order commerce.Order
	if err := readJSON(orderPath, &order); err != nil {
		return fmt.Errorf("reading the order: %w", err)
	}
	account := p.Account(order)
	facts := mapping.Facts{Account: &account, Items: map[string]commerce.Item{}}
	if factsPath != "" {
		facts = mapping.Facts{}
		if err := readJSON(factsPath, &facts); err != nil {
			return fmt.Errorf("reading the facts: %w", err)
		}
	} else {
		for _, id := range p.Items(order) {
			facts.Items[id] = commerce.Item{ID: id, SellingUnit: "EA"}
		}
	}
	decision := p.ImportDecision(order, time.Now())
	sales, findings := p.MapOrder(order, facts, time.Now())
	r.Decision, r.SalesOrder, r.Findings, r.Account = &decision, &sales, findings, &account
	return nil
}

func readJSON(path string, into any) error {
	in := io.Reader(os.Stdin)
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		in = file
	}
	decoder := json.NewDecoder(in)
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

func (r result) write(w io.Writer) {
	fmt.Fprintf(w, "profile %s, version %s: no mistakes\n", r.Profile, r.Version)
	if r.SalesOrder == nil {
		return
	}
	s := r.SalesOrder
	fmt.Fprintf(w, "\nimport: %s (%s)\n\n", r.Decision.Action, r.Decision.Why)
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(t, "%s\t%s\n", name, value)
		}
	}
	row("reference", s.Reference)
	row("PO number", s.PONumber)
	row("customer", r.Account.Name+" ("+r.Account.Reference+")")
	row("location", s.LocationID)
	row("dates", string(s.OrderDate)+", requested "+string(s.RequestedDate))
	row("carrier", s.CarrierID)
	row("terms", s.Terms)
	row("ship to", fmt.Sprintf("%s, %s %s, %s, %s %s, %s", s.ShipTo.Name(), s.ShipTo.Line1, s.ShipTo.Line2, s.ShipTo.City, s.ShipTo.State, s.ShipTo.PostalCode, s.ShipTo.Country))
	t.Flush()
	fmt.Fprintln(w)
	fmt.Fprintf(t, "line\titem\tquantity\tunit\tprice\textended\tdescription\n")
	for _, l := range s.Lines {
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", l.LineNo, l.ItemID, l.Quantity, l.UOM, l.UnitPrice,
			s.Currency.Round(l.Quantity.Mul(l.UnitPrice)).StringFixed(s.Currency.MinorUnits()), l.Description)
	}
	t.Flush()
	fmt.Fprintf(w, "\nlines and freight %s (freight %s), web tax %s, web total %s\n",
		s.Currency.Format(s.NetTotal()), s.Currency.Format(s.Freight), s.Currency.Format(s.WebTax), s.Currency.Format(s.WebTotal))
	for _, f := range r.Findings {
		fmt.Fprintf(w, "FINDING %s %s: %s\n", f.Code, f.Field, f.Message)
	}
}

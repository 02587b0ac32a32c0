package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/cart21/cart21/commerce"
)

// page writes aligned text, and keeps the first error.
type page struct {
	*tabwriter.Writer
	err error
}

func (p *page) line(format string, args ...any) {
	if _, err := fmt.Fprintf(p, format+"\n", args...); err != nil && p.err == nil {
		p.err = err
	}
}

// row writes a name and its value; nothing for an empty value.
func (p *page) row(name, value string) {
	if value != "" {
		p.line("%s\t%s", name, value)
	}
}

func (p *page) flush() error {
	return cmp.Or(p.err, p.Flush())
}

func (r result) write(w io.Writer) error {
	p := &page{Writer: tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)}
	p.line("profile %s, version %s: no mistakes", r.Profile, r.Version)
	if r.SalesOrder != nil {
		p.line("\nimport: %s (%s)\n", r.Decision.Action, r.Decision.Why)
		r.writeHeader(p)
		writeLines(p, *r.SalesOrder)
		for _, n := range r.SalesOrder.Notes {
			p.line("note %s: %s", n.Topic, n.Text)
		}
	}
	for _, f := range r.Findings {
		p.line("%s: %s %s %s", f.Severity, f.Code, f.Field, f.Message)
	}
	return p.flush()
}

func (r result) writeHeader(p *page) {
	s := r.SalesOrder
	p.row("reference", s.Reference)
	p.row("PO number", s.PONumber)
	if r.Account != nil {
		p.row("new customer", strings.TrimSpace(r.Account.Name+" "+r.Account.Email)+" ("+r.Account.Reference+")")
	} else {
		p.row("customer", s.CustomerID+", contact "+s.ContactID+", ship-to "+s.ShipToID)
	}
	p.row("taker", s.Taker)
	p.row("location", s.LocationID+", source "+s.SourceLocationID)
	p.row("dates", string(s.OrderDate)+", requested "+string(s.RequestedDate))
	p.row("approved", fmt.Sprint(s.Approved))
	if s.WillCall {
		p.row("will call", "yes")
	}
	p.row("carrier", s.CarrierID)
	p.row("packing basis", s.PackingBasis)
	p.row("freight code", s.FreightCode)
	p.row("terms", s.Terms)
	p.row("job name", s.JobName)
	p.row("delivery", s.DeliveryInstructions)
	for _, name := range slices.Sorted(maps.Keys(s.Extra)) {
		p.row(name, s.Extra[name])
	}
	p.row("ship to", inOneLine(s.ShipTo))
	p.line("")
}

func inOneLine(a commerce.Address) string {
	parts := []string{a.Name(), a.Line1, a.Line2, a.City, strings.TrimSpace(a.State + " " + a.PostalCode), a.Country, a.Phone}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

func writeLines(p *page, s commerce.SalesOrder) {
	p.line("line\titem\tquantity\tunit\tprice\textended\tdescription")
	for _, l := range s.Lines {
		p.line("%d\t%s\t%s\t%s\t%s\t%s\t%s", l.LineNo, l.ItemID, l.Quantity, l.UOM, l.UnitPrice,
			s.Currency.Round(l.Quantity.Mul(l.UnitPrice)).StringFixed(s.Currency.MinorUnits()), l.Description)
	}
	p.line("")
	p.row("lines", s.Currency.Format(s.LineTotal()))
	p.row("freight", s.Currency.Format(s.Freight))
	p.row("web tax", s.Currency.Format(s.WebTax))
	p.row("web total", s.Currency.Format(s.WebTotal))
	p.line("")
}

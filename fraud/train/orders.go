package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/fraud"
)

// order is a row of the file.
type order struct {
	facts    fraud.Facts
	merchant string
	bad      bool
	known    time.Time // when its charge-back became known; zero: after the label delay
}

// field is something a file may say of an order.
type field struct {
	name, heading string // heading is where it is looked for unless -columns says otherwise
	needed        bool
	set           func(*order, string) error
}

func text(at func(*order) *string) func(*order, string) error {
	return func(o *order, value string) error {
		*at(o) = value
		return nil
	}
}

var fields = []field{
	{"id", "transaction_id", true, text(func(o *order) *string { return &o.facts.Order.ID })},
	{"time", "transaction_date", true, func(o *order, v string) (err error) {
		o.facts.Order.PlacedAt, err = instant(v)
		return err
	}},
	{"amount", "transaction_amount", true, func(o *order, v string) (err error) {
		o.facts.Order.Total, err = amount(v)
		return err
	}},
	{"charge_back", "has_cbk", true, func(o *order, v string) (err error) {
		o.bad, err = truth(v)
		return err
	}},
	{"known", "charged_back_at", false, func(o *order, v string) (err error) {
		if v != "" {
			o.known, err = instant(v)
		}
		return err
	}},
	{"store", "merchant_id", false, text(func(o *order) *string { return &o.merchant })},
	{"customer", "user_id", false, text(func(o *order) *string { return &o.facts.Order.Customer.ProfileID })},
	{"account_since", "account_since", false, func(o *order, v string) (err error) {
		if v != "" {
			o.facts.Screening.AccountSince, err = instant(v)
		}
		return err
	}},
	{"email", "email", false, text(func(o *order) *string { return &o.facts.Order.Customer.Email })},
	{"card", "card_number", false, text(func(o *order) *string { return &o.facts.Screening.Card })},
	{"cardholder", "cardholder", false, text(func(o *order) *string { return &o.facts.Screening.Cardholder })},
	{"device", "device_id", false, text(func(o *order) *string { return &o.facts.Screening.Device })},
	{"ip", "ip", false, text(func(o *order) *string { return &o.facts.Screening.IP })},
	{"ip_country", "ip_country", false, text(func(o *order) *string { return &o.facts.Screening.IPCountry })},
	{"avs", "avs", false, text(func(o *order) *string { return &o.facts.Screening.AVS })},
	{"cvv", "cvv", false, text(func(o *order) *string { return &o.facts.Screening.CVV })},
	{"verdict", "verdict", false, func(o *order, v string) error {
		if v != "" {
			o.facts.Screening.Verdicts = []commerce.ScreeningVerdict{{Result: v}}
		}
		return nil
	}},
	{"bill_first_name", "bill_first_name", false, text(func(o *order) *string { return &o.facts.Order.BillTo.FirstName })},
	{"bill_last_name", "bill_last_name", false, text(func(o *order) *string { return &o.facts.Order.BillTo.LastName })},
	{"bill_street", "bill_street", false, text(func(o *order) *string { return &o.facts.Order.BillTo.Line1 })},
	{"bill_postal_code", "bill_postal_code", false, text(func(o *order) *string { return &o.facts.Order.BillTo.PostalCode })},
	{"bill_country", "bill_country", false, text(func(o *order) *string { return &o.facts.Order.BillTo.Country })},
	{"bill_phone", "bill_phone", false, text(func(o *order) *string { return &o.facts.Order.BillTo.Phone })},
	{"ship_first_name", "ship_first_name", false, text(func(o *order) *string { return &o.facts.Order.ShipTo.FirstName })},
	{"ship_last_name", "ship_last_name", false, text(func(o *order) *string { return &o.facts.Order.ShipTo.LastName })},
	{"ship_company", "ship_company", false, text(func(o *order) *string { return &o.facts.Order.ShipTo.Company })},
	{"ship_street", "ship_street", false, text(func(o *order) *string { return &o.facts.Order.ShipTo.Line1 })},
	{"ship_postal_code", "ship_postal_code", false, text(func(o *order) *string { return &o.facts.Order.ShipTo.PostalCode })},
	{"ship_country", "ship_country", false, text(func(o *order) *string { return &o.facts.Order.ShipTo.Country })},
}

func fieldHelp() string {
	var b strings.Builder
	for _, f := range fields {
		fmt.Fprintf(&b, "  %-17s %s\n", f.name, f.heading)
	}
	return b.String()
}

var layouts = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"}

// instant reads a time; one without a zone is UTC.
func instant(v string) (time.Time, error) {
	for _, layout := range layouts {
		if t, err := time.Parse(layout, v); err == nil && t.Year() > 1900 {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time such as 2026-11-20T15:04:05 or 2026-11-20 15:04:05", v)
}

// amount reads an amount that a shop can charge: decimals would take any exponent.
func amount(v string) (decimal.Decimal, error) {
	d, err := decimal.NewFromString(v)
	if err != nil || len(v) > 20 || strings.ContainsAny(v, "eE") || d.IsNegative() {
		return decimal.Zero, fmt.Errorf("%q is not an amount such as 1234.50", v)
	}
	return d, nil
}

func truth(v string) (bool, error) {
	switch strings.ToLower(v) {
	case "true", "1", "yes", "y", "t":
		return true, nil
	case "false", "0", "no", "n", "f":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither true nor false", v)
}

func load(path, columns string) ([]order, error) {
	if path == "-" {
		return read(os.Stdin, "stdin", columns)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the orders: %w", err)
	}
	defer file.Close()
	return read(file, path, columns)
}

// maxMistakes ends the reading of a file that is not what it should be.
const maxMistakes = 20

// read reads the orders, and sorts them by time. Every mistake is told with its
// line, up to a number.
func read(in io.Reader, name, columns string) ([]order, error) {
	reader := csv.NewReader(in)
	reader.ReuseRecord = true
	heading, err := reader.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: reading the heading: %w", name, err)
	}
	heading[0] = strings.TrimPrefix(heading[0], "\ufeff")
	places, err := place(heading, columns)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var orders []order
	var found []error
	lines := map[string]int{}
	for len(found) < maxMistakes {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil { // the CSV reader's errors tell the line
			found = append(found, fmt.Errorf("%s: %w", name, err))
			break
		}
		line, _ := reader.FieldPos(0)
		var o order
		for i, f := range fields {
			if places[i] < 0 {
				continue
			}
			// The reader's next row overwrites this one.
			if err := f.set(&o, strings.Clone(strings.TrimSpace(row[places[i]]))); err != nil {
				found = append(found, fmt.Errorf("%s:%d: %s: %w", name, line, f.name, err))
			}
		}
		id := o.facts.Order.ID
		if first, twice := lines[id]; twice || id == "" {
			found = append(found, fmt.Errorf("%s:%d: id: %q is empty or that of line %d already", name, line, id, first))
		}
		lines[id] = line
		orders = append(orders, o)
	}
	if len(found) > 0 {
		return nil, errors.Join(found...)
	}
	slices.SortFunc(orders, func(a, b order) int {
		if c := a.facts.Order.PlacedAt.Compare(b.facts.Order.PlacedAt); c != 0 {
			return c
		}
		return strings.Compare(a.facts.Order.ID, b.facts.Order.ID)
	})
	return orders, nil
}

// place finds each field's column; -1 when the file has none.
func place(heading []string, columns string) ([]int, error) {
	own := map[string]string{}
	for _, pair := range strings.Split(columns, ",") {
		name, column, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		if !ok || !slices.ContainsFunc(fields, func(f field) bool { return f.name == name }) {
			return nil, fmt.Errorf("-columns: %q is not FIELD=HEADING with a field that -help lists", pair)
		}
		own[name] = column
	}
	var found []error
	places := make([]int, len(fields))
	for i, f := range fields {
		wanted, named := own[f.name]
		if !named {
			wanted = f.heading
		}
		places[i] = slices.IndexFunc(heading, func(h string) bool { return strings.TrimSpace(h) == wanted })
		if places[i] < 0 && (named || f.needed) {
			found = append(found, fmt.Errorf("there is no column %q for %s; -columns %s=HEADING names another", wanted, f.name, f.name))
		}
	}
	return places, errors.Join(found...)
}

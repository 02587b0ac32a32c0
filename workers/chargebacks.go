package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/records"
	"github.com/cart21/cart21/service"
)

const chargeBacksUsage = `workers chargebacks takes in which orders were charged back: later orders of the
same people score higher for it, and fraud/train learns from it.

  workers chargebacks -file FILE.csv     (- reads from stdin)

The file has a heading with the columns number (the order number that the
customer sees) or id (the shop's internal id), and date (since when the
charge-back is known; without a zone in UTC). Other columns are passed over.
It may be taken in again: of several dates of an order the earliest counts.
What is right in it is taken in, also when other lines are not.

Exit status: 0 all was taken in, 1 some lines were not, 2 wrong use.

Flags:
`

// chargeBackSettings are all that taking in charge-backs needs.
type chargeBackSettings struct {
	Store      string `envconfig:"STORE" default:"main" desc:"short code of the store whose orders they are"`
	RecordsDSN string `envconfig:"RECORDS_DSN" default:"file:cart21.db" desc:"file:... (SQLite) or postgres://... (secret)"`
}

// Validate finds every mistake.
func (s chargeBackSettings) Validate() error { return validStore(s.Store) }

// runChargeBacks does what the arguments after "chargebacks" say and returns the
// exit status.
func runChargeBacks(args []string, in io.Reader, out, errs io.Writer) int {
	var s chargeBackSettings
	flags := flag.NewFlagSet("workers chargebacks", flag.ContinueOnError)
	flags.SetOutput(errs)
	path := flags.String("file", "", "CSV `FILE` of charge-backs; - reads from stdin")
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), chargeBacksUsage)
		flags.PrintDefaults()
		fmt.Fprint(flags.Output(), "\nEnvironment:\n")
		service.Usage(flags.Output(), &s)
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitDone
	case err != nil:
		return exitWrongUse
	case *path == "" || flags.NArg() > 0:
		fmt.Fprintln(errs, "workers chargebacks: -file FILE.csv says which orders were charged back; see -help")
		return exitWrongUse
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := takeInFile(ctx, &s, *path, in, out); err != nil {
		fmt.Fprintf(errs, "workers chargebacks: %v\n", err)
		return exitFailed
	}
	return exitDone
}

func takeInFile(ctx context.Context, s *chargeBackSettings, path string, in io.Reader, out io.Writer) error {
	if err := service.Load(s); err != nil {
		return fmt.Errorf("the settings are not complete (see -help):\n%w", err)
	}
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("reading the charge-backs: %w", err)
		}
		defer file.Close()
		in = file
	}
	store, err := records.Open(ctx, s.RecordsDSN)
	if err != nil {
		return fmt.Errorf("opening the records: %w", err)
	}
	defer store.Close()
	n, err := takeIn(ctx, store, s.Store, path, in)
	fmt.Fprintf(out, "%d charge-backs taken in\n", n)
	return err
}

// maxMistakes ends the reading of a file that is not what it should be.
const maxMistakes = 20

// takeIn records the charge-backs of a file and tells how many. Every mistake is
// in the error, with its line, up to a number.
func takeIn(ctx context.Context, store *records.Store, code, name string, in io.Reader) (taken int, err error) {
	reader := csv.NewReader(in)
	heading, err := reader.Read()
	if err != nil {
		return 0, fmt.Errorf("%s: reading the heading: %w", name, err)
	}
	heading[0] = strings.TrimPrefix(heading[0], "\ufeff")
	column := func(wanted string) int {
		return slices.IndexFunc(heading, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), wanted) })
	}
	number, id, date := column("number"), column("id"), column("date")
	if date < 0 || (number < 0 && id < 0) {
		return 0, fmt.Errorf("%s: the heading must have the columns number or id, and date", name)
	}
	var found []error
	for len(found) < maxMistakes {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil { // the CSV reader's errors tell the line
			found = append(found, fmt.Errorf("%s: %w", name, err))
			break
		}
		cell := func(i int) string {
			if i < 0 {
				return ""
			}
			return strings.TrimSpace(row[i])
		}
		if err := chargeBack(ctx, store, code, cell(number), cell(id), cell(date)); err != nil {
			line, _ := reader.FieldPos(0)
			found = append(found, fmt.Errorf("%s:%d: %w", name, line, err))
			continue
		}
		taken++
	}
	return taken, errors.Join(found...)
}

// chargeBack records that an order, told by its number or its id, was charged back.
func chargeBack(ctx context.Context, store *records.Store, code, number, id, date string) error {
	known, err := day(date)
	if err != nil {
		return err
	}
	var order records.OrderRef
	if id != "" {
		order, err = store.OrderByShopID(ctx, code, id)
	} else {
		order, err = store.OrderByNumber(ctx, code, number)
	}
	switch {
	case errors.Is(err, records.ErrNotFound):
		return fmt.Errorf("the records have no order %s of store %s: see whether the number is right, and STORE", cmp.Or(id, number), code)
	case err != nil:
		return err
	}
	return store.RecordChargeBack(ctx, cmp.Or(order.Reference, commerce.Reference(code, order.ShopOrderID)), known)
}

func day(s string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339, time.DateTime} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("date %q is not like 2026-11-20 or 2026-11-20T15:04:05Z", s)
}

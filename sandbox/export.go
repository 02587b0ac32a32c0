package main

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/shopspring/decimal"
)

// invoice is one order of an export.
type invoice struct {
	Number   string
	Customer string // empty for a guest
	Country  string
	Lines    []exportLine
}

type exportLine struct {
	SKU, Name string
	Quantity  int64
	Price     decimal.Decimal
}

// cancellation reports whether the export calls this a cancellation or return.
func (i invoice) cancellation() bool { return strings.HasPrefix(i.Number, "C") }

// readExport reads an order export with the columns InvoiceNo, StockCode,
// Description, Quantity, InvoiceDate, UnitPrice, CustomerID and Country, in the
// order of the file. A name that ends in .gz is unpacked.
func readExport(path string) ([]invoice, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var in io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(file); err != nil {
			return nil, fmt.Errorf("unpacking %s: %w", path, err)
		}
	}
	invoices, err := parseExport(in)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return invoices, nil
}

// most is more than any quantity or price is.
var most = decimal.New(1, 9)

func parseExport(in io.Reader) ([]invoice, error) {
	rows := csv.NewReader(in)
	header, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("the header: %w", err)
	}
	column := map[string]int{}
	for i, name := range header {
		column[strings.TrimPrefix(name, "\ufeff")] = i
	}
	for _, name := range []string{"InvoiceNo", "StockCode", "Description", "Quantity", "UnitPrice", "CustomerID", "Country"} {
		if _, ok := column[name]; !ok {
			return nil, fmt.Errorf("the column %s is missing", name)
		}
	}
	var invoices []invoice
	index := map[string]int{}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return invoices, nil
		}
		if err != nil {
			return nil, err
		}
		get := func(name string) string { return strings.TrimSpace(row[column[name]]) }
		line, _ := rows.FieldPos(0)
		quantity, err := decimal.NewFromString(get("Quantity"))
		if err != nil || !quantity.IsInteger() || quantity.Abs().GreaterThan(most) {
			return nil, fmt.Errorf("line %d: quantity %.40q is not a whole number of pieces", line, get("Quantity"))
		}
		price, err := decimal.NewFromString(get("UnitPrice"))
		if err != nil || price.Exponent() < -10 || price.Abs().GreaterThan(most) {
			return nil, fmt.Errorf("line %d: price %.40q is not a price", line, get("UnitPrice"))
		}
		number := get("InvoiceNo")
		at, known := index[number]
		if !known {
			at = len(invoices)
			index[number] = at
			invoices = append(invoices, invoice{Number: number, Customer: get("CustomerID"), Country: get("Country")})
		}
		invoices[at].Lines = append(invoices[at].Lines, exportLine{
			SKU: get("StockCode"), Name: get("Description"), Quantity: quantity.IntPart(), Price: price,
		})
	}
}

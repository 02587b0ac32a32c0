package main

import (
	"strings"
	"testing"
)

// FuzzExport reads any file as an order export.
func FuzzExport(f *testing.F) {
	const header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
	f.Add(header + "536365,85123A,\"HOLDER, WHITE\",6,12/1/2010 8:26,2.55,17850,United Kingdom\nC536379,D,Discount,-1,12/1/2010 9:41,27.5,14527,United Kingdom\n")
	f.Add("\ufeff" + header)
	f.Add(header + "1,A,B,1e999999999,,1e999999999,,\n")
	f.Add(header + "1,A\n")
	f.Add(header + "\"1\n")
	f.Add("InvoiceNo,InvoiceNo\n")
	f.Fuzz(func(t *testing.T, file string) {
		invoices, err := parseExport(strings.NewReader(file))
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, i := range invoices {
			if len(i.Lines) == 0 || seen[i.Number] {
				t.Errorf("invoice %q has %d lines, seen before: %t", i.Number, len(i.Lines), seen[i.Number])
			}
			seen[i.Number] = true
			for _, l := range i.Lines {
				if len(l.Price.String()) > 100 {
					t.Errorf("a price of %d characters", len(l.Price.String()))
				}
			}
		}
	})
}

func TestAnExportsNumbersMakeSense(t *testing.T) {
	for name, numbers := range map[string]string{
		"half a piece": "1.5,,2.55", "more than there are": "1e12,,2.55", "no number": "six,,2.55", "a price beyond sense": "1,,1e30", "a price too fine": "1,,1e-30",
	} {
		t.Run(name, func(t *testing.T) {
			file := "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n1,A,B," + numbers + ",1,US\n"
			if got, err := parseExport(strings.NewReader(file)); err == nil || !strings.Contains(err.Error(), "line 2") {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

package erp

import (
	"iter"
	"time"

	"github.com/shopspring/decimal"
)

// How the books look as tables: names, columns and types as in the database.

func text[R any](name string, get func(R) string) column {
	return column{name, textKind, func(row any) value { return value{text: get(row.(R))} }}
}

// optional is a string that is null when it is empty.
func optional[R any](name string, get func(R) string) column {
	return column{name, textKind, func(row any) value {
		s := get(row.(R))
		return value{text: s, null: s == ""}
	}}
}

func yesNo[R any](name string, get func(R) bool) column {
	return text(name, func(r R) string { return yn(get(r)) })
}

func constant[R any](name, s string) column { return text(name, func(R) string { return s }) }

func number[R any](name string, get func(R) decimal.Decimal) column {
	return column{name, numberKind, func(row any) value { return value{number: get(row.(R))} }}
}

func whole[R any](name string, get func(R) int) column {
	return number(name, func(r R) decimal.Decimal { return decimal.NewFromInt(int64(get(r))) })
}

// link is a number that is null when there is nothing to refer to.
func link[R any](name string, get func(R) int) column {
	return column{name, numberKind, func(row any) value {
		n := get(row.(R))
		return value{number: decimal.NewFromInt(int64(n)), null: n == 0}
	}}
}

// day is a date that was given as the server's clock shows it.
func day[R any](name string, get func(R) time.Time) column {
	return column{name, dateKind, func(row any) value {
		t := get(row.(R))
		return value{date: t, null: t.IsZero()}
	}}
}

// moment is a time of ours, shown on the server's clock.
func moment[R any](e *ERP, name string, get func(R) time.Time) column {
	return day(name, func(r R) time.Time {
		t := get(r)
		if t.IsZero() {
			return t
		}
		return t.Add(e.options.Offset)
	})
}

// each makes rows of a slice in the books.
func each[R any](get func(*books) []R) func(*books) iter.Seq[any] {
	return func(b *books) iter.Seq[any] {
		return func(yield func(any) bool) {
			for _, row := range get(b) {
				if !yield(row) {
					return
				}
			}
		}
	}
}

// nested makes rows of a slice in each row of another.
func nested[P, R any](parents func(*books) []P, children func(P) []R) func(*books) iter.Seq[any] {
	return func(b *books) iter.Seq[any] {
		return func(yield func(any) bool) {
			for _, p := range parents(b) {
				for _, row := range children(p) {
					if !yield(row) {
						return
					}
				}
			}
		}
	}
}

// byText is an index by a string column, byNumber one by a number.
func byText[R any](find func(*books, string) []R) func(*books, value) []any {
	return func(b *books, v value) []any { return anys(find(b, v.text)) }
}

func byNumber[R any](find func(*books, int) []R) func(*books, value) []any {
	return func(b *books, v value) []any {
		if !v.number.IsInteger() || v.number.BigInt().BitLen() > 40 {
			return nil
		}
		return anys(find(b, int(v.number.IntPart())))
	}
}

func anys[R any](rows []R) []any {
	out := make([]any, len(rows))
	for i, row := range rows {
		out[i] = row
	}
	return out
}

// found is the row of a look-up, or none.
func found[K comparable, R any](m map[K]R, key K) []R {
	if row, ok := m[key]; ok {
		return []R{row}
	}
	return nil
}

type keys = map[string]func(*books, value) []any

func define(tables map[string]*table, name string, rows func(*books) iter.Seq[any], k keys, columns ...column) {
	t := &table{name: name, columns: columns, byName: map[string]column{}, rows: rows, keys: k}
	for _, c := range columns {
		t.byName[c.name] = c
	}
	tables[name] = t
}

// tablesOf is the catalogue of all tables.
func tablesOf(e *ERP) map[string]*table {
	e.catalogue.Do(func() {
		t := map[string]*table{}
		e.defineOrders(t)
		e.defineTickets(t)
		e.defineInvoices(t)
		e.defineItems(t)
		e.defineCustomers(t)
		e.defineLedger(t)
		e.tables = t
	})
	return e.tables
}

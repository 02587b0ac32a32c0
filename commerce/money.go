package commerce

import (
	"errors"
	"fmt"

	"github.com/shopspring/decimal"
	"golang.org/x/text/currency"
)

// Currency is an ISO 4217 code such as "USD".
type Currency string

// Validate reports whether c is a known ISO 4217 code.
func (c Currency) Validate() error {
	if _, err := currency.ParseISO(string(c)); err != nil {
		return fmt.Errorf("currency %q is not an ISO 4217 code such as USD", string(c))
	}
	return nil
}

// MinorUnits is the number of decimal places of the currency: 2 for USD, 0 for
// JPY, 3 for BHD. An unknown currency has 2.
func (c Currency) MinorUnits() int32 {
	unit, err := currency.ParseISO(string(c))
	if err != nil {
		return 2
	}
	scale, _ := currency.Standard.Rounding(unit)
	return int32(scale)
}

// Round rounds an amount half away from zero to the currency's minor unit. It
// is the only place where money is rounded.
func (c Currency) Round(amount decimal.Decimal) decimal.Decimal {
	return amount.Round(c.MinorUnits())
}

// Format writes an amount with the currency's decimal places and its code, for
// people: "12.50 USD".
func (c Currency) Format(amount decimal.Decimal) string {
	return amount.StringFixed(c.MinorUnits()) + " " + string(c)
}

// ErrNothingToSplitBy is returned by [Currency.Allocate] when no weight is above zero.
var ErrNothingToSplitBy = errors.New("cannot split an amount: no weight is above zero")

// Allocate splits total in proportion to weights by largest remainder, so that
// the parts are whole minor units and always sum to the total (rounded once).
// Equal remainders favour the earlier part. Weights must not be negative; a
// zero weight gets nothing.
func (c Currency) Allocate(total decimal.Decimal, weights []decimal.Decimal) ([]decimal.Decimal, error) {
	sum := decimal.Zero
	for i, w := range weights {
		if w.IsNegative() {
			return nil, fmt.Errorf("cannot split an amount: weight %d is negative (%s)", i, w)
		}
		sum = sum.Add(w)
	}
	if !sum.IsPositive() {
		return nil, ErrNothingToSplitBy
	}
	places := c.MinorUnits()
	total = total.Round(places)
	unit := decimal.New(1, -places)
	if total.IsNegative() {
		unit = unit.Neg()
	}

	parts := make([]decimal.Decimal, len(weights))
	remainders := make([]decimal.Decimal, len(weights)) // in units of 1/sum, exact
	left := total
	for i, w := range weights {
		quotient, remainder := total.Mul(w).QuoRem(sum, places)
		parts[i], remainders[i] = quotient, remainder.Abs()
		left = left.Sub(quotient)
	}
	for !left.IsZero() {
		largest := 0
		for i := range remainders {
			if remainders[i].GreaterThan(remainders[largest]) {
				largest = i
			}
		}
		parts[largest] = parts[largest].Add(unit)
		remainders[largest] = decimal.NewFromInt(-1)
		left = left.Sub(unit)
	}
	return parts, nil
}

// Sum adds amounts up.
func Sum(amounts ...decimal.Decimal) decimal.Decimal {
	total := decimal.Zero
	for _, a := range amounts {
		total = total.Add(a)
	}
	return total
}

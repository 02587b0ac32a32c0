package connectors

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
)

// Number is a decimal in JSON, written as a number or as text. Its size is
// bounded: 1e999999999 is short to send and would fill the memory.
type Number struct{ decimal.Decimal }

// UnmarshalJSON reads a number; null and the empty text are zero.
func (n *Number) UnmarshalJSON(raw []byte) error {
	s := strings.TrimSpace(strings.Trim(string(raw), `"`))
	if s == "null" || s == "" {
		n.Decimal = decimal.Zero
		return nil
	}
	if len(s) > 40 {
		return fmt.Errorf("a number of %d characters", len(s))
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return fmt.Errorf("%q is not a number", s)
	}
	if e := d.Exponent(); e > 15 || e < -30 || d.NumDigits() > 30 {
		return fmt.Errorf("%q is not a sensible number", s)
	}
	n.Decimal = d
	return nil
}

// Money is the amount without the noise of a sender's floats: 34.989999999999995
// is 34.99. An amount with real fractions of a minor unit keeps them.
func (n Number) Money(currency commerce.Currency) decimal.Decimal {
	rounded := currency.Round(n.Decimal)
	if n.Sub(rounded).Abs().LessThan(decimal.New(1, -7)) {
		return rounded
	}
	return n.Decimal
}

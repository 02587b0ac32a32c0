package commerce

import (
	"errors"
	"testing"
	"testing/quick"

	"github.com/shopspring/decimal"
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func TestRoundIsHalfAwayFromZero(t *testing.T) {
	for _, c := range []struct {
		currency Currency
		in, want string
	}{
		{"USD", "2.345", "2.35"}, {"USD", "-2.345", "-2.35"}, {"USD", "2.3449", "2.34"},
		{"JPY", "2.5", "3"}, {"BHD", "1.23456", "1.235"}, {"???", "1.005", "1.01"},
	} {
		if got := c.currency.Round(dec(c.in)); !got.Equal(dec(c.want)) {
			t.Errorf("%s.Round(%s) = %s, want %s", c.currency, c.in, got, c.want)
		}
	}
}

func TestAllocate(t *testing.T) {
	for name, c := range map[string]struct {
		currency Currency
		total    string
		weights  []string
		want     []string
	}{
		"thirds of a dollar":        {"USD", "1.00", []string{"1", "1", "1"}, []string{"0.34", "0.33", "0.33"}},
		"a negative amount":         {"USD", "-1.00", []string{"1", "1", "1"}, []string{"-0.34", "-0.33", "-0.33"}},
		"largest remainder first":   {"USD", "0.10", []string{"1", "5", "3"}, []string{"0.01", "0.06", "0.03"}},
		"a zero weight gets none":   {"USD", "5.01", []string{"0", "1", "1"}, []string{"0", "2.51", "2.50"}},
		"yen have no minor unit":    {"JPY", "100", []string{"1", "1", "1"}, []string{"34", "33", "33"}},
		"fractions are rounded off": {"USD", "0.015", []string{"1", "1"}, []string{"0.01", "0.01"}},
	} {
		t.Run(name, func(t *testing.T) {
			weights := make([]decimal.Decimal, len(c.weights))
			for i, w := range c.weights {
				weights[i] = dec(w)
			}
			parts, err := c.currency.Allocate(dec(c.total), weights)
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range c.want {
				if !parts[i].Equal(dec(want)) {
					t.Errorf("part %d is %s, want %s", i, parts[i], want)
				}
			}
		})
	}
}

func TestAllocateRefusesWhatCannotBeSplit(t *testing.T) {
	if _, err := Currency("USD").Allocate(dec("1"), nil); !errors.Is(err, ErrNothingToSplitBy) {
		t.Errorf("no weights: got %v", err)
	}
	if _, err := Currency("USD").Allocate(dec("1"), []decimal.Decimal{dec("2"), dec("-1")}); err == nil {
		t.Error("a negative weight was accepted")
	}
}

// Whatever the amounts, the parts sum to the whole, and none is further than a
// cent from its exact share.
func TestAllocateLosesNothing(t *testing.T) {
	property := func(cents int32, weights []uint16) bool {
		ws, sum := make([]decimal.Decimal, len(weights)), decimal.Zero
		for i, w := range weights {
			ws[i] = decimal.NewFromInt(int64(w))
			sum = sum.Add(ws[i])
		}
		total := decimal.New(int64(cents), -2)
		parts, err := Currency("USD").Allocate(total, ws)
		if sum.IsZero() {
			return err != nil
		}
		for i, p := range parts {
			exact := total.Mul(ws[i]).Div(sum)
			if p.Sub(exact).Abs().GreaterThanOrEqual(dec("0.011")) {
				return false
			}
		}
		return err == nil && Sum(parts...).Equal(total)
	}
	if err := quick.Check(property, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
}

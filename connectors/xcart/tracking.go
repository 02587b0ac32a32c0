package xcart

import (
	"errors"
	"slices"
	"strings"

	"github.com/cart21/cart21/connectors"
)

// trackingNumber is all that either generation keeps of a parcel: no carrier, no
// lines, and the same value as often as it is sent.
type trackingNumber struct {
	Value string `json:"value"`
}

func values(rows []trackingNumber) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r.Value)
	}
	return out
}

// distinct gives each number once, without blanks around it; empty ones are none.
func distinct(numbers []string) []string {
	var out []string
	for _, n := range numbers {
		if n = strings.TrimSpace(n); n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// without gives what of wanted is not shown.
func without(wanted, shown []string) []string {
	var out []string
	for _, n := range wanted {
		if !slices.ContainsFunc(shown, func(s string) bool { return strings.TrimSpace(s) == n }) {
			out = append(out, n)
		}
	}
	return out
}

// unsure turns the failure to read a write back into an unknown outcome: it was
// accepted, and may or may not be stored. Whoever tries again reads first, so
// that nothing is written twice.
func unsure(err error) error {
	var e *connectors.Error
	if !errors.As(err, &e) || (e.Kind != connectors.Unavailable && e.Kind != connectors.RateLimited) {
		return err
	}
	again := *e
	again.Kind = connectors.OutcomeUnknown
	again.Detail = strings.TrimPrefix(e.Detail+"; what was written could not be read back", "; ")
	return &again
}

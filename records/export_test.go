package records

import "testing"

// OnBoth and Opened are for tests from outside the package.
var (
	OnBoth = onBoth
	Opened = open
)

// Emptied is a store without anything that velocity is counted from.
func Emptied(t testing.TB, s *Store) *Store {
	t.Helper()
	for _, table := range []string{"velocity", "velocity_hours", "charge_backs", "risk_features"} {
		if _, err := s.exec(t.Context(), "DELETE FROM "+table); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

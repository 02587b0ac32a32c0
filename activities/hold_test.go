package activities

import (
	"testing"

	"github.com/cart21/cart21/mapping"
)

func TestAHoldNeverTakesAnOrderBack(t *testing.T) {
	profile, err := mapping.Load("")
	if err != nil {
		t.Fatal(err)
	}
	s := &Shop{Mapping: profile}
	for name, c := range map[string]struct {
		now, to string
		want    bool
	}{
		"a new order is held":                        {"N", "WFA", true},
		"a backordered one too":                      {"NBA", "WFA", true},
		"one that is processed is not":               {"P", "WFA", false},
		"nor one that left":                          {"S", "WFA", false},
		"a held one is new again":                    {"WFA", "N", true},
		"or will not be delivered":                   {"WFA", "WND", true},
		"one that the shop could not hold likewise":  {"N", "WND", true},
		"what staff began to process does not begin": {"P", "N", false},
		"what came back stays returned":              {"R", "WND", false},
		"a status that nobody knows is left":         {"??", "WFA", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := s.holdMayBecome(HoldNotice{Status: c.to, Held: "WFA"}, c.now); got != c.want {
				t.Errorf("%s to %s: %v", c.now, c.to, got)
			}
		})
	}
}

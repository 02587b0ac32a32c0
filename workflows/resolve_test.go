package workflows

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/testsuite"

	"github.com/cart21/cart21/activities"
	"github.com/cart21/cart21/commerce"
)

// stuckStory is an order whose item the ERP does not know, whatever is tried.
// Corrections are checked by the real activity.
func stuckStory(t *testing.T) *story {
	s := newStory(t)
	order := anOrder
	order.Lines = []commerce.Line{{SKU: "PUMP-OLD", Quantity: decimal.New(2, 0), Subtotal: order.Total}}
	s.answers(activities.ReadOrderName, activities.OrderReading{Order: order}, nil)
	s.answers(activities.MapOrderName, activities.Mapped{Reason: "unknown-item"}, nil)
	s.goesWell()
	s.resolves(24*time.Hour, Resolution{Action: Cancel, By: "Ann", Why: "the test ends"})
	return s
}

// updates sends an update and hands its answer, or why it was not accepted, to check.
func (s *story) updates(after time.Duration, name string, r Resolution, check func(Answer, error)) {
	s.after(after, func() {
		s.UpdateWorkflow(name, after.String(), &testsuite.TestUpdateCallback{
			OnAccept: func() {}, OnReject: func(err error) { check(Answer{}, err) },
			OnComplete: func(answer any, err error) {
				a, _ := answer.(Answer)
				check(a, err)
			},
		}, r)
	})
}

func (s *story) decisions(t *testing.T) (decided []Decided) {
	t.Helper()
	value, err := s.QueryWorkflow(QueryDecisions)
	if err == nil {
		err = value.Get(&decided)
	}
	if err != nil {
		t.Fatal(err)
	}
	return decided
}

func amendment(place string, value any) Resolution {
	return Resolution{Action: Amend, By: "Ann", Why: "renamed", Changes: activities.Amendment{place: value}}
}

func TestAnAmendmentThatDoesNotFitIsNotAccepted(t *testing.T) {
	for name, c := range map[string]struct {
		place string
		value any
		want  string
	}{
		"a field that is none":  {"/shipto", "OK", "shipto"},
		"a field in capitals":   {"/lines/0/SKU", "PUMP", "/lines/0/SKU is not a place"},
		"a line that is none":   {"/lines/7/sku", "PUMP", "/lines/7/sku is not a place"},
		"a number for a text":   {"/lines/0/sku", 7, "/lines/sku takes no number"},
		"a text for a quantity": {"/lines/0/quantity", "two", "decimal"},
		"not a pointer":         {"lines.0.sku", "PUMP", "write it like"},
		"another order's id":    {"/id", "4712", "cannot be changed"},
	} {
		t.Run(name, func(t *testing.T) {
			s := stuckStory(t)
			told := 0
			for minute, update := range map[int]string{1: PreviewResolution, 2: Resolve} {
				s.updates(time.Duration(minute)*time.Minute, update, amendment(c.place, c.value), func(_ Answer, err error) {
					if told++; err == nil || !strings.Contains(err.Error(), c.want) {
						t.Errorf("%s answered %v, want %q", update, err, c.want)
					}
				})
			}
			s.after(3*time.Minute, func() { s.SignalWorkflow(Resolve, amendment(c.place, c.value)) })
			s.asks(4*time.Minute, func(status OrderStatus) {
				if told++; !strings.Contains(status.Refused, c.want) || status.Blocked == nil || len(status.Amended) > 0 {
					t.Errorf("after the signal the status is %+v, want refused with %q", status, c.want)
				}
			})
			s.tell()
			if told != 3 {
				t.Errorf("%d of 3 answers came", told)
			}
			s.AssertNumberOfCalls(t, activities.ReadOrderName, 1) // none of them went on
			s.AssertNumberOfCalls(t, activities.RecordDecisionName, 1)
		})
	}
}

func TestAnAmendmentIsAnsweredWithItsDiff(t *testing.T) {
	s := stuckStory(t)
	const diff = "/lines/0/sku: PUMP-OLD -> PUMP"
	var previewed, answered Answer
	s.updates(time.Minute, PreviewResolution, amendment("/lines/0/sku", "PUMP"), func(a Answer, err error) { previewed = a })
	s.asks(2*time.Minute, func(status OrderStatus) {
		if status.Blocked == nil || len(status.Amended) > 0 || len(s.decisions(t)) > 0 {
			t.Errorf("a preview changed something: %+v", status)
		}
	})
	s.updates(3*time.Minute, Resolve, amendment("/lines/0/sku", "PUMP"), func(a Answer, err error) { answered = a })
	s.asks(4*time.Minute, func(status OrderStatus) {
		if len(status.Amended) != 1 || status.Amended[0] != diff {
			t.Errorf("corrected: %q", status.Amended)
		}
		if d := s.decisions(t); len(d) != 1 || d[0].About != "unknown-item" || d[0].By != "Ann" || len(d[0].Changes) != 1 || d[0].Changes[0] != diff {
			t.Errorf("decided: %+v", d)
		}
	})
	s.tell()
	for _, a := range []Answer{previewed, answered} {
		if len(a.Changes) != 1 || a.Changes[0] != diff || !strings.Contains(a.Accepted, "Ann") {
			t.Errorf("answered %+v", a)
		}
	}
	s.AssertCalled(t, activities.RecordDecisionName, mock.Anything, mock.MatchedBy(func(d activities.PersonsDecision) bool {
		return d.Action == "amend" && len(d.Changes) == 1 && d.Changes[0] == diff && !d.At.IsZero()
	}))
}

// TestOfTwoDecisionsTheFirstCounts: the second must not answer the question
// that comes after the one it was meant for.
func TestOfTwoDecisionsTheFirstCounts(t *testing.T) {
	s := stuckStory(t)
	s.after(time.Minute, func() {
		for _, by := range []string{"Ann", "Bob"} {
			s.SignalWorkflow(Resolve, Resolution{Action: Retry, By: by})
		}
	})
	s.asks(time.Hour, func(OrderStatus) {
		if d := s.decisions(t); len(d) != 1 || d[0].By != "Ann" {
			t.Errorf("decided: %+v", d)
		}
	})
	s.tell()
	s.AssertNumberOfCalls(t, activities.ReadOrderName, 2)
}

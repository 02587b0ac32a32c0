package workflows

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/cart21/cart21/activities"
	"github.com/cart21/cart21/commerce"
)

const day = 24 * time.Hour

var terms = activities.HoldTerms{
	EscalateAfter: 4 * time.Hour, DecideBy: 5 * day, AtDeadline: "keep",
	StatusHeld: "WFA", StatusApproved: "N", StatusRejected: "WND", PaymentStatusRejected: "C",
}

// risk scores an order for reasons of these codes.
func risk(codes ...string) *activities.Risk {
	r := &activities.Risk{Score: 12.5, Outcome: activities.RiskReview, Terms: terms}
	for _, code := range codes {
		r.Reasons = append(r.Reasons, activities.RiskReason{Code: code, Multiplier: 6, Sentence: "Because of " + code + "."})
	}
	r.Reasons = append(r.Reasons, activities.RiskReason{Code: "ACCOUNT_OLD", Multiplier: .6, Sentence: "The account is older than a year."})
	return r
}

func at(deadline string) *activities.Risk {
	r := risk("FORWARDER")
	r.Terms.AtDeadline = deadline
	return r
}

// shopfront is what the shop's screening says at each reading, and what it was told.
type shopfront struct {
	*story
	outcomes []string                // of the search attribute, one after the other
	told     []activities.HoldNotice // in order
	asked    []activities.Screened   // at each reading
	audited  []activities.PersonsDecision
	refuses  string // the shipping status that the shop refuses; * is each
}

// holds begins a story whose order scores as said at each reading, the last for
// all that follow.
func holds(t *testing.T, risks ...*activities.Risk) *shopfront {
	f := &shopfront{story: newStory(t)}
	order := anOrder
	order.ShippingStatus = "N"
	f.answers(activities.ReadOrderName, func(_ context.Context, _ string, before activities.Screened) (activities.OrderReading, error) {
		f.asked = append(f.asked, before)
		return activities.OrderReading{Order: order, Risk: risks[min(len(f.asked), len(risks))-1]}, nil
	}).Maybe()
	f.answers(activities.TellHoldName, func(_ context.Context, n activities.HoldNotice) (activities.HoldTold, error) {
		if f.refuses == "*" || f.refuses == n.Status {
			return activities.HoldTold{}, refusal("xcart-rejected", false)
		}
		f.told = append(f.told, n)
		if n.Status != "" {
			order.ShippingStatus = n.Status
		}
		return activities.HoldTold{}, nil
	}).Maybe()
	f.answers(activities.RecordDecisionName, func(_ context.Context, d activities.PersonsDecision) error {
		f.audited = append(f.audited, d)
		return nil
	}).Maybe()
	f.OnUpsertTypedSearchAttributes(mock.Anything).Return(nil).Run(func(args mock.Arguments) {
		attributes := args.Get(0).(temporal.SearchAttributes)
		if outcome, there := attributes.GetKeyword(AttrFraudOutcome); there {
			f.outcomes = append(f.outcomes, outcome)
		}
	}).Maybe()
	return f
}

func (f *shopfront) signals(after time.Duration, decision Action, reviewer, reason string) {
	f.after(after, func() { f.SignalWorkflow(SignalFraudDecision, FraudDecision{decision, reviewer, reason}) })
}

// updates asks for a decision; the answer is in words, whichever way it goes.
func (f *shopfront) updates(after time.Duration, decision Action, reviewer, reason string) *string {
	answer := new(string)
	f.after(after, func() {
		f.UpdateWorkflow(UpdateDecideFraud, fmt.Sprint(after, reviewer), &testsuite.TestUpdateCallback{
			OnAccept: func() {}, OnReject: func(err error) { *answer = err.Error() },
			OnComplete: func(result any, err error) {
				if err != nil {
					*answer = err.Error()
				} else {
					*answer = result.(Answer).Accepted
				}
			},
		}, FraudDecision{decision, reviewer, reason})
	})
	return answer
}

// looks queries the hold; nil when there is none.
func (f *shopfront) looks(after time.Duration, check func(*FraudHold)) {
	f.after(after, func() {
		var hold *FraudHold
		value, err := f.QueryWorkflow(QueryFraudHold)
		if err == nil && value.HasValue() {
			err = value.Get(&hold)
		}
		if err != nil {
			f.t.Errorf("query: %v", err)
		}
		check(hold)
	})
}

func (f *shopfront) isHeld(after time.Duration, want bool) {
	f.looks(after, func(hold *FraudHold) {
		if (hold != nil) != want {
			f.t.Errorf("after %s the hold is %+v", after, hold)
		}
	})
}

func (f *shopfront) ends(want Stage, outcomes ...string) OrderOutcome {
	f.t.Helper()
	f.goesWell()
	out := f.tell()
	if out.Stage != want {
		f.t.Errorf("outcome %+v, want %s", out, want)
	}
	if !slices.Equal(f.outcomes, outcomes) {
		f.t.Errorf("shown as %v, want %v", f.outcomes, outcomes)
	}
	created := 0
	if want == StageCompleted {
		created = 1
	}
	f.AssertNumberOfCalls(f.t, activities.CreateOrderName, created)
	f.AssertNumberOfCalls(f.t, activities.PrepareOrderName, created)
	return out
}

// statuses are the shipping statuses that the shop was told, in order.
func (f *shopfront) statuses() (codes []string) {
	for _, n := range f.told {
		codes = append(codes, n.Status)
	}
	return codes
}

func TestAHeldOrderIsApproved(t *testing.T) {
	for name, how := range map[string]func(*shopfront){
		"by signal":  func(f *shopfront) { f.signals(day, Approve, "Ann", "a regular") },
		"by update":  func(f *shopfront) { f.updates(day, Approve, "Ann", "a regular") },
		"as parked":  func(f *shopfront) { f.resolves(day, Resolution{Action: Approve, By: "Ann", Why: "a regular"}) },
		"in a month": func(f *shopfront) { f.signals(21*day, Approve, "Ann", "a regular") },
	} {
		t.Run(name, func(t *testing.T) {
			f := holds(t, risk("FORWARDER"), risk("FORWARDER")) // the screening need not know of the approval
			f.looks(time.Hour, func(h *FraudHold) {
				if h == nil || h.Score != 12.5 || h.Outcome != "review" || len(h.Reasons) != 2 || h.Escalated || h.WebOrder != "1004711" ||
					h.Total != "131.50 USD" || !h.Deadline.Equal(h.Since.Add(5*day)) || !slices.Equal(h.Choices, []Action{Approve, Reject}) {
					t.Errorf("held as %+v", h)
				}
			})
			f.asks(time.Hour, func(s OrderStatus) {
				page := s.page()
				for _, said := range []string{"12.5", "Because of FORWARDER.", SignalFraudDecision, UpdateDecideFraud, Runbook(ReasonFraudReview)} {
					if !strings.Contains(page, said) {
						t.Errorf("the page does not say %q:\n%s", said, page)
					}
				}
				if s.Stage != StageFraudReview || s.Blocked == nil || s.Blocked.Reason != "fraud-review" {
					t.Errorf("status %+v", s)
				}
			})
			how(f)
			f.isHeld(22*day, false)
			f.completes(23 * day)
			shown := []string{"review", "escalated", "approved"}
			if name == "in a month" {
				shown = []string{"review", "escalated", "expired", "approved"}
			}
			f.ends(StageCompleted, shown...)
			if got := f.statuses(); !slices.Equal(got, []string{"WFA", "N"}) {
				t.Errorf("the shop was told %v", got)
			}
			if got := f.asked[len(f.asked)-1].Approved; !slices.Equal(got, []string{"FORWARDER"}) {
				t.Errorf("the screening was told of %v", got)
			}
			if len(f.audited) != 1 || f.audited[0].By != "Ann" || f.audited[0].Action != "approve" || f.audited[0].Reason != "a regular" || f.audited[0].About != "fraud-review" {
				t.Errorf("audited %+v", f.audited)
			}
		})
	}
}

func TestAHeldOrderIsRejected(t *testing.T) {
	f := holds(t, risk("FORWARDER"))
	f.signals(time.Hour, Reject, "Ann", "the card is stolen")
	out := f.ends(StageCancelled, "review", "rejected")
	if !strings.Contains(out.Why, "Ann") || !strings.Contains(out.Why, "stolen") {
		t.Errorf("why: %q", out.Why)
	}
	if last := f.told[len(f.told)-1]; last.Status != "WND" || last.PaymentStatus != "C" || last.Held != "WFA" {
		t.Errorf("the shop was told %+v", last)
	}
	if len(f.audited) != 1 || f.audited[0].Action != "reject" {
		t.Errorf("audited %+v", f.audited)
	}
}

func TestARejectionTheShopRefusesWaitsForPeople(t *testing.T) {
	f := holds(t, risk("FORWARDER"))
	f.refuses = "WND"
	f.signals(time.Hour, Reject, "Ann", "stolen")
	f.parkedFor(2*time.Hour, "xcart-rejected")
	f.isHeld(2*time.Hour, false)
	f.resolves(3*time.Hour, Resolution{Action: Skip, By: "Bob", Why: "cancelled by hand"})
	if out := f.ends(StageCancelled, "review", "rejected"); !strings.Contains(out.Why, "Ann") || !strings.Contains(out.Why, "Bob") {
		t.Errorf("why: %q", out.Why)
	}
}

func TestTheDeadlineDecidesByPolicy(t *testing.T) {
	for action, want := range map[string]Stage{"approve": StageCompleted, "reject": StageCancelled} {
		t.Run(action, func(t *testing.T) {
			f := holds(t, at(action))
			f.isHeld(5*day-time.Minute, true)
			f.isHeld(5*day+time.Minute, false)
			f.completes(6 * day)
			f.ends(want, "review", "escalated", map[string]string{"approve": "approved", "reject": "rejected"}[action])
			if len(f.audited) != 1 || f.audited[0].By != "policy" || f.audited[0].Action != action || !strings.Contains(f.audited[0].Reason, "5 days") {
				t.Errorf("audited %+v", f.audited)
			}
		})
	}
	t.Run("keep", func(t *testing.T) {
		f := holds(t, at("keep"))
		f.looks(20*day, func(h *FraudHold) {
			if h == nil || !h.Expired {
				t.Errorf("held as %+v", h)
			}
		})
		f.signals(21*day, Reject, "Ann", "no answer to our mail")
		f.ends(StageCancelled, "review", "escalated", "expired", "rejected")
	})
	t.Run("none", func(t *testing.T) {
		r := risk("FORWARDER")
		r.Terms.DecideBy, r.Terms.EscalateAfter = 0, 0
		f := holds(t, r)
		f.isHeld(60*day, true)
		f.signals(61*day, Reject, "Ann", "too late")
		f.ends(StageCancelled, "review", "rejected")
	})
}

func TestAHoldEscalatesOnce(t *testing.T) {
	f := holds(t, risk("FORWARDER"))
	f.looks(4*time.Hour-time.Minute, func(h *FraudHold) {
		if h.Escalated {
			t.Error("escalated too early")
		}
	})
	f.looks(4*time.Hour+time.Minute, func(h *FraudHold) {
		if !h.Escalated {
			t.Error("not escalated")
		}
	})
	f.poke(5 * time.Hour) // read again, and still escalated
	f.looks(6*time.Hour, func(h *FraudHold) {
		if !h.Escalated {
			t.Error("a fresh look forgot it")
		}
	})
	f.signals(7*time.Hour, Reject, "Ann", "stolen")
	f.ends(StageCancelled, "review", "escalated", "rejected")
}

func TestADecisionThatDoesNotFitLosesNothing(t *testing.T) {
	wrong := map[string]FraudDecision{
		`use one of`: {"cancel", "Ann", "test"},
		`"reviewer"`: {Approve, " ", "test"},
		`"reason"`:   {Approve, "Ann", ""},
		`nobody's`:   {Approve, "policy", "test"},
	}
	for said, d := range wrong {
		t.Run(said, func(t *testing.T) {
			f := holds(t, risk("FORWARDER"))
			f.signals(time.Hour, d.Decision, d.Reviewer, d.Reason)
			f.asks(2*time.Hour, func(s OrderStatus) {
				if s.FraudHold == nil || !strings.Contains(s.Refused, said) || !strings.Contains(s.page(), said) {
					t.Errorf("held %+v, refused %q", s.FraudHold, s.Refused)
				}
			})
			answer := f.updates(3*time.Hour, d.Decision, d.Reviewer, d.Reason)
			f.signals(3*time.Hour+time.Minute, Reject, "Ann", "stolen")
			f.ends(StageCancelled, "review", "rejected")
			if !strings.Contains(*answer, said) {
				t.Errorf("the update was answered %q", *answer)
			}
		})
	}
	t.Run("nonsense", func(t *testing.T) {
		f := holds(t, risk("FORWARDER"))
		f.after(time.Hour, func() { f.SignalWorkflow(SignalFraudDecision, "approve it") })
		f.asks(2*time.Hour, func(s OrderStatus) {
			if s.FraudHold == nil || !strings.Contains(s.Refused, "is no decision") {
				t.Errorf("held %+v, refused %q", s.FraudHold, s.Refused)
			}
		})
		f.signals(3*time.Hour, Reject, "Ann", "stolen")
		f.ends(StageCancelled, "review", "rejected")
	})
	t.Run("cancel at the desk", func(t *testing.T) {
		f := holds(t, risk("FORWARDER"))
		f.resolves(time.Hour, Resolution{Action: Cancel, By: "Ann", Why: "test"})
		f.isHeld(2*time.Hour, true)
		f.signals(3*time.Hour, Reject, "Ann", "stolen")
		f.ends(StageCancelled, "review", "rejected")
	})
}

func TestOfTwoReviewersTheFirstCounts(t *testing.T) {
	f := holds(t, risk("FORWARDER"))
	first := f.updates(time.Hour, Approve, "Ann", "a regular")
	second := f.updates(time.Hour, Reject, "Bob", "stolen")
	later := f.updates(2*time.Hour, Reject, "Bob", "stolen")
	f.signals(3*time.Hour, Reject, "Bob", "stolen")
	f.asks(4*time.Hour, func(s OrderStatus) {
		if !strings.Contains(s.Refused, "Ann decided approve") {
			t.Errorf("refused %q", s.Refused)
		}
	})
	f.completes(day)
	f.ends(StageCompleted, "review", "approved")
	if !strings.Contains(*first, "approve by Ann") || !strings.Contains(*second, "Ann has just decided") || !strings.Contains(*later, "Ann decided approve") {
		t.Errorf("answered %q, %q and %q", *first, *second, *later)
	}
	if len(f.audited) != 1 {
		t.Errorf("audited %+v", f.audited)
	}
}

func TestACancelledOrderNeedsNoDecision(t *testing.T) {
	f := holds(t, risk("FORWARDER"))
	f.answers(activities.DecideName, decided(nil), nil).Once()
	f.answers(activities.DecideName, cancelled(), nil).After(time.Minute)
	f.poke(time.Hour)
	answer := f.updates(time.Hour+time.Second, Approve, "Ann", "a regular") // while it is read again
	if out := f.ends(StageCancelled, "review", "withdrawn"); !strings.Contains(out.Why, "cancelled in the shop") {
		t.Errorf("why: %q", out.Why)
	}
	if !strings.Contains(*answer, "is not held") {
		t.Errorf("answered %q", *answer)
	}
	f.AssertNotCalled(t, activities.RecordDecisionName, mock.Anything, mock.Anything)
}

func TestAnOrderThatChangesIsScoredAgain(t *testing.T) {
	accepted := &activities.Risk{Score: 1, Outcome: activities.RiskAccept, Terms: terms}
	t.Run("and is held no more", func(t *testing.T) {
		f := holds(t, risk("FORWARDER"), accepted)
		f.poke(time.Hour)
		f.isHeld(2*time.Hour, false)
		f.completes(day)
		f.ends(StageCompleted, "review", "lowered")
		if got := f.statuses(); !slices.Equal(got, []string{"WFA", "N"}) {
			t.Errorf("the shop was told %v", got)
		}
	})
	t.Run("and is held since the same moment", func(t *testing.T) {
		f := holds(t, risk("FORWARDER"), risk("FORWARDER", "PO_BOX"))
		var since time.Time
		f.looks(time.Hour, func(h *FraudHold) { since = h.Since })
		f.poke(2 * time.Hour)
		f.looks(3*time.Hour, func(h *FraudHold) {
			if !h.Since.Equal(since) || len(h.Reasons) != 3 {
				t.Errorf("held as %+v, at first since %s", h, since)
			}
		})
		f.asks(3*time.Hour, func(s OrderStatus) {
			if s.Blocked == nil || !s.Blocked.Since.Equal(since) || !strings.Contains(s.Blocked.Message, "PO_BOX") {
				t.Errorf("parked as %+v", s.Blocked)
			}
		})
		f.signals(200*time.Minute, Reject, "Ann", "stolen")
		f.ends(StageCancelled, "review", "rejected")
		if got := f.statuses(); !slices.Equal(got, []string{"WFA", "WND"}) {
			t.Errorf("the shop was told %v", got)
		}
	})
	t.Run("and is asked about again for a new cause alone", func(t *testing.T) {
		f := holds(t, risk("FORWARDER"), risk("FORWARDER", "PO_BOX"))
		f.signals(time.Hour, Approve, "Ann", "a regular")
		f.looks(2*time.Hour, func(h *FraudHold) {
			if h == nil || !strings.Contains(h.Remark, "Ann approved") {
				t.Errorf("held as %+v", h)
			}
		})
		f.signals(3*time.Hour, Approve, "Bob", "their workshop")
		f.completes(day)
		f.ends(StageCompleted, "review", "approved")
	})
}

// TestADecisionWaitsForAFreshLook comes while the order is read again.
func TestADecisionWaitsForAFreshLook(t *testing.T) {
	for name, c := range map[string]struct {
		found    *activities.Risk
		decision Action
		answer   string
		want     Stage
		outcomes []string
	}{
		"that finds nothing new":         {risk("FORWARDER"), Approve, "approve by Ann noted", StageCompleted, []string{"review", "approved"}},
		"that finds a new cause":         {risk("FORWARDER", "PO_BOX"), Approve, "look at it again", StageCancelled, []string{"review", "rejected"}},
		"that rejects whatever is found": {risk("FORWARDER", "PO_BOX"), Reject, "reject by Ann noted", StageCancelled, []string{"review", "rejected"}},
		"that lets it go anyway":         {nil, Approve, "is not held", StageCompleted, []string{"review", "lowered"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := holds(t, risk("FORWARDER"), c.found)
			f.answers(activities.DecideName, decided(nil), nil).Once()
			f.answers(activities.DecideName, decided(nil), nil).After(time.Minute)
			f.poke(time.Hour)
			answer := f.updates(time.Hour+time.Second, c.decision, "Ann", "a regular")
			f.signals(2*time.Hour, Reject, "Bob", "stolen")
			f.completes(day)
			f.ends(c.want, c.outcomes...)
			if !strings.Contains(*answer, c.answer) {
				t.Errorf("answered %q", *answer)
			}
		})
	}
}

func TestWhatTheERPHasIsNotHeld(t *testing.T) {
	f := &shopfront{story: newStory(t)}
	f.answers(activities.ReadOrderName, activities.OrderReading{Order: anOrder, ERPOrder: "1000123", Risk: risk("FORWARDER")}, nil)
	f.isHeld(time.Hour, false)
	f.completes(day)
	f.ends(StageCompleted)
}

func TestWhatIsNotHeld(t *testing.T) {
	shadow := risk("FORWARDER")
	shadow.Shadow = true
	for name, c := range map[string]struct {
		risk *activities.Risk
		want []string
	}{
		"accepted":     {&activities.Risk{Score: .4, Outcome: activities.RiskAccept}, []string{"accept"}},
		"in shadow":    {shadow, []string{"shadow-review"}},
		"not screened": {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := holds(t, c.risk)
			f.isHeld(time.Minute, false)
			answer := f.updates(time.Hour, Approve, "Ann", "a regular")
			f.completes(2 * time.Hour)
			f.ends(StageCompleted, c.want...)
			if len(f.told) > 0 || !strings.Contains(*answer, "is not held") {
				t.Errorf("the shop was told %v, the update was answered %q", f.told, *answer)
			}
		})
	}
}

func TestTheShopThatCannotBeToldKeepsNobodyFromDeciding(t *testing.T) {
	f := holds(t, risk("FORWARDER"))
	f.refuses = "*"
	f.looks(time.Hour, func(h *FraudHold) {
		if h == nil || !strings.Contains(h.Remark, "could not be told") {
			t.Errorf("held as %+v", h)
		}
	})
	f.signals(2*time.Hour, Approve, "Ann", "a regular")
	f.completes(day)
	f.ends(StageCompleted, "review", "approved")
}

// TestTheStatusOfAHoldIsNotTheOrdersOwn begins with an order that an earlier
// process held, and that the import rules would take for one awaiting approval.
func TestTheStatusOfAHoldIsNotTheOrdersOwn(t *testing.T) {
	f := holds(t, risk("FORWARDER"))
	f.answers(activities.DecideName, func(_ context.Context, o commerce.Order) (activities.Decision, error) {
		if o.ShippingStatus != "N" {
			return f.waits(), nil
		}
		return decided(nil), nil
	})
	f.poke(time.Minute) // the shop's own webhook of our write
	f.isHeld(time.Hour, true)
	f.signals(2*time.Hour, Approve, "Ann", "a regular")
	f.completes(day)
	f.ends(StageCompleted, "review", "approved")
}

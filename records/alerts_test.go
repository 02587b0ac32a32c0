package records

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAlertsAreKeptByChannelUntilForgotten(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s, ctx := open(t, dsn), t.Context()
		parked := Alert{Store: "main", Channel: "mail", Key: "parked/p21-rejected", Severity: "warning", Title: "parked: p21-rejected", Since: noon, ToldAt: noon}
		breaker := Alert{Store: "main", Channel: "mail", Key: "breaker/xcart", Severity: "critical", Title: "X-Cart is down", Since: noon, ToldAt: noon}
		other := Alert{Store: "other", Channel: "mail", Key: parked.Key, Severity: "warning", Title: "another store's", Since: noon, ToldAt: noon}
		webhook := Alert{Store: "main", Channel: "webhook", Key: parked.Key, Severity: "warning", Title: "another channel's", Since: noon, ToldAt: noon}
		gone := parked
		gone.Severity, gone.ToldAt, gone.GoneAt = "critical", noon.Add(time.Hour), noon.Add(2*time.Hour)
		for _, a := range []Alert{parked, breaker, other, webhook, gone} {
			if err := s.SaveAlert(ctx, a); err != nil {
				t.Fatal(err)
			}
		}
		expect := func(want ...Alert) {
			t.Helper()
			got, err := s.Alerts(ctx, "main", "mail")
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("error %v (-want +got):\n%s", err, diff)
			}
		}
		expect(breaker, gone)
		back := gone
		back.GoneAt = time.Time{}
		if err := s.SaveAlert(ctx, back); err != nil {
			t.Fatal(err)
		}
		expect(breaker, back)
		if err := s.ForgetAlert(ctx, "main", "mail", parked.Key); err != nil {
			t.Fatal(err)
		}
		expect(breaker)
		if left, err := s.Alerts(ctx, "main", "webhook"); err != nil || len(left) != 1 {
			t.Errorf("the other channel's: got %v, %v", left, err)
		}
		if err := s.SaveAlert(ctx, Alert{Store: "main", Key: "x"}); err == nil {
			t.Error("an alert without a channel was accepted")
		}
	})
}

func TestBreakersAreThoseOfWorkersThatTellOfThem(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s, ctx := open(t, dsn), t.Context()
		save := func(at time.Time, b Breaker) {
			t.Helper()
			s.now = func() time.Time { return at }
			if err := s.SaveBreaker(ctx, b); err != nil {
				t.Fatal(err)
			}
		}
		save(noon, Breaker{Store: "main", System: "X-Cart", Worker: "dead", State: "open", Since: noon})
		save(noon, Breaker{Store: "main", System: "X-Cart", Worker: "a", State: "closed", Since: noon})
		later := noon.Add(time.Hour)
		save(later, Breaker{Store: "main", System: "X-Cart", Worker: "a", State: "open", Since: later})
		save(later, Breaker{Store: "other", System: "X-Cart", Worker: "a", State: "open", Since: later})

		got, err := s.Breakers(ctx, "main", later.Add(-time.Minute))
		want := []Breaker{{Store: "main", System: "X-Cart", Worker: "a", State: "open", Since: later, SeenAt: later}}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("error %v (-want +got):\n%s", err, diff)
		}
		save(noon.Add(25*time.Hour), want[0])
		if all, err := s.Breakers(ctx, "main", time.Time{}); err != nil || len(all) != 1 {
			t.Errorf("a worker that told nothing for a day is still there: %v, %v", all, err)
		}
	})
}

// Package velocitytest says what every implementation of [fraud.Velocity] has to
// do, as tests that each can run.
package velocitytest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/fraud"
)

var now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func key(kind fraud.Kind, value string) fraud.Key { return fraud.NewKey(kind, value, nil) }

func order(id string, ago time.Duration, amount string, keys ...fraud.Key) fraud.Event {
	return fraud.Event{ID: id, At: now.Add(-ago), Amount: decimal.RequireFromString(amount), Keys: keys}
}

type back struct {
	id  string
	ago time.Duration
}

// Run tests an implementation; open returns an empty one each time.
func Run(t *testing.T, open func(*testing.T) fraud.Velocity) {
	const day = 24 * time.Hour
	ann, ben := key(fraud.KindCustomer, "ann"), key(fraud.KindCustomer, "ben")
	visa, amex := key(fraud.KindCard, "visa"), key(fraud.KindCard, "amex")
	shop := key(fraud.KindStore, "shop")
	for _, test := range []struct {
		name   string
		orders []fraud.Event
		backs  []back
		asked  fraud.Event
		want   map[fraud.Kind]string
	}{
		{"nothing before", nil, nil, order("a", 0, "5", ann), map[fraud.Kind]string{
			fraud.KindCustomer: "0/0 0/0 0/0 0/0 never",
		}},
		{"each window holds its span, and the longer hold the shorter",
			[]fraud.Event{order("a", time.Minute, "1", ann), order("b", 2*time.Hour, "2", ann), order("c", 2*day, "4", ann), order("d", 20*day, "8", ann), order("e", 40*day, "16", ann)},
			nil, order("x", 0, "9", ann), map[fraud.Kind]string{fraud.KindCustomer: "1/1 2/3 3/7 4/15 960h0m0s-1m0s"}},
		{"a window's first instant is in, the order's own is out",
			[]fraud.Event{order("a", time.Hour, "1", ann), order("b", time.Hour+time.Second, "2", ann), order("c", 0, "4", ann)},
			nil, order("x", 0, "9", ann), map[fraud.Kind]string{fraud.KindCustomer: "1/1 2/3 2/3 2/3 1h0m1s-1h0m0s"}},
		{"what comes later counts for nothing",
			[]fraud.Event{order("a", -time.Minute, "1", ann), order("b", -day, "2", ann)},
			nil, order("x", 0, "9", ann), map[fraud.Kind]string{fraud.KindCustomer: "0/0 0/0 0/0 0/0 never"}},
		{"an order does not count itself, even when its time moved",
			[]fraud.Event{order("x", time.Minute, "1", ann), order("b", 2*time.Minute, "2", ann)},
			nil, order("x", 0, "9", ann), map[fraud.Kind]string{fraud.KindCustomer: "1/2 1/2 1/2 1/2 2m0s-2m0s"}},
		{"an order recorded twice is replaced",
			[]fraud.Event{order("a", time.Minute, "1", ann, visa), order("a", 2*time.Minute, "3", ann)},
			nil, order("x", 0, "9", ann, visa), map[fraud.Kind]string{
				fraud.KindCustomer: "1/3 1/3 1/3 1/3 2m0s-2m0s", fraud.KindCard: "0/0 0/0 0/0 0/0 never",
			}},
		{"the same key twice counts once",
			[]fraud.Event{order("a", time.Minute, "1", ann, ann)},
			nil, order("x", 0, "9", ann), map[fraud.Kind]string{fraud.KindCustomer: "1/1 1/1 1/1 1/1 1m0s-1m0s"}},
		{"the order of recording makes no difference",
			[]fraud.Event{order("c", 2*day, "4", ann), order("a", time.Minute, "1", ann), order("b", 2*time.Hour, "2", ann)},
			nil, order("x", 0, "9", ann), map[fraud.Kind]string{fraud.KindCustomer: "1/1 2/3 3/7 3/7 48h0m0s-1m0s"}},
		{"other people's orders are other people's",
			[]fraud.Event{order("a", time.Minute, "1", ben)},
			nil, order("x", 0, "9", ann), map[fraud.Kind]string{fraud.KindCustomer: "0/0 0/0 0/0 0/0 never"}},
		{"distinct counterparts, of the past only",
			[]fraud.Event{order("a", time.Minute, "1", ann, visa), order("b", time.Minute, "1", ann, visa), order("c", 2*time.Hour, "1", ann, amex), order("d", time.Minute, "1", ben, visa)},
			nil, order("x", 0, "9", ann, visa), map[fraud.Kind]string{
				fraud.KindCustomer: "2/2[card=1] 3/3[card=2] 3/3[card=2] 3/3[card=2] 2h0m0s-1m0s",
				fraud.KindCard:     "3/3[customer=2] 3/3[customer=2] 3/3[customer=2] 3/3[customer=2] 1m0s-1m0s",
			}},
		{"a store has and is no counterpart",
			[]fraud.Event{order("a", time.Minute, "1", ann, shop)},
			nil, order("x", 0, "9", ann, shop), map[fraud.Kind]string{
				fraud.KindCustomer: "1/1 1/1 1/1 1/1 1m0s-1m0s", fraud.KindStore: "1/1 1/1 1/1 1/1 1m0s-1m0s",
			}},
		{"a charge-back counts when it was known before the order",
			[]fraud.Event{order("a", 5*day, "1", ann), order("b", 4*day, "1", ann), order("c", 4*day, "1", ann)},
			[]back{{"a", day}, {"b", 0}, {"c", -day}},
			order("x", 0, "9", ann), map[fraud.Kind]string{fraud.KindCustomer: "0/0 0/0 3/3 3/3 120h0m0s-96h0m0s backs=1"}},
		{"of several reports of a charge-back the earliest counts, and a second recording keeps it",
			[]fraud.Event{order("a", 5*day, "1", ann), order("a", 5*day, "1", ann)},
			[]back{{"a", -day}, {"a", day}, {"a", -2 * day}},
			order("x", 0, "9", ann), map[fraud.Kind]string{fraud.KindCustomer: "0/0 0/0 1/1 1/1 120h0m0s-120h0m0s backs=1"}},
		{"a charge-back of an order that nobody recorded counts for nothing", nil, []back{{"a", day}},
			order("x", 0, "9", ann), map[fraud.Kind]string{fraud.KindCustomer: "0/0 0/0 0/0 0/0 never"}},
		{"what is older than the retention is forgotten",
			[]fraud.Event{order("a", fraud.Retention, "1", ann), order("b", fraud.Retention+time.Second, "1", ann)},
			[]back{{"a", day}, {"b", day}}, order("x", 0, "9", ann), map[fraud.Kind]string{fraud.KindCustomer: "0/0 0/0 0/0 0/0 9600h0m0s-9600h0m0s backs=1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, v := context.Background(), open(t)
			half := len(test.backs) / 2 // a charge-back may come before its order, and after
			tell(t, v, test.backs[:half])
			for _, o := range test.orders {
				if err := v.Record(ctx, o); err != nil {
					t.Fatal(err)
				}
			}
			tell(t, v, test.backs[half:])
			counts, err := v.Count(ctx, test.asked)
			if err != nil {
				t.Fatal(err)
			}
			got := map[fraud.Kind]string{}
			for kind, count := range counts {
				got[kind] = write(count)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("counted otherwise (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("what has no id or no time is refused", func(t *testing.T) {
		ctx, v := context.Background(), open(t)
		if v.Record(ctx, fraud.Event{At: now}) == nil || v.Record(ctx, fraud.Event{ID: "a"}) == nil {
			t.Error("an order without id or time was recorded")
		}
		if v.ChargeBack(ctx, "", now) == nil || v.ChargeBack(ctx, "a", time.Time{}) == nil {
			t.Error("a charge-back without id or time was recorded")
		}
	})
}

func tell(t *testing.T, v fraud.Velocity, backs []back) {
	t.Helper()
	for _, b := range backs {
		if err := v.ChargeBack(context.Background(), b.id, now.Add(-b.ago)); err != nil {
			t.Fatal(err)
		}
	}
}

// write is a count in short: orders/amount of each window, the distinct
// counterparts, how long ago the first and last order was, charge-backs.
func write(c fraud.KeyCount) string {
	text := ""
	for _, w := range c.Windows {
		text += decimal.NewFromInt(int64(w.Orders)).String() + "/" + w.Amount.String()
		for _, kind := range fraud.Kinds {
			if n, ok := w.Distinct[kind]; ok {
				text += "[" + string(kind) + "=" + decimal.NewFromInt(int64(n)).String() + "]"
			}
		}
		text += " "
	}
	if c.First.IsZero() {
		return text + "never"
	}
	text += now.Sub(c.First).String() + "-" + now.Sub(c.Last).String()
	if c.ChargeBacks > 0 {
		text += " backs=" + decimal.NewFromInt(int64(c.ChargeBacks)).String()
	}
	return text
}

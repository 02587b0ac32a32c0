package fraud

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/shopspring/decimal"
)

// Counter is a [Velocity] in memory: for training, tests, and as the meaning of
// what a database has to do. The zero value is empty and ready.
type Counter struct {
	mu      sync.Mutex
	events  map[string]Event
	backs   map[string]time.Time
	byKey   map[Key][]entry // in order of time, then of id
	dirtied map[Key]bool    // sums are out of date
}

// entry is one order under a key, with the sum of the amounts up to and with it.
type entry struct {
	at  time.Time
	id  string
	sum decimal.Decimal
}

func (e entry) compare(at time.Time, id string) int {
	if c := e.at.Compare(at); c != 0 {
		return c
	}
	switch {
	case e.id < id:
		return -1
	case e.id > id:
		return 1
	}
	return 0
}

func (c *Counter) init() {
	if c.events == nil {
		c.events, c.backs = map[string]Event{}, map[string]time.Time{}
		c.byKey, c.dirtied = map[Key][]entry{}, map[Key]bool{}
	}
}

// Record implements [Velocity].
func (c *Counter) Record(_ context.Context, e Event) error {
	if e.ID == "" || e.At.IsZero() {
		return errors.New("recording an order for velocity: it needs an id and a time")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.init()
	if old, ok := c.events[e.ID]; ok {
		for _, k := range old.Keys {
			if i, found := c.find(k, old); found {
				c.byKey[k] = slices.Delete(c.byKey[k], i, i+1)
				c.dirtied[k] = true
			}
		}
	}
	e.Keys = slices.Clone(e.Keys)
	c.events[e.ID] = e
	for _, k := range e.Keys {
		i, found := c.find(k, e)
		if found {
			continue // the same key twice
		}
		list := c.byKey[k]
		added := entry{at: e.At, id: e.ID, sum: e.Amount}
		if i == len(list) && i > 0 {
			added.sum = list[i-1].sum.Add(e.Amount)
		}
		c.dirtied[k] = c.dirtied[k] || i < len(list)
		c.byKey[k] = slices.Insert(list, i, added)
	}
	return nil
}

func (c *Counter) find(k Key, e Event) (int, bool) {
	return slices.BinarySearchFunc(c.byKey[k], e, func(in entry, e Event) int { return in.compare(e.At, e.ID) })
}

// ChargeBack implements [Velocity].
func (c *Counter) ChargeBack(_ context.Context, id string, known time.Time) error {
	if id == "" || known.IsZero() {
		return errors.New("recording a charge-back: it needs an order's id and the time since when it is known")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.init()
	if earlier, ok := c.backs[id]; !ok || known.Before(earlier) {
		c.backs[id] = known
	}
	return nil
}

// Count implements [Velocity].
func (c *Counter) Count(_ context.Context, e Event) (Counts, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.init()
	counts := Counts{}
	for _, k := range e.Keys {
		counts[k.Kind] = c.count(k, e)
	}
	return counts, nil
}

func (c *Counter) count(k Key, e Event) KeyCount {
	list := c.before(k, e)
	var count KeyCount
	for w, window := range Windows {
		count.Windows[w] = c.within(k, list, e, e.At.Add(-window.Span))
	}
	kept := list[since(list, e.At.Add(-Retention)):]
	other := func(in entry) bool { return in.id != e.ID }
	if i := slices.IndexFunc(kept, other); i >= 0 {
		count.First, count.Last = kept[i].at, kept[len(kept)-1].at
		if !other(kept[len(kept)-1]) {
			count.Last = kept[len(kept)-2].at
		}
		count.ChargeBacks = c.chargeBacks(k, kept, e)
	}
	return count
}

// chargeBacks looks through whichever is shorter: the key's orders, or all
// charge-backs.
func (c *Counter) chargeBacks(k Key, kept []entry, e Event) (n int) {
	if len(kept) <= len(c.backs) {
		for _, in := range kept {
			if known, ok := c.backs[in.id]; ok && in.id != e.ID && known.Before(e.At) {
				n++
			}
		}
		return n
	}
	for id, known := range c.backs {
		order, recorded := c.events[id]
		if recorded && id != e.ID && known.Before(e.At) && order.At.Before(e.At) && !order.At.Before(kept[0].at) && slices.Contains(order.Keys, k) {
			n++
		}
	}
	return n
}

// before is what a key has up to the event's time, with sums in order.
func (c *Counter) before(k Key, e Event) []entry {
	list := c.byKey[k]
	if c.dirtied[k] {
		sum := decimal.Zero
		for i := range list {
			sum = sum.Add(c.events[list[i].id].Amount)
			list[i].sum = sum
		}
		delete(c.dirtied, k)
	}
	return list[:since(list, e.At)]
}

// since is the first entry at a time or after.
func since(list []entry, at time.Time) int {
	i, _ := slices.BinarySearchFunc(list, at, func(in entry, at time.Time) int { return in.at.Compare(at) })
	for i > 0 && !list[i-1].at.Before(at) {
		i--
	}
	return i
}

func (c *Counter) within(k Key, list []entry, e Event, from time.Time) WindowCount {
	first := since(list, from)
	count := WindowCount{Orders: len(list) - first}
	if count.Orders > 0 {
		count.Amount = list[len(list)-1].sum
		if first > 0 {
			count.Amount = count.Amount.Sub(list[first-1].sum)
		}
	}
	// An order that was edited to a later time finds itself in its past.
	if self, ok := c.events[e.ID]; ok && !self.At.Before(from) && self.At.Before(e.At) && slices.Contains(self.Keys, k) {
		count.Orders--
		count.Amount = count.Amount.Sub(self.Amount)
	}
	if k.Kind.Crowd() {
		return count
	}
	seen := map[Key]bool{}
	for _, in := range list[first:] {
		if in.id == e.ID {
			continue
		}
		for _, other := range c.events[in.id].Keys {
			if other.Kind == k.Kind || other.Kind.Crowd() || seen[other] {
				continue
			}
			seen[other] = true
			if count.Distinct == nil {
				count.Distinct = map[Kind]int{}
			}
			count.Distinct[other.Kind]++
		}
	}
	return count
}

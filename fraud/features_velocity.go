package fraud

import (
	"fmt"
	"math"
	"strings"
)

// velocityFeatures are the counts of every kind of key, window by window.
func velocityFeatures() []Feature {
	var all []Feature
	for _, kind := range Kinds {
		code := strings.ToUpper(string(kind)) + "_VELOCITY"
		add := func(name, doc string, sign int, code string, value func(*view, KeyCount) float64) {
			all = append(all, Feature{string(kind) + "_" + name, fmt.Sprintf(doc, kind), sign, code, func(v *view) float64 {
				count, ok := v.Counts[kind]
				if !ok {
					return Unknown
				}
				return value(v, count)
			}})
		}
		for w, window := range Windows {
			if kind == KindStore {
				break // a busy shop is no riskier
			}
			add("orders_"+window.Name, "Orders with the same %s in the last "+window.Name+", log(1+x).", 1, code,
				func(_ *view, c KeyCount) float64 { return math.Log1p(float64(c.Windows[w].Orders)) })
			add("amount_"+window.Name, "Their total, log(1+x); same %s, last "+window.Name+".", 1, code,
				func(_ *view, c KeyCount) float64 { return math.Log1p(max(money(c.Windows[w].Amount), 0)) })
		}
		if !kind.Crowd() {
			for _, other := range Kinds {
				if other == kind || other.Crowd() {
					continue
				}
				add("distinct_"+string(other)+"_30d", "Different keys of kind "+string(other)+" with the same %s in the last 30 days, log(1+x).", 1, strings.ToUpper(string(kind))+"_SHARED",
					func(_ *view, c KeyCount) float64 {
						return math.Log1p(float64(c.Windows[len(Windows)-1].Distinct[other]))
					})
			}
			add("age", "Days since the first order with the same %s, log(1+x); 0 for the first.", 0, strings.ToUpper(string(kind))+"_AGE",
				func(v *view, c KeyCount) float64 {
					if c.First.IsZero() {
						return 0
					}
					return math.Log1p(v.Order.PlacedAt.Sub(c.First).Hours() / 24)
				})
			add("since", "Hours since the last order with the same %s, log(1+x); unknown for the first.", 0, code,
				func(v *view, c KeyCount) float64 {
					return known(!c.Last.IsZero(), math.Log1p(v.Order.PlacedAt.Sub(c.Last).Hours()))
				})
		}
		if kind != KindStore {
			add("charge_backs", "Orders with the same %s known to be charged back, log(1+x).", 1, strings.ToUpper(string(kind))+"_CHARGE_BACKS",
				func(_ *view, c KeyCount) float64 { return math.Log1p(float64(c.ChargeBacks)) })
		}
	}
	return append(all, personFeatures()...)
}

// SingleKey says whether a feature is a count of one kind of key alone.
func SingleKey(feature string) bool {
	i, ok := featureIndex[feature]
	return ok && i >= len(orderFeatures) && !strings.HasPrefix(feature, "person_")
}

// people are the kinds of key that mostly are of one person.
var people = []Kind{KindCustomer, KindEmail, KindPhone, KindCard, KindIP, KindDevice}

// personFeatures take a person's keys together: whichever of them was seen most.
// A shop that lacks some of the keys has the same features as one that has all,
// and few of them, which is what a model can learn from few charge-backs.
func personFeatures() []Feature {
	var all []Feature
	most := func(v *view, of func(KeyCount) float64) float64 {
		value := Unknown
		for _, kind := range people {
			if count, ok := v.Counts[kind]; ok {
				if x := of(count); !(value >= x) {
					value = x
				}
			}
		}
		return value
	}
	for w, window := range Windows {
		all = append(all,
			Feature{"person_orders_" + window.Name, "The most orders with any one key of a person (all but address, bin and store) in the last " + window.Name + ", log(1+x).", 1, "PERSON_VELOCITY",
				func(v *view) float64 {
					return most(v, func(c KeyCount) float64 { return math.Log1p(float64(c.Windows[w].Orders)) })
				}},
			Feature{"person_total_" + window.Name, "The largest total of any one of these keys in the last " + window.Name + ", this order's included, log(1+x).", 1, "PERSON_AMOUNT",
				func(v *view) float64 {
					return most(v, func(c KeyCount) float64 { return math.Log1p(max(money(c.Windows[w].Amount)+v.amount, 0)) })
				}})
	}
	return append(all,
		Feature{"person_keys", "How many of these keys the order has: who hides one may have a reason.", 0, "PERSON_KEYS",
			func(v *view) float64 {
				n := 0
				for _, kind := range people {
					if _, ok := v.Counts[kind]; ok {
						n++
					}
				}
				return known(n > 0, float64(n))
			}},
		Feature{"person_recent", "How recently any of these keys was seen: 1 at once, 0.5 after a day, 0 never.", 1, "PERSON_VELOCITY",
			func(v *view) float64 {
				return most(v, func(c KeyCount) float64 {
					if c.Last.IsZero() {
						return 0
					}
					return 1 / (1 + v.Order.PlacedAt.Sub(c.Last).Hours()/24)
				})
			}},
		Feature{"person_shared", "The most different keys of one other kind (person's kinds) that came with any of these keys in the last 30 days, log(1+x).", 1, "PERSON_SHARED",
			func(v *view) float64 {
				return most(v, func(c KeyCount) float64 {
					shared := 0
					for _, kind := range people {
						shared = max(shared, c.Windows[len(Windows)-1].Distinct[kind])
					}
					return math.Log1p(float64(shared))
				})
			}},
		Feature{"person_charge_backs", "The most orders with any one of these keys known to be charged back, log(1+x).", 1, "PERSON_CHARGE_BACKS",
			func(v *view) float64 {
				return most(v, func(c KeyCount) float64 { return math.Log1p(float64(c.ChargeBacks)) })
			}})
}

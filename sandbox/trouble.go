package main

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cart21/cart21/sandbox/erp"
	"github.com/cart21/cart21/sandbox/faults"
)

// everyday are the faults that both systems show.
var everyday = []faults.Fault{
	{Kind: faults.TimeoutAfterCommit}, {Kind: faults.TimeoutBefore}, faults.Status(503, 0), faults.Status(429, time.Second),
	{Kind: faults.HTMLPage}, {Kind: faults.TruncatedJSON}, faults.Slow(300 * time.Millisecond),
}

func shopTrouble(o options) func(*http.Request) faults.Fault {
	return trouble(o.faults, o.seed+1, everyday)
}

func erpTrouble(o options) func(*http.Request) faults.Fault {
	anytime := append(slices.Clone(everyday), faults.Fault{Kind: erp.PoolError}, faults.Fault{Kind: erp.TokenInvalidated})
	creating := append(slices.Clone(anytime), faults.Fault{Kind: erp.DropLine})
	roll, rollCreating := trouble(o.faults, o.seed+2, anytime), trouble(o.faults, o.seed+3, creating)
	return func(r *http.Request) faults.Fault {
		if createsOrder(r) {
			return rollCreating(r)
		}
		return roll(r)
	}
}

// createsOrder reports whether a call makes a sales order, by one of the routes.
func createsOrder(r *http.Request) bool {
	path := strings.ToLower(r.URL.Path)
	return r.Method == http.MethodPost &&
		(strings.Contains(path, "/sales/orders") || strings.Contains(path, "/salesorder") || strings.Contains(path, "/transaction"))
}

// trouble makes the given share of calls go wrong, the same ones for the same
// seed as far as the order of calls is the same.
func trouble(share float64, seed uint64, all []faults.Fault) func(*http.Request) faults.Fault {
	var mu sync.Mutex
	r := rand.New(rand.NewPCG(seed, 21))
	return func(*http.Request) faults.Fault {
		mu.Lock()
		defer mu.Unlock()
		one := all[r.IntN(len(all))]
		if r.Float64() < share {
			return one
		}
		return faults.Fault{}
	}
}

// faultCounts are the faults that both systems played, by kind.
func (w *world) faultCounts() map[string]int {
	all := map[string]int{}
	for _, counts := range []map[string]int{w.shop.FaultCounts(), w.erp.FaultCounts()} {
		for kind, n := range counts {
			all[kind] += n
		}
	}
	return all
}

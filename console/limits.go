package main

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// The bounds of trying passwords: for each name and each address some at once,
// then one in a while.
const (
	signInBurst = 5
	signInEvery = 12 * time.Second
	mostTracked = 10_000 // names and addresses that are remembered
)

// limits bounds how often passwords are tried.
type limits struct {
	now func() time.Time

	mu     sync.Mutex
	all    map[string]*rate.Limiter
	forgot time.Time // when forget last went through all

	hashing chan struct{} // as many passwords are compared at a time as it holds
}

func newLimits(now func() time.Time) *limits {
	return &limits{now: now, all: map[string]*rate.Limiter{}, hashing: make(chan struct{}, 2)}
}

// allow reports whether somebody may try a password for that name from that address.
func (l *limits) allow(name, address string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	// Both are used up, so that one name cannot be tried freely from many places.
	byName, byAddress := l.take("name "+name), l.take("address "+address)
	return byName && byAddress
}

func (l *limits) take(key string) bool {
	now := l.now()
	limiter, met := l.all[key]
	if !met {
		if len(l.all) >= mostTracked && now.Sub(l.forgot) >= signInEvery {
			l.forget(now)
		}
		if len(l.all) >= mostTracked {
			return false // a flood of names: nobody new until it has passed
		}
		limiter = rate.NewLimiter(rate.Every(signInEvery), signInBurst)
		l.all[key] = limiter
	}
	return limiter.AllowN(now, 1)
}

// forget drops those who have not tried for long: they start afresh anyway.
func (l *limits) forget(now time.Time) {
	l.forgot = now
	for key, limiter := range l.all {
		if limiter.TokensAt(now) >= signInBurst {
			delete(l.all, key)
		}
	}
}

// network is whom an address belongs to, as far as that can be told: of IPv6 a
// customer has 2^64 addresses.
func network(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if address = address.Unmap(); address.Is6() {
		if prefix, err := address.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return address.String()
}

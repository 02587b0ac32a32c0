package main

import (
	"crypto/sha256"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/cart21/cart21/connectors"
)

// replays remembers the webhooks that Temporal took for as long as their
// signatures are good. A copy of one is answered like the first and goes no
// further: a process bears it, but not ten thousand signals of it.
//
// It is this starter's own memory. A copy sent to another starter, or after a
// restart, costs the look into the shop that every webhook costs.
type replays struct {
	mu    sync.Mutex
	taken map[event]time.Time // when
	swept time.Time
}

// event is what a webhook's signature covers.
type event [sha256.Size]byte

// mostRemembered bounds the memory. Only who has the secret can fill it.
const mostRemembered = 50_000

func eventOf(r *http.Request, body []byte) event {
	return sha256.Sum256(append([]byte(r.Header.Get(connectors.HeaderTimestamp)+"."), body...))
}

func (p *replays) seen(e event) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, seen := p.taken[e]
	return seen
}

// remember is called only after Temporal took it: one that failed comes again.
func (p *replays) remember(e event, now time.Time) {
	const kept = 2 * connectors.ReplayWindow // a timestamp may lie a window ahead
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken == nil {
		p.taken = map[event]time.Time{}
	}
	if now.Sub(p.swept) > time.Minute {
		maps.DeleteFunc(p.taken, func(_ event, at time.Time) bool { return now.Sub(at) > kept })
		p.swept = now
	}
	if len(p.taken) < mostRemembered {
		p.taken[e] = now
	}
}

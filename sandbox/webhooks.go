package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/cart21/cart21/connectors"
)

// pokes sends the webhooks that a shop's addon would send: signed, tried again
// until taken; on demand several times over and out of order.
type pokes struct {
	url    string
	secret string
	manner string // on, off, thrice or mixed
	log    *slog.Logger

	mu    sync.Mutex
	r     *rand.Rand
	took  []time.Duration // of those taken at the first try
	queue sync.WaitGroup
}

type poke struct {
	Event  string `json:"event"`
	ID     string `json:"id"`
	Number string `json:"number,omitempty"`
	Time   string `json:"time"`
}

// times is how often the next webhook is sent.
func (p *pokes) times() int {
	switch p.manner {
	case "off":
		return 0
	case "thrice":
		return 3
	case "mixed":
		return p.random(4)
	default:
		return 1
	}
}

// send tells of an event, without holding up the shop.
func (p *pokes) send(ctx context.Context, what poke) {
	for range p.times() {
		p.queue.Add(1)
		go func() {
			defer p.queue.Done()
			p.deliver(ctx, what)
		}()
	}
}

func (p *pokes) deliver(ctx context.Context, what poke) {
	if p.manner != "on" {
		// Repeated pokes also overtake each other.
		sleep(ctx, time.Duration(p.random(400))*time.Millisecond)
	}
	body, err := json.Marshal(what)
	if err != nil {
		p.log.Error("a webhook could not be written", "error", err)
		return
	}
	for attempt := 0; ctx.Err() == nil; attempt++ {
		start := time.Now()
		err := p.post(ctx, body)
		if err == nil {
			if attempt == 0 {
				p.mu.Lock()
				p.took = append(p.took, time.Since(start))
				p.mu.Unlock()
			}
			return
		}
		p.log.Debug("a webhook was not taken", "error", err)
		sleep(ctx, min(5*time.Second, time.Duration(200<<min(attempt, 5))*time.Millisecond))
	}
}

func (p *pokes) post(ctx context.Context, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	connectors.Sign(req.Header, p.secret, body, time.Now())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	if resp.StatusCode != http.StatusAccepted {
		return fmt.Errorf("answered %s", resp.Status)
	}
	return nil
}

func (p *pokes) random(n int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.r.IntN(n)
}

func (p *pokes) times50and99() latency {
	p.mu.Lock()
	defer p.mu.Unlock()
	return percentiles(p.took)
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

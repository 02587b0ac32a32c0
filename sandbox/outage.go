package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// outage is a span in which the ERP answers nothing but a proxy's 503. It is a
// [flag.Value]: FROM,FOR after the first order was placed.
type outage struct {
	from, lasts time.Duration

	mu     sync.Mutex
	begins time.Time // zero while no order is placed
	calls  int       // that were made during the outage, in vain
}

func (o *outage) String() string {
	if o == nil || o.lasts == 0 {
		return ""
	}
	return o.from.String() + "," + o.lasts.String()
}

func (o *outage) Set(s string) (err error) {
	from, lasts, _ := strings.Cut(s, ",")
	if o.from, err = time.ParseDuration(from); err == nil {
		o.lasts, err = time.ParseDuration(lasts)
	}
	if err != nil || o.from < 0 || o.lasts <= 0 {
		return fmt.Errorf("two durations are wanted, such as 2s,60s")
	}
	return nil
}

// start says that the first order is being placed.
func (o *outage) start() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.begins = time.Now().Add(o.from)
}

// covers reports whether a moment lies within the outage.
func (o *outage) covers(t time.Time) bool {
	return !o.begins.IsZero() && !t.Before(o.begins) && t.Before(o.begins.Add(o.lasts))
}

// before puts the outage before the ERP.
func (o *outage) before(erp http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		down := o.covers(time.Now())
		if down {
			o.calls++
		}
		o.mu.Unlock()
		if down {
			http.Error(w, "<html><body><h1>503 Service Unavailable</h1></body></html>", http.StatusServiceUnavailable)
			return
		}
		erp.ServeHTTP(w, r)
	})
}

// outageSummary is what an outage came to.
type outageSummary struct {
	Seconds       float64 `json:"seconds"`
	OrdersArrived int     `json:"orders_arrived"` // into the shop, during the outage
	CallsDuring   int     `json:"calls_during"`   // made to the ERP, in vain
	// BacklogSeconds is from the ERP's return until all that was placed before
	// was created there.
	BacklogSeconds float64 `json:"backlog_seconds"`
}

// summarise judges an outage by the ERP's books; nil when there was none.
func (o *outage) summarise(b books, placed map[string]placement) *outageSummary {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.begins.IsZero() || o.lasts == 0 {
		return nil
	}
	returns := o.begins.Add(o.lasts)
	s := &outageSummary{Seconds: o.lasts.Seconds(), CallsDuring: o.calls}
	for id, p := range placed {
		if o.covers(p.at) {
			s.OrdersArrived++
		}
		if b.inERP(id) && p.at.Before(returns) {
			s.BacklogSeconds = max(s.BacklogSeconds, b.erp[id][0].Created.Sub(returns).Seconds())
		}
	}
	return s
}

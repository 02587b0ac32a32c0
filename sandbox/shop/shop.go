// Package shop is a simulated X-Cart: one set of books behind both of X-Cart's
// incompatible REST interfaces, with the quirks that were observed on X-Cart
// 5.4.1.23 and read in the source of 5.5.0.29.
//
// A Shop is filled and driven by the storefront methods (AddProduct, Place,
// SetShippingStatus, ...) as customers and shop staff would, and by the HTTP
// handlers Handler54 and Handler55 as an integration does. Orders, Mails and
// Calls tell afterwards what really happened.
package shop

import (
	"net/http"
	"sync"
	"time"

	"github.com/cart21/cart21/sandbox/faults"
)

// Options say what kind of shop it is. The zero value is a shop in US dollars
// and UTC whose API has no keys and therefore refuses every call.
type Options struct {
	WriteKey string         // the all-access API key
	ReadKey  string         // the read-only API key
	Currency string         // ISO code; USD when empty
	TimeZone *time.Location // of the dates that the shop shows; UTC when nil
	Latency  time.Duration  // of every API call

	// TrackingAddon adds /api/orders/{id}/tracking_numbers to the 5.5
	// interface, whose core cannot write tracking numbers.
	TrackingAddon bool
	// RenewDateFilter makes the 5.5 interface know lastRenewDate[after] and
	// its siblings, as 5.5.1 does; 5.5.0.29 silently ignores them.
	RenewDateFilter bool

	Faults func(*http.Request) faults.Fault // what shall go wrong; nil for nothing
	Now    func() time.Time                 // time.Now when nil
}

// Shop is the simulated X-Cart. It is safe for concurrent use.
type Shop struct {
	options Options
	gate    *faults.Gate

	mu        sync.Mutex
	books     *books
	pending   []Event
	listeners []func(Event)
}

// New returns an empty shop.
func New(o Options) *Shop {
	if o.Currency == "" {
		o.Currency = "USD"
	}
	if o.TimeZone == nil {
		o.TimeZone = time.UTC
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Shop{options: o, gate: &faults.Gate{Latency: o.Latency, Choose: o.Faults}, books: newBooks()}
}

// The names of events.
const (
	OrderPlaced  = "order.placed"
	OrderChanged = "order.changed"
)

// Event tells that an order was placed, or that its row changed. X-Cart sends
// no webhooks: this is what an addon in the shop could see. Child rows such as
// tracking numbers and details are no change of the row.
type Event struct {
	Name    string
	OrderID int
	Number  string
	Time    time.Time
}

// OnEvent has hear called for every event from now on, after the change is
// made, in the goroutine that made it.
func (s *Shop) OnEvent(hear func(Event)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listeners = append(s.listeners, hear)
}

// locked runs do alone with the books, then tells the listeners what happened.
func (s *Shop) locked(do func()) {
	events, listeners := s.transaction(do)
	for _, e := range events {
		for _, hear := range listeners {
			hear(e)
		}
	}
}

func (s *Shop) transaction(do func()) ([]Event, []func(Event)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.pending = nil }()
	do()
	return s.pending, s.listeners
}

// emit notes an event, one for each order and transaction.
func (s *Shop) emit(name string, o *order) {
	for _, e := range s.pending {
		if e.OrderID == o.ID {
			return
		}
	}
	s.pending = append(s.pending, Event{Name: name, OrderID: o.ID, Number: o.number(), Time: s.options.Now()})
}

func (s *Shop) unix() int64 { return s.options.Now().Unix() }

// renew is X-Cart's pre-save hook on the order row: it moves lastRenewDate.
// Changes of child rows do not come here.
func (s *Shop) renew(o *order) {
	o.Renewed = s.unix()
	s.emit(OrderChanged, o)
}

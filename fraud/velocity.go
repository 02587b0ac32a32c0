package fraud

import (
	"context"
	"time"

	"github.com/shopspring/decimal"
)

// Window is a span of time before an order over which velocity is counted.
type Window struct {
	Name string
	Span time.Duration
}

// Windows are those of every count, shortest first.
var Windows = [...]Window{
	{"1h", time.Hour},
	{"24h", 24 * time.Hour},
	{"7d", 7 * 24 * time.Hour},
	{"30d", 30 * 24 * time.Hour},
}

// Retention is how far back anything is counted: what is older may be deleted.
const Retention = 400 * 24 * time.Hour

// Event is an order as velocity counts it.
type Event struct {
	ID     string    // the order's reference: an order is counted once
	At     time.Time // when it was placed
	Amount decimal.Decimal
	Keys   []Key
}

// Velocity counts orders by key. [Counter] keeps it in memory; a database keeps
// it between runs. What every implementation has to do is in package
// velocitytest.
//
// Counting is causal: of an order placed at T only orders placed before T and at
// T minus the window or after are counted, and a charge-back only when it was
// known before T. The order of calls makes no difference.
type Velocity interface {
	// Record adds an order. One that is there already is replaced, so that a
	// retry or an edited order does no harm; its charge-back stays.
	Record(context.Context, Event) error
	// ChargeBack says that an order was charged back, and since when that is
	// known. Of several the earliest counts. The order need not be there yet.
	ChargeBack(ctx context.Context, id string, known time.Time) error
	// Count counts for the order that the event is of, which need not have been
	// recorded and is never counted itself. The result has a count for each of
	// the event's keys.
	Count(context.Context, Event) (Counts, error)
}

// Counts is what came before an order, for each of its keys.
type Counts map[Kind]KeyCount

// KeyCount is what came before an order with one of its keys.
type KeyCount struct {
	Windows [len(Windows)]WindowCount `json:"windows"`
	// First and Last are the earliest and latest order within [Retention];
	// zero when there was none.
	First time.Time `json:"first,omitzero"`
	Last  time.Time `json:"last,omitzero"`
	// ChargeBacks are the orders within Retention known to be charged back.
	ChargeBacks int `json:"charge_backs,omitempty"`
}

// WindowCount is what happened within one window.
type WindowCount struct {
	Orders int             `json:"orders"`
	Amount decimal.Decimal `json:"amount"`
	// Distinct are how many different keys of the other kinds came with the
	// key, this order's own not included unless it came before. Kinds that
	// everybody shares (store, bin) neither have nor are counterparts.
	Distinct map[Kind]int `json:"distinct,omitempty"`
}

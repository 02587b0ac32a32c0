package fraud

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
)

// Facts are all that is known of an order when it is decided on. What is not
// known is left zero; it then weighs nothing, for or against.
type Facts struct {
	Order     commerce.Order
	Screening commerce.Screening
	// Terms says that the customer buys on account: has terms in the ERP.
	Terms bool
	// History is what the customer's account bought before, from the shop or the
	// ERP; nil when nobody has looked.
	History *History
	// Counts are the velocities at the time the order was placed.
	Counts Counts
	// Earlier is the last decision on this order, if there was one.
	Earlier *Decision
	// Opinion is what an external scorer says; nil when none was asked.
	Opinion *Opinion
}

// Opinion is what an external scorer says of an order. Its score takes the place
// of the order's own, as one more reason.
type Opinion struct {
	Score float64 // in percent, 0.01 to 99; 0 when it gave none
	Text  string  // a sentence, without personal data
}

// History is what a customer bought before this order.
type History struct {
	Orders int             // paid and not cancelled
	Spend  decimal.Decimal // their total
}

// Event is the order as velocity counts it.
func (f Facts) Event(pepper []byte) Event {
	return Event{
		ID:     f.Order.Reference(),
		At:     f.Order.PlacedAt,
		Amount: f.Order.Total,
		Keys:   Keys(f.Order, f.Screening, pepper),
	}
}

// Owner is the key that is of one person, else the order itself: models keep a
// person's orders together by it.
func (e Event) Owner() string {
	for _, k := range e.Keys {
		switch k.Kind {
		case KindCustomer, KindEmail, KindCard:
			return k.Hash
		}
	}
	return e.ID
}

// Decision is what was decided on an order, and for which causes it had been
// held.
type Decision struct {
	Approved bool      `json:"approved"`
	By       string    `json:"by,omitempty"`
	At       time.Time `json:"at,omitzero"`
	Causes   []Cause   `json:"causes,omitempty"` // of the assessment that was decided on
}

// Cause is a reason to hold an order, with the weight it had.
type Cause struct {
	Code       string  `json:"code"`
	Multiplier float64 `json:"multiplier"`
}

// covers says whether a decision was made in the knowledge of a cause: it was
// there, and does not weigh half as much again by now.
func (d Decision) covers(c Cause) bool {
	for _, known := range d.Causes {
		if known.Code == c.Code && c.Multiplier <= known.Multiplier*1.5 {
			return true
		}
	}
	return false
}

package activities

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/records"
)

// A shop that was restored from a backup gives ids again, and its numbers too. An
// order is therefore known by its id, its number and when it was placed; an id
// alone must never lead a write to the order of another customer.

// ReasonReused is what an order is parked for whose id once was another's.
const ReasonReused = "id-reused"

// another says how an order of the shop is seen not to be the one that the
// records hold under its id; empty when nothing says so.
func another(known records.OrderRef, order commerce.Order) string {
	numbered := known.ShopNumber != "" && known.ShopNumber != order.Number
	// The shop knows no parts of a second.
	placed := !known.PlacedAt.IsZero() && !known.PlacedAt.Truncate(time.Second).Equal(order.PlacedAt.Truncate(time.Second))
	if !numbered && !placed {
		return ""
	}
	before := "was order " + known.ShopNumber + " before"
	if !known.PlacedAt.IsZero() {
		before += ", placed " + known.PlacedAt.Format(time.RFC3339)
	}
	if known.ERPOrder != "" {
		before += ", which is order " + known.ERPOrder + " in Prophet 21"
	}
	return fmt.Sprintf("the shop's id %s %s; now it is order %s, placed %s: the shop was restored from a backup",
		order.ID, before, order.Number, order.PlacedAt.UTC().Format(time.RFC3339))
}

// sameOrder refuses to write to an order of the shop that is not the one that
// the records hold under its id.
func sameOrder(known records.OrderRef, order commerce.Order) error {
	if why := another(known, order); why != "" {
		return refuse("id-reused", why+". Nothing was written to it")
	}
	return nil
}

// stranger says how an order that the ERP has under our reference is seen to be
// made from another web order; empty when nothing says so.
func stranger(wanted, found commerce.SalesOrder) string {
	differ := func(a, b string) bool {
		return a != "" && b != "" && !strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
	}
	switch {
	case differ(found.CustomerID, wanted.CustomerID):
		return fmt.Sprintf("customer %s instead of %s", found.CustomerID, wanted.CustomerID)
	case differ(found.PONumber, wanted.PONumber) && !strings.EqualFold(found.PONumber, wanted.Reference):
		return fmt.Sprintf("PO number %s instead of %s", found.PONumber, wanted.PONumber)
	}
	return ""
}

// only is the one order that counts of those that the ERP has under our
// reference: a surplus one that was cancelled there does not.
func only(found []commerce.SalesOrder) []commerce.SalesOrder {
	var live []commerce.SalesOrder
	for _, o := range found {
		if !o.Status.Cancelled {
			live = append(live, o)
		}
	}
	if len(found) > 1 && len(live) == 1 {
		return live
	}
	return found
}

// absent is a record that is not there, as an empty one.
func absent(known records.OrderRef, err error) (records.OrderRef, error) {
	if errors.Is(err, records.ErrNotFound) {
		return records.OrderRef{}, nil
	}
	return known, err
}

package xcart

import (
	"time"

	"github.com/cart21/cart21/commerce"
)

// ref is the order as a list tells it. The fingerprint is left out where the
// order does not add up: Order then looks further than a list does.
func ref(o commerce.Order) commerce.OrderRef {
	r := commerce.OrderRef{ID: o.ID, Number: o.Number, UpdatedAt: o.UpdatedAt, PaymentStatus: o.PaymentStatus, ShippingStatus: o.ShippingStatus}
	if o.Imbalance().IsZero() {
		r.Fingerprint = o.Fingerprint()
	}
	return r
}

// changedSince keeps what changed at or after since, and tells whether anything
// older was there. A row without a time is kept: it can't be said to be older.
func changedSince(rows []commerce.OrderRef, since time.Time) (recent []commerce.OrderRef, older bool) {
	for _, row := range rows {
		if !row.UpdatedAt.IsZero() && row.UpdatedAt.Before(since) {
			older = true
			continue
		}
		recent = append(recent, row)
	}
	return recent, older
}

// importable leaves out what has no number: a checkout that is not finished.
func importable(rows []commerce.OrderRef) []commerce.OrderRef {
	var out []commerce.OrderRef
	for _, row := range rows {
		if isID(row.ID) && row.Number != "" {
			out = append(out, row)
		}
	}
	return out
}

// newestFirst reports whether rows are sorted by their change; one without a
// time can't be placed.
func newestFirst(rows []commerce.OrderRef) bool {
	for i, row := range rows {
		if row.UpdatedAt.IsZero() || (i > 0 && row.UpdatedAt.After(rows[i-1].UpdatedAt)) {
			return false
		}
	}
	return true
}

package commerce

import (
	"fmt"
	"strings"
)

// Reference is the key that an order carries into the ERP: xc-<store>-<order
// id>. The ERP has no idempotency key of its own; looking this up before every
// create is what keeps an order single.
func Reference(store, orderID string) string { return "xc-" + store + "-" + orderID }

// suffixMark parts an order id from the suffix that tells two orders of one id
// apart, as xc-main-4711.2. A shop's ids are digits.
const suffixMark = "."

// ReferenceSuffix is what a reference carries beyond store and order id: see
// [Order.ReferenceSuffix].
func ReferenceSuffix(reference string) string {
	_, _, suffix := splitReference(reference)
	return suffix
}

// ParseReference is the inverse of [Reference]. A store code holds no dash; a
// suffix is left out.
func ParseReference(reference string) (store, orderID string, err error) {
	store, orderID, _ = splitReference(reference)
	if store == "" || orderID == "" {
		return "", "", fmt.Errorf("%q is not one of our references (xc-<store>-<order id>)", reference)
	}
	return store, orderID, nil
}

// splitReference takes a reference apart; all is empty when it is none of ours.
func splitReference(reference string) (store, orderID, suffix string) {
	rest, ours := strings.CutPrefix(reference, "xc-")
	if !ours {
		return "", "", ""
	}
	store, rest, _ = strings.Cut(rest, "-")
	orderID, suffix, _ = strings.Cut(rest, suffixMark)
	return store, orderID, suffix
}

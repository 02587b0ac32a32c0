package commerce

import (
	"fmt"
	"strings"
)

// Reference is the key that an order carries into the ERP: xc-<store>-<order
// id>. The ERP has no idempotency key of its own; looking this up before every
// create is what keeps an order single.
func Reference(store, orderID string) string { return "xc-" + store + "-" + orderID }

// ParseReference is the inverse of [Reference]. A store code holds no dash.
func ParseReference(reference string) (store, orderID string, err error) {
	rest, ours := strings.CutPrefix(reference, "xc-")
	store, orderID, split := strings.Cut(rest, "-")
	if !ours || !split || store == "" || orderID == "" {
		return "", "", fmt.Errorf("%q is not one of our references (xc-<store>-<order id>)", reference)
	}
	return store, orderID, nil
}

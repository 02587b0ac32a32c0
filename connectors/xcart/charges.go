package xcart

import (
	"maps"
	"slices"
	"strings"

	"github.com/cart21/cart21/commerce"
)

// kindOf says what a surcharge is for, by its type and, where that is too
// coarse, by its code and class: addons bring gift certificates and payment
// fees as surcharges of type discount or handling.
func kindOf(kind, code string) commerce.ChargeKind {
	code = strings.ToLower(code)
	switch {
	case strings.Contains(code, "gift"):
		return commerce.ChargeGiftCertificate
	case strings.Contains(code, "paymentfee"), strings.Contains(code, "payment_fee"):
		return commerce.ChargePaymentFee
	}
	switch kind {
	case "shipping":
		return commerce.ChargeFreight
	case "tax":
		return commerce.ChargeTax
	case "discount":
		return commerce.ChargeDiscount
	case "handling":
		return commerce.ChargeHandling
	}
	if strings.Contains(code, "handling") {
		return commerce.ChargeHandling
	}
	return commerce.ChargeOther
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

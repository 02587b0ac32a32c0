package xcart

import (
	"maps"
	"slices"
	"strings"

	"github.com/cart21/cart21/commerce"
)

// charges translates surcharges. One that is not available is not part of the
// order: the shop keeps the row of a coupon that was taken off.
func charges(all []surcharge, currency commerce.Currency) []commerce.Charge {
	var out []commerce.Charge
	for _, c := range all {
		if c.Available != nil && !*c.Available {
			continue
		}
		if value := c.Value.Money(currency); !value.IsZero() {
			out = append(out, commerce.Charge{Kind: kindOf(c.Type, c.Code+" "+c.Class), Code: c.Code, Name: c.Name, Amount: value, Included: c.Include})
		}
	}
	return out
}

// kindOf says what a surcharge is for, by its type and, where that is too
// coarse, by its code and class: addons bring gift certificates and payment
// fees as surcharges of type discount or handling.
func kindOf(kind, code string) commerce.ChargeKind {
	code = strings.ToLower(code)
	switch {
	case strings.Contains(code, "gift") && !strings.Contains(code, "wrap"):
		return commerce.ChargeGiftCertificate
	case strings.Contains(strings.NewReplacer("_", "", "-", "").Replace(code), "paymentfee"):
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

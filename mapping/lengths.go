package mapping

import (
	"fmt"

	"github.com/cart21/cart21/commerce"
)

// limitedFields are what validation.max_length can limit.
var limitedFields = []string{
	"po_number", "reference", "taker", "job_name", "delivery_instructions", "item", "description",
	"name", "line1", "line2", "city", "state", "postal_code", "country", "phone",
}

// limited is a value with the field of the order to amend.
type limited struct {
	kind, field, value string
}

// validateLengths finds what Prophet 21 would cut off, or refuse.
func (p *Profile) validateLengths(sales commerce.SalesOrder, add adder) {
	for _, f := range lengthsOf(sales) {
		most, bounded := p.doc.Validate.MaxLength[f.kind]
		if length := len([]rune(f.value)); bounded && length > most {
			how := "shorten it in the profile"
			if f.field != "" {
				how = "amend " + f.field
			}
			add("too-long", f.field, "%s has %d characters, Prophet 21 keeps %d: %q; %s", f.kind, length, most, left(f.value, 60), how)
		}
	}
}

func lengthsOf(sales commerce.SalesOrder) []limited {
	to := sales.ShipTo
	all := []limited{
		{"po_number", "", sales.PONumber}, {"reference", "", sales.Reference}, {"taker", "", sales.Taker},
		{"job_name", "", sales.JobName}, {"delivery_instructions", "", sales.DeliveryInstructions},
		{"name", "/ship_to/company", to.Name()}, {"line1", "/ship_to/line1", to.Line1}, {"line2", "/ship_to/line2", to.Line2},
		{"city", "/ship_to/city", to.City}, {"state", "/ship_to/state", to.State}, {"postal_code", "/ship_to/postal_code", to.PostalCode},
		{"country", "/ship_to/country", to.Country}, {"phone", "/ship_to/phone", to.Phone},
	}
	for i, l := range sales.Lines {
		field := fmt.Sprintf("/lines/%d/sku", i)
		if l.Charge {
			field = ""
		}
		all = append(all, limited{"item", field, l.ItemID}, limited{"description", "", l.Description})
	}
	return all
}

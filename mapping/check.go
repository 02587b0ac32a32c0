package mapping

import (
	"fmt"
	"slices"
	"time"

	"github.com/cart21/cart21/commerce"
)

// The values of a profile's choices.
const (
	extendsDefault = "default"

	freightInHeader = "header"

	guestsOwn   = "own"
	guestsHouse = "house"

	taxCompare  = "compare"
	taxAsCharge = "charge-item"

	pricesNet   = "net"
	pricesGross = "gross"

	carrierDefault = "default"
	carrierRefuse  = "refuse"

	caseKeep  = "keep"
	caseUpper = "upper"

	phonesNational = "national"
	phonesE164     = "e164"
	phonesKeep     = "keep"
)

// The tables that the profile itself uses; all others are its author's own.
const (
	skusTable     = "skus"
	carriersTable = "carriers"
	chargesTable  = "charges"
	countryTable  = "countries"
	stateTable    = "states"
)

// check finds what a type cannot express.
func (p *Profile) check(found *mistakes) {
	d := &p.doc
	oneOf := func(path, value string, choices ...string) {
		if !slices.Contains(choices, value) {
			found.at(path, "%q is not one of %v", value, choices)
		}
	}
	if err := d.Company.Currency.Validate(); err != nil {
		found.at("company.currency", "%v", err)
	}
	var err error
	if p.zone, err = time.LoadLocation(d.Company.TimeZone); err != nil {
		found.at("company.time_zone", "%q is not a time zone such as America/Chicago", d.Company.TimeZone)
	}
	oneOf("customers.guests", d.Customers.Guests, guestsOwn, guestsHouse)
	if d.Customers.Guests == guestsHouse && d.Customers.HouseAccount == "" {
		found.at("customers.house_account", "must name the P21 customer of guests")
	}
	oneOf("tax.prices", d.Tax.Prices, pricesNet, pricesGross)
	oneOf("tax.handling", d.Tax.Handling, taxCompare, taxAsCharge)
	if d.Tax.Handling == taxAsCharge && d.Tax.Item == "" {
		found.at("tax.item", "must name the charge item that carries the tax")
	}
	oneOf("addresses.case", d.Addresses.Case, caseKeep, caseUpper)
	oneOf("addresses.phones", d.Addresses.Phones, phonesNational, phonesE164, phonesKeep)
	p.checkStatuses(found)
	p.checkCharges(found)
	p.checkBounds(found, oneOf)
}

func (p *Profile) checkStatuses(found *mistakes) {
	d := &p.doc
	rules := []importRule{always, never, whenAuthorized, whenPaid}
	if !slices.Contains(rules, d.Import.Default) {
		found.at("import.default", "%q is not one of %v", d.Import.Default, rules)
	}
	for method, rule := range d.Import.Methods {
		if !slices.Contains(rules, rule) {
			found.at("import.methods."+method, "%q is not one of %v", rule, rules)
		}
	}
	if d.Import.GiveUpDays < 1 || d.Import.GiveUpDays > 365 {
		found.at("import.give_up_days", "%d is not between 1 and 365", d.Import.GiveUpDays)
	}
	for code, state := range d.Statuses.Payment {
		if !slices.Contains(paymentStates, state) {
			found.at("statuses.payment."+code, "%q is not one of %v", state, paymentStates)
		}
	}
	for code, state := range d.Statuses.Shipping {
		if !slices.Contains(fulfilmentStates, state) {
			found.at("statuses.shipping."+code, "%q is not one of %v", state, fulfilmentStates)
		}
	}
	for state, code := range d.Statuses.Set {
		if !slices.Contains(fulfilmentStates, state) {
			found.at("statuses.set."+string(state), "%q is not one of %v", state, fulfilmentStates)
		} else if code != "" && d.Statuses.Shipping[code] != state {
			found.at("statuses.set."+string(state), "code %q does not mean %s under statuses.shipping", code, state)
		}
	}
}

func (p *Profile) checkCharges(found *mistakes) {
	c := p.doc.Charges
	for path, item := range map[string]string{
		"charges.freight": c.Freight, "charges.discount": c.Discount, "charges.gift-certificate": c.GiftCertificate,
		"charges.payment-fee": c.PaymentFee, "charges.handling": c.Handling, "charges.other": c.Other,
		"lines.rounding_item": p.doc.Lines.RoundingItem,
	} {
		if item == "" {
			found.at(path, "must name a charge item")
		}
	}
}

func (p *Profile) checkBounds(found *mistakes, oneOf func(path, value string, choices ...string)) {
	b := p.doc.Validate
	if places := p.doc.Lines.PriceDecimals; places < 2 || places > 6 {
		found.at("lines.price_decimals", "%d is not between 2 and 6", places)
	}
	if b.MaxLines < 1 {
		found.at("validation.max_lines", "%d lets no order pass", b.MaxLines)
	}
	for path, most := range map[string]amount{"max_quantity": b.MaxQuantity, "max_price": b.MaxPrice, "max_total": b.MaxTotal} {
		if !most.IsPositive() {
			found.at("validation."+path, "%s lets no order pass", most)
		}
	}
	for path, least := range map[string]amount{"validation.min_price": b.MinPrice, "tax.tolerance": p.doc.Tax.Tolerance, "total_tolerance": p.doc.Tolerance} {
		if least.IsNegative() {
			found.at(path, "%s is below zero", least)
		}
	}
	oneOf("validation.unknown_carrier", b.UnknownCarrier, carrierDefault, carrierRefuse)
	for country, parts := range b.RequiredAddress {
		for i, part := range parts {
			if _, ok := addressParts[part]; !ok {
				found.at(fmt.Sprintf("validation.required_address.%s.%d", country, i), "%q is not a part of an address", part)
			}
		}
	}
	for field, most := range b.MaxLength {
		if !slices.Contains(limitedFields, field) {
			found.at("validation.max_length."+field, "is not one of %v", limitedFields)
		} else if most < 1 {
			found.at("validation.max_length."+field, "%d lets no value pass", most)
		}
	}
}

var paymentStates = []commerce.PaymentState{
	commerce.PaymentDraft, commerce.PaymentAwaiting, commerce.PaymentAuthorized, commerce.PaymentPartial,
	commerce.PaymentPaid, commerce.PaymentDeclined, commerce.PaymentCancelled, commerce.PaymentRefunded,
}

var fulfilmentStates = []commerce.FulfilmentState{
	commerce.FulfilmentDraft, commerce.FulfilmentAwaitApproval, commerce.FulfilmentNew, commerce.FulfilmentBackordered,
	commerce.FulfilmentProcessing, commerce.FulfilmentPartlyShipped, commerce.FulfilmentShipped,
	commerce.FulfilmentDelivered, commerce.FulfilmentWillNotDeliver, commerce.FulfilmentReturned,
}

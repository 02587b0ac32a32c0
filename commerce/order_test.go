package commerce

import (
	"testing"
	"time"
)

func sample() Order {
	return Order{
		Store: "main", ID: "4120", Number: "1004120", Currency: "USD",
		PlacedAt: time.Date(2026, 11, 20, 14, 3, 10, 0, time.UTC),
		BillTo:   Address{FirstName: "Pat", LastName: "Roe", Line1: "1 Dock St", City: "Edmond", State: "OK", Country: "US"},
		Lines: []Line{
			{SKU: "PUMP-12", Quantity: dec("2"), ListPrice: dec("59"), Subtotal: dec("118")},
			{SKU: "HOSE", Quantity: dec("3"), ListPrice: dec("4"), Subtotal: dec("10")},
		},
		Charges: []Charge{
			{Kind: ChargeFreight, Amount: dec("13.50")},
			{Kind: ChargeDiscount, Amount: dec("-5")},
			{Kind: ChargeTax, Amount: dec("2"), Included: true},
		},
		Total: dec("136.50"), PaymentStatus: "P", ShippingStatus: "N",
	}
}

func TestOrderAddsUp(t *testing.T) {
	o := sample()
	if got := o.Imbalance(); !got.IsZero() {
		t.Errorf("the order adds up, but Imbalance is %s: included tax must not count", got)
	}
	o.Total = dec("137")
	if got := o.Imbalance(); !got.Equal(dec("0.5")) {
		t.Errorf("Imbalance = %s, want 0.50", got)
	}
	if got := o.Lines[1].UnitPrice().StringFixed(4); got != "3.3333" {
		t.Errorf("what was charged for one is %s, want 3.3333: the list price is not it", got)
	}
	if got := o.ChargeTotal(ChargeFreight, ChargeDiscount); !got.Equal(dec("8.5")) {
		t.Errorf("freight and discount are %s, want 8.50", got)
	}
}

func TestDestinationFallsBackToTheBillTo(t *testing.T) {
	o := sample()
	if o.Destination() != o.BillTo {
		t.Error("an order without a ship-to ships to the bill-to")
	}
	o.ShipTo = Address{Company: "Acme", Line1: "2 Main St"}
	if o.Destination() != o.ShipTo {
		t.Error("a ship-to was given and not used")
	}
}

func TestFingerprint(t *testing.T) {
	base := sample().Fingerprint()
	same := map[string]func(*Order){
		"a note by staff":    func(o *Order) { o.StaffNote = "ERP order 1000123" },
		"a tracking number":  func(o *Order) { o.Tracking = []string{"1Z"} },
		"the time of change": func(o *Order) { o.UpdatedAt = time.Now() },
	}
	for name, change := range same {
		o := sample()
		change(&o)
		if o.Fingerprint() != base {
			t.Errorf("%s changed the fingerprint: our own writes would come back as news", name)
		}
	}
	other := map[string]func(*Order){
		"the total":           func(o *Order) { o.Total = dec("1") },
		"a quantity":          func(o *Order) { o.Lines[0].Quantity = dec("9") },
		"the payment status":  func(o *Order) { o.PaymentStatus = "C" },
		"the shipping status": func(o *Order) { o.ShippingStatus = "WND" },
		"an address":          func(o *Order) { o.BillTo.City = "Tulsa" },
	}
	for name, change := range other {
		o := sample()
		change(&o)
		if o.Fingerprint() == base {
			t.Errorf("%s changed and the fingerprint did not", name)
		}
	}
}

func TestChangeSince(t *testing.T) {
	before, after := sample(), sample()
	after.PaymentStatus, after.ShippingStatus, after.StaffNote = "A", "P", "noted"
	if got := after.ChangeSince(before); got != "" {
		t.Errorf("statuses and notes are no change for the ERP, got %q", got)
	}
	after.Lines[0].Quantity, after.Total = dec("3"), dec("195.50")
	if got := after.ChangeSince(before); got != "total 136.5 -> 195.5, lines" {
		t.Errorf("got %q", got)
	}
}

func TestFulfilmentNeverGoesBack(t *testing.T) {
	for _, c := range []struct {
		from, to FulfilmentState
		want     bool
	}{
		{FulfilmentNew, FulfilmentProcessing, true},
		{FulfilmentProcessing, FulfilmentShipped, true},
		{FulfilmentDelivered, FulfilmentShipped, false},
		{FulfilmentShipped, FulfilmentShipped, false},
		{FulfilmentReturned, FulfilmentShipped, false},
		{FulfilmentWillNotDeliver, FulfilmentProcessing, false},
		{FulfilmentUnknown, FulfilmentShipped, false}, // a status of the merchant's own is left alone
	} {
		if got := c.from.MayBecome(c.to); got != c.want {
			t.Errorf("%q may become %q: %v, want %v", c.from, c.to, got, c.want)
		}
	}
}

func TestReference(t *testing.T) {
	store, id, err := ParseReference(Reference("main", "4711"))
	if err != nil || store != "main" || id != "4711" {
		t.Errorf("got %q %q %v", store, id, err)
	}
	own := Order{Store: "main", ID: "4711", ReferenceSuffix: "2"}.Reference()
	if store, id, err := ParseReference(own); err != nil || store != "main" || id != "4711" || ReferenceSuffix(own) != "2" || ReferenceSuffix("xc-main-4711") != "" {
		t.Errorf("%s became %q %q %v", own, store, id, err)
	}
	for _, bad := range []string{"", "xc-", "xc-main", "xc--1", "xc-main-", "PO 4711"} {
		if _, _, err := ParseReference(bad); err == nil {
			t.Errorf("%q was taken for a reference of ours", bad)
		}
	}
}

package mapping

import (
	"strings"
	"testing"

	"github.com/cart21/cart21/commerce"
)

func TestGuests(t *testing.T) {
	own, house := load(t, ""), load(t, "customers: {guests: house, house_account: \"9999\"}")
	o := sample(t)
	o.Customer = commerce.Customer{Guest: true, Email: "Pat@Example.test "}
	if _, is := own.HouseAccount(o); is {
		t.Error("guests have customers of their own")
	}
	if account, _ := house.HouseAccount(o); account != "9999" {
		t.Errorf("the house account is %q", account)
	}
	a := own.Account(o)
	o.Customer.Email = "pat@example.test"
	if b := own.Account(o); a.Reference != b.Reference || strings.Contains(a.Reference, "pat") {
		t.Errorf("a guest is known by the hash of the e-mail: %q, %q", a.Reference, b.Reference)
	}
}

func TestAccountOfACustomer(t *testing.T) {
	p := load(t, `customers: {terms: 'lookup("terms", order.PaymentMethod, "COD")', extra: {SalesrepId: '"1000"', TaxGroupId: order.ShipTo.State}}`)
	got := p.Account(sample(t))
	if got.Reference != "xc-main-c300" || got.Name != "Edmond Irrigation LLC" || got.FirstName != "Pat" || got.Terms != "COD" {
		t.Errorf("got %+v", got)
	}
	if got.Extra["SalesrepId"] != "1000" || got.Extra["TaxGroupId"] != "OK" || got.Phone != "(405) 555-0100" || got.Address.State != "OK" {
		t.Errorf("got %+v", got)
	}
	o := sample(t)
	o.BillTo.Company = strings.Repeat("x", 70)
	if name := p.Account(o).Name; len(name) != 50 {
		t.Errorf("Prophet 21 keeps 50 characters of a name, got %d", len(name))
	}
}

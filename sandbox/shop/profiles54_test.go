package shop

import "testing"

func TestLoginFilterFindsTheCopiesOfOrdersToo(t *testing.T) {
	r := newRig(t)
	kim := r.shop.AddCustomer(Customer{Email: "kim@example.test", Billing: pat()})
	for range 3 {
		r.place(func(n *NewOrder) { n.CustomerID = kim.ID })
	}
	length(t, r.get54("profile&_schema=complex&_cnd[login]=kim%40example.test"), 4)
	length(t, r.get54("profile&_schema=complex&_cnd[login]=kim%40example.test&_cnd[onlyReal]=1"), 1)
	want(t, r.get54("profile/2"), "1", "order", "order_id")
}

func TestPostedPasswordIsEchoedAsPlainText(t *testing.T) {
	r := newRig(t)
	want(t, r.write54("POST", "profile/0", `{"login":"pat@example.test","password":"Secret-123"}`), "Secret-123", "password")
}

func TestFlatAddressFieldsAreDropped(t *testing.T) {
	r := newRig(t)
	r.write54("POST", "profile/0", `{"login":"sam@example.test","addresses":[{"is_billing":true,"firstname":"Sam","street":"1 Dock St","state":"OK"}]}`)
	p := r.get54("profile/1&_schema=complex")
	want(t, p, "", "firstname")
	if a := at(t, p, "addresses", 0).(map[string]any); len(a) != 3 { // state and the two flags
		t.Error(a)
	}
}

func TestAddressFieldsOfAPutAreAppended(t *testing.T) {
	r := newRig(t)
	r.write54("POST", "profile/0", `{"login":"kim@example.test","addresses":[{"is_billing":true,"country":{"code":"US"},"state":{"state_id":36},
		"addressFields":[{"addressField":{"serviceName":"firstname"},"value":"Kim"},{"addressField":{"serviceName":"city"},"value":"Edmond"}]}]}`)
	want(t, r.get54("profile/1&_schema=complex"), "MS", "addresses", 0, "state") // 36 is in Brazil
	r.write54("PUT", "address/1", `{"state":{"state_id":580},"addressFields":[{"addressField":{"serviceName":"city"},"value":"Tulsa"}]}`)
	length(t, r.get54("address/1"), 3, "addressFields")
	p := r.get54("profile/1&_schema=complex")
	want(t, p, "Tulsa", "addresses", 0, "city")
	want(t, p, "OK", "addresses", 0, "state")
	r.write54("PUT", "addressfieldvalue/3", `{"value":"Norman"}`)
	want(t, r.get54("profile/1&_schema=complex"), "Norman", "addresses", 0, "city")
	want(t, r.get54("state/580"), "Oklahoma", "state")
}

func TestMembership(t *testing.T) {
	r := newRig(t)
	r.shop.AddCustomer(Customer{Email: "kim@example.test"})
	r.write54("PUT", "profile/1", `{"membership":{"membership_id":1}}`)
	want(t, r.get54("profile/1&_schema=complex"), "Wholesaler", "membership")
}

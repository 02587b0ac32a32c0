package prophet21

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

func TestOrderByREST(t *testing.T) {
	f := newFake(t)
	f.on["/api/sales/orders/"] = answer(200, `{"OrderNo":"1000123","APIInformation":{"ContextMessage":""}}`)
	m := f.open(func(c *Config) {
		c.FieldNames = map[string]string{"ship_to.state": "TheState", "lines.uom": "Unit"}
	})
	number, err := m.CreateOrder(context.Background(), webOrder())
	if err != nil || number != "1000123" {
		t.Fatalf("got %q, %v", number, err)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(f.to("/api/sales/orders/")[0].body), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"CompanyId": "01", "CustomerId": 100123.0, "ContactId": "2001", "ShipToId": 100123.0, "LocationId": "010", "SourceLocationId": 10.0,
		"PoNo": "WEB-4711", "WebReferenceNo": "xc-main-4711", "Taker": "XCART", "Approved": false, "Quote": "N",
		"OrderDate": "2026-11-23T00:00:00", "RequestedDate": "2026-11-24T00:00:00", "CarrierId": 5001.0, "PackingBasis": "Partial",
		"FreightCd": "PPA", "FreightOut": 12.5, "Terms": "NET30", "ShipToName": "Example Inc", "ShipToAddress1": "1 Main St",
		"ShipToCity": "Reno", "TheState": "NV", "ZipCode": "89501", "ShipToCountry": "US", "Class1id": "WEB", "po_no": "other",
		"Lines": map[string]any{"list": []any{
			map[string]any{"LineNo": 1.0, "ItemId": "WIDGET-1", "UnitQuantity": 3.0, "UnitPrice": 19.95, "Unit": "EA", "ManualPriceOveride": "Y"},
			map[string]any{"LineNo": 2.0, "ItemId": "WIDGET-1", "UnitQuantity": 1.0, "UnitPrice": 18.0, "ManualPriceOveride": "Y", "Disposition": "B"},
		}},
		"Notes": map[string]any{"list": []any{map[string]any{"Topic": "Web", "Note": "Paid by card", "NotepadClassId": "WEB"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the order (-want +got):\n%s", diff)
	}
}

func transactionFake(t *testing.T, reply string) *fake {
	f := newFake(t)
	f.on["/api/ui/router/v1/"] = func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("urlType") != "external" {
			t.Error("the router wants urlType=external")
		}
		answer(200, `{"Url":"`+f.URL+`/uiserver0"}`)(w, r)
	}
	f.on["/uiserver0/api/v2/transaction"] = answer(200, reply)
	f.rows("address", `{"id":5001.0,"name":"UPS Ground"}`)
	return f
}

const passed = `{"Messages":[],"Results":{"Transactions":[{"Status":"Passed","DataElements":[{"Name":"TABPAGE_1.order","Rows":[{"Edits":[{"Name":"order_no","Value":"1000123"}]}]}]}]},"Summary":{"Succeeded":1,"Failed":0,"Other":0}}`

func TestOrderByTransaction(t *testing.T) {
	f := transactionFake(t, passed)
	m := f.open(transactionRoute)
	for range 2 {
		number, err := m.CreateOrder(context.Background(), webOrder())
		if err != nil || number != "1000123" {
			t.Fatalf("got %q, %v", number, err)
		}
	}
	if n := len(f.to("/api/ui/router/v1/")); n != 1 {
		t.Errorf("the router was asked %d times", n)
	}
	var sent struct {
		Name                          string
		UseCodeValues, IgnoreDisabled bool
		Transactions                  []struct {
			Status       string
			DataElements []struct {
				Name, Type string
				Keys       []string
				Rows       []struct {
					Edits []struct{ Name, Value string }
				} // strings: a number would not decode
			}
		}
	}
	if err := json.Unmarshal([]byte(f.to("/uiserver0/api/v2/transaction")[0].body), &sent); err != nil {
		t.Fatalf("a value is no string: %v", err)
	}
	elements := sent.Transactions[0].DataElements
	if sent.Name != "Order" || sent.UseCodeValues || !sent.IgnoreDisabled || sent.Transactions[0].Status != "New" || len(elements) != 2 ||
		elements[1].Type != "List" || !cmp.Equal(elements[1].Keys, []string{"user_line_no"}) {
		t.Errorf("sent %+v", sent)
	}
	var order []string
	for _, e := range elements[0].Rows[0].Edits {
		order = append(order, e.Name+"="+e.Value)
	}
	for _, e := range elements[1].Rows[0].Edits {
		order = append(order, e.Name+"="+e.Value)
	}
	want := "customer_id=100123 ship_to_id=100123 contact_id=2001 sales_loc_id=010 source_loc_id=10 order_date=2026-11-23 requested_date=2026-11-24 " +
		"po_no=xc-main-4711 taker=XCART oe_hdr_carrier_id=UPS Ground packing_basis=Partial freight_cd=PPA oe_hdr_terms=NET30 ship_to_name=Example Inc " +
		"oe_hdr_ship2_add1=1 Main St oe_hdr_ship2_city=Reno oe_hdr_ship2_state=NV oe_hdr_ship2_zip=89501 approved=OFF Class1id=WEB WebReferenceNo=other " +
		"user_line_no=1 oe_order_item_id=WIDGET-1 unit_quantity=3 unit_of_measure=EA unit_price=19.95"
	if got := strings.Join(order, " "); got != want {
		t.Errorf("edits\n%s\nwant\n%s", got, want)
	}
}

func TestTransactionRepliesOf200(t *testing.T) {
	failed := func(message string) string {
		return `{"Messages":["Transaction 1:: ` + message + `"],"Results":{"Transactions":[{"Status":"Failed"}]},"Summary":{"Succeeded":0,"Failed":1,"Other":0}}`
	}
	for name, c := range map[string]struct {
		reply string
		want  connectors.Kind
		says  string
	}{
		"passed":            {passed, "", ""},
		"numbers as text":   {strings.Replace(passed, `"Succeeded":1`, `"Succeeded":"1"`, 1), "", ""},
		"failed":            {failed("Jurisdiction ID for Order Header Tax is required"), connectors.Rejected, "Jurisdiction ID"},
		"pool":              {failed("Unexpected response window"), connectors.Unavailable, ""},
		"not licensed":      {failed("Window <<W_ORDER>> is not available or user does not have permission"), connectors.Unauthorised, "licensed"},
		"neither":           {`{"Messages":["x"],"Summary":{"Succeeded":0,"Failed":0,"Other":1}}`, connectors.OutcomeUnknown, ""},
		"no order number":   {strings.Replace(passed, "order_no", "taker", 1), connectors.OutcomeUnknown, ""},
		"an empty number":   {strings.Replace(passed, "1000123", "", 1), connectors.OutcomeUnknown, ""},
		"no summary":        {`{}`, connectors.OutcomeUnknown, ""},
		"null":              {`null`, connectors.OutcomeUnknown, ""},
		"broken off":        {passed[:80], connectors.OutcomeUnknown, ""},
		"envelope of a 200": {refusal(business, "no"), connectors.Rejected, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := transactionFake(t, c.reply).open(transactionRoute).CreateOrder(context.Background(), webOrder())
			wantKind(t, err, c.want)
			if c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("%v does not say %q", err, c.says)
			}
		})
	}
}

func TestFindByRoute(t *testing.T) {
	for route, want := range map[string]string{
		"rest":        "web_reference_no eq 'xc-main-O''1' and delete_flag eq 'N'",
		"transaction": "po_no eq 'xc-main-O''1' and delete_flag eq 'N'",
	} {
		f := newFake(t)
		f.rows("oe_hdr", `{"order_no":"0012","po_no":"XC-MAIN-O'1","web_reference_no":"XC-MAIN-O'1"}`)
		found, err := f.open(func(c *Config) { c.OrderRoute = route }).FindOrders(context.Background(), "xc-main-O'1")
		if err != nil || len(found) != 1 || found[0].Number != "0012" || found[0].Reference != "xc-main-O'1" {
			t.Errorf("got %+v, %v", found, err)
		}
		if got := f.table("oe_hdr")[0].query.Get("$filter"); got != want {
			t.Errorf("asked %s, want %s", got, want)
		}
	}
}

func customerFake(t *testing.T) *fake {
	f := newFake(t)
	f.on["/api/entity/addresses/"] = answer(200, `{"AddressId":4001}`)
	f.on["/api/entity/contacts/"] = answer(200, `{"Id":"2001"}`)
	f.on["/api/entity/customers/"] = answer(200, `{"CompanyId":"01","CustomerId":100200,"CustomerShipTos":null}`)
	f.on["/api/entity/customers/01_100200"] = answer(200, `{"CompanyId":"01","CustomerId":100200,"LegacyId":"xc-main-c3","CustomerContacts":{"list":[{"ContactId":"2001"}]},
		"CustomerShipTos":{"list":[{"ShipToId":7},{"ShipToId":100200}]}}`)
	return f
}

var newcomer = commerce.Account{Name: "Acme", FirstName: "Pat", Email: "pat@example.test", Reference: "xc-main-c3",
	Address: commerce.Address{Line1: "1 Main St", City: "Reno"}, Extra: map[string]string{"TaxGroupId": "NV", "LegacyId": "other"}}

func TestCreateAccount(t *testing.T) {
	f := customerFake(t)
	got, err := f.open().CreateAccount(context.Background(), newcomer)
	if err != nil || got.CustomerID != "100200" || got.ContactID != "2001" || got.ShipToID != "100200" || got.CompanyID != "01" {
		t.Errorf("got %+v, %v", got, err)
	}
	var doc struct {
		LegacyId, TaxGroupId string
		CustomerShipTos      struct {
			List []struct {
				TaxGroupId    string
				ShipToAddress struct{ AddressId int }
			}
		}
	}
	if err := json.Unmarshal([]byte(f.to("/api/entity/customers/")[0].body), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.LegacyId != "xc-main-c3" || doc.TaxGroupId != "NV" || doc.CustomerShipTos.List[0].TaxGroupId != "NV" || doc.CustomerShipTos.List[0].ShipToAddress.AddressId != 4001 {
		t.Errorf("sent %+v", doc)
	}
}

func TestCreateAccountThatBreaksOff(t *testing.T) {
	for name, c := range map[string]struct {
		path string
		how  http.HandlerFunc
		want connectors.Kind
		says string
	}{
		"address refused":      {"/api/entity/addresses/", answer(500, refusal(business, "no")), connectors.Rejected, ""},
		"address lost":         {"/api/entity/addresses/", drop, connectors.OutcomeUnknown, ""},
		"contact refused":      {"/api/entity/contacts/", answer(500, refusal(business, "no")), connectors.Rejected, "address 4001 had been created"},
		"contact not now":      {"/api/entity/contacts/", answer(500, refusal(business, "Unexpected response window")), connectors.OutcomeUnknown, "address 4001"},
		"customer lost":        {"/api/entity/customers/", drop, connectors.OutcomeUnknown, "contact 2001"},
		"customer without id":  {"/api/entity/customers/", answer(200, `{}`), connectors.OutcomeUnknown, ""},
		"read back in vain":    {"/api/entity/customers/01_100200", answer(500, ""), connectors.OutcomeUnknown, "100200 was created"},
		"address without id":   {"/api/entity/addresses/", answer(200, `{}`), connectors.OutcomeUnknown, ""},
		"contact half arrived": {"/api/entity/contacts/", answer(200, `{"Id":"20`), connectors.OutcomeUnknown, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := customerFake(t)
			f.on[c.path] = c.how
			_, err := f.open().CreateAccount(context.Background(), newcomer)
			wantKind(t, err, c.want)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v does not say %q", err, c.says)
			}
		})
	}
}

func TestFindAccounts(t *testing.T) {
	f := customerFake(t)
	f.on["/api/entity/customers/"] = answer(200, `{"list":[{"CompanyId":"01","CustomerId":5,"LegacyId":"another"},{"CompanyId":"01","CustomerId":100200,"LegacyId":"xc-main-c3"}]}`)
	f.rows("contacts", `{"id":"2001","first_name":"Pat","email_address":"PAT@example.test","address_id":4001}`, `{"id":"2002","email_address":"stranger@example.test"}`,
		`{"id":"2003","email_address":"pat@example.test","address_id":100200}`)
	f.on["/api/entity/contacts/2001"] = answer(200, `{"ContactLinks":{"list":[{"LinkType":"SUPPLIER","LinkId":9},{"LinkType":"CUSTOMER","LinkId":100200}]}}`)
	m := f.open()
	found, err := m.FindAccounts(context.Background(), AccountQuery{Reference: "xc-main-c3", Email: "nobody@example.test"})
	if err != nil || len(found) != 1 || found[0].CustomerID != "100200" || found[0].ContactID != "2001" || found[0].ShipToID != "100200" {
		t.Errorf("by reference: %+v, %v", found, err)
	}
	if got := f.to("/api/entity/customers/")[0].query.Get("$query"); got != "LegacyId eq 'xc-main-c3'" {
		t.Errorf("asked %s", got)
	}
	// The contact 2003 has no links: the customer is that of its address.
	found, err = m.FindAccounts(context.Background(), AccountQuery{Email: "Pat@Example.test"})
	if err != nil || len(found) != 2 || found[0].ContactID != "2001" || found[1].ContactID != "2003" || found[1].CustomerID != "100200" {
		t.Errorf("by e-mail: %+v, %v", found, err)
	}
	// A path that nobody serves is no "there is no such customer".
	f.on["/api/entity/customers/"] = answer(404, "<html>")
	if found, err = m.FindAccounts(context.Background(), AccountQuery{Reference: "xc-main-c3"}); err == nil {
		t.Errorf("got %+v", found)
	}
}

func TestFindAccountsByTheLegacyColumn(t *testing.T) {
	f := customerFake(t)
	f.on[metadataPath] = answer(200, metadataOf(nil, "customer.legacy_id Edm.String"))
	f.rows("customer", `{"customer_id":100200.0,"company_id":"01","legacy_id":"xc-main-c3"}`)
	m := f.open()
	if err := m.readMetadata(context.Background()); err != nil {
		t.Fatal(err)
	}
	found, err := m.FindAccounts(context.Background(), AccountQuery{Reference: "xc-main-c3"})
	if err != nil || len(found) != 1 || found[0].CustomerID != "100200" || len(f.to("/api/entity/customers/")) != 0 {
		t.Errorf("got %+v, %v", found, err)
	}
}

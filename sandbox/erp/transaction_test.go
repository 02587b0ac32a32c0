package erp

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const orderTransaction = `{"Name":"Order","UseCodeValues":false,"IgnoreDisabled":true,"Transactions":[{"Status":"New","DataElements":[
 {"Name":"TABPAGE_1.order","Type":"Form","Keys":[],"Rows":[{"Edits":[
  {"Name":"customer_id","Value":"100000"},{"Name":"ship_to_id","Value":"100000"},{"Name":"contact_id","Value":"2000"},
  {"Name":"sales_loc_id","Value":"10"},{"Name":"source_loc_id","Value":"10"},{"Name":"order_date","Value":"2026-11-23"},
  {"Name":"requested_date","Value":"2026-11-24"},{"Name":"po_no","Value":"WEB-1"},{"Name":"taker","Value":"XCART"},
  {"Name":"approved","Value":"ON"}],"RelativeDateEdits":[]}]},
 {"Name":"TP_ITEMS.items","Type":"List","Keys":["user_line_no"],"Rows":[
  {"Edits":[{"Name":"user_line_no","Value":"1"},{"Name":"oe_order_item_id","Value":"WIDGET-1"},{"Name":"unit_quantity","Value":"3"},{"Name":"unit_price","Value":"19.95"}],"RelativeDateEdits":[]},
  {"Edits":[{"Name":"user_line_no","Value":"2"},{"Name":"oe_order_item_id","Value":"WIDGET-1"},{"Name":"unit_quantity","Value":"1"}],"RelativeDateEdits":[]}]},
 {"Name":"TP_REMITTANCES.remittances","Type":"List","Keys":[],"Rows":[{"Edits":[{"Name":"payment_type_id","Value":"7"},{"Name":"payment_amount","Value":"84.35"}]}]}
]}]}`

// transact posts a set and returns its messages and how many failed. It is 200 either way.
func (s *site) transact(body string) (messages string, failed int) {
	s.t.Helper()
	status, text := s.call("POST", "/uiserver0/api/v2/transaction", body)
	require.Equal(s.t, 200, status, text)
	m := object(s.t, text)
	var all []string
	for _, x := range m["Messages"].([]any) {
		all = append(all, x.(string))
	}
	return strings.Join(all, "\n"), int(m["Summary"].(map[string]any)["Failed"].(float64))
}

func TestTransactionCreatesAnOrder(t *testing.T) {
	s := open(t, options())
	status, body := s.call("POST", "/uiserver0/api/v2/transaction", orderTransaction)
	require.Equal(t, 200, status)
	require.Contains(t, body, `{"Name":"order_no","Value":"1000001"}`)
	o, _ := s.erp.Order("1000001")
	require.Len(t, o.Lines, 2, "the same item twice stays two lines with user_line_no as the key")
	require.Equal(t, "24.5", o.Lines[1].Price.String(), "without a price P21 has its own")
	require.Equal(t, "84.35", o.Remittances[0].Amount.String())
	require.True(t, o.Approved)
	require.Empty(t, o.WebReference)
}

func TestTransactionFailuresComeWith200(t *testing.T) {
	s := open(t, options())
	for name, c := range map[string]struct{ old, new, message string }{
		"source location":        {`{"Name":"source_loc_id","Value":"10"},`, ``, "Jurisdiction ID for Order Header Tax"},
		"ship-to before":         {`{"Name":"customer_id","Value":"100000"},{"Name":"ship_to_id","Value":"100000"}`, `{"Name":"ship_to_id","Value":"100000"},{"Name":"customer_id","Value":"100000"}`, "before Ship To ID"},
		"no ship-to":             {`{"Name":"ship_to_id","Value":"100000"},`, ``, "Ship To ID is a required field"},
		"no contact":             {`{"Name":"contact_id","Value":"2000"},`, ``, "Contact ID is a required field"},
		"no purchase order":      {`{"Name":"po_no","Value":"WEB-1"},`, ``, "PO Number"},
		"no taker":               {`{"Name":"taker","Value":"XCART"},`, ``, "Taker"},
		"requested too early":    {`2026-11-24`, `2026-11-22`, "Requested Date"},
		"web reference unknown":  {`{"Name":"taker"`, `{"Name":"web_reference_no","Value":"x"},{"Name":"taker"`, "Column web_reference_no does not exist"},
		"flag in the wrong code": {`"Value":"ON"`, `"Value":"Y"`, "check box"},
		"quantity before item":   {`{"Name":"oe_order_item_id","Value":"WIDGET-1"},{"Name":"unit_quantity","Value":"3"}`, `{"Name":"unit_quantity","Value":"3"},{"Name":"oe_order_item_id","Value":"WIDGET-1"}`, "Item ID must be entered before"},
		"card number":            {`{"Name":"payment_type_id"`, `{"Name":"cc_creditcard_number","Value":"4111"},{"Name":"payment_type_id"`, "Card data"},
		"unknown element":        {`TP_REMITTANCES.remittances`, `TP_NONE.none`, "TP_NONE.none"},
	} {
		t.Run(name, func(t *testing.T) {
			message, failed := s.transact(strings.Replace(orderTransaction, c.old, c.new, 1))
			require.Equal(t, 1, failed)
			require.Contains(t, message, c.message)
		})
	}
	require.Empty(t, s.erp.Orders(), "a transaction is atomic")
}

func TestCompanyIsDisabledUnlessIgnored(t *testing.T) {
	s := open(t, options())
	body := strings.Replace(orderTransaction, `{"Name":"customer_id"`, `{"Name":"company_id","Value":"01"},{"Name":"customer_id"`, 1)
	_, failed := s.transact(body)
	require.Zero(t, failed)
	message, failed := s.transact(strings.Replace(body, `"IgnoreDisabled":true`, `"IgnoreDisabled":false`, 1))
	require.Equal(t, 1, failed)
	require.Contains(t, message, "disabled")
}

func TestTransactionValuesMustBeStrings(t *testing.T) {
	s := open(t, options())
	status, _ := s.call("POST", "/uiserver0/api/v2/transaction", strings.Replace(orderTransaction, `"Value":"3"`, `"Value":3`, 1))
	require.Equal(t, 400, status)
}

func TestTheSameItemCollapsesWithoutUserLineNo(t *testing.T) {
	s := open(t, options())
	_, failed := s.transact(strings.Replace(orderTransaction, `"Keys":["user_line_no"]`, `"Keys":[]`, 1))
	require.Zero(t, failed)
	o, _ := s.erp.Order("1000001")
	require.Len(t, o.Lines, 1)
	require.Equal(t, "1", o.Lines[0].Qty.String(), "the later row typed over the earlier")
}

func update(edits string, items string) string {
	return `{"Name":"Order","Transactions":[{"Status":"New","DataElements":[{"Name":"TABPAGE_1.order","Type":"Form","Keys":["order_no"],
 "Rows":[{"Edits":[{"Name":"order_no","Value":"1000001"}` + edits + `]}]}` + items + `]}]}`
}

func TestTransactionUpdatesAddsAndCancels(t *testing.T) {
	s := open(t, options())
	s.transact(orderTransaction)
	_, failed := s.transact(update(``, `,{"Name":"TP_ITEMS.items","Type":"List","Keys":["user_line_no"],"Rows":[
	 {"Edits":[{"Name":"user_line_no","Value":"1"},{"Name":"unit_quantity","Value":"5"}]},
	 {"Edits":[{"Name":"user_line_no","Value":"3"},{"Name":"oe_order_item_id","Value":"FREIGHT"},{"Name":"unit_quantity","Value":"1"},{"Name":"unit_price","Value":"9.5"}]}]}`))
	require.Zero(t, failed)
	o, _ := s.erp.Order("1000001")
	require.Equal(t, "5", o.Lines[0].Qty.String())
	require.Equal(t, "9.5", o.Charges().String())
	message, failed := s.transact(update(`,{"Name":"customer_id","Value":"100000"}`, ``))
	require.Equal(t, 1, failed)
	require.Contains(t, message, "disabled")
	_, failed = s.transact(update(`,{"Name":"cancel_flag","Value":"ON"}`, ``))
	require.Zero(t, failed)
	o, _ = s.erp.Order("1000001")
	require.True(t, o.Cancelled)
	require.True(t, o.Total().IsZero())
	_, failed = s.transact(update(`,{"Name":"po_no","Value":"X"}`, ``))
	require.Equal(t, 1, failed, "a cancelled order is closed")
}

func TestDispositionCancelClosesTheLine(t *testing.T) {
	s := open(t, options())
	s.transact(orderTransaction)
	rows := `,{"Name":"TP_ITEMS.items","Type":"List","Keys":["user_line_no"],"Rows":[{"Edits":[{"Name":"user_line_no","Value":"2"},{"Name":"disposition","Value":"Cancel"}]}]}`
	_, failed := s.transact(update(``, rows))
	require.Zero(t, failed)
	o, _ := s.erp.Order("1000001")
	require.True(t, o.Lines[1].Cancelled)
	require.Equal(t, "59.85", o.Goods().String())
	_, failed = s.transact(update(``, rows))
	require.Equal(t, 1, failed, "it is complete now")
}

func TestTransactionGetReadsTheTotals(t *testing.T) {
	s := open(t, options())
	s.transact(orderTransaction)
	status, body := s.call("POST", "/uiserver0/api/v2/transaction/get",
		`{"ServiceName":"Order","TransactionStates":[{"DataElementName":"TABPAGE_1.order","Keys":[{"Name":"order_no","Value":"1000001"}]}]}`)
	require.Equal(t, 200, status)
	require.Contains(t, body, `{"Name":"sales_sub_total","Value":"84.35"}`)
	require.Contains(t, body, `{"Name":"tax_total","Value":"5.27"}`)
}

func TestUnknownWindowIsA500(t *testing.T) {
	s := open(t, options())
	status, body := s.call("POST", "/uiserver0/api/v2/transaction", `{"Name":"CashReceipts","Transactions":[{}]}`)
	require.Equal(t, 500, status)
	require.Contains(t, body, "Window <<CashReceipts>> is not available")
	status, _ = s.call("GET", "/uiserver0/api/v2/definition/Order", "")
	require.Equal(t, 200, status)
}

func TestShipToWindowAddsAndChanges(t *testing.T) {
	s := open(t, options())
	body := `{"Name":"ShipTo","Transactions":[{"Status":"New","DataElements":[{"Name":"TABPAGE_1.shiptomain","Type":"Form","Keys":[],"Rows":[{"Edits":[
	 {"Name":"company_id","Value":"01"},{"Name":"customer_id","Value":"100000"},{"Name":"address_name","Value":"Plant 2"},{"Name":"phys_state","Value":"NV"}]}]}]}]}`
	_, failed := s.transact(body)
	require.Zero(t, failed)
	shipTos := s.erp.Customers()[0].ShipTos
	require.Len(t, shipTos, 2)
	id := itoa(shipTos[1].ShipTo.ID)
	_, failed = s.transact(strings.NewReplacer(`"Keys":[]`, `"Keys":["company_id","address_id"]`, `"Edits":[`, `"Edits":[{"Name":"address_id","Value":"`+id+`"},`, `"NV"`, `"IL"`).Replace(body))
	require.Zero(t, failed)
	shipTos = s.erp.Customers()[0].ShipTos
	require.Len(t, shipTos, 2)
	require.Equal(t, "IL", shipTos[1].Address.Phys.State)
}

func FuzzTransaction(f *testing.F) {
	f.Add(orderTransaction)
	f.Add(update(`,{"Name":"cancel_flag","Value":"ON"}`, ``))
	f.Add(update(``, `,{"Name":"TP_ITEMS.items","Keys":["user_line_no"],"Rows":[{"Edits":[{"Name":"user_line_no","Value":"1"},{"Name":"unit_quantity","Value":"5"},{"Name":"disposition","Value":"Cancel"}]}]}`))
	f.Add(`{"Name":"Shipping","Transactions":[{"Status":"New","DataElements":[{"Name":"TABPAGE_1.tp_1_dw_1","Rows":[{"Edits":[{"Name":"pick_ticket_no","Value":"1"}]}]}]}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		e := stocked(options())
		e.transact(httptest.NewRequest("POST", "/", strings.NewReader(orderTransaction)))
		e.Step(testNow.Add(time.Minute))
		r := e.transact(httptest.NewRequest("POST", "/", strings.NewReader(body))).encoded()
		require.Contains(t, []int{200, 400, 500}, r.status)
		object(t, string(r.raw))
		for _, o := range e.Orders() {
			require.NotEmpty(t, o.Lines)
		}
		for _, s := range e.books.items["WIDGET-1"].Stocks {
			require.False(t, s.Allocated.IsNegative())
		}
	})
}

func TestExtremeNumbersDoNoHarm(t *testing.T) {
	s := open(t, options())
	for _, v := range []string{"1e18", "0.000000000000000001", "999999999999999999999999999999", "-1", "1e9999999", "NaN", ""} {
		s.transact(strings.Replace(orderTransaction, `"Value":"3"`, `"Value":"`+v+`"`, 1))
		s.transact(strings.Replace(orderTransaction, `"Value":"19.95"`, `"Value":"`+v+`"`, 1))
	}
	s.erp.finish(t)
	for _, o := range s.erp.Orders() {
		require.True(t, o.Lines[0].Qty.IsPositive())
	}
}

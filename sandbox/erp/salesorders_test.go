package erp

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCreateOrderAnswersTheOrderWithItsNumber(t *testing.T) {
	s := open(t, options())
	status, body := s.call("POST", "/api/sales/orders/", orderBody())
	require.Equal(t, 200, status, body)
	m := object(t, body)
	require.Equal(t, "1000001", m["OrderNo"])
	require.Contains(t, m["APIInformation"].(map[string]any)["ContextMessage"], "1000001")
	require.Len(t, m["Lines"].(map[string]any)["list"], 2)
	o, found := s.erp.Order("1000001")
	require.True(t, found)
	require.Equal(t, "79.85", o.Goods().String())
	require.Equal(t, "6.59", o.Tax.String(), "8.25 %% of 79.85, rounded once")
	require.Equal(t, "98.94", o.Total().String())
	require.True(t, o.Lines[0].Tax.Add(o.Lines[1].Tax).Equal(o.Tax), "the lines' tax sums to the order's")
	require.False(t, s.erp.Orders()[0].Quote)
}

func TestDuplicatesAreNotRejected(t *testing.T) {
	s := open(t, options())
	first, second := s.place(), s.place()
	require.NotEqual(t, first, second)
	require.Equal(t, []Duplicate{{Reference: "xc-1-1", Orders: []string{first, second}}}, s.erp.Duplicates())
}

func TestLinesMustBeAnObjectThatHoldsAList(t *testing.T) {
	s := open(t, options())
	status, kind, _ := s.refused(`{"list":[`, `[`, `]}}`, `]}`)
	require.Equal(t, 400, status)
	require.Equal(t, exceptionProphet, kind)
}

func TestUnknownNamesAreIgnoredSilently(t *testing.T) {
	s := open(t, options())
	no := s.place(`"OeHdrShip2State"`, `"ShipToState"`)
	o, _ := s.erp.Order(no)
	require.Equal(t, "IL", o.ShipTo.State, "the name is another tenant's, so the ship-to's own state stays")
}

func TestTheFieldForTheStateIsTheTenants(t *testing.T) {
	o := options()
	o.ShipToState = true
	s := open(t, o)
	require.Contains(t, s.get("/api/sales/orders/new"), "ShipToState")
	placed, _ := s.erp.Order(s.place(`"OeHdrShip2State"`, `"ShipToState"`))
	require.Equal(t, "NV", placed.ShipTo.State)
}

func TestBusinessRulesComeAs500(t *testing.T) {
	s := open(t, options())
	s.erp.AddCustomer(CustomerRecord{Customer: Customer{Name: "Other"}})
	for name, c := range map[string]struct{ old, new, message string }{
		"customer":       {`"CustomerId":100000`, `"CustomerId":5`, "Customer ID 5 does not exist"},
		"ship-to":        {`"ShipToId":100000`, `"ShipToId":100001`, "not valid for customer"},
		"contact":        {`"ContactId":"2000"`, `"ContactId":"7"`, "Contact ID 7"},
		"taker":          {`"Taker":"XCART"`, `"Taker":"NOBODY"`, "Taker NOBODY"},
		"company number": {`"CompanyId":"01"`, `"CompanyId":1`, "Company ID 1 "},
		"unknown item":   {`"WIDGET-1"`, `"NONE"`, "Item ID NONE"},
		"inactive item":  {`"WIDGET-1"`, `"OLD"`, "not active"},
		"quantity":       {`"UnitQuantity":3`, `"UnitQuantity":0`, "greater than zero"},
		"unit":           {`"UnitQuantity":3`, `"UnitQuantity":3,"UnitOfMeasure":"TON"`, "Unit of Measure TON"},
		"packing basis":  {`"PoNo"`, `"PackingBasis":"Some","PoNo"`, "Packing Basis"},
		"carrier":        {`"PoNo"`, `"CarrierId":9,"PoNo"`, "Carrier ID 9"},
		"freight code":   {`"PoNo"`, `"FreightCd":"X","PoNo"`, "Freight Code X"},
		"order number":   {`"PoNo"`, `"OrderNo":"1","PoNo"`, "cannot be changed"},
	} {
		t.Run(name, func(t *testing.T) {
			status, kind, message := s.refused(c.old, c.new)
			require.Equal(t, 500, status)
			require.Equal(t, exceptionBusiness, kind)
			require.Contains(t, message, c.message)
		})
	}
	require.Empty(t, s.erp.Orders(), "nothing is entered unless all is right")
}

func TestWithoutAManualPriceP21Reprices(t *testing.T) {
	s := open(t, options())
	o, _ := s.erp.Order(s.place(`"UnitPrice":19.95,"ManualPriceOveride":"Y"`, `"UnitPrice":19.95,"UnitOfMeasure":"BX"`))
	require.Equal(t, "294", o.Lines[0].Price.String(), "12 times the list price")
	require.Equal(t, "36", o.Lines[0].Ordered().String(), "ordered in base units")
}

func TestChildrenComeOnlyWhenAskedFor(t *testing.T) {
	s := open(t, options())
	no := s.place()
	require.Nil(t, s.get("/api/sales/orders/" + no)["Lines"])
	require.NotNil(t, s.get("/api/sales/orders/" + no + "?extendedproperties=*")["Lines"])
	status, body := s.call("GET", "/api/sales/orders/99", "")
	require.Equal(t, 404, status)
	require.Equal(t, exceptionNotFound, object(t, body)["ErrorType"])
}

func TestOrdersAreUnapprovedUnlessSaidOtherwise(t *testing.T) {
	s := open(t, options())
	o, _ := s.erp.Order(s.place(`"Approved":true,`, ``))
	require.False(t, o.Approved)
	auto := options()
	auto.AutoApprove = true
	s = open(t, auto)
	o, _ = s.erp.Order(s.place(`"Approved":true,`, ``))
	require.True(t, o.Approved)
}

func TestItemIDsHoldSlashesAndQuotes(t *testing.T) {
	s := open(t, options())
	m := s.get("/api/inventory/parts/" + url.PathEscape(`VALVE-1/2"#3`) + "?extendedproperties=Locations,UnitsOfMeasure")
	require.Equal(t, `VALVE-1/2"#3`, m["ItemId"])
	require.Len(t, m["Locations"].(map[string]any)["list"], 2)
}

func TestPartDescriptionOver40IsDiscardedAndUnitsAreLost(t *testing.T) {
	s := open(t, options())
	status, _ := s.call("PUT", "/api/inventory/parts/WIDGET-1", `{"ItemDesc":"a description that is much too long for the column","Price1":25}`)
	require.Equal(t, 200, status)
	item := s.erp.Items()[0]
	require.Equal(t, "Widget", item.Desc)
	require.Equal(t, "25", item.Price.String())
	require.Len(t, item.UOMs, 1, "units that are not sent again are lost")
}

func TestJournalPostsAtOnceAndMustBalance(t *testing.T) {
	s := open(t, options())
	lines := `[{"CompanyNo":"01","AccountNumber":"1000","Period":11,"YearForPeriod":2026,"JournalId":"GJ","Amount":100.00,"Source":"XC-1"},
	 {"CompanyNo":"01","AccountNumber":"1200","Period":11,"YearForPeriod":2026,"JournalId":"GJ","Amount":-100.00,"Source":"XC-1"}]`
	status, body := s.call("POST", "/api/accounting/gl/", lines)
	require.Equal(t, 200, status, body)
	require.Contains(t, body, `"Approved":true`)
	require.Len(t, s.get("/odataservice/odata/table/gl?$filter=source%20eq%20'XC-1'")["value"], 2)
	_, again := s.call("GET", "/api/accounting/gl/500001", "")
	require.JSONEq(t, body, again)
	_, none := s.call("GET", "/api/accounting/gl/1", "")
	require.JSONEq(t, `[]`, none)
	status, body = s.call("POST", "/api/accounting/gl/", lines[:len(lines)-1]+`,{"CompanyNo":"01","AccountNumber":"1","Period":11,"YearForPeriod":2026,"JournalId":"GJ","Amount":1}]`)
	require.Equal(t, 500, status)
	require.Contains(t, body, "Records do not balance")
	status, _ = s.call("POST", "/api/accounting/gl/", `[{"CompanyNo":"01","AccountNumber":"1","Period":11,"YearForPeriod":2025,"JournalId":"GJ","Amount":0}]`)
	require.Equal(t, 500, status, "last year is closed")
}

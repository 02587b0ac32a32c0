package erp

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// ask queries a table and returns status and rows.
func (s *site) ask(table, filter string, more ...string) (int, []any) {
	s.t.Helper()
	path := "/odataservice/odata/table/" + table + "?$filter=" + url.QueryEscape(filter)
	for _, m := range more {
		path += "&" + strings.ReplaceAll(m, " ", "%20")
	}
	status, body := s.call("GET", path, "")
	if status != 200 {
		return status, nil
	}
	return status, object(s.t, body)["value"].([]any)
}

func TestFilters(t *testing.T) {
	s := open(t, options())
	s.place()
	s.place(`xc-1-1`, `xc-1-2`, `WEB-1`, `O'Hara`)
	for _, c := range []struct {
		table, filter string
		status, rows  int
	}{
		{"oe_hdr", "web_reference_no eq 'xc-1-1'", 200, 1},
		{"oe_hdr", "po_no eq 'O''Hara'", 200, 1},
		{"oe_hdr", "order_no eq '1000001'", 200, 1},
		{"oe_hdr", "order_no eq '1000001' or order_no eq '1000002'", 200, 2},
		{"oe_hdr", "not (order_no eq '1000001')", 200, 1},
		{"oe_hdr", "order_no eq '1000001' and taker eq 'X' or po_no eq 'WEB-1'", 200, 1},
		{"oe_hdr", "order_no eq '1000001' and (taker eq 'X' or po_no eq 'WEB-1')", 200, 1},
		{"oe_hdr", "startswith(web_reference_no,'xc-1') and contains(po_no,'Hara')", 200, 1},
		{"oe_hdr", "date_last_modified ge 2026-11-23T09:00:00Z", 200, 2},
		{"oe_hdr", "date_last_modified gt 2026-11-23T09:00:00Z", 200, 0},
		{"oe_hdr", "order_date eq 2026-11-23", 200, 2},
		{"oe_hdr", "carrier_id eq null", 200, 2},
		{"oe_hdr", "freight_out ge 12.5 and freight_out lt 12.51", 200, 2},
		{"oe_hdr", "order_no in ('5')", 200, 2}, // silently ignored
		{"oe_hdr", "order_no eq 1000001", 404, 0},
		{"oe_hdr", "customer_id eq '100000'", 404, 0},
		{"oe_hdr", "nothing eq 1", 404, 0},
		{"oe_hdr", "date_last_modified ge now()", 404, 0},
		{"oe_hdr", "date_last_modified ge '2026-11-23'", 404, 0},
		{"oe_hdr", "po_no eq web_reference_no", 404, 0},
		{"oe_hdr", "tolower(po_no) eq 'x'", 404, 0},
		{"oe_hdr", "order_no eq", 400, 0},
		{"oe_hdr", "order_no eq '1", 400, 0},
		{"oe_hdr", "order_no is '1'", 400, 0},
		{"oe_hdr", "(order_no eq '1'", 400, 0},
		{"customer", "customer_id eq 100000", 200, 1},
		{"invoice_hdr", "customer_id eq 100000", 404, 0}, // a string there
		{"inv_mast", `item_id eq 'VALVE-1/2"#3'`, 200, 1},
		{"inv_loc", "location_id eq 10 or location_id eq 20", 200, 8},
		{"oe_line", "order_no eq '1000001' and other_charge eq 'N'", 200, 2},
		{"contacts", "id eq '2000'", 200, 1},
		{"address", "id eq 5001", 200, 1},
		{"periods", "period_closed eq 'N' and year_for_period eq 2026", 200, 12},
		{"freight_code", "freight_cd eq 'PPA'", 200, 1},
		{"item_uom", "unit_size gt 1", 200, 1},
		{"contacts_x_links", "link_id eq '100000'", 200, 1},
		{"ship_to", "customer_id eq 100000", 200, 1},
		{"no_such_table", "a eq 1", 404, 0},
	} {
		t.Run(c.table+" "+c.filter, func(t *testing.T) {
			status, rows := s.ask(c.table, c.filter)
			require.Equal(t, c.status, status)
			require.Len(t, rows, c.rows)
		})
	}
}

func TestFiftyTermsPassAndAHundredAndOneAreTooMany(t *testing.T) {
	s := open(t, options())
	s.place()
	terms := func(n int) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = fmt.Sprintf("order_no eq '%d'", 1000001+i)
		}
		return strings.Join(parts, " or ")
	}
	status, rows := s.ask("oe_hdr", terms(50))
	require.Equal(t, 200, status)
	require.Len(t, rows, 1)
	status, _ = s.ask("oe_hdr", terms(101))
	require.Equal(t, 400, status)
}

func TestSelectOrderTopSkipCount(t *testing.T) {
	s := open(t, options())
	for range 5 {
		s.place()
	}
	m := s.get("/odataservice/odata/table/oe_hdr?$select=order_no,customer_id&$orderby=customer_id%20asc,order_no%20desc&$top=2&$skip=1&$count=true")
	require.EqualValues(t, 5, m["@odata.count"])
	require.Equal(t, []any{
		map[string]any{"order_no": "1000004", "customer_id": 100000.0},
		map[string]any{"order_no": "1000003", "customer_id": 100000.0},
	}, m["value"])
	require.NotContains(t, m, "@odata.nextLink")
	require.Len(t, s.get("/odataservice/odata/table/oe_hdr")["value"], 5, "without $top everything comes")
	for _, bad := range []string{"$select=nope", "$orderby=nope"} {
		status, _ := s.call("GET", "/odataservice/odata/table/oe_hdr?"+bad, "")
		require.Equal(t, 404, status)
	}
	status, _ := s.call("GET", "/odataservice/odata/table/oe_hdr?$top=x", "")
	require.Equal(t, 400, status)
}

func TestTimestampsAreServerTimeWithoutAZone(t *testing.T) {
	s := open(t, options())
	s.place()
	_, rows := s.ask("oe_hdr", "taker eq 'XCART'")
	require.Equal(t, "2026-11-23T09:00:00.000", rows[0].(map[string]any)["date_last_modified"], "15:00 UTC, six hours west")
}

func TestMetadataListsColumns(t *testing.T) {
	s := open(t, options())
	status, body := s.call("GET", "/odataservice/odata/table/$metadata", "")
	require.Equal(t, 200, status)
	require.Contains(t, body, `<EntityType Name="oe_hdr">`)
	require.Contains(t, body, `<Property Name="web_reference_no" Type="Edm.String">`)
}

// The index over modification dates must give what a scan gives.
func TestModifiedSinceAgreesWithAScan(t *testing.T) {
	now := testNow
	o := options()
	o.Now = func() time.Time { return now }
	e := stocked(o)
	s := serve(t, e)
	var numbers []string
	for range 40 {
		numbers = append(numbers, s.place())
		now = now.Add(time.Minute)
	}
	for i, no := range numbers {
		if i%3 == 0 {
			now = now.Add(-30 * time.Second) // clocks do go back
			require.NoError(t, e.Hold(no, true))
		}
	}
	for _, minutes := range []int{0, 10, 25, 39, 60} {
		from := testNow.Add(time.Duration(minutes)*time.Minute - 6*time.Hour).Format("2006-01-02T15:04:05")
		_, indexed := s.ask("oe_hdr", "date_last_modified ge "+from)
		_, scanned := s.ask("oe_hdr", "not (date_last_modified lt "+from+")")
		require.ElementsMatch(t, scanned, indexed)
	}
}

func FuzzFilter(f *testing.F) {
	for _, seed := range []string{"order_no eq 'a''b' or (freight_out gt -1.5 and not contains(po_no,'x'))",
		"date_last_modified ge 2026-11-23T08:00:00Z", "order_no in ('a','b')", "((((", "freight_out eq 1e999999999", "po_no eq null"} {
		f.Add(seed)
	}
	e := stocked(options())
	o := &Order{CustomerID: HouseAccount, ShipToID: HouseAccount, ContactID: HouseContact, Location: 10, SourceLocation: 10,
		Taker: "XCART", PO: "x", Lines: []*Line{{ItemID: "WIDGET-1", Qty: decimal.NewFromInt(1)}}}
	if err := e.books.place(o, false); err != nil {
		f.Fatal(err)
	}
	table := tablesOf(e)["oe_hdr"]
	f.Fuzz(func(t *testing.T, text string) {
		q, err := readQuery(url.Values{"$filter": {text}, "$count": {"true"}}, table)
		if err != nil {
			return
		}
		object(t, string(q.encode(q.run(e.books, table, e.options.Offset), "x")))
	})
}

package prophet21

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cart21/cart21/connectors"
)

func TestItemsWhateverTheyAreCalled(t *testing.T) {
	f := newFake(t)
	ids := []string{"O'RING", `GASKET-2"150#`, "HOSE-1/2", "A&B+C%20 D", "widget-1"}
	f.rows("inv_mast", `{"inv_mast_uid":1,"item_id":"O'RING","default_selling_unit":"EA","delete_flag":"Y"}`,
		`{"inv_mast_uid":"2.0","item_id":"O'RING","default_selling_unit":"EA","delete_flag":"N"}`, `{"inv_mast_uid":3,"item_id":"WIDGET-1","delete_flag":"N","inactive":"Y"}`)
	found, err := f.open().Items(context.Background(), append(ids, "O'RING", ""))
	if err != nil || len(found) != 2 || found["O'RING"].UID != "2" || found["O'RING"].Inactive || !found["widget-1"].Inactive || found["widget-1"].ID != "WIDGET-1" {
		t.Errorf("got %+v, %v", found, err)
	}
	asked := f.table("inv_mast")[0]
	want := `(item_id eq 'O''RING' or item_id eq 'GASKET-2"150#' or item_id eq 'HOSE-1/2' or item_id eq 'A&B+C%20 D' or item_id eq 'widget-1')`
	if got := asked.query.Get("$filter"); got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
	if strings.ContainsAny(asked.raw, "+#'\" ") || !strings.Contains(asked.raw, "$filter=") {
		t.Errorf("not escaped: %s", asked.raw)
	}
}

func TestOrChainsAreBounded(t *testing.T) {
	var short, long []string
	for i := range 120 {
		short = append(short, fmt.Sprint(i+1))
		long = append(long, strings.Repeat("x/", 18)+fmt.Sprint(i))
	}
	for _, values := range [][]string{short, long} {
		all := 0
		for _, piece := range chains("item_id", values) {
			all += len(piece)
			if n := len(escape("item_id eq '" + strings.Join(piece, "' or item_id eq '"))); len(piece) > 50 || n > 1600 {
				t.Errorf("a chain of %d terms and %d bytes", len(piece), n)
			}
		}
		if all != 120 {
			t.Errorf("%d of 120 values are asked for", all)
		}
	}
}

const metadata = `<?xml version="1.0"?><edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="P21">%s</Schema><Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="D">
<EntityContainer Name="C">%s</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`

// metadataOf is the $metadata of a tenant that lacks some columns and tables, and
// shows some that we do not expect, as "table.column type".
func metadataOf(lacking []string, more ...string) string {
	var types, sets strings.Builder
	for _, table := range allTables {
		if slices.Contains(lacking, table.name) {
			continue
		}
		// The type has a name of its own; the set has the table's.
		fmt.Fprintf(&types, `<EntityType Name="t_%s">`, table.name)
		for _, c := range append(slices.Clone(table.columns), table.optional...) {
			kind := "Edm.Decimal"
			if slices.Contains(textColumns, table.name+"."+c) {
				kind = "Edm.String"
			}
			if !slices.Contains(lacking, table.name+"."+c) {
				fmt.Fprintf(&types, `<Property Name="%s" Type="%s"/>`, c, kind)
			}
		}
		for _, m := range more {
			if column, kind, _ := strings.Cut(strings.TrimPrefix(m, table.name+"."), " "); strings.HasPrefix(m, table.name+".") {
				fmt.Fprintf(&types, `<Property Name="%s" Type="%s"/>`, column, kind)
			}
		}
		types.WriteString("</EntityType>")
		fmt.Fprintf(&sets, `<EntitySet Name="%s" EntityType="P21.t_%s"/>`, table.name, table.name)
	}
	return fmt.Sprintf(metadata, types.String(), sets.String())
}

const metadataPath = "/odataservice/odata/table/$metadata"

func TestProbe(t *testing.T) {
	f := newFake(t)
	f.on[metadataPath] = answer(200, metadataOf([]string{"oe_hdr.credit_card_hold", "oe_line.sales_tax", "shipment", "oe_line.qty_canceled"}, "oe_hdr.contact_id Edm.String"))
	f.on["/api/environment/systems"] = answer(200, `[{"Name":"P21","Details":{"BuildNumber":"26.1.5950.0"}}]`)
	f.on["/api/sales/orders/new"] = answer(200, `{"ShipToState":null,"SourceLocId":0,"Terms":"","TermsId":"","Approved":"N"}`)
	for _, family := range []string{"entity/customers", "entity/contacts", "entity/addresses"} {
		f.on["/api/"+family+"/ping"] = answer(200, `{"ResponseMessage":"success"}`)
	}
	for _, table := range allTables {
		f.rows(table.name)
	}
	f.on["/odataservice/odata/table/invoice_hdr"] = answer(403, "")
	f.on["/odataservice/odata/table/clippership_return_10004"] = answer(404, "")
	m := f.open()
	can, err := m.Probe(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if can.Build != "26.1.5950.0" || can.OData {
		t.Errorf("build %q, OData %v", can.Build, can.OData)
	}
	if want := []string{"clippership_return_10004", "oe_hdr.credit_card_hold", "oe_line.sales_tax", "shipment"}; !slices.Equal(can.MissingColumns, want) {
		t.Errorf("missing %v, want %v", can.MissingColumns, want)
	}
	if can.FieldNames["ship_to.state"] != "ShipToState" || can.FieldNames["source_location_id"] != "SourceLocId" || can.FieldNames["terms"] != "Terms" {
		t.Errorf("names %v", can.FieldNames)
	}
	remarks := strings.Join(can.Remarks, "\n")
	for _, want := range []string{"invoice_hdr", "oe_line.qty_canceled, which is needed", "sales/orders does not answer", "tracking numbers are read from oe_pick_ticket alone"} {
		if !strings.Contains(remarks, want) {
			t.Errorf("no remark says %q:\n%s", want, remarks)
		}
	}
	// What was learnt is kept to.
	f.rows("oe_hdr", `{"order_no":"1000123","web_reference_no":"xc-main-1","contact_id":"2001"}`)
	found, err := m.FindOrders(context.Background(), "xc-main-1")
	if err != nil || found[0].ContactID != "2001" {
		t.Errorf("got %+v, %v", found, err)
	}
	calls := f.table("oe_hdr")
	if chosen := calls[len(calls)-1].query.Get("$select"); strings.Contains(chosen, "credit_card_hold") || !strings.Contains(chosen, "validation_status") {
		t.Errorf("selected %s", chosen)
	}
	doc := m.restOrder(webOrder())
	if doc["ShipToState"] != "NV" || doc["OeHdrShip2State"] != nil || doc["Approved"] != "N" {
		t.Errorf("the order is written as %v", doc)
	}
}

func TestUnknownColumnIsDroppedWithoutAProbe(t *testing.T) {
	f := newFake(t)
	f.on[metadataPath] = answer(200, metadataOf([]string{"oe_hdr.will_call"}))
	f.tables["oe_hdr"] = func(q url.Values) string {
		if strings.Contains(q.Get("$select"), "will_call") {
			return "" // 404
		}
		return `{"value":[]}`
	}
	m := f.open()
	for range 2 {
		if _, err := m.FindOrders(context.Background(), "xc-main-1"); err != nil {
			t.Fatal(err)
		}
	}
	if n, read := len(f.table("oe_hdr")), len(f.to(metadataPath)); n != 3 || read != 1 {
		t.Errorf("%d questions and %d looks at the metadata, want 3 and 1", n, read)
	}
	// A table that stays away is no "there is no such order".
	f = newFake(t)
	_, err := f.open().Order(context.Background(), "1000123")
	wantKind(t, err, connectors.Unauthorised)
	if err == nil || !strings.Contains(err.Error(), "the table oe_") {
		t.Errorf("%v does not name the table", err)
	}
}

func TestLiteralsFollowTheColumnsType(t *testing.T) {
	f := newFake(t)
	f.on[metadataPath] = answer(200, `{"$Version":"4.01","P21":{"oe_hdr":{"$Kind":"EntityType","order_no":{"$Type":"Edm.Decimal"}},
		"oe_pick_ticket":{"$Kind":"EntityType","pick_ticket_no":{}}}}`)
	m := f.open()
	if got := m.is(headers, "order_no", "1000123"); got != "order_no eq '1000123'" {
		t.Errorf("before: %s", got)
	}
	if err := m.readMetadata(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := m.is(headers, "order_no", "1000123") + ", " + m.is(tickets, "pick_ticket_no", "300"); got != "order_no eq 1000123, pick_ticket_no eq '300'" {
		t.Errorf("after: %s", got)
	}
}

// pagedTickets answers as a table of n tickets would, three to a date.
func pagedTickets(n int, seen *[]string) func(url.Values) string {
	at := func(i int) string { return time.Date(2026, 11, 23, 8, 0, i/3, 0, time.UTC).Format(zoneless) }
	return func(q url.Values) string {
		filter := q.Get("$filter")
		*seen = append(*seen, filter)
		from := 0
		var date, same, key string
		if _, err := fmt.Sscanf(strings.NewReplacer("(", "", ")", "").Replace(filter), "date_last_modified gt %s or date_last_modified eq %s and pick_ticket_no gt %s", &date, &same, &key); err == nil {
			if date != same || !strings.HasSuffix(date, "Z") {
				return ""
			}
			for from < n && (at(from)+"Z" < date || (at(from)+"Z" == date && fmt.Sprint(1000+from) <= key)) {
				from++
			}
		}
		var rows []string
		for i := from; i < min(n, from+pageRows); i++ {
			rows = append(rows, fmt.Sprintf(`{"pick_ticket_no":%d,"order_no":"1","date_last_modified":%q}`, 1000+i, at(i)))
		}
		return `{"value":[` + strings.Join(rows, ",") + `]}`
	}
}

func TestKeysetPagingLosesAndDoublesNothing(t *testing.T) {
	for _, n := range []int{0, 1, pageRows, pageRows + 1, 2*pageRows + 100} {
		f := newFake(t)
		var filters []string
		f.tables["oe_pick_ticket"] = pagedTickets(n, &filters)
		f.rows("oe_pick_ticket_detail")
		m := f.open()
		var got []string
		cursor := ""
		for range 10 {
			page, err := m.ShipmentsChanged(context.Background(), time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC), cursor)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range page.Shipments {
				got = append(got, s.ID)
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		slices.Sort(got)
		if len(got) != n || len(slices.Compact(got)) != n {
			t.Errorf("%d of %d tickets", len(got), n)
		}
		// 14:00 UTC is 08:00 on the server's clock.
		if filters[0] != "date_last_modified ge 2026-11-23T08:00:00.000Z" {
			t.Errorf("asked %s", filters[0])
		}
	}
}

func TestAPageThatComesAgainIsAnError(t *testing.T) {
	f := newFake(t)
	var filters []string
	whole := pagedTickets(pageRows, &filters)
	f.tables["oe_pick_ticket"] = func(url.Values) string { return whole(url.Values{}) } // the filter is ignored
	f.rows("oe_pick_ticket_detail")
	m := f.open()
	first, err := m.ShipmentsChanged(context.Background(), time.Now(), "")
	if err != nil || first.Next == "" {
		t.Fatal(first.Next, err)
	}
	_, err = m.ShipmentsChanged(context.Background(), time.Now(), first.Next)
	wantKind(t, err, connectors.Malformed)
	_, err = m.ShipmentsChanged(context.Background(), time.Now(), `{"at":"2026-11-23' or 1 eq 1","key":"1"}`)
	wantKind(t, err, connectors.Rejected)
}

func TestTimesAreTheServers(t *testing.T) {
	denver := time.FixedZone("P21", -6*3600)
	for raw, want := range map[string]string{
		`"2026-11-23T08:00:00"`: "2026-11-23T14:00:00Z", `"2026-11-23T08:00:00.123"`: "2026-11-23T14:00:00.123Z",
		`"2026-11-23T08:00:00-07:00"`: "2026-11-23T15:00:00Z", `"2026-11-23"`: "2026-11-23T06:00:00Z",
		`null`: "0001-01-01T00:00:00Z", `"1900-01-01T00:00:00"`: "0001-01-01T00:00:00Z", `""`: "0001-01-01T00:00:00Z",
	} {
		var at moment
		if err := at.UnmarshalJSON([]byte(raw)); err != nil {
			t.Fatal(raw, err)
		}
		if got := at.in(denver).Format(time.RFC3339Nano); got != want {
			t.Errorf("%s is %s, want %s", raw, got, want)
		}
	}
	var at moment
	if at.UnmarshalJSON([]byte(`"yesterday"`)) == nil {
		t.Error("yesterday was taken for a time")
	}
}

func TestValues(t *testing.T) {
	for raw, want := range map[string]string{`"01"`: "01", `100123.0`: "100123", `"100123.00"`: "100123", `100123`: "100123", `null`: "", `0`: "", `"0"`: "", `" 7 "`: "7"} {
		var id ident
		if err := id.UnmarshalJSON([]byte(raw)); err != nil || string(id) != want {
			t.Errorf("id %s is %q (%v), want %q", raw, id, err, want)
		}
	}
	for raw, want := range map[string]bool{`"Y"`: true, `"ON"`: true, `true`: true, `"y"`: true, `1`: true, `"N"`: false, `"OFF"`: false, `false`: false, `null`: false, `""`: false} {
		var f flag
		if f.UnmarshalJSON([]byte(raw)); bool(f) != want {
			t.Errorf("flag %s is %v", raw, f)
		}
	}
	for _, raw := range []string{"1e400", "1e-400", strings.Repeat("9", 31), `"1.5.2"`, "true", "[]"} {
		var n connectors.Number
		if n.UnmarshalJSON([]byte(raw)) == nil {
			t.Errorf("%s was taken for a number", raw)
		}
	}
	var c count
	if c.UnmarshalJSON([]byte("1.5")) == nil || c.UnmarshalJSON([]byte("1e12")) == nil || c.UnmarshalJSON([]byte(`"3"`)) != nil || c != 3 {
		t.Errorf("count: %d", c)
	}
}

func TestAFilterThatWasIgnoredIsNoDuplicate(t *testing.T) {
	f := newFake(t)
	f.rows("oe_hdr", `{"order_no":"9","web_reference_no":"xc-main-2"}`)
	_, err := f.open().FindOrders(context.Background(), "xc-main-1")
	wantKind(t, err, connectors.Malformed)
	_, err = f.open().FindOrders(context.Background(), "")
	wantKind(t, err, connectors.Rejected)
}

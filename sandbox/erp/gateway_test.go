package erp

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func openGateway(t *testing.T, o Options) *site {
	s := &site{t: t, erp: stocked(o)}
	s.url = newServer(t, s.erp.Gateway())
	_, body := s.call("POST", "/api/v1/token", `{"username":"api","password":"api"}`)
	s.token = object(t, body)["token"].(string)
	return s
}

const gatewayBody = `{"companyId":"01","customerId":100000,"contactId":2000,"shipToId":100000,"locationId":10,"sourceLocationId":10,
 "poNo":"WEB-1","webReferenceNo":"xc-1-1","taker":"XCART","approved":true,"freightOut":12.50,"shipToState":"NV",
 "lines":[{"itemId":"WIDGET-1","quantity":3,"unitPrice":19.95,"manualPrice":true},{"itemId":"FREIGHT","quantity":1,"unitPrice":4,"manualPrice":true}]}`

func TestGatewayOrderComesBackWithTotals(t *testing.T) {
	s := openGateway(t, options())
	status, body := s.call("POST", "/api/v1/SalesOrder", gatewayBody)
	require.Equal(t, 201, status, body)
	totals, _ := json.Marshal(object(t, body)["totals"])
	require.JSONEq(t, `{"goods":59.85,"freight":12.5,"charges":4,"tax":4.94,"total":81.29}`, string(totals))
	s.call("POST", "/api/v1/SalesOrder", gatewayBody)
	require.Len(t, s.get("/api/v1/SalesOrder?webReferenceNo=xc-1-1")["items"], 2, "duplicates are not rejected")
}

func TestGatewayErrorsHaveACode(t *testing.T) {
	s := openGateway(t, options())
	s.call("POST", "/api/v1/SalesOrder", gatewayBody)
	require.NoError(t, s.erp.Cancel("1000001"))
	for _, c := range []struct {
		method, path, body string
		status             int
		code               string
	}{
		{"POST", "/api/v1/SalesOrder", `{`, 400, "validation"},
		{"POST", "/api/v1/SalesOrder", strings.Replace(gatewayBody, `"poNo"`, `"nonsense"`, 1), 400, "validation"},
		{"POST", "/api/v1/SalesOrder", strings.Replace(gatewayBody, `19.95`, `"19.95"`, 1), 400, "validation"},
		{"POST", "/api/v1/SalesOrder", strings.Replace(gatewayBody, `WIDGET-1`, `NONE`, 1), 422, "business_rule"},
		{"PUT", "/api/v1/SalesOrder", `{"orderNo":"1000001","cancel":true}`, 409, "conflict"},
		{"PUT", "/api/v1/SalesOrder", `{"orderNo":"5"}`, 404, "not_found"},
		{"GET", "/api/v1/SalesOrder", ``, 400, "validation"},
		{"GET", "/api/v1/Nothing", ``, 404, "not_found"},
	} {
		status, body := s.call(c.method, c.path, c.body)
		require.Equal(t, c.status, status, body)
		e := object(t, body)["error"].(map[string]any)
		require.Equal(t, c.code, e["code"])
		require.Equal(t, false, e["retryable"])
	}
	s.token = ""
	status, _ := s.call("GET", "/api/v1/SalesOrder?orderNo=1", "")
	require.Equal(t, 401, status)
}

func TestGatewayPagesByCursor(t *testing.T) {
	now := testNow
	o := options()
	o.Now = func() time.Time { return now }
	s := openGateway(t, o)
	for i := range 7 {
		s.call("POST", "/api/v1/SalesOrder", strings.Replace(gatewayBody, "xc-1-1", fmt.Sprint("xc-1-", i), 1))
		if i%2 == 1 { // pairs share a moment
			now = now.Add(time.Second)
		}
	}
	var seen []string
	after := ""
	for {
		m := s.get("/api/v1/SalesOrder?limit=3&modifiedSince=2026-11-23T15:00:00Z&after=" + url.QueryEscape(after))
		for _, x := range m["items"].([]any) {
			seen = append(seen, x.(map[string]any)["orderNo"].(string))
		}
		next, more := m["next"].(string)
		if !more {
			break
		}
		after = next
	}
	require.Equal(t, []string{"1000001", "1000002", "1000003", "1000004", "1000005", "1000006", "1000007"}, seen)
}

func TestGatewayChangesAnOrder(t *testing.T) {
	s := openGateway(t, options())
	s.call("POST", "/api/v1/SalesOrder", gatewayBody)
	status, body := s.call("PUT", "/api/v1/SalesOrder", `{"orderNo":"1000001","hold":true,"cancelLines":[2],"lines":[{"lineNo":1,"quantity":2,"unitPrice":19.95,"manualPrice":true}]}`)
	require.Equal(t, 200, status, body)
	m := object(t, body)
	require.Equal(t, "hold", m["status"])
	require.EqualValues(t, 39.9, m["totals"].(map[string]any)["goods"])
	require.EqualValues(t, 0, m["totals"].(map[string]any)["charges"])
}

func TestGatewayShipments(t *testing.T) {
	o := options()
	o.ParcelShare = 1
	s := openGateway(t, o)
	s.call("POST", "/api/v1/SalesOrder", gatewayBody)
	s.erp.Step(testNow.Add(1 * time.Minute))
	s.erp.Step(testNow.Add(2 * time.Minute))
	status, _ := s.call("PUT", "/api/v1/Shipment", `{"pickTicketNo":2000001,"carrierId":5002}`)
	require.Equal(t, 200, status)
	s.erp.finish(t)
	items := s.get("/api/v1/Shipment?orderNo=1000001")["items"].([]any)
	require.Len(t, items, 1)
	shipment := items[0].(map[string]any)
	require.Equal(t, "FEDEX GROUND", shipment["carrierName"])
	require.GreaterOrEqual(t, len(shipment["trackingNumbers"].([]any)), 2)
	require.EqualValues(t, 81.29, shipment["invoice"].(map[string]any)["total"])
	status, _ = s.call("PUT", "/api/v1/Shipment", `{"pickTicketNo":2000001,"trackingNumber":"x"}`)
	require.Equal(t, 409, status)
	require.Len(t, s.get("/api/v1/Shipment?modifiedSince=2026-11-23T15:00:00Z")["items"], 1)
}

func TestGatewayItems(t *testing.T) {
	s := openGateway(t, options())
	items := s.get("/api/v1/ItemMaster?itemIds=" + url.QueryEscape(`WIDGET-1,VALVE-1/2"#3,NONE`))["items"].([]any)
	require.Len(t, items, 2)
	status, _ := s.call("GET", "/api/v1/ItemMaster?itemIds="+strings.Repeat("a,", 50)+"a", "")
	require.Equal(t, 400, status)
	status, _ = s.call("PUT", "/api/v1/ItemMaster", `{"itemId":"WIDGET-1","price":30.25}`)
	require.Equal(t, 200, status)
	require.Equal(t, "30.25", s.erp.Items()[0].Price.String())
}

func TestGatewayCustomers(t *testing.T) {
	s := openGateway(t, options())
	body := `{"companyId":"01","name":"Ann","email":"Ann@example.com","phone":"1","address":{"address1":"9 Elm","city":"Reno","state":"NV","zip":"89501","country":"US"},
	 "contacts":[{"firstName":"Ann","lastName":"Smith","email":"ann@example.com"}],"shipTos":[]}`
	status, text := s.call("POST", "/api/v1/CustomerMaster", body)
	require.Equal(t, 201, status, text)
	created := object(t, text)
	require.EqualValues(t, created["customerId"], created["shipTos"].([]any)[0].(map[string]any)["shipToId"])
	s.call("POST", "/api/v1/CustomerMaster", body)
	require.Len(t, s.get("/api/v1/CustomerMaster?email=ANN@example.com")["items"], 2)
	status, text = s.call("PUT", "/api/v1/CustomerMaster", fmt.Sprintf(`{"customerId":%v,"name":"Ann B","contacts":[{"firstName":"Bob","lastName":"B","email":"b@example.com"}]}`, created["customerId"]))
	require.Equal(t, 200, status, text)
	require.Len(t, object(t, text)["contacts"], 2)
}

func TestGatewayJournal(t *testing.T) {
	s := openGateway(t, options())
	body := `{"companyId":"01","journalId":"GJ","period":11,"year":2026,"date":"2026-11-23","reference":"XC-1",
	 "lines":[{"accountNumber":"1000","amount":10.10},{"accountNumber":"1200","amount":-10.10}]}`
	status, text := s.call("POST", "/api/v1/GeneralLedger/JournalEntry", body)
	require.Equal(t, 201, status, text)
	require.Len(t, s.get("/api/v1/GeneralLedger/JournalEntry?reference=XC-1")["items"], 1)
	status, _ = s.call("POST", "/api/v1/GeneralLedger/JournalEntry", strings.Replace(body, "-10.10", "-10", 1))
	require.Equal(t, 422, status)
}

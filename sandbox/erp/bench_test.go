package erp

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// BenchmarkLookups asks what a client asks most, with ten thousand orders in the books.
func BenchmarkLookups(b *testing.B) {
	now := testNow
	o := options()
	o.Now = func() time.Time { now = now.Add(time.Second); return now }
	o.TokenLifetime = 1000 * time.Hour
	e := stocked(o)
	door := e.Handler()
	token, _ := e.tokens.issue("api", now, time.Hour*10000, false)
	ask := func(method, path, body string) {
		r := httptest.NewRequest(method, strings.ReplaceAll(path, " ", "%20"), strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		door.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code, w.Body.String())
		}
	}
	for i := range 10000 {
		ask("POST", "/api/sales/orders/", orderBody("xc-1-1", fmt.Sprint("xc-1-", i)))
	}
	recent := now.Add(-6*time.Hour - time.Minute).Format("2006-01-02T15:04:05")
	for name, path := range map[string]string{
		"by web reference": "oe_hdr?$filter=web_reference_no eq 'xc-1-5000'",
		"lines of one":     "oe_line?$filter=order_no eq '1005000'",
		"changed lately":   "oe_hdr?$filter=date_last_modified ge " + recent + " and taker eq 'XCART'&$orderby=date_last_modified,order_no&$top=1000",
		"scan":             "oe_line?$filter=qty_invoiced gt 0&$top=10",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				ask("GET", "/odataservice/odata/table/"+path, "")
			}
		})
	}
	b.Run("create", func(b *testing.B) {
		for b.Loop() {
			ask("POST", "/api/sales/orders/", orderBody())
		}
	})
}

package erp

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cart21/cart21/sandbox/faults"
)

// faulty is a site whose next order meets a fault.
func faulty(t *testing.T, f faults.Fault) *site {
	var played atomic.Bool
	o := options()
	o.Faults = func(r *http.Request) faults.Fault {
		if strings.Contains(r.URL.Path, "orders") && played.CompareAndSwap(false, true) {
			return f
		}
		return faults.Fault{}
	}
	return open(t, o)
}

func TestTimeoutAfterCommitDoesTheWork(t *testing.T) {
	s := faulty(t, faults.Fault{Kind: faults.TimeoutAfterCommit})
	_, _, err := s.try("POST", "/api/sales/orders/", orderBody())
	require.Error(t, err)
	require.Len(t, s.erp.Orders(), 1)
	require.Equal(t, map[string]int{"timeout after commit": 1}, s.erp.FaultCounts())
}

func TestTimeoutBeforeDoesNothing(t *testing.T) {
	s := faulty(t, faults.Fault{Kind: faults.TimeoutBefore})
	_, _, err := s.try("POST", "/api/sales/orders/", orderBody())
	require.Error(t, err)
	require.Empty(t, s.erp.Orders())
}

func TestStatusFaultCarriesRetryAfter(t *testing.T) {
	s := faulty(t, faults.Status(429, 2*time.Second))
	request, _ := http.NewRequest("POST", s.url+"/api/sales/orders/", strings.NewReader(orderBody()))
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, 429, response.StatusCode)
	require.Equal(t, "2", response.Header.Get("Retry-After"))
	require.Empty(t, s.erp.Orders())
}

func TestHTMLPageIsNoJSON(t *testing.T) {
	s := faulty(t, faults.Fault{Kind: faults.HTMLPage})
	status, body := s.call("POST", "/api/sales/orders/", orderBody())
	require.Equal(t, 502, status)
	require.Contains(t, body, "<html>")
}

func TestTruncatedJSONIsHalfAnAnswer(t *testing.T) {
	s := faulty(t, faults.Fault{Kind: faults.TruncatedJSON})
	status, body := s.call("POST", "/api/sales/orders/", orderBody())
	require.Equal(t, 200, status)
	require.False(t, json.Valid([]byte(body)))
	require.Len(t, s.erp.Orders(), 1)
}

func TestPoolErrorHasTheEnvelope(t *testing.T) {
	s := faulty(t, faults.Fault{Kind: PoolError})
	status, kind, message := s.refused()
	require.Equal(t, 500, status)
	require.NotEqual(t, exceptionBusiness, kind)
	require.Equal(t, "Unexpected response window", message)
}

func TestDropLineSucceedsWithOneLineLess(t *testing.T) {
	s := faulty(t, faults.Fault{Kind: DropLine})
	o, _ := s.erp.Order(s.place())
	require.Len(t, o.Lines, 1)
}

func TestTokenInvalidatedEndsAllSessions(t *testing.T) {
	s := faulty(t, faults.Fault{Kind: TokenInvalidated})
	status, _ := s.call("POST", "/api/sales/orders/", orderBody())
	require.Equal(t, 401, status)
	s.token = s.login()
	s.place()
}

func TestSlowTakesItsTime(t *testing.T) {
	s := faulty(t, faults.Slow(30*time.Millisecond))
	start := time.Now()
	s.place()
	require.GreaterOrEqual(t, time.Since(start), 30*time.Millisecond)
}

func TestCallsAreCountedByClass(t *testing.T) {
	s := open(t, options())
	no := s.place()
	s.get("/api/sales/orders/" + no)
	s.get("/api/sales/orders/" + no)
	require.Equal(t, map[string]int{"POST /api/security/token/v2": 1, "POST /api/sales/orders": 1, "GET /api/sales/orders/{key}": 2}, s.erp.Calls())
}

func TestBooksSurviveARestart(t *testing.T) {
	s := open(t, options())
	no := s.place()
	s.erp.Step(testNow.Add(time.Minute))
	dir := t.TempDir()
	require.NoError(t, s.erp.Save(dir))
	again := New(options())
	loaded, err := again.Load(dir)
	require.NoError(t, err)
	require.True(t, loaded)
	require.Equal(t, marshal(s.erp.Orders()), marshal(again.Orders()))
	s2 := serve(t, again)
	_, rows := s2.ask("oe_hdr", "web_reference_no eq 'xc-1-1'")
	require.Len(t, rows, 1)
	require.NotEqual(t, no, s2.place(), "numbers go on where they stopped")
	again.finish(t)
	for _, o := range again.Orders() {
		require.True(t, o.Completed)
	}
	loaded, err = again.Load(t.TempDir())
	require.NoError(t, err)
	require.False(t, loaded)
}

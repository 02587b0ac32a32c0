package erp

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestUserCredentialsReportExpiresInSeconds(t *testing.T) {
	s := open(t, options())
	_, body := s.call("POST", "/api/security/token/v2", `{"username":"api","password":"api"}`)
	m := object(t, body)
	require.EqualValues(t, 86400, m["ExpiresInSeconds"])
	require.NotContains(t, m, "ExpiresIn")
}

func TestConsumerKeyReportsExpiresIn(t *testing.T) {
	o := options()
	o.ClientSecret = "key"
	s := open(t, o)
	_, body := s.call("POST", "/api/security/token/v2", `{"ClientSecret":"key","GrantType":"client_credentials"}`)
	m := object(t, body)
	require.Contains(t, m, "ExpiresIn")
	require.NotContains(t, m, "ExpiresInSeconds")
	require.Empty(t, m["RefreshToken"])
}

func TestTokenMayComeAsXML(t *testing.T) {
	o := options()
	o.TokenXML = true
	server := New(o)
	s := &site{t: t, erp: server}
	s.url = newServer(t, server.Handler())
	_, body := s.call("POST", "/api/security/token/v2", `{"username":"api","password":"api"}`)
	require.Contains(t, body, "<AccessToken>")
}

func TestWrongCredentialsAre401(t *testing.T) {
	s := open(t, options())
	status, body := s.call("POST", "/api/security/token/v2", `{"username":"api","password":"no"}`)
	require.Equal(t, 401, status)
	require.Contains(t, body, "invalid_grant")
	status, body = s.call("POST", "/api/security/token/v2", `{"ClientSecret":"no","GrantType":"client_credentials"}`)
	require.Equal(t, 401, status)
	require.Contains(t, body, "invalid_client")
}

func TestOldTokenRouteReadsHeadersAndWantsALength(t *testing.T) {
	s := open(t, options())
	request, _ := http.NewRequest("POST", s.url+"/api/security/token/", nil)
	request.Header.Set("username", "api")
	request.Header.Set("password", "api")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.Equal(t, 200, response.StatusCode)
	request.Body, request.ContentLength = http.NoBody, -1
	request.Body = oneByte{}
	response, err = http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.Equal(t, 411, response.StatusCode)
}

func TestNoTokenAndExpiredTokenAre401(t *testing.T) {
	now := testNow
	o := options()
	o.Now = func() time.Time { return now }
	o.TokenLifetime = time.Hour
	s := open(t, o)
	status, _ := s.call("GET", "/api/sales/orders/ping", "")
	require.Equal(t, 200, status)
	now = now.Add(2 * time.Hour)
	status, _ = s.call("GET", "/api/sales/orders/ping", "")
	require.Equal(t, 401, status)
	s.token = ""
	status, _ = s.call("GET", "/odataservice/odata/table/oe_hdr", "")
	require.Equal(t, 401, status)
}

func TestANewTokenMayEndTheEarlierOne(t *testing.T) {
	o := options()
	o.OneToken = true
	s := open(t, o)
	first := s.token
	s.token = s.login()
	status, _ := s.call("GET", "/api/sales/orders/ping", "")
	require.Equal(t, 200, status)
	s.token = first
	status, _ = s.call("GET", "/api/sales/orders/ping", "")
	require.Equal(t, 401, status)
}

func TestRouterNamesTheUIServerOnTheSameHost(t *testing.T) {
	s := open(t, options())
	require.Equal(t, s.url+"/uiserver0", s.get("/api/ui/router/v1/?urlType=external")["Url"])
}

func TestAMissingSlashIsA307(t *testing.T) {
	s := open(t, options())
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	request, _ := http.NewRequest("GET", s.url+"/api/entity/customers?$query=x", nil)
	request.Header.Set("Authorization", "Bearer "+s.token)
	response, err := client.Do(request)
	require.NoError(t, err)
	require.Equal(t, 307, response.StatusCode)
	require.Equal(t, "/api/entity/customers/?$query=x", response.Header.Get("Location"))
}

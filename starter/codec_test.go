package main

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"

	"github.com/cart21/cart21/service"
)

const (
	codecToken = "a token of some length"
	webUI      = "https://temporal.example.com"
	payloadKey = "a:YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="
)

func payloadCodec(t *testing.T) converter.PayloadCodec {
	t.Helper()
	c, err := service.Temporal{PayloadKeys: payloadKey}.Codec()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func serveCodec(t *testing.T, codec converter.PayloadCodec) string {
	t.Helper()
	server := httptest.NewServer(newCodecEndpoint(Codec{Token: codecToken, Origin: webUI}, codec, slog.New(slog.DiscardHandler)))
	t.Cleanup(server.Close)
	return server.URL
}

// ask sends a request and returns the answer with its body.
func ask(t *testing.T, method, url, body string, header ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	if name, password, ok := strings.Cut(r.Header.Get("Basic"), ":"); ok {
		r.Header.Del("Basic")
		r.SetBasicAuth(name, password)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(answer)
}

func TestWhoMayDecrypt(t *testing.T) {
	const empty = `{"payloads":[]}`
	url := serveCodec(t, payloadCodec(t))
	for _, c := range []struct {
		name, method, path string
		header             []string
		want               int
	}{
		{"nobody", "POST", "/decode", nil, 401},
		{"nobody, to encrypt", "POST", "/encode", nil, 401},
		{"nobody, at the root", "GET", "/", nil, 401},
		{"the bearer of the token", "POST", "/decode", []string{"Authorization", "Bearer " + codecToken}, 200},
		{"the scheme in small letters", "POST", "/decode", []string{"Authorization", "bearer " + codecToken}, 200},
		{"another token", "POST", "/decode", []string{"Authorization", "Bearer " + codecToken + "x"}, 401},
		{"an empty token", "POST", "/decode", []string{"Authorization", "Bearer "}, 401},
		{"another scheme", "POST", "/decode", []string{"Authorization", "Digest " + codecToken}, 401},
		{"the token as password", "POST", "/decode", []string{"Basic", "anyone:" + codecToken}, 200},
		{"the token as name", "POST", "/decode", []string{"Basic", codecToken + ":"}, 401},
		{"a browser that keeps the token", "GET", "/", []string{"Basic", "anyone:" + codecToken}, 200},
		{"the Web UI", "POST", "/decode", []string{"Basic", "anyone:" + codecToken, "Origin", webUI}, 200},
		{"the Web UI without the token", "POST", "/decode", []string{"Origin", webUI}, 401},
		{"another page in a browser that keeps the token", "POST", "/decode", []string{"Basic", "anyone:" + codecToken, "Origin", "https://evil.example.com"}, 403},
		{"a page without an origin", "POST", "/decode", []string{"Basic", "anyone:" + codecToken, "Origin", "null"}, 403},
		{"a way that is none", "POST", "/other", []string{"Authorization", "Bearer " + codecToken}, 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			response, body := ask(t, c.method, url+c.path, empty, c.header...)
			if response.StatusCode != c.want {
				t.Errorf("%s: %s, want %d", response.Status, body, c.want)
			}
			if challenge := response.Header.Get("WWW-Authenticate"); (challenge != "") != (c.want == 401) {
				t.Errorf("challenge %q: a browser asks for the token by it", challenge)
			}
		})
	}
}

func TestABrowserAsksBeforeItSends(t *testing.T) {
	url := serveCodec(t, payloadCodec(t))
	preflight := []string{"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type,x-namespace"}

	response, _ := ask(t, "OPTIONS", url+"/decode", "", append(preflight, "Origin", webUI)...)
	allowed := strings.ToLower(response.Header.Get("Access-Control-Allow-Headers"))
	if response.StatusCode != 204 || response.Header.Get("Access-Control-Allow-Origin") != webUI || response.Header.Get("Access-Control-Allow-Credentials") != "true" ||
		!strings.Contains(allowed, "content-type") || !strings.Contains(allowed, "x-namespace") {
		t.Errorf("the Web UI is answered %s %v", response.Status, response.Header)
	}

	response, _ = ask(t, "OPTIONS", url+"/decode", "", append(preflight, "Origin", "https://evil.example.com")...)
	if response.StatusCode != 403 || response.Header.Get("Access-Control-Allow-Origin") != "" || response.Header.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("another page is answered %s %v", response.Status, response.Header)
	}
}

// TestTemporalsOwnToolsAreServed asks as the temporal command line does.
func TestTemporalsOwnToolsAreServed(t *testing.T) {
	remote := converter.NewRemotePayloadCodec(converter.RemotePayloadCodecOptions{
		Endpoint: serveCodec(t, payloadCodec(t)),
		ModifyRequest: func(r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+codecToken)
			return nil
		},
	})
	plain := &commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(`"Rosa Fuentes"`)}
	encrypted, err := payloadCodec(t).Encode([]*commonpb.Payload{plain})
	if err != nil {
		t.Fatal(err)
	}
	shown, err := remote.Decode(append(encrypted, plain))
	if err != nil || len(shown) != 2 || string(shown[0].Data) != `"Rosa Fuentes"` || string(shown[1].Data) != `"Rosa Fuentes"` {
		t.Errorf("shown %v, %v", shown, err)
	}
	sent, err := remote.Encode([]*commonpb.Payload{plain})
	if err != nil || strings.Contains(string(sent[0].Data), "Fuentes") {
		t.Fatalf("sent %v, %v", sent, err)
	}
	if back, err := payloadCodec(t).Decode(sent); err != nil || string(back[0].Data) != `"Rosa Fuentes"` {
		t.Errorf("the worker gets %v, %v", back, err)
	}
}

func TestWhatTheCodecEndpointRefuses(t *testing.T) {
	url := serveCodec(t, payloadCodec(t))
	unknown := `{"payloads":[{"metadata":{"encoding":"YmluYXJ5L2VuY3J5cHRlZA==","encryption-key-id":"b2xk"},"data":"AAAA"}]}`
	for _, c := range []struct{ name, body, says string }{
		{"too large", `{"payloads":[{"data":"` + strings.Repeat("A", maxPayloads) + `"}]}`, "too large"},
		{"not JSON", "<html>", ""},
		{"an unknown key", unknown, `key "old"`},
		{"nothing", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			response, body := ask(t, "POST", url+"/decode", c.body, "Authorization", "Bearer "+codecToken)
			if response.StatusCode != 400 || !strings.Contains(body, c.says) {
				t.Errorf("%s: %s", response.Status, body)
			}
		})
	}
}

// stuck is a codec that waits to be let go.
type stuck struct {
	converter.PayloadCodec
	entered, leave chan struct{}
}

func (s stuck) Decode(p []*commonpb.Payload) ([]*commonpb.Payload, error) {
	s.entered <- struct{}{}
	<-s.leave
	return p, nil
}

func TestTooManyAtOnceAreToldToComeAgain(t *testing.T) {
	s := stuck{entered: make(chan struct{}), leave: make(chan struct{})}
	url := serveCodec(t, s)
	answers := make(chan int, maxCodecsAtOnce)
	for range maxCodecsAtOnce {
		go func() {
			r, _ := http.NewRequest("POST", url+"/decode", strings.NewReader("{}"))
			r.Header.Set("Authorization", "Bearer "+codecToken)
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				answers <- 0
				return
			}
			response.Body.Close()
			answers <- response.StatusCode
		}()
	}
	for range maxCodecsAtOnce {
		<-s.entered
	}
	response, body := ask(t, "POST", url+"/decode", "{}", "Authorization", "Bearer "+codecToken)
	if response.StatusCode != 503 || response.Header.Get("Retry-After") == "" {
		t.Errorf("one more: %s %s", response.Status, body)
	}
	close(s.leave)
	for range maxCodecsAtOnce {
		if status := <-answers; status != 200 {
			t.Errorf("one of those let in: %d", status)
		}
	}
}

func TestSettingsOfTheCodecEndpoint(t *testing.T) {
	keys := service.Temporal{PayloadKeys: payloadKey}
	for _, c := range []struct {
		name     string
		settings Codec
		temporal service.Temporal
		says     []string
	}{
		{"off", Codec{Token: "short"}, service.Temporal{}, nil},
		{"on", Codec{Listen: ":8081", Token: codecToken, Origin: webUI}, keys, nil},
		{"for the command line alone", Codec{Listen: ":8081", Token: codecToken}, keys, nil},
		{"all wrong", Codec{Listen: ":8081", Token: "short", Origin: "temporal.example.com"}, service.Temporal{}, []string{"PAYLOAD_KEYS", "16 characters", "CODEC_ORIGIN"}},
		{"an origin with a path", Codec{Listen: ":8081", Token: codecToken, Origin: webUI + "/"}, keys, []string{"CODEC_ORIGIN"}},
		{"every origin", Codec{Listen: ":8081", Token: codecToken, Origin: "*"}, keys, []string{"CODEC_ORIGIN"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.settings.Validate(c.temporal)
			if (err == nil) != (c.says == nil) {
				t.Fatalf("got %v", err)
			}
			for _, words := range c.says {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("%q does not say %q", err, words)
				}
			}
		})
	}
}

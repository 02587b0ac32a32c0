package tests

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// browser is a real Chromium without a screen, driven as the W3C's WebDriver
// says, by Debian's chromium-driver. Nothing is downloaded.
type browser struct {
	t       *testing.T
	session string // address of the session
}

// newBrowser opens one that runs no JavaScript of pages.
// Where there is none the test is skipped, unless CART21_REQUIRE_CHROMIUM is set.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	driver, err := exec.LookPath("chromedriver")
	if err != nil {
		if os.Getenv("CART21_REQUIRE_CHROMIUM") != "" {
			t.Fatalf("CART21_REQUIRE_CHROMIUM is set: %v", err)
		}
		t.Skipf("NOT TESTED IN A BROWSER: %v (install chromium and chromium-driver)", err)
	}
	address := freeAddress(t)
	_, port, _ := strings.Cut(address, ":")
	cmd := exec.Command(driver, "--port="+port)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	b := &browser{t: t}
	deadline := time.Now().Add(30 * time.Second)
	for {
		resp, err := http.Get("http://" + address + "/status")
		if err == nil {
			resp.Body.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("chromedriver does not answer: %v", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	var created struct {
		SessionID string `json:"sessionId"`
	}
	b.session = "http://" + address + "/session"
	b.call(http.MethodPost, "", map[string]any{"capabilities": map[string]any{"alwaysMatch": map[string]any{
		"browserName":         "chrome",
		"goog:chromeOptions":  map[string]any{"args": []string{"--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1000,1500"}},
		"pageLoadStrategy":    "normal",
		"timeouts":            map[string]int{"implicit": 10_000},
		"acceptInsecureCerts": false,
	}}}, &created)
	b.session += "/" + created.SessionID
	t.Cleanup(func() { b.call(http.MethodDelete, "", nil, nil) })
	b.call(http.MethodPost, "/goog/cdp/execute", map[string]any{"cmd": "Emulation.setScriptExecutionDisabled", "params": map[string]any{"value": true}}, nil)
	return b
}

// call sends a command of the protocol.
func (b *browser) call(method, path string, body, value any) {
	b.t.Helper()
	if err := b.try(method, path, body, value); err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) try(method, path string, body, value any) error {
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequest(method, b.session+path, &content)
	if err != nil {
		return err
	}
	resp, err := (&http.Client{Timeout: time.Minute}).Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var answer struct {
		Value json.RawMessage `json:"value"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the browser refuses %s: %s", path, answer.Value)
	}
	if value == nil {
		return nil
	}
	return json.Unmarshal(answer.Value, value)
}

func (b *browser) open(address string) {
	b.t.Helper()
	b.call(http.MethodPost, "/url", map[string]string{"url": address}, nil)
}

// find waits for an element and returns its path.
func (b *browser) find(css string) string {
	b.t.Helper()
	var found map[string]string
	b.call(http.MethodPost, "/element", map[string]string{"using": "css selector", "value": css}, &found)
	for _, id := range found {
		return "/element/" + id
	}
	b.t.Fatalf("there is no %s", css)
	return ""
}

func (b *browser) click(css string) {
	b.t.Helper()
	b.call(http.MethodPost, b.find(css)+"/click", map[string]any{}, nil)
}

func (b *browser) write(css, text string) {
	b.t.Helper()
	b.call(http.MethodPost, b.find(css)+"/value", map[string]string{"text": text}, nil)
}

// says waits until an element shows all these words: a click returns before the
// page that it leads to is there.
func (b *browser) says(css string, words ...string) {
	b.t.Helper()
	var text string
	missing := func(word string) bool { return !strings.Contains(text, word) }
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		err := b.try(http.MethodGet, b.find(css)+"/text", nil, &text)
		if err == nil && !slices.ContainsFunc(words, missing) {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("%s of %s does not say all of %q: %v\n%s", css, b.address(), words, err, text)
		}
	}
}

func (b *browser) address() (address string) {
	b.t.Helper()
	b.call(http.MethodGet, "/url", nil, &address)
	return address
}

// resize makes the window as wide as a phone, say.
func (b *browser) resize(width, height int) {
	b.t.Helper()
	b.call(http.MethodPost, "/window/rect", map[string]int{"width": width, "height": height}, nil)
}

// picture writes what the browser shows into a PNG file.
func (b *browser) picture(file string) {
	b.t.Helper()
	var encoded string
	b.call(http.MethodGet, "/screenshot", nil, &encoded)
	png, err := base64.StdEncoding.DecodeString(encoded)
	if err == nil {
		err = os.WriteFile(file, png, 0o644)
	}
	if err != nil {
		b.t.Fatal(fmt.Errorf("keeping a picture: %w", err))
	}
}

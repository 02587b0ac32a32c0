package tests

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestWhatTemporalStoresIsEncrypted looks for secrets and for people in the
// Temporal server's database and in all logs, after a run in which calls failed.
// The same run without -codec shows that the search finds what is there.
func TestWhatTemporalStoresIsEncrypted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	run(t, "-orders", "20", "-faults", "0.05", "-codec", "-data", dir)
	keys, err := os.ReadFile(filepath.Join(dir, "payload_keys"))
	if err != nil {
		t.Fatal(err)
	}
	_, payloadKey, _ := strings.Cut(string(keys), ":")
	stored, logged := traces(t, dir)
	for _, found := range append(search(stored, sandboxSecrets(payloadKey)), search(logged, sandboxSecrets(payloadKey))...) {
		t.Errorf("a secret is in clear: %s", found)
	}
	for _, found := range append(search(stored, people(t, dir)), search(logged, people(t, dir))...) {
		t.Errorf("of a person, in clear: %s", found)
	}

	dir = t.TempDir()
	run(t, "-orders", "8", "-faults", "0.05", "-codec=false", "-data", dir)
	stored, logged = traces(t, dir)
	for _, found := range append(search(stored, sandboxSecrets("")), search(logged, sandboxSecrets(""))...) {
		t.Errorf("without -codec a secret is in clear: %s", found)
	}
	for _, found := range search(logged, people(t, dir)) {
		t.Errorf("without -codec, of a person in a log: %s", found)
	}
	found := strings.Join(search(stored, people(t, dir)), "\n")
	for _, kind := range []string{"email ", "lastname ", "street ", "phone "} {
		if !strings.Contains(found, kind) {
			t.Errorf("the search finds no %sin a database that is not encrypted: it would find no leak either", kind)
		}
	}
}

// sandboxSecrets are what the sandbox's shop, ERP and webhooks are guarded with,
// and the key of the payloads if there is one.
func sandboxSecrets(payloadKey string) map[string]string {
	secrets := map[string]string{
		"sandbox-all-access-key": "the shop's key", "sandbox-password": "the ERP's password",
		"sandbox-webhook-secret-0123456789": "the webhooks' secret", "sandbox-codec-token-0123456789": "the codec endpoint's token",
	}
	if payloadKey != "" {
		secrets[payloadKey] = "the payload key"
	}
	return secrets
}

// traces are what a run leaves in Temporal's database and in the logs.
func traces(t *testing.T, dir string) (stored, logged []byte) {
	t.Helper()
	read := func(pattern string) (content []byte) {
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			file, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			content = append(content, file...)
		}
		return content
	}
	stored, logged = read("temporal.db*"), read("*.log")
	if !bytes.Contains(stored, []byte("order/sandbox/")) || !bytes.Contains(logged, []byte("Started Worker")) {
		t.Fatalf("these are not the traces of a run: %d bytes stored, %d logged", len(stored), len(logged))
	}
	return stored, logged
}

// people are what the shop's books tell of its customers: text to what it is.
// Short names are left out, which any file of random bytes may hold.
func people(t *testing.T, dir string) map[string]string {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(dir, "shop.json"))
	if err != nil {
		t.Fatal(err)
	}
	var books struct {
		Profiles struct {
			Rows map[string]struct {
				Login     string
				Addresses []struct {
					Fields []struct{ Name, Value string }
				}
			}
		}
	}
	if err := json.Unmarshal(file, &books); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, p := range books.Profiles.Rows {
		found[p.Login] = "email"
		for _, a := range p.Addresses {
			for _, f := range a.Fields {
				if slices.Contains([]string{"lastname", "street", "phone"}, f.Name) && len(f.Value) >= 5 {
					found[f.Value] = f.Name
				}
			}
		}
	}
	if len(found) < 10 {
		t.Fatalf("the shop knows of %v alone", found)
	}
	return found
}

// search lists which of the texts are in the content, as "what it is: the text".
func search(content []byte, texts map[string]string) (found []string) {
	for _, text := range slices.Sorted(maps.Keys(texts)) {
		if bytes.Contains(content, []byte(text)) {
			found = append(found, texts[text]+" "+text)
		}
	}
	return found
}

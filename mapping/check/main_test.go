package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const example = "../testdata/order.json"

var now = time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)

func check(t *testing.T, in input, stdin string) (string, error) {
	t.Helper()
	var out strings.Builder
	err := run(in, now, strings.NewReader(stdin), &out)
	return out.String(), err
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCheckAProfile(t *testing.T) {
	out, err := check(t, input{}, "")
	if err != nil || !strings.HasPrefix(out, "profile default, version ") {
		t.Errorf("got %q, %v", out, err)
	}
	_, err = check(t, input{profile: file(t, "bad.yaml", "extends: default\nordr: {}\ntax: {prices: odd}\n")}, "")
	if err == nil || !strings.Contains(err.Error(), "bad.yaml:2:1: ordr") || !strings.Contains(err.Error(), "bad.yaml:3:15: tax.prices") {
		t.Errorf("both mistakes are told with their places, got %v", err)
	}
}

func TestCheckAnOrder(t *testing.T) {
	out, err := check(t, input{order: example}, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"import: import (payment authorized)", "xc-main-4120", "new customer   Edmond Irrigation LLC pat@example.test (xc-main-c300)",
		"2     HOSE-1/2  3         EA    3.333   10.00", "Edmond, OK 73003, US", "web total  322.35 USD",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("not shown: %q", want)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
}

func TestCheckAnOrderThatWouldBeParked(t *testing.T) {
	facts := file(t, "facts.json", `{"items": {"PUMP-12V": {"id": "PUMP-12V", "price": "0"}}, "account": {"customer_id": "100123", "address": {}}}`)
	out, err := check(t, input{order: example, facts: facts, json: true}, "")
	if err == nil || err.Error() != "the order would be parked: unknown-item" {
		t.Errorf("got %v", err)
	}
	var got result
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Parked != "unknown-item" || got.SalesOrder.CustomerID != "100123" || got.Account != nil {
		t.Errorf("got %+v", got)
	}
}

func TestCheckReadsStdin(t *testing.T) {
	raw, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	held := strings.Replace(string(raw), `"payment_status": "A"`, `"payment_status": "ZZ"`, 1)
	if _, err := check(t, input{order: "-"}, held); err == nil || !strings.Contains(err.Error(), "unknown-payment-status") {
		t.Errorf("got %v", err)
	}
	for name, text := range map[string]string{"not JSON": "<html>", "a misspelt field": `{"totl": "1"}`} {
		if _, err := check(t, input{order: "-"}, text); err == nil {
			t.Errorf("%s was taken for an order", name)
		}
	}
}

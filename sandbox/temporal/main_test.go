package main

import (
	"net"
	"strings"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
)

func TestAddress(t *testing.T) {
	at, err := address("localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	host, port, err := splitAddress(at)
	if err != nil || host != "127.0.0.1" || port == 0 {
		t.Errorf("a free port is %s (%v), not one on loopback", at, err)
	}
	taken, err := net.Listen("tcp4", at)
	if err != nil {
		t.Fatalf("%s is not free: %v", at, err)
	}
	defer taken.Close()
	if _, err := address(at); err == nil {
		t.Errorf("%s is taken, and no error", at)
	}
	if _, err := address("0.0.0.0:0"); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("all interfaces: got %v", err)
	}
	if _, err := address("7233"); err == nil {
		t.Error("a port without a colon is no address")
	}
}

func TestLackingSearchAttributes(t *testing.T) {
	const keyword, double = enumspb.INDEXED_VALUE_TYPE_KEYWORD, enumspb.INDEXED_VALUE_TYPE_DOUBLE
	want := attributes{"Stage": keyword, "OrderTotal": double}
	if got, err := want.lackingIn(attributes{"Stage": keyword, "Other": double}); err != nil || len(got) != 1 || got["OrderTotal"] != double {
		t.Errorf("lacking: got %v, %v", got, err)
	}
	if got, err := want.lackingIn(want); err != nil || len(got) != 0 {
		t.Errorf("nothing is lacking: got %v, %v", got, err)
	}
	if _, err := want.lackingIn(attributes{"Stage": double}); err == nil {
		t.Error("an attribute of another type, and no error")
	}
	if got := want.query(); got != "OrderTotal is not null and Stage is not null" {
		t.Errorf("query: got %q", got)
	}
}

func TestSQLiteStoreNameIsEscaped(t *testing.T) {
	if got := sqliteStore("/my data/100%?.db", "rw").DatabaseName; got != "/my%20data/100%25%3F.db" {
		t.Errorf("got %q", got)
	}
}

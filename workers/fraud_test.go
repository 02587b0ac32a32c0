package main

import (
	"bytes"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"github.com/cart21/cart21/records"
	"github.com/cart21/cart21/service"
)

var quiet = slog.New(slog.DiscardHandler)

func written(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheCheckSaysHowOrdersAreScreened(t *testing.T) {
	for name, c := range map[string]struct {
		fraud service.Fraud
		want  string // of what is said, or of the error
	}{
		"nothing set":         {service.Fraud{}, "shadow mode: every order is scored, none held; rules only; policy "},
		"a policy that holds": {service.Fraud{PolicyFile: written(t, "p.yaml", []byte("mode: hold\nreview_from: 7\n"))}, "hold mode: orders are held from a score of 7; rules only"},
		"a scorer":            {service.Fraud{URL: "https://user:secret@risk.example.test/score?key=secret"}, "external scorer at risk.example.test, not asked"},
		"a missing policy":    {service.Fraud{PolicyFile: "/nowhere.yaml"}, "reading the fraud policy (FRAUD_POLICY_FILE)"},
		"a wrong policy":      {service.Fraud{PolicyFile: written(t, "p.yaml", []byte("mode: sometimes\n"))}, "neither shadow nor hold"},
		"a wrong hold":        {service.Fraud{PolicyFile: written(t, "p.yaml", []byte("hold: {at_deadline: shrug}\n"))}, "at_deadline"},
		"a wrong model":       {service.Fraud{ModelFile: written(t, "m.json", []byte("{}"))}, "make it anew with fraud/train"},
		"no country file":     {service.Fraud{GeoIPFile: written(t, "c.mmdb", []byte("x"))}, "no MaxMind DB file"},
	} {
		t.Run(name, func(t *testing.T) {
			s := settings{Fraud: c.fraud}
			got := ""
			screening, err := openScreening(s, nil, quiet)
			if err != nil {
				got = err.Error()
			} else {
				got = describeScreening(screening, s)
			}
			if !strings.Contains(got, c.want) || strings.Contains(got, "secret") {
				t.Errorf("says %q, want %q and no secret", got, c.want)
			}
		})
	}
}

func TestCountriesOfAddresses(t *testing.T) {
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "GeoLite2-Country", IncludeReservedNetworks: true})
	if err != nil {
		t.Fatal(err)
	}
	for network, country := range map[string]string{"203.0.113.0/24": "NZ", "2001:db8::/32": "DE"} {
		_, ipNet, err := net.ParseCIDR(network)
		if err != nil {
			t.Fatal(err)
		}
		if err := tree.Insert(ipNet, mmdbtype.Map{"country": mmdbtype.Map{"iso_code": mmdbtype.String(country)}}); err != nil {
			t.Fatal(err)
		}
	}
	var file bytes.Buffer
	if _, err := tree.WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	country, err := countries(written(t, "country.mmdb", file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	for ip, want := range map[string]string{
		"203.0.113.7": "NZ", " 203.0.113.7 ": "NZ", "::ffff:203.0.113.7": "NZ", "2001:db8::1": "DE", "198.51.100.1": "", "": "", "not an address": "",
	} {
		if got := country(ip); got != want {
			t.Errorf("%q is in %q, want %q", ip, got, want)
		}
	}
}

func TestThePepperIsTheShopsUnlessSet(t *testing.T) {
	one, other := pepper(settings{XCart: service.XCart{Key: "a"}}), pepper(settings{XCart: service.XCart{Key: "b"}})
	if len(one) < 16 || bytes.Equal(one, other) {
		t.Errorf("%x and %x", one, other)
	}
	if own := pepper(settings{XCart: service.XCart{Key: "a"}, Fraud: service.Fraud{Pepper: "0123456789abcdef"}}); string(own) != "0123456789abcdef" {
		t.Errorf("FRAUD_PEPPER is not used: %q", own)
	}
}

func TestChargeBacksAreTakenIn(t *testing.T) {
	dsn := "file:" + filepath.Join(t.TempDir(), "records.db")
	store, err := records.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	placed := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for _, o := range []records.OrderRef{
		{Store: "main", ShopOrderID: "1", ShopNumber: "100001", Reference: "xc-main-1", ERPOrder: "E1"},
		{Store: "main", ShopOrderID: "2", ShopNumber: "100002", Reference: "xc-main-2-r2", ERPOrder: "E2"},
		{Store: "main", ShopOrderID: "3", ShopNumber: "100003"}, // never went into the ERP
	} {
		if err := store.SaveOrder(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	for _, reference := range []string{"xc-main-1", "xc-main-2-r2", "xc-main-3"} {
		screening := records.Screening{Reference: reference, Store: "main", PlacedAt: placed, Features: map[string]float64{}, DecidedAt: placed}
		if err := store.SaveScreening(t.Context(), records.VelocityOrder{Reference: reference, At: placed}, screening); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("RECORDS_DSN", dsn)
	for _, c := range []struct {
		name, file string
		exit       int
		out, errs  string
	}{
		{"by number and by id, again, and with a wrong line", "\ufeffNumber,id,Date,amount\n100001,,2026-11-20,5\n100001,,2026-11-25,5\n,3,2026-11-21T10:00:00Z,\n100009,,2026-11-20,\n100002,,yesterday,\n",
			exitFailed, "3 charge-backs taken in", "file.csv:5: the records have no order 100009"},
		{"an order that carries a suffix", "number,date\n100002,2026-11-22\n", exitDone, "1 charge-backs taken in", ""},
		{"no date", "number\n100002\n", exitFailed, "0 charge-backs", "number or id, and date"},
		{"nothing", "", exitFailed, "0 charge-backs", "reading the heading"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			exit := runChargeBacks([]string{"-file", written(t, "file.csv", []byte(c.file))}, nil, &out, &errs)
			if exit != c.exit || !strings.Contains(out.String(), c.out) || !strings.Contains(errs.String(), c.errs) {
				t.Errorf("exit %d, %q, %q", exit, out.String(), errs.String())
			}
		})
	}
	got, err := store.LabelledScreenings(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	backs := map[string]string{}
	for _, l := range got {
		backs[l.Reference] = l.ChargedBack.Format(time.DateOnly)
	}
	if len(backs) != 3 || backs["xc-main-1"] != "2026-11-20" || backs["xc-main-2-r2"] != "2026-11-22" || backs["xc-main-3"] != "2026-11-21" {
		t.Errorf("recorded are %v", backs)
	}
	for name, args := range map[string][]string{"no file": nil, "an operand": {"-file", "x", "y"}, "no such flag": {"-x"}} {
		if exit := runChargeBacks(args, nil, &bytes.Buffer{}, &bytes.Buffer{}); exit != exitWrongUse {
			t.Errorf("%s: exit %d", name, exit)
		}
	}
}

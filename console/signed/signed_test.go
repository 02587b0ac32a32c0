package signed_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cart21/cart21/console/signed"
)

var (
	noon   = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	secret = strings.Repeat("s", signed.MinSecret)
)

func key(t testing.TB, secret string) signed.Key {
	t.Helper()
	k, err := signed.NewKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestATokenIsReadOnlyAsItWasSigned(t *testing.T) {
	k := key(t, secret)
	token, err := k.Sign("session", "ann", noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	body, mac, _ := strings.Cut(token, ".")
	for _, c := range []struct {
		name, purpose, token string
		key                  signed.Key
		at                   time.Time
		want                 error
	}{
		{"as it was signed", "session", token, k, noon, nil},
		{"just before its end", "session", token, k, noon.Add(time.Hour - time.Second), nil},
		{"at its end", "session", token, k, noon.Add(time.Hour), signed.ErrExpired},
		{"for another purpose", "link", token, k, noon, signed.ErrInvalid},
		{"by another key", "session", token, key(t, strings.Repeat("x", 40)), noon, signed.ErrInvalid},
		{"with another body", "session", "A" + body[1:] + "x." + mac, k, noon, signed.ErrInvalid},
		{"without a signature", "session", body + ".", k, noon, signed.ErrInvalid},
		{"cut off", "session", body, k, noon, signed.ErrInvalid},
		{"nothing", "session", "", k, noon, signed.ErrInvalid},
		{"with more behind it", "session", token + "AAAA", k, noon, signed.ErrInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			var who string
			if err := c.key.Read(c.purpose, c.token, c.at, &who); !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if (who == "ann") != (c.want == nil) {
				t.Errorf("it says %q", who)
			}
		})
	}
}

func TestAShortSecretIsRefused(t *testing.T) {
	if _, err := signed.NewKey(secret[1:]); err == nil || strings.Contains(err.Error(), secret[1:]) {
		t.Errorf("got %v", err)
	}
}

func TestALinkIsAboutOneHold(t *testing.T) {
	k := key(t, secret)
	want := signed.Link{WorkflowID: "order/main/7", RunID: "r", Decision: "approve", Since: noon}
	first, err := k.Address("https://c.example.test/", want, noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	again, _ := k.Address("https://c.example.test/", want, noon.Add(time.Hour))
	if first == again {
		t.Error("two links are the same: the nonce is missing")
	}
	token, ours := strings.CutPrefix(first, "https://c.example.test/link/")
	if !ours {
		t.Fatalf("it leads to %s", first)
	}
	got, err := k.Link(token, noon)
	if err != nil || got != want {
		t.Fatalf("%+v, %v", got, err)
	}
	for name, c := range map[string]struct {
		since time.Time
		about bool
	}{
		"the same":            {noon, true},
		"kept less precisely": {noon.Add(999 * time.Microsecond), true},
		"an earlier one":      {noon.Add(-time.Minute), false},
		"a later one":         {noon.Add(time.Minute), false},
	} {
		if got.About(c.since) != c.about {
			t.Errorf("%s: about is %v", name, !c.about)
		}
	}
}

// recorded was signed once, with the secret of these tests, and lasts for a century.
const recorded = "eyJjIjoieCIsIngiOjQ5NDkxMjE2MDAsIm4iOiJINlNFMk9LTVpFV0pPN0lQWVVSQjNRWVVBSSJ9.l2NLZnNabjnWUE8bN-FrEc5ugetn2F4esb_4OErX7VA"

func TestWhatWasSignedStaysReadable(t *testing.T) {
	var content string
	if err := key(t, secret).Read("link", recorded, noon, &content); err != nil || content != "x" {
		t.Errorf("%q, %v", content, err)
	}
}

// FuzzRead: no token but one of ours is taken.
func FuzzRead(f *testing.F) {
	k := key(f, secret)
	f.Add(recorded)
	f.Add(recorded[1:])
	f.Add("e30.")
	f.Fuzz(func(t *testing.T, given string) {
		var content any
		if err := k.Read("link", given, noon, &content); err == nil && given != recorded {
			t.Errorf("a forgery is read as %v", content)
		}
	})
}

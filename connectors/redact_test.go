package connectors

import (
	"log/slog"
	"strings"
	"testing"
)

func TestAnErrorQuotesNoSecret(t *testing.T) {
	c, err := NewClient(Prophet21, Limits{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	c.Conceal("s3cr3t & more", "", "01")
	for name, test := range map[string]struct{ said, want string }{
		"plain words":          {"Order 0100123 of company 01 is on hold: credit limit", "Order 0100123 of company 01 is on hold: credit limit"},
		"the secret itself":    {"log-in with s3cr3t & more failed", "log-in with *** failed"},
		"escaped in a URL":     {"GET /x?a=s3cr3t+%26+more", "GET /x?a=***"},
		"another's token":      {"Bearer eyJhbGciOi.J9.x-y_z is expired", "Bearer *** is expired"},
		"a key in a query":     {"/admin.php?target=RESTAPI&_key=abcdef123&_path=order/1", "/admin.php?target=RESTAPI&_key=***&_path=order/1"},
		"a password in JSON":   {`cannot parse {"username":"web","password":"hunter2"}`, `cannot parse {"username":"web","password":"***"}`},
		"a customer's e-mail":  {"contact <jane.roe+web@shop.example.com> exists", "contact <(an e-mail address)> exists"},
		"an at sign in prices": {"2 @ 3.50 each", "2 @ 3.50 each"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.Fail(Rejected, "create order", test.said, nil).Detail; got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestALongMessageIsCutAfterItWasRedacted(t *testing.T) {
	c, err := NewClient(XCart, Limits{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	const secret = "a-key-of-some-length"
	c.Conceal(secret)
	for before := mostSaid - len(secret); before <= mostSaid; before++ {
		if got := c.redact(strings.Repeat("x", before) + secret); strings.Contains(got, secret[:4]) {
			t.Fatalf("a part of the key is told: %s", got)
		}
	}
	if got := c.redact(strings.Repeat("token=@a.\xff", 1<<20)); len(got) > 4*mostSaid {
		t.Errorf("%d bytes are told", len(got))
	}
}

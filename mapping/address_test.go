package mapping

import (
	"testing"

	"github.com/cart21/cart21/commerce"
)

func TestStreets(t *testing.T) {
	for in, want := range map[string]string{
		"400 North Main Street":              "400 N Main St",
		"123 N Saint Paul Street NE Apt. #4": "123 N Saint Paul St NE Apt #4",
		"87 Industrial Parkway Suite 200":    "87 Industrial Pkwy Ste 200",
		"1 Avenue of the Americas":           "1 Avenue of the Americas",
		"12 North Street":                    "12 North St",
		"6 Court Street":                     "6 Court St",
		"PO Box 311":                         "PO Box 311",
		"P.O. Box 9":                         "P.O. Box 9",
		"1550 County Road 9":                 "1550 County Road 9",
		"Suite 200":                          "Ste 200",
		"Dock 3":                             "Dock 3",
		"PSC 802 Box 74":                     "PSC 802 Box 74",
		"":                                   "",
		"55 Broadway":                        "55 Broadway",
		"10 Downing Street Southwest":        "10 Downing St SW",
	} {
		if got := street(in); got != want {
			t.Errorf("street(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNormaliseAddress(t *testing.T) {
	for name, c := range map[string]struct{ in, want commerce.Address }{
		"United States": {
			commerce.Address{Line1: " 1  Main  Street ", City: "Reno", State: "nevada", PostalCode: "895011234", Country: "usa", Phone: "775.555.0100"},
			commerce.Address{Line1: "1 Main St", City: "Reno", State: "NV", PostalCode: "89501-1234", Country: "US", Phone: "(775) 555-0100"},
		},
		"Canada": {
			commerce.Address{City: "Montréal", State: "Québec", PostalCode: "h2x1y4", Country: "Canada", Phone: "(514) 874-1234"},
			commerce.Address{City: "Montréal", State: "QC", PostalCode: "H2X 1Y4", Country: "CA", Phone: "(514) 874-1234"},
		},
		"Great Britain": {
			commerce.Address{Line1: "10 Downing Street", PostalCode: "sw1a2aa", Country: "United Kingdom"},
			commerce.Address{Line1: "10 Downing Street", PostalCode: "SW1A 2AA", Country: "GB"},
		},
		"Ireland by its other name": {commerce.Address{Country: "EIRE"}, commerce.Address{Country: "IE"}},
		"no country":                {commerce.Address{Country: "Unspecified"}, commerce.Address{Country: "Unspecified"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := NormaliseAddress(c.in); got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
			if again := NormaliseAddress(NormaliseAddress(c.in)); again != c.want {
				t.Errorf("normalising twice gives %+v", again)
			}
		})
	}
}

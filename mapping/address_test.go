package mapping

import (
	"testing"

	"github.com/cart21/cart21/commerce"
)

func TestStreets(t *testing.T) {
	for in, want := range map[string]string{
		"400 North Main Street":              "400 N Main St",
		"123 N Saint Paul Street NE Apt. #4": "123 N Saint Paul St NE Apt #4",
		"123 N. Saint Paul Street, N.E.":     "123 N Saint Paul St NE",
		"87 Industrial Parkway Suite 200":    "87 Industrial Pkwy Ste 200",
		"87 Industrial Parkway, Suite 200":   "87 Industrial Pkwy Ste 200",
		"1 Avenue of the Americas":           "1 Avenue of the Americas",
		"12 North Street":                    "12 North St",
		"55 N Street NW":                     "55 N St NW",
		"6 Court Street":                     "6 Court St",
		"9 Circle Drive North":               "9 Circle Dr N",
		"77 St. Louis Avenue":                "77 St. Louis Ave",
		"77 Street Road":                     "77 Street Rd",
		"PO Box 311":                         "PO Box 311",
		"P.O. Box 9":                         "P.O. Box 9",
		"Post Office Box 9":                  "Post Office Box 9",
		"Box 12 Route 3":                     "Box 12 Route 3",
		"1550 County Road 9":                 "1550 County Road 9",
		"W156N8480 Pilgrim Road":             "W156N8480 Pilgrim Rd",
		"12-34 West 45th Street":             "12-34 W 45th St",
		"Suite 200":                          "Ste 200",
		"Dock 3":                             "Dock 3",
		"Building 4 Floor 2":                 "Bldg 4 Fl 2",
		"#12":                                "#12",
		"100 Unit Drive":                     "100 Unit Dr",
		"Attn: Receiving":                    "Attn: Receiving",
		"55 Broadway":                        "55 Broadway",
		"Main Street":                        "Main St",
		"10 Downing Street Southwest":        "10 Downing St SW",
		"Street":                             "Street",
		"":                                   "",
	} {
		got := street(in)
		if got != want {
			t.Errorf("street(%q) = %q, want %q", in, got, want)
		}
		if again := street(got); again != got {
			t.Errorf("abbreviating %q twice gives %q", got, again)
		}
	}
}

func TestNormaliseAddress(t *testing.T) {
	for name, c := range map[string]struct{ in, want commerce.Address }{
		"United States": {
			commerce.Address{Line1: " 1  Main  Street ", City: "Reno", State: "nevada", PostalCode: "895011234", Country: "usa", Phone: "775.555.0100"},
			commerce.Address{Line1: "1 Main St", City: "Reno", State: "NV", PostalCode: "89501-1234", Country: "US", Phone: "(775) 555-0100"},
		},
		"armed forces": {
			commerce.Address{Line1: "PSC 802 Box 74 Street", Line2: "Unit 9 Avenue", City: "APO", State: "Armed Forces Europe", PostalCode: "09499", Country: "US"},
			commerce.Address{Line1: "PSC 802 Box 74 Street", Line2: "Unit 9 Avenue", City: "APO", State: "AE", PostalCode: "09499", Country: "US"},
		},
		"a district": {
			commerce.Address{State: "d.c.", Country: "U.S.A.", PostalCode: "20500 0001"},
			commerce.Address{State: "DC", Country: "US", PostalCode: "20500-0001"},
		},
		"a state nobody knows":   {commerce.Address{State: "zz", Country: "US"}, commerce.Address{State: "zz", Country: "US"}},
		"a phone with extension": {commerce.Address{Country: "US", Phone: "405-555-0100 x12"}, commerce.Address{Country: "US", Phone: "(405) 555-0100 ext. 12"}},
		"a phone from abroad":    {commerce.Address{Country: "US", Phone: "+44 20 7925 0918"}, commerce.Address{Country: "US", Phone: "+44 20 7925 0918"}},
		"a phone that is none":   {commerce.Address{Country: "US", Phone: "call me"}, commerce.Address{Country: "US", Phone: "call me"}},
		"a zip that is none":     {commerce.Address{Country: "US", PostalCode: "8950"}, commerce.Address{Country: "US", PostalCode: "8950"}},
		"Canada": {
			commerce.Address{City: "Montréal", State: "Québec", PostalCode: "h2x1y4", Country: "Canada", Phone: "(514) 874-1234"},
			commerce.Address{City: "Montréal", State: "QC", PostalCode: "H2X 1Y4", Country: "CA", Phone: "(514) 874-1234"},
		},
		"Australia": {
			commerce.Address{State: "new south wales", Country: "Australia", PostalCode: "2000"},
			commerce.Address{State: "NSW", Country: "AU", PostalCode: "2000"},
		},
		"Great Britain": {
			commerce.Address{Line1: "10 Downing Street", PostalCode: "sw1a2aa", Country: "United Kingdom"},
			commerce.Address{Line1: "10 Downing Street", PostalCode: "SW1A 2AA", Country: "GB"},
		},
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

func TestCountries(t *testing.T) {
	for in, want := range map[string]string{
		"EIRE": "IE", "USA": "US", "RSA": "ZA", "United Kingdom": "GB", "uk": "GB", "Germany": "DE", "Czech Republic": "CZ", "Czechia": "CZ",
		"Hong Kong": "HK", "Singapore": "SG", "Korea": "KR", "de": "DE", "Côte d’Ivoire": "CI", "Channel Islands": "JE",
		// No country: kept for a person to see, or to be named in tables.countries.
		"European Community": "European Community", "Unspecified": "Unspecified", "": "",
	} {
		if got := countryCode(in, ""); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
	if got := countryCode("Channel Islands", "gy1 1aa"); got != "GG" {
		t.Errorf("GY1 is Guernsey, got %q", got)
	}
}

func TestAddressStyles(t *testing.T) {
	o := sample(t)
	for name, c := range map[string]struct {
		profile            string
		line1, city, phone string
	}{
		"by default":     {"", "400 N Main St", "Edmond", "(405) 555-0100"},
		"upper case":     {"addresses: {case: upper}", "400 N MAIN ST", "EDMOND", "(405) 555-0100"},
		"E.164":          {"addresses: {phones: e164}", "400 N Main St", "Edmond", "+14055550100"},
		"phones kept":    {"addresses: {phones: keep}", "400 N Main St", "Edmond", "405 555 0100"},
		"nothing at all": {"addresses: {normalise: false}", "400 North Main Street", "Edmond", "405 555 0100"},
	} {
		t.Run(name, func(t *testing.T) {
			got := load(t, c.profile).tidy(o).BillTo
			if got.Line1 != c.line1 || got.City != c.city || got.Phone != c.phone {
				t.Errorf("got %+v", got)
			}
		})
	}
	p := load(t, "tables: {countries: {Unspecified: US}, states: {Okla.: OK}}")
	o.BillTo.Country, o.BillTo.State = "Unspecified", "Okla."
	if got := p.tidy(o).BillTo; got.Country != "US" || got.State != "OK" {
		t.Errorf("the profile's own names: got %+v", got)
	}
}

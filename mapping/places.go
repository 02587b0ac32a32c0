package mapping

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// states are the codes of states and provinces by their lower-case names.
var states = map[string]map[string]string{
	"US": {"alabama": "AL", "alaska": "AK", "arizona": "AZ", "arkansas": "AR", "california": "CA", "colorado": "CO", "connecticut": "CT", "delaware": "DE", "district of columbia": "DC", "washington dc": "DC", "washington d.c": "DC", "florida": "FL", "georgia": "GA", "hawaii": "HI", "idaho": "ID", "illinois": "IL", "indiana": "IN", "iowa": "IA", "kansas": "KS", "kentucky": "KY", "louisiana": "LA", "maine": "ME", "maryland": "MD", "massachusetts": "MA", "michigan": "MI", "minnesota": "MN", "mississippi": "MS", "missouri": "MO", "montana": "MT", "nebraska": "NE", "nevada": "NV", "new hampshire": "NH", "new jersey": "NJ", "new mexico": "NM", "new york": "NY", "north carolina": "NC", "north dakota": "ND", "ohio": "OH", "oklahoma": "OK", "oregon": "OR", "pennsylvania": "PA", "rhode island": "RI", "south carolina": "SC", "south dakota": "SD", "tennessee": "TN", "texas": "TX", "utah": "UT", "vermont": "VT", "virginia": "VA", "washington": "WA", "west virginia": "WV", "wisconsin": "WI", "wyoming": "WY", "puerto rico": "PR", "guam": "GU", "virgin islands": "VI", "u.s. virgin islands": "VI", "northern mariana islands": "MP", "american samoa": "AS", "armed forces europe": "AE", "armed forces pacific": "AP", "armed forces americas": "AA", "armed forces africa": "AE", "armed forces canada": "AE", "armed forces middle east": "AE"},
	"CA": {"alberta": "AB", "british columbia": "BC", "manitoba": "MB", "new brunswick": "NB", "newfoundland and labrador": "NL", "newfoundland": "NL", "northwest territories": "NT", "nova scotia": "NS", "nunavut": "NU", "ontario": "ON", "prince edward island": "PE", "quebec": "QC", "québec": "QC", "saskatchewan": "SK", "yukon": "YT", "yukon territory": "YT"},
	"AU": {"new south wales": "NSW", "victoria": "VIC", "queensland": "QLD", "south australia": "SA", "western australia": "WA", "tasmania": "TAS", "australian capital territory": "ACT", "northern territory": "NT"},
}

// suffixes are USPS's abbreviations of street suffixes.
var suffixes = map[string]string{"alley": "Aly", "aly": "Aly", "avenue": "Ave", "ave": "Ave", "av": "Ave", "boulevard": "Blvd", "blvd": "Blvd", "bypass": "Byp", "byp": "Byp", "center": "Ctr", "ctr": "Ctr", "circle": "Cir", "cir": "Cir", "court": "Ct", "ct": "Ct", "cove": "Cv", "cv": "Cv", "crossing": "Xing", "xing": "Xing", "drive": "Dr", "dr": "Dr", "expressway": "Expy", "expy": "Expy", "freeway": "Fwy", "fwy": "Fwy", "highway": "Hwy", "hwy": "Hwy", "hill": "Hl", "hl": "Hl", "junction": "Jct", "jct": "Jct", "lane": "Ln", "ln": "Ln", "loop": "Loop", "parkway": "Pkwy", "pkwy": "Pkwy", "pike": "Pike", "place": "Pl", "pl": "Pl", "plaza": "Plz", "plz": "Plz", "point": "Pt", "pt": "Pt", "ridge": "Rdg", "rdg": "Rdg", "road": "Rd", "rd": "Rd", "route": "Rte", "rte": "Rte", "square": "Sq", "sq": "Sq", "street": "St", "st": "St", "terrace": "Ter", "ter": "Ter", "trail": "Trl", "trl": "Trl", "turnpike": "Tpke", "tpke": "Tpke", "way": "Way"}

// directionals are USPS's abbreviations of directionals.
var directionals = map[string]string{"north": "N", "south": "S", "east": "E", "west": "W", "northeast": "NE", "northwest": "NW", "southeast": "SE", "southwest": "SW", "n": "N", "s": "S", "e": "E", "w": "W", "ne": "NE", "nw": "NW", "se": "SE", "sw": "SW"}

// units are USPS's abbreviations of unit designators.
var units = map[string]string{"apartment": "Apt", "apt": "Apt", "suite": "Ste", "ste": "Ste", "unit": "Unit", "building": "Bldg", "bldg": "Bldg", "floor": "Fl", "fl": "Fl", "room": "Rm", "rm": "Rm", "department": "Dept", "dept": "Dept", "lot": "Lot", "dock": "Dock"}

// otherNames are names of countries that no standard has but people write.
var otherNames = map[string]string{"usa": "US", "u.s.a.": "US", "u.s.": "US", "united states of america": "US", "eire": "IE", "ireland": "IE", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB", "uk": "GB", "u.k.": "GB", "rsa": "ZA", "uae": "AE", "united arab emirates": "AE", "holland": "NL", "the netherlands": "NL", "korea": "KR", "south korea": "KR", "russia": "RU", "czech republic": "CZ", "vietnam": "VN", "hong kong": "HK", "macau": "MO", "turkey": "TR"}

// countryNames are the codes of all countries by their English names.
var countryNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{}
	english := display.English.Regions()
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			region, err := language.ParseRegion(string([]rune{a, b}))
			if err != nil || !region.IsCountry() || region.Canonicalize() != region {
				continue
			}
			if name := english.Name(region); name != "" {
				names[strings.ToLower(name)] = region.String()
			}
		}
	}
	return names
})

// countryCode is the ISO 3166 code of a country that is written as a code or an
// English name; what is not known stays as written.
func countryCode(country, postal string) string {
	key := strings.ToLower(country)
	if key == "channel islands" { // two countries, told apart by the postal code
		if strings.HasPrefix(strings.ToUpper(postal), "GY") {
			return "GG"
		}
		return "JE"
	}
	if code, ok := otherNames[key]; ok {
		return code
	}
	if code, ok := countryNames()[key]; ok {
		return code
	}
	if len(country) == 2 {
		return strings.ToUpper(country)
	}
	return country
}

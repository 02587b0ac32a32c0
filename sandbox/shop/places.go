package shop

import "strings"

// state is a row of the shop's list of states. Interfaces name states by row
// id, and nobody should guess those: as observed, 36 is in Brazil.
type state struct {
	ID                  int
	Code, Name, Country string
}

var states = buildStates()

func buildStates() map[int]state {
	us := "AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,CT Connecticut,DE Delaware,DC District of Columbia," +
		"FL Florida,GA Georgia,HI Hawaii,ID Idaho,IL Illinois,IN Indiana,IA Iowa,KS Kansas,KY Kentucky,LA Louisiana,ME Maine,MD Maryland," +
		"MA Massachusetts,MI Michigan,MN Minnesota,MS Mississippi,MO Missouri,MT Montana,NE Nebraska,NV Nevada,NH New Hampshire," +
		"NJ New Jersey,NM New Mexico,NY New York,NC North Carolina,ND North Dakota,OH Ohio,OK Oklahoma,OR Oregon,PA Pennsylvania," +
		"RI Rhode Island,SC South Carolina,SD South Dakota,TN Tennessee,TX Texas,UT Utah,VT Vermont,VA Virginia,WA Washington," +
		"WV West Virginia,WI Wisconsin,WY Wyoming"
	canada := "AB Alberta,BC British Columbia,MB Manitoba,NB New Brunswick,NL Newfoundland and Labrador,NS Nova Scotia,NT Northwest Territories," +
		"NU Nunavut,ON Ontario,PE Prince Edward Island,QC Quebec,SK Saskatchewan,YT Yukon"
	out := map[int]state{36: {36, "MS", "Mato Grosso do Sul", "BR"}}
	add := func(first int, country, list string) {
		for i, entry := range strings.Split(list, ",") {
			code, name, _ := strings.Cut(entry, " ")
			out[first+i] = state{first + i, code, name, country}
		}
	}
	add(544, "US", us)
	add(60, "CA", canada)
	return out
}

// stateByCode returns the row of a state, or the zero row.
func stateByCode(country, code string) state {
	for _, s := range states {
		if s.Country == country && strings.EqualFold(s.Code, code) {
			return s
		}
	}
	return state{}
}

// stateCode is what the shop shows for an address's state: its code where the
// country has rows, else what the customer typed.
func (a *address) stateCode() string {
	if s, ok := states[a.State]; ok {
		return s.Code
	}
	return a.field("custom_state")
}

func (a *address) stateName() string {
	if s, ok := states[a.State]; ok {
		return s.Name
	}
	return a.field("custom_state")
}

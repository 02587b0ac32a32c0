package fraud

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cart21/cart21/commerce"
)

// Match is what a gateway found when it compared with the card's issuer.
type Match string

// What a comparison came to. The empty Match is "nobody said".
const (
	Matched     Match = "match"
	Partial     Match = "partial" // street or postal code, not both
	Mismatched  Match = "mismatch"
	Unavailable Match = "unavailable" // the issuer does not compare
)

// avsCodes are the letters that gateways pass on from the card networks, and
// the words of those that have their own.
var avsCodes = map[string]Match{
	"y": Matched, "x": Matched, "d": Matched, "f": Matched, "m": Matched, "j": Matched, "q": Matched, "v": Matched,
	"a": Partial, "b": Partial, "o": Partial, "p": Partial, "t": Partial, "w": Partial, "z": Partial, "h": Partial, "l": Partial, "k": Partial,
	"n": Mismatched, "c": Mismatched,
	"e": Unavailable, "g": Unavailable, "i": Unavailable, "r": Unavailable, "s": Unavailable, "u": Unavailable, "0": Unavailable, "1": Unavailable,
	"pass": Matched, "fail": Mismatched, "unchecked": Unavailable, "yy": Matched, "yn": Partial, "ny": Partial, "nn": Mismatched,
}

// cvvCodes likewise. X and Y are PayPal's and Sage Pay's.
var cvvCodes = map[string]Match{
	"m": Matched, "y": Matched, "n": Mismatched,
	"p": Unavailable, "s": Unavailable, "u": Unavailable, "x": Unavailable, "i": Unavailable, "a": Unavailable, "b": Unavailable,
	"pass": Matched, "fail": Mismatched, "unchecked": Unavailable,
}

// AVS says what a gateway's answer on the billing address means: a code, or the
// message text that some store. An answer that nobody knows is the empty Match.
func AVS(answer string) Match { return readMatch(answer, avsCodes) }

// CVV says what a gateway's answer on the security code means.
func CVV(answer string) Match { return readMatch(answer, cvvCodes) }

func readMatch(answer string, codes map[string]Match) Match {
	answer = strings.ToLower(strings.TrimSpace(answer))
	if m, ok := codes[answer]; ok {
		return m
	}
	// "N - No Match", "Y: Address and ZIP match" begin with the code.
	if code, _, ok := strings.Cut(strings.ReplaceAll(answer, ":", " -"), " -"); ok {
		if m, ok := codes[strings.TrimSpace(code)]; ok {
			return m
		}
	}
	negative := holds(answer, "no match", "not match", "does not match", "do not match", "mismatch", "no_match", "not_match", "neither", "incorrect", "failed")
	switch {
	case answer == "":
		return ""
	case holds(answer, "unavailable", "not available", "not applicable", "not supported", "not processed", "not provided", "not checked", "not participat", "unable", "retry", "not present", "error", "non-u.s", "outside the u.s"):
		return Unavailable
	case negative && holds(answer, "but", ", ", "only") && holds(strings.NewReplacer("does not match", "", "do not match", "", "not match", "", "no match", "", "mismatch", "").Replace(answer), "match"):
		return Partial // "Address (Street) matches, ZIP does not match"
	case negative:
		return Mismatched
	case holds(answer, "zip does not", "zip code does not", "street does not", "address does not", "only", "partial"):
		return Partial
	case holds(answer, "match", "correct"):
		return Matched
	}
	return ""
}

func holds(text string, pieces ...string) bool {
	return slices.ContainsFunc(pieces, func(p string) bool { return strings.Contains(text, p) })
}

// Verdict is what a screening service decided, from best to worst.
type Verdict int

// The verdicts. The zero Verdict is "nobody said".
const (
	VerdictNone Verdict = iota
	VerdictPass
	VerdictPending
	VerdictReview
	VerdictFail
)

// verdictWords are what the services say, and the codes under which X-Payments
// keeps their answers.
var verdictWords = map[string]Verdict{
	"1": VerdictPass, "2": VerdictReview, "3": VerdictFail, "4": VerdictPending,
	"a": VerdictPass, "r": VerdictReview, "e": VerdictReview, "d": VerdictFail, // Kount
	"accept": VerdictPass, "accepted": VerdictPass, "approve": VerdictPass, "approved": VerdictPass, "pass": VerdictPass, "guaranteed": VerdictPass,
	"pending": VerdictPending, "processing": VerdictPending, "hold": VerdictReview,
	"review": VerdictReview, "manual": VerdictReview, "escalate": VerdictReview, "high_risk": VerdictReview,
	"fail": VerdictFail, "failed": VerdictFail, "decline": VerdictFail, "declined": VerdictFail, "reject": VerdictFail, "rejected": VerdictFail, "fraudulent": VerdictFail,
}

// ReadVerdict says what a service's answer means. A service that gives a number
// alone is only read when the number is a known one: MaxMind's risk of the
// AntiFraud addon, 1 to 10.
func ReadVerdict(v commerce.ScreeningVerdict) Verdict {
	word := strings.ToLower(strings.TrimSpace(v.Result))
	if known, ok := verdictWords[word]; ok {
		return known
	}
	service := squeeze(v.Service)
	if service != "antifraud" && service != "maxmind" {
		return VerdictNone
	}
	risk, err := strconv.ParseFloat(strings.TrimSpace(v.Score), 64)
	switch {
	case err != nil || !(risk >= 0):
		return VerdictNone
	case risk >= 9:
		return VerdictFail
	case risk >= 5:
		return VerdictReview
	}
	return VerdictPass
}

func worst(all []commerce.ScreeningVerdict) Verdict {
	verdict := VerdictNone
	for _, v := range all {
		verdict = max(verdict, ReadVerdict(v))
	}
	return verdict
}

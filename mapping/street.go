package mapping

import (
	"regexp"
	"slices"
	"strings"
)

var (
	poBox       = regexp.MustCompile(`(?i)^(p\.? ?o\.? ?|post office )?box\b`)
	houseNumber = regexp.MustCompile(`^\d+[A-Za-z]?(-\d+)?$`)
	unitNumber  = regexp.MustCompile(`^(#.*|[A-Za-z]|[A-Za-z-]*\d+[A-Za-z0-9-]*),?$`)
)

// street abbreviates a US street line by USPS Publication 28: the suffix where
// it ends the street's name, directionals before and after it, and the unit.
// Only the last suffix word is the suffix: "Saint Paul Street" keeps its Saint,
// "Court Street" its Court. P.O. boxes stay as written.
func street(line string) string {
	if line == "" || poBox.MatchString(line) {
		return line
	}
	words := strings.Fields(line)
	start := unitStart(words)
	name, unit := streetName(slices.Clone(words[:start])), slices.Clone(words[start:])
	if len(name) > 0 && len(unit) > 0 {
		name[len(name)-1] = strings.TrimSuffix(name[len(name)-1], ",")
	}
	for i := range unit {
		if isUnit(unit, i) {
			unit[i] = units[plain(unit[i])]
		}
	}
	return strings.Join(append(name, unit...), " ")
}

// streetName abbreviates "400 North Main Street Southwest" without its unit.
func streetName(name []string) []string {
	last := len(name) - 1
	if last < 0 {
		return name
	}
	if last > 1 && directionals[plain(name[last])] != "" && suffixes[plain(name[last-1])] != "" {
		name[last] = directionals[plain(name[last])]
		last--
	}
	if last > 0 && suffixes[plain(name[last])] != "" {
		name[last] = suffixes[plain(name[last])]
	}
	// A directional before the name, unless it is the name: "12 North St".
	if last > 2 && houseNumber.MatchString(name[0]) && directionals[plain(name[1])] != "" {
		name[1] = directionals[plain(name[1])]
	}
	return name
}

// unitStart finds where a unit such as "Apt 4" or "#4" begins: after the
// street, or at the start of a line that is nothing else.
func unitStart(words []string) int {
	for i, w := range words {
		if (i > 1 || i == 0) && (isUnit(words, i) || strings.HasPrefix(w, "#")) {
			return i
		}
	}
	return len(words)
}

// isUnit reports whether a word names the unit whose number is the next word:
// "Unit 9", but not "Unit Drive".
func isUnit(words []string, i int) bool {
	return units[plain(words[i])] != "" && i+1 < len(words) && unitNumber.MatchString(words[i+1])
}

// plain is a word without the dots and commas around and in it: "N.E." is "ne".
func plain(word string) string {
	return strings.ToLower(strings.NewReplacer(".", "", ",", "").Replace(word))
}

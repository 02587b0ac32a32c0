package mapping

import (
	"regexp"
	"slices"
	"strings"
)

var (
	poBox       = regexp.MustCompile(`(?i)^(p\.? ?o\.? ?|post office )?box\b`)
	houseNumber = regexp.MustCompile(`^\d+[A-Za-z]?(-\d+)?$`)
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
	if len(unit) > 0 && units[plain(unit[0])] != "" {
		unit[0] = units[plain(unit[0])]
	}
	return strings.Join(append(name, unit...), " ")
}

// streetName abbreviates "400 North Main Street Southwest" without its unit.
func streetName(name []string) []string {
	last := len(name) - 1
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
		named := units[plain(w)] != "" && i+1 < len(words) && len(words)-i <= 3
		if (named || strings.HasPrefix(w, "#")) && (i > 1 || i == 0) {
			return i
		}
	}
	return len(words)
}

func plain(word string) string { return strings.ToLower(strings.Trim(word, ".,")) }

package fraud

import (
	_ "embed"
	"strings"
)

// The lists that come with the program; each file names its source and licence.
var (
	//go:embed lists/free_mail.txt
	freeMail string
	//go:embed lists/throw_away.txt
	throwAway string
	//go:embed lists/forwarders.txt
	forwarders string
)

// Lists are a shop's additions to the embedded lists.
type Lists struct {
	FreeMail   []string `yaml:"free_mail" json:"free_mail,omitempty"`   // domains
	ThrowAway  []string `yaml:"throw_away" json:"throw_away,omitempty"` // domains
	Forwarders []string `yaml:"forwarders" json:"forwarders,omitempty"` // pieces of addresses
}

// lookup are the lists, ready to be asked.
type lookup struct {
	freeMail, throwAway map[string]bool
	forwarders          []string
}

func (l Lists) lookup() lookup {
	found := lookup{freeMail: map[string]bool{}, throwAway: map[string]bool{}}
	for _, domain := range append(lines(freeMail), l.FreeMail...) {
		found.freeMail[strings.ToLower(strings.TrimSpace(domain))] = true
	}
	for _, domain := range append(lines(throwAway), l.ThrowAway...) {
		found.throwAway[strings.ToLower(strings.TrimSpace(domain))] = true
	}
	for _, piece := range append(lines(forwarders), l.Forwarders...) {
		if piece = squeeze(piece); piece != "" {
			found.forwarders = append(found.forwarders, piece)
		}
	}
	return found
}

func lines(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			all = append(all, line)
		}
	}
	return all
}

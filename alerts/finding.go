// Package alerts tells people what needs them: what was found wrong, in words,
// over a webhook, by mail and in the log. It remembers nothing and knows nothing
// of Temporal.
package alerts

import (
	"net/url"
	"strings"
	"time"
)

// Severity says how urgent a finding is.
type Severity string

// The severities.
const (
	Warning  Severity = "warning"  // see to it today
	Critical Severity = "critical" // see to it now: work stands still or piles up
)

// WorseThan reports whether s is more urgent than other.
func (s Severity) WorseThan(other Severity) bool { return s == Critical && other != Critical }

// Finding is one thing that is wrong now. It names processes by their ids, and
// never a person.
type Finding struct {
	// Key says what it is about and stays the same as long as it lasts. The part
	// before the first slash is where it was found: "parked/p21-unavailable".
	Key      string    `json:"key"`
	Severity Severity  `json:"severity"`
	Title    string    `json:"title"`              // one line, without figures: it is also told when all is well again
	Detail   string    `json:"detail,omitempty"`   // figures and what to know, plain text
	Since    time.Time `json:"since,omitzero"`     // zero when not known
	Examples []string  `json:"examples,omitempty"` // some workflow ids
	Link     string    `json:"link,omitempty"`     // into the Temporal Web UI
	Runbook  string    `json:"runbook,omitempty"`  // what to do
	Pages    []Page    `json:"pages,omitempty"`    // where people decide about it
}

// Page is a page for people and what they find or do there.
type Page struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

// Source is where a finding was made, from its key.
func Source(key string) string {
	source, _, _ := strings.Cut(key, "/")
	return source
}

// Links makes the links of findings.
type Links struct {
	UI        string // root of the Temporal Web UI; no links into it when empty
	Namespace string
	Docs      string // page of the runbook, with an anchor for each kind of finding
}

// Workflows links to the list of processes that a query finds.
func (l Links) Workflows(query string) string {
	return l.ui("workflows?query=" + url.QueryEscape(query))
}

// Schedule links to a schedule.
func (l Links) Schedule(id string) string { return l.ui("schedules/" + url.PathEscape(id)) }

func (l Links) ui(path string) string {
	if l.UI == "" {
		return ""
	}
	return strings.TrimRight(l.UI, "/") + "/namespaces/" + url.PathEscape(l.Namespace) + "/" + path
}

// Runbook names the section of the runbook.
func (l Links) Runbook(anchor string) string { return l.Docs + "#" + url.PathEscape(anchor) }

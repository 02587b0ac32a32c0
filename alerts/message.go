package alerts

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"unicode"
)

// Channel carries messages to people.
type Channel interface {
	// Name is under which it is remembered what this channel told.
	Name() string
	// Describe tells people where it leads, without any secret.
	Describe() string
	// Send returns nil only when the message is on its way.
	Send(ctx context.Context, m Message) error
}

// Change says why a finding is told.
type Change string

// The changes.
const (
	New       Change = "new"
	Worse     Change = "worse"
	Still     Change = "still" // told before, and not over
	Recovered Change = "recovered"
)

// News is a finding and why it is told.
type News struct {
	Finding
	Change Change
}

// Message is all that is to be told at one time.
type Message struct {
	Store string
	News  []News
}

// Subject is the message in one line.
func (m Message) Subject() string {
	prefix := "[cart21 " + m.Store + "] "
	if len(m.News) == 1 {
		n := m.News[0]
		return oneLine(prefix + n.mark() + ": " + n.Title)
	}
	urgency, recovered := string(Warning), 0
	for _, n := range m.News {
		switch {
		case n.Change == Recovered:
			recovered++
		case n.Severity == Critical:
			urgency = string(Critical)
		}
	}
	switch wrong := len(m.News) - recovered; {
	case wrong == 0:
		return oneLine(fmt.Sprintf("%s%d recovered", prefix, recovered))
	case recovered == 0:
		return oneLine(fmt.Sprintf("%s%s: %d alerts", prefix, urgency, wrong))
	default:
		return oneLine(fmt.Sprintf("%s%s: %d alerts, %d recovered", prefix, urgency, wrong, recovered))
	}
}

// mark is the urgency of a finding, or that it is over.
func (n News) mark() string {
	if n.Change == Recovered {
		return string(Recovered)
	}
	return string(n.Severity)
}

// oneLine keeps a header to one line, whatever a title holds.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > 200 {
		s = string(runes[:199]) + "…"
	}
	return s
}

// markup is how a channel writes.
type markup struct {
	escape func(string) string
	bold   func(string) string // of escaped text
	link   func(url, text string) string
	marks  map[string]string // before a finding, by its mark
}

var plain = markup{
	escape: func(s string) string { return s },
	bold:   func(s string) string { return s },
	link:   func(url, text string) string { return text + ": " + url },
	marks:  map[string]string{string(Critical): "CRITICAL", string(Warning): "WARNING", string(Recovered): "RECOVERED"},
}

// mostTold bounds a message: whoever has more findings than that has one problem.
const mostTold = 25

// text writes the message out.
func (m Message) text(as markup) string {
	var b strings.Builder
	for i, n := range m.News {
		if i == mostTold {
			fmt.Fprintf(&b, "... and %d more\n", len(m.News)-mostTold)
			break
		}
		fmt.Fprintf(&b, "%s %s%s\n", as.marks[n.mark()], as.bold(as.escape(oneLine(n.Title))), n.Change.note())
		if n.Change != Recovered {
			n.write(&b, as)
		}
		b.WriteString("\n")
	}
	return strings.TrimSpace(b.String())
}

func (c Change) note() string {
	switch c {
	case Worse:
		return " (has become worse)"
	case Still:
		return " (still)"
	}
	return ""
}

func (f Finding) write(b *strings.Builder, as markup) {
	if f.Detail != "" {
		fmt.Fprintln(b, as.escape(f.Detail))
	}
	if len(f.Examples) > 0 {
		fmt.Fprintln(b, as.escape("for example "+strings.Join(f.Examples, ", ")))
	}
	for _, p := range slices.Concat(f.Pages, []Page{{"open in Temporal", f.Link}, {"what to do", f.Runbook}}) {
		switch {
		case strings.HasPrefix(p.URL, "http"):
			fmt.Fprintln(b, as.link(p.URL, p.Text))
		case p.URL != "":
			fmt.Fprintln(b, as.escape(p.Text+": "+p.URL))
		}
	}
}

// Log is the channel that is always there.
type Log struct{ Logger *slog.Logger }

// Name is "log".
func (l Log) Name() string { return "log" }

// Describe says where it leads.
func (l Log) Describe() string { return "the log of the workers" }

// Send writes a line for each finding.
func (l Log) Send(ctx context.Context, m Message) error {
	for _, n := range m.News {
		level := slog.LevelWarn
		if n.Change == Recovered {
			level = slog.LevelInfo
		}
		l.Logger.Log(ctx, level, "alert", "alert", n.Key, "change", string(n.Change), "severity", string(n.Severity),
			"title", n.Title, "detail", n.Detail, "runbook", n.Runbook)
	}
	return nil
}

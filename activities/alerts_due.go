package activities

import (
	"slices"
	"strings"
	"time"

	"github.com/cart21/cart21/alerts"
	"github.com/cart21/cart21/records"
)

// due is what has to be told to a channel, and what it then knows.
type due struct {
	news []alerts.News
	save []records.Alert
}

// due compares what is wrong now with what the channel knows.
func (r AlertRules) due(in Telling, known []records.Alert, now time.Time) due {
	var d due
	told := map[string]records.Alert{}
	for _, k := range known {
		told[k.Key] = k
	}
	for _, f := range in.Findings {
		if f.Key == channelSource+"/"+in.Channel {
			continue // a channel that fails cannot be told so
		}
		k, known := told[f.Key]
		delete(told, f.Key)
		change := r.change(f, k, known, now)
		switch {
		case change != "":
			since := now
			if known {
				since = k.Since
			}
			d.news = append(d.news, alerts.News{Finding: f, Change: change})
			d.save = append(d.save, records.Alert{Key: f.Key, Severity: string(f.Severity), Title: f.Title, Since: since, ToldAt: now})
		case !k.GoneAt.IsZero(): // back before it counted as over
			k.GoneAt = time.Time{}
			d.save = append(d.save, k)
		}
	}
	r.over(&d, told, in.Blind, now)
	slices.SortStableFunc(d.news, func(a, b alerts.News) int { return rank(a) - rank(b) })
	return d
}

// change says why a finding is told; "" when it is not.
func (r AlertRules) change(f alerts.Finding, k records.Alert, known bool, now time.Time) alerts.Change {
	switch {
	case !known:
		return alerts.New
	case f.Severity.WorseThan(alerts.Severity(k.Severity)):
		return alerts.Worse
	case now.Sub(k.ToldAt) >= r.Repeat:
		return alerts.Still
	}
	return ""
}

// over goes through what was told and is no longer found. It counts as over only
// after a while: what comes and goes would be told each time.
func (r AlertRules) over(d *due, told map[string]records.Alert, blind []string, now time.Time) {
	for _, k := range told {
		if slices.Contains(blind, alerts.Source(k.Key)) {
			continue
		}
		if k.GoneAt.IsZero() {
			k.GoneAt = now
			if r.RecoveredAfter > 0 {
				d.save = append(d.save, k)
				continue
			}
		}
		if now.Sub(k.GoneAt) >= r.RecoveredAfter {
			d.news = append(d.news, alerts.News{Change: alerts.Recovered, Finding: alerts.Finding{
				Key: k.Key, Severity: alerts.Severity(k.Severity), Title: k.Title, Since: k.Since,
			}})
		}
	}
	slices.SortFunc(d.news, func(a, b alerts.News) int { return strings.Compare(a.Key, b.Key) })
}

// rank puts the urgent first and what is over last.
func rank(n alerts.News) int {
	switch {
	case n.Change == alerts.Recovered:
		return 2
	case n.Severity == alerts.Critical:
		return 0
	}
	return 1
}

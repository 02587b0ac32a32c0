package main

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/cart21/cart21/workflows"
)

// perPage is how many processes a page lists.
const perPage = 25

type reasonCount struct {
	Reason string
	Count  int
}

type listView struct {
	frame
	Reasons  []reasonCount // fraud-review first, then most first
	Reason   string        // what is shown; all when empty
	Total    int           // of all reasons
	Shown    []waiting
	From, Of int // the first one shown, counted from 1; of how many
	Earlier  int // page, from 1; none when 0
	Later    int
	More     bool // there are more than can be listed
}

func (c *console) listPage(w http.ResponseWriter, r *http.Request, d desk) {
	all, err := d.Waiting(r.Context())
	if err != nil {
		c.broken(w, r, err)
		return
	}
	page, _ := strconv.Atoi(r.FormValue("page"))
	view := listed(all, r.FormValue("reason"), page)
	d.Explain(r.Context(), view.Shown)
	view.frame = c.frame(w, r, "Waiting for a person")
	c.render(w, http.StatusOK, "list", view)
}

// listed is a page of what waits for one reason, or for any.
func listed(all []waiting, reason string, page int) listView {
	v := listView{Reason: reason, Total: len(all), Reasons: countReasons(all), More: len(all) >= mostWaiting}
	chosen := slices.DeleteFunc(slices.Clone(all), func(w waiting) bool { return reason != "" && w.Reason != reason })
	v.Of = len(chosen)
	pages := max(1, (len(chosen)+perPage-1)/perPage)
	page = min(max(page, 1), pages)
	from := (page - 1) * perPage
	v.Shown = chosen[from:min(from+perPage, len(chosen))]
	v.From, v.Earlier = from+1, page-1
	if page < pages {
		v.Later = page + 1
	}
	return v
}

// To is the last one shown.
func (v listView) To() int { return v.From + len(v.Shown) - 1 }

func countReasons(all []waiting) []reasonCount {
	counts := map[string]int{}
	for _, w := range all {
		counts[w.Reason]++
	}
	var list []reasonCount
	for reason, count := range counts {
		list = append(list, reasonCount{reason, count})
	}
	slices.SortFunc(list, func(a, b reasonCount) int {
		switch {
		case (a.Reason == workflows.ReasonFraudReview) != (b.Reason == workflows.ReasonFraudReview):
			if a.Reason == workflows.ReasonFraudReview {
				return -1
			}
			return 1
		case a.Count != b.Count:
			return b.Count - a.Count
		}
		return strings.Compare(a.Reason, b.Reason)
	})
	return list
}

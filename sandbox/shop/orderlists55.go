package shop

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// listOrders55 knows the filters of 5.5.0.29; any other parameter is ignored.
func listOrders55(c *call55) (any, error) {
	date := c.window("date")
	renewed := func(int64) bool { return true }
	if c.shop.options.RenewDateFilter {
		renewed = c.window("lastRenewDate")
	}
	login := c.query.at("profile.login").text()
	var found []*order
	for o := range c.shop.books.Orders.all() {
		if date(o.Date) && renewed(o.Renewed) && c.hasCode(payment, o) && c.hasCode(shipping, o) && c.hasLogin(o, login) {
			found = append(found, o)
		}
	}
	c.sortOrders(found)
	return pageOf(c, found, func(o *order) any { return c.document(o) })
}

func (c *call55) hasLogin(o *order, login string) bool {
	if login == "" {
		return true
	}
	own := c.shop.books.Profiles.get(o.Profile)
	return own != nil && like(own.Login, login)
}

// hasCode is exact; paymentStatus.code[] asks for one of several.
func (c *call55) hasCode(axis string, o *order) bool {
	p := c.query.at(axis + "Status.code")
	return p == nil || slices.Contains(p.list(), c.shop.books.code(axis, o))
}

func (c *call55) sortOrders(found []*order) {
	by := c.query.at("order")
	if !by.isArray() {
		return
	}
	for _, key := range slices.Backward(by.keys) { // stable: the first key counts most
		compare := map[string]func(a, b *order) int{"date": orderFields["date"], "lastRenewDate": orderFields["lastRenewDate"]}[key]
		direction := strings.ToLower(by.at(key).text())
		if compare == nil || direction != "asc" && direction != "desc" {
			continue
		}
		slices.SortStableFunc(found, func(a, b *order) int {
			if direction == "desc" {
				return compare(b, a)
			}
			return compare(a, b)
		})
	}
}

// window reads field[after] and its siblings. A bound that PHP cannot parse is
// silently ignored, and then everything comes.
func (c *call55) window(field string) func(int64) bool {
	var tests []func(int64) bool
	bound := func(name string, test func(t, bound int64) bool) {
		if at, ok := c.parseDate(c.query.at(field).at(name).text()); ok {
			tests = append(tests, func(t int64) bool { return test(t, at) })
		}
	}
	bound("before", func(t, b int64) bool { return t <= b })
	bound("strictly_before", func(t, b int64) bool { return t < b })
	bound("after", func(t, b int64) bool { return t >= b })
	bound("strictly_after", func(t, b int64) bool { return t > b })
	return func(t int64) bool {
		return !slices.ContainsFunc(tests, func(test func(int64) bool) bool { return !test(t) })
	}
}

// parseDate knows the usual forms of what PHP's DateTime takes.
func (c *call55) parseDate(text string) (int64, bool) {
	if unix, isUnix := strings.CutPrefix(text, "@"); isUnix {
		n, err := strconv.ParseInt(unix, 10, 64)
		return n, err == nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05-0700", "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00",
		"2006-01-02 15:04:05-0700", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, c.shop.options.TimeZone); err == nil {
			return t.Unix(), true
		}
	}
	return 0, false
}

package shop

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

func listOrders(c *call54) ([]any, error) {
	found, err := c.findOrders()
	if err != nil {
		return nil, err
	}
	return render(found, func(o *order) any { return c.nativeOrder(o) }), nil
}

// findOrders knows the conditions of the order repository that were observed.
// Any other is ignored, so a misspelt filter returns everything.
func (c *call54) findOrders() ([]*order, error) {
	cnd := c.query.at("_cnd")
	var found []*order
	for o := range c.shop.books.Orders.all() {
		if c.matches(o, cnd) {
			found = append(found, o)
		}
	}
	if err := sortOrders(found, cnd.at("orderBy")); err != nil {
		return nil, err
	}
	return limited(c, found)
}

func (c *call54) matches(o *order, cnd *param) bool {
	own := c.shop.books.Profiles.get(o.Profile)
	login := ""
	if own != nil {
		login = own.Login
	}
	return c.matchesStatus(payment, o, cnd.at("paymentStatus")) && c.matchesStatus(shipping, o, cnd.at("shippingStatus")) &&
		matchesDate(o, cnd.at("date")) &&
		matchesText(cnd.at("email"), func(want string) bool { return like(login, want) }) &&
		matchesText(cnd.at("orderNumber"), func(want string) bool { return o.Number != nil && *o.Number == want }) &&
		matchesText(cnd.at("orderId"), func(want string) bool { return o.ID == mysqlID(want) }) &&
		matchesText(cnd.at("profileId"), func(want string) bool { return o.Original == mysqlID(want) }) &&
		matchesText(cnd.at("substring"), func(want string) bool { return like(o.number(), want) || like(login, want) || nameLike(own, want) }) &&
		matchesText(cnd.at("sku"), func(want string) bool {
			return slices.ContainsFunc(o.Items, func(i item) bool { return like(i.SKU, want) })
		})
}

func nameLike(p *profile, want string) bool {
	if p == nil {
		return false
	}
	first, last := p.name()
	return like(first+" "+last, want)
}

func matchesText(p *param, match func(string) bool) bool {
	return p == nil || p.isArray() || p.scalar == "" || match(p.scalar)
}

// matchesDate has both ends inclusive; the second may be missing.
func matchesDate(o *order, p *param) bool {
	if !p.isArray() {
		return true // dateRange's and other forms are ignored
	}
	for i, v := range p.list() {
		bound := int64(toInt(v))
		if i == 0 && v != "" && o.Date < bound || i == 1 && v != "" && o.Date > bound {
			return false
		}
	}
	return true
}

// matchesStatus takes a code, a row id, or a list of either. A code that
// nothing has matches nothing.
func (c *call54) matchesStatus(axis string, o *order, p *param) bool {
	if p == nil || !p.isArray() && p.scalar == "" {
		return true
	}
	current := c.shop.books.statusByID(axis, *o.axis(axis))
	return current != nil && slices.ContainsFunc(p.list(), func(want string) bool {
		return want == current.Code || want == fmt.Sprint(current.ID)
	})
}

var orderFields = map[string]func(a, b *order) int{
	"order_id":      func(a, b *order) int { return cmp.Compare(a.ID, b.ID) },
	"orderNumber":   func(a, b *order) int { return cmp.Compare(a.number(), b.number()) },
	"date":          func(a, b *order) int { return cmp.Compare(a.Date, b.Date) },
	"lastRenewDate": func(a, b *order) int { return cmp.Compare(a.Renewed, b.Renewed) },
	"total":         func(a, b *order) int { return a.Total.Cmp(b.Total) },
	"subtotal":      func(a, b *order) int { return a.Subtotal.Cmp(b.Subtotal) },
}

// sortOrders sorts by _cnd[orderBy][]=o.field and a direction.
func sortOrders(found []*order, by *param) error {
	compare, descending, err := sorting(by, "o", "Order", orderFields)
	if err != nil || compare == nil {
		return err
	}
	slices.SortStableFunc(found, func(a, b *order) int {
		if descending {
			return compare(b, a)
		}
		return compare(a, b)
	})
	return nil
}

func sorting[T any](by *param, alias, class string, fields map[string]func(a, b T) int) (compare func(a, b T) int, descending bool, err error) {
	words := by.list()
	if len(words) == 0 || words[0] == "" {
		return nil, false, nil
	}
	field, known := strings.CutPrefix(words[0], alias+".")
	compare = fields[field]
	if !known || compare == nil {
		return nil, false, badQuery{fmt.Sprintf(`[Semantical Error] line 0, col 261 near '%s': Error: Class XLite\Model\%s has no field or association named %s`,
			strings.Join(words, " "), class, field)}
	}
	return compare, len(words) > 1 && strings.EqualFold(words[1], "desc"), nil
}

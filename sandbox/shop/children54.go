package shop

import "slices"

// orderOf finds the order that a child row shall hang on, by id or by any other
// column given. One that does not exist is CREATED, blank: X-Cart makes a new
// entity of an association that it does not find (as observed). Without an
// association there is no order.
func (c *call54) orderOf(data row, field string) *order {
	given, ok := data[field].(map[string]any)
	if !ok {
		return nil
	}
	if id, byID := given["order_id"]; byID {
		if o := c.shop.books.Orders.get(toInt(id)); o != nil {
			return o
		}
	} else if n, byNumber := given["orderNumber"]; byNumber {
		if o := c.shop.books.orderByNumber(toText(n)); o != nil {
			return o
		}
	}
	o := c.blankOrder()
	c.setColumns(o, given)
	return o
}

func listTracking(c *call54) ([]any, error) {
	byOrder := c.query.at("_cnd").at("orderId")
	if byOrder != nil && byOrder.scalar != "" {
		o := c.shop.books.Orders.get(mysqlID(byOrder.scalar))
		if o == nil {
			return nil, nil
		}
		return limited(c, render(o.Tracking, nativeTracking))
	}
	all := slices.Clone(c.shop.books.OrphanTracking)
	for o := range c.shop.books.Orders.all() {
		all = append(all, o.Tracking...)
	}
	slices.SortFunc(all, func(a, b TrackingNumber) int { return a.ID - b.ID })
	return limited(c, render(all, nativeTracking))
}

// tracking finds a row and where it is.
func (c *call54) tracking(id int) (o *order, rows *[]TrackingNumber, at int) {
	is := func(t TrackingNumber) bool { return t.ID == id }
	for o := range c.shop.books.Orders.all() {
		if at := slices.IndexFunc(o.Tracking, is); at >= 0 {
			return o, &o.Tracking, at
		}
	}
	return nil, &c.shop.books.OrphanTracking, slices.IndexFunc(c.shop.books.OrphanTracking, is)
}

func (c *call54) trackingWithOrder(t TrackingNumber, o *order) row {
	out := nativeTracking(t).(row)
	out["order"] = nil
	if o != nil {
		out["order"] = c.nativeOrder(o)
	}
	return out
}

func getTracking(c *call54, id int) any {
	o, rows, at := c.tracking(id)
	if at < 0 {
		return nil
	}
	return c.trackingWithOrder((*rows)[at], o)
}

func bareTracking(c *call54, id int) any {
	if _, rows, at := c.tracking(id); at >= 0 {
		return nativeTracking((*rows)[at])
	}
	return nil
}

// postTracking keeps duplicates, and moves no lastRenewDate.
func postTracking(c *call54, data row) any {
	o := c.orderOf(data, "order")
	t := c.shop.newTracking(toText(data["value"]))
	if o == nil {
		c.shop.books.OrphanTracking = append(c.shop.books.OrphanTracking, t)
	} else {
		o.Tracking = append(o.Tracking, t)
	}
	return c.trackingWithOrder(t, o)
}

func putTracking(c *call54, id int, data row) any {
	o, rows, at := c.tracking(id)
	if at < 0 {
		return nil
	}
	if v, ok := data["value"]; ok {
		(*rows)[at].Value = toText(v)
	}
	return c.trackingWithOrder((*rows)[at], o)
}

func deleteTracking(c *call54, id int) bool {
	_, rows, at := c.tracking(id)
	if at < 0 {
		return false
	}
	*rows = slices.Delete(*rows, at, at+1)
	return true
}

func listDetails(c *call54) ([]any, error) {
	all := slices.Clone(c.shop.books.OrphanDetails)
	for o := range c.shop.books.Orders.all() {
		all = append(all, o.Details...)
	}
	slices.SortFunc(all, func(a, b Detail) int { return a.ID - b.ID })
	return limited(c, render(all, nativeDetail))
}

func (c *call54) detail(id int) (o *order, rows *[]Detail, at int) {
	is := func(d Detail) bool { return d.ID == id }
	for o := range c.shop.books.Orders.all() {
		if at := slices.IndexFunc(o.Details, is); at >= 0 {
			return o, &o.Details, at
		}
	}
	return nil, &c.shop.books.OrphanDetails, slices.IndexFunc(c.shop.books.OrphanDetails, is)
}

func (c *call54) detailWithOrder(d Detail, o *order) row {
	out := nativeDetail(d).(row)
	out["order"] = nil
	if o != nil {
		out["order"] = c.nativeOrder(o)
	}
	return out
}

func getDetail(c *call54, id int) any {
	o, rows, at := c.detail(id)
	if at < 0 {
		return nil
	}
	return c.detailWithOrder((*rows)[at], o)
}

func bareDetail(c *call54, id int) any {
	if _, rows, at := c.detail(id); at >= 0 {
		return nativeDetail((*rows)[at])
	}
	return nil
}

// postDetail never replaces: the same name twice is two rows.
func postDetail(c *call54, data row) any {
	o := c.orderOf(data, "order")
	d := c.newDetail(data)
	if o == nil {
		c.shop.books.OrphanDetails = append(c.shop.books.OrphanDetails, d)
	} else {
		o.Details = append(o.Details, d)
	}
	return c.detailWithOrder(d, o)
}

func putDetail(c *call54, id int, data row) any {
	o, rows, at := c.detail(id)
	if at < 0 {
		return nil
	}
	setDetail(&(*rows)[at], data)
	return c.detailWithOrder((*rows)[at], o)
}

func setDetail(d *Detail, data row) {
	var changed bool
	setText(data, "name", &d.Name, &changed)
	setText(data, "label", &d.Label, &changed)
	setText(data, "value", &d.Value, &changed)
}

func deleteDetail(c *call54, id int) bool {
	_, rows, at := c.detail(id)
	if at < 0 {
		return false
	}
	*rows = slices.Delete(*rows, at, at+1)
	return true
}

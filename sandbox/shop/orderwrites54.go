package shop

import (
	"maps"
	"slices"

	"github.com/shopspring/decimal"
)

// putOrder writes what it understands and ignores the rest with 200. Its answer
// is the entity in memory, which is no proof of what was stored.
func putOrder(c *call54, id int, data row) any {
	o := c.shop.books.Orders.get(id)
	if o == nil {
		return nil
	}
	if c.setColumns(o, data) {
		c.shop.renew(o)
	}
	unstored := row{}
	for axis, field := range map[string]string{payment: "paymentStatus", shipping: "shippingStatus"} {
		if wanted, ok := data[field].(map[string]any); ok { // a scalar is ignored
			if shown := c.putStatus(o, axis, wanted); shown != nil {
				unstored[field] = shown
			}
		}
	}
	c.addChildren(o, data)
	out := c.fullOrder(o)
	maps.Copy(out, unstored)
	return out
}

// putStatus is an association's update: the row that the data identifies, else
// the present row itself is written to. So an unknown code renames the order's
// status for the whole shop, and an unknown id shows in the answer alone.
func (c *call54) putStatus(o *order, axis string, wanted row) (shown any) {
	b := c.shop.books
	code, hasCode := wanted["code"]
	id, hasID := wanted["id"]
	var found *status
	if hasID {
		found = b.statusByID(axis, toInt(id))
	} else if hasCode {
		found = b.statusByCode(axis, toText(code))
	}
	current := b.statusByID(axis, *o.axis(axis))
	switch {
	case found != nil:
		if hasCode {
			found.Code = cut(toText(code), 4)
		}
		c.shop.setStatus(o, axis, found, c.by)
	case current == nil && hasCode:
		c.shop.setStatus(o, axis, b.newStatus(axis, cut(toText(code), 4)), c.by)
	case current != nil:
		if hasCode {
			current.Code = cut(toText(code), 4)
		}
		if hasID {
			return row{"id": toInt(id), "code": current.Code, "position": current.Position}
		}
	}
	return nil
}

func (b *books) newStatus(axis, code string) *status {
	rows := &b.PaymentStatuses
	if axis == shipping {
		rows = &b.ShippingStatuses
	}
	s := &status{ID: len(*rows) + 1, Code: code}
	*rows = append(*rows, s)
	return s
}

// setColumns writes the order's own columns; true when one changed, which is
// what moves lastRenewDate.
func (c *call54) setColumns(o *order, data row) bool {
	changed := false
	text := func(field string, column *string) { setText(data, field, column, &changed) }
	text("adminNotes", &o.AdminNotes)
	text("notes", &o.Notes)
	text("shipping_method_name", &o.ShippingMethod)
	text("payment_method_name", &o.PaymentMethod)
	text("stockStatus", &o.StockStatus)
	text("tracking", &o.TrackingField)
	money := func(field string, column *decimal.Decimal) {
		if v, ok := data[field]; ok {
			if d := toDecimal(v); !d.Equal(*column) {
				*column, changed = d, true
			}
		}
	}
	money("total", &o.Total)
	money("subtotal", &o.Subtotal)
	if v, ok := data["orderNumber"]; ok && (o.Number == nil || *o.Number != toText(v)) {
		n := toText(v) // nothing keeps numbers unique
		o.Number, changed = &n, true
	}
	if v, ok := data["date"]; ok && o.Date != int64(toInt(v)) {
		o.Date, changed = int64(toInt(v)), true
	}
	if v, ok := data["recent"]; ok && o.Recent != toBool(v) {
		o.Recent, changed = toBool(v), true
	}
	return changed
}

func setText(data row, field string, column *string, changed *bool) {
	if v, ok := data[field]; ok && toText(v) != *column {
		*column, *changed = toText(v), true
	}
}

// addChildren appends nested rows: lists never replace what is there, and none
// of this moves lastRenewDate.
func (c *call54) addChildren(o *order, data row) {
	for _, d := range documents(data["details"]) {
		if old := slices.IndexFunc(o.Details, func(x Detail) bool { return x.ID == toInt(d["detail_id"]) }); old >= 0 {
			setDetail(&o.Details[old], d)
			continue
		}
		o.Details = append(o.Details, c.newDetail(d))
	}
	for _, d := range documents(data["trackingNumbers"]) {
		if old := slices.IndexFunc(o.Tracking, func(x TrackingNumber) bool { return x.ID == toInt(d["tracking_id"]) }); old >= 0 {
			if v, ok := d["value"]; ok {
				o.Tracking[old].Value = toText(v)
			}
			continue
		}
		o.Tracking = append(o.Tracking, c.shop.newTracking(toText(d["value"])))
	}
	for _, d := range documents(data["surcharges"]) {
		o.Surcharges = append(o.Surcharges, c.newSurcharge(d))
	}
	for _, d := range documents(data["items"]) {
		o.Items = append(o.Items, c.newItem(d))
	}
}

func documents(list any) []row {
	var out []row
	elements, _ := list.([]any)
	for _, e := range elements {
		if d, ok := e.(map[string]any); ok {
			out = append(out, d)
		}
	}
	return out
}

// postOrder creates an order as it is told: nothing computes totals and nothing
// takes stock.
func postOrder(c *call54, data row) any {
	o := c.blankOrder()
	c.setColumns(o, data)
	if d, ok := data["currency"].(map[string]any); ok {
		o.Currency = toText(d["code"])
	}
	for field, column := range map[string]*int{"profile": &o.Profile, "orig_profile": &o.Original} {
		if d, ok := data[field].(map[string]any); ok && c.shop.books.Profiles.get(toInt(d["profile_id"])) != nil {
			*column = toInt(d["profile_id"])
		}
	}
	for axis, field := range map[string]string{payment: "paymentStatus", shipping: "shippingStatus"} {
		d, _ := data[field].(map[string]any)
		if d == nil {
			continue
		}
		if s := c.shop.books.statusByCode(axis, toText(d["code"])); s != nil {
			*o.axis(axis) = s.ID
		} else if s := c.shop.books.statusByID(axis, toInt(d["id"])); s != nil {
			*o.axis(axis) = s.ID
		} else if d["code"] != nil {
			*o.axis(axis) = c.shop.books.newStatus(axis, cut(toText(d["code"]), 4)).ID
		}
	}
	c.addChildren(o, data)
	return c.fullOrder(o)
}

// blankOrder is a new row with neither number, statuses, currency nor profile.
func (c *call54) blankOrder() *order {
	now := c.shop.unix()
	o := c.shop.books.Orders.insert(func(id int) *order { return &order{ID: id, Date: now, Renewed: now, Recent: true} })
	c.shop.emit(OrderPlaced, o)
	return o
}

// clearOrders is DELETE without an id: every order goes.
func clearOrders(c *call54) {
	for o := range c.shop.books.Orders.all() {
		c.shop.books.removeCopy(o)
	}
	c.shop.books.Orders.clear()
}

func (c *call54) newDetail(d row) Detail {
	return Detail{ID: c.shop.books.next("detail"), Name: toText(d["name"]), Label: toText(d["label"]), Value: toText(d["value"])}
}

func (c *call54) newSurcharge(d row) surcharge {
	return surcharge{ID: c.shop.books.next("surcharge"), Type: cut(toText(d["type"]), 8), Code: toText(d["code"]), Class: toText(d["class"]),
		Name: toText(d["name"]), Include: toBool(d["include"]), Available: toBool(d["available"]), Value: toDecimal(d["value"])}
}

// newItem is an item of a posted order. Its name becomes the product's.
func (c *call54) newItem(d row) item {
	i := item{ID: c.shop.books.next("item"), SKU: toText(d["sku"]), Name: toText(d["name"]), Price: toDecimal(d["price"]), Net: toDecimal(d["itemNetPrice"]),
		Discounted: toDecimal(d["discountedSubtotal"]), Subtotal: toDecimal(d["subtotal"]), Total: toDecimal(d["total"]), Amount: toInt(d["amount"])}
	if object, ok := d["object"].(map[string]any); ok {
		if p := c.shop.books.Products.get(toInt(object["product_id"])); p != nil {
			i.Product = p.ID
			if p.Name != nil {
				i.Name = *p.Name
			}
		}
	}
	return i
}

func postSurcharge(c *call54, data row) any {
	o := c.orderOf(data, "owner")
	s := c.newSurcharge(data)
	out := nativeSurcharge(s).(row)
	out["owner"] = nil
	if o != nil {
		o.Surcharges = append(o.Surcharges, s)
		out["owner"] = c.nativeOrder(o)
	}
	return out
}

func postCoupon(c *call54, data row) any {
	o := c.orderOf(data, "order")
	u := coupon{ID: c.shop.books.next("coupon"), Code: toText(data["code"]), Value: toDecimal(data["value"]), Type: toText(data["type"])}
	out := nativeCoupon(u).(row)
	out["coupon"], out["order"] = nil, nil
	if o != nil {
		o.Coupons = append(o.Coupons, u)
		out["order"] = c.nativeOrder(o)
	}
	return out
}

package shop

import (
	"strings"
	"time"
)

func (c *call55) order() (*order, error) {
	o := c.shop.books.Orders.get(c.vars["id"])
	if o == nil {
		return nil, notFound
	}
	return o, nil
}

func getOrder55(c *call55) (any, error) {
	o, err := c.order()
	if err != nil {
		return nil, err
	}
	return c.document(o), nil
}

func orderByNumber55(c *call55) (any, error) {
	o := c.shop.books.orderByNumber(c.number)
	if o == nil {
		return nil, notFound
	}
	return c.document(o), nil
}

// date55 is PHP's DateTime::ISO8601: the offset has no colon.
func (c *call55) date55(unix int64) string {
	return time.Unix(unix, 0).In(c.shop.options.TimeZone).Format("2006-01-02T15:04:05-0700")
}

// atom is the form with a colon that profiles and products use.
func (c *call55) atom(unix int64) string {
	return time.Unix(unix, 0).In(c.shop.options.TimeZone).Format("2006-01-02T15:04:05-07:00")
}

// document is the order as the output DTO has it. customer_id is null for guests.
func (c *call55) document(o *order) row {
	b := c.shop.books
	own := b.Profiles.get(o.Profile)
	out := row{
		"id": o.ID, "order_number": orNull(o.Number), "total": number{o.Total}, "sub_total": number{o.Subtotal}, "email": "",
		"items":           render(o.Items, func(i item) any { return c.item55(o, i) }),
		"billing_address": c.address55(own.address(isBilling)), "shipping_address": c.address55(own.address(isShipping)),
		"create_date": c.date55(o.Date), "update_date": c.date55(o.Renewed),
		"payment_status":  status55(b.statusByID(payment, o.Payment)),
		"shipping_status": status55(b.statusByID(shipping, o.Shipping)),
		"customer_id":     nil, "order_profile_id": nil, "shipping_id": nil, "shipping_method_name": o.ShippingMethod,
		"notes": o.Notes, "admin_notes": o.AdminNotes, "currency": o.Currency, "stock_status": o.StockStatus,
		"surcharges":       render(o.Surcharges, surcharge55),
		"tracking_numbers": render(o.Tracking, c.tracking55),
		"used_coupons":     render(o.Coupons, func(u coupon) any { return row{"id": u.ID, "code": u.Code, "value": number{u.Value}, "type": u.Type} }),
	}
	if own != nil {
		out["email"], out["order_profile_id"] = own.Login, own.ID
	}
	if original := b.Profiles.get(o.Original); original != nil {
		out["customer_id"] = original.ID
	}
	if o.ShippingMethodID != 0 {
		out["shipping_id"] = o.ShippingMethodID
	}
	return out
}

// item55 has product 0 when its product was deleted.
func (c *call55) item55(o *order, i item) row {
	return row{"id": i.ID, "product_id": i.Product, "sku": i.SKU, "update_date": c.date55(o.Date), "name": i.Name, "price": number{i.Price},
		"item_net_price": number{i.Net}, "discounted_subtotal": number{i.Discounted}, "amount": i.Amount, "backordered_amount": 0, "surcharges": []any{}}
}

func surcharge55(s surcharge) any {
	class := strings.TrimPrefix(strings.TrimPrefix(s.Class, `\`), `XLite\Module\`)
	return row{"id": s.ID, "type": s.Type, "code": s.Code, "class": class, "include": s.Include, "available": s.Available, "value": number{s.Value},
		"name": s.Name, "weight": 0}
}

func (c *call55) tracking55(t TrackingNumber) any {
	return row{"id": t.ID, "date": c.date55(t.Time.Unix()), "value": t.Value}
}

// address55 shows the state's row id, not its code; company and the second line
// are the merchant's own fields.
func (c *call55) address55(a *address) any {
	if a == nil {
		return nil
	}
	out := row{"id": a.ID, "is_billing": a.Billing, "is_shipping": a.Shipping, "is_work": a.Work, "type": a.Type, "title": "", "firstname": "",
		"lastname": "", "phone": "", "street": "", "zipcode": "", "city": "", "country_code": a.Country, "state": nil, "state_name": a.stateName()}
	if a.State != 0 {
		out["state"] = a.State
	}
	custom := row{}
	for _, f := range a.Fields {
		switch _, standard := out[f.Name]; {
		case standard:
			out[f.Name] = f.Value
		case f.Name != "custom_state":
			custom[f.Name] = f.Value
		}
	}
	out["custom_fields"] = custom
	return out
}

func listDetails55(c *call55) (any, error) {
	o, err := c.order()
	if err != nil {
		return nil, err
	}
	return all(o.Details, func(d Detail) any { return row{"id": d.ID, "name": d.Name, "value": d.Value} })
}

// listHistory55 fills comment with the code, a bug of 5.5.0.29.
func listHistory55(c *call55) (any, error) {
	o, err := c.order()
	if err != nil {
		return nil, err
	}
	return all(o.Events, func(e historyEvent) any {
		native := nativeEvent(o, e).(row)
		var name any
		if e.Author != "" {
			name = e.Author
		}
		return row{"id": e.ID, "date": c.date55(e.Date), "code": e.Code, "description": e.Description, "data": native["data"], "comment": e.Code,
			"profile_id": nil, "profile_name": name, "ip": e.IP, "details": []any{}}
	})
}

// listTransactions55 fills status with the method's name, a bug of 5.5.0.29:
// only the backend transactions tell the status.
func listTransactions55(c *call55) (any, error) {
	o, err := c.order()
	if err != nil {
		return nil, err
	}
	return all(o.Transactions, func(t transaction) any {
		backend := row{"id": t.ID, "type": t.Type, "date": c.date55(t.Date), "status": t.Status, "value": number{t.Value}, "data": []any{}}
		return row{"id": t.ID, "public_id": t.PublicID, "public_txn_id": t.PublicID, "method_id": 1, "type": t.Type, "date": c.date55(t.Date),
			"status": t.LocalName, "name": t.Method, "local_name": t.LocalName, "currency": o.Currency, "value": number{t.Value}, "note": t.Note,
			"data": []any{}, "backend_transactions": []any{backend}}
	})
}

func listTracking55(c *call55) (any, error) {
	o, err := c.order()
	if err != nil {
		return nil, err
	}
	return all(o.Tracking, c.tracking55)
}

func getTracking55(c *call55) (any, error) {
	o, err := c.order()
	if err != nil {
		return nil, err
	}
	for _, t := range o.Tracking {
		if t.ID == c.vars["tracking_id"] {
			return c.tracking55(t), nil
		}
	}
	return nil, notFound
}

// postTracking55 is the addon's: the same number again is the row that is there.
func postTracking55(c *call55) (any, error) {
	o := c.shop.books.Orders.get(c.vars["id"])
	if o == nil {
		return nil, badRequest("Order with id %d not found", c.vars["id"])
	}
	value, isText := c.body["value"].(string)
	switch {
	case !isText || value == "":
		return nil, invalid("value", "This value should not be blank.")
	case len(value) > 255:
		return nil, invalid("value", "This value is too long. It should have 255 characters or less.")
	}
	for _, t := range o.Tracking {
		if t.Value == value {
			return c.tracking55(t), nil
		}
	}
	t := c.shop.newTracking(value)
	o.Tracking = append(o.Tracking, t)
	c.shop.record(o, historyEvent{Code: "CHANGE TRACKING INFO", Description: "Tracking info updated", HasOrder: true}, c.by)
	c.shop.renew(o)
	return c.tracking55(t), nil
}

func deleteTracking55(c *call55) (any, error) {
	o, err := c.order()
	if err != nil {
		return nil, err
	}
	for i, t := range o.Tracking {
		if t.ID == c.vars["tracking_id"] {
			o.Tracking = append(o.Tracking[:i:i], o.Tracking[i+1:]...)
			c.shop.renew(o)
			return nil, nil
		}
	}
	return nil, notFound
}

package shop

import "strconv"

func complexOrder(c *call54, id int) (any, error) {
	o := c.shop.books.Orders.get(id)
	if o == nil {
		return nil, nil
	}
	if o.blank() {
		return nil, fatal{}
	}
	return c.complexOrder(o), nil
}

// listComplexOrders dies when one order of the reply is blank: one broken order
// breaks the whole list (as observed on 5.4.1.23).
func listComplexOrders(c *call54) ([]any, error) {
	found, err := c.findOrders()
	if err != nil {
		return nil, err
	}
	out := make([]any, 0, len(found))
	for _, o := range found {
		if o.blank() {
			return nil, fatal{}
		}
		out = append(out, c.complexOrder(o))
	}
	return out, nil
}

// complexOrder computes in PHP's floats, noise included. Its subtotal is not
// the goods but total less freight.
func (c *call54) complexOrder(o *order) row {
	b := c.shop.books
	own := b.Profiles.get(o.Profile)
	freight := phpFloat(o.sum("shipping"))
	tracking := ""
	if len(o.Tracking) > 0 {
		tracking = o.Tracking[0].Value // the first only
	}
	codes := []any{}
	for _, u := range o.Coupons {
		codes = append(codes, u.Code)
	}
	return row{
		"orderId": o.ID, "orderNumber": orNull(o.Number), "subtotal": phpFloat(o.Total) - freight, "total": number{o.Total},
		"shippingCost": freight, "paymentFee": 0, "taxAmount": phpFloat(o.sum("tax")), "discountValue": phpFloat(o.sum("discount")),
		"otherSurcharges": otherSurcharges(o), "currency": o.Currency,
		"items":     render(o.Items, func(i item) any { return c.complexItem(i) }),
		"orderDate": c.isoTime(o.Date), "updateDate": c.isoTime(o.Renewed), "trackingNumber": tracking,
		"customerNotes": o.Notes, "adminNotes": o.AdminNotes, "coupon": codes,
		"customerInfo":  c.customerInfo(b.customer(o)),
		"billingInfo":   c.complexAddress(own.address(isBilling)),
		"shippingInfo":  c.complexAddress(own.address(isShipping)),
		"paymentMethod": o.PaymentMethod, "paymentStatus": b.code(payment, o),
		"shippingMethod": o.ShippingMethod, "shippingStatus": b.code(shipping, o),
		"transactions": render(o.Transactions, complexTransaction),
		"details":      render(o.Details, complexDetail),
	}
}

// otherSurcharges are those that have no field of their own: [] when there are
// none, a map by code otherwise.
func otherSurcharges(o *order) any {
	out := row{}
	for _, s := range o.Surcharges {
		if s.Type != "shipping" && s.Type != "tax" && s.Type != "discount" && !s.Include && s.Available {
			out[s.Code] = row{"name": s.Name, "value": number{s.Value}}
		}
	}
	return orEmptyList(out)
}

// complexItem shows the list price, whatever was charged. What a deleted
// product would tell is null or empty.
func (c *call54) complexItem(i item) row {
	out := row{"sku": i.SKU, "productId": nil, "name": i.Name, "description": "", "shortDescription": "", "attributes": []any{},
		"price": number{i.Price}, "weight": 0, "quantity": i.Amount, "subtotal": number{i.Subtotal}, "total": number{i.Total},
		"releaseDate": nil, "URL": nil, "enabled": true, "freeShipping": false}
	if p := c.shop.books.Products.get(i.Product); p != nil {
		out["productId"], out["description"], out["shortDescription"] = p.ID, p.Description, p.Brief
		out["weight"], out["releaseDate"], out["URL"] = number{p.Weight}, c.isoTime(p.Arrival), c.productURL(p.ID)
		out["enabled"], out["freeShipping"] = p.Enabled, p.FreeShipping
	}
	return out
}

// productURL is escaped for HTML, the only field that is.
func (c *call54) productURL(id int) string {
	return c.host + "/cart.php?target=product&amp;product_id=" + strconv.Itoa(id)
}

func (c *call54) customerInfo(p *profile) any {
	if p == nil {
		return nil
	}
	first, last := p.name()
	return row{"profileId": p.ID, "isAnonymous": p.Anonymous, "login": p.Login, "email": p.Login, "status": p.status(), "isAdmin": p.AccessLevel > 0,
		"addedDate": c.isoTime(p.Added), "membership": c.shop.books.membershipName(p), "firstname": first, "lastname": last}
}

// complexAddress has a key for every value that is stored, and none for others.
func (c *call54) complexAddress(a *address) any {
	if a == nil {
		return nil
	}
	out := row{"state": a.stateCode(), "isDefaultShippingAddress": a.Shipping, "isDefaultBillingAddress": a.Billing}
	if a.Country != "" {
		out["country"] = a.Country
	}
	for _, f := range a.Fields {
		switch f.Name {
		case "street":
			out["address"] = f.Value
		case "custom_state":
		default:
			out[f.Name] = f.Value
		}
	}
	return out
}

func complexTransaction(t transaction) any {
	return row{"id": t.PublicID, "type": t.Type, "value": number{t.Value}, "status": t.Status, "human_status": humanStatus(t.Status),
		"method": t.Method, "note": t.Note}
}

// complexDetail calls the detail's id its code, and does not show its name.
func complexDetail(d Detail) any {
	return row{"code": d.ID, "label": d.Label, "value": d.Value}
}

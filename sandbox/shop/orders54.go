package shop

import "time"

// nativeOrder is a bare row, which is what lists and associations show: no
// items, no statuses.
func (c *call54) nativeOrder(o *order) row {
	return row{
		"mailchimpStoreId": "", "demo": false, "xpaymentsFraudStatus": "", "xpaymentsFraudType": "", "xpaymentsFraudCheckTransactionId": 0,
		"buyWithApplePay": false, "order_id": o.ID, "shipping_id": o.ShippingMethodID, "shipping_method_name": o.ShippingMethod,
		"payment_method_name": o.PaymentMethod, "tracking": o.TrackingField, "date": o.Date, "lastRenewDate": o.Renewed, "notes": o.Notes,
		"adminNotes": o.AdminNotes, "orderNumber": orNull(o.Number), "recent": o.Recent, "stockStatus": o.StockStatus, "xcPendingExport": false,
		"total": number{o.Total}, "subtotal": number{o.Subtotal},
	}
}

func bareOrder(c *call54, id int) any {
	if o := c.shop.books.Orders.get(id); o != nil {
		return c.nativeOrder(o)
	}
	return nil
}

func getOrder(c *call54, id int) any {
	o := c.shop.books.Orders.get(id)
	if o == nil {
		return nil
	}
	return c.fullOrder(o)
}

// fullOrder is a single order with one level of associations. Its items know
// no product id.
func (c *call54) fullOrder(o *order) row {
	b := c.shop.books
	out := c.nativeOrder(o)
	out["profile"] = c.profileOrNull(o.Profile)
	out["orig_profile"] = c.profileOrNull(o.Original)
	out["paymentStatus"] = nativeStatus(b.statusByID(payment, o.Payment))
	out["shippingStatus"] = nativeStatus(b.statusByID(shipping, o.Shipping))
	out["details"] = render(o.Details, nativeDetail)
	out["trackingNumbers"] = render(o.Tracking, nativeTracking)
	out["events"] = render(o.Events, func(e historyEvent) any { return nativeEvent(o, e) })
	out["items"] = render(o.Items, nativeItem)
	out["surcharges"] = render(o.Surcharges, nativeSurcharge)
	out["payment_transactions"] = render(o.Transactions, nativeTransaction)
	out["usedCoupons"] = render(o.Coupons, nativeCoupon)
	out["currency"] = nativeCurrency(o.Currency)
	for _, addon := range []string{"uspsShipment", "capostParcels", "capostReturns", "backorderCompetitors"} {
		out[addon] = []any{}
	}
	for _, addon := range []string{"capostOffice", "not_finished_order", "reviewKey"} {
		out[addon] = nil
	}
	return out
}

func (c *call54) profileOrNull(id int) any {
	if p := c.shop.books.Profiles.get(id); p != nil {
		return c.nativeProfile(p)
	}
	return nil
}

func nativeDetail(d Detail) any {
	return row{"detail_id": d.ID, "name": d.Name, "label": d.Label, "value": d.Value}
}

func nativeTracking(t TrackingNumber) any {
	return row{"tracking_id": t.ID, "value": t.Value, "creationDate": t.Time.Unix()}
}

func nativeItem(i item) any {
	return row{"categoryAdded": "", "xpaymentsEmulated": false, "xpaymentsUniqueId": "", "item_id": i.ID, "name": i.Name, "sku": i.SKU,
		"price": number{i.Price}, "itemNetPrice": number{i.Net}, "discountedSubtotal": number{i.Discounted}, "amount": i.Amount,
		"backorderedAmount": 0, "total": number{i.Total}, "subtotal": number{i.Subtotal}}
}

func nativeSurcharge(s surcharge) any {
	return row{"id": s.ID, "type": s.Type, "code": s.Code, "class": s.Class, "include": s.Include, "available": s.Available,
		"value": number{s.Value}, "name": s.Name, "weight": 0}
}

func nativeTransaction(t transaction) any {
	return row{"transaction_id": t.ID, "date": t.Date, "publicTxnId": t.PublicID, "method_name": t.Method, "method_local_name": t.LocalName,
		"status": t.Status, "value": number{t.Value}, "note": t.Note, "type": t.Type, "public_id": t.PublicID}
}

func nativeCoupon(u coupon) any {
	return row{"id": u.ID, "code": u.Code, "value": number{u.Value}, "type": u.Type}
}

// nativeEvent is a line of the history. Status changes carry the translated
// names, not the codes.
func nativeEvent(o *order, e historyEvent) any {
	var data any
	if e.HasOrder {
		d := row{"orderId": o.ID}
		if e.New != "" {
			d["newStatus"], d["oldStatus"] = e.New, e.Old
		}
		data = d
	}
	if e.Grouped {
		data = []any{}
	}
	var name any
	if e.Author != "" {
		name = e.Author
	}
	return row{"event_id": e.ID, "date": e.Date, "code": e.Code, "description": e.Description, "data": data, "comment": e.Comment,
		"authorName": name, "authorIp": e.IP}
}

func nativeCurrency(code string) any {
	numbers := map[string]int{"USD": 840, "CAD": 124, "EUR": 978, "GBP": 826, "AUD": 36, "JPY": 392}
	symbols := map[string]string{"EUR": "€", "GBP": "£", "JPY": "¥"}
	if code == "" {
		return nil
	}
	symbol := symbols[code]
	if symbol == "" {
		symbol = "$"
	}
	decimals := 2
	if code == "JPY" {
		decimals = 0
	}
	return row{"currency_id": numbers[code], "code": code, "symbol": symbol, "prefix": symbol, "suffix": "", "e": decimals,
		"decimalDelimiter": ".", "thousandDelimiter": "", "roundUp": "N"}
}

func listEvents(c *call54) ([]any, error) {
	var out []any
	for o := range c.shop.books.Orders.all() {
		for _, e := range o.Events {
			out = append(out, nativeEvent(o, e))
		}
	}
	return limited(c, out)
}

func listTransactions(c *call54) ([]any, error) {
	var out []any
	for o := range c.shop.books.Orders.all() {
		out = append(out, render(o.Transactions, nativeTransaction)...)
	}
	return limited(c, out)
}

func getItem(c *call54, id int) any {
	for o := range c.shop.books.Orders.all() {
		for _, i := range o.Items {
			if i.ID != id {
				continue
			}
			out := nativeItem(i).(row)
			out["order"] = c.nativeOrder(o)
			out["object"], out["xpaymentsSubscription"] = nil, nil
			for _, field := range []string{"capostParcelItems", "capostReturnItems", "surcharges", "attributeValues"} {
				out[field] = []any{}
			}
			if p := c.shop.books.Products.get(i.Product); p != nil {
				out["object"] = nativeProduct(p)
			}
			return out
		}
	}
	return nil
}

// isoTime is a date of the complex schema, with a colon in the offset.
func (c *call54) isoTime(unix int64) string {
	return time.Unix(unix, 0).In(c.shop.options.TimeZone).Format("2006-01-02T15:04:05-07:00")
}

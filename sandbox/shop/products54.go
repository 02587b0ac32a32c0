package shop

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"
)

func nativeProduct(p *product) row {
	return row{
		"useCustomOG": false, "participateSale": false, "discountType": "sale_price", "salePriceValue": 0, "csLastUpdate": 0,
		"xcPendingBulkEdit": false, "facebookMarketingEnabled": true, "freeShip": false, "shipForFree": false, "freightFixedFee": 0,
		"useAsSegmentCondition": false, "demo": false, "product_id": p.ID, "price": number{p.Price}, "sku": orNull(p.SKU), "enabled": p.Enabled,
		"weight": number{p.Weight}, "useSeparateBox": false, "boxWidth": 0, "boxLength": 0, "boxHeight": 0, "itemsPerBox": 1,
		"free_shipping": p.FreeShipping, "taxable": p.Taxable, "arrivalDate": p.Arrival, "date": p.Date, "updateDate": p.Updated, "needProcess": false,
		"inventoryEnabled": !p.Untracked, "amount": p.Amount, "lowLimitEnabledCustomer": true, "lowLimitEnabled": false, "lowLimitAmount": 10,
		"attrSepTab": true, "metaDescType": "A", "sales": p.Sales, "xcPendingExport": false, "entityVersion": p.Version,
	}
}

func bareProduct(c *call54, id int) any {
	if p := c.shop.books.Products.get(id); p != nil {
		return nativeProduct(p)
	}
	return nil
}

func getProduct(c *call54, id int) any {
	if p := c.shop.books.Products.get(id); p != nil {
		return c.fullProduct(p)
	}
	return nil
}

func (c *call54) fullProduct(p *product) row {
	out := nativeProduct(p)
	for _, field := range []string{"couponProducts", "featuredProducts", "views_stats", "purchase_stats", "saleDiscountProducts", "tabs", "reviews",
		"upsellingProducts", "upsellingParentProducts", "images", "attributes", "attributeValueC", "attributeValueT", "attributeValueS",
		"attributeValueH", "memberships", "cleanURLs", "translations", "order_items"} {
		out[field] = []any{}
	}
	for _, field := range []string{"xpaymentsSubscriptionPlan", "productClass", "taxClass"} {
		out[field] = nil
	}
	out["quickData"] = []any{row{"id": 2 * p.ID, "price": number{p.Price}}}
	out["categoryProducts"] = render(p.Categories, func(l categoryLink) any {
		return row{"id": l.ID, "orderby": 0, "orderbyInProduct": 0}
	})
	if p.Name != nil {
		out["translations"] = []any{row{"ogMeta": "", "name": *p.Name, "description": p.Description, "briefDescription": p.Brief, "metaTags": "",
			"metaDesc": "", "metaTitle": "", "label_id": p.ID, "code": "en"}}
	}
	return out
}

func listProducts(c *call54) ([]any, error) {
	found, err := c.findProducts()
	return render(found, func(p *product) any { return nativeProduct(p) }), err
}

func listComplexProducts(c *call54) ([]any, error) {
	found, err := c.findProducts()
	return render(found, func(p *product) any { return c.complexProduct(p) }), err
}

// findProducts: a SKU condition is LIKE %x% under either spelling, so it finds
// more than what is asked for.
func (c *call54) findProducts() ([]*product, error) {
	cnd := c.query.at("_cnd")
	var found []*product
	for p := range c.shop.books.Products.all() {
		sku := ""
		if p.SKU != nil {
			sku = *p.SKU
		}
		bySKU := func(want string) bool { return like(sku, want) }
		if matchesText(cnd.at("sku"), bySKU) && matchesText(cnd.at("SKU"), bySKU) &&
			matchesText(cnd.at("substring"), func(want string) bool { return like(sku, want) || p.Name != nil && like(*p.Name, want) }) &&
			matchesText(cnd.at("enabled"), func(want string) bool { return p.Enabled == (want != "0") }) &&
			matchesText(cnd.at("inventory"), func(want string) bool { return want != "out" || !p.Untracked && p.Amount <= 0 }) {
			found = append(found, p)
		}
	}
	compare, descending, err := sorting(cnd.at("orderBy"), "p", "Product", productFields)
	if err != nil {
		return nil, err
	}
	if compare != nil {
		slices.SortStableFunc(found, func(a, b *product) int {
			if descending {
				return compare(b, a)
			}
			return compare(a, b)
		})
	}
	return limited(c, found)
}

var productFields = map[string]func(a, b *product) int{
	"product_id": func(a, b *product) int { return cmp.Compare(a.ID, b.ID) },
	"price":      func(a, b *product) int { return a.Price.Cmp(b.Price) },
	"amount":     func(a, b *product) int { return cmp.Compare(a.Amount, b.Amount) },
	"updateDate": func(a, b *product) int { return cmp.Compare(a.Updated, b.Updated) },
	"date":       func(a, b *product) int { return cmp.Compare(a.Date, b.Date) },
	"sku":        func(a, b *product) int { return cmp.Compare(toText(orNull(a.SKU)), toText(orNull(b.SKU))) },
}

func complexProduct(c *call54, id int) (any, error) {
	if p := c.shop.books.Products.get(id); p != nil {
		return c.complexProduct(p), nil
	}
	return nil, nil
}

func (c *call54) complexProduct(p *product) row {
	translations := row{}
	if p.Name != nil {
		translations["en"] = row{"name": *p.Name, "description": p.Description, "shortDescription": p.Brief}
	}
	categories := []any{}
	for _, l := range p.Categories {
		if cat := c.shop.books.Categories.get(l.Category); cat != nil {
			categories = append(categories, cat.Name)
		}
	}
	return row{"sku": orNull(p.SKU), "productId": p.ID, "name": orNull(p.Name), "description": p.Description, "shortDescription": p.Brief,
		"price": number{p.Price}, "weight": number{p.Weight}, "quantity": p.Amount, "releaseDate": c.isoTime(p.Arrival),
		"image": render(p.Images, func(url string) any { return url }), "URL": c.productURL(p.ID), "enabled": p.Enabled, "freeShipping": p.FreeShipping,
		"categories": categories, "memberships": []any{}, "translations": orEmptyList(translations)}
}

// putProduct casts as PHP does: "abc" is 0, "7.9" is 7, -5 is 0. A name at top
// level is ignored; names live in translations.
func putProduct(c *call54, id int, data row) any {
	p := c.shop.books.Products.get(id)
	if p == nil {
		return nil
	}
	if c.setProduct(p, data) {
		c.shop.touch(p)
	}
	return c.fullProduct(p)
}

// postProduct creates a product; an amount left out is 1000. Neither a SKU nor
// a unique one is asked for.
func postProduct(c *call54, data row) any {
	now := c.shop.unix()
	p := c.shop.books.Products.insert(func(id int) *product {
		return &product{ID: id, Enabled: true, Taxable: true, Amount: 1000, Date: now, Updated: now, Arrival: now - now%86400}
	})
	c.setProduct(p, data)
	c.shop.touch(p)
	out := c.fullProduct(p)
	out["needProcess"], out["quickData"] = true, []any{}
	return out
}

func (c *call54) setProduct(p *product, data row) bool {
	changed := false
	if v, ok := data["sku"]; ok {
		if sku := cut(toText(v), 32); p.SKU == nil || *p.SKU != sku {
			p.SKU, changed = &sku, true
			c.shop.books.bySKU = nil
		}
	}
	money := func(field string, column *decimal.Decimal) {
		if v, ok := data[field]; ok {
			if d := toDecimal(v); !d.Equal(*column) {
				*column, changed = d, true
			}
		}
	}
	money("price", &p.Price)
	money("weight", &p.Weight)
	if v, ok := data["amount"]; ok {
		if n := max(0, toInt(v)); n != p.Amount {
			p.Amount, changed = n, true
		}
	}
	flag := func(field string, column *bool) {
		if v, ok := data[field]; ok && toBool(v) != *column {
			*column, changed = toBool(v), true
		}
	}
	flag("enabled", &p.Enabled)
	flag("free_shipping", &p.FreeShipping)
	flag("taxable", &p.Taxable)
	if v, ok := data["inventoryEnabled"]; ok && toBool(v) == p.Untracked {
		p.Untracked, changed = !toBool(v), true
	}
	for _, t := range documents(data["translations"]) {
		changed = p.translate(t) || changed
	}
	for _, link := range documents(data["categoryProducts"]) {
		if d, ok := link["category"].(map[string]any); ok && c.shop.books.Categories.get(toInt(d["category_id"])) != nil {
			p.Categories = append(p.Categories, categoryLink{c.shop.books.next("categoryproduct"), toInt(d["category_id"])})
			changed = true
		}
	}
	return changed
}

// translate sets the English texts; other languages are not kept here.
func (p *product) translate(t row) bool {
	if code := toText(t["code"]); code != "en" && code != "" {
		return false
	}
	changed := false
	if v, ok := t["name"]; ok && (p.Name == nil || *p.Name != toText(v)) {
		name := toText(v)
		p.Name, changed = &name, true
	}
	setText(t, "description", &p.Description, &changed)
	setText(t, "briefDescription", &p.Brief, &changed)
	return changed
}

// deleteProduct leaves order items without a product.
func deleteProduct(c *call54, id int) bool {
	if !c.shop.books.removeProduct(id) {
		return false
	}
	for o := range c.shop.books.Orders.all() {
		for i := range o.Items {
			if o.Items[i].Product == id {
				o.Items[i].Product = 0
			}
		}
	}
	return true
}

// clearProducts is DELETE without an id: every product goes.
func clearProducts(c *call54) {
	for o := range c.shop.books.Orders.all() {
		for i := range o.Items {
			o.Items[i].Product = 0
		}
	}
	c.shop.books.Products.clear()
	c.shop.books.bySKU = nil
}

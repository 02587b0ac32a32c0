package shop

func nativeCategory(cat *category) row {
	depth := 0
	if cat.ID == 1 {
		depth = -1
	}
	return row{"ogMeta": "", "useCustomOG": false, "csLastUpdate": 0, "demo": false, "category_id": cat.ID, "lpos": 2 * cat.ID, "rpos": 2*cat.ID + 1,
		"enabled": cat.Enabled, "show_title": true, "depth": depth, "pos": 0, "root_category_look": nil, "metaDescType": "A", "xcPendingExport": false}
}

// listCategories leaves the root out, and shows no names.
func listCategories(c *call54) ([]any, error) {
	var out []any
	for cat := range c.shop.books.Categories.all() {
		if cat.ID != 1 {
			out = append(out, nativeCategory(cat))
		}
	}
	return limited(c, out)
}

func getCategory(c *call54, id int) any {
	cat := c.shop.books.Categories.get(id)
	if cat == nil {
		return nil
	}
	return c.fullCategory(cat)
}

func (c *call54) fullCategory(cat *category) row {
	out := nativeCategory(cat)
	for _, field := range []string{"coupons", "featuredProducts", "saleDiscounts", "memberships", "categoryProducts", "children", "cleanURLs"} {
		out[field] = []any{}
	}
	out["image"], out["banner"], out["parent"] = nil, nil, nil
	out["quickFlags"] = row{"id": cat.ID, "subcategories_count_all": 0, "subcategories_count_enabled": 0}
	if parent := c.shop.books.Categories.get(cat.Parent); parent != nil {
		out["parent"] = nativeCategory(parent)
	}
	out["translations"] = []any{row{"ogMeta": "", "name": cat.Name, "description": "", "metaTags": "", "metaDesc": "", "metaTitle": "",
		"label_id": cat.ID, "code": "en"}}
	return out
}

func postCategory(c *call54, data row) any {
	c.shop.rootCategory()
	cat := c.shop.books.Categories.insert(func(id int) *category { return &category{ID: id, Parent: 1, Enabled: true} })
	if v, ok := data["enabled"]; ok {
		cat.Enabled = toBool(v)
	}
	if parent, ok := data["parent"].(map[string]any); ok && c.shop.books.Categories.get(toInt(parent["category_id"])) != nil {
		cat.Parent = toInt(parent["category_id"])
	}
	for _, t := range documents(data["translations"]) {
		cat.Name = toText(t["name"])
	}
	return c.fullCategory(cat)
}

// postCategoryProduct puts a product into a category.
func postCategoryProduct(c *call54, data row) any {
	category, _ := data["category"].(map[string]any)
	product, _ := data["product"].(map[string]any)
	cat := c.shop.books.Categories.get(toInt(category["category_id"]))
	p := c.shop.books.Products.get(toInt(product["product_id"]))
	if cat == nil || p == nil {
		return nil
	}
	link := categoryLink{c.shop.books.next("categoryproduct"), cat.ID}
	p.Categories = append(p.Categories, link)
	return row{"id": link.ID, "orderby": 0, "orderbyInProduct": 0, "category": nativeCategory(cat), "product": nativeProduct(p)}
}

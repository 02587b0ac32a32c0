package shop

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

func (c *call55) product() (*product, error) {
	p := c.shop.books.Products.get(c.vars["product_id"])
	if p == nil {
		return nil, notFound
	}
	return p, nil
}

func (c *call55) product55(p *product) any {
	return row{"id": p.ID, "sku": orNull(p.SKU), "name": toText(orNull(p.Name)), "description": p.Description, "brief_description": p.Brief,
		"meta_tags": "", "meta_description": "", "meta_title": "", "price": number{p.Price}, "enabled": p.Enabled, "weight": number{p.Weight},
		"separate_box": false, "width": 0, "length": 0, "height": 0, "free_shipping": p.FreeShipping, "taxable": p.Taxable,
		"create_date": c.atom(p.Date), "update_date": c.atom(p.Updated), "arrival_date": c.atom(p.Arrival), "inventory_traceable": !p.Untracked,
		"amount": p.Amount, "product_class": nil, "tax_class": nil, "memberships": []any{}, "clean_url": "", "images": []any{}}
}

// listProducts55 has no filters: whoever wants one SKU reads every page.
func listProducts55(c *call55) (any, error) {
	found := slices.Collect(c.shop.books.Products.all())
	for field, compare := range map[string]func(a, b *product) int{
		"name":        func(a, b *product) int { return strings.Compare(toText(orNull(a.Name)), toText(orNull(b.Name))) },
		"price":       productFields["price"],
		"arrivalDate": func(a, b *product) int { return int(a.Arrival - b.Arrival) },
	} {
		switch strings.ToLower(c.query.at("order").at(field).text()) {
		case "asc":
			slices.SortStableFunc(found, compare)
		case "desc":
			slices.SortStableFunc(found, func(a, b *product) int { return compare(b, a) })
		}
	}
	return pageOf(c, found, c.product55)
}

func getProduct55(c *call55) (any, error) {
	p, err := c.product()
	if err != nil {
		return nil, err
	}
	return c.product55(p), nil
}

// putProduct55 is partial: what is not in the body keeps its value.
func putProduct55(c *call55) (any, error) {
	p, err := c.product()
	if err != nil {
		return nil, err
	}
	changed := *p
	if err := readProduct55(&changed, c.body); err != nil {
		return nil, err
	}
	*p = changed
	c.shop.touch(p)
	c.shop.books.bySKU = nil
	return c.product55(p), nil
}

func postProduct55(c *call55) (any, error) {
	now := c.shop.unix()
	fresh := product{Enabled: true, Taxable: true, Date: now, Arrival: now}
	if err := readProduct55(&fresh, c.body); err != nil {
		return nil, err
	}
	p := c.shop.books.Products.insert(func(id int) *product { fresh.ID = id; return &fresh })
	c.shop.touch(p)
	c.shop.books.bySKU = nil
	return c.product55(p), nil
}

func deleteProduct55(c *call55) (any, error) {
	if _, err := c.product(); err != nil {
		return nil, err
	}
	deleteProduct(&call54{shop: c.shop}, c.vars["product_id"])
	return nil, nil
}

// readProduct55 is strict about types, as the serializer is.
func readProduct55(p *product, body row) error {
	in := typed{body: body}
	in.text("description", &p.Description)
	in.text("brief_description", &p.Brief)
	in.decimal("price", &p.Price)
	in.decimal("weight", &p.Weight)
	in.flag("enabled", &p.Enabled)
	in.flag("free_shipping", &p.FreeShipping)
	in.flag("taxable", &p.Taxable)
	in.integer("amount", &p.Amount)
	tracked := !p.Untracked
	in.flag("inventory_traceable", &tracked)
	p.Untracked = !tracked
	for field, column := range map[string]**string{"sku": &p.SKU, "name": &p.Name} {
		if _, given := body[field]; given {
			value := ""
			in.text(field, &value)
			*column = &value
		}
	}
	if in.err == nil && p.SKU != nil && len([]rune(*p.SKU)) > 32 {
		return invalid("sku", "This value is too long. It should have 32 characters or less.")
	}
	p.Amount = max(0, p.Amount)
	return in.err
}

// typed reads fields of a body, and keeps the first that has the wrong type.
type typed struct {
	body row
	err  error
}

func (t *typed) fail(field, want string) {
	if t.err == nil {
		t.err = wrongType(field, want)
	}
}

func (t *typed) text(field string, to *string) {
	if v, ok := t.body[field]; ok {
		s, isText := v.(string)
		if !isText {
			t.fail(field, "string")
		}
		*to = s
	}
}

func (t *typed) flag(field string, to *bool) {
	if v, ok := t.body[field]; ok {
		b, isBool := v.(bool)
		if !isBool {
			t.fail(field, "bool")
		}
		*to = b
	}
}

func (t *typed) decimal(field string, to *decimal.Decimal) {
	if v, ok := t.body[field]; ok {
		n, isNumber := v.(json.Number)
		if !isNumber {
			t.fail(field, "float")
		}
		*to = toDecimal(n)
	}
}

func (t *typed) integer(field string, to *int) {
	if v, ok := t.body[field]; ok {
		n, isNumber := v.(json.Number)
		i, err := n.Int64()
		if !isNumber || err != nil {
			t.fail(field, "int")
		}
		*to = int(i)
	}
}

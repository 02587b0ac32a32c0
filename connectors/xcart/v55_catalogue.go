package xcart

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

type profile55 struct {
	ID         ident  `json:"id"`
	Login      string `json:"login"`
	Status     string `json:"status"`
	Membership ident  `json:"membership_id"`
}

// Profile reads an account and its address book, in two calls: names live in
// addresses only.
func (s *shop55) Profile(ctx context.Context, id string) (commerce.Customer, error) {
	operation := "read profile " + id
	if err := checkID(s.client, operation, id); err != nil {
		return commerce.Customer{}, err
	}
	var d profile55
	if err := s.call(ctx, operation, http.MethodGet, "/api/profiles/"+id, nil, nil, &d); err != nil {
		return commerce.Customer{}, err
	}
	if string(d.ID) != id {
		return commerce.Customer{}, s.client.Fail(connectors.Malformed, operation, "id is missing or another's", nil)
	}
	var addresses []address55
	if err := s.call(ctx, operation, http.MethodGet, "/api/profiles/"+id+"/addresses", nil, nil, &addresses); err != nil {
		return commerce.Customer{}, err
	}
	c := commerce.Customer{ProfileID: id, Email: d.Login, Membership: string(d.Membership), Disabled: d.Status == "D"}
	for _, a := range addresses {
		c.Addresses = append(c.Addresses, a.canonical())
	}
	if len(c.Addresses) > 0 {
		c.FirstName, c.LastName = c.Addresses[0].FirstName, c.Addresses[0].LastName
	}
	return c, nil
}

type product55 struct {
	ID         ident   `json:"id"`
	SKU        string  `json:"sku"`
	Name       string  `json:"name"`
	Price      number  `json:"price"`
	Amount     *number `json:"amount"`
	Weight     number  `json:"weight"`
	Enabled    bool    `json:"enabled"`
	UpdateDate when    `json:"update_date"`
}

func (s *shop55) product(operation string, d product55) (commerce.Product, error) {
	switch {
	case !isID(string(d.ID)):
		return commerce.Product{}, s.client.Fail(connectors.Malformed, operation, "id is missing", nil)
	case d.Amount == nil:
		return commerce.Product{}, s.client.Fail(connectors.Malformed, operation, "amount of product "+string(d.ID)+" is missing", nil)
	}
	return commerce.Product{ID: string(d.ID), SKU: d.SKU, Name: d.Name, Price: d.Price.Decimal, Quantity: d.Amount.Decimal,
		Weight: d.Weight.Decimal, Enabled: d.Enabled, UpdatedAt: d.UpdateDate.Time}, nil
}

// Product reads a product.
func (s *shop55) Product(ctx context.Context, id string) (commerce.Product, error) {
	operation := "read product " + id
	if err := checkID(s.client, operation, id); err != nil {
		return commerce.Product{}, err
	}
	var d product55
	if err := s.call(ctx, operation, http.MethodGet, "/api/products/"+id, nil, nil, &d); err != nil {
		return commerce.Product{}, err
	}
	product, err := s.product(operation, d)
	if err == nil && product.ID != id {
		err = s.client.Fail(connectors.Malformed, operation, "the shop answered with another product", nil)
	}
	return product, err
}

// ProductsBySKU is refused: 5.5 has no search by SKU.
func (s *shop55) ProductsBySKU(context.Context, string) ([]commerce.Product, error) {
	return nil, s.client.Fail(connectors.NotFound, "find products by SKU",
		"this X-Cart's API cannot search products by SKU: list all and keep their ids", nil)
}

// Products lists the catalogue in pages of 100.
func (s *shop55) Products(ctx context.Context, cursor string) (ProductPage, error) {
	const operation = "list products"
	page, err := strconv.Atoi(cmp.Or(cursor, "1"))
	if err != nil || page < 1 {
		return ProductPage{}, badCursor(s.client, operation, cursor)
	}
	var docs []product55
	query := url.Values{"page": {strconv.Itoa(page)}, "itemsPerPage": {strconv.Itoa(page55)}}
	if err := s.call(ctx, operation, http.MethodGet, "/api/products", query, nil, &docs); err != nil {
		return ProductPage{}, err
	}
	var out ProductPage
	for _, d := range docs {
		p, err := s.product(operation, d)
		if err != nil {
			return ProductPage{}, err
		}
		out.Products = append(out.Products, p)
	}
	if full(len(docs)) {
		out.Next = strconv.Itoa(page + 1)
	}
	return out, nil
}

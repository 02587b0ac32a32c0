package xcart

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

type profile54 struct {
	ProfileID  ident       `json:"profileId"`
	Login      string      `json:"login"`
	Email      string      `json:"email"`
	Status     string      `json:"status"`
	Membership string      `json:"membership"`
	FirstName  string      `json:"firstname"`
	LastName   string      `json:"lastname"`
	Addresses  []address54 `json:"addresses"`
}

// Profile reads an account.
func (s *shop54) Profile(ctx context.Context, id string) (commerce.Customer, error) {
	operation := "read profile " + id
	if err := checkID(s.client, operation, id); err != nil {
		return commerce.Customer{}, err
	}
	var d profile54
	if err := s.call(ctx, operation, http.MethodGet, "profile/"+id, "&_schema=complex", nil, &d); err != nil {
		return commerce.Customer{}, err
	}
	if string(d.ProfileID) != id {
		return commerce.Customer{}, s.client.Fail(connectors.Malformed, operation, "profileId is missing or another's", nil)
	}
	info := customer54{ProfileID: d.ProfileID, Login: d.Login, Email: d.Email, Status: d.Status, Membership: d.Membership, FirstName: d.FirstName, LastName: d.LastName}
	c := info.canonical()
	for _, a := range d.Addresses {
		c.Addresses = append(c.Addresses, a.canonical())
	}
	return c, nil
}

type product54 struct {
	ProductID ident   `json:"productId"`
	SKU       string  `json:"sku"`
	Name      string  `json:"name"`
	Price     number  `json:"price"`
	Quantity  *number `json:"quantity"`
	Weight    number  `json:"weight"`
	Enabled   bool    `json:"enabled"`
}

func (s *shop54) product(operation string, d product54) (commerce.Product, error) {
	switch {
	case !isID(string(d.ProductID)):
		return commerce.Product{}, s.client.Fail(connectors.Malformed, operation, "productId is missing", nil)
	case d.Quantity == nil:
		return commerce.Product{}, s.client.Fail(connectors.Malformed, operation, "quantity of product "+string(d.ProductID)+" is missing", nil)
	}
	return commerce.Product{
		ID: string(d.ProductID), SKU: d.SKU, Name: d.Name, Price: d.Price.Decimal,
		Quantity: d.Quantity.Decimal, Weight: d.Weight.Decimal, Enabled: d.Enabled,
	}, nil
}

// Product reads a product.
func (s *shop54) Product(ctx context.Context, id string) (commerce.Product, error) {
	operation := "read product " + id
	if err := checkID(s.client, operation, id); err != nil {
		return commerce.Product{}, err
	}
	var d product54
	if err := s.call(ctx, operation, http.MethodGet, "product/"+id, "&_schema=complex", nil, &d); err != nil {
		return commerce.Product{}, err
	}
	product, err := s.product(operation, d)
	if err == nil && product.ID != id {
		err = s.client.Fail(connectors.Malformed, operation, "the shop answered with another product", nil)
	}
	return product, err
}

// ProductsBySKU finds the products with exactly this SKU: the shop's own search
// finds every SKU that contains it, and several products may share one.
func (s *shop54) ProductsBySKU(ctx context.Context, sku string) ([]commerce.Product, error) {
	if sku == "" {
		return nil, s.client.Fail(connectors.Rejected, "find products", "an empty SKU would list the whole catalogue", nil)
	}
	all, _, err := s.products(ctx, "find products by SKU", "&_cnd[sku]="+url.QueryEscape(sku))
	if err != nil {
		return nil, err
	}
	var exact []commerce.Product
	for _, p := range all {
		if p.SKU == sku {
			exact = append(exact, p)
		}
	}
	return exact, nil
}

const productPage54 = 100

// Products lists the catalogue by product id.
func (s *shop54) Products(ctx context.Context, cursor string) (ProductPage, error) {
	const operation = "list products"
	offset, err := strconv.Atoi(cmp.Or(cursor, "0"))
	if err != nil || offset < 0 {
		return ProductPage{}, badCursor(s.client, operation, cursor)
	}
	query := fmt.Sprintf("&_cnd[limit][]=%d&_cnd[limit][]=%d&_cnd[orderBy][]=p.product_id&_cnd[orderBy][]=asc", offset, productPage54)
	all, rows, err := s.products(ctx, operation, query)
	page := ProductPage{Products: all}
	if rows == productPage54 { // more rows than asked for are all there are
		page.Next = strconv.Itoa(offset + productPage54)
	}
	return page, err
}

func (s *shop54) products(ctx context.Context, operation, query string) (all []commerce.Product, rows int, err error) {
	var docs []product54
	if err := s.call(ctx, operation, http.MethodGet, "product", "&_schema=complex"+query, nil, &docs); err != nil {
		return nil, 0, err
	}
	for _, d := range docs {
		p, err := s.product(operation, d)
		if err != nil {
			return nil, 0, err
		}
		all = append(all, p)
	}
	return all, len(docs), nil
}

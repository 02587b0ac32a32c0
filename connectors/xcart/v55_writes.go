package xcart

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

// SetShippingStatus sets the shipping status by its code.
func (s *shop55) SetShippingStatus(ctx context.Context, orderID, code string) error {
	return s.setStatus(ctx, "shipping", orderID, code)
}

// SetPaymentStatus sets the payment status by its code.
func (s *shop55) SetPaymentStatus(ctx context.Context, orderID, code string) error {
	return s.setStatus(ctx, "payment", orderID, code)
}

func (s *shop55) setStatus(ctx context.Context, axis, orderID, code string) error {
	operation := "set the " + axis + " status of order " + orderID + " to " + code
	path, err := s.orderPath(operation, orderID, "/"+axis+"_status")
	if err != nil {
		return err
	}
	var now status55
	if err := s.call(ctx, operation, http.MethodGet, path, nil, nil, &now); err != nil || now.Code == code {
		return err
	}
	if err := s.call(ctx, operation, http.MethodPut, path, nil, map[string]string{"code": code}, nil); err != nil {
		return err
	}
	if err := s.call(ctx, operation, http.MethodGet, path, nil, nil, &now); err != nil {
		return err
	}
	if now.Code != code {
		return s.client.Fail(connectors.Conflict, operation, "the shop accepted it, but the order has status "+now.Code, nil)
	}
	return nil
}

// Acknowledge sets the status; the ERP's number has no place in this API.
func (s *shop55) Acknowledge(ctx context.Context, orderID, _ string, next func(status string) string) (commerce.Order, error) {
	order, err := s.Order(ctx, orderID)
	if err != nil {
		return order, err
	}
	status := next(order.ShippingStatus)
	if status == "" || status == order.ShippingStatus {
		return order, nil
	}
	if err := s.setStatus(ctx, "shipping", orderID, status); err != nil {
		return order, err
	}
	order.ShippingStatus = status // read back by setStatus
	return order, nil
}

// NoteERPOrder is refused: 5.5 has no write of an order's notes or details.
func (s *shop55) NoteERPOrder(context.Context, string, string) error {
	return s.client.Fail(connectors.Rejected, "note the ERP's order number", "this X-Cart cannot take it over its API", nil)
}

// AddTracking adds the numbers that the order does not show yet, where an addon
// offers the route for it.
func (s *shop55) AddTracking(ctx context.Context, orderID string, numbers []string) error {
	operation := "add tracking to order " + orderID
	path, err := s.orderPath(operation, orderID, "")
	if err != nil {
		return err
	}
	if err := s.describe(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	able := s.routes[trackingRoute]["post"]
	s.mu.Unlock()
	if !able {
		return s.client.Fail(connectors.Rejected, operation, "this X-Cart cannot take tracking numbers over its API: an addon must offer POST "+trackingRoute, nil)
	}
	shown, err := s.tracking(ctx, operation, path)
	if err != nil {
		return err
	}
	for _, number := range numbers {
		if number == "" || slices.Contains(shown, number) {
			continue
		}
		if err := s.call(ctx, operation, http.MethodPost, path+"/tracking_numbers", nil, map[string]string{"value": number}, nil); err != nil {
			return err
		}
		shown = append(shown, number)
	}
	if shown, err = s.tracking(ctx, operation, path); err != nil {
		return err
	}
	for _, number := range numbers {
		if number != "" && !slices.Contains(shown, number) {
			return s.client.Fail(connectors.Conflict, operation, "the shop accepted a tracking number that the order does not show", nil)
		}
	}
	return nil
}

func (s *shop55) tracking(ctx context.Context, operation, path string) ([]string, error) {
	var doc struct {
		ID       ident `json:"id"`
		Tracking []struct {
			Value string `json:"value"`
		} `json:"tracking_numbers"`
	}
	if err := s.call(ctx, operation, http.MethodGet, path, nil, nil, &doc); err != nil {
		return nil, err
	}
	var shown []string
	for _, t := range doc.Tracking {
		shown = append(shown, t.Value)
	}
	return shown, nil
}

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
	if !isID(string(d.ID)) || d.Amount == nil {
		return commerce.Product{}, s.client.Fail(connectors.Malformed, operation, "id or amount is missing", nil)
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
	return s.product(operation, d)
}

// ProductsBySKU is refused: 5.5 has no search by SKU; list all and keep a map.
func (s *shop55) ProductsBySKU(context.Context, string) ([]commerce.Product, error) {
	return nil, s.client.Fail(connectors.Rejected, "find products by SKU", "this X-Cart cannot search by SKU", nil)
}

// Products lists the catalogue in pages of 100.
func (s *shop55) Products(ctx context.Context, cursor string) (ProductPage, error) {
	const operation = "list products"
	page, err := pageNumber(s.client, operation, cursor)
	if err != nil {
		return ProductPage{}, err
	}
	page = max(page, 1)
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
	if len(docs) == page55 {
		out.Next = strconv.Itoa(page + 1)
	}
	return out, nil
}

package shop

import (
	"net/http"
	"strconv"
	"strings"
)

// routes55 are the operations of 5.5.0.29 that the simulator has. What is not
// here is not in X-Cart either, as far as orders go: no creating or editing of
// orders, no admin notes, and no tracking numbers unless the addon is on.
func (s *Shop) routes55() []route55 {
	const get, post, put, remove = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	routes := []route55{
		{get, "/api/docs.json", docs55},
		{get, "/api/orders", listOrders55},
		{get, "/api/orders/by_number/{orderNumber}", orderByNumber55},
		{get, "/api/orders/{id}", getOrder55},
		{get, "/api/orders/{id}/payment_status", getStatus55(payment)},
		{put, "/api/orders/{id}/payment_status", putStatus55(payment)},
		{get, "/api/orders/{id}/shipping_status", getStatus55(shipping)},
		{put, "/api/orders/{id}/shipping_status", putStatus55(shipping)},
		{get, "/api/orders/{id}/details", listDetails55},
		{get, "/api/orders/{id}/history", listHistory55},
		{get, "/api/orders/{id}/payment_transactions", listTransactions55},
		{get, "/api/products", listProducts55},
		{post, "/api/products", postProduct55},
		{get, "/api/products/{product_id}", getProduct55},
		{put, "/api/products/{product_id}", putProduct55},
		{remove, "/api/products/{product_id}", deleteProduct55},
		{get, "/api/profiles", listProfiles55},
		{post, "/api/profiles", postProfile55},
		{get, "/api/profiles/{profile_id}", getProfile55},
		{put, "/api/profiles/{profile_id}", putProfile55},
		{remove, "/api/profiles/{profile_id}", deleteProfile55},
		{get, "/api/profiles/{profile_id}/addresses", listAddresses55},
		{post, "/api/profiles/{profile_id}/addresses", postAddress55},
		{get, "/api/profiles/{profile_id}/addresses/{id}", getAddress55},
		{put, "/api/profiles/{profile_id}/addresses/{id}", putAddress55},
		{get, "/api/memberships", listMemberships55},
	}
	if s.options.TrackingAddon {
		routes = append(routes,
			route55{get, "/api/orders/{id}/tracking_numbers", listTracking55},
			route55{post, "/api/orders/{id}/tracking_numbers", postTracking55},
			route55{get, "/api/orders/{id}/tracking_numbers/{tracking_id}", getTracking55},
			route55{remove, "/api/orders/{id}/tracking_numbers/{tracking_id}", deleteTracking55})
	}
	return routes
}

// docs55 is the OpenAPI document: the operations, and the filters of orders.
func docs55(c *call55) (any, error) {
	paths := row{}
	for _, route := range c.routes {
		if route.path == "/api/docs.json" {
			continue
		}
		operations, _ := paths[route.path].(row)
		if operations == nil {
			operations = row{}
			paths[route.path] = operations
		}
		operation := row{"parameters": []any{}, "responses": row{"200": row{"description": "OK"}}}
		if route.path == "/api/orders" {
			operation["parameters"] = render(c.shop.orderFilters(), func(name string) any { return row{"name": name, "in": "query", "required": false} })
		}
		operations[strings.ToLower(route.method)] = operation
	}
	version := "5.5.0.29"
	if c.shop.options.RenewDateFilter {
		version = "5.5.1"
	}
	return row{"openapi": "3.0.2", "info": row{"title": "X-Cart API", "version": version}, "paths": paths}, nil
}

func (s *Shop) orderFilters() []string {
	names := []string{"page", "itemsPerPage", "order[date]", "order[lastRenewDate]", "paymentStatus.code", "paymentStatus.code[]",
		"shippingStatus.code", "shippingStatus.code[]", "profile.login"}
	fields := []string{"date"}
	if s.options.RenewDateFilter {
		fields = append(fields, "lastRenewDate")
	}
	for _, f := range fields {
		for _, bound := range []string{"before", "strictly_before", "after", "strictly_after"} {
			names = append(names, f+"["+bound+"]")
		}
	}
	return names
}

// collection is one page of rows; a client of application/json sees no total.
type collection struct {
	rows        []any
	total       int
	page, pages int
}

// pageOf takes a page: 30 rows by default, never more than 100.
func pageOf[T any](c *call55, rows []T, document func(T) any) (any, error) {
	page, size := 1, 30
	if p := c.query.at("page"); p != nil {
		page = toInt(p.text())
	}
	if p := c.query.at("itemsPerPage"); p != nil {
		size = toInt(p.text())
	}
	if page < 1 {
		return nil, badRequest("Page should not be less than 1")
	}
	if size < 1 {
		return nil, badRequest("Limit should not be less than 1")
	}
	size = min(size, 100)
	from := min((page-1)*size, len(rows))
	to := min(from+size, len(rows))
	return collection{render(rows[from:to], document), len(rows), page, max(1, (len(rows)+size-1)/size)}, nil
}

// all is a collection without pages.
func all[T any](rows []T, document func(T) any) (any, error) {
	return collection{render(rows, document), len(rows), 1, 1}, nil
}

// represent dresses a document for its format: a bare array, or hydra.
func (c *call55) represent(doc any, ld bool) any {
	many, isCollection := doc.(collection)
	if !ld {
		if isCollection {
			return many.rows
		}
		return doc
	}
	if !isCollection {
		if d, ok := doc.(row); ok {
			d["@id"] = c.path
		}
		return doc
	}
	out := row{"@context": "/api/contexts/" + c.path[strings.LastIndex(c.path, "/")+1:], "@id": c.path, "@type": "hydra:Collection",
		"hydra:member": many.rows, "hydra:totalItems": many.total}
	if many.pages > 1 {
		view := row{"@id": c.path + "?page=" + strconv.Itoa(many.page), "@type": "hydra:PartialCollectionView"}
		if many.page < many.pages {
			view["hydra:next"] = c.path + "?page=" + strconv.Itoa(many.page+1)
		}
		out["hydra:view"] = view
	}
	return out
}

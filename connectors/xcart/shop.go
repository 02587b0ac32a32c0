// Package xcart speaks to an X-Cart shop: 5.3 and 5.4 through the "REST API"
// addon, 5.5 and later through API Platform. Both are behind [Shop].
package xcart

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

// Shop is an X-Cart shop, in the words of commerce. Errors are
// *connectors.Error. Every write is read back before it counts as done, and
// is safe to repeat: what is already there is not written again.
type Shop interface {
	// Probe asks what this shop can do. It changes nothing: what 5.4 lets a key
	// write is found by a PUT to an order that cannot exist.
	Probe(ctx context.Context) (Capabilities, error)
	// Order reads one order by its internal id.
	Order(ctx context.Context, id string) (commerce.Order, error)
	// OrdersChanged lists orders with a number changed at or after since, in
	// pages: oldest change first where the version can filter by change
	// (FilterByUpdate), else newest first. An order may come twice; one that
	// changes meanwhile may come with the next poll only, so that the caller
	// moves its cursor after the last page and overlaps. A row that cannot be
	// read is told by its id.
	OrdersChanged(ctx context.Context, since time.Time, cursor string) (OrderPage, error)
	// Profile reads a customer's account with its address book.
	Profile(ctx context.Context, id string) (commerce.Customer, error)
	// Product reads one product by its id; ProductsBySKU finds those with
	// exactly this SKU (a shop may have several), or fails with NotFound where
	// the version cannot search (an unknown SKU is an empty list); Products
	// lists all in pages.
	Product(ctx context.Context, id string) (commerce.Product, error)
	ProductsBySKU(ctx context.Context, sku string) ([]commerce.Product, error)
	Products(ctx context.Context, cursor string) (ProductPage, error)
	// SetShippingStatus and SetPaymentStatus set a status by its code. The
	// order and the code are checked to exist before anything is written.
	SetShippingStatus(ctx context.Context, orderID, code string) error
	SetPaymentStatus(ctx context.Context, orderID, code string) error
	// AddTracking makes sure the order shows these tracking numbers, each once.
	AddTracking(ctx context.Context, orderID string, numbers []string) error
	// NoteERPOrder leaves the ERP's order number where staff see it.
	NoteERPOrder(ctx context.Context, orderID, erpOrder string) error
	// Acknowledge tells the shop, in as few calls as the version allows, that
	// the ERP has the order: the ERP's number and the shipping status that next
	// chooses, given the order as it stands; it chooses "" to leave it, and an
	// error of it leaves everything. It returns the order as read back, to know
	// its fingerprint.
	Acknowledge(ctx context.Context, orderID, erpOrder string, next func(commerce.Order) (status string, err error)) (commerce.Order, error)
}

// Capabilities are what a shop's version, rights and addons allow.
type Capabilities struct {
	Version          string   `json:"version"`
	CanWrite         bool     `json:"can_write"`         // the key may write; not proved on 5.5
	WriteTracking    bool     `json:"write_tracking"`    // tracking numbers can be written
	NoteERPOrder     bool     `json:"note_erp_order"`    // the ERP's number can be left on the order
	FilterByUpdate   bool     `json:"filter_by_update"`  // orders can be asked for by time of change
	FindBySKU        bool     `json:"find_by_sku"`       // products can be searched by SKU
	PaymentStatuses  []string `json:"payment_statuses"`  // codes, where they can be listed
	ShippingStatuses []string `json:"shipping_statuses"` // codes, where they can be listed
	Remarks          []string `json:"remarks,omitempty"` // what is missing and how to mend it, for people
}

// OrderPage is a page of changed orders. Next is the cursor of the next page,
// empty on the last.
type OrderPage struct {
	Orders []commerce.OrderRef
	Next   string
}

// ProductPage is a page of products.
type ProductPage struct {
	Products []commerce.Product
	Next     string
}

// Config says which shop and how.
type Config struct {
	URL    string // of the shop's root, e.g. https://shop.example.com
	API    string // "5.4" (also for 5.3) or "5.5" (and later)
	Key    string // the all-access key
	Store  string // our short code of the store, set on every order
	Limits connectors.Limits
}

// Open makes a shop of the configuration. It does not call it yet.
func Open(cfg Config, log *slog.Logger) (Shop, error) {
	cfg.URL = strings.TrimRight(cfg.URL, "/")
	switch cfg.API {
	case "5.4":
		return open54(cfg, log)
	case "5.5":
		return open55(cfg, log)
	default:
		return nil, fmt.Errorf("X-Cart API %q is not known: use 5.4 (REST API addon, also for 5.3) or 5.5 (and later)", cfg.API)
	}
}

// Package prophet21 speaks to an Epicor Prophet 21: through its middleware, or
// through a gateway that serves /api/v1/SalesOrder and its siblings. Both are
// behind [ERP].
package prophet21

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

// ERP is a Prophet 21, in the words of commerce. Errors are *connectors.Error;
// a create whose answer never came has the kind OutcomeUnknown and must be
// looked up before it is sent again.
type ERP interface {
	// Probe asks what this installation can do. It never writes.
	Probe(ctx context.Context) (Capabilities, error)

	// FindOrders finds the orders with this reference (web reference, or
	// customer PO number where the route has no such field). More than one is
	// a duplicate that somebody must look at.
	FindOrders(ctx context.Context, reference string) ([]commerce.SalesOrder, error)
	// CreateOrder creates a sales order and returns its number. It neither
	// looks up before nor reads back after: the caller does both.
	CreateOrder(ctx context.Context, order commerce.SalesOrder) (number string, err error)
	// Order reads a sales order whole, with lines, totals and progress.
	Order(ctx context.Context, number string) (commerce.SalesOrder, error)
	// References tells for order numbers the reference that each carries, many
	// in one call where the API can; it is empty for an order without one of
	// ours. A number that the ERP does not know is missing; a deleted order's is
	// there.
	References(ctx context.Context, numbers []string) (map[string]string, error)
	// OrdersChanged lists our orders (by taker) whose header or lines changed
	// at or after since, oldest change first, in pages. Header, reference,
	// progress and UpdatedAt are filled.
	OrdersChanged(ctx context.Context, taker string, since time.Time, cursor string) (OrderPage, error)

	// FindAccounts finds customers by our reference (legacy id) or by a
	// contact's e-mail; one entry for each customer and contact.
	FindAccounts(ctx context.Context, query AccountQuery) ([]commerce.Account, error)
	// Account reads a customer with a usable contact and ship-to.
	Account(ctx context.Context, customerID string) (commerce.Account, error)
	// CreateAccount creates address, contact, customer and ship-to as the API
	// needs and returns the account with its ids.
	CreateAccount(ctx context.Context, account commerce.Account) (commerce.Account, error)

	// Items reads items of the item master by id, many in one call; an id that
	// does not exist is missing from the answer.
	Items(ctx context.Context, ids []string) (map[string]commerce.Item, error)

	// ShipmentsChanged lists pick tickets changed at or after since, oldest
	// change first, in pages, lines and tracking included.
	ShipmentsChanged(ctx context.Context, since time.Time, cursor string) (ShipmentPage, error)
	// Shipment reads one pick ticket; Shipments those of an order.
	Shipment(ctx context.Context, pickTicket string) (commerce.Shipment, error)
	Shipments(ctx context.Context, orderNumber string) ([]commerce.Shipment, error)
	// Invoices reads the invoices of an order.
	Invoices(ctx context.Context, orderNumber string) ([]commerce.Invoice, error)
}

// AccountQuery asks for accounts; the fields that are set are alternatives.
type AccountQuery struct {
	Reference string
	Email     string
}

// OrderPage is a page of changed orders; Next is empty on the last.
type OrderPage struct {
	Orders []commerce.SalesOrder
	Next   string
}

// ShipmentPage is a page of changed shipments; Next is empty on the last.
type ShipmentPage struct {
	Shipments []commerce.Shipment
	Next      string
}

// Capabilities are what an installation allows.
type Capabilities struct {
	API            string            `json:"api"`
	Build          string            `json:"build,omitempty"`
	OrderRoute     string            `json:"order_route"`               // rest, transaction or gateway
	OData          bool              `json:"odata"`                     // data services answer
	MissingColumns []string          `json:"missing_columns,omitempty"` // optional ones the tenant lacks, as table.column
	FieldNames     map[string]string `json:"field_names,omitempty"`     // names chosen after reading /new
	Remarks        []string          `json:"remarks,omitempty"`         // what is missing and how to mend it, for people
}

// Config says which Prophet 21 and how.
type Config struct {
	URL          string // middleware root, or the gateway's
	API          string // "middleware" or "gateway"
	Username     string
	Password     string
	ClientSecret string // consumer key, instead of username and password
	Company      string
	// OrderRoute of the middleware: "rest" (default) or "transaction".
	OrderRoute string
	// FieldNames renames fields of the sales order: our canonical name (as in
	// the JSON of commerce.SalesOrder, e.g. ship_to.state) to the tenant's name.
	FieldNames map[string]string
	// Offset is the zone of the ERP's zone-less times, as seconds east of UTC
	// or an IANA name's location.
	Location *time.Location
	Currency commerce.Currency
	Limits   connectors.Limits
}

// Open makes an ERP of the configuration. It does not call it yet.
func Open(cfg Config, log *slog.Logger) (ERP, error) {
	cfg.URL = strings.TrimRight(cfg.URL, "/")
	if cfg.Location == nil {
		cfg.Location = time.UTC
	}
	switch cfg.API {
	case "middleware":
		return openMiddleware(cfg, log)
	case "gateway":
		return openGateway(cfg, log)
	default:
		return nil, fmt.Errorf("the Prophet 21 API %q is not known: use middleware or gateway", cfg.API)
	}
}

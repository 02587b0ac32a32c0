package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"go.temporal.io/sdk/activity"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
	"github.com/cart21/cart21/connectors/prophet21"
	"github.com/cart21/cart21/mapping"
	"github.com/cart21/cart21/records"
)

// ERP is what a process may do in Prophet 21.
type ERP struct {
	Store   string
	P21     prophet21.ERP
	Mapping *mapping.Profile
	Records *records.Store
	// Settle is how long a write whose answer never came may still be under
	// way inside Prophet 21: it is looked up only after that.
	Settle time.Duration

	creating singleflight.Group // customers, by our reference
}

// PrepareOrder reads what the ERP knows about an order's items and customer,
// in as few calls as it takes.
func (e *ERP) PrepareOrder(ctx context.Context, needs Needs) (Facts, error) {
	defer heartbeating(ctx)()
	var facts Facts
	var both errgroup.Group
	both.Go(func() (err error) {
		if facts.Items, err = e.P21.Items(ctx, needs.ItemIDs); err != nil {
			return classify(err)
		}
		return nil
	})
	both.Go(func() (err error) {
		facts.Account, err = e.findAccount(ctx, needs)
		return err
	})
	if err := both.Wait(); err != nil {
		return Facts{}, err
	}
	return facts, nil
}

// findAccount finds the ERP's customer for an order: the house account, the one
// we met before, or the one with our reference or the e-mail. Nil when there is
// none.
func (e *ERP) findAccount(ctx context.Context, needs Needs) (*commerce.Account, error) {
	if needs.HouseAccount != "" {
		account, err := e.P21.Account(ctx, needs.HouseAccount)
		if err != nil {
			return nil, classify(err)
		}
		return &account, nil
	}
	known, err := e.Records.Customer(ctx, e.Store, needs.Account.Reference)
	switch {
	case err == nil:
		account := needs.Account
		account.CustomerID, account.ContactID, account.ShipToID = known.CustomerID, known.ContactID, known.ShipToID
		return &account, nil
	case !errors.Is(err, records.ErrNotFound):
		return nil, err
	}
	found, err := e.P21.FindAccounts(ctx, prophet21.AccountQuery{Reference: needs.Account.Reference, Email: needs.Account.Email})
	if err != nil {
		return nil, classify(err)
	}
	account, err := choose(found, needs.Account.Reference)
	if err != nil || account == nil {
		return nil, err
	}
	return account, e.rememberAccount(ctx, needs.Account.Reference, *account)
}

// choose picks the customer that carries our reference, else the only one. Two
// different customers with one e-mail are a person's decision.
func choose(found []commerce.Account, reference string) (*commerce.Account, error) {
	customers := map[string]commerce.Account{}
	for _, a := range found {
		if a.Inactive {
			continue
		}
		if reference != "" && a.Reference == reference {
			return &a, nil
		}
		if _, seen := customers[a.CustomerID]; !seen {
			customers[a.CustomerID] = a
		}
	}
	if len(customers) > 1 {
		return nil, refuse("ambiguous-customer", fmt.Sprintf(
			"%d Prophet 21 customers have a contact with this e-mail; amend /customer or put our reference %s into the legacy id of the right one, then retry", len(customers), reference))
	}
	for _, a := range customers {
		return &a, nil
	}
	return nil, nil
}

func (e *ERP) rememberAccount(ctx context.Context, key string, a commerce.Account) error {
	return e.Records.SaveCustomer(ctx, records.Customer{
		Store: e.Store, Key: key, CustomerID: a.CustomerID, ContactID: a.ContactID, ShipToID: a.ShipToID, Terms: a.Terms,
	})
}

// CreateAccount creates a customer, unless one with its reference is there. Two
// orders of one new customer that arrive together in this worker share one
// creation.
func (e *ERP) CreateAccount(ctx context.Context, account commerce.Account) (commerce.Account, error) {
	defer heartbeating(ctx)()
	created, err, _ := e.creating.Do(account.Reference, func() (any, error) { return e.createAccount(ctx, account) })
	return created.(commerce.Account), err
}

func (e *ERP) createAccount(ctx context.Context, account commerce.Account) (commerce.Account, error) {
	if err := e.settle(ctx); err != nil {
		return commerce.Account{}, err
	}
	found, err := e.P21.FindAccounts(ctx, prophet21.AccountQuery{Reference: account.Reference})
	if err != nil {
		return commerce.Account{}, classify(err)
	}
	if existing, err := choose(found, account.Reference); err != nil || existing != nil {
		if err != nil {
			return commerce.Account{}, err
		}
		return *existing, e.rememberAccount(ctx, account.Reference, *existing)
	}
	start := time.Now()
	created, err := e.P21.CreateAccount(ctx, account)
	e.audit(ctx, "create customer", account.Reference, created.CustomerID, err, start)
	if err != nil {
		return commerce.Account{}, e.failedWrite(ctx, err)
	}
	return created, e.rememberAccount(ctx, account.Reference, created)
}

// OrderToCreate is a sales order with where it comes from.
type OrderToCreate struct {
	OrderID    string              `json:"order_id"`
	Profile    string              `json:"profile"`
	SalesOrder commerce.SalesOrder `json:"sales_order"`
	// Number and PlacedAt tell the web order from another that had its id.
	Number   string    `json:"number,omitempty"`
	PlacedAt time.Time `json:"placed_at,omitzero"`
	// Again: a person decided that it be created although it was before.
	Again bool `json:"again,omitempty"`
}

// CreatedOrder is what stands in the ERP now.
type CreatedOrder struct {
	Number string `json:"number"`
	// Found: it was there already, from an earlier attempt.
	Found       bool                   `json:"found,omitempty"`
	Total       decimal.Decimal        `json:"total"` // lines, freight and tax, as the ERP has them
	Tax         decimal.Decimal        `json:"tax"`
	Status      commerce.OrderProgress `json:"status"`
	Differences []Difference           `json:"differences,omitempty"`
}

// CreateOrder makes sure that the ERP has a sales order exactly once: look up
// by our reference, create only when it is not there, read back, compare.
func (e *ERP) CreateOrder(ctx context.Context, in OrderToCreate) (CreatedOrder, error) {
	defer heartbeating(ctx)()
	if err := e.settle(ctx); err != nil {
		return CreatedOrder{}, err
	}
	wanted := in.SalesOrder
	known, err := absent(e.Records.OrderByShopID(ctx, e.Store, in.OrderID))
	if err != nil {
		return CreatedOrder{}, err
	}
	made := known.ERPOrder != "" && strings.EqualFold(known.Reference, wanted.Reference)
	found, err := e.P21.FindOrders(ctx, wanted.Reference)
	if err != nil {
		return CreatedOrder{}, classify(err)
	}
	found = only(found)
	out := CreatedOrder{Found: len(found) > 0}
	switch {
	case len(found) > 1:
		return out, refuse("duplicate-in-erp", fmt.Sprintf(
			"Prophet 21 has %d orders with reference %s (%s); cancel the surplus there, then retry", len(found), wanted.Reference, numbers(found)))
	case len(found) == 1 && !made && stranger(wanted, found[0]) != "":
		return out, refuse("id-reused", fmt.Sprintf(
			"order %s of Prophet 21 has reference %s but is another order (%s): the shop gave this id before it was restored from a backup. "+
				"Amend {\"/reference_suffix\": \"2\"} to create this one under a reference of its own; if it is the same order, mend it there and retry",
			found[0].Number, wanted.Reference, stranger(wanted, found[0])))
	case len(found) == 0 && made && !in.Again:
		return out, refuse("vanished-from-erp", vanished(known, ""))
	case len(found) == 1 && found[0].Status.Cancelled:
		return out, refuse("cancelled-in-erp", fmt.Sprintf(
			"order %s with reference %s was cancelled in Prophet 21; cancel this process, or delete that order there and retry", found[0].Number, wanted.Reference))
	case len(found) == 1:
		out.Number = found[0].Number
	default:
		start := time.Now()
		out.Number, err = e.P21.CreateOrder(ctx, wanted)
		e.audit(ctx, "create order", in.OrderID, out.Number, err, start)
		if err != nil {
			return out, e.failedWrite(ctx, err)
		}
	}
	got, err := e.P21.Order(ctx, out.Number)
	if err != nil {
		return out, classify(err)
	}
	out.Total, out.Tax, out.Status = got.NetTotal().Add(got.Tax), got.Tax, got.Status
	out.Differences = e.Mapping.Compare(wanted, got)
	return out, e.Records.SaveOrder(ctx, records.OrderRef{
		Store: e.Store, ShopOrderID: in.OrderID, Reference: wanted.Reference, ShopNumber: in.Number, PlacedAt: in.PlacedAt,
		ERPOrder: out.Number, ERPCustomer: wanted.CustomerID, ProfileVersion: in.Profile,
	})
}

func numbers(orders []commerce.SalesOrder) string {
	s := ""
	for i, o := range orders {
		if i > 0 {
			s += ", "
		}
		s += o.Number
	}
	return s
}

// settle waits before a look-up that could come too early: when an earlier
// attempt died without a word (a killed worker), its write may still be under
// way. An attempt that failed cleanly says so by a heartbeat; see failedWrite.
func (e *ERP) settle(ctx context.Context) error {
	if activity.GetInfo(ctx).Attempt == 1 || activity.HasHeartbeatDetails(ctx) {
		return nil
	}
	select {
	case <-time.After(e.Settle):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// failedWrite classes the failure of a write. When the outcome is unknown the
// next attempt comes after the settling time, and its look-up tells.
func (e *ERP) failedWrite(ctx context.Context, err error) error {
	activity.RecordHeartbeat(ctx, "ended")
	if connectors.Is(err, connectors.OutcomeUnknown) {
		var failed *connectors.Error
		errors.As(err, &failed)
		failed.RetryAfter = max(failed.RetryAfter, e.Settle)
	}
	return classify(err)
}

func (e *ERP) audit(ctx context.Context, operation, subject, key string, err error, start time.Time) {
	audit(ctx, e.Records, records.AuditEntry{
		Store: e.Store, System: "prophet21", Operation: operation, Subject: "order/" + e.Store + "/" + subject, Key: key,
		Outcome: outcome(err), Duration: time.Since(start),
	})
}

// ShipmentReading is a shipment with what the shop has to be told.
type ShipmentReading struct {
	Shipment commerce.Shipment `json:"shipment"`
	// Store and OrderID name the web order; empty when it is none of ours.
	Store   string `json:"store,omitempty"`
	OrderID string `json:"order_id,omitempty"`
	// Tracking are the numbers of all shipments of the order that left.
	Tracking []string `json:"tracking,omitempty"`
	// Complete: all that was ordered and not cancelled has left.
	Complete bool `json:"complete"`
}

// ReadShipment reads a pick ticket, the order it belongs to and that order's
// other shipments.
func (e *ERP) ReadShipment(ctx context.Context, pickTicket string) (ShipmentReading, error) {
	defer heartbeating(ctx)()
	shipment, err := e.P21.Shipment(ctx, pickTicket)
	if err != nil {
		return ShipmentReading{}, classify(err)
	}
	out := ShipmentReading{Shipment: shipment}
	order, err := e.P21.Order(ctx, shipment.OrderNumber)
	if err != nil {
		return out, classify(err)
	}
	store, orderID, err := commerce.ParseReference(order.Reference)
	if err != nil || store != e.Store {
		return out, nil // a counter sale, or another store's order
	}
	known, err := absent(e.Records.OrderByShopID(ctx, store, orderID))
	if err != nil {
		return out, err
	}
	if known.Reference != "" && !strings.EqualFold(known.Reference, order.Reference) {
		return out, nil // of an order whose id the shop has given again
	}
	all, err := e.P21.Shipments(ctx, shipment.OrderNumber)
	if err != nil {
		return out, classify(err)
	}
	out.Store, out.OrderID = store, orderID
	out.Tracking, out.Complete = shipped(order, all)
	return out, nil
}

// shipped collects the tracking numbers of what left, and tells whether all did.
func shipped(order commerce.SalesOrder, shipments []commerce.Shipment) (tracking []string, complete bool) {
	left := map[int]decimal.Decimal{}
	seen := map[string]bool{}
	for _, s := range shipments {
		if !s.Confirmed || s.Deleted {
			continue
		}
		for _, number := range s.Tracking {
			if !seen[number] {
				seen[number] = true
				tracking = append(tracking, number)
			}
		}
		for _, l := range s.Lines {
			left[l.OrderLine] = left[l.OrderLine].Add(l.Quantity)
		}
	}
	if order.Status.Completed {
		return tracking, true
	}
	for _, l := range order.Lines {
		if !l.Charge && left[l.LineNo].LessThan(l.Quantity.Sub(l.Cancelled)) {
			return tracking, false
		}
	}
	return tracking, len(shipments) > 0
}

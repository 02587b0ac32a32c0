package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
	"github.com/cart21/cart21/connectors/prophet21"
	"github.com/cart21/cart21/connectors/xcart"
	"github.com/cart21/cart21/records"
)

// Launcher starts and signals the processes. The workers' main gives the
// Temporal client behind it; all starts carry the business ID, so that a
// repeated one costs nothing.
type Launcher interface {
	// StartOrder makes sure that a process for an order runs or has run to its
	// end; one that was terminated begins anew.
	StartOrder(ctx context.Context, store, orderID, number string) error
	// OrderChanged tells the order's process that the shop's order changed,
	// and starts one if none runs.
	OrderChanged(ctx context.Context, store, orderID, number string) error
	// OrderProgressed tells the order's process how far the ERP is; it does
	// nothing when none runs.
	OrderProgressed(ctx context.Context, store, orderID string, progress commerce.OrderProgress) error
	// ShipmentLeft starts the notification of a shipment, again if its pick
	// ticket changed since.
	ShipmentLeft(ctx context.Context, store, pickTicket string) error
}

// Intake polls both systems for what no webhook told.
type Intake struct {
	Store    string
	Taker    string // whose orders in the ERP are ours
	XCart    xcart.Shop
	P21      prophet21.ERP
	Records  *records.Store
	Launcher Launcher
	// Overlap is how far before its cursor a poll looks again: clocks differ,
	// and changes become visible late. Lookback is where the first poll of all
	// begins.
	Overlap  time.Duration
	Lookback time.Duration
	// Check is how often the orders that are not finished are looked after.
	Check time.Duration
	Now   func() time.Time
}

// Polled counts what a poll found.
type Polled struct {
	Seen    int       `json:"seen"`    // records in the window
	Started int       `json:"started"` // processes started or told
	Until   time.Time `json:"until"`   // the window's new end
}

// position is a poll's cursor: where the window ends, and what was handled of
// the overlap, so that it is not handled again.
type position struct {
	Until   time.Time       `json:"until"`
	Handled map[string]mark `json:"handled,omitempty"`
	WideAt  time.Time       `json:"wide_at,omitzero"`  // when the window last was wide
	Pending *pending        `json:"pending,omitempty"` // a poll that broke off
	wide    bool
	version int64 // of the record, to notice a second poller
}

// pending is how far a poll came before it broke off.
type pending struct {
	Since  time.Time `json:"since"`
	Cursor string    `json:"cursor"` // of the next page
	Until  time.Time `json:"until"`  // of the pages before
}

type mark struct {
	At    time.Time `json:"at"`
	State string    `json:"state"`
}

func (in *Intake) position(ctx context.Context, name string) (position, error) {
	now := in.Now()
	p := position{Until: now.Add(-in.Lookback), Handled: map[string]mark{}, WideAt: now}
	cursor, err := in.Records.Cursor(ctx, name)
	if errors.Is(err, records.ErrNotFound) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	p.version = cursor.Version
	if err := json.Unmarshal([]byte(cursor.Position), &p); err != nil {
		return p, fmt.Errorf("cursor %s is damaged: %w", name, err)
	}
	if p.Handled == nil {
		p.Handled = map[string]mark{}
	}
	if p.Until.After(now) {
		p.Until = now // a clock was ahead when it was saved
	}
	if p.wide = now.Sub(p.WideAt).Abs() >= wideEvery; p.wide {
		p.WideAt = now
	}
	return p, nil
}

// Once an hour a poll looks back further than an hour: a system whose clock, or
// whose zone as we were told it, went back by an hour dates its changes before
// the cursor for so long.
const (
	wideEvery   = time.Hour
	wideOverlap = 75 * time.Minute
)

// since is where the window begins.
func (in *Intake) since(p position) time.Time {
	if p.wide {
		return p.Until.Add(-max(in.Overlap, wideOverlap))
	}
	return p.Until.Add(-in.Overlap)
}

// handled reports whether a record was already handled in this state.
func (p *position) handled(key, state string) bool { return p.Handled[key].State == state }

func (p *position) handle(key, state string, at time.Time) {
	p.Handled[key] = mark{At: at, State: state}
}

// save advances the cursor; only called after every start succeeded. It never
// runs ahead of now: what a clock that is ahead has dated must not hide what a
// right one dates.
func (in *Intake) save(ctx context.Context, name string, p *position, until time.Time) error {
	if now := in.Now(); until.After(now) {
		until = now
	}
	if until.After(p.Until) {
		p.Until = until
	}
	p.wide = true // what the widest window shows again
	for key, m := range p.Handled {
		if m.At.Before(in.since(*p)) {
			delete(p.Handled, key)
		}
	}
	return in.keep(ctx, name, p)
}

// keep writes a position down as it is.
func (in *Intake) keep(ctx context.Context, name string, p *position) error {
	raw, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("writing cursor %s down: %w", name, err)
	}
	if err := in.Records.SaveCursor(ctx, records.Cursor{Name: name, Position: string(raw), Version: p.version}); err != nil {
		return err
	}
	p.version++
	return nil
}

// walk reads the pages of a poll of the ERP, each with one call of page, which
// returns the next one's cursor. It keeps after each page how far it came: after
// an outage there may be hundreds, and a poll that breaks off goes on there.
func (in *Intake) walk(ctx context.Context, name string, page func(p *position, since time.Time, cursor string, out *Polled) (next string, err error)) (Polled, error) {
	p, err := in.position(ctx, name)
	if err != nil {
		return Polled{}, err
	}
	out, at := Polled{Until: p.Until}, pending{Since: in.since(p)}
	if p.Pending != nil {
		at = *p.Pending
		out.Until = at.Until
	}
	for resumed := p.Pending != nil; ; resumed = false {
		next, err := page(&p, at.Since, at.Cursor, &out)
		var app *temporal.ApplicationError
		if resumed && errors.As(err, &app) && app.Type() == string(connectors.Rejected) {
			at.Cursor = "" // the ERP no longer takes it: begin anew
			continue
		}
		if err != nil {
			return out, err
		}
		if next == "" {
			p.Pending = nil
			return out, in.save(ctx, name, &p, out.Until)
		}
		at.Cursor, at.Until = next, out.Until
		p.Pending = &pending{at.Since, at.Cursor, at.Until}
		if err := in.keep(ctx, name, &p); err != nil {
			return out, err
		}
		activity.RecordHeartbeat(ctx)
	}
}

// PollShop finds orders that were placed or changed in the shop and starts or
// tells their processes.
func (in *Intake) PollShop(ctx context.Context) (Polled, error) {
	defer heartbeating(ctx)()
	name := "orders/" + in.Store
	p, err := in.position(ctx, name)
	if err != nil {
		return Polled{}, err
	}
	out := Polled{Until: p.Until}
	for cursor := ""; ; {
		page, err := in.XCart.OrdersChanged(ctx, in.since(p), cursor)
		if err != nil {
			return out, classify(err)
		}
		if err := in.launchOrders(ctx, &p, page.Orders, &out); err != nil {
			return out, err
		}
		if cursor = page.Next; cursor == "" {
			break
		}
		activity.RecordHeartbeat(ctx)
	}
	return out, in.save(ctx, name, &p, out.Until)
}

// launchOrders starts the processes of new orders and tells those of changed
// ones. A change that is only our own write coming back has the fingerprint
// that the records hold, and is passed over.
func (in *Intake) launchOrders(ctx context.Context, p *position, refs []commerce.OrderRef, out *Polled) error {
	ids := make([]string, len(refs))
	for i, ref := range refs {
		ids[i] = ref.ID
	}
	known, err := in.Records.Fingerprints(ctx, in.Store, ids)
	if err != nil {
		return err
	}
	for _, ref := range refs {
		out.Seen++
		if ref.UpdatedAt.After(out.Until) {
			out.Until = ref.UpdatedAt
		}
		if ref.Number == "" {
			continue // a draft: checkout is not finished
		}
		state := ref.Fingerprint
		if state == "" {
			state = ref.UpdatedAt.UTC().Format(time.RFC3339Nano)
		}
		fingerprint, met := known[ref.ID]
		if p.handled(ref.ID, state) || (fingerprint != "" && fingerprint == ref.Fingerprint) {
			continue
		}
		start := in.Launcher.StartOrder
		if met {
			start = in.Launcher.OrderChanged
		}
		if err := start(ctx, in.Store, ref.ID, ref.Number); err != nil {
			return fmt.Errorf("starting the process of order %s: %w", ref.ID, err)
		}
		p.handle(ref.ID, state, ref.UpdatedAt)
		out.Started++
	}
	return nil
}

// PollFulfilment finds pick tickets that left and orders that moved on in the
// ERP. One poll serves all orders.
func (in *Intake) PollFulfilment(ctx context.Context) (Polled, error) {
	defer heartbeating(ctx)()
	// Orders first: they tell which order numbers are ours, and the shop of a
	// busy distributor is a small part of all pick tickets.
	orders, err := in.pollOrders(ctx)
	if err != nil {
		return orders, err
	}
	shipments, err := in.pollShipments(ctx)
	if err == nil {
		err = in.lookAfter(ctx)
	}
	return Polled{Seen: shipments.Seen + orders.Seen, Started: shipments.Started + orders.Started, Until: shipments.Until}, err
}

func (in *Intake) pollShipments(ctx context.Context) (Polled, error) {
	return in.walk(ctx, "shipments/"+in.Store, func(p *position, since time.Time, cursor string, out *Polled) (string, error) {
		page, err := in.P21.ShipmentsChanged(ctx, since, cursor)
		if err != nil {
			return "", classify(err)
		}
		for _, s := range page.Shipments {
			if err := in.shipmentChanged(ctx, p, s, out); err != nil {
				return "", err
			}
		}
		return page.Next, nil
	})
}

func (in *Intake) shipmentChanged(ctx context.Context, p *position, s commerce.Shipment, out *Polled) error {
	out.Seen++
	if s.UpdatedAt.After(out.Until) {
		out.Until = s.UpdatedAt
	}
	state := fmt.Sprint(s.Confirmed, s.Deleted, s.Tracking)
	if !s.Confirmed || s.Deleted || p.handled(s.ID, state) {
		return nil
	}
	_, err := in.Records.OrderByERP(ctx, in.Store, s.OrderNumber)
	if errors.Is(err, records.ErrNotFound) {
		return nil // a counter sale, or another channel's order
	}
	if err != nil {
		return err
	}
	if err := in.Launcher.ShipmentLeft(ctx, in.Store, s.ID); err != nil {
		return fmt.Errorf("starting the notification of shipment %s: %w", s.ID, err)
	}
	p.handle(s.ID, state, s.UpdatedAt)
	out.Started++
	return nil
}

func (in *Intake) pollOrders(ctx context.Context) (Polled, error) {
	return in.walk(ctx, "sales-orders/"+in.Store, func(p *position, since time.Time, cursor string, out *Polled) (string, error) {
		page, err := in.P21.OrdersChanged(ctx, in.Taker, since, cursor)
		if err != nil {
			return "", classify(err)
		}
		for _, o := range page.Orders {
			if err := in.salesOrderChanged(ctx, p, o, out); err != nil {
				return "", err
			}
		}
		return page.Next, nil
	})
}

func (in *Intake) salesOrderChanged(ctx context.Context, p *position, o commerce.SalesOrder, out *Polled) error {
	out.Seen++
	if o.UpdatedAt.After(out.Until) {
		out.Until = o.UpdatedAt
	}
	store, orderID, err := commerce.ParseReference(o.Reference)
	state := fmt.Sprintf("%+v", o.Status)
	if err != nil || store != in.Store || p.handled(o.Number, state) {
		return nil
	}
	known, err := absent(in.Records.OrderByShopID(ctx, store, orderID))
	if err != nil {
		return err
	}
	if known.ERPOrder != "" && known.ERPOrder != o.Number {
		return nil // a surplus one, or of an order whose id the shop has given again
	}
	if err := in.Records.SaveOrder(ctx, records.OrderRef{Store: store, ShopOrderID: orderID, Reference: o.Reference, ERPOrder: o.Number}); err != nil {
		return err
	}
	if err := in.Launcher.OrderProgressed(ctx, store, orderID, o.Status); err != nil {
		return fmt.Errorf("telling the process of order %s: %w", orderID, err)
	}
	p.handle(o.Number, state, o.UpdatedAt)
	out.Started++
	return nil
}

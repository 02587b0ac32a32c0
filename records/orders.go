package records

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// OrderRef is what we know of a web order: its names on both sides and what
// was made of it.
type OrderRef struct {
	Store          string
	ShopOrderID    string // with Store the key
	ShopNumber     string // what the customer sees
	PlacedAt       time.Time
	Reference      string // ours, in the ERP
	ERPOrder       string
	Fingerprint    string // of the order as we last read or wrote it
	ProfileVersion string // of the mapping that made the sales order
	ERPCustomer    string
	Stage          string // where the last process ended
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// SaveOrder adds what is known of an order. An empty field leaves what is
// recorded, so every step saves just what it learnt. Times are set here.
func (s *Store) SaveOrder(ctx context.Context, o OrderRef) error {
	if o.Store == "" || o.ShopOrderID == "" {
		return errors.New("saving an order: store and shop order id must be set")
	}
	_, err := s.exec(ctx, `
		INSERT INTO orders (store, shop_order_id, shop_number, reference, erp_order, fingerprint, profile_version, erp_customer, stage, placed_at, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $11, $10, $10)
		ON CONFLICT (store, shop_order_id) DO UPDATE SET
			shop_number     = COALESCE(NULLIF(excluded.shop_number, ''), orders.shop_number),
			reference       = COALESCE(NULLIF(excluded.reference, ''), orders.reference),
			erp_order       = COALESCE(NULLIF(excluded.erp_order, ''), orders.erp_order),
			fingerprint     = COALESCE(NULLIF(excluded.fingerprint, ''), orders.fingerprint),
			profile_version = COALESCE(NULLIF(excluded.profile_version, ''), orders.profile_version),
			erp_customer    = COALESCE(NULLIF(excluded.erp_customer, ''), orders.erp_customer),
			stage           = COALESCE(NULLIF(excluded.stage, ''), orders.stage),
			placed_at       = COALESCE(excluded.placed_at, orders.placed_at),
			updated_at      = excluded.updated_at`,
		o.Store, o.ShopOrderID, o.ShopNumber, o.Reference, o.ERPOrder, o.Fingerprint, o.ProfileVersion, o.ERPCustomer, o.Stage, stamp(s.now()), optional(o.PlacedAt))
	if err != nil {
		return fmt.Errorf("saving order %s/%s: %w", o.Store, o.ShopOrderID, err)
	}
	return nil
}

// OrderByShopID finds an order by the shop's internal id.
func (s *Store) OrderByShopID(ctx context.Context, store, shopOrderID string) (OrderRef, error) {
	return s.order(ctx, `store = $1 AND shop_order_id = $2`, store, shopOrderID)
}

// OrderByNumber finds an order by the number that the customer sees.
func (s *Store) OrderByNumber(ctx context.Context, store, number string) (OrderRef, error) {
	return s.order(ctx, `store = $1 AND shop_number = $2 AND shop_number <> ''`, store, number)
}

// OrderByERP finds an order by the ERP's order number.
func (s *Store) OrderByERP(ctx context.Context, store, erpOrder string) (OrderRef, error) {
	return s.order(ctx, `store = $1 AND erp_order = $2 AND erp_order <> ''`, store, erpOrder)
}

// OrderByReference finds an order by our reference.
func (s *Store) OrderByReference(ctx context.Context, reference string) (OrderRef, error) {
	return s.order(ctx, `reference = $1 AND reference <> ''`, reference)
}

// order finds one order. Should two carry the same ERP order (one of the two
// systems was restored from a backup), the one that moved last counts.
func (s *Store) order(ctx context.Context, condition string, args ...any) (OrderRef, error) {
	var o OrderRef
	err := s.row(ctx, o.scan, selectOrders+condition+` ORDER BY updated_at DESC LIMIT 1`, args...)
	if err != nil {
		return OrderRef{}, fmt.Errorf("finding order %v: %w", args, err)
	}
	return o, nil
}

const selectOrders = `SELECT store, shop_order_id, shop_number, reference, erp_order, fingerprint, profile_version, erp_customer, stage,
	placed_at, created_at, updated_at FROM orders WHERE `

func (o *OrderRef) scan(r scanner) error {
	var placed sql.NullTime
	err := r.Scan(&o.Store, &o.ShopOrderID, &o.ShopNumber, &o.Reference, &o.ERPOrder, &o.Fingerprint,
		&o.ProfileVersion, &o.ERPCustomer, &o.Stage, &placed, &o.CreatedAt, &o.UpdatedAt)
	if placed.Valid {
		o.PlacedAt = placed.Time.UTC()
	}
	o.CreatedAt, o.UpdatedAt = o.CreatedAt.UTC(), o.UpdatedAt.UTC()
	return err
}

// UnfinishedOrders lists the orders of a store whose process has not come to
// its end and that have not moved since a time, oldest first.
func (s *Store) UnfinishedOrders(ctx context.Context, store string, ended []string, before time.Time) ([]OrderRef, error) {
	condition, args := `store = $1 AND updated_at < $2`, []any{store, stamp(before)}
	for _, stage := range ended {
		args = append(args, stage)
		condition += " AND stage <> $" + strconv.Itoa(len(args))
	}
	var all []OrderRef
	err := s.rows(ctx, func(r scanner) error {
		var o OrderRef
		err := o.scan(r)
		all = append(all, o)
		return err
	}, selectOrders+condition+` ORDER BY updated_at, shop_order_id`, args...)
	if err != nil {
		return nil, fmt.Errorf("listing the unfinished orders of %s: %w", store, err)
	}
	return all, nil
}

// maxIDs bounds the parameters of one query; a page of a poll is far smaller.
const maxIDs = 5000

// Fingerprints tells for the given orders of a store what they looked like when
// we last read or wrote them. Orders that we have never met are missing; one
// that we met but have not read has an empty fingerprint.
func (s *Store) Fingerprints(ctx context.Context, store string, ids []string) (map[string]string, error) {
	found := make(map[string]string, len(ids))
	for some := range slices.Chunk(ids, maxIDs) {
		var places strings.Builder
		args := []any{store}
		for i, id := range some {
			if i > 0 {
				places.WriteByte(',')
			}
			places.WriteString("$" + strconv.Itoa(i+2))
			args = append(args, id)
		}
		err := s.rows(ctx, func(r scanner) error {
			var id, fingerprint string
			if err := r.Scan(&id, &fingerprint); err != nil {
				return err
			}
			found[id] = fingerprint
			return nil
		}, `SELECT shop_order_id, fingerprint FROM orders WHERE store = $1 AND shop_order_id IN (`+places.String()+`)`, args...)
		if err != nil {
			return nil, fmt.Errorf("reading the fingerprints of %d orders: %w", len(ids), err)
		}
	}
	return found, nil
}

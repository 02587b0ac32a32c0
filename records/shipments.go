package records

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Shipment is a shipment that the shop was told of.
type Shipment struct {
	Store       string
	PickTicket  string // with Store the key
	ShopOrderID string
	NotifiedAt  time.Time
	Tracking    []string // the numbers that were written
}

// SaveShipment records that the shop was told. Telling it again without
// tracking numbers leaves those that are recorded.
func (s *Store) SaveShipment(ctx context.Context, sh Shipment) error {
	if sh.Store == "" || sh.PickTicket == "" {
		return errors.New("saving a shipment: store and pick ticket must be set")
	}
	tracking := []byte("[]")
	if len(sh.Tracking) > 0 {
		var err error
		if tracking, err = json.Marshal(sh.Tracking); err != nil {
			return fmt.Errorf("saving shipment %s/%s: %w", sh.Store, sh.PickTicket, err)
		}
	}
	_, err := s.exec(ctx, `
		INSERT INTO shipments (store, pick_ticket, shop_order_id, notified_at, tracking)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (store, pick_ticket) DO UPDATE SET
			shop_order_id = COALESCE(NULLIF(excluded.shop_order_id, ''), shipments.shop_order_id),
			notified_at   = excluded.notified_at,
			tracking      = COALESCE(NULLIF(excluded.tracking, '[]'), shipments.tracking)`,
		sh.Store, sh.PickTicket, sh.ShopOrderID, stamp(sh.NotifiedAt), string(tracking))
	if err != nil {
		return fmt.Errorf("saving shipment %s/%s: %w", sh.Store, sh.PickTicket, err)
	}
	return nil
}

const selectShipments = `SELECT store, pick_ticket, shop_order_id, notified_at, tracking FROM shipments WHERE `

// Shipment finds a shipment by its pick ticket.
func (s *Store) Shipment(ctx context.Context, store, pickTicket string) (Shipment, error) {
	var sh Shipment
	err := s.row(ctx, sh.scan, selectShipments+`store = $1 AND pick_ticket = $2`, store, pickTicket)
	if err != nil {
		return Shipment{}, fmt.Errorf("finding shipment %s/%s: %w", store, pickTicket, err)
	}
	return sh, nil
}

// Shipments lists the shipments of an order, in the order of notification.
func (s *Store) Shipments(ctx context.Context, store, shopOrderID string) ([]Shipment, error) {
	var all []Shipment
	err := s.rows(ctx, func(r scanner) error {
		var sh Shipment
		err := sh.scan(r)
		all = append(all, sh)
		return err
	}, selectShipments+`store = $1 AND shop_order_id = $2 ORDER BY notified_at, pick_ticket`, store, shopOrderID)
	if err != nil {
		return nil, fmt.Errorf("listing the shipments of order %s/%s: %w", store, shopOrderID, err)
	}
	return all, nil
}

func (sh *Shipment) scan(r scanner) error {
	var tracking string
	if err := r.Scan(&sh.Store, &sh.PickTicket, &sh.ShopOrderID, &sh.NotifiedAt, &tracking); err != nil {
		return err
	}
	sh.NotifiedAt = sh.NotifiedAt.UTC()
	if tracking == "[]" {
		return nil
	}
	return json.Unmarshal([]byte(tracking), &sh.Tracking)
}

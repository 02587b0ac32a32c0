package records

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Customer says which customer, contact and ship-to of the ERP belong to a
// customer of the shop.
type Customer struct {
	Store string
	// Key is the shop's profile id, or a hash of a guest's e-mail address;
	// never the address itself: no personal data is kept here.
	Key        string
	CustomerID string
	ContactID  string
	ShipToID   string
	Terms      string // on which it buys, by the ERP's id; empty when not known
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// SaveCustomer adds what is known of a customer. An empty field leaves what is
// recorded. Times are set here.
func (s *Store) SaveCustomer(ctx context.Context, c Customer) error {
	switch {
	case c.Store == "" || c.Key == "":
		return errors.New("saving a customer: store and key must be set")
	case strings.Contains(c.Key, "@"):
		return errors.New("saving a customer: the key must not be an e-mail address; hash it")
	}
	_, err := s.exec(ctx, `
		INSERT INTO customers (store, key, customer_id, contact_id, ship_to_id, terms, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $7, $6, $6)
		ON CONFLICT (store, key) DO UPDATE SET
			customer_id = COALESCE(NULLIF(excluded.customer_id, ''), customers.customer_id),
			contact_id  = COALESCE(NULLIF(excluded.contact_id, ''), customers.contact_id),
			ship_to_id  = COALESCE(NULLIF(excluded.ship_to_id, ''), customers.ship_to_id),
			terms       = COALESCE(NULLIF(excluded.terms, ''), customers.terms),
			updated_at  = excluded.updated_at`,
		c.Store, c.Key, c.CustomerID, c.ContactID, c.ShipToID, stamp(s.now()), c.Terms)
	if err != nil {
		return fmt.Errorf("saving customer %s/%s: %w", c.Store, c.Key, err)
	}
	return nil
}

// Customer finds a customer by its key.
func (s *Store) Customer(ctx context.Context, store, key string) (Customer, error) {
	c := Customer{Store: store, Key: key}
	err := s.row(ctx, func(r scanner) error {
		return r.Scan(&c.CustomerID, &c.ContactID, &c.ShipToID, &c.Terms, &c.CreatedAt, &c.UpdatedAt)
	}, `SELECT customer_id, contact_id, ship_to_id, terms, created_at, updated_at FROM customers WHERE store = $1 AND key = $2`, store, key)
	if err != nil {
		return Customer{}, fmt.Errorf("finding customer %s/%s: %w", store, key, err)
	}
	c.CreatedAt, c.UpdatedAt = c.CreatedAt.UTC(), c.UpdatedAt.UTC()
	return c, nil
}

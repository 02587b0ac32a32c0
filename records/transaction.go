package records

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// transaction is several reads and writes that all happen, or none.
type transaction struct {
	dialect dialect
	tx      *sql.Tx
}

// reader runs queries: the store, or a transaction.
type reader interface {
	rows(ctx context.Context, scan func(scanner) error, query string, args ...any) error
}

// transact runs do within a transaction.
func (s *Store) transact(ctx context.Context, do func(*transaction) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	if err := do(&transaction{s.dialect, tx}); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func (t *transaction) exec(ctx context.Context, query string, args ...any) error {
	_, err := t.tx.ExecContext(ctx, t.dialect.rebind(query), clean(args)...)
	return err
}

// rows runs a query and hands every row to scan.
func (t *transaction) rows(ctx context.Context, scan func(scanner) error, query string, args ...any) error {
	return each(ctx, t.tx, scan, t.dialect.rebind(query), clean(args)...)
}

package records

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrCursorMoved is returned when somebody else saved a cursor since it was
// read: two polls ran at once, and the slower must not move it back.
var ErrCursorMoved = errors.New("the cursor was moved by another poll")

// Cursor is how far a poll has come.
type Cursor struct {
	Name     string
	Position string // a document of the poll's own
	// Version counts the saves. It is what was read, or 0 for a cursor that
	// was not there.
	Version   int64
	UpdatedAt time.Time
}

// Cursor reads a cursor.
func (s *Store) Cursor(ctx context.Context, name string) (Cursor, error) {
	c := Cursor{Name: name}
	err := s.row(ctx, func(r scanner) error { return r.Scan(&c.Position, &c.Version, &c.UpdatedAt) },
		`SELECT position, version, updated_at FROM cursors WHERE name = $1`, name)
	if err != nil {
		return Cursor{}, fmt.Errorf("reading cursor %s: %w", name, err)
	}
	c.UpdatedAt = c.UpdatedAt.UTC()
	return c, nil
}

// SaveCursor saves a cursor, provided that it still has the version that was
// read; otherwise it returns ErrCursorMoved and changes nothing.
func (s *Store) SaveCursor(ctx context.Context, c Cursor) error {
	query := `UPDATE cursors SET position = $2, version = version + 1, updated_at = $3 WHERE name = $1 AND version = $4`
	args := []any{c.Name, c.Position, stamp(s.now()), c.Version}
	if c.Version == 0 {
		query = `INSERT INTO cursors (name, position, version, updated_at) VALUES ($1, $2, 1, $3) ON CONFLICT (name) DO NOTHING`
		args = args[:3]
	}
	saved, err := s.exec(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("saving cursor %s: %w", c.Name, err)
	}
	if saved == 0 {
		return fmt.Errorf("saving cursor %s at version %d: %w", c.Name, c.Version, ErrCursorMoved)
	}
	return nil
}

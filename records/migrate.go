package records

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// migrations hold the schema for each dialect. A released file is never
// changed; a change of the schema is a new file in both folders.
//
//go:embed migrations
var migrations embed.FS

const migrationsTable = "records_migrations"

func (s *Store) migrate(ctx context.Context) error {
	folder, err := fs.Sub(migrations, "migrations/"+string(s.dialect))
	if err != nil {
		return err
	}
	if s.dialect == postgres {
		return s.migratePostgres(ctx, folder)
	}
	return s.migrateSQLite(ctx, folder)
}

// migratePostgres waits for its turn: several processes may start at once.
func (s *Store) migratePostgres(ctx context.Context, folder fs.FS) error {
	turn, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, s.write, folder,
		goose.WithTableName(migrationsTable), goose.WithSessionLocker(turn), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// migrateSQLite has no lock to wait for. Each migration is a transaction that
// holds the file's write lock, so when several processes start at once one of
// them wins; the others fail and roll back, see that the schema has moved on,
// and go on from there.
func (s *Store) migrateSQLite(ctx context.Context, folder fs.FS) error {
	for {
		// A new provider each time: one tries only once to create its table.
		provider, err := goose.NewProvider(goose.DialectSQLite3, s.write, folder,
			goose.WithTableName(migrationsTable), goose.WithDisableGlobalRegistry(true))
		if err != nil {
			return err
		}
		before, err := provider.GetDBVersion(ctx)
		if err == nil {
			_, err = provider.Up(ctx)
		}
		if err == nil {
			return nil
		}
		after, unread := provider.GetDBVersion(ctx)
		if moved := unread == nil && after > before; !moved && !busy(err) {
			return err
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

// busy reports whether another process holds the SQLite file just now. The
// switch to the write-ahead log says so at once, without the usual patience.
func busy(err error) bool {
	var failed *driver.Error
	return errors.As(err, &failed) && failed.Code()&0xff == sqlite3.SQLITE_BUSY
}

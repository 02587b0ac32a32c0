package records

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // registers the database/sql driver "sqlite"
)

// ErrNotFound is returned when there is no such record.
var ErrNotFound = errors.New("no such record")

// Store is the open records. It is safe for concurrent use.
type Store struct {
	dialect dialect
	// SQLite has one writer at a time, whatever we do: with a pool of one
	// connection writers of this process queue up here instead of polling for
	// the file's lock, and readers never wait for them. On PostgreSQL both are
	// the same pool.
	write, read *sql.DB
	now         func() time.Time
}

// Open opens the records and brings their schema up to date.
//
// The DSN is file:path.db for SQLite (file::memory: for a test), or
// postgres://user@host/database for PostgreSQL. The latter may name a file that
// holds nothing but the password (?password_file=/run/secrets/...), so that the
// DSN itself is no secret. A SQLite file must lie on a local disk.
func Open(ctx context.Context, dsn string) (*Store, error) {
	var s *Store
	var err error
	switch scheme, _, _ := strings.Cut(dsn, ":"); scheme {
	case "file":
		s, err = openSQLite(dsn)
	case "postgres", "postgresql":
		s, err = openPostgres(dsn)
	default:
		// The DSN is not repeated: it may hold a password.
		return nil, errors.New("the records' DSN must begin with file: (SQLite) or postgres:// (PostgreSQL)")
	}
	if err != nil {
		return nil, err
	}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("bringing the records' schema up to date: %w", err), s.Close())
	}
	return s, nil
}

// Close closes the records.
func (s *Store) Close() error {
	if s.read == s.write {
		return s.write.Close()
	}
	return errors.Join(s.read.Close(), s.write.Close())
}

// Ping reports whether the records can be reached.
func (s *Store) Ping(ctx context.Context) error { return s.read.PingContext(ctx) }

// sqliteOptions: a write-ahead log so that readers and the writer don't block
// each other; patience with other processes; no fsync at every commit, which a
// killed process survives, and after a power cut the last moments are read
// again from the two systems.
const sqliteOptions = "_busy_timeout=10000&_journal_mode=WAL&_synchronous=NORMAL&_txlock=immediate&_time_format=sqlite&_error_rc=1"

func openSQLite(dsn string) (*Store, error) {
	separator := "?"
	if strings.Contains(dsn, "?") {
		separator = "&"
	}
	dsn += separator + sqliteOptions
	write, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("opening the records: %w", err)
	}
	write.SetMaxOpenConns(1)
	s := &Store{dialect: sqlite, write: write, read: write, now: time.Now}
	if strings.Contains(dsn, ":memory:") || strings.Contains(dsn, "mode=memory") {
		return s, nil // a second connection would be a second, empty database
	}
	if s.read, err = sql.Open("sqlite", dsn+"&_query_only=1"); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the records: %w", err), write.Close())
	}
	s.read.SetMaxOpenConns(4)
	s.read.SetMaxIdleConns(4)
	return s, nil
}

func openPostgres(dsn string) (*Store, error) {
	config, err := postgresConfig(dsn)
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(8)
	db.SetMaxIdleConns(8)
	db.SetConnMaxLifetime(time.Hour) // so that a moved database is found again
	return &Store{dialect: postgres, write: db, read: db, now: time.Now}, nil
}

func postgresConfig(dsn string) (*pgx.ConnConfig, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, errors.New("the records' DSN is not a valid URL: escape special characters of the password, or use password_file")
	}
	query := u.Query()
	passwordFile := query.Get("password_file")
	query.Del("password_file")
	u.RawQuery = query.Encode()
	config, err := pgx.ParseConfig(u.String())
	if err != nil {
		return nil, fmt.Errorf("the records' DSN: %w", err) // pgx leaves the password out
	}
	if passwordFile != "" {
		content, err := os.ReadFile(passwordFile)
		if err != nil {
			return nil, fmt.Errorf("reading the records' password_file: %w", err)
		}
		config.Password = strings.TrimSpace(string(content))
	}
	if _, set := config.RuntimeParams["application_name"]; !set {
		config.RuntimeParams["application_name"] = "cart21"
	}
	return config, nil
}

// exec runs a statement that writes and returns how many rows it touched.
func (s *Store) exec(ctx context.Context, query string, args ...any) (int64, error) {
	result, err := s.write.ExecContext(ctx, s.dialect.rebind(query), clean(args)...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// rows runs a query and hands every row to scan.
func (s *Store) rows(ctx context.Context, scan func(scanner) error, query string, args ...any) error {
	return each(ctx, s.read, scan, s.dialect.rebind(query), clean(args)...)
}

// each runs a query on a database or in a transaction of it.
func each(ctx context.Context, db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, scan func(scanner) error, query string, args ...any) error {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// row runs a query for one row; no row is ErrNotFound.
func (s *Store) row(ctx context.Context, scan func(scanner) error, query string, args ...any) error {
	err := scan(s.read.QueryRowContext(ctx, s.dialect.rebind(query), clean(args)...))
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// scanner is a row, of one or of many.
type scanner interface{ Scan(dest ...any) error }

// clean makes strings fit for PostgreSQL, which refuses zero bytes and broken
// UTF-8: what the two systems send may hold either, and must not stop a process.
func clean(args []any) []any {
	for i, arg := range args {
		if s, ok := arg.(string); ok && (strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s)) {
			args[i] = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
		}
	}
	return args
}

// stamp is a time as it is stored: UTC, to the microsecond that both databases keep.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// optional is a time that need not be known.
func optional(t time.Time) sql.NullTime { return sql.NullTime{Time: stamp(t), Valid: !t.IsZero()} }

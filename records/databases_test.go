package records

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestMain(m *testing.M) {
	if dsn := os.Getenv(childDSN); dsn != "" {
		os.Exit(child(dsn))
	}
	code := m.Run()
	stopPostgres()
	os.Exit(code)
}

// onBoth runs a test on a fresh SQLite file and on a fresh PostgreSQL schema.
func onBoth(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Run("SQLite", func(t *testing.T) { test(t, sqliteDSN(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, postgresDSN(t)) })
}

func open(t testing.TB, dsn string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func sqliteDSN(t testing.TB) string { return "file:" + filepath.Join(t.TempDir(), "records.db") }

var schemas atomic.Int64

// postgresDSN is a schema of its own in the PostgreSQL of RECORDS_TEST_POSTGRES,
// or else in one that is started for these tests from the installed binaries.
// Where there is neither, the test is skipped, unless CART21_REQUIRE_POSTGRES
// is set, as it is in CI.
func postgresDSN(t testing.TB) string {
	t.Helper()
	server := os.Getenv("RECORDS_TEST_POSTGRES")
	if server == "" {
		var err error
		if server, err = startPostgres(); err != nil {
			if os.Getenv("CART21_REQUIRE_POSTGRES") != "" {
				t.Fatalf("CART21_REQUIRE_POSTGRES is set: %v", err)
			}
			t.Skipf("NOT TESTED ON POSTGRESQL: %v", err)
		}
	}
	schema := fmt.Sprintf("records_test_%d_%d", os.Getpid(), schemas.Add(1))
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Exec("CREATE SCHEMA " + schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP SCHEMA " + schema + " CASCADE"); err != nil {
			t.Error(err)
		}
		admin.Close()
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set("search_path", schema)
	u.RawQuery = query.Encode()
	return u.String()
}

var (
	postgresDir  string
	postgresCtl  string
	startedOnce  sync.Once
	startedDSN   string
	startedError error
)

// startPostgres starts a PostgreSQL that listens on a socket in its own folder
// only, so that it meets no other.
func startPostgres() (dsn string, err error) {
	startedOnce.Do(func() { startedDSN, startedError = start() })
	return startedDSN, startedError
}

func start() (string, error) {
	bin, err := postgresBin()
	if err != nil {
		return "", err
	}
	// A socket's path must be short, so not under the test's own folder.
	if postgresDir, err = os.MkdirTemp("/tmp", "records"); err != nil {
		return "", err
	}
	if os.Geteuid() == 0 { // PostgreSQL refuses to run as root
		if err := run("chown", "postgres", postgresDir); err != nil {
			return "", err
		}
	}
	data := filepath.Join(postgresDir, "data")
	if err := asPostgres(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"); err != nil {
		return "", err
	}
	postgresCtl = filepath.Join(bin, "pg_ctl")
	if err := asPostgres(postgresCtl, "start", "-w", "-D", data, "-l", filepath.Join(postgresDir, "log"),
		"-o", "-c listen_addresses='' -c fsync=off -c unix_socket_directories="+postgresDir); err != nil {
		return "", err
	}
	return "postgres://postgres@/postgres?host=" + url.QueryEscape(postgresDir), nil
}

func stopPostgres() {
	if postgresCtl != "" {
		if err := asPostgres(postgresCtl, "stop", "-m", "immediate", "-D", filepath.Join(postgresDir, "data")); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	if postgresDir != "" {
		os.RemoveAll(postgresDir)
	}
}

// postgresBin is the folder of the newest installed PostgreSQL.
func postgresBin() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // Debian and Ubuntu keep it out of PATH
	if err != nil || len(found) == 0 {
		return "", fmt.Errorf("no PostgreSQL found: install Debian's package postgresql, or set RECORDS_TEST_POSTGRES to a postgres:// DSN")
	}
	return filepath.Dir(slices.Max(found)), nil
}

func asPostgres(command ...string) error {
	if os.Geteuid() == 0 {
		command = append([]string{"runuser", "-u", "postgres", "--"}, command...)
	}
	return run(command...)
}

func run(command ...string) error {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = "/"
	// Not a pipe: the server inherits it and would keep it open.
	out, err := os.CreateTemp("", "records-test")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		return fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, bytes.TrimSpace(said))
	}
	return nil
}

const childDSN = "RECORDS_TEST_CHILD_DSN"

// child is another process of ours: it opens the records and writes.
func child(dsn string) int {
	ctx := context.Background()
	s, err := Open(ctx, dsn)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer s.Close()
	for i := range childOrders {
		id := fmt.Sprintf("%d-%d", os.Getpid(), i)
		err := s.SaveOrder(ctx, OrderRef{Store: "main", ShopOrderID: id})
		if err == nil {
			err = s.Audit(ctx, AuditEntry{Operation: "create order", Subject: "order/main/" + id, Outcome: OutcomeDone})
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return 0
}

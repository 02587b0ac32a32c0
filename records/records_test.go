package records

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 123456000, time.UTC)

func TestSaveOrderNeverBlanksWhatIsKnown(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s := open(t, dsn)
		s.now = func() time.Time { return noon.In(time.FixedZone("", 3600)) }
		placed := noon.Add(-time.Minute)
		for _, step := range []OrderRef{
			{Store: "main", ShopOrderID: "7", PlacedAt: placed, ShopNumber: "00007", Reference: "xc-main-7", Fingerprint: "f1"},
			{Store: "main", ShopOrderID: "7", ERPOrder: "1000123", ERPCustomer: "C1", ProfileVersion: "p1"},
			{Store: "main", ShopOrderID: "7", Fingerprint: "f2"},
			{Store: "main", ShopOrderID: "7", Stage: "done"},
			{Store: "other", ShopOrderID: "7", ERPOrder: "1000999"},
		} {
			if err := s.SaveOrder(t.Context(), step); err != nil {
				t.Fatal(err)
			}
			s.now = func() time.Time { return noon.Add(time.Hour) }
		}
		want := OrderRef{
			Store: "main", ShopOrderID: "7", ShopNumber: "00007", Reference: "xc-main-7", ERPOrder: "1000123", Fingerprint: "f2",
			ProfileVersion: "p1", ERPCustomer: "C1", Stage: "done", PlacedAt: placed, CreatedAt: noon, UpdatedAt: noon.Add(time.Hour),
		}
		for name, find := range map[string]func() (OrderRef, error){
			"by shop id":   func() (OrderRef, error) { return s.OrderByShopID(t.Context(), "main", "7") },
			"by number":    func() (OrderRef, error) { return s.OrderByNumber(t.Context(), "main", "00007") },
			"by ERP order": func() (OrderRef, error) { return s.OrderByERP(t.Context(), "main", "1000123") },
			"by reference": func() (OrderRef, error) { return s.OrderByReference(t.Context(), "xc-main-7") },
		} {
			got, err := find()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			if got.CreatedAt.Location() != time.UTC {
				t.Errorf("%s: time in %v, want UTC", name, got.CreatedAt.Location())
			}
		}
	})
}

func TestWhatIsNotThereIsErrNotFound(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s, ctx := open(t, dsn), t.Context()
		// An order without a number must not be found by an empty one.
		if err := s.SaveOrder(ctx, OrderRef{Store: "main", ShopOrderID: "1"}); err != nil {
			t.Fatal(err)
		}
		for name, find := range map[string]func() error{
			"order by shop id":         func() error { _, err := s.OrderByShopID(ctx, "main", "2"); return err },
			"order of another store":   func() error { _, err := s.OrderByShopID(ctx, "other", "1"); return err },
			"order by empty ERP order": func() error { _, err := s.OrderByERP(ctx, "main", ""); return err },
			"order by empty reference": func() error { _, err := s.OrderByReference(ctx, ""); return err },
			"customer":                 func() error { _, err := s.Customer(ctx, "main", "9"); return err },
			"cursor":                   func() error { _, err := s.Cursor(ctx, "orders/main"); return err },
			"shipment":                 func() error { _, err := s.Shipment(ctx, "main", "P1"); return err },
		} {
			if err := find(); !errors.Is(err, ErrNotFound) {
				t.Errorf("%s: got %v, want ErrNotFound", name, err)
			}
		}
		if trail, err := s.AuditTrail(ctx, "order/main/1", 10); err != nil || len(trail) != 0 {
			t.Errorf("audit trail: got %v, %v", trail, err)
		}
	})
}

func TestIncompleteKeysAreRefused(t *testing.T) {
	s := open(t, "file::memory:")
	for name, err := range map[string]error{
		"order without id":                 s.SaveOrder(t.Context(), OrderRef{Store: "main"}),
		"order without store":              s.SaveOrder(t.Context(), OrderRef{ShopOrderID: "1"}),
		"customer without key":             s.SaveCustomer(t.Context(), Customer{Store: "main"}),
		"customer by an e-mail address":    s.SaveCustomer(t.Context(), Customer{Store: "main", Key: "ann@example.com"}),
		"shipment without pick ticket":     s.SaveShipment(t.Context(), Shipment{Store: "main"}),
		"audit without subject":            s.Audit(t.Context(), AuditEntry{Operation: "create order", Outcome: OutcomeDone}),
		"audit with an outcome of its own": s.Audit(t.Context(), AuditEntry{Operation: "x", Subject: "y", Outcome: "fine"}),
	} {
		if err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestFingerprints(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s, ctx := open(t, dsn), t.Context()
		for _, o := range []OrderRef{
			{Store: "main", ShopOrderID: "1", Fingerprint: "f1"},
			{Store: "main", ShopOrderID: "2", ERPOrder: "1000"},
			{Store: "other", ShopOrderID: "3", Fingerprint: "f3"},
		} {
			if err := s.SaveOrder(ctx, o); err != nil {
				t.Fatal(err)
			}
		}
		ids := []string{"1", "2", "3", "1'); DROP TABLE orders; --"}
		for len(ids) < 2*maxIDs { // more than fit into one query
			ids = append(ids, fmt.Sprint("n", len(ids)))
		}
		got, err := s.Fingerprints(ctx, "main", ids)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]string{"1": "f1", "2": ""}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if none, err := s.Fingerprints(ctx, "main", nil); err != nil || len(none) != 0 {
			t.Errorf("of no orders: got %v, %v", none, err)
		}
	})
}

func TestUnfinishedOrdersAreThoseWhoseProcessHasNotEnded(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s := open(t, dsn)
		for i, o := range []OrderRef{
			{Store: "main", ShopOrderID: "1", Stage: "open", ERPOrder: "1000001"},
			{Store: "main", ShopOrderID: "2", Stage: "completed"},
			{Store: "main", ShopOrderID: "3"},
			{Store: "main", ShopOrderID: "4", Stage: "cancelled"},
			{Store: "other", ShopOrderID: "5"},
			{Store: "main", ShopOrderID: "6", Stage: "open"},
		} {
			s.now = func() time.Time { return noon.Add(time.Duration(i) * time.Minute) }
			if err := s.SaveOrder(t.Context(), o); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.UnfinishedOrders(t.Context(), "main", []string{"completed", "cancelled"}, noon.Add(5*time.Minute))
		ids := []string{}
		for _, o := range got {
			ids = append(ids, o.ShopOrderID)
		}
		if diff := cmp.Diff([]string{"1", "3"}, ids); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
}

func TestProfilesInUseAreThoseOfWorkersSeenLately(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s := open(t, dsn)
		note := func(at time.Time, store, worker, version string) {
			s.now = func() time.Time { return at }
			if err := s.NoteProfile(t.Context(), store, worker, version); err != nil {
				t.Fatal(err)
			}
		}
		note(noon.Add(-time.Hour), "main", "dead", "v1")
		note(noon.Add(-time.Hour), "main", "a", "v1")
		note(noon, "main", "a", "v2")
		note(noon, "main", "b", "v1")
		note(noon, "main", "ended", "v1")
		note(noon, "other", "c", "v1")
		if err := s.ForgetProfile(t.Context(), "main", "ended"); err != nil {
			t.Fatal(err)
		}
		got, err := s.ProfilesInUse(t.Context(), "main", noon.Add(-time.Minute))
		want := []ProfileInUse{{Store: "main", Worker: "a", Version: "v2", SeenAt: noon}, {Store: "main", Worker: "b", Version: "v1", SeenAt: noon}}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
}

func TestCustomers(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s, ctx := open(t, dsn), t.Context()
		s.now = func() time.Time { return noon }
		for _, c := range []Customer{
			{Store: "main", Key: "42", CustomerID: "C1", ContactID: "K1"},
			{Store: "main", Key: "42", ShipToID: "S1", Terms: "NET30"},
			{Store: "main", Key: "42", ContactID: "K2"},
		} {
			if err := s.SaveCustomer(ctx, c); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.Customer(ctx, "main", "42")
		want := Customer{Store: "main", Key: "42", CustomerID: "C1", ContactID: "K2", ShipToID: "S1", Terms: "NET30", CreatedAt: noon, UpdatedAt: noon}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
}

func TestACursorIsNotMovedByASlowerPoll(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s, ctx := open(t, dsn), t.Context()
		first := Cursor{Name: "orders/main", Position: `{"until":1}`}
		if err := s.SaveCursor(ctx, first); err != nil {
			t.Fatal(err)
		}
		if err := s.SaveCursor(ctx, first); !errors.Is(err, ErrCursorMoved) {
			t.Errorf("a second first poll: got %v, want ErrCursorMoved", err)
		}
		read, err := s.Cursor(ctx, "orders/main")
		if err != nil || read.Version != 1 || read.Position != first.Position {
			t.Fatalf("got %+v, %v", read, err)
		}

		// Many polls read the same version; one may save.
		var saved, moved int
		var mu sync.Mutex
		var polls sync.WaitGroup
		for i := range 8 {
			polls.Go(func() {
				err := s.SaveCursor(ctx, Cursor{Name: read.Name, Position: fmt.Sprint(i), Version: read.Version})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					saved++
				case errors.Is(err, ErrCursorMoved):
					moved++
				default:
					t.Error(err)
				}
			})
		}
		polls.Wait()
		if saved != 1 || moved != 7 {
			t.Errorf("%d polls saved and %d were told that it moved, want 1 and 7", saved, moved)
		}
		if now, err := s.Cursor(ctx, "orders/main"); err != nil || now.Version != 2 {
			t.Errorf("got %+v, %v, want version 2", now, err)
		}
	})
}

func TestShipments(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s, ctx := open(t, dsn), t.Context()
		for _, sh := range []Shipment{
			{Store: "main", PickTicket: "P1", ShopOrderID: "7", NotifiedAt: noon, Tracking: []string{"1Z1", "1Z2"}},
			{Store: "main", PickTicket: "P1", ShopOrderID: "7", NotifiedAt: noon.Add(time.Minute)}, // told again, without numbers
			{Store: "main", PickTicket: "P2", ShopOrderID: "7", NotifiedAt: noon.Add(time.Hour)},   // will-call
			{Store: "main", PickTicket: "P3", ShopOrderID: "8", NotifiedAt: noon},
		} {
			if err := s.SaveShipment(ctx, sh); err != nil {
				t.Fatal(err)
			}
		}
		p1 := Shipment{Store: "main", PickTicket: "P1", ShopOrderID: "7", NotifiedAt: noon.Add(time.Minute), Tracking: []string{"1Z1", "1Z2"}}
		if got, err := s.Shipment(ctx, "main", "P1"); err != nil || cmp.Diff(p1, got) != "" {
			t.Errorf("%v (-want +got):\n%s", err, cmp.Diff(p1, got))
		}
		want := []Shipment{p1, {Store: "main", PickTicket: "P2", ShopOrderID: "7", NotifiedAt: noon.Add(time.Hour)}}
		if got, err := s.Shipments(ctx, "main", "7"); err != nil || cmp.Diff(want, got) != "" {
			t.Errorf("%v (-want +got):\n%s", err, cmp.Diff(want, got))
		}
	})
}

func TestAuditTrailIsAppendOnlyAndNewestFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s, ctx := open(t, dsn), t.Context()
		s.now = func() time.Time { return noon }
		entry := AuditEntry{
			Store: "main", System: "prophet21", Operation: "create order", Subject: "order/main/7",
			Outcome: OutcomeUnknown, Actor: "cart21", Duration: 1500 * time.Millisecond, Detail: strings.Repeat("é", 900),
		}
		second := entry
		second.At, second.Key, second.Outcome, second.Detail = noon.Add(time.Minute), "1000123", OutcomeFound, "zero \x00 and broken \xff"
		for _, e := range []AuditEntry{entry, second, {Operation: "x", Subject: "order/main/8", Outcome: OutcomeDone}} {
			if err := s.Audit(ctx, e); err != nil {
				t.Fatal(err)
			}
		}
		trail, err := s.AuditTrail(ctx, "order/main/7", 10)
		if err != nil || len(trail) != 2 || trail[0].ID <= trail[1].ID {
			t.Fatalf("got %+v, %v", trail, err)
		}
		second.Detail, entry.At, entry.Detail = "zero \uFFFD and broken \uFFFD", noon, strings.Repeat("é", 499)+"…"
		trail[0].ID, trail[1].ID = 0, 0
		if diff := cmp.Diff([]AuditEntry{second, entry}, trail); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if one, err := s.AuditTrail(ctx, "order/main/7", 1); err != nil || len(one) != 1 || one[0].Key != "1000123" {
			t.Errorf("the latest: got %+v, %v", one, err)
		}
		for _, tampering := range []string{`UPDATE audit SET outcome = 'done'`, `DELETE FROM audit`} {
			if _, err := s.exec(ctx, tampering); err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: got %v, want a refusal", tampering, err)
			}
		}
	})
}

func TestConcurrentUpserts(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		first, second := open(t, dsn), open(t, dsn) // as two processes have them
		// Each writer knows another field of the same order; none may be lost.
		const rounds = 20
		var writers sync.WaitGroup
		for i, part := range []OrderRef{{ShopNumber: "00007"}, {Reference: "xc-main-7"}, {ERPOrder: "1000123"}, {Fingerprint: "f"}, {ERPCustomer: "C1"}, {Stage: "done"}} {
			s := []*Store{first, second}[i%2]
			part.Store, part.ShopOrderID = "main", "7"
			writers.Go(func() {
				for range rounds {
					if err := s.SaveOrder(t.Context(), part); err != nil {
						t.Error(err)
					}
					if _, err := s.OrderByShopID(t.Context(), "main", "7"); err != nil {
						t.Error(err)
					}
				}
			})
		}
		writers.Wait()
		got, err := second.OrderByShopID(t.Context(), "main", "7")
		if err != nil {
			t.Fatal(err)
		}
		got.CreatedAt, got.UpdatedAt = time.Time{}, time.Time{}
		want := OrderRef{Store: "main", ShopOrderID: "7", ShopNumber: "00007", Reference: "xc-main-7", ERPOrder: "1000123", Fingerprint: "f", ERPCustomer: "C1", Stage: "done"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

const childOrders = 50

// Starter and workers start at once on a new installation: all bring up the
// schema, then all write.
func TestSeveralProcessesStartAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		const processes = 4
		var children sync.WaitGroup
		for range processes {
			children.Go(func() {
				cmd := exec.CommandContext(t.Context(), self)
				cmd.Env = append(os.Environ(), childDSN+"="+dsn)
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("%v: %s", err, out)
				}
			})
		}
		children.Wait()
		s := open(t, dsn)
		files, err := migrations.ReadDir("migrations/sqlite")
		if err != nil {
			t.Fatal(err)
		}
		for table, want := range map[string]int{"orders": processes * childOrders, "audit": processes * childOrders, migrationsTable: len(files) + 1} {
			var n int
			if err := s.row(t.Context(), func(r scanner) error { return r.Scan(&n) }, `SELECT count(*) FROM `+table); err != nil || n != want {
				t.Errorf("%s has %d rows, want %d (%v)", table, n, want, err)
			}
		}
	})
}

func TestSeveralOpensAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		start := make(chan struct{})
		var opens sync.WaitGroup
		for range 6 {
			opens.Go(func() {
				<-start
				s, err := Open(t.Context(), dsn)
				if err != nil {
					t.Error(err)
					return
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		close(start)
		opens.Wait()
	})
}

func TestARestartKeepsEverything(t *testing.T) {
	onBoth(t, func(t *testing.T, dsn string) {
		s := open(t, dsn)
		if err := errors.Join(
			s.SaveOrder(t.Context(), OrderRef{Store: "main", ShopOrderID: "7", ERPOrder: "1000123"}),
			s.SaveCursor(t.Context(), Cursor{Name: "orders/main", Position: "{}"}),
			s.Close(),
		); err != nil {
			t.Fatal(err)
		}
		again := open(t, dsn)
		if o, err := again.OrderByShopID(t.Context(), "main", "7"); err != nil || o.ERPOrder != "1000123" {
			t.Errorf("got %+v, %v", o, err)
		}
		if c, err := again.Cursor(t.Context(), "orders/main"); err != nil || c.Version != 1 {
			t.Errorf("got %+v, %v", c, err)
		}
	})
}

// The folders hold one schema: what a migration adds to one, it adds to the other.
func TestBothDialectsHaveTheSameMigrations(t *testing.T) {
	names := map[dialect][]string{}
	for _, d := range []dialect{sqlite, postgres} {
		entries, err := migrations.ReadDir("migrations/" + string(d))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			names[d] = append(names[d], e.Name())
		}
	}
	if diff := cmp.Diff(names[sqlite], names[postgres]); diff != "" {
		t.Errorf("(-sqlite +postgres):\n%s", diff)
	}
}

// What they make is the same, column for column.
func TestBothDialectsHaveTheSameSchema(t *testing.T) {
	const (
		inSQLite = `SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
			WHERE m.type = 'table' AND m.name <> $1 AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid`
		inPostgres = `SELECT table_name || '.' || column_name FROM information_schema.columns
			WHERE table_schema = current_schema() AND table_name <> $1 ORDER BY table_name, ordinal_position`
	)
	columns := func(dsn, query string) (all []string) {
		err := open(t, dsn).rows(t.Context(), func(r scanner) error {
			var column string
			defer func() { all = append(all, column) }()
			return r.Scan(&column)
		}, query, migrationsTable)
		if err != nil || len(all) == 0 {
			t.Fatalf("got %d columns: %v", len(all), err)
		}
		return all
	}
	if diff := cmp.Diff(columns(sqliteDSN(t), inSQLite), columns(postgresDSN(t), inPostgres)); diff != "" {
		t.Errorf("(-sqlite +postgres):\n%s", diff)
	}
}

func TestABadDSNIsExplainedWithoutItsPassword(t *testing.T) {
	for _, dsn := range []string{
		"mysql://u:s3cret@host/db", "postgres://u:s3cret@host:port/db", "postgres://u:s3cret%zz@host/db",
		"postgres://u:s3cret@localhost/db?sslmode=perhaps", "postgres://u:s3cret@localhost/db?password_file=/does/not/exist",
		"postgres://u:s3cret@127.0.0.1:1/db?connect_timeout=2", "",
	} {
		s, err := Open(t.Context(), dsn)
		if err == nil {
			s.Close()
			t.Errorf("%q was opened", dsn)
		} else if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}

func TestThePasswordMayComeFromAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	config, err := postgresConfig("postgres://cart21@records:5432/cart21?sslmode=disable&password_file=" + file)
	if err != nil || config.Password != "s3cret" || config.User != "cart21" || config.Database != "cart21" {
		t.Errorf("got %+v, %v", config, err)
	}
}

func TestAFileThatIsNoDatabaseIsRefusedAtOnce(t *testing.T) {
	dsn := sqliteDSN(t)
	if err := os.WriteFile(strings.TrimPrefix(dsn, "file:"), []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(t.Context(), dsn); err == nil {
		s.Close()
		t.Error("it was opened")
	}
}

func BenchmarkOrderOnSQLite(b *testing.B)     { benchmarkOrder(b, sqliteDSN(b)) }
func BenchmarkOrderOnPostgreSQL(b *testing.B) { benchmarkOrder(b, postgresDSN(b)) }

// benchmarkOrder is the part of an order's life that touches the records
// twice: what is known is saved, and a write is audited.
func benchmarkOrder(b *testing.B, dsn string) {
	s := open(b, dsn)
	for i := 0; b.Loop(); i++ {
		id := fmt.Sprint(i)
		if err := s.SaveOrder(b.Context(), OrderRef{Store: "main", ShopOrderID: id, Reference: "xc-main-" + id, ERPOrder: "1" + id, Fingerprint: "0123456789abcdef"}); err != nil {
			b.Fatal(err)
		}
		if err := s.Audit(b.Context(), AuditEntry{Store: "main", System: "prophet21", Operation: "create order", Subject: "order/main/" + id, Key: "1" + id, Outcome: OutcomeDone, Actor: "cart21"}); err != nil {
			b.Fatal(err)
		}
	}
}

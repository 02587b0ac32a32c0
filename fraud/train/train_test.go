package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/fraud"
	"github.com/cart21/cart21/records"
)

const heading = "transaction_id,merchant_id,user_id,card_number,transaction_date,transaction_amount,device_id,has_cbk\n"

// export is a made-up file: now and then somebody tries many cards within
// minutes, and most of that is charged back.
func export(n int, seed uint64) string {
	random := rand.New(rand.NewPCG(seed, 2))
	var b strings.Builder
	b.WriteString(heading)
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	left, thief := 0, 0
	for i := range n {
		at = at.Add(time.Duration(1+random.IntN(120)) * time.Minute)
		user, bad := 1000+random.IntN(n), random.IntN(300) == 0
		if left > 0 {
			user, bad, left = thief, random.IntN(4) > 0, left-1
		} else if random.IntN(25) == 0 {
			left, thief = 4, 90000+i
		}
		fmt.Fprintf(&b, "%d,%d,%d,411111******%04d,%s,%d.%02d,%d,%v\n", i, random.IntN(9), user, random.IntN(10000),
			at.Format("2006-01-02T15:04:05"), 5+random.IntN(500), random.IntN(100), user, bad)
	}
	return b.String()
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "orders.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func train(t *testing.T, args ...string) (string, error) {
	t.Helper()
	o, err := parse(args, io.Discard)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	err = run(context.Background(), o, &out)
	return out.String(), err
}

func TestTrain(t *testing.T) {
	path := file(t, export(1200, 1))
	model := filepath.Join(t.TempDir(), "model.json")
	out, err := train(t, "-data", path, "-bootstrap", "50", "-json", "-out", model)
	if err != nil {
		t.Fatal(err)
	}
	var r report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if r.Earlier.Orders != 840 || r.Later.Orders != 360 || !r.Earlier.To.Before(r.Later.From) {
		t.Errorf("parted into %+v and %+v", r.Earlier, r.Later)
	}
	if auc := r.Measures[0]; auc.Name != "AUC" || auc.Model < 0.8 || auc.ModelRange.Low > auc.Model || auc.ModelRange.High < auc.Model {
		t.Errorf("the planted signal was not found: %+v", auc)
	}
	orders := 0
	for _, b := range r.Calibration {
		orders += b.Orders
	}
	if orders != 360 {
		t.Errorf("the calibration table holds %d of 360 orders", orders)
	}
	text, err := os.ReadFile(model)
	if err != nil {
		t.Fatal(err)
	}
	m, err := fraud.ParseModel(text)
	if err != nil || m.Version() != r.Model || m.Trained.LabelDelay != "720h0m0s" || m.Trained.Orders != 840 {
		t.Errorf("the model in the file is another: %v, %+v", err, m)
	}
	again, err := train(t, "-data", path, "-bootstrap", "50", "-json")
	if err != nil || again != out {
		t.Errorf("a second run tells something else: %v", err)
	}
	table, err := train(t, "-data", path, "-bootstrap", "50")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<- chosen", "AUC", "average precision", "recall at 2 % reviewed", "Brier", "threshold of the earlier part", "720h0m0s"} {
		if !strings.Contains(table, want) {
			t.Errorf("not in the table: %q", want)
		}
	}
}

func TestTrainOnAll(t *testing.T) {
	out, err := train(t, "-data", file(t, export(600, 2)), "-split", "1")
	if err != nil || !strings.Contains(out, "Nothing measured") {
		t.Errorf("got %v, %s", err, out)
	}
}

// TestTheFutureIsUnknown shuffles everything that comes later, labels too: the
// features of what came before stay as they were.
func TestTrainFromRecords(t *testing.T) {
	dsn := "file:" + filepath.Join(t.TempDir(), "records.db")
	store, err := records.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	random, at := rand.New(rand.NewPCG(1, 2)), time.Now().Add(-90*24*time.Hour)
	const orders, young = 400, 20
	for i := range orders + young {
		id := fmt.Sprint(i)
		if i < orders {
			at = at.Add(time.Hour)
		} else {
			at = time.Now().Add(-time.Hour) // whether it is charged back nobody knows yet
		}
		differs := random.IntN(4) == 0
		features := map[string]float64{"amount": 4 + random.Float64(), "guest": 0}
		if differs {
			features["country_differs"] = 1
		}
		screening := records.Screening{
			Reference: "xc-main-" + id, Store: "main", PlacedAt: at, Amount: decimal.NewFromInt(100), Owner: fmt.Sprint(i % 97), Features: features, DecidedAt: at,
		}
		if err := store.SaveScreening(t.Context(), records.VelocityOrder{Reference: screening.Reference, At: at}, screening); err != nil {
			t.Fatal(err)
		}
		if err := store.SaveOrder(t.Context(), records.OrderRef{Store: "main", ShopOrderID: id, Reference: screening.Reference, ERPOrder: "E" + id}); err != nil {
			t.Fatal(err)
		}
		if differs && random.IntN(3) > 0 {
			if err := store.RecordChargeBack(t.Context(), screening.Reference, at.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
	}
	d, err := recorded(t.Context(), dsn, time.Now().Add(-30*24*time.Hour))
	if err != nil || d.Len() != orders {
		t.Fatalf("%d orders, %v: want the %d that are old enough", d.Len(), err, orders)
	}
	for i, f := range fraud.Features {
		if f.Name == "email_free" && !math.IsNaN(d.Vectors[0][i]) {
			t.Error("a feature that was not logged is taken as known")
		}
	}
	path := filepath.Join(t.TempDir(), "model.json")
	if _, err := train(t, "-from-records", dsn, "-bootstrap", "20", "-out", path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if model, err := fraud.ParseModel(text); err != nil || !model.Knows("country_differs") {
		t.Errorf("%v: the model has not learned what there was to learn", err)
	}
	if _, err := train(t, "-from-records", "file:"+filepath.Join(t.TempDir(), "empty.db")); err == nil || !strings.Contains(err.Error(), "-label-delay") {
		t.Errorf("empty records: %v", err)
	}
}

func TestTheFutureIsUnknown(t *testing.T) {
	orders, err := read(strings.NewReader(export(600, 3)), "x.csv", "")
	if err != nil {
		t.Fatal(err)
	}
	const cut = 300
	vectors := func(orders []order) [][]float64 {
		d, err := replay(context.Background(), orders, fraud.DefaultPolicy(), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return d.Vectors
	}
	before := vectors(orders)
	shuffled := slices.Clone(orders)
	random := rand.New(rand.NewPCG(1, 1))
	random.Shuffle(len(orders)-cut, func(i, j int) {
		a, b := &shuffled[cut+i], &shuffled[cut+j]
		a.bad, b.bad = b.bad, a.bad
		a.facts.Screening, b.facts.Screening = b.facts.Screening, a.facts.Screening
		a.facts.Order.Customer, b.facts.Order.Customer = b.facts.Order.Customer, a.facts.Order.Customer
	})
	after := vectors(shuffled)
	same := func(a, b []float64) bool {
		return slices.EqualFunc(a, b, func(x, y float64) bool { return x == y || math.IsNaN(x) && math.IsNaN(y) })
	}
	for i := range cut {
		if !same(before[i], after[i]) {
			t.Fatalf("order %d knew what came later", i)
		}
	}
	if slices.EqualFunc(before[cut:], after[cut:], same) {
		t.Error("the past makes no difference either")
	}
}

func TestChargeBacksAreKnownAfterADelay(t *testing.T) {
	rows := heading +
		"1,5,7,411111******1111,2026-03-01T10:00:00,10,,TRUE\n" +
		"2,5,7,411111******1111,2026-03-03T10:00:00,10,,FALSE\n" +
		"3,5,7,411111******1111,2026-03-05T10:00:00,10,,FALSE\n"
	place := slices.IndexFunc(fraud.Features, func(f fraud.Feature) bool { return f.Name == "customer_charge_backs" })
	for delay, want := range map[time.Duration]string{0: "0 1 1", 72 * time.Hour: "0 0 1", 720 * time.Hour: "0 0 0"} {
		orders, err := read(strings.NewReader(rows), "x.csv", "")
		if err != nil {
			t.Fatal(err)
		}
		d, err := replay(context.Background(), orders, fraud.DefaultPolicy(), delay)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, v := range d.Vectors {
			got = append(got, fmt.Sprint(math.Round(math.Expm1(v[place]))))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("delay %v: got %v, want %s", delay, got, want)
		}
	}
}

func TestRowOrderMakesNoDifference(t *testing.T) {
	rows := strings.SplitAfter(strings.TrimPrefix(export(300, 4), heading), "\n")
	sorted, err := read(strings.NewReader(heading+strings.Join(rows, "")), "x.csv", "")
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(rows)
	reversed, err := read(strings.NewReader(heading+strings.Join(rows, "")), "x.csv", "")
	if err != nil {
		t.Fatal(err)
	}
	for i := range sorted {
		if sorted[i].facts.Order.ID != reversed[i].facts.Order.ID {
			t.Fatalf("order %d is another", i)
		}
	}
}

func TestWrongFiles(t *testing.T) {
	good := "1,5,7,411111******1111,2026-03-01T10:00:00,10,,TRUE\n"
	for _, test := range []struct {
		name, text string
		args       []string
		want       []string
	}{
		{"every mistake with its line", heading + good + "2,5,7,,yesterday,ten,,maybe\n1,5,7,,2026-03-01,-1,,no\n", nil,
			[]string{`orders.csv:3: time: "yesterday"`, `orders.csv:3: amount: "ten"`, `orders.csv:3: charge_back: "maybe"`, `orders.csv:4: amount: "-1"`, `orders.csv:4: id: "1" is empty or that of line 2`}},
		{"a short row", heading + good + "2,5\n", nil, []string{"line 3", "wrong number of fields"}},
		{"an amount with an exponent", heading + "1,5,7,,2026-03-01,1e900000000,,no\n", nil, []string{"orders.csv:2: amount"}},
		{"a heading that is missing", "a,b\n1,2\n", nil, []string{`no column "transaction_id"`, `no column "has_cbk"`, "-columns id=HEADING"}},
		{"a column that was named and is not there", heading + good, []string{"-columns", "email=mail"}, []string{`no column "mail" for email`}},
		{"a field that is none", heading + good, []string{"-columns", "colour=x"}, []string{`"colour=x"`}},
		{"an empty file", "", nil, []string{"heading"}},
		{"nothing to learn from", heading + good, nil, []string{"some of both kinds are needed"}},
		{"no orders", heading, nil, []string{"some of both kinds are needed"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := train(t, append([]string{"-data", file(t, test.text)}, test.args...)...)
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("not told: %q in %v", want, err)
				}
			}
		})
	}
}

func TestColumnsOfAShopsOwn(t *testing.T) {
	orders, err := read(strings.NewReader("\ufefforder,placed,total,disputed,mail\n7,2026-03-01 10:00,19.99,yes,a@b.test\n"), "x.csv",
		"id=order, time=placed, amount=total, charge_back=disputed, email=mail")
	if err != nil {
		t.Fatal(err)
	}
	o := orders[0]
	if o.facts.Order.ID != "7" || !o.bad || o.facts.Order.Total.String() != "19.99" || o.facts.Order.Customer.Email != "a@b.test" {
		t.Errorf("read as %+v", o)
	}
}

func TestWrongFlags(t *testing.T) {
	for _, args := range [][]string{{}, {"-data", "x", "-split", "0"}, {"-data", "x", "-split", "NaN"}, {"-data", "x", "more"}, {"-data", "x", "-label-delay", "-1h"}, {"-data", "x", "-margin", "y"}, {"-data", "x", "-bootstrap", "-1"}} {
		if _, err := parse(args, io.Discard); err == nil {
			t.Errorf("%v: taken", args)
		}
	}
}

func TestMoney(t *testing.T) {
	d := data{amounts: []decimal.Decimal{decimal.NewFromInt(100), decimal.NewFromInt(200), decimal.NewFromInt(1000), decimal.NewFromInt(50)}}
	d.Bad = []bool{true, false, false, true}
	scores := []float64{0.9, 0.8, 0.1, 0.05}
	o := defaultCosts.of("x", 0.5, scores, d)
	// 100 and a fee of 20; two reviews at 5; 200 x 5 % x 0.3; the 50 and its fee are missed.
	if o.Found != 1 || o.Reviewed != 2 || o.Avoided.String() != "120" || o.Effort.String() != "10" || o.Insulted.String() != "3" || o.Net.String() != "107" || o.Missed.String() != "70" {
		t.Errorf("got %+v", o)
	}
	if from := defaultCosts.threshold(scores, d); from != 0.05 {
		t.Errorf("threshold %v: reviewing all comes to most here", from)
	}
	if from := (costs{Review: decimal.NewFromInt(1000)}).threshold(scores, d); from != 1 {
		t.Errorf("threshold %v: a review that costs more than it saves is not made", from)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(export(3, 1), "")
	f.Add("order,placed\n1,2026-01-01\n", "id=order")
	f.Fuzz(func(t *testing.T, text, columns string) {
		orders, err := read(strings.NewReader(text), "fuzz.csv", columns)
		if err != nil || len(orders) > 200 {
			return
		}
		if _, err := replay(context.Background(), orders, fraud.DefaultPolicy(), time.Hour); err != nil {
			t.Errorf("read but not replayed: %v", err)
		}
	})
}

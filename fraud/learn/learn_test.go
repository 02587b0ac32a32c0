package learn_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cart21/cart21/fraud"
	"github.com/cart21/cart21/fraud/learn"
)

func place(name string) int {
	return slices.IndexFunc(fraud.Features, func(f fraud.Feature) bool { return f.Name == name })
}

// planted are orders whose charge-backs come with a wrong security code, or with
// a large amount at night; all else is noise, and some of it unknown.
func planted(n int, seed uint64) learn.Set {
	random := rand.New(rand.NewPCG(seed, 1))
	var s learn.Set
	for i := range n {
		v := make([]float64, len(fraud.Features))
		for f := range v {
			v[f] = fraud.Unknown
		}
		amount, night, cvv := 2+4*random.Float64(), float64(random.IntN(2)), 2*float64(random.IntN(2))
		v[place("amount")], v[place("night")], v[place("cvv")] = amount, night, cvv
		v[place("lines")] = float64(random.IntN(9))
		if random.IntN(4) == 0 {
			v[place("cvv")], cvv = fraud.Unknown, 0
		}
		odds := -4 + 1.5*cvv
		if amount > 5 && night == 1 {
			odds += 4
		}
		s.At = append(s.At, time.Unix(int64(1e9+i*60), 0).UTC())
		s.Vectors = append(s.Vectors, v)
		s.Bad = append(s.Bad, random.Float64() < fraud.Sigmoid(odds))
	}
	return s
}

func TestLearnsWhatIsPlanted(t *testing.T) {
	all := planted(3000, 7)
	earlier, later := all.Part(0, 2000), all.Part(2000, 3000)
	boost := learn.Boost{Trees: 80, Depth: 3, Rate: 0.1, MinOrders: 20, L2: 1}
	auc := map[string]float64{}
	for _, c := range []learn.Candidate{{Name: "logistic", L2: 1}, {Name: "trees", Share: 1, Boost: boost}, {Name: "both", L2: 1, Share: 0.5, Boost: boost}} {
		m, _, _, err := learn.Train(earlier, []learn.Candidate{c})
		if err != nil {
			t.Fatal(err)
		}
		var scores []float64
		mean, observed := 0.0, float64(later.ChargeBacks())/1000
		for _, v := range later.Vectors {
			scores = append(scores, m.Probability(v))
			mean += m.Probability(v) / 1000
		}
		auc[c.Name] = learn.AUC(scores, later.Bad)
		if math.Abs(mean-observed) > 0.03 {
			t.Errorf("%s: forecasts %.3f on average, %.3f came", c.Name, mean, observed)
		}
		base := observed * (1 - observed)
		if brier := learn.Brier(scores, later.Bad); brier > 0.9*base {
			t.Errorf("%s: Brier %.3f is hardly better than the base rate's %.3f", c.Name, brier, base)
		}
		wrong := slices.Clone(later.Vectors[0])
		wrong[place("cvv")] = 2
		if m.Contributions(wrong)[place("cvv")] <= 0 {
			t.Errorf("%s: a wrong code does not raise the risk", c.Name)
		}
	}
	if auc["logistic"] < 0.78 || auc["trees"] < 0.82 || auc["trees"] <= auc["logistic"] {
		t.Errorf("AUC %v: trees have to see that amount and night go together, which a sum cannot", auc)
	}
}

func TestTheSameOrdersMakeTheSameBytes(t *testing.T) {
	var files [][]byte
	for range 2 {
		m, _, _, err := learn.Train(planted(600, 3), learn.Candidates)
		if err != nil {
			t.Fatal(err)
		}
		text, err := m.JSON()
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, text)
		again, err := fraud.ParseModel(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range planted(50, 4).Vectors {
			if again.Probability(v) != m.Probability(v) {
				t.Fatal("a model scores otherwise once it was written and read")
			}
		}
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("two runs made two models")
	}
}

// TestSignsAreKept plants the opposite of what is known beforehand: everywhere,
// and only below a split that is the right way round.
func TestSignsAreKept(t *testing.T) {
	cvv, lines := place("cvv"), place("lines")
	for name, bad := range map[string]func(v []float64, i int) bool{
		"everywhere": func(v []float64, i int) bool { return v[cvv] == 0 && i%3 > 0 },
		"in a corner": func(v []float64, i int) bool {
			return v[cvv] == 2 && i%5 > 1 || v[cvv] == 0 && v[lines] == 8 && i%10 > 0
		},
	} {
		t.Run(name, func(t *testing.T) { keepsSigns(t, bad) })
	}
}

func keepsSigns(t *testing.T, bad func(v []float64, i int) bool) {
	s := planted(2000, 5)
	cvv, amount := place("cvv"), place("amount")
	for i, v := range s.Vectors {
		s.Bad[i] = bad(v, i)
	}
	for _, c := range []learn.Candidate{{L2: 1}, {Share: 1, Boost: learn.Boost{Trees: 50, Depth: 3, Rate: 0.1, MinOrders: 10, L2: 1}}} {
		m, err := c.Fit(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range s.Vectors[:500] {
			for _, f := range []int{cvv, amount} {
				low, high := slices.Clone(v), slices.Clone(v)
				low[f], high[f] = 0, 2
				if m.Raw(high) < m.Raw(low)-1e-5 { // leaves are rounded
					t.Fatalf("risk falls as %s rises: %v to %v", fraud.Features[f].Name, m.Raw(low), m.Raw(high))
				}
			}
		}
	}
}

// TestRollingSeesNoFuture turns all labels after a place around: forecasts up to
// the step that begins there stay as they were.
func TestRollingSeesNoFuture(t *testing.T) {
	c := learn.Candidate{L2: 3, Share: 0.5, Boost: learn.Boost{Trees: 10, Depth: 2, Rate: 0.1, MinOrders: 10, L2: 1}}
	s := planted(1000, 9)
	before, err := c.Roll(s)
	if err != nil {
		t.Fatal(err)
	}
	changed := learn.Set{At: s.At, Vectors: s.Vectors, Bad: slices.Clone(s.Bad)}
	for i := 700; i < 1000; i++ {
		changed.Bad[i] = !changed.Bad[i]
	}
	after, err := c.Roll(changed)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(before.Raw[:700-before.First], after.Raw[:700-before.First]) {
		t.Error("a forecast knew what came later")
	}
	if slices.Equal(before.Raw, after.Raw) {
		t.Error("nothing is learned from the steps before")
	}
}

func TestNothingToLearn(t *testing.T) {
	s := planted(100, 1)
	clear(s.Bad)
	if _, _, _, err := learn.Train(s, learn.Candidates); err == nil || !strings.Contains(err.Error(), "charge-backs") {
		t.Errorf("learned from orders none of which was charged back: %v", err)
	}
	if _, _, err := learn.Try(s, nil); err == nil {
		t.Error("chose among nothing")
	}
}

func TestMeasures(t *testing.T) {
	bad := []bool{true, false, true, false, false}
	for _, test := range []struct {
		name             string
		scores           []float64
		auc, ap, recall4 float64
	}{
		{"perfect", []float64{9, 1, 8, 2, 3}, 1, 1, 1},
		{"by hand", []float64{9, 8, 7, 2, 1}, 5.0 / 6, (1 + 2.0/3) / 2, 0.5},
		{"all the same, in whatever order", []float64{1, 1, 1, 1, 1}, 0.5, 0.4, 0.4},
		{"backwards", []float64{1, 9, 2, 8, 7}, 0, (1.0/4 + 2.0/5) / 2, 0},
	} {
		auc, ap, recall := learn.AUC(test.scores, bad), learn.AveragePrecision(test.scores, bad), learn.Recall(test.scores, bad, 0.4)
		if math.Abs(auc-test.auc)+math.Abs(ap-test.ap)+math.Abs(recall-test.recall4) > 1e-9 {
			t.Errorf("%s: AUC %v, AP %v, recall %v", test.name, auc, ap, recall)
		}
	}
	if got := learn.Brier([]float64{1, 0, 0.5}, []bool{true, false, false}); math.Abs(got-0.25/3) > 1e-12 {
		t.Errorf("Brier %v", got)
	}
}

func TestPlattFindsTheLine(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var raw []float64
	var bad []bool
	for range 20000 {
		x := 6*random.Float64() - 3
		raw, bad = append(raw, x), append(bad, random.Float64() < fraud.Sigmoid(0.5*x-1))
	}
	slope, intercept := learn.Platt(raw, bad)
	if math.Abs(slope-0.5) > 0.05 || math.Abs(intercept+1) > 0.05 {
		t.Errorf("slope %v, intercept %v; want 0.5 and -1", slope, intercept)
	}
	for i := range raw {
		raw[i] = -raw[i]
	}
	if slope, _ := learn.Platt(raw, bad); slope != 0 {
		t.Errorf("a score that is the wrong way round gets slope %v", slope)
	}
}

func TestBootstrap(t *testing.T) {
	group := make([]string, 400)
	for i := range group {
		group[i] = string(rune('a' + i%100))
	}
	mean := func(rows []int) []float64 {
		sum := 0.0
		for _, r := range rows {
			sum += float64(r % 2)
		}
		return []float64{sum / float64(len(rows)), math.NaN()}
	}
	a, b := learn.Bootstrap(group, 500, 1, mean), learn.Bootstrap(group, 500, 1, mean)
	if !slices.Equal(a, b) {
		t.Error("the same seed gives other intervals")
	}
	// A hundred groups that are all of one kind: as uncertain as 100 orders.
	if width := a[0].High - a[0].Low; width < 0.15 || width > 0.25 || a[0].Low > 0.5 || a[0].High < 0.5 {
		t.Errorf("interval %v", a[0])
	}
}

func BenchmarkScore(b *testing.B) {
	s := planted(2000, 1)
	m, err := learn.Candidate{L2: 30, Share: 0.5, Boost: learn.Boost{Trees: 100, Depth: 4, Rate: 0.05, MinOrders: 15, L2: 5}}.Fit(s)
	if err != nil {
		b.Fatal(err)
	}
	var facts fraud.Facts
	facts.Order.PlacedAt, facts.Order.Customer.ProfileID = s.At[0], "1"
	facts.Counts = fraud.Counts{}
	for _, kind := range fraud.Kinds {
		facts.Counts[kind] = fraud.KeyCount{First: s.At[0], Last: s.At[0], ChargeBacks: 1}
	}
	policy := fraud.DefaultPolicy()
	for b.Loop() {
		fraud.Score(facts, policy, m)
	}
}

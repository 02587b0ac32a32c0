package learn

import (
	"fmt"
	"math"
	"slices"

	"github.com/cart21/cart21/fraud"
)

// Boost says how trees are grown.
type Boost struct {
	Trees     int     // how many
	Depth     int     // splits from root to leaf
	Rate      float64 // how much of each tree is taken
	MinOrders int     // in a leaf
	L2        float64 // penalty on squared leaf values
}

// String names it in reports.
func (b Boost) String() string { return fmt.Sprintf("%d boosted trees of depth %d", b.Trees, b.Depth) }

// maxBins bounds the cuts that are tried of one feature.
const maxBins = 64

// column is a feature as the trees see it: each order's bin, and the cut below
// each bin but the first. Bin 0 is "unknown".
type column struct {
	feature int
	bins    []uint8
	cuts    []float64 // cuts[i] parts bin i+1 from bin i+2
}

func binned(s Set, f int) column {
	var values []float64
	for _, v := range s.Vectors {
		if !math.IsNaN(v[f]) {
			values = append(values, v[f])
		}
	}
	slices.Sort(values)
	c := column{feature: f, bins: make([]uint8, s.Len())}
	distinct := slices.Compact(slices.Clone(values))
	for i := 1; i < maxBins; i++ {
		// All of few values, else quantiles of the orders.
		place := i
		if len(distinct) > maxBins {
			place, _ = slices.BinarySearch(distinct, values[len(values)*i/maxBins])
		}
		if place < 1 || place >= len(distinct) {
			continue
		}
		cut := digits((distinct[place-1] + distinct[place]) / 2)
		if len(c.cuts) == 0 || cut > c.cuts[len(c.cuts)-1] {
			c.cuts = append(c.cuts, cut)
		}
	}
	for r, v := range s.Vectors {
		if !math.IsNaN(v[f]) {
			place, exact := slices.BinarySearch(c.cuts, v[f])
			if exact {
				place++ // values less than the cut go left
			}
			c.bins[r] = uint8(place + 1)
		}
	}
	return c
}

// grower grows the trees of one model.
type grower struct {
	Boost
	columns           []column
	gradient, hessian []float64
	nodes             []fraud.Node
}

// fit is second-order boosting of log loss.
func (b Boost) fit(s Set, columns []int) *fraud.Trees {
	n := s.Len()
	g := &grower{Boost: b, gradient: make([]float64, n), hessian: make([]float64, n)}
	for _, f := range columns {
		g.columns = append(g.columns, binned(s, f))
	}
	base := digits(fraud.LogOdds(float64(s.ChargeBacks()) / float64(n)))
	model := &fraud.Trees{Bias: base}
	raw := slices.Repeat([]float64{base}, n)
	for range b.Trees {
		rows := make([]int, n)
		for r := range rows {
			rows[r] = r
			p := fraud.Sigmoid(raw[r])
			g.gradient[r], g.hessian[r] = p-one(s.Bad[r]), p*(1-p)
		}
		g.nodes = nil
		g.grow(rows, 0, raw, math.Inf(-1), math.Inf(1))
		if len(g.nodes) == 1 {
			break // nothing left to tell orders apart
		}
		model.Trees = append(model.Trees, g.nodes)
	}
	return model
}

// split is the best way to part the orders of a node.
type split struct {
	column      int
	cut         int // bins up to and with it go left
	unknownLeft bool
	gain        float64
	middle      float64 // between the values of its sides
}

// grow adds the node of some orders and all below it, and returns its place. Its
// leaves keep between low and high, so that no split below one on a feature with
// a sign turns that sign around.
func (g *grower) grow(rows []int, depth int, raw []float64, low, high float64) int {
	at := len(g.nodes)
	g.nodes = append(g.nodes, fraud.Node{})
	best, found := split{}, false
	if depth < g.Depth {
		best, found = g.best(rows, low, high)
	}
	if !found {
		var all bin
		for _, r := range rows {
			all = all.plus(bin{g.gradient[r], g.hessian[r], 1})
		}
		value := digits(g.Rate * g.leaf(all, low, high))
		for _, r := range rows {
			raw[r] += value
		}
		g.nodes[at].Value = value
		return at
	}
	c := g.columns[best.column]
	var left, right []int
	for _, r := range rows {
		if bin := int(c.bins[r]); bin == 0 && best.unknownLeft || bin > 0 && bin <= best.cut {
			left = append(left, r)
		} else {
			right = append(right, r)
		}
	}
	node := fraud.Node{Feature: fraud.Features[c.feature].Name, Below: c.cuts[best.cut-1], Unknown: "right"}
	if best.unknownLeft {
		node.Unknown = "left"
	}
	lowLeft, highLeft, lowRight, highRight := low, high, low, high
	switch fraud.Features[c.feature].Sign {
	case 1:
		highLeft, lowRight = best.middle, best.middle
	case -1:
		lowLeft, highRight = best.middle, best.middle
	}
	node.Left = g.grow(left, depth+1, raw, lowLeft, highLeft)
	node.Right = g.grow(right, depth+1, raw, lowRight, highRight)
	share := float64(len(left)) / float64(len(rows))
	node.Value = digits(share*g.nodes[node.Left].Value + (1-share)*g.nodes[node.Right].Value)
	g.nodes[at] = node
	return at
}

// leaf is the best value of a leaf within bounds.
func (g *grower) leaf(b bin, low, high float64) float64 {
	return min(max(-b.gradient/(b.hessian+g.L2), low), high)
}

// bin sums the orders of one bin.
type bin struct {
	gradient, hessian float64
	orders            int
}

func (b bin) plus(o bin) bin {
	return bin{b.gradient + o.gradient, b.hessian + o.hessian, b.orders + o.orders}
}

func (b bin) minus(o bin) bin {
	return bin{b.gradient - o.gradient, b.hessian - o.hessian, b.orders - o.orders}
}

// best tries every cut of every feature, with the unknown on either side.
func (g *grower) best(rows []int, low, high float64) (split, bool) {
	const least = 1e-6
	best := split{gain: least}
	// score is how much a leaf of these orders would lower the loss.
	score := func(b bin) (gain, value float64) {
		value = g.leaf(b, low, high)
		return -(2*b.gradient*value + (b.hessian+g.L2)*value*value), value
	}
	for i, c := range g.columns {
		var bins [maxBins + 1]bin
		var all bin
		for _, r := range rows {
			one := bin{g.gradient[r], g.hessian[r], 1}
			bins[c.bins[r]] = bins[c.bins[r]].plus(one)
			all = all.plus(one)
		}
		whole, _ := score(all)
		sign := float64(fraud.Features[c.feature].Sign)
		var below bin
		for cut := 1; cut <= len(c.cuts); cut++ {
			below = below.plus(bins[cut])
			for _, unknownLeft := range []bool{false, true} {
				left := below
				if unknownLeft {
					if bins[0].orders == 0 {
						continue
					}
					left = left.plus(bins[0])
				}
				right := all.minus(left)
				if left.orders < g.MinOrders || right.orders < g.MinOrders {
					continue
				}
				gainLeft, valueLeft := score(left)
				gainRight, valueRight := score(right)
				if gain := gainLeft + gainRight - whole; gain > best.gain && sign*(valueRight-valueLeft) >= 0 {
					best = split{i, cut, unknownLeft, gain, (valueLeft + valueRight) / 2}
				}
			}
		}
	}
	return best, best.gain > least
}

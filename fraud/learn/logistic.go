package learn

import (
	"math"
	"slices"

	"github.com/cart21/cart21/fraud"
)

// fitLogistic is ridge-penalised logistic regression by Newton's method. An
// unknown value is the mean, and a weight of its own where some are unknown.
func fitLogistic(s Set, columns []int, l2 float64) *fraud.Logistic {
	terms := make([]fraud.Term, len(columns))
	for i, f := range columns {
		mean, scale := spread(s, f)
		terms[i] = fraud.Term{Feature: fraud.Features[f].Name, Mean: digits(mean), Scale: digits(scale)}
	}
	n, d := s.Len(), 2*len(columns)+1
	x := make([][]float64, n)
	for r, v := range s.Vectors {
		row := make([]float64, d)
		row[d-1] = 1 // the bias
		for i, f := range columns {
			if math.IsNaN(v[f]) {
				row[len(columns)+i] = 1
			} else {
				row[i] = (v[f] - terms[i].Mean) / terms[i].Scale
			}
		}
		x[r] = row
	}
	signs := make([]int, d)
	for i, f := range columns {
		signs[i] = fraud.Features[f].Sign
	}
	weights := newton(x, s.Bad, l2, signs)
	for i := range terms {
		terms[i].Weight, terms[i].Missing = digits(weights[i]), digits(weights[len(columns)+i])
	}
	return &fraud.Logistic{Bias: digits(weights[d-1]), Terms: terms}
}

func spread(s Set, f int) (mean, scale float64) {
	n := 0.0
	for _, v := range s.Vectors {
		if !math.IsNaN(v[f]) {
			n++
			mean += v[f]
		}
	}
	if n == 0 {
		return 0, 1
	}
	mean /= n
	for _, v := range s.Vectors {
		if !math.IsNaN(v[f]) {
			scale += (v[f] - mean) * (v[f] - mean)
		}
	}
	if scale = math.Sqrt(scale / n); scale < 1e-6 {
		scale = 1
	}
	return mean, scale
}

// newton minimises log loss plus half of l2 times the squared weights, the last
// column (the bias) going free and each weight keeping to its sign. A step that
// makes it worse is halved.
func newton(x [][]float64, bad []bool, l2 float64, signs []int) []float64 {
	d := len(x[0])
	penalty := func(i int) float64 {
		if i == d-1 {
			return 1e-9
		}
		return l2
	}
	loss := func(w []float64) (sum float64) {
		for r, row := range x {
			sum += softplus(dot(row, w), bad[r])
		}
		for i, wi := range w {
			sum += penalty(i) * wi * wi / 2
		}
		return sum
	}
	w := make([]float64, d)
	current := loss(w)
	for range 50 {
		gradient, hessian := make([]float64, d), square(d)
		for r, row := range x {
			p := fraud.Sigmoid(dot(row, w))
			residual, curvature := p-one(bad[r]), p*(1-p)
			for i, xi := range row {
				if xi == 0 {
					continue
				}
				gradient[i] += residual * xi
				for j := 0; j <= i; j++ {
					hessian[i][j] += curvature * xi * row[j]
				}
			}
		}
		for i := range d {
			gradient[i] += penalty(i) * w[i]
			hessian[i][i] += penalty(i)
		}
		step := descend(hessian, gradient, w, signs)
		next, size := make([]float64, d), 1.0
		for range 30 {
			for i := range w {
				next[i] = w[i] + size*step[i]
			}
			if loss(next) <= current {
				break
			}
			size /= 2
		}
		was := current
		copy(w, next)
		if current = loss(w); was-current < 1e-9*(1+was) {
			return w
		}
	}
	return w
}

// softplus is the log loss of one order.
func softplus(logOdds float64, bad bool) float64 {
	if bad {
		logOdds = -logOdds
	}
	return max(logOdds, 0) + math.Log1p(math.Exp(-math.Abs(logOdds)))
}

func one(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func square(d int) [][]float64 {
	m := make([][]float64, d)
	for i := range m {
		m[i] = make([]float64, d)
	}
	return m
}

// descend finds the step that minimises the quadratic model of the loss without
// taking a weight past zero to the wrong sign: coordinate by coordinate. Only the
// hessian's lower half is filled in.
func descend(hessian [][]float64, gradient, w []float64, signs []int) []float64 {
	d := len(w)
	for i := range d {
		for j := range i {
			hessian[j][i] = hessian[i][j]
		}
	}
	step, slope := make([]float64, d), slices.Clone(gradient)
	for range 1000 {
		moved := 0.0
		for i := range d {
			to := step[i] - slope[i]/hessian[i][i]
			switch {
			case signs[i] > 0:
				to = max(to, -w[i])
			case signs[i] < 0:
				to = min(to, -w[i])
			}
			by := to - step[i]
			if by == 0 {
				continue
			}
			for j := range d {
				slope[j] += by * hessian[i][j]
			}
			step[i] = to
			moved = max(moved, math.Abs(by))
		}
		if moved < 1e-8 {
			break
		}
	}
	return step
}

// Platt finds slope and intercept that turn raw log-odds into calibrated ones,
// on orders that the model had not seen. Targets are drawn in a little, as Platt
// proposed, so that few orders cannot make it certain. A model that orders
// nothing gets slope 0.
func Platt(raw []float64, bad []bool) (slope, intercept float64) {
	positives := 0.0
	for _, b := range bad {
		positives += one(b)
	}
	negatives := float64(len(bad)) - positives
	high, low := (positives+1)/(positives+2), 1/(negatives+2)
	slope, intercept = 0, fraud.LogOdds((positives+1)/(positives+negatives+2))
	target := func(i int) float64 { return low + (high-low)*one(bad[i]) }
	loss := func(a, b float64) (sum float64) {
		for i, r := range raw {
			t := target(i)
			sum += t*softplus(a*r+b, true) + (1-t)*softplus(a*r+b, false)
		}
		return sum
	}
	current := loss(slope, intercept)
	for range 100 {
		var ga, gb, haa, hab, hbb float64
		for i, r := range raw {
			p := fraud.Sigmoid(slope*r + intercept)
			residual, curvature := p-target(i), p*(1-p)
			ga, gb = ga+residual*r, gb+residual
			haa, hab, hbb = haa+curvature*r*r, hab+curvature*r, hbb+curvature
		}
		haa, hbb = haa+1e-9, hbb+1e-9
		det := haa*hbb - hab*hab
		if !(det > 0) {
			break
		}
		da, db, size := (hbb*ga-hab*gb)/det, (haa*gb-hab*ga)/det, 1.0
		for range 30 {
			if loss(slope-size*da, intercept-size*db) <= current {
				break
			}
			size /= 2
		}
		slope, intercept = slope-size*da, intercept-size*db
		was := current
		if current = loss(slope, intercept); was-current < 1e-10*(1+was) {
			break
		}
	}
	if slope < 0 {
		return 0, fraud.LogOdds((positives + 1) / (positives + negatives + 2))
	}
	return slope, intercept
}

package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/cart21/cart21/fraud/learn"
)

// write prints the report as tables.
func (r report) write(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	line := func(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }
	line("\torders\tcharged back\tfrom\tto")
	for _, s := range []struct {
		name string
		span
	}{{"earlier: learned from", r.Earlier}, {"later: measured on", r.Later}} {
		if s.Orders > 0 {
			line("%s\t%d\t%d (%.1f %%)\t%s\t%s", s.name, s.Orders, s.ChargeBacks, 100*float64(s.ChargeBacks)/float64(s.Orders),
				s.From.Format("2006-01-02 15:04"), s.To.Format("2006-01-02 15:04"))
		}
	}
	line("\nEarlier charge-backs count as known %s after their order; labels of the earlier part are taken as known.", r.LabelDelay)
	line("\nrolling forecast within the earlier part\tAUC\taverage precision\tlog loss")
	for _, t := range r.Trials {
		mark := ""
		if t.Chosen {
			mark = " <- chosen"
		}
		line("%s\t%.3f\t%.3f\t%.4f%s", t.Name, t.AUC, t.AP, t.Loss, mark)
	}
	line("\nmodel %s: %s", r.Model, r.Choice)
	if len(r.Measures) == 0 {
		line("Nothing measured: the later part needs orders of both kinds.")
		return w.Flush()
	}
	line("\non the later part\tmodel (95 %%)\tyardstick\tits value\tmodel less yardstick (95 %%)\t")
	for _, f := range r.Measures {
		name, value := f.Name, fmt.Sprintf("%.3f%s", f.Model, interval(f.ModelRange))
		note := f.Note
		for _, y := range f.Yardsticks {
			line("%s\t%s\t%s\t%.3f\t%+.3f%s\t%s", name, value, y.Name, y.Value, y.Difference, interval(y.Range), note)
			name, value, note = "", "", ""
		}
	}
	line("\nforecast risk from\torders\tmean forecast\tcharged back")
	for _, b := range r.Calibration {
		line("%g %%\t%d\t%.1f %%\t%.1f %%", 100*b.Above, b.Orders, 100*b.Forecast, 100*b.Observed)
	}
	line("\nmoney on the later part\treview_from\treviewed\tfound\tloss avoided\treview cost\tinsulted\tnet\tloss left")
	for _, m := range r.Money {
		line("%s\t%.2f\t%d\t%d\t%s\t%s\t%s\t%s\t%s", m.Name, m.From, m.Reviewed, m.Found, m.Avoided.StringFixed(2), m.Effort.StringFixed(2),
			m.Insulted.StringFixed(2), m.Net.StringFixed(2), m.Missed.StringFixed(2))
	}
	c := r.Costs
	line("A review costs %s; a charge-back %s of its amount and %s; of good orders reviewed %s are lost, with a margin of %s.", c.Review, c.LossShare, c.Fee, c.InsultRate, c.Margin)
	return w.Flush()
}

func interval(i *learn.Interval) string {
	if i == nil {
		return ""
	}
	return fmt.Sprintf(" (%.3f to %.3f)", i.Low, i.High)
}

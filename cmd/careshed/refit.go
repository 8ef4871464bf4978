package main

import (
	"fmt"
	"math"

	"careshed/access"
	"careshed/access/study"
	"careshed/data"
	"careshed/geo/role"
	"careshed/geo/travel"

	"github.com/spf13/cobra"
)

func refitCommand(e *env) *cobra.Command {
	var format, time, eligible, treated string
	c := &cobra.Command{
		Use: "refit TABLE", Short: "Fit the effect of distance to your own patients",
		Long: `Fit the effect of travel time on the likelihood of treatment to a table of your
own: a CSV file with a row for each band of travel time (its mean in minutes),
eligible patients and treated patients. Every family is fitted by maximum
likelihood in odds form; the lowest AIC fits best. Intervals are open where the
table leaves them open. A family whose best lies at the end of what it can be, no
loss at all or a stronger one than it has, is not fitted, and where none is the
exit code is 3. Tables with fewer than 20 treated or untreated patients are
refused.`,
		Example: `  careshed refit patients.csv
  careshed refit patients.csv --time minutes --eligible n --treated infused`,
		Args: exactly(1, "a table"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := oneOf("--format", format, "table", "json"); err != nil {
				return err
			}
			l, err := e.open(c.Context(), args[0], "", data.Source{Geometry: "none"})
			if err != nil {
				return err
			}
			columns := [3][]float64{}
			for k, x := range []struct {
				name string
				as   role.Role
			}{{time, role.Minutes.Everywhere()}, {eligible, role.Patients}, {treated, role.Patients}} {
				read, err := x.as.Read(l, x.name)
				if err != nil {
					return inputError{err}
				}
				e.say(l, read.Doubts)
				columns[k] = read.Values
			}
			table := make([]access.Observed, l.Len())
			for i := range table {
				table[i] = access.Observed{Time: travel.FromMinutes(columns[0][i]), Eligible: columns[1][i], Treated: columns[2][i]}
			}
			found, err := fitted(table)
			if err != nil {
				return inputError{fmt.Errorf("%s: %w", args[0], err)}
			}
			if format == "json" {
				err = writeJSON(e.out, found.json())
			} else {
				err = e.printFits(table, found)
			}
			if err == nil && found.best == nil {
				err = inputError{fmt.Errorf("%s: no effect is fitted: %s", args[0], found.why())}
			}
			return err
		},
	}
	c.Flags().StringVar(&time, "time", "time_min", "the column with minutes")
	c.Flags().StringVar(&eligible, "eligible", "eligible", "the column with eligible patients")
	c.Flags().StringVar(&treated, "treated", "treated", "the column with treated patients")
	c.Flags().StringVar(&format, "format", "table", "table or json")
	return c
}

// refitted is what a table says: by itself, and by each family.
type refitted struct {
	data access.Contrast
	fits []access.Fit
	best *access.Fit // of the lowest AIC among those with an estimate; nil: none has one
}

func fitted(table []access.Observed) (r refitted, err error) {
	if r.data, err = access.FarAgainstNear(table); err != nil {
		return r, err
	}
	for _, f := range access.Families {
		fit, err := access.Refit(table, f)
		if err != nil {
			return r, err
		}
		r.fits = append(r.fits, fit)
	}
	for k := range r.fits {
		// Families that fit alike to the last digits are a tie: the first stands.
		if f := &r.fits[k]; f.Edge == access.Inside && (r.best == nil || f.AIC < r.best.AIC-1e-6) {
			r.best = f
		}
	}
	return r, nil
}

// why is why no family has an estimate.
func (r refitted) why() string {
	says := r.data.Separate()
	if says == "" {
		says = fmt.Sprintf("the odds ratio of two hours or more against less is %s in the table", ends(r.data.Odds, r.data.Interval))
	}
	for _, f := range r.fits {
		if f.Edge == access.Stronger {
			return says + ", stronger than any family has"
		}
	}
	return says + ": your data show no loss with distance"
}

// noFit is what stands in place of an estimate at the edge of a family.
func noFit(f access.Fit) string {
	if f.Edge == access.NoLoss {
		if math.IsNaN(f.Bound) {
			return "not fitted: the best is no loss at all (an effect of 1 or above)"
		}
		return fmt.Sprintf("not fitted: the best is no loss at all (an effect of 1 or above); at 95 %% not below %.3f", f.Bound)
	}
	least := fmt.Sprintf("than %g, the least that is looked for", access.LeastEffect)
	if f.Family == access.Logistic {
		least = "than 0.074, the least that this family has"
	}
	if math.IsNaN(f.Bound) {
		return "not fitted: the best is stronger " + least
	}
	return fmt.Sprintf("not fitted: the best is stronger %s; at 95 %% not above %.3g", least, f.Bound)
}

// ends are a value and its interval, in which an open end is said to be open.
func ends(v float64, interval [2]float64) string {
	part := func(x float64) string {
		if math.IsNaN(x) {
			return "open"
		}
		return short(study.Num(x))
	}
	if math.IsNaN(v) {
		return fmt.Sprintf("without an estimate (%s to %s)", part(interval[0]), part(interval[1]))
	}
	return fmt.Sprintf("%s (%s to %s)", part(v), part(interval[0]), part(interval[1]))
}

func (e *env) printFits(table []access.Observed, r refitted) error {
	var p page
	p.line("%-12s %8s %18s %10s %10s", "family", "effect", "95 %", "within ½ h", "AIC")
	open := func(x float64) string {
		if math.IsNaN(x) {
			return "open"
		}
		return fmt.Sprintf("%.3f", x)
	}
	ties := 0
	for _, f := range r.fits {
		if f.Edge != access.Inside {
			p.line("%-12s %8s %s", f.Family, "–", noFit(f))
			continue
		}
		if math.Abs(f.AIC-r.best.AIC) <= 1e-6 {
			ties++
		}
		p.line("%-12s %8.3f %8s to %6s %10.3f %10.1f", f.Family, f.Effect, open(f.Interval[0]), open(f.Interval[1]), f.P0, f.AIC)
	}
	d := r.data
	p.line("\nThe table by itself, two hours or more against less: odds ratio %s", ends(d.Odds, d.Interval))
	p.line("  %s of %s treated against %s of %s; Firth's estimate %s", number(study.Num(d.Far.Treated), 0), number(study.Num(d.Far.Eligible), 0), number(study.Num(d.Near.Treated), 0), number(study.Num(d.Near.Eligible), 0), short(study.Num(d.Firth)))
	if says := d.Separate(); says != "" {
		p.line("  %s: the groups are separate, and there is no finite estimate but a limit", says)
	}
	if r.best == nil {
		p.line("\nNo effect is fitted: %s.", r.why())
		_, err := fmt.Fprint(e.out, p.String())
		return err
	}
	p.line("\nCalibration of %s, the lowest AIC", r.best.Family)
	p.line("%8s %10s %10s %10s", "minutes", "eligible", "treated", "expected")
	for i, o := range table {
		p.line("%8s %10s %10s %10s", number(study.Num(o.Time.Minutes()), 0), number(study.Num(o.Eligible), 0), number(study.Num(o.Treated), 0), number(study.Num(r.best.Expected[i]), 1))
	}
	p.line("\nIn a study: penalty: {form: odds, family: %s, effect: %s}", r.best.Family, digits(r.best.Effect))
	if ties > 1 {
		p.line("The table cannot tell %d of the families apart: they have the same AIC.", ties)
	}
	if math.IsNaN(r.best.Interval[1]) {
		p.line("The interval is open above: at 95 %% the table allows no loss at all.")
	}
	if math.IsNaN(r.best.Interval[0]) {
		p.line("The interval is open below: at 95 %% the table allows the strongest effect that the family has.")
	}
	p.line("An association in your data, not a cause; the interval is of chance alone.")
	_, err := fmt.Fprint(e.out, p.String())
	return err
}

// digits are three decimals, or as many significant digits of a small number.
func digits(v float64) string {
	if v < 0.1 {
		return fmt.Sprintf("%.3g", v)
	}
	return fmt.Sprintf("%.3f", v)
}

// fitJSON is a fit as it is written; numbers that there are not are null, and why
// says so.
type fitJSON struct {
	Family   string
	Effect   study.Num
	Interval [2]study.Num // null: open
	P0       study.Num
	AIC      study.Num
	Edge     string
	Bound    study.Num
	Why      string
	Expected []study.Num
	Data     contrastJSON
}

// contrastJSON is what the table says by itself.
type contrastJSON struct {
	Odds     study.Num
	Interval [2]study.Num
	Firth    study.Num
	Separate string
}

func (r refitted) json() []fitJSON {
	pair := func(v [2]float64) [2]study.Num { return [2]study.Num{study.Num(v[0]), study.Num(v[1])} }
	data := contrastJSON{Odds: study.Num(r.data.Odds), Interval: pair(r.data.Interval), Firth: study.Num(r.data.Firth), Separate: r.data.Separate()}
	var out []fitJSON
	for _, f := range r.fits {
		x := fitJSON{Family: string(f.Family), Effect: study.Num(f.Effect), Interval: pair(f.Interval), P0: study.Num(f.P0), AIC: study.Num(f.AIC),
			Edge: string(f.Edge), Bound: study.Num(f.Bound), Data: data, Expected: []study.Num{}}
		if f.Edge != access.Inside {
			x.Why = noFit(f)
		}
		for _, y := range f.Expected {
			x.Expected = append(x.Expected, study.Num(y))
		}
		out = append(out, x)
	}
	return out
}

package main

import (
	"fmt"

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
likelihood in odds form; the lowest AIC fits best. Tables with fewer than 20
treated or untreated patients are refused.`,
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
			}{{time, role.Minutes.Everywhere()}, {eligible, role.Amount}, {treated, role.Amount}} {
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
			var fits []access.Fit
			for _, f := range access.Families {
				fit, err := access.Refit(table, f)
				if err != nil {
					return inputError{fmt.Errorf("%s: %w", args[0], err)}
				}
				fits = append(fits, fit)
			}
			if format == "json" {
				return writeJSON(e.out, fits)
			}
			return e.printFits(table, fits)
		},
	}
	c.Flags().StringVar(&time, "time", "time_min", "the column with minutes")
	c.Flags().StringVar(&eligible, "eligible", "eligible", "the column with eligible patients")
	c.Flags().StringVar(&treated, "treated", "treated", "the column with treated patients")
	c.Flags().StringVar(&format, "format", "table", "table or json")
	return c
}

func (e *env) printFits(table []access.Observed, fits []access.Fit) error {
	var p page
	best := fits[0]
	for _, f := range fits {
		if f.AIC < best.AIC {
			best = f
		}
	}
	p.line("%-12s %8s %18s %10s %10s", "family", "effect", "95 %", "within ½ h", "AIC")
	for _, f := range fits {
		p.line("%-12s %8.3f %8.3f to %6.3f %10.3f %10.1f", f.Family, f.Effect, f.Interval[0], f.Interval[1], f.P0, f.AIC)
	}
	p.line("\nCalibration of %s, the lowest AIC", best.Family)
	p.line("%8s %10s %10s %10s", "minutes", "eligible", "treated", "expected")
	for i, o := range table {
		p.line("%8s %10s %10s %10s", number(study.Num(o.Time.Minutes()), 0), number(study.Num(o.Eligible), 0), number(study.Num(o.Treated), 0), number(study.Num(best.Expected[i]), 1))
	}
	p.line("\nIn a study: penalty: {form: odds, family: %s, effect: %.3f}", best.Family, best.Effect)
	p.line("An association in your data, not a cause; the interval is of chance alone.")
	_, err := fmt.Fprint(e.out, p.String())
	return err
}

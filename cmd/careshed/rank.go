package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"careshed/access/study"
	"careshed/access/study/spec"

	"github.com/spf13/cobra"
)

func rankCommand(e *env) *cobra.Command {
	var dir, format, config, goal, layer, memory string
	var pick int
	var quiet bool
	c := &cobra.Command{
		Use: "rank SPEC|COUNTRY", Short: "Rank candidate sites",
		Long: `Rank the candidates of a study: what each would gain alone, and the order in
which to open them. --pick and --goal stand over those of the study. In a country
of the atlas the candidates are its settlements of 50,000 people or more.`,
		Example: `  careshed rank Italy --pick 5
  careshed rank study.yaml
  careshed rank study.yaml --pick 10 --goal covered
  careshed rank study.yaml --format csv --layer candidates > candidates.csv`,
		Args: exactly(1, takesCountries),
		RunE: func(c *cobra.Command, args []string) error {
			if err := oneOf("--format", format, "table", "json", "csv", "geojson"); err != nil {
				return err
			}
			if goal != "" {
				if err := oneOf("--goal", goal, spec.Goals()...); err != nil {
					return err
				}
			}
			if c.Flags().Changed("pick") && pick < 1 {
				return usageError{fmt.Errorf("--pick %d; accepted: 1 or more", pick)}
			}
			if err := e.within(memory); err != nil {
				return err
			}
			r, err := e.studyInto(c.Context(), asked{of: args[0], config: config, quiet: quiet, more: planned, change: func(s *spec.Spec) error {
				if s.Candidates == nil {
					return &spec.SpecError{File: args[0], Field: "candidates", Problem: "is missing: there is nothing to rank", Accept: "a layer of candidates"}
				}
				var g spec.SitingSpec
				if s.Siting != nil {
					g = *s.Siting
				}
				if goal != "" {
					g.Goal = goal
				}
				if pick > 0 {
					g.Pick = pick
				}
				g.Goal = cmp.Or(g.Goal, "treated")
				if g.Goal != "all_covered" && g.Fee == "" && g.Budget == 0 {
					g.Pick = max(g.Pick, 1)
				}
				s.Siting = &g
				return s.CheckSiting()
			}}, dir, textFormats())
			if err != nil {
				return err
			}
			if format == "table" {
				_, err := io.WriteString(e.out, ranking(r))
				return err
			}
			return e.print(r, format, layer)
		},
	}
	c.Flags().IntVar(&pick, "pick", 0, "how many sites to open")
	c.Flags().StringVar(&goal, "goal", "", strings.Join(spec.Goals(), ", "))
	c.Flags().StringVarP(&dir, "output", "o", "", "folder for layers, tables, summary and manifest")
	c.Flags().StringVar(&format, "format", "table", "what is printed: table, json (the summary), csv or geojson (one layer)")
	c.Flags().StringVar(&layer, "layer", "plan", "with csv or geojson: plan, candidates, sites or another of the result")
	c.Flags().StringVar(&config, "config", "", "a file with further layers; careshed.yaml beside the study if left out")
	c.Flags().BoolVarP(&quiet, "quiet", "q", false, "no progress bar")
	memoryFlag(c, &memory)
	return c
}

// planned has the plan that stands in the fact sheets of a country.
func planned(b study.Baseline) string { return b.Plan(study.BaselineSites) }

// ranking is the part of the headlines about sites, and the ten best alone.
func ranking(r *study.Result) string {
	only := *r
	s := r.Summary
	only.Summary = study.Summary{Name: s.Name, Title: s.Title, Places: s.Places, Population: s.Population, Sites: s.Sites,
		Siting: s.Siting, Uncertainty: s.Uncertainty, Notes: s.Notes}
	var p page
	p.WriteString(headlines(&only))
	t := r.Layer("candidates")
	rank, _ := t.Column("rank")
	name, _ := t.Column("name")
	gain, _ := t.Column("gain_alone")
	why, _ := t.Column("why_not")
	list, _ := t.Column("region_gap")
	if s.Sites.Rows == 0 {
		return p.String() // from nothing no candidate gains anything by itself
	}
	p.line("\nBy gain alone (%s)", s.Siting.GainUnit)
	for i := range min(10, t.Len()) {
		said := why.Text(i)
		if unsure := list.Text(i); unsure != "" {
			said = strings.TrimPrefix(said+"; "+mayHaveOne(unsure), "; ")
		}
		p.line("  %4s  %-28s %s  %s", rank.Text(i), cmp.Or(name.Text(i), t.ID(i)), short(study.Num(gain.Number(i))), said)
	}
	return p.String()
}

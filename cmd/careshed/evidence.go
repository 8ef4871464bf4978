package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"careshed/access"
	"careshed/access/study"

	"github.com/spf13/cobra"
)

func evidenceCommand(e *env) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use: "evidence [TOPIC]", Short: "Print the evidence behind every default and offered value", Args: upTo(1, "a topic, or nothing"),
		Long:    "Print the evidence behind every default and offered value, and published figures to\nhold a result against; of one topic, or all.\n\nTopics: " + strings.Join(access.Topics(), ", ") + ".",
		Example: "  careshed evidence\n  careshed evidence attrition\n  careshed evidence --format json",
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOf("--format", format, "table", "json"); err != nil {
				return err
			}
			rows := access.Register
			if len(args) == 1 {
				if err := oneOf("topic", args[0], access.Topics()...); err != nil {
					return err
				}
				rows = slices.DeleteFunc(slices.Clone(rows), func(r access.Evidence) bool { return r.Topic != args[0] })
			}
			if format == "json" {
				return writeJSON(e.out, rows)
			}
			var p page
			for _, r := range rows {
				p.line("%s: %s %s", r.Key, plain(r.Value), r.Unit)
				p.line("  %s", r.What)
				if r.Interval != nil {
					times := ""
					if r.Factor {
						times = " times the value"
					}
					p.line("  interval %s to %s%s (%s)", plain(r.Interval[0]), plain(r.Interval[1]), times, r.Basis)
				}
				p.line("  in: %s\n  source: %s\n  status: %s", r.Population, r.Source, r.Status)
				p.line("  errata: %s", cmp.Or(r.ErratumChecked, "not looked for"))
				if r.Funding != "" {
					p.line("  funding: %s", r.Funding)
				}
				switch {
				case r.Beside:
					p.line("  beside: no model takes it; results are held against it")
				case !r.Acts:
					p.line("  offered: it acts only where a study names it")
				}
				p.line("")
			}
			_, err := fmt.Fprint(e.out, strings.TrimSuffix(p.String(), "\n"))
			return err
		},
	}
	c.Flags().StringVar(&format, "format", "table", "table or json")
	return c
}

// plain writes a value: whole numbers whole, others to four digits.
func plain(v float64) string {
	if v == math.Trunc(v) {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

func reproduceCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use: "reproduce", Short: "Compute published figures again", Args: exactly(0, "no argument"),
		Long: `Compute the published figures that can be computed again, by the formulas and on
the atlas, each with what is accepted; hold how far people go against what was
seen, and the model against what was counted; and list what cannot be computed, and why.
The exit code is 1 if one of them fails.`,
		RunE: func(c *cobra.Command, _ []string) error {
			claims := append([]access.Claim{}, access.Claims...)
			atlas, err := e.atlasClaims(c.Context())
			if err != nil {
				return err
			}
			claims = append(claims, atlas...)
			failed := 0
			var p page
			for _, x := range claims {
				got, ok, err := x.Holds()
				if err != nil {
					return err
				}
				word := "holds"
				if !ok {
					word = "FAILS"
					failed++
				}
				p.line("%s  %s %s, accepted %s to %s: %s (%s)", word, short(study.Num(got)), x.Unit, short(study.Num(x.Low)), short(study.Num(x.High)), x.What, x.Source)
			}
			table, err := e.realityTable(c.Context())
			if err != nil {
				return err
			}
			seen, err := e.seenTable(c.Context())
			if err != nil {
				return err
			}
			p.line("\n%s\n%s", seen, table)
			p.line("Cannot be computed here:")
			for _, u := range access.Unreproducible {
				p.line("  %s: %s", u[0], u[1])
			}
			if _, err := fmt.Fprint(e.out, p.String()); err != nil {
				return err
			}
			if failed > 0 {
				return fmt.Errorf("%d of %d figures fail", failed, len(claims))
			}
			return nil
		},
	}
}

// atlasClaims are the figures that need places and centers: the atlas has both.
func (e *env) atlasClaims(ctx context.Context) ([]access.Claim, error) {
	of := map[string]study.Summary{}
	for _, code := range []string{"US", "IT", "AU"} {
		r, err := e.baseline(ctx, study.Baseline{Code: code}, "travel: {bands_min: [60, 120, 300]}", "density", "gaps")
		if err != nil {
			return nil, err
		}
		of[code] = r.Summary
	}
	us, it, au := of["US"], of["IT"], of["AU"]
	const bands = "ASH 2025 abstract (Daunov group): speeds are fitted to it"
	fixed := func(v float64) func() (float64, error) { return func() (float64, error) { return v, nil } }
	share := func(k int) float64 { return 100 * float64(us.Travel.Bands[k].Share) }
	return []access.Claim{
		{What: "US people within an hour of a center (59.2 %)", Source: bands, Low: 57.2, High: 61.2, Unit: "%", Compute: fixed(share(0))},
		{What: "US people beyond two hours (18.2 %)", Source: bands, Low: 15, High: 22, Unit: "%", Compute: fixed(100 - share(1))},
		{What: "US people beyond five hours (1.4 %)", Source: bands, Low: 0.4, High: 2.4, Unit: "%", Compute: fixed(100 - share(2))},
		{What: "Italian regions without a center (5 of 20), in the list's words none: Abruzzo is now named by its health authority", Source: "The Medicine Maker on the IQVIA report (2025)",
			Low: 4, High: 5, Unit: "regions", Compute: fixed(float64(it.Gaps.Count["none"]))},
		{What: "Australian states and territories without a center (4 in 2025), South Australia with them, whose start in 2026 was announced and not read", Source: "The Medicine Maker on the IQVIA report (2025)",
			Low: 4, High: 4, Unit: "states", Compute: fixed(float64(au.Gaps.Count["none"] + au.Gaps.Count["doubtful"]))},
	}, nil
}

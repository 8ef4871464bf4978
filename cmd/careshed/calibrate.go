package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"

	"careshed/access/study"
	"careshed/access/study/spec"
	"careshed/geo/travel"

	"github.com/spf13/cobra"
)

func travelCommand(e *env) *cobra.Command {
	c := &cobra.Command{
		Use: "travel", Short: "Fit the estimates from straight lines to real roads",
		Example: `  careshed travel calibrate study.yaml`,
		Args:    exactly(0, "a command: calibrate"),
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(calibrateCommand(e))
	return c
}

func calibrateCommand(e *env) *cobra.Command {
	var config string
	var out outFile
	var pairs int
	var seed uint64
	c := &cobra.Command{
		Use: "calibrate SPEC", Short: "Fit circuity and speed bands to a study's exact times",
		Long: `Fit the bands of engine crow to an exact engine: the study's own (road, osrm,
valhalla, or a matrix with kilometres), on journeys between its places and sites.
What is printed is a part of a study, with the residuals as comments: put it in
place of travel where no roads are at hand, such as in a neighbouring region. Where
the best speed of a band lies beyond 5 to 140 km/h there is no such part, and the
exit code is 3: look at the units of the times and lengths.`,
		Example: `  careshed travel calibrate porto.yaml
  careshed travel calibrate porto.yaml --pairs 50000 -o travel.yaml`,
		Args: exactly(1, "one study"),
		RunE: func(c *cobra.Command, args []string) error {
			if pairs < 100 || pairs > 10_000_000 {
				return usageError{fmt.Errorf("--pairs %d; accepted: 100 to 10,000,000", pairs)}
			}
			s, err := readSpec(args[0])
			if err != nil {
				return err
			}
			inputs := inputsOf(args[0], s, config)
			if err := out.check(inputs...); err != nil {
				return err
			}
			text, edges, err := e.calibrate(c.Context(), args[0], config, pairs, seed)
			if err != nil {
				return err
			}
			if edges != "" { // no part of a study to write to a file
				if _, err := io.WriteString(e.out, text); err != nil {
					return err
				}
				return inputError{fmt.Errorf("%s: no speeds are fitted: %s", args[0], edges)}
			}
			return out.write(e.out, func(w io.Writer) error {
				_, err := io.WriteString(w, text)
				return err
			}, inputs...)
		},
	}
	out.flags(c, "the file to write")
	c.Flags().StringVar(&config, "config", "", "a file with further layers; careshed.yaml beside the study if left out")
	c.Flags().IntVar(&pairs, "pairs", 20_000, "about how many journeys")
	c.Flags().Uint64Var(&seed, "seed", 1, "of the choice of journeys")
	return c
}

// calibrate is the fit as a part of a study, and what stands against it: speeds
// that ended at a bound, in words.
func (e *env) calibrate(ctx context.Context, path, config string, pairs int, seed uint64) (text, edges string, err error) {
	s, err := readSpec(path)
	if err != nil {
		return "", "", err
	}
	w, err := e.world(ctx, path, s, config)
	if err != nil {
		return "", "", err
	}
	samples, about, err := study.Samples(ctx, w, s, pairs, seed)
	if err != nil {
		return "", "", explain(path, err)
	}
	fit, err := travel.Calibrate(samples, travel.CalibrateEdges)
	if err != nil {
		return "", "", inputError{fmt.Errorf("%s: %w", path, err)}
	}
	var at []string
	for _, x := range fit.Edges {
		at = append(at, x.Words())
	}
	return fragment(fit, about, path) + scaled(s, fit), strings.Join(at, "; "), nil
}

// scaled is the study's optimism as a line of the same part: bands are fitted to the
// engine's own times, which it goes on to multiply.
func scaled(s spec.Spec, fit travel.Fit) string {
	by := s.Travel.Optimism
	if len(by) == 0 || len(fit.Edges) > 0 {
		return ""
	}
	var parts []string
	for _, x := range by {
		if x.ToMin > 0 {
			parts = append(parts, fmt.Sprintf("{to_min: %g, factor: %g}", x.ToMin, x.Factor))
		} else {
			parts = append(parts, fmt.Sprintf("{factor: %g}", x.Factor))
		}
	}
	return fmt.Sprintf("  optimism: [%s]\n", strings.Join(parts, ", "))
}

// bandNames are the bands of straight lines in words.
func bandNames(bands []travel.Residual) (names []string) {
	from := 0.0
	for _, r := range bands {
		name := fmt.Sprintf("%g to %g", from, r.To)
		if math.IsInf(r.To, 1) {
			name = fmt.Sprintf("beyond %g", from)
		}
		names, from = append(names, name), r.To
	}
	return names
}

// fragment is a fit as a part of a study, with its residuals.
func fragment(f travel.Fit, about travel.About, path string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Fitted to %d journeys of %s: %s.\n", f.Samples, path, about.Detail)
	if p := about.Settings["profile"]; p != "" {
		fmt.Fprintf(&b, "# Profile %s.\n", p)
	}
	fmt.Fprintf(&b, "#\n# straight line, km   journeys  circuity  fitted/exact  half within  nine in ten within\n")
	row := func(name string, r travel.Residual) {
		fmt.Fprintf(&b, "# %-20s %8d  %8.3f  %12.3f  %9.1f %%  %16.1f %%\n", name, r.Samples, r.Circuity, r.Bias, 100*r.Half, 100*r.Nine)
	}
	names := bandNames(f.Bands)
	for k, r := range f.Bands {
		row(names[k], r)
	}
	row("all", f.All)
	fmt.Fprintf(&b, "#\n# exact time over       these bands                 the default bands\n"+
		"# straight line, km     2.5 %%  median  97.5 %%       2.5 %%  median  97.5 %%\n")
	names, fitted, usual := append(names, "all"), append(f.Bands[:len(f.Bands):len(f.Bands)], f.All), f.Default
	if f.Far.Samples > 0 {
		names, fitted, usual = append(names, fmt.Sprintf("%g and more", travel.FarKm)), append(fitted, f.Far), append(usual[:len(usual):len(usual)], f.DefaultFar)
	}
	for k, r := range fitted {
		u := usual[k]
		fmt.Fprintf(&b, "# %-20s %7.3f %7.3f %7.3f     %7.3f %7.3f %7.3f\n", names[k], r.Low, r.Exact, r.High, u.Low, u.Exact, u.High)
	}
	bands := func(unit string, list []travel.Band) string {
		var parts []string
		for _, x := range list {
			if math.IsInf(x.To, 1) {
				parts = append(parts, fmt.Sprintf("{%s: %g}", unit, x.Value))
			} else {
				parts = append(parts, fmt.Sprintf("{to_km: %g, %s: %g}", x.To, unit, x.Value))
			}
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	if len(f.Edges) > 0 {
		fmt.Fprintf(&b, "#\n# No speeds are fitted, and there is no part of a study to use:\n")
		for _, x := range f.Edges {
			fmt.Fprintf(&b, "#   %s\n", x.Words())
		}
		return b.String()
	}
	if x := f.Far; x.Samples > 0 && x.Low <= 1 && x.High >= 1 {
		fmt.Fprintf(&b, "#\n# Draws with uncertainty: {times: [%.3g, %.3g]} lie as far from these bands as journeys of %g km and more.\n", x.Low, x.High, travel.FarKm)
	}
	fmt.Fprintf(&b, "travel:\n  engine: crow\n  circuity: %s\n  speed: %s\n", bands("factor", f.Circuity), bands("kmh", f.Speed))
	return b.String()
}

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"careshed/access/study/spec"
	"careshed/api/draw"
	"careshed/api/words"

	"github.com/spf13/cobra"
)

func mapCommand(e *env) *cobra.Command {
	var config, lang string
	var file outFile
	var o draw.Options
	var quiet, miles bool
	c := &cobra.Command{
		Use: "map SPEC|COUNTRY", Short: "Draw a map of a study, or of a country",
		Long: `Carry out a study and draw one map of it, as SVG, PNG or PDF: regions or places
coloured by a column, the centers, the finding in a sentence, legend, sources and
caveats. The format is that of the ending of the file.

What is drawn stands under present.map of the study; flags stand over it. With
neither, regions are coloured by centers per 10 million people. Regions without
a center are told from those of which the list cannot say.

A study with scenarios is drawn as it is today, which a note says. For a map of
the scenario NAME put output: {scenario_regions: both} into the study and draw
--layer regions_NAME; for one of who loses most by it draw --layer places
--column change_min_NAME.`,
		Example: `  careshed map Germany -o germany.pdf
  careshed map Germany --page a4-portrait -o germany.pdf
  careshed map study.yaml -o map.svg
  careshed map study.yaml --column mean_time_min --breaks 30,60,120,240 -o time.pdf
  careshed map study.yaml --lang de --dpi 300 -o karte.png
  careshed map study.yaml --layer places --column time_min > places.svg`,
		Args: exactly(1, takesCountries),
		RunE: func(c *cobra.Command, args []string) error {
			end := strings.ToLower(strings.TrimPrefix(filepath.Ext(file.path), "."))
			switch {
			case file.path == "":
			case !slices.Contains(draw.Formats(), end):
				return usageError{fmt.Errorf("--output %s: there are no maps of this ending; accepted: a name that ends in .%s", file.path, strings.Join(draw.Formats(), ", ."))}
			case o.Format != "" && o.Format != end:
				return usageError{fmt.Errorf("--format %s: the file %s is to be %s; accepted: one of the two", o.Format, file.path, end)}
			default:
				o.Format = end
			}
			var err error
			if o.Words, err = words.In(lang); err != nil {
				return usageError{fmt.Errorf("--lang: %w", err)}
			}
			if miles {
				o.Words = o.Words.InMiles()
			}
			var inputs []string
			r, err := e.study(c.Context(), asked{of: args[0], config: config, quiet: quiet, change: func(s *spec.Spec) error {
				inputs = inputsOf(args[0], *s, config)
				return file.check(inputs...)
			}})
			if err != nil {
				return err
			}
			var b bytes.Buffer
			if err := draw.Map(&b, r, o); err != nil {
				return mapError(c, args[0], err)
			}
			write := func(w io.Writer) error {
				_, err := w.Write(b.Bytes())
				return err
			}
			return file.write(e.out, write, inputs...)
		},
	}
	file.flags(c, "file for the map")
	c.Flags().StringVar(&o.Layer, "layer", "", "regions, places or sites; regions if the study has them")
	c.Flags().StringVar(&o.Column, "column", "", "the column to colour by; per_10m for regions")
	c.Flags().Float64SliceVar(&o.Breaks, "breaks", nil, "class limits, as 0.3,2,4,11.4; chosen if left out")
	c.Flags().StringVar(&o.Title, "title", "", "a title; made from the finding if left out")
	c.Flags().IntVar(&o.Width, "width", 0, "width in pixels; 1000 if left out")
	c.Flags().StringVar(&o.Page, "page", "", "a sheet of paper that the map fills, in place of a width: "+strings.Join(draw.Pages(), ", "))
	c.Flags().StringVar(&o.Format, "format", "", "svg, png or pdf; that of the file, or svg, if left out")
	c.Flags().Float64Var(&o.DPI, "dpi", 0, "dots per inch of a PNG, of a page of 96 pixels per inch; 192 if left out")
	c.Flags().StringVar(&lang, "lang", "", "language of the map: "+strings.Join(words.Known(), " or ")+"; English if left out")
	c.Flags().BoolVar(&miles, "miles", false, "lengths in miles; --breaks are then in miles too")
	c.Flags().StringVar(&config, "config", "", "a file with further layers; careshed.yaml beside the study if left out")
	c.Flags().BoolVarP(&quiet, "quiet", "q", false, "no progress bar")
	return c
}

// mapError says whether a flag or the study asked for what cannot be drawn.
func mapError(c *cobra.Command, path string, err error) error {
	var e *draw.OptionError
	switch {
	case !errors.As(err, &e):
		return err
	case c.Flags().Changed(e.Option):
		return usageError{fmt.Errorf("--%w", err)}
	}
	return inputError{fmt.Errorf("%s: present.map.%w", path, err)}
}

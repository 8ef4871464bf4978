package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"careshed/access/study"
	"careshed/access/study/spec"
	"careshed/data"
	"careshed/geo"

	"github.com/spf13/cobra"
)

func runCommand(e *env) *cobra.Command {
	var dir, format, config, layer, memory string
	var formats []string
	var quiet bool
	c := &cobra.Command{
		Use: "run SPEC|COUNTRY", Short: "Carry out a study, or that of a country",
		Long: `Carry out a study and print its headlines. With -o its layers, tables, summary
and manifest go to a folder. A country of the atlas by name or code stands for its
baseline study: the nearest of its own centers, density, gaps, patients.

  DIR/summary.json, manifest.json
  DIR/places.csv, regions.csv, sites.csv, links.csv, and the same as .geojson
  DIR/tables/*.csv

--formats takes others: gpkg and xlsx write all layers and tables into one file,
DIR/result.gpkg and DIR/result.xlsx;
parquet, kml and html write a file beside each CSV.

A study that fails leaves the folder as it was. DIR/careshed-run.sha256 lists the
files that were written, for sha256sum -c: a later run replaces these and no
others, and files of the same names that it did not write are an error.`,
		Example: `  careshed run Italy
  careshed run study.yaml -o result
  careshed run study.yaml -o result --formats csv,gpkg,parquet
  careshed run study.yaml --format json | jq .travel.time_min
  careshed run study.yaml --format csv --layer regions > regions.csv`,
		Args: exactly(1, takesCountries),
		RunE: func(c *cobra.Command, args []string) error {
			if err := oneOf("--format", format, append([]string{"table", "json"}, data.Written()...)...); err != nil {
				return err
			}
			for _, f := range formats {
				if err := oneOf("--formats", f, resultFormats()...); err != nil {
					return err
				}
			}
			if c.Flags().Changed("formats") && dir == "" {
				return usageError{errors.New("--formats are those of a folder: add -o DIR")}
			}
			if err := e.within(memory); err != nil {
				return err
			}
			r, err := e.studyInto(c.Context(), asked{of: args[0], config: config, quiet: quiet}, dir, formats)
			if err != nil {
				return err
			}
			return e.print(r, format, layer)
		},
	}
	c.Flags().StringVarP(&dir, "output", "o", "", "folder for layers, tables, summary and manifest")
	c.Flags().StringVar(&format, "format", "table", "what is printed: table, json (the summary), or one layer as "+strings.Join(data.Written(), ", "))
	c.Flags().StringSliceVar(&formats, "formats", textFormats(), "what -o writes: "+strings.Join(resultFormats(), ", "))
	c.Flags().StringVar(&layer, "layer", "places", "for one layer: places, regions, sites, links or the name of a table")
	c.Flags().StringVar(&config, "config", "", "a file with further layers; careshed.yaml beside the study if left out")
	c.Flags().BoolVarP(&quiet, "quiet", "q", false, "no progress bar")
	memoryFlag(c, &memory)
	return c
}

func oneOf(flag, value string, accept ...string) error {
	for _, a := range accept {
		if value == a {
			return nil
		}
	}
	near := ""
	if n := geo.Like(value, accept); n != "" {
		near = fmt.Sprintf("; did you mean %s?", n)
	}
	return usageError{fmt.Errorf("%s %q%s; accepted: %v", flag, value, near, accept)}
}

// studyInto is study, with its result in a folder too unless dir is "".
func (e *env) studyInto(ctx context.Context, a asked, dir string, formats []string) (*study.Result, error) {
	if dir == "" {
		return e.study(ctx, a)
	}
	var folder *data.Folder
	change := a.change
	a.change = func(s *spec.Spec) (err error) {
		if change != nil {
			if err := change(s); err != nil {
				return err
			}
		}
		folder, err = resultFolder(dir, *s, formats, inputsOf(a.of, *s, a.config))
		return err
	}
	r, err := e.study(ctx, a)
	if err != nil {
		return nil, err
	}
	return r, writeResult(folder, r, formats)
}

// study carries out what is asked for.
func (e *env) study(ctx context.Context, a asked) (*study.Result, error) {
	s, path, err := e.spec(ctx, a)
	if err != nil {
		return nil, err
	}
	w, err := e.world(ctx, path, s, a.config)
	if err != nil {
		return nil, err
	}
	if e.memory != nil {
		w.Share = e.memory.Share(nil)
		defer w.Share.Give()
	}
	bar := newBar(e.log, a.quiet)
	r, err := study.Run(ctx, w, s, watch(ctx, &w, bar.report))
	bar.end()
	return r, explain(a.of, err)
}

// explain names the study in an error that its input explains. What a study
// says of its layers and fields is the user's to mend.
func explain(path string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	var p *os.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", path, err)
	}
	return inputError{fmt.Errorf("%s: %w", path, err)}
}

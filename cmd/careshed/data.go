package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"careshed/data"
	"careshed/geo"
	"careshed/geo/role"

	"github.com/spf13/cobra"
)

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }

func dataCommand(e *env) *cobra.Command {
	c := &cobra.Command{
		Use: "data", Short: "Look at layers, check and convert them",
		Example: `  careshed data info centers.geojson
  careshed data validate places.csv --people population
  careshed data export places.csv -o places.gpkg`,
		Args: exactly(0, "a command: list, info, validate or export"),
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	var config string
	var from data.Source
	c.PersistentFlags().StringVar(&config, "config", "", "a file that names layers; careshed.yaml in this folder if left out")
	f := c.PersistentFlags()
	f.StringVar(&from.Table, "table", "", "the table of a GeoPackage, or sheet of a workbook, that has several")
	f.StringVar(&from.Format, "from", "", "the format of the file; by its ending if left out")
	f.StringVar(&from.ID, "id", "", "the column with the ids")
	f.StringVar(&from.Lon, "lon", "", "the column with longitudes; found by name if left out")
	f.StringVar(&from.Lat, "lat", "", "the column with latitudes; found by name if left out")
	f.StringVar(&from.WKT, "wkt", "", "the column with shapes; found by name if left out")
	f.StringVar(&from.CRS, "crs", "", "the system of the coordinates where the file names none, such as EPSG:27700")
	f.StringVar(&from.Encoding, "encoding", "", "the encoding of the texts, such as cp1250")
	f.StringVar(&from.Decimal, "decimal", "", "the sign before decimals in CSV, such as a comma")
	f.StringVar(&from.Thousands, "thousands", "", "the sign between thousands in CSV")
	f.StringSliceVar(&from.Missing, "missing", nil, "values that mean no value, as -999,n/a")
	f.StringToStringVar(&from.Units, "units", nil, "units of columns, as time=seconds,pop=thousands")
	c.AddCommand(dataList(e, &config), dataInfo(e, &config, &from), dataValidate(e, &config, &from), dataExport(e, &config, &from))
	return c
}

// open reads a layer by name, from the catalog file or the atlas, or a file by path.
func (e *env) open(ctx context.Context, name, config string, s data.Source) (*geo.Layer, error) {
	l := &layers{atlas: &e.atlas}
	if config = beside(".", config); config != "" {
		c, err := readCatalog(config)
		if err != nil {
			return nil, err
		}
		l.own = append(l.own, c)
	}
	if slices.Contains(l.names(), name) {
		return l.Layer(ctx, name)
	}
	s.File = filepath.Base(name)
	key := strings.SplitN(s.File, ".", 2)[0]
	got, err := data.NewCatalog(filepath.Dir(name), map[string]data.Source{key: s}).Layer(ctx, key)
	var in *data.InputError
	if err != nil && !errors.As(err, &in) && errors.Is(err, os.ErrNotExist) {
		near := ""
		if n := geo.Like(name, l.names()); n != "" {
			near = fmt.Sprintf("; did you mean %s?", n)
		}
		return nil, inputError{fmt.Errorf("%s: there is no such file, and no layer of that name%s; layers: %s", name, near, strings.Join(l.names(), ", "))}
	}
	if err != nil {
		return nil, inputError{err}
	}
	return got, nil
}

func dataList(e *env, config *string) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the layers that studies can name", Args: exactly(0, "no argument"),
		RunE: func(*cobra.Command, []string) error {
			if *config = beside(".", *config); *config != "" {
				c, err := readCatalog(*config)
				if err != nil {
					return err
				}
				for _, n := range c.Names() {
					s, _ := c.Source(n)
					fmt.Fprintf(e.out, "%-16s %s %s\n", n, s.File, s.Title)
				}
			}
			for _, n := range e.atlas.Names() {
				fmt.Fprintf(e.out, "%-16s atlas: %s\n", n, e.atlas.Title(n))
			}
			return nil
		},
	}
}

func dataInfo(e *env, config *string, from *data.Source) *cobra.Command {
	return &cobra.Command{
		Use: "info LAYER|FILE|atlas", Short: "Describe a layer, or the countries of the atlas", Args: exactly(1, "a layer or a file"),
		RunE: func(c *cobra.Command, args []string) error {
			if args[0] == "atlas" {
				t, err := e.headlineTable(c.Context())
				if err != nil {
					return err
				}
				_, err = io.WriteString(e.out, t)
				return err
			}
			if from.Table == "" && strings.EqualFold(filepath.Ext(args[0]), ".gpkg") {
				if shown, err := e.tables(c.Context(), args[0]); shown || err != nil {
					return err
				}
			}
			l, err := e.open(c.Context(), args[0], *config, *from)
			if err != nil {
				return err
			}
			_, err = io.WriteString(e.out, describe(l))
			return err
		},
	}
}

// tables lists the tables of a GeoPackage, unless it has only one.
func (e *env) tables(ctx context.Context, path string) (shown bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return false, nil // it may be a layer; otherwise reading it says so
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false, inputError{fmt.Errorf("%s: %w", path, plainPath(err))}
	}
	tables, err := data.Tables(ctx, io.NewSectionReader(f, 0, info.Size()), filepath.Base(path), data.Limits{})
	if err != nil {
		return false, inputError{err}
	}
	if len(tables) == 1 {
		return false, nil
	}
	var p page
	p.line("%s: %d tables; --table NAME describes one", filepath.Base(path), len(tables))
	p.line("\n  %-24s %-18s %9s  %s", "table", "geometry", "rows", "title")
	for _, t := range tables {
		title := t.Title
		if title == t.Name {
			title = ""
		}
		p.line("  %-24s %-18s %9d  %s", t.Name, cmp.Or(strings.ToLower(t.Geometry), "none"), t.Rows, title)
	}
	_, err = io.WriteString(e.out, p.String())
	return true, err
}

func describe(l *geo.Layer) string {
	var p page
	p.line("%s: %d features", cmp.Or(l.Title, l.Name), l.Len())
	located := 0
	lo, hi := [2]float64{180, 90}, [2]float64{-180, -90}
	kinds := map[string]int{}
	for i := range l.Rows() {
		located++
		if g := l.Shape(i); g != nil {
			kinds[g.GeoJSONType()]++
			b := g.Bound()
			lo[0], lo[1] = min(lo[0], b.Min[0]), min(lo[1], b.Min[1])
			hi[0], hi[1] = max(hi[0], b.Max[0]), max(hi[1], b.Max[1])
		}
	}
	if l.IsTable() {
		p.line("no shapes: a table")
	} else {
		var k []string
		for _, name := range sortedKeys(kinds) {
			k = append(k, fmt.Sprintf("%d %s", kinds[name], name))
		}
		p.line("%s; %d without a location", strings.Join(k, ", "), l.Len()-located)
		p.line("longitude %.4f to %.4f, latitude %.4f to %.4f", lo[0], hi[0], lo[1], hi[1])
	}
	for _, x := range append([]string{l.Licence, l.Attribution}, l.Notes...) {
		if x != "" {
			p.line("%s", x)
		}
	}
	p.line("\n  %-24s %-8s %9s  %s", "field", "type", "missing", "values")
	for _, c := range l.Columns() {
		missing := 0
		for i := range c.Len() {
			if c.Null(i) {
				missing++
			}
		}
		p.line("  %-24s %-8s %9d  %s", c.Name, c.Type, missing, values(c))
	}
	return p.String()
}

// shortSum is v to twelve digits: those behind them are of the addition, not of the data.
func shortSum(v float64) float64 {
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 12, 64), 64)
	if err != nil || v == math.Trunc(v) {
		return v
	}
	return short
}

// values shows the range and sum of numbers, or some of the texts.
func values(c geo.Column) string {
	if c.Type != geo.Text {
		least, most, sum, n := 0.0, 0.0, 0.0, 0
		for i := range c.Len() {
			if c.Null(i) {
				continue
			}
			v := c.Number(i)
			if n == 0 {
				least, most = v, v
			}
			least, most, sum = min(least, v), max(most, v), sum+v
			n++
		}
		if n == 0 {
			return ""
		}
		return fmt.Sprintf("%s to %s, sum %s", geo.AppendNumber(nil, least), geo.AppendNumber(nil, most), geo.AppendNumber(nil, shortSum(sum)))
	}
	_, words := c.Codes()
	shown := words[:min(5, len(words))]
	more := ""
	if len(words) > len(shown) {
		more = fmt.Sprintf(", … (%d different)", len(words))
	}
	return strings.Join(shown, ", ") + more
}

// roles are what a flag of validate can name a column as.
var roles = []struct {
	flag, what string
	as         role.Role
}{
	{"people", "a field that must be a number of people", role.People},
	{"supply", "a field that must be an amount: beds, slots, eligible patients, a price", role.Amount},
	{"minutes", "a field that must be travel times; empty is no way", role.Minutes},
	{"kilometres", "a field that must be lengths; empty is unknown", role.Kilometres},
	{"rank", "a field that places can be ordered by, such as an index of deprivation", role.Rank},
}

func dataValidate(e *env, config *string, from *data.Source) *cobra.Command {
	fields := make([]string, len(roles))
	var regions string
	c := &cobra.Command{
		Use: "validate LAYER|FILE…", Short: "Check that layers can be used",
		Long: `Check that layers can be read: geometry, coordinates, ids, types. With --people,
--supply, --minutes, --kilometres, --rank or --regions a field must be fit for
that, as a study asks: what is refused here is refused there, and what is doubtful
is said in both. All files are checked; the exit code is 3 if one of them fails.`,
		Args: atLeast(1, "one or more layers or files"),
		RunE: func(c *cobra.Command, args []string) error {
			var failed []error
			for _, name := range args {
				l, err := e.open(c.Context(), name, *config, *from)
				var doubts []string
				if err == nil {
					doubts, err = e.fit(l, fields, regions)
				}
				if err != nil {
					failed = append(failed, err)
					continue
				}
				fmt.Fprintf(e.out, "%s: good, %d features\n", name, l.Len())
				for _, d := range doubts {
					fmt.Fprintf(e.out, "  %s\n", d)
				}
			}
			if len(failed) > 0 {
				return inputError{errors.Join(failed...)}
			}
			return nil
		},
	}
	for k, r := range roles {
		c.Flags().StringVar(&fields[k], r.flag, "", r.what)
	}
	c.Flags().StringVar(&regions, "regions", "", "the field with the names of regions, each of which must be one feature")
	return c
}

// fit says what is doubtful in a layer, or wrong with a field for its role.
func (e *env) fit(l *geo.Layer, fields []string, regions string) (doubts []string, err error) {
	if l.Len() == 0 {
		return nil, &data.InputError{File: l.Name, Problem: "has no features", Accept: "at least one row"}
	}
	doubts = append(doubts, l.Notes...)
	for k, r := range roles {
		if fields[k] == "" {
			continue
		}
		read, err := r.as.Read(l, fields[k])
		if err != nil {
			return nil, err
		}
		for _, d := range read.Doubts {
			doubts = append(doubts, d.Text)
		}
	}
	if regions == "" {
		return doubts, nil
	}
	names, err := l.Texts(regions)
	if err != nil {
		return nil, err
	}
	found, err := role.Regions(l, names)
	for _, d := range found {
		doubts = append(doubts, d.Text)
	}
	return doubts, err
}

// say tells what is doubtful in a layer that a command reads.
func (e *env) say(l *geo.Layer, doubts []geo.Doubt) {
	for _, d := range doubts {
		fmt.Fprintf(e.log, "careshed: layer %s: %s\n", l.Name, d.Text)
	}
}

func dataExport(e *env, config *string, from *data.Source) *cobra.Command {
	var format string
	var file outFile
	c := &cobra.Command{
		Use: "export LAYER|FILE", Short: "Write a layer in another format", Args: exactly(1, "a layer or a file"),
		Long: `Write a layer in another format, told by the ending of the file:

  .csv .geojson .geojsonl .gpkg .parquet .xlsx .kml .html

docs/data.md says what each keeps. --format csv-wkt writes CSV with the shapes as
well-known text.`,
		Example: `  careshed data export places.csv -o places.gpkg
  careshed data export result.gpkg --table regions -o regions.parquet
  careshed data export land --format geojson | gzip > land.geojson.gz`,
		RunE: func(c *cobra.Command, args []string) error {
			if format == "" && file.path != "" {
				if format = data.FormatOf(file.path); format == "" {
					return usageError{fmt.Errorf("-o %s: the ending does not tell the format; accepted: .csv, .geojson, .geojsonseq, .ndjson, .gpkg, .parquet, .xlsx, .kml, .html, or --format", file.path)}
				}
			}
			format = cmp.Or(format, data.GeoJSON)
			if err := oneOf("--format", format, data.Written()...); err != nil {
				return err
			}
			if err := file.check(args[0], *config); err != nil {
				return err
			}
			l, err := e.open(c.Context(), args[0], *config, *from)
			if err != nil {
				return err
			}
			if err := holds(format, l); err != nil {
				return err
			}
			return file.write(e.out, func(w io.Writer) error { return data.Write(w, l, format) }, args[0], *config)
		},
	}
	file.flags(c, "the file")
	c.Flags().StringVar(&format, "format", "", strings.Join(data.Written(), ", ")+"; by the ending of the file if left out")
	return c
}

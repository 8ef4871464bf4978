package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"careshed/geo/road"
	"careshed/geo/travel"

	"github.com/spf13/cobra"
)

// matrixAsk is a table of ways that is asked for.
type matrixAsk struct {
	index, places, sites string
	placeID, siteID      string
	limit                float64 // minutes; 0 for none
	format               string
	rows                 int // that a part holds at most
	out                  outFile
	parting
}

func roadsMatrix(e *env) *cobra.Command {
	var a matrixAsk
	c := &cobra.Command{
		Use: "matrix INDEX PLACES SITES", Short: "Times from every place to every site, as CSV or Parquet",
		Long: `Times from every place to every site: a table with the columns place, site, minutes
and kilometres, one row for each pair with a way between them, site by site. A study
reads it with travel: {engine: matrix}. Rows are written as they are computed, so
that a large table needs no memory.

As CSV it is one file. With --format parquet, -o is a folder of parts,
part-00001.parquet and so on, which DuckDB and Arrow read as one table, and
manifest.json says what they were made of. A part that is there already, made by this
version of the same roads, places and sites, is not made again.

Several machines: --shard I/N makes every Nth part alone (Slurm, Kubernetes), and
--merge brings the folders of all together. With --on the parts are made by the
workers (careshed worker) that share a PostgreSQL database. These write Parquet, the
same to the byte as one machine.`,
		Example: `  careshed roads matrix porto.roads places.csv centers.csv -o times.csv
  careshed roads matrix ny.roads places.csv centers.csv -o times --format parquet
  careshed roads matrix ny.roads places.csv centers.csv -o part1 --shard 1/8
  careshed roads matrix ny.roads places.csv centers.csv -o times --merge part1,part2
  careshed roads matrix ny.roads places.csv centers.csv -o times --on postgres://me@db/fleet --store file:/shared/store`,
		Args: exactly(3, "an index and two layers"),
		RunE: func(c *cobra.Command, args []string) error {
			a.index, a.places, a.sites = args[0], args[1], args[2]
			return e.matrixAsked(c.Context(), a)
		},
	}
	a.out.flags(c, "the file to write, or the folder of parts")
	c.Flags().StringVar(&a.placeID, "place-id", "", "the column with the ids of the places, if none is called so")
	c.Flags().StringVar(&a.siteID, "site-id", "", "the column with the ids of the sites")
	c.Flags().Float64Var(&a.limit, "limit-min", 0, "leave out what takes longer, minutes")
	c.Flags().StringVar(&a.format, "format", "", "csv or parquet; csv if left out, parquet of --shard, --merge and --on")
	c.Flags().IntVar(&a.rows, "part-rows", partRows, "how many rows a part of Parquet holds at most, unless one site has more")
	a.parting.flags(c, "parts")
	return c
}

// matrixAsked writes the table as its flags say.
func (e *env) matrixAsked(ctx context.Context, a matrixAsk) error {
	if a.format == "" {
		a.format = map[bool]string{false: "csv", true: "parquet"}[a.ways() > 0]
	}
	if err := errors.Join(a.check(), oneOf("--format", a.format, "csv", "parquet")); err != nil {
		return err
	}
	switch {
	case a.format == "csv" && a.ways() > 0:
		return usageError{errors.New("--shard, --merge and --on write parts of Parquet; accepted: --format parquet")}
	case a.format == "parquet" && a.out.path == "":
		return usageError{errors.New("--format parquet needs a folder: -o DIR")}
	case a.rows < 1:
		return usageError{fmt.Errorf("--part-rows %d; accepted: 1 or more", a.rows)}
	case a.format == "parquet":
		return e.matrixParts(ctx, a)
	}
	return e.matrixCSV(ctx, a)
}

// stops are the places and the sites of the table.
func (e *env) stops(ctx context.Context, a matrixAsk) (places, sites []travel.Stop, err error) {
	if places, err = e.identifiedStops(ctx, a.places, a.placeID, "place-id"); err != nil {
		return nil, nil, err
	}
	sites, err = e.identifiedStops(ctx, a.sites, a.siteID, "site-id")
	return places, sites, err
}

// matrixQuery asks for a table.
func matrixQuery(places, sites []travel.Stop, limit float64) travel.Query {
	q := travel.Query{Places: places, Sites: sites, Lengths: true}
	if limit > 0 {
		q.Limit = []travel.Seconds{travel.FromMinutes(limit)}
	}
	return q
}

// matrixCSV writes one file of CSV.
func (e *env) matrixCSV(ctx context.Context, a matrixAsk) error {
	inputs := []string{a.index, a.places, a.sites}
	if err := a.out.check(inputs...); err != nil {
		return err
	}
	engine, err := openRoads(a.index)
	if err != nil {
		return err
	}
	places, sites, err := e.stops(ctx, a)
	if err != nil {
		return err
	}
	rows := 0
	write := func(w io.Writer) (err error) {
		rows, err = matrixRows(ctx, w, engine, matrixQuery(places, sites, a.limit))
		return err
	}
	if err := a.out.write(e.out, write, inputs...); err != nil || a.out.path == "" {
		return err
	}
	lost := 0
	snaps, err := engine.Snap(ctx, slices.Concat(places, sites))
	for _, s := range snaps {
		if s.Reason != travel.None {
			lost++
		}
	}
	pairs := whole(float64(len(places) * len(sites)))
	fmt.Fprintf(e.out, "%s: %s of %s pairs; %d of %d points have no road near\n", a.out.path, whole(float64(rows)), pairs, lost, len(snaps))
	return err
}

// matrixRows writes the rows of CSV, and tells how many.
func matrixRows(ctx context.Context, w io.Writer, engine *road.Engine, q travel.Query) (rows int, err error) {
	b := []byte("place,site,minutes,kilometres\n")
	err = engine.Sweep(ctx, q, func(site int, legs []travel.Leg) error {
		for _, l := range legs {
			b = append(b, cell(q.Places[l.Place].ID)...)
			b = append(b, ',')
			b = append(b, cell(q.Sites[site].ID)...)
			b = append(b, ',')
			b = strconv.AppendFloat(b, l.Time.Minutes(), 'g', -1, 64)
			b = append(b, ',')
			b = strconv.AppendFloat(b, l.Length.Kilometres(), 'g', -1, 64)
			b = append(b, '\n')
			if len(b) > 1<<16 {
				if _, err := w.Write(b); err != nil {
					return err
				}
				b = b[:0]
			}
		}
		rows += len(legs)
		return nil
	})
	if err == nil {
		_, err = w.Write(b)
	}
	return rows, err
}

// cell is a text as a field of CSV.
func cell(s string) string {
	if strings.ContainsAny(s, ",\"\n\r") {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

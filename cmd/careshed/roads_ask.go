package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"careshed/data"
	"careshed/geo"
	"careshed/geo/road"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
	"github.com/spf13/cobra"
)

// parsePoint reads LON,LAT.
func parsePoint(flag, text string) (orb.Point, error) {
	lon, lat, _ := strings.Cut(text, ",")
	x, err1 := strconv.ParseFloat(strings.TrimSpace(lon), 64)
	y, err2 := strconv.ParseFloat(strings.TrimSpace(lat), 64)
	if err1 != nil || err2 != nil || !(math.Abs(x) <= 180) || !(math.Abs(y) <= 90) {
		return orb.Point{}, usageError{fmt.Errorf("%s %q; accepted: LON,LAT in degrees, such as -8.61,41.15", flag, text)}
	}
	return orb.Point{x, y}, nil
}

func roadsRoute(e *env) *cobra.Command {
	var from, to string
	c := &cobra.Command{
		Use: "route INDEX", Short: "Time and length of the quickest way between two points",
		Args: exactly(1, "one index"),
		RunE: func(_ *cobra.Command, args []string) error {
			a, err := parsePoint("--from", from)
			if err != nil {
				return err
			}
			b, err := parsePoint("--to", to)
			if err != nil {
				return err
			}
			engine, err := openRoads(args[0])
			if err != nil {
				return err
			}
			var t answer
			if err := engine.Index().Guarded(func() error {
				l, err := engine.Index().Locator()
				if err != nil {
					return err
				}
				q, err := engine.Index().NewQuery()
				if err == nil {
					t = timed(l, q, a, b)
				}
				return err
			}); err != nil {
				return err
			}
			if t.why != travel.None {
				return inputError{fmt.Errorf("from %s to %s: %s", from, to, t.words())}
			}
			j, start, end := t.Journey, t.from, t.to
			fmt.Fprintf(e.out, "%.2f min, %.3f km\n  from %.0f m beside a road at %.6f,%.6f to %.0f m beside one at %.6f,%.6f%s; %.0f m in all off the road\n",
				float64(j.Time)/60000, float64(j.Length)/10000, start.Off, start.At[0], start.At[1], end.Off, end.At[0], end.At[1], islands(start.Island, end.Island), float64(j.Off)/10)
			e.printAbout(engine.Index().Source())
			return nil
		},
	}
	c.Flags().StringVar(&from, "from", "", "LON,LAT")
	c.Flags().StringVar(&to, "to", "", "LON,LAT")
	return c
}

// answer is a journey between two points, or why there is none.
type answer struct {
	road.Journey
	from, to road.Snapped
	why      travel.Reason
	off      geo.Metres // with NoRoad, to the nearest road
}

// timed asks for the quickest way from one point to another.
func timed(l *road.Locator, q *road.Query, from, to orb.Point) (t answer) {
	var ok, ok2 bool
	t.from, ok = l.Snap(from)
	t.to, ok2 = l.Snap(to)
	switch {
	case !ok:
		t.why = travel.NoRoad
		t.off, _ = l.NearestRoad(from)
	case !ok2:
		t.why = travel.NoRoad
		t.off, _ = l.NearestRoad(to)
	}
	if t.why != travel.None {
		return t
	}
	if t.Journey, ok = q.Trip(l, &t.from, &t.to); !ok {
		t.why = travel.NoWay
		if t.from.Island {
			t.why = travel.OnIsland
		}
	}
	return t
}

// words say why there is no way.
func (t *answer) words() string {
	if t.why == travel.NoRoad {
		return fmt.Sprintf("%s: the nearest is %.1f km away, and %g are tried", t.why, t.off.Kilometres(), road.DefaultLimit.Kilometres())
	}
	return string(t.why) + islands(t.from.Island, t.to.Island)
}

func islands(from, to bool) string {
	switch {
	case from && to:
		return "; both lie on parts that the main network does not lead to"
	case from:
		return "; the first lies on a part that the main network does not lead to"
	case to:
		return "; the second lies on a part that the main network does not lead to"
	}
	return ""
}

// identifiedStops are the points of a layer whose rows have ids: what is written
// of them is joined by these.
func (e *env) identifiedStops(ctx context.Context, path, id, flag string) ([]travel.Stop, error) {
	l, err := e.open(ctx, path, "", data.Source{ID: id})
	if err != nil {
		return nil, err
	}
	if l.Len() > 0 && !l.Identified() {
		return nil, inputError{fmt.Errorf("%s has no ids, only numbered rows; accepted: --%s, a column that differs in every row: %s", path, flag, strings.Join(l.MeantAsIDs(0), ", "))}
	}
	return pointsOf(l, path)
}

// stopsOf are the points of a layer.
func (e *env) stopsOf(ctx context.Context, path string) ([]travel.Stop, error) {
	l, err := e.open(ctx, path, "", data.Source{})
	if err != nil {
		return nil, err
	}
	return pointsOf(l, path)
}

func pointsOf(l *geo.Layer, path string) ([]travel.Stop, error) {
	if l.IsTable() {
		return nil, inputError{fmt.Errorf("%s has no points; accepted: GeoJSON, or CSV with columns lon and lat", path)}
	}
	out := make([]travel.Stop, l.Len())
	for i := range out {
		out[i] = travel.Stop{ID: l.ID(i), At: l.Point(i), Located: l.Located(i)}
	}
	return out, nil
}

func roadsIsochrone(e *env) *cobra.Command {
	var at, sites string
	var out outFile
	var minutes []float64
	var to bool
	c := &cobra.Command{
		Use: "isochrone INDEX", Short: "The area within minutes of a point, or of the nearest of many",
		Long: `The area within minutes of a point (--at), or of the nearest of the points of a
layer (--sites): a GeoJSON file with one area for each number of minutes, which
holds the smaller ones. Times count from the point; with --to, to it.`,
		Args: exactly(1, "one index"),
		RunE: func(c *cobra.Command, args []string) error {
			var stops []travel.Stop
			switch {
			case (at == "") == (sites == ""):
				return usageError{errors.New("roads isochrone needs --at LON,LAT or --sites FILE")}
			case at != "":
				p, err := parsePoint("--at", at)
				if err != nil {
					return err
				}
				stops = []travel.Stop{{ID: "at", At: p, Located: true}}
			default:
				var err error
				if stops, err = e.stopsOf(c.Context(), sites); err != nil {
					return err
				}
			}
			if len(minutes) == 0 || slices.ContainsFunc(minutes, func(m float64) bool { return !(m > 0 && m <= 1440) }) {
				return usageError{errors.New("roads isochrone needs --minutes, such as --minutes 30,60,120")}
			}
			engine, err := openRoads(args[0])
			if err != nil {
				return err
			}
			limits := make([]travel.Seconds, len(minutes))
			for i, m := range minutes {
				limits[i] = travel.FromMinutes(m)
			}
			areas, err := engine.Areas(c.Context(), stops, limits, to)
			if err != nil {
				return inputError{err}
			}
			shapes, ids := make([]orb.Geometry, len(areas)), make([]string, len(areas))
			for i, a := range areas {
				shapes[i], ids[i] = a, fmt.Sprint(minutes[i])
			}
			l, err := geo.NewLayer(geo.About{Name: "isochrones", Attribution: "© OpenStreetMap contributors"}, ids, shapes, geo.Numbers(geo.Field{Name: "minutes", Unit: "min"}, minutes))
			if err != nil {
				return err
			}
			write := func(w io.Writer) error { return data.Write(w, l, "geojson") }
			return out.write(e.out, write, append(args, sites)...)
		},
	}
	c.Flags().StringVar(&at, "at", "", "LON,LAT")
	c.Flags().StringVar(&sites, "sites", "", "a layer of points")
	c.Flags().Float64SliceVar(&minutes, "minutes", nil, "limits, such as 30,60,120")
	c.Flags().BoolVar(&to, "to", false, "the time to get there, in place of from there")
	out.flags(c, "the file to write")
	return c
}

func roadsPairs(e *env) *cobra.Command {
	var out outFile
	c := &cobra.Command{
		Use: "pairs INDEX PAIRS.csv", Short: "Time and length of each pair of a list",
		Long: `Time and length of each pair of a list: a CSV with the columns source and target
(numbers of nodes of the DIMACS file that the index was built from) or
source_lon, source_lat, target_lon and target_lat. It is written again with the
columns travel_ms and metres, which are empty where there is no way; for points
also with off_m, the metres of the way that lie off the road at both ends (at
15 km/h), and reason, why there is none.`,
		Args: exactly(2, "an index and a list"),
		RunE: func(c *cobra.Command, args []string) error {
			engine, err := openRoads(args[0])
			if err != nil {
				return err
			}
			f, err := os.Open(args[1])
			if err != nil {
				return inputError{fmt.Errorf("%s: %w", args[1], plainPath(err))}
			}
			defer f.Close()
			write := func(w io.Writer) error {
				x := engine.Index()
				if err := x.Guarded(func() error { return timePairs(c.Context(), x, f, w) }); err != nil {
					if c.Context().Err() != nil {
						return err
					}
					return inputError{fmt.Errorf("%s: %w", args[1], err)}
				}
				return nil
			}
			return out.write(e.out, write, args...)
		},
	}
	out.flags(c, "the file to write")
	return c
}

func timePairs(ctx context.Context, x *road.Index, r io.Reader, w io.Writer) error {
	in := csv.NewReader(r)
	in.ReuseRecord = true
	head, err := in.Read()
	if err != nil {
		return err
	}
	head = slices.Clone(head)
	for i := range head {
		head[i] = strings.TrimPrefix(strings.TrimSpace(head[i]), "\ufeff")
	}
	at := func(names ...string) []int {
		var out []int
		for _, n := range names {
			if i := slices.Index(head, n); i >= 0 {
				out = append(out, i)
			}
		}
		return out
	}
	byNode, byPoint := at("source", "target"), at("source_lon", "source_lat", "target_lon", "target_lat")
	points := len(byPoint) == 4
	switch {
	case !points && len(byNode) < 2:
		return fmt.Errorf("line 1: the columns are %s; accepted: source and target, or source_lon, source_lat, target_lon and target_lat", strings.Join(head, ", "))
	case !points && x.Source().Profile != road.DIMACS:
		return errors.New("line 1: source and target are nodes of a DIMACS file, and this index was built from a map; accepted: source_lon, source_lat, target_lon and target_lat")
	}
	q, err := x.NewQuery()
	if err != nil {
		return err
	}
	ask, more, err := asker(x, q, points)
	if err != nil {
		return err
	}
	out := csv.NewWriter(w)
	if err := out.Write(append(slices.Clone(head), more...)); err != nil {
		return err
	}
	cols := byNode
	if points {
		cols = byPoint
	}
	for ctx.Err() == nil {
		rec, err := in.Read()
		if err == io.EOF {
			out.Flush()
			return out.Error()
		}
		if err != nil {
			return err
		}
		line, _ := in.FieldPos(0)
		values := make([]float64, len(cols))
		for k, col := range cols {
			if values[k], err = strconv.ParseFloat(strings.TrimSpace(rec[col]), 64); err != nil {
				return fmt.Errorf("line %d: %s: found %q; accepted: a number", line, head[col], rec[col])
			}
		}
		cells, err := ask(values)
		if err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		if err := out.Write(append(slices.Clone(rec), cells...)); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// asker answers a pair of nodes, or of points, with the cells of some columns.
func asker(x *road.Index, q *road.Query, points bool) (ask func(v []float64) ([]string, error), columns []string, err error) {
	decimetres := func(v uint32) string { return strconv.FormatFloat(float64(v)/10, 'f', -1, 64) }
	cells := func(ms, dm uint32) []string {
		return []string{strconv.FormatUint(uint64(ms), 10), decimetres(dm)}
	}
	columns = []string{"travel_ms", "metres"}
	if points {
		l, err := x.Locator()
		return func(v []float64) ([]string, error) {
			t := timed(l, q, orb.Point{v[0], v[1]}, orb.Point{v[2], v[3]})
			if t.why != travel.None {
				return []string{"", "", "", t.words()}, nil
			}
			return append(cells(t.Time, t.Length), decimetres(t.Journey.Off), ""), nil
		}, append(columns, "off_m", "reason"), err
	}
	numbers, err := x.Numbers()
	place := make([]int32, len(numbers))
	for p, v := range numbers {
		place[v] = int32(p)
	}
	return func(v []float64) ([]string, error) {
		for _, n := range v {
			if n != math.Trunc(n) || n < 1 || n > float64(len(place)) {
				return nil, fmt.Errorf("node %v; accepted: 1 to %d", n, len(place))
			}
		}
		ms, dm, ok := q.Pair([]road.Seed{{Node: place[int(v[0])-1]}}, []road.Seed{{Node: place[int(v[1])-1]}})
		if !ok {
			return []string{"", ""}, nil
		}
		return cells(ms, dm), nil
	}, columns, err
}

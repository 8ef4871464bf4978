package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"careshed/access/study"
	"careshed/geo/road"
	"careshed/geo/road/osm"
	"careshed/geo/travel"

	"github.com/spf13/cobra"
)

func roadsCommand(e *env) *cobra.Command {
	c := &cobra.Command{
		Use: "roads", Short: "Driving times on real roads",
		Long: `Driving times on real roads. An index is built once from an OpenStreetMap extract
and then answers exactly and at once:

  careshed roads build italy.osm.pbf -o italy.roads

A study uses it with travel: {engine: road, index: italy.roads}.`,
		Example: `  careshed roads get europe/portugal
  careshed roads build porto.osm.pbf -o porto.roads
  careshed roads info porto.roads
  careshed roads route porto.roads --from -8.61,41.15 --to -8.65,41.18
  careshed roads matrix porto.roads places.csv centers.csv -o times.csv
  careshed roads isochrone porto.roads --at -8.61,41.15 --minutes 10,20 -o area.geojson
  careshed roads pairs porto.roads pairs.csv -o timed.csv`,
		Args: exactly(0, "a command: get, build, profile, info, route, matrix, isochrone or pairs"),
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(roadsGet(e), roadsBuild(e), roadsProfile(e), roadsInfo(e), roadsRoute(e), roadsMatrix(e), roadsIsochrone(e), roadsPairs(e))
	return c
}

// openRoads opens an index file and checks what queries use.
func openRoads(path string) (*road.Engine, error) {
	b, changed, err := mapFile(path)
	if err != nil {
		return nil, inputError{fmt.Errorf("%s: %w", path, plainPath(err))}
	}
	named := func(err error) error {
		if lost := (*travel.LostError)(nil); errors.As(err, &lost) {
			return err // names the file
		}
		return inputError{fmt.Errorf("%s: %w", path, err)}
	}
	x, err := road.OpenWatched(b, changed)
	if err != nil {
		return nil, named(err)
	}
	var engine *road.Engine
	if err := x.Guarded(func() (err error) { engine, err = road.NewEngine(x); return err }); err != nil {
		return nil, named(err)
	}
	return engine, nil
}

func roadsBuild(e *env) *cobra.Command {
	var b building
	var out outFile
	c := &cobra.Command{
		Use: "build FILE", Short: "Build an index from an OpenStreetMap extract (.osm.pbf) or a DIMACS graph (.gr, .gr.gz)",
		Long: `Build an index of driving times. From an OpenStreetMap extract in the PBF format
it takes the roads that a car may use; docs/methods/roads.md says at what speeds.
From a graph of the DIMACS challenge it takes the weights as milliseconds, or as
--weights says; --coords names its coordinates.

Speeds, rights of access, surfaces, barriers, turns and the moment at which
conditions hold are those of the profile car, or of another that --profile names:
car-turns, where turns cost by their angle, or a file, of which roads profile
writes one to start from. Its name, version and hash are in every result.

While an extract is read, the shapes of its roads lie in nameless files in the folder
of -o, or that of temporary files: some 25 bytes for each point of a road.

The same input gives the same bytes.`,
		Example: `  careshed roads build porto.osm.pbf -o porto.roads
  careshed roads build USA-road-t.NY.gr.gz --coords USA-road-d.NY.co.gz -o ny.roads`,
		Args: exactly(1, "one file"),
		RunE: func(c *cobra.Command, args []string) error {
			if out.path == "" {
				return usageError{errors.New("roads build needs a file to write: -o FILE.roads")}
			}
			b.path = args[0]
			return e.buildRoads(c.Context(), b, out)
		},
	}
	out.flags(c, "the index to write, FILE.roads")
	c.Flags().StringVar(&b.coords, "coords", "", "coordinates of a DIMACS graph (.co, .co.gz)")
	c.Flags().StringVar(&b.weights, "weights", "", "what the weights of a DIMACS graph are: milliseconds (else), tenths (of a second) or seconds")
	c.Flags().BoolVarP(&b.quiet, "quiet", "q", false, "no progress bar")
	c.Flags().StringVar(&b.profile, "profile", "", "speeds, access, turns and the rest: car (else), car-turns, or a file of them (see roads profile)")
	c.Flags().BoolVar(&b.partial, "partial", false, "build even if more than 1 % of the length of the roads is missing")
	c.Flags().BoolVar(&b.bare, "without-ways", false, "leave out of which ways the roads are: a smaller index, of which no study can close any")
	return c
}

// readProfile is a profile by name, or that of a file.
func readProfile(path string) (*osm.Profile, error) {
	if p := osm.Profiles()[cmp.Or(path, "car")]; p != nil {
		return p, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, inputError{fmt.Errorf("--profile %s: %w", path, plainPath(err))}
	}
	defer f.Close()
	p, err := osm.ReadProfile(f)
	if err != nil {
		return nil, inputError{fmt.Errorf("--profile %s: %w", path, err)}
	}
	return p, nil
}

func roadsProfile(e *env) *cobra.Command {
	var out outFile
	c := &cobra.Command{
		Use: "profile [NAME or FILE]", Short: "The profile of a car as YAML, to change and to build with; or what a file says",
		Long: `The profile car, or car-turns, every number of it, as YAML: to change, to give a
name of its own, and to build with (roads build --profile). With a file, that file
as it is understood: what it leaves out is that of car. The hash is told on the log.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			p, err := readProfile(strings.Join(args, ""))
			if err != nil {
				return err
			}
			fmt.Fprintf(e.log, "profile %s\n", p)
			write := func(w io.Writer) error {
				_, err := p.WriteTo(w)
				return err
			}
			return out.write(e.out, write, args...)
		},
	}
	out.flags(c, "the file to write")
	return c
}

// mostDropped is the share of the length of its roads that a file may lack.
const mostDropped = 0.01

// wholeRoads refuses a network that lacks much of the roads that the file names.
func wholeRoads(sum osm.Summary, partial bool) error {
	share := sum.Dropped / max(1, sum.Dropped+sum.Metres)
	if partial || share <= mostDropped {
		return nil
	}
	var where []string
	for _, g := range sum.Gaps {
		if g.At == (road.Coord{}) {
			where = append(where, fmt.Sprintf("way %d", g.Way))
			continue
		}
		where = append(where, fmt.Sprintf("%.4f,%.4f (way %d)", float64(g.At.Lon)/1e7, float64(g.At.Lat)/1e7, g.Way))
	}
	return fmt.Errorf("%.1f %% of the length of its roads, some %s km, would be missing, for %s of %s points that they name are not in the file; the longest gaps are at %s; "+
		"accepted: an extract with whole ways (osmium extract --strategy complete_ways), or --partial to build what is there",
		100*share, whole(sum.Dropped/1000), whole(float64(sum.Missing)), whole(float64(sum.Points)), strings.Join(where, ", "))
}

// building is what an index is built of, and how.
type building struct {
	path, coords, weights, profile string
	quiet, partial, bare           bool // bare: without the ways of the map
}

func (e *env) buildRoads(ctx context.Context, b building, out outFile) error {
	path, coords, weights, profile := b.path, b.coords, b.weights, b.profile
	if err := out.check(path, coords); err != nil {
		return err
	}
	start := time.Now()
	// A country's roads are a few large arrays: collecting garbage more often costs
	// little and nearly halves the memory.
	defer debug.SetGCPercent(debug.SetGCPercent(25))
	bar := newBar(e.log, b.quiet)
	defer bar.end()
	info, err := os.Stat(path)
	if err != nil {
		return inputError{fmt.Errorf("%s: %w", path, plainPath(err))}
	}
	var net *road.Network
	var sum osm.Summary
	var weighed road.Weighed
	unit, ok := weightsOf[cmp.Or(weights, "milliseconds")]
	if !ok {
		return usageError{fmt.Errorf("--weights %s; accepted: milliseconds, tenths (of a second), seconds", weights)}
	}
	name := strings.ToLower(path)
	fromMap := strings.HasSuffix(name, ".pbf")
	switch {
	case fromMap:
		if coords != "" || weights != "" {
			return usageError{errors.New("--coords and --weights belong to a DIMACS graph")}
		}
		var p *osm.Profile
		if p, err = readProfile(profile); err != nil {
			return err
		}
		scratch := scratchBeside(out.path)
		net, sum, err = osm.ImportWith(ctx, func() (io.ReadCloser, error) { return os.Open(path) }, p, osm.Options{
			Scratch: scratch.next,
			Report: func(p osm.Progress) {
				bar.report(study.Progress{Stage: fmt.Sprintf("read roads, pass %d of 2", p.Pass), Done: int(p.Read >> 10), Total: int(info.Size() >> 10)})
			},
		})
		scratch.close()
	case strings.HasSuffix(name, ".gr") || strings.HasSuffix(name, ".gr.gz"):
		if profile != "" {
			return usageError{errors.New("--profile belongs to an OpenStreetMap extract: the weights of a graph are what they are")}
		}
		bar.report(study.Progress{Stage: "read graph"})
		net, weighed, err = readGraph(path, coords, unit)
	default:
		return usageError{fmt.Errorf("%s: accepted: an OpenStreetMap extract (.osm.pbf) or a DIMACS graph (.gr, .gr.gz)", path)}
	}
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return inputError{fmt.Errorf("%s: %w", path, err)}
	}
	if err := wholeRoads(sum, b.partial); err != nil {
		return inputError{fmt.Errorf("%s: %w", path, err)}
	}
	if net.Origin = filepath.Base(path); b.bare {
		net.Ways = road.Origins{}
	}
	read := time.Since(start)
	x, err := road.Build(ctx, net, func(stage string, done, of int) {
		bar.report(study.Progress{Stage: stage, Done: done, Total: of})
	})
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return inputError{fmt.Errorf("%s: %w", path, err)}
	}
	bar.report(study.Progress{Stage: "write"})
	var size int64
	if err := out.write(e.out, func(w io.Writer) error {
		size, err = x.WriteTo(w)
		return err
	}, path, coords); err != nil {
		return err
	}
	bar.end()
	fmt.Fprintf(e.out, "%s: %s junctions, %s stretches of road\n", out.path, whole(float64(x.Nodes()-sum.Split.Nodes)), whole(float64(x.Edges()-sum.Split.Edges)))
	if fromMap {
		fmt.Fprintf(e.out, "  %s km of road from %s ways; %.1f %% of the junctions in the largest part, %s parts in all\n", whole(sum.Metres/1000), whole(float64(sum.Ways)), 100*float64(sum.Main)/max(1, float64(sum.Open)), whole(float64(sum.Strong)))
		if sum.Bans+sum.Split.Junctions+sum.Unclear > 0 {
			fmt.Fprintf(e.out, "  %s turn restrictions%s; for turns %s junctions were split: %s nodes and %s edges more (%.1f %%)\n", whole(float64(sum.Bans)), unclear(sum.Unclear),
				whole(float64(sum.Split.Junctions)), whole(float64(sum.Split.Nodes)), whole(float64(sum.Split.Edges)), 100*float64(sum.Split.Edges)/max(1, float64(x.Edges()-sum.Split.Edges)))
		}
		if sum.Older > 0 {
			fmt.Fprintf(e.out, "  %s ways and points of roads are in the file more than once: the newest of each counts\n", whole(float64(sum.Older)))
		}
		if sum.Missing > 0 {
			fmt.Fprintf(e.out, "  %s points that ways name are not in the file: it was clipped, and roads end there\n", whole(float64(sum.Missing)))
		}
	}
	e.printWeighed(weighed)
	e.printAbout(x.Source())
	fmt.Fprintf(e.out, "  %.1f MB, %.0f bytes a junction; read in %.1f s, built in %.1f s%s\n", float64(size)/1e6, float64(size)/max(1, float64(x.Nodes())), read.Seconds(), (time.Since(start) - read).Seconds(), peakMemory())
	return nil
}

// unclear tells of restrictions that are left out.
func unclear(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (and %s left out, for which roads they mean is not clear)", whole(float64(n)))
}

func (e *env) printAbout(a road.Source) {
	fmt.Fprintf(e.out, "  from %s, data of %s, profile %s\n", a.Origin, cmp.Or(a.Stamp, "an unknown date"), a.Profile)
	if a.Profile != road.DIMACS {
		fmt.Fprintln(e.out, "  © OpenStreetMap contributors, ODbL 1.0; times without traffic")
	}
}

// whole is a number without decimals.
func whole(v float64) string { return number(study.Num(v), 0) }

// weightsOf are the units that weights may be declared to be.
var weightsOf = map[string]road.Weights{"milliseconds": road.Milliseconds, "tenths": road.Tenths, "seconds": road.Seconds}

func readGraph(path, coords string, weights road.Weights) (*road.Network, road.Weighed, error) {
	g, err := os.Open(path)
	if err != nil {
		return nil, road.Weighed{}, plainPath(err)
	}
	defer g.Close()
	if coords == "" {
		return road.ReadDIMACS(g, nil, weights)
	}
	c, err := os.Open(coords)
	if err != nil {
		return nil, road.Weighed{}, fmt.Errorf("--coords %s: %w", coords, plainPath(err))
	}
	defer c.Close()
	return road.ReadDIMACS(g, c, weights)
}

// printWeighed tells what is odd about the weights of a graph.
func (e *env) printWeighed(w road.Weighed) {
	if w.Zero > 0 {
		fmt.Fprintf(e.out, "  %s arcs have weight 0 and take no time\n", whole(float64(w.Zero)))
	}
	if w.Fast > w.Zero {
		fmt.Fprintf(e.out, "  %s stretches are faster than 720 km/h: are the weights seconds (--weights seconds), or tenths?\n", whole(float64(w.Fast)))
	}
	if w.Cut > 0 {
		fmt.Fprintf(e.out, "  the lengths of %s stretches are cut to what 720 km/h allow\n", whole(float64(w.Cut)))
	}
}

func roadsInfo(e *env) *cobra.Command {
	return &cobra.Command{
		Use: "info INDEX", Short: "What an index holds, and whether it is whole",
		Args: exactly(1, "one index"),
		RunE: func(_ *cobra.Command, args []string) error {
			info, err := os.Stat(args[0])
			if err != nil {
				return inputError{fmt.Errorf("%s: %w", args[0], plainPath(err))}
			}
			engine, err := openRoads(args[0])
			if err != nil {
				return err
			}
			x := engine.Index()
			fmt.Fprintf(e.out, "%s: %s junctions, %s stretches of road, %.1f MB; all sums are right\n", args[0], whole(float64(x.Nodes())), whole(float64(x.Edges())), float64(info.Size())/1e6)
			e.printAbout(x.Source())
			return nil
		},
	}
}

package osm_test

import (
	"container/heap"
	"context"
	"encoding/csv"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"careshed/geo/road"
	"careshed/geo/road/osm"

	"github.com/paulmach/orb"
)

// pair is a journey that Valhalla timed; seconds is NaN where it found none.
type pair struct {
	from, to        orb.Point
	seconds, metres float64
}

func pairs(t *testing.T, path string) []pair {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []pair
	for _, row := range rows[1:] {
		v := make([]float64, 6)
		for i, text := range row {
			v[i] = math.NaN()
			if text != "" {
				v[i], err = strconv.ParseFloat(text, 64)
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		out = append(out, pair{orb.Point{v[0], v[1]}, orb.Point{v[2], v[3]}, v[4], v[5] * 1000})
	}
	return out
}

// Times in Porto agree with Valhalla's on the same extract: the pairs of
// testdata/valhalla were timed by Valhalla 3.6.1, costing auto, no date. With
// CARESHED_VALHALLA=folder, a folder with its npm package, they are timed anew
// (make valhalla).
func TestAgainstValhalla(t *testing.T) {
	extract := filepath.Join(extracts(t), "porto_r5.osm.pbf")
	recorded := filepath.Join("testdata", "valhalla", "porto.csv")
	if dir := os.Getenv("CARESHED_VALHALLA"); dir != "" {
		recorded = timeAnew(t, dir, extract, recorded)
	} else {
		t.Log("the recorded times are used; make valhalla asks Valhalla itself")
	}
	net, _ := load(t, extract)
	l := road.NewLocator(net)
	d := newDijkstra(net)
	var times, lengths []float64
	none, only, lost := 0, 0, 0
	journeys := pairs(t, recorded)
	if testing.Short() {
		journeys = journeys[:60]
	}
	for _, p := range journeys {
		a, ok := l.Snap(p.from)
		b, ok2 := l.Snap(p.to)
		if !ok || !ok2 {
			lost++
			continue
		}
		ms, dm, ok := d.from(l, &a, &b)
		switch {
		case !ok && math.IsNaN(p.seconds):
			none++
		case !ok || math.IsNaN(p.seconds):
			only++
		case p.seconds >= 60:
			times = append(times, float64(ms)/1000/p.seconds)
			lengths = append(lengths, float64(dm)/10/p.metres)
		}
	}
	slices.Sort(times)
	slices.Sort(lengths)
	at := func(v []float64, q float64) float64 { return v[int(q*float64(len(v)-1))] }
	show := func(name string, v []float64) {
		t.Logf("%s, ours / Valhalla, %d pairs: p5 %.3f, p25 %.3f, median %.3f, p75 %.3f, p95 %.3f", name, len(v), at(v, 0.05), at(v, 0.25), at(v, 0.5), at(v, 0.75), at(v, 0.95))
	}
	show("times", times)
	show("lengths", lengths)
	t.Logf("neither has a way: %d; only one has: %d; no road near: %d", none, only, lost)
	if m := at(times, 0.5); m < 0.9 || m > 1.15 {
		t.Errorf("the median ratio is %.3f", m)
	}
	if lost > 0 || only > 1+len(times)/50 {
		t.Errorf("%d pairs lost, %d found by one only", lost, only)
	}
}

// With turns that cost, the median of the times is Valhalla's own but for a
// twentieth, in five extracts, and nothing that it reaches is out of reach.
func TestTurnsAgainstValhalla(t *testing.T) {
	dir := extracts(t)
	for name, file := range map[string]string{"monaco": "monaco_osrm", "liechtenstein": "liechtenstein_valhalla", "andorra": "andorra_gh", "heidelberg": "heidelberg_ors", "porto": "porto_r5"} {
		if testing.Short() && name != "monaco" {
			continue
		}
		path := filepath.Join(dir, file+".osm.pbf")
		net, _, err := osm.Import(context.Background(), func() (io.ReadCloser, error) { return os.Open(path) }, osm.CarTurns(), nil)
		if err != nil {
			t.Fatal(err)
		}
		x, err := road.Build(context.Background(), net, nil)
		if err != nil {
			t.Fatal(err)
		}
		l, q := ready(t, x)
		var ratios []float64
		unreached, journeys := 0, pairs(t, filepath.Join("testdata", "valhalla", name+".csv"))
		for _, p := range journeys {
			a, ok := l.Snap(p.from)
			b, ok2 := l.Snap(p.to)
			var j road.Journey
			if ok && ok2 {
				j, ok = q.Trip(l, &a, &b)
			}
			switch known := !math.IsNaN(p.seconds); {
			case known && !(ok && ok2):
				unreached++
			case known && p.seconds > 60:
				ratios = append(ratios, float64(j.Time)/1000/p.seconds)
			}
		}
		slices.Sort(ratios)
		at := func(share float64) float64 { return ratios[int(share*float64(len(ratios)-1))] }
		t.Logf("%s: times, ours / Valhalla, %d of %d pairs: p5 %.3f, p25 %.3f, median %.3f, p75 %.3f, p95 %.3f; out of reach for us alone: %d", name, len(ratios), len(journeys), at(0.05), at(0.25), at(0.5), at(0.75), at(0.95), unreached)
		if m := at(0.5); m < 0.94 || m > 1.06 || at(0.95) > 1.25 {
			t.Errorf("%s: the median ratio is %.3f, p95 %.3f", name, m, at(0.95))
		}
		if unreached*1000 > len(journeys)*3 {
			t.Errorf("%s: %d of %d pairs are out of reach for us alone", name, unreached, len(journeys))
		}
	}
}

// dijkstra is the plain algorithm over the edges that are not Local.
type dijkstra struct {
	net   *road.Network
	first []int32
	arcs  []road.Seed
}

func newDijkstra(n *road.Network) *dijkstra {
	lists := make([][]road.Seed, len(n.Nodes))
	for _, e := range n.Edges {
		if e.Local {
			continue
		}
		if e.Ahead < road.Never {
			lists[e.From] = append(lists[e.From], road.Seed{Node: e.To, Time: e.Ahead, Length: e.Length})
		}
		if e.Back < road.Never {
			lists[e.To] = append(lists[e.To], road.Seed{Node: e.From, Time: e.Back, Length: e.Length})
		}
	}
	d := &dijkstra{net: n, first: []int32{0}}
	for _, l := range lists {
		d.arcs = append(d.arcs, l...)
		d.first = append(d.first, int32(len(d.arcs)))
	}
	return d
}

type queue []road.Seed

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].Time < q[j].Time }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(road.Seed)) }
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

func (d *dijkstra) from(l *road.Locator, a, b *road.Snapped) (time, length uint32, ok bool) {
	time = road.Never
	if t, m, ok := l.Direct(a, b); ok {
		time, length = t, m
	}
	last := map[int32]road.Seed{}
	for _, s := range b.In {
		last[s.Node] = s
	}
	done := make([]bool, len(d.net.Nodes))
	open := queue(slices.Clone(a.Out))
	heap.Init(&open)
	for len(open) > 0 {
		s := heap.Pop(&open).(road.Seed)
		if done[s.Node] || s.Time >= time {
			continue
		}
		done[s.Node] = true
		if in, is := last[s.Node]; is && s.Time+in.Time < time {
			time, length = s.Time+in.Time, s.Length+in.Length
		}
		for _, arc := range d.arcs[d.first[s.Node]:d.first[s.Node+1]] {
			if !done[arc.Node] {
				heap.Push(&open, road.Seed{Node: arc.Node, Time: s.Time + arc.Time, Length: s.Length + arc.Length})
			}
		}
	}
	return time, length, time < road.Never
}

// all are the times of all nodes.
func (d *dijkstra) all(seeds []road.Seed) []uint32 {
	out := make([]uint32, len(d.net.Nodes))
	for i := range out {
		out[i] = road.Never
	}
	open := queue(slices.Clone(seeds))
	heap.Init(&open)
	for len(open) > 0 {
		s := heap.Pop(&open).(road.Seed)
		if out[s.Node] < road.Never {
			continue
		}
		out[s.Node] = s.Time
		for _, arc := range d.arcs[d.first[s.Node]:d.first[s.Node+1]] {
			if out[arc.Node] == road.Never {
				heap.Push(&open, road.Seed{Node: arc.Node, Time: s.Time + arc.Time})
			}
		}
	}
	return out
}

// timeAnew builds Valhalla's tiles of an extract and times the recorded pairs.
func timeAnew(t *testing.T, dir, extract, recorded string) string {
	t.Helper()
	tmp := t.TempDir()
	run := func(out string, name string, args ...string) {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir = dir
		text, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s %v: %v\n%s", name, args, err, text)
		}
		if out != "" {
			if err := os.WriteFile(out, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	abs := func(path string) string {
		full, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		return full
	}
	extract, recorded = abs(extract), abs(recorded)
	script, err := os.ReadFile(filepath.Join("testdata", "valhalla", "pairs.mjs"))
	if err != nil {
		t.Fatal(err)
	}
	// node looks for packages beside the script.
	name := filepath.Join(dir, "careshed-pairs.mjs")
	if err := os.WriteFile(name, script, 0o644); err != nil {
		t.Fatal(err)
	}
	config, times := filepath.Join(tmp, "config.json"), filepath.Join(tmp, "times.csv")
	run(config, "npx", "valhalla", "build_config", "--mjolnir-tile-dir", filepath.Join(tmp, "tiles"), "--mjolnir-tile-extract", filepath.Join(tmp, "tiles.tar"))
	run("", "npx", "valhalla", "build_tiles", "-c", config, extract)
	run("", "node", name, config, recorded, times)
	return times
}

package data

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// cs2cs runs PROJ's program without any grid file and gives pairs of numbers.
func cs2cs(t testing.TB, from, to string, points [][2]float64) [][2]float64 {
	t.Helper()
	c := exec.Command("cs2cs", "-f", "%.11f", from, to)
	c.Env = append(os.Environ(), "PROJ_LIB="+gridless(t), "PROJ_DATA="+gridless(t))
	var in bytes.Buffer
	for _, p := range points {
		fmt.Fprintf(&in, "%.11f %.11f\n", p[0], p[1])
	}
	c.Stdin = &in
	out, err := c.Output()
	if err != nil {
		t.Fatalf("cs2cs %s %s: %v", from, to, err)
	}
	var got [][2]float64
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		var p [2]float64
		for k := range p {
			if p[k], err = strconv.ParseFloat(f[k], 64); err != nil {
				p[k] = math.NaN()
			}
		}
		got = append(got, p)
	}
	return got
}

var gridlessFolder string

// gridless is a folder with PROJ's database and no grids.
func gridless(t testing.TB) string {
	t.Helper()
	if gridlessFolder != "" {
		return gridlessFolder
	}
	if _, err := exec.LookPath("cs2cs"); err != nil {
		t.Skip("SKIPPED: no cs2cs of PROJ to compare with; install proj-bin")
	}
	for _, dir := range []string{os.Getenv("PROJ_LIB"), "/usr/share/proj", "/usr/local/share/proj"} {
		b, err := os.ReadFile(filepath.Join(dir, "proj.db"))
		if dir == "" || err != nil {
			continue
		}
		to, err := os.MkdirTemp("", "careshed-proj")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, "proj.db"), b, 0o600); err != nil {
			t.Fatal(err)
		}
		gridlessFolder = to
		return to
	}
	t.Skip("SKIPPED: no proj.db beside cs2cs")
	return ""
}

// apart is how far two places are from each other, metres.
func apart(a, b [2]float64) float64 {
	dx := math.Remainder(a[0]-b[0], 360) * math.Cos(a[1]*math.Pi/180)
	return math.Hypot(dx, a[1]-b[1]) * 111320
}

// national are the projected systems of the countries of the atlas, and some of
// their neighbours, beside those of UTM.
func national() (codes []string) {
	for zone := 1; zone <= 60; zone++ {
		codes = append(codes, fmt.Sprintf("EPSG:326%02d", zone), fmt.Sprintf("EPSG:327%02d", zone))
	}
	for zone := 28; zone <= 38; zone++ {
		codes = append(codes, fmt.Sprintf("EPSG:258%02d", zone), fmt.Sprintf("EPSG:230%02d", zone))
	}
	for zone := 1; zone <= 23; zone++ {
		codes = append(codes, fmt.Sprintf("EPSG:269%02d", zone))
	}
	for zone := 46; zone <= 59; zone++ {
		codes = append(codes, fmt.Sprintf("EPSG:283%02d", zone), fmt.Sprintf("EPSG:78%02d", zone))
	}
	for zone := 42; zone <= 50; zone++ {
		codes = append(codes, fmt.Sprintf("EPSG:39%02d", zone)) // conformal conics of France
	}
	return append(codes, "EPSG:3857", "EPSG:3395", "EPSG:3034", "EPSG:3035",
		"EPSG:2154", "EPSG:27561", "EPSG:27562", "EPSG:27563", "EPSG:27564", "EPSG:27571", "EPSG:27572", "EPSG:27573", "EPSG:27574",
		"EPSG:31466", "EPSG:31467", "EPSG:31468", "EPSG:31469", "EPSG:5243", "EPSG:4839", "EPSG:3068", "EPSG:2398", "EPSG:2399",
		"EPSG:3003", "EPSG:3004", "EPSG:6707", "EPSG:6708", "EPSG:6709", "EPSG:7791", "EPSG:7792", "EPSG:7793", "EPSG:3064",
		"EPSG:27700", "EPSG:29902", "EPSG:29903", "EPSG:2157", "EPSG:4083", "EPSG:2062",
		"EPSG:3577", "EPSG:9473", "EPSG:3112", "EPSG:3111", "EPSG:3107", "EPSG:3308", "EPSG:20255", "EPSG:20355",
		"EPSG:3347", "EPSG:3348", "EPSG:3978", "EPSG:3979", "EPSG:2952", "EPSG:2950", "EPSG:3005", "EPSG:3400", "EPSG:3401", "EPSG:32198", "EPSG:6622", "EPSG:3161",
		"EPSG:5070", "EPSG:5069", "EPSG:3310", "EPSG:3338", "EPSG:2163", "EPSG:2263", "EPSG:2227", "EPSG:2229", "EPSG:2236", "EPSG:2249", "EPSG:3435", "EPSG:6350",
		"EPSG:2272", "EPSG:2277", "EPSG:2926", "EPSG:26986", "EPSG:3081", "EPSG:3083", "EPSG:26741", "EPSG:32118", "ESRI:102003", "ESRI:102008", "ESRI:102001", "ESRI:102010",
		"EPSG:2056", "EPSG:31370", "EPSG:3812", "EPSG:31287", "EPSG:31254", "EPSG:2180", "EPSG:3067", "EPSG:3006", "EPSG:5514", "EPSG:28992", "EPSG:2100", "EPSG:3763")
}

// Every system that is converted agrees with PROJ to a millimetre within its
// area, at 100 places each.
func TestSystemsAgainstPROJ(t *testing.T) {
	gridless(t)
	converted, elsewhere, refused := 0, 0, []string{}
	for i, code := range national() {
		if testing.Short() && i%5 > 0 {
			continue
		}
		authority, number, _ := strings.Cut(code, ":")
		s := systemOfCode(authority, number)
		if s.problem != "" {
			refused = append(refused, code+" "+s.problem)
			continue
		}
		box := s.area
		if s.web {
			box = [4]float64{-180, -85, 180, 85}
		}
		if box[0] > box[2] {
			box[2] += 360
		}
		random := rand.New(rand.NewPCG(7, uint64(len(code))))
		var places [][2]float64
		for range 100 {
			places = append(places, [2]float64{math.Remainder(box[0]+(box[2]-box[0])*random.Float64(), 360), box[1] + (box[3]-box[1])*random.Float64()})
		}
		var north [][2]float64
		for _, p := range places {
			north = append(north, [2]float64{p[1], p[0]})
		}
		plane := cs2cs(t, "EPSG:4326", code, north)
		if _, straight := s.unshifted(); !straight && !s.web { // there and back is two ways, for heights are lost
			for i, p := range cs2cs(t, code, "EPSG:4326", plane) {
				places[i] = [2]float64{p[1], p[0]}
			}
		}
		tab := newTable("x", Source{}, Limits{}.withDefaults())
		if problem := tab.use(s); problem != "" || tab.crs == nil {
			t.Errorf("%s: %s", code, problem)
			continue
		}
		converted++
		worst, at, bad := 0.0, [2]float64{}, 101
		for _, flip := range []bool{false, true} { // PROJ gives north before east for some systems, files never do
			far, where, n := 0.0, [2]float64{}, 0
			for i, p := range plane {
				if flip {
					p[0], p[1] = p[1], p[0]
				}
				before := tab.crs.beyond
				lon, lat, problem := tab.crs.degrees(p[0], p[1])
				if tab.crs.beyond > before {
					continue // PROJ leaves the datum as it is there, a hundred metres off
				}
				d := apart([2]float64{lon, lat}, places[i])
				if problem != "" {
					d = math.Inf(1)
				}
				if d > 0.001 && otherShift(tab.crs, p, places[i]) {
					elsewhere++
					continue
				}
				if d > 0.001 {
					n++
				}
				if !(d <= far) {
					far, where = d, places[i]
				}
			}
			if n < bad {
				worst, at, bad = far, where, n
			}
		}
		if bad > 0 {
			t.Errorf("%s: %d of 100 places differ, by %g m at %v", s.title(), bad, worst, at)
		}
	}
	t.Logf("%d systems converted; at %d places PROJ chose another shift of several for the same datum; refused: %s", converted, elsewhere, strings.Join(refused, "; "))
	if elsewhere > converted { // of a hundred places each
		t.Errorf("another shift at %d places", elsewhere)
	}
	if converted < 200 && !testing.Short() {
		t.Errorf("only %d systems", converted)
	}
}

// otherShift reports whether one of the shifts of a datum leads to a place: at
// the edges of their areas, which PROJ looks at in the plane, it may choose
// another one than we do.
func otherShift(c *converter, p, want [2]float64) bool {
	if len(c.s.shifts) < 2 {
		return false
	}
	for _, f := range c.s.shifts {
		one := *c.s
		f.area = [4]float64{}
		one.shifts = []shift{f}
		alone := &converter{s: &one, used: make([]bool, 1)}
		if lon, lat, problem := alone.degrees(p[0], p[1]); problem == "" && apart([2]float64{lon, lat}, want) < 0.001 {
			return true
		}
	}
	return false
}

package geo

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

// anywhere is a point spread evenly over the sphere.
func anywhere(r *rand.Rand) orb.Point {
	return orb.Point{r.Float64()*360 - 180, math.Asin(2*r.Float64()-1) / degree}
}

func TestDistanceByHand(t *testing.T) {
	for _, c := range []struct {
		name string
		p, q orb.Point
		want float64
	}{
		{"same place", orb.Point{9.19, 45.46}, orb.Point{9.19, 45.46}, 0},
		{"a quarter of a meridian", orb.Point{0, 0}, orb.Point{0, 90}, 10001965.729},
		{"pole to pole", orb.Point{20, -90}, orb.Point{-70, 90}, 20003931.459},
		{"over the pole", orb.Point{0, 60}, orb.Point{180, 60}, 6695785.8196},
		{"a degree of the equator", orb.Point{179.5, 0}, orb.Point{-179.5, 0}, 111319.491},
		{"the equator as far as it is shortest", orb.Point{0, 0}, orb.Point{179, 0}, 179 * 111319.49079327358},
		{"antipodal on the equator goes over a pole", orb.Point{0, 0}, orb.Point{180, 0}, 20003931.459},
	} {
		if got := float64(Distance(c.p, c.q)); math.Abs(got-c.want) > 2e-3 {
			t.Errorf("%s: %.4f m, want %.4f", c.name, got, c.want)
		}
	}
}

// PROJ's geod is the oracle: 2,000 pairs, a fifth of them nearly antipodal and
// a fifth closer than shortChord.
func TestDistanceAgreesWithPROJ(t *testing.T) {
	geod, err := exec.LookPath("geod")
	if err != nil {
		t.Skip("SKIPPED: distances are not compared with PROJ: geod not found (Debian package proj-bin)")
	}
	r := rand.New(rand.NewPCG(1, 2))
	var pairs [][2]orb.Point
	for i := range 2000 {
		p := anywhere(r)
		q := anywhere(r)
		switch {
		case i%5 == 0: // nearly or exactly antipodal
			q = orb.Point{p[0] + 180 + r.NormFloat64()*0.3, -p[1] + r.NormFloat64()*0.3}
			if i%50 == 0 {
				q = orb.Point{p[0] + 180, -p[1]}
			}
			if q[0] > 180 {
				q[0] -= 360
			}
			q[1] = max(-90, min(90, q[1]))
		case i%5 == 1:
			q = orb.Point{p[0] + r.NormFloat64(), max(-90, min(90, p[1]+r.NormFloat64()))}
		case i%97 == 0:
			p[1], q[1] = 0, 0
		}
		pairs = append(pairs, [2]orb.Point{p, q})
	}
	var in bytes.Buffer
	for _, c := range pairs {
		fmt.Fprintf(&in, "%.17g %.17g %.17g %.17g\n", c[0][1], c[0][0], c[1][1], c[1][0])
	}
	cmd := exec.Command(geod, "+ellps=WGS84", "-I", "-F", "%.6f", "+units=m")
	cmd.Stdin = &in
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(pairs) {
		t.Fatalf("geod answered %d lines for %d pairs", len(lines), len(pairs))
	}
	var worst float64
	for i, line := range lines {
		f := strings.Fields(line)
		want, err := strconv.ParseFloat(f[len(f)-1], 64)
		if err != nil {
			t.Fatal(err)
		}
		got := float64(Distance(pairs[i][0], pairs[i][1]))
		worst = max(worst, math.Abs(got-want))
		if !(math.Abs(got-want) <= 1e-3) {
			t.Errorf("%v to %v: %.6f m, PROJ has %.6f", pairs[i][0], pairs[i][1], got, want)
		}
	}
	t.Logf("largest difference %.2g m", worst)
}

func TestShortArcAgreesWithKarney(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var worst float64
	for range 200_000 {
		p := anywhere(r)
		size := math.Pow(10, r.Float64()*6-5.3) // up to 5 degrees
		q := orb.Point{p[0] + r.NormFloat64()*size/math.Max(0.02, math.Cos(p[1]*degree)), max(-90, min(90, p[1]+r.NormFloat64()*size))}
		a, b := place(p), place(q)
		c := math.Sqrt(a.chord2(b))
		if c >= shortChord {
			continue
		}
		worst = max(worst, math.Abs(float64(shortArc(a, b, c)-karney(p, q))))
	}
	if worst > 1e-4 {
		t.Errorf("the short arc is off by %.3g m", worst)
	}
	t.Logf("largest difference %.2g m", worst)
}

func TestDistanceLaws(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 20_000 {
		p, q, s := anywhere(r), anywhere(r), anywhere(r)
		pq, qp := Distance(p, q), Distance(q, p)
		if math.Abs(float64(pq-qp)) > 1e-6 {
			t.Fatalf("%v to %v: there %v, back %v", p, q, pq, qp)
		}
		if pq > Distance(p, s)+Distance(s, q)+1e-6 {
			t.Fatalf("the way from %v to %v over %v is shorter than the shortest", p, q, s)
		}
		turned := orb.Point{math.Remainder(p[0]+360, 360), p[1]}
		if math.Abs(float64(Distance(turned, q)-pq)) > 1e-6 {
			t.Fatalf("%v is not %v", turned, p)
		}
	}
}

// The bounds that the index rests on.
func TestBounds(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 100_000 {
		p := anywhere(r)
		size := math.Pow(10, r.Float64()*5-3)
		q := orb.Point{math.Remainder(p[0]+r.NormFloat64()*size, 360), max(-90, min(90, p[1]+r.NormFloat64()*size))}
		a, b := place(p), place(q)
		c := math.Sqrt(a.chord2(b))
		d := float64(Distance(p, q))
		if leastArc(c) > d+1e-9 {
			t.Fatalf("%v to %v: the least arc over %v m is %v, the geodesic %v", p, q, c, leastArc(c), d)
		}
		if c < rivalLimit && leastArc(rival(c)) < d {
			t.Fatalf("%v to %v: a rival of chord %v may be nearer than %v", p, q, rival(c), d)
		}
		// A box around q, and p anywhere.
		w, h := r.Float64()*20, r.Float64()*20
		lo, hi := [2]float64{max(-180, q[0]-w), max(-90, q[1]-h)}, [2]float64{min(180, q[0]+w), min(90, q[1]+h)}
		if got := boxChord(p, math.Hypot(a.x, a.y), lo, hi); got > c+1e-6 {
			t.Fatalf("%v to a box %v %v: bound %v, a point in it is %v off", p, lo, hi, got, c)
		}
	}
}

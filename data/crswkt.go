package data

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// wktNode is a word of well-known text with what stands in its brackets.
type wktNode struct {
	key    string // in upper case
	values []string
	nodes  []*wktNode
}

// child is the first node of one of the names.
func (n *wktNode) child(keys ...string) *wktNode {
	if n == nil {
		return nil
	}
	for _, c := range n.nodes {
		for _, k := range keys {
			if c.key == k {
				return c
			}
		}
	}
	return nil
}

func (n *wktNode) text(i int) string {
	if n == nil || i >= len(n.values) {
		return ""
	}
	return n.values[i]
}

func (n *wktNode) number(i int) (float64, bool) {
	v, err := strconv.ParseFloat(n.text(i), 64)
	return v, err == nil && !math.IsInf(v, 0) && !math.IsNaN(v)
}

// wktReader reads well-known text of systems (OGC 01-009, 18-010, or as Esri
// writes it).
type wktReader struct {
	text string
	i    int
	bad  bool
}

const wktDepth, wktBytes = 24, 1 << 18

func (r *wktReader) space() {
	for r.i < len(r.text) && strings.IndexByte(" \t\r\n", r.text[r.i]) >= 0 {
		r.i++
	}
}

func (r *wktReader) word() string {
	from := r.i
	for r.i < len(r.text) && strings.IndexByte("[](),\" \t\r\n", r.text[r.i]) < 0 {
		r.i++
	}
	return r.text[from:r.i]
}

// quoted reads a text in quotes; two quotes are one.
func (r *wktReader) quoted() string {
	var b strings.Builder
	for r.i++; r.i < len(r.text); r.i++ {
		if r.text[r.i] == '"' {
			if r.i++; r.i >= len(r.text) || r.text[r.i] != '"' {
				return b.String()
			}
		}
		b.WriteByte(r.text[r.i])
	}
	r.bad = true
	return ""
}

// node reads a word and, if a bracket follows, what is in it.
func (r *wktReader) node(depth int) *wktNode {
	r.space()
	n := &wktNode{key: strings.ToUpper(r.word())}
	r.space()
	if n.key == "" || depth > wktDepth || r.i >= len(r.text) || r.text[r.i] != '[' && r.text[r.i] != '(' {
		r.bad = true
		return n
	}
	for r.i++; !r.bad; r.i++ {
		r.space()
		switch {
		case r.i >= len(r.text):
			r.bad = true
			return n
		case r.text[r.i] == '"':
			n.values = append(n.values, r.quoted())
		default:
			from := r.i
			word := r.word()
			if r.space(); r.i < len(r.text) && (r.text[r.i] == '[' || r.text[r.i] == '(') {
				r.i = from
				n.nodes = append(n.nodes, r.node(depth+1))
			} else {
				n.values = append(n.values, word)
			}
		}
		r.space()
		switch {
		case r.i < len(r.text) && r.text[r.i] == ',':
		case r.i < len(r.text) && (r.text[r.i] == ']' || r.text[r.i] == ')'):
			r.i++
			return n
		default:
			r.bad = true
		}
	}
	return n
}

// systemOfWKT is the system that well-known text defines.
func systemOfWKT(text string) *system {
	if len(text) > wktBytes {
		return &system{problem: "is longer than a definition"}
	}
	r := wktReader{text: text}
	n := r.node(0)
	if r.space(); r.bad || r.i != len(r.text) {
		return &system{name: shorten(strings.TrimSpace(text)), problem: "is not well-known text of a coordinate reference system"}
	}
	return n.system()
}

// system is the one that a node defines. Its parameters decide; the code of the
// whole does where they are left out.
func (n *wktNode) system() *system {
	s := n.defined()
	if s.hollow && s.code != "" {
		if authority, code, ok := strings.Cut(s.code, ":"); ok {
			return systemOfCode(authority, code)
		}
	}
	return s
}

func (n *wktNode) defined() *system {
	s := &system{name: n.text(0), unit: 1, metre: 1}
	if id := n.child("AUTHORITY", "ID"); id != nil && id.text(1) != "" {
		s.code = strings.ToUpper(id.text(0)) + ":" + id.text(1)
	}
	switch n.key {
	case "COMPD_CS", "COMPOUNDCRS":
		for _, c := range n.nodes {
			if strings.Contains(c.key, "CS") || strings.Contains(c.key, "CRS") {
				flat := c.system()
				flat.heights = true
				return flat
			}
		}
	case "BOUNDCRS":
		if source := n.child("SOURCECRS"); source != nil && len(source.nodes) == 1 {
			bound := source.nodes[0].system()
			bound.bind(n.child("ABRIDGEDTRANSFORMATION").helmert())
			return bound
		}
	case "GEOGCS", "GEOGCRS", "GEOGRAPHICCRS", "GEODCRS", "GEODETICCRS", "BASEGEOGCRS", "BASEGEODCRS":
		if n.child("DERIVINGCONVERSION") == nil {
			n.geographic(s)
			return s
		}
	case "PROJCS", "PROJCRS", "PROJECTEDCRS":
		n.projected(s)
		return s
	}
	s.problem = "is a system of the kind " + plain(shorten(n.key)) + ", which is not converted"
	return s
}

// degreesOf are the degrees of one unit that a node of an angular unit tells.
func degreesOf(n *wktNode) (float64, bool) {
	v, ok := n.number(1)
	v *= 180 / math.Pi
	for _, usual := range []float64{1, 0.9, 1. / 60, 1. / 3600, 180 / math.Pi} {
		if math.Abs(v-usual) < 1e-8*usual {
			return usual, true
		}
	}
	return v, ok && v > 0
}

// metresOf are the metres of one unit that a node of a unit of lengths tells.
func metresOf(n *wktNode) (float64, bool) {
	v, ok := n.number(1)
	for _, usual := range []float64{1, 0.3048, 1200. / 3937} {
		if math.Abs(v-usual) < 1e-8*usual {
			return usual, true
		}
	}
	return v, ok && v > 0
}

// unit is the unit of a system's axes.
func (n *wktNode) unit(keys ...string) *wktNode {
	if u := n.child(keys...); u != nil {
		return u
	}
	return n.child("AXIS").child(keys...)
}

// headed says which way the axes point where that is not east and north.
func (n *wktNode) headed() string {
	for _, c := range n.nodes {
		if d := strings.ToLower(c.text(1)); c.key == "AXIS" && (d == "west" || d == "south") {
			return d
		}
	}
	return ""
}

// geographic reads the datum, the prime meridian and the unit into s.
func (n *wktNode) geographic(s *system) {
	datum := n.child("DATUM", "GEODETICDATUM", "TRF", "ENSEMBLE")
	body := datum.child("SPHEROID", "ELLIPSOID")
	a, ok := body.number(1)
	inverse, too := body.number(2)
	if u := body.child("LENGTHUNIT", "UNIT"); u != nil {
		m, fine := metresOf(u)
		a, ok = a*m, ok && fine
	}
	if bare := datum != nil && body == nil; bare {
		ok, too = true, true // the register has the ellipsoid
	}
	if datum == nil || !ok || !too {
		s.problem, s.hollow = "has no datum with its ellipsoid", true
		return
	}
	if cs := n.child("CS"); strings.EqualFold(cs.text(0), "Cartesian") {
		s.problem = "is geocentric, which is not converted"
		return
	} else if cs.text(1) == "3" || n.child("LINUNIT") != nil {
		s.heights = true
	}
	if d := n.headed(); d != "" {
		s.problem = "has an axis that points " + d + ", which is not converted"
		return
	}
	s.body = ellipsoid{a: a}
	if inverse != 0 {
		s.body.f = 1 / inverse
	}
	if u := n.unit("UNIT", "ANGLEUNIT"); u != nil {
		if s.unit, ok = degreesOf(u); !ok {
			s.problem = "has no unit of its angles"
			return
		}
	}
	s.prime = n.child("PRIMEM", "PRIMEMERIDIAN").meridian(s.unit)
	names := []string{datum.text(0), n.text(0)}
	code := ""
	if id := n.child("AUTHORITY", "ID"); id != nil {
		code = strings.ToUpper(id.text(0)) + ":" + id.text(1)
	}
	systems().datum(s, code, names...)
	if w := datum.child("TOWGS84"); w != nil {
		var p [7]float64
		for i := range p {
			p[i], _ = w.number(i)
		}
		s.bind(&p)
	}
}

// primes are the meridians of the registers, degrees east of Greenwich.
var primes = map[string]float64{"greenwich": 0, "lisbon": -9.131906111111, "paris": 2.337229166667, "bogota": -74.080916666667, "madrid": -3.687938888889,
	"rome": 12.452333333333, "bern": 7.439583333333, "jakarta": 106.807719444444, "ferro": -17.666666666667, "brussels": 4.367975,
	"stockholm": 18.058277777778, "athens": 23.7163375, "oslo": 10.722916666667}

// meridian is the longitude of a prime meridian. It is in degrees as GDAL and
// Esri write it and in the unit of the system as OGC has it; of the known
// meridians the value tells which.
func (n *wktNode) meridian(unit float64) float64 {
	v, _ := n.number(1)
	if u := n.child("ANGLEUNIT", "UNIT"); u != nil {
		if d, ok := degreesOf(u); ok {
			v *= d
		}
		unit = 1
	}
	if known, ok := primes[lettersOf(n.text(0))]; ok {
		for _, d := range []float64{v, v * unit} {
			if math.Abs(d-known) < 2e-6 {
				return known
			}
		}
	}
	return v
}

// datum finds the way of a datum to WGS84 by its name and ellipsoid. The
// longitudes of the register's system may count from elsewhere.
func (r registers) datum(s *system, code string, names ...string) {
	different := ""
	for i := range len(names) + 1 {
		codes := []string{code}
		if i < len(names) {
			codes = r.datums[datumKey(names[i])]
		} else if line := r.lines[code]; !strings.HasPrefix(line, "G\t") && !strings.HasPrefix(line, "H\t") {
			break
		}
		for _, code := range codes {
			g := r.system(r.lines[code])
			if s.body.a != 0 && (math.Abs(g.body.a-s.body.a) > 0.5 || math.Abs(g.body.f-s.body.f) > 2e-8) {
				different = g.name
				continue
			}
			if math.Abs(g.prime-s.prime) < 1e-6 {
				s.prime = g.prime
			}
			s.datum, s.shifts, s.problem, s.area, s.body = g.datum, g.shifts, g.problem, g.area, g.body
			if s.problem == "" {
				return
			}
		}
	}
	switch lettersOf(strings.TrimPrefix(names[0], "D_")) {
	case "popularvisualisationdatum", "wgs1984majorauxiliarysphere", "popularvisualizationdatum": // of the elder Web Mercators
		s.datum, s.shifts = "WGS 84", []shift{{}}
		return
	}
	switch {
	case s.problem != "":
	case different != "":
		s.problem = fmt.Sprintf("has the datum %s on another ellipsoid than the datum's own", plain(different))
	default:
		s.datum = names[0]
		s.problem = "has the datum " + plain(shorten(names[0])) + ", whose way to WGS84 is not known"
	}
}

// bind gives the system the shift that its definition brings along. Seven zeros
// do not overrule what is known of a datum.
func (s *system) bind(p *[7]float64) {
	if p == nil || *p == ([7]float64{}) && len(s.shifts) > 0 {
		return
	}
	if s.problem != "" && !strings.HasPrefix(s.problem, "has the datum ") {
		return
	}
	if _, yes := s.unshifted(); yes && s.datum == "WGS 84" {
		return
	}
	s.problem, s.given = "", true
	s.shifts = []shift{{steps: [][7]float64{helmert(*p)}, inverse: []bool{false}}}
}

// helmert are the seven parameters of a transformation, nil for another kind.
func (n *wktNode) helmert() *[7]float64 {
	if n == nil {
		return nil
	}
	var p [7]float64
	sign := 1.0
	if strings.Contains(strings.ToLower(n.child("METHOD").text(0)), "coordinate frame") {
		sign = -1
	}
	at := map[string]int{"xaxistranslation": 0, "yaxistranslation": 1, "zaxistranslation": 2, "xaxisrotation": 3, "yaxisrotation": 4, "zaxisrotation": 5, "scaledifference": 6}
	found := 0
	for _, c := range n.nodes {
		k, ok := at[lettersOf(c.text(0))]
		if c.key != "PARAMETER" || !ok {
			continue
		}
		v, _ := c.number(1)
		switch u := c.child("ANGLEUNIT", "SCALEUNIT"); {
		case k >= 3 && k < 6:
			if d, ok := degreesOf(u); ok {
				v *= d * 3600
			}
			v *= sign
		case k == 6:
			if f, ok := u.number(1); ok && f != 1e-6 {
				v *= f * 1e6
			} else if u == nil && math.Abs(v-1) < 0.1 {
				v = (v - 1) * 1e6
			}
		}
		p[k] = v
		found++
	}
	if found < 3 {
		return nil
	}
	return &p
}

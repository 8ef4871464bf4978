package data

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// acceptCRS are the coordinate reference systems that files may use.
const acceptCRS = "degrees of WGS84 (EPSG:4326) or of a system whose way there is known, Transverse Mercator (UTM), Lambert, Mercator, Web Mercator (EPSG:3857) and Albers systems on them; " +
	"convert others with: ogr2ogr -t_srs EPSG:4326 out.gpkg in.gpkg"

// system is a coordinate reference system as its definition tells it, wherever
// that stands: a code, well-known text of either version, or PROJJSON.
type system struct {
	name string
	code string // authority:code, "" where the definition has none
	body ellipsoid
	// Longitudes count from prime, degrees east of Greenwich; unit is the degrees
	// of one unit of theirs, metre the metres of one of the plane.
	prime, unit, metre float64
	plane              projection // nil: longitudes and latitudes
	web                bool       // Web Mercator as everybody has it (EPSG:3857)
	heights            bool       // a third coordinate belongs to it
	datum              string     // the name of the geographic system, for the note
	shifts             []shift    // how the datum becomes WGS84
	given              bool       // the shift is that of the definition itself
	area               [4]float64 // west, south, east, north; zeros where not known
	problem            string     // why it is not converted
	hollow             bool       // its definition leaves out what it consists of
}

// shift is one way from a datum to WGS84: none, or steps of seven parameters.
type shift struct {
	accuracy float64 // metres; 0 for not known
	area     [4]float64
	offshore bool
	steps    [][7]float64 // metres, radians (position vector), scale - 1
	inverse  []bool
	unknown  bool // a way that is not known here
}

// title is what people call the system.
func (s *system) title() string {
	switch {
	case s.name == "":
		return s.code
	case s.code == "":
		return s.name
	}
	return s.name + " (" + s.code + ")"
}

// same reports whether two systems give every point the same place.
func (s *system) same(o *system) bool {
	if s.code != "" && s.code == o.code {
		return true
	}
	if s.web || o.web {
		return s.web == o.web
	}
	if (s.plane == nil) != (o.plane == nil) || s.datum != o.datum || s.prime != o.prime || s.unit != o.unit {
		return false
	}
	if s.plane == nil {
		return true
	}
	for _, at := range [][2]float64{{4e5, 3e5}, {1e5, 9e5}} {
		x, y, ok := s.plane.inverse(at[0]*s.metre, at[1]*s.metre)
		u, v, too := o.plane.inverse(at[0]*o.metre, at[1]*o.metre)
		if ok != too || math.Abs(x-u) > 1e-9 || math.Abs(y-v) > 1e-9 {
			return false
		}
	}
	return true
}

// unshifted reports whether the degrees of the datum are taken for those of
// WGS84, and by how many metres they may differ.
func (s *system) unshifted() (metres float64, yes bool) {
	for _, f := range s.shifts {
		if len(f.steps) > 0 || f.unknown {
			return 0, false
		}
		metres = max(metres, f.accuracy)
	}
	return metres, len(s.shifts) > 0
}

// alike are the geographic systems whose degrees are taken for those of WGS84
// though one way to it is a shift: they differ by two metres at most.
var alike = map[string]string{
	"WGS 84": "", "ETRS89": "ETRS89", "NAD83": "NAD83", "GDA94": "GDA94", "GDA2020": "GDA2020", "SIRGAS 2000": "SIRGAS 2000",
}

// use makes a system that of the coordinates that follow, says so in a note, or
// says why it cannot be.
func (t *table) use(s *system) (problem string) {
	t.crs = nil
	if s.problem != "" {
		return s.problem
	}
	if s.heights {
		t.heights()
	}
	name, near := alike[s.datum]
	if s.web {
		t.note("Coordinates were converted from Web Mercator (EPSG:3857).")
		t.crs = t.converter(s)
		return ""
	}
	metres, straight := s.unshifted()
	if s.plane == nil && s.unit == 1 && s.prime == 0 && (near || straight) {
		switch {
		case near && name != "":
			t.note(name + " degrees were taken for WGS84; they differ by two metres at most.")
		case !near && metres > 0:
			t.note(plain(s.datum) + " degrees were taken for WGS84; they differ by " + inMetres(metres) + " at most.")
		case !near:
			t.note(plain(s.datum) + " degrees were taken for WGS84.")
		}
		return ""
	}
	t.crs = t.converter(s)
	return ""
}

// heights notes that the third coordinate is not kept.
func (t *table) heights() { t.note("Altitudes and measures of the coordinates were dropped.") }

// settle takes the system that the source names.
func (t *table) settle() error {
	if t.source.CRS == "" {
		return nil
	}
	t.asked = systemOfText(t.source.CRS)
	if problem := t.use(t.asked); problem != "" {
		return &InputError{File: t.name, Field: "crs", Value: t.source.CRS, Problem: "a system that " + problem, Accept: acceptCRS}
	}
	t.base = t.crs
	return nil
}

// undeclared notes that a file does not say what its coordinates are, unless the
// source does.
func (t *table) undeclared(what string) error {
	if t.asked == nil {
		t.doubt(what + "; its coordinates were taken for WGS84 degrees.")
	}
	return nil
}

// declared takes the system that a file names in a field, or refuses it.
func (t *table) declared(field string, s *system) error {
	if t.asked != nil {
		if s.problem == "" && !s.same(t.asked) {
			return &InputError{File: t.name, Field: field, Value: s.title(), Problem: "not the system that the layer's entry names, " + plain(t.asked.title()),
				Accept: "an entry without crs where the file names its system"}
		}
		return nil
	}
	if problem := t.use(s); problem != "" {
		return &InputError{File: t.name, Field: field, Value: s.title(), Problem: "a system that " + problem, Accept: acceptCRS}
	}
	t.base = t.crs
	return nil
}

// srid takes the system of the shape that follows by its number in EWKT or EWKB,
// 0 for none.
func (t *table) srid(field string, code int) error {
	t.crs = t.base
	if code == 0 {
		return nil
	}
	s, known := t.srids[code]
	if !known {
		if s = systemOfCode("EPSG", strconv.Itoa(code)); t.srids == nil {
			t.srids = map[int]*system{}
		}
		t.srids[code] = s
	}
	if t.asked != nil && s.problem == "" && !s.same(t.asked) {
		return t.fault(field, "SRID="+strconv.Itoa(code), "not the system that the layer's entry names, "+plain(t.asked.title()), "an entry without crs where the file names its system")
	}
	if problem := t.use(s); problem != "" {
		return t.fault(field, "SRID="+strconv.Itoa(code), "a system that "+problem, acceptCRS)
	}
	return nil
}

// converter takes coordinates of a system to degrees of WGS84. It counts what
// must be said of them in the end.
type converter struct {
	s       *system
	used    []bool // shifts that were
	points  int
	outside int // of them far beyond the area of the system
	small   int // of them that could be degrees though metres are due
	beyond  int // of them outside all areas for which a shift of the datum is known
}

// converter is the one of a system, the same for all rows that name it.
func (t *table) converter(s *system) *converter {
	for _, c := range t.converters {
		if c.s == s {
			return c
		}
	}
	c := &converter{s: s, used: make([]bool, len(s.shifts))}
	t.converters = append(t.converters, c)
	return c
}

// sphere is the radius of Web Mercator, metres (EPSG method 1024).
const sphere = 6378137.0

// degrees are the longitude and latitude on WGS84 of a point of the system, or
// what is wrong with it.
func (c *converter) degrees(x, y float64) (lon, lat float64, problem string) {
	if c.s.web {
		return x / sphere * 180 / math.Pi, math.Atan(math.Sinh(y/sphere)) * 180 / math.Pi, ""
	}
	c.points++
	const r = math.Pi / 180
	if c.s.plane == nil {
		if lon, lat = x*c.s.unit, y*c.s.unit; math.Abs(lon) > 360 || math.Abs(lat) > 90+rounding {
			return 0, 0, "not longitude and latitude of " + plain(c.s.title())
		}
		lon, lat = lon*r, max(-90, min(90, lat))*r
	} else {
		if math.Abs(x) <= 180 && math.Abs(y) <= 90 {
			c.small++
		}
		var ok bool
		if lon, lat, ok = c.s.plane.inverse(x*c.s.metre, y*c.s.metre); !ok {
			return 0, 0, "no position of " + plain(c.s.title())
		}
	}
	lon = around(lon + c.s.prime*r)
	if c.far(lon/r, lat/r) {
		c.outside++
	}
	k := c.choose(lon/r, lat/r)
	if k < 0 {
		return 0, 0, "has no known way from " + plain(c.s.datum) + " to WGS84"
	}
	if f := c.s.shifts[k]; f.unknown {
		return 0, 0, "needs a way from " + plain(c.s.datum) + " to WGS84 that is not known here"
	} else if len(f.steps) > 0 {
		lon, lat = f.apply(c.s.body, lon, lat)
	}
	c.used[k] = true
	return lon / r, lat / r, ""
}

// around brings a longitude in radians back to half a turn either way. One that
// is the 180th meridian keeps its sign.
func around(lon float64) float64 {
	if math.Abs(lon) <= math.Pi+rounding*math.Pi/180 {
		return lon
	}
	return math.Remainder(lon, 2*math.Pi)
}

// within reports whether a box in degrees holds a place, with a margin. Boxes
// may cross the 180th meridian.
func within(box [4]float64, lon, lat, margin float64) bool {
	if box == [4]float64{} {
		return true
	}
	if lat < box[1]-margin || lat > box[3]+margin {
		return false
	}
	west, east := box[0]-margin, box[2]+margin
	if box[0] > box[2] {
		return lon >= west || lon <= east
	}
	return lon >= west && lon <= east || lon-360 >= west || lon+360 <= east
}

// inside reports whether a box lies within another on all sides.
func inside(box, other [4]float64) bool {
	return box[0] > other[0] && box[1] > other[1] && box[2] < other[2] && box[3] < other[3]
}

// far reports whether a place lies more than ten degrees beyond the area that
// the system is for.
func (c *converter) far(lon, lat float64) bool { return !within(c.s.area, lon, lat, 10) }

// choose is the shift for a place as PROJ chooses it: of those whose area holds
// it the most accurate; of equals the earlier, unless its area lies around that of
// the later. Where none does, which PROJ leaves
// unshifted, it is the first of all, and counted.
func (c *converter) choose(lon, lat float64) int {
	best := -1
	for i, f := range c.s.shifts {
		if !within(f.area, lon, lat, 0) {
			continue
		}
		if best < 0 || !f.offshore && f.accuracy > 0 &&
			(f.accuracy < c.s.shifts[best].accuracy || f.accuracy == c.s.shifts[best].accuracy && inside(f.area, c.s.shifts[best].area)) {
			best = i
		}
	}
	if best < 0 && len(c.s.shifts) > 0 {
		c.beyond++
		return 0
	}
	return best
}

// apply shifts a place from an ellipsoid to WGS84, radians.
func (f shift) apply(body ellipsoid, lon, lat float64) (float64, float64) {
	x, y, z := body.geocentric(lon, lat)
	for k, p := range f.steps {
		m := 1 + p[6]
		if f.inverse[k] {
			u, v, w := (x-p[0])/m, (y-p[1])/m, (z-p[2])/m
			x, y, z = u+p[5]*v-p[4]*w, -p[5]*u+v+p[3]*w, p[4]*u-p[3]*v+w
			continue
		}
		x, y, z = p[0]+m*(x-p[5]*y+p[4]*z), p[1]+m*(p[5]*x+y-p[3]*z), p[2]+m*(-p[4]*x+p[3]*y+z)
	}
	return ellipsoid{6378137, 1 / 298.257223563}.geodetic(x, y, z)
}

// closeCRS says in notes what was converted, and refuses what cannot be of the
// system that the file names.
func (t *table) closeCRS() error {
	for _, c := range t.converters {
		if c.s.web || c.points == 0 {
			continue
		}
		name := plain(c.s.title())
		switch {
		case c.small == c.points && c.s.plane != nil:
			return &InputError{File: t.name, Field: "crs", Value: c.s.title(), Problem: "in metres or feet, but all coordinates look like degrees", Accept: "coordinates of the system that the file names"}
		case c.outside == c.points:
			return &InputError{File: t.name, Field: "crs", Value: c.s.title(), Problem: "not the system of these coordinates: all of them would lie far outside its area",
				Accept: "coordinates of the system that the file names, x (east) before y (north)"}
		case c.beyond > 0:
			t.doubt(fmt.Sprintf("%d of %d positions lie where no shift of the datum %s is known; that of its main area was taken.", c.beyond, c.points, plain(c.s.datum)))
		}
		if c.outside > 0 {
			t.doubt(fmt.Sprintf("%d of %d positions lie more than ten degrees outside the area of %s.", c.outside, c.points, name))
		}
		t.note("Coordinates were converted from " + name + c.accuracy() + ".")
	}
	return nil
}

// accuracy says how right the shift of the datum is.
func (c *converter) accuracy() string {
	worst, shifted := 0.0, false
	for i, f := range c.s.shifts {
		if c.used[i] {
			worst, shifted = max(worst, f.accuracy), shifted || len(f.steps) > 0
		}
	}
	switch {
	case c.s.given:
		return "; its datum was shifted by the parameters of its own definition, whose accuracy it does not say"
	case shifted && worst > 900 || shifted && worst == 0:
		return "; how accurate the shift of its datum " + plain(c.s.datum) + " is, is not known"
	case shifted:
		return "; the shift of its datum " + plain(c.s.datum) + " is right to " + inMetres(worst)
	case alike[c.s.datum] != "":
		return "; " + alike[c.s.datum] + " was taken for WGS84: two metres at most"
	case worst > 0 && c.s.datum != "WGS 84":
		return "; " + plain(c.s.datum) + " was taken for WGS84: " + inMetres(worst) + " at most"
	}
	return ""
}

// inMetres is "1 metre" or "2.5 metres".
func inMetres(v float64) string {
	if v == 1 {
		return "1 metre"
	}
	return fmt.Sprintf("%g metres", v)
}

// lettersOf is a name without all but its letters and digits, in lower case.
func lettersOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(s))
}

package data

import (
	"fmt"
	"math"
	"strings"
)

// methods are the projections that are converted by their names in well-known
// text; lambertEither has one or two standard parallels.
var methods = map[string]string{
	"transversemercator": transverseMercator, "gausskruger": transverseMercator, "gausskrger": transverseMercator,
	"lambertconformalconic1sp": lambert1, "lambertconicconformal1sp": lambert1,
	"lambertconformalconic2sp": lambert2, "lambertconicconformal2sp": lambert2, "lambertconformalconic": lambertEither,
	"lambertconformalconic2spbelgium": lambertBelgium, "lambertconicconformal2spbelgium": lambertBelgium,
	"mercator1sp": mercatorA, "mercatorvarianta": mercatorA, "mercator2sp": mercatorB, "mercatorvariantb": mercatorB, "mercator": mercatorB,
	"mercatorauxiliarysphere": webMercator, "popularvisualisationpseudomercator": webMercator,
	"lambertazimuthalequalarea": lambertEqualArea,
	"albersconicequalarea":      albers, "albersequalarea": albers, "albers": albers,
}

const lambertEither = "lcc"

// parameterNames are what well-known text calls the parameters.
var parameterNames = map[string]func(*parameters) *float64{
	"latitudeoforigin": atLat0, "latitudeofcenter": atLat0, "latitudeofnaturalorigin": atLat0, "latitudeoffalseorigin": atLat0, "latitudeofprojectioncentre": atLat0,
	"centralmeridian": atLon0, "longitudeofcenter": atLon0, "longitudeoforigin": atLon0, "longitudeofnaturalorigin": atLon0, "longitudeoffalseorigin": atLon0, "longitudeofprojectioncentre": atLon0,
	"scalefactor": atK0, "scalefactoratnaturalorigin": atK0,
	"standardparallel1": atSP1, "latitudeof1ststandardparallel": atSP1, "standardparallel2": atSP2, "latitudeof2ndstandardparallel": atSP2,
	"falseeasting": atFE, "eastingatfalseorigin": atFE, "falsenorthing": atFN, "northingatfalseorigin": atFN,
}

func atLat0(p *parameters) *float64 { return &p.lat0 }
func atLon0(p *parameters) *float64 { return &p.lon0 }
func atK0(p *parameters) *float64   { return &p.k0 }
func atSP1(p *parameters) *float64  { return &p.sp1 }
func atSP2(p *parameters) *float64  { return &p.sp2 }
func atFE(p *parameters) *float64   { return &p.fe }
func atFN(p *parameters) *float64   { return &p.fn }

// projected reads a projected system into s.
func (n *wktNode) projected(s *system) {
	base := n.child("GEOGCS", "BASEGEOGCRS", "BASEGEODCRS", "GEOGCRS", "GEODCRS")
	if base == nil {
		s.problem, s.hollow = "has no geographic system below it", true
		return
	}
	code := s.code
	geographic := &system{name: base.text(0), unit: 1, metre: 1}
	base.geographic(geographic)
	name := s.name
	*s = *geographic
	s.name, s.code, s.area = name, code, [4]float64{}
	s.hollow = s.hollow || n.child("PROJECTION") == nil && n.child("CONVERSION") == nil
	if s.problem != "" {
		return
	}
	if u := n.unit("UNIT", "LENGTHUNIT"); u != nil {
		var ok bool
		if s.metre, ok = metresOf(u); !ok {
			s.problem = "has no unit of its lengths"
			return
		}
	}
	if d := n.headed(); d != "" {
		s.problem = "has an axis that points " + d + ", which is not converted"
		return
	}
	if strings.EqualFold(n.child("CS").text(1), "3") {
		s.heights = true
	}
	method, p, problem := n.conversion(s)
	if problem != "" {
		s.problem = problem
		return
	}
	if pseudo := n.pseudo(method, p, s); pseudo {
		method = webMercator
	}
	if _, ok := alike[s.datum]; method == webMercator && ok && s.datum == "WGS 84" && p == (parameters{k0: 1}) && s.metre == 1 && s.prime == 0 && s.body.a == sphere {
		s.web, s.code, s.shifts = true, "EPSG:3857", nil
		return
	}
	if s.plane = project(method, s.body, p); s.plane == nil {
		s.problem = "has parameters that its projection does not allow"
		return
	}
	if known := systems().lines[code]; strings.HasPrefix(known, "P\t") { // the area of its code, if it is that
		if of := systems().system(known); of.problem == "" && of.same(&system{plane: s.plane, metre: s.metre, datum: s.datum, prime: s.prime, unit: s.unit}) {
			s.area = of.area
		}
	}
}

// pseudo reports whether a system is Web Mercator in the form of GDAL's older
// well-known text: Mercator with the sphere in an extension, or one of the names.
func (n *wktNode) pseudo(method string, p parameters, s *system) bool {
	if method != mercatorA && method != mercatorB || p != (parameters{k0: 1}) {
		return false
	}
	if x := n.child("EXTENSION"); strings.EqualFold(x.text(0), "PROJ4") {
		return strings.Contains(x.text(1), "+a=6378137 +b=6378137") || strings.Contains(x.text(1), "+proj=webmerc")
	}
	switch lettersOf(n.text(0)) {
	case "wgs84pseudomercator", "popularvisualisationcrsmercator", "googlemapsglobalmercator", "wgs1984webmercator", "webmercator":
		return true
	}
	return s.body.f == 0
}

// conversion reads the method and its parameters, angles in the unit of the
// geographic system and lengths in that of the plane unless they say their own.
func (n *wktNode) conversion(s *system) (method string, p parameters, problem string) {
	p.k0 = 1
	holder := n
	named := n.child("PROJECTION").text(0)
	if c := n.child("CONVERSION"); c != nil {
		holder = c
		named = c.child("METHOD", "PROJECTION").text(0)
	}
	method, ok := methods[lettersOf(named)]
	if !ok {
		return "", p, "is in " + plain(shorten(named)) + ", which is not converted"
	}
	two := false
	for _, c := range holder.nodes {
		if c.key != "PARAMETER" {
			continue
		}
		v, good := c.number(1)
		if !good {
			return "", p, "has a parameter " + plain(shorten(c.text(0))) + " that is no number"
		}
		key := lettersOf(c.text(0))
		at, known := parameterNames[key]
		if !known {
			if v != 0 {
				return "", p, fmt.Sprintf("has the parameter %s = %g, which is not known", plain(shorten(c.text(0))), v)
			}
			continue
		}
		to := at(&p)
		two = two || key == "standardparallel2" || key == "latitudeof2ndstandardparallel"
		switch to {
		case &p.k0:
		case &p.fe, &p.fn:
			f := s.metre
			if u := c.child("LENGTHUNIT"); u != nil {
				f, _ = metresOf(u)
			}
			v *= f
		default:
			f := s.unit
			if u := c.child("ANGLEUNIT"); u != nil {
				f, _ = degreesOf(u)
			}
			v *= f
		}
		*to = v
	}
	switch {
	case method == lambertEither && !two && math.Abs(p.sp1-p.lat0) < 1e-12:
		method = lambert1
	case method == lambertEither && !two:
		p.sp2, method = p.sp1, lambert2
	case method == lambertEither:
		method = lambert2
	case method == lambert2 && !two:
		p.sp2 = p.sp1
	case method == lambert1 && p.sp1 != 0 && math.Abs(p.sp1-p.lat0) > 1e-12:
		p.sp2, method = p.sp1, lambert2
	case method == mercatorB && p.lat0 != 0 || method == transverseMercator && p.sp1 != 0:
		return "", p, "has parameters that its projection does not allow"
	}
	return method, p, ""
}

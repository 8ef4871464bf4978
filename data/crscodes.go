package data

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// systemTable are the systems of EPSG, Esri and IGN by their code, made from
// the database of PROJ by crs/build.py, which says how its lines read.
//
//go:embed crs/systems.txt.gz
var systemTable []byte

// registers are the lines of systemTable by code, and the codes of geographic
// systems by the names of their datums.
type registers struct {
	lines  map[string]string
	datums map[string][]string
}

// systems reads the table when a system is first asked for that is not WGS84.
var systems = sync.OnceValue(func() registers {
	z, err := gzip.NewReader(bytes.NewReader(systemTable))
	if err != nil {
		panic(err) // it is our own
	}
	text, err := io.ReadAll(z)
	if err != nil {
		panic(err)
	}
	r := registers{lines: map[string]string{}, datums: map[string][]string{}}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		kind, rest, _ := strings.Cut(line, "\t")
		code, rest, _ := strings.Cut(rest, "\t")
		r.lines[code] = line
		if kind != "G" {
			continue
		}
		parts := strings.SplitN(rest, "\t", 3)
		for name := range strings.SplitSeq(parts[1], ";") {
			key := datumKey(name)
			r.datums[key] = append(r.datums[key], code)
		}
	}
	return r
})

// datumKey is the name of a datum without what programs write differently.
func datumKey(name string) string {
	name = strings.TrimPrefix(strings.TrimPrefix(name, "D_"), "GCS_")
	return strings.TrimSuffix(lettersOf(name), "ensemble")
}

// mercators are the codes of Web Mercator, the official one and its elders.
var mercators = map[string]bool{"EPSG:3857": true, "EPSG:900913": true, "EPSG:3785": true, "EPSG:102100": true, "EPSG:102113": true,
	"ESRI:102100": true, "ESRI:102113": true, "OSGEO:41001": true}

// wgs84Degrees are longitude and latitude on WGS84.
func wgs84Degrees(code string, heights bool) *system {
	return &system{name: "WGS 84", code: code, body: ellipsoid{6378137, 1 / 298.257223563}, unit: 1, metre: 1, datum: "WGS 84",
		shifts: []shift{{}}, heights: heights}
}

// systemOfCode is the system of a code of a register.
func systemOfCode(authority, code string) *system {
	full := strings.ToUpper(authority) + ":" + code
	switch full {
	case "EPSG:4326", "OGC:CRS84":
		return wgs84Degrees(full, false)
	case "EPSG:4979", "OGC:CRS84H", "OGC:CRS84h":
		return wgs84Degrees(full, true)
	case "OGC:CRS83":
		full = "EPSG:4269"
	case "OGC:CRS27":
		full = "EPSG:4267"
	}
	if mercators[full] {
		return &system{name: "WGS 84 / Pseudo-Mercator", code: "EPSG:3857", web: true, unit: 1, metre: 1, datum: "WGS 84"}
	}
	r := systems()
	line, ok := r.lines[full]
	if !ok && strings.EqualFold(authority, "EPSG") { // Esri's codes under EPSG's name are common
		line, ok = r.lines["ESRI:"+code]
	}
	if !ok {
		return &system{code: full, problem: "is not known"}
	}
	return r.system(line)
}

// system is the one of a line of the table.
func (r registers) system(line string) *system {
	f := strings.Split(line, "\t")
	switch f[0] {
	case "H":
		s := r.system(r.lines[f[2]])
		s.heights = true
		return s
	case "G":
		return r.geographic(f)
	}
	base, ok := r.lines[f[3]]
	if !ok {
		return &system{name: f[2], code: f[1], problem: "has a datum that is not known"}
	}
	s := r.system(base)
	s.name, s.code = f[2], f[1]
	s.metre = number(f[4])
	s.area = boxOf(f[7])
	if s.problem != "" {
		return s
	}
	p := [7]float64{2: 1}
	given := strings.Split(f[6], ",")
	for i, v := range given {
		if v != "" && i < len(p) {
			p[i] = number(v)
		}
	}
	if f[5] == lambert2 && given[4] == "" {
		p[4] = p[3]
	}
	if s.plane = project(f[5], s.body, parameters{p[0], p[1], p[2], p[3], p[4], p[5], p[6]}); s.plane == nil {
		s.problem = "is in " + f[5] + ", which is not converted"
	}
	return s
}

func (r registers) geographic(f []string) *system {
	s := &system{name: f[2], code: f[1], datum: f[2], unit: number(f[7]), metre: 1, prime: number(f[6]), area: boxOf(f[9])}
	s.body.a = number(f[4])
	if inverse := number(f[5]); inverse != 0 {
		s.body.f = 1 / inverse
	}
	if f[1] == "EPSG:4326" {
		return wgs84Degrees(f[1], false)
	}
	for text := range strings.SplitSeq(f[8], "|") {
		if parts := strings.Split(text, ";"); len(parts) == 3 {
			s.shifts = append(s.shifts, shiftOf(parts))
		}
	}
	if len(s.shifts) == 0 {
		s.problem = "has the datum " + plain(f[2]) + ", whose way to WGS84 is not known without a grid of shifts"
	}
	return s
}

// shiftOf reads accuracy, area and steps.
func shiftOf(parts []string) shift {
	f := shift{accuracy: number(strings.TrimSuffix(parts[0], "o")), offshore: strings.HasSuffix(parts[0], "o"), area: boxOf(parts[1]), unknown: parts[2] == "?"}
	if f.unknown || parts[2] == "" {
		return f
	}
	for step := range strings.SplitSeq(parts[2], "/") {
		var p [7]float64
		inverse := false
		for i, v := range strings.Split(step, ",") {
			if v == "i" {
				inverse = true
			} else if i < len(p) {
				p[i] = number(v)
			}
		}
		f.steps, f.inverse = append(f.steps, helmert(p)), append(f.inverse, inverse)
	}
	return f
}

// helmert are seven parameters in radians and as a share, from arc seconds and
// parts per million.
func helmert(p [7]float64) [7]float64 {
	for i := 3; i < 6; i++ {
		p[i] *= math.Pi / 180 / 3600
	}
	p[6] *= 1e-6
	return p
}

func number(text string) float64 {
	v, _ := strconv.ParseFloat(text, 64) // "" is 0, and the table is our own
	return v
}

func boxOf(text string) (box [4]float64) {
	for i, v := range strings.Split(text, ",") {
		if i < 4 {
			box[i] = number(v)
		}
	}
	return box
}

// Addresses and names that stand before the code of a system.
var codePrefixes = []string{"urn:ogc:def:crs:", "urn:ogc:def:crs,crs:", "urn:x-ogc:def:crs:", "http://www.opengis.net/def/crs/", "https://www.opengis.net/def/crs/",
	"http://opengis.net/def/crs/", "https://opengis.net/def/crs/", "http://www.opengis.net/gml/srs/", "srid:"}

var codeForm = regexp.MustCompile(`^(?i)(EPSG|OGC|ESRI|IGNF|OSGEO)(?:\.xml)?(?:[:/#]+[0-9.]*)?[:/#]+([A-Za-z0-9_]+)(?:[,+].*)?$`)

// systemOfText is the system that a text tells: a code with its register, in
// any of the forms of OGC, well-known text, or PROJJSON.
func systemOfText(text string) *system {
	text = strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	switch {
	case strings.HasPrefix(text, "{"):
		return systemOfPROJJSON([]byte(text))
	case strings.ContainsAny(text, "[(") && !strings.HasPrefix(text, "["):
		return systemOfWKT(text)
	}
	short := strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	for _, p := range codePrefixes {
		if len(short) > len(p) && strings.EqualFold(short[:len(p)], p) {
			short = short[len(p):]
			break
		}
	}
	if m := codeForm.FindStringSubmatch(short); m != nil {
		return systemOfCode(m[1], m[2])
	}
	if _, err := strconv.ParseUint(short, 10, 31); err == nil {
		return systemOfCode("EPSG", short)
	}
	switch lettersOf(short) {
	case "crs84", "wgs84", "wgs1984":
		return wgs84Degrees("OGC:CRS84", false)
	case "crs84h":
		return wgs84Degrees("OGC:CRS84h", true)
	}
	return &system{name: shorten(text), problem: "is not known"}
}

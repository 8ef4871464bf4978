package data

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// acceptCRS are the coordinate reference systems that files may use.
const acceptCRS = "WGS84 degrees (EPSG:4326), ETRS89, NAD83, GDA94, GDA2020 or SIRGAS 2000 degrees, Web Mercator (EPSG:3857); convert with: ogr2ogr -t_srs EPSG:4326"

// alike are the geographic systems that differ from WGS84 by two metres at
// most, by their EPSG code. Their degrees are taken for those of WGS84.
var alike = map[int]string{
	4326: "", 4979: "", // WGS84, and with heights
	4258: "ETRS89", 4937: "ETRS89", 4269: "NAD83", 4283: "GDA94", 7844: "GDA2020", 4674: "SIRGAS 2000",
}

// mercators are the codes of Web Mercator, the official one and its elders.
var mercators = map[int]bool{3857: true, 900913: true, 3785: true, 102100: true, 102113: true}

// epsg takes note of the system of the coordinates by its code and reports
// whether it is accepted.
func (t *table) epsg(code int) bool {
	if mercators[code] {
		t.mercator = true
		t.note("Coordinates were converted from Web Mercator (EPSG:3857).")
		return true
	}
	name, ok := alike[code]
	if name != "" {
		t.note(name + " degrees were taken for WGS84; they differ by two metres at most.")
	}
	return ok
}

// sphere is the radius of Web Mercator, metres (EPSG method 1024).
const sphere = 6378137.0

// degrees are the longitude and latitude of a point of Web Mercator.
func degrees(x, y float64) (lon, lat float64) {
	return x / sphere * 180 / math.Pi, math.Atan(math.Sinh(y/sphere)) * 180 / math.Pi
}

var (
	wktName      = regexp.MustCompile(`^\s*([A-Za-z0-9_]+)\s*\[\s*"([^"]*)"`)
	wktAuthority = regexp.MustCompile(`(?i)(?:AUTHORITY\s*\[\s*"EPSG"\s*,\s*"?|ID\s*\[\s*"EPSG"\s*,\s*)(\d+)"?\s*\]\s*\]\s*$`)
	wktDatum     = regexp.MustCompile(`(?i)(?:DATUM|ENSEMBLE)\s*\[\s*"([^"]*)"`)
)

// datums are the datums of alike as .prj files call them, with their code.
var datums = map[string]int{
	"wgs1984": 4326, "wgs84": 4326, "worldgeodeticsystem1984": 4326, "worldgeodeticsystem1984ensemble": 4326,
	"etrs1989": 4258, "etrs89": 4258, "europeanterrestrialreferencesystem1989": 4258,
	"europeanterrestrialreferencesystem1989ensemble": 4258,
	"northamerican1983": 4269, "northamericandatum1983": 4269,
	"gda1994": 4283, "geocentricdatumofaustralia1994": 4283, "gda2020": 7844, "geocentricdatumofaustralia2020": 7844,
	"sirgas2000": 4674, "sistemadereferenciageocentricoparalasamericas2000": 4674,
}

// wktCRS takes note of the system of the coordinates from its well-known text
// (OGC 01-009, 18-010, or as Esri writes it). It reports the system's name,
// and whether it is accepted.
func (t *table) wktCRS(text string) (name string, ok bool) {
	m := wktName.FindStringSubmatch(text)
	if m == nil {
		return shorten(strings.TrimSpace(text)), false
	}
	name = m[2]
	if a := wktAuthority.FindStringSubmatch(strings.TrimSpace(text)); a != nil {
		if code, err := strconv.Atoi(a[1]); err == nil {
			return name, t.epsg(code)
		}
	}
	switch strings.ToUpper(m[1]) {
	case "GEOGCS", "GEOGCRS", "GEOGRAPHICCRS", "GEODCRS":
		d := wktDatum.FindStringSubmatch(text)
		if d == nil {
			return name, false
		}
		code, known := datums[lettersOf(strings.TrimPrefix(d[1], "D_"))]
		return name, known && t.epsg(code)
	case "PROJCS", "PROJCRS", "PROJECTEDCRS":
		switch lettersOf(name) {
		case "wgs1984webmercatorauxiliarysphere", "wgs84pseudomercator", "popularvisualisationcrsmercator", "googlemapsglobalmercator", "webmercator":
			return name, t.epsg(3857)
		}
	}
	return name, false
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

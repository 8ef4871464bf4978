package data

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/ewkb"
	"github.com/twpayne/go-geom/encoding/wkb"
	"github.com/twpayne/go-geom/encoding/wkbcommon"
)

// wkbKinds are the kinds of geometry by their code in WKB (OGC 06-103r4).
var wkbKinds = [...]string{"Geometry", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon",
	"GeometryCollection", "CircularString", "CompoundCurve", "CurvePolygon", "MultiCurve", "MultiSurface", "Curve",
	"Surface", "PolyhedralSurface", "TIN", "Triangle"}

// The bits that EWKB (PostGIS) adds to the code of a kind.
const (
	ewkbZ    = 0x80000000
	ewkbM    = 0x40000000
	ewkbSRID = 0x20000000
)

// binaryShape reads the WKB or EWKB of a geometry: nil for an empty one.
// Further dimensions are dropped. srid is 0 where the bytes name none.
func (t *table) binaryShape(b []byte) (g orb.Geometry, srid int, err error) {
	survey := wkbSurvey{b: b, left: t.lim.Vertices, most: t.lim.Vertices}
	kind := survey.geometry(0)
	if survey.problem != "" {
		return nil, 0, t.fault("geometry", survey.value, survey.problem, survey.accept)
	}
	if survey.i != len(b) {
		return nil, 0, t.fault("geometry", "", fmt.Sprintf("has %d bytes behind its end", len(b)-survey.i), "well-known binary (WKB) of one geometry")
	}
	if survey.empty {
		return nil, survey.srid, nil
	}
	defer func() {
		if p := recover(); p != nil { // go-geom panics on some nonsense
			g, err = nil, t.fault("geometry", "", "not well-known binary", geometryKinds)
		}
	}()
	var decoded geom.T
	if survey.extended {
		decoded, err = ewkb.Unmarshal(b)
	} else {
		decoded, err = wkb.Unmarshal(b, wkbcommon.WKBOptionEmptyPointHandling(wkbcommon.EmptyPointHandlingNaN))
	}
	if err != nil {
		return nil, 0, t.fault("geometry", "", "not well-known binary of a "+kind+": "+plainWords(err), geometryKinds)
	}
	g, err = t.shapeOf(decoded)
	return g, survey.srid, err
}

// wkbSurvey walks through WKB and allocates nothing: every count is checked
// against the bytes that are left before go-geom makes room for it.
type wkbSurvey struct {
	b                      []byte
	i                      int
	left, most             int // positions that the limit still allows
	srid                   int
	extended               bool // it has the bits of EWKB
	empty                  bool // no position in it
	problem, value, accept string
}

func (s *wkbSurvey) fault(value, problem, accept string) {
	if s.problem == "" {
		s.value, s.problem, s.accept = value, problem, accept
	}
}

const wholeWKB = "whole well-known binary (WKB)"

// uint32 is the next number, 0 if there is none.
func (s *wkbSurvey) uint32(order binary.ByteOrder) uint32 {
	if len(s.b)-s.i < 4 {
		s.fault("", "ends in the middle", wholeWKB)
		return 0
	}
	s.i += 4
	return order.Uint32(s.b[s.i-4:])
}

// geometry goes past one geometry, within a multiple one at depth 1.
func (s *wkbSurvey) geometry(depth int) (kind string) {
	if s.i >= len(s.b) {
		s.fault("", "ends in the middle", wholeWKB)
		return ""
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch s.b[s.i] {
	case 0:
		order = binary.BigEndian
	case 1:
	default:
		s.fault("", fmt.Sprintf("has byte order %d", s.b[s.i]), "well-known binary (WKB): 0 or 1 in front")
		return ""
	}
	s.i++
	code := s.uint32(order)
	dimensions := 2
	if code&ewkbZ != 0 {
		dimensions++
	}
	if code&ewkbM != 0 {
		dimensions++
	}
	if code&(ewkbZ|ewkbM|ewkbSRID) != 0 {
		s.extended = true
	}
	if code&ewkbSRID != 0 {
		if srid := int(s.uint32(order)); depth == 0 {
			s.srid = srid
		}
	}
	code &^= ewkbZ | ewkbM | ewkbSRID
	switch code / 1000 {
	case 1, 2:
		dimensions++
	case 3:
		dimensions += 2
	}
	if code >= 4000 || dimensions > 4 || int(code%1000) >= len(wkbKinds) {
		s.fault("", fmt.Sprintf("has the unknown kind %d", code), geometryKinds)
		return ""
	}
	kind = wkbKinds[code%1000]
	s.contents(kind, order, dimensions, depth)
	return kind
}

// contents goes past what follows the code of a geometry.
func (s *wkbSurvey) contents(kind string, order binary.ByteOrder, dimensions, depth int) {
	if s.problem != "" {
		return
	}
	size := 8 * dimensions // of a position
	switch kind {
	case "Point":
		s.empty = s.positions(1, size) && math.IsNaN(math.Float64frombits(order.Uint64(s.b[s.i-size:])))
	case "LineString":
		n := s.count(order, size)
		s.empty = n == 0
		s.positions(n, size)
	case "Polygon":
		n := s.count(order, 4)
		s.empty = n == 0
		for range n {
			s.positions(s.count(order, size), size)
		}
	case "MultiPoint", "MultiLineString", "MultiPolygon":
		if depth > 0 {
			s.fault("", "has a "+kind+" inside another geometry", geometryKinds)
			return
		}
		n := s.count(order, 9)
		for range n {
			if part := s.geometry(1); s.problem == "" && "Multi"+part != kind {
				s.fault("", "has a "+part+" inside a "+kind, geometryKinds)
			}
		}
		s.empty = n == 0
	case "GeometryCollection":
		if s.empty = s.count(order, 5) == 0; !s.empty {
			s.fault(kind, "not read", geometryKinds)
		}
	default:
		s.fault(kind, "not read", geometryKinds+" (GDAL: ogr2ogr -nlt CONVERT_TO_LINEAR)")
	}
}

// count is a number of items that take so many bytes at least.
func (s *wkbSurvey) count(order binary.ByteOrder, least int) int {
	n := s.uint32(order)
	if s.problem == "" && uint64(n)*uint64(least) > uint64(len(s.b)-s.i) {
		s.fault("", fmt.Sprintf("ends in the middle: it announces %d parts and has %d bytes", n, len(s.b)-s.i), wholeWKB)
	}
	if s.problem != "" {
		return 0
	}
	return int(n)
}

// positions goes past n positions and reports whether they are there.
func (s *wkbSurvey) positions(n, size int) bool {
	if s.problem == "" && n*size > len(s.b)-s.i {
		s.fault("", "ends in the middle", wholeWKB)
	}
	if s.left -= n; s.left < 0 {
		s.fault("", fmt.Sprintf("has more than %d positions", s.most), "a simpler geometry, or a higher limit of vertices")
	}
	if s.problem != "" {
		return false
	}
	s.i += n * size
	return true
}

// appendWKB appends the little-endian WKB of a geometry, a multiple one if
// multi says so.
func appendWKB(b *sink, g orb.Geometry, multi bool) error {
	w := sinkWriter{b}
	return wkb.Write(w, wkb.NDR, toGeom(g, multi))
}

// sinkWriter appends to the buffer of a sink.
type sinkWriter struct{ *sink }

func (w sinkWriter) Write(p []byte) (int, error) {
	w.buf = append(w.buf, p...)
	return len(p), nil
}

package api

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"github.com/paulmach/orb"
)

// crs84 is longitude and latitude on WGS84.
const (
	crs84    = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
	epsg4326 = "http://www.opengis.net/def/crs/EPSG/0/4326"
	epsg3857 = "http://www.opengis.net/def/crs/EPSG/0/3857"
)

// systems are the reference systems that positions can be asked for and given
// in (OGC API Features Part 2); the first is how they are kept.
var systems = []string{crs84, epsg4326, epsg3857}

// refSystem is a reference system of a request. The zero value is CRS84.
type refSystem struct{ uri string }

func (*refSystem) schema() schema {
	return schema{"type": "string", "format": "uri", "default": crs84, "enum": systems}
}

// read takes a URI, and the other ways in which clients name the same.
func (c *refSystem) read(text string) (accepted string, err error) {
	word := strings.ToUpper(strings.Trim(text, "[]"))
	for _, cut := range []string{"HTTPS://WWW.OPENGIS.NET/DEF/CRS/", "HTTP://WWW.OPENGIS.NET/DEF/CRS/", "URN:OGC:DEF:CRS:"} {
		word = strings.TrimPrefix(word, cut)
	}
	switch word {
	case "OGC/1.3/CRS84", "OGC/0/CRS84", "OGC:1.3:CRS84", "OGC::CRS84", "OGC:CRS84", "CRS84":
		c.uri = crs84
	case "EPSG/0/4326", "EPSG::4326", "EPSG:4326":
		c.uri = epsg4326
	case "EPSG/0/3857", "EPSG::3857", "EPSG:3857":
		c.uri = epsg3857
	default:
		return strings.Join(systems, ", "), fmt.Errorf("positions are not given in this reference system")
	}
	return "", nil
}

func (c *refSystem) orDefault() string { return cmp.Or(c.uri, crs84) }

// plain reports whether positions are as they are kept.
func (c *refSystem) plain() bool { return c.uri == "" || c.uri == crs84 }

// earthRadius is that of the sphere of EPSG:3857, metres; halfWorld is half its
// circumference, which is as far as the map reaches.
const (
	earthRadius = 6378137.0
	halfWorld   = math.Pi * earthRadius
	mostLat     = 85.0511287798066 // where a map of EPSG:3857 ends
)

// fromDegrees gives a position of longitude and latitude in the system. Beyond
// ±85.05113° EPSG:3857 has no place; what lies there is put on its edge.
func (c *refSystem) fromDegrees(p orb.Point) orb.Point {
	switch c.uri {
	case epsg4326:
		return orb.Point{p[1], p[0]}
	case epsg3857:
		lat := math.Min(mostLat, math.Max(-mostLat, p[1]))
		return orb.Point{p[0] / 180 * halfWorld, earthRadius * math.Atanh(math.Sin(lat*math.Pi/180))}
	}
	return p
}

// toDegrees reads a position of the system as longitude and latitude.
func (c *refSystem) toDegrees(p orb.Point) (orb.Point, error) {
	switch c.uri {
	case epsg4326:
		p = orb.Point{p[1], p[0]}
	case epsg3857:
		const slack = 1 // metre: clients round the edges of the world
		if math.Abs(p[0]) > halfWorld+slack {
			return p, fmt.Errorf("%v m is beyond the edge of EPSG:3857, %.0f m", p[0], halfWorld)
		}
		lat := math.Atan(math.Sinh(p[1]/earthRadius)) * 180 / math.Pi
		return orb.Point{math.Max(-180, math.Min(180, p[0]/halfWorld*180)), lat}, nil
	}
	if math.Abs(p[1]) > 90 {
		return p, fmt.Errorf("latitude %v is beyond 90; are longitude and latitude swapped?", p[1])
	}
	if math.Abs(p[0]) > 180 {
		return p, fmt.Errorf("longitude %v is beyond 180", p[0])
	}
	return p, nil
}

// step is the least difference that is written, in the unit of the system:
// a centimetre.
func (c *refSystem) step() float64 {
	if c.uri == epsg3857 {
		return 1e-2
	}
	return 1e-7
}

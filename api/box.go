package api

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// box is a bounding box as it was given: in what reference system is said
// elsewhere.
type box struct {
	text  string
	v     [4]float64
	given bool
}

func (*box) schema() schema {
	return schema{"type": "array", "minItems": 4, "maxItems": 6, "items": schema{"type": "number"}}
}

func (b *box) read(text string) (accepted string, err error) {
	accepted = "west,south,east,north"
	parts := strings.Split(text, ",")
	if len(parts) != 4 && len(parts) != 6 {
		return accepted, fmt.Errorf("bbox has %d numbers; it takes 4 or 6", len(parts))
	}
	v := make([]float64, len(parts))
	for i, p := range parts {
		v[i], err = strconv.ParseFloat(strings.TrimSpace(p), 64)
		if err != nil || math.IsNaN(v[i]) || math.IsInf(v[i], 0) {
			return accepted, fmt.Errorf("bbox holds %q, which is not a number", shorten(p))
		}
	}
	if len(v) == 6 {
		if v[2] > v[5] {
			return accepted, errors.New("bbox: the low height is above the high one")
		}
		v = []float64{v[0], v[1], v[3], v[4]}
	}
	b.text, b.v, b.given = text, [4]float64(v), true
	return "", nil
}

// in gives the box in degrees, read as positions of a reference system. West
// may be greater than east.
func (b *box) in(c *refSystem) (orb.Bound, error) {
	bad := func(format string, args ...any) error {
		return parameter("bbox", b.text, "west,south,east,north in degrees, or as bbox-crs says", format, args...)
	}
	low, err := c.toDegrees(orb.Point{b.v[0], b.v[1]})
	if err != nil {
		return orb.Bound{}, bad("bbox: %v", err)
	}
	high, err := c.toDegrees(orb.Point{b.v[2], b.v[3]})
	if err != nil {
		return orb.Bound{}, bad("bbox: %v", err)
	}
	if low[1] > high[1] {
		return orb.Bound{}, bad("bbox: south is north of north")
	}
	return orb.Bound{Min: low, Max: high}, nil
}

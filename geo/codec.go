package geo

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
)

// packed is a layer as it is kept between runs of a program.
type packed struct {
	About   About
	Table   bool
	IDs     []string // nil: by number
	Points  []orb.Point
	Shapes  [][]byte // well-known binary, empty for none; nil where all are points
	Columns []packedColumn
}

type packedColumn struct {
	Field   Field
	Numbers []float64
	Codes   []int32
	Words   []string
}

// MarshalBinary packs the layer whole, for UnmarshalLayer of the same version of
// this program: it is for keeping, not for exchange.
func (l *Layer) MarshalBinary() ([]byte, error) {
	p := packed{About: l.About, Table: l.points == nil, IDs: l.ids, Points: l.points}
	for _, c := range l.columns {
		p.Columns = append(p.Columns, packedColumn{c.Field, c.numbers, c.codes, c.words})
	}
	if l.shapes != nil {
		p.Points = nil
		p.Shapes = make([][]byte, len(l.shapes))
		for i, s := range l.shapes {
			if s == nil {
				continue
			}
			b, err := wkb.Marshal(s)
			if err != nil {
				return nil, fmt.Errorf("layer %s, feature %s: %w", l.Name, l.ID(i), err)
			}
			p.Shapes[i] = b
		}
	}
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(p)
	return b.Bytes(), err
}

// UnmarshalLayer is the layer that MarshalBinary packed.
func UnmarshalLayer(data []byte) (*Layer, error) {
	var p packed
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&p); err != nil {
		return nil, fmt.Errorf("packed layer: %w", err)
	}
	var columns []Column
	for _, c := range p.Columns {
		if c.Field.Type > Bool || (c.Field.Type == Text) != (c.Numbers == nil && len(c.Codes) > 0) && len(c.Codes)+len(c.Numbers) > 0 {
			return nil, fmt.Errorf("packed layer %s: field %s is of no type", p.About.Name, c.Field.Name)
		}
		for _, code := range c.Codes {
			if code < -1 || int(code) >= len(c.Words) {
				return nil, fmt.Errorf("packed layer %s: field %s has text %d of %d", p.About.Name, c.Field.Name, code, len(c.Words))
			}
		}
		columns = append(columns, Column{Field: c.Field, numbers: c.Numbers, codes: c.Codes, words: c.Words})
	}
	switch {
	case p.Table:
		return NewTable(p.About, p.IDs, columns...)
	case p.Shapes == nil:
		if p.Points == nil {
			p.Points = []orb.Point{}
		}
		return NewPoints(p.About, p.IDs, p.Points, columns...)
	}
	shapes := make([]orb.Geometry, len(p.Shapes))
	for i, b := range p.Shapes {
		if len(b) == 0 {
			continue
		}
		s, err := wkb.Unmarshal(b)
		if err != nil {
			return nil, fmt.Errorf("packed layer %s, row %d: %w", p.About.Name, i, err)
		}
		if pt, ok := s.(orb.Point); ok && math.IsNaN(pt[0]) {
			continue
		}
		shapes[i] = s
	}
	return NewLayer(p.About, p.IDs, shapes, columns...)
}

package role

import (
	"fmt"
	"slices"

	"careshed/geo"
)

// Regions looks for several features of one region: what is one region would be
// counted as two, one of them without a center. Several of one code and name are
// an [*Error]; several of one name that no code tells apart are a doubt. Regions
// of one name and of different codes, as counties are, are different regions, and
// so are those of one name in different countries. names are those of the rows.
func Regions(l *geo.Layer, names []string) ([]geo.Doubt, error) {
	var codes []geo.Column
	for _, c := range l.Columns() {
		if geo.CalledID(c.Name) >= 0 && !geo.CalledSerial(c.Name) {
			codes = append(codes, c)
		}
	}
	country, _ := l.Column("country")
	first := make(map[string]int, len(names))
	var twins []string
	for i, name := range names {
		key := name
		if country.Len() > 0 {
			key += "\x00" + country.Text(i)
		}
		j, twice := first[key]
		if !twice {
			first[key] = i
			continue
		}
		code, differ := sameCode(codes, i, j)
		switch {
		case differ || slices.Contains(twins, name):
		case code == "":
			twins = append(twins, name)
		default:
			c, _ := l.Column(code)
			return nil, &Error{Layer: l.Name, Field: code, Value: c.Text(i),
				What: fmt.Sprintf("in features %d and %d, which are both called %q: several features of one region", j+1, i+1, name),
				Accept: fmt.Sprintf("one feature a region, as mapshaper %s -dissolve %s or ogr2ogr -dialect sqlite with ST_Union(geometry) … GROUP BY %s make them",
					l.Name, code, code)}
		}
	}
	if len(twins) == 0 {
		return nil, nil
	}
	return []geo.Doubt{{Text: fmt.Sprintf("several regions are called alike and no code tells them apart, such as %q: if they are parts of one region, they are counted as several, some of them without a center", twins[0])}}, nil
}

// sameCode is a code that two rows share, "" for none; differ says that another
// tells them apart.
func sameCode(codes []geo.Column, i, j int) (same string, differ bool) {
	for _, c := range codes {
		switch {
		case c.Null(i) || c.Null(j):
		case c.Text(i) == c.Text(j):
			same = c.Name
		default:
			differ = true
		}
	}
	return same, differ
}

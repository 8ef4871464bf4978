package travel

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"careshed/geo"
	"careshed/geo/role"
)

// Columns name the columns of a matrix. Where Site and Minutes are both "", the
// matrix is wide: a row a place, a column a site.
type Columns struct {
	Place, Site, Minutes, Kilometres string
}

// columnNames are what programs call the columns of a long matrix, in small
// letters and without strokes, the likeliest first: ours, r5r and r5py, PySAL
// access, OSRM, OpenTripPlanner, the OD cost matrix of ArcGIS.
var columnNames = struct{ place, site, minutes, kilometres []string }{
	place:      []string{"place", "placeid", "fromid", "from", "originid", "origin", "orig", "sourceid", "source"},
	site:       []string{"site", "siteid", "toid", "to", "destinationid", "destination", "destid", "dest", "targetid", "target"},
	minutes:    []string{"minutes", "min", "timemin", "traveltimemin", "totaltraveltime", "traveltime", "traveltimep50", "totaltime", "totalminutes", "time", "cost", "duration", "durations", "seconds"},
	kilometres: []string{"kilometres", "kilometers", "km", "distancekm", "totalkilometers", "totalkilometres", "distance", "totaldistance", "distances"},
}

// inSeconds and inMetres are names whose programs give these units and say so in
// their manuals: OSRM's durations and distances.
var (
	inSeconds = []string{"duration", "durations", "seconds"}
	inMetres  = []string{"distance", "distances"}
)

// FindColumns fills in the columns of a matrix that are not named, by the names
// that programs give them. found says in words which were found.
func FindColumns(l *geo.Layer, given Columns) (c Columns, found string, err error) {
	c = given
	find := func(to *string, names []string) {
		for _, n := range names {
			for _, f := range l.Fields() {
				if *to == "" && geo.PlainName(f.Name) == n {
					*to = f.Name
				}
			}
		}
	}
	long := given.Site != "" || given.Minutes != ""
	find(&c.Site, columnNames.site)
	find(&c.Minutes, columnNames.minutes)
	find(&c.Place, columnNames.place)
	if !long && (c.Site == "" || c.Minutes == "") {
		if c.Site != "" && c.Place == "" && given.Place == "" {
			return c, "", fmt.Errorf("layer %s has a row a site (by %s) and no column of places; accepted: a wide matrix has a row a place and a column a site: turn it round, "+
				"or name the column of the places as travel.place", l.Name, c.Site)
		}
		if c.Site == "" || c.Place == "" {
			return wideColumns(l, given)
		}
	}
	if given.Minutes == "" {
		find(&c.Kilometres, columnNames.kilometres)
	}
	for _, x := range []struct{ what, name string }{{"place", c.Place}, {"site", c.Site}, {"minutes", c.Minutes}} {
		if x.name == "" {
			return c, "", fmt.Errorf("layer %s: no column is called as that of the %s is; accepted: travel.%s, one of %s", l.Name, x.what, x.what, strings.Join(fieldNames(l), ", "))
		}
	}
	var said []string
	for _, x := range [][2]string{{given.Place, c.Place}, {given.Site, c.Site}, {given.Minutes, c.Minutes}, {given.Kilometres, c.Kilometres}} {
		if x[0] == "" && x[1] != "" {
			said = append(said, x[1])
		}
	}
	if len(said) > 0 {
		found = "columns found by their names: " + strings.Join(said, ", ")
	}
	return c, found, nil
}

// wideColumns are those of a wide matrix: the column of the places is named, is
// called as ids are, or is the first that is no number.
func wideColumns(l *geo.Layer, given Columns) (c Columns, found string, err error) {
	c = Columns{Place: given.Place}
	for _, names := range [][]string{columnNames.place, nil} {
		for _, f := range l.Fields() {
			if c.Place == "" && (slices.Contains(names, geo.PlainName(f.Name)) || names == nil && geo.CalledID(f.Name) >= 0) {
				c.Place = f.Name
			}
		}
	}
	if c.Place == "" {
		return c, "", fmt.Errorf("layer %s is neither a long matrix (columns place, site and minutes, or as travel.place, travel.site and travel.minutes name them) nor a wide one, a row a place and a column a site, whose column of places is named; there are: %s",
			l.Name, strings.Join(fieldNames(l), ", "))
	}
	return c, fmt.Sprintf("read as a wide matrix: a row a place (by %s), a column a site", c.Place), nil
}

func fieldNames(l *geo.Layer) []string {
	var names []string
	for _, f := range l.Fields() {
		names = append(names, f.Name)
	}
	return names
}

// Read reads a matrix, long or wide; see [NewTable] and [FindColumns]. It gives the
// columns that were read; of a wide matrix Site and Minutes are for messages. found
// says which columns were found by their names, "" if all were given.
func Read(l *geo.Layer, given Columns) (t *Table, c Columns, found string, err error) {
	if c, found, err = FindColumns(l, given); err != nil {
		return nil, c, "", err
	}
	if c.Minutes != "" {
		if l, err = inTheirUnits(l, given, c); err != nil {
			return nil, c, "", err
		}
		t, err = NewTable(l, c.Place, c.Site, c.Minutes, c.Kilometres)
		return t, c, found, err
	}
	l, unread := readableSites(l, c.Place)
	l, doubts, err := longer(l, c.Place)
	if err != nil {
		return nil, Columns{}, "", err
	}
	if l.Len() == 0 && len(unread) > 0 {
		return nil, Columns{}, "", unread[slices.Min(slices.Collect(maps.Keys(unread)))]
	}
	if t, err = NewTable(l, "place", "site", "minutes", ""); err != nil {
		return nil, Columns{}, "", err
	}
	t.Doubts, t.unread = append(doubts, t.Doubts...), unread
	c.Site, c.Minutes = "the columns", "*"
	return t, c, found, nil
}

// inTheirUnits declares the units of columns that were found by a name whose
// program gives other ones.
func inTheirUnits(l *geo.Layer, given, c Columns) (*geo.Layer, error) {
	var changed []geo.Column
	for _, x := range []struct {
		given, name, unit string
		names             []string
	}{{given.Minutes, c.Minutes, "seconds", inSeconds}, {given.Kilometres, c.Kilometres, "metres", inMetres}} {
		col, ok := l.Column(x.name)
		if x.given == "" && ok && col.Unit == "" && slices.Contains(x.names, geo.PlainName(x.name)) {
			col.Unit = x.unit
			changed = append(changed, col)
		}
	}
	if changed == nil {
		return l, nil
	}
	return l.With(changed...)
}

// readableSites is a wide matrix with its columns of texts that spell numbers as ones of
// numbers, and what is wrong with each of the others: they may be of a site all the same.
func readableSites(l *geo.Layer, place string) (*geo.Layer, map[string]error) {
	unread := map[string]error{}
	var spelled []geo.Column
	for _, c := range l.Columns() {
		if c.Name == place || c.Type != geo.Text && c.Doubt == "" {
			continue
		}
		r, err := role.Minutes.Read(l, c.Name)
		if err != nil {
			unread[c.Name] = err
			spelled = append(spelled, geo.Labels(c.Field, make([]string, l.Len())))
			continue
		}
		f := c.Field
		f.Unit, f.Missing = "", true // what is a code is gone
		spelled = append(spelled, geo.Numbers(f, r.Values))
	}
	if changed, err := l.With(spelled...); err == nil {
		return changed, unread
	}
	return l, unread
}

// longer is a wide matrix as a long one. Columns of texts, beside that of the
// places, are no sites.
func longer(l *geo.Layer, place string) (long *geo.Layer, doubts []geo.Doubt, err error) {
	of, err := l.Texts(place)
	if err != nil {
		return nil, nil, err
	}
	var places, sites geo.TextColumn
	var minutes []float64
	field := geo.Field{Name: "minutes"}
	seen := map[string]int{}
	for i, p := range of {
		if p = strings.TrimSpace(p); p == "" {
			return nil, nil, fmt.Errorf("layer %s: row %d has no %s", l.Name, i+1, place)
		}
		if j, twice := seen[p]; twice {
			return nil, nil, fmt.Errorf("layer %s: rows %d and %d are both of %s %s; accepted: a row a place", l.Name, j+1, i+1, place, p)
		}
		seen[p] = i
	}
	var columns []geo.Column // the sites
	for _, c := range l.Columns() {
		if c.Name != place && c.Type != geo.Text {
			columns = append(columns, c)
		}
	}
	// Codes for no way are seen over the whole table, so that a site which nobody
	// reaches has them too; only columns in different units are read one by one.
	one := !slices.ContainsFunc(columns, func(c geo.Column) bool {
		return c.Unit != columns[0].Unit || c.Missing != columns[0].Missing || c.Type == geo.Bool
	})
	for _, c := range columns {
		values := c.Values()
		if one {
			field.Unit, field.Missing = c.Unit, c.Missing
		} else {
			r, err := role.Minutes.Read(l, c.Name)
			if err != nil {
				return nil, nil, err
			}
			doubts = append(doubts, r.Doubts...)
			values, field.Missing = r.Values, true // what is a code is gone
		}
		for i, m := range values {
			if math.IsNaN(m) {
				continue
			}
			places.Append(strings.TrimSpace(of[i]))
			sites.Append(strings.TrimSpace(c.Name))
			minutes = append(minutes, m)
		}
	}
	long, err = geo.NewTable(l.About, nil, places.Column(geo.Field{Name: "place"}), sites.Column(geo.Field{Name: "site"}), geo.Numbers(field, minutes))
	return long, doubts, err
}

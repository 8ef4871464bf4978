package ground

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/role"

	"github.com/paulmach/orb"
)

// CoastReach is how far off a region's generalised border a place may lie and
// still belong to it.
const CoastReach geo.Metres = 25_000

func (in *Ground) loadRegions(ctx context.Context) (err error) {
	r := in.Spec.Regions
	in.Region = make([]int, in.Places.Len())
	for i := range in.Region {
		in.Region[i] = -1
	}
	if r == nil {
		return nil
	}
	if in.Regions, err = in.Layer(ctx, "regions", r.Layer, r.Where); err != nil {
		return err
	}
	in.RegionName = make([]string, in.Regions.Len())
	name, found := FirstColumn(in.Regions, "region_name", "name", "title")
	if r.Name != "" {
		if name, err = in.Regions.MustHave(r.Name); err != nil {
			return fmt.Errorf("regions.name: %w", err)
		}
		found = true
	}
	for i := range in.RegionName {
		in.RegionName[i] = in.Regions.ID(i)
		if found && !name.Null(i) {
			in.RegionName[i] = name.Text(i)
		}
	}
	if err := in.onePerRegion(); err != nil {
		return err
	}
	at := make([]orb.Point, in.Places.Len())
	for i := range at {
		at[i] = in.Places.Point(i)
	}
	if in.Region, in.Coastal, err = in.Assign(in.Places, at); err != nil {
		return spec.Within("places", err)
	}
	var offshore, outside float64
	for i, row := range in.Region {
		switch {
		case row < 0:
			outside += in.People[i]
		case in.Coastal[i]:
			offshore += in.People[i]
		}
	}
	if offshore > 0 {
		in.Note("regions.offshore", "people", offshore)
	}
	if outside == in.Total {
		return in.elsewhere(at)
	}
	if outside > 0 {
		in.Note("regions.outside", "people", outside)
	}
	return nil
}

// noteShapeless notes regions that are looked up by where places lie, and have no area in
// which anybody could: a point, a line or nothing.
func (in *Ground) noteShapeless() {
	l := in.Regions
	if l == nil || l.IsTable() || in.Spec.Regions.Join.Place != "" {
		return
	}
	n, such := 0, ""
	for i := range l.Len() {
		switch l.Shape(i).(type) {
		case orb.Polygon, orb.MultiPolygon, orb.Ring, orb.Bound:
			continue
		}
		if n++; n == 1 {
			such = in.RegionName[i]
		}
	}
	if n > 0 {
		in.Note("regions.shapeless", "layer", l.Name, "n", n, "such", such)
	}
}

// elsewhere says that no place is in a region, and what may have happened.
func (in *Ground) elsewhere(at []orb.Point) error {
	if in.Spec.Regions.Join.Place != "" {
		return spec.Refused("regions.join", "", "none of the %d places with people names a region of layer %s", in.peopled(), in.Regions.Name)
	}
	if kind := in.pointsOrLines(); kind != "" {
		return spec.Refused("regions", "a layer of areas, or regions.join: a column that both have",
			"layer %s holds %s, and no place can lie in one", in.Regions.Name, kind)
	}
	for _, t := range turns {
		inside := 0
		for i, p := range at {
			if q := t.back(p); in.People[i] > 0 && math.Abs(q[1]) <= 90 && in.Regions.Containing(q) >= 0 {
				inside++
			}
		}
		if inside > 0 {
			return spec.Refused("regions", t.accept, "none of the %d places with people lies in a region of layer %s; %s, %d would",
				in.peopled(), in.Regions.Name, t.with, inside)
		}
	}
	return spec.Refused("regions", "places and regions of one area, in degrees of longitude and latitude, or regions.join: a column that both have",
		"none of the %d places with people lies in a region of layer %s", in.peopled(), in.Regions.Name)
}

// pointsOrLines is what the regions are where they have shapes and none of them an area.
func (in *Ground) pointsOrLines() string {
	kind := ""
	for i := range in.Regions.Len() {
		switch in.Regions.Shape(i).(type) {
		case orb.Polygon, orb.MultiPolygon, orb.Ring, orb.Bound:
			return ""
		case orb.Point, orb.MultiPoint:
			kind = "points"
		case orb.LineString, orb.MultiLineString:
			kind = "lines"
		}
	}
	return kind
}

// peopled is how many places have people.
func (in *Ground) peopled() (n int) {
	for _, p := range in.People {
		if p > 0 {
			n++
		}
	}
	return n
}

// onePerRegion refuses or notes several features of one region, see [role.Regions].
// Regions that are joined by a field must differ in it already.
func (in *Ground) onePerRegion() error {
	if in.Spec.Regions.Join.Place != "" {
		return nil
	}
	doubts, err := role.Regions(in.Regions, in.RegionName)
	if err != nil {
		return fmt.Errorf("regions: %w", err)
	}
	for _, d := range doubts {
		in.doubt(in.Regions, d)
	}
	return nil
}

// Assign gives the region of each row of a layer: by the shared field if the
// spec names one and the layer has it, else by geometry; near says that the
// point lies off every region and the nearest was taken.
func (in *Ground) Assign(l *geo.Layer, at []orb.Point) (row []int, near []bool, err error) {
	if on := in.Spec.Regions.Join; on.Place != "" {
		ours, found := l.Column(on.Place)
		row, err := in.assignByField(l, ours, found)
		if err != nil {
			return nil, nil, spec.Within("regions.join", err)
		}
		if found {
			in.noteNamedElsewhere(l, at, row)
			return row, make([]bool, len(at)), nil
		}
	}
	if in.Regions.IsTable() {
		return nil, nil, fmt.Errorf("regions: layer %s has no shapes and layer %s no field %q to join by",
			in.Regions.Name, l.Name, in.Spec.Regions.Join.Place)
	}
	row, near = in.assignByShape(l, at)
	return row, near, nil
}

// assignByField gives the region that each row of a layer names. The places must
// have the field; another layer may lack it, and is then assigned by shape.
func (in *Ground) assignByField(l *geo.Layer, ours geo.Column, found bool) ([]int, error) {
	on := in.Spec.Regions.Join
	theirs, err := in.Regions.Texts(on.Region)
	if err != nil {
		return nil, err
	}
	index, err := in.regionsBy(theirs)
	if err != nil {
		return nil, err
	}
	if !found && l == in.Places {
		_, err := l.MustHave(on.Place)
		return nil, err
	}
	if !found {
		return nil, nil
	}
	codes, words := ours.Coded()
	row := make([]int, len(codes))
	keys, of := make([]string, len(words)), make([]int, len(words))
	for i, c := range codes { // each word once, however many places share it
		if row[i] = -1; c < 0 {
			continue
		}
		if keys[c] == "" {
			keys[c] = strings.TrimSpace(words[c])
			j, ok := index[keys[c]]
			if !ok {
				j = -1
			}
			of[c] = j
		}
		if keys[c] != "" {
			row[i] = of[c]
		}
	}
	m := geo.Meet(fmt.Sprintf("%s of layer %s as %s of layer %s", on.Place, l.Name, on.Region, in.Regions.Name), keys, theirs)
	if err := in.Met(m); err != nil {
		return nil, err
	}
	if m.Lost > 0 {
		in.Note("join", "text", m.String())
	}
	return row, nil
}

// farNamed is how far a place may lie outside of the box around its region: islands are
// often left out where regions are drawn in broad lines.
const farNamed geo.Metres = 50_000

// noteNamedElsewhere notes rows of a layer that lie far outside the box around the region
// that they name, as a wrong key, a shifted column or a geocoder's error makes them.
func (in *Ground) noteNamedElsewhere(l *geo.Layer, at []orb.Point, row []int) {
	if in.Regions.IsTable() {
		return
	}
	boxes := make([]orb.Bound, in.Regions.Len())
	for j := range boxes {
		boxes[j] = orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}} // of a region without an area nothing is known
		switch shape := in.Regions.Shape(j).(type) {
		case orb.Polygon, orb.MultiPolygon:
			boxes[j] = shape.Bound()
		}
	}
	n, such := 0, ""
	for i, p := range at {
		if row[i] < 0 || math.IsNaN(p[0]) || boxes[row[i]].Contains(p) {
			continue
		}
		if offBox(p, boxes[row[i]]) > farNamed {
			if n++; n == 1 {
				such = l.ID(i)
			}
		}
	}
	if n > 0 {
		in.Note("regions.named_elsewhere", "n", n, "of", len(at), "layer", l.Name, "field", in.Spec.Regions.Join.Place, "such", such)
	}
}

// offBox is how far a point lies from a box of degrees, across the antimeridian too.
func offBox(p orb.Point, b orb.Bound) geo.Metres {
	least := geo.Metres(math.Inf(1))
	for _, turn := range []float64{-360, 0, 360} {
		edge := orb.Point{min(max(p[0]+turn, b.Min[0]), b.Max[0]), min(max(p[1], b.Min[1]), b.Max[1])}
		least = min(least, geo.Distance(p, edge))
	}
	return least
}

// regionsBy are the rows of the regions by what a field of theirs says.
func (in *Ground) regionsBy(texts []string) (map[string]int, error) {
	index := make(map[string]int, len(texts))
	for i, t := range texts {
		if t = strings.TrimSpace(t); t == "" {
			continue
		}
		if j, twice := index[t]; twice {
			return nil, fmt.Errorf("regions %s and %s both have %s %q", in.Regions.ID(j), in.Regions.ID(i), in.Spec.Regions.Join.Region, t)
		}
		index[t] = i
	}
	return index, nil
}

// assignByShape gives the region that holds each point, else the nearest within
// reach of a coast.
func (in *Ground) assignByShape(l *geo.Layer, at []orb.Point) (row []int, near []bool) {
	row, near = make([]int, len(at)), make([]bool, len(at))
	several := 0
	var people float64
	for i, p := range at {
		row[i] = -1
		if math.IsNaN(p[0]) {
			continue
		}
		j, n := in.Regions.Holding(p)
		if n > 1 {
			several++
			if l == in.Places {
				people += in.People[i]
			}
		}
		row[i] = j
		if n == 0 {
			j, off := in.Regions.Locate(p, CoastReach)
			row[i], near[i] = j, off > 0
		}
	}
	if several > 0 && l == in.Places {
		in.Note("regions.overlap", "layer", in.Regions.Name, "n", several, "people", people)
	} else if several > 0 {
		in.Note("regions.overlap.sites", "layer", in.Regions.Name, "n", several, "of", l.Name)
	}
	return row, near
}

// strangers notes sites in whose group nobody lives: as a rule two codes for one
// country, such as GB and UK.
func (in *Ground) strangers() {
	known := map[string]bool{}
	for _, g := range in.Group {
		known[g] = true
	}
	count := map[string]int{}
	for _, s := range in.Sites {
		if !known[s.Group] {
			count[s.Group]++
		}
	}
	if len(count) == 0 {
		return
	}
	var of []string
	total := 0
	for _, g := range slices.Sorted(maps.Keys(count)) {
		of = append(of, fmt.Sprintf("%s (%d)", cmp.Or(g, "no group"), count[g]))
		total += count[g]
	}
	in.Note("sites.strangers", "n", total, "borders", in.Borders(), "groups", of)
}

// LoadBorders sorts places and sites into the groups of the border rule.
func (in *Ground) LoadBorders(context.Context) error {
	defer in.strangers()
	in.Group = make([]string, in.Places.Len())
	switch in.Spec.Travel.Borders.Rule {
	case "", "same-country":
		return in.groupByCountry()
	case "same-region":
		return in.groupByRegion()
	case "groups":
		return in.groupByColumn(in.Spec.Travel.Borders.Column)
	}
	return nil // free: all are one group
}

func setGroups(sites []Center, of func(i int, s *Center) string) {
	for i := range sites {
		sites[i].Group = of(i, &sites[i])
	}
}

// groupByCountry groups by the field country. Places without one are taken to lie
// in that of the sites, if that is one.
func (in *Ground) groupByCountry() error {
	only, one := "", true
	for i, s := range in.Sites {
		if i > 0 && s.Country != only {
			one = false
		}
		only = s.Country
	}
	if _, ok := in.Places.Column("country"); !ok {
		if !one {
			return spec.Refused("travel.borders", "a country for each place, or borders: free",
				"layer %s has no field country, and the sites are in several", in.Places.Name)
		}
		if only != "" {
			in.Note("regions.no_country", "country", only)
		}
		for i := range in.Country {
			in.Country[i] = only
		}
	}
	copy(in.Group, in.Country)
	setGroups(in.Sites, func(_ int, s *Center) string { return s.Country })
	setGroups(in.Doubtful, func(_ int, s *Center) string { return s.Country })
	setGroups(in.Candidates, func(_ int, s *Center) string {
		if s.Country == "" && one {
			return only
		}
		return s.Country
	})
	return nil
}

func (in *Ground) groupByRegion() error {
	if in.Regions == nil {
		return fmt.Errorf("travel.borders: same-region needs regions")
	}
	region := func(row int) string {
		if row < 0 {
			return "none"
		}
		return in.Regions.ID(row)
	}
	for i := range in.Group {
		in.Group[i] = region(in.Region[i])
	}
	of := func(_ int, s *Center) string { return region(s.Region) }
	setGroups(in.Sites, of)
	setGroups(in.Doubtful, of)
	setGroups(in.Candidates, of)
	return nil
}

// groupByColumn groups by a column that places, sites and candidates share.
func (in *Ground) groupByColumn(column string) error {
	mine, err := in.Places.Texts(column)
	if err != nil {
		return fmt.Errorf("travel.borders.groups: %w", err)
	}
	copy(in.Group, mine)
	for _, x := range []struct {
		l *geo.Layer
		s []Center
	}{{in.SiteFields, in.Sites}, {in.doubtfulFields, in.Doubtful}, {in.CandLayer, in.Candidates}} {
		if x.l == nil {
			continue
		}
		theirs, err := x.l.Texts(column)
		if err != nil {
			return fmt.Errorf("travel.borders.groups: %w", err)
		}
		setGroups(x.s, func(i int, _ *Center) string { return theirs[i] })
	}
	return nil
}

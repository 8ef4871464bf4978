package study

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strings"

	"careshed/geo"
	"careshed/geo/role"

	"github.com/paulmach/orb"
)

// coastReach is how far off a region's generalised border a place may lie and
// still belong to it.
const coastReach geo.Metres = 25_000

func (in *inputs) loadRegions(ctx context.Context) (err error) {
	r := in.spec.Regions
	in.region = make([]int, in.places.Len())
	for i := range in.region {
		in.region[i] = -1
	}
	if r == nil {
		return nil
	}
	if in.regions, err = in.layer(ctx, "regions", r.Layer, r.Where); err != nil {
		return err
	}
	in.regionName = make([]string, in.regions.Len())
	name, found := firstColumn(in.regions, "region_name", "name", "title")
	if r.Name != "" {
		if name, err = in.regions.MustHave(r.Name); err != nil {
			return fmt.Errorf("regions.name: %w", err)
		}
		found = true
	}
	for i := range in.regionName {
		in.regionName[i] = in.regions.ID(i)
		if found && !name.Null(i) {
			in.regionName[i] = name.Text(i)
		}
	}
	if err := in.onePerRegion(); err != nil {
		return err
	}
	at := make([]orb.Point, in.places.Len())
	for i := range at {
		at[i] = in.places.Point(i)
	}
	if in.region, in.coastal, err = in.assign(in.places, at); err != nil {
		return fmt.Errorf("places: %w", err)
	}
	var offshore, outside float64
	for i, row := range in.region {
		switch {
		case row < 0:
			outside += in.people[i]
		case in.coastal[i]:
			offshore += in.people[i]
		}
	}
	if offshore > 0 {
		in.note("regions.offshore", "people", offshore)
	}
	if outside == in.total {
		return fmt.Errorf("regions: no place lies in a region of layer %s; check regions.join and the layers", in.regions.Name)
	}
	if outside > 0 {
		in.note("regions.outside", "people", outside)
	}
	return nil
}

// onePerRegion refuses or notes several features of one region, see [role.Regions].
// Regions that are joined by a field must differ in it already.
func (in *inputs) onePerRegion() error {
	if in.spec.Regions.Join.Place != "" {
		return nil
	}
	doubts, err := role.Regions(in.regions, in.regionName)
	if err != nil {
		return fmt.Errorf("regions: %w", err)
	}
	for _, d := range doubts {
		in.doubt(in.regions, d)
	}
	return nil
}

// assign gives the region of each row of a layer: by the shared field if the
// spec names one and the layer has it, else by geometry; near says that the
// point lies off every region and the nearest was taken.
func (in *inputs) assign(l *geo.Layer, at []orb.Point) (row []int, near []bool, err error) {
	row, near = make([]int, len(at)), make([]bool, len(at))
	on := in.spec.Regions.Join
	if on.Place != "" {
		theirs, err := in.regions.Texts(on.Region)
		if err != nil {
			return nil, nil, fmt.Errorf("regions.join: %w", err)
		}
		index := make(map[string]int, len(theirs))
		for i, t := range theirs {
			if t = strings.TrimSpace(t); t == "" {
				continue
			}
			if j, twice := index[t]; twice {
				return nil, nil, fmt.Errorf("regions.join: regions %s and %s both have %s %q", in.regions.ID(j), in.regions.ID(i), on.Region, t)
			}
			index[t] = i
		}
		ours, found := l.Column(on.Place)
		if !found && l == in.places {
			_, err := l.MustHave(on.Place)
			return nil, nil, fmt.Errorf("regions.join: %w", err)
		}
		if found {
			codes, words := ours.Coded()
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
			m := geo.Meet(fmt.Sprintf("%s of layer %s as %s of layer %s", on.Place, l.Name, on.Region, in.regions.Name), keys, theirs)
			if err := in.met(m); err != nil {
				return nil, nil, fmt.Errorf("regions.join: %w", err)
			}
			if m.Lost > 0 {
				in.note("join", "text", m.String())
			}
			return row, near, nil
		}
	}
	if in.regions.IsTable() {
		return nil, nil, fmt.Errorf("regions: layer %s has no shapes and layer %s no field %q to join by", in.regions.Name, l.Name, on.Place)
	}
	several := 0
	var people float64
	for i, p := range at {
		row[i] = -1
		if math.IsNaN(p[0]) {
			continue
		}
		j, n := in.regions.Holding(p)
		if n > 1 {
			several++
			if l == in.places {
				people += in.people[i]
			}
		}
		row[i] = j
		if n == 0 {
			j, off := in.regions.Locate(p, coastReach)
			row[i], near[i] = j, off > 0
		}
	}
	if several > 0 && l == in.places {
		in.note("regions.overlap", "layer", in.regions.Name, "n", several, "people", people)
	} else if several > 0 {
		in.note("regions.overlap.sites", "layer", in.regions.Name, "n", several, "of", l.Name)
	}
	return row, near, nil
}

// strangers notes sites in whose group nobody lives: as a rule two codes for one
// country, such as GB and UK.
func (in *inputs) strangers() {
	known := map[string]bool{}
	for _, g := range in.group {
		known[g] = true
	}
	count := map[string]int{}
	for _, s := range in.sites {
		if !known[s.group] {
			count[s.group]++
		}
	}
	if len(count) == 0 {
		return
	}
	var of []string
	total := 0
	for _, g := range sorted(count) {
		of = append(of, fmt.Sprintf("%s (%d)", cmp.Or(g, "no group"), count[g]))
		total += count[g]
	}
	in.note("sites.strangers", "n", total, "borders", in.borders(), "groups", of)
}

// loadBorders sorts places and sites into the groups of the border rule.
func (in *inputs) loadBorders(context.Context) error {
	defer in.strangers()
	b := in.spec.Travel.Borders
	in.group = make([]string, in.places.Len())
	set := func(sites []center, of func(i int, s *center) string) {
		for i := range sites {
			sites[i].group = of(i, &sites[i])
		}
	}
	switch b.Rule {
	case "free":
		return nil
	case "", "same-country":
		only, one := "", true
		for i, s := range in.sites {
			if i > 0 && s.country != only {
				one = false
			}
			only = s.country
		}
		if _, ok := in.places.Column("country"); !ok {
			if !one {
				return fmt.Errorf("travel.borders: layer %s has no field country, and the sites are in several; accepted: a country for each place, or borders: free", in.places.Name)
			}
			if only != "" {
				in.note("regions.no_country", "country", only)
			}
			for i := range in.country {
				in.country[i] = only
			}
		}
		copy(in.group, in.country)
		set(in.sites, func(_ int, s *center) string { return s.country })
		set(in.doubtful, func(_ int, s *center) string { return s.country })
		set(in.candidates, func(_ int, s *center) string {
			if s.country == "" && one {
				return only
			}
			return s.country
		})
	case "same-region":
		if in.regions == nil {
			return fmt.Errorf("travel.borders: same-region needs regions")
		}
		region := func(row int) string {
			if row < 0 {
				return "none"
			}
			return in.regions.ID(row)
		}
		for i := range in.group {
			in.group[i] = region(in.region[i])
		}
		of := func(_ int, s *center) string { return region(s.region) }
		set(in.sites, of)
		set(in.doubtful, of)
		set(in.candidates, of)
	case "groups":
		mine, err := in.places.Texts(b.Column)
		if err != nil {
			return fmt.Errorf("travel.borders.groups: %w", err)
		}
		copy(in.group, mine)
		for _, x := range []struct {
			l *geo.Layer
			s []center
		}{{in.siteFields, in.sites}, {in.doubtfulFields, in.doubtful}, {in.candLayer, in.candidates}} {
			if x.l == nil {
				continue
			}
			theirs, err := x.l.Texts(b.Column)
			if err != nil {
				return fmt.Errorf("travel.borders.groups: %w", err)
			}
			set(x.s, func(i int, _ *center) string { return theirs[i] })
		}
	}
	return nil
}

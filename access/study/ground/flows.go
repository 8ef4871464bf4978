package ground

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"careshed/access"
	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/role"
	"careshed/geo/travel"
)

// Observed is who was seen to go where: the flows of the spec between their areas
// and the sites that infuse.
type Observed struct {
	*access.Flows          // areas by sites
	Areas         []string // as the table calls them
	Open          []int    // the site of each column of the matrix
	Elsewhere     float64  // seen at sites that the study does not have, or that do not infuse
	Astray        float64  // of areas that the study does not have
	Fit           *access.ChoiceFit
	Choices       *access.Choices // what it was fitted to

	area  []int     // of each place, -1 none
	share []float64 // of each place in the people of its area
	ways  *travel.Matrix
}

// Flows are those of the spec, read when a part of the study first asks for them;
// nil without.
func (in *Ground) Flows(ctx context.Context) (*Observed, error) {
	if in.Spec.Flows == nil || in.observed != nil {
		return in.observed, nil
	}
	o := &Observed{Open: Goals(in.Sites)}
	from, to, count, err := in.readFlows(ctx, o)
	if err != nil {
		return nil, err
	}
	if o.ways, err = in.Matrix(ctx, in.Sites, o.Open, travel.Unreached); err != nil {
		return nil, err
	}
	if o.Flows, err = access.NewFlows(o.between(len(o.Areas)), from, to, count); err != nil {
		return nil, fmt.Errorf("flows: layer %s: %w", in.Spec.Flows.Layer, err)
	}
	in.noteFlows(o)
	in.observed = o
	return o, nil
}

// readFlows reads the table, and finds its areas among the places and its sites.
func (in *Ground) readFlows(ctx context.Context, o *Observed) (from, to []int, count []float64, err error) {
	f := in.Spec.Flows
	l, err := in.Layer(ctx, "flows", f.Layer, nil)
	if err != nil {
		return nil, nil, nil, err
	}
	origins, err := l.Texts(f.From)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("flows.from: %w", err)
	}
	goals, err := l.Texts(f.To)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("flows.to: %w", err)
	}
	number, err := in.read(role.Count, l, f.Count)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("flows.count: %w", err)
	}
	if whole := sharesOf(origins, number); whole > 0 {
		in.doubt(l, geo.Doubt{Text: fmt.Sprintf("%s adds up to %d for each origin: is it a share, and not the number of people?", f.Count, whole)})
	}
	known, err := in.areasOf()
	if err != nil {
		return nil, nil, nil, err
	}
	site, all := map[string]int{}, []string{}
	for column, j := range o.Open {
		site[strings.TrimSpace(in.Sites[j].ID)] = column
		all = append(all, in.Sites[j].ID)
	}
	if err := in.Met(geo.Meet(fmt.Sprintf("sites in %s of %s", f.To, f.Layer), goals, all)); err != nil {
		return nil, nil, nil, &spec.SpecError{Field: "flows.to", Problem: err.Error()}
	}
	if err := in.Met(geo.Meet(fmt.Sprintf("origins in %s of %s", f.From, f.Layer), origins, known)); err != nil {
		return nil, nil, nil, &spec.SpecError{Field: "flows.from", Problem: err.Error()}
	}
	o.area = slices.Repeat([]int{-1}, len(known))
	areas := o.name(origins, known)
	seen := pairs{l, map[[2]string]int{}}
	for row, n := range number {
		pair := [2]string{strings.TrimSpace(origins[row]), strings.TrimSpace(goals[row])}
		area, lives := areas[pair[0]]
		column, open := site[pair[1]]
		if err := seen.alone(row, pair, lives, open); err != nil {
			return nil, nil, nil, err
		}
		switch {
		case !lives:
			o.Astray += known0(n)
		case !open:
			o.Elsewhere += known0(n)
		default:
			from, to, count = append(from, area), append(to, column), append(count, n)
		}
	}
	o.weigh(in.People)
	return from, to, count, nil
}

// sharesOf is 100 or 1 where the numbers of nearly every origin with several rows add up to that,
// as percentages and shares do that were rounded, with decimals among shares; 0 if they are none.
func sharesOf(origins []string, number []float64) int {
	sums, rows, whole := map[string]float64{}, map[string]float64{}, true
	for i, n := range number {
		sums[origins[i]] += known0(n)
		rows[origins[i]]++
		whole = whole && known0(n) == math.Trunc(known0(n))
	}
	of, all := map[int]int{}, 0
	for o, sum := range sums {
		if rows[o] < 2 || sum == 0 {
			continue
		}
		slip := min(2, 0.51+0.5*(rows[o]-2)) // each is rounded by half of a percent at most
		switch all++; {
		case math.Abs(sum-100) <= slip:
			of[100]++
		case math.Abs(sum-1) <= slip/100 && !whole:
			of[1]++
		}
	}
	for _, total := range []int{100, 1} {
		if n := of[total]; n >= 2 && (n == all || n >= 4 && n*10 >= all*9) {
			return total
		}
	}
	return 0
}

// pairs are those of origins and sites in the rows of flows so far.
type pairs struct {
	l     *geo.Layer
	first map[[2]string]int // the row
}

// alone refuses a row of the flows that holds what others hold: of a pair that another
// row has, as two years or two sexes of it, or of all origins or sites together.
func (p pairs) alone(row int, pair [2]string, lives, open bool) error {
	if other, twice := p.first[pair]; twice && lives && open {
		return fmt.Errorf("flows: layer %s: rows %d and %d are of the same origin and site (%s, %s): their numbers could be parts of a sum or the same twice; "+
			"accepted: a row for each pair", p.l.Name, other+1, row+1, pair[0], pair[1])
	}
	p.first[pair] = row
	for k, known := range []bool{lives, open} {
		if !known && role.IsTotal(pair[k]) {
			return fmt.Errorf("flows: layer %s: row %d is called %q, and holds what others hold together; accepted: the file without such rows",
				p.l.Name, row+1, pair[k])
		}
	}
	return nil
}

func known0(n float64) float64 {
	if math.IsNaN(n) {
		return 0
	}
	return n
}

// areasOf is what the origins of the flows could name, of each place.
func (in *Ground) areasOf() ([]string, error) {
	f := in.Spec.Flows
	out := make([]string, in.Places.Len())
	switch by := cmp.Or(f.By, "place"); by {
	case "place":
		for i := range out {
			out[i] = strings.TrimSpace(in.Places.ID(i))
		}
		return out, Identify("flows.from", in.Places, out)
	case "region":
		for i, row := range in.Region {
			if row >= 0 {
				out[i] = strings.TrimSpace(in.Regions.ID(row))
			}
		}
	default:
		c, err := in.Places.MustHave(by)
		if err != nil {
			return nil, fmt.Errorf("flows.by: %w", err)
		}
		for i := range out {
			out[i] = strings.TrimSpace(c.Text(i))
		}
	}
	return out, nil
}

// name numbers the areas that the table has and in which a place lies, in the order
// of the table, and gives each place its own.
func (o *Observed) name(origins, of []string) map[string]int {
	lived, areas := map[string]bool{}, map[string]int{}
	for _, a := range of {
		lived[a] = a != ""
	}
	for _, a := range origins {
		if a = strings.TrimSpace(a); lived[a] {
			if _, there := areas[a]; !there {
				areas[a] = len(o.Areas)
				o.Areas = append(o.Areas, a)
			}
		}
	}
	for i, a := range of {
		if k, ok := areas[a]; ok {
			o.area[i] = k
		}
	}
	return areas
}

// weigh gives each place its share of the people of its area; where nobody lives in
// an area its places count alike.
func (o *Observed) weigh(people []float64) {
	all, places := make([]float64, len(o.Areas)), make([]float64, len(o.Areas))
	for i, a := range o.area {
		if a >= 0 {
			all[a] += people[i]
			places[a]++
		}
	}
	o.share = make([]float64, len(o.area))
	for i, a := range o.area {
		switch {
		case a < 0:
		case all[a] > 0:
			o.share[i] = people[i] / all[a]
		default:
			o.share[i] = 1 / places[a]
		}
	}
}

// between is the matrix of areas: the mean time over the people of an area who have
// a way to a site, where those are half of them or more.
func (o *Observed) between(areas int) *travel.Matrix {
	width := len(o.Open)
	m := &travel.Matrix{Places: areas, Sites: width, Start: make([]int, 1, areas+1)}
	share, time := make([]float64, areas*width), make([]float64, areas*width)
	o.legs(func(_, at int, w float64, t travel.Seconds) {
		share[at] += w
		time[at] += w * float64(t)
	})
	for a := range areas {
		for j := range width {
			if at := a*width + j; share[at] >= 0.5*(1-1e-9) {
				m.Site, m.Time = append(m.Site, int32(j)), append(m.Time, travel.Seconds(time[at]/share[at]))
			}
		}
		m.Start = append(m.Start, len(m.Site))
	}
	return m
}

// legs gives each leg of a place with its cell among areas and sites, and the share
// that the place has of its area.
func (o *Observed) legs(each func(leg, at int, share float64, t travel.Seconds)) {
	for i, a := range o.area {
		if a < 0 || o.share[i] == 0 {
			continue
		}
		for leg := o.ways.Start[i]; leg < o.ways.Start[i+1]; leg++ {
			each(leg, a*len(o.Open)+int(o.ways.Site[leg]), o.share[i], o.ways.Time[leg])
		}
	}
}

// Choose fits terms to the flows. The people of an area choose as those of its places
// do; its own terms, means over its people, only say what tells its sites apart.
func (in *Ground) Choose(ctx context.Context, names []string) (*Observed, error) {
	o, err := in.Flows(ctx)
	if err != nil || o.Fit != nil {
		return o, err
	}
	terms, err := in.Terms(names, o.Open)
	if err != nil {
		return nil, err
	}
	places, err := access.NewChoices(o.ways, nil, terms)
	if err != nil {
		return nil, err
	}
	k, m := len(terms), o.Matrix
	share, x := make([]float64, m.Places*m.Sites), make([]float64, m.Places*m.Sites*k)
	o.legs(func(leg, at int, w float64, _ travel.Seconds) {
		share[at] += w
		for a := range k {
			x[at*k+a] += w * places.X[leg*k+a]
		}
	})
	c := &access.Choices{Matrix: m, Count: o.Count, Names: places.Names}
	if w := in.Spec.Flows.Withheld; len(w) == 2 {
		c.Withheld = [2]float64{w[0], w[1]}
	} else if slices.ContainsFunc(o.Count, math.IsNaN) {
		return nil, &spec.SpecError{Field: "flows.withheld", Problem: "is missing: pairs have no number, and left out they would make a fit too steep",
			Accept: "the range in which these numbers lie, such as [1, 4]"}
	}
	for a := range m.Places {
		for leg := m.Start[a]; leg < m.Start[a+1]; leg++ {
			at := a*m.Sites + int(m.Site[leg])
			for n := range k {
				c.X = append(c.X, x[at*k+n]/share[at])
			}
		}
	}
	if by := in.Spec.Flows.By; by != "" && by != "place" {
		c.Within = &access.Within{Places: places, Of: make([][]int, m.Places), Share: o.share}
		for i, a := range o.area {
			if a >= 0 && o.share[i] > 0 {
				c.Within.Of[a] = append(c.Within.Of[a], i)
			}
		}
	}
	if o.Fit, err = c.Fit(); err != nil {
		return nil, fmt.Errorf("measures.choice.fit: %w", err)
	}
	o.Choices = c
	return o, nil
}

// Terms are what a choice may weigh, by their names, between places and the sites
// that are open.
func (in *Ground) Terms(names []string, open []int) (out []access.Term, err error) {
	for _, name := range names {
		var t access.Term
		switch name {
		case "minutes":
			t = access.Minutes()
		case "log_minutes":
			t = access.LogMinutes()
		case "border":
			t, err = in.border(open)
		case "region_border":
			t, err = in.regionBorder(open)
		default:
			t, err = in.ofSite(name, open)
		}
		if err != nil {
			return nil, err
		}
		t.Name = name
		out = append(out, t)
	}
	return out, nil
}

func crossed(same bool) float64 { return float64(Bit(!same)) }

// border is 1 between a place and a site of different countries.
func (in *Ground) border(open []int) (access.Term, error) {
	for i, c := range in.Country {
		if c == "" {
			return access.Term{}, &spec.SpecError{Field: "measures.choice", Problem: fmt.Sprintf("border: place %s has no country", in.Places.ID(i)),
				Accept: "a column country for all places and sites"}
		}
	}
	for _, j := range open {
		if in.Sites[j].Country == "" {
			return access.Term{}, &spec.SpecError{Field: "measures.choice", Problem: fmt.Sprintf("border: site %s has no country", in.Sites[j].ID),
				Accept: "a column country for all places and sites"}
		}
	}
	return access.Term{Of: func(i, j int, _ travel.Seconds) float64 { return crossed(in.Country[i] == in.Sites[open[j]].Country) }}, nil
}

// regionBorder is 1 between a place and a site of different regions; what lies in
// none is in a region of its own.
func (in *Ground) regionBorder(open []int) (access.Term, error) {
	if in.Regions == nil {
		return access.Term{}, &spec.SpecError{Field: "measures.choice", Problem: "region_border: the study has no regions", Accept: "regions"}
	}
	return access.Term{Of: func(i, j int, _ travel.Seconds) float64 {
		return crossed(in.Region[i] >= 0 && in.Region[i] == in.Sites[open[j]].Region)
	}}, nil
}

// ofSite is a field of the sites, or its logarithm.
func (in *Ground) ofSite(name string, open []int) (access.Term, error) {
	field, take := name, func(v float64) float64 { return v }
	if _, own := in.SiteFields.Column(name); !own && strings.HasPrefix(name, "log_") {
		field, take = strings.TrimPrefix(name, "log_"), math.Log
	}
	all, err := in.siteNumbers(field)
	if err != nil {
		return access.Term{}, fmt.Errorf("measures.choice: %s is none of minutes, log_minutes, border, region_border, and no field of the sites: %w",
			name, err)
	}
	value := make([]float64, len(open))
	for k, j := range open {
		row := in.Sites[j].Row
		if row < 0 {
			return access.Term{}, fmt.Errorf("measures.choice: site %s was opened by a scenario and has no %s", in.Sites[j].ID, field)
		}
		if value[k] = take(all[row]); math.IsNaN(value[k]) || math.IsInf(value[k], 0) {
			return access.Term{}, fmt.Errorf("measures.choice: %s of site %s is %v; accepted: a number, above 0 for a logarithm",
				field, in.Sites[j].ID, all[row])
		}
	}
	return access.Term{Of: func(_, j int, _ travel.Seconds) float64 { return value[j] }}, nil
}

// siteNumbers is a field of the sites: numbers, or yes and no as 1 and 0.
func (in *Ground) siteNumbers(field string) ([]float64, error) {
	if c, ok := in.SiteFields.Column(field); ok && c.Type == geo.Bool {
		return c.Values(), nil
	}
	return in.read(role.Rank, in.SiteFields, field)
}

// noteFlows says what the table leaves open.
func (in *Ground) noteFlows(o *Observed) {
	if o.Astray > 0 {
		in.Note("flows.astray", "patients", o.Astray)
	}
	if o.Elsewhere > 0 {
		in.Note("flows.elsewhere", "patients", o.Elsewhere)
	}
	var outside float64
	for _, n := range o.Outside {
		outside += n
	}
	if outside > 0 {
		in.Note("flows.outside", "patients", outside)
	}
	if n := o.Withheld(); n > 0 {
		in.Note("flows.withheld", "n", n)
	}
	if by := in.Spec.Flows.By; by != "" && by != "place" {
		in.Note("flows.areas", "n", len(o.Areas))
	}
}

package sheet

import (
	"cmp"
	"math"
	"slices"

	"careshed/access"
	"careshed/access/study"
	"careshed/geo"
)

// people are the places of a region, or all.
type people struct {
	places table
	rows   []int
	weight []float64
	time   []float64
}

func newPeople(places table, rows []int) *people {
	p := &people{places: places, rows: rows}
	p.weight, p.time = p.column("population"), p.column("time_min")
	return p
}

func all(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return rows
}

// column is the values of a column of these places, NaN without it.
func (p *people) column(name string) []float64 {
	out := make([]float64, len(p.rows))
	c, ok := p.places.Column(name)
	for k, i := range p.rows {
		out[k] = math.NaN()
		if ok {
			out[k] = c.Number(i)
		}
	}
	return out
}

// timed are the people who have a time.
func (p *people) timed() (sum study.Num) {
	for k, t := range p.time {
		if !math.IsNaN(t) {
			sum += study.Num(p.weight[k])
		}
	}
	return sum
}

// wholeFigures are the figures of the study.
func (m *Maker) wholeFigures() Figures {
	all := newPeople(m.places, all(m.places.Len()))
	sum := &m.result.Summary
	f := Figures{People: sum.Population, Centers: sum.Sites.Campuses, Rows: sum.Sites.Rows, Timed: all.timed(), BeyondMin: m.limit()}
	f.Per10m = density(f.Centers, f.People)
	status, _ := all.places.Column("status")
	for k, i := range all.rows {
		if math.IsNaN(all.time[k]) {
			if status.Text(i) == "sea" {
				f.Sea += study.Num(all.weight[k])
			} else {
				f.Unreached += study.Num(all.weight[k])
			}
		}
		if !(all.time[k] <= float64(f.BeyondMin)) {
			f.PeopleBeyond += study.Num(all.weight[k])
		}
	}
	t := access.NewWeighted(all.time, all.weight).Stats()
	evidence := m.evidenceOfTimes()
	f.MeanTime, f.MedianTime, f.P90Time = m.value("", study.Num(t.Mean), "mean_time_min", evidence), m.value("", study.Num(t.Median), "median_time_min", evidence), m.value("", study.Num(t.P90), "p90_time_min", evidence)
	f.ShareBeyond = m.value("", f.PeopleBeyond/f.People, "share_beyond", evidence)
	f.Eligible = Value{Value: none, Low: none, High: none}
	f.Treatments = []Treatments{}
	if p := sum.Penalty; p != nil {
		f.Eligible = m.value("", p.Eligible, "", "demand.eligible_per_100k")
		for _, c := range p.Curves {
			f.Treatments = append(f.Treatments, treatments(c.Beyond, m.value("", c.Treated, "treated_"+c.Beyond, "penalty.effect"), m.value("", c.Foregone, "foregone_"+c.Beyond, "penalty.effect")))
		}
	}
	f.doubt(m.unsure()...)
	return f
}

// figures are those of a region, from its row.
func (m *Maker) figures(row int, own *people) Figures {
	id := m.regions.ID(row)
	at := func(name string) study.Num { return m.regions.number(name, row) }
	evidence := m.evidenceOfTimes()
	value := func(column, evidence string) Value { return m.value(id, at(column), column, evidence) }
	f := Figures{People: at("population"), Centers: int(at("centers")), Rows: int(at("rows")), Timed: own.timed(), Sea: at("people_sea"), Unreached: at("people_unreached"),
		MeanTime: value("mean_time_min", evidence), MedianTime: value("median_time_min", evidence), P90Time: value("p90_time_min", evidence),
		BeyondMin: m.limit(), PeopleBeyond: at("people_beyond"), ShareBeyond: value("share_beyond", evidence),
		Eligible: value("eligible", "demand.eligible_per_100k"), Treatments: []Treatments{}}
	f.Per10m = density(f.Centers, f.People)
	if p := m.result.Summary.Penalty; p != nil {
		for _, c := range p.Curves {
			f.Treatments = append(f.Treatments, treatments(c.Beyond, value("treated_"+c.Beyond, "penalty.effect"), value("foregone_"+c.Beyond, "penalty.effect")))
		}
	}
	f.doubt(m.gapOf(row))
	return f
}

// columnsOf are the columns of results that the figures are those of, by their names.
var columnsOf = map[string]string{
	"centers": "centers", "rows": "rows", "per_10m": "per_10m", "people_with_time": "people_unreached", "people_sea": "people_sea",
	"people_unreached": "people_unreached", "mean_time_min": "mean_time_min", "median_time_min": "median_time_min", "p90_time_min": "p90_time_min",
	"people_beyond": "people_beyond", "share_beyond": "share_beyond", "treated": "treated_hold", "foregone": "foregone_hold",
	"foregone_share": "foregone_hold",
}

// doubt says which figures are not to be taken as they stand, where the list says so of
// their region, and of means that leave out many.
func (f *Figures) doubt(gaps ...access.Gap) {
	f.Doubts = map[string][]string{}
	for name, column := range columnsOf {
		var whys []string
		for _, gap := range append(gaps, "") {
			for _, why := range doubtsOf(column, gap, f.without()) {
				if !slices.Contains(whys, why) {
					whys = append(whys, why)
				}
			}
		}
		if len(whys) > 0 {
			f.Doubts[name] = whys
		}
	}
}

// unsureShare is the share of the people of the whole above which the doubt about their
// regions is one about the whole.
const unsureShare = 0.1

// unsure are the doubts about the regions in which more than a tenth of all people live.
func (m *Maker) unsure() (out []access.Gap) {
	people, all := m.unsurePeople()
	for _, gap := range []access.Gap{access.Stated, access.Doubtful, access.Incomplete, access.Unknown} {
		if people[gap] > unsureShare*all {
			out = append(out, gap)
		}
	}
	return out
}

// unsurePeople are the people of regions by what the list says, where that is not sure,
// and all people.
func (m *Maker) unsurePeople() (of map[access.Gap]study.Num, all study.Num) {
	of = map[access.Gap]study.Num{}
	for i := range m.regions.rows() {
		n := m.regions.number("population", i)
		all += n
		if gap := access.Gap(m.regions.text("gap", i)); gap.Unsure() {
			of[gap] += n
		}
	}
	return of, all
}

// doubtsOf are those about a column of results.
func doubtsOf(column string, gap access.Gap, without float64) []string {
	c, _ := study.ColumnOf(column)
	return c.Doubts(gap, without)
}

// without is the share of the people who have no way to a center.
func (f *Figures) without() float64 { return float64((f.People - f.Timed) / f.People) }

func treatments(beyond string, treated, foregone Value) Treatments {
	return Treatments{beyond, treated, foregone, foregone.Value / (treated.Value + foregone.Value)}
}

func density(centers int, people study.Num) study.Num {
	v, err := access.PerPeople(centers, float64(people), 10_000_000)
	if err != nil {
		return none // nobody lives there
	}
	return study.Num(v)
}

// limit is the minutes beyond which people are beyond reach.
func (m *Maker) limit() study.Num {
	if g := m.result.Summary.Gaps; g != nil {
		return g.BeyondMin
	}
	return 120
}

// evidenceOfTimes is the row that times rest on, "" where they are not modelled.
func (m *Maker) evidenceOfTimes() string {
	if m.result.Manifest.Engine.Name == "crow" {
		return "crow.speed"
	}
	return ""
}

// only is the one value of a column of text, "" if there are several.
func only(t table, name string) string {
	c, ok := t.Column(name)
	if !ok || t.Len() == 0 {
		return ""
	}
	for i := range t.Len() {
		if c.Text(i) != c.Text(0) {
			return ""
		}
	}
	return c.Text(0)
}

// wholeGaps are the regions by what the list says of them.
func (s *Sheet) wholeGaps() {
	g := s.from.result.Summary.Gaps
	if g == nil {
		return
	}
	for _, w := range []access.Gap{access.NoCenter, access.Doubtful, access.Stated, access.Incomplete, access.Unknown} {
		if names := g.Names[string(w)]; len(names) > 0 {
			s.Gaps = append(s.Gaps, GapSet{string(w), names})
		}
	}
}

// trusted reports whether a number of centers is what it seems: some, or none of
// which the list says so.
func trusted(centers study.Num, gap string) bool {
	return centers > 0 || access.Gap(gap) == access.NoCenter
}

// rank places the region among those of its country. A region without a center
// has a place only where the list bears that out.
func (s *Sheet) rank() {
	l := s.from.regions
	if !known(s.Figures.Per10m) {
		s.Missing["rank"] = "nobody"
		return
	}
	if !trusted(study.Num(s.Figures.Centers), s.Gap) {
		s.Missing["rank"] = s.Gap
		return
	}
	r := &Rank{Among: "regions", Place: 1, Tied: -1}
	for i := range l.rows() {
		centers, people := l.number("centers", i), l.number("population", i)
		if l.text("country", i) != s.Country || !(people > 0) {
			continue
		}
		if !trusted(centers, l.text("gap", i)) {
			r.Unranked++
			continue
		}
		r.Of++
		switch d := density(int(centers), people); {
		case d > s.Figures.Per10m:
			r.Place++
		case d == s.Figures.Per10m:
			r.Tied++
		}
	}
	if r.Of < 2 {
		s.Missing["rank"] = "alone"
		return
	}
	s.Rank = r
}

// Peer is a country to compare a country with. Published is the count that
// somebody published of its centers, NaN or 0 if nobody did.
type Peer struct {
	Country   string
	Centers   int
	People    study.Num
	Published study.Num
}

// Peers are countries by their density, with what the layer countries knows of
// published counts; nil: nothing.
func Peers(rows []study.DensityCountry, countries *geo.Layer) []Peer {
	published := map[string]study.Num{}
	t := table{countries}
	for i := range t.rows() {
		published[cmp.Or(t.text("country", i), t.ID(i))] = t.number("published_centers", i)
	}
	var out []Peer
	for _, r := range rows {
		p, ok := published[r.Country]
		if !ok {
			p = none
		}
		out = append(out, Peer{r.Country, r.Campuses, r.Population, p})
	}
	return out
}

// Among places a country among others by the lists of centers, and says which
// places it could have were the published counts right instead. It does nothing
// to the sheet of a region, or of a country that is not among them.
func (s *Sheet) Among(peers []Peer) {
	if s.row >= 0 {
		return
	}
	// Of a country without a listed or a published center nothing is known: it has
	// no place, and takes none.
	peers = slices.DeleteFunc(slices.Clone(peers), func(p Peer) bool { return p.Centers == 0 && !(p.Published > 0) })
	at := slices.IndexFunc(peers, func(p Peer) bool { return p.Country == s.Country })
	if at < 0 || len(peers) < 2 || !known(s.Figures.Per10m) {
		return
	}
	s.alikeCountries(slices.DeleteFunc(slices.Clone(peers), func(p Peer) bool { return p.Country == s.Country || p.Centers == 0 }))
	// A list may be short of the published count, or of a wider definition.
	span := func(p Peer) (listed, low, high study.Num) {
		listed = density(p.Centers, p.People)
		low, high = listed, listed
		if p.Published > 0 {
			d := study.Num(float64(p.Published) * 1e7 / float64(p.People))
			low, high = min(low, d), max(high, d)
		}
		return listed, low, high
	}
	own, low, high := span(peers[at])
	r := &Rank{Among: "countries", Place: 1, Best: 1, Worst: 1, Of: len(peers)}
	for i, p := range peers {
		if i == at {
			continue
		}
		d, least, most := span(p)
		switch {
		case d > own:
			r.Place++
		case d == own:
			r.Tied++
		}
		if least > high {
			r.Best++
		}
		if most > low {
			r.Worst++
		}
	}
	s.Rank = r
	delete(s.Missing, "rank")
}

// center is where most of the people with a time go.
func (s *Sheet) center(p *people) {
	sites := s.from.sites
	c, ok := p.places.Column("site_id")
	if !ok || sites.Layer == nil {
		s.Missing["center"] = "no time"
		return
	}
	type use struct {
		most                        map[string]float64 // people by site of the campus
		people, km, straight, hours float64
	}
	of := map[string]*use{}
	var order []string // in the order of the places, that equals fall the same way
	km, straight := p.column("distance_km"), p.column("geodesic_km")
	for k, i := range p.rows {
		w := p.weight[k]
		if math.IsNaN(p.time[k]) || !(w > 0) {
			continue
		}
		id := c.Text(i)
		campus := id
		if row, ok := sites.find(id); ok {
			campus = cmp.Or(sites.text("campus_id", row), id)
		}
		u := of[campus]
		if u == nil {
			u = &use{most: map[string]float64{}}
			of[campus], order = u, append(order, campus)
		}
		u.most[id] += w
		u.people, u.km, u.straight, u.hours = u.people+w, u.km+w*km[k], u.straight+w*straight[k], u.hours+w*p.time[k]
	}
	if len(order) == 0 {
		s.Missing["center"] = "no time"
		return
	}
	best := order[0]
	for _, id := range order {
		if of[id].people > of[best].people {
			best = id
		}
	}
	u := of[best]
	id := ""
	for site, n := range u.most {
		if id == "" || n > u.most[id] || n == u.most[id] && site < id {
			id = site
		}
	}
	out := &Center{ID: id, Name: id, People: study.Num(u.people), Share: study.Num(u.people) / s.Figures.People,
		Geodesic: study.Num(u.straight / u.people), Distance: study.Num(u.km / u.people), Time: study.Num(u.hours / u.people), Used: len(order)}
	if row, ok := sites.find(id); ok {
		out.Name, out.Region = cmp.Or(sites.text("name", row), id), sites.text("region_id", row)
		out.RegionName = s.from.regions.name(out.Region)
	}
	// It is a mean of those who have a way, and rests on the list as their times do.
	out.Doubts = s.Figures.Doubts["mean_time_min"]
	s.Center = out
}

// name is that of a region by its id.
func (t table) name(id string) string {
	if row, ok := t.find(id); ok {
		return t.text("name", row)
	}
	return ""
}

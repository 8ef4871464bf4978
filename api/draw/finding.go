package draw

import (
	"cmp"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"careshed/access"
	"careshed/access/study"
	"careshed/access/study/ground"
	"careshed/api/words"
	"careshed/geo"
)

// subject is what a column is about: it decides which sentence and which notes
// stand on the map.
type subject int

const (
	other    subject = iota
	centers          // how many there are
	way              // to the nearest
	patients         // treated or not
)

// density is the column of centers per 10 million people.
const density = "per_10m"

func subjectOf(column string) subject {
	c, _ := study.ColumnOf(column)
	return map[study.Subject]subject{study.AboutCenters: centers, study.AboutWays: way, study.AboutPatients: patients}[c.Subject]
}

// Finding is what a study found of a column of its regions, in a sentence or two: what
// stands under the title of its map.
func Finding(r *study.Result, column string, say *words.Language) (string, error) {
	l := r.Layer("regions")
	if l == nil {
		return "", &OptionError{Option: "layer", Problem: "the study has no regions"}
	}
	d, err := newDrawing(l, Options{Column: column, Words: say})
	if err != nil {
		return "", err
	}
	d.found(r)
	return d.subtitle, nil
}

// found puts what the study found on the map: title, sentence, notes, sources;
// of a scenario what it changes.
func (d *drawing) found(r *study.Result) {
	if g := r.Summary.Gaps; g != nil {
		d.limit = float64(g.BeyondMin)
	}
	if p := r.Summary.Penalty; p != nil {
		d.patients = d.say.Patients(p.Indications)
	}
	if scenario, changed := scenarioOf(r, d.layer.Name, d.column.Name); scenario != "" {
		d.foundIn(scenario, changed, r)
	} else {
		d.foundToday(r)
		headline, sentence := d.finding(&r.Summary)
		if d.title == "" {
			if d.title = r.Spec.Title; d.title == "" || d.country(r) != "" {
				d.title = d.heading(r) + headline
			}
		}
		d.subtitle = cmp.Or(d.subtitle, sentence)
	}
	d.foremost = len(d.notes)
	switch {
	case d.column.Name == density:
		d.notes = append(d.notes, d.say.Say("map.note.density", "low", access.DensityLow, "high", access.DensityHigh))
	case d.subject == centers:
		d.notes = append(d.notes, d.say.Say("map.note.centers"))
	}
	for _, n := range r.Summary.Notes {
		if d.concerned(n.About) {
			d.notes = append(d.notes, n.In(d.say))
		}
	}
	for _, name := range []string{"regions", "sites", "places"} {
		if l := r.Layer(name); l != nil && l.Attribution != "" {
			d.sources = append(d.sources, d.say.Say("map.source."+name, "credit", credit(l)))
		}
	}
}

// onMap says in a few words what layers of ours say of their rows: there are
// no rows on a map.
var onMap = strings.NewReplacer(
	"the source named in each row", "careshed's sourced list",
	"; populations: the statistical offices named in population_source", ", official statistics",
	" (settlements); national statistical offices (totals)", ", official statistics",
	"; figures with their source", "", "facts, with their source in each row", "")

// credit names whom a layer comes from.
func credit(l *geo.Layer) string {
	what := onMap.Replace(l.Attribution)
	if licence := onMap.Replace(l.Licence); licence != "" {
		what += " (" + licence + ")"
	}
	return what
}

// heading is the title of a study before a headline, or its name.
func (d *drawing) heading(r *study.Result) string {
	if country := d.country(r); country != "" {
		return country + d.say.Say("join.colon")
	}
	return heading(cmp.Or(r.Spec.Title, r.Spec.Name), d.say.Say("join.colon"))
}

// country is the country of a study that is called by it alone, by name or code, and has
// all its places there, in the language of the map; "" of any other study.
func (d *drawing) country(r *study.Result) string {
	code := words.CountryCode(cmp.Or(r.Spec.Title, r.Spec.Name))
	if !placesOf(r, code) {
		return ""
	}
	return d.say.Country(code)
}

// placesOf reports whether all places are of one country.
func placesOf(r *study.Result, code string) bool {
	l := r.Layer("places")
	if l == nil {
		return false
	}
	c, ok := l.Column("country")
	for i := range l.Len() {
		if !ok || !strings.EqualFold(c.Text(i), code) {
			return false
		}
	}
	return ok && l.Len() > 0
}

// heading makes a name fit to stand before a headline: "us" is US, "what-if" What if.
func heading(name, colon string) string {
	name = strings.TrimSpace(strings.NewReplacer("-", " ", "_", " ").Replace(name))
	if name == "" {
		return ""
	}
	if utf8.RuneCountInString(name) <= 3 {
		return strings.ToUpper(name) + colon
	}
	first, n := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + name[n:] + colon
}

// concerned reports whether a note about some numbers is about what the map shows.
func (d *drawing) concerned(about study.Subject) bool {
	numbers := d.subject == patients || d.subject == other
	switch about {
	case ground.AboutWays:
		return d.subject != centers
	case ground.AboutStraight:
		return strings.Contains(d.column.Name, "_km")
	case ground.AboutPatients, ground.AboutForecasts:
		return numbers
	case ground.AboutWithheldPlaces:
		return numbers && !d.areas
	case ground.AboutWithheldRegions:
		return numbers && d.areas
	case ground.AboutSupply, ground.AboutGroups:
		return d.subject == other
	case ground.AboutResult:
		return false
	}
	return true
}

// finding states in one sentence what the map shows, with the numbers of the
// summary, and the same in a few words.
func (d *drawing) finding(s *study.Summary) (headline, sentence string) {
	headline = d.legendTitle()
	switch d.subject {
	case centers:
		return d.findCenters(s, headline)
	case way:
		if s.Travel != nil {
			return d.findWay(s, headline, strings.Contains(d.column.Name, "_km"))
		}
	case patients:
		if s.Penalty != nil {
			return headline, d.findPatients(s)
		}
	}
	return headline, d.say.Say("map.find.people", "people", d.people(s.Population), "n", s.Sites.Campuses)
}

// findCenters adds up clauses: what there is, and for how many regions there is
// none, said to be one, or no telling.
func (d *drawing) findCenters(s *study.Summary, headline string) (string, string) {
	say := d.say.Say
	sentence := say("map.find.centers", "n", s.Sites.Campuses, "people", d.people(s.Population))
	if s.Population > 0 {
		sentence += say("map.find.per_10m", "n", decimal(d.say, float64(s.Sites.Campuses)*1e7/float64(s.Population), 1))
	}
	if s.Gaps == nil || !d.areas {
		return headline, sentence + "."
	}
	none, stated := s.Gaps.Count[string(access.NoCenter)], s.Gaps.Count[string(access.Stated)]
	unsure := s.Gaps.Regions - none - stated - s.Gaps.Count[string(access.HasCenter)]
	regions := s.Gaps.Regions
	if none > 0 {
		sentence += say("map.find.none", "n", none, "regions", regions, "people", d.people(s.Gaps.People))
		headline = say("map.find.headline", "n", none, "regions", regions)
	}
	switch {
	case none > 0 && stated > 0:
		sentence += say("map.find.stated_too", "n", stated)
	case stated > 0:
		sentence += say("map.find.stated", "n", stated, "regions", regions)
	}
	switch {
	case none+stated > 0 && unsure > 0:
		sentence += say("map.find.unsure_too", "n", unsure)
	case unsure > 0:
		sentence += say("map.find.unsure", "n", unsure, "regions", regions)
	case none+stated == 0 && regions > 0:
		sentence += say("map.find.each", "regions", regions)
	}
	return headline, sentence + "."
}

func (d *drawing) findWay(s *study.Summary, headline string, km bool) (string, string) {
	t := s.Travel
	of, unit, per := t.TimeMin, "minutes", 1.0
	if km {
		of, unit = t.DistanceKm, "km"
		if math.IsNaN(float64(of.Median)) {
			of = t.GeodesicKm
		}
		if d.say.Miles {
			unit, per = "miles", words.KmPerMile
		}
	}
	key := "map.find.way"
	if len(t.WithoutTime) > 0 {
		key = "map.find.way_timed"
	}
	var parts []string
	if known(float64(of.Median)) && known(float64(of.P90)) {
		parts = append(parts, d.say.Say(key, "median", d.within(of.Median, per), "p90", d.within(of.P90, per), "unit", d.say.Say("map.unit."+unit)))
	}
	if g := s.Gaps; g != nil && known(float64(g.ShareBeyond)) {
		share, limit := d.percent(g.ShareBeyond), plain(d.say, float64(g.BeyondMin))
		beyond := d.say.Say("map.find.beyond", "people", d.people(g.PeopleBeyond), "share", share, "limit", limit)
		if g.WithoutTime > 0 {
			beyond += d.say.Say("map.find.without_time", "people", d.people(g.WithoutTime))
		}
		parts = append(parts, beyond)
		headline = d.say.Say("map.find.headline_beyond", "share", share, "limit", limit)
	}
	if len(parts) == 0 {
		return headline, ""
	}
	sentence := strings.Join(parts, d.say.Say("join.also")) + "."
	first, n := utf8.DecodeRuneInString(sentence)
	return headline, string(unicode.ToUpper(first)) + sentence[n:]
}

func (d *drawing) findPatients(s *study.Summary) string {
	p := s.Penalty
	sentence := d.say.Whose("map.find.patients", p.Indications, "eligible", d.people(p.Eligible), "treated", d.people(p.Observed))
	if len(p.Curves) > 0 {
		sentence += d.say.Say("map.find.lost", "n", d.people(p.Curves[0].Foregone)) + d.likely(s, "foregone_"+p.Curves[0].Beyond)
	}
	return sentence + "."
}

// likely is the likely range of a headline, or that none was computed.
func (d *drawing) likely(s *study.Summary, what string) string {
	for _, u := range s.Uncertainty {
		if u.What == what && known(float64(u.Low)) && known(float64(u.High)) {
			return d.say.Say("map.find.lost.range", "low", d.people(u.Low), "high", d.people(u.High))
		}
	}
	return d.say.Say("map.find.lost.norange")
}

// within writes a limit that so many lie within: rounded up, else they do not.
func (d *drawing) within(n study.Num, per float64) string {
	return decimal(d.say, math.Ceil(float64(n)/per-1e-9), 0)
}

// people writes a number of people, or of patients, as a sentence has it.
func (d *drawing) people(n study.Num) string { return d.say.About(float64(n)) }

// percent writes a share as a sentence has it: whole from a tenth on.
func (d *drawing) percent(share study.Num) string {
	if share >= 0.0995 {
		return decimal(d.say, 100*float64(share), 0)
	}
	return decimal(d.say, 100*float64(share), 1)
}

// legendTitle is the title of the column with its unit: ours, where there is one
// in the language of the map, else that of the layer.
func (d *drawing) legendTitle() string {
	f := d.column.Field
	unit := f.Unit
	inMiles := d.say.Miles && strings.HasSuffix(f.Name, "_km")
	if inMiles {
		unit = "mi"
	}
	if strings.HasSuffix(f.Name, "_beyond") { // of which limit
		if key := "map.column." + f.Name; d.limit > 0 && d.say.Has(key) {
			return d.say.Say(key, "limit", plain(d.say, d.limit))
		}
	} else if key := "column." + f.Name; d.say.Has(key) {
		t := d.say.Say(key)
		if inMiles {
			t = strings.Replace(t, "(km)", "("+unit+")", 1)
		}
		if d.patients != "" && f.Unit == "patients a year" {
			t += ", " + d.patients
		}
		return t
	}
	t := cmp.Or(f.Title, f.Name)
	if unit != "" && !strings.Contains(strings.ToLower(t), strings.ToLower(unit)) {
		t += " (" + unit + ")"
	}
	return t
}

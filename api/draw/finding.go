package draw

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"careshed/access"
	"careshed/access/study"
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
	switch column {
	case density, "centers", "rows":
		return centers
	}
	for _, s := range []struct {
		part string
		is   subject
	}{{"time_min", way}, {"_km", way}, {"share_beyond", way}, {"people_beyond", way}, {"people_sea", way}, {"people_unreached", way},
		{"treated_", patients}, {"foregone_", patients}, {"eligible", patients}, {"likelihood_", patients}} {
		if strings.Contains(column, s.part) {
			return s.is
		}
	}
	return other
}

// found puts what the study found on the map: title, sentence, notes, sources.
func (d *drawing) found(r *study.Result) {
	headline, sentence := d.finding(&r.Summary)
	if d.title == "" {
		if d.title = r.Spec.Title; d.title == "" {
			d.title = heading(r.Spec.Name) + headline
		}
	}
	d.subtitle = orWord(d.subtitle, sentence)
	switch {
	case d.column.Name == density:
		d.notes = append(d.notes, fmt.Sprintf("density says nothing of distance: people may live far from the centers of their region; published densities of countries go from %s to %s",
			plain(access.DensityLow), plain(access.DensityHigh)))
	case d.subject == centers:
		d.notes = append(d.notes, "a number of centers says nothing of distance: people may live far from the centers of their region")
	}
	for _, n := range together(r.Summary.Notes) {
		if d.concerned(n) {
			d.notes = append(d.notes, separated(n))
		}
	}
	for _, of := range []struct{ layer, word string }{{"regions", "Regions"}, {"sites", "Centers"}, {"places", "People"}} {
		if l := r.Layer(of.layer); l != nil && l.Attribution != "" {
			d.sources = append(d.sources, credit(of.word+": ", l))
		}
	}
}

// lists begins the notes on how complete the list of a country is.
const lists = "the list of centers of "

// together joins the notes on the lists of several countries into one.
func together(notes []string) (out []string) {
	at := -1
	for _, n := range notes {
		of, ok := strings.CutPrefix(n, lists)
		switch {
		case ok && at >= 0:
			out[at] += "; of " + of
			continue
		case ok:
			at = len(out)
		}
		out = append(out, n)
	}
	return out
}

// separated separates thousands in a note. Numbers of four digits stay as they
// are, since years look like them, unless people, places or patients follow.
func separated(note string) string {
	return numeral.ReplaceAllStringFunc(note, func(s string) string {
		m := numeral.FindStringSubmatch(s)
		before, digits, after := m[1], m[2], m[3]
		v, err := strconv.ParseFloat(digits, 64)
		if err != nil || digits[0] == '0' || len(digits) < 5 && after == "" {
			return s
		}
		return before + grouped(v, 0) + after
	})
}

var numeral = regexp.MustCompile(`(^|[ (])(\d{4,15})\b( people| places| patients)?`)

// onMap says in a few words what layers of ours say of their rows: there are
// no rows on a map.
var onMap = strings.NewReplacer(
	"the source named in each row", "careshed's sourced list",
	"; populations: the statistical offices named in population_source", ", official statistics",
	" (settlements); national statistical offices (totals)", ", official statistics",
	"; figures with their source", "", "facts, with their source in each row", "")

// credit names whom a layer comes from.
func credit(what string, l *geo.Layer) string {
	what += onMap.Replace(l.Attribution)
	if licence := onMap.Replace(l.Licence); licence != "" {
		what += " (" + licence + ")"
	}
	return what
}

// heading makes a name fit to stand before a headline: "us" is US, "what-if" What if.
func heading(name string) string {
	name = strings.TrimSpace(strings.NewReplacer("-", " ", "_", " ").Replace(name))
	if name == "" {
		return ""
	}
	if utf8.RuneCountInString(name) <= 3 {
		return strings.ToUpper(name) + ": "
	}
	first, n := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + name[n:] + ": "
}

// aside are words of notes that concern one subject only. A note with none of
// them stands on every map.
var aside = []struct {
	word string
	of   []subject
}{
	{"travel times are estimates", []subject{way, patients}},
	{"cross water", []subject{way, patients}},
	{"only across water", []subject{way, patients}},
	{"effect of distance", []subject{patients}},
	{"beyond four hours", []subject{way, patients}},
	{"are withheld", []subject{patients}},
	{"have no center in the layer", nil}, // the legend says so, as of those in a list
	{"have no center in a list", nil},
	{"supply", []subject{other}},
	{"spatial statistics", []subject{other}},
	{"present.report", nil},
	{"links", nil},
	{"referring hospitals", nil},
}

// concerned reports whether a note is about what the map shows.
func (d *drawing) concerned(note string) bool {
	if strings.Contains(note, "are withheld") && strings.Contains(note, " regions ") != d.areas {
		return false
	}
	if strings.Contains(note, "straight lines count") {
		return strings.Contains(d.column.Name, "_km")
	}
	for _, a := range aside {
		if !strings.Contains(note, a.word) {
			continue
		}
		for _, s := range a.of {
			if s == d.subject {
				return true
			}
		}
		return d.subject == other && a.of != nil
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
			return findWay(s, headline, strings.Contains(d.column.Name, "_km"))
		}
	case patients:
		if s.Penalty != nil {
			return headline, findPatients(s)
		}
	}
	return headline, fmt.Sprintf("%s people and %s.", people(s.Population), count(s.Sites.Campuses, "center"))
}

func (d *drawing) findCenters(s *study.Summary, headline string) (string, string) {
	sentence := fmt.Sprintf("%s for %s people", count(s.Sites.Campuses, "center"), people(s.Population))
	if s.Population > 0 {
		sentence += fmt.Sprintf(", %s per 10 million", grouped(float64(s.Sites.Campuses)*1e7/float64(s.Population), 1))
	}
	if s.Gaps == nil || !d.areas {
		return headline, sentence + "."
	}
	none, stated := s.Gaps.Count[string(access.NoCenter)], s.Gaps.Count[string(access.Stated)]
	unsure := s.Gaps.Regions - none - stated - s.Gaps.Count[string(access.HasCenter)]
	regions := count(s.Gaps.Regions, "region")
	is := map[bool]string{true: "is", false: "are"}
	has := map[bool]string{true: "has", false: "have"}
	if none > 0 {
		sentence += fmt.Sprintf("; %d of %s (%s people) %s none", none, regions, people(s.Gaps.People), has[none == 1])
		headline = fmt.Sprintf("%d of %s %s no center", none, regions, has[none == 1])
	}
	switch {
	case none > 0 && stated > 0:
		sentence += fmt.Sprintf(", %d more %s said to have one, hospital unnamed", stated, is[stated == 1])
	case stated > 0:
		sentence += fmt.Sprintf("; %d of %s %s said to have one, hospital unnamed", stated, regions, is[stated == 1])
	}
	switch {
	case none+stated > 0 && unsure > 0:
		sentence += fmt.Sprintf(", %d more %s uncertain", unsure, is[unsure == 1])
	case unsure > 0:
		sentence += fmt.Sprintf("; for %d of %s it is uncertain whether they have one", unsure, regions)
	case none+stated == 0 && s.Gaps.Regions > 0:
		sentence += fmt.Sprintf("; each of %s has one or more", regions)
	}
	return headline, sentence + "."
}

func findWay(s *study.Summary, headline string, km bool) (string, string) {
	t := s.Travel
	of, unit := t.TimeMin, "minutes"
	if km {
		of, unit = t.DistanceKm, "km"
		if math.IsNaN(float64(of.Median)) {
			of = t.GeodesicKm
		}
	}
	who := "the people"
	if len(t.WithoutTime) > 0 {
		who = "those with a travel time"
	}
	var parts []string
	if known(float64(of.Median)) && known(float64(of.P90)) {
		parts = append(parts, fmt.Sprintf("half of %s have a center within %s %s and nine in ten within %s", who, within(of.Median), unit, within(of.P90)))
	}
	if g := s.Gaps; g != nil && known(float64(g.ShareBeyond)) {
		share, limit := grouped(100*float64(g.ShareBeyond), 1), plain(float64(g.BeyondMin))
		beyond := fmt.Sprintf("%s people (%s %%) have none within %s minutes", people(g.PeopleBeyond), share, limit)
		if g.WithoutTime > 0 {
			beyond += fmt.Sprintf(", %s without a time included", people(g.WithoutTime))
		}
		parts = append(parts, beyond)
		headline = fmt.Sprintf("%s %% of people have no center within %s minutes", share, limit)
	}
	if len(parts) == 0 {
		return headline, ""
	}
	sentence := strings.Join(parts, "; ") + "."
	return headline, strings.ToUpper(sentence[:1]) + sentence[1:]
}

func findPatients(s *study.Summary) string {
	p := s.Penalty
	sentence := fmt.Sprintf("Of %s eligible patients a year %s are treated", whole(p.Eligible), whole(p.Observed))
	var lost []string
	for _, c := range p.Curves {
		lost = append(lost, fmt.Sprintf("%s (%s)", whole(c.Foregone), c.Beyond))
	}
	if len(lost) > 0 {
		sentence += fmt.Sprintf("; distance costs %s treatments, by what is assumed beyond four hours", strings.Join(lost, ", "))
	}
	return sentence + "."
}

func whole(n study.Num) string { return grouped(float64(n), 0) }

// within writes a limit that so many lie within: rounded up, else they do not.
func within(n study.Num) string { return grouped(math.Ceil(float64(n)-1e-9), 0) }

// people writes a number of people: in millions from one million on.
func people(n study.Num) string {
	if v := float64(n); v >= 1e6 {
		return grouped(v/1e6, 1) + " million"
	}
	return whole(n)
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return grouped(float64(n), 0) + " " + what
}

// legendTitle is the title of the column with its unit, if it does not say it.
func (d *drawing) legendTitle() string {
	f := d.column.Field
	t := orWord(f.Title, f.Name)
	if f.Unit != "" && !strings.Contains(strings.ToLower(t), strings.ToLower(f.Unit)) {
		t += " (" + f.Unit + ")"
	}
	return t
}

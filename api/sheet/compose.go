package sheet

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"careshed/access/study"
	"careshed/api/words"
)

// page is a sheet in words: what HTML and PDF both show, in this order.
type page struct {
	Language string

	// To be handed out: the first page.
	Kicker   string
	Title    string
	Doubt    []string // why the numbers marked are not to be taken as they stand
	Lead     []string // three sentences at most
	Tiles    []tile
	Here     []string // the centers of a region
	Banner   []string // above the sites, what their ranking does not prove
	Sites    grid     // of the whole; empty for a region
	Best     []string // what the best next site gives
	Compared grid
	Alike    string // what it is compared with

	// To be read by whoever asks how: the pages after it.
	More     []string // sentences beside those of the lead
	Figures  grid
	Center   []string
	Patients grid
	Lost     []string // about them
	Against  []string // what to hold against the sites
	List     []string
	Method   []string
	Basis    grid
	Sources  []string
	Notes    []string

	Made, Published string // at the bottom of each page
}

// mostLead is how many sentences the first page has.
const mostLead = 3

// tile is a number to be seen first; Unsure: it is not to be taken as it stands.
type tile struct {
	Label, Value, Note string
	Unsure             bool
}

// grid is a table: the first row are its heads, the first cell of each row what
// the row is of.
type grid struct {
	Caption string
	Head    []string
	Rows    [][]string
}

// writer says things in a language.
type writer struct {
	*words.Language
	s *Sheet
}

func (s *Sheet) page(l *words.Language) page {
	w := writer{l, s}
	p := page{Language: l.Code, Title: s.Name, Made: w.made(), Published: w.published()}
	kicker := []string{cmp.Or(s.Publisher.Title, w.Say("sheet.kicker"))}
	if s.row >= 0 {
		kicker = append(kicker, w.whole())
	} else {
		p.Title = w.whole()
	}
	if s.Subject != "" {
		kicker = append(kicker, w.Say("sheet.subject."+s.Subject))
	}
	p.Kicker = strings.Join(kicker, " · ")
	lead := w.lead()
	n := min(mostLead, len(lead))
	p.Doubt, p.Lead, p.More, p.Tiles, p.Figures = w.doubt(), lead[:n], lead[n:], w.tiles(), w.figures()
	p.Here, p.Compared, p.Alike = w.here(), w.compared(), w.alike()
	p.Center, p.Patients, p.Lost = w.center(), w.patients(), w.lost()
	p.Banner, p.Sites, p.Best, p.Against = w.banner(), w.plan(), w.best(), w.against()
	p.List, p.Method, p.Basis = w.list(), w.method(), w.basis()
	seen := map[string]bool{}
	for _, x := range s.Sources {
		text := x.Layer + w.Say("join.colon") + cmp.Or(x.Attribution, w.Say("sheet.source.none"))
		if x.Licence != "" {
			text += " (" + x.Licence + ")"
		}
		if !seen[text] {
			p.Sources, seen[text] = append(p.Sources, text), true
		}
	}
	for _, n := range s.Notes {
		if !ofAges(n) { // the list of centers says it
			p.Notes = append(p.Notes, n.In(l))
		}
	}
	return p
}

// whole is the name of the country, or of the study; also of the country where the
// study is called by its code and all places are there.
func (w writer) whole() string {
	if w.s.CountryName == "" && strings.EqualFold(w.s.Title, only(w.s.from.places, "country")) {
		return cmp.Or(w.Country(w.s.Title), w.s.Title)
	}
	if name := w.Country(w.s.Country); name != "" && w.s.Subject != "" {
		return name
	}
	return cmp.Or(w.s.CountryName, w.s.Title)
}

// count writes people and other things that come whole.
func (w writer) count(n study.Num) string {
	if !known(n) {
		return w.Say("sheet.none")
	}
	return w.Decimal(math.Round(float64(n)), 0)
}

// marked is a text of numbers with the mark of those that rest on a list of centers which
// may lack one, as their doubts say.
func (w writer) marked(doubts []string, text string) string {
	if text != w.Say("sheet.none") && slices.ContainsFunc(doubts, func(why string) bool { return why != study.LeftOut }) {
		return w.Say("sheet.marked", "value", text)
	}
	return text
}

// sure is a figure by its name with what is to be known of it at once: the mark, and how
// many people a mean leaves out where they are many.
func (w writer) sure(f *Figures, name, text string) string {
	if text == w.Say("sheet.none") {
		return text
	}
	doubts := f.Doubts[name]
	text = w.marked(doubts, text)
	if slices.Contains(doubts, study.LeftOut) {
		return w.Say("sheet.left_out", "value", text, "share", w.share(f.without()))
	}
	return text
}

// doubt says what the mark means, where a figure of the sheet has it.
func (w writer) doubt() (out []string) {
	if w.s.row >= 0 {
		for _, why := range w.s.Figures.Doubts["people_beyond"] {
			out = append(out, w.Say("sheet.doubt.region."+strings.ReplaceAll(why, " ", "-")))
		}
	}
	if len(w.s.from.whole.Doubts["people_beyond"]) > 0 {
		people, _ := w.s.from.unsurePeople()
		var sum study.Num
		for _, n := range people {
			sum += n
		}
		out = append(out, w.Say("sheet.doubt.country", "whole", w.whole(), "people", w.people(sum)))
	}
	return out
}

// people writes a number of people, or of patients, as a sentence has it.
func (w writer) people(n study.Num) string {
	if !known(n) {
		return w.Say("sheet.none")
	}
	return w.About(float64(n))
}

// share writes a share as a sentence has it: whole from a tenth on.
func (w writer) share(v float64) string {
	if v >= 0.0995 {
		return w.Say("unit.percent", "n", w.integer(100*v))
	}
	return w.percent(v)
}

// round writes a number with one decimal, from a hundred on none, below one with two or as
// many as it takes to tell it from 0.
func (w writer) round(v float64) string { return w.Decimal(v, decimals(v)) }

func decimals(v float64) int {
	switch a := math.Abs(v); {
	case a >= 99.5:
		return 0
	case a >= 0.995 || a == 0:
		return 1
	case a >= 0.0995:
		return 2
	default: // the first that counts, if it is smaller than three show
		return min(6, max(3, int(math.Ceil(-math.Log10(a)))))
	}
}

// with writes a value by how, with its interval if it has one, in bare numbers.
func (w writer) with(v Value, how, bare func(float64) string) string {
	if !known(v.Value) {
		return w.Say("sheet.none")
	}
	if !known(v.Low) || !known(v.High) || v.Low == v.High {
		return how(float64(v.Value))
	}
	return w.Say("sheet.interval", "value", how(float64(v.Value)), "low", bare(float64(v.Low)), "high", bare(float64(v.High)))
}

func (w writer) minutes(v float64) string { return w.Say("unit.min", "n", w.integer(v)) }
func (w writer) percent(v float64) string {
	if math.IsNaN(v) {
		return w.Say("sheet.none") // a share of nobody
	}
	return w.Say("unit.percent", "n", w.hundredths(v))
}

// span writes a time that stands alone: from two hours on in hours.
func (w writer) span(v float64) string {
	m := int(math.Round(v))
	switch {
	case m < 120:
		return w.minutes(v)
	case m%60 == 0:
		return w.Say("sheet.hours", "h", m/60)
	}
	return w.Say("sheet.hours.minutes", "h", m/60, "m", m%60)
}

func (w writer) integer(v float64) string { return w.Decimal(v, 0) }

// hundredths writes a share: what is too small to be seen is not written as none.
func (w writer) hundredths(v float64) string {
	if v > 0 && v < 0.0005 {
		return w.Say("sheet.below", "n", w.Decimal(0.1, 1))
	}
	return w.Decimal(100*v, 1)
}

// patientsOf writes patients with the decimals that the value has, so that an
// interval lines up with it.
func (w writer) patientsOf(v Value) string {
	n := decimals(float64(v.Value))
	plain := func(x float64) string { return w.Decimal(x, n) }
	return w.with(v, plain, plain)
}

// lead is the finding in a few sentences.
func (w writer) lead() (out []string) {
	f := &w.s.Figures
	if w.s.row >= 0 && f.Centers == 0 && trusted(0, w.s.Gap) { // else it is said above
		out = append(out, w.gap())
	}
	if f.Timed > 0 && known(f.MedianTime.Value) {
		out = append(out, w.Say("sheet.lead.time", "median", w.sure(f, "people_beyond", w.span(float64(f.MedianTime.Value))),
			"p90", w.sure(f, "people_beyond", w.span(float64(f.P90Time.Value)))))
	}
	if f.PeopleBeyond > 0 && f.Timed > 0 {
		out = append(out, w.Say("sheet.lead.beyond", "people", w.sure(f, "people_beyond", w.people(f.PeopleBeyond)), "share", w.sure(f, "share_beyond", w.share(float64(f.ShareBeyond.Value))),
			"limit", w.span(float64(f.BeyondMin))))
	}
	list := []string(nil)
	if w.s.Completeness != "" {
		list = append(list, w.Say("sheet.lead.list", "list", w.s.list.In(w.Language)))
	}
	if f.without() < fewUntimed {
		out = append(append(out, list...), w.untimedSaid()...)
	} else {
		out = append(append(out, w.untimedSaid()...), list...)
	}
	if w.s.row < 0 {
		out = append(out, w.apart()...)
	}
	return out
}

// fewUntimed is the share of people without a way below which more has to be said before
// them.
const fewUntimed = 0.01

// untimedSaid says how many have no way to a center.
func (w writer) untimedSaid() []string {
	f := &w.s.Figures
	if !(f.Timed < f.People) {
		return nil
	}
	key := "sheet.lead.untimed"
	if f.Sea > 0 && !(f.Unreached > 0) {
		key = "sheet.lead.sea"
	}
	if !(f.Timed > 0) {
		key += ".all"
	}
	return []string{w.Say(key, "people", w.sure(f, "people_sea", w.people(f.People-f.Timed)), "share", w.share(f.without()))}
}

// apart are the figures of the whole without the regions whose list of centers is not to
// be trusted.
func (w writer) apart() []string {
	a := w.s.from.result.Summary.Apart
	if a == nil || !known(a.TimeMin.Median) {
		return nil
	}
	return []string{w.Say("sheet.lead.apart", "n", len(a.Regions), "regions", w.names(a.Regions), "people", w.people(a.People)),
		w.Say("sheet.lead.apart.without", "n", len(a.Regions), "whole", w.whole(), "median", w.span(float64(a.TimeMin.Median)), "p90", w.span(float64(a.TimeMin.P90)),
			"share", w.share(float64(a.ShareBeyond)), "limit", w.span(float64(a.BeyondMin)))}
}

// gap says what the list says of a region without a center.
func (w writer) gap() string {
	key := "sheet.gap." + strings.ReplaceAll(w.s.Gap, " ", "-")
	if !w.Has(key) {
		key = "sheet.gap.not-in-the-list"
	}
	return w.Say(key)
}

// tiles are the numbers to be seen first: minutes, and people within reach, before what
// rests on more.
func (w writer) tiles() []tile {
	s, f := w.s, &w.s.Figures
	out := []tile{{Label: w.Say("sheet.time.median"), Value: w.Say("sheet.none"), Note: w.missing("times")}}
	if s.Missing["times"] == "" {
		out[0] = w.tile("sheet.time.median", "median_time_min", w.span(float64(f.MedianTime.Value)),
			w.Say("sheet.time.note", "mean", w.span(float64(f.MeanTime.Value)), "p90", w.span(float64(f.P90Time.Value)))+w.untimed())
	}
	beyond := w.tile("", "share_beyond", w.share(float64(f.ShareBeyond.Value)), w.Say("sheet.beyond.nobody"))
	if f.PeopleBeyond >= 0.5 {
		beyond.Note = w.Say("sheet.beyond.people", "people", w.people(f.PeopleBeyond))
	}
	beyond.Label = w.Say("sheet.beyond", "limit", w.span(float64(f.BeyondMin)))
	centers := w.Say("sheet.centers.n", "n", f.Centers)
	density := w.tile("sheet.density", "per_10m", w.Say("sheet.none"), w.rank())
	if s.row >= 0 && !trusted(study.Num(f.Centers), s.Gap) {
		centers, density.Unsure = w.Say("sheet.centers.unsure"), true
	} else if known(f.Per10m) {
		density.Value = w.marked(f.Doubts["per_10m"], w.Decimal(float64(f.Per10m), 1))
	}
	density.Note = centers + w.Say("join.also") + density.Note
	return append(out, beyond, density)
}

// tile is one of a figure by its name.
func (w writer) tile(label, name, value, note string) tile {
	f := &w.s.Figures
	if label != "" {
		label = w.Say(label)
	}
	return tile{Label: label, Value: w.marked(f.Doubts[name], value), Note: note, Unsure: len(f.Doubts[name]) > 0}
}

// untimed says whom the numbers leave out, where they are many.
func (w writer) untimed() string {
	f := &w.s.Figures
	if share := float64((f.People - f.Timed) / f.People); share >= 0.005 {
		return w.Say("join.also") + w.Say("sheet.untimed.note", "share", w.share(share))
	}
	return ""
}

// missing says why a part has no value, "" if it has.
func (w writer) missing(part string) string {
	reason := w.s.Missing[part]
	if reason == "" {
		return ""
	}
	key := "sheet.missing." + part + "." + strings.ReplaceAll(reason, " ", "-")
	if !w.Has(key) {
		return reason
	}
	return w.Say(key)
}

// rank is the place among regions or countries, or why there is none.
func (w writer) rank() string {
	r := w.s.Rank
	if r == nil {
		return w.missing("rank")
	}
	text := w.Say("sheet.rank."+r.Among, "place", r.Place, "last", r.Place+r.Tied, "of", r.Of, "tied", r.Tied)
	if r.Best > 0 && (r.Best < r.Place || r.Worst > r.Place) {
		text += w.Say("join.also") + w.Say("sheet.rank.span", "best", r.Best, "worst", r.Worst)
	}
	if r.Unranked > 0 {
		text += w.Say("join.also") + w.Say("sheet.rank.unranked", "n", r.Unranked)
	}
	return text
}

// figures is the region beside the country, or the country alone.
func (w writer) figures() grid {
	g := grid{Caption: w.Say("sheet.figures"), Head: []string{"", w.s.Name}}
	of := []*Figures{&w.s.Figures}
	if w.s.Whole != nil {
		of = append(of, w.s.Whole)
		g.Caption, g.Head = w.Say("sheet.compared", "whole", w.whole()), append(g.Head, w.whole())
	} else {
		g.Head[1] = w.whole()
	}
	row := func(label string, cell func(*Figures) string) {
		line := []string{label}
		for _, f := range of {
			line = append(line, cell(f))
		}
		g.Rows = append(g.Rows, line)
	}
	timed := func(label, name string, value func(*Figures) Value) {
		row(w.Say(label), func(f *Figures) string { return w.sure(f, name, w.with(value(f), w.minutes, w.integer)) })
	}
	timed("sheet.time.mean", "mean_time_min", func(f *Figures) Value { return f.MeanTime })
	timed("sheet.time.median", "median_time_min", func(f *Figures) Value { return f.MedianTime })
	timed("sheet.time.p90", "p90_time_min", func(f *Figures) Value { return f.P90Time })
	row(w.Say("sheet.beyond", "limit", w.span(float64(w.s.Figures.BeyondMin))), func(f *Figures) string {
		return w.sure(f, "share_beyond", w.with(f.ShareBeyond, w.percent, w.hundredths))
	})
	if slices.ContainsFunc(of, func(f *Figures) bool { return f.Timed < f.People }) {
		row(w.Say("sheet.untimed"), func(f *Figures) string { return w.sure(f, "people_sea", w.percent(f.without())) })
	}
	row(w.Say("sheet.people"), func(f *Figures) string { return w.count(f.People) })
	row(w.Say("sheet.centers"), w.centersOf)
	row(w.Say("sheet.density"), func(f *Figures) string {
		if !known(f.Per10m) || f == &w.s.Figures && w.s.row >= 0 && !trusted(study.Num(f.Centers), w.s.Gap) {
			return w.Say("sheet.none")
		}
		return w.sure(f, "per_10m", w.Decimal(float64(f.Per10m), 1))
	})
	if len(w.s.Figures.Treatments) > 0 {
		row(w.Say("sheet.lost.share"), func(f *Figures) string {
			if v := f.Treatments[0].Share; known(v) {
				return w.sure(f, "foregone_share", w.percent(float64(v)))
			}
			return w.Say("sheet.none")
		})
	}
	return g
}

// centersOf are the centers of an area, by campus and as listed.
func (w writer) centersOf(f *Figures) string {
	switch {
	case f == &w.s.Figures && w.s.row >= 0 && !trusted(study.Num(f.Centers), w.s.Gap):
		return w.marked(f.Doubts["centers"], w.Say("sheet.centers.unsure"))
	case f.Rows != f.Centers:
		return w.sure(f, "centers", w.Say("sheet.centers.rows", "centers", f.Centers, "rows", f.Rows))
	}
	return w.sure(f, "centers", w.Decimal(float64(f.Centers), 0))
}

func (w writer) center() []string {
	c := w.s.Center
	if c == nil {
		return []string{w.missing("center")}
	}
	name := c.Name
	if c.RegionName != "" && c.Region != w.s.RegionID {
		name += " (" + c.RegionName + ")"
	}
	how := c.Distance
	key := "sheet.center.way"
	if !known(how) {
		how, key = c.Geodesic, "sheet.center.line"
	}
	out := []string{w.Say("sheet.center", "name", name, "people", w.marked(c.Doubts, w.people(c.People)),
		"share", w.marked(c.Doubts, w.share(float64(c.Share))))}
	if known(how) {
		out = append(out, w.Say(key, "length", w.marked(c.Doubts, w.Length(float64(how))), "minutes", w.marked(c.Doubts, w.minutes(float64(c.Time)))))
	}
	return append(out, w.Say("sheet.center.used", "n", c.Used))
}

// patients are the assumptions beyond four hours side by side.
func (w writer) patients() grid {
	f := &w.s.Figures
	if w.s.Missing["treatments"] != "" {
		return grid{Caption: w.Say("sheet.patients")}
	}
	p := w.s.from.result.Summary.Penalty
	g := grid{Caption: w.Whose("sheet.patients", p.Indications)}
	g.Head = []string{w.Say("sheet.assumption"), w.Say("sheet.treated"), w.Say("sheet.lost"), w.Say("sheet.lost.share")}
	for _, t := range f.Treatments {
		share := w.Say("sheet.none")
		if known(t.Share) {
			share = w.percent(float64(t.Share))
		}
		g.Rows = append(g.Rows, []string{w.Say("sheet.assume." + t.Beyond), w.marked(f.Doubts["treated"], w.patientsOf(t.Treated)),
			w.marked(f.Doubts["foregone"], w.patientsOf(t.Foregone)), w.marked(f.Doubts["foregone_share"], share)})
	}
	return g
}

// lost says what the numbers of patients are and are not.
func (w writer) lost() (out []string) {
	if w.s.Missing["treatments"] != "" {
		return []string{w.missing("treatments")}
	}
	f := &w.s.Figures
	out = append(out, w.Say("sheet.eligible", "n", w.people(f.Eligible.Value)))
	out = append(out, w.counted()...)
	if p := w.s.Paid; p != nil {
		out = append(out, w.Say("sheet.paid", "line", PaidLine(w.Language, *p)))
	}
	if f.Timed < f.People {
		out = append(out, w.Say("sheet.patients.timed", "people", w.people(f.People-f.Timed), "share", w.share(f.without())))
	}
	if f.Treatments[0].Treated.Value < 5 {
		out = append(out, w.Say("sheet.patients.few"))
	}
	if f.Treatments[0].Foregone.Value < 0 {
		out = append(out, w.Say("sheet.patients.near"))
	}
	if w.s.row < 0 && !known(f.Treatments[0].Treated.Low) {
		out = append(out, w.Say("sheet.patients.fixed"))
	}
	if why := w.missing("intervals"); why != "" {
		return append(out, why)
	}
	if slices.ContainsFunc(f.Treatments, func(t Treatments) bool { return known(t.Foregone.Value) && !known(t.Foregone.Low) }) {
		out = append(out, w.Say("sheet.patients.undrawn"))
	}
	return out
}

// mostCounts is how many counts a sheet shows beside the model.
const mostCounts = 2

// counted are the counts of the sheet's own area that say most of today, beside the
// model.
func (w writer) counted() (out []string) {
	var own []study.CountSummary
	for _, c := range w.s.from.result.Summary.Counted {
		if w.s.row < 0 && len(c.Regions) != 1 || w.s.row >= 0 && len(c.Regions) == 1 && c.Regions[0] == w.s.RegionID {
			own = append(own, c)
		}
	}
	nth := map[string]int{} // of each area, of which the one that says most stands first
	rank := make([]int, len(own))
	for k, c := range own {
		rank[k] = nth[c.Area]
		nth[c.Area]++
	}
	own = inOrder(own, rank)
	for _, c := range own[:min(mostCounts, len(own))] {
		key, n, when := "sheet.counted", w.round(float64(c.Yearly)), strings.Replace(c.When, " to ", " – ", 1)
		if _, part, of := strings.Cut(c.Area, ", "); of && w.s.row < 0 {
			when = part + ", " + when
		}
		if !known(c.Yearly) {
			key, n = "sheet.counted.rate", w.Decimal(float64(c.Per100k), 2)
		}
		out = append(out, w.Say(key, "when", when, "n", n, "of", w.Called("count.of.", c.Indication), "stage", w.Called("count.stage.", c.Stage),
			"ratio", w.round(float64(c.Ratio)), "treated", w.round(float64(c.Model))))
	}
	return out
}

// inOrder are counts by rank, those of one rank as they stand.
func inOrder(counts []study.CountSummary, rank []int) (out []study.CountSummary) {
	for r := range len(counts) {
		for k, c := range counts {
			if rank[k] == r {
				out = append(out, c)
			}
		}
	}
	return out
}

// number reads what a parameter's value begins with.
func number(s string) float64 {
	v, err := strconv.ParseFloat(strings.Fields(s + " x")[0], 64)
	if err != nil {
		return math.NaN()
	}
	return v
}

package sheet

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"careshed/access/study"
)

// gain writes what a site gains in the unit of its goal.
func (w writer) gain(v Value) string {
	text := w.patientsOf(v)
	if x := w.s.Siting; x.Goal != "treated" {
		return text + " " + x.Unit
	}
	return w.Say("sheet.unit.treated", "n", text)
}

func (w writer) plain(v float64) string {
	return w.gain(Value{Value: study.Num(v), Low: none, High: none})
}

// plan is the table of sites to open, of the whole.
func (w writer) plan() grid {
	g := grid{}
	if w.s.row >= 0 || len(w.s.Sites) == 0 {
		return g
	}
	gained := w.s.Siting.Unit
	if w.s.Siting.Goal == "treated" {
		gained = w.Say("sheet.site.patients")
	}
	g.Head = []string{"", w.Say("sheet.site"), w.Say("sheet.site.region"), w.Say("sheet.site.gain", "unit", gained), w.Say("sheet.site.draws")}
	for i, x := range w.s.Sites {
		draws := w.Say("sheet.none")
		if known(x.InDraws) {
			draws = w.percent(float64(x.InDraws))
		}
		gain := w.Say("sheet.none")
		if known(x.Gain.Value) {
			gain = w.marked(x.Doubts, w.patientsOf(x.Gain))
		}
		region := x.RegionName
		if region != "" {
			region = w.marked(x.Doubts, region)
		}
		g.Rows = append(g.Rows, []string{w.Decimal(float64(i+1), 0), x.Name, region, gain, draws})
	}
	return g
}

// banner says above a ranking of sites what it does not prove, where the list of centers
// lacks more than a tenth of the published ones.
func (w writer) banner() (out []string) {
	if w.s.Siting == nil || len(w.s.Sites) == 0 {
		return nil
	}
	for _, x := range w.s.Siting.Short {
		out = append(out, w.Say("sheet.short", "listed", x.Listed, "published", x.Published, "country", cmp.Or(w.Country(x.Country), x.Country)))
	}
	if w.s.row >= 0 {
		return out
	}
	var whys []string // of regions in which sites of the plan stand
	for i := range w.s.Sites {
		whys = append(whys, w.s.Sites[i].Doubts...)
	}
	slices.Sort(whys)
	for _, why := range slices.Compact(whys) {
		out = append(out, w.Say("sheet.doubt.whole."+strings.ReplaceAll(why, " ", "-")))
	}
	return out
}

// best says where a site would help most.
func (w writer) best() (out []string) {
	s := w.s
	if len(s.Sites) == 0 {
		return []string{w.missing("sites")}
	}
	if s.row < 0 {
		if v := s.SitesGain; v != nil {
			key := "sheet.plan"
			if s.Siting.Proven && len(s.Siting.Short) == 0 {
				key = "sheet.plan.proven"
			}
			out = append(out, w.Say(key, "candidates", s.Siting.Allowed, "gain", w.gain(*v)))
		}
	} else {
		x := &s.Sites[0]
		name := x.Name
		switch {
		case x.Region == s.RegionID:
			name = w.Say("sheet.site.here", "name", name)
		case x.RegionName != "":
			name = w.Say("sheet.site.there", "name", name, "region", x.RegionName)
		}
		out = append(out, w.Say("sheet.best", "candidates", s.Siting.Allowed, "name", name, "gain", w.marked(x.Doubts, w.gain(x.Gain))))
		out = append(out, w.nearer(x)...)
		if none := s.Figures.People - s.Figures.Timed; x.Newly == 0 && none >= 0.5 {
			out = append(out, w.Say("sheet.best.without", "people", w.people(none)))
		}
		if known(x.Alone) {
			out = append(out, w.Say("sheet.best.all", "gain", w.plain(float64(x.Alone)), "whole", w.whole()))
		}
	}
	return out
}

// against is what to hold against the sites.
func (w writer) against() (out []string) {
	s := w.s
	if len(s.Sites) == 0 {
		return nil
	}
	for i := range s.Sites {
		x := &s.Sites[i]
		of := x.Gain.Value
		if s.row < 0 {
			of = x.Alone
		}
		switch {
		case s.Siting.Goal != "treated": // the part is in other units
		case x.apart(of) == "all":
			out = append(out, w.Say("sheet.apart.all", "name", x.Name))
		case x.apart(of) == "some":
			out = append(out, w.Say("sheet.apart", "name", x.Name, "part", w.plain(float64(x.Apart)), "of", w.plain(float64(of))))
		}
		if x.Unsure != "" {
			out = append(out, w.Say("sheet.unsure."+strings.ReplaceAll(x.Unsure, " ", "-"), "name", x.Name))
		}
	}
	if known(s.Siting.Least) {
		out = append(out, w.Say("sheet.site.candidates", "people", w.count(s.Siting.Least)))
	}
	if s.Siting.Infuse {
		out = append(out, w.Say("sheet.site.infuse"))
	} else {
		out = append(out, w.Say("sheet.site.spoke"))
	}
	if !s.from.result.Spec.Sites.Complete {
		out = append(out, w.Say("sheet.site.list"))
	}
	return append(out, w.Say("sheet.site.causal"))
}

// nearer says whom the best site of a region helps: who would travel less than today, and
// who would have a way for the first time.
func (w writer) nearer(x *Site) (out []string) {
	newly := study.Num(0)
	if known(x.Newly) {
		newly = x.Newly
	}
	if less := x.Nearer - newly; less >= 0.5 {
		out = append(out, w.Say("sheet.best.nearer", "people", w.marked(x.Doubts, w.people(less))))
	}
	if newly >= 0.5 {
		out = append(out, w.Say("sheet.best.newly", "people", w.marked(x.Doubts, w.people(newly))))
	}
	return out
}

// list says how complete the list of centers is.
func (w writer) list() (out []string) {
	s := w.s
	if s.Completeness != "" {
		out = append(out, w.Say("sheet.list", "whole", w.whole(), "list", s.list.In(w.Language)))
	} else {
		out = append(out, w.Say("sheet.list.unknown"))
	}
	if !s.from.result.Spec.Sites.Complete {
		out = append(out, w.Say("sheet.list.lack"))
	}
	out = append(out, w.ages()...)
	if s.row >= 0 && s.Figures.Centers == 0 {
		text := w.gap()
		if s.GapNote != "" {
			text += " " + w.Say("sheet.gap.note", "note", w.Called("gap.", s.GapNote))
		}
		out = append(out, text)
	}
	if s.row >= 0 {
		out = append(out, w.apart()...)
	}
	for _, g := range s.Gaps {
		out = append(out, w.Say("sheet.gaps."+strings.ReplaceAll(g.Gap, " ", "-"), "n", len(g.Regions), "regions", w.names(g.Regions)))
	}
	return append(out, w.Say("sheet.density.range", "low", w.Number(float64(s.Published[0])), "high", w.Number(float64(s.Published[1]))))
}

// ages says which centers do not count for the age of their patients.
func (w writer) ages() (out []string) {
	for _, n := range w.s.Notes {
		if ofAges(n) {
			text := n.In(w.Language)
			first, size := utf8.DecodeRuneInString(text)
			out = append(out, string(unicode.ToUpper(first))+text[size:]+".")
		}
	}
	return out
}

// ofAges reports whether a note is about centers that treat another age.
func ofAges(n study.Note) bool {
	switch n.Key {
	case "accepts.adults", "accepts.adults_unsaid", "accepts.children", "accepts.children_unsaid", "accepts.both_ages":
		return true
	}
	return false
}

// mostNames is how many regions are named in a sentence.
const mostNames = 25

func (w writer) names(of []string) string {
	if n := len(of) - mostNames; n > 0 {
		return strings.Join(of[:mostNames], ", ") + ", " + w.Say("sheet.more", "n", n)
	}
	return strings.Join(of, ", ")
}

// method is how the numbers were made, as far as the study has them.
func (w writer) method() (out []string) {
	s := w.s
	made := s.from.result.Manifest.Engine.Settings
	switch {
	case s.Travel.Engine == "crow" && made["country"] != "":
		out = append(out, w.Say("sheet.method.crow.own", "country", w.Country(made["country"])))
	case s.Travel.Engine == "crow" && made["basis"] != "":
		out = append(out, w.Say("sheet.method.crow.given"))
	case s.Travel.Engine == "crow":
		out = append(out, w.Say("sheet.method.crow"))
	default:
		out = append(out, w.Say("sheet.method.engine", "engine", s.Travel.Engine))
	}
	borders := s.Travel.Borders
	if key := "sheet.borders." + borders; w.Has(key) {
		borders = w.Say(key)
	}
	out = append(out, w.Say("sheet.method.nearest", "borders", borders))
	if p := s.from.result.Summary.Penalty; p != nil {
		d := s.from.result.Spec.Demand
		own := len(p.Indications) == 0 || d != nil && len(d.Indications) > 0
		if own {
			out = append(out, w.Whose("sheet.method.eligible", p.Indications, "n", w.Decimal(1e5*float64(p.Eligible/s.from.result.Summary.Population), 2)))
		}
		for _, x := range s.Parameters {
			switch v := number(x.Value); {
			case x.Name == "demand.reach" && d != nil && d.Treated.Given():
				out = append(out, w.Say("sheet.patients.fixed"))
			case x.Name == "demand.eligible_per_100k" && !math.IsNaN(v) && !own:
				out = append(out, w.Say("sheet.method.eligible", "n", w.Number(v), "of", x.Of))
			case x.Name == "demand.reach" && !math.IsNaN(v):
				out = append(out, w.Say("sheet.method.reach", "share", w.percent(float64(p.Reach))))
			}
		}
		out = append(out, w.Say("sheet.method.effect."+p.Form, "effect", w.Number(float64(p.Effect))), w.Say("sheet.method.beyond"))
	}
	if s.Draws > 0 {
		out = append(out, w.Say("sheet.method.draws", "n", s.Draws))
	}
	return append(out, w.Say("sheet.method.point"))
}

// basis is the table of the values that acted.
func (w writer) basis() grid {
	g := grid{Caption: w.Say("sheet.basis"), Head: []string{w.Say("sheet.basis.value"), w.Say("sheet.basis.given"), w.Say("sheet.basis.range"), w.Say("sheet.basis.source"), w.Say("sheet.basis.status")}}
	for _, p := range w.s.Parameters {
		span := w.Say("sheet.none")
		if p.Interval != nil {
			key := "sheet.range"
			if p.Factor {
				key = "sheet.range.factor"
			}
			span = w.Say(key, "low", w.Number(p.Interval[0]), "high", w.Number(p.Interval[1]))
		}
		status, source := w.Called("status.", p.Status), p.Source
		if p.Given {
			status, source, span = w.Say("sheet.basis.own"), w.Say("sheet.none"), w.Say("sheet.none")
		}
		g.Rows = append(g.Rows, []string{p.Name, p.Value, span, source, status})
	}
	return g
}

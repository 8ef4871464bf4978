package sheet

import (
	"cmp"
	"slices"
	"strings"

	"careshed/access"
)

// own finds the centers of the sheet's own region, as many as its figures count.
func (s *Sheet) own() {
	at := map[string]int{}
	for _, o := range s.open() {
		k, known := at[o.campus]
		switch {
		case o.name == "":
		case known:
			s.Own[k] += ", " + o.name
		default:
			at[o.campus] = len(s.Own)
			s.Own = append(s.Own, o.name)
		}
	}
}

// here names the centers of a region.
func (w writer) here() []string {
	if w.s.row < 0 || len(w.s.Own) == 0 {
		return nil
	}
	return w.s.Own
}

// compared sets the sheet's own area beside the whole and beside those like it.
func (w writer) compared() grid {
	s := w.s
	if s.row < 0 && len(s.Like) == 0 {
		return grid{}
	}
	g := grid{Caption: w.Say("sheet.compared.title")}
	if s.row < 0 {
		g.Head = []string{"", w.Say("sheet.people"), w.Say("sheet.density")}
		add := func(name string, f *Figures) {
			g.Rows = append(g.Rows, []string{name, w.people(f.People), w.densityOf(f)})
		}
		add(w.whole(), &s.Figures)
		for i := range s.Like {
			add(cmp.Or(w.Country(s.Like[i].ID), s.Like[i].Name), &s.Like[i].Figures)
		}
		return g
	}
	g.Head = []string{"", w.Say("sheet.time.median"), w.Say("sheet.beyond", "limit", w.span(float64(s.Figures.BeyondMin))), w.Say("sheet.density")}
	add := func(name string, f *Figures) {
		g.Rows = append(g.Rows, []string{name, w.sure(f, "median_time_min", w.spanOf(f.MedianTime)), w.sure(f, "share_beyond", w.shareOf(f.ShareBeyond)), w.densityOf(f)})
	}
	add(s.Name, &s.Figures)
	add(w.whole(), s.Whole)
	for i := range s.Like {
		add(s.Like[i].Name, &s.Like[i].Figures)
	}
	return g
}

// spanOf and shareOf write a figure, or that it has no value.
func (w writer) spanOf(v Value) string {
	if !known(v.Value) {
		return w.Say("sheet.none")
	}
	return w.span(float64(v.Value))
}

func (w writer) shareOf(v Value) string {
	if !known(v.Value) {
		return w.Say("sheet.none")
	}
	return w.share(float64(v.Value))
}

// densityOf are the centers per 10 million people. A zero that the list does not bear out
// is none.
func (w writer) densityOf(f *Figures) string {
	if !known(f.Per10m) || f.Centers == 0 && len(f.Doubts["per_10m"]) > 0 {
		return w.Say("sheet.none")
	}
	return w.sure(f, "per_10m", w.Decimal(float64(f.Per10m), 1))
}

// alike says what the areas that stand beside the sheet's own have in common with it.
func (w writer) alike() string {
	switch {
	case len(w.s.Like) == 0:
		return ""
	case w.s.row < 0:
		return w.alikeSure(w.Say("sheet.alike.countries"), "per_10m")
	}
	var names []string
	for _, x := range w.s.Like {
		names = append(names, x.Name)
	}
	return w.alikeSure(w.Say("sheet.alike.regions", "regions", strings.Join(names, ", "), "name", w.s.Name), "people_beyond")
}

// alikeSure adds to a text what the mark of a figure means, where one of those alike has it.
func (w writer) alikeSure(text, figure string) string {
	if slices.ContainsFunc(w.s.Like, func(x Like) bool { return len(x.Figures.Doubts[figure]) > 0 }) {
		text += " " + w.Say("sheet.alike.unsure")
	}
	return text
}

// wholeList is the share of the published centers that a list has to have to be taken for
// whole.
const wholeList = 0.9

// alikeCountries are the countries with about as many people.
func (s *Sheet) alikeCountries(peers []Peer) {
	for _, p := range nearest(peers, mostLike, func(p Peer) float64 { return float64(p.People / s.Figures.People) }) {
		f := Figures{People: p.People, Centers: p.Centers, Per10m: density(p.Centers, p.People)}
		if !(float64(p.Centers) >= wholeList*float64(p.Published) && p.Published > 0) { // of others too it is not known
			f.Doubts = map[string][]string{"per_10m": {string(access.Incomplete)}}
		}
		s.Like = append(s.Like, Like{ID: p.Country, Name: p.Country, Figures: f})
	}
}

package study

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/geo"
	"careshed/geo/travel"
)

var dated = regexp.MustCompile(`^20[0-9]{2}(-[0-9]{2})?(-[0-9]{2})?$`)

// Youngest is the youngest date in the column as_of of a layer, where its rows say of
// which day, month or year they are; "" where none does.
func Youngest(l *geo.Layer) (last string) {
	c, ok := l.Column("as_of")
	if !ok {
		return ""
	}
	for i := range l.Len() {
		if at := c.Text(i); at > last && dated.MatchString(at) {
			last = at
		}
	}
	return last
}

func manifest(r *finding.Study) finding.Manifest {
	out := finding.Manifest{Program: "careshed", Version: r.World.Version, Spec: string(r.Spec.Text()),
		SpecSHA256: r.Spec.Digest(), Point: r.Spec.Point, Engine: r.Engine.About(), Inputs: []finding.Input{}, Joins: r.Joins}
	for _, n := range slices.Sorted(maps.Keys(r.Used)) {
		l := r.Used[n]
		i := finding.Input{Layer: n, Features: l.Len(), IDs: l.Identity.From, Licence: l.Licence, Attribution: l.Attribution, AsOf: Youngest(l), Notes: l.Notes,
			Files: r.World.Layers.Files(n)}
		if i.Files == nil {
			i.Files = []File{}
		}
		out.Inputs = append(out.Inputs, i)
	}
	add := func(key, value string, given bool) {
		p := finding.Parameter{Name: key, Value: value, Given: given}
		if e, ok := access.Lookup(key); ok {
			p.Evidence = &e
		}
		out.Parameters = append(out.Parameters, p)
	}
	if r.Crow != nil {
		a := r.Crow.About()
		add("crow.circuity", a.Settings["circuity"], r.Spec.Travel.Circuity != nil)
		add("crow.speed", a.Settings["speed"], r.Spec.Travel.Speed != nil || r.Spec.Travel.SpeedTimes > 0)
		if c := r.Crow.Country; c != "" {
			add("crow.times_"+c, "why the bands are the country's own", false)
		}
	}
	if s, ok := travel.Beneath[*travel.Scaled](r.Engine); ok {
		add("travel.optimism", s.Words(), true)
	}
	add("travel.borders", r.Borders(), r.Spec.Travel.Borders.Rule != "")
	add("sites.count", cmp.Or(r.Spec.Sites.Count, "campus"), r.Spec.Sites.Count != "")
	add("sites.campus_km", "hospital points within 1 km are one center", false)
	for _, me := range r.Spec.Measures {
		for _, p := range me.Params.Acting(me) {
			add(me.Name+"."+p.Name, p.Value, p.Given)
		}
	}
	for _, f := range r.Found {
		if of, ok := f.(finding.Acting); ok {
			for _, p := range of.Acts() {
				add(p.Name, p.Value, p.Given)
			}
		}
	}
	if u := r.Spec.Uncertainty; u != nil {
		if x := u.Times; x.Measured {
			add("crow.times", fmt.Sprintf("%g to %g", x.Low, x.High), true)
		} else if x.Given() {
			add("uncertainty.times", fmt.Sprintf("%g to %g", x.Low, x.High), true)
		}
		seed := u.RandomSeed()
		out.Seed = &seed
	}
	return out
}

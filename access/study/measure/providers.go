package measure

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
)

// ProvidersMeasure asks for a table of origins by sites, with bands of time: whom each
// site serves, and from where.
type ProvidersMeasure struct {
	By string `yaml:"by" doc:"what the origins are: region (if left out), or a field of the places, such as county"`
}

// Validate is that of [Params].
func (p *ProvidersMeasure) Validate(s *spec.Spec, _ spec.Measure, at string) error {
	return spec.Check(spec.That(cmp.Or(p.By, "region") != "region" || s.Regions != nil, at+".by", "there are no regions", "regions, or a field of the places"))
}

// Acting is that of [Params].
func (p *ProvidersMeasure) Acting(spec.Measure) []spec.Acting {
	return []spec.Acting{{Name: "by", Value: cmp.Or(p.By, "region"), Given: p.By != ""}}
}

// providers is that table.
type providers struct {
	*finding.Study
	of *ProvidersMeasure
}

// FindProviders makes it, where the study asks for it.
func FindProviders(_ context.Context, s *finding.Study) (finding.Finding, error) {
	if m := spec.Asked[*ProvidersMeasure](s.Spec.Measures); m != nil {
		return &providers{s, m}, nil
	}
	return nil, nil
}

// flow is an origin, a site and a band, by their numbers.
type flow struct{ origin, site, band int }

// Tell makes the table: people by the nearest center, and by choice if there is one.
func (r *providers) Tell(context.Context) error {
	origin, names, err := r.origins()
	if err != nil {
		return err
	}
	limits := slices.Sorted(slices.Values(bandLimits(r.Study)))
	band := func(minutes float64) int {
		k, _ := slices.BinarySearch(limits, minutes)
		return k
	}
	nearest := map[flow]float64{}
	var choice map[flow]float64
	for i, j := range r.Ways.Site {
		if t := r.Ways.Minutes[i]; origin[i] >= 0 && j >= 0 && !math.IsNaN(t) && r.People[i] > 0 {
			nearest[flow{origin[i], j, band(t)}] += r.People[i]
		}
	}
	chosen := finding.Of[*Chosen](r.Study)
	if chosen != nil {
		choice = map[flow]float64{}
		w := chosen.ways
		for i := range w.matrix.Places {
			for leg := w.matrix.Start[i]; leg < w.matrix.Start[i+1]; leg++ {
				if n := r.People[i] * w.share[leg]; origin[i] >= 0 && n > 0 {
					choice[flow{origin[i], w.open[w.matrix.Site[leg]], band(w.matrix.Time[leg].Minutes())}] += n
				}
			}
		}
	}
	return r.table(names, limits, nearest, choice)
}

// origins are the number of each place's origin, -1 without one, and their names.
func (r *providers) origins() ([]int, []string, error) {
	if cmp.Or(r.of.By, "region") == "region" {
		names := make([]string, r.Regions.Len())
		for i := range names {
			names[i] = r.Regions.ID(i)
		}
		return r.Region, names, nil
	}
	c, err := r.Places.MustHave(r.of.By)
	if err != nil {
		return nil, nil, fmt.Errorf("measures.providers.by: %w", err)
	}
	origin, known, names := make([]int, c.Len()), map[string]int{}, []string(nil)
	for i := range origin {
		k, ok := known[c.Text(i)]
		switch {
		case c.Null(i):
			k = -1
		case !ok:
			k = len(names)
			known[c.Text(i)], names = k, append(names, c.Text(i))
		}
		origin[i] = k
	}
	return origin, names, nil
}

// table has a row for each flow; choice is nil where nobody chooses.
func (r *providers) table(names []string, limits []float64, nearest, choice map[flow]float64) error {
	flows := make([]flow, 0, max(len(nearest), len(choice)))
	for c := range nearest {
		flows = append(flows, c)
	}
	for c := range choice {
		if _, there := nearest[c]; !there {
			flows = append(flows, c)
		}
	}
	slices.SortFunc(flows, func(a, b flow) int {
		return cmp.Or(cmp.Compare(a.origin, b.origin), cmp.Compare(a.site, b.site), cmp.Compare(a.band, b.band))
	})
	n := len(flows)
	origin, site := make([]string, n), make([]string, n)
	within, near, by := ground.NaNs(n), make([]float64, n), make([]float64, n)
	for k, c := range flows {
		origin[k], site[k], near[k], by[k] = names[c.origin], r.Sites[c.site].ID, nearest[c], choice[c]
		if c.band < len(limits) {
			within[k] = limits[c.band]
		}
	}
	sh := finding.Sheet{Of: "providers"}
	sh.Text("origin", origin)
	sh.Text("site_id", site)
	sh.Number("band_min", within)
	sh.People("people_nearest", near)
	if choice != nil {
		sh.Number("people_by_choice", by)
	}
	return r.AddTable(sh.Table())
}

package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"careshed/access"
	"careshed/access/study"
	"careshed/geo/travel"
)

// ways are all pairs of settlements and centers between which there is a time, over
// several countries, each with its own centers.
type ways struct {
	matrix *travel.Matrix
	people []float64 // by settlement
	km     []float64 // along the way, by pair
	left   float64   // people without a time
	sites  int
}

// add takes in the settlements and centers of a country, those in the regions that
// are named, or all.
func (w *ways) add(ctx context.Context, e *env, country string, regions []string) error {
	r, err := e.baseline(ctx, study.Baseline{Code: country, Links: true}, "travel: {k: 100}")
	if err != nil {
		return err
	}
	here, err := inRegions(r, "places", regions)
	if err != nil {
		return err
	}
	open, err := inRegions(r, "sites", regions)
	if err != nil {
		return err
	}
	people, err := r.Layer("places").Numbers("population")
	if err != nil {
		return err
	}
	from, to, minutes, km, err := links(r)
	if err != nil {
		return err
	}
	if w.matrix == nil {
		w.matrix = &travel.Matrix{Start: []int{0}}
	}
	m, column := w.matrix, map[string]int32{}
	at := 0
	for i := range people {
		id := r.Layer("places").ID(i)
		first := m.Len()
		for ; at < len(from) && from[at] == id; at++ {
			if !here[id] || !open[to[at]] {
				continue
			}
			if _, known := column[to[at]]; !known {
				column[to[at]] = int32(w.sites + len(column))
			}
			m.Site, m.Time = append(m.Site, column[to[at]]), append(m.Time, travel.FromMinutes(minutes[at]))
			w.km = append(w.km, km[at])
		}
		switch {
		case m.Len() > first:
			m.Start, w.people = append(m.Start, m.Len()), append(w.people, people[i])
		case here[id]:
			w.left += people[i]
		}
	}
	w.sites += len(column)
	m.Places, m.Sites = len(w.people), w.sites
	return nil
}

// inRegions are the ids of a layer's features in regions, or of all.
func inRegions(r *study.Result, layer string, regions []string) (map[string]bool, error) {
	l := r.Layer(layer)
	region, err := l.Texts("region_id")
	if err != nil {
		return nil, err
	}
	in := map[string]bool{}
	for i := range region {
		in[l.ID(i)] = len(regions) == 0 || slices.Contains(regions, region[i])
	}
	return in, nil
}

// links are the pairs of a result, in the order of its places.
func links(r *study.Result) (from, to []string, minutes, km []float64, err error) {
	l := r.Layer("links")
	if from, err = l.Texts("place_id"); err != nil {
		return
	}
	if to, err = l.Texts("site_id"); err != nil {
		return
	}
	if minutes, err = l.Numbers("time_min"); err != nil {
		return
	}
	km, err = l.Numbers("distance_km")
	return
}

// beyondAnHour is the share of people along the pairs for whom it takes longer.
func (w *ways) beyondAnHour(flow []float64) float64 {
	var beyond, all float64
	for leg, n := range flow {
		all += n
		if w.matrix.Time[leg] > travel.FromMinutes(60) {
			beyond += n
		}
	}
	return beyond / all
}

// medianKm is, of people along the pairs, the median of their way. The pairs are
// sorted once.
func (w *ways) medianKm() func(flow []float64) float64 {
	order := make([]int, len(w.km))
	for leg := range order {
		order[leg] = leg
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(w.km[a], w.km[b]) })
	return func(flow []float64) float64 {
		var all, below float64
		for _, n := range flow {
			all += n
		}
		for _, leg := range order {
			if below += flow[leg]; below >= all/2 {
				return w.km[leg]
			}
		}
		return math.NaN()
	}
}

// far is how far people go along the pairs: the share of those with a time who go
// beyond an hour, kilometres, and the share at the nearest.
type far struct {
	beyond, mean, q1, median, q3, nearest, minutes, extra float64
}

func (w *ways) far(flow []float64) far {
	g := access.Describe(w.matrix, flow, nil, 1, []float64{60})
	km := access.NewWeighted(w.km, flow)
	q := km.Quantiles(0.25, 0.5, 0.75)
	return far{1 - g.Bands[0].Share, km.Mean(), q[0], q[1], q[2], g.Rank[0] / g.People, g.Minutes.Mean, g.Extra.Mean}
}

// by is where people go under an exponent; those of the nearest under +∞.
func (w *ways) by(exponent float64) (far, error) {
	if math.IsInf(exponent, 1) {
		return w.far(access.ToNearest(w.matrix, w.people)), nil
	}
	c, err := access.NewChoices(w.matrix, nil, []access.Term{access.LogMinutes()})
	if err != nil {
		return far{}, err
	}
	return w.far(access.Along(w.matrix, w.people, c.Shares([]float64{-exponent}))), nil
}

// seenTable sets how far people were seen to go beside the nearest center and
// beside the exponent of choice that gives what was seen.
func (e *env) seenTable(ctx context.Context) (string, error) {
	england, err := e.england(ctx)
	if err != nil {
		return "", err
	}
	europe, err := e.europe(ctx)
	if err != nil {
		return "", err
	}
	hour, err := access.Exponent(england.matrix, england.people, england.beyondAnHour, 0.44)
	if err != nil {
		return "", err
	}
	way, err := access.Exponent(europe.matrix, europe.people, europe.medianKm(), 50)
	if err != nil {
		return "", err
	}
	var p page
	p.line("How far people go, beside what was seen: of all people with a way (engine crow), not of patients. With an exponent b people")
	p.line("choose among the centers of their country, in England those of England, by 1/minutes^b, all else alike; nearest is b without end.")
	p.line("\n%-58s %8s %8s %8s %8s %8s %8s %8s", "", "beyond", "km", "", "", "", "at the", "minutes")
	p.line("%-58s %8s %8s %8s %8s %8s %8s %8s", "", "1 hour", "P25", "median", "mean", "P75", "nearest", "more")
	row := func(name string, w *ways, b float64) error {
		f, err := w.by(b)
		if err == nil {
			p.line("%-58s %8s %8.0f %8.0f %8.0f %8.0f %8s %8.1f", name, percent(study.Num(f.beyond)), f.q1, f.median, f.mean, f.q3, percent(study.Num(f.nearest)), f.extra)
		}
		return err
	}
	inf := math.Inf(1)
	p.line("%-58s %8s", "England, seen: Han et al. 2025, 15 centers, conditional logit", "44 %")
	for _, x := range []struct {
		name string
		w    *ways
		b    float64
	}{
		{"England, " + amount(study.Num(england.sites)) + " centers of the atlas, nearest", england, inf},
		{"England, b = " + short(study.Num(hour)) + ", which gives 44 %", england, hour},
		{"", nil, 0},
		{"Europe, nearest", europe, inf},
		{"Europe, b = " + short(study.Num(way)) + ", which gives a median of 50 km", europe, way},
		{"Europe, b = " + short(study.Num(hour)) + ", that of England", europe, hour},
	} {
		if x.w == nil {
			p.line("%-58s %8s %8d %8d %8d %8d", "Europe, seen: Pennings et al. 2025, 389 of ten countries", "", 20, 50, 78, 101)
			continue
		}
		if err := row(x.name, x.w, x.b); err != nil {
			return "", err
		}
	}
	p.line("\nWithout a way over land, and left out: %s people in England, %s in Europe.", amount(study.Num(england.left)), amount(study.Num(europe.left)))
	return p.String(), nil
}

// england is England with its centers.
func (e *env) england(ctx context.Context) (*ways, error) {
	counts, err := e.counts(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range counts {
		if c.Area == "United Kingdom, England" {
			w := &ways{}
			return w, w.add(ctx, e, "GB", c.Regions)
		}
	}
	return nil, fmt.Errorf("the counts of the atlas do not say which regions England is")
}

// europe is all European countries of the atlas that have centers, each with its own.
func (e *env) europe(ctx context.Context) (*ways, error) {
	known, err := e.atlas.Countries(ctx)
	if err != nil {
		return nil, err
	}
	w := &ways{}
	for _, c := range known {
		if c.Listed == 0 || slices.Contains([]string{"US", "CA", "AU"}, c.Code) {
			continue
		}
		if err := w.add(ctx, e, c.Code, nil); err != nil {
			return nil, err
		}
	}
	return w, nil
}

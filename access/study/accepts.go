package study

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"careshed/geo"
)

// parts are the values of a cell that lists several.
func parts(t string) []string {
	p := strings.FieldsFunc(t, func(c rune) bool { return c == ',' || c == ';' })
	for i := range p {
		p[i] = strings.TrimSpace(p[i])
	}
	return p
}

// accepting sorts the features of a layer into those that take the study's
// patients and those of which it is not known; the rest do not.
func (in *inputs) accepting(l *geo.Layer) (take, unsure []int, err error) {
	for i := range l.Len() {
		take = append(take, i)
	}
	for n, a := range in.spec.Sites.Accepts {
		col, err := l.MustHave(a.Field)
		if err != nil {
			return nil, nil, fmt.Errorf("sites.accepts[%d].field: %w", n, err)
		}
		if a.Of != "" {
			continue // depends on the place
		}
		yes := func(t string) bool {
			return slices.ContainsFunc(a.Is, func(is string) bool { return strings.EqualFold(strings.TrimSpace(t), is) })
		}
		if a.Has != "" {
			yes = func(t string) bool {
				return slices.ContainsFunc(parts(t), func(p string) bool { return strings.EqualFold(p, a.Has) })
			}
		}
		var still, doubt []int
		silent, said := 0, false
		for _, group := range []struct {
			rows []int
			sure bool
		}{{take, true}, {unsure, false}} {
			for _, i := range group.rows {
				t := col.Text(i)
				nothing := col.Null(i) || saysNothing(t)
				said = said || !nothing && yes(t)
				switch {
				case nothing && a.Unknown != "accept":
					silent++
					doubt = append(doubt, i)
				case nothing || yes(t):
					if group.sure {
						still = append(still, i)
					} else {
						doubt = append(doubt, i)
					}
				}
			}
		}
		take, unsure = still, doubt
		if silent > 0 {
			in.note("accepts.silent", "n", silent, "field", a.Field)
		}
		if !said {
			return nil, nil, fmt.Errorf("sites.accepts[%d]: no site of layer %s has %s; it has %s", n, l.Name, a.words(), some(distinct(col, a.Has != ""), 6))
		}
	}
	slices.Sort(unsure)
	return take, unsure, nil
}

// distinct are the values of a column, or of the lists in its cells.
func distinct(c geo.Column, lists bool) []string {
	seen := map[string]int{}
	for i := range c.Len() {
		of := []string{c.Text(i)}
		if lists {
			of = parts(of[0])
		}
		for _, t := range of {
			seen[t]++
		}
	}
	return sorted(seen)
}

// silentSites are copies of the sites that say nothing of a value of the places, as
// if they took everybody: who would be nearer to them is counted.
func (in *inputs) silentSites() []center {
	var out []center
	for i := range in.sites {
		open := in.sites[i]
		for k, takes := range open.serves {
			if takes != nil && len(takes) == 0 {
				open.serves = slices.Clone(open.serves)
				open.serves[k] = nil
			}
		}
		if len(open.serves) > 0 && &open.serves[0] != &in.sites[i].serves[0] {
			out = append(out, open)
		}
	}
	if len(out) > 0 {
		in.note("accepts.nobody", "n", len(out))
	}
	return out
}

// claims are the values of the places that the accepts rules with of look at,
// one text a place; "" where no rule does.
func (in *inputs) loadClaims(context.Context) error {
	in.claim = make([][]string, in.places.Len())
	for n, a := range in.spec.Sites.Accepts {
		if a.Of == "" {
			continue
		}
		v, err := in.places.Texts(a.Of)
		if err != nil {
			return fmt.Errorf("sites.accepts[%d].of: %w", n, err)
		}
		var without float64
		for i, t := range v {
			if t = strings.ToLower(strings.TrimSpace(t)); saysNothing(t) {
				t = ""
			}
			in.claim[i] = append(in.claim[i], t)
			if t == "" {
				without += in.people[i]
			}
		}
		if without > 0 {
			in.note("accepts.unclaimed", "people", without, "field", a.Of)
		}
	}
	return nil
}

// serves are, for each accepts rule with of, the values that a site takes; nil
// takes all.
func (in *inputs) serves(l *geo.Layer, i int) [][]string {
	var out [][]string
	for _, a := range in.spec.Sites.Accepts {
		if a.Of == "" {
			continue
		}
		col, ok := l.Column(a.Field)
		takes := []string{}
		switch {
		case !ok:
			takes = nil // candidates without the field: a new site takes all
		case col.Null(i) || saysNothing(col.Text(i)):
			if a.Unknown == "accept" {
				takes = nil
			}
		default:
			takes = parts(col.Text(i))
		}
		out = append(out, takes)
	}
	return out
}

// takes reports whether a site takes patients of a border group with claims.
func (s *center) takes(group string, claim []string) bool {
	if s.group != group {
		return false
	}
	for k, c := range claim {
		if k < len(s.serves) && s.serves[k] != nil && (c == "" || !slices.ContainsFunc(s.serves[k], func(t string) bool { return strings.EqualFold(t, c) })) {
			return false
		}
	}
	return true
}

// doubt says for how many people a site of which it is not known whether it
// takes them would be nearer.
func (r *run) doubt(ctx context.Context) error {
	unsure := append(slices.Clone(r.doubtful), r.silentSites()...)
	if len(unsure) == 0 {
		return nil
	}
	with, err := r.trips(ctx, append(slices.Clone(r.sites), unsure...), 1)
	if err != nil {
		return err
	}
	var people float64
	for i, t := range with.minutes {
		if t < r.base.minutes[i] || math.IsNaN(r.base.minutes[i]) && !math.IsNaN(t) {
			people += r.people[i]
		}
	}
	if people > 0 {
		r.note("accepts.unsure", "people", people, "n", len(unsure))
	}
	return nil
}

package ground

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"careshed/access/study/spec"
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
func (in *Ground) accepting(l *geo.Layer) (take, unsure []int, err error) {
	for i := range l.Len() {
		take = append(take, i)
	}
	for n, a := range in.Spec.Sites.Accepts {
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
				nothing := col.Null(i) || spec.SaysNothing(t)
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
			in.Note("accepts.silent", "n", silent, "field", a.Field)
		}
		if !said {
			return nil, nil, fmt.Errorf("sites.accepts[%d]: no site of layer %s has %s; it has %s", n, l.Name, a.Words(), Some(distinct(col, a.Has != ""), 6))
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
	return slices.Sorted(maps.Keys(seen))
}

// SilentSites are copies of the sites that say nothing of a value of the places, as
// if they took everybody: who would be nearer to them is counted.
func (in *Ground) SilentSites() []Center {
	var out []Center
	for i := range in.Sites {
		open := in.Sites[i]
		for k, takes := range open.serves {
			if takes != nil && len(takes) == 0 {
				open.serves = slices.Clone(open.serves)
				open.serves[k] = nil
			}
		}
		if len(open.serves) > 0 && &open.serves[0] != &in.Sites[i].serves[0] {
			out = append(out, open)
		}
	}
	if len(out) > 0 {
		in.Note("accepts.nobody", "n", len(out))
	}
	return out
}

// claims are the values of the places that the accepts rules with of look at,
// one text a place; "" where no rule does.
func (in *Ground) loadClaims(context.Context) error {
	in.claim = make([][]string, in.Places.Len())
	for n, a := range in.Spec.Sites.Accepts {
		if a.Of == "" {
			continue
		}
		v, err := in.Places.Texts(a.Of)
		if err != nil {
			return fmt.Errorf("sites.accepts[%d].of: %w", n, err)
		}
		var without float64
		for i, t := range v {
			if t = strings.ToLower(strings.TrimSpace(t)); spec.SaysNothing(t) {
				t = ""
			}
			in.claim[i] = append(in.claim[i], t)
			if t == "" {
				without += in.People[i]
			}
		}
		if without > 0 {
			in.Note("accepts.unclaimed", "people", without, "field", a.Of)
		}
	}
	return nil
}

// serves are, for each accepts rule with of, the values that a site takes; nil
// takes all.
func (in *Ground) serves(l *geo.Layer, i int) [][]string {
	var out [][]string
	for _, a := range in.Spec.Sites.Accepts {
		if a.Of == "" {
			continue
		}
		col, ok := l.Column(a.Field)
		takes := []string{}
		switch {
		case !ok:
			takes = nil // candidates without the field: a new site takes all
		case col.Null(i) || spec.SaysNothing(col.Text(i)):
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
func (s *Center) takes(group string, claim []string) bool {
	if s.Group != group {
		return false
	}
	for k, c := range claim {
		if k < len(s.serves) && s.serves[k] != nil && (c == "" || !slices.ContainsFunc(s.serves[k], func(t string) bool { return strings.EqualFold(t, c) })) {
			return false
		}
	}
	return true
}

package ground

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"careshed/access"
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

// verdict is what a site says of a rule.
type verdict int

const (
	refuses verdict = iota
	takes
	silent  // it says nothing
	perhaps // what it says leaves both open
	partly  // it takes some of the study's patients
)

// accepting sorts the features of a layer into those that take the study's
// patients and those of which it is not known; the rest do not.
func (in *Ground) accepting(l *geo.Layer) (take, unsure []int, err error) {
	take, unsure = in.ofAge(l)
	for n, a := range in.Spec.Sites.Accepts {
		col, err := l.MustHave(a.Field)
		if err != nil {
			return nil, nil, fmt.Errorf("sites.accepts[%d].field: %w", n, err)
		}
		if a.Of != "" {
			continue // depends on the place
		}
		says, err := in.verdicts(l, col, a)
		if err != nil {
			return nil, nil, fmt.Errorf("sites.accepts[%d]: %w", n, err)
		}
		count := map[verdict]int{}
		for _, i := range append(slices.Clone(take), unsure...) {
			count[says[i]]++
		}
		sure := func(i int) bool { return says[i] == takes || says[i] == silent && a.Counts() }
		out := func(i int) bool { return says[i] == refuses || says[i] == partly }
		still, doubt := []int(nil), []int(nil)
		for _, i := range take {
			if sure(i) {
				still = append(still, i)
			} else if !out(i) {
				doubt = append(doubt, i)
			}
		}
		for _, i := range unsure {
			if !out(i) {
				doubt = append(doubt, i)
			}
		}
		take, unsure = still, doubt
		in.noteAccepts(a, count)
		if count[takes] == 0 && (a.By != spec.ByAsOf || count[silent] == 0) {
			return nil, nil, fmt.Errorf("sites.accepts[%d]: no site of layer %s has %s; it has %s", n, l.Name, a.Words(),
				Some(distinct(col, a.Has != "" || a.By == spec.ByIndications), 6))
		}
	}
	slices.Sort(unsure)
	return take, unsure, nil
}

// verdicts are what the sites of a layer say of a rule that does not depend on places.
func (in *Ground) verdicts(l *geo.Layer, col geo.Column, a spec.AcceptSpec) ([]verdict, error) {
	says := func(t string) (verdict, string) {
		return yes(slices.ContainsFunc(a.Is, func(is string) bool { return strings.EqualFold(strings.TrimSpace(t), is) })), ""
	}
	switch {
	case a.Has != "":
		says = func(t string) (verdict, string) { return yes(lists(t, a.Has)), "" }
	case a.By == spec.ByIndications:
		says = in.treats
	case a.By == spec.ByAsOf:
		_, after, err := access.Days(in.Spec.AsOf)
		if err != nil {
			return nil, err
		}
		says = func(t string) (verdict, string) { return begun(t, after) }
	}
	out := make([]verdict, l.Len())
	for i := range out {
		t := col.Text(i)
		if col.Null(i) || spec.SaysNothing(t) {
			out[i] = silent
			continue
		}
		var accepted string
		if out[i], accepted = says(t); accepted != "" {
			return nil, fmt.Errorf("layer %s: feature %d (id %s): %s holds %q; accepted: %s", l.Name, i+1, l.ID(i), a.Field, t, accepted)
		}
	}
	return out, nil
}

func yes(is bool) verdict {
	if is {
		return takes
	}
	return refuses
}

// lists reports whether a value is among those of a cell.
func lists(cell, value string) bool {
	return slices.ContainsFunc(parts(cell), func(p string) bool { return strings.EqualFold(p, value) })
}

// treats says whether all indications of the study are among those of a cell. What is
// accepted is told where the cell holds another word: a slip would close a site.
func (in *Ground) treats(cell string) (v verdict, accepted string) {
	var known []string
	for _, i := range access.Indications() {
		known = append(known, i.Key)
	}
	for _, p := range parts(cell) {
		if !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, p) }) {
			return refuses, spec.Listed(known...)
		}
	}
	n := 0
	for _, k := range in.Spec.Demand.Indications {
		n += Bit(lists(cell, k))
	}
	switch n {
	case 0:
		return refuses, ""
	case len(in.Spec.Demand.Indications):
		return takes, ""
	}
	return partly, ""
}

// begun says whether a site that began on a day, in a month or in a year had begun before
// another day.
func begun(since string, before time.Time) (v verdict, accepted string) {
	first, after, err := access.Days(strings.TrimSpace(since))
	switch {
	case err != nil:
		return refuses, "a day, a month or a year: 2024-06-30, 2024-06, 2024"
	case !after.After(before):
		return takes, ""
	case !first.Before(before):
		return refuses, ""
	}
	return perhaps, ""
}

// noteAccepts notes what a rule left out or took without being told, of the sites that
// the rules before it left.
func (in *Ground) noteAccepts(a spec.AcceptSpec, count map[verdict]int) {
	if n := count[silent]; n > 0 && !a.Counts() {
		in.Note("accepts.silent", "n", n, "field", a.Field)
	} else if n > 0 && a.By == spec.ByAsOf {
		in.Note("accepts.undated", "n", n, "field", a.Field)
	}
	if n := count[refuses]; n > 0 && a.By == spec.ByAsOf {
		in.Note("accepts.later", "n", n, "field", a.Field, "date", in.Spec.AsOf)
	} else if n > 0 && a.By == spec.ByIndications {
		in.Note("accepts.others", "n", n, "field", a.Field)
	}
	if n := count[perhaps]; n > 0 {
		in.Note("accepts.perhaps", "n", n, "field", a.Field, "date", in.Spec.AsOf)
	}
	if n := count[partly]; n > 0 {
		in.Note("accepts.some", "n", n, "field", a.Field)
	}
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

package ground

import (
	"slices"
	"strings"

	"careshed/access"
	"careshed/access/study/spec"
	"careshed/geo"
)

// A hospital for children is no center for adults, however near it is: if the study's
// patients are of one age, only sites count that are known to treat it. The fields that
// say so are read where a layer has them with plain yes and no in them, and nothing else
// in the study looks at them.

// ageFields are the names of the fields that say which age a site treats.
var ageFields = map[access.Age][]string{
	access.Adults:   {"adult", "adults"},
	access.Children: {"paediatric", "pediatric", "children"},
}

// Age is that of the study's patients: adults, if the study does not name indications of
// children; "" where it names some of both.
func (in *Ground) Age() access.Age {
	var age access.Age
	for k, key := range in.Indications() {
		i, _ := access.IndicationOf(key)
		if k > 0 && i.Age != age {
			return ""
		}
		age = i.Age
	}
	if in.Indications() == nil { // the number is the study's own
		return access.Adults
	}
	return age
}

// ofAge sorts the features of a layer of sites into those that treat the age of the
// study's patients and those of which it is not known, as of a hospital that is known to
// treat the other age and says nothing of this one; the rest say no.
func (in *Ground) ofAge(l *geo.Layer) (take, unsure []int) {
	age, other := in.Age(), access.Children
	if age == access.Children {
		other = access.Adults
	}
	says := in.ageSaid(l, age)
	if age == "" && in.ageSaid(l, access.Adults) != nil {
		in.Note("accepts.both_ages")
	}
	if !slices.Contains(says, takes) {
		return All(l.Len()), nil
	}
	alone := in.ageSaid(l, other)
	n := map[verdict]int{}
	for i, v := range says {
		switch {
		case v == takes:
			take = append(take, i)
			continue
		case v == silent:
			unsure = append(unsure, i)
			if alone != nil && alone[i] == takes {
				v = refuses
			}
		}
		n[v]++
	}
	in.noteAge(age, n[refuses], n[silent])
	return take, unsure
}

// noteAge notes how many sites treat the other age alone, and how many do not say which.
func (in *Ground) noteAge(age access.Age, others, silent int) {
	switch {
	case others > 0 && age == access.Children:
		in.Note("accepts.children", "n", others)
	case others > 0:
		in.Note("accepts.adults", "n", others)
	}
	switch {
	case silent > 0 && age == access.Children:
		in.Note("accepts.children_unsaid", "n", silent)
	case silent > 0:
		in.Note("accepts.adults_unsaid", "n", silent)
	}
}

// ageSaid is what sites say of an age; nil where no field does, or the study looks at it
// itself.
func (in *Ground) ageSaid(l *geo.Layer, age access.Age) []verdict {
	for _, field := range ageFields[age] {
		col, ok := l.Column(field)
		if !ok || in.choosesByAge() {
			continue
		}
		out := make([]verdict, l.Len())
		for i := range out {
			v, plain := plainly(col, i)
			if !plain {
				return nil // a number of adults, say
			}
			out[i] = v
		}
		return out
	}
	return nil
}

// choosesByAge reports whether the study itself says which ages sites must treat.
func (in *Ground) choosesByAge() bool {
	for _, fields := range ageFields {
		for _, field := range fields {
			if slices.ContainsFunc(in.Spec.Sites.Accepts, func(a spec.AcceptSpec) bool { return a.Field == field }) ||
				slices.ContainsFunc(in.Spec.Sites.Where, func(c spec.Condition) bool { return c.Field == field }) {
				return true
			}
		}
	}
	return false
}

// plainly is a cell that says yes, no or nothing.
func plainly(c geo.Column, i int) (v verdict, plain bool) {
	t := strings.ToLower(strings.TrimSpace(c.Text(i)))
	switch {
	case c.Null(i) || spec.SaysNothing(t):
		return silent, true
	case slices.Contains([]string{"yes", "y", "true", "1", "ja", "j", "oui", "sí", "si", "sì", "sim", "tak"}, t):
		return takes, true
	case slices.Contains([]string{"no", "n", "false", "0", "nein", "nee", "non", "não", "nie", "nej"}, t):
		return refuses, true
	}
	return silent, false
}

package ground

import (
	"slices"

	"careshed/geo"
)

// oneTown is how far apart two centers of one name may lie that are likely one center.
const oneTown geo.Metres = 50_000

// manyNamed is how many centers a name has that says nothing: Hospital, or that of a chain.
const manyNamed = 20

// noteNamesakes notes centers that are called alike, lie near each other, and count as several:
// perhaps one center with two addresses, or once for each therapy or year.
func (in *Ground) noteNamesakes() {
	if in.Spec.Sites.Layer == "" {
		return
	}
	named := map[string][]int{}
	for i, s := range in.Sites {
		if name := geo.PlainName(s.Name); name != "" && s.Located {
			named[name] = append(named[name], i)
		}
	}
	counted := in.Counted()
	n, such := 0, ""
	for i, s := range in.Sites {
		rows := named[geo.PlainName(s.Name)]
		if len(rows) > manyNamed {
			continue
		}
		before := rows[:max(0, slices.Index(rows, i))]
		if slices.ContainsFunc(before, func(j int) bool {
			return counted[i] != counted[j] && geo.Distance(s.At, in.Sites[j].At) < oneTown
		}) {
			if n++; n == 1 {
				such = s.Name
			}
		}
	}
	if n > 0 {
		in.Note("sites.namesakes", "n", n, "such", such)
	}
}

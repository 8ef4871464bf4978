package ground

import (
	"careshed/geo"
)

// oneTown is how far apart two centers of one name may lie that are likely one center.
const oneTown geo.Metres = 50_000

// noteNamesakes notes centers that are called alike, lie near each other, and count as several:
// perhaps one center with two addresses, or once for each therapy or year.
func (in *Ground) noteNamesakes() {
	counted := in.Counted()
	first := map[string][]int{} // the sites of a name
	n, such := 0, ""
	for i, s := range in.Sites {
		name := geo.PlainName(s.Name)
		if name == "" || !s.Located || in.nowhere(s) {
			continue
		}
		for _, j := range first[name] {
			if counted[i] != counted[j] && geo.Distance(s.At, in.Sites[j].At) < oneTown {
				n++
				if such == "" {
					such = s.Name
				}
				break
			}
		}
		first[name] = append(first[name], i)
	}
	if n > 0 && in.Spec.Sites.Layer != "" {
		in.Note("sites.namesakes", "n", n, "such", such)
	}
}

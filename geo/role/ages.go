package role

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"careshed/geo"
)

// noAgesTwice refuses rows of a place whose ages overlap by years, as 18–64 beside 15–49: who is
// in both would be counted in both, whether or not some are the sums of others. Rows of one and
// the same age are left to those who look for twins.
func (r Role) noAgesTwice(l *geo.Layer, c geo.Column, people []float64, places [][]int) error {
	for _, ages := range l.Columns() {
		if ages.Type != geo.Text || !slices.ContainsFunc(wordsOf(ages.Name), func(w string) bool { return slices.Contains(namesOfAges, w) }) {
			continue
		}
		a, b, found := agesTwice(people, places, bandsOf(ages), telling(l, c.Name, ages.Name))
		if !found {
			continue
		}
		e := r.fault(l, c, b, fmt.Sprintf("for a place that feature %d holds as well: %s is %s there and %s here, and who is of an age in both would be counted twice",
			a+1, ages.Name, ages.Text(a), ages.Text(b)))
		e.Accept = countedTwice
		return e
	}
	return nil
}

// namesOfAges are words in the names of columns that say of what age people are.
var namesOfAges = []string{"age", "ages", "aged", "alter", "altersgruppe", "altersklasse", "âge", "âges", "edad", "edades", "età", "eta", "leeftijd", "ålder", "alder",
	"idade", "wiek", "věk", "ikä", "kor"}

// agesTwice are two rows of a place with many people of the same ages, which agree in all else
// that tells people apart, such as their sex.
func agesTwice(people []float64, places [][]int, bands []band, telling []geo.Column) (a, b int, found bool) {
	const mostBands = 200
	for _, here := range places {
		if len(here) > mostBands {
			continue
		}
		for k, b := range here {
			for _, a := range here[:k] {
				if people[a] >= enough && people[b] >= enough && bands[a] != bands[b] && bands[a].shares(bands[b]) && alike(telling, a, b) {
					return a, b, true
				}
			}
		}
	}
	return 0, 0, false
}

// telling are the columns that tell kinds of rows apart, but for some: words, truths and codes,
// which many rows share, and no names of each row or measurements.
func telling(l *geo.Layer, but ...string) (out []geo.Column) {
	for _, c := range l.Columns() {
		said := map[string]bool{}
		for i := 0; i < l.Len() && 2*len(said) <= l.Len(); i++ {
			said[c.Text(i)] = true
		}
		if 2*len(said) <= l.Len() && !slices.Contains(but, c.Name) {
			out = append(out, c)
		}
	}
	return out
}

func alike(telling []geo.Column, a, b int) bool {
	return !slices.ContainsFunc(telling, func(c geo.Column) bool { return c.Null(a) != c.Null(b) || !c.Null(a) && c.Text(a) != c.Text(b) })
}

// band is ages from and to, both in it; none if it ends before it begins.
type band struct{ from, to float64 }

var noBand = band{0, -1}

// bandsOf are those of a column's rows.
func bandsOf(ages geo.Column) []band {
	out, read := make([]band, ages.Len()), map[string]band{}
	for i := range out {
		if out[i] = noBand; ages.Null(i) {
			continue
		}
		text := ages.Text(i)
		b, known := read[text]
		if !known {
			b = bandOf(text)
			read[text] = b
		}
		out[i] = b
	}
	return out
}

// shares reports whether two bands have two years in common: of one, 18 in 0–18 and in 18–65, the
// offices mean the birthday at which one ends and the other begins.
func (b band) shares(o band) bool { return math.Min(b.to, o.to)-math.Max(b.from, o.from) >= 1 }

// How ages are written: 15-64, 15 bis 64 Jahre, Y15-64; 65+, 65 and over, Y_GE65; under 15, <15,
// moins de 15 ans, Y_LT15.
var (
	ageWords = `(?:\s*(?:years?|yrs?|y|jahren?|jahre|ans|años|anos|anni|jaar|år|let|lat)\.?(?: old)?)?`
	ageRange = regexp.MustCompile(`^(?:y|aged? |von |de |da |from )?(\d{1,3})` + ageWords + `\s*(?:-|–|—|to|bis|à|a|tot|til|do)\s*(\d{1,3})` + ageWords + `$`)
	ageOver  = regexp.MustCompile(`^(?:y_?ge|≥\s*|>=\s*)?(\d{1,3})` + ageWords + `\s*(\+|and (?:over|older|above)|or (?:over|older|more)|plus|und älter|u\. ?ä\.?|et plus|ou plus|y más|e più|e oltre|en ouder|och äldre)?$`)
	ageUnder = regexp.MustCompile(`^(?:y_?lt|<\s*|under |less than |unter |moins de |menos de |meno di |jonger dan )(\d{1,3})` + ageWords + `$`)
)

// bandOf reads a band of ages; a single age is none.
func bandOf(text string) band {
	text = strings.ToLower(strings.TrimSpace(text))
	if m := ageRange.FindStringSubmatch(text); m != nil && number(m[1]) < number(m[2]) {
		return band{number(m[1]), number(m[2])}
	}
	if m := ageUnder.FindStringSubmatch(text); m != nil {
		return band{0, number(m[1]) - 1}
	}
	if m := ageOver.FindStringSubmatch(text); m != nil && (m[2] != "" || strings.ContainsAny(text[:1], "y≥>")) {
		return band{number(m[1]), math.Inf(1)}
	}
	return noBand
}

func number(digits string) float64 {
	n, _ := strconv.ParseFloat(digits, 64) // digits alone
	return n
}

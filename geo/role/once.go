package role

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// once refuses people who stand in more than one row, as far as that is certain: rows of
// totals and of several levels, the same place in several years, and sums beside their
// parts. Each makes people twice as many, and every share of them wrong.
func (r Role) once(l *geo.Layer, c geo.Column, people []float64, out *Reading) error {
	if l.Len() < 3 {
		return nil
	}
	if err := r.noTotal(l, c, people, out); err != nil {
		return err
	}
	if err := r.noLevels(l, c, people); err != nil {
		return err
	}
	if err := r.noLevelColumn(l, c, people); err != nil {
		return err
	}
	overlapping(l, c, out)
	return r.noRepeat(l, c, people, out)
}

// mostLooked is for how many rows it is looked whether their shapes lie in others.
const mostLooked = 1000

// overlapping doubts people in shapes that lie in others, more than a slip of the border:
// of every so many rows, where there are many.
func overlapping(l *geo.Layer, c geo.Column, out *Reading) {
	looked, within, first := 0, 0, -1
	for i := 0; i < l.Len(); i += 1 + l.Len()/mostLooked {
		switch l.Shape(i).(type) {
		case orb.Polygon, orb.MultiPolygon:
		default:
			continue
		}
		looked++
		if _, n := l.Holding(l.Point(i)); n > 1 {
			if within++; first < 0 {
				first = i
			}
		}
	}
	if within*10 > looked {
		out.Doubts = append(out.Doubts, geo.Doubt{Text: fmt.Sprintf("of %d shapes with %s that were looked at, %d have their middle in another as well, "+
			"such as that of feature %d (id %s): are people counted twice?", looked, c.Name, within, first+1, l.ID(first))})
	}
}

// totals are words for all together, as statistical offices write them.
var totals = wordSet(
	"total", "totals", "grand total", "sum", "overall", "all", "all areas", "gesamt", "insgesamt", "gesamtsumme", "summe", "zusammen", "ensemble", "totale",
	"totaal", "totalt", "suma", "total general", "total geral", "razem", "ogółem", "celkem",
	"spolu", "összesen", "ukupno", "skupaj", "yhteensä", "i alt", "toplam", "итого", "всего",
	"разом", "усього", "σύνολο", "合計", "总计", "合计", "합계",
)

// partTotals are words of a total beside another, as in "Grand Total" and "Zwischensumme Nord":
// those above but the ones that places are called by as well.
var partTotals = wordSet(
	"total", "totals", "subtotal", "sub-total", "gesamt", "insgesamt", "gesamtsumme", "gesamtergebnis", "zwischensumme", "teilergebnis", "ergebnis", "summe",
	"ensemble", "sous-total", "totale", "subtotale", "totaal", "totalt", "razem", "ogółem", "celkem", "összesen", "yhteensä", "toplam", "итого", "всего",
)

// words are texts in small letters.
type words map[string]bool

func wordSet(all ...string) words {
	w := words{}
	for _, text := range all {
		w[text] = true
	}
	return w
}

// has reports whether a text in small letters is one of them. Every name of a layer is
// asked for: those without letters beyond ASCII are lowered in place.
func (w words) has(text string) bool {
	var lower [32]byte // no word in ASCII is as long
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= utf8.RuneSelf:
			return w[strings.ToLower(text)]
		case i == len(lower):
			return false
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	return w[string(lower[:len(text)])]
}

// IsTotal reports whether a text is a word for all together, such as Total or Insgesamt, and
// no more: Ensemble Hospitalier is a hospital.
func IsTotal(text string) bool { return totals.has(strings.Trim(text, " :.*")) }

// saysTotal reports whether a text is a word for all together, or begins or ends with one.
func saysTotal(text string) bool {
	text = strings.Trim(text, " :.*")
	if totals.has(text) {
		return true
	}
	first, _, some := strings.Cut(text, " ")
	last := text[strings.LastIndexByte(text, ' ')+1:]
	return some && partTotals.has(strings.Trim(first, ":,")) || partTotals.has(last)
}

// totalRows are the rows of which a cell says that they hold all together, each with it.
func totalRows(l *geo.Layer, says func(text string) bool) map[int]string {
	rows := map[int]string{}
	for _, c := range l.Columns() {
		if c.Type != geo.Text {
			continue
		}
		codes, texts := c.Codes()
		const asked, yes = 1, 2
		known := make([]byte, len(texts)) // most texts may be of rows that were not chosen
		for i, k := range codes {
			if k < 0 {
				continue
			}
			if known[k] == 0 {
				known[k] = asked
				if says(texts[k]) {
					known[k] = yes
				}
			}
			if known[k] == yes {
				rows[i] = strings.TrimSpace(texts[k])
			}
		}
	}
	return rows
}

// exactly is by how much of itself a sum may differ from what it is taken for, roughly
// by how much one may whose row says that it is one: others may have been rounded, and
// some live nowhere that is known.
const (
	exactly = 1e-9
	roughly = 0.02
)

// multiple is how many times a goes into b, 0 if not a whole number of times up to 5.
func multiple(a, b, within float64) int {
	k := math.Round(b / a)
	if !(k >= 1 && k <= 5) || math.Abs(b-k*a) > within*b {
		return 0
	}
	return int(k)
}

// noTotal refuses a row that holds the people of the others together, once for each
// level of rows that there is: one that is called a total, has no place, or whose code
// begins all the others. One that happens to be as large is a doubt.
func (r Role) noTotal(l *geo.Layer, c geo.Column, people []float64, out *Reading) error {
	var sum, placeless float64
	largest, without := 0, 0
	for i, v := range people {
		sum += v
		if v > people[largest] {
			largest = i
		}
		if !l.IsTable() && !l.Located(i) {
			placeless += v
			without++
		}
	}
	rest := sum - people[largest]
	if !(rest > 0) || math.IsInf(sum, 0) {
		return nil
	}
	ofPeople := r.whose == everybody
	once, says := "each of the people", saysTotal
	if !ofPeople {
		once, says = "each amount", IsTotal
	}
	fault := func(row int, what string) error {
		if !ofPeople {
			what = strings.ReplaceAll(what, "everybody", "everything")
		}
		e := r.fault(l, c, row, what)
		e.Accept = once + " in one row; the file without such rows, or a study's where, such as {NAME: {not: Total}}, which leaves them out"
		return e
	}
	if err := namedTotals(totalRows(l, says), people, largest, sum, fault); err != nil {
		return err
	}
	if !ofPeople {
		return nil // slots of a few centers add up to those of others by chance
	}
	if located := sum - placeless; without > 0 && located > 0 && len(people)-without > 1 {
		if k := multiple(located, placeless, exactly); k > 0 {
			first := 0
			for l.Located(first) || people[first] == 0 {
				first++
			}
			return fault(first, fmt.Sprintf("in a row without a location, and such rows hold what all others do (%s)%s: totals, "+
				"by which everybody would be counted %d times", geo.AppendNumber(nil, located), each(k), k+1))
		}
		if k := multiple(people[largest], rest, exactly); k > 0 && !l.Located(largest) {
			return fault(largest, fmt.Sprintf("what all other rows hold together%s, in a row without a location: a total, "+
				"by which everybody would be counted %d times", each(k), k+1))
		}
	}
	second := 0.0
	for i, v := range people {
		if i != largest {
			second = max(second, v)
		}
	}
	k := multiple(people[largest], rest, exactly)
	if k == 0 || second == people[largest] {
		return nil
	}
	if code, nested := beginsAll(l, largest); nested && (k > 1 || len(people) > 3) {
		return fault(largest, fmt.Sprintf("the sum of the other rows, and its code %s begins all of theirs: rows of several levels, "+
			"by which everybody would be counted %d times", code, k+1))
	}
	if k == 1 && len(people) > 3 {
		out.Doubts = append(out.Doubts, geo.Doubt{Rows: []int32{int32(largest)}, Text: fmt.Sprintf("%s of feature %d (id %s) is the sum of all others: "+
			"is it a total, by which everybody is counted twice? where in the study leaves it out", c.Name, largest+1, l.ID(largest))})
	}
	return nil
}

// namedTotals is the fault of rows that are called totals and hold what all other rows do:
// of the largest, or of all that are called so.
func namedTotals(words map[int]string, people []float64, largest int, sum float64, fault func(int, string) error) error {
	all, first := 0.0, len(people)
	for i := range words {
		all += people[i]
		first = min(first, i)
	}
	if word, named := words[largest]; named {
		if k := multiple(people[largest], sum-people[largest], roughly); k > 0 {
			return fault(largest, fmt.Sprintf("what all other rows hold together%s, and the row is called %q: everybody would be counted %d times", each(k), word, k+1))
		}
	}
	if len(words) < 2 || all < enough {
		return nil
	}
	if k := multiple(sum-all, all, roughly); k > 0 {
		return fault(first, fmt.Sprintf("in a row called %q, and the %d rows that are called so hold what all others do%s: "+
			"everybody would be counted %d times", words[first], len(words), each(k), k+1))
	}
	return nil
}

// each says that something is there several times.
func each(k int) string {
	if k == 1 {
		return ""
	}
	return fmt.Sprintf(" (%d times)", k)
}

// enough is how many people must be in rows that add up: a few patients do by chance.
const enough = 100

// noLevels refuses regions beside the places in them: where a code begins longer ones, its
// row holds what theirs hold together, as 06 does of 06001 and 06003, nearly everywhere.
func (r Role) noLevels(l *geo.Layer, c geo.Column, people []float64) error {
	for codes := range codesOf(l) {
		byLength := map[int][]int{}
		for i := range l.Len() {
			if !codes.Null(i) {
				n := len(codes.Text(i))
				byLength[n] = append(byLength[n], i)
			}
		}
		lengths := slices.Sorted(maps.Keys(byLength))
		for k := 1; k < len(lengths) && len(lengths) <= mostLevels; k++ {
			within := make(map[string]float64, len(byLength[lengths[k-1]]))
			for _, i := range byLength[lengths[k-1]] {
				within[codes.Text(i)] = 0
			}
			for _, i := range byLength[lengths[k]] {
				if sum, parted := within[codes.Text(i)[:lengths[k-1]]]; parted {
					within[codes.Text(i)[:lengths[k-1]]] = sum + people[i]
				}
			}
			sums, first, others, held := 0, -1, 0, 0.0
			for _, i := range byLength[lengths[k-1]] {
				parts := within[codes.Text(i)]
				if parts == 0 {
					continue
				}
				if math.Abs(parts-people[i]) > exactly*parts {
					others++
					continue
				}
				held += parts
				if sums++; first < 0 {
					first = i
				}
			}
			if sums < 2 || others*10 > sums || held < enough {
				continue
			}
			e := r.fault(l, c, first, fmt.Sprintf("the sum of the rows whose %s begins with %s, and so with %d codes: "+
				"regions beside the places in them, so that people would be counted twice", codes.Name, codes.Text(first), sums))
			e.Accept = "rows of one level; the file without the others, or a study's where"
			return e
		}
	}
	return nil
}

// mostLevels is how many lengths codes of several levels have: others are no codes.
const mostLevels = 6

// codesOf are the columns of a layer that hold codes as texts.
func codesOf(l *geo.Layer) func(func(geo.Column) bool) {
	return func(yield func(geo.Column) bool) {
		for _, c := range l.Columns() {
			coded := geo.CalledID(c.Name) >= 0 || slices.Contains([]string{"geo", "nuts", "code", "ags", "ars"}, geo.PlainName(c.Name))
			if c.Type == geo.Text && coded && !yield(c) {
				return
			}
		}
	}
}

// beginsAll says that the code of a row is the beginning of all others, as that of a
// country is of its regions.
func beginsAll(l *geo.Layer, row int) (code string, yes bool) {
	for c := range codesOf(l) {
		if c.Null(row) {
			continue
		}
		code, yes = c.Text(row), c.Text(row) != ""
		for i := range l.Len() {
			yes = yes && !c.Null(i) && strings.HasPrefix(c.Text(i), code)
		}
		if yes {
			return code, true
		}
	}
	return "", false
}

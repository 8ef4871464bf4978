package role

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// noRepeat refuses the same place in several rows where they are of several times, variants
// or measures, where some are the sums of others, or where they say the same.
func (r Role) noRepeat(l *geo.Layer, c geo.Column, people []float64, out *Reading) error {
	if l.IsTable() {
		return nil
	}
	places := shared(l)
	if len(places) == 0 {
		return nil
	}
	for t := range editionsOf(l) {
		if example, again := series(t, places); 2*again >= l.Len() {
			e := r.fault(l, c, example[1], fmt.Sprintf("for a place that feature %d holds as well: %s is %s there and %s here, and its people would be counted in each",
				example[0]+1, t.Name, t.Text(example[0]), t.Text(example[1])))
			e.Accept = fmt.Sprintf("one row a place; where: {%s: %s} in the study chooses", t.Name, t.Text(example[1]))
			return e
		}
	}
	if err := r.noPart(l, c, people, places); err != nil {
		return err
	}
	if err := r.noWhole(l, c, people, places); err != nil {
		return err
	}
	if err := r.noOverlap(l, c, people, places); err != nil {
		return err
	}
	if err := r.noAgesTwice(l, c, people, places); err != nil {
		return err
	}
	return r.noTwins(l, c, people, places, out)
}

// shared are the rows of each point at which several lie, in their order.
func shared(l *geo.Layer) [][]int {
	first := make(map[orb.Point]int, l.Len())
	at := map[int]int{} // of the first row, where its rows stand in places
	var places [][]int
	for i := range l.Rows() {
		f, again := first[l.Point(i)]
		if !again {
			first[l.Point(i)] = i
			continue
		}
		k, known := at[f]
		if !known {
			k = len(places)
			at[f], places = k, append(places, []int{f})
		}
		places[k] = append(places[k], i)
	}
	return places
}

// series are two rows of a place that has one row for each of the times there are, of two at
// least, and how many rows such places have. Patients of one town with the day of each are
// no series: no town has all days.
func series(t geo.Column, places [][]int) (example [2]int, again int) {
	all := map[string]bool{}
	for i := range t.Len() {
		all[t.Text(i)] = true
	}
	for _, rows := range places {
		here := map[string]bool{}
		for _, i := range rows {
			here[t.Text(i)] = true
		}
		if len(all) < 2 || len(here) < len(all) || len(rows) > len(all) {
			continue
		}
		if again += len(rows); again == len(rows) || rows[0] < example[0] {
			example = [2]int{rows[0], rows[1]}
		}
	}
	return example, again
}

// noSeries refuses amounts of the same sites in several years, and doubts those that are the same
// in every row of each site: beds said once for each therapy, and added up.
func (r Role) noSeries(l *geo.Layer, c geo.Column, amounts []float64, out *Reading) error {
	if l.IsTable() {
		return nil
	}
	places := shared(l)
	for t := range editionsOf(l) {
		if example, again := series(t, places); again > 2 && 2*again >= l.Len() && allTimes(t) {
			e := r.fault(l, c, example[1], fmt.Sprintf("for a site that feature %d holds as well: %s is %s there and %s here, and both would be added up",
				example[0]+1, t.Name, t.Text(example[0]), t.Text(example[1])))
			e.Accept = fmt.Sprintf("one row a site; where: {%s: %s} in the study chooses", t.Name, t.Text(example[1]))
			return e
		}
	}
	kinds := map[float64]bool{}
	for _, here := range places {
		for _, i := range here {
			if amounts[i] != amounts[here[0]] {
				return nil
			}
		}
		kinds[amounts[here[0]]] = true
	}
	if len(places) >= 3 && len(kinds) >= 3 {
		out.Doubts = append(out.Doubts, geo.Doubt{Text: fmt.Sprintf("%s is the same in every row of each of %d sites that have several, such as feature %d and feature %d: "+
			"is it of the site, and added up once for each row?", c.Name, len(places), places[0][0]+1, places[0][1]+1)})
	}
	return nil
}

const countedTwice = "one row a place, or rows of which no two count the same people; where in the study chooses"

// noPart refuses places of three rows and more of which one is what all others hold together,
// everywhere, as that of both sexes or of all ages is; once for each column that has such rows.
func (r Role) noPart(l *geo.Layer, c geo.Column, people []float64, places [][]int) error {
	rows, sums, example, held, times := 0, 0, -1, 0.0, 0
	for _, here := range places {
		var sum float64
		most, some := here[0], 0
		for _, i := range here {
			if people[i] > 0 {
				some++
			}
			sum += people[i]
			if people[i] > people[most] {
				most = i
			}
		}
		if len(here) < 3 || sum == 0 {
			continue
		}
		k := multiple(people[most], sum-people[most], exactly)
		if k == 0 || times > 0 && k != times {
			return nil
		}
		times, rows = k, rows+len(here)
		if some < 3 {
			continue // two alike, and nobody: no evidence
		}
		held += people[most]
		if sums++; example < 0 || most < example {
			example = most
		}
	}
	if sums < 2 || 2*rows < l.Len() || held < enough {
		return nil
	}
	e := r.fault(l, c, example, fmt.Sprintf("the sum of the other rows of the same place%s, as in every place of several rows: everybody would be counted %s",
		each(times), many(times+1)))
	e.Accept = countedTwice
	return e
}

// many is how many times something is counted.
func many(n int) string {
	if n == 2 {
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

// mostParts is for how many rows of a place sums of some of them are looked for.
const mostParts = 60

// noOverlap refuses a row of each place that is the sum of two or more others which follow
// each other, as that of the people from 18 on is beside 18 to 64 and 65 and more. All places
// of several rows have as many, in one order.
func (r Role) noOverlap(l *geo.Layer, c geo.Column, people []float64, places [][]int) error {
	n := len(places[0])
	rows := 0
	for _, here := range places {
		if len(here) != n {
			return nil
		}
		rows += n
	}
	if n < 3 || n > mostParts || 2*rows < l.Len() || len(places) < 2 || len(places) < 3 && n > 4 {
		return nil
	}
	for k := range n {
		for from := range n {
			for to := from + 2; to <= n; to++ {
				if k >= from && k < to || !r.addUp(people, places, k, [2]int{from, to}) {
					continue
				}
				here := places[0]
				e := r.fault(l, c, here[k], fmt.Sprintf("the sum of %d other rows of the same place, from feature %d on, and so it is in every place: "+
					"those people would be counted twice",
					to-from, here[from]+1))
				e.Accept = countedTwice
				return e
			}
		}
	}
	return nil
}

// addUp reports whether row k of every place is the sum of a run of its rows, with people in
// more than one of them, and enough in all that it is not by chance.
func (r Role) addUp(people []float64, places [][]int, k int, run [2]int) bool {
	evidence, held := 0, 0.0
	for _, here := range places {
		sum, some := 0.0, 0
		for _, i := range here[run[0]:run[1]] {
			sum += people[i]
			if people[i] > 0 {
				some++
			}
		}
		whole := people[here[k]]
		if math.Abs(sum-whole) > exactly*whole {
			return false
		}
		if held += whole; some > 1 {
			evidence++
		}
	}
	return evidence*2 >= len(places) && evidence > 1 && held >= enough*float64(len(places))
}

// noTwins refuses rows of one place, of enough people each, that say the same in every column
// but in one that numbers them, where these are a third of all; fewer are a doubt.
func (r Role) noTwins(l *geo.Layer, c geo.Column, people []float64, places [][]int, out *Reading) error {
	var telling []geo.Column
	for _, other := range l.Columns() {
		if !geo.CalledSerial(other.Name) || !l.Identified() {
			telling = append(telling, other)
		}
	}
	var twins []int32
	first := 0 // the row that the first of them repeats
	for _, here := range places {
		seen := map[string]int{}
		for _, i := range here {
			if people[i] < enough {
				continue
			}
			said := ""
			for _, other := range telling {
				said += other.Text(i) + "\x00"
			}
			j, again := seen[said]
			if !again {
				seen[said] = i
				continue
			}
			if len(twins) == 0 {
				first = j
			}
			twins = append(twins, int32(i))
		}
	}
	if len(twins) == 0 {
		return nil
	}
	if 3*len(twins) < l.Len() {
		out.Doubts = append(out.Doubts, geo.Doubt{Rows: twins, Text: fmt.Sprintf("%s with what another of the same place says in every column, "+
			"such as feature %d and feature %d (id %s): are people counted twice?",
			rowsOf(len(twins)), first+1, twins[0]+1, l.ID(int(twins[0])))})
		return nil
	}
	e := r.fault(l, c, int(twins[0]), fmt.Sprintf("in a row that says of its place what feature %d says, as do %d of %d rows: "+
		"people would be counted twice", first+1, len(twins), l.Len()))
	e.Accept = "one row a place; the file without its repeated rows"
	return e
}

// editions are what columns are called, or end in, of which a study takes one value: the
// time that a row is of, its variant, or what its number measures.
var editions = struct{ times, kinds []string }{
	times: []string{"year", "jahr", "annee", "année", "anno", "año", "ano", "rok", "date", "datum", "stichtag", "fecha", "data",
		"period", "periode", "periodo", "période", "time", "zeit", "vintage", "edition", "wave", "quarter"},
	kinds: []string{"indicator", "indic", "indicateur", "indicatore", "indicador", "indikator", "merkmal", "variable", "variabile", "measure", "statistic", "unit",
		"variant", "variante", "variants",
		"wave", "welle", "vague", "edition", "release", "vintage", "revision", "census",
		"scenario", "szenario", "scénario", "escenario", "projection", "projvar", "concept", "dataset", "source", "quelle"},
}

// editionsOf are the columns of a layer that say of which time, variant or measure a row is.
func editionsOf(l *geo.Layer) func(func(geo.Column) bool) {
	ends := func(name string, of []string) bool {
		return slices.ContainsFunc(wordsOf(name), func(w string) bool {
			return slices.ContainsFunc(of, func(end string) bool { return strings.HasSuffix(w, end) })
		})
	}
	return func(yield func(geo.Column) bool) {
		for _, c := range l.Columns() {
			name := geo.PlainName(c.Name)
			born := strings.Contains(name, "birth") || strings.Contains(name, "geb")
			if (!born && ends(c.Name, editions.times) && allTimes(c) || c.Type == geo.Text && ends(c.Name, editions.kinds)) && !yield(c) {
				return
			}
		}
	}
}

// allTimes says that every value is a year, a quarter, a month or a day, whatever words
// stand beside the year.
func allTimes(c geo.Column) bool {
	for i := range c.Len() {
		if c.Null(i) || !holdsYear(c.Text(i)) {
			return false
		}
	}
	return c.Len() > 0
}

// holdsYear reports whether a text holds four digits that are a year, or begins with one
// and a month and a day in eight digits.
func holdsYear(text string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsDigit(r) }), func(w string) bool {
		return (len(w) == 4 || len(w) == 6 || len(w) == 8) && w[:4] >= "1800" && w[:4] <= "2200"
	})
}

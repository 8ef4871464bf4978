package role

import (
	"fmt"
	"math"

	"careshed/geo"
)

// PartOf looks whether a field that was read as numbers of some of the people of each row, such
// as patients or those without a car, holds rates or shares in their place. A name that says
// so is refused, and so are more of them than there are people; what does not grow with the
// people is a doubt. A unit that the layer's entry declares says that they are people.
func PartOf(l *geo.Layer, field string, part, people []float64) ([]geo.Doubt, error) {
	c, err := l.MustHave(field)
	if err != nil {
		return nil, err
	}
	if c.Unit != "" {
		return nil, nil
	}
	declare := fmt.Sprintf("units: {%s: people} in the layer's entry if the name misleads", field)
	if calledRatio(field) {
		return nil, &Error{Layer: l.Name, Field: field, What: "is called as a rate or a share is, and the people in each row are asked for",
			Accept: "numbers of people; multiply it by the people of each row, or " + declare}
	}
	var sum, all float64
	more := -1
	for i, n := range part {
		sum, all = sum+n, all+people[i]
		if n > people[i] && people[i] > 0 && (more < 0 || n-people[i] > part[more]-people[more]) {
			more = i
		}
	}
	if sum > all*(1+roughly) {
		e := &Error{Layer: l.Name, Field: field, What: fmt.Sprintf("adds up to %s, and all people to %s", geo.AppendNumber(nil, math.Round(sum)), geo.AppendNumber(nil, math.Round(all))),
			Accept: "numbers of some of the people in each row"}
		if more >= 0 {
			e.Row, e.ID, e.Value = more+1, l.ID(more), c.Text(more)
		}
		return nil, e
	}
	var doubts []geo.Doubt
	if more >= 0 {
		doubts = append(doubts, geo.Doubt{Rows: []int32{int32(more)}, Text: fmt.Sprintf("%s of feature %d (id %s) is %s of %s people",
			field, more+1, l.ID(more), c.Text(more), geo.AppendNumber(nil, people[more]))})
	}
	if flat(part, people) || percent(part, people) {
		doubts = append(doubts, geo.Doubt{Text: fmt.Sprintf("%s is about as large in small places as in large ones: is it a rate or a share, and not a number of people?", field)})
	}
	return doubts, nil
}

// few is up to how many cases a place whole numbers are alike by chance.
const few = 20

// percent reports whether numbers with decimals that lie within 100, and are more than one in a
// thousand of the people, do not follow these at all: for each person they spread as much as
// they do themselves, which percentages do in places that are all about as large.
func percent(part, people []float64) bool {
	var of, each []float64
	broken, sum, all := 0, 0.0, 0.0
	for i, n := range part {
		if !(n > 0 && n <= 100 && people[i] > 0) {
			return false
		}
		if n != math.Trunc(n) {
			broken++
		}
		sum, all = sum+n, all+people[i]
		of, each = append(of, math.Log(n)), append(each, math.Log(n/people[i]))
	}
	return len(part) >= 10 && 2*broken > len(part) && sum*1000 > all && spread(each) >= spread(of)
}

// flat reports whether numbers hardly change from small places to large ones, as rates do:
// their logarithms spread less than half as much as those of the people, and numbers for
// each person spread more than half as much.
func flat(part, people []float64) bool {
	var size, of, each []float64
	whole, most, rows := true, 0.0, 0
	for i, n := range part {
		if people[i] > 0 {
			rows++
		}
		if whole = whole && n == math.Trunc(n); n > 0 && people[i] > 0 {
			size, of, each = append(size, math.Log(people[i])), append(of, math.Log(n)), append(each, math.Log(n/people[i]))
			most = max(most, n)
		}
	}
	if len(size) < 5 || 2*len(size) < rows || whole && most <= few {
		return false
	}
	s := spread(size)
	return s >= 0.5 && spread(of) < s/2 && spread(each) >= 0.6*s
}

// spread is the standard deviation.
func spread(v []float64) float64 {
	var sum, squares float64
	for _, x := range v {
		sum += x
	}
	mean := sum / float64(len(v))
	for _, x := range v {
		squares += (x - mean) * (x - mean)
	}
	return math.Sqrt(squares / float64(len(v)))
}

package finding

import (
	"fmt"
	"slices"
	"strings"

	"careshed/access"
	"careshed/access/study/ground"
)

// Kind is what the values of a column are.
type Kind string

// The kinds of columns.
const (
	Words    Kind = "words"
	Flag     Kind = "flag"
	Count    Kind = "count"
	People   Kind = "people"
	Patients Kind = "patients" // a year
	Share    Kind = "share"
	Rate     Kind = "rate"
	Time     Kind = "time"     // minutes
	Duration Kind = "duration" // hours, days, months
	Length   Kind = "length"   // kilometres
	Money    Kind = "money"
	Score    Kind = "score"
	Number   Kind = "number" // any other
)

// Decimals is how many decimals of a value of the kind are worth reading; files have
// all of them.
func (k Kind) Decimals() int {
	switch k {
	case Patients, Rate, Time, Duration, Length:
		return 1
	case Share:
		return 3
	case Score, Number:
		return 4
	}
	return 0
}

// Better is which way a column is better.
type Better string

// The ways in which a column can be better.
const (
	More Better = "more"
	Less Better = "less"
)

// Said is the unit of a column that is counted in what the study says: what a plan gains
// in the unit of its goal, an effect as the ratio that it is.
const Said = "as the study says"

// Table is a layer or a table of results: its name, its title, its columns. Layers of
// places, regions, sites and links are called after the study.
type Table struct {
	Name, Title string
	Columns     []Column
}

// Column is what is known of a column of results; {…} in its name and its title stands
// for what a study names, such as a scenario.
type Column struct {
	Name    string
	Title   string // "" where the measure itself says it
	Unit    string
	Kind    Kind
	Better  Better         // "" for neither
	Subject ground.Subject // which notes belong beside it on a map; "" for none of them
	What    string         // what the title leaves open
}

// Breaks are limits that let maps of a column be compared: half an hour to four hours,
// which the effect of distance is known for, and shares of people. nil if there are none.
func (c Column) Breaks() []float64 {
	stem, _, _ := strings.Cut(c.Name, "_{")
	switch {
	case c.Kind == Time && c.Better == Less && strings.HasSuffix(stem, "time_min"):
		return []float64{30, 60, 120, 240}
	case stem == "share_beyond":
		return []float64{0.01, 0.05, 0.2, 0.5}
	}
	return nil
}

// Listed reports whether a value rests on where the centers of the list are: on how many
// there are, how far they are, or who comes to them.
func (c Column) Listed() bool {
	return c.Subject == ground.AboutCenters || c.Subject == ground.AboutWays || c.Subject == ground.AboutPatients && c.Better != ""
}

// LeavesOut reports whether a value of a region is of those people only who have a way
// to a center.
func (c Column) LeavesOut() bool {
	return c.Subject == ground.AboutWays && c.Kind == Time || c.Name == "mean_distance_km" || c.Subject == ground.AboutPatients && c.Better != ""
}

// LeftOut is the doubt about a mean that leaves out many people.
const LeftOut = "left out"

// leftOutShare is the share of a region's people without a way from which on a mean of the
// others is in doubt.
const leftOutShare = 0.1

// Doubts are why a number of a region is not to be taken as it stands, in the words of
// the list of centers, and LeftOut. One that rests on the list is in doubt where the list
// may lack a center; a mean of those who have a way, where without, the share of people
// who have none, is more than a tenth.
func (c Column) Doubts(gap access.Gap, without float64) (out []string) {
	if !c.Listed() {
		return nil
	}
	if gap.Unsure() {
		out = append(out, string(gap))
	}
	if c.LeavesOut() && without > leftOutShare {
		out = append(out, LeftOut)
	}
	return out
}

// ColumnOf is what is known of a column by the name that it is written under, in the
// first layer or table that has one of that name: in a layer, that of a scenario or of a
// supply is that of its stem.
func ColumnOf(name string) (Column, bool) { return columnOf(register, name) }

// Column is what is known of a column of the table by the name that it is written under.
func (t Table) Column(name string) (Column, bool) { return columnOf([]Table{t}, name) }

func columnOf(tables []Table, name string) (Column, bool) {
	for stem := name; stem != ""; {
		for _, t := range tables {
			i := slices.IndexFunc(t.Columns, func(c Column) bool { return covers(c.Name, stem) })
			if layer := slices.Contains([]string{"places", "regions", "sites"}, t.Name); i >= 0 && (layer || stem == name) {
				return t.Columns[i], true
			}
		}
		stem = stem[:max(0, strings.LastIndexByte(stem, '_'))]
	}
	return Column{}, false
}

// covers reports whether a name of the register, which may have {…} for what varies, is
// that of a column.
func covers(known, name string) bool {
	head, rest, varies := strings.Cut(known, "{")
	if !varies {
		return known == name
	}
	_, tail, _ := strings.Cut(rest, "}")
	return len(name) > len(head)+len(tail) && strings.HasPrefix(name, head) && strings.HasSuffix(name, tail)
}

// Columns are all layers and tables that results may have, with their columns.
func Columns() []Table { return slices.Clone(register) }

// columnIn is a column of a layer or table by its key.
func columnIn(table, key string) (Column, bool) {
	in := tableOf(table).Columns
	if i := slices.IndexFunc(in, func(c Column) bool { return c.Name == key }); i >= 0 {
		return in[i], true
	}
	return Column{}, false
}

// tableOf is a layer or table of the register; that it has none of the name is our own
// mistake.
func tableOf(name string) Table {
	i := slices.IndexFunc(register, func(t Table) bool { return t.Name == name })
	if i < 0 {
		panic(fmt.Sprintf("%s is not in the register of columns", name))
	}
	return register[i]
}

// filled puts into a text what stands for its {…}: "scenario", "North".
func filled(text string, with []any) string {
	for k := 0; k+1 < len(with); k += 2 {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%s}", with[k]), fmt.Sprint(with[k+1]))
	}
	return text
}

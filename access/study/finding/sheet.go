package finding

import (
	"cmp"
	"fmt"
	"math"

	"careshed/geo"
)

// Tidy is a table of one number a row.
type Tidy struct {
	Of                   string // the table
	label, what, measure []string
	Value                []float64
	Why                  []string // why a row has no value; nil: the table has no such column
}

// Add takes a number: of what measure, under which label.
func (t *Tidy) Add(label, measure, what string, v float64) {
	t.label, t.measure, t.what = append(t.label, label), append(t.measure, measure), append(t.what, what)
	t.Value = append(t.Value, v)
	if t.Why != nil {
		t.Why = append(t.Why, "")
	}
}

// Index adds an index of inequality, with its interval if it has one.
func (t *Tidy) Index(measure string, q IndexSummary) {
	of := cmp.Or(q.Rank, "all")
	add := func(name string, v Num) {
		t.Add(of, measure, name, float64(v))
		if math.IsNaN(float64(v)) {
			t.Why[len(t.Why)-1] = q.Why
		}
	}
	add(q.Name, q.Value)
	if q.Draws > 0 {
		add(q.Name+"_low_2_5", q.Low)
		add(q.Name+"_high_97_5", q.High)
	}
}

// Table is the table, with the reasons where it has some.
func (t *Tidy) Table() (*geo.Layer, error) {
	sh := Sheet{Of: t.Of}
	sh.Text("setting", t.label)
	sh.Text("measure", t.measure)
	sh.Text("metric", t.what)
	sh.Number("value", t.Value)
	if t.Why != nil {
		sh.Text("reason", t.Why)
	}
	return sh.Table()
}

// Sheet collects columns for a layer or table of a result. What they are called and are
// counted in stands in the register, under the name of the layer or table.
type Sheet struct {
	Of      string // the layer or table
	Unit    string // of the columns whose unit is [Said]
	Columns []geo.Column
}

// Number is a column of numbers; NaN is no value. The key is that of the register, and
// more says what stands for {…} in it and in its title: "scenario", "North".
func (s *Sheet) Number(key string, v []float64, more ...any) {
	s.Columns = append(s.Columns, geo.Numbers(s.field(key, more), v))
}

// Modelled is a column of numbers that rest on a row of the register of evidence.
func (s *Sheet) Modelled(key, evidence string, v []float64, more ...any) {
	f := s.field(key, more)
	f.Evidence = evidence
	s.Columns = append(s.Columns, geo.Numbers(f, v))
}

// Own is a column of numbers that a measure itself calls something: what is known of
// measures that come with careshed stands in the register all the same.
func (s *Sheet) Own(name, title, unit string, v []float64) {
	s.Columns = append(s.Columns, geo.Numbers(geo.Field{Name: name, Title: title, Unit: unit}, v))
}

// Count is a column of whole numbers.
func (s *Sheet) Count(key string, v []float64) {
	s.Columns = append(s.Columns, geo.Integers(s.field(key, nil), v))
}

// Text is a column of texts.
func (s *Sheet) Text(key string, v []string, more ...any) {
	s.Columns = append(s.Columns, geo.Labels(s.field(key, more), v))
}

// Flag is a column of yes and no: 1, 0, NaN for neither.
func (s *Sheet) Flag(key string, v []float64) {
	s.Columns = append(s.Columns, geo.Bools(s.field(key, nil), v))
}

// People is a column of people: whole numbers where all are.
func (s *Sheet) People(key string, v []float64, more ...any) {
	for _, x := range v {
		if x != math.Trunc(x) && !math.IsNaN(x) {
			s.Number(key, v, more...)
			return
		}
	}
	s.Columns = append(s.Columns, geo.Integers(s.field(key, more), v))
}

// field is a column's name, title and unit, by its key in the register.
func (s *Sheet) field(key string, more []any) geo.Field {
	c, ok := columnIn(s.Of, key)
	if !ok {
		panic(fmt.Sprintf("column %s of %s is not in the register of columns", key, s.Of))
	}
	f := geo.Field{Name: filled(key, more), Title: filled(c.Title, more), Unit: c.Unit}
	if c.Unit == Said {
		f.Unit = s.Unit
	}
	return f
}

// Carried brings columns of an input layer into a result, under their names,
// those that it has and the sheet has not.
func (s *Sheet) Carried(l *geo.Layer, names ...string) {
next:
	for _, n := range names {
		for _, c := range s.Columns {
			if c.Name == n {
				continue next
			}
		}
		if c, ok := l.Column(n); ok {
			s.Columns = append(s.Columns, c)
		}
	}
}

// Table is the sheet as a table of the result, more as in [Sheet.Number].
func (s *Sheet) Table(more ...any) (*geo.Layer, error) {
	return geo.NewTable(s.About(more...), nil, s.Columns...)
}

// About is what the register calls the sheet.
func (s *Sheet) About(more ...any) geo.About {
	return geo.About{Name: s.Of, Title: filled(tableOf(s.Of).Title, more)}
}

// Blank is a column with the values of marked rows left out.
func Blank(v []float64, mark []bool) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = x
		if mark[i] {
			out[i] = math.NaN()
		}
	}
	return out
}

// Joined is a name with another behind it, if there is one.
func Joined(name, more string) string {
	if more == "" {
		return name
	}
	return name + "_" + more
}

// Underscore is what joins a name with one that may be empty.
func Underscore(s string) string {
	if s == "" {
		return ""
	}
	return "_"
}

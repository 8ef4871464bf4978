package finding

import (
	"cmp"
	"math"

	"careshed/geo"
)

// Tidy is a table of one number a row.
type Tidy struct {
	Name, Title          string
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
	columns := []geo.Column{
		geo.Labels(geo.Field{Name: "setting"}, t.label),
		geo.Labels(geo.Field{Name: "measure"}, t.measure),
		geo.Labels(geo.Field{Name: "metric"}, t.what),
		geo.Numbers(geo.Field{Name: "value"}, t.Value)}
	if t.Why != nil {
		columns = append(columns, geo.Labels(geo.Field{Name: "reason", Title: "Why there is no value"}, t.Why))
	}
	return geo.NewTable(geo.About{Name: t.Name, Title: t.Title}, nil, columns...)
}

// Sheet collects columns for a layer or table.
type Sheet struct {
	Columns []geo.Column
}

// Number is a column of numbers; NaN is no value.
func (s *Sheet) Number(name, title, unit string, v []float64) {
	s.Columns = append(s.Columns, geo.Numbers(geo.Field{Name: name, Title: title, Unit: unit}, v))
}

// Modelled is a column of numbers that rest on a row of the register of evidence.
func (s *Sheet) Modelled(name, title, unit, evidence string, v []float64) {
	s.Columns = append(s.Columns, geo.Numbers(geo.Field{Name: name, Title: title, Unit: unit, Evidence: evidence}, v))
}

// Count is a column of whole numbers.
func (s *Sheet) Count(name, title string, v []float64) {
	s.Columns = append(s.Columns, geo.Integers(geo.Field{Name: name, Title: title}, v))
}

// Text is a column of texts.
func (s *Sheet) Text(name, title string, v []string) {
	s.Columns = append(s.Columns, geo.Labels(geo.Field{Name: name, Title: title}, v))
}

// Flag is a column of yes and no: 1, 0, NaN for neither.
func (s *Sheet) Flag(name, title string, v []float64) {
	s.Columns = append(s.Columns, geo.Bools(geo.Field{Name: name, Title: title}, v))
}

// People is a column of people: whole numbers where all are.
func (s *Sheet) People(name, title string, v []float64) {
	for _, x := range v {
		if x != math.Trunc(x) && !math.IsNaN(x) {
			s.Number(name, title, "people", v)
			return
		}
	}
	s.Columns = append(s.Columns, geo.Integers(geo.Field{Name: name, Title: title, Unit: "people"}, v))
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

// Table is the sheet as a table of the result.
func (s *Sheet) Table(name, title string) (*geo.Layer, error) {
	return geo.NewTable(geo.About{Name: name, Title: title}, nil, s.Columns...)
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

package study

import (
	"cmp"
	"math"

	"careshed/geo"
)

// tidy is a table of one number a row.
type tidy struct {
	name, title          string
	label, what, measure []string
	value                []float64
	why                  []string // why a row has no value; nil: the table has no such column
}

func (t *tidy) add(label, measure, what string, v float64) {
	t.label, t.measure, t.what = append(t.label, label), append(t.measure, measure), append(t.what, what)
	t.value = append(t.value, v)
	if t.why != nil {
		t.why = append(t.why, "")
	}
}

// index adds an index of inequality, with its interval if it has one.
func (t *tidy) index(measure string, q IndexSummary) {
	of := cmp.Or(q.Rank, "all")
	add := func(name string, v Num) {
		t.add(of, measure, name, float64(v))
		if math.IsNaN(float64(v)) {
			t.why[len(t.why)-1] = q.Why
		}
	}
	add(q.Name, q.Value)
	if q.Draws > 0 {
		add(q.Name+"_low_2_5", q.Low)
		add(q.Name+"_high_97_5", q.High)
	}
}

func (t *tidy) table() (*geo.Layer, error) {
	columns := []geo.Column{
		geo.Labels(geo.Field{Name: "setting"}, t.label),
		geo.Labels(geo.Field{Name: "measure"}, t.measure),
		geo.Labels(geo.Field{Name: "metric"}, t.what),
		geo.Numbers(geo.Field{Name: "value"}, t.value)}
	if t.why != nil {
		columns = append(columns, geo.Labels(geo.Field{Name: "reason", Title: "Why there is no value"}, t.why))
	}
	return geo.NewTable(geo.About{Name: t.name, Title: t.title}, nil, columns...)
}

// sheet collects columns for a layer or table.
type sheet struct {
	columns []geo.Column
}

func (s *sheet) number(name, title, unit string, v []float64) {
	s.columns = append(s.columns, geo.Numbers(geo.Field{Name: name, Title: title, Unit: unit}, v))
}

func (s *sheet) modelled(name, title, unit, evidence string, v []float64) {
	s.columns = append(s.columns, geo.Numbers(geo.Field{Name: name, Title: title, Unit: unit, Evidence: evidence}, v))
}

func (s *sheet) count(name, title string, v []float64) {
	s.columns = append(s.columns, geo.Integers(geo.Field{Name: name, Title: title}, v))
}

func (s *sheet) text(name, title string, v []string) {
	s.columns = append(s.columns, geo.Labels(geo.Field{Name: name, Title: title}, v))
}

func (s *sheet) flag(name, title string, v []float64) {
	s.columns = append(s.columns, geo.Bools(geo.Field{Name: name, Title: title}, v))
}

// people is a column of people: whole numbers where all are.
func (s *sheet) people(name, title string, v []float64) {
	for _, x := range v {
		if x != math.Trunc(x) && !math.IsNaN(x) {
			s.number(name, title, "people", v)
			return
		}
	}
	s.columns = append(s.columns, geo.Integers(geo.Field{Name: name, Title: title, Unit: "people"}, v))
}

// carried brings columns of an input layer into a result, under their names,
// those that it has and the sheet has not.
func (s *sheet) carried(l *geo.Layer, names ...string) {
next:
	for _, n := range names {
		for _, c := range s.columns {
			if c.Name == n {
				continue next
			}
		}
		if c, ok := l.Column(n); ok {
			s.columns = append(s.columns, c)
		}
	}
}

// table is the sheet as a table of the result.
func (s *sheet) table(name, title string) (*geo.Layer, error) {
	return geo.NewTable(geo.About{Name: name, Title: title}, nil, s.columns...)
}

// blank is a column with the values of marked rows left out.
func blank(v []float64, mark []bool) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = x
		if mark[i] {
			out[i] = math.NaN()
		}
	}
	return out
}

// joined is a name with another behind it, if there is one.
func joined(name, more string) string {
	if more == "" {
		return name
	}
	return name + "_" + more
}

func underscore(s string) string {
	if s == "" {
		return ""
	}
	return "_"
}

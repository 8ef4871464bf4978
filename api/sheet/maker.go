package sheet

import (
	"fmt"
	"math"
	"sync"

	"careshed/access/study"
	"careshed/geo"
)

// Maker makes the sheets of one result. It may be used by several at once.
type Maker struct {
	result          *study.Result
	places, regions table
	sites           table
	whole           Figures
	member          map[string][]int         // places of each region
	intervals       map[[2]string][3]float64 // low, high and draws by region ("" for the whole) and metric
	land            func() ([]piece, []bool)
	dense           func() []float64 // people per square kilometre of each region
}

// New prepares the sheets of a result.
func New(r *study.Result) (*Maker, error) {
	m := &Maker{result: r, places: table{r.Layer("places")}, regions: table{r.Layer("regions")}, sites: table{r.Layer("sites")},
		member: map[string][]int{}, intervals: map[[2]string][3]float64{}}
	if m.places.Layer == nil {
		return nil, fmt.Errorf("study %s has no places in its result", r.Summary.Name)
	}
	if c, ok := m.places.Column("region_id"); ok {
		for i := range m.places.Len() {
			m.member[c.Text(i)] = append(m.member[c.Text(i)], i)
		}
	}
	for _, u := range r.Summary.Uncertainty {
		m.intervals[[2]string{"", u.What}] = [3]float64{float64(u.Low), float64(u.High), float64(u.Draws)}
	}
	local := table{r.Layer("uncertainty_regions")}
	for i := range local.rows() {
		m.intervals[[2]string{local.text("region_id", i), local.text("metric", i)}] = [3]float64{float64(local.number("low_2_5", i)), float64(local.number("high_97_5", i)), float64(local.number("draws", i))}
	}
	m.land = sync.OnceValues(func() ([]piece, []bool) {
		pieces := piecesOf(m.regions)
		return pieces, together(pieces, func(row int) float64 { return float64(m.regions.number("population", row)) })
	})
	m.dense = sync.OnceValue(func() []float64 { return densities(m.regions) })
	m.whole = m.wholeFigures()
	return m, nil
}

// Regions are the ids of the regions that have a sheet.
func (m *Maker) Regions() []string { return m.regions.ids() }

// value is a number of a region ("" for the whole) that may rest on a row of the
// register.
func (m *Maker) value(region string, v study.Num, metric, evidence string) Value {
	out := Value{Value: v, Low: none, High: none}
	for _, p := range m.result.Manifest.Parameters {
		switch {
		case p.Name != evidence:
		case p.Given:
			out.Status = "given in the study"
		case p.Evidence != nil:
			out.Evidence, out.Status = evidence, string(p.Evidence.Status)
		}
	}
	if i, ok := m.intervals[[2]string{region, metric}]; ok && known(v) {
		out.Low, out.High = study.Num(i[0]), study.Num(i[1])
	}
	return out
}

// draws is how many stand behind the intervals of a region, or of the whole.
func (m *Maker) draws(region string) int {
	return int(m.intervals[[2]string{region, "share_beyond"}][2])
}

var none = study.Num(math.NaN())

func known(n study.Num) bool { return !math.IsNaN(float64(n)) }

// table reads the columns of a layer that may lack some, or not be there.
type table struct{ *geo.Layer }

func (t table) rows() int {
	if t.Layer == nil {
		return 0
	}
	return t.Len()
}

func (t table) find(id string) (int, bool) {
	if t.Layer == nil {
		return 0, false
	}
	return t.Find(id)
}

func (t table) ids() (ids []string) {
	for i := range t.rows() {
		ids = append(ids, t.ID(i))
	}
	return ids
}

func (t table) text(name string, i int) string {
	if c, ok := t.Column(name); ok {
		return c.Text(i)
	}
	return ""
}

func (t table) number(name string, i int) study.Num {
	if c, ok := t.Column(name); ok && c.Type != geo.Text {
		return study.Num(c.Number(i))
	}
	return none
}

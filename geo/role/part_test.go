package role_test

import (
	"strings"
	"testing"

	"careshed/geo"
	"careshed/geo/role"
)

// Rates and shares are no numbers of patients, whatever the column is called.
func TestPartOf(t *testing.T) {
	people := []float64{1488202, 350473, 261330, 42052, 151389, 515543}
	of := func(times float64) []float64 {
		v := make([]float64, len(people))
		for i, p := range people {
			v[i] = p * times
		}
		return v
	}
	for _, c := range []struct {
		name, field, unit string
		part              []float64
		want, doubt       string
	}{
		{"patients", "eligible", "", of(1.19e-5), "", ""},
		{"everybody", "eligible", "", of(1), "", ""},
		{"patients with their chances", "cases", "", []float64{60, 17, 9, 3, 4, 24}, "", ""},
		{"a few in each", "cases", "", []float64{1, 2, 1, 1, 1, 2}, "", ""},
		{"few places with some", "cases", "", []float64{1.5, 0, 0, 0, 1.5, 0}, "", ""},
		{"a rate by its name", "incidence_per_100k", "", []float64{4, 4, 4, 4, 4, 4}, "is called as a rate or a share is, and the people in each row are asked for", ""},
		{"a share by its name", "pct_no_car", "", []float64{4, 4, 4, 4, 4, 4}, "units: {pct_no_car: people}", ""},
		{"a name that misleads", "cases_per_1", "people", of(1e-5), "", ""},
		{"one rate for all", "Inzidenz", "", []float64{4.1, 4.1, 4.1, 4.1, 4.1, 4.1}, "", "Inzidenz is about as large in small places as in large ones"},
		{"rates", "incidence", "", []float64{4.1, 3.8, 5.2, 4.4, 3.3, 4.9}, "", "is it a rate or a share"},
		{"percentages", "nocar", "", []float64{44, 18, 21, 15, 30, 41}, "", "is it a rate or a share"},
		{"shares", "nocar", "", []float64{.44, .18, .21, .15, .3, .41}, "", "is it a rate or a share"},
		{"patients of two years", "patients_per_2_years", "", of(1.19e-5), "", ""},
		{"patients of one year", "patients per 1 year", "", of(1.19e-5), "", ""},
		{"patients of ten years", "Fälle je 10 Jahre", "", of(1.19e-5), "", ""},
		{"rates a year", "cases per 100000 a year", "", of(1e-5), "is called as a rate", ""},
		{"rates of a year", "cases per 100000 per year", "", of(1e-5), "is called as a rate", ""},
		{"patients of a year", "patients_pro_2024", "", of(1.19e-5), "", ""},
		{"beyond a stroke", "cases/100000", "", of(1e-5), "is called as a rate", ""},
		{"in one word", "per100k", "", of(1e-5), "is called as a rate", ""},
		{"the end of a word", "Autolosenquote", "", of(1e-5), "is called as a rate", ""},
		{"a share in Swedish", "befolkningsandel", "", of(1e-5), "is called as a rate", ""},
		{"people in trade", "Handel", "", of(1e-2), "", ""},
		{"another year's people", "pop_2023", "", of(1.004), "", "pop_2023 of feature 1 (id 1) is"},
		{"more than there are", "eligible", "", of(2), "feature 1 (id 1): eligible is 2976404, adds up to 5617978, and all people to 2808989", ""},
		{"more in one place", "eligible", "", []float64{16, 4, 3, 50000, 2, 6}, "", "eligible of feature 4 (id 4) is 50000 of 42052 people"},
	} {
		l, err := geo.NewTable(geo.About{Name: "l"}, nil, geo.Numbers(geo.Field{Name: c.field, Unit: c.unit}, c.part))
		if err != nil {
			t.Fatal(err)
		}
		doubts, err := role.PartOf(l, c.field, c.part, people)
		said := ""
		for _, d := range doubts {
			said += d.Text
		}
		if c.want == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) || !strings.Contains(said, c.doubt) || c.doubt == "" && said != "" {
			t.Errorf("%s: %v, doubts %q", c.name, err, said)
		}
	}
}

// Places that are all about as large tell percentages from people by how both spread.
func TestPartOfPlacesAlike(t *testing.T) {
	people, percent, fits := make([]float64, 12), make([]float64, 12), make([]float64, 12)
	for i := range people {
		people[i] = 1500 + 40*float64(i*5%12)
		percent[i] = 10.5 + float64(i*7%12)
		fits[i] = people[i]*0.05 + float64(i%2)*.25
	}
	for _, c := range []struct {
		name string
		part []float64
		want bool
	}{{"percentages", percent, true}, {"people", fits, false}} {
		l, err := geo.NewTable(geo.About{Name: "l"}, nil, geo.Numbers(geo.Field{Name: "no_car"}, c.part))
		if err != nil {
			t.Fatal(err)
		}
		doubts, err := role.PartOf(l, "no_car", c.part, people)
		if err != nil || (len(doubts) > 0) != c.want {
			t.Errorf("%s: %v, doubts %v", c.name, err, doubts)
		}
	}
}

// Thousands are thousands of patients, and of those without a car, as they are of people.
func TestPartsInThousands(t *testing.T) {
	values := []float64{1.5, 0.25, 0.75}
	for _, c := range []struct {
		as          role.Role
		field, unit string
		want        float64 // of the first, 0 refused
	}{
		{role.Part, "no_car", "thousands", 1500}, {role.Patients, "eligible", "thousands", 1500}, {role.Count, "n", "thousands", 1500},
		{role.Amount, "price", "thousands", 1500}, {role.Amount, "price_thousands", "", 1.5},
		{role.Amount, "theatre", "hours", 1.5}, {role.Patients, "eligible", "hours", 0},
		{role.Part, "no_car_thousands", "", 0}, {role.Patients, "patients (in 1000)", "", 0}, {role.Count, "n_tsd", "", 0},
		{role.Part, "no_car_thousands", "people", 1.5}, {role.Patients, "eligible", "", 1.5},
	} {
		l, err := geo.NewTable(geo.About{Name: "l"}, nil, geo.Numbers(geo.Field{Name: c.field, Unit: c.unit}, values))
		if err != nil {
			t.Fatal(err)
		}
		r, err := c.as.Read(l, c.field)
		if got := append(r.Values, 0)[0]; got != c.want || err == nil != (c.want > 0) {
			t.Errorf("%s in %q: %v, %v, want %v", c.field, c.unit, got, err, c.want)
		}
	}
}

package role_test

import (
	"strings"
	"testing"

	"careshed/geo"
	"careshed/geo/role"
)

// A name that says another time, a running total, households or the way there and back is
// doubted, whatever the numbers are; others are not.
func TestNamesOfAnotherThing(t *testing.T) {
	for _, c := range []struct {
		as          role.Role
		field, want string
	}{
		{role.Yearly, "cases_2015_2019", "a number of several years together"},
		{role.Yearly, "Fälle 2015-19", "a number of several years together"},
		{role.Yearly, "patients_5y", "a number of several years together"},
		{role.Yearly, "patients in 10 years", "a number of several years together"},
		{role.Yearly, "cases per month", "a number of a month"},
		{role.Yearly, "monthlyCases", "a number of a month"},
		{role.Yearly, "Fälle/Monat", "a number of a month"},
		{role.Yearly, "cas par mois", "a number of a month"},
		{role.Yearly, "cases_q1", "a number of a quarter"},
		{role.Yearly, "prevalent_cases", "all who live with the disease"},
		{role.Yearly, "Prävalenz", "all who live with the disease"},
		{role.Yearly, "cumulative_cases", "a running total"},
		{role.Yearly, "cases per year", ""},
		{role.Yearly, "patients per 1 year", ""},
		{role.Yearly, "annual_cases", ""},
		{role.Yearly, "cases_2019", ""},
		{role.Yearly, "cases_2019_20", ""},
		{role.Yearly, "eligible 2023/2024", ""},
		{role.Yearly, "eligible 1999/2000", ""},
		{role.Yearly, "eligible_1998_2003", "a number of several years together"},
		{role.Yearly, "cases_2019_03", ""},
		{role.Yearly, "patients_65_years_plus", ""},
		{role.Yearly, "under_5_years", ""},
		{role.Yearly, "eligible", ""},
		{role.Monthly, "slots_per_year", "a number of a year, and is read as one of a month"},
		{role.Monthly, "annual_capacity", "a number of a year"},
		{role.Monthly, "Plätze pro Jahr", "a number of a year"},
		{role.Monthly, "Jahreskapazität", "a number of a year"},
		{role.Monthly, "slots_per_week", "a number of a week"},
		{role.Monthly, "slots", ""},
		{role.Monthly, "slots_month", ""},
		{role.Monthly, "slots per month", ""},
		{role.Amount, "slots_per_year", ""},
		{role.Amount, "beds_cum", "a running total"},
		{role.Amount, "document", ""},
		{role.People, "cum_population", "a running total"},
		{role.People, "households", "a number of households"},
		{role.People, "Privathaushalte", "a number of households"},
		{role.People, "logements", "a number of households"},
		{role.People, "population_in_households", ""},
		{role.Part, "hh_no_car", "a number of households"},
		{role.Part, "people in households without a car", ""},
		{role.Minutes, "round_trip_minutes", "the way there and back"},
		{role.Minutes, "log_time", "a logarithm"},
		{role.Minutes, "travel_time", ""},
	} {
		l := layer(t, geo.Numbers(geo.Field{Name: c.field}, []float64{30, 50, 170, 20}))
		got, err := c.as.Read(l, c.field)
		if err != nil {
			t.Errorf("%s: %v", c.field, err)
			continue
		}
		text := ""
		for _, d := range got.Doubts {
			text += d.Text
		}
		if c.want == "" && strings.Contains(text, "by its name") || !strings.Contains(text, c.want) {
			t.Errorf("%s: doubts %q, want %q", c.field, text, c.want)
		}
		unit := "people"
		if c.as == role.Minutes {
			unit = "minutes"
		}
		l = layer(t, geo.Numbers(geo.Field{Name: c.field, Unit: unit}, []float64{30, 50, 170, 20}))
		if got, err = c.as.Read(l, c.field); err != nil || len(got.Doubts) > 0 && strings.Contains(got.Doubts[0].Text, "by its name") {
			t.Errorf("%s in %s: %v, %v", c.field, unit, got.Doubts, err)
		}
	}
}

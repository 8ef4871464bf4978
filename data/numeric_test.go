package data

import (
	"errors"
	"math"
	"slices"
	"testing"

	"careshed/geo"
)

func column1(t *testing.T, c geo.Column, ids ...string) *geo.Layer {
	t.Helper()
	l, err := geo.NewTable(geo.About{Name: "places"}, ids, c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestNumericErrors(t *testing.T) {
	population := geo.Field{Name: "population"}
	numbers := func(v ...float64) geo.Column { return geo.Numbers(population, v) }
	texts := func(v ...string) geo.Column { return geo.Texts(population, v, nil) }
	all := Range{Min: math.Inf(-1)}
	for _, c := range []struct {
		column geo.Column
		accept Range
		want   string
	}{
		{numbers(1, -5), Range{}, "places: feature 2 (id b): population is -5: less than 0; accepted: a number ≥ 0"},
		{numbers(1, 1.7), Range{Max: 1}, "places: feature 2 (id b): population is 1.7: more than 1; accepted: a number from 0 to 1"},
		{numbers(3, 1.7), Range{Min: math.Inf(-1), Max: 2}, "places: feature 1 (id a): population is 3: more than 2; accepted: a number ≤ 2"},
		{numbers(1, math.NaN()), Range{}, "places: feature 2 (id b): population is missing; accepted: a number ≥ 0"},
		{numbers(1, math.Inf(1)), all, `places: feature 2 (id b): population is "+Inf": infinite; accepted: a number`},
		{numbers(1, math.Inf(-1)), all, `places: feature 2 (id b): population is "-Inf": infinite; accepted: a number`},
		{texts("1", "n/a"), Range{}, `places: feature 2 (id b): population is "n/a": not a number; accepted: a number ≥ 0`},
		{texts("1", "NaN"), Range{Missing: true}, `places: feature 2 (id b): population is "NaN": not a number; accepted: a number ≥ 0, or nothing`},
		{texts("1", "-inf"), all, `places: feature 2 (id b): population is "-inf": infinite; accepted: a number`},
		{texts("1", "1e999"), all, `places: feature 2 (id b): population is "1e999": infinite; accepted: a number`},
		{texts("1", ""), all, `places: feature 2 (id b): population is an empty text; accepted: a number`},
		{texts("1", "0x10"), all, `places: feature 2 (id b): population is "0x10": not a number; accepted: a number`},
		{texts("1", "12,5"), all, `places: feature 2 (id b): population is "12,5": not a number (decimals take a point, thousands nothing); accepted: a number`},
		{texts("007", "-1"), Range{}, "places: feature 2 (id b): population is -1: less than 0; accepted: a number ≥ 0"},
		{geo.Bools(population, []float64{math.NaN(), 1}), Range{Missing: true}, `places: feature 2 (id b): population is "true": not a number; accepted: a number ≥ 0, or nothing`},
		{geo.Numbers(geo.Field{Name: "populaton"}, []float64{1, 2}), Range{}, `places: population is not a field, did you mean "populaton"?; there are: populaton`},
	} {
		_, err := Numeric(column1(t, c.column, "a", "b"), "population", c.accept)
		var e *InputError
		if !errors.As(err, &e) || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

func TestNumeric(t *testing.T) {
	f := geo.Field{Name: "n"}
	nan := math.NaN()
	for _, c := range []struct {
		column geo.Column
		want   []float64
	}{
		{geo.Numbers(f, []float64{0, 1.5, nan}), []float64{0, 1.5, nan}},
		{geo.Integers(f, []float64{3}), []float64{3}},
		{geo.Labels(f, []string{"007", "+1.5", "", "12345678901234567890"}), []float64{7, 1.5, nan, 12345678901234567890}},
		{geo.Labels(f, []string{"", ""}), []float64{nan, nan}},
		{geo.Bools(f, []float64{nan}), []float64{nan}},
	} {
		got, err := Numeric(column1(t, c.column), "n", Range{Missing: true})
		same := func(a, b float64) bool { return a == b || a != a && b != b }
		if err != nil || !slices.EqualFunc(got, c.want, same) {
			t.Errorf("got %v, %v, want %v", got, err, c.want)
		}
	}
}

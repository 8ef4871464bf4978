package role_test

import (
	"strings"
	"testing"

	"careshed/geo"
	"careshed/geo/role"

	"github.com/paulmach/orb"
)

// Beds of the same sites in two years are no beds of both, and beds that stand in a row for each
// therapy are doubted; those of the wards of a site are added up and nothing is said.
func TestAmountsOfSitesInSeveralRows(t *testing.T) {
	at := []orb.Point{{9, 45}, {10, 45}, {11, 45}, {9, 45}, {10, 45}, {11, 45}}
	for _, c := range []struct {
		name         string
		column       geo.Column
		beds         []float64
		fault, doubt string
	}{
		{"years", geo.Numbers(geo.Field{Name: "year"}, []float64{2020, 2020, 2020, 2021, 2021, 2021}), []float64{10, 20, 30, 11, 20, 31},
			"feature 4 (id 4): beds is 11, for a site that feature 1 holds as well: year is 2020 there and 2021 here", ""},
		{"therapies", geo.Labels(geo.Field{Name: "product"}, []string{"a", "a", "a", "b", "b", "b"}), []float64{10, 20, 30, 10, 20, 30},
			"", "beds is the same in every row of each of 3 sites that have several, such as feature 1 and feature 4"},
		{"wards", geo.Labels(geo.Field{Name: "ward"}, []string{"a", "a", "a", "b", "b", "b"}), []float64{10, 20, 30, 5, 20, 12}, "", ""},
		{"one a row", geo.Labels(geo.Field{Name: "ward"}, []string{"a", "a", "a", "b", "b", "b"}), []float64{1, 1, 1, 1, 1, 1}, "", ""},
		{"years of opening", geo.Numbers(geo.Field{Name: "year"}, []float64{2018, 2019, 2020, 2021, 2022, 2023}), []float64{10, 20, 30, 11, 20, 31}, "", ""},
	} {
		l, err := geo.NewPoints(geo.About{Name: "l"}, nil, at, c.column, geo.Numbers(geo.Field{Name: "beds"}, c.beds))
		if err != nil {
			t.Fatal(err)
		}
		got, err := role.Amount.Read(l, "beds")
		if c.fault == "" && err != nil || c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.fault)
		}
		if c.doubt == "" && len(got.Doubts) > 0 || c.doubt != "" && (len(got.Doubts) != 1 || !strings.Contains(got.Doubts[0].Text, c.doubt)) {
			t.Errorf("%s: doubts %v, want %q", c.name, got.Doubts, c.doubt)
		}
	}
}

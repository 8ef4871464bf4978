package role_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"careshed/geo"
	"careshed/geo/role"
)

var nan = math.NaN()

func layer(t *testing.T, c geo.Column) *geo.Layer {
	t.Helper()
	l, err := geo.NewTable(geo.About{Name: "l"}, nil, c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestRead(t *testing.T) {
	numbers := func(name, unit string, v ...float64) geo.Column {
		return geo.Numbers(geo.Field{Name: name, Unit: unit}, v)
	}
	texts := func(name string, v ...string) geo.Column { return geo.Labels(geo.Field{Name: name}, v) }
	for _, c := range []struct {
		name   string
		as     role.Role
		column geo.Column
		want   string // the values, or what the error holds
		doubt  string
	}{
		{"people", role.People, numbers("pop", "", 10, 0, 2.5), "[10 0 2.5]", ""},
		{"people as texts", role.People, texts("pop", "007", "12"), "[7 12]", ""},
		{"a yes/no column", role.People, geo.Bools(geo.Field{Name: "pop"}, []float64{1, 0}), "feature 1 (id 1): pop is true, a yes/no value and no number", ""},
		{"a yes/no column of minutes", role.Minutes, geo.Bools(geo.Field{Name: "t"}, []float64{nan, 0}), "feature 2 (id 2): t is false, a yes/no value", ""},
		{"a date", role.Amount, texts("beds", "2024-05-06", "2024-05-07"), `beds is "2024-05-06", a date and no number`, ""},
		{"another date", role.Amount, texts("beds", "6.5.2024", "7.5.2024"), `a date and no number`, ""},
		{"a decimal comma", role.People, texts("pop", "1,5"), `decimal: ","`, ""},
		{"texts whose points may part thousands", role.People, texts("pop", "1.234", "850"), "is text, and every value with a point has three digits behind it, such as 1.234", ""},
		{"texts with decimals", role.People, texts("pop", "1.25", "850"), "[1.25 850]", ""},
		{"a comma that may part thousands", role.People, texts("pop", "1,234"), `thousands: "," or decimal: ","`, ""},
		{"thousands", role.People, texts("pop", "1.234.567"), `thousands: "."`, ""},
		{"thousands with an apostrophe", role.People, texts("pop", "1'234"), `thousands: "'"`, ""},
		{"thousands with a space", role.People, texts("pop", "1 234"), `thousands: " "`, ""},
		{"thousands with a space that does not break", role.People, texts("pop", "1\u00a0234"), `thousands: "\u00a0"`, ""},
		{"thousands with a thin space", role.People, texts("pop", "1\u202f234"), `thousands: "\u202f"`, ""},
		{"not a number in words", role.Rank, texts("r", "1", "NaN"), `feature 2 (id 2): r is "NaN", not a number`, ""},
		{"infinite in words", role.Rank, texts("r", "1", "-inf"), "r is \"-inf\", infinite", ""},
		{"too large", role.Rank, texts("r", "1", "1e999"), "r is \"1e999\", infinite", ""},
		{"too small", role.Rank, geo.Numbers(geo.Field{Name: "r"}, []float64{1, math.Inf(-1)}), "feature 2 (id 2): r is infinite", ""},
		{"hexadecimal", role.Rank, texts("r", "1", "0x10"), `r is "0x10", not a number`, ""},
		{"an empty text", role.Rank, geo.Texts(geo.Field{Name: "r"}, []string{"1", ""}, nil), "feature 2 (id 2): r an empty text", ""},
		{"a plus, a leading zero and many digits", role.Rank, texts("r", "+1.5", "007", "12345678901234567890", ""), "[1.5 7 1.2345678901234567e+19 NaN]", ""},
		{"nothing at all", role.Rank, texts("r", "", ""), "[NaN NaN]", ""},
		{"truths without a value", role.Rank, geo.Bools(geo.Field{Name: "r"}, []float64{nan}), "[NaN]", ""},
		{"a name that is nearly there", role.Rank, texts("rr", "1"), `has no field "r"; did you mean "rr"?`, ""},
		{"words", role.People, texts("pop", "n/a"), `pop is "n/a", not a number; accepted: a finite number of 0 or more`, ""},
		{"missing people", role.People, numbers("pop", "", 1, nan), "feature 2 (id 2): pop is missing", ""},
		{"missing minutes", role.Minutes, numbers("t", "", 1, nan), "[1 NaN]", ""},
		{"negative", role.People, numbers("pop", "", 1, -3), "pop is -3, below 0", ""},
		{"infinite", role.Minutes, numbers("t", "", 1, math.Inf(1)), "t is infinite", ""},
		{"not there", role.People, numbers("t", "", 1), `has no field "pop"`, ""},

		{"-999 in a rank", role.Rank, numbers("svi", "", .5, -999, .9), "[0.5 NaN 0.9]", "svi is -999 in 1 feature"},
		{"the census's code in a rank", role.Rank, numbers("income", "", 50000, -666666666, 70000), "[50000 NaN 70000]", "-666666666 in 1 feature"},
		{"a float's end in a rank", role.Rank, numbers("dem", "", 5, -3.4028234663852886e38), "[5 NaN]", "which programs write where there is no value"},
		{"-999 among large negatives", role.Rank, numbers("balance", "", -5000, -999, -400), "[-5000 -999 -400]", ""},
		{"z-scores with -9999", role.Rank, numbers("z", "", -1.5, 2, -9999), "[-1.5 2 NaN]", "z is -9999"},
		{"-1 in a rank", role.Rank, numbers("svi", "", .5, -1), "[0.5 -1]", "svi is -1 in 1 feature: is that a code"},
		{"9999 minutes", role.Minutes, numbers("t", "", 10, 9999, 20, 9999), "[10 NaN 20 NaN]", "t is 9999 in 2 features"},
		{"99999 km", role.Kilometres, numbers("d", "", 10, 99999), "[10 NaN]", "99999"},
		{"a matrix of long ways", role.Minutes, numbers("t", "", 5000, 9999, 7000), "[5000 9999 7000]", ""},
		{"65535 minutes", role.Minutes, numbers("t", "", 10, 65535), "[10 65535]", "is that a code"},
		{"the largest int32 in minutes", role.Minutes, numbers("t", "", 5, 2147483647), "[5 NaN]", "2147483647"},
		{"a fill of NetCDF as ncdump writes it", role.Minutes, numbers("t", "", 5, 9.96921e36), "[5 NaN]", "which programs write"},
		{"a blank of Surfer", role.Minutes, numbers("t", "", 5, 1.70141e38), "[5 NaN]", "which programs write"},
		{"1e20 in minutes", role.Minutes, numbers("t", "", 5, 1e20), "[5 NaN]", "which programs write"},
		{"the largest int32 in people", role.People, numbers("pop", "", 5, 2147483647), "pop is 2147483647, which programs write where there is no value", ""},
		{"-999 people", role.People, numbers("pop", "", 5, -999), "missing: [-999] in the layer's entry reads it as none", ""},
		{"99999 people once among many", role.People, numbers("pop", "", 20000, 99999), "[20000 99999]", "pop is 99999 in 1 feature: is that a code"},
		{"a city of 99999 among its like", role.People, numbers("pop", "", 80000, 99999), "[80000 99999]", ""},
		{"9999 twice", role.Amount, numbers("beds", "", 20, 9999, 9999), "beds is 9999, which programs write", ""},
		{"declared", role.Rank, geo.Numbers(geo.Field{Name: "svi", Missing: true}, []float64{.5, -999}), "[0.5 -999]", ""},
		{"all are codes", role.Minutes, numbers("t", "", -999, -999), "[NaN NaN]", "2 features"},

		{"seconds by declaration", role.Minutes, numbers("t", "seconds", 600, 90), "[10 1.5]", ""},
		{"hours by declaration", role.Minutes, numbers("t", "hours", 1.5), "[90]", ""},
		{"seconds by name", role.Minutes, numbers("duration_s", "", 600), "duration_s is by its name in seconds, and minutes are asked for; accepted: units: {duration_s: seconds}", ""},
		{"hours by name", role.Minutes, numbers("travelHours", "", 1), "by its name in hours", ""},
		{"a name that misleads", role.Minutes, numbers("duration_s", "minutes", 600), "[600]", ""},
		{"metres by name", role.Kilometres, numbers("distance_m", "", 600), "by its name in metres", ""},
		{"metres by declaration", role.Kilometres, numbers("d", "metres", 600), "[0.6]", ""},
		{"miles by declaration", role.Kilometres, numbers("d", "mi", 10), "[16.09344]", ""},
		{"minutes of lengths", role.Minutes, numbers("d", "km", 600), "d is in km, and minutes are asked for", ""},
		{"thousands by declaration", role.People, numbers("pop", "thousands", 1.5), "[1500]", ""},
		{"a column called m", role.Minutes, numbers("m", "", 5), "[5]", ""},
		{"s is no unit by itself", role.Minutes, numbers("s", "", 5), "[5]", ""},
		{"minutes", role.Minutes, numbers("minutes", "", 5), "[5]", ""},

		{"a share of the people", role.People, numbers("w", "", .2, .3, .5), "[0.2 0.3 0.5]", "is it a share"},
		{"thousands", role.People, numbers("pop", "", 1.2, 3.4, 5.6, 7), "[1.2 3.4 5.6 7]", "are these thousands"},
		{"a density by name", role.People, numbers("pop_density", "", 100), "[100]", "as a density or a share"},
		{"ones and zeros", role.People, numbers("pop", "", 1, 0, 1), "[1 0 1]", ""},
		{"a column in doubt", role.People, geo.Numbers(geo.Field{Name: "pop", Doubt: "points may part thousands"}, []float64{1, 2}), "pop cannot be read as a number for certain: points may part thousands", ""},
	} {
		got := ""
		field := c.column.Name
		switch c.name {
		case "not there":
			field = "pop"
		case "a name that is nearly there":
			field = "r"
		}
		r, err := c.as.Read(layer(t, c.column), field)
		if err != nil {
			got = err.Error()
		} else {
			got = fmt.Sprint(r.Values)
		}
		var doubts []string
		for _, d := range r.Doubts {
			doubts = append(doubts, d.Text)
		}
		said := strings.Join(doubts, "; ")
		if err == nil && got != c.want || err != nil && (!strings.Contains(got, c.want) || strings.HasPrefix(c.want, "[")) {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
		if c.doubt == "" && said != "" || !strings.Contains(said, c.doubt) {
			t.Errorf("%s: doubts %q, want %q", c.name, said, c.doubt)
		}
	}
}

// Reading changes no column, whatever is converted or taken for none.
func TestReadLeavesTheLayer(t *testing.T) {
	c := geo.Numbers(geo.Field{Name: "t", Unit: "seconds"}, []float64{600, 99999, nan})
	l := layer(t, c)
	for range 2 {
		if r, err := role.Minutes.Read(l, "t"); err != nil || r.Values[0] != 10 || !math.IsNaN(r.Values[1]) {
			t.Fatal(r, err)
		}
	}
	if got := fmt.Sprint(c.Values()); got != "[600 99999 NaN]" {
		t.Error(got)
	}
}

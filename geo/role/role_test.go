package role_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"careshed/geo"
	"careshed/geo/role"

	"github.com/paulmach/orb"
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
		{"thousands beside numbers without a point", role.People, numbers("pop", "", 1.234, 12345, 980, 2.5), "[1.234 12345 980 2.5]", "has three decimals in 2 of 4 rows and none in the others"},
		{"means of a few years", role.People, numbers("pop", "", 100.5, 12345, 980, 2.25), "[100.5 12345 980 2.25]", ""},
		{"modelled people", role.People, numbers("pop", "", 1.234, 0.512, 17.201, 0, 0), "[1.234 0.512 17.201 0 0]", "are these thousands"},
		{"shares in percent", role.People, numbers("population", "", 40, 25, 15, 12, 8), "[40 25 15 12 8]", "adds up to 100 in all"},
		{"a sheet that shows percentages", role.People, numbers("population", "percent", 0.4, 0.25), "population is in percent, and people are asked for; accepted: another column", ""},
		{"patients shown as percentages", role.Patients, numbers("eligible", "percent", 0.4, 0.25), "eligible is in percent, and people are asked for", ""},
		{"people without a car shown as percentages", role.Part, numbers("without_car", "percent", 0.4, 0.25), "without_car is in percent", ""},
		{"percentages where any number serves", role.Rank, numbers("r", "percent", 0.4, 0.25), "[0.4 0.25]", ""},
		{"tens of thousands by name", role.People, numbers("人口(万人)", "", 140.5, 25.25), "is by its name in 万人, and people are asked for; accepted: units: {人口(万人): 万人}", ""},
		{"lakhs by name", role.People, numbers("Population in lakhs", "", 14.5, 25.25), "is by its name in lakhs", ""},
		{"tens of thousands by unit", role.People, numbers("人口", "万人", 140.5, 25.25), "[1.405e+06 252500]", ""},
		{"texts with decimals", role.People, texts("pop", "1.25", "850"), "[1.25 850]", ""},
		{"a comma that may part thousands", role.People, texts("pop", "1,234"), `thousands: "," or decimal: ","`, ""},
		{"thousands", role.People, texts("pop", "1.234.567"), `thousands: "."`, ""},
		{"thousands with commas", role.People, texts("pop", "1,234,567"), `thousands: ","`, ""},
		{"thousands with commas and a point", role.People, texts("pop", "1,234.5"), `thousands: "," with decimal: "."`, ""},
		{"thousands with points and a comma", role.People, texts("pop", "1.234.567,5"), `thousands: "." with decimal: ","`, ""},
		{"a minus that is no hyphen", role.Rank, texts("r", "−1.5", "2"), "[-1.5 2]", ""},
		{"two numbers", role.Rank, texts("r", "48.1107, 11.47"), "not one number: two belong in a column each", ""},
		{"a number in brackets", role.People, texts("pop", "12", "(34)"), "a number in brackets", ""},
		{"at most four", role.Count, texts("n", "12", "≤4"), `bounds and not a number; accepted: a number of 0 or more, or nothing where it is withheld; missing: ["≤4"]`, ""},
		{"from one to four", role.Count, texts("n", "12", "1-4"), `missing: ["1-4"]`, ""},
		{"from one to four in words", role.Count, texts("n", "12", "1 bis 4"), `missing: ["1 bis 4"]`, ""},
		{"fewer than five of a page", role.Count, texts("n", "12", "&lt;5"), `missing: ["&lt;5"]`, ""},
		{"a code below nothing", role.Minutes, numbers("t", "", 5, -1), "t is -1, below 0; accepted: a number of minutes ≥ 0, or empty if there is no way; missing: [-1] in the layer's entry", ""},
		{"a line of units", role.People, texts("pop", "Anzahl", "12", "", "13"), "no other row holds a text: if the first is a second line of names or of units, take it away", ""},
		{"durations", role.Minutes, texts("t", "PT1H5M", "PT45S", "P1DT30M", "", "PT7.5M"), "[65 0.75 1470 NaN 7.5]", ""},
		{"minutes with their unit", role.Minutes, texts("t", "13 min", "1 h 5 min", "1 hour 5 mins", "1h05", "1h5m", "2 Std. 5 Min."), "[13 65 65 65 65 125]", ""},
		{"whatever the name says", role.Minutes, texts("duration_s", "13 min", "90 s"), "[13 1.5]", ""},
		{"hours, minutes and seconds", role.Minutes, texts("t", "0:13:30", "1:05:00", "26:00:00"), "[13.5 65 1560]", "t is written as 0:13:30, and is read as hours, minutes and seconds"},
		{"a sign among durations", role.Minutes, texts("t", "13 min", "2 h", "no route"), `feature 3 (id 3): t is "no route", not written with its unit, as others are`, ""},
		{"metres among minutes", role.Minutes, texts("t", "13 m", "20 m"), "not a number alone", ""},
		{"larger units behind smaller ones", role.Minutes, texts("t", "5 min 1 h"), "not a number alone", ""},
		{"sixty minutes and more by the clock", role.Minutes, texts("t", "1:75:00"), "a time by the clock", ""},
		{"lengths with their unit", role.Kilometres, texts("d", "12.5 km", "800 m", "10 mi"), "[12.5 0.8 16.09344]", ""},
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
		{"a number of a program's own where there is no way", role.Minutes, numbers("t", "", 5, 90, 10000, 10000), "[5 90 10000 10000]", "t is 10000 in 2 features: is that a code"},
		{"a billion minutes", role.Minutes, numbers("t", "", 5, 90, 1e9), "[5 90 NaN]", "t is 1000000000 in 1 feature, which programs write"},
		{"one far way", role.Minutes, numbers("t", "", 5, 90, 1500), "[5 90 1500]", ""},
		{"a sign for no number of people", role.People, texts("pop", "12", ":"), `pop is ":", not a number; accepted: a finite number of 0 or more in every row; where no number is given, a study's where: {pop: {not: ":"}}`, ""},
		{"dots for no number of people", role.People, texts("pop", "12", ".."), `pop is "..", not a number; accepted`, ""},
		{"a number that is withheld", role.People, texts("pop", "12", "<5"), `where: {pop: {not: "<5"}} leaves the row out`, ""},
		{"no minutes in words", role.Minutes, texts("t", "12", "NA"), `missing: ["NA"] in the layer's entry reads it as none`, ""},
		{"a flag behind a number", role.People, texts("pop", "12", "1234 p"), "not a number alone", ""},
		{"minutes by the clock", role.Minutes, texts("t", "1:30", "0:45"), "a time by the clock and no number", ""},
		{"1e20 in minutes", role.Minutes, numbers("t", "", 5, 1e20), "[5 NaN]", "which programs write"},
		{"the largest int32 in people", role.People, numbers("pop", "", 5, 2147483647), "pop is 2147483647, which programs write where there is no value", ""},
		{"-999 people", role.People, numbers("pop", "", 5, -999), "missing: [-999] in the layer's entry reads it as none", ""},
		{"99999 people once among many", role.People, numbers("pop", "", 20000, 99999), "[20000 99999]", "pop is 99999 in 1 feature: is that a code"},
		{"a city of 99999 among its like", role.People, numbers("pop", "", 80000, 99999), "[80000 99999]", ""},
		{"a supply for each of so many", role.Amount, numbers("beds per 1000", "", 2, 3), "[2 3]", "and amounts are counted by it"},
		{"shares of a supply", role.Amount, numbers("share", "", .2, .8), "[0.2 0.8]", ""},
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
		{"lengths by name", role.Minutes, numbers("distance_km", "", 600), "distance_km is by its name in kilometres, and minutes are asked for; accepted: another column", ""},
		{"lengths by a name of one word", role.Minutes, numbers("miles", "", 600), "by its name in miles", ""},
		{"kilometres by their name alone", role.Minutes, numbers("km", "", 600), "by its name in kilometres", ""},
		{"a length without a unit", role.Minutes, numbers("Entfernung", "", 600), "[600]", "as a length is, and is read as minutes"},
		{"a time over a distance", role.Minutes, numbers("distance_time", "", 600), "[600]", ""},
		{"times by name", role.Kilometres, numbers("travel minutes", "", 600), "by its name in minutes, and kilometres are asked for", ""},
		{"lengths in minutes by declaration", role.Minutes, numbers("distance_km", "minutes", 600), "[600]", ""},
		{"hours in German", role.Minutes, numbers("Fahrzeit (Std.)", "", 1.5), "by its name in hours", ""},
		{"hours in French", role.Minutes, numbers("temps en heures", "", 1.5), "by its name in hours", ""},
		{"hours, and then more", role.Minutes, numbers("hours_by_car", "", 1.5), "by its name in hours", ""},
		{"hours in brackets, and then more", role.Minutes, numbers("time (h) by car", "", 1.5), "by its name in hours", ""},
		{"seconds in German", role.Minutes, numbers("Sekunden", "", 600), "by its name in seconds, and minutes are asked for; accepted: units: {Sekunden: seconds}", ""},
		{"seconds, and then more", role.Minutes, numbers("seconds_total", "", 600), "by its name in seconds", ""},
		{"the second of several sites", role.Minutes, numbers("time_second_site", "", 600), "[600]", ""},
		{"minutes in the rush hour", role.Minutes, numbers("rush_hour_minutes", "", 600), "[600]", ""},
		{"minutes in Italian", role.Minutes, numbers("minuti", "", 600), "[600]", ""},
		{"thousands in brackets", role.People, numbers("Population (in 1 000)", "", 1.5), "by its name in thousands", ""},
		{"thousands with an apostrophe in the name", role.People, numbers("POP ('000)", "", 1.5), "by its name in thousands", ""},
		{"thousands in German", role.People, numbers("Bevölkerung (Tsd.)", "", 1.5), "by its name in thousands", ""},
		{"thousands in French", role.People, numbers("Population (milliers)", "", 1.5), "by its name in thousands", ""},
		{"thousands in Spanish", role.People, numbers("Población en miles", "", 1.5), "by its name in thousands", ""},
		{"people within a distance", role.People, numbers("within_50_miles", "", 15), "[15]", ""},
		{"people of a year", role.People, numbers("pop2000", "", 15), "[15]", ""},
		{"thousands of Eurostat", role.People, numbers("POP_THS", "", 1.5), "by its name in thousands", ""},
		{"thousands in Polish", role.People, numbers("ludność (tys.)", "", 1.5), "by its name in thousands", ""},
		{"thousands in Russian", role.People, numbers("население_тыс", "", 1.5), "by its name in thousands", ""},
		{"thousands in Japanese", role.People, numbers("人口(千人)", "", 1.5), "by its name in thousands", ""},
		{"thousands in Swedish", role.People, numbers("folkmängd 1000-tal", "", 1.5), "by its name in thousands", ""},
		{"thousands after in", role.People, numbers("Einwohner in 1000", "", 1.5), "by its name in thousands", ""},
		{"thousands after x", role.People, numbers("Population (x1000)", "", 1.5), "by its name in thousands", ""},
		{"thousands after x and a blank", role.People, numbers("Persons (x 1,000)", "", 1.5), "by its name in thousands", ""},
		{"thousands in the plural", role.People, numbers("population_1000s", "", 15), "by its name in thousands", ""},
		{"thousands in brackets alone", role.People, numbers("Pop (1000)", "", 15), "by its name in thousands", ""},
		{"thousands of persons", role.People, numbers("Bevölkerung 1000 Personen", "", 15), "by its name in thousands", ""},
		{"thousands as k", role.People, numbers("pop (k)", "", 15), "by its name in thousands", ""},
		{"thousands or women", role.People, numbers("pop_k", "", 15), "[15]", "pop_k ends in k: are these thousands?"},
		{"women by declaration", role.People, numbers("pop_k", "people", 15), "[15]", ""},
		{"so many of a thousand persons", role.People, numbers("cases per 1000 persons", "", 15), "[15]", "a density, a rate"},
		{"people of a village", role.People, numbers("pop_1000_villages", "", 15), "[15]", ""},
		{"so many of a thousand", role.People, numbers("cases per 1 000", "", 15), "[15]", "a density, a rate"},
		{"so many of a thousand in German", role.People, numbers("Fälle je 100.000", "", 15), "[15]", "a density, a rate"},
		{"a column called m", role.Minutes, numbers("m", "", 5), "[5]", ""},
		{"s is no unit by itself", role.Minutes, numbers("s", "", 5), "[5]", ""},
		{"minutes", role.Minutes, numbers("minutes", "", 5), "[5]", ""},

		{"a share of the people", role.People, numbers("w", "", .2, .3, .5), "[0.2 0.3 0.5]", "is it a share"},
		{"thousands", role.People, numbers("pop", "", 1.2, 3.4, 5.6, 7), "[1.2 3.4 5.6 7]", "are these thousands"},
		{"a density per square kilometre", role.People, numbers("Einwohner je km²", "", 100), "[100]", "a density, a rate"},
		{"a density of an Italian office", role.People, numbers("ab. per kmq", "", 100), "[100]", "a density, a rate"},
		{"a density of GHSL", role.People, numbers("PopDens_KM2", "", 100), "[100]", "a density, a rate"},
		{"a German density", role.People, numbers("Bevölkerungsdichte", "", 100), "[100]", "a density, a rate"},
		{"a share by its sign", role.People, numbers("% 65+", "", 10), "[10]", "a density, a rate"},
		{"a share in German", role.People, numbers("Anteil", "", 10), "[10]", "a density, a rate"},
		{"a word that holds rate", role.People, numbers("moderate_cases", "", 10), "[10]", ""},
		{"people per municipality", role.People, numbers("pop_per_comune", "", 10), "[10]", ""},
		{"a density by name", role.People, numbers("pop_density", "", 100), "[100]", "as a density, a rate, a share"},
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

// People who stand in several rows are counted once, or refused; those that only look as if are not.
func TestPeopleOnce(t *testing.T) {
	text := func(name string, v ...string) geo.Column { return geo.Labels(geo.Field{Name: name}, v) }
	whole := func(name string, v ...float64) geo.Column { return geo.Numbers(geo.Field{Name: name}, v) }
	paris, lyon, lille, none := orb.Point{2.35, 48.85}, orb.Point{4.83, 45.76}, orb.Point{3.06, 50.63}, orb.Point{nan, nan}
	for _, c := range []struct {
		name        string
		at          []orb.Point
		columns     []geo.Column
		want, doubt string
	}{
		{"a total that is called so", []orb.Point{paris, lyon, lille}, []geo.Column{text("name", "A", "B", "Insgesamt"), whole("population", 7, 5, 12)}, `the row is called "Insgesamt"`, ""},
		{"a total that was rounded", []orb.Point{paris, lyon, lille}, []geo.Column{text("name", "A", "B", "Total:"), whole("population", 70004, 50004, 120000)}, `the row is called "Total:"`, ""},
		{"a town called Total", []orb.Point{paris, lyon, lille}, []geo.Column{text("name", "A", "B", "Total"), whole("population", 7, 5, 30)}, "", ""},
		{"a total without a place", []orb.Point{paris, lyon, none}, []geo.Column{text("name", "A", "B", "France"), whole("population", 7, 5, 12)}, "in a row without a location", ""},
		{"subtotals without a place", []orb.Point{paris, lyon, lille, none, none}, []geo.Column{text("name", "A", "B", "C", "North", "South"), whole("population", 7, 5, 1, 8, 5)}, "feature 4", ""},
		{"people without a place", []orb.Point{paris, lyon, none}, []geo.Column{text("name", "A", "B", "C"), whole("population", 7, 5, 11)}, "", ""},
		{"levels", []orb.Point{lyon, paris, lille, lille, lyon}, []geo.Column{text("nuts", "FR", "FR1", "FR2", "FR11", "FR21"), whole("population", 12, 7, 5, 7, 5)}, "counted 3 times", ""},
		{"counties beside their states", []orb.Point{lyon, paris, lille, lille, lyon, paris}, []geo.Column{text("fips", "06", "07", "06001", "06003", "07001", "07003"), whole("population", 120, 90, 50, 70, 60, 30)},
			"begins with 06, and so with 2 codes", ""},
		{"codes of two lengths", []orb.Point{lyon, paris, lille, lille, lyon, paris}, []geo.Column{text("fips", "06", "07", "06001", "06003", "07001", "07003"), whole("population", 120, 90, 50, 70, 60, 40)}, "", ""},
		{"patients whose numbers add up by chance", []orb.Point{lyon, paris, lille, lille, lyon}, []geo.Column{text("id", "1", "2", "11", "21", "3"), whole("population", 1, 2, 1, 2, 1)}, "", ""},
		{"regions of one country", []orb.Point{paris, lyon, lille, lille}, []geo.Column{text("nuts", "FR1", "FR2", "FR3", "FR4"), whole("population", 12, 7, 5, 12)}, "", ""},
		{"the sum of the others, by chance or not", []orb.Point{lyon, paris, lille, lille}, []geo.Column{text("name", "A", "B", "C", "D"), whole("population", 31, 7, 5, 19)}, "", "is the sum of all others"},
		{"one size", []orb.Point{lyon, paris, lille, lille}, []geo.Column{whole("population", 1, 1, 1, 1)}, "", ""},
		{"nobody", []orb.Point{lyon, paris, lille}, []geo.Column{whole("population", 0, 0, 0)}, "", ""},
		{"years", []orb.Point{paris, paris, lyon, lyon}, []geo.Column{whole("ref_year", 2021, 2022, 2021, 2022), whole("population", 7, 8, 5, 6)}, "where: {ref_year: 2022}", ""},
		{"days", []orb.Point{paris, lyon, paris, lyon}, []geo.Column{text("Stichtag", "2021-12-31", "2021-12-31", "2022-12-31", "2022-12-31"), whole("population", 7, 5, 8, 6)}, "feature 3", ""},
		{"one year", []orb.Point{paris, paris, lyon, lyon}, []geo.Column{whole("year", 2022, 2022, 2022, 2022), whole("population", 7, 8, 5, 6)}, "", ""},
		{"years of birth", []orb.Point{paris, paris, lyon, lyon}, []geo.Column{whole("birth_year", 1950, 1960, 1950, 1960), whole("population", 7, 8, 5, 6)}, "", ""},
		{"years of other places", []orb.Point{paris, lille, lyon, none}, []geo.Column{whole("year", 2020, 2021, 2022, 2023), whole("population", 7, 8, 5, 6)}, "", ""},
		{"both sexes beside each", []orb.Point{paris, paris, paris, lyon, lyon, lyon}, []geo.Column{text("sex", "M", "F", "T", "M", "F", "T"), whole("population", 70, 80, 150, 50, 60, 110)}, "the sum of the other rows of the same place", ""},
		{"ages in which there is nobody", []orb.Point{paris, paris, paris, lyon, lyon, lyon}, []geo.Column{text("age", "a", "b", "c", "a", "b", "c"), whole("population", 0, 200, 200, 0, 300, 300)}, "", ""},
		{"patients with the day of each", []orb.Point{paris, paris, lyon, lyon}, []geo.Column{text("diagnosis_date", "2021-03-02", "2021-05-01", "2021-05-07", "2022-01-01"), whole("population", 1, 1, 1, 1)}, "", ""},
		{"a total beside a town without a place", []orb.Point{paris, lyon, none, none}, []geo.Column{text("name", "A", "B", "C", "France"), whole("population", 7, 5, 2, 14)}, "a total, by which", ""},
		{"states, counties and their total", []orb.Point{paris, lyon, lille, paris, lyon}, []geo.Column{text("name", "A", "B", "A1", "B1", "Total"), whole("population", 7, 5, 7, 5, 12)}, "counted 3 times", ""},
		{"a total with those who live nowhere", []orb.Point{paris, lyon, lille}, []geo.Column{text("name", "A", "B", "Total France"), whole("population", 700, 500, 1210)}, `the row is called "Total France"`, ""},
		{"subtotals of a pivot table", []orb.Point{paris, lyon, lille, lyon}, []geo.Column{text("name", "A", "B", "North Total", "South Total"), whole("population", 700, 500, 700, 500)}, "the 2 rows that are called so", ""},
		{"subtotals, and parts called as their regions", []orb.Point{paris, lyon, lille, lille, lyon, paris}, []geo.Column{text("region", "N", "N", "Zwischensumme N", "S", "S", "Zwischensumme S"), whole("population", 70, 50, 120, 20, 50, 70)},
			"the 2 rows that are called so", ""},
		{"towns of such names", []orb.Point{paris, lyon, lille}, []geo.Column{text("name", "Totale", "Ensemble", "B"), whole("population", 700, 500, 90)}, "", ""},
		{"ages within others", []orb.Point{paris, paris, paris, paris, lyon, lyon, lyon, lyon}, []geo.Column{text("age", "0-17", "18-64", "65+", "18+", "0-17", "18-64", "65+", "18+"), whole("population", 90, 150, 70, 220, 60, 100, 50, 150)},
			"the sum of 2 other rows of the same place, from feature 2 on", ""},
		{"both sexes by age, with both totals", slices.Concat(slices.Repeat([]orb.Point{paris}, 9), slices.Repeat([]orb.Point{lyon}, 9)),
			[]geo.Column{whole("population", 10, 20, 30, 15, 25, 40, 25, 45, 70, 11, 21, 32, 16, 26, 42, 27, 47, 74)}, "the sum of the other rows of the same place (3 times)", ""},
		{"years with words", []orb.Point{paris, paris, lyon, lyon}, []geo.Column{text("period", "Census 2021", "2022 estimate", "Census 2021", "2022 estimate"), whole("population", 7, 8, 5, 6)}, "where: {period: 2022 estimate}", ""},
		{"days as in Germany", []orb.Point{paris, paris, lyon, lyon}, []geo.Column{text("Stichtag", "31.12.2021", "31.12.2022", "31.12.2021", "31.12.2022"), whole("population", 7, 8, 5, 6)}, "Stichtag is 31.12.2021 there", ""},
		{"variants of a forecast", []orb.Point{paris, paris, lyon, lyon}, []geo.Column{text("Variante", "low", "high", "low", "high"), whole("population", 7, 8, 5, 6)}, "Variante is low there and high here", ""},
		{"what is counted", []orb.Point{paris, paris, lyon, lyon}, []geo.Column{text("indicator", "people", "households", "people", "households"), whole("value", 7, 8, 5, 6), whole("population", 7, 8, 5, 6)}, "indicator is people there", ""},
		{"men and women", []orb.Point{paris, paris, lyon, lyon}, []geo.Column{text("sex", "M", "F", "M", "F"), whole("population", 700, 800, 500, 600)}, "", ""},
		{"rows twice", []orb.Point{paris, lyon, paris, lyon}, []geo.Column{text("name", "A", "B", "A", "B"), whole("population", 700, 500, 700, 500)}, "in a row that says of its place what feature 1 says, as do 2 of 4 rows", ""},
		{"a row twice", []orb.Point{paris, lyon, lille, paris}, []geo.Column{text("name", "A", "B", "C", "A"), whole("population", 700, 500, 900, 700)}, "", "1 feature with what another"},
		{"patients of a town", []orb.Point{paris, paris, lyon, lyon}, []geo.Column{text("name", "A", "A", "B", "B"), whole("population", 1, 1, 1, 1)}, "", ""},
		{"three ages", []orb.Point{paris, paris, paris, lyon, lyon, lyon}, []geo.Column{text("age", "a", "b", "c", "a", "b", "c"), whole("population", 7, 8, 14, 5, 6, 11)}, "", ""},
		{"ages that overlap", []orb.Point{paris, paris, lyon, lyon}, []geo.Column{text("age_group", "18–64", "15–49", "18–64", "15–49"), whole("population", 700, 800, 500, 600)},
			"age_group is 18–64 there and 15–49 here, and who is of an age in both", ""},
		{"ages as Eurostat writes them", []orb.Point{paris, paris, paris, lyon, lyon, lyon}, []geo.Column{text("age", "Y_LT15", "Y15-64", "Y_GE50", "Y_LT15", "Y15-64", "Y_GE50"), whole("population", 100, 700, 300, 90, 500, 210)},
			"age is Y15-64 there and Y_GE50 here", ""},
		{"ages in words", []orb.Point{paris, paris, lyon, lyon}, []geo.Column{text("Alter", "unter 18 Jahre", "15 bis 64 Jahre", "unter 18 Jahre", "15 bis 64 Jahre"), whole("population", 300, 800, 200, 600)},
			"Alter is unter 18 Jahre there", ""},
		{"ages one after the other", slices.Concat(slices.Repeat([]orb.Point{paris}, 4), slices.Repeat([]orb.Point{lyon}, 4)),
			[]geo.Column{text("age", "0-18", "18-65", "65 and over", "unknown", "0-18", "18-65", "65 and over", "unknown"), whole("population", 90, 150, 70, 3, 60, 100, 50, 2)}, "", ""},
		{"other ages of each sex", []orb.Point{paris, paris, lyon, lyon}, []geo.Column{text("age", "18-64", "15-49", "18-64", "15-49"), text("sex", "M", "F", "M", "F"), whole("population", 700, 800, 500, 600)}, "", ""},
		{"other ages of each sex by number", []orb.Point{paris, paris, lyon, lyon}, []geo.Column{text("age", "18-64", "15-49", "18-64", "15-49"), whole("sex", 1, 2, 1, 2), whole("population", 700, 800, 500, 600)}, "", ""},
		{"patients of an age", []orb.Point{paris, paris, lyon, lyon}, []geo.Column{text("age_group", "60-69", "60-69", "60-69", "65-74"), whole("population", 1, 1, 1, 1)}, "", ""},
		{"streets", []orb.Point{paris, paris, lyon, lyon}, []geo.Column{text("houses", "18-64", "15-49", "18-64", "15-49"), whole("population", 700, 800, 500, 600)}, "", ""},
		// 300 + 450 + 250 = 700 + 300 = 1000, in three, two and one rows.
		{"a country, its regions and provinces", []orb.Point{paris, lyon, lille, {1, 45}, {2, 46}, {3, 47}},
			[]geo.Column{text("level", "Country", "Region", "Province", "Province", "Region", "Province"), whole("population", 1000, 700, 250, 450, 300, 300)},
			"level says Region, and the rows of each of the 3 values of level hold 1000 people: areas of several levels, by which everybody would be counted 3 times", ""},
		{"levels by number", []orb.Point{paris, lyon, lille, {1, 45}, {2, 46}},
			[]geo.Column{whole("LEVL_CODE", 1, 1, 3, 3, 3), whole("population", 700, 300, 250, 450, 300)}, "where: {LEVL_CODE: VALUE}", ""},
		{"levels that hold other people", []orb.Point{paris, lyon, lille, {1, 45}, {2, 46}},
			[]geo.Column{text("level", "city", "city", "town", "town", "town"), whole("population", 700, 301, 250, 450, 300)}, "", ""},
		{"countries that are as many by chance", []orb.Point{paris, lyon, lille, {1, 45}, {2, 46}},
			[]geo.Column{text("country", "DE", "DE", "FR", "FR", "FR"), whole("population", 700, 300, 250, 450, 300)}, "", ""},
		{"as many rows of one size", []orb.Point{paris, lyon, lille, {1, 45}, {2, 46}, {3, 47}},
			[]geo.Column{text("half", "n", "n", "n", "s", "s", "s"), whole("population", 500, 500, 500, 500, 500, 500)}, "", ""},
		{"all beside foreigners", []orb.Point{paris, paris, lyon, lyon},
			[]geo.Column{text("nationality", "Total", "Foreign", "Total", "Foreign"), whole("population", 1200, 200, 3400, 300)}, `called "Total", beside other rows of the same place`, ""},
		{"a town called Total beside its suburb", []orb.Point{paris, paris, lyon, lyon},
			[]geo.Column{text("name", "Total", "B", "C", "D"), whole("population", 1200, 200, 3400, 300)}, "", ""},
	} {
		l, err := geo.NewPoints(geo.About{Name: "l"}, nil, c.at, c.columns...)
		if err != nil {
			t.Fatal(err)
		}
		read, err := role.People.Read(l, "population")
		said := ""
		if len(read.Doubts) > 0 {
			said = read.Doubts[0].Text
		}
		if c.want == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) || c.doubt == "" != (said == "") || !strings.Contains(said, c.doubt) {
			t.Errorf("%s: %v, doubt %q", c.name, err, said)
		}
	}
}

// Of amounts a row that is called a total and no more is one. That some centers' slots add
// up to others' is chance, whether or not it is known where these lie.
func TestTotalsAmongAmounts(t *testing.T) {
	paris, lyon, nowhere := orb.Point{2, 48}, orb.Point{4.8, 45.7}, orb.Point{nan, nan}
	for _, c := range []struct {
		name  string
		at    []orb.Point
		names []string
		beds  []float64
		want  string // what the error holds, "" for none
	}{
		{"a total", []orb.Point{paris, lyon, nowhere}, []string{"A", "B", "Total:"}, []float64{3, 5, 8}, `the row is called "Total:": everything would be counted 2 times; accepted: each amount in one row`},
		{"in German", []orb.Point{paris, lyon, lyon}, []string{"A", "B", "Insgesamt"}, []float64{3, 5, 8}, `"Insgesamt"`},
		{"a hospital", []orb.Point{paris, lyon, lyon}, []string{"A", "B", "Ensemble Hospitalier C"}, []float64{3, 5, 8}, ""},
		{"half of the centers lie nowhere", []orb.Point{paris, lyon, nowhere, nowhere}, []string{"A", "B", "C", "D"}, []float64{1, 1, 1, 1}, ""},
		{"the largest lies nowhere", []orb.Point{paris, lyon, nowhere}, []string{"A", "B", "C"}, []float64{1, 2, 3}, ""},
		{"the largest is the sum", []orb.Point{paris, lyon, paris, lyon}, []string{"A", "B", "C", "D"}, []float64{1, 1, 1, 3}, ""},
	} {
		l, err := geo.NewPoints(geo.About{Name: "l"}, nil, c.at, geo.Labels(geo.Field{Name: "name"}, c.names), geo.Numbers(geo.Field{Name: "beds"}, c.beds))
		if err != nil {
			t.Fatal(err)
		}
		read, err := role.Amount.Read(l, "beds")
		if c.want == "" && (err != nil || len(read.Doubts) > 0) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v %v", c.name, err, read.Doubts)
		}
	}
}

// Regions and the districts in them, without codes that say so, are a doubt; neighbours are none.
func TestPeopleInShapesThatOverlap(t *testing.T) {
	square := func(x, y, side float64) orb.Geometry {
		return orb.Polygon{{{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}, {x, y}}}
	}
	for want, shapes := range map[string][]orb.Geometry{
		"1 have their middle in another as well, such as that of feature 2": {square(0, 0, 4), square(0, 0, 1.9), square(8, 0, 1)},
		"": {square(0, 0, 1), square(1, 0, 1), square(0, 1, 1), square(5, 5, 2)},
	} {
		people := []float64{9, 5, 3, 2}[:len(shapes)]
		l, err := geo.NewLayer(geo.About{Name: "l"}, nil, shapes, geo.Numbers(geo.Field{Name: "population"}, people))
		if err != nil {
			t.Fatal(err)
		}
		read, err := role.People.Read(l, "population")
		if err != nil || want == "" != (len(read.Doubts) == 0) || want != "" && !strings.Contains(read.Doubts[0].Text, want) {
			t.Errorf("want %q: %v %v", want, err, read.Doubts)
		}
	}
}

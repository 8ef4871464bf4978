package travel_test

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"careshed/geo"
	"careshed/geo/travel"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// What was measured is whole: an interval lies around its median, a country with
// bands of its own was measured whole, every other says why it has none, and a longer
// line is never travelled sooner, also where the own bands end.
func TestMeasured(t *testing.T) {
	last := ""
	for _, m := range travel.ByCountry {
		if m.Country <= last {
			t.Errorf("%s after %s: not in order, or twice", m.Country, last)
		}
		last = m.Country
		for _, s := range []travel.Scatter{m.Default, m.DefaultFar, m.Far} {
			if s.Journeys > 0 && !(0 < s.Low && s.Low < s.Median && s.Median < s.High) || s.Journeys > m.Default.Journeys {
				t.Errorf("%s: %+v", m.Country, s)
			}
		}
		if m.Own() != (m.Why == "") || m.Own() && !m.Whole || m.Far.Journeys != m.DefaultFar.Journeys {
			t.Errorf("%+v", m)
		}
		circuity, speed := m.Bands()
		c := &travel.Crow{Circuity: circuity, Speed: speed}
		before := travel.Seconds(-1)
		for km := 0.5; km < 500; km += 0.5 {
			at := c.Drive(c.Way(geo.Metres(1000 * km)))
			if at < before {
				t.Errorf("%s: %v km take %v after %v s", m.Country, km, at, before)
			}
			before = at
		}
		for _, b := range [][]travel.Band{circuity, speed} {
			if !math.IsInf(b[len(b)-1].To, 1) {
				t.Errorf("%s: bands end at %v", m.Country, b[len(b)-1].To)
			}
		}
	}
	if ways, speeds := (travel.Measured{}).Bands(); len(ways) != len(travel.Circuity) || len(speeds) != len(travel.Speed) {
		t.Errorf("without its own a country has %v and %v", ways, speeds)
	}
}

// The spread of a country that was measured whole is its own; of a city's country, of
// one without roads at hand, and of several of which one has none, the widest of all.
func TestScatterOf(t *testing.T) {
	widest := travel.Scatter{Low: 1, High: 1}
	for _, m := range travel.ByCountry {
		if m.Far.Journeys > 0 && m.Far.Width() > widest.Width() {
			widest = m.Far
		}
	}
	of := func(c string) travel.Scatter { m, _ := travel.MeasuredIn(c); return m.Far }
	for _, x := range []struct {
		in     []string
		want   travel.Scatter
		theirs bool
	}{
		{[]string{"AD"}, of("AD"), true},
		{[]string{"LU"}, of("LU"), true},
		{[]string{"LU", "AD"}, of("AD"), true},
		{[]string{"DE"}, widest, false},
		{[]string{"IT"}, widest, false},
		{[]string{"LU", "IT"}, widest, false},
		{nil, widest, false},
	} {
		if got, m, theirs := travel.ScatterOf(x.in); got != x.want || theirs != x.theirs || m.Far != got {
			t.Errorf("%v: %+v of %s, %v", x.in, got, m.Country, theirs)
		}
	}
}

// The page on travel has what was measured, as it stands here.
func TestMeasuredOnThePage(t *testing.T) {
	page, err := os.ReadFile("../../docs/methods/travel.md")
	if err != nil {
		t.Fatal(err)
	}
	thousands := message.NewPrinter(language.English)
	for _, m := range travel.ByCountry {
		row := fmt.Sprintf("| %s | %s |", m.Country, m.Of)
		for _, s := range []travel.Scatter{m.Default, m.DefaultFar} {
			if s.Journeys == 0 {
				row += "  |  |  |  |"
				continue
			}
			row += thousands.Sprintf(" %d |", s.Journeys) + fmt.Sprintf(" %.2f | %.2f | %.2f |", s.Low, s.Median, s.High)
		}
		if m.Far.Journeys == 0 {
			row += "  |  |"
		} else {
			row += fmt.Sprintf(" %.2f | %.2f |", m.Far.Low, m.Far.High)
		}
		if !strings.Contains(string(page), row+"\n") {
			t.Errorf("docs/methods/travel.md lacks\n%s", row)
		}
		if !strings.Contains(string(page), m.Why) {
			t.Errorf("docs/methods/travel.md does not say of %s: %s", m.Country, m.Why)
		}
		for _, b := range append(append([]travel.Band{}, m.Circuity...), m.Speed...) {
			if !strings.Contains(string(page), strconv.FormatFloat(b.Value, 'g', -1, 64)) {
				t.Errorf("docs/methods/travel.md lacks %v of %s", b.Value, m.Country)
			}
		}
	}
}

package sheet_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"careshed/api/sheet"
)

// sure are the numbers of a region that rest on no list of centers.
var sure = []string{"people", "eligible", "beyond_min"}

// means are those of the people who have a way to a center.
var means = []string{"mean_time_min", "median_time_min", "p90_time_min", "treated", "foregone", "foregone_share"}

// numbersIn are the names of all numbers of a decoded sheet's figures that have a value.
func numbersIn(figures map[string]any) (names []string) {
	for name, v := range figures {
		switch v := v.(type) {
		case float64:
			names = append(names, name)
		case map[string]any:
			if v["value"] != nil && name != "doubts" {
				names = append(names, name)
			}
		case []any: // the assumptions beyond four hours
			for _, x := range v {
				names = append(names, numbersIn(x.(map[string]any))...)
			}
		}
	}
	return names
}

// Of every region of every country: a number of its sheet that rests on the list of
// centers has its doubt where the region may have a center that the list lacks, in figures,
// for the nearest center and for the best site; a mean has one where more than a tenth of
// the people have no way. What is sure has none. And the page says what is marked.
func TestNoNumberInDoubtWithoutItsMark(t *testing.T) {
	marked := 0
	for _, code := range append(slices.Clone(codes), "CZ") {
		m, err := sheet.New(of(t, code))
		if err != nil {
			t.Fatal(err)
		}
		country := countryUnsure(t, m)
		for _, id := range append([]string{""}, m.Regions()...) {
			s, err := m.Sheet(id)
			if err != nil {
				t.Fatal(err)
			}
			unsure := slices.Contains([]string{"stated", "doubtful", "incomplete", "not in the list"}, s.Gap)
			if id == "" {
				unsure = country
			}
			marked += check(t, code+" "+s.Name, decoded(t, s), unsure, s.Figures.Sea+s.Figures.Unreached > s.Figures.People/10)
			body := written(t, s, "en", page)
			_, table, found := strings.Cut(body, "<caption>In figures")
			if !found {
				_, table, found = strings.Cut(body, "<caption>Compared with")
			}
			table, _, _ = strings.Cut(table, "</table>")
			_, beside, _ := strings.Cut(body, "<caption>How that compares")
			beside, after, _ := strings.Cut(beside, "</table>")
			after, _, _ = strings.Cut(after, "<main>")
			if !found || strings.Contains(beside, "†") && !unsure && !country && !strings.Contains(after, "†") {
				t.Errorf("%s %s: what is compared is marked, and nothing says why", code, s.Name)
			}
			if n := strings.Count(table, "†"); (unsure || country) != (n > 0) || (unsure || country) != strings.Contains(body, `<p class="doubt">†`) && s.Sites == nil ||
				unsure && id != "" && (s.Rank != nil || !strings.Contains(body, `<p class="doubt">† Not sure`)) {
				t.Errorf("%s %s: the list says %q (country %v), and the page marks %d numbers", code, s.Name, s.Gap, country, n)
			}
		}
	}
	if marked < 20 {
		t.Errorf("only %d numbers are in doubt", marked)
	}
}

// countryUnsure reports whether regions of which the list says the same, and that it may
// lack a center, have more than a tenth of all people.
func countryUnsure(t *testing.T, m *sheet.Maker) bool {
	t.Helper()
	of, all := map[string]float64{}, 0.0
	for _, id := range m.Regions() {
		s, err := m.Sheet(id)
		if err != nil {
			t.Fatal(err)
		}
		of[s.Gap] += float64(s.Figures.People)
		all += float64(s.Figures.People)
	}
	return max(of["stated"], of["doubtful"], of["incomplete"], of["not in the list"]) > all/10
}

func decoded(t *testing.T, s sheet.Sheet) (out map[string]any) {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// check looks at the numbers of a sheet, and counts those in doubt.
func check(t *testing.T, name string, s map[string]any, unsure, many bool) (marked int) {
	t.Helper()
	figures := s["figures"].(map[string]any)
	doubts, _ := figures["doubts"].(map[string]any)
	for _, number := range numbersIn(figures) {
		why := fmt.Sprint(doubts[number])
		listed, left := unsure && !slices.Contains(sure, number), many && slices.Contains(means, number)
		if listed && (doubts[number] == nil || !strings.Contains(why, fmt.Sprint(cmp.Or(s["gap"], any(""))))) || left != strings.Contains(why, "left out") || !listed && !left && doubts[number] != nil {
			t.Errorf("%s: %s in doubt %v, left out %v: %s", name, number, listed, left, why)
		}
		if listed || left {
			marked++
		}
	}
	if c, ok := s["center"].(map[string]any); ok && (unsure || many) != (c["doubts"] != nil) {
		t.Errorf("%s: the nearest center has the doubts %v", name, c["doubts"])
	}
	sites, _ := s["sites"].([]any)
	for _, x := range sites {
		x := x.(map[string]any)
		in := unsure
		if s["region_id"] == "" { // of the plan, where it stands
			in = x["region_gap"] != ""
		}
		if in != (x["doubts"] != nil) {
			t.Errorf("%s: the site %v has the doubts %v", name, x["name"], x["doubts"])
		}
	}
	return marked
}

// Above a ranking of sites on a list that lacks more than a tenth of the published centers
// the page says so in place of calling it the best.
func TestARankingOnAShortListProvesNothing(t *testing.T) {
	short := map[string]bool{"DE": true, "FR": true, "IT": false} // 34 of 45, 30 of 39, 44 of 44
	for code, want := range short {
		s := sheetOf(t, of(t, code), "")
		body := written(t, s, "en", page)
		banner, proven := strings.Contains(body, "this ranking does not prove where to build"), strings.Contains(body, "the best choice out of")
		if len(s.Siting.Short) > 0 != want || banner != want || proven != (s.Siting.Proven && !want) {
			t.Errorf("%s: %+v; banner %v, called the best %v", code, s.Siting.Short, banner, proven)
		}
	}
}

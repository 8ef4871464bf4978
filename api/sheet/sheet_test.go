package sheet_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"careshed/access"
	"careshed/access/study"
	"careshed/api/sheet"
	"careshed/api/words"
	"careshed/data/atlas"
	"careshed/geo"
)

var update = flag.Bool("update", false, "renew the golden files")

var embedded atlas.Atlas

// layers are those of the atlas.
type layers struct{ *atlas.Atlas }

func (l layers) Files(string) []study.File { return nil }

func carriedOut(t testing.TB, text string) *study.Result {
	t.Helper()
	s, err := study.Parse(strings.NewReader(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	land, err := embedded.Land(ctx)
	if err != nil {
		t.Fatal(err)
	}
	r, err := study.Run(ctx, study.World{Layers: layers{&embedded}, Version: "test", Land: land.Of,
		Completeness: func(_, country string) study.List {
			listed, published := embedded.ListedCenters(ctx, country)
			list := study.List{Key: "list." + country, Listed: listed, Published: published}
			list.Text = list.In(words.Default())
			return list
		}}, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// codes are the countries of the atlas; a short test takes those with most kinds
// of regions.
var codes = []string{"AT", "AU", "BE", "CA", "CH", "CZ", "DE", "DK", "ES", "FI", "FR", "GB", "GR", "HU", "IE", "IT", "NL", "NO", "PL", "PT", "SE", "SK", "US"}

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		codes = []string{"DE", "FR", "IT"}
	}
	os.Exit(m.Run())
}

var kept sync.Map

// of is the result that the sheets of a country are made of.
func of(t testing.TB, code string) *study.Result {
	t.Helper()
	if r, ok := kept.Load(code); ok {
		return r.(*study.Result)
	}
	b := study.Baseline{Code: code, Name: code}
	r := carriedOut(t, b.Text(b.InSheets()))
	kept.Store(code, r)
	return r
}

func sheetOf(t testing.TB, r *study.Result, region string) sheet.Sheet {
	t.Helper()
	s, err := sheet.Of(r, region)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func close(a, b study.Num) bool {
	x, y := float64(a), float64(b)
	return math.IsNaN(x) && math.IsNaN(y) || math.Abs(x-y) <= 1e-9*math.Max(1, math.Abs(y))
}

// What a sheet says is what the layers, tables and summary of the result say.
func TestSheetsSayWhatTheResultSays(t *testing.T) {
	for _, code := range codes {
		r := of(t, code)
		s := sheetOf(t, r, "")
		sum := r.Summary
		f := s.Figures
		same := func(what string, got, want study.Num) {
			t.Helper()
			if !close(got, want) {
				t.Errorf("%s: %s is %v on the sheet, %v in the result", code, what, got, want)
			}
		}
		same("people", f.People, sum.Population)
		same("centers", study.Num(f.Centers), study.Num(sum.Density.Countries[0].Campuses))
		same("density", f.Per10m, sum.Density.Countries[0].PerPeople)
		same("mean", f.MeanTime.Value, sum.Travel.TimeMin.Mean)
		same("median", f.MedianTime.Value, sum.Travel.TimeMin.Median)
		same("p90", f.P90Time.Value, sum.Travel.TimeMin.P90)
		same("beyond", f.PeopleBeyond, sum.Gaps.PeopleBeyond)
		same("share beyond", f.ShareBeyond.Value, sum.Gaps.ShareBeyond)
		same("sea", f.Sea, sum.Travel.Sea)
		same("eligible", f.Eligible.Value, sum.Penalty.Eligible)
		for i, c := range sum.Penalty.Curves {
			same("treated", f.Treatments[i].Treated.Value, c.Treated)
			same("foregone", f.Treatments[i].Foregone.Value, c.Foregone)
		}
		for _, u := range sum.Uncertainty {
			v, ok := map[string]sheet.Value{"mean_time_min": f.MeanTime, "median_time_min": f.MedianTime, "p90_time_min": f.P90Time, "share_beyond": f.ShareBeyond,
				"foregone_hold": f.Treatments[0].Foregone, "foregone_continue": f.Treatments[1].Foregone, "plan_gain": *s.SitesGain}[u.What]
			if ok {
				same(u.What, v.Value, u.Value)
				same(u.What+" low", v.Low, u.Low)
				same(u.What+" high", v.High, u.High)
			}
		}
		for i, x := range s.Sites {
			same("plan", x.Gain.Value, sum.Siting.Plan[i].Gain)
		}
		l := r.Layer("regions")
		at := func(name string, i int) study.Num {
			c, ok := l.Column(name)
			if !ok {
				t.Fatalf("no column %s", name)
			}
			return study.Num(c.Number(i))
		}
		for i := range l.Len() {
			s := sheetOf(t, r, l.ID(i))
			f := s.Figures
			for name, got := range map[string]study.Num{"population": f.People, "centers": study.Num(f.Centers), "per_10m": f.Per10m, "mean_time_min": f.MeanTime.Value,
				"median_time_min": f.MedianTime.Value, "p90_time_min": f.P90Time.Value, "people_beyond": f.PeopleBeyond, "share_beyond": f.ShareBeyond.Value,
				"people_sea": f.Sea, "people_unreached": f.Unreached, "eligible": f.Eligible.Value} {
				same(l.ID(i)+" "+name, got, at(name, i))
			}
			for _, x := range f.Treatments {
				if f.Timed == 0 {
					for _, v := range []sheet.Value{x.Treated, x.Foregone} {
						if !math.IsNaN(float64(v.Value)) || !math.IsNaN(float64(v.Low)) || s.Missing["treatments"] != "no time" {
							t.Errorf("%s: nobody has a time, and treatments are %+v: %q", s.Name, x, s.Missing["treatments"])
						}
					}
				}
				same(l.ID(i)+" treated", x.Treated.Value, at("treated_"+x.Beyond, i))
				same(l.ID(i)+" foregone", x.Foregone.Value, at("foregone_"+x.Beyond, i))
				if f.Timed > 0 && x.Beyond != "recover" && !(x.Treated.Low <= x.Treated.Value && x.Treated.Value <= x.Treated.High && x.Treated.Low < x.Treated.High) {
					t.Errorf("%s, %s: treated %+v", s.Name, x.Beyond, x.Treated)
				}
			}
			if !close(s.Whole.People, sum.Population) || !close(s.Whole.Treatments[0].Foregone.Low, sheetOf(t, r, "").Figures.Treatments[0].Foregone.Low) {
				t.Errorf("%s is compared with %+v", s.Name, s.Whole)
			}
		}
	}
}

// The regions add up to the country, their ranks are a permutation with ties, and
// a zero that the list does not bear out has no rank and says why.
func TestLawsOfRegions(t *testing.T) {
	for _, code := range codes {
		r := of(t, code)
		m, err := sheet.New(r)
		if err != nil {
			t.Fatal(err)
		}
		whole := sheetOf(t, r, "")
		var people, treated, foregone, beyond study.Num
		places := map[int]int{}
		unranked, ranked, only := 0, 0, 0
		for _, id := range m.Regions() {
			s, err := m.Sheet(id)
			if err != nil {
				t.Fatal(err)
			}
			people += s.Figures.People
			beyond += s.Figures.PeopleBeyond
			if x := s.Figures.Treatments[0]; s.Figures.Timed > 0 {
				treated, foregone = treated+x.Treated.Value, foregone+x.Foregone.Value
			}
			alone := s.Missing["rank"] == "alone"
			sure := s.Figures.Centers > 0 || access.Gap(s.Gap) == access.NoCenter
			switch {
			case s.Rank != nil && !sure:
				t.Errorf("%s: %s has rank %d, and the list says %q", code, s.Name, s.Rank.Place, s.Gap)
			case s.Rank == nil && sure && alone:
				only++
			case s.Rank == nil && (sure || s.Missing["rank"] != s.Gap):
				t.Errorf("%s: %s has no rank: %q, the list says %q", code, s.Name, s.Missing["rank"], s.Gap)
			case s.Rank != nil:
				places[s.Rank.Place]++
				ranked++
				if n := 0; s.Figures.Centers == 0 {
					for _, other := range m.Regions() {
						if o := sheetOf(t, r, other); o.Figures.Centers > 0 {
							n++
						}
					}
					if s.Rank.Place != n+1 {
						t.Errorf("%s: %s has no center and rank %d; %d have one", code, s.Name, s.Rank.Place, n)
					}
				}
			default:
				unranked++
			}
			if s.Figures.Centers == 0 && s.Center != nil && s.Center.Region == id {
				t.Errorf("%s: %s has no center, and its people go to %s there", code, s.Name, s.Center.Name)
			}
		}
		if !close(people, whole.Figures.People) || !close(beyond, whole.Figures.PeopleBeyond) || !close(treated, whole.Figures.Treatments[0].Treated.Value) || !close(foregone, whole.Figures.Treatments[0].Foregone.Value) {
			t.Errorf("%s: regions add up to %v people, %v treated, %v lost; the country has %v, %v and %v", code, people, treated, foregone,
				whole.Figures.People, whole.Figures.Treatments[0].Treated.Value, whole.Figures.Treatments[0].Foregone.Value)
		}
		next := 1
		for _, place := range slices.Sorted(func(yield func(int) bool) {
			for p := range places {
				if !yield(p) {
					return
				}
			}
		}) {
			if place != next {
				t.Errorf("%s: rank %d follows, %d was next", code, place, next)
			}
			next += places[place]
		}
		if only > 1 || only == 1 && ranked > 0 {
			t.Errorf("%s: %d regions are alone beside %d with a rank", code, only, ranked)
		}
		s := sheetOf(t, r, m.Regions()[0])
		if s.Rank != nil && (s.Rank.Of != ranked || s.Rank.Unranked != unranked) {
			t.Errorf("%s: %+v, counted %d with and %d without a rank", code, s.Rank, ranked, unranked)
		}
	}
}

// The center of most people is counted by hand from the places.
func TestTheCenterOfMost(t *testing.T) {
	r := of(t, "IT")
	s := sheetOf(t, r, "IT-16")
	l := r.Layer("places")
	region, site := texts(t, l, "region_id"), texts(t, l, "site_id")
	people, minutes := numbers(t, l, "population"), numbers(t, l, "time_min")
	by := map[string]float64{}
	for i := range region {
		if region[i] == "IT-16" && !math.IsNaN(minutes[i]) {
			by[site[i]] += people[i]
		}
	}
	for id, n := range by {
		if n > by[s.Center.ID] {
			t.Errorf("%v people go to %s, %v to %s", n, id, by[s.Center.ID], s.Center.ID)
		}
	}
	if float64(s.Center.People) != by[s.Center.ID] || s.Center.Used != len(by) {
		t.Errorf("%+v, counted %v of %d", s.Center, by[s.Center.ID], len(by))
	}
}

func texts(t testing.TB, l *geo.Layer, name string) []string {
	t.Helper()
	v, err := l.Texts(name)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func numbers(t testing.TB, l *geo.Layer, name string) []float64 {
	t.Helper()
	v, err := l.Numbers(name)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Countries are ranked by their lists, and by how far published counts reach.
func TestAmongCountries(t *testing.T) {
	s := sheetOf(t, of(t, "DE"), "")
	if s.Rank != nil || s.Missing["rank"] != "alone" {
		t.Errorf("%+v %v", s.Rank, s.Missing)
	}
	nan := study.Num(math.NaN())
	// XX and XY have neither a listed nor a published center: they take no place.
	s.Among([]sheet.Peer{{"XX", 0, 4e6, nan}, {"XY", 0, 2e6, 0}, {"DE", 27, 83e6, 45}, {"IT", 37, 60e6, 44}, {"GB", 24, 67e6, nan}, {"AU", 8, 26e6, 7}})
	// By lists IT 6.2, GB 3.6, DE 3.3, AU 3.1; published IT 7.3, DE 5.4, AU 2.7.
	if r := s.Rank; r == nil || r.Place != 3 || r.Best != 2 || r.Worst != 3 || r.Of != 4 || s.Missing["rank"] != "" {
		t.Errorf("%+v", s.Rank)
	}
	region := sheetOf(t, of(t, "DE"), sheetRegion(t, "DE"))
	before := region.Rank
	region.Among([]sheet.Peer{{"DE", 27, 83e6, 45}, {"IT", 37, 60e6, 44}})
	if region.Rank != before {
		t.Error("a region is ranked among countries")
	}
}

func sheetRegion(t testing.TB, code string) string {
	t.Helper()
	return of(t, code).Layer("regions").ID(0)
}

const plain = `version: 1
name: own
places: {layer: settlements, where: {country: IT}, weight: population}
sites: {layer: centers, where: {country: IT}}
travel: {engine: crow}
`

// A rate of the study's own is of no indication that we know of, in either language.
func TestOwnNumbersOfPatientsAreCalledThat(t *testing.T) {
	for demand, named := range map[string]bool{"{eligible_per_100k: 3}": false, "{indications: [mm-4l]}": true} {
		s := sheetOf(t, carriedOut(t, plain+"measures: [travel: {}, penalty: {}]\ndemand: "+demand+"\n"), "")
		for lang, words := range map[string][3]string{"en": {"the study’s own number", "the study's own number", "myeloma after three lines"}, "de": {"Zahl der Studie selbst", "Zahl der Studie selbst", "Myelom nach drei Linien"}} {
			body := written(t, s, lang, page)
			if own := strings.Contains(body, words[0]) || strings.Contains(body, words[1]) || strings.Contains(body, "study&#39;s own number"); own == named || strings.Contains(body, words[2]) != named {
				t.Errorf("%s in %s: the study's own %v, by name %v", demand, lang, own, strings.Contains(body, words[2]))
			}
		}
	}
}

// What a study was not asked for is null, and the reason stands beside it.
func TestWhatIsMissingIsSaid(t *testing.T) {
	r := carriedOut(t, plain+"measures: [travel: {}]\n")
	s := sheetOf(t, r, "")
	for part, want := range map[string]string{"treatments": "not asked", "intervals": "not asked", "sites": "not asked", "rank": "alone"} {
		if s.Missing[part] != want {
			t.Errorf("%s: %q, want %q", part, s.Missing[part], want)
		}
	}
	if _, err := sheet.Of(r, "IT-01"); err == nil || !strings.Contains(err.Error(), `no region "IT-01"`) {
		t.Error(err)
	}
	regions := plain + "regions: {layer: regions, where: {country: IT}, join: region_code}\nmeasures: [travel: {}, penalty: {}]\n"
	r = carriedOut(t, regions+"privacy: {suppress_below: 2}\n")
	s = sheetOf(t, r, "IT-02")
	if s.Missing["treatments"] != "withheld" || s.Missing["intervals"] != "not asked" {
		t.Errorf("%v", s.Missing)
	}
	body := written(t, s, "en", page)
	if !strings.Contains(body, "Withheld") || strings.Contains(body, "car-t") {
		t.Error("what is withheld is not said")
	}
	if _, err := sheet.Of(r, "IT-99"); err == nil || !strings.Contains(err.Error(), "did you mean") {
		t.Error(err)
	}
	b, err := json.Marshal(s)
	if err != nil || !strings.Contains(string(b), `"treated":{"value":null`) {
		t.Errorf("%v %.300s", err, b)
	}
}

// On Hawaii the site that gains most stands where a center is, and leaves the people
// of the other islands without a way: the sheet says so. In Corse nobody has a way,
// and the site gives some one.
func TestWhomTheBestSiteLeavesOut(t *testing.T) {
	const asked = `version: 1
name: isles
places: {layer: settlements, where: {country: US, region_code: ["15"]}, weight: population}
regions: {layer: regions, where: {country: US, region_code: ["15"]}, join: region_code}
sites: {layer: centers, where: {country: US}, count: campus}
candidates: {layer: settlements, where: {country: US, region_code: ["15"], population: {min: 50000}}}
travel: {engine: crow, borders: same-country}
measures: [travel: {}, penalty: {}]
siting: {pick: 1, goal: treated}
`
	s := sheetOf(t, carriedOut(t, asked), "US-15")
	x := s.Sites[0]
	if none := s.Figures.People - s.Figures.Timed; x.Newly != 0 || !(none > 400_000 && none < 500_000) || x.Region != "US-15" {
		t.Fatalf("%v have no time, %s gives %v one", none, x.Name, x.Newly)
	}
	n := s.Figures.People - s.Figures.Timed
	for lang, want := range map[string]string{
		"en": " people here have no road route to a center; this place gives none of them one.", "de": " Menschen hier haben keinen Landweg zu einem Zentrum; dieser Ort gibt keinem von ihnen einen.",
	} {
		l, err := words.In(lang)
		if err != nil {
			t.Fatal(err)
		}
		if body := written(t, s, lang, page); !strings.Contains(body, l.About(float64(n))+want) {
			t.Errorf("the sheet in %s does not say whom %s leaves out", lang, x.Name)
		}
	}
	s = sheetOf(t, of(t, "FR"), "FR-94")
	if body := written(t, s, "en", page); !(s.Sites[0].Newly > 0) || s.Sites[0].Newly > s.Sites[0].Nearer || strings.Contains(body, "gives none of them one") {
		t.Errorf("%+v", s.Sites[0])
	}
}

// A study called by the code of its country has the name of the country on the
// page, in the language of the page; one of several countries has not.
func TestCountriesByName(t *testing.T) {
	named := strings.Replace(plain, "name: own", "name: it", 1) + "measures: [travel: {}]\n"
	for lang, want := range map[string]string{"en": "Italy</h1>", "de": "Italien</h1>"} {
		if body := written(t, sheetOf(t, carriedOut(t, named), ""), lang, page); !strings.Contains(body, want) {
			t.Errorf("%s: no %s", lang, want)
		}
	}
	both := strings.ReplaceAll(named, "{country: IT}", "{country: [IT, ES]}")
	if body := written(t, sheetOf(t, carriedOut(t, both), ""), "en", page); !strings.Contains(body, "it</h1>") {
		t.Error("a study of two countries is called by one")
	}
}

// Where nobody lives there is no share, no time and no rank.
func TestARegionWithoutPeople(t *testing.T) {
	r := carriedOut(t, strings.Replace(plain, "{country: IT}, weight", `{country: IT, region_code: ["16"]}, weight`, 1)+
		"regions: {layer: regions, where: {country: IT}, join: region_code}\nmeasures: [travel: {}, penalty: {}, gaps: {}]\n")
	s := sheetOf(t, r, "IT-01")
	if s.Missing["times"] != "nobody" || s.Missing["treatments"] != "nobody" || s.Missing["rank"] != "nobody" {
		t.Errorf("%v", s.Missing)
	}
	if body := written(t, s, "en", page); strings.Contains(body, "NaN") || !strings.Contains(body, "nobody lives here") {
		t.Error("a number stands where nobody lives")
	}
	if n := pages(written(t, s, "de", paper)); n != 2 {
		t.Errorf("%d pages", n)
	}
}

func written(t testing.TB, s sheet.Sheet, lang string, write func(w *bytes.Buffer, s sheet.Sheet, l *words.Language) error) string {
	t.Helper()
	l, err := words.In(lang)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := write(&b, s, l); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs from its golden; go test ./api/sheet -update renews it", name)
	}
}

package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"careshed/access/study"
	"careshed/access/study/spec"
	"careshed/geo"
)

func outcomeIn(t *testing.T, body []byte) studyDoc {
	t.Helper()
	var d struct {
		ID    string
		Links []link
	}
	if err := json.Unmarshal(body, &d); err != nil {
		t.Fatalf("%v: %.300s", err, body)
	}
	return studyDoc{ID: d.ID, Links: d.Links}
}

func TestStudyIsCarriedOutOnceAndServed(t *testing.T) {
	var worlds atomic.Int32
	s := fixture(t, func(c *Config) {
		make := c.World
		c.World = func(ctx context.Context, spec spec.Spec) (study.World, error) {
			if spec.Name == "xa" {
				worlds.Add(1)
			}
			return make(ctx, spec)
		}
	})
	w := post(t, s, small("xa", "penalty: {}\n"))
	if w.Code != 200 {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	d := outcomeIn(t, w.Body.Bytes())
	again := post(t, s, small("xa", "penalty: {}\n"))
	if again.Code != 200 || outcomeIn(t, again.Body.Bytes()).ID != d.ID || worlds.Load() != 1 {
		t.Errorf("carried out %d times", worlds.Load())
	}
	if other := outcomeIn(t, post(t, s, small("xa", "penalty: {effect: 0.5}\n")).Body.Bytes()); other.ID == d.ID {
		t.Error("another study has the same id")
	}
	names := map[string]bool{}
	for _, l := range d.Links[1:] {
		id := strings.TrimPrefix(l.Href, "http://example.org/collections/")
		names[strings.TrimPrefix(id, d.ID+"-")] = true
		page := get[collectionOfFeatures](t, s, "/collections/"+id+"/items?limit=1000")
		if page.NumberMatched == 0 && !strings.HasSuffix(id, "-colocated") {
			t.Errorf("%s is empty", id)
		}
	}
	for _, want := range []string{"places", "regions", "sites", "links", "bands", "colocated", "penalty_curve"} {
		if !names[want] {
			t.Errorf("no collection %s among %v", want, names)
		}
	}
	listed := false
	for _, c := range get[collectionList](t, s, "/collections").Collections {
		listed = listed || c.ID == d.ID+"-places"
	}
	if !listed || len(get[studyList](t, s, "/studies").Studies) != 2 {
		t.Error("the results are not listed")
	}
	for _, path := range []string{"/studies/" + d.ID, "/density?study=" + d.ID, "/density?by=region&study=" + d.ID, "/gaps?study=" + d.ID, "/penalty?study=" + d.ID, "/nearest?lon=7&lat=47&study=" + d.ID} {
		if w := do(t, s, call{path: path}); w.Code != 200 {
			t.Errorf("%s: status %d: %s", path, w.Code, w.Body)
		}
	}
	if w := do(t, s, call{path: "/sites?study=" + d.ID}); w.Code != 422 {
		t.Errorf("/sites of a study without siting: status %d", w.Code)
	}
}

func TestStudyAsJSON(t *testing.T) {
	s := fixture(t, nil)
	w := do(t, s, call{method: "POST", path: "/processes/study/execution", header: []string{"Content-Type", "application/json; charset=utf-8"},
		body: `{"version":1,"name":"j","places":{"layer":"settlements","where":{"country":"XB"}},"sites":{"layer":"centers"},"travel":{"engine":"crow"},"measures":["travel"]}`})
	if w.Code != 200 {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

// Requests name no files but those that the server's own catalog names.
func TestFilesAndBasesOfRequests(t *testing.T) {
	s := fixture(t, nil)
	for _, c := range []struct{ name, more, field string }{
		{"a path", "layers: {x: {file: /etc/passwd}}", "layers.x.file"},
		{"a database", "layers: {x: {postgis: 'postgres://10.0.0.1/db', table: a.b}}", "layers.x.postgis"},
		{"a path upwards", "layers: {x: {file: ../own.csv}}", "layers.x.file"},
		{"another spelling", "layers: {x: {file: ./own.csv}}", "layers.x.file"},
		{"a join", "layers: {x: {file: own.csv, join: {file: secret.csv, on: id}}}", "layers.x.join.file"},
		{"a base", "base: /etc/passwd", "base"},
		{"a base upwards", "base: ../specs/base.yaml", "base"},
		{"a base that is not listed", "base: specs/other.yaml", "base"},
	} {
		p := problemIn(t, post(t, s, small("s", c.more+"\n")))
		if p.Status != 422 || p.Field != c.field || strings.Contains(p.Detail, "no such file") {
			t.Errorf("%s: %+v", c.name, p)
		}
	}
	// What is listed may be used: the base gives places, sites and travel.
	if w := post(t, s, "version: 1\nname: s\nbase: specs/base.yaml\n"); w.Code != 200 {
		t.Errorf("a listed base: status %d: %s", w.Code, w.Body)
	}
	// A file that is listed gets as far as the world, which does not have it here.
	if p := problemIn(t, post(t, s, small("s", "layers: {x: {file: own.csv}}\nregions: {layer: x}\n"))); p.Status != 422 {
		t.Errorf("a listed file: %+v", p)
	}
	none := fixture(t, func(c *Config) { c.Files, c.Studies = nil, nil })
	if p := problemIn(t, post(t, none, small("s", "layers: {x: {file: own.csv}}\n"))); !strings.Contains(p.Accepted, "names none") {
		t.Errorf("%+v", p)
	}
}

func TestErrorsOfStudies(t *testing.T) {
	s := fixture(t, func(c *Config) {
		make := c.World
		c.World = func(ctx context.Context, spec spec.Spec) (study.World, error) {
			if spec.Name == "disk" {
				return study.World{}, &fs.PathError{Op: "open", Path: "/secret/path", Err: fs.ErrPermission}
			}
			return make(ctx, spec)
		}
	})
	for _, c := range []struct {
		name, spec string
		status     int
		says       string
	}{
		{"unknown layer", strings.Replace(small("s", ""), "layer: centers", "layer: centres", 1), 422, "centres"},
		{"unknown field", strings.Replace(small("s", ""), "weight: population", "weight: people", 1), 422, "people"},
		{"no such feature", strings.Replace(small("s", ""), "country: XA", "country: XX", 1), 422, "XX"},
		{"not a spec", "[1, 2]", 422, "fields"},
		{"deep", strings.Repeat("[", 20_000), 422, ""},
		{"aliases", "a: &a [x]\nb: *a\n", 422, ""},
		{"the disk", small("disk", ""), 500, "log"},
		{"binary", "\x00\xff\xfe", 422, ""},
	} {
		w := post(t, s, c.spec)
		if p := problemIn(t, w); p.Status != c.status || !strings.Contains(p.Detail+p.Found+p.Field, c.says) || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: %+v", c.name, p)
		}
	}
	if n, _ := s.studies.kept.size(); n != 0 || len(s.studies.slots) != 0 {
		t.Errorf("%d results kept, %d slots taken after failures", n, len(s.studies.slots))
	}
}

func TestStudiesAtOnceAndTheirTime(t *testing.T) {
	hold := make(chan struct{})
	s := fixture(t, func(c *Config) {
		c.Limits.Runs, c.Limits.Run = 1, 100*time.Millisecond
		world := c.World
		c.World = func(ctx context.Context, spec spec.Spec) (study.World, error) {
			switch spec.Name {
			case "held":
				<-hold
			case "long":
				<-ctx.Done()
				return study.World{}, ctx.Err()
			}
			return world(ctx, spec)
		}
	})
	var wg sync.WaitGroup
	codes := make([]int, 2)
	for i := range codes {
		wg.Go(func() { codes[i] = post(t, s, small("held", "")).Code })
	}
	eventually(t, "a study under way", func() bool { return len(s.studies.slots) == 1 })
	w := post(t, s, small("other", ""))
	if p := problemIn(t, w); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" || p.Type != "urn:careshed:problem:busy" {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	close(hold)
	wg.Wait()
	// The time ran out while it was held; who waits is told the same.
	if codes[0] != codes[1] {
		t.Errorf("two who wait for one study get %v", codes)
	}
	w = post(t, s, small("long", ""))
	if problemIn(t, w); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	s.limits.Run = time.Minute // however busy the machine is
	if w := post(t, s, small("other", "")); w.Code != 200 {
		t.Errorf("afterwards: status %d: %s", w.Code, w.Body)
	}
}

func TestResultsAreKeptWithinBounds(t *testing.T) {
	s := fixture(t, func(c *Config) { c.Limits.Studies = 2 })
	var ids []string
	for i := range 3 {
		ids = append(ids, outcomeIn(t, post(t, s, small(fmt.Sprint("s", i), "")).Body.Bytes()).ID)
		do(t, s, call{path: "/studies/" + ids[0]}) // the first stays in use
	}
	for i, want := range []int{200, 404, 200} {
		if w := do(t, s, call{path: "/collections/" + ids[i] + "-places"}); w.Code != want {
			t.Errorf("study %d: status %d, want %d", i, w.Code, want)
		}
	}
	one := fixture(t, func(c *Config) { c.Limits.StudyBytes = 1 })
	a := outcomeIn(t, post(t, one, small("a", "")).Body.Bytes()).ID
	if w := do(t, one, call{path: "/studies/" + a}); w.Code != 200 {
		t.Error("a large result is not kept until the next")
	}
	post(t, one, small("b", ""))
	if n, bytes := one.studies.kept.size(); n != 1 || bytes < 100 {
		t.Errorf("%d results of %d bytes are kept", n, bytes)
	}
}

func TestStudyIDs(t *testing.T) {
	for name, want := range map[string]string{"Italy, what if?": "italy-what-if-", "  é": "", strings.Repeat("x", 200): strings.Repeat("x", 40) + "-"} {
		spec, err := study.Parse(strings.NewReader(small(fmt.Sprintf("%q", name), "")), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := (&Server{}).studyID(spec, sender{}); !strings.HasPrefix(got, want) || len(got) > 75 || strings.Trim(got, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			t.Errorf("%q: id %q", name, got)
		}
	}
}

// What /nearest says of a place is what the study says of it.
func TestNearestAgreesWithTheStudy(t *testing.T) {
	s := fixture(t, nil)
	for _, c := range []struct{ country, count, travel string }{
		{"XA", "rows, accepts: [{field: region_code, of: region_code}]", "{engine: crow, borders: same-country}"},
		{"XA", "campus, accepts: [{field: location, is: [hospital]}, {field: region_code, of: region_code}]", "{engine: crow, borders: same-country}"},
		{"XA", "rows", "{engine: crow, borders: {groups: region_code}}"},
		{"XA", "rows", "{engine: crow, borders: same-country}"},
		{"XA", "campus", "{engine: crow, borders: same-country}"},
		{"XB", "campus", "{engine: crow, borders: same-country}"},
		{"XA", "rows", "{engine: crow, borders: free}"},
		{"XA", "rows", "{engine: crow, borders: same-country, sea: {speed_kmh: 30, wait_min: 60}, speed_times: 0.9, circuity: [{factor: 1.4}]}"},
		{"XA", "campus", "{engine: crow, borders: same-country, sea: {speed_kmh: 300, wait_min: 5}}"},
		{"XA", "rows", "{engine: crow, borders: same-region, sea: {speed_kmh: 500, wait_min: 1}}"},
	} {
		spec := strings.NewReplacer("country: XA", "country: "+c.country, "{engine: crow, borders: same-country}", c.travel).Replace(small("n", ""))
		if c.travel == "{engine: crow, borders: free}" {
			spec = strings.Replace(spec, "sites: {layer: centers, where: {country: XA}}", "sites: {layer: centers}", 1)
		}
		spec = strings.Replace(spec, "sites: {", "sites: {count: "+c.count+", ", 1)
		w := post(t, s, spec)
		if w.Code != 200 {
			t.Fatalf("%v: %s", c, w.Body)
		}
		d := outcomeIn(t, w.Body.Bytes())
		e, _ := s.studies.kept.get(d.ID)
		l := e.result.Layer("places")
		f := fields{l}
		for i := range l.Len() {
			p := l.Point(i)
			got := get[struct {
				Status, Reason string
				Centers        []struct {
					ID                 string  `json:"site_id"`
					Geodesic_km        float64 `json:"geodesic_km"`
					Distance, Time_min *float64
				}
			}](t, s, fmt.Sprintf("/nearest?lon=%v&lat=%v&k=2&study=%s", p[0], p[1], d.ID))
			if got.Status != f.text("status", i) {
				t.Fatalf("%v: %s at %v: status %s, the study says %s (%s)", c, l.ID(i), p, got.Status, f.text("status", i), f.text("reason", i))
			}
			if len(got.Centers) == 0 {
				continue
			}
			x := got.Centers[0]
			if x.ID != f.text("site_id", i) || math.Abs(x.Geodesic_km-float64(f.number("geodesic_km", i))) > 1e-9 {
				t.Fatalf("%v: %s: %+v, the study says %s at %v km", c, l.ID(i), x, f.text("site_id", i), f.number("geodesic_km", i))
			}
			if want := float64(f.number("time_min", i)); (x.Time_min == nil) != math.IsNaN(want) || x.Time_min != nil && *x.Time_min != want {
				t.Fatalf("%v: %s: time %v, the study says %v", c, l.ID(i), x.Time_min, want)
			}
			second := ""
			if len(got.Centers) > 1 && got.Centers[1].Time_min != nil {
				second = got.Centers[1].ID
			}
			if id := f.text("site_id_2", i); second != id {
				t.Fatalf("%v: %s: second %q, the study says %q", c, l.ID(i), second, id)
			}
		}
		// A result that was kept answers alike.
		query := fmt.Sprintf("/nearest?lon=7&lat=47&k=4&study=%s", d.ID)
		before := do(t, s, call{path: query}).Body.String()
		kept := s.outcomeOf(d.ID, e.world, must(study.Unpack(must(e.result.Pack()))), sender{})
		s.studies.kept.put(d.ID, kept, 1)
		if after := do(t, s, call{path: query}).Body.String(); after != before {
			t.Errorf("%v: before\n%s\nafter it was kept\n%s", c, before, after)
		}
	}
}

// The second nearest center is not another door of the nearest, unless the
// study counts rows.
func TestNearestCountsAsTheStudy(t *testing.T) {
	s := fixture(t, nil)
	rows := outcomeIn(t, post(t, s, strings.Replace(small("rows", ""), "sites: {", "sites: {count: rows, ", 1)).Body.Bytes()).ID
	for path, want := range map[string]string{
		"/nearest?lon=6&lat=46":                     "c1 c3 c4", // c2 is of the campus of c1
		"/nearest?lon=6.005&lat=46&k=2":             "c2 c3",
		"/nearest?lon=6&lat=46&k=50":                "c1 c3 c4",
		"/nearest?lon=6&lat=46&study=" + rows:       "c1 c2 c3",
		"/nearest?lon=-60.5&lat=14.5":               "c1 c3 c4", // by straight line
		"/nearest?lon=-60.5&lat=14.5&study=" + rows: "c1 c2 c3",
	} {
		var got []string
		for i, c := range get[struct {
			Centers []struct {
				ID   string `json:"site_id"`
				Rank int
			}
		}](t, s, path).Centers {
			if got = append(got, c.ID); c.Rank != i+1 {
				t.Errorf("%s: rank %d at place %d", path, c.Rank, i+1)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", path, got, want)
		}
	}
}

// A country that the study has not is refused, and so is one that its borders do not
// look at: an answer without it would be taken for one of that country.
func TestNearestTakesNoOtherCountry(t *testing.T) {
	s := fixture(t, nil)
	free := outcomeIn(t, post(t, s, strings.Replace(strings.Replace(small("free", ""), "borders: same-country", "borders: free", 1),
		"sites: {layer: centers, where: {country: XA}}", "sites: {layer: centers}", 1)).Body.Bytes()).ID
	own := outcomeIn(t, post(t, s, small("own", "")).Body.Bytes()).ID
	for path, want := range map[string]struct {
		status int
		says   string
	}{
		"/nearest?lon=7&lat=47&country=XB&study=" + free: {400, "the borders of study"},
		"/nearest?lon=7&lat=47&study=" + free:            {200, ""},
		"/nearest?lon=7&lat=47&country=ZZ&study=" + own:  {422, "has neither places nor sites in country ZZ"},
		"/nearest?lon=7&lat=47&country=XA&study=" + own:  {200, ""},
	} {
		if w := do(t, s, call{path: path}); w.Code != want.status || !strings.Contains(w.Body.String(), want.says) {
			t.Errorf("%s: %d %s, want %d %q", path, w.Code, w.Body, want.status, want.says)
		}
	}
}

func TestNearestChecksItsPoint(t *testing.T) {
	s := fixture(t, nil)
	for path, status := range map[string]int{"/nearest?lon=7&lat=47": 200, "/nearest?lon=0&lat=0": 400, "/nearest?lon=0&lat=0&country=XA": 200, "/nearest?lon=7&lat=47&country=XX": 400,
		"/nearest?lon=7": 400, "/nearest?lat=7": 400, "/nearest?lon=181&lat=0": 400, "/nearest?lon=-180&lat=-17.5": 200, "/nearest?lon=7&lat=47&k=0": 400, "/nearest?lon=7&lat=47&k=51": 400,
		"/nearest?lon=7&lat=47&study=none": 404} {
		if w := do(t, s, call{path: path}); w.Code != status {
			t.Errorf("%s: status %d, want %d: %s", path, w.Code, status, w.Body)
		}
	}
	far := get[struct {
		Status  string
		Centers []struct{ Time_min *float64 }
	}](t, s, "/nearest?lon=-60.5&lat=14.5")
	if far.Status != "sea" || len(far.Centers) != 3 || far.Centers[0].Time_min != nil {
		t.Errorf("across the water: %+v", far)
	}
}

func TestDensityByCountry(t *testing.T) {
	s := fixture(t, nil)
	d := get[struct {
		Countries []struct {
			Country, Part     string
			Campuses, Rows    int
			Population        float64
			Regions_doubtful  []string
			Regions_none      []string
			Published_centers *float64
			Reimbursed        []string
			Not_reimbursed    []string
		}
	}](t, s, "/density").Countries
	if len(d) != 3 || d[0].Country != "XA" || d[1].Part != "metropolitan" || d[2].Country != "XB" {
		t.Fatalf("rows %+v", d)
	}
	if d[0].Rows != 4 || d[0].Campuses != 3 || *d[0].Published_centers != 7 || len(d[0].Regions_doubtful) != 1 || len(d[0].Regions_none) != 1 {
		t.Errorf("XA: %+v", d[0])
	}
	if d[0].Population-d[1].Population != 100_000 || len(d[1].Regions_doubtful) != 0 || d[1].Published_centers != nil {
		t.Errorf("XA at home: %+v", d[1])
	}
	if d[2].Published_centers != nil || d[2].Rows != 1 || d[2].Reimbursed == nil || len(d[2].Reimbursed)+len(d[2].Not_reimbursed) != 0 {
		t.Errorf("XB: %+v", d[2])
	}
	if !slices.Equal(d[0].Reimbursed, []string{"LBCL 3L+ (since 2020-05)"}) || !slices.Equal(d[0].Not_reimbursed, []string{"MM (Other; as of 2024; derived)"}) {
		t.Errorf("XA reimburses %q and not %q", d[0].Reimbursed, d[0].Not_reimbursed)
	}
}

func TestReadyOnceTheBaselinesAreThere(t *testing.T) {
	broken := true
	s := fixture(t, func(c *Config) {
		make := c.World
		c.World = func(ctx context.Context, spec spec.Spec) (study.World, error) {
			if broken && spec.Name == "baseline-xb" {
				return study.World{}, errors.New("out of luck")
			}
			return make(ctx, spec)
		}
	})
	if w := do(t, s, call{path: "/readyz"}); w.Code != 503 || w.Header().Get("Retry-After") == "" || !strings.Contains(problemIn(t, w).Detail, "XA, XB") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	if err := s.Warm(context.Background()); err == nil || !strings.Contains(err.Error(), "XB") {
		t.Errorf("Warm: %v", err)
	}
	if w := do(t, s, call{path: "/penalty?country=XB"}); w.Code != 500 || strings.Contains(w.Body.String(), "luck") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	broken = false // what failed is tried again
	if w := do(t, s, call{path: "/penalty?country=XB"}); w.Code != 200 {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	if w := do(t, s, call{path: "/readyz"}); w.Code != 200 {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

func TestServerWithoutCountries(t *testing.T) {
	s := fixture(t, func(c *Config) { c.Countries, c.Layers = nil, nil })
	if err := s.Warm(context.Background()); err != nil {
		t.Fatal(err)
	}
	for path, status := range map[string]int{"/": 200, "/readyz": 200, "/collections": 200, "/density": 400, "/nearest?lon=0&lat=0": 400, "/sites": 400, "/processes/study": 200} {
		if w := do(t, s, call{path: path}); w.Code != status {
			t.Errorf("%s: status %d: %s", path, w.Code, w.Body)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	rows := func(*geo.Layer, string, Position) (Rows, error) { return nil, nil }
	world := func(context.Context, spec.Spec) (study.World, error) { return study.World{}, nil }
	for name, c := range map[string]Config{"no world": {Rows: rows}, "no rows": {World: world}, "twice": {World: world, Rows: rows, Layers: []Layer{{Name: "a"}, {Name: "a"}}},
		"a country that breaks YAML": {World: world, Rows: rows, Countries: []Country{{"X: [", ""}}}} {
		if _, err := New(c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// The study's process says which media types a study may have: those that its
// own route takes, whatever other routes with a body take.
func TestProcessSaysItsMediaTypes(t *testing.T) {
	s := fixture(t, nil)
	got := get[processDoc](t, s, "/processes/study").Body.Media
	for _, rt := range s.table {
		if rt.path == "/processes/study/execution" && (!slices.Equal(got, rt.media) || len(got) < 2) {
			t.Errorf("%v, and the route takes %v", got, rt.media)
		}
	}
}

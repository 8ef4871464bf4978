package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"careshed/access/study"
	"careshed/data"
	"careshed/geo"
)

// A foreign is a layer as somebody else could have it: columns of texts in some
// order, one of them the ids of the matrix.
type foreign struct {
	names  []string
	cells  [][]string // by column
	people []int
	truth  []string // the id of each row as the matrix has it
	named  string   // the column that the study names as id:, or ""
	broken bool     // the ids are empty somewhere or repeat
	ids    []string // as they stand in the file
}

// left reports whether the column of the ids still holds one of the matrix.
func (f foreign) left(times map[[2]string]float64) bool {
	for pair := range times {
		if slices.ContainsFunc(f.ids, func(id string) bool { return strings.TrimSpace(id) == pair[0] }) {
			return true
		}
	}
	return false
}

// foreignLayer makes one up.
func foreignLayer(r *rand.Rand) foreign {
	n := 3 + r.IntN(8)
	f := foreign{people: make([]int, n), truth: make([]string, n)}
	style := r.IntN(6)
	for i, k := range r.Perm(n) {
		f.people[i] = 1 + r.IntN(5000)
		switch style {
		case 0:
			f.truth[i] = strconv.Itoa(k + 1) // looks like a row number and is none
		case 1:
			f.truth[i] = fmt.Sprintf("%05d", 1001+2*k)
		case 2:
			f.truth[i] = "H-" + string(rune('A'+k))
		case 3:
			f.truth[i] = strconv.Itoa(9007199254740990 + k) // beyond what a float holds
		case 4:
			f.truth[i] = "Été " + strconv.Itoa(k)
		default:
			f.truth[i] = strconv.Itoa(100 * (k + 1))
		}
	}
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	idName := pick("id", "ID", "Id", "fid", "GEOID", "code", "Hospital ID", "place_id", "kod", "nr", "gid", "LAD21CD", "Naam")
	ids := slices.Clone(f.truth)
	for i := range ids { // blanks around an id do not count
		if r.IntN(12) == 0 {
			ids[i] = " " + ids[i]
		}
	}
	switch r.IntN(8) {
	case 0:
		ids[r.IntN(n)] = ""
		f.broken = true
	case 1:
		i := r.IntN(n)
		ids[i] = ids[(i+1)%n]
		f.broken = true
	}
	add := func(name string, cells []string) {
		if !slices.ContainsFunc(f.names, func(other string) bool { return strings.EqualFold(other, name) }) {
			f.names, f.cells = append(f.names, name), append(f.cells, cells)
		}
	}
	f.ids = ids
	add(idName, ids)
	if r.IntN(3) == 0 {
		f.named = idName
	}
	people := make([]string, n)
	for i, p := range f.people {
		people[i] = strconv.Itoa(p)
	}
	add("population", people)
	for range r.IntN(3) { // columns that could be taken for the ids and are not
		other := make([]string, n)
		for i, k := range r.Perm(n) {
			other[i] = pick(strconv.Itoa(k+1), strconv.Itoa(k+1), "x"+strconv.Itoa(k))
		}
		switch r.IntN(4) {
		case 0: // the ids of other rows
			copy(other, f.truth)
			slices.Reverse(other)
		case 1: // numbers of rows
			for i := range other {
				other[i] = strconv.Itoa(i + 1)
			}
		}
		add(pick("id", "fid", "code", "geoid", "objectid", "nr", "region_code", "index", "uid", "name"), other)
	}
	if r.IntN(4) == 0 {
		country := make([]string, n)
		for i := range country {
			country[i] = pick("IT", "FR", "")
		}
		add(pick("code", "id", "land"), country)
	}
	r.Shuffle(len(f.names), func(i, j int) {
		f.names[i], f.names[j] = f.names[j], f.names[i]
		f.cells[i], f.cells[j] = f.cells[j], f.cells[i]
	})
	return f
}

// written is the layer as a file, with the name that tells its format.
func (f foreign) written(t *testing.T, r *rand.Rand) (name string, text []byte) {
	switch k := r.IntN(400); {
	case k < 170:
		return f.csv(r)
	case k < 250:
		return f.geojson(r)
	case k < 275:
		return f.topojson(r)
	case k < 300:
		return f.kml()
	case k < 306 && !testing.Short():
		return f.byGDAL(t, r)
	}
	name = []string{"f.parquet", "f.ndjson", "f.xlsx", "f.gpkg", "f.parquet", "f.geojsonseq"}[r.IntN(6)]
	var columns []geo.Column
	for k, c := range f.cells {
		field := geo.Field{Name: f.names[k]}
		numbers, whole := make([]float64, len(c)), true
		for i, s := range c {
			v, err := strconv.ParseFloat(s, 64)
			numbers[i] = v
			whole = whole && err == nil && strconv.FormatFloat(v, 'f', -1, 64) == s && math.Abs(v) < 1<<53
		}
		if whole {
			columns = append(columns, geo.Integers(field, numbers))
		} else {
			columns = append(columns, geo.Labels(field, c))
		}
	}
	l, err := geo.NewTable(geo.About{Name: "towns"}, nil, columns...)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := data.Write(&b, l, data.FormatOf(name)); err != nil {
		t.Fatal(err)
	}
	return name, b.Bytes()
}

func (f foreign) csv(r *rand.Rand) (string, []byte) {
	sep := []string{",", ";", "\t"}[r.IntN(3)]
	var b bytes.Buffer
	switch {
	case r.IntN(10) == 0:
		fmt.Fprintf(&b, "sep=%s\r\n", sep)
	case r.IntN(10) == 0:
		b.WriteString("\ufeff")
	}
	line := func(cell func(k int) string) {
		for k := range f.names {
			if k > 0 {
				b.WriteString(sep)
			}
			if c := cell(k); r.IntN(4) == 0 {
				fmt.Fprintf(&b, `"%s"`, c)
			} else {
				b.WriteString(c)
			}
		}
		b.WriteString([]string{"\n", "\r\n"}[r.IntN(2)])
	}
	line(func(k int) string { return f.names[k] })
	for i := range f.truth {
		line(func(k int) string { return f.cells[k][i] })
	}
	return "f.csv", b.Bytes()
}

// topojson is the layer as points of a topology.
func (f foreign) topojson(r *rand.Rand) (string, []byte) {
	_, text := f.geojson(r)
	points := strings.NewReplacer(`"type":"FeatureCollection","features":`, `"type":"GeometryCollection","geometries":`,
		`"type":"Feature"`, `"type":"Point","coordinates":[12,41]`, `"geometry":null,`, "").Replace(string(text))
	return "f.topojson", []byte(`{"type":"Topology","arcs":[],"objects":{"f":` + points + "}}")
}

// kml is the layer as placemarks with data that nothing types.
func (f foreign) kml() (string, []byte) {
	var b bytes.Buffer
	escaped := func(s string) string {
		var e bytes.Buffer
		_ = xml.EscapeText(&e, []byte(s))
		return e.String()
	}
	b.WriteString(`<kml xmlns="http://www.opengis.net/kml/2.2"><Document>`)
	for i := range f.truth {
		b.WriteString("<Placemark><ExtendedData>")
		for k, name := range f.names {
			fmt.Fprintf(&b, `<Data name="%s"><value>%s</value></Data>`, escaped(name), escaped(f.cells[k][i]))
		}
		b.WriteString("</ExtendedData><Point><coordinates>12,41</coordinates></Point></Placemark>")
	}
	b.WriteString("</Document></kml>")
	return "f.kml", b.Bytes()
}

// byGDAL is the layer as GDAL writes it from GeoJSON: FlatGeobuf or a shapefile,
// whose names have ten letters. Without GDAL it is the GeoJSON.
func (f foreign) byGDAL(t *testing.T, r *rand.Rand) (string, []byte) {
	name, text := f.geojson(r)
	if _, err := exec.LookPath("ogr2ogr"); err != nil {
		return name, text
	}
	dir := t.TempDir()
	from := filepath.Join(dir, name)
	text = bytes.ReplaceAll(text, []byte(`"geometry":null`), []byte(`"geometry":{"type":"Point","coordinates":[12,41]}`))
	if err := os.WriteFile(from, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if r.IntN(2) == 0 {
		to := filepath.Join(dir, "f.fgb")
		if out, err := exec.Command("ogr2ogr", "-f", "FlatGeobuf", to, from).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		b, err := os.ReadFile(to)
		if err != nil {
			t.Fatal(err)
		}
		return "f.fgb", b
	}
	if out, err := exec.Command("ogr2ogr", "-f", "ESRI Shapefile", "-lco", "ENCODING=UTF-8", filepath.Join(dir, "shp"), from).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	if err := z.AddFS(os.DirFS(filepath.Join(dir, "shp"))); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return "f.zip", b.Bytes()
}

func (f foreign) geojson(r *rand.Rand) (string, []byte) {
	member := r.IntN(3) // none, the row's number, the id
	var features []string
	for i := range f.truth {
		p := map[string]any{}
		for k, name := range f.names {
			s := f.cells[k][i]
			v, err := strconv.ParseInt(s, 10, 64)
			switch {
			case s == "":
				p[name] = nil
			case err == nil && strconv.FormatInt(v, 10) == s:
				p[name] = json.Number(s)
			default:
				p[name] = s
			}
		}
		text, _ := json.Marshal(p)
		id := ""
		switch member {
		case 1:
			id = fmt.Sprintf(`"id":"%d",`, i)
		case 2:
			q, _ := json.Marshal(f.truth[i])
			id = `"id":` + string(q) + ","
		}
		features = append(features, `{"type":"Feature",`+id+`"geometry":null,"properties":`+string(text)+"}")
	}
	return "f.geojson", []byte(`{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + "]}")
}

// memory is layers by name.
type memory map[string]*geo.Layer

func (m memory) Layer(_ context.Context, name string) (*geo.Layer, error) { return m[name], nil }
func (m memory) Files(string) []study.File                                { return nil }

// Layers of other people's making, in every format of files that is read, through a
// matrix: the numbers of a plain loop over ids, or a refusal.
func TestNothingWrongSilently(t *testing.T) {
	t.Parallel()
	layers := 10_000
	if testing.Short() {
		layers = 500
	}
	r := rand.New(rand.NewPCG(14, 1))
	good, refused := 0, 0
	formats := map[string]int{}
	for n := range layers {
		f := foreignLayer(r)
		name, text := f.written(t, r)
		sites := []string{"S", "T", "7"}[:1+r.IntN(3)]
		times := map[[2]string]float64{}
		var from, to geo.TextColumn
		var minutes []float64
		for _, k := range r.Perm(len(f.truth) * len(sites)) {
			pair := [2]string{f.truth[k/len(sites)], sites[k%len(sites)]}
			if r.IntN(6) == 0 {
				continue
			}
			times[pair] = float64(1 + r.IntN(200))
			from.Append(pair[0])
			to.Append(pair[1])
			minutes = append(minutes, times[pair])
		}
		matrix, err := geo.NewTable(geo.About{Name: "times"}, nil, from.Column(geo.Field{Name: "a"}), to.Column(geo.Field{Name: "b"}), geo.Numbers(geo.Field{Name: "t"}, minutes))
		if err != nil {
			t.Fatal(err)
		}
		centers, err := geo.NewTable(geo.About{Name: "sites"}, sites)
		if err != nil {
			t.Fatal(err)
		}
		spec, err := study.Parse(strings.NewReader("version: 1\nname: f\nplaces: {layer: towns}\nsites: {layer: sites}\ntravel: {engine: matrix, table: times, place: a, site: b, minutes: t}\nmeasures: [{travel: {k: 1, bands_min: [60]}}]\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		towns, err := data.Read(context.Background(), bytes.NewReader(text), name, data.Source{File: name, ID: f.named}, data.Limits{})
		var result *study.Result
		if err == nil {
			result, err = study.Run(context.Background(), study.World{Layers: memory{"towns": towns, "sites": centers, "times": matrix}}, spec, nil)
		}
		if err != nil {
			refused++
			continue
		}
		if f.broken && !f.left(times) {
			continue // the column that was meant holds no id of the matrix any more: nothing can tell
		}
		good++
		formats[strings.TrimPrefix(name, "f.")]++
		var people, within, sum float64
		for i, id := range f.truth {
			best := math.Inf(1)
			for _, s := range sites {
				if m, ok := times[[2]string{id, s}]; ok {
					best = min(best, m)
				}
			}
			if p := float64(f.people[i]); best < math.Inf(1) {
				people, sum = people+p, sum+p*best
				if best <= 60 {
					within += p
				}
			}
		}
		mean := float64(result.Summary.Travel.TimeMin.Mean)
		if got := float64(result.Summary.Travel.Bands[0].People); got != within || people > 0 && math.Abs(mean-sum/people) > 1e-9*mean {
			t.Errorf("layer %d (%s, id: %q, broken %t): %v people within an hour and a mean of %v, want %v and %v; ids from %q, rivals %q\n%s",
				n, name, f.named, f.broken, got, mean, within, sum/people, towns.Identity.From, towns.Identity.Rivals, printable(text))
			if t.Failed() && n > 20 {
				break
			}
		}
	}
	t.Logf("%d layers: %d gave the numbers of the plain loop, %d were refused; %v", layers, good, refused, formats)
	if good < layers/4 || refused < layers/8 {
		t.Errorf("%d gave numbers and %d were refused: the test tries one of the two too little", good, refused)
	}
}

func printable(b []byte) string {
	if bytes.ContainsRune(b, 0) {
		return fmt.Sprintf("%d bytes", len(b))
	}
	return string(b)
}

// Package atlas holds the layers inside the binary: a small, real world so that
// the first command shows real answers. Its files are made by the script in
// build; LICENCES.md says where each comes from.
package atlas

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"sync"

	"careshed/data"
	"careshed/geo"
)

//go:embed *.gz *.geojson *.csv
var files embed.FS

// entry is a layer: its file and how to read it.
type entry struct {
	name, file string
	source     data.Source
}

// entries are the layers. LICENCES.md has the whole of what is said here in short.
var entries = []entry{
	{"regions", "regions.geojson.gz", data.Source{Title: "Regions with official populations and what is known of their centers",
		Licence: "public domain; figures with their source", Attribution: "Natural Earth, US Census Bureau; populations: the statistical offices named in population_source"}},
	{"counties", "counties.geojson.gz", data.Source{Title: "Counties of the United States",
		Licence: "public domain", Attribution: "US Census Bureau, us-atlas"}},
	{"settlements", "settlements.csv.gz", data.Source{Title: "Settlements, scaled so that every region sums to its official population", ID: "id",
		Licence: "CC BY 4.0", Attribution: "GeoNames (settlements); national statistical offices (totals)"}},
	{"centers", "centers.geojson", data.Source{Title: "CAR-T centers, each with its source: a sourced list, not a registry",
		Licence: "facts, with their source in each row", Attribution: "the source named in each row"}},
	{"countries", "countries.csv", data.Source{Title: "Countries of the atlas: published numbers of centers and how complete the list is", ID: "country", Geometry: "none",
		Licence: "facts, with their source in each row", Attribution: "the source named in each row"}},
	{"populations", "populations.csv", data.Source{Title: "People of every country with a listed center", ID: "country", Geometry: "none",
		Licence: "facts, with their source in each row", Attribution: "the statistical offices; Natural Earth where the source says so"}},
	{"observed", "observed.csv", data.Source{Title: "Patients counted by country, region or hospital, each with its source", ID: "id", Geometry: "none",
		Licence: "facts, with their source in each row", Attribution: "the source named in each row"}},
	{"indications", "indications.csv", data.Source{Title: "Indications that countries reimburse, as far as is known, each with its source: what is missing is not known", ID: "id", Geometry: "none",
		Licence: "facts, with their source in each row", Attribution: "the source named in each row"}},
	{"published-counts", "published-counts.csv", data.Source{Title: "Published national numbers of centers", Geometry: "none",
		Licence: "facts, with their source in each row", Attribution: "the source named in each row"}},
	{"region-evidence", "region-evidence.csv", data.Source{Title: "Sources that name a region with a center and no hospital", Geometry: "none",
		Licence: "facts, with their source in each row", Attribution: "the source named in each row"}},
	{"traffic", "traffic.csv", data.Source{Title: "How much slower traffic is by class of road and hour, each row with its source: England", ID: "id", Geometry: "none",
		Licence: "facts, with their source in each row", Attribution: "the source named in each row"}},
	{"land", "land.geojson.gz", data.Source{Title: "Landmasses; polygons joined by bridge, tunnel or causeway share a number",
		Licence: "public domain", Attribution: "Natural Earth"}},
}

func find(name string) (entry, bool) {
	for _, e := range entries {
		if e.name == name {
			return e, true
		}
	}
	return entry{}, false
}

// Atlas reads its layers once each, when they are first asked for. The zero
// value works.
type Atlas struct {
	mu    sync.Mutex
	known map[string]*geo.Layer
	sums  map[string]data.File
}

// Names lists the layers.
func (a *Atlas) Names() []string {
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.name
	}
	return names
}

// Has reports whether there is a layer of a name.
func (a *Atlas) Has(name string) bool {
	_, ok := find(name)
	return ok
}

// Layer is the layer of a name.
func (a *Atlas) Layer(ctx context.Context, name string) (*geo.Layer, error) {
	e, ok := find(name)
	if !ok {
		return nil, fmt.Errorf("the atlas has no layer %q; it has %v", name, a.Names())
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if l, ok := a.known[name]; ok {
		return l, nil
	}
	text, err := files.ReadFile(e.file)
	if err != nil {
		return nil, err
	}
	l, err := data.Read(ctx, bytes.NewReader(text), e.file, e.source, data.Limits{})
	if err != nil {
		return nil, err
	}
	about := l.About
	about.Name = name
	l = l.Named(about)
	if a.known == nil {
		a.known, a.sums = map[string]*geo.Layer{}, map[string]data.File{}
	}
	sum := sha256.Sum256(text)
	a.known[name], a.sums[name] = l, data.File{Name: "atlas:" + e.file, SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(text))}
	return l, nil
}

// File identifies the file of a layer that was read.
func (a *Atlas) File(name string) (data.File, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f, ok := a.sums[name]
	return f, ok
}

// Land is the world's landmasses.
func (a *Atlas) Land(ctx context.Context) (*geo.Land, error) {
	l, err := a.Layer(ctx, "land")
	if err != nil {
		return nil, err
	}
	return geo.NewLand(l, "landmass")
}

// Title says what a layer holds.
func (a *Atlas) Title(name string) string {
	e, _ := find(name)
	return e.source.Title
}

// Country is a country of the atlas: its code and name, and how many rows of its
// list are centers (tiers 1 and 2). Without any there is nothing in the country
// to travel to.
type Country struct {
	Code, Name string
	Listed     int
}

// Countries are those with regions and settlements, by their codes.
func (a *Atlas) Countries(ctx context.Context) ([]Country, error) {
	l, err := a.Layer(ctx, "countries")
	if err != nil {
		return nil, err
	}
	names, err := l.Texts("name")
	if err != nil {
		return nil, err
	}
	listed, err := l.Numbers("listed_centers")
	if err != nil {
		return nil, err
	}
	out := make([]Country, len(names))
	for i, n := range names {
		out[i] = Country{Code: l.ID(i), Name: n, Listed: int(listed[i])}
	}
	return out, nil
}

// ListedCenters is how many centers the list has of a country, and how many somebody
// published of it, 0 if nobody did; both are 0 for a country that the atlas does not have.
func (a *Atlas) ListedCenters(ctx context.Context, country string) (listed, published int) {
	l, err := a.Layer(ctx, "countries")
	if err != nil {
		return 0, 0
	}
	row, ok := l.Find(country)
	have, has := l.Column("listed_centers")
	all, known := l.Column("published_centers")
	if !ok || !has || !known {
		return 0, 0
	}
	if all.Number(row) > 0 {
		published = int(all.Number(row))
	}
	return int(have.Number(row)), published
}

// Completeness says how many of a country's published centers the list has, ""
// for a country that the atlas does not have.
func (a *Atlas) Completeness(ctx context.Context, country string) string {
	l, err := a.Layer(ctx, "countries")
	if err != nil {
		return ""
	}
	row, ok := l.Find(country)
	c, has := l.Column("list_completeness")
	if !ok || !has {
		return ""
	}
	return c.Text(row)
}

package ground

import (
	"context"

	"careshed/access"
	"careshed/access/study/spec"
	"careshed/api/words"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// World is what studies are carried out in.
type World struct {
	Layers Layers
	// Roads opens an index of roads by the name or path that a spec gives; nil:
	// there are none.
	Roads func(ctx context.Context, index string) (travel.Engine, error)
	// Service reaches a matrix service, osrm, valhalla or ors, by the name or URL that a
	// spec gives; nil: there are none.
	Service func(ctx context.Context, engine, service string) (travel.Engine, error)
	Land    func(orb.Point) int // landmasses for crow; nil: water is not seen, and results say so
	Recent  *Recent             // from one run to the next in the same world; nil: nothing
	// Enough is closed when a search for sites is to end with the best plan so
	// far, and the run to go on from there; nil: never.
	Enough <-chan struct{}
	Bounds
	Version string // of the program, for the manifest
	// Completeness is how complete the list of sites in a layer is for a country; it may be
	// nil.
	Completeness func(layer, country string) List
	// Counted are patients that somebody counted in some countries, by their codes, to
	// stand beside what a model expects; it may be nil.
	Counted func(countries []string) ([]access.Count, error)
}

// List is what is known of a country's list of sites: in English, "" if nothing is, how many
// it has, and how many somebody published, 0 if nobody did. Key is that of the text in
// api/words, with Listed as n, "" where there is none.
type List struct {
	Text, Key         string
	Listed, Published int
}

// In is what is known of the list in a language.
func (x List) In(l *words.Language) string {
	if x.Key != "" && l.Has(x.Key) {
		return l.Say(x.Key, "n", x.Listed)
	}
	return x.Text
}

// Bounds are what a study may take.
type Bounds struct {
	Asker spec.Asker // whose limits hold
	Share *Share     // of the memory that all studies have; nil: no bounds
}

// Layers gives layers by name.
type Layers interface {
	Layer(ctx context.Context, name string) (*geo.Layer, error)
	// Files are the files that a layer was read from.
	Files(name string) []File
}

// File identifies an input.
type File struct {
	Name   string `json:"file"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

// Searching begins the name of the stage in which sites are searched.
const Searching = "siting"

// Progress is how far a run has come.
type Progress struct {
	Stage       string
	Done, Total int
}

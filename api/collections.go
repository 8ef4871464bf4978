package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strings"
	"sync"

	"careshed/api/draw"
	"careshed/api/state"
	"careshed/api/tile"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// collection is a layer or table under the name that requests use.
type collection struct {
	id, title, description string
	licence, attribution   string
	load                   func(context.Context) (*geo.Layer, error)
	ready                  once[*opened]
	server                 *Server
	private                bool   // a layer that is there for the holder of the key alone
	to                     sender // of a study: who sent it
}

// opened is a layer with what its pages need.
type opened struct {
	layer  *geo.Layer
	rows   map[string]Rows // by format
	order  []int32         // the rows as pages show them
	place  []int32         // of each row in that order
	extent orb.Bound
	whole  bool // has an extent

	sourceOnce sync.Once
	tiles      *tile.Source
	drawnOnce  sync.Once
	canDraw    bool
	whenOnce   sync.Once
	whenName   string
}

// spatial reports whether a layer has shapes, and drawn whether there is also
// something to colour them by.
func (o *opened) spatial() bool { return !o.layer.IsTable() }

func (o *opened) drawn() bool {
	o.drawnOnce.Do(func() {
		_, err := draw.Classify(o.layer, draw.Options{})
		o.canDraw = o.whole && err == nil
	})
	return o.canDraw
}

// catalogued is a collection of a layer that is always there.
func (s *Server) catalogued(l Layer) *collection {
	return &collection{id: l.Name, title: cmp.Or(l.Title, l.Name), description: l.Description, licence: l.Licence, attribution: l.Attribution, server: s,
		load: func(ctx context.Context) (*geo.Layer, error) { return s.world.Layers.Layer(ctx, l.Name) }}
}

// found is a collection of a layer that a study made.
func (s *Server) found(id, title string, l *geo.Layer) *collection {
	return &collection{id: id, title: title, description: l.Description, licence: l.Licence, attribution: l.Attribution, server: s,
		load: func(context.Context) (*geo.Layer, error) { return l, nil }}
}

// open reads the layer and prepares its pages, once.
func (c *collection) open(ctx context.Context) (*opened, error) {
	return c.ready.get(ctx, func() (*opened, error) {
		l, err := c.load(c.server.ctx)
		if err != nil {
			return nil, fmt.Errorf("collection %s: %w", c.id, err)
		}
		o := &opened{layer: l, rows: map[string]Rows{}}
		for _, format := range []string{"geojson", "csv"} {
			if o.rows[format], err = c.server.config.Rows(l, format, nil); err != nil {
				return nil, fmt.Errorf("collection %s: %w", c.id, err)
			}
		}
		o.arrange()
		for i := range l.Len() {
			if g := l.Shape(i); g != nil {
				if b := g.Bound(); !o.whole {
					o.extent, o.whole = b, true
				} else {
					o.extent = o.extent.Union(b)
				}
			}
		}
		return o, nil
	})
}

// sampled is how many features clients look at to learn the types of fields.
const sampled = 10

// arrange puts rows in front so that every column of numbers has a value among
// the first: clients take a column that is empty there for text.
func arrange(l *geo.Layer, rows []int32) []int32 {
	lead := map[int]bool{}
	first := map[int]bool{} // places of the first row with a value in a column of numbers
	for _, c := range l.Columns() {
		for at, i := range rows {
			if c.Type == geo.Text {
				break
			}
			if !c.Null(int(i)) {
				first[at] = true
				break
			}
		}
	}
	// A row in front pushes another out of the sample, so look again.
	for changed := true; changed; {
		changed = false
		for _, at := range slices.Sorted(maps.Keys(first)) {
			if at >= sampled-len(lead) && !lead[at] && len(lead) < sampled {
				lead[at], changed = true, true
			}
		}
	}
	out := make([]int32, 0, len(rows))
	for at, i := range rows {
		if lead[at] {
			out = append(out, i)
		}
	}
	for at, i := range rows {
		if !lead[at] {
			out = append(out, i)
		}
	}
	return out
}

// arrange puts all rows in the order in which pages show them.
func (o *opened) arrange() {
	rows := make([]int32, o.layer.Len())
	for i := range rows {
		rows[i] = int32(i)
	}
	o.order, o.place = arrange(o.layer, rows), make([]int32, len(rows))
	for at, i := range o.order {
		o.place[i] = int32(at)
	}
}

// collection finds a collection: a layer that is always there, or one of a
// study whose result is here.
func (s *Server) collection(ctx context.Context, id string) (*collection, error) {
	if c, ok := s.layers[id]; ok {
		return c, nil
	}
	for _, b := range s.base.all() {
		if strings.HasPrefix(id, b.ID()+"-") {
			e, err := s.baseline(ctx, b)
			if err != nil {
				return nil, err
			}
			if c := e.collection(id); c != nil {
				return c, nil
			}
		}
	}
	if u := s.uploads.get(id); u != nil && (!u.private || holdsKey(ctx)) {
		return u.collection, nil
	}
	if c := s.studies.collection(id); c != nil && c.to.tells(ctx) {
		return c, nil
	}
	if holds, err := s.state.Holding(ctx, id); err == nil {
		if e, err := s.study(ctx, holds); err != nil {
			return nil, err
		} else if c := e.collection(id); c != nil {
			return c, nil
		}
	} else if !errors.Is(err, state.ErrNone) {
		return nil, stateProblem(err)
	}
	return nil, missing("no collection is called %q; /collections lists them. Results of studies are kept for a while only: send the study again", shorten(id))
}

type collectionList struct {
	Title       string          `json:"title"`
	Collections []collectionDoc `json:"collections"`
	Links       []link          `json:"links"`
}

type collectionDoc struct {
	ID          string    `json:"id"`
	Title       string    `json:"title"`
	Description string    `json:"description,omitempty"`
	Licence     string    `json:"licence,omitempty"`
	Attribution string    `json:"attribution,omitempty"`
	Extent      *extent   `json:"extent,omitempty" doc:"none for a table"`
	ItemType    string    `json:"itemType"`
	CRS         []string  `json:"crs" doc:"reference systems that positions can be asked for in"`
	StorageCRS  string    `json:"storageCrs,omitempty" doc:"the one that they are kept in; none for a table"`
	Features    int       `json:"numberOfFeatures"`
	Fields      []columns `json:"fields" doc:"the properties of every feature, in order"`
	Notes       []string  `json:"notes,omitempty"`
	Links       []link    `json:"links"`
}

type extent struct {
	Spatial spatial `json:"spatial"`
}

type spatial struct {
	Box [][4]float64 `json:"bbox"`
	CRS string       `json:"crs"`
}

type columns struct {
	Name     string `json:"name"`
	Type     string `json:"type" doc:"number, integer, text or bool"`
	Title    string `json:"title,omitempty"`
	Unit     string `json:"unit,omitempty"`
	Evidence string `json:"evidence,omitempty" doc:"the row of /evidence that the values rest on"`
}

func (q *request) collectionDoc(c *collection, o *opened) collectionDoc {
	at := "/collections/" + url.PathEscape(c.id)
	d := collectionDoc{ID: c.id, Title: c.title, Description: c.description, ItemType: "feature", CRS: systems, StorageCRS: crs84,
		Licence: cmp.Or(c.licence, o.layer.Licence), Attribution: cmp.Or(c.attribution, o.layer.Attribution),
		Features: o.layer.Len(), Fields: []columns{}, Notes: o.layer.Notes,
		Links: []link{
			q.to(at, "self", "application/json", "This collection"),
			q.to(at+"?f=html", "alternate", "text/html", "This collection as HTML"),
			q.to(at+"/items", "items", "application/geo+json", "Its features as GeoJSON"),
			q.to(fmt.Sprintf("%s/items?f=csv&limit=%d", at, c.server.limits.PageMost), "items", "text/csv", "Its features as CSV"),
			q.to(at+"/items?f=html", "items", "text/html", "Its features as HTML"),
			q.to(at+"/queryables", "http://www.opengis.net/def/rel/ogc/1.0/queryables", asSchema.kind, "What a filter may name"),
			q.to(at+"/schema", "describedby", asSchema.kind, "What its features are made of"),
			q.to(at+"/schema", "describedBy", asSchema.kind, "What its features are made of"), // as GDAL spells it
		}}
	d.Links = append(d.Links, q.enclosures(c, o, at)...)
	if o.layer.IsTable() {
		d.StorageCRS = ""
	}
	if !o.layer.IsTable() {
		d.Links = append(d.Links, q.to(at+"/tiles", relTilesets, "application/json", "Its vector tiles"),
			q.to("/tiles/"+url.PathEscape(c.id)+".json", "alternate", "application/json", "Its vector tiles as TileJSON"))
	}
	if o.whole {
		round := func(v float64) float64 { return math.Round(v*1e7) / 1e7 }
		b := o.extent
		d.Extent = &extent{spatial{[][4]float64{{round(b.Min[0]), round(b.Min[1]), round(b.Max[0]), round(b.Max[1])}}, crs84}}
	}
	if o.whole && strings.HasSuffix(c.id, "-regions") {
		d.Links = append(d.Links, q.to(at+"/map", "http://www.opengis.net/def/rel/ogc/1.0/map", asSVG.kind, "A map of it"),
			q.to(at+"/map?f=png", "http://www.opengis.net/def/rel/ogc/1.0/map", asPNG.kind, "A map of it as a picture"),
			q.to(at+"/map?f=pdf", "http://www.opengis.net/def/rel/ogc/1.0/map", asPDF.kind, "A map of it to print"))
	}
	for _, f := range o.layer.Fields() {
		d.Fields = append(d.Fields, columns{f.Name, f.Type.String(), f.Title, f.Unit, f.Evidence})
	}
	return d
}

// enclosures are the files in which all of a collection comes at once.
func (q *request) enclosures(c *collection, o *opened, at string) (out []link) {
	if o.layer.Len()*(len(o.layer.Columns())+4) > c.server.limits.Cells {
		return nil
	}
	for _, x := range c.server.files {
		if o.layer.IsTable() && x.Shapes {
			continue
		}
		out = append(out, q.to(at+"/items?f="+x.Name, "enclosure", mediaType(x.Media), "All features as "+x.Title))
	}
	return out
}

// listCollections lists the layers, then the results there are.
func (s *Server) listCollections(ctx context.Context, q *request, _ none) (any, error) {
	out := collectionList{Title: "Layers and tables", Collections: []collectionDoc{}, Links: q.versions(asJSON, asHTML)}
	for _, c := range s.present(ctx) {
		o, err := c.open(ctx)
		if err != nil {
			return nil, err
		}
		out.Collections = append(out.Collections, q.collectionDoc(c, o))
	}
	return out, nil
}

type collectionIn struct {
	ID string `path:"collectionId" doc:"the id of a collection"`
}

func (s *Server) oneCollection(ctx context.Context, q *request, in collectionIn) (any, error) {
	c, o, err := s.opened(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return q.collectionDoc(c, o), nil
}

package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math"
	"net/url"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
)

// features reads the features of a tile.
func features(t testing.TB, s *Server, path string) []*geojson.Feature {
	t.Helper()
	w := do(t, s, call{path: path})
	if w.Code == 204 {
		return nil
	}
	if w.Code != 200 {
		t.Fatalf("%s: status %d: %s", path, w.Code, w.Body)
	}
	l, err := mvt.Unmarshal(w.Body.Bytes())
	if err != nil || len(l) != 1 {
		t.Fatalf("%s: %d layers, %v", path, len(l), err)
	}
	return l[0].Features
}

func TestTilesAreTheSameInBothOrders(t *testing.T) {
	s := fixture(t, nil)
	for _, at := range [][3]int{{0, 0, 0}, {3, 4, 2}, {5, 16, 11}} {
		z, x, y := at[0], at[1], at[2]
		ogc := do(t, s, call{path: fmt.Sprintf("/collections/settlements/tiles/WebMercatorQuad/%d/%d/%d", z, y, x)})
		xyz := do(t, s, call{path: fmt.Sprintf("/tiles/settlements/%d/%d/%d.pbf", z, x, y)})
		if ogc.Code != 200 || !bytes.Equal(ogc.Body.Bytes(), xyz.Body.Bytes()) {
			t.Errorf("%v: row before column %d, %d bytes; column before row %d, %d bytes", at, ogc.Code, ogc.Body.Len(), xyz.Code, xyz.Body.Len())
		}
		if h := xyz.Header(); !strings.Contains(h.Get("Cache-Control"), "max-age=") || h.Get("ETag") == "" || h.Get("Content-Type") != "application/vnd.mapbox-vector-tile" {
			t.Errorf("%v", h)
		}
		w := do(t, s, call{path: fmt.Sprintf("/tiles/settlements/%d/%d/%d.pbf", z, x, y), header: []string{"If-None-Match", xyz.Header().Get("ETag")}})
		if w.Code != 304 || w.Body.Len() != 0 {
			t.Errorf("%v again: status %d", at, w.Code)
		}
		w = do(t, s, call{path: fmt.Sprintf("/tiles/settlements/%d/%d/%d.pbf", z, x, y), header: []string{"Accept-Encoding", "gzip"}})
		if w.Header().Get("Content-Encoding") == "gzip" {
			r, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(r); err != nil || !bytes.Equal(b, xyz.Body.Bytes()) {
				t.Errorf("%v: compressed, another tile: %v", at, err)
			}
		} else if xyz.Body.Len() >= smallest {
			t.Errorf("%v: %d bytes are not compressed", at, xyz.Body.Len())
		}
	}
}

func TestTilesThatAreNotThere(t *testing.T) {
	s := fixture(t, nil)
	for path, status := range map[string]int{
		"/tiles/regions/5/0/31.pbf": 204, "/collections/regions/tiles/WebMercatorQuad/5/31/0": 204, "/tiles/regions/24/0/0.pbf": 204,
		"/tiles/regions/0/1/0.pbf": 404, "/tiles/regions/0/0/1.pbf": 404, "/tiles/regions/25/0/0.pbf": 404, "/tiles/regions/-1/0/0.pbf": 404, "/tiles/regions/3/8/0.pbf": 404,
		"/tiles/regions/1.5/0/0.pbf": 404, "/tiles/regions/0/0/0": 404, "/tiles/regions/0/0/0.png": 404, "/tiles/regions": 404, "/tiles/nobody/0/0/0.pbf": 404, "/tiles/countries/0/0/0.pbf": 404, "/tiles/countries.json": 404,
		"/collections/countries/tiles": 404, "/collections/regions/tiles/WorldCRS84Quad": 404, "/collections/regions/tiles/WebMercatorQuad/0/0/99999999999999999999": 404,
		"/tiles/regions/0/0/0.pbf?filter=nobody=1": 400, "/tiles/regions/0/0/0.pbf?properties=nobody": 400, "/tiles/regions/0/0/0.pbf?weight=country": 400, "/tiles/regions.json?filter=x": 400,
	} {
		w := do(t, s, call{path: path})
		if w.Code != status {
			t.Errorf("%s: status %d, want %d", path, w.Code, status)
		} else if status == 204 {
			if w.Body.Len() != 0 {
				t.Errorf("%s: %d bytes", path, w.Body.Len())
			}
		} else {
			problemIn(t, w)
		}
	}
}

func TestTilesFilteredAndCutToProperties(t *testing.T) {
	s := fixture(t, nil)
	f := features(t, s, "/tiles/regions/0/0/0.pbf?properties=region_name&filter="+url.QueryEscape("country='XA' AND metropolitan"))
	if len(f) != 2 || fmt.Sprint(map[string]any(f[0].Properties)) != "map[id:XA-1 region_name:West]" {
		t.Errorf("%d features: %v", len(f), f)
	}
	if f := features(t, s, "/tiles/regions/0/0/0.pbf?filter=FALSE"); f != nil {
		t.Errorf("%v", f)
	}
	// Country XB reaches across the antimeridian: tiles at both ends show it.
	for _, x := range []int{0, 7} {
		if f := features(t, s, fmt.Sprintf("/tiles/regions/3/%d/4.pbf", x)); len(f) != 1 || f[0].Properties["id"] != "XB-1" {
			t.Errorf("column %d: %v", x, f)
		}
	}
	n := 0
	for _, f := range features(t, s, "/tiles/thousand/0/0/0.pbf?weight=whole") {
		if p := f.Geometry.(orb.Point); p[0] >= 0 && p[0] < 4096 && p[1] >= 0 && p[1] < 4096 {
			n++
		}
	}
	if n != 990 { // ten of the thousand have no place; a thousand are not too many
		t.Errorf("%d points, want 990", n)
	}
}

func TestTileJSONLeadsToItsTiles(t *testing.T) {
	s := fixture(t, nil)
	doc := get[tileJSON](t, s, "/tiles/regions.json?properties=country&filter="+url.QueryEscape("country='XB'"))
	if doc.TileJSON != "3.0.0" || len(doc.Tiles) != 1 || len(doc.Layers) != 1 || len(doc.Layers[0].Fields) != 2 || doc.Bounds == nil || doc.Center == nil || doc.MaxZoom != deepest {
		t.Fatalf("%+v", doc)
	}
	path := strings.TrimPrefix(strings.NewReplacer("{z}", "0", "{x}", "0", "{y}", "0").Replace(doc.Tiles[0]), "http://example.org")
	for _, f := range features(t, s, path) {
		if f.Properties["country"] != "XB" || len(f.Properties) != 2 {
			t.Errorf("%v", f.Properties)
		}
	}
	set := get[tileSet](t, s, "/collections/regions/tiles/WebMercatorQuad")
	for _, l := range set.Limits {
		if l.MinRow > l.MaxRow || l.MinCol > l.MaxCol {
			t.Errorf("limits %+v", l)
		}
	}
	for _, l := range set.Links {
		if l.Rel == "item" {
			path := strings.TrimPrefix(strings.NewReplacer("{tileMatrix}", "3", "{tileRow}", "2", "{tileCol}", "4").Replace(l.Href), "http://example.org")
			if !l.Templated || len(features(t, s, path)) != 2 {
				t.Errorf("%+v", l)
			}
		}
	}
	m := get[matrixSet](t, s, "/tileMatrixSets/WebMercatorQuad")
	if len(m.Matrices) != 25 || math.Abs(m.Matrices[0].Scale-559082264.028717) > 1e-5 || m.Matrices[3].Columns != 8 || m.Matrices[0].Origin != [2]float64{-halfWorld, halfWorld} {
		t.Errorf("%+v", m.Matrices[0])
	}
}

func TestTilesAreKeptWithinTheirBytes(t *testing.T) {
	s := fixture(t, func(c *Config) { c.Limits.TilesBytes = 20_000 })
	for x := range 16 {
		for y := range 16 {
			do(t, s, call{path: fmt.Sprintf("/tiles/thousand/4/%d/%d.pbf", x, y)})
		}
	}
	if n, bytes := s.tiles.size(); n == 0 || bytes > 20_000 {
		t.Errorf("%d tiles, %d bytes kept", n, bytes)
	}
}

// Several clients that ask for the same at once are answered the same.
func TestTilesAndPagesFromSeveralGoroutines(t *testing.T) {
	s := fixture(t, nil)
	if err := s.Warm(context.Background()); err != nil {
		t.Fatal(err)
	}
	paths := []string{"/tiles/thousand/1/1/0.pbf?filter=whole%3E300", "/collections/thousand/items?filter=whole%3E300&sortby=-zero&limit=50", "/tiles/regions/2/2/1.pbf", "/collections/shapes/items?crs=EPSG:3857&properties=n"}
	done := make(chan error)
	for i := range 8 {
		go func() {
			for n := range 20 {
				if w := do(t, s, call{path: paths[(i+n)%len(paths)]}); w.Code != 200 {
					done <- fmt.Errorf("status %d: %s", w.Code, w.Body)
					return
				}
			}
			done <- nil
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

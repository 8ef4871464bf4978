package api

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"careshed/access/study"
	"careshed/access/study/spec"
	"careshed/api/tile"
	"careshed/data"
	"careshed/data/atlas"
	"careshed/geo"

	"github.com/paulmach/orb"
)

func BenchmarkNearest(b *testing.B) {
	s := fixture(b, nil)
	if err := s.Warm(context.Background()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", fmt.Sprintf("/nearest?lon=%v&lat=47", 6+float64(i%1000)/200), nil))
		if w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
	}
}

// catalogue is the atlas as the layers of a world.
type catalogue struct{}

var whole atlas.Atlas

func (catalogue) Layer(ctx context.Context, name string) (*geo.Layer, error) {
	return whole.Layer(ctx, name)
}
func (catalogue) Files(string) []study.File { return nil }

// atlasServer serves the real layers of the atlas.
func atlasServer(b *testing.B) *Server {
	b.Helper()
	a := catalogue{}
	s, err := New(Config{
		World: func(context.Context, spec.Spec) (study.World, error) { return study.World{Layers: a}, nil },
		Write: writeFile, Enclosures: offered(),
		Rows: func(l *geo.Layer, format string, position Position) (Rows, error) {
			return data.NewRows(l, format, data.Position(position))
		},
		Layers: []Layer{{Name: "counties"}, {Name: "settlements"}},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	return s
}

// asked asks as a browser does and counts what it is sent.
func asked(b *testing.B, s *Server, path string) int {
	r := httptest.NewRequest("GET", "http://example.org"+path, nil)
	r.Header.Set("Accept-Encoding", "gzip")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		b.Fatal(path, w.Code, w.Body)
	}
	return w.Body.Len()
}

// A page of 1,000 counties with their shapes: kept, and made anew.
func BenchmarkCountyPage(b *testing.B) {
	s := atlasServer(b)
	const path = "/collections/counties/items?limit=1000"
	asked(b, s, path)
	b.Run("kept", func(b *testing.B) {
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				asked(b, s, path)
			}
		})
	})
	var n atomic.Int64
	for name, query := range map[string]string{"new": "&datetime=../2%03d-01-01", "filtered": "&filter=population%%3E%d&sortby=-population"} {
		b.Run(name, func(b *testing.B) {
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					asked(b, s, path+fmt.Sprintf(query, n.Add(1)%900))
					s.pages.clear()
				}
			})
		})
	}
}

// Tiles of the counties of the United States where they are densest.
func BenchmarkCountyTile(b *testing.B) {
	s := atlasServer(b)
	for z := 4; z <= 8; z++ {
		p := tile.Project(orb.Point{-84, 34})
		side := float64(int(1) << z)
		path := fmt.Sprintf("/tiles/counties/%d/%d/%d.pbf", z, int(p[0]*side), int(p[1]*side))
		size := asked(b, s, path)
		b.Run(fmt.Sprintf("zoom%d/kept", z), func(b *testing.B) {
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					asked(b, s, path)
				}
			})
			b.ReportMetric(float64(size)/1024, "KiB")
		})
		b.Run(fmt.Sprintf("zoom%d/new", z), func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				s.tiles.clear()
				start := time.Now()
				asked(b, s, path)
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
		})
	}
}

// clear forgets all values.
func (s *cache[T]) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.order.Init()
	clear(s.byKey)
	s.bytes = 0
}

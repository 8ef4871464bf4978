package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/osrm"
	"careshed/geo/road"
	"careshed/geo/travel"
)

// atlasOfRoads are the indices that a catalog file names, each opened once, when
// it is first asked for.
type atlasOfRoads struct {
	files map[string]string // paths by name

	mu   sync.Mutex
	open map[string]*road.Engine
}

// roadsOf are the indices of a catalog file that lies in dir.
func roadsOf(dir string, files map[string]string) *atlasOfRoads {
	a := &atlasOfRoads{files: map[string]string{}, open: map[string]*road.Engine{}}
	for name, path := range files {
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		a.files[name] = path
	}
	return a
}

func (a *atlasOfRoads) names() []string { return sortedKeys(a.files) }

func (a *atlasOfRoads) paths() (out []string) {
	for _, name := range a.names() {
		out = append(out, a.files[name])
	}
	return out
}

// engine opens an index by name.
func (a *atlasOfRoads) engine(_ context.Context, name string) (travel.Engine, error) {
	path, ok := a.files[name]
	if !ok {
		near := ""
		if n := geo.Like(name, a.names()); n != "" {
			near = fmt.Sprintf("; did you mean %s?", n)
		}
		accepted := "the catalog file names none (roads: {NAME: FILE.roads})"
		if len(a.files) > 0 {
			accepted = "accepted: " + strings.Join(a.names(), ", ")
		}
		return nil, fmt.Errorf("no index of roads %q%s; %s", name, near, accepted)
	}
	return a.file(path)
}

// file opens an index by path.
func (a *atlasOfRoads) file(path string) (travel.Engine, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if e := a.open[path]; e != nil {
		return e, nil
	}
	e, err := openRoads(path)
	if err != nil {
		return nil, err
	}
	a.open[path] = e
	return e, nil
}

// orFile is an index by name, or by its path relative to a study in dir: a person
// at a command may name files, a request may not.
func (a *atlasOfRoads) orFile(dir string) func(context.Context, string) (travel.Engine, error) {
	return func(ctx context.Context, name string) (travel.Engine, error) {
		if _, ok := a.files[name]; ok {
			return a.engine(ctx, name)
		}
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		return a.file(name)
	}
}

// orsKeyVariable holds the key of openrouteservice, where its instance asks for one.
const orsKeyVariable = "CARESHED_ORS_KEY"

// servicesOf reaches the matrix services of a catalog file by name, and others by
// URL where a person may name one.
func servicesOf(known map[string]spec.ServiceSpec, orURL bool) func(context.Context, string, string) (travel.Engine, error) {
	return func(_ context.Context, engine, name string) (travel.Engine, error) {
		s, ok := known[name]
		switch {
		case ok && s.Engine != engine:
			return nil, fmt.Errorf("%q is a service of engine %s, not %s", name, s.Engine, engine)
		case !ok && orURL && strings.Contains(name, "://"):
			s = spec.ServiceSpec{Engine: engine, URL: name}
		case !ok:
			accepted := "the catalog file names none (services: {NAME: {engine: osrm, url: http://…}})"
			if len(known) > 0 {
				accepted = "accepted: " + strings.Join(sortedKeys(known), ", ")
			}
			return nil, fmt.Errorf("no service %q; %s", name, accepted)
		}
		c := osrm.Config{URL: s.URL, Profile: s.Profile, Stops: s.Stops, Pairs: s.Pairs, Timeout: time.Duration(s.Seconds) * time.Second}
		switch engine {
		case "valhalla":
			return osrm.NewValhalla(c)
		case "ors":
			c.Key = os.Getenv(orsKeyVariable)
			return osrm.NewORS(c)
		}
		return osrm.New(c)
	}
}

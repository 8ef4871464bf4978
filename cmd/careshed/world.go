package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"careshed/access"
	"careshed/access/study"
	"careshed/access/study/spec"
	"careshed/api/words"
	"careshed/data"
	"careshed/data/atlas"
	"careshed/geo"
)

// env is what commands share: where they write, and the atlas.
type env struct {
	out, log io.Writer
	atlas    atlas.Atlas
	memory   *study.Budget // of studies; nil: no bounds
}

// layers answers for a study: its own layers first, then those of the catalog
// file, then the atlas.
type layers struct {
	own   []*data.Catalog
	atlas *atlas.Atlas
}

func (l *layers) Layer(ctx context.Context, name string) (*geo.Layer, error) {
	for _, c := range l.own {
		if _, ok := c.Source(name); ok {
			return c.Layer(ctx, name)
		}
	}
	if l.atlas.Has(name) {
		return l.atlas.Layer(ctx, name)
	}
	return nil, &data.UnknownLayerError{Name: name, Known: l.names()}
}

// completeness is what the atlas knows of its list of centers; of a user's own
// list nothing is known.
func (l *layers) completeness(ctx context.Context) func(layer, country string) study.List {
	return func(layer, country string) (of study.List) {
		for _, c := range l.own {
			if _, ok := c.Source(layer); ok {
				return of
			}
		}
		if layer != "centers" {
			return of
		}
		return listOf(ctx, l.atlas, country)
	}
}

// listOf is what the atlas knows of its list of a country's centers.
func listOf(ctx context.Context, a *atlas.Atlas, country string) (of study.List) {
	of.Text = a.Completeness(ctx, country)
	of.Listed, of.Published = a.ListedCenters(ctx, country)
	if key := "list." + country; of.Text != "" && words.Default().Has(key) {
		of.Key = key
		of.Text = of.In(words.Default())
	}
	return of
}

func (l *layers) names() []string {
	var names []string
	for _, c := range l.own {
		names = append(names, c.Names()...)
	}
	return append(names, l.atlas.Names()...)
}

func (l *layers) Files(name string) []study.File {
	for _, c := range l.own {
		if _, ok := c.Source(name); !ok {
			continue
		}
		files, err := c.Digest(name)
		if err != nil {
			return nil // the layer was not read
		}
		out := make([]study.File, len(files))
		for i, f := range files {
			out[i] = study.File(f)
		}
		return out
	}
	if f, ok := l.atlas.File(name); ok {
		return []study.File{study.File(f)}
	}
	return nil
}

// catalog makes a catalog of the layers that a spec or a catalog file names.
func catalog(dir string, sources map[string]spec.Source) *data.Catalog {
	out := make(map[string]data.Source, len(sources))
	for name, s := range sources {
		d := data.Source{File: s.File, Format: s.Format, Table: s.Table, PostGIS: s.PostGIS, ID: s.ID, Lon: s.Lon, Lat: s.Lat, WKT: s.WKT, Geometry: s.Geometry,
			CRS: s.CRS, Encoding: s.Encoding, Decimal: s.Decimal, Thousands: s.Thousands, Missing: s.Missing, Units: s.Units,
			Columns: s.Columns, Title: s.Title, Licence: s.Licence, Attribution: s.Attribution}
		if s.Join != nil {
			d.Join = &data.Join{File: s.Join.File, On: s.Join.On, Columns: s.Join.Columns, Format: s.Join.Format, Table: s.Join.Table,
				Encoding: s.Join.Encoding, Decimal: s.Join.Decimal, Thousands: s.Join.Thousands, Missing: s.Join.Missing}
		}
		out[name] = d
	}
	return data.NewCatalog(dir, out)
}

// readSpec reads a study and its bases.
func readSpec(path string) (spec.Spec, error) {
	s, _, err := readSpecFiles(path)
	return s, err
}

// readSpecFiles also names the files: the study and its bases.
func readSpecFiles(path string) (spec.Spec, []string, error) {
	files := []string{path}
	f, err := os.Open(path)
	if err != nil {
		return spec.Spec{}, nil, inputError{fmt.Errorf("%s: %w", path, plainPath(err))}
	}
	defer f.Close()
	s, err := study.Parse(f, func(name string) (io.Reader, error) {
		files = append(files, filepath.Join(filepath.Dir(path), name))
		b, err := os.ReadFile(filepath.Join(filepath.Dir(path), name))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, plainPath(err))
		}
		return strings.NewReader(string(b)), nil
	})
	var e *spec.SpecError
	if errors.As(err, &e) {
		if e.File == "" {
			e.File = path
		} else {
			e.File = filepath.Join(filepath.Dir(path), e.File)
		}
	}
	return s, files, err
}

// inputsOf are the files that a study at a path may read: its own, its layers'
// and those of the catalog. No output may take the place of one.
func inputsOf(path string, s spec.Spec, config string) []string {
	_, files, err := readSpecFiles(path)
	if err != nil {
		files = nil
		if _, err := os.Stat(path); err == nil { // else it is a country
			files = []string{path}
		}
	}
	of := func(dir string, layers map[string]spec.Source) {
		for _, l := range layers {
			files = append(files, within(dir, l.File))
			if l.Join != nil {
				files = append(files, within(dir, l.Join.File))
			}
		}
	}
	dir := filepath.Dir(path)
	of(dir, s.Layers)
	if s.Travel.Index != "" {
		files = append(files, within(dir, s.Travel.Index))
	}
	if config = beside(dir, config); config != "" {
		files = append(files, config)
		if c, err := readConfig(config); err == nil {
			of(filepath.Dir(config), c.Layers)
			for _, index := range c.Roads {
				files = append(files, within(filepath.Dir(config), index))
			}
		}
	}
	return files
}

// within is a path relative to a folder, unless it is absolute.
func within(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

func plainPath(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// world is the world of a study at a path; config is a catalog file or "".
func (e *env) world(ctx context.Context, path string, s spec.Spec, config string) (study.World, error) {
	l := &layers{own: []*data.Catalog{catalog(filepath.Dir(path), s.Layers)}, atlas: &e.atlas}
	roads, services := roadsOf(".", nil), servicesOf(nil, true)
	if config = beside(filepath.Dir(path), config); config != "" {
		c, err := readConfig(config)
		if err != nil {
			return study.World{}, err
		}
		l.own = append(l.own, catalog(filepath.Dir(config), c.Layers))
		roads, services = roadsOf(filepath.Dir(config), c.Roads), servicesOf(c.Services, true)
	}
	w := study.World{Layers: l, Version: version, Completeness: l.completeness(ctx), Counted: func(of []string) ([]access.Count, error) { return e.counts(ctx, of...) }, Roads: roads.orFile(filepath.Dir(path)), Service: services}
	if s.Travel.Engine == "crow" {
		land, err := e.atlas.Land(ctx)
		if err != nil {
			return w, err
		}
		w.Land = land.Of
	}
	return w, nil
}

// beside is the catalog file to use: the one that was named, else careshed.yaml
// in a folder, if it is there.
func beside(dir, config string) string {
	if config != "" {
		return config
	}
	path := filepath.Join(dir, "careshed.yaml")
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

func readCatalog(path string) (*data.Catalog, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, inputError{fmt.Errorf("%s: %w", path, plainPath(err))}
	}
	defer f.Close()
	sources, err := spec.ParseLayers(f)
	if err != nil {
		var e *spec.SpecError
		if errors.As(err, &e) && e.File == "" {
			e.File = path
		}
		return nil, err
	}
	return catalog(filepath.Dir(path), sources), nil
}

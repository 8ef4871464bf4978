package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"careshed/access/study"
	"careshed/api"
	"careshed/data"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/spf13/cobra"
)

func serveCommand(e *env) *cobra.Command {
	var addr, config, public string
	var quiet bool
	c := &cobra.Command{
		Use: "serve", Short: "Answer over HTTP",
		Long: `Answer over HTTP: layers and results as OGC API collections, quick looks at a
country, and studies that requests bring. The address is printed once it can be
used; the log goes to standard error. An interrupt stops it.

A catalog file (careshed.yaml) adds layers of your own. Studies that requests
bring may name its files, by the same text, and no others; they may extend the
studies that it lists, and no others:

  layers:
    hospitals: {file: hospitals.csv, id: id}
  studies: [studies/italy.yaml]`,
		Example: `  careshed serve
  careshed serve --addr 127.0.0.1:9000 --config careshed.yaml
  curl 'http://127.0.0.1:8080/nearest?lon=15.8&lat=40.6'
  curl --data-binary @study.yaml -H 'Content-Type: application/yaml' http://127.0.0.1:8080/processes/study/execution`,
		Args: exactly(0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error { return e.serve(c.Context(), addr, config, public, quiet) },
	}
	c.Flags().StringVar(&addr, "addr", "127.0.0.1:8080", "where to listen, HOST:PORT; port 0 takes a free one")
	c.Flags().StringVar(&config, "config", "", "a file with further layers; careshed.yaml beside the study if left out")
	c.Flags().StringVar(&public, "url", "", "the URL of the landing page behind a proxy; that of the request if left out")
	c.Flags().BoolVarP(&quiet, "quiet", "q", false, "log failures only")
	return c
}

func (e *env) serve(ctx context.Context, addr, config, public string, quiet bool) error {
	if u, err := url.Parse(public); public != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return usageError{fmt.Errorf("--url %q; accepted: a URL such as https://example.org/careshed", public)}
	}
	level := slog.LevelInfo
	if quiet {
		level = slog.LevelError
	}
	c, err := e.apiConfig(ctx, config)
	if err != nil {
		return err
	}
	c.URL, c.Log = public, slog.New(slog.NewTextHandler(e.log, &slog.HandlerOptions{Level: level}))
	s, err := api.New(c)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return usageError{fmt.Errorf("--addr %s: %w", addr, err)}
	}
	fmt.Fprintf(e.out, "http://%s/\n", l.Addr())
	if err := s.Serve(ctx, l); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil // asked to stop, and stopped
}

// apiConfig is what the server serves: the atlas, and the catalog file if there
// is one.
func (e *env) apiConfig(ctx context.Context, config string) (api.Config, error) {
	c := api.Config{Version: version, Studies: map[string]string{}}
	known, err := e.atlas.Layer(ctx, "countries")
	if err != nil {
		return c, err
	}
	names, err := known.Texts("name")
	if err != nil {
		return c, err
	}
	for i, name := range names {
		c.Countries = append(c.Countries, api.Country{Code: known.ID(i), Name: name})
	}
	var own *data.Catalog
	dir := "."
	if config != "" {
		file, err := readConfig(config)
		if err != nil {
			return c, err
		}
		dir = filepath.Dir(config)
		own = catalog(dir, file.Layers)
		for _, name := range own.Names() {
			l := file.Layers[name]
			c.Layers = append(c.Layers, api.Layer{Name: name, Title: orWord(l.Title, name), Licence: l.Licence, Attribution: l.Attribution})
			if l.File != "" {
				c.Files = append(c.Files, l.File)
			}
			if l.Join != nil {
				c.Files = append(c.Files, l.Join.File)
			}
		}
		slices.Sort(c.Files)
		c.Files = slices.Compact(c.Files)
		for _, name := range file.Studies {
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				return c, inputError{fmt.Errorf("%s: studies: %s: %w", config, name, plainPath(err))}
			}
			c.Studies[filepath.ToSlash(name)] = string(text)
		}
	}
	for _, name := range e.atlas.Names() {
		if own != nil {
			if _, ok := own.Source(name); ok {
				continue // one's own layer stands over that of the atlas
			}
		}
		c.Layers = append(c.Layers, api.Layer{Name: name, Title: e.atlas.Title(name)})
	}
	memory := &travel.Memory{Most: 64 << 20}
	c.World = func(ctx context.Context, s study.Spec) (study.World, error) {
		l := &layers{own: []*data.Catalog{catalog(dir, s.Layers)}, atlas: &e.atlas}
		if own != nil {
			l.own = append(l.own, own)
		}
		w := study.World{Layers: l, Version: version, Memory: memory, Completeness: l.completeness(ctx)}
		if s.Travel.Engine != "crow" {
			return w, nil
		}
		land, err := e.atlas.Land(ctx)
		if err != nil {
			return w, err
		}
		w.Land = land.Of
		return w, nil
	}
	c.Rows = func(l *geo.Layer, format string) (api.Rows, error) { return data.NewRows(l, format) }
	return c, nil
}

func readConfig(path string) (study.Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return study.Config{}, inputError{fmt.Errorf("%s: %w", path, plainPath(err))}
	}
	c, err := study.ParseConfig(bytes.NewReader(text))
	var e *study.SpecError
	if errors.As(err, &e) && e.File == "" {
		e.File = path
	}
	return c, err
}

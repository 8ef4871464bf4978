package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"careshed/access"
	"careshed/access/study"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/api"
	"careshed/api/state"
	"careshed/api/web"
	"careshed/data"
	"careshed/geo"
	"careshed/geo/travel"

	"github.com/spf13/cobra"
)

func serveCommand(e *env) *cobra.Command {
	var o serving
	c := &cobra.Command{
		Use: "serve", Short: "Answer over HTTP",
		Long: `Answer over HTTP: layers and results as OGC API collections, quick looks at a
country, and studies that requests bring. The address is printed once it can be
used; the log goes to standard error. An interrupt stops it.

With the environment variable CARESHED_KEY set, whoever gives that key may send
layers:

  curl -T places.csv -H 'Content-Type: text/csv' -H 'Authorization: Bearer KEY' \
    http://127.0.0.1:8080/collections/my-places

A catalog file (careshed.yaml) adds layers of your own. Studies that requests
bring may name its files, by the same text, and no others; they may extend the
studies that it lists, and no others:

  layers:
    hospitals: {file: hospitals.csv, id: id}
  studies: [studies/italy.yaml]
  roads: {italy: italy.roads}`,
		Example: `  careshed serve
  careshed serve --addr 127.0.0.1:9000 --config careshed.yaml
  careshed serve --state jobs.sqlite
  careshed serve --state postgres://me@db/careshed
  curl 'http://127.0.0.1:8080/nearest?lon=15.8&lat=40.6'
  curl --data-binary @study.yaml -H 'Content-Type: application/yaml' http://127.0.0.1:8080/processes/study/execution`,
		Args: exactly(0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			return e.serve(c.Context(), o)
		},
	}
	c.Flags().StringVar(&o.addr, "addr", "127.0.0.1:8080", "where to listen, HOST:PORT; port 0 takes a free one")
	c.Flags().StringVar(&o.config, "config", "", "a file with further layers; careshed.yaml beside the study if left out")
	c.Flags().StringVar(&o.public, "url", "", "the URL of the landing page behind a proxy; PUBLIC_URL, or that of the request, if left out")
	c.Flags().StringSliceVar(&o.proxies, "trust-proxy", nil, "networks of proxies, such as 10.0.0.0/8, whose X-Forwarded-Proto, X-Forwarded-Host and X-Forwarded-Prefix make the links; TRUSTED_PROXIES, or none, if left out")
	c.Flags().StringVar(&o.state, "state", "", "a file in which jobs, results and layers that were sent outlive the server (SQLite; made if it is not there), or postgres://USER@HOST/DATABASE, which servers share; none do if left out")
	c.Flags().StringVar(&o.keys, "keys", "", "a file of keys with roles (see careshed keys); none but CARESHED_KEY if left out")
	c.Flags().BoolVar(&o.closed, "closed", false, "answer to keys alone, but for /healthz, /readyz and the files of the app; needs --keys or CARESHED_KEY")
	c.Flags().StringVar(&o.audit, "audit", "", "a file to which a line of JSON is added for each request that changes, runs or is refused; 64 MiB, then FILE.1 to FILE.10")
	c.Flags().StringVar(&o.tlsCert, "tls-cert", "", "answer over TLS with this certificate (PEM, with its chain); read again when it changes; needs --tls-key")
	c.Flags().StringVar(&o.tlsKey, "tls-key", "", "the key of --tls-cert (PEM)")
	c.Flags().StringSliceVar(&o.origins, "allow-origin", nil, "origins of web pages, such as https://example.org, that may change what is here and give the key; none if left out: pages of any origin read and send studies")
	c.Flags().StringVar(&o.memory, "memory", "", "how much memory to take at most, such as 6GiB or 800MiB; three quarters of what the container or machine has if left out")
	c.Flags().IntVar(&o.jobs, "jobs", 2, "studies that are carried out at once, and as many as jobs")
	c.Flags().BoolVarP(&o.quiet, "quiet", "q", false, "log failures only")
	return c
}

// serving is how a server is started.
type serving struct {
	addr, config  string
	public, state string
	memory        string
	keys, audit   string
	tlsCert       string
	tlsKey        string
	closed        bool
	jobs          int
	proxies       []string
	origins       []string
	quiet         bool
}

func (e *env) serve(ctx context.Context, o serving) error {
	public, proxies := o.public, o.proxies
	if public == "" {
		public = os.Getenv("PUBLIC_URL")
	}
	if list := os.Getenv("TRUSTED_PROXIES"); len(proxies) == 0 && list != "" {
		proxies = strings.Split(list, ",")
	}
	if u, err := url.Parse(public); public != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return usageError{fmt.Errorf("--url %q; accepted: a URL such as https://example.org/careshed", public)}
	}
	networks, err := networksOf(proxies)
	if err != nil {
		return err
	}
	level := slog.LevelInfo
	if o.quiet {
		level = slog.LevelError
	}
	c, err := e.apiConfig(ctx, o.config)
	if err != nil {
		return err
	}
	if c.State = o.state; o.state != "" && !state.Shared(o.state) {
		if info, err := os.Stat(filepath.Dir(o.state)); err != nil || !info.IsDir() {
			return usageError{fmt.Errorf("--state %s: there is no folder %s", o.state, filepath.Dir(o.state))}
		}
	}
	if c.Key, err = uploadKey(); err != nil {
		return err
	}
	if c.Key == "" && o.keys == "" && loopback(o.addr) && public == "" && networks == nil {
		c.Page = rand.Text() // whoever sits at this machine needs no key
	}
	if o.jobs < 1 || o.jobs > 1000 {
		return usageError{fmt.Errorf("--jobs %d; accepted: 1 to 1000", o.jobs)}
	}
	most, err := memoryOf(o.memory)
	if err != nil {
		return err
	}
	collectWithin(most)
	c.Limits = limitsWithin(most, o.jobs)
	c.Decode = decoder(sentLimits(most))
	if c.Origins, err = originsOf(o.origins); err != nil {
		return err
	}
	c.URL, c.Proxies, c.Log = public, networks, slog.New(slog.NewTextHandler(e.log, &slog.HandlerOptions{Level: level}))
	if n := data.Sweep(os.TempDir(), temporaryName); n > 0 {
		c.Log.Info("temporary folders of a program that was killed are removed", "n", n)
	}
	if err := o.guard(&c); err != nil {
		return err
	}
	secured, err := o.tls(c.Log)
	if err != nil {
		return err
	}
	s, err := api.New(c)
	if err != nil && state.Shared(o.state) {
		return inputError{err}
	}
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", o.addr)
	if err != nil {
		return usageError{fmt.Errorf("--addr %s: %w", o.addr, err)}
	}
	at := "http://" + l.Addr().String()
	if secured != nil {
		l, at = tls.NewListener(l, secured), "https://"+l.Addr().String()
	}
	hello := at + "/\n"
	if web.Built() {
		hello += "web app: " + at + "/app/\n"
	}
	fmt.Fprint(e.out, hello)
	if err := s.Serve(ctx, l); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil // asked to stop, and stopped
}

// originsOf reads origins as browsers write them.
func originsOf(list []string) ([]string, error) {
	for _, text := range list {
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Scheme+"://"+u.Host != text {
			return nil, usageError{fmt.Errorf("--allow-origin %q; accepted: an origin such as https://example.org, without a path", text)}
		}
	}
	return list, nil
}

// networksOf reads networks, or single addresses.
func networksOf(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range list {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			ip, single := netip.ParseAddr(text)
			if single != nil {
				return nil, usageError{fmt.Errorf("--trust-proxy %q; accepted: a network such as 10.0.0.0/8, or an address", text)}
			}
			p = netip.PrefixFrom(ip, ip.BitLen())
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// apiConfig is what the server serves: the atlas, and the catalog file if there
// is one.
func (e *env) apiConfig(ctx context.Context, config string) (api.Config, error) {
	c := api.Config{Version: version, Studies: map[string]string{}}
	known, err := e.atlas.Countries(ctx)
	if err != nil {
		return c, err
	}
	for _, k := range known {
		if k.Listed > 0 { // else there is no center to be near to
			c.Countries = append(c.Countries, api.Country{Code: k.Code, Name: k.Name})
		}
	}
	var own *data.Catalog
	dir := "."
	roads, services := roadsOf(dir, nil), servicesOf(nil, false)
	if config != "" {
		file, err := readConfig(config)
		if err != nil {
			return c, err
		}
		dir = filepath.Dir(config)
		own = catalog(dir, file.Layers)
		roads, services = roadsOf(dir, file.Roads), servicesOf(file.Services, false)
		c.Roads = roads.names()
		for _, name := range c.Roads {
			if _, err := roads.engine(ctx, name); err != nil {
				return c, err // now, and not when somebody asks
			}
		}
		for _, name := range own.Names() {
			l := file.Layers[name]
			c.Layers = append(c.Layers, api.Layer{Name: name, Title: cmp.Or(l.Title, name), Licence: l.Licence, Attribution: l.Attribution})
			if l.File != "" {
				c.Files = append(c.Files, l.File)
			}
			if l.Join != nil {
				c.Files = append(c.Files, l.Join.File)
			}
		}
		if c.Digest, err = digestOf(dir, c.Files, roads); err != nil {
			return c, err
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
	recent := &ground.Recent{Ways: travel.Memory{Most: 64 << 20}}
	c.World = func(ctx context.Context, s spec.Spec) (study.World, error) {
		l := &layers{own: []*data.Catalog{catalog(dir, s.Layers)}, atlas: &e.atlas}
		if own != nil {
			l.own = append(l.own, own)
		}
		w := study.World{Layers: l, Version: version, Recent: recent, Roads: roads.engine, Service: services, Completeness: l.completeness(ctx),
			Counted: func(of []string) ([]access.Count, error) { return e.counts(ctx, of...) }}
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
	c.Write = func(w io.Writer, layers []*geo.Layer, format string) error {
		if len(layers) > 1 {
			return data.WriteWhole(w, format, stylesOf(layers), layers...)
		}
		return data.Write(w, layers[0], format)
	}
	for _, f := range data.Formats() {
		if f.Enclose {
			c.Enclosures = append(c.Enclosures, api.Enclosure{Name: f.Name, Title: f.Title, Media: f.Media, Ending: f.Endings[0], Shapes: f.Shapes && !f.Null, Whole: f.Whole()})
		}
	}
	c.Rows = func(l *geo.Layer, format string, position api.Position) (api.Rows, error) {
		return data.NewRows(l, format, data.Position(position))
	}
	return c, nil
}

func readConfig(path string) (spec.Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return spec.Config{}, inputError{fmt.Errorf("%s: %w", path, plainPath(err))}
	}
	c, err := spec.ParseConfig(bytes.NewReader(text))
	var e *spec.SpecError
	if errors.As(err, &e) && e.File == "" {
		e.File = path
	}
	return c, err
}

// digestOf identifies the files of a catalog, so that a result of other files is
// not taken for one of these.
func digestOf(dir string, files []string, roads *atlasOfRoads) (string, error) {
	h := sha256.New()
	all := append(slices.Clone(files), roads.paths()...)
	slices.Sort(all)
	for _, name := range slices.Compact(all) {
		path := name
		if !filepath.IsAbs(path) && !slices.Contains(roads.paths(), name) {
			path = filepath.Join(dir, name)
		}
		f, err := os.Open(path)
		if err != nil {
			return "", inputError{fmt.Errorf("%s: %w", path, plainPath(err))}
		}
		fmt.Fprintf(h, "%q\n", name)
		_, err = io.Copy(h, f)
		f.Close()
		if err != nil {
			return "", inputError{fmt.Errorf("%s: %w", path, err)}
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// loopback reports whether an address to listen at is reached from this machine alone.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}

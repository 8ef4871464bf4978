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
	"slices"
	"sync"

	"careshed/data"
	"careshed/geo"
)

//go:embed *.gz
var files embed.FS

// entries are the layers, by name.
var entries = map[string]struct {
	file   string
	source data.Source
}{
	"land": {"land.geojson.gz", data.Source{Title: "Landmasses; polygons joined by bridge, tunnel or causeway share a number",
		Licence: "public domain", Attribution: "Natural Earth"}},
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
	var names []string
	for n := range entries {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// Has reports whether there is a layer of a name.
func (a *Atlas) Has(name string) bool {
	_, ok := entries[name]
	return ok
}

// Layer is the layer of a name.
func (a *Atlas) Layer(ctx context.Context, name string) (*geo.Layer, error) {
	e, ok := entries[name]
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
func (a *Atlas) Title(name string) string { return entries[name].source.Title }

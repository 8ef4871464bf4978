package spec

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"path"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// MaxSpec is how long a spec may be, in bytes.
const MaxSpec = 1 << 20

// Open reads another spec for base, by the path written there.
type Open func(name string) (io.Reader, error)

// Parse reads a spec, YAML or JSON, strictly: every word must be known. Errors
// are *SpecError. base is nil where specs may not extend others.
func (g *Grammar) Parse(r io.Reader, base Open) (Spec, error) {
	root, err := g.parseNode(r, base, 0)
	if err != nil {
		return Spec{}, err
	}
	s := Spec{grammar: g}
	if err := decode(root, "", reflect.ValueOf(&s).Elem()); err != nil {
		return Spec{}, err
	}
	if err := s.Measures.read(g); err != nil {
		return Spec{}, err
	}
	err = s.Allows(Alone)
	if err == nil {
		err = validate(&s)
	}
	if err != nil {
		var e *SpecError
		if errors.As(err, &e) && e.Line == 0 {
			e.Line = lineOf(root, e.Field)
		}
		return Spec{}, err
	}
	s.text, err = yaml.Marshal(root)
	return s, err
}

// Config is a catalog file: layers beside those of the atlas, and the studies
// that a server lets others extend.
type Config struct {
	Layers  map[string]Source `yaml:"layers"`
	Studies []string          `yaml:"studies"` // paths relative to the file
	Roads   map[string]string `yaml:"roads"`   // indices of roads by name, paths relative to the file

	Services map[string]ServiceSpec `yaml:"services"` // matrix services by name
}

// ServiceSpec is a service that computes matrices of driving times.
type ServiceSpec struct {
	Engine  string `yaml:"engine" doc:"osrm, valhalla or ors (openrouteservice)"`
	URL     string `yaml:"url" doc:"http://host:5000"`
	Profile string `yaml:"profile" doc:"OSRM's or openrouteservice's profile or Valhalla's costing; driving, driving-car, auto if left out"`
	Stops   int    `yaml:"stops" default:"100" doc:"coordinates of a request at most"`
	Pairs   int    `yaml:"pairs" default:"2500" doc:"pairs of a request at most"`
	Seconds int    `yaml:"seconds" default:"60" doc:"that a request may take"`
}

// ParseConfig reads a catalog file, strictly.
func ParseConfig(r io.Reader) (Config, error) {
	root, err := (&Grammar{}).parseNode(r, nil, 0)
	if err != nil {
		return Config{}, err
	}
	var c Config
	if err := decode(root, "", reflect.ValueOf(&c).Elem()); err != nil {
		return Config{}, err
	}
	for name, l := range c.Layers {
		if err := l.validate(name); err != nil {
			return Config{}, err
		}
	}
	for name, s := range c.Services {
		if !slices.Contains([]string{"osrm", "valhalla", "ors"}, s.Engine) {
			return Config{}, wrong(nil, "services."+name+".engine", "osrm, valhalla, ors", "found %q", s.Engine)
		}
		if s.Stops < 0 || s.Pairs < 0 || s.Seconds < 0 {
			return Config{}, wrong(nil, "services."+name, "0 or more", "a number is below 0")
		}
	}
	return c, nil
}

// ParseLayers reads the layers of a catalog file.
func ParseLayers(r io.Reader) (map[string]Source, error) {
	c, err := ParseConfig(r)
	return c.Layers, err
}

// Text is the spec with its base merged in, as YAML.
func (s Spec) Text() []byte { return s.text }

func (g *Grammar) parseNode(r io.Reader, base Open, depth int) (*yaml.Node, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxSpec+1))
	if err != nil {
		return nil, err
	}
	if len(text) > MaxSpec {
		return nil, wrong(nil, "", "", "is longer than %d bytes", MaxSpec)
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc, second yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, wrong(nil, "", "", "is empty")
		}
		return nil, wrong(nil, "", "YAML or JSON", "%s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if dec.Decode(&second) == nil {
		return nil, wrong(&second, "", "one document", "holds more than one")
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, wrong(&doc, "", "fields with values", "found no fields")
	}
	root := doc.Content[0]
	name := child(root, "base")
	if name == nil {
		return root, nil
	}
	switch {
	case name.Kind != yaml.ScalarNode || name.Value == "":
		return nil, wrong(name, "base", "the path of a spec", "found %s", kindOf(name))
	case base == nil:
		return nil, wrong(name, "base", "", "a spec cannot be extended here")
	case depth == 8:
		return nil, wrong(name, "base", "at most 8", "specs extend each other too deep")
	}
	other, err := base(name.Value)
	if err != nil {
		return nil, wrong(name, "base", "a spec that can be opened from here", "%v", err)
	}
	dir := path.Dir(name.Value)
	parent, err := g.parseNode(other, func(n string) (io.Reader, error) { return base(path.Join(dir, n)) }, depth+1)
	if err != nil {
		var e *SpecError
		if errors.As(err, &e) && e.File == "" {
			e.File = name.Value
		}
		return nil, err
	}
	if dir != "." {
		moveFiles(child(parent, "layers"), dir)
	}
	g.leaveEngine(child(parent, "travel"), child(root, "travel"))
	return merge(parent, root, ""), nil
}

// leaveEngine takes from the travel of a base what belongs to its engine alone,
// where the spec that extends it names another.
func (g *Grammar) leaveEngine(base, over *yaml.Node) {
	was, is := child(base, "engine"), child(over, "engine")
	if was == nil || is == nil || was.Value == is.Value {
		return
	}
	next := g.engine(is.Value)
	var kept []*yaml.Node
	for i := 0; i+1 < len(base.Content); i += 2 {
		field := base.Content[i].Value
		owned := slices.ContainsFunc(g.Engines, func(e Engine) bool { return e.has(field) })
		if !owned || next.has(field) {
			kept = append(kept, base.Content[i], base.Content[i+1])
		}
	}
	base.Content = kept
}

func child(n *yaml.Node, name string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

// moveFiles makes the paths of layers relative to the spec that extends.
func moveFiles(layers *yaml.Node, dir string) {
	if layers == nil || layers.Kind != yaml.MappingNode {
		return
	}
	for i := 1; i < len(layers.Content); i += 2 {
		for _, f := range []*yaml.Node{child(layers.Content[i], "file"), child(child(layers.Content[i], "join"), "file")} {
			if f != nil && !path.IsAbs(f.Value) {
				f.Value = path.Join(dir, f.Value)
			}
		}
	}
}

// merge puts a spec over the one it extends: fields of the same name replace,
// groups of fields are merged in turn, measures by their names.
func merge(base, over *yaml.Node, at string) *yaml.Node {
	if base.Kind == yaml.SequenceNode && over.Kind == yaml.SequenceNode && at == "measures" {
		out := *base
		out.Content = slices.Clone(base.Content)
		for _, m := range over.Content {
			i := slices.IndexFunc(out.Content, func(b *yaml.Node) bool { return measureKey(b) == measureKey(m) })
			if i >= 0 {
				out.Content[i] = m
			} else {
				out.Content = append(out.Content, m)
			}
		}
		return &out
	}
	if base.Kind != yaml.MappingNode || over.Kind != yaml.MappingNode || at == "where" {
		return over
	}
	out := *over
	out.Content = slices.Clone(base.Content)
	for i := 0; i+1 < len(over.Content); i += 2 {
		k, v := over.Content[i], over.Content[i+1]
		found := false
		for j := 0; j+1 < len(out.Content); j += 2 {
			if out.Content[j].Value == k.Value {
				out.Content[j], out.Content[j+1] = k, merge(out.Content[j+1], v, k.Value)
				found = true
			}
		}
		if !found {
			out.Content = append(out.Content, k, v)
		}
	}
	return &out
}

func measureKey(n *yaml.Node) string {
	if n.Kind == yaml.MappingNode && len(n.Content) > 0 {
		return n.Content[0].Value
	}
	return n.Value
}

// lineOf finds the line of a field, or of the nearest group above it.
func lineOf(root *yaml.Node, field string) int {
	n := root
	for _, part := range strings.Split(field, ".") {
		if n.Kind == yaml.SequenceNode { // measures
			i := slices.IndexFunc(n.Content, func(c *yaml.Node) bool { return measureKey(c) == part })
			if i < 0 {
				break
			}
			if n.Content[i].Kind != yaml.MappingNode {
				return n.Content[i].Line
			}
			n = n.Content[i].Content[1]
			continue
		}
		c := child(n, part)
		if c == nil {
			break
		}
		n = c
	}
	return n.Line
}

// Digest is the SHA-256 of what the spec says, with its base merged in, at its
// point of a grid: the same for YAML and JSON, whatever the order of fields and
// the comments. The order of scenarios counts.
func (s Spec) Digest() string {
	var v any
	if err := yaml.Unmarshal(s.text, &v); err != nil {
		v = string(s.text)
	}
	text, err := json.Marshal(v)
	if err != nil {
		text = s.text
	}
	for _, c := range s.Scenarios {
		text = append(append(text, 0), c.Name...)
	}
	sum := sha256.Sum256(append(append(text, 0), s.Point...))
	return hex.EncodeToString(sum[:])
}

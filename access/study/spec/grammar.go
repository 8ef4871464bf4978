package spec

import "slices"

// Grammar is what a spec can name that is not of the grammar's own: the measures
// and the engines of travel there are.
type Grammar struct {
	Measures []Kind
	Engines  []Engine
}

// Engine is what the grammar knows of an engine of travel.
type Engine struct {
	Name     string
	Anywhere bool     // it knows the way from any point, and not only between what a table lists
	Needs    []string // fields of travel that must be given, and
	Takes    []string // those that may be: no other engine takes them unless its row says so
}

// has reports whether the engine needs or takes a field of travel.
func (e Engine) has(field string) bool {
	return slices.Contains(e.Needs, field) || slices.Contains(e.Takes, field)
}

func (g *Grammar) measureNames() (names []string) {
	for _, k := range g.Measures {
		names = append(names, k.Name)
	}
	return names
}

func (g *Grammar) engineNames() (names []string) {
	for _, e := range g.Engines {
		names = append(names, e.Name)
	}
	return names
}

// engine is that of a name; one without a name where there is none.
func (g *Grammar) engine(name string) Engine {
	if i := slices.IndexFunc(g.Engines, func(e Engine) bool { return e.Name == name }); i >= 0 {
		return g.Engines[i]
	}
	return Engine{}
}

// byPlace reports whether a measure gives values by place.
func (g *Grammar) byPlace(name string) bool {
	return slices.ContainsFunc(g.Measures, func(k Kind) bool { return k.Name == name && k.ByPlace })
}

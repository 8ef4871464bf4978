package study

import (
	"errors"
	"io"

	"careshed/access/study/finding"
	"careshed/access/study/ground"
	"careshed/access/study/measure"
	"careshed/access/study/spec"
)

// measures are those that specs can ask for.
func measures() (all []spec.Kind) {
	for _, p := range parts() {
		if p.asked == nil {
			continue
		}
		for _, k := range p.asked(p.name) {
			_, byPlace := k.New().(measure.Valued)
			k.ByPlace = byPlace || k.Name == "travel" || k.Name == "penalty"
			all = append(all, k)
		}
	}
	return all
}

// grammar is what specs can name: the measures and the engines.
func grammar() *spec.Grammar {
	g := &spec.Grammar{Measures: measures()}
	for _, e := range ground.Engines() {
		g.Engines = append(g.Engines, e.Engine)
	}
	return g
}

// Parse reads a spec, YAML or JSON, strictly: every word must be known. base is
// nil where specs may not extend others.
func Parse(r io.Reader, base spec.Open) (spec.Spec, error) { return grammar().Parse(r, base) }

// Unpack is the result that [finding.Result.Pack] wrote.
func Unpack(data []byte) (*finding.Result, error) {
	return finding.Unpack(data, func(r io.Reader) (spec.Spec, error) {
		return Parse(r, func(string) (io.Reader, error) { return nil, errors.New("a kept study extends no other") })
	})
}

// Schema is the JSON Schema (2020-12) of specs.
func Schema() []byte { return grammar().Schema() }

// MeasureNames lists the measures there are.
func MeasureNames() (names []string) {
	for _, k := range measures() {
		names = append(names, k.Name)
	}
	return names
}

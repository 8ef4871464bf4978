package study

import (
	"fmt"
	"slices"
	"strings"

	"careshed/access/study/spec"
	"careshed/geo"
)

// Metropolitan names the part of a country that leaves out its regions overseas, and is
// the field of the layer of regions that is false there.
const Metropolitan = "metropolitan"

// Baseline is the study of a country that answers who names a country and no study: the
// nearest centers of the country itself, density, gaps and penalty, all with their
// defaults. It reads the layers settlements, regions and centers.
type Baseline struct {
	Code, Name string
	Part       string   // "", or [Metropolitan]
	Regions    []string // the region_code of those that it is kept to; nil: all
	Measures   []string // in place of the usual ones, as YAML: "travel: {k: 3}"
	Links      bool     // whether the result has every way, from place to center
}

// usual are the measures of a baseline study.
var usual = []string{"travel: {k: 3}", "density: {by: region, per: 10000000}", "gaps: {beyond_min: 120}", "penalty: {}"}

// What the fact sheets of a country have beyond its baseline: so many sites of a plan,
// among settlements of so many people or more, and intervals over so many draws.
const (
	BaselineSites      = 3
	BaselineCandidates = 50_000
	baselineDraws      = 100
)

// ID is the name of the study: baseline-it, baseline-fr-metropolitan.
func (b Baseline) ID() string {
	return strings.ToLower(strings.TrimSuffix("baseline-"+b.Code+"-"+b.Part, "-"))
}

// Label is how people are told of it: IT, FR (metropolitan).
func (b Baseline) Label() string {
	if b.Part != "" {
		return b.Code + " (" + b.Part + ")"
	}
	return b.Code
}

// Text is the spec, with more sections after those of the baseline.
func (b Baseline) Text(more string) string {
	measures := b.Measures
	if measures == nil {
		measures = usual
	}
	links := "none"
	if b.Links {
		links = "csv"
	}
	return fmt.Sprintf(`version: 1
name: %[2]s
title: %[3]q
places: {layer: settlements, where: %[1]s, weight: population}
regions: {layer: regions, where: %[1]s, join: region_code}
sites: {layer: centers, where: %[4]s, count: campus}
travel: {engine: crow, borders: same-country}
measures:
  - %[5]s
output: {links: %[7]s}
%[6]s`, b.where(""), b.ID(), strings.TrimSpace(b.Name+" "+b.Part), b.where(", tier: [1, 2]"), strings.Join(measures, "\n  - "), more, links)
}

// Plan is the section that ranks sites by the patients whom they would gain.
func (b Baseline) Plan(pick int) string {
	return fmt.Sprintf(`candidates: {layer: settlements, where: %s, roles: [infuse]}
siting: {pick: %d, goal: treated}
`, b.where(fmt.Sprintf(", population: {min: %d}", BaselineCandidates)), pick)
}

// InSheets are the sections that the fact sheets of a country have beside its baseline:
// a plan, and intervals.
func (b Baseline) InSheets() string { return b.Plan(BaselineSites) + b.Draws() }

// Draws is the section of intervals.
func (b Baseline) Draws() string {
	return fmt.Sprintf("uncertainty: {draws: %d, seed: 1}\n", baselineDraws)
}

// where keeps a layer to the country and its part.
func (b Baseline) where(more string) string {
	only := ""
	if b.Regions != nil {
		only = fmt.Sprintf(", region_code: [%s]", quoted(b.Regions))
	}
	return fmt.Sprintf("{country: %q%s%s}", b.Code, only, more)
}

func quoted(all []string) string {
	out := make([]string, len(all))
	for k, s := range all {
		out[k] = fmt.Sprintf("%q", s)
	}
	return strings.Join(out, ", ")
}

// Spec is the study, read, with more sections.
func (b Baseline) Spec(more string) (spec.Spec, error) {
	return Parse(strings.NewReader(b.Text(more)), nil)
}

// OnMainland is the study of a country without its regions overseas; ok is false where
// the layer of regions knows none.
func (b Baseline) OnMainland(regions *geo.Layer) (part Baseline, ok bool) {
	home, known := regions.Column(Metropolitan)
	country, has := regions.Column("country")
	code, coded := regions.Column("region_code")
	if !known || !has || !coded || home.Type != geo.Bool {
		return b, false
	}
	far := 0
	for i := range regions.Len() {
		switch {
		case country.Text(i) != b.Code || home.Null(i):
		case home.Number(i) == 0:
			far++
		default:
			part.Regions = append(part.Regions, code.Text(i))
		}
	}
	slices.Sort(part.Regions)
	part.Code, part.Name, part.Part, part.Measures = b.Code, b.Name, Metropolitan, b.Measures
	return part, far > 0 && len(part.Regions) > 0
}

package api

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"careshed/access"
	"careshed/access/study"
	factsheet "careshed/api/sheet"
	"careshed/api/words"
	"careshed/geo"
)

// evidenceRow says what a default rests on, in short; /evidence has all of it.
type evidenceRow struct {
	Parameter string `json:"parameter"`
	Value     string `json:"value"`
	Given     bool   `json:"given_in_study"`
	Source    string `json:"source,omitempty"`
	Status    string `json:"status,omitempty"`
}

// evidence is what a study's parameters of some kinds rest on.
func (e *outcome) evidence(kinds ...string) []evidenceRow {
	out := []evidenceRow{}
	for _, p := range e.result.Manifest.Parameters {
		if !slices.ContainsFunc(kinds, func(k string) bool { return strings.HasPrefix(p.Name, k) }) {
			continue
		}
		r := evidenceRow{Parameter: p.Name, Value: p.Value, Given: p.Given}
		if p.Evidence != nil {
			r.Source, r.Status = p.Evidence.Source, string(p.Evidence.Status)
		}
		out = append(out, r)
	}
	return out
}

func evidenceOf(of []*outcome, kinds ...string) []evidenceRow {
	if len(of) == 0 {
		return []evidenceRow{}
	}
	return of[0].evidence(kinds...)
}

// notesOf are the notes of studies, each once; one that is not of all says of
// which it is.
func notesOf(of []*outcome) []string {
	count := map[string]int{}
	for _, e := range of {
		for _, n := range e.result.Summary.Notes.Texts() {
			count[n]++
		}
	}
	out := []string{}
	for _, e := range of {
		for _, n := range e.result.Summary.Notes.Texts() {
			if count[n] < len(of) {
				n = e.id + ": " + n
			}
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}

// fields reads the columns of a layer that may lack some.
type fields struct{ *geo.Layer }

func (f fields) text(name string, i int) string {
	if c, ok := f.Column(name); ok {
		return c.Text(i)
	}
	return ""
}

func (f fields) number(name string, i int) study.Num {
	if c, ok := f.Column(name); ok && c.Type != geo.Text {
		return number(c.Number(i))
	}
	return study.Num(math.NaN())
}

type quickIn struct {
	Country string `query:"country" enum:"@countries" doc:"one country; all if left out"`
	Study   string `query:"study" doc:"a study whose result is here, in place of the baseline"`
}

type densityIn struct {
	By      string `query:"by" enum:"country,region" def:"country" doc:"a row for each"`
	Country string `query:"country" enum:"@countries" doc:"one country; all if left out"`
	Study   string `query:"study" doc:"a study whose result is here, in place of the baseline"`
}

type densityOut struct {
	By        string           `json:"by"`
	Per       study.Num        `json:"per" doc:"people"`
	Published [2]study.Num     `json:"published_range_per_10m" doc:"of 25 countries"`
	Countries []densityCountry `json:"countries,omitempty"`
	Regions   []densityRegion  `json:"regions,omitempty"`
	Notes     []string         `json:"notes"`
	Evidence  []evidenceRow    `json:"evidence"`
}

func (o densityOut) rows() any {
	if o.By == "region" {
		return o.Regions
	}
	return o.Countries
}

type densityCountry struct {
	Country      string    `json:"country"`
	Part         string    `json:"part" doc:"metropolitan: without the regions overseas"`
	Name         string    `json:"name"`
	Study        string    `json:"study"`
	Population   study.Num `json:"population"`
	Campuses     int       `json:"campuses" doc:"centers that infuse; hospital points within 1 km are one"`
	Rows         int       `json:"rows" doc:"centers that infuse, as listed"`
	Per10m       study.Num `json:"per_10m" doc:"campuses per 10 million people"`
	Rows10m      study.Num `json:"rows_per_10m"`
	Position     string    `json:"per_10m_position" doc:"against 0.3 to 11.4 of 25 countries"`
	Mean         study.Num `json:"mean_geodesic_km" doc:"straight line to the nearest center, weighted by people"`
	Median       study.Num `json:"median_geodesic_km"`
	P90          study.Num `json:"p90_geodesic_km"`
	Sea          study.Num `json:"people_sea" doc:"people whose only centers are across water"`
	Regions      int       `json:"regions"`
	With         int       `json:"regions_with_center"`
	None         []string  `json:"regions_none" doc:"no center, as far as the list can be trusted"`
	Doubtful     []string  `json:"regions_doubtful" doc:"none found, and a start is not ruled out"`
	Stated       []string  `json:"regions_stated" doc:"a source says that there is one and names no hospital"`
	Incomplete   []string  `json:"regions_incomplete" doc:"the list is known to be incomplete there"`
	Unknown      []string  `json:"regions_unknown" doc:"nothing says how complete the list is"`
	Count        study.Num `json:"published_centers"`
	AsOf         string    `json:"published_as_of"`
	Definition   string    `json:"published_definition"`
	Source       string    `json:"published_source"`
	Completeness string    `json:"list_completeness" doc:"of the list of centers, against the published count"`
	Trust        string    `json:"gap_list_trust" doc:"how far the absence of a region from the list can be trusted"`
	Note         string    `json:"note"`
	Reimbursed   []string  `json:"reimbursed" doc:"indications, as far as is known, with since when; what is in none of these is not known, which is not no (layer indications has the sources)"`
	PartlyPaid   []string  `json:"reimbursed_partly" doc:"in defined cases, for some or up to a share"`
	Recommended  []string  `json:"recommended" doc:"and not said to be reimbursed"`
	NotPaid      []string  `json:"not_reimbursed" doc:"said not to be, or not any more"`
	CountedPaid  []string  `json:"reimbursed_count" doc:"how many of a number of indications, where somebody counted"`
}

type densityRegion struct {
	Country    string    `json:"country"`
	ID         string    `json:"region_id"`
	Code       string    `json:"region_code"`
	Name       string    `json:"name"`
	Population study.Num `json:"population"`
	Campuses   study.Num `json:"campuses"`
	Rows       study.Num `json:"rows"`
	Per10m     study.Num `json:"per_10m"`
	Gap        string    `json:"gap" doc:"what the list says of a region without a center"`
	GapNote    string    `json:"gap_note"`
	Mean       study.Num `json:"mean_geodesic_km"`
	Time       study.Num `json:"mean_time_min"`
}

func (s *Server) density(ctx context.Context, _ *request, in densityIn) (any, error) {
	of, err := s.studiesOf(ctx, in.Study, in.Country)
	if err != nil {
		return nil, err
	}
	for _, e := range of {
		if e.result.Summary.Density == nil || in.By == "region" && e.result.Layer("regions") == nil {
			return nil, cannot("study %s has no measure density by %s", e.id, in.By)
		}
	}
	out := densityOut{By: in.By, Per: 10_000_000, Published: [2]study.Num{access.DensityLow, access.DensityHigh}}
	switch {
	case in.By == "region":
		out.Regions = regionsOf(of)
	case in.Study != "":
		out.Countries = countriesOf(of[0])
	default:
		var list []*baseline
		for _, b := range s.base.list {
			if in.Country == "" || b.Code == in.Country {
				list = append(list, b)
			}
		}
		if out.Countries, err = s.byCountry(ctx, list); err != nil {
			return nil, err
		}
		out.Notes = append(out.Notes, "the centers are a sourced list, not a registry: compare list_completeness before comparing countries",
			"distances are straight lines to the nearest center of the same country, by land where there is one")
	}
	out.Notes = append(out.Notes, notesOf(of)...)
	out.Evidence = evidenceOf(of, "density.", "crow.", "sites.", "travel.")
	return out, nil
}

// countriesOf are the rows of a study, one for each country of its places.
// Distances are known for the study as a whole only.
func countriesOf(e *outcome) []densityCountry {
	d := e.result.Summary.Density
	nan := study.Num(math.NaN())
	out := []densityCountry{}
	for _, c := range d.Countries {
		r := densityCountry{Country: c.Country, Name: c.Country, Study: e.id, Population: c.Population, Campuses: c.Campuses, Rows: c.Rows,
			Per10m: c.PerPeople * 1e7 / d.Per, Position: c.Position, Rows10m: nan, Mean: nan, Median: nan, P90: nan, Sea: nan, Count: nan,
			None: []string{}, Doubtful: []string{}, Stated: []string{}, Incomplete: []string{}, Unknown: []string{},
			Reimbursed: []string{}, PartlyPaid: []string{}, Recommended: []string{}, NotPaid: []string{}, CountedPaid: []string{}}
		if c.Population > 0 {
			r.Rows10m = study.Num(c.Rows) * 1e7 / c.Population
		}
		if t := e.result.Summary.Travel; t != nil && len(d.Countries) == 1 {
			r.Mean, r.Median, r.P90, r.Sea = t.GeodesicKm.Mean, t.GeodesicKm.Median, t.GeodesicKm.P90, t.Sea
		}
		if g := e.result.Summary.Gaps; g != nil && len(d.Countries) == 1 {
			r.Regions, r.With = g.Regions, g.Count[string(access.HasCenter)]
			for status, to := range map[access.Gap]*[]string{access.NoCenter: &r.None, access.Doubtful: &r.Doubtful, access.Stated: &r.Stated, access.Incomplete: &r.Incomplete, access.Unknown: &r.Unknown} {
				*to = append(*to, g.Names[string(status)]...)
			}
		}
		out = append(out, r)
	}
	return out
}

// byCountry is the headline table: baselines beside published counts, and
// countries with regions overseas once more without them.
func (s *Server) byCountry(ctx context.Context, list []*baseline) ([]densityCountry, error) {
	parts, err := s.overseas(ctx)
	if err != nil {
		return nil, err
	}
	published := fields{}
	if c, ok := s.layers["countries"]; ok {
		o, err := c.open(ctx)
		if err != nil {
			return nil, err
		}
		published.Layer = o.layer
	}
	out := []densityCountry{}
	for _, b := range list {
		for _, x := range append([]*baseline{b}, parts...) {
			if x.Code != b.Code {
				continue
			}
			e, err := s.baseline(ctx, x)
			if err != nil {
				return nil, fmt.Errorf("baseline study of %s: %w", x.Label(), err)
			}
			for _, r := range countriesOf(e) {
				r.Name, r.Part = cmp.Or(x.Name, x.Code), x.Part
				if x.Part == "" && published.Layer != nil {
					published.onto(&r)
				}
				if x.Part == "" {
					if err := s.pays(ctx, &r); err != nil {
						return nil, err
					}
				}
				out = append(out, r)
			}
		}
	}
	return out, nil
}

// pays adds which indications are known to be reimbursed in a country.
func (s *Server) pays(ctx context.Context, r *densityCountry) error {
	rows, err := s.reimbursed(ctx, r.Country)
	p, say := access.PaidBy(rows), words.Default()
	r.Reimbursed, r.PartlyPaid = factsheet.PaidItems(say, p.Yes), factsheet.PaidItems(say, p.Partly)
	r.Recommended, r.NotPaid = factsheet.PaidItems(say, p.Recommended), factsheet.PaidItems(say, p.Not)
	r.CountedPaid = factsheet.PaidItems(say, p.Counted)
	return err
}

// onto adds what is published of a country.
func (f fields) onto(r *densityCountry) {
	for i := range f.Len() {
		if f.text("country", i) != r.Country {
			continue
		}
		r.Count, r.AsOf, r.Definition, r.Source = f.number("published_centers", i), f.text("published_as_of", i), f.text("published_definition", i), f.text("published_source", i)
		r.Completeness, r.Trust, r.Note = f.text("list_completeness", i), f.text("gap_list_trust", i), f.text("note", i)
	}
}

func regionsOf(of []*outcome) []densityRegion {
	out := []densityRegion{}
	for _, e := range of {
		f := fields{e.result.Layer("regions")}
		for i := range f.Len() {
			out = append(out, densityRegion{Country: f.text("country", i), ID: f.ID(i), Code: f.text("region_code", i), Name: f.text("name", i),
				Population: f.number("population", i), Campuses: f.number("centers", i), Rows: f.number("rows", i), Per10m: f.number("per_10m", i),
				Gap: f.text("gap", i), GapNote: f.text("gap_note", i),
				Mean: f.number("mean_geodesic_km", i), Time: f.number("mean_time_min", i)})
		}
	}
	return out
}

type gapsIn struct {
	Country string `query:"country" enum:"@countries" doc:"one country; all if left out"`
	Study   string `query:"study" doc:"a study whose result is here, in place of the baseline"`
	Limit   int    `query:"limit" min:"1" max:"1000" def:"20" clamp:"true" doc:"how many regions, the most people first"`
}

type gapsOut struct {
	Countries []gapCountry  `json:"countries" doc:"a row for each study: that of a country, or the one that was named"`
	Regions   []gapRegion   `json:"regions" doc:"without a center in the list, the most people first"`
	Matched   int           `json:"regions_not_in_the_list"`
	Notes     []string      `json:"notes"`
	Evidence  []evidenceRow `json:"evidence"`
}

func (o gapsOut) rows() any { return o.Regions }

type gapCountry struct {
	Study        string         `json:"study"`
	BeyondMin    study.Num      `json:"beyond_min"`
	PeopleBeyond study.Num      `json:"people_beyond"`
	ShareBeyond  study.Num      `json:"share_beyond"`
	People       study.Num      `json:"people_in_gaps" doc:"in regions of which the list says that they have none"`
	Regions      int            `json:"regions"`
	Count        map[string]int `json:"count" doc:"regions by what the list says"`
}

type gapRegion struct {
	Country      string    `json:"country"`
	ID           string    `json:"region_id"`
	Code         string    `json:"region_code"`
	Name         string    `json:"name"`
	Population   study.Num `json:"population"`
	Gap          string    `json:"gap" doc:"only none is a gap: the other words say why it may not be"`
	GapNote      string    `json:"gap_note"`
	Time         study.Num `json:"mean_time_min"`
	PeopleBeyond study.Num `json:"people_beyond"`
	ShareBeyond  study.Num `json:"share_beyond"`
	Sea          study.Num `json:"people_sea"`
	Study        string    `json:"study"`
}

func (s *Server) gaps(ctx context.Context, _ *request, in gapsIn) (any, error) {
	of, err := s.studiesOf(ctx, in.Study, in.Country)
	if err != nil {
		return nil, err
	}
	out := gapsOut{Countries: []gapCountry{}, Regions: []gapRegion{}, Notes: notesOf(of), Evidence: evidenceOf(of, "crow.", "travel.")}
	for _, e := range of {
		g := e.result.Summary.Gaps
		if g == nil {
			return nil, cannot("study %s has no measure gaps", e.id)
		}
		out.Countries = append(out.Countries, gapCountry{e.id, g.BeyondMin, g.PeopleBeyond, g.ShareBeyond, g.People, g.Regions, g.Count})
		f := fields{e.result.Layer("regions")}
		for i := range f.Len() {
			if f.text("gap", i) == string(access.HasCenter) {
				continue
			}
			out.Regions = append(out.Regions, gapRegion{Country: f.text("country", i), ID: f.ID(i), Code: f.text("region_code", i), Name: f.text("name", i), Population: f.number("population", i),
				Gap: f.text("gap", i), GapNote: f.text("gap_note", i), Time: f.number("mean_time_min", i), PeopleBeyond: f.number("people_beyond", i),
				ShareBeyond: f.number("share_beyond", i), Sea: f.number("people_sea", i), Study: e.id})
		}
	}
	sort.SliceStable(out.Regions, func(a, b int) bool { return out.Regions[a].Population > out.Regions[b].Population })
	out.Matched = len(out.Regions)
	out.Regions = out.Regions[:min(in.Limit, out.Matched)]
	return out, nil
}

type penaltyOut struct {
	Rows     []penaltyRow  `json:"curves" doc:"a row for each study and assumption beyond four hours"`
	Notes    []string      `json:"notes"`
	Evidence []evidenceRow `json:"evidence"`
}

func (o penaltyOut) rows() any { return o.Rows }

type penaltyRow struct {
	Study       string    `json:"study"`
	Patients    string    `json:"patients" doc:"whose disease these are: the indications, or whence their number"`
	Beyond      string    `json:"assumption" doc:"beyond four hours, where there is no evidence"`
	Form        string    `json:"form"`
	Family      string    `json:"family"`
	Effect      study.Num `json:"effect" doc:"two to four hours against under 30 minutes"`
	Eligible    study.Num `json:"eligible" doc:"patients a year"`
	WithoutTime study.Num `json:"eligible_without_time" doc:"counted apart"`
	Observed    study.Num `json:"observed_treated"`
	Reach       study.Num `json:"reach"`
	P0          study.Num `json:"likelihood_within_30_min"`
	ImpliedRisk study.Num `json:"implied_relative_risk_2_to_4_h"`
	Treated     study.Num `json:"treated"`
	Far         study.Num `json:"treated_beyond_4_h"`
	Foregone    study.Num `json:"foregone" doc:"treatments lost to distance, a year"`
	Ceiling     study.Num `json:"ceiling_of_geography" doc:"treated if all lived within 30 minutes"`
	Gain        study.Num `json:"ceiling_gain_share"`
}

func (s *Server) penalty(ctx context.Context, _ *request, in quickIn) (any, error) {
	of, err := s.studiesOf(ctx, in.Study, in.Country)
	if err != nil {
		return nil, err
	}
	out := penaltyOut{Rows: []penaltyRow{}, Notes: notesOf(of), Evidence: evidenceOf(of, "penalty.", "demand.", "crow.")}
	for _, e := range of {
		p := e.result.Summary.Penalty
		if p == nil {
			return nil, cannot("study %s has no penalty", e.id)
		}
		for _, c := range p.Curves {
			out.Rows = append(out.Rows, penaltyRow{e.id, strings.Join(p.Patients, "; "), c.Beyond, p.Form, p.Family, p.Effect, p.Eligible, p.WithoutTime, p.Observed, p.Reach,
				c.P0, c.ImpliedRisk, c.Treated, c.TreatedBeyond, c.Foregone, c.Ceiling, c.CeilingGain})
		}
	}
	return out, nil
}

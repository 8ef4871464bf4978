// Package sheet makes fact sheets: what a study found of one region, or of the
// whole of it, on one page as JSON, HTML and PDF.
//
// A sheet takes its numbers from the result as they are. What is its own are
// ranks and shares of these numbers, and saying what cannot be said: a zero that
// the list of centers does not bear out has no rank, people without a time are in
// no mean, and what the study was not asked for is null with the reason beside it.
package sheet

import (
	"cmp"
	"fmt"

	"careshed/access"
	"careshed/access/study"
	"careshed/geo"
)

// Sheet is what one page says of a region, or of a study as a whole.
type Sheet struct {
	Study       string `json:"study"`
	Title       string `json:"title"`
	Subject     string `json:"subject,omitempty" doc:"car-t on sheets of the embedded countries; of a study of one's own nothing is known"`
	RegionID    string `json:"region_id" doc:"empty on the sheet of the whole"`
	Name        string `json:"name" doc:"of the region, or the title of the study"`
	Country     string `json:"country" doc:"its code; empty where there are several"`
	CountryName string `json:"country_name,omitempty"`

	Figures Figures  `json:"figures"`
	Whole   *Figures `json:"whole,omitempty" doc:"the same of the whole study, to compare a region with"`

	Gap          string       `json:"gap,omitempty" doc:"what the list says of a region without a center: only none is a gap"`
	GapNote      string       `json:"gap_note,omitempty"`
	Gaps         []GapSet     `json:"gaps,omitempty" doc:"of the whole: regions by what the list says"`
	Completeness string       `json:"list_completeness,omitempty" doc:"of the list of centers of the country, against the published count"`
	Paid         *access.Paid `json:"reimbursement,omitempty" doc:"of an embedded country: which indications are reimbursed, as far as is known; what is in no list is not known"`
	Rank         *Rank        `json:"rank,omitempty" doc:"by centers per 10 million people, the most first"`
	Published    [2]study.Num `json:"published_per_10m" doc:"lowest and highest of 25 countries"`

	Own    []string `json:"own_centers,omitempty" doc:"of a region: the centers in it, by name; hospitals of one campus are one"`
	Like   []Like   `json:"like,omitempty" doc:"of a region: those of its country where people live most nearly as densely"`
	Center *Center  `json:"center,omitempty" doc:"the nearest center of most of the people"`

	Sites      []Site            `json:"sites,omitempty" doc:"of a region the candidate that alone gains most for its people; of the whole the plan, in the order of opening"`
	SitesGain  *Value            `json:"sites_gain,omitempty" doc:"of the plan together"`
	Siting     *Siting           `json:"siting,omitempty" doc:"how the sites were chosen"`
	Missing    map[string]string `json:"missing" doc:"why a part has no value: times, treatments, intervals, rank, center, sites"`
	Parameters []Parameter       `json:"parameters" doc:"the values that acted, with what they rest on"`
	Sources    []Source          `json:"sources"`
	Notes      study.Notes       `json:"notes" doc:"what the study says of its numbers as a whole"`
	Travel     Travel            `json:"travel"`
	Draws      int               `json:"draws" doc:"behind each interval; 0: there are none"`
	Version    string            `json:"version"`

	DataVersion string    `json:"data_version" doc:"the beginning of a hash over the inputs"`
	AsOf        string    `json:"centers_as_of,omitempty" doc:"the date of the youngest source of a center"`
	Publisher   Publisher `json:"publisher,omitzero"`

	from *Maker
	list study.List // of the centers of the country
	row  int        // of the region, -1 for the whole
}

// CarT is the subject of the embedded countries.
const CarT = "car-t"

// Value is a number with its middle 95 % over the draws, and what it rests on.
type Value struct {
	Value    study.Num `json:"value"`
	Low      study.Num `json:"low_2_5"`
	High     study.Num `json:"high_97_5"`
	Evidence string    `json:"evidence,omitempty" doc:"the row of /evidence that it rests on"`
	Status   string    `json:"status,omitempty" doc:"how that was checked"`
}

// Figures are the numbers that a region and the whole share.
type Figures struct {
	People       study.Num    `json:"people"`
	Centers      int          `json:"centers" doc:"that infuse, by campus"`
	Rows         int          `json:"rows" doc:"that infuse, as listed"`
	Per10m       study.Num    `json:"per_10m"`
	Timed        study.Num    `json:"people_with_time" doc:"the others are in no time and no treatment"`
	Sea          study.Num    `json:"people_sea" doc:"without a time: across water"`
	Unreached    study.Num    `json:"people_unreached" doc:"without a time: other reasons"`
	MeanTime     Value        `json:"mean_time_min"`
	MedianTime   Value        `json:"median_time_min"`
	P90Time      Value        `json:"p90_time_min"`
	BeyondMin    study.Num    `json:"beyond_min" doc:"the limit of the two below"`
	PeopleBeyond study.Num    `json:"people_beyond" doc:"those without a time are among them"`
	ShareBeyond  Value        `json:"share_beyond"`
	Eligible     Value        `json:"eligible" doc:"patients a year, those without a time among them"`
	Treatments   []Treatments `json:"treatments" doc:"patients a year, of those with a time, for each assumption beyond four hours"`

	Doubts map[string][]string `json:"doubts,omitempty" doc:"by the name of a number why it is not to be taken as it stands: what the list says of a region that may have a center which it lacks, and left out where more than a tenth of the people have no way and are not in it"`
}

// Treatments are expected and lost under one assumption beyond four hours.
type Treatments struct {
	Beyond   string    `json:"assumption"`
	Treated  Value     `json:"treated"`
	Foregone Value     `json:"foregone" doc:"lost to distance, against the mean of those within 30 minutes; below 0: nearer than that"`
	Share    study.Num `json:"foregone_share" doc:"of what would be treated without that loss"`
}

// Rank is the place by centers per 10 million people. Equals share a place.
type Rank struct {
	Among    string `json:"among" doc:"regions or countries"`
	Place    int    `json:"rank" doc:"1 has the most"`
	Tied     int    `json:"tied" doc:"how many others have the same"`
	Of       int    `json:"of" doc:"how many have a rank"`
	Unranked int    `json:"unranked" doc:"whose zero the list does not bear out"`
	Best     int    `json:"best_rank" doc:"countries (0: regions have none): were the published counts right and not the lists, at best"`
	Worst    int    `json:"worst_rank" doc:"at worst"`
}

// Center is the center that is the nearest for most of the people.
type Center struct {
	ID         string    `json:"site_id"`
	Name       string    `json:"name"`
	Region     string    `json:"region_id"`
	RegionName string    `json:"region_name"`
	People     study.Num `json:"people" doc:"with a time, for whom it is the nearest"`
	Share      study.Num `json:"share" doc:"of all people"`
	Geodesic   study.Num `json:"mean_geodesic_km" doc:"of these people"`
	Distance   study.Num `json:"mean_distance_km"`
	Time       study.Num `json:"mean_time_min"`
	Used       int       `json:"centers_used" doc:"how many centers are the nearest for somebody"`
	Doubts     []string  `json:"doubts,omitempty" doc:"why these numbers are not to be taken as they stand"`
}

// Site is a candidate and what it gains.
type Site struct {
	ID         string    `json:"site_id"`
	Name       string    `json:"name"`
	Region     string    `json:"region_id"`
	RegionName string    `json:"region_name"`
	Gain       Value     `json:"gain" doc:"of a region: for its people, if it alone opens; of the whole: beside the sites before it"`
	Alone      study.Num `json:"gain_alone" doc:"for all people of the study, if it alone opens"`
	Apart      study.Num `json:"gain_apart" doc:"of its gain if it alone opens, people without a time today, taken as four hours away"`
	Nearer     study.Num `json:"people_nearer" doc:"who would travel less"`
	Newly      study.Num `json:"people_newly" doc:"of a region: of these, who have no time today"`
	Unsure     string    `json:"region_gap" doc:"stated, doubtful, incomplete or not in the list: where it stands there may be a center that the list lacks"`
	Doubts     []string  `json:"doubts,omitempty" doc:"why its gains are not to be taken as they stand"`
	InDraws    study.Num `json:"share_of_draws" doc:"of the whole: in which it is in the plan"`
}

// Siting is how sites were chosen.
type Siting struct {
	Goal       string    `json:"goal"`
	Unit       string    `json:"unit"`
	Candidates int       `json:"candidates"`
	Allowed    int       `json:"candidates_within_the_rules"`
	Least      study.Num `json:"candidates_least_people" doc:"how many people a place must have to be one, where that is a condition"`
	Proven     bool      `json:"proven" doc:"no plan is better, for this list of centers"`
	Short      []Short   `json:"incomplete_lists,omitempty" doc:"lists of centers that lack more than a tenth of the published ones: with them other sites may be better"`
	Infuse     bool      `json:"candidates_infuse"`
}

// Short is a country whose list of centers is short of what somebody published.
type Short struct {
	Country   string `json:"country"`
	Listed    int    `json:"listed_centers"`
	Published int    `json:"published_centers"`
}

// GapSet is regions of which the list says the same.
type GapSet struct {
	Gap     string   `json:"gap"`
	Regions []string `json:"regions"`
}

// Parameter is a value that acted.
type Parameter struct {
	Name     string        `json:"name"`
	Value    string        `json:"value"`
	Given    bool          `json:"given_in_study"`
	Interval *access.Range `json:"interval" doc:"null: none"`
	Factor   bool          `json:"interval_is_factor,omitempty" doc:"the interval multiplies the value, and is not in its unit"`
	Source   string        `json:"source"`
	Of       string        `json:"population"`
	Status   string        `json:"status"`
}

// Source is where a layer comes from.
type Source struct {
	Layer       string `json:"layer"`
	Attribution string `json:"attribution"`
	Licence     string `json:"licence"`
}

// Travel is how times were found.
type Travel struct {
	Engine   string `json:"engine"`
	Estimate bool   `json:"estimate" doc:"times are modelled, not measured on a network"`
	Detail   string `json:"detail"`
	Borders  string `json:"borders"`
}

// UnknownRegionError says which region was asked for, and which there are.
type UnknownRegionError struct{ Region, Near string }

func (e *UnknownRegionError) Error() string {
	s := fmt.Sprintf("the study has no region %q", e.Region)
	if e.Near != "" {
		s += fmt.Sprintf("; did you mean %s?", e.Near)
	}
	return s
}

// Of makes the sheet of a region by its id, or of the whole for "". Whoever wants
// several of one result asks a Maker.
func Of(r *study.Result, region string) (Sheet, error) {
	m, err := New(r)
	if err != nil {
		return Sheet{}, err
	}
	return m.Sheet(region)
}

// Sheet makes the sheet of a region by its id, or of the whole for "".
func (m *Maker) Sheet(region string) (Sheet, error) {
	r := m.result
	s := Sheet{Study: r.Summary.Name, Title: cmp.Or(r.Summary.Title, r.Summary.Name), Missing: map[string]string{}, Version: r.Manifest.Version, from: m, row: -1,
		Published: [2]study.Num{access.DensityLow, access.DensityHigh}, Notes: append(study.Notes{}, r.Summary.Notes...), Parameters: []Parameter{}, Sources: []Source{},
		DataVersion: dataVersion(&r.Manifest), AsOf: asOf(&r.Manifest), Publisher: publisher(r)}
	if region == "" {
		s.Name, s.Figures, s.Country = s.Title, m.whole, only(m.places, "country")
		s.wholeGaps()
		s.Missing["rank"] = "alone" // until Among says otherwise
		s.plan()
		s.center(newPeople(m.places, all(m.places.Len())))
	} else {
		row, ok := m.regions.find(region)
		if !ok {
			return Sheet{}, &UnknownRegionError{Region: region, Near: geo.Like(region, m.regions.ids())}
		}
		own := newPeople(m.places, m.member[region])
		s.row, s.RegionID, s.Name, s.Country = row, region, cmp.Or(m.regions.text("name", row), region), m.regions.text("country", row)
		s.Gap, s.GapNote = m.regions.text("gap", row), m.regions.text("gap_note", row)
		s.Figures, s.Whole = m.figures(row, own), &m.whole
		s.own()
		s.like()
		s.rank()
		s.best()
		s.center(own)
	}
	s.reasons()
	s.basis()
	return s, nil
}

// reasons says why times, treatments and intervals have no value.
func (s *Sheet) reasons() {
	f := &s.Figures
	switch {
	case f.Timed > 0:
	case !(f.People > 0):
		s.Missing["times"] = "nobody"
	default:
		s.Missing["times"] = "unreached"
		if f.Sea > 0 && !(f.Unreached > 0) {
			s.Missing["times"] = "sea"
		}
	}
	switch {
	case s.from.result.Summary.Penalty == nil:
		s.Missing["treatments"] = "not asked"
	case !(f.People > 0):
		s.Missing["treatments"] = "nobody"
	case !(f.Timed > 0):
		s.Missing["treatments"] = "no time"
	case len(f.Treatments) > 0 && !known(f.Treatments[0].Treated.Value):
		s.Missing["treatments"] = "withheld"
	}
	switch {
	case len(s.from.result.Summary.Uncertainty) == 0:
		s.Missing["intervals"] = "not asked"
	case s.row >= 0 && s.from.result.Layer("uncertainty_regions") == nil:
		s.Missing["intervals"] = "not by region"
	}
}

// basis is what the numbers rest on.
func (s *Sheet) basis() {
	m := &s.from.result.Manifest
	s.Draws = s.from.draws(s.RegionID)
	s.Travel = Travel{Engine: m.Engine.Name, Estimate: m.Engine.Estimate, Detail: m.Engine.Detail}
	for _, p := range m.Parameters {
		if p.Name == "travel.borders" {
			s.Travel.Borders = p.Value
		}
		if p.Evidence == nil {
			continue
		}
		e := p.Evidence
		s.Parameters = append(s.Parameters, Parameter{p.Name, p.Value, p.Given, e.Interval, e.Factor, e.Source, e.Population, string(e.Status)})
	}
	for _, i := range m.Inputs {
		s.Sources = append(s.Sources, Source{i.Layer, i.Attribution, i.Licence})
	}
	if d := s.from.result.Summary.Density; d != nil {
		for _, c := range d.Countries {
			if c.Country == s.Country {
				s.Completeness, s.list = c.List, study.List{Text: c.List, Key: c.ListKey, Listed: c.Listed}
			}
		}
	}
}

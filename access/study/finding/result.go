package finding

import (
	"strings"

	"careshed/access"
	"careshed/access/study/ground"
	"careshed/access/study/spec"
	"careshed/geo"
	"careshed/geo/travel"
)

// Result is what a study found: layers, tables, a summary and a manifest, all
// of the same numbers.
type Result struct {
	Spec     spec.Spec
	Layers   []*geo.Layer // places, regions, sites, links: as far as the study has them
	Tables   []*geo.Layer // by name; without shapes
	Summary  Summary
	Manifest Manifest

	// Reach answers for points that are no places; nil in a result that was kept.
	Reach *ground.Reach
}

// Layer is a layer of the result by name, nil if there is none.
func (r *Result) Layer(name string) *geo.Layer {
	for _, ls := range [][]*geo.Layer{r.Layers, r.Tables} {
		for _, l := range ls {
			if l.Name == name {
				return l
			}
		}
	}
	return nil
}

// Stats are mean and quantiles, weighted by people.
type Stats struct {
	Mean   Num `json:"mean"`
	Median Num `json:"median"`
	P90    Num `json:"p90"`
	P95    Num `json:"p95"`
}

// StatsOf are those of values, with the people of each as weights; a NaN has no part
// in them.
func StatsOf(value, weight []float64) Stats {
	s := access.NewWeighted(value, weight).Stats()
	return Stats{Num(s.Mean), Num(s.Median), Num(s.P90), Num(s.P95)}
}

// Summary is the headlines of a study.
type Summary struct {
	Name           string            `json:"name"`
	Title          string            `json:"title,omitempty"`
	Places         int               `json:"places"`
	Population     Num               `json:"population"`
	Sites          SiteCount         `json:"sites"`
	Travel         *TravelSummary    `json:"travel,omitempty"`
	Demand         *DemandSummary    `json:"demand,omitempty"`
	Density        *DensitySummary   `json:"density,omitempty"`
	Gaps           *GapsSummary      `json:"gaps,omitempty"`
	Apart          *ApartSummary     `json:"apart,omitempty"`
	Penalty        *PenaltySummary   `json:"penalty,omitempty"`
	Counted        []CountSummary    `json:"counted,omitempty"`
	Measures       []MeasureSummary  `json:"measures,omitempty"`
	Spatial        []SpatialSummary  `json:"spatial,omitempty"`
	Areal          *ArealSummary     `json:"areal,omitempty"`
	Capacity       *CapacitySummary  `json:"capacity,omitempty"`
	Attrition      *AttritionSummary `json:"attrition,omitempty"`
	Forecast       *ForecastSummary  `json:"forecast,omitempty"`
	Representation []GroupShare      `json:"representation,omitempty"`
	Flows          *FlowsSummary     `json:"flows,omitempty"`
	Choice         *ChoiceSummary    `json:"choice,omitempty"`
	ByChoice       *ByChoiceSummary  `json:"by_choice,omitempty"`
	Journey        *JourneySummary   `json:"journey,omitempty"`
	Transfer       *TransferSummary  `json:"transfer,omitempty"`
	Referral       *ReferralSummary  `json:"referral,omitempty"`
	Delay          *DelaySummary     `json:"delay,omitempty"`
	Scenarios      []ScenarioSummary `json:"scenarios,omitempty"`
	Siting         *SitingSummary    `json:"siting,omitempty"`
	Uncertainty    []Interval        `json:"uncertainty,omitempty"`
	Pitfalls       []PitfallSummary  `json:"pitfalls,omitempty"`
	NoValue        []Missing         `json:"no_value"`
	Notes          Notes             `json:"notes"`
}

// PitfallSummary is a way in which these numbers can mislead; docs/pitfalls.md
// has them by number.
type PitfallSummary struct {
	Number int    `json:"number"`
	Key    string `json:"key"`
	People Num    `json:"people"`
	Text   string `json:"text"`
}

// TravelSummary is the way to the nearest site that infuses.
type TravelSummary struct {
	Engine      travel.About   `json:"engine"`
	Borders     string         `json:"borders"`
	GeodesicKm  Stats          `json:"geodesic_km" none:"not given: no straight line to a center is known"`
	DistanceKm  Stats          `json:"distance_km" none:"not given: no way to a center has a length"`
	TimeMin     Stats          `json:"time_min" none:"nobody has a way to a center"`
	Bands       []Band         `json:"bands"`
	BandsKm     []BandKm       `json:"bands_km,omitempty"`
	Sea         Num            `json:"people_by_sea"`
	WithoutTime map[string]Num `json:"people_without_time"`
}

// Band is the people within some minutes.
type Band struct {
	Minutes Num `json:"minutes"`
	People  Num `json:"people"`
	Share   Num `json:"share" none:"nobody lives in the places"`
}

// BandKm is the people within some kilometres of way.
type BandKm struct {
	Km     Num `json:"km"`
	People Num `json:"people"`
	Share  Num `json:"share" none:"nobody lives in the places"`
}

// DemandSummary is the way from new cases to eligible patients, a year.
type DemandSummary struct {
	Funnels    []FunnelSummary `json:"funnels"`
	Eligible   Num             `json:"eligible"`
	Per100k    Num             `json:"eligible_per_100k" none:"nobody lives in the places"`
	ReachLabel Num             `json:"treated_of_label" none:"not asked: nothing in the study needs the treated"`
	ReachFit   Num             `json:"treated_of_fit" none:"not asked: nothing in the study needs the treated"`
}

// FunnelSummary is one of them.
type FunnelSummary struct {
	Name      string `json:"name"`
	Disease   string `json:"disease"`
	Line      int    `json:"line"`
	Incident  Num    `json:"incident"`
	FirstLine Num    `json:"first_line"`
	AtLine    Num    `json:"at_line"`
	Label     Num    `json:"label"`
	Fit       Num    `json:"fit"`
	Eligible  Num    `json:"eligible"`
	Per100k   Num    `json:"eligible_per_100k" none:"nobody lives in the places"`
}

// DensitySummary is centers by population.
type DensitySummary struct {
	Per       Num              `json:"per"`
	Published [2]Num           `json:"published_per_10m"`
	Countries []DensityCountry `json:"countries,omitempty"`
	Regions   int              `json:"regions"`
	ByRegion  *RegionDensity   `json:"by_region,omitempty"`
	CoLocated int              `json:"co_located_pairs"`
}

// RegionDensity is the spread of density over the regions, each counting alike,
// and what the mean person's region has.
type RegionDensity struct {
	Lowest  Num `json:"lowest" none:"no region has people"`
	Median  Num `json:"median" none:"nobody has a value"`
	Highest Num `json:"highest" none:"no region has people"`
	People  Num `json:"mean_over_people" none:"nobody lives in the regions"`
}

// DensityCountry is the density of a country.
type DensityCountry struct {
	Country    string `json:"country"`
	Population Num    `json:"population"`
	Campuses   int    `json:"campuses"`
	Rows       int    `json:"rows"`
	PerPeople  Num    `json:"density" none:"nobody lives there"`
	Position   string `json:"position"`
	List       string `json:"list_completeness,omitempty"`
	ListKey    string `json:"list_key,omitempty"` // of the text of that in api/words, with Listed as n
	Listed     int    `json:"listed_centers"`     // hospitals on the list, 0 where nothing is known of it
	Published  int    `json:"published_centers"`  // what somebody counted, 0 if nobody did
}

// GapsSummary is where there is nothing.
type GapsSummary struct {
	BeyondMin    Num                 `json:"beyond_min"`
	PeopleBeyond Num                 `json:"people_beyond"`
	ShareBeyond  Num                 `json:"share_beyond" none:"nobody lives in the places"`
	WithoutTime  Num                 `json:"people_beyond_without_time"`
	People       Num                 `json:"people_in_gaps"`
	Regions      int                 `json:"regions"`
	Count        map[string]int      `json:"count"`
	Names        map[string][]string `json:"names"`
	Published    string              `json:"published,omitempty"`
}

// Unsure is how many regions may have a center that the list lacks.
func (g *GapsSummary) Unsure() (n int) {
	for _, of := range []access.Gap{access.Doubtful, access.Stated, access.Incomplete, access.Unknown} {
		n += g.Count[string(of)]
	}
	return n
}

// ApartSummary is the way without the regions whose list of centers is not to be
// trusted: a source says that there is a center and names none, or the list is
// incomplete. Their distances may be too long by far.
type ApartSummary struct {
	Regions     []string `json:"regions"`
	People      Num      `json:"people"`
	TimeMin     Stats    `json:"time_min_without" none:"nobody else has a way to a center"`
	ShareBeyond Num      `json:"share_beyond_without" none:"nobody lives elsewhere"`
	BeyondMin   Num      `json:"beyond_min"`
}

// PenaltySummary is what distance costs in treatments.
type PenaltySummary struct {
	Patients    []string       `json:"patients"`              // who they are: indications, or whence their number
	Indications []string       `json:"indications,omitempty"` // the keys of these; none where the study counts its own
	Form        string         `json:"form"`
	Family      string         `json:"family"`
	Effect      Num            `json:"effect"`
	Eligible    Num            `json:"eligible"`
	WithoutTime Num            `json:"eligible_without_time"`
	Observed    Num            `json:"observed_treated" none:"nobody eligible has a way to a center"`
	Reach       Num            `json:"reach" none:"nobody eligible has a way to a center"`
	Curves      []PenaltyCurve `json:"beyond_four_hours"`
	Inequality  []IndexSummary `json:"inequality_of_likelihood,omitempty"`
}

// CountSummary is patients that somebody counted, beside what the model expects in the
// same area.
type CountSummary struct {
	Area       string   `json:"area"`
	Country    string   `json:"country"`
	Regions    []string `json:"regions,omitempty"` // of the area; none for a whole country
	When       string   `json:"when"`
	Indication string   `json:"indication"`
	Stage      string   `json:"stage"`
	Qualifier  string   `json:"qualifier"`
	Yearly     Num      `json:"counted" none:"the source has a rate only"`
	Per100k    Num      `json:"counted_per_100k"`
	Model      Num      `json:"model"`
	Model100k  Num      `json:"model_per_100k" none:"nobody lives there"`
	Ratio      Num      `json:"ratio" none:"the model expects nobody there"`
	Why        []string `json:"apart"` // what sets the count apart from the model
	NoModel    string   `json:"why_no_value,omitempty"`
	Unsure     string   `json:"region_gap,omitempty"` // what the list of centers says there, where it may lack one
	Kind       string   `json:"kind"`
	Source     string   `json:"source"`
}

// PenaltyCurve is the outcome under one assumption beyond four hours.
type PenaltyCurve struct {
	Beyond        string `json:"assumption"`
	P0            Num    `json:"likelihood_within_30_min" none:"nobody eligible has a way to a center"`
	ImpliedRisk   Num    `json:"implied_relative_risk_2_to_4_h" none:"nobody is treated within half an hour"`
	Treated       Num    `json:"treated" none:"nobody eligible has a way to a center"`
	TreatedBeyond Num    `json:"treated_beyond_4_h" none:"nobody eligible has a way to a center"`
	Foregone      Num    `json:"foregone" none:"nobody eligible has a way to a center"`
	Ceiling       Num    `json:"ceiling_of_geography" none:"nobody eligible has a way to a center"`
	CeilingGain   Num    `json:"ceiling_gain_share" none:"nobody is treated"`

	// Of recover alone: whom programmes of transfer are known to send elsewhere.
	Sent []SentSummary `json:"sent_elsewhere,omitempty"`
}

// SentSummary is patients of an area of the study who were counted as sent elsewhere, and
// the people of the area who live beyond four hours.
type SentSummary struct {
	Area       string   `json:"area"`
	Country    string   `json:"country"`
	Regions    []string `json:"regions,omitempty"`
	When       string   `json:"when"`
	Indication string   `json:"indication"`
	Count      Num      `json:"count"`
	Qualifier  string   `json:"qualifier"`
	Source     string   `json:"source"`
	Kind       string   `json:"kind"`
	Beyond     Num      `json:"people_beyond_4_h"`
}

// MeasureSummary is a measure of supply and demand.
type MeasureSummary struct {
	Name       string            `json:"name"`
	Supply     string            `json:"supply,omitempty"`
	Column     string            `json:"column"`
	Of         string            `json:"of,omitempty"` // sites for a measure by site, else places
	Parameters map[string]string `json:"parameters"`
	Mean       Num               `json:"mean" none:"nobody has a value"`
	Median     Num               `json:"median" none:"nobody has a value"`
	People     Num               `json:"people_with_value" none:"not asked: the measure is by site"`
	None       map[string]Num    `json:"people_without_value"`
	Handed     Num               `json:"supply_handed_out" none:"not asked: the measure hands out no supply"`
	Unused     Num               `json:"supply_nobody_reaches" none:"not asked: the measure hands out no supply"`
	Gap        Num               `json:"equilibrium_gap" none:"not asked: the measure is no equilibrium, or there is no supply"`
	Bound      Num               `json:"cost_bound" none:"not asked: the measure is not raam, or there is no supply"`
	Inequality []IndexSummary    `json:"inequality,omitempty"`
}

// IndexSummary is an index of inequality.
type IndexSummary struct {
	Name   string `json:"name"`
	Rank   string `json:"rank,omitempty"`
	Value  Num    `json:"value"`
	Draws  int    `json:"draws"` // behind the interval; 0: the index has none
	Low    Num    `json:"low_2_5" none:"not asked: the index has no interval"`
	High   Num    `json:"high_97_5" none:"not asked: the index has no interval"`
	People Num    `json:"people"`
	Why    string `json:"why_no_value,omitempty"` // of the value, or of the end of the interval that has none
}

// SpatialSummary is how far a value gathers.
type SpatialSummary struct {
	Of         string `json:"of"`
	Neighbours string `json:"neighbours"`
	Places     int    `json:"places"`
	Moran      Num    `json:"moran"`
	Z          Num    `json:"moran_z"`
	Clusters   int    `json:"places_in_clusters"`
	Spots      int    `json:"places_in_hot_or_cold_spots"`
	Why        string `json:"why_no_value,omitempty"`
}

// ArealSummary is the study in its own units and in the others.
type ArealSummary struct {
	Places   int      `json:"places"`
	Others   int      `json:"other_units"`
	MeanTime [2]Num   `json:"mean_time_min" none:"nobody has a way to a center"`
	Beyond   [2]Num   `json:"share_beyond" none:"nobody lives in the places"`
	InBoth   []string `json:"plan_in_both,omitempty"`
	OnlyHere []string `json:"plan_only_here,omitempty"`
}

// CapacitySummary is what becomes of a month's patients, in the long run:
// arrivals = served + lost + deterred.
type CapacitySummary struct {
	Capacity      Num `json:"capacity_per_month"`
	Arrivals      Num `json:"arrivals_per_month"`
	Served        Num `json:"served_per_month"`
	Lost          Num `json:"lost_per_month"`
	SentOn        Num `json:"sent_on_per_month"`
	Deterred      Num `json:"deterred_per_month"`
	Waiting       Num `json:"waiting"`
	Delayed       Num `json:"delayed_per_month"`
	DelayDays     Num `json:"delay_days"`
	Months        Num `json:"months"`
	Later         Num `json:"waiting_after_months"`
	LeavePerMonth Num `json:"leave_per_month" none:"not asked: no rate is given"`
	Full          int `json:"centers_over_capacity"`
}

// AttritionSummary is who is lost between referral and infusion.
type AttritionSummary struct {
	Days          Num            `json:"days"`
	LeavePerMonth Num            `json:"leave_per_month" none:"not asked: no rate is given"`
	Lost          Num            `json:"lost_share" none:"nobody is referred"`
	Levers        []LeverSummary `json:"levers,omitempty"`
}

// LeverSummary is what shorter stages would save.
type LeverSummary struct {
	Name   string `json:"name"`
	Days   Num    `json:"days"`
	Lost   Num    `json:"lost_share" none:"nobody is referred"`
	More   Num    `json:"treated_change_share" none:"nobody is treated"`
	Change Num    `json:"treated_change" none:"not asked: the study has no treated patients"`
}

// ForecastSummary is the last year of the forecast.
type ForecastSummary struct {
	From        int            `json:"from"`
	To          int            `json:"to"`
	Denominator string         `json:"denominator"`
	Curve       string         `json:"beyond_four_hours"`
	Eligible    Num            `json:"eligible"`
	Treated     Num            `json:"treated" none:"nobody eligible has a way to a center"`
	Reach       Num            `json:"reach" none:"nobody eligible has a way to a center"`
	Target      *TargetSummary `json:"target,omitempty"`
	Trends      []TrendSummary `json:"trends,omitempty"`
}

// TargetSummary takes a target apart: now + eligibles + geography + referral +
// capacity + residual = target.
type TargetSummary struct {
	Double    string `json:"double"`
	Now       Num    `json:"treated_now" none:"nobody eligible has a way to a center"`
	Eligibles Num    `json:"from_more_eligible" none:"nobody eligible has a way to a center"`
	Geography Num    `json:"from_geography" none:"nobody eligible has a way to a center"`
	Referral  Num    `json:"from_referral" none:"nobody eligible has a way to a center"`
	Capacity  Num    `json:"from_capacity" none:"nobody eligible has a way to a center"`
	Residual  Num    `json:"residual" none:"nobody eligible has a way to a center"`
	Target    Num    `json:"target" none:"nobody eligible has a way to a center"`
	Other     Num    `json:"target_by_the_other_reading" none:"nobody eligible has a way to a center"`
	Ceiling   Num    `json:"ceiling_of_geography" none:"nobody eligible has a way to a center"`
	Yearly    Num    `json:"growth_of_reach_a_year" none:"nobody is treated today"`
}

// TrendSummary is a trend with its error where it was tested.
type TrendSummary struct {
	Model    string `json:"model"`
	Last     Num    `json:"last_year"`
	HoldOut  int    `json:"held_out_years"`
	Forecast Num    `json:"held_out_forecast" none:"not asked: no years are held out"`
	Error    Num    `json:"held_out_error" none:"the last year has none"`
	Edge     string `json:"not_pinned_down,omitempty"`
}

// GroupShare is a group among recipients and among people.
type GroupShare struct {
	Group      string `json:"group"`
	Recipients Num    `json:"recipients_share"`
	People     Num    `json:"people_share" none:"nobody lives in the places"`
	Ratio      Num    `json:"ratio" none:"nobody lives in the places"`
	Low        Num    `json:"ratio_low_2_5" none:"not asked: the number of patients is not given"`
	High       Num    `json:"ratio_high_97_5" none:"not asked: the number of patients is not given"`
}

// JourneySummary is what a course of treatment demands, weighted by people.
type JourneySummary struct {
	Regime        string `json:"regime"`
	Source        string `json:"regime_source"`
	NearDays      Num    `json:"near_days"`
	NearMin       Num    `json:"near_min"`
	People        Num    `json:"people"`
	Trips         Stats  `json:"trips" none:"nobody has a way to a center"`
	Hours         Stats  `json:"hours" none:"nobody has a way to a center"`
	Nights        Stats  `json:"nights" none:"nobody has a way to a center"`
	Cost          Stats  `json:"cost" none:"not given: a rate of what the journey costs is not known"`
	ContactDays   Num    `json:"contact_days" none:"not given: a stage in person has visits without days"`
	Relocate      Num    `json:"people_who_relocate" none:"nobody has a way to a center"`
	RelocateShare Num    `json:"share_who_relocate" none:"nobody has a way to a center"`
}

// TransferSummary is the ways of those whose center lies in their own region beside the
// ways of those who go to another.
type TransferSummary struct {
	Rows []TransferRow `json:"rows"`
}

// TransferRow is people who go to the nearest center or to one that they choose, in their
// own region or in another; without a stage all of them, with one what it asks of them.
type TransferRow struct {
	By         string `json:"by"` // nearest or choice
	Where      string `json:"where"`
	Stage      string `json:"stage,omitempty"`
	People     Num    `json:"people"`
	Share      Num    `json:"share"`
	TimeMin    Stats  `json:"time_min" none:"not asked: nobody travels for it"`
	DistanceKm Stats  `json:"distance_km" none:"not given: no way there has a length"`
	Trips      Num    `json:"trips" none:"not asked: no stage of a journey"`
	Hours      Num    `json:"hours" none:"not asked: no stage of a journey"`
	Nights     Num    `json:"nights" none:"not asked: no stage of a journey"`
	InOwn      Num    `json:"in_own_region" none:"not asked: no stage of a journey that is travelled to"`
	Days       Num    `json:"days" none:"not asked: the study has no days of it by region"`
	Lost       Num    `json:"lost_share" none:"not asked: the study has no days of it by region"`
	Why        string `json:"why_no_value,omitempty"`
}

// ReferralSummary is the way from referring hospitals: not that from home.
type ReferralSummary struct {
	Hospitals  int    `json:"hospitals"`
	Weight     string `json:"weight"`
	GeodesicKm Stats  `json:"geodesic_km" none:"not given: no straight line to a center is known"`
	DistanceKm Stats  `json:"distance_km" none:"not given: no way to a center has a length"`
	TimeMin    Stats  `json:"time_min" none:"nobody has a way to a center"`
}

// DelaySummary is a population-level loss.
type DelaySummary struct {
	LifeYearsPerDay Num `json:"life_years_per_day"`
	Days            Num `json:"days"`
	LifeYears       Num `json:"life_years_of_the_population"`
}

// Interval is a headline with its interval over the draws.
type Interval struct {
	What  string `json:"what"`
	Value Num    `json:"value"`
	Low   Num    `json:"low_2_5"`
	High  Num    `json:"high_97_5"`
	Draws int    `json:"draws"`
	Why   string `json:"why_no_value,omitempty"`
}

// Manifest is what a result rests on, so that anyone can make it again.
type Manifest struct {
	Program    string        `json:"program"`
	Version    string        `json:"version"`
	SpecSHA256 string        `json:"spec_sha256"`
	Spec       string        `json:"spec"`
	Point      string        `json:"grid_point,omitempty"`
	Inputs     []Input       `json:"inputs"`
	Joins      []geo.Meeting `json:"joins,omitempty"` // how keys met
	Engine     travel.About  `json:"engine"`
	Parameters []Parameter   `json:"parameters"`
	Seed       *uint64       `json:"seed,omitempty"`
	Outputs    []File        `json:"outputs,omitempty"` // files written beside it
	Formats    []string      `json:"formats,omitempty"` // in which layers and tables were written, if not as CSV and GeoJSON
}

// Input is a layer that was read.
type Input struct {
	Layer       string   `json:"layer"`
	Features    int      `json:"features"`
	IDs         string   `json:"ids,omitempty"` // the column that gave them; none where rows are only numbered
	Licence     string   `json:"licence,omitempty"`
	Attribution string   `json:"attribution,omitempty"`
	AsOf        string   `json:"as_of,omitempty"` // the youngest date of its column as_of
	Notes       []string `json:"notes,omitempty"` // what was dropped or converted as it was read
	Files       []File   `json:"files"`
}

// Parameter is a value that acted, with what it rests on.
type Parameter struct {
	Name     string           `json:"name"`
	Value    string           `json:"value"`
	Given    bool             `json:"given_in_spec"`
	Evidence *access.Evidence `json:"evidence,omitempty"`
}

// Missing is a number of the summary that has no value, and why.
type Missing struct {
	Field string `json:"field"` // its path in the summary, [] for each of a list
	Count int    `json:"count"` // how often
	Why   string `json:"why"`
}

// Lost reports whether a number was asked for and its inputs given: the reasons of
// the others begin with "not asked: " or "not given: ".
func (m Missing) Lost() bool {
	return !strings.HasPrefix(m.Why, "not asked: ") && !strings.HasPrefix(m.Why, "not given: ")
}

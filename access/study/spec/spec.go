// Package spec is the grammar of studies: what a document may say, read strictly
// and in one place. A word that is not known is an error that names the nearest
// known one; a spec can extend another; a grid is a spec with every combination
// of some parameters; the JSON Schema is made from the types that read.
//
// Which measures and engines there are, the package does not know: a [Grammar]
// brings them.
package spec

// Spec is a study as its author wrote it, defaults not filled in. Schema is its
// JSON Schema; the six questions in testdata/specs are its manual.
type Spec struct {
	Version     int                  `yaml:"version" most:"-" doc:"the version of this grammar: 1"`
	Name        string               `yaml:"name" most:"name" doc:"a short name, used in results and file names"`
	Title       string               `yaml:"title" most:"title" doc:"a title for people"`
	Base        string               `yaml:"base" doc:"another spec that this one extends; measures are merged by name"`
	Layers      map[string]Source    `yaml:"layers" doc:"the layers of this study, by name; paths are relative to the spec"`
	Places      PlacesSpec           `yaml:"places" doc:"where people live"`
	Regions     *RegionsSpec         `yaml:"regions" doc:"the regions to report by"`
	Sites       SitesSpec            `yaml:"sites" doc:"the centers there are"`
	AsOf        string               `yaml:"as_of" doc:"the day, month or year that the study is of, such as 2024-06-30 or 2024 (its last day): sites.accepts with by: as_of leaves out sites that have not begun by then"`
	Candidates  *CandidatesSpec      `yaml:"candidates" doc:"where a site could open"`
	Travel      TravelSpec           `yaml:"travel" doc:"how people get there"`
	Demand      *DemandSpec          `yaml:"demand" doc:"eligible patients and how many are treated"`
	Penalty     *PenaltySpec         `yaml:"penalty" doc:"what travel time does to the likelihood of treatment"`
	Flows       *FlowsSpec           `yaml:"flows" doc:"who was seen to go where"`
	Measures    Measures             `yaml:"measures" doc:"what to compute"`
	Scenarios   Scenarios            `yaml:"scenarios" most:"scenarios" doc:"changes to the centers and to the roads, by name"`
	Compare     string               `yaml:"compare" doc:"what scenarios are compared with: baseline or the name of one"`
	Siting      *SitingSpec          `yaml:"siting" doc:"which candidates to open"`
	Inequality  Inequality           `yaml:"inequality" most:"indices" doc:"how unequal the measures are"`
	Spatial     *SpatialSpec         `yaml:"spatial" doc:"where values gather: Moran's I, local Moran, Gi and Gi*"`
	Sensitivity Sensitivity          `yaml:"sensitivity" doc:"thresholds and decays of the measures, side by side"`
	Areal       *ArealSpec           `yaml:"areal" doc:"other units for the same people, beside the study's"`
	Uncertainty *UncertaintySpec     `yaml:"uncertainty" doc:"seeded draws over what is not known"`
	Grid        map[string][]float64 `yaml:"grid" doc:"MEASURE.PARAMETER and its values; every combination is a run of its own"`
	Forecast    *ForecastSpec        `yaml:"forecast" doc:"who will be eligible and treated, and what a target asks"`
	Privacy     *PrivacySpec         `yaml:"privacy" doc:"which small numbers to withhold"`
	Present     *PresentSpec         `yaml:"present" doc:"maps and reports made from the result"`
	Output      map[string]string    `yaml:"output" doc:"formats by output: places, regions, sites, links, tables, each csv, geojson, both or none; scenario_regions, none if left out: the regions and sites in every scenario, as layers of their own"`

	text  []byte // as written, with the base merged in, for the manifest
	Point string // of the grid, "" for the spec itself

	grammar *Grammar // that read it
}

// Source says where a layer comes from.
type Source struct {
	File        string            `yaml:"file" doc:"the path of the file, relative to the spec"`
	Format      string            `yaml:"format" doc:"geojson, geojsonseq, ndjson, csv, gpkg, parquet, shapefile, xlsx, kml, flatgeobuf or topojson; by the ending if left out"`
	Table       string            `yaml:"table" doc:"the table of a GeoPackage that has several, or schema.table of a database"`
	PostGIS     string            `yaml:"postgis" doc:"instead of a file, a database: the environment variable that holds its address, or an address without a password"`
	ID          string            `yaml:"id" doc:"the field with the identifiers"`
	Lon         string            `yaml:"lon" doc:"the column with longitudes; found by name if left out"`
	Lat         string            `yaml:"lat" doc:"the column with latitudes; found by name if left out"`
	WKT         string            `yaml:"wkt" doc:"the column of a table with shapes as well-known text, hexadecimal WKB or GeoJSON; found by name if left out"`
	CRS         string            `yaml:"crs" doc:"the reference system of the coordinates where the file names none, such as EPSG:27700; WGS84 if left out"`
	Encoding    string            `yaml:"encoding" doc:"the encoding of the texts, such as cp1250; what the file says, else UTF-8, if left out"`
	Decimal     string            `yaml:"decimal" doc:"the sign before decimals in numbers of CSV: a comma, or the point if left out"`
	Thousands   string            `yaml:"thousands" doc:"the sign between thousands in numbers of CSV; none if left out"`
	Missing     []string          `yaml:"missing" doc:"values that mean no value, such as [-999, n/a], in all columns but the ids; [] if none does. Codes that programs are known to write are looked for where nothing is said"`
	Units       map[string]string `yaml:"units" doc:"FIELD: seconds, minutes, hours, metres, kilometres, miles, feet, people, thousands or millions, where a column is not in minutes, kilometres or people; * is every other column of numbers, for a matrix with a column a site"`
	Geometry    string            `yaml:"geometry" doc:"none for a table without shapes"`
	Columns     map[string]string `yaml:"columns" doc:"our names for the file's columns (ours: theirs); others keep their names"`
	Join        *Join             `yaml:"join" doc:"columns from a CSV file, joined by key"`
	Title       string            `yaml:"title" doc:"a title for people"`
	Licence     string            `yaml:"licence" doc:"the licence of the data"`
	Attribution string            `yaml:"attribution" doc:"whom to credit"`
}

// Join brings columns of another file onto a layer.
type Join struct {
	File      string            `yaml:"file" doc:"the file, relative to the spec"`
	On        string            `yaml:"on" doc:"the key column: one name, or ours=theirs"`
	Columns   map[string]string `yaml:"columns" doc:"which columns to bring (ours: theirs); all if left out"`
	Format    string            `yaml:"format" doc:"as of a layer; by the ending if left out"`
	Table     string            `yaml:"table" doc:"the table or sheet of a file that has several"`
	Encoding  string            `yaml:"encoding" doc:"the encoding of the texts, as of a layer"`
	Decimal   string            `yaml:"decimal" doc:"the sign before decimals in numbers of CSV"`
	Thousands string            `yaml:"thousands" doc:"the sign between thousands in numbers of CSV"`
	Missing   []string          `yaml:"missing" doc:"values that mean no value, as of a layer"`
}

// PlacesSpec says where people live.
type PlacesSpec struct {
	Layer      string            `yaml:"layer" doc:"the name of the layer"`
	Where      Where             `yaml:"where" doc:"which features: FIELD: value, list of values, {min, max} or {not: values}"`
	Weight     string            `yaml:"weight" doc:"the field with the number of people; population if left out"`
	WithoutCar string            `yaml:"without_car" doc:"a field with the people in households without a car, for whom times by road do not hold"`
	Groups     map[string]string `yaml:"groups" doc:"FIELD: quintile, quartile, decile or values; results by these groups"`
}

// RegionsSpec says what to report by.
type RegionsSpec struct {
	Layer string   `yaml:"layer" doc:"the name of the layer"`
	Where Where    `yaml:"where" doc:"which regions"`
	Join  JoinOn   `yaml:"join" doc:"the field that places and regions share, or {place: F, region: F}; by geometry if left out"`
	Name  string   `yaml:"name" doc:"the field with the region's name"`
	Gaps  *GapList `yaml:"gaps" doc:"a list that says of regions without a center whether they have none"`
}

// GapList is what is known of regions that appear in no list of centers.
type GapList struct {
	Layer  string `yaml:"layer" doc:"the layer with a row for each region"`
	Where  Where  `yaml:"where" doc:"which rows"`
	Join   JoinOn `yaml:"join" doc:"the field shared with the regions, or {place: list's field, region: F}"`
	Column string `yaml:"column" doc:"the field that says how far the absence can be trusted"`
}

// SitesSpec says which centers there are.
type SitesSpec struct {
	Layer    string       `yaml:"layer" doc:"the name of the layer"`
	Where    Where        `yaml:"where" doc:"which centers"`
	Count    string       `yaml:"count" doc:"campus (hospital points within 1 km are one center) or rows"`
	Supply   *SupplySpec  `yaml:"supply" doc:"a field, a list of fields, or {constant: N}, for the measures of supply and demand"`
	Accepts  []AcceptSpec `yaml:"accepts" doc:"which patients the sites take: by age, product, payer; unknown is not yes"`
	Roles    []string     `yaml:"roles" doc:"what the sites do; infuse if left out; a field called roles (comma-separated) wins"`
	Complete bool         `yaml:"complete" doc:"true if the layer is known to list every center, so that a region without is a gap"`
}

// CandidatesSpec says where a site could open.
type CandidatesSpec struct {
	Layer string   `yaml:"layer" doc:"the name of the layer"`
	Where Where    `yaml:"where" doc:"which candidates"`
	Roles []string `yaml:"roles" doc:"what an opened site would do; infuse if left out"`
}

// TravelSpec says how people get to the sites.
type TravelSpec struct {
	Engine     string     `yaml:"engine" doc:"crow (estimates from straight lines), road (driving times on an index of roads), osrm, valhalla or ors (driving times from a service: OSRM, Valhalla, openrouteservice), matrix (a table of times by id) or plane (straight lines between x and y, for textbook instances)"`
	Service    string     `yaml:"service" doc:"osrm, valhalla, ors: the service, by its name in the catalog file or as a URL"`
	Index      string     `yaml:"index" doc:"road: the index, by its name in the catalog file or as a path"`
	Roads      RoadsSpec  `yaml:"roads" doc:"road: what is closed, or driven at another speed"`
	Borders    Borders    `yaml:"borders" doc:"free, same-country, same-region or {groups: FIELD}"`
	Optimism   Optimism   `yaml:"optimism" default:"1" doc:"multiplies every modelled minute, of any engine: a factor (0.1 to 10), or stretches of the journey [{to_min: 15, factor: 2}, {factor: 1.2}]"`
	Sea        *SeaSpec   `yaml:"sea" doc:"how crow crosses water without a bridge or tunnel; not at all if left out"`
	Circuity   []BandSpec `yaml:"circuity" doc:"crow: length of the road over the straight line, by km of straight line"`
	Speed      []BandSpec `yaml:"speed" doc:"crow: km/h along the road, by km of road"`
	SpeedTimes float64    `yaml:"speed_times" default:"1" doc:"multiplies every speed"`
	X          string     `yaml:"x" doc:"plane: the column with x, of places, sites and candidates"`
	Y          string     `yaml:"y" doc:"plane: the column with y"`
	Round      string     `yaml:"round" doc:"plane: none, floor or nearest; none if left out"`
	Table      string     `yaml:"table" doc:"matrix: the layer with the times"`
	Place      string     `yaml:"place" doc:"matrix: the column with the ids of places; found by name if left out"`
	Site       string     `yaml:"site" doc:"matrix: the column with the ids of sites; found by name if left out, and where it and minutes are left out and not found, a column a site"`
	Minutes    string     `yaml:"minutes" doc:"matrix: the column with the minutes; found by name if left out"`
	Kilometres string     `yaml:"kilometres" doc:"matrix: the column with the kilometres, if there is one"`
}

// SeaSpec says how water is crossed.
type SeaSpec struct {
	SpeedKmh float64 `yaml:"speed_kmh" doc:"along the straight line, km/h"`
	WaitMin  float64 `yaml:"wait_min" doc:"once, minutes"`
}

// StretchSpec is a part of a modelled journey; the last has no to_min.
type StretchSpec struct {
	ToMin  float64 `yaml:"to_min" doc:"where the stretch ends, modelled minutes; none for the last"`
	Factor float64 `yaml:"factor" doc:"minutes for each modelled one, 0.1 to 10"`
}

// BandSpec is a stretch of distance; the last has no to_km.
type BandSpec struct {
	ToKm   float64 `yaml:"to_km" doc:"the end of the band, km; none for the last"`
	Factor float64 `yaml:"factor" doc:"circuity"`
	Kmh    float64 `yaml:"kmh" doc:"speed, km/h"`
}

// DemandSpec says how many patients are eligible and treated.
type DemandSpec struct {
	EligiblePer100k float64            `yaml:"eligible_per_100k" default:"1.19" doc:"eligible patients a year per 100,000 people (US, third line)"`
	Indications     []string           `yaml:"indications" doc:"which patients, in place of the rate: lbcl-3l (third-line large B-cell lymphoma, if left out), lbcl-2l, mm-4l, mm-2l, fl, mcl, all-child, all-adult, autoimmune"`
	Rates           map[string]float64 `yaml:"rates" doc:"INDICATION: eligible patients a year per 100,000 people, in place of the register's; needed where it has none"`
	Eligible        string             `yaml:"eligible" doc:"a field of the places with eligible patients, in place of the rate"`
	Funnel          []FunnelSpec       `yaml:"funnel" doc:"from new cases to eligible patients, in place of the rate"`
	Denominator     string             `yaml:"denominator" doc:"what reach is a share of: eligible (if left out), label or fit (of a funnel), referred (the demand given counts those); a note says so where it is left out"`
	Reach           float64            `yaml:"reach" default:"0.20" doc:"treated share of the eligible"`
	Treated         Treated            `yaml:"treated" doc:"treated patients a year, in place of reach: a number, or observed: as many as were counted last where the study is"`
}

// PenaltySpec says what travel time does to the likelihood of treatment.
type PenaltySpec struct {
	Form   string   `yaml:"form" doc:"odds or risk: what the effect multiplies"`
	Family string   `yaml:"family" doc:"exponential, gaussian, logistic or step"`
	Effect float64  `yaml:"effect" default:"0.60" doc:"mean over two to four hours relative to under 30 minutes"`
	Site   string   `yaml:"site" doc:"the role that a site must have to count; infuse"`
	Beyond []string `yaml:"beyond" doc:"beyond four hours, where there is no evidence: hold, continue, recover, side by side"`
}

// SitingSpec says how candidates are chosen.
type SitingSpec struct {
	Pick         int            `yaml:"pick" most:"pick" doc:"how many sites to open"`
	Goal         string         `yaml:"goal" doc:"treated, covered, mean_time, burden (hours of the journey), kolm_pollak, fgt, worst_time, all_covered, worst_group or gini (the last two without a bound)"`
	WithinMin    float64        `yaml:"within_min" default:"120" doc:"covered, all_covered: minutes within which people count; fgt: the line"`
	Aversion     float64        `yaml:"aversion" default:"0.01" doc:"kolm_pollak: aversion to inequality, per minute"`
	Power        *float64       `yaml:"power" default:"2" doc:"fgt: 0 the share beyond the line, 1 how far, 2 with weight on the farthest"`
	Favour       *FavourSpec    `yaml:"favour" doc:"people who count more than others"`
	Method       string         `yaml:"method" doc:"best (a plan with a bound of every other's) or greedy; best if left out"`
	Exact        bool           `yaml:"exact" doc:"true: search until the plan is proven best"`
	Gap          float64        `yaml:"gap" default:"at proof or the end of the search" doc:"stop when the plan is within this share of the best possible"`
	Seconds      float64        `yaml:"seconds" doc:"stop after so long, with the best plan so far; results then need not repeat"`
	Seed         uint64         `yaml:"seed" default:"1" doc:"of the search"`
	Forced       []string       `yaml:"forced" doc:"ids of candidates that every plan opens"`
	Never        []string       `yaml:"never" doc:"ids of candidates that no plan opens"`
	AtMost       int            `yaml:"at_most_per_region" most:"pick" default:"any number" doc:"sites opened in a region"`
	AtLeast      map[string]int `yaml:"at_least" doc:"REGION ID: sites that must open there"`
	ApartKm      float64        `yaml:"apart_km" default:"any" doc:"kilometres between opened sites at least"`
	Price        string         `yaml:"price" doc:"a field of the candidates: what opening takes from the budget"`
	Budget       float64        `yaml:"budget" doc:"what the prices may add up to"`
	Fee          string         `yaml:"fee" doc:"a field of the candidates: what opening costs, in units of the goal"`
	LeastServed  float64        `yaml:"least_served" default:"any" doc:"people (goal treated: eligible patients a year) that an opened site must serve"`
	Capacity     string         `yaml:"capacity" doc:"a field of the candidates: people (goal treated: eligible patients a year) that a site can serve"`
	Alternatives float64        `yaml:"alternatives" default:"0.01" doc:"plans that differ by one site and lose no more than this share of the gain are listed"`
	Partial      bool           `yaml:"partial" doc:"all_covered: true leaves those out whom no candidate reaches, and counts them; an error if left out"`
	Close        int            `yaml:"close" most:"pick" doc:"also the best plan if so many of the centers there are may close or move; a table of its own"`
	Allocation   string         `yaml:"allocation" doc:"nearest: people go to the nearest center that is open; choice: they choose by measure choice; nearest if left out"`
	Choice       float64        `yaml:"choice" doc:"treated: also what the plan gains if people choose among centers by 1/time to this power (Huff), such as 2"`
	Also         []AlsoSpec     `yaml:"also" most:"plans" doc:"goals that count beside it, each in shares of the most that is possible by it"`
	Then         *AlsoSpec      `yaml:"then" doc:"of the plans nearly as good by the goal, take the best by this one"`
	Stress       *StressSpec    `yaml:"stress" doc:"what closing centers would cost, and what would mend it"`
	Frontier     *FrontierSpec  `yaml:"frontier" doc:"plans between the goal and those who are favoured"`
	Hub          *HubSpec       `yaml:"hub" doc:"the rule of hub and spoke"`
	SpokeCredit  *float64       `yaml:"spoke_credit" doc:"share of the gain that a spoke which does not infuse is credited with; an assumption"`
}

// FavourSpec gives some people more weight.
type FavourSpec struct {
	Field string  `yaml:"field" doc:"a field of the places, such as svi, or time_min: today's minutes"`
	End   string  `yaml:"end" doc:"highest or lowest values; highest if left out"`
	Share float64 `yaml:"share" default:"0.2" doc:"the share of people who are favoured"`
	Times float64 `yaml:"times" default:"2" doc:"how often each of them counts"`
}

// AlsoSpec is a further goal.
type AlsoSpec struct {
	Goal      string   `yaml:"goal" doc:"treated, covered, mean_time, kolm_pollak or fgt"`
	WithinMin float64  `yaml:"within_min" default:"120" doc:"covered: minutes within which people count; fgt: the line"`
	Aversion  float64  `yaml:"aversion" default:"0.01" doc:"kolm_pollak: aversion to inequality, per minute"`
	Power     *float64 `yaml:"power" default:"2" doc:"fgt"`
	Weight    float64  `yaml:"weight" doc:"also: what its share counts beside the first goal's, which counts 1"`
	Give      *float64 `yaml:"give" default:"0.01" doc:"then: the share of the gain that may be given up"`
}

// StressSpec asks what closing centers would cost.
type StressSpec struct {
	Worst *int `yaml:"worst" most:"together" default:"2" doc:"the worst sets of up to so many centers to lose"`
	Plans *int `yaml:"plans" most:"plans" default:"5" doc:"for so many centers, those whose loss is largest: the best plan if it closes"`
}

// FrontierSpec asks for plans between efficiency and equity.
type FrontierSpec struct {
	Field string    `yaml:"field" doc:"a field of the places, or time_min: today's minutes"`
	End   string    `yaml:"end" doc:"highest or lowest values; highest if left out"`
	Share float64   `yaml:"share" default:"0.2" doc:"the share of people who are favoured"`
	Times []float64 `yaml:"times" most:"plans" doc:"how often each of them counts, a plan for each; 1, 2, 4, 8, 16 if left out"`
}

// HubSpec ties spokes to hubs.
type HubSpec struct {
	WithinMin    float64   `yaml:"within_min" doc:"minutes from a spoke to its hub at most"`
	WithinKm     float64   `yaml:"within_km" doc:"kilometres of way from a spoke to its hub at most; with within_min both hold"`
	Curve        []float64 `yaml:"curve" most:"plans" doc:"other limits to compare, minutes"`
	SpokesPerHub int       `yaml:"spokes_per_hub" most:"pick" default:"any number" doc:"spokes that a hub takes at most"`
}

// Sensitivity repeats the measures with other settings: each threshold, each
// decay, and both together where a measure takes both.
type Sensitivity struct {
	LimitMin []float64   `yaml:"limit_min" doc:"minutes of the catchment"`
	TauMin   []float64   `yaml:"tau_min" doc:"raam: minutes that weigh as much as average congestion"`
	Decay    []DecaySpec `yaml:"decay" doc:"decays, as in a measure"`
}

// UncertaintySpec asks for draws.
type UncertaintySpec struct {
	Draws        int               `yaml:"draws" most:"draws" doc:"how many"`
	Seed         uint64            `yaml:"seed" default:"1" doc:"the same seed gives the same draws"`
	Vary         []string          `yaml:"vary" doc:"effect, speed, family, demand, decay (among those of sensitivity), areal (the other units); effect, speed and demand if left out, demand only where the study does not count its own"`
	Times        TimesSpec         `yaml:"times" doc:"speed: between which multiples of the modelled time the middle 95 % of the drawn ones lie: measured (how single journeys lie around the estimate on real roads; engine crow without bands of its own), or [low, high], such as [0.8, 1.5]; an assumed 0.86 to 1.16 if left out"`
	Correlations []CorrelationSpec `yaml:"correlations" doc:"between effect, speed and demand (of their logarithms); none if left out"`
}

// CorrelationSpec is that of two of the factors that are drawn.
type CorrelationSpec struct {
	Of    []string `yaml:"of" doc:"two of effect, speed, demand"`
	Value float64  `yaml:"value" doc:"-1 to 1"`
}

// PrivacySpec withholds small numbers.
type PrivacySpec struct {
	SuppressBelow float64 `yaml:"suppress_below" doc:"numbers of patients of a place or region above 0 and below this are withheld"`
}

// PresentSpec is for maps and reports; it changes no number.
type PresentSpec struct {
	Map    *MapSpec    `yaml:"map" doc:"a map"`
	Report *ReportSpec `yaml:"report" doc:"fact sheets"`
}

// MapSpec describes a map.
type MapSpec struct {
	Layer  string    `yaml:"layer" doc:"which result: regions or places"`
	Column string    `yaml:"column" doc:"the column to colour by"`
	Breaks []float64 `yaml:"breaks" most:"breaks" doc:"class limits"`
	Title  string    `yaml:"title" doc:"a title; made from the finding if left out"`
}

// ReportSpec describes fact sheets.
type ReportSpec struct {
	By       string `yaml:"by" doc:"region (sheets of the whole and of each region, if left out) or country (of the whole alone); any other text is who publishes the sheets"`
	Units    string `yaml:"units" doc:"km (if left out) or miles"`
	Language string `yaml:"language" doc:"en (if left out) or another language of the texts"`
	Paper    string `yaml:"paper" doc:"a4 (if left out) or letter"`
	Title    string `yaml:"title" doc:"stands above the name of the region, in place of ours"`
	Contact  string `yaml:"contact" doc:"whom to ask: an address of mail, a telephone number"`
	Date     string `yaml:"date" doc:"as it is to be printed"`
	Address  string `yaml:"address" doc:"of the sheets on the web: printed, and as a code that telephones read"`
	Logo     string `yaml:"logo" doc:"a picture of the publisher's, PNG or JPEG, relative to the spec"`
}

// Sheets says which sheets are made: region or country.
func (r *ReportSpec) Sheets() string {
	if r == nil || r.By != "country" {
		return "region"
	}
	return "country"
}

// Publisher is who publishes the sheets, "" if it is not said.
func (r *ReportSpec) Publisher() string {
	if r == nil || r.By == "region" || r.By == "country" {
		return ""
	}
	return r.By
}

// ScenarioRegions is the output of the regions and sites in every scenario.
const ScenarioRegions = "scenario_regions"

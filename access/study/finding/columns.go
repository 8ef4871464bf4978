package finding

import (
	"slices"
	"strings"

	"careshed/access/study/ground"
)

// Kind is what the values of a column are.
type Kind string

// The kinds of columns.
const (
	Words    Kind = "words"
	Flag     Kind = "flag"
	Count    Kind = "count"
	People   Kind = "people"
	Patients Kind = "patients" // a year
	Share    Kind = "share"
	Rate     Kind = "rate"
	Time     Kind = "time"   // minutes
	Length   Kind = "length" // kilometres
	Score    Kind = "score"
)

// Better is which way a column is better.
type Better string

// The ways in which a column can be better.
const (
	More Better = "more"
	Less Better = "less"
)

// Column is what is known of columns of results: their names, with … or a word in
// capitals for what varies, and in which layers and tables they are.
type Column struct {
	Names   []string
	Where   string
	Unit    string
	Kind    Kind           // "" where the names of a table differ in it
	Better  Better         // "" for neither
	Subject ground.Subject // which notes belong beside it on a map; "" for none of them
	What    string
}

// Breaks are limits that let maps of a column be compared: half an hour to four hours,
// which the effect of distance is known for, and shares of people. nil if there are none.
func (c Column) Breaks() []float64 {
	switch {
	case c.Kind == Time && c.Better == Less && strings.HasSuffix(c.Names[0], "time_min"):
		return []float64{30, 60, 120, 240}
	case slices.Contains(c.Names, "share_beyond"):
		return []float64{0.01, 0.05, 0.2, 0.5}
	}
	return nil
}

// ColumnOf is what is known of a column by the name that it is written under: that of a
// scenario or of a supply is that of its stem.
func ColumnOf(name string) (Column, bool) {
	for stem := name; stem != ""; {
		for _, c := range columns {
			if slices.ContainsFunc(c.Names, func(n string) bool { return covers(n, stem) }) {
				return c, true
			}
		}
		i := strings.LastIndexByte(stem, '_')
		if i < 0 {
			break
		}
		stem = stem[:i]
	}
	return Column{}, false
}

// covers reports whether a name of the register, which may have … at an end for what
// varies, is that of a column.
func covers(known, name string) bool {
	if head, varies := strings.CutSuffix(known, "…"); varies {
		return strings.HasPrefix(name, head)
	}
	if tail, varies := strings.CutPrefix(known, "…"); varies {
		return strings.HasSuffix(name, tail)
	}
	return known == name
}

// Columns are all that results may have: docs/results.md is made of them.
func Columns() []Column { return slices.Clone(columns) }

var columns = []Column{
	{[]string{"id"}, "everywhere", "", Words, "", "",
		"of the feature, or a row number"},
	{[]string{"lon", "lat"}, "points", "degrees", "", "", "",
		"WGS84"},
	{[]string{"name", "country", "region_code", "region_id"}, "layers", "", Words, "", "",
		"from your layers; `region_id` is the id of the region"},
	{[]string{"region_nearest"}, "places", "", Flag, "", "",
		"lies off every region's generalised border, and is counted in the nearest"},
	{[]string{"population"}, "places, regions", "people", People, "", "",
		""},
	{[]string{"site_id"}, "places, links", "", Words, "", "",
		"the site it goes to: the quickest that infuses and that it may use; across water without a time, the nearest by straight line"},
	{[]string{"geodesic_km"}, "places, links", "km", Length, Less, ground.AboutWays,
		"straight line to that site, on the ellipsoid"},
	{[]string{"distance_km"}, "places, links", "km", Length, Less, ground.AboutWays,
		"along the way; empty where a matrix does not give it"},
	{[]string{"time_min"}, "places, links", "min", Time, Less, ground.AboutWays,
		"travel time"},
	{[]string{"site_id_2"}, "places", "", Words, "", "",
		"the next nearest, with `k`"},
	{[]string{"time_min_2"}, "places", "min", Time, Less, ground.AboutWays,
		"the next nearest, with `k`"},
	{[]string{"site_id_NAME"}, "places", "", Words, "", "",
		"in scenario NAME"},
	{[]string{"time_min_NAME"}, "places", "min", Time, Less, ground.AboutWays,
		"in scenario NAME"},
	{[]string{"status"}, "places", "", Words, "", "",
		"`reached`, `sea` (only across water), `unreached`; of sites `open`, `proposed`; in a scenario `opened`, `moved`, `closed`"},
	{[]string{"road_m"}, "places", "m", "", "", "",
		"engines `road`, `osrm` and `valhalla`: straight line to the road by which it is left and reached; where the reason is `no road " +
			"near`, to the nearest of all"},
	{[]string{"reason"}, "places", "", Words, "", "",
		"why there is no time: `no location`, `no site it may use`, `sea`, `not listed in the matrix`, `no road near`, `no way by road`, " +
			"`no way by road from its island`, `farther than the service computes`, `beyond the limit`"},
	{[]string{"km"}, "bands_km", "km", "", "", "",
		"people within so many kilometres of way"},
	{[]string{"minutes", "people", "share"}, "isochrones", "min, people", "", "", "",
		"the area within so many minutes of a center, borders aside; the people within, under the border rule"},
	{[]string{"…_reason"}, "places", "", Words, "", "",
		"beside a measure, why it is 0 or has no value: `no site in the catchment`, `no supply in the catchment`, `nobody lives in the " +
			"catchment of its sites`, `too little supply within reach`"},
	{[]string{"eligible"}, "places, regions", "patients a year", Patients, "", ground.AboutPatients,
		""},
	{[]string{"withheld"}, "regions", "", Words, "", "",
		"which numbers the study's `privacy` withholds"},
	{[]string{"beyond_evidence"}, "places", "", Flag, "", "",
		"beyond four hours, where there is no evidence"},
	{[]string{"likelihood_hold", "likelihood_continue", "likelihood_recover"}, "places, penalty_curve", "", Share, More, ground.AboutPatients,
		"likelihood of treatment; beyond four hours as at four hours, as the curve goes on, as if there were no effect"},
	{[]string{"treated_…"}, "places, regions", "patients a year", Patients, More, ground.AboutPatients,
		"expected; lost to distance, against everyone being as near as the mean of those within 30 minutes (slightly below 0 for the very " +
			"near). Of those who have a time: empty where nobody has"},
	{[]string{"foregone_…"}, "places, regions", "patients a year", Patients, Less, ground.AboutPatients,
		"expected; lost to distance, against everyone being as near as the mean of those within 30 minutes (slightly below 0 for the very " +
			"near). Of those who have a time: empty where nobody has"},
	{[]string{"2sfca", "e2sfca", "3sfca", "m2sfca", "bfca"}, "places", "supply a head", Score, More, "",
		"each with its `…_reason`, such as `2sfca_reason`, `e2sfca_reason`"},
	{[]string{"kd2sfca", "competition"}, "places", "supply a head", Score, More, "",
		""},
	{[]string{"gravity"}, "places", "supply, weighted", Score, More, "",
		"with several supplies every measure is `MEASURE_FIELD`"},
	{[]string{"availability", "cumulative", "interval", "interval_median"}, "places", "supply", Score, More, "",
		"with several supplies every measure is `MEASURE_FIELD`"},
	{[]string{"passive"}, "sites", "people", People, More, "",
		"within reach"},
	{[]string{"area", "when", "indication", "stage", "qualifier", "counted", "counted_per_100k", "kind", "source"},
		"counted", "patients a year, per 100,000", "", "", "",
		"patients that somebody counted in an area that lies wholly in the study: mean of a year; `stage` is what was counted (infused, " +
			"applied, sent elsewhere, …)"},
	{[]string{"model", "model_per_100k", "ratio", "apart"}, "counted", "patients a year, per 100,000", "", "", "",
		"the expected treated of the same area, the count over them, and what sets the count apart: indication, stage, years"},
	{[]string{"funnel", "disease", "line", "incident", "first_line", "at_line", "label", "fit", "eligible_per_100k"}, "demand", "patients a year", "", "", "",
		"from new cases to eligible patients"},
	{[]string{"total_constrained", "destination_constrained"}, "places", "supply", Score, More, "",
		"by the total and the destination constrained model"},
	{[]string{"doubly_constrained"}, "places", "min", Time, Less, "",
		"mean time by the doubly constrained model"},
	{[]string{"origin_constrained"}, "sites", "people", People, More, "",
		"who come, by the origin constrained model"},
	{[]string{"closest", "balancing"}, "places", "min", Time, Less, "",
		""},
	{[]string{"raam"}, "places", "cost, higher is worse", Score, Less, "",
		"higher is worse; 1 is the mean congestion, or `tau_min` of travel; `raam_reason`. No cost is off that of the equilibrium by more " +
			"than `cost_bound` of it, in the summary"},
	{[]string{"journey_trips", "journey_driver_trips", "journey_caregiver_days", "journey_hours", "journey_nights",
		"journey_caregiver_nights", "journey_cost"},
		"places", "", "", "", "",
		"a course of treatment"},
	{[]string{"journey_km"}, "places", "km", Length, Less, ground.AboutWays,
		"a course of treatment"},
	{[]string{"journey_relocates"}, "places", "", Flag, "", "",
		"a course of treatment"},
	{[]string{"journey_missing"}, "places", "", Words, "", "",
		"a course of treatment"},
	{[]string{"centers", "rows"}, "regions", "", Count, More, ground.AboutCenters,
		"centers that infuse, by campus and by row"},
	{[]string{"per_10m"}, "regions", "per 10 million", Rate, More, ground.AboutCenters,
		"the published range over 25 countries is 0.3 to 11.4"},
	{[]string{"gap", "gap_note"}, "regions", "", Words, "", "",
		"`has a center`, `none`, `doubtful`, `stated` (a source names no hospital), `incomplete` (so is the list), `not in the list`"},
	{[]string{"mean_geodesic_km", "mean_distance_km"}, "regions", "km", Length, Less, ground.AboutWays,
		"weighted by people"},
	{[]string{"mean_time_min", "median_time_min", "p90_time_min"}, "regions", "min", Time, Less, ground.AboutWays,
		"weighted by people"},
	{[]string{"people_beyond"}, "regions", "people", People, Less, ground.AboutWays,
		"not within the limit of `gaps`: those without a time are among them"},
	{[]string{"share_beyond"}, "regions", "", Share, Less, ground.AboutWays,
		"not within the limit of `gaps`: those without a time are among them"},
	{[]string{"people_sea", "people_unreached"}, "regions", "people", People, Less, ground.AboutWays,
		"without a time"},
	{[]string{"roles", "campus_id"}, "sites", "", Words, "", "",
		"`people_nearest` have a time to no nearer site"},
	{[]string{"supply", "supply_FIELD"}, "sites", "people", "", "", "",
		"`people_nearest` have a time to no nearer site"},
	{[]string{"people_nearest"}, "sites", "people", People, "", "",
		"`people_nearest` have a time to no nearer site"},
	{[]string{"opening_order"}, "sites, plan, candidates", "", Count, "", "",
		"the plan; the rows of `plan` are in the order of opening, save under `worst_time`, `all_covered`, `capacity` and from nothing, " +
			"which have none"},
	{[]string{"hub_id"}, "sites, plan, candidates", "", Words, "", "",
		"the plan; the rows of `plan` are in the order of opening, save under `worst_time`, `all_covered`, `capacity` and from nothing, " +
			"which have none"},
	{[]string{"hub_min"}, "sites, plan, candidates", "min", Time, Less, ground.AboutWays,
		"the plan; the rows of `plan` are in the order of opening, save under `worst_time`, `all_covered`, `capacity` and from nothing, " +
			"which have none"},
	{[]string{"place_id"}, "links, candidates", "", "", "", "",
		"1 is the nearest, or the best alone"},
	{[]string{"rank"}, "links, candidates", "", Count, "", "",
		"1 is the nearest, or the best alone"},
	{[]string{"volume"}, "plan", "patients a year", "", "", "",
		"expected treated patients for whom the site would be the nearest, under the leading assumption; two abstracts have about 5 to 36 " +
			"a new center in its first year. Empty where privacy withholds it"},
	{[]string{"gain", "gain_total", "gain_alone"}, "plan, candidates, alternatives, hub_range, frontier", "of the goal", "", "", "",
		"beside those before it; up to here; by itself, rules aside. `gain` elsewhere is that of the whole plan"},
	{[]string{"best_total", "gap"}, "plan", "of the goal", "", "", "",
		"the most that any plan of so many sites could gain; what is missing to it, as a share of it: at most so much is lost by opening " +
			"in this order"},
	{[]string{"ties"}, "plan", "", "", "", "",
		"candidates that could stand in for it at a loss below a thousandth of the gain"},
	{[]string{"regret_floor", "verdict"}, "candidates", "of the goal", "", "", "",
		"what every plan that opens it loses against this one at least, 0 if nothing is proven; `always` or `never` in a best plan, empty " +
			"if neither is proven"},
	{[]string{"instead_of", "instead_of_name", "opens", "opens_name"}, "alternatives", "", "", "", "",
		"a plan that differs by one site: which closes, which opens"},
	{[]string{"loss"}, "alternatives, closures", "of the goal", "", "", "",
		"against the plan; if the center closes"},
	{[]string{"repair_id", "repair_name", "repair_gain"}, "closures", "of the goal", "", "", "",
		"with `stress`: the one candidate that gains most once the center has closed, and what it gains then"},
	{[]string{"closed", "sites", "names", "loss", "proof"}, "worst_closures", "of the goal", "", "", "",
		"how many centers close together, which, what that loses, and whether no other set of so many is proven to be worse"},
	{[]string{"opens", "kept", "gain", "gap"}, "plans_without", "of the goal", "", "", "",
		"the best plan once a center has closed, and how many sites of the plan it keeps"},
	{[]string{"goal", "role", "unit", "gain", "best_possible", "share"}, "goals", "of each goal", "", "", "",
		"of a plan for several goals: what it gains by each, the most that any plan could gain by it alone"},
	{[]string{"barred_id", "binding_hub_id", "binding_hub_min"}, "hub_range", "min", "", "", "",
		"the first site of the best plan without hubs that the limit forbids, the hub nearest to it and how far that is"},
	{[]string{"people_without"}, "closures", "people", "", "", "",
		"for whom it is the nearest and who would have no other"},
	{[]string{"within_min", "sites", "gap"}, "hub_range", "min", "", "", "",
		"another limit between spoke and hub, how many sites its best plan opens, by what share of the bound a plan could be better"},
	{[]string{"plan", "share_best", "mean_regret", "max_regret"}, "regret", "of the goal", "", "", "",
		"the plan and its rivals over the draws: share of the draws in which none of them is better; lost against the best found in each " +
			"draw, mean and worst (lower bounds)"},
	{[]string{"times", "gain_favoured", "gap", "gini", "p95_time_min", "share_within", "open"}, "frontier", "of the goal, min", "", "", "",
		"how often the favoured count; their gain; by how much a plan could be better at these weights; inequality and 95th percentile of " +
			"the minutes afterwards; the ids of the sites"},
	{[]string{"gain_apart"}, "plan, candidates", "of the goal", "", "", "",
		"the part of people without a time today, taken as four hours away"},
	{[]string{"people_nearer", "people_farther"}, "plan, candidates, compare_regions, who_gains", "people", "", "", "",
		"in `plan` and `candidates` by that site alone"},
	{[]string{"order_low_2_5", "order_high_97_5"}, "candidates", "", "", "", "",
		"its place in the order of opening over the draws in which it opens, the middle 95 %"},
	{[]string{"share_of_draws"}, "plan, candidates", "", "", "", "",
		"of the draws in which it is in the plan"},
	{[]string{"region_gap"}, "plan, candidates", "", "", "", "",
		"stated, doubtful or incomplete: its region may have a center that the list lacks"},
	{[]string{"why_not"}, "candidates", "", "", "", "",
		"why it may not be opened"},
	{[]string{"minutes", "people", "share"}, "bands", "min", "", "", "",
		"people within"},
	{[]string{"other_id", "other_name", "one_campus"}, "colocated", "", "", "", "",
		"centers within 5 km of each other; whether they count as one, directly or through others"},
	{[]string{"effect_hold", "effect_continue", "effect_recover"}, "penalty_curve", "", "", "", "",
		"relative effect by time"},
	{[]string{"scenario", "metric", "before", "after", "change"}, "compare", "", "", "", "",
		"where people lose their way or have their first, `mean_time_min_of_those_with_both` compares the same people, and " +
			"`people_without_time` counts the others"},
	{[]string{"mean_time_min_before", "mean_time_min_after", "change_min"}, "compare_regions, who_gains", "min", "", "", "",
		"each mean of those who have a time then, the change of those who have one both before and after; in `who_gains` all of those who " +
			"have a time today"},
	{[]string{"reason"}, "inequality, spatial, uncertainty, counted", "", "", "", "",
		"why a number of the row has no value"},
	{[]string{"choice"}, "places", "min", Time, Less, ground.AboutWays,
		"with `choice`: expected time to the center that people choose, the share who choose the nearest"},
	{[]string{"choice_nearest"}, "places", "", Share, "", "",
		"with `choice`: expected time to the center that people choose, the share who choose the nearest"},
	{[]string{"choice_people"}, "sites", "people", People, "", "",
		"who choose it"},
	{[]string{"treated_by_choice_hold", "treated_by_choice_continue", "treated_by_choice_recover"},
		"sites", "patients a year", Patients, More, ground.AboutPatients,
		"with `choice` and the model of treatment: expected treated who choose it; none beside privacy"},
	{[]string{"origin", "site_id", "time_min", "band_min", "rank", "observed", "expected", "residual"}, "flows", "min, people", "", "", "",
		"every pair; `band_min` is the first band that it is within, `residual` (observed − expected)/√expected"},
	{[]string{"observed", "nearest", "expected", "held_out", "origins", "from_nearest", "passed_by", "mean_time_min", "p90_time_min"},
		"flows_by_site", "people, min", "", "", "",
		"whom a site draws; `nearest` if all went to the nearest, `held_out` by a fit that did not see the site, `passed_by` those whose " +
			"nearest it is and who went elsewhere"},
	{[]string{"of", "metric", "value"}, "how_far", "", "", "", "",
		"those seen, all at the nearest, and by the choice that was fitted, side by side; `extra_min` are minutes more than to the nearest"},
	{[]string{"origin", "site_id", "band_min", "people_nearest", "people_by_choice"}, "providers", "min, people", "", "", "",
		"whom sites serve and from where; a band does not hold the one before"},
	{[]string{"term", "coefficient", "standard_error", "robust_error", "low_2_5", "high_97_5"}, "choice", "", "", "", "",
		"of the choice that was fitted"},
	{[]string{"setting", "measure", "metric", "value"}, "grid, sensitivity, inequality", "", "", "", "",
		"an index that stands twice has its settings in its name; a `gap` has its interval in `…_low_2_5` and `…_high_97_5`"},
	{[]string{"field", "group"}, "groups, who_gains", "", "", "", "",
		"1 is the lowest; in `who_gains` `field` is region or the grouping"},
	{[]string{"people_share", "value_share"}, "lorenz", "", "", "", "",
		"cumulative shares, from those with least"},
	{[]string{"recipients_share", "people_share", "ratio", "ratio_low_2_5", "ratio_high_97_5", "source"}, "representation", "", "", "", "",
		"groups among recipients and among people"},
	{[]string{"served_share", "sent_on_share"}, "places", "", Share, "", "",
		"with `capacity`: treated in the end; treated farther away since the nearest center is full"},
	{[]string{"capacity", "arrivals", "taken", "use", "served", "lost", "waiting", "wait_months", "delayed_share", "waiting_later"},
		"capacity", "patients a month", "", "", "",
		"by campus, under the id of its first row"},
	{[]string{"lever", "days", "lost_share", "treated_change"}, "attrition", "", "", "", "",
		""},
	{[]string{"year", "eligible", "asked", "room", "treated", "reach", "scenario", "trend_logistic", "trend_damped"}, "forecast", "patients a year", "", "", "",
		"`asked` were there room; a damped trend begins in the last year of the history"},
	{[]string{"of", "local_moran", "local_moran_p", "cluster", "gi", "gi_star", "gi_p", "spot"}, "spatial", "", "", "", "",
		"local statistics of a column; `cluster` is high-high, low-low, high-low, low-high and `spot` hot or cold, at the false discovery " +
			"rate"},
	{[]string{"other_units", "change"}, "areal", "", "", "", "",
		"the headline in the other units"},
	{[]string{"low_2_5", "high_97_5", "draws"}, "uncertainty, uncertainty_regions", "", "", "", "",
		"the middle 95 %"},
	{[]string{"candidate_id", "candidate_name", "candidate_region_id", "gain", "gain_apart", "gain_alone", "people_nearer", "people_newly"},
		"best_by_region", "of the goal, people", "", "", "",
		"for each region the candidate that gains most for its own people if it alone opens: what it gains for them, the part of people " +
			"without a time today, and what it gains for all; who of the region would travel less, and who of these has no time today; " +
			"`site_gain` in uncertainty_regions is that `gain` over the draws"},
}

package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"careshed/access"
	"careshed/geo"
)

// Rule is one thing that must hold of a spec.
type Rule struct {
	holds                  bool
	field, problem, accept string
}

// That is the rule that something holds of a field; else problem says what was
// found, and accept what would be accepted.
func That(holds bool, field, problem, accept string) Rule { return Rule{holds, field, problem, accept} }

// Check is the error of the first rule that does not hold, a [SpecError].
func Check(rules ...Rule) error {
	for _, r := range rules {
		if !r.holds {
			return &SpecError{Field: r.field, Problem: r.problem, Accept: r.accept}
		}
	}
	return nil
}

// In reports whether a word is one of those accepted.
func In[T ~string](word T, accept ...T) bool { return slices.Contains(accept, word) }

// Listed are words with commas, as errors list what is accepted.
func Listed[T ~string](accept ...T) string {
	s := make([]string, len(accept))
	for i, a := range accept {
		s[i] = string(a)
	}
	return strings.Join(s, ", ")
}

// validate checks what a field alone cannot show.
func validate(s *Spec) error {
	if err := validateParts(s); err != nil {
		return err
	}
	if err := s.Travel.validate(s.grammar); err != nil {
		return err
	}
	if p := s.Present; p != nil && p.Report != nil {
		if err := p.Report.validate(); err != nil {
			return err
		}
	}
	for name, l := range s.Layers {
		if err := l.validate(name); err != nil {
			return err
		}
	}
	if err := validateAccepts(s); err != nil {
		return err
	}
	for f, g := range s.Places.Groups {
		if !In(g, "quintile", "quartile", "decile", "values") {
			return &SpecError{Field: "places.groups." + f, Problem: found(g), Accept: "quintile, quartile, decile, values"}
		}
	}
	for k, v := range s.Output {
		if err := Check(
			Rule{In(k, "places", "regions", "sites", "links", "tables", ScenarioRegions), "output." + k, "unknown output",
				"places, regions, sites, links, tables, scenario_regions"},
			Rule{k != ScenarioRegions || v == "none" || s.Privacy == nil, "output." + k,
				"what privacy withholds is decided for the baseline alone", "scenario_regions: none beside privacy"},
			Rule{In(v, "csv", "geojson", "both", "none"), "output." + k, found(v), "csv, geojson, both, none"},
		); err != nil {
			return err
		}
	}
	for _, part := range []func(*Spec) error{validateRoads, validateBands, validateModel, validateMeasures, validateSpatial, validateSiting,
		validateForecast, validateAreal, validateFlows, givesAway} {
		if err := part(s); err != nil {
			return err
		}
	}
	return nil
}

// validateParts checks the names, and which parts stand without which.
func validateParts(s *Spec) error {
	return Check(
		Rule{s.Version != 0, "version", "is missing", "version: 1 in the first line"},
		Rule{s.Version == 1, "version", found(s.Version), "1"},
		Rule{s.Name != "" && !strings.ContainsAny(s.Name, "/\\\n"), "name", "needs a name without slashes", ""},
		Rule{s.Places.Layer != "", "places.layer", "is missing", "the name of a layer"},
		Rule{s.Sites.Layer != "" || s.Siting != nil && len(s.Measures) == 0, "sites.layer", "is missing",
			"the name of a layer; only a siting without measures can start from nothing"},
		Rule{s.Sites.Layer != "" || s.Siting == nil ||
			!In(s.Siting.Goal, "treated", "burden") && s.Siting.Hub == nil && s.Siting.Frontier == nil && s.Siting.Method != "greedy" &&
				s.Uncertainty == nil && len(s.Scenarios) == 0 && s.Areal == nil, "sites.layer",
			"is missing: the goals treated and burden, hubs, draws, scenarios, areal and the frontier start from the centers there are",
			"the name of a layer"},
		Rule{In(s.Sites.Count, "", "campus", "rows"), "sites.count", found(s.Sites.Count), "campus, rows"},
		Rule{s.Regions == nil || s.Regions.Layer != "", "regions.layer", "is missing", "the name of a layer"},
		Rule{s.Candidates == nil || s.Candidates.Layer != "", "candidates.layer", "is missing", "the name of a layer"},
		Rule{len(s.Scenarios) == 0 || s.Compare == "" || s.Compare == "baseline" ||
			slices.ContainsFunc(s.Scenarios, func(c Scenario) bool { return c.Name == s.Compare }), "compare", found(s.Compare),
			"baseline or the name of a scenario"},
		Rule{s.Compare == "" || len(s.Scenarios) > 0, "compare", "there are no scenarios to compare", ""},
	)
}

func found(v any) string { return fmt.Sprintf("found %v", v) }

// validate looks at where a layer comes from.
func (l Source) validate(name string) error {
	return Check(
		Rule{l.File != "" || l.PostGIS != "", "layers." + name + ".file", "is missing", "a path, relative to the spec"},
		Rule{l.File == "" || l.PostGIS == "", "layers." + name, "file and postgis exclude each other", "one of them"},
		Rule{l.PostGIS == "" || l.Table != "", "layers." + name + ".table", "is missing", "schema.table"},
	)
}

func validateBands(s *Spec) error {
	for _, b := range []struct {
		field string
		bands []BandSpec
		value func(BandSpec) float64
	}{
		{"circuity", s.Travel.Circuity, func(b BandSpec) float64 { return b.Factor }},
		{"speed", s.Travel.Speed, func(b BandSpec) float64 { return b.Kmh }},
	} {
		last := 0.0
		for i, x := range b.bands {
			end := i == len(b.bands)-1
			ok := b.value(x) > 0 && (x.ToKm > last || end && x.ToKm == 0) && !(end && x.ToKm != 0)
			if b.field == "circuity" {
				ok = ok && x.Factor >= 1 && x.Kmh == 0
			} else {
				ok = ok && x.Factor == 0
			}
			if !ok {
				return &SpecError{Field: "travel." + b.field, Problem: fmt.Sprintf("band %d does not fit", i+1),
					Accept: "bands with rising to_km, the last without; factor of 1 or more, kmh above 0"}
			}
			last = x.ToKm
		}
	}
	return nil
}

func validateModel(s *Spec) error {
	if d := s.Demand; d != nil {
		if err := validateDemand(d); err != nil {
			return err
		}
	}
	if p := s.Penalty; p != nil {
		if err := validatePenalty(p); err != nil {
			return err
		}
	}
	if u := s.Uncertainty; u != nil {
		if err := validateUncertainty(s, u); err != nil {
			return err
		}
	}
	if p := s.Privacy; p != nil && !(p.SuppressBelow >= 0) {
		return &SpecError{Field: "privacy.suppress_below", Problem: "is below 0", Accept: "0 or more"}
	}
	return nil
}

func validateDemand(d *DemandSpec) error {
	if err := Check(
		Rule{d.EligiblePer100k >= 0 && d.EligiblePer100k <= 100_000, "demand.eligible_per_100k",
			fmt.Sprintf("found %v", d.EligiblePer100k), "0 to 100,000 of 100,000 people"},
		Rule{given(d.Eligible != "", d.EligiblePer100k > 0, len(d.Funnel) > 0, len(d.Indications) > 0) < 2, "demand",
			"eligible, eligible_per_100k, funnel and indications exclude each other", "one of them"},
		Rule{In(d.Denominator, "", "eligible", "label", "fit", "referred"), "demand.denominator",
			fmt.Sprintf("found %q", d.Denominator), "eligible, label, fit, referred"},
		Rule{!In(d.Denominator, "label", "fit") || len(d.Funnel) > 0, "demand.denominator",
			d.Denominator + " is counted by a funnel only", "a funnel; or eligible, referred (what the demand given counts)"},
		Rule{d.Reach >= 0 && d.Reach < 1, "demand.reach", fmt.Sprintf("found %v", d.Reach), "a share of the eligible, 0 to 1 (0.20 is two in ten)"},
		Rule{d.Reach == 0 || !d.Treated.Given(), "demand", "reach and treated exclude each other", "one of them"},
		Rule{d.Treated.Number >= 0, "demand.treated", "is below 0", "0 or more"},
	); err != nil {
		return err
	}
	if err := validateIndications(d); err != nil {
		return err
	}
	return validateFunnels(d.Funnel)
}

func validatePenalty(p *PenaltySpec) error {
	if err := Check(
		Rule{In(p.Form, "", "odds", "risk"), "penalty.form", fmt.Sprintf("found %q", p.Form), Listed(access.Forms...)},
		Rule{p.Family == "" || slices.Contains(access.Families, access.Family(p.Family)), "penalty.family",
			fmt.Sprintf("found %q", p.Family), Listed(access.Families...)},
		Rule{p.Effect >= 0 && p.Effect <= 1, "penalty.effect", fmt.Sprintf("found %v", p.Effect), "above 0 and up to 1 (0.60 means 40 % lower)"},
		Rule{In(p.Site, "", "infuse"), "penalty.site", fmt.Sprintf("found %q", p.Site), "infuse: the penalty runs to the nearest site that infuses, once"},
	); err != nil {
		return err
	}
	for _, b := range p.Beyond {
		if !slices.Contains(access.Beyonds, access.Beyond(b)) {
			return &SpecError{Field: "penalty.beyond", Problem: fmt.Sprintf("found %q", b), Accept: Listed(access.Beyonds...)}
		}
	}
	if len(p.Beyond) > 0 && p.Beyond[0] == string(access.Recover) {
		return &SpecError{Field: "penalty.beyond",
			Problem: "recover cannot come first: it breaks the law that a nearer center never lowers a likelihood", Accept: "hold or continue first"}
	}
	return nil
}

func validateUncertainty(s *Spec, u *UncertaintySpec) error {
	if u.Draws < 1 {
		return &SpecError{Field: "uncertainty.draws", Problem: fmt.Sprintf("found %d", u.Draws), Accept: "1 or more"}
	}
	for _, v := range u.Vary {
		if !In(v, Varied()...) {
			return &SpecError{Field: "uncertainty.vary", Problem: fmt.Sprintf("found %q", v), Accept: Listed(Varied()...)}
		}
		if v == "decay" && len(s.Sensitivity.Decay) == 0 {
			return &SpecError{Field: "uncertainty.vary", Problem: "decay needs others to draw from", Accept: "sensitivity: {decay: [...]}"}
		}
		if v == "areal" && s.Areal == nil {
			return &SpecError{Field: "uncertainty.vary", Problem: "areal needs other units", Accept: "an areal section"}
		}
	}
	for _, c := range u.Correlations {
		if !(c.Value >= -1 && c.Value <= 1) {
			return &SpecError{Field: "uncertainty.correlations", Problem: fmt.Sprintf("found %v", c.Value), Accept: "-1 to 1"}
		}
	}
	if err := u.Times.validate(s, u); err != nil {
		return err
	}
	if _, ok := u.Factor(); !ok {
		return &SpecError{Field: "uncertainty.correlations", Problem: "cannot hold together, or are not of two different factors",
			Accept: "{of: [effect, speed], value: 0.3}; of " + Listed(factors...)}
	}
	return nil
}

func validateMeasures(s *Spec) error {
	comparable := false
	for _, m := range s.Measures {
		if err := m.Params.Validate(s, m, "measures."+m.Name); err != nil {
			return err
		}
		comparable = comparable || s.grammar.byPlace(m.Name)
	}
	if len(s.Inequality) > 0 && !comparable {
		return &SpecError{Field: "inequality", Problem: "there is no measure to compare", Accept: "a measure by place, such as travel or e2sfca"}
	}
	for _, v := range s.Sensitivity.Variants(s.Measures) {
		if err := v.Measure.Params.Validate(s, v.Measure, "sensitivity: "+v.Label+": measures."+v.Measure.Name); err != nil {
			return err
		}
	}
	for p := range s.Grid {
		m, param, _ := strings.Cut(p, ".")
		i := slices.IndexFunc(s.Measures, func(o Measure) bool { return o.Name == m })
		if i >= 0 {
			if _, ok := s.Measures[i].With(param, 1); ok {
				continue
			}
		}
		return &SpecError{Field: "grid." + p, Problem: "is not a parameter of a measure of this study", Accept: "MEASURE.limit_min, MEASURE.tau_min"}
	}
	return nil
}

// given counts what holds.
func given(holds ...bool) (n int) {
	for _, h := range holds {
		if h {
			n++
		}
	}
	return n
}

// Missing says that a number was left out, or what it is.
func Missing(v float64) string {
	if v == 0 {
		return "is missing"
	}
	return fmt.Sprintf("found %v", v)
}

// CheckSiting says what is wrong with a siting that was changed after the study was read.
func (s *Spec) CheckSiting() error { return validateSiting(s) }

func validateSiting(s *Spec) error {
	g := s.Siting
	if g == nil {
		return nil
	}
	if err := validateGoals(s); err != nil {
		return err
	}
	if err := validateAllocation(s); err != nil {
		return err
	}
	return Check(
		Rule{s.Candidates != nil, "candidates", "siting needs candidates", "a candidates section"},
		Rule{g.Pick >= 1 || g.Pick == 0 && (g.Goal == "all_covered" || g.Fee != "" || g.Budget > 0), "siting.pick",
			fmt.Sprintf("found %d", g.Pick), "1 or more"},
		Rule{In(g.Method, "", "best", "greedy"), "siting.method", fmt.Sprintf("found %q", g.Method), "best, greedy"},
		Rule{g.Method != "greedy" || g.plain(), "siting.method",
			"greedy knows no rules but hubs, and the goals treated, covered, mean_time, burden, kolm_pollak, fgt", "best"},
		Rule{g.Gap >= 0 && g.Gap < 1 && g.Seconds >= 0, "siting", "gap is a share and seconds are 0 or more", ""},
		Rule{g.Aversion >= 0 && (g.Aversion == 0 || g.Goal == "kolm_pollak"), "siting.aversion", fmt.Sprintf("found %v", g.Aversion),
			"for kolm_pollak: per minute, such as 0.01"},
		Rule{g.Power == nil || *g.Power >= 0 && g.Goal == "fgt", "siting.power", "does not fit", "for fgt: 0 or more"},
		Rule{g.AtMost == 0 && len(g.AtLeast) == 0 || s.Regions != nil, "siting", "at_most_per_region and at_least need regions", "a regions section"},
		Rule{g.AtMost >= 0 && g.ApartKm >= 0 && g.LeastServed >= 0 && g.Alternatives >= 0, "siting",
			"at_most_per_region, apart_km, least_served and alternatives are 0 or more", ""},
		Rule{(g.Price != "") == (g.Budget > 0), "siting.budget", "belongs to price, and price to it", "{price: FIELD, budget: N}"},
		Rule{!In(g.Goal, "worst_time", "all_covered") ||
			g.Favour == nil && g.Frontier == nil && g.Fee == "" && g.Capacity == "" && g.LeastServed == 0, "siting.goal",
			g.Goal + " looks at every place alike", "no favour, frontier, fee, capacity or least_served"},
		Rule{g.Goal != "worst_group" || len(s.Places.Groups) == 1, "siting.goal", "worst_group needs one field of groups",
			"places: {groups: {FIELD: quintile}}, one field"},
		Rule{!Local(g.Goal) || g.Favour == nil && g.Frontier == nil && g.Fee == "" && g.Capacity == "" && g.Close == 0 && !g.Exact &&
			s.Sites.Layer != "", "siting.goal", g.Goal + " is no sum over people: it is improved step by step, without a bound",
			"no favour, frontier, fee, capacity, close or exact; and the sites there are"},
		Rule{g.Goal != "burden" || s.Measures.Has("journey"), "siting.goal", "burden needs the stages of a course", "a journey measure"},
		Rule{g.Goal != "burden" || g.Favour == nil && g.Frontier == nil && g.LeastServed == 0 && g.Capacity == "", "siting.goal",
			"burden counts every stage by itself", "no favour, frontier, capacity or least_served"},
		Rule{g.Method != "greedy" || g.Frontier == nil && g.Alternatives == 0 && g.Seconds == 0 && (g.Hub == nil || len(g.Hub.Curve) == 0),
			"siting.method", "greedy has no frontier, alternatives, curve or seconds", "best"},
		Rule{!slices.ContainsFunc(slices.Sorted(maps.Keys(g.AtLeast)), func(id string) bool { return g.AtLeast[id] < 1 }),
			"siting.at_least", "a number is below 1", "{REGION ID: 1 or more}"},
		Rule{g.Hub == nil || !slices.ContainsFunc(g.Hub.Curve, func(m float64) bool { return !(m > 0) }), "siting.hub.curve",
			"a limit is not above 0", "minutes above 0"},
		Rule{g.Close >= 0 && (g.Close == 0 ||
			g.Hub == nil && g.Price == "" && g.Fee == "" && g.Capacity == "" && g.LeastServed == 0 && g.AtMost == 0 &&
				len(g.AtLeast) == 0 && g.ApartKm == 0 && len(g.Forced)+len(g.Never) == 0 &&
				!In(g.Goal, "burden", "worst_time", "all_covered") && s.Sites.Layer != ""), "siting.close",
			"closing centers knows no other rule yet", "pick, with the goals treated, covered, mean_time, kolm_pollak, fgt"},
		Rule{g.Choice >= 0 && (g.Choice == 0 || g.Goal == "treated"), "siting.choice", fmt.Sprintf("found %v", g.Choice),
			"for treated: a power above 0, such as 2"},
		Rule{g.Favour == nil || g.Favour.ok(), "siting.favour", "does not fit", "{field: FIELD, end: highest or lowest, share: 0 to 1, times: 1 or more}"},
		Rule{g.Frontier == nil || (&FavourSpec{Field: g.Frontier.Field, End: g.Frontier.End, Share: g.Frontier.Share}).ok() &&
			g.Favour == nil, "siting.frontier", "does not fit", "{field: FIELD, end: highest or lowest, share: 0 to 1, times: [1, 2, 4]}, without favour"},
		Rule{In(g.Goal, Goals()...), "siting.goal", fmt.Sprintf("found %q", g.Goal), Listed(Goals()...)},
		Rule{g.WithinMin >= 0, "siting.within_min", "is below 0", "minutes"},
		Rule{g.Hub == nil || g.Hub.WithinMin > 0 || g.Hub.WithinKm > 0, "siting.hub.within_min", "is missing", "minutes above 0, or within_km"},
		Rule{g.Hub == nil || g.Hub.WithinKm >= 0, "siting.hub.within_km", "is below 0", "kilometres above 0"},
		Rule{g.Hub == nil || g.Hub.SpokesPerHub >= 0, "siting.hub.spokes_per_hub", "is below 0", "1 or more"},
		Rule{g.SpokeCredit == nil || *g.SpokeCredit >= 0 && *g.SpokeCredit <= 1, "siting.spoke_credit", "is not a share", "0 to 1"})
}

// Sums are the goals that are sums over people, of which several may be sought
// at once.
func Sums() []string {
	return []string{"treated", "covered", "mean_time", "kolm_pollak", "fgt"}
}

func validateGoals(s *Spec) error {
	g := s.Siting
	seen := []string{g.Goal}
	for k, a := range append(slices.Clone(g.Also), AlsoSpec{}) {
		field := fmt.Sprintf("siting.also[%d]", k)
		if k == len(g.Also) {
			if g.Then == nil {
				break
			}
			a, field = *g.Then, "siting.then"
		}
		then := field == "siting.then"
		if err := Check(
			Rule{In(a.Goal, Sums()...) && In(g.Goal, Sums()...), field + ".goal", fmt.Sprintf("found %q beside %q", a.Goal, g.Goal), Listed(Sums()...)},
			Rule{!slices.Contains(seen, a.Goal) || In(a.Goal, "covered", "fgt"), field + ".goal", "stands twice", "another goal"},
			Rule{s.Sites.Layer != "" && g.Capacity == "", field, "several goals start from the centers there are, without capacity", "sites, and no capacity"},
			Rule{a.WithinMin >= 0 && a.Aversion >= 0 && (a.Aversion == 0 || a.Goal == "kolm_pollak") &&
				(a.Power == nil || a.Goal == "fgt" && *a.Power >= 0), field, "a number does not fit",
				"within_min for covered and fgt, aversion for kolm_pollak, power for fgt"},
			Rule{then || a.Weight > 0 && a.Give == nil, field + ".weight", fmt.Sprintf("found %v", a.Weight), "above 0; the first goal counts 1"},
			Rule{!then || (a.Give == nil || *a.Give >= 0 && *a.Give < 1) && a.Weight == 0, field + ".give", "does not fit",
				"a share of the gain from 0 to below 1"}); err != nil {
			return err
		}
		seen = append(seen, a.Goal)
	}
	if t := g.Stress; t != nil {
		return Check(Rule{OrInt(t.Worst, 2) >= 0, "siting.stress.worst", fmt.Sprintf("found %d", OrInt(t.Worst, 2)), "0 or more"},
			Rule{OrInt(t.Plans, 5) >= 0, "siting.stress.plans", fmt.Sprintf("found %d", OrInt(t.Plans, 5)), "0 or more"},
			Rule{In(g.Goal, Sums()...) && s.Sites.Layer != "" && g.Capacity == "", "siting.stress",
				"needs centers that may close and a goal that is a sum over people, without capacity", Listed(Sums()...)})
	}
	return nil
}

// Local reports whether a goal is improved by swaps only, and has no bound.
func Local(goal string) bool { return goal == "worst_group" || goal == "gini" }

// validateAllocation says what does not suit a plan for people who choose.
func validateAllocation(s *Spec) error {
	g := s.Siting
	return Check(
		Rule{In(g.Allocation, "", "nearest", ByChoice), "siting.allocation", fmt.Sprintf("found %q", g.Allocation), "nearest, choice"},
		Rule{g.Allocation != ByChoice || s.Measures.Has("choice"), "siting.allocation", "found choice, and nothing says how people choose", "a measure choice"},
		Rule{g.Allocation != ByChoice || In(g.Goal, Sums()...) && s.Sites.Layer != "", "siting.allocation",
			"found choice, for which the goal is a sum over people and there are centers to choose from", Listed(Sums()...)},
		Rule{g.Allocation != ByChoice || g.atPlainWorth(), "siting.allocation", "found choice: a plan for people who choose has no bound",
			"without method, exact, gap, fee, capacity, least_served, close, choice, also, then, stress, frontier, hub.curve, alternatives and spoke_credit"})
}

// ByChoice is the allocation of people who choose among the open centers.
const ByChoice = "choice"

// atPlainWorth reports whether a siting asks for nothing that rests on people going to
// the best of the open centers.
func (g *SitingSpec) atPlainWorth() bool {
	return g.Method != "greedy" && !g.Exact && g.Gap == 0 && g.Fee == "" && g.Capacity == "" && g.LeastServed == 0 && g.Close == 0 && g.Choice == 0 &&
		g.Then == nil && len(g.Also) == 0 && g.Stress == nil && g.Frontier == nil && (g.Hub == nil || len(g.Hub.Curve) == 0) && g.Alternatives == 0 &&
		g.SpokeCredit == nil
}

// Ruled reports whether a siting has rules that greedy does not know.
func (g *SitingSpec) Ruled() bool {
	return len(g.Forced)+len(g.Never) > 0 || g.AtMost > 0 || len(g.AtLeast) > 0 || g.ApartKm > 0 || g.Price != "" || g.Fee != "" ||
		g.LeastServed > 0 || g.Capacity != ""
}

// Aims reports whether a goal is among those of the siting.
func (g *SitingSpec) Aims(goal string) bool {
	if g == nil {
		return false
	}
	return g.Goal == goal || g.Then != nil && g.Then.Goal == goal || slices.ContainsFunc(g.Also, func(a AlsoSpec) bool { return a.Goal == goal })
}

// plain reports whether greedy can do what is asked.
func (g *SitingSpec) plain() bool {
	return !g.Ruled() && !g.Exact && g.Then == nil && len(g.Also) == 0 && g.Stress == nil && g.Gap == 0 &&
		!In(g.Goal, "worst_time", "all_covered") && !Local(g.Goal)
}

func (f *FavourSpec) ok() bool {
	return f.Field != "" && In(f.End, "", "highest", "lowest") && f.Share >= 0 && f.Share <= 1 && (f.Times == 0 || f.Times >= 1)
}

func OrInt(n *int, other int) int {
	if n == nil {
		return other
	}
	return *n
}

// Goals lists what siting can aim at.
func Goals() []string {
	return []string{"treated", "covered", "mean_time", "burden", "kolm_pollak", "fgt", "worst_time", "all_covered", "worst_group", "gini"}
}

// Varied lists what draws can vary.
func Varied() []string { return []string{"effect", "speed", "family", "demand", "decay", "areal"} }

func (r *ReportSpec) validate() error {
	const at = "present.report."
	slip := geo.Like(r.By, []string{"region", "country"}) // a publisher is called otherwise
	return Check(
		Rule{r.Publisher() == "" || slip == "", at + "by", found(r.By), "region, country, or who publishes the sheets"},
		Rule{In(r.Paper, "", "a4", "letter"), at + "paper", found(r.Paper), "a4, letter"},
		Rule{r.Address == "" || strings.HasPrefix(r.Address, "https://") || strings.HasPrefix(r.Address,
			"http://"), at + "address", found(r.Address), "https://…"},
		Rule{In(r.Units, "", "km", "miles"), at + "units", found(r.Units), "km, miles"})
}

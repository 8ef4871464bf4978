package study

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"careshed/access"
)

// A rule is one thing that must hold.
type rule struct {
	holds                  bool
	field, problem, accept string
}

func check(rules ...rule) error {
	for _, r := range rules {
		if !r.holds {
			return &SpecError{Field: r.field, Problem: r.problem, Accept: r.accept}
		}
	}
	return nil
}

func in[T ~string](word T, accept ...T) bool { return slices.Contains(accept, word) }

func listed[T ~string](accept ...T) string {
	s := make([]string, len(accept))
	for i, a := range accept {
		s[i] = string(a)
	}
	return strings.Join(s, ", ")
}

// validate checks what a field alone cannot show.
func validate(s *Spec) error {
	t, found := s.Travel, func(v any) string { return fmt.Sprintf("found %v", v) }
	err := check(
		rule{s.Version == 1, "version", found(s.Version), "1"},
		rule{s.Name != "" && !strings.ContainsAny(s.Name, "/\\\n"), "name", "needs a name without slashes", ""},
		rule{s.Places.Layer != "", "places.layer", "is missing", "the name of a layer"},
		rule{s.Sites.Layer != "" || s.Siting != nil && len(s.Measures) == 0, "sites.layer", "is missing", "the name of a layer; only a siting without measures can start from nothing"},
		rule{s.Sites.Layer != "" || s.Siting == nil || !in(s.Siting.Goal, "treated", "burden") && s.Siting.Hub == nil && s.Siting.Frontier == nil && s.Siting.Method != "greedy" && s.Uncertainty == nil && len(s.Scenarios) == 0 && s.Areal == nil, "sites.layer", "is missing: the goals treated and burden, hubs, draws, scenarios, areal and the frontier start from the centers there are", "the name of a layer"},
		rule{in(s.Sites.Count, "", "campus", "rows"), "sites.count", found(s.Sites.Count), "campus, rows"},
		rule{s.Regions == nil || s.Regions.Layer != "", "regions.layer", "is missing", "the name of a layer"},
		rule{s.Candidates == nil || s.Candidates.Layer != "", "candidates.layer", "is missing", "the name of a layer"},
		rule{len(s.Scenarios) == 0 || s.Compare == "" || s.Compare == "baseline" || slices.ContainsFunc(s.Scenarios, func(c Scenario) bool { return c.Name == s.Compare }), "compare", found(s.Compare), "baseline or the name of a scenario"},
		rule{s.Compare == "" || len(s.Scenarios) > 0, "compare", "there are no scenarios to compare", ""},
	)
	if err != nil {
		return err
	}
	if err := t.validate(s.grammar); err != nil {
		return err
	}
	if p := s.Present; p != nil && p.Report != nil {
		if err := check(rule{in(p.Report.By, "", "region", "country"), "present.report.by", found(p.Report.By), "region, country"},
			rule{in(p.Report.Units, "", "km", "miles"), "present.report.units", found(p.Report.Units), "km, miles"}); err != nil {
			return err
		}
	}
	for name, l := range s.Layers {
		if err := l.validate(name); err != nil {
			return err
		}
	}
	if err := validateAccepts(s.Sites.Accepts); err != nil {
		return err
	}
	for f, g := range s.Places.Groups {
		if !in(g, "quintile", "quartile", "decile", "values") {
			return &SpecError{Field: "places.groups." + f, Problem: found(g), Accept: "quintile, quartile, decile, values"}
		}
	}
	for k, v := range s.Output {
		if err := check(
			rule{in(k, "places", "regions", "sites", "links", "tables", scenarioRegions), "output." + k, "unknown output", "places, regions, sites, links, tables, scenario_regions"},
			rule{k != scenarioRegions || v == "none" || s.Privacy == nil, "output." + k, "what privacy withholds is decided for the baseline alone", "scenario_regions: none beside privacy"},
			rule{in(v, "csv", "geojson", "both", "none"), "output." + k, found(v), "csv, geojson, both, none"},
		); err != nil {
			return err
		}
	}
	for _, part := range []func(*Spec) error{validateBands, validateModel, validateMeasures, validateSpatial, validateSiting, validateForecast, validateAreal, givesAway} {
		if err := part(s); err != nil {
			return err
		}
	}
	return nil
}

// validate looks at where a layer comes from.
func (l Source) validate(name string) error {
	return check(
		rule{l.File != "" || l.PostGIS != "", "layers." + name + ".file", "is missing", "a path, relative to the spec"},
		rule{l.File == "" || l.PostGIS == "", "layers." + name, "file and postgis exclude each other", "one of them"},
		rule{l.PostGIS == "" || l.Table != "", "layers." + name + ".table", "is missing", "schema.table"},
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
		if err := check(
			rule{d.EligiblePer100k >= 0, "demand.eligible_per_100k", "is below 0", "0 or more"},
			rule{given(d.Eligible != "", d.EligiblePer100k > 0, len(d.Funnel) > 0) < 2, "demand", "eligible, eligible_per_100k and funnel exclude each other", "one of them"},
			rule{in(d.Denominator, "", "eligible", "label", "fit", "referred"), "demand.denominator", fmt.Sprintf("found %q", d.Denominator), "eligible, label, fit, referred"},
			rule{!in(d.Denominator, "label", "fit") || len(d.Funnel) > 0, "demand.denominator", d.Denominator + " is counted by a funnel only", "a funnel; or eligible, referred (what the demand given counts)"},
			rule{d.Reach >= 0 && d.Reach < 1, "demand.reach", fmt.Sprintf("found %v", d.Reach), "a share of the eligible, 0 to 1 (0.20 is two in ten)"},
			rule{d.Reach == 0 || d.Treated == 0, "demand", "reach and treated exclude each other", "one of them"},
			rule{d.Treated >= 0, "demand.treated", "is below 0", "0 or more"},
		); err != nil {
			return err
		}
	}
	if d := s.Demand; d != nil {
		if err := validateFunnels(d.Funnel); err != nil {
			return err
		}
	}
	if p := s.Penalty; p != nil {
		if err := check(
			rule{in(p.Form, "", "odds", "risk"), "penalty.form", fmt.Sprintf("found %q", p.Form), listed(access.Forms...)},
			rule{p.Family == "" || slices.Contains(access.Families, access.Family(p.Family)), "penalty.family", fmt.Sprintf("found %q", p.Family), listed(access.Families...)},
			rule{p.Effect >= 0 && p.Effect <= 1, "penalty.effect", fmt.Sprintf("found %v", p.Effect), "above 0 and up to 1 (0.60 means 40 % lower)"},
			rule{in(p.Site, "", "infuse"), "penalty.site", fmt.Sprintf("found %q", p.Site), "infuse: the penalty runs to the nearest site that infuses, once"},
		); err != nil {
			return err
		}
		for _, b := range p.Beyond {
			if !slices.Contains(access.Beyonds, access.Beyond(b)) {
				return &SpecError{Field: "penalty.beyond", Problem: fmt.Sprintf("found %q", b), Accept: listed(access.Beyonds...)}
			}
		}
		if len(p.Beyond) > 0 && p.Beyond[0] == string(access.Recover) {
			return &SpecError{Field: "penalty.beyond", Problem: "recover cannot come first: it breaks the law that a nearer center never lowers a likelihood", Accept: "hold or continue first"}
		}
	}
	if u := s.Uncertainty; u != nil {
		if u.Draws < 1 || u.Draws > 100_000 {
			return &SpecError{Field: "uncertainty.draws", Problem: fmt.Sprintf("found %d", u.Draws), Accept: "1 to 100000"}
		}
		for _, v := range u.Vary {
			if !in(v, Varied...) {
				return &SpecError{Field: "uncertainty.vary", Problem: fmt.Sprintf("found %q", v), Accept: listed(Varied...)}
			}
			if v == "decay" && len(s.Sensitivity.Decay) == 0 {
				return &SpecError{Field: "uncertainty.vary", Problem: "decay needs others to draw from", Accept: "sensitivity: {decay: [...]}"}
			}
			if v == "areal" && s.Areal == nil {
				return &SpecError{Field: "uncertainty.vary", Problem: "areal needs other units", Accept: "an areal section"}
			}
		}
	}
	if u := s.Uncertainty; u != nil {
		for _, c := range u.Correlations {
			if !(c.Value >= -1 && c.Value <= 1) {
				return &SpecError{Field: "uncertainty.correlations", Problem: fmt.Sprintf("found %v", c.Value), Accept: "-1 to 1"}
			}
		}
		if _, ok := u.factor(); !ok {
			return &SpecError{Field: "uncertainty.correlations", Problem: "cannot hold together, or are not of two different factors", Accept: "{of: [effect, speed], value: 0.3}; of " + listed(factors...)}
		}
	}
	if p := s.Privacy; p != nil && !(p.SuppressBelow >= 0) {
		return &SpecError{Field: "privacy.suppress_below", Problem: "is below 0", Accept: "0 or more"}
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
	for _, v := range s.Sensitivity.variants(s.Measures) {
		if err := v.measure.Params.Validate(s, v.measure, "sensitivity: "+v.label+": measures."+v.measure.Name); err != nil {
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

// missing says that a number was left out, or what it is.
func missing(v float64) string {
	if v == 0 {
		return "is missing"
	}
	return fmt.Sprintf("found %v", v)
}

func validateSiting(s *Spec) error {
	g := s.Siting
	if g == nil {
		return nil
	}
	if err := validateGoals(s); err != nil {
		return err
	}
	return check(
		rule{s.Candidates != nil, "candidates", "siting needs candidates", "a candidates section"},
		rule{g.Pick >= 1 && g.Pick <= 10_000 || g.Pick == 0 && (g.Goal == "all_covered" || g.Fee != "" || g.Budget > 0), "siting.pick", fmt.Sprintf("found %d", g.Pick), "1 or more"},
		rule{in(g.Method, "", "best", "greedy"), "siting.method", fmt.Sprintf("found %q", g.Method), "best, greedy"},
		rule{g.Method != "greedy" || g.plain(), "siting.method", "greedy knows no rules but hubs, and the goals treated, covered, mean_time, burden, kolm_pollak, fgt", "best"},
		rule{g.Gap >= 0 && g.Gap < 1 && g.Seconds >= 0, "siting", "gap is a share and seconds are 0 or more", ""},
		rule{g.Aversion >= 0 && (g.Aversion == 0 || g.Goal == "kolm_pollak"), "siting.aversion", fmt.Sprintf("found %v", g.Aversion), "for kolm_pollak: per minute, such as 0.01"},
		rule{g.Power == nil || *g.Power >= 0 && g.Goal == "fgt", "siting.power", "does not fit", "for fgt: 0 or more"},
		rule{g.AtMost == 0 && len(g.AtLeast) == 0 || s.Regions != nil, "siting", "at_most_per_region and at_least need regions", "a regions section"},
		rule{g.AtMost >= 0 && g.ApartKm >= 0 && g.LeastServed >= 0 && g.Alternatives >= 0, "siting", "at_most_per_region, apart_km, least_served and alternatives are 0 or more", ""},
		rule{(g.Price != "") == (g.Budget > 0), "siting.budget", "belongs to price, and price to it", "{price: FIELD, budget: N}"},
		rule{!in(g.Goal, "worst_time", "all_covered") || g.Favour == nil && g.Frontier == nil && g.Fee == "" && g.Capacity == "" && g.LeastServed == 0, "siting.goal", g.Goal + " looks at every place alike", "no favour, frontier, fee, capacity or least_served"},
		rule{g.Goal != "worst_group" || len(s.Places.Groups) == 1, "siting.goal", "worst_group needs one field of groups", "places: {groups: {FIELD: quintile}}, one field"},
		rule{!local(g.Goal) || g.Favour == nil && g.Frontier == nil && g.Fee == "" && g.Capacity == "" && g.Close == 0 && !g.Exact && s.Sites.Layer != "", "siting.goal", g.Goal + " is no sum over people: it is improved step by step, without a bound", "no favour, frontier, fee, capacity, close or exact; and the sites there are"},
		rule{g.Goal != "burden" || s.Measures.Has("journey"), "siting.goal", "burden needs the stages of a course", "a journey measure"},
		rule{g.Goal != "burden" || g.Favour == nil && g.Frontier == nil && g.LeastServed == 0 && g.Capacity == "", "siting.goal", "burden counts every stage by itself", "no favour, frontier, capacity or least_served"},
		rule{g.Method != "greedy" || g.Frontier == nil && g.Alternatives == 0 && g.Seconds == 0 && (g.Hub == nil || len(g.Hub.Curve) == 0), "siting.method", "greedy has no frontier, alternatives, curve or seconds", "best"},
		rule{!slices.ContainsFunc(slices.Sorted(maps.Keys(g.AtLeast)), func(id string) bool { return g.AtLeast[id] < 1 }), "siting.at_least", "a number is below 1", "{REGION ID: 1 or more}"},
		rule{g.Hub == nil || !slices.ContainsFunc(g.Hub.Curve, func(m float64) bool { return !(m > 0) }), "siting.hub.curve", "a limit is not above 0", "minutes above 0"},
		rule{g.Close >= 0 && (g.Close == 0 || g.Hub == nil && g.Price == "" && g.Fee == "" && g.Capacity == "" && g.LeastServed == 0 && g.AtMost == 0 && len(g.AtLeast) == 0 && g.ApartKm == 0 && len(g.Forced)+len(g.Never) == 0 && !in(g.Goal, "burden", "worst_time", "all_covered") && s.Sites.Layer != ""), "siting.close", "closing centers knows no other rule yet", "pick, with the goals treated, covered, mean_time, kolm_pollak, fgt"},
		rule{g.Choice >= 0 && (g.Choice == 0 || g.Goal == "treated"), "siting.choice", fmt.Sprintf("found %v", g.Choice), "for treated: a power above 0, such as 2"},
		rule{g.Favour == nil || g.Favour.ok(), "siting.favour", "does not fit", "{field: FIELD, end: highest or lowest, share: 0 to 1, times: 1 or more}"},
		rule{g.Frontier == nil || (&FavourSpec{Field: g.Frontier.Field, End: g.Frontier.End, Share: g.Frontier.Share}).ok() && g.Favour == nil, "siting.frontier", "does not fit", "{field: FIELD, end: highest or lowest, share: 0 to 1, times: [1, 2, 4]}, without favour"},
		rule{in(g.Goal, Goals...), "siting.goal", fmt.Sprintf("found %q", g.Goal), listed(Goals...)},
		rule{g.WithinMin >= 0, "siting.within_min", "is below 0", "minutes"},
		rule{g.Hub == nil || g.Hub.WithinMin > 0 || g.Hub.WithinKm > 0, "siting.hub.within_min", "is missing", "minutes above 0, or within_km"},
		rule{g.Hub == nil || g.Hub.WithinKm >= 0, "siting.hub.within_km", "is below 0", "kilometres above 0"},
		rule{g.Hub == nil || g.Hub.SpokesPerHub >= 0, "siting.hub.spokes_per_hub", "is below 0", "1 or more"},
		rule{g.SpokeCredit == nil || *g.SpokeCredit >= 0 && *g.SpokeCredit <= 1, "siting.spoke_credit", "is not a share", "0 to 1"})
}

// sums are the goals that are sums over people, of which several may be sought
// at once.
var sums = []string{"treated", "covered", "mean_time", "kolm_pollak", "fgt"}

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
		if err := check(
			rule{in(a.Goal, sums...) && in(g.Goal, sums...), field + ".goal", fmt.Sprintf("found %q beside %q", a.Goal, g.Goal), listed(sums...)},
			rule{!slices.Contains(seen, a.Goal) || in(a.Goal, "covered", "fgt"), field + ".goal", "stands twice", "another goal"},
			rule{s.Sites.Layer != "" && g.Capacity == "", field, "several goals start from the centers there are, without capacity", "sites, and no capacity"},
			rule{a.WithinMin >= 0 && a.Aversion >= 0 && (a.Aversion == 0 || a.Goal == "kolm_pollak") && (a.Power == nil || a.Goal == "fgt" && *a.Power >= 0), field, "a number does not fit", "within_min for covered and fgt, aversion for kolm_pollak, power for fgt"},
			rule{then || a.Weight > 0 && a.Give == nil, field + ".weight", fmt.Sprintf("found %v", a.Weight), "above 0; the first goal counts 1"},
			rule{!then || (a.Give == nil || *a.Give >= 0 && *a.Give < 1) && a.Weight == 0, field + ".give", "does not fit", "a share of the gain from 0 to below 1"}); err != nil {
			return err
		}
		seen = append(seen, a.Goal)
	}
	if t := g.Stress; t != nil {
		return check(rule{orInt(t.Worst, 2) >= 0 && orInt(t.Worst, 2) <= 5, "siting.stress.worst", fmt.Sprintf("found %d", orInt(t.Worst, 2)), "0 to 5"},
			rule{orInt(t.Plans, 5) >= 0 && orInt(t.Plans, 5) <= 1000, "siting.stress.plans", fmt.Sprintf("found %d", orInt(t.Plans, 5)), "0 to 1,000"},
			rule{in(g.Goal, sums...) && s.Sites.Layer != "" && g.Capacity == "", "siting.stress", "needs centers that may close and a goal that is a sum over people, without capacity", listed(sums...)})
	}
	return nil
}

// local reports whether a goal is improved by swaps only, and has no bound.
func local(goal string) bool { return goal == "worst_group" || goal == "gini" }

// ruled reports whether a siting has rules that greedy does not know.
func (g *SitingSpec) ruled() bool {
	return len(g.Forced)+len(g.Never) > 0 || g.AtMost > 0 || len(g.AtLeast) > 0 || g.ApartKm > 0 || g.Price != "" || g.Fee != "" || g.LeastServed > 0 || g.Capacity != ""
}

// aims reports whether a goal is among those of the siting.
func (g *SitingSpec) aims(goal string) bool {
	if g == nil {
		return false
	}
	return g.Goal == goal || g.Then != nil && g.Then.Goal == goal || slices.ContainsFunc(g.Also, func(a AlsoSpec) bool { return a.Goal == goal })
}

// plain reports whether greedy can do what is asked.
func (g *SitingSpec) plain() bool {
	return !g.ruled() && !g.Exact && g.Then == nil && len(g.Also) == 0 && g.Stress == nil && g.Gap == 0 && !in(g.Goal, "worst_time", "all_covered") && !local(g.Goal)
}

func (f *FavourSpec) ok() bool {
	return f.Field != "" && in(f.End, "", "highest", "lowest") && f.Share >= 0 && f.Share <= 1 && (f.Times == 0 || f.Times >= 1)
}

func orInt(n *int, other int) int {
	if n == nil {
		return other
	}
	return *n
}

// Goals lists what siting can aim at, Varied what draws can vary.
var (
	Goals  = []string{"treated", "covered", "mean_time", "burden", "kolm_pollak", "fgt", "worst_time", "all_covered", "worst_group", "gini"}
	Varied = []string{"effect", "speed", "family", "demand", "decay", "areal"}
)

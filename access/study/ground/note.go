package ground

import (
	"cmp"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"

	"careshed/api/words"
)

// Note is something that a reader of the numbers should know: the key of a text
// in api/words, which has it in every language as note.KEY, and what stands in it.
type Note struct {
	Key    string         `json:"key"`
	About  Subject        `json:"about"`
	People Num            `json:"people"` // whom it concerns; no value where they are not counted
	Args   map[string]any `json:"args"`   // texts, lists of texts, counts (int) and other numbers
	Text   string         `json:"text"`   // in English
}

// In is the note in a language: countries, indications, inputs, what is said of a region and
// of lists of centers have names and texts in each.
func (n Note) In(l *words.Language) string {
	args := maps.Clone(n.Args)
	for name, called := range map[string]func(string) string{
		"countries":   func(code string) string { return cmp.Or(l.Country(code), code) },
		"indications": func(key string) string { return l.Called("indication.", key) },
		"parameters":  func(key string) string { return l.Called("input.", key) },
	} {
		if keys, ok := args[name].([]string); ok {
			names := make([]string, len(keys))
			for i, k := range keys {
				names[i] = called(k)
			}
			args[name] = names
		}
	}
	if status, ok := args["list"].(string); ok {
		args["list"] = l.Called("gap.is.", status)
	}
	if texts, ok := args["lists"].([]string); ok {
		args["lists"] = strings.Join(n.lists(l, texts), l.Say("join.also"))
	}
	return l.Fill("note."+n.Key, args)
}

// lists are the texts of lists of centers in a language, each after the name of its country.
func (n Note) lists(l *words.Language, texts []string) []string {
	of, _ := n.Args["of"].([]string)
	keys, _ := n.Args["keys"].([]string)
	listed, _ := n.Args["listed"].([]string)
	out := slices.Clone(texts)
	for k := range min(len(out), len(of), len(keys), len(listed)) {
		if l.Has(keys[k]) {
			out[k] = l.Say(keys[k], "n", listed[k])
		}
		out[k] = cmp.Or(l.Country(of[k]), of[k]) + l.Say("join.colon") + out[k]
	}
	return out
}

// MarshalJSON writes null for a number that is none.
func (n Note) MarshalJSON() ([]byte, error) {
	type plain Note
	written := maps.Clone(n.Args)
	for name, v := range written {
		if x, ok := v.(float64); ok {
			written[name] = Num(x)
		}
	}
	if written == nil {
		written = map[string]any{}
	}
	n.Args = written
	return json.Marshal(plain(n))
}

// UnmarshalJSON reads a note with whole numbers as counts and lists as texts, as
// they were before they were written.
func (n *Note) UnmarshalJSON(b []byte) error {
	type plain Note
	if err := json.Unmarshal(b, (*plain)(n)); err != nil {
		return err
	}
	for name, v := range n.Args {
		switch v := v.(type) {
		case nil:
			n.Args[name] = math.NaN()
		case float64:
			if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
				n.Args[name] = int(v)
			}
		case []any:
			list := make([]string, len(v))
			for i := range v {
				list[i], _ = v[i].(string)
			}
			n.Args[name] = list
		}
	}
	return nil
}

// Is reports whether two notes say the same.
func (n Note) Is(other Note) bool { return n.Key == other.Key && n.Text == other.Text }

// Notes are the notes of a study, each once.
type Notes []Note

// Texts are the notes in English.
func (n Notes) Texts() []string {
	out := make([]string, len(n))
	for i := range n {
		out[i] = n[i].Text
	}
	return out
}

// Subject is which numbers a note is about. A map or a sheet that shows none of
// these leaves it out.
type Subject string

// The subjects there are.
const (
	AboutEverything      Subject = "everything"
	AboutWays            Subject = "ways"             // travel, and what follows from it
	AboutStraight        Subject = "straight"         // lengths rather than times
	AboutPatients        Subject = "patients"         // eligible, treated and not treated
	AboutWithheldPlaces  Subject = "withheld_places"  // numbers of patients left out, by place
	AboutWithheldRegions Subject = "withheld_regions" // numbers of patients left out, by region
	AboutCenters         Subject = "centers"          // how many there are, and how complete the list is
	AboutSupply          Subject = "supply"           // measures of supply and demand
	AboutGroups          Subject = "groups"           // values by group, and where values gather
	AboutPlans           Subject = "plans"            // which sites to open
	AboutResult          Subject = "result"           // parts of the result that no map shows
	AboutInputs          Subject = "inputs"           // what is doubtful in the files that were read
	AboutForecasts       Subject = "forecasts"        // years to come
)

// subjects are the notes there are. A test holds that each is said somewhere and
// has a text in every language.
var subjects = map[string]Subject{
	"accepts.adults":               AboutEverything,
	"accepts.adults_unsaid":        AboutEverything,
	"accepts.both_ages":            AboutEverything,
	"accepts.children":             AboutEverything,
	"accepts.children_unsaid":      AboutEverything,
	"accepts.later":                AboutWays,
	"accepts.nobody":               AboutWays,
	"accepts.others":               AboutWays,
	"accepts.perhaps":              AboutWays,
	"accepts.silent":               AboutWays,
	"accepts.some":                 AboutWays,
	"accepts.unclaimed":            AboutWays,
	"accepts.undated":              AboutWays,
	"accepts.unsure":               AboutWays,
	"areal.astray":                 AboutWays,
	"areal.no_plan":                AboutPlans,
	"areal.nothing":                AboutWays,
	"areal.other_people":           AboutWays,
	"areal.result":                 AboutWays,
	"attrition.overlap":            AboutPatients,
	"capacity.apheresis":           AboutPatients,
	"capacity.nowhere":             AboutPatients,
	"capacity.takes_treated":       AboutPatients,
	"centers.borrowed":             AboutCenters,
	"centers.incomplete":           AboutResult, // the legend of a map says so
	"centers.lists":                AboutCenters,
	"centers.no_density":           AboutCenters,
	"centers.nowhere":              AboutCenters,
	"centers.overstated":           AboutEverything,
	"centers.unknown":              AboutResult, // the legend of a map says so
	"choice.endless":               AboutResult,
	"choice.opened":                AboutWays,
	"choice.privacy":               AboutPatients,
	"choice.treated":               AboutPatients,
	"crow.borrowed":                AboutWays,
	"crow.own":                     AboutWays,
	"demand.observed":              AboutPatients,
	"draws.demand":                 AboutPatients,
	"draws.indications":            AboutPatients,
	"draws.effect":                 AboutPatients,
	"draws.measured":               AboutWays,
	"draws.measured.widest":        AboutWays,
	"draws.times":                  AboutWays,
	"draws.no_regions":             AboutResult,
	"draws.speed":                  AboutWays,
	"engine.no_land":               AboutWays,
	"engine.unusable":              AboutWays,
	"flows.areas":                  AboutWays,
	"flows.astray":                 AboutInputs,
	"flows.elsewhere":              AboutInputs,
	"flows.leavers":                AboutInputs,
	"flows.outside":                AboutInputs,
	"flows.withheld":               AboutInputs,
	"forecast.edge":                AboutForecasts,
	"forecast.newly":               AboutForecasts,
	"groups.withheld":              AboutGroups,
	"infinite":                     AboutEverything,
	"join":                         AboutInputs,
	"join.people":                  AboutInputs,
	"join.sites":                   AboutInputs,
	"journey.regime":               AboutWays,
	"layer":                        AboutInputs,
	"layer.numbered":               AboutInputs,
	"layer.people":                 AboutInputs,
	"links.left_out":               AboutResult,
	"links.too_many":               AboutResult,
	"matrix.beside":                AboutInputs,
	"matrix.columns":               AboutInputs,
	"matrix.fast":                  AboutInputs,
	"matrix.long":                  AboutInputs,
	"matrix.kilometres":            AboutInputs,
	"matrix.metres":                AboutInputs,
	"matrix.miles":                 AboutInputs,
	"matrix.pairless":              AboutInputs,
	"matrix.short":                 AboutInputs,
	"matrix.slow":                  AboutInputs,
	"matrix.zero":                  AboutInputs,
	"measures.baseline":            AboutSupply,
	"measures.gap":                 AboutSupply,
	"measures.none":                AboutSupply,
	"nobody_eligible":              AboutPatients,
	"pitfall.after-referral":       AboutPatients,
	"pitfall.areal-units":          AboutWays,
	"pitfall.association":          AboutPatients,
	"pitfall.beyond-evidence":      AboutPatients,
	"pitfall.borders":              AboutWays,
	"pitfall.borders.sites":        AboutWays,
	"pitfall.by-construction":      AboutPlans,
	"pitfall.capacity":             AboutPatients,
	"pitfall.capacity.full":        AboutPatients,
	"pitfall.counted-twice":        AboutCenters,
	"pitfall.denominator":          AboutPatients,
	"pitfall.density":              AboutCenters,
	"pitfall.counted":              AboutPatients,
	"pitfall.counted.own":          AboutPatients,
	"pitfall.doubling":             AboutForecasts,
	"pitfall.doubling.one":         AboutForecasts,
	"pitfall.ecological":           AboutGroups,
	"pitfall.equity-order":         AboutPlans,
	"pitfall.funding":              AboutPatients,
	"pitfall.incidence":            AboutPatients,
	"pitfall.missing.car":          AboutWays,
	"pitfall.missing.cost":         AboutWays,
	"pitfall.missing.both":         AboutWays,
	"pitfall.nearest-not-used":     AboutWays,
	"pitfall.outpatient":           AboutWays,
	"pitfall.regime":               AboutWays,
	"pitfall.roads":                AboutWays,
	"pitfall.roads.far":            AboutWays,
	"pitfall.roads.slowed":         AboutWays,
	"pitfall.roads.slowed.far":     AboutWays,
	"pitfall.small.places":         AboutPatients,
	"pitfall.small.regions":        AboutPatients,
	"pitfall.speed":                AboutWays,
	"pitfall.straight-lines":       AboutWays,
	"pitfall.straight-lines.given": AboutWays,
	"pitfall.straight-lines.home":  AboutWays,
	"pitfall.straight-lines.own":   AboutWays,
	"pitfall.transported":          AboutPatients,
	"pitfall.transported.other":    AboutPatients,
	"pitfall.volume":               AboutPlans,
	"places.far":                   AboutInputs,
	"places.middle":                AboutInputs,
	"places.stray":                 AboutInputs,
	"places.stray.swapped":         AboutInputs,
	"privacy.centers":              AboutWithheldPlaces,
	"privacy.places":               AboutWithheldPlaces,
	"privacy.regions":              AboutWithheldRegions,
	"privacy.scenario":             AboutPatients,
	"referral.apart":               AboutResult,
	"referral.lost":                AboutResult,
	"recover.sent":                 AboutPatients,
	"recover.sent.about":           AboutPatients,
	"recover.sent.least":           AboutPatients,
	"regions.named_elsewhere":      AboutEverything,
	"regions.no_country":           AboutWays,
	"regions.offshore":             AboutEverything,
	"regions.outside":              AboutEverything,
	"regions.overlap":              AboutInputs,
	"regions.overlap.sites":        AboutInputs,
	"regions.shapeless":            AboutInputs,
	"representation.left":          AboutGroups,
	"representation.nobody":        AboutGroups,
	"representation.withheld":      AboutGroups,
	"sea.none":                     AboutWays,
	"sea.crossed":                  AboutWays,
	"sea.straight":                 AboutStraight,
	"siting.alternatives":          AboutPlans,
	"siting.apart":                 AboutPlans,
	"siting.beyond":                AboutPlans,
	"siting.beside":                AboutPlans,
	"siting.closed":                AboutPlans,
	"siting.closed.all":            AboutPlans,
	"siting.credit":                AboutPlans,
	"siting.not_by_choice":         AboutPlans,
	"siting.no_credit":             AboutPlans,
	"siting.room":                  AboutPlans,
	"sites.namesakes":              AboutCenters,
	"sites.later":                  AboutEverything,
	"sites.not_open":               AboutEverything,
	"sites.stray":                  AboutInputs,
	"sites.stray.swapped":          AboutInputs,
	"sites.without":                AboutEverything,
	"sites.strangers":              AboutWays,
	"spatial.left":                 AboutGroups,
	"spatial.permutations":         AboutGroups,
	"supply.campuses":              AboutSupply,
	"supply.rows":                  AboutSupply,
	"transfer.days":                AboutWays,
	"travel.optimism":              AboutWays,
}

// NewNote is the note of a key with its arguments; those called people are whom
// it concerns, told whole unless they are few and no whole number, as in thousands.
func NewNote(key string, args map[string]any) Note {
	n := Note{Key: key, About: subjects[key], People: Num(math.NaN()), Args: args}
	if x, ok := args["people"].(float64); ok {
		n.People = Num(x)
		if a := math.Abs(x); a >= 10 || a == math.Trunc(a) {
			args["people"] = math.Round(x)
		}
		if whole, ok := args["people"].(float64); ok && whole == math.Trunc(whole) && math.Abs(whole) < 1<<53 {
			args["people"] = int(whole)
		}
	}
	n.Text = n.In(words.Default())
	return n
}

// Named are arguments that are given as name and value in turn.
func Named(args []any) map[string]any {
	out := map[string]any{}
	for i := 0; i+1 < len(args); i += 2 {
		out[args[i].(string)] = args[i+1]
	}
	return out
}

// Note keeps the note of a key, its arguments given as name and value in turn.
func (in *Ground) Note(key string, args ...any) { in.Keep(NewNote(key, Named(args))) }

func (in *Ground) Keep(n Note) {
	if !slices.ContainsFunc(in.Notes, n.Is) {
		in.Notes = append(in.Notes, n)
	}
}

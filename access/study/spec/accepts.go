package spec

import (
	"fmt"
	"slices"
	"strings"

	"careshed/access"
)

// AcceptSpec is a condition on the patients that a site takes. A site that says
// nothing of it is unknown, which is not yes.
type AcceptSpec struct {
	Field   string   `yaml:"field" doc:"the field of the sites, such as adult, products or payers"`
	Is      []string `yaml:"is" doc:"the values that mean yes"`
	Has     string   `yaml:"has" doc:"what must be among the field's values, which are parted by commas or semicolons"`
	Of      string   `yaml:"of" doc:"a field of the places, such as payer: its value must be among the site's"`
	By      string   `yaml:"by" doc:"what the study says: indications (all of demand.indications must be among the site's) or as_of (the site must have begun by then)"`
	Unknown string   `yaml:"unknown" doc:"refuse (if left out) or accept sites that say nothing; with by: as_of accept if left out"`
}

// sayNothing are the words, beside an empty cell, that mean that nothing is known.
var sayNothing = []string{"", "not stated", "unknown", "not known", "n/a", "na", "?"}

func SaysNothing(t string) bool {
	return slices.Contains(sayNothing, strings.ToLower(strings.TrimSpace(t)))
}

// What a rule can ask by.
const (
	ByIndications = "indications"
	ByAsOf        = "as_of"
)

// Counts reports whether a site that says nothing counts.
func (a AcceptSpec) Counts() bool { return a.Unknown == "accept" || a.By == ByAsOf && a.Unknown == "" }

func validateAccepts(s *Spec) error {
	dated := false
	for i, a := range s.Sites.Accepts {
		at := fmt.Sprintf("sites.accepts[%d]", i)
		dated = dated || a.By == ByAsOf
		if err := Check(
			Rule{a.Field != "", at + ".field", "is missing", "a field of the sites"},
			Rule{given(len(a.Is) > 0, a.Has != "", a.Of != "", a.By != "") == 1, at, "needs one of is, has, of, by",
				"{field, is: [yes]}, {field, has: VALUE}, {field, of: FIELD OF PLACES}, {field, by: indications or as_of}"},
			Rule{In(a.By, "", ByIndications, ByAsOf), at + ".by", fmt.Sprintf("found %q", a.By), "indications, as_of"},
			Rule{a.By != ByIndications || s.Demand != nil && len(s.Demand.Indications) > 0, at + ".by", "the study names no indications",
				"demand: {indications: [lbcl-3l]}"},
			Rule{a.By != ByAsOf || s.AsOf != "", at + ".by", "the study has no as_of", "as_of: 2024-06-30, 2024-06 or 2024"},
			Rule{In(a.Unknown, "", "refuse", "accept"), at + ".unknown", fmt.Sprintf("found %q", a.Unknown), "refuse, accept"},
		); err != nil {
			return err
		}
	}
	if s.AsOf == "" {
		return nil
	}
	_, _, err := access.Days(s.AsOf)
	return Check(Rule{err == nil, "as_of", fmt.Sprintf("found %q", s.AsOf), "a day, a month or a year: 2024-06-30, 2024-06, 2024"},
		Rule{dated, "as_of", "nothing looks at it", "sites: {accepts: [{field: FIELD WITH THE BEGINNING, by: as_of}]}"})
}

func (a AcceptSpec) Words() string {
	switch {
	case a.Has != "":
		return fmt.Sprintf("%q among its %s", a.Has, a.Field)
	case a.By == ByIndications:
		return "all indications of the study among its " + a.Field
	case a.By == ByAsOf:
		return "begun by then, by its " + a.Field
	case a.Of != "":
		return "the place's " + a.Of + " among its " + a.Field
	}
	return a.Field + " " + strings.Join(a.Is, " or ")
}

package spec

import (
	"fmt"
	"slices"
	"strings"
)

// AcceptSpec is a condition on the patients that a site takes. A site that says
// nothing of it is unknown, which is not yes.
type AcceptSpec struct {
	Field   string   `yaml:"field" doc:"the field of the sites, such as adult, products or payers"`
	Is      []string `yaml:"is" doc:"the values that mean yes"`
	Has     string   `yaml:"has" doc:"what must be among the field's values, which are parted by commas or semicolons"`
	Of      string   `yaml:"of" doc:"a field of the places, such as payer: its value must be among the site's"`
	Unknown string   `yaml:"unknown" doc:"refuse (if left out) or accept sites that say nothing"`
}

// sayNothing are the words, beside an empty cell, that mean that nothing is known.
var sayNothing = []string{"", "not stated", "unknown", "not known", "n/a", "na", "?"}

func SaysNothing(t string) bool {
	return slices.Contains(sayNothing, strings.ToLower(strings.TrimSpace(t)))
}

func validateAccepts(rules []AcceptSpec) error {
	for i, a := range rules {
		at := fmt.Sprintf("sites.accepts[%d]", i)
		if err := Check(
			Rule{a.Field != "", at + ".field", "is missing", "a field of the sites"},
			Rule{given(len(a.Is) > 0, a.Has != "", a.Of != "") == 1, at, "needs one of is, has, of",
				"{field, is: [yes]}, {field, has: VALUE}, {field, of: FIELD OF PLACES}"},
			Rule{In(a.Unknown, "", "refuse", "accept"), at + ".unknown", fmt.Sprintf("found %q", a.Unknown), "refuse, accept"},
		); err != nil {
			return err
		}
	}
	return nil
}

func (a AcceptSpec) Words() string {
	switch {
	case a.Has != "":
		return fmt.Sprintf("%q among its %s", a.Has, a.Field)
	case a.Of != "":
		return "the place's " + a.Of + " among its " + a.Field
	}
	return a.Field + " " + strings.Join(a.Is, " or ")
}

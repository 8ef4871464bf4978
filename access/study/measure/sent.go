package measure

import (
	"cmp"
	"strings"

	"careshed/access"
	"careshed/access/study/finding"
	"careshed/access/study/ground"
)

// sentElsewhere are the counts of patients whom areas of the study sent elsewhere: what is
// known of the transfer that recover takes for granted, beyond four hours. Of an area
// without such a count, or without people so far away, nothing is told.
func (r *Penalty) sentElsewhere() (out []finding.SentSummary, err error) {
	here, err := r.CountsHere()
	if err != nil {
		return nil, err
	}
	for _, c := range here {
		if c.Stage != "sent elsewhere" || !(c.Low > 0) {
			continue
		}
		beyond := r.PeopleWhere(func(i int) bool { return c.Member[i] && r.Ways.Minutes[i] > access.EffectTo.Minutes() })
		if beyond == 0 {
			continue
		}
		x := finding.SentSummary{Area: c.Area, Country: c.Country, Regions: c.Regions, When: c.When(), Indication: c.Indication, Count: finding.Num(c.Low),
			Qualifier: c.Qualifier, Source: c.Source, Kind: c.Kind, Beyond: finding.Num(beyond)}
		r.noteSent(c, x)
		out = append(out, x)
	}
	return out, nil
}

// noteSent cites a count. Its area is called as its region is, or by the code of its
// country, which read alike in every language.
func (r *Penalty) noteSent(c ground.CountHere, x finding.SentSummary) {
	var names []string
	for row, name := range r.RegionName {
		for _, id := range c.Regions {
			if r.Regions.ID(row) == id {
				names = append(names, name)
			}
		}
	}
	area, when := cmp.Or(strings.Join(names, ", "), c.Country), strings.Replace(x.When, " to ", " – ", 1)
	_, source, found := strings.Cut(c.Source, "://")
	if !found {
		source = c.Source
	}
	n, people := int(c.Low), float64(x.Beyond)
	switch c.Qualifier {
	case "exact":
		r.Note("recover.sent", "people", people, "area", area, "n", n, "when", when, "source", source)
	case "about":
		r.Note("recover.sent.about", "people", people, "area", area, "n", n, "when", when, "source", source)
	default: // at least, and the lower end of a range
		r.Note("recover.sent.least", "people", people, "area", area, "n", n, "when", when, "source", source)
	}
}

package spec

import "fmt"

// FlowsSpec is who was seen to go where: a table of origins and sites.
type FlowsSpec struct {
	Layer    string    `yaml:"layer" doc:"the layer with a row for each origin and site; a count without a value is withheld, a pair without a row nobody's"`
	From     string    `yaml:"from" doc:"the column with the origins"`
	To       string    `yaml:"to" doc:"the column with the ids of the sites"`
	Count    string    `yaml:"count" doc:"the column with how many went"`
	By       string    `yaml:"by" doc:"what the origins are: place (ids of the places, if left out), region, or a field of the places, such as county"`
	Withheld []float64 `yaml:"withheld" doc:"the range in which a number without a value lies, such as [1, 4]; a choice that is fitted needs it"`
	Ranks    int       `yaml:"ranks" most:"ranks" default:"3" doc:"people are counted at the nearest site, the second and so on, up to this one"`
}

func validateFlows(s *Spec) error {
	f := s.Flows
	if f == nil {
		return nil
	}
	return Check(
		Rule{f.Layer != "", "flows.layer", "is missing", "the name of a layer"},
		Rule{f.From != "", "flows.from", "is missing", "the column with the origins"},
		Rule{f.To != "", "flows.to", "is missing", "the column with the ids of the sites"},
		Rule{f.Count != "", "flows.count", "is missing", "the column with how many went"},
		Rule{f.By != "region" || s.Regions != nil, "flows.by", "there are no regions", "regions, or another by"},
		Rule{f.Ranks >= 0, "flows.ranks", fmt.Sprintf("found %d", f.Ranks), "1 or more"},
		Rule{len(f.Withheld) == 0 || len(f.Withheld) == 2 && f.Withheld[0] >= 0 && f.Withheld[0] <= f.Withheld[1] && f.Withheld[1] <= 1000,
			"flows.withheld", fmt.Sprintf("found %v", f.Withheld), "two whole numbers, such as [1, 4]"},
		Rule{s.Privacy == nil, "flows", "what privacy withholds is decided for places and regions, not for pairs",
			"a table in which small numbers have no value, in a study without privacy"},
		Rule{s.Sites.Layer != "", "flows", "there are no sites to go to", "sites.layer"},
	)
}

package study

import (
	"cmp"
	"fmt"

	"careshed/access"
	"careshed/geo"
	"careshed/geo/travel"
)

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
	Outputs    []string      `json:"outputs,omitempty"` // files written beside it
}

// Input is a layer that was read.
type Input struct {
	Layer       string   `json:"layer"`
	Features    int      `json:"features"`
	IDs         string   `json:"ids,omitempty"` // the column that gave them; none where rows are only numbered
	Licence     string   `json:"licence,omitempty"`
	Attribution string   `json:"attribution,omitempty"`
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

func (in *inputs) manifest(m *model) Manifest {
	out := Manifest{Program: "careshed", Version: in.world.Version, Spec: string(in.spec.Text()),
		SpecSHA256: in.spec.Digest(), Point: in.spec.point, Engine: in.engine.About(), Inputs: []Input{}, Joins: in.joins}
	for _, n := range sorted(in.used) {
		l := in.used[n]
		i := Input{Layer: n, Features: l.Len(), IDs: l.Identity.From, Licence: l.Licence, Attribution: l.Attribution, Notes: l.Notes, Files: in.world.Layers.Files(n)}
		if i.Files == nil {
			i.Files = []File{}
		}
		out.Inputs = append(out.Inputs, i)
	}
	add := func(key, value string, given bool) {
		p := Parameter{Name: key, Value: value, Given: given}
		if e, ok := access.Lookup(key); ok {
			p.Evidence = &e
		}
		out.Parameters = append(out.Parameters, p)
	}
	if in.crow != nil {
		a := in.crow.About()
		add("crow.circuity", a.Settings["circuity"], in.spec.Travel.Circuity != nil)
		add("crow.speed", a.Settings["speed"], in.spec.Travel.Speed != nil || in.spec.Travel.SpeedTimes > 0)
	}
	add("travel.borders", in.borders(), in.spec.Travel.Borders.Rule != "")
	add("sites.count", cmp.Or(in.spec.Sites.Count, "campus"), in.spec.Sites.Count != "")
	add("sites.campus_km", "hospital points within 1 km are one center", false)
	for _, me := range in.spec.Measures {
		for _, p := range me.Params.Acting(me) {
			add(me.Name+"."+p.Name, p.Value, p.Given)
		}
	}
	if m != nil {
		d, p := in.spec.Demand, in.spec.Penalty
		if d != nil && d.Eligible != "" {
			add("demand.eligible", "field "+d.Eligible, true)
		} else if d != nil && len(d.Funnel) > 0 {
			add("demand.funnel", fmt.Sprintf("%d funnels from new cases", len(d.Funnel)), true)
		} else {
			add("demand.eligible_per_100k", fmt.Sprintf("%g (US, third line)", m.rate), d != nil && d.EligiblePer100k > 0)
		}
		add("demand.reach", fmt.Sprintf("%g", m.reach), d != nil && (d.Reach > 0 || d.Treated > 0))
		add("penalty.form", string(m.form), p != nil && p.Form != "")
		add("penalty.family", string(m.family), p != nil && p.Family != "")
		add("penalty.effect", fmt.Sprintf("%g", m.effect), p != nil && p.Effect > 0)
		add("penalty.site", "the nearest open site that infuses, once, at referral", p != nil && p.Site != "")
	}
	if u := in.spec.Uncertainty; u != nil {
		seed := u.seed()
		out.Seed = &seed
	}
	return out
}

// borders is the border rule in words.
func (in *inputs) borders() string {
	b := in.spec.Travel.Borders
	switch b.Rule {
	case "":
		return "same-country"
	case "groups":
		return "within the same " + b.Column
	}
	return b.Rule
}

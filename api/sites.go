package api

import (
	"context"
	"fmt"
	"math"

	"careshed/access/study"
)

type sitesIn struct {
	Country string `query:"country" enum:"@countries" doc:"which country; needed unless a study is named"`
	Study   string `query:"study" doc:"a study with siting whose result is here, in place of the baseline"`
	Pick    int    `query:"pick" min:"1" max:"20" def:"5" doc:"how many sites; of a study that is named, the first of its plan"`
}

type sitesOut struct {
	Study      string            `json:"study"`
	Goal       string            `json:"goal"`
	Unit       string            `json:"unit" doc:"of the gains"`
	Asked      int               `json:"asked"`
	Opened     int               `json:"opened"`
	Why        string            `json:"why_fewer,omitempty"`
	Candidates int               `json:"candidates"`
	Allowed    int               `json:"candidates_within_the_rules"`
	Method     string            `json:"method"`
	Gain       study.Num         `json:"gain"`
	Bound      study.Num         `json:"best_possible" doc:"no plan gains more"`
	Gap        study.Num         `json:"gap" doc:"how much more that is, as a share of it"`
	Proven     bool              `json:"proven" doc:"no plan is better"`
	Under      []study.GainUnder `json:"gain_under,omitempty"`
	Plan       []siteRow         `json:"plan" doc:"in the order of opening"`
	Notes      []string          `json:"notes"`
	Evidence   []evidenceRow     `json:"evidence"`
}

func (o sitesOut) rows() any { return o.Plan }

type siteRow struct {
	Order  int       `json:"opening_order"`
	ID     string    `json:"site_id"`
	Name   string    `json:"name"`
	Region string    `json:"region_id"`
	Lon    study.Num `json:"lon"`
	Lat    study.Num `json:"lat"`
	Gain   study.Num `json:"gain" doc:"over the sites before it"`
	Sum    study.Num `json:"gain_so_far"`
	Apart  study.Num `json:"gain_apart" doc:"of its gain alone, people without a time today, taken as four hours away"`
	Unsure string    `json:"region_gap" doc:"stated, doubtful or incomplete: its region may have a center that the list lacks"`
	Hub    string    `json:"hub_id"`
	HubMin study.Num `json:"hub_min"`
}

// sites ranks where the next centers would help most. For a baseline the
// candidates are the settlements of 50,000 people or more.
func (s *Server) sites(ctx context.Context, _ *request, in sitesIn) (any, error) {
	if in.Study != "" {
		if in.Country != "" {
			return nil, parameter("country", in.Country, "study or country", "study %s says which countries it is about", shorten(in.Study))
		}
		e, err := s.study(ctx, in.Study)
		if err != nil {
			return nil, err
		}
		return sitesOf(e, in.Pick)
	}
	for _, b := range s.base.list {
		if b.Code == in.Country {
			return b.plans[in.Pick].get(ctx, func() (sitesOut, error) { return s.plan(b, in.Pick) })
		}
	}
	return nil, parameter("country", "", s.words()["countries"], "country is missing")
}

// plan carries out the baseline study of a country with siting.
func (s *Server) plan(b *baseline, pick int) (sitesOut, error) {
	e, err := s.inTurn(b.ID()+"-sites", b.Text(b.Plan(pick)))
	if err != nil {
		err = studyProblem(err, s.limits.Run)
		if p := problemOf(err); p.kind == badStudy { // there are no candidates, say
			return sitesOut{}, cannot("%s: %s", b.Label(), p.detail)
		}
		return sitesOut{}, err
	}
	out, err := sitesOf(e, pick)
	out.Study = b.ID()
	out.Notes = append(out.Notes, fmt.Sprintf("candidates are the settlements of %d people or more; each would infuse; no hub is asked for", study.BaselineCandidates))
	return out, err
}

func sitesOf(e *outcome, pick int) (sitesOut, error) {
	p := e.result.Summary.Siting
	if p == nil {
		return sitesOut{}, cannot("study %s has no siting", e.id)
	}
	out := sitesOut{Study: e.id, Goal: p.Goal, Unit: p.Unit, Asked: p.Asked, Opened: p.Opened, Why: p.Why, Candidates: p.Candidates, Allowed: p.Allowed,
		Method: p.Method, Gain: p.Gain, Bound: p.Bound, Gap: p.Gap, Proven: p.Proven, Under: p.Under, Plan: []siteRow{}, Notes: notesOf([]*outcome{e}), Evidence: e.evidence("penalty.", "demand.", "crow.")}
	f := fields{e.result.Layer("sites")}
	var sum study.Num
	for i, step := range p.Plan[:min(pick, len(p.Plan))] {
		sum += step.Gain
		r := siteRow{Order: i + 1, ID: step.ID, Name: step.Name, Lon: study.Num(math.NaN()), Lat: study.Num(math.NaN()), Gain: step.Gain, Sum: sum, Apart: step.Apart, Unsure: step.Unsure, Hub: step.Hub, HubMin: step.HubMin}
		if row, ok := f.Find(step.ID); ok {
			r.Region = f.text("region_id", row)
			if f.Located(row) {
				r.Lon, r.Lat = study.Num(f.Point(row)[0]), study.Num(f.Point(row)[1])
			}
		}
		out.Plan = append(out.Plan, r)
	}
	if len(out.Plan) < p.Opened {
		out.Notes = append(out.Notes, fmt.Sprintf("the first %d of the %d sites of the plan are shown; gain is that of all", len(out.Plan), p.Opened))
	}
	return out, nil
}

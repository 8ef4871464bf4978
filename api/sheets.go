package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"careshed/access"
	"careshed/access/study"
	factsheet "careshed/api/sheet"
	"careshed/api/words"
)

type sheetIn struct {
	ID    string `path:"studyId" doc:"the id of a study"`
	Lang  string `query:"lang" enum:"@languages" def:"en" doc:"the language of HTML and PDF"`
	Units string `query:"units" enum:"km,mi" def:"km" doc:"the unit of lengths in HTML and PDF"`
	Paper string `query:"paper" enum:"a4,letter" def:"a4" doc:"what a PDF is printed on"`
}

type regionSheetIn struct {
	ID     string `path:"studyId" doc:"the id of a study"`
	Region string `path:"regionId" doc:"the id of a region of its result"`
	Lang   string `query:"lang" enum:"@languages" def:"en" doc:"the language of HTML and PDF"`
	Units  string `query:"units" enum:"km,mi" def:"km" doc:"the unit of lengths in HTML and PDF"`
	Paper  string `query:"paper" enum:"a4,letter" def:"a4" doc:"what a PDF is printed on"`
}

// wholeSheet is the fact sheet of a study as a whole.
func (s *Server) wholeSheet(ctx context.Context, q *request, in sheetIn) (any, error) {
	return s.sheet(ctx, q, regionSheetIn{ID: in.ID, Lang: in.Lang, Units: in.Units, Paper: in.Paper})
}

// regionSheet is the fact sheet of one region.
func (s *Server) regionSheet(ctx context.Context, q *request, in regionSheetIn) (any, error) {
	if in.Region == "" {
		return nil, missing("a region has no id")
	}
	return s.sheet(ctx, q, in)
}

func (s *Server) sheet(ctx context.Context, q *request, in regionSheetIn) (any, error) {
	e, of, err := s.sheetStudy(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	m, err := e.sheets.get(ctx, func() (*factsheet.Maker, error) { return factsheet.New(e.result) })
	if err != nil {
		return nil, err
	}
	out, err := m.Sheet(in.Region)
	var unknown *factsheet.UnknownRegionError
	if errors.As(err, &unknown) {
		return nil, missing("study %s has no region %q; /collections/%s-regions/items lists those there are", shorten(in.ID), shorten(in.Region), shorten(in.ID))
	}
	if err != nil {
		return nil, err
	}
	out.Study = in.ID
	if of != nil {
		out.Subject, out.CountryName = factsheet.CarT, of.Name
		if in.Region == "" && of.Part == "" {
			peers, err := s.peers(ctx)
			if err != nil {
				return nil, err
			}
			out.Among(peers)
			paid, err := s.reimbursed(ctx, of.Code)
			if err != nil {
				return nil, err
			}
			if paid != nil {
				out.Pays(paid)
			}
		}
	}
	if q.format == asJSON {
		return out, nil
	}
	l, err := words.In(in.Lang)
	if err != nil {
		return nil, err // the parameter accepts no other
	}
	if in.Units == "mi" {
		l = l.InMiles()
	}
	give, err := s.room(ctx, "a fact sheet", ofSheet)
	if err != nil {
		return nil, err
	}
	defer give()
	var b bytes.Buffer
	if q.format == asPDF {
		err = factsheet.PDF(&b, out, l, factsheet.Paper(in.Paper))
	} else {
		err = factsheet.HTML(&b, out, l)
	}
	return &answer{kind: q.format.kind, body: b.Bytes()}, err
}

// sheetStudy is the study that a sheet is made of: that of its name, or for a
// baseline the same with a plan and draws.
func (s *Server) sheetStudy(ctx context.Context, id string) (*outcome, *baseline, error) {
	if _, err := s.overseas(ctx); err != nil {
		return nil, nil, err
	}
	for _, b := range s.base.all() {
		if b.ID() != id {
			continue
		}
		e, err := b.sheets.get(ctx, func() (*outcome, error) { return s.withPlan(b) })
		return e, b, err
	}
	e, err := s.study(ctx, id)
	return e, nil, err
}

// withPlan carries out the baseline study of a country with plan and draws;
// without a plan where there is no candidate.
func (s *Server) withPlan(b *baseline) (*outcome, error) {
	e, err := s.inTurn(b.ID(), b.Text(b.InSheets()))
	if err != nil && problemOf(studyProblem(err, s.limits.Run)).kind == badStudy {
		e, err = s.inTurn(b.ID(), b.Text(b.Draws()))
	}
	if err != nil {
		return nil, fmt.Errorf("fact sheets of %s: %w", b.Label(), err)
	}
	return e, nil
}

// reimbursed is what is known of reimbursement in a country, nil where there is no layer
// of it.
func (s *Server) reimbursed(ctx context.Context, country string) ([]access.Reimbursement, error) {
	c, ok := s.layers["indications"]
	if !ok {
		return nil, nil
	}
	o, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := access.Reimbursements(o.layer, country)
	if err != nil {
		return nil, fmt.Errorf("layer indications: %w", err)
	}
	return append([]access.Reimbursement{}, rows...), nil
}

// peers are the countries, to compare one with.
func (s *Server) peers(ctx context.Context) ([]factsheet.Peer, error) {
	of, err := s.studiesOf(ctx, "", "")
	if err != nil {
		return nil, err
	}
	var rows []study.DensityCountry
	for _, e := range of {
		rows = append(rows, e.result.Summary.Density.Countries...)
	}
	c, ok := s.layers["countries"]
	if !ok {
		return factsheet.Peers(rows, nil), nil
	}
	o, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	return factsheet.Peers(rows, o.layer), nil
}

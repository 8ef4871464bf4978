package api

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"strings"

	"careshed/access/study"
	"careshed/api/draw"
	"careshed/api/words"
)

type mapIn struct {
	ID     string `path:"collectionId" doc:"a layer; /collections lists them"`
	Column string `query:"column" doc:"the column of numbers to colour by; centers per 10 million people if left out"`
	Breaks string `query:"breaks" doc:"class limits that rise, such as 0.3,2,4,11.4; chosen if left out"`
	Width  int    `query:"width" min:"320" max:"4000" doc:"pixels, 96 to the inch; 1000 if left out"`
	Page   string `query:"page" enum:"a4,a4-portrait,letter,letter-portrait" doc:"a sheet of paper that the map fills, in place of a width"`
	DPI    int    `query:"dpi" min:"36" max:"1200" doc:"dots per inch of a PNG; 192 if left out"`
	Lang   string `query:"lang" enum:"@languages" def:"en" doc:"what the map is written in"`
	Units  string `query:"units" enum:"km,mi" def:"km" doc:"of lengths; class limits are then in miles too"`
}

// mapOf draws a collection: a layer of a study with the finding and the caveats
// of its study, a layer of the catalog by itself.
func (s *Server) mapOf(ctx context.Context, q *request, in mapIn) (any, error) {
	c, err := s.collection(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	o, err := optionsOf(in.Column, in.Breaks)
	if err != nil {
		return nil, err
	}
	o.Width, o.Page, o.DPI, o.Format = in.Width, in.Page, float64(in.DPI), q.format.name
	if o.Words, err = words.In(in.Lang); err != nil {
		return nil, parameter("lang", in.Lang, strings.Join(words.Known(), ", "), "%s", err.Error())
	}
	if in.Units == "mi" {
		o.Words = o.Words.InMiles()
	}
	select { // a picture of many pixels takes much memory
	case s.easels <- struct{}{}:
		defer func() { <-s.easels }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	give, err := s.room(ctx, "a map", ofMap)
	if err != nil {
		return nil, err
	}
	defer give()
	var b bytes.Buffer
	if r, layer := s.resultOf(c.id); r != nil {
		o.Layer = layer
		err = draw.Map(&b, r, o)
	} else {
		opened, e := c.open(ctx)
		if e != nil {
			return nil, e
		}
		err = draw.Layer(&b, opened.layer, o)
	}
	return &answer{kind: q.format.kind, body: b.Bytes(), header: []string{"Content-Disposition", `inline; filename="` + c.id + "." + q.format.name + `"`}},
		optionProblem(err, map[string]string{"layer": in.ID, "column": in.Column, "breaks": in.Breaks, "dpi": strconv.Itoa(in.DPI)})
}

// resultOf is the result that a collection is a layer of, nil for one of the
// catalog.
func (s *Server) resultOf(id string) (r *study.Result, layer string) {
	for _, e := range s.outcomes() {
		if e.collection(id) != nil {
			return e.result, strings.TrimPrefix(id, e.id+"-")
		}
	}
	return nil, ""
}

type classesIn struct {
	ID     string `path:"collectionId" doc:"a layer; /collections lists them"`
	Column string `query:"column" doc:"the column of numbers to colour by; centers per 10 million people if left out"`
	Breaks string `query:"breaks" doc:"class limits that rise, such as 0.3,2,4,11.4; chosen if left out"`
}

// classes are the limits and colours with which a map shows a layer, for clients
// that draw it themselves.
func (s *Server) classes(ctx context.Context, _ *request, in classesIn) (any, error) {
	c, err := s.collection(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	o, err := optionsOf(in.Column, in.Breaks)
	if err != nil {
		return nil, err
	}
	opened, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	out, err := draw.Classify(opened.layer, o)
	if err != nil {
		return nil, optionProblem(err, map[string]string{"layer": in.ID, "column": in.Column, "breaks": in.Breaks})
	}
	return out, nil
}

// optionsOf reads what two requests say alike of a map.
func optionsOf(column, breaks string) (draw.Options, error) {
	o := draw.Options{Column: column}
	for _, word := range strings.FieldsFunc(breaks, func(r rune) bool { return r == ',' }) {
		v, err := strconv.ParseFloat(strings.TrimSpace(word), 64)
		if err != nil {
			return o, parameter("breaks", breaks, "numbers with commas, such as 0.3,2,4,11.4", "this is not a list of numbers")
		}
		o.Breaks = append(o.Breaks, v)
	}
	return o, nil
}

// optionProblem says which parameter a map cannot be drawn with; given is what was
// said, by option.
func optionProblem(err error, given map[string]string) error {
	var wrong *draw.OptionError
	if !errors.As(err, &wrong) {
		return err
	}
	name, found := wrong.Option, given[wrong.Option]
	if name == "layer" {
		name = "collectionId"
	}
	detail := wrong.Problem
	if wrong.Near != "" {
		detail += "; did you mean " + wrong.Near + "?"
	}
	return parameter(name, found, wrong.Accept, "%s", detail)
}

package api

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"careshed/geo"
)

// Enclosure is a format in which all selected features come as one file.
type Enclosure struct {
	Name   string // for f
	Title  string // what such a file is called in a sentence
	Media  string // its media type
	Ending string // of its name
	Shapes bool   // no table can be written in it
	Whole  bool   // it holds a whole result
}

// enclosures are those that the server was given, with their formats.
type enclosures []enclosure

type enclosure struct {
	Enclosure
	as *format
}

func newEnclosures(of []Enclosure) (out enclosures) {
	for _, e := range of {
		out = append(out, enclosure{e, &format{e.Name, e.Media, nil}})
	}
	return out
}

// formats are those of a page and these.
func (e enclosures) formats(pages ...*format) []*format {
	for _, x := range e {
		pages = append(pages, x.as)
	}
	return pages
}

// find is that of a format.
func (e enclosures) find(f *format) (enclosure, bool) {
	i := slices.IndexFunc(e, func(x enclosure) bool { return x.as == f })
	if i < 0 {
		return enclosure{}, false
	}
	return e[i], true
}

// whole are formats of a study, and those that hold a whole result.
func (s *Server) whole(pages ...*format) []*format {
	for _, x := range s.files {
		if x.Whole {
			pages = append(pages, x.as)
		}
	}
	return pages
}

// download writes the features that a request selects as a file, all of them:
// limit is for pages.
func (s *Server) download(ctx context.Context, c *collection, x *selection, in itemsIn, file enclosure) (any, error) {
	f := file.as
	l := x.of.layer
	if in.Cursor != "" {
		return nil, parameter("cursor", in.Cursor, "no cursor", "%s has all features in one file", f.name)
	}
	columns, err := columnsOf(l, in.Properties)
	if err != nil {
		return nil, err
	}
	if columns != nil {
		if l, err = l.Replaced(l.About, columns...); err != nil {
			return nil, err
		}
	}
	rows := make([]int, len(x.rows))
	for i, r := range x.rows {
		rows[i] = int(r)
	}
	if cells := len(rows) * (len(l.Columns()) + 4); cells > s.limits.Cells {
		return nil, &problem{kind: unanswerable, field: "f", found: f.name, accepted: "a filter, a bbox or fewer properties; or csv and json, page by page",
			detail: fmt.Sprintf("%d features of %d columns are more than this server puts into one file (%d values)", len(rows), len(l.Columns()), s.limits.Cells)}
	}
	give, err := s.room(ctx, "a file", int64(len(rows)*(len(l.Columns())+4))*ofCell)
	if err != nil {
		return nil, err
	}
	defer give()
	about := l.About
	about.Name = c.id
	picked := l.Pick(rows)
	if picked, err = picked.Replaced(about, picked.Columns()...); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := s.config.Write(&b, []*geo.Layer{picked}, f.name); err != nil {
		return nil, &problem{kind: unanswerable, field: "f", found: f.name, detail: err.Error(), accepted: "another format"}
	}
	return &answer{kind: f.kind, body: b.Bytes(), header: []string{"Content-Disposition", `attachment; filename="` + c.id + file.Ending + `"`,
		"OGC-NumberMatched", fmt.Sprint(len(rows)), "OGC-NumberReturned", fmt.Sprint(len(rows))}}, nil
}

// wholeResult is every layer and table of a result in one file.
func (s *Server) wholeResult(ctx context.Context, e *outcome, file enclosure) (any, error) {
	f := file.as
	layers := slices.Concat(e.result.Layers, e.result.Tables)
	cells := 0
	for _, l := range layers {
		cells += l.Len() * (len(l.Columns()) + 4)
	}
	if cells > s.limits.Cells {
		return nil, &problem{kind: unanswerable, field: "f", found: f.name, accepted: "its collections one by one",
			detail: fmt.Sprintf("the result has %d values, more than this server puts into one file (%d)", cells, s.limits.Cells)}
	}
	give, err := s.room(ctx, "a file", int64(cells)*ofCell)
	if err != nil {
		return nil, err
	}
	defer give()
	var b bytes.Buffer
	if err := s.config.Write(&b, layers, f.name); err != nil {
		return nil, failed(err)
	}
	return &answer{kind: f.kind, body: b.Bytes(), header: []string{"Content-Disposition", `attachment; filename="` + e.id + file.Ending + `"`}}, nil
}

package api

import (
	"bytes"
	"fmt"
	"slices"

	"careshed/geo"
)

// downloads are the formats in which all selected features come as one file, by
// the ending of its name.
var downloads = map[*format]string{asGPKG: ".gpkg", asParquet: ".parquet", asKML: ".kml", asSeq: ".geojsonseq", asWKT: ".csv"}

// download writes the features that a request selects as a file, all of them:
// limit is for pages.
func (s *Server) download(c *collection, x *selection, in itemsIn, f *format, ending string) (any, error) {
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
	return &answer{kind: f.kind, body: b.Bytes(), header: []string{"Content-Disposition", `attachment; filename="` + c.id + ending + `"`,
		"OGC-NumberMatched", fmt.Sprint(len(rows)), "OGC-NumberReturned", fmt.Sprint(len(rows))}}, nil
}

// wholeResult is every layer and table of a result in one GeoPackage.
func (s *Server) wholeResult(e *executed) (any, error) {
	layers := slices.Concat(e.result.Layers, e.result.Tables)
	cells := 0
	for _, l := range layers {
		cells += l.Len() * (len(l.Columns()) + 4)
	}
	if cells > s.limits.Cells {
		return nil, &problem{kind: unanswerable, field: "f", found: asGPKG.name, accepted: "its collections one by one",
			detail: fmt.Sprintf("the result has %d values, more than this server puts into one file (%d)", cells, s.limits.Cells)}
	}
	var b bytes.Buffer
	if err := s.config.Write(&b, layers, asGPKG.name); err != nil {
		return nil, failed(err)
	}
	return &answer{kind: asGPKG.kind, body: b.Bytes(), header: []string{"Content-Disposition", `attachment; filename="` + e.id + `.gpkg"`}}, nil
}

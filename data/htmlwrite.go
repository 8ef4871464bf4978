package data

import (
	"cmp"
	"html"

	"careshed/geo"
)

// writeHTML writes the values of a layer as a table for people: one document
// without script, with a caption, heads that name their columns and rows,
// units in the heads, and everything escaped. Points have their coordinates,
// other shapes are left out. Numbers stand as they are, for they may be copied.
func writeHTML(s *sink, l *geo.Layer) {
	title := html.EscapeString(cmp.Or(l.Title, cmp.Or(l.Name, "Layer")))
	points := ofPoints(l)
	s.buf = append(s.buf, `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>`+title+`</title>
<style>
body { font: 1rem/1.4 system-ui, sans-serif; margin: 1rem; color: #111; background: #fff }
div { overflow-x: auto }
table { border-collapse: collapse }
caption { text-align: left; font-weight: bold; padding: 0.5rem 0 }
th, td { padding: 0.25rem 0.5rem; border-bottom: 1px solid #767676; text-align: left; vertical-align: top }
thead th { position: sticky; top: 0; background: #fff }
.n { text-align: right; font-variant-numeric: tabular-nums }
</style>
</head>
<body>
<div role="region" aria-labelledby="caption" tabindex="0">
<table>
<caption id="caption">`+title+`: `+counted(l.Len(), "row")+`</caption>
<thead>
<tr><th scope="col">id</th>`...)
	if points {
		s.buf = append(s.buf, `<th scope="col" class="n">longitude (°)</th><th scope="col" class="n">latitude (°)</th>`...)
	}
	for _, c := range l.Columns() {
		s.buf = append(s.buf, `<th scope="col"`+htmlClass(c)+`>`+html.EscapeString(titled(c.Field))+`</th>`...)
	}
	s.buf = append(s.buf, "</tr>\n</thead>\n<tbody>\n"...)
	for i := range l.Len() {
		s.buf = append(s.buf, `<tr><th scope="row">`+html.EscapeString(l.ID(i))+`</th>`...)
		if points {
			s.buf = append(s.buf, `<td class="n">`...)
			p := l.Point(i)
			if l.Located(i) {
				s.buf = appendDegrees(s.buf, p[0])
			}
			s.buf = append(s.buf, `</td><td class="n">`...)
			if l.Located(i) {
				s.buf = appendDegrees(s.buf, p[1])
			}
			s.buf = append(s.buf, `</td>`...)
		}
		for _, c := range l.Columns() {
			s.buf = append(s.buf, `<td`+htmlClass(c)+`>`+html.EscapeString(c.Text(i))+`</td>`...)
		}
		s.buf = append(s.buf, "</tr>\n"...)
		if s.rest(); s.err != nil {
			return
		}
	}
	s.buf = append(s.buf, "</tbody>\n</table>\n</div>\n"...)
	for _, note := range append([]string{l.Licence, l.Attribution}, l.Notes...) {
		if note != "" {
			s.buf = append(s.buf, "<p>"+html.EscapeString(note)+"</p>\n"...)
		}
	}
	s.buf = append(s.buf, "</body>\n</html>\n"...)
}

// htmlClass sets numbers to the right.
func htmlClass(c geo.Column) string {
	if c.Type == geo.Number || c.Type == geo.Integer {
		return ` class="n"`
	}
	return ""
}

package api

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"careshed/geo"

	"github.com/paulmach/orb"
)

type previewIn struct {
	Format string `query:"format" doc:"as of a layer that is sent"`
	Key    string `query:"key" doc:"the key of the server, where a header cannot be sent"`
	Guess  string `query:"guess" enum:"yes,no" def:"yes" doc:"yes: columns that are not named are guessed by what they are called and hold; no: they are none"`
	columnsIn
}

// previewDoc is what was understood of a file: its columns and first rows as they stand in
// it, and how it would be read as a layer.
type previewDoc struct {
	previewFile
	Rows      int             `json:"rows"`
	Separator string          `json:"separator" doc:"of the cells of a CSV"`
	Columns   []previewColumn `json:"columns"`
	First     [][]string      `json:"first" doc:"the first rows, a text for each column"`
	Read      previewRead     `json:"read_as"`
	Shapes    string          `json:"shapes" doc:"points, areas, lines or mixed; empty for a table without"`
	Located   int             `json:"located" doc:"rows with a place on the map"`
	Box       []float64       `json:"box" doc:"that holds them: west, south, east, north, in degrees"`
	Notes     []string        `json:"notes"`
	Problem   string          `json:"problem,omitempty" doc:"why it cannot be read like this"`
}

// previewFile is what a file is, whatever it holds.
type previewFile struct {
	Format string   `json:"format" doc:"of the file; of an archive that of the file in it"`
	Tables []string `json:"tables" doc:"sheets, tables or files of an archive among which table chooses; the one that is read if none is named comes first"`
}

type previewColumn struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Empty int    `json:"without_value" doc:"rows"`
}

type previewRead struct {
	ID      string `json:"id"`
	Title   string `json:"name"`
	Lon     string `json:"lon"`
	Lat     string `json:"lat"`
	WKT     string `json:"wkt"`
	People  string `json:"people" doc:"the column with the number of people, as far as its name says"`
	CRS     string `json:"crs"`
	Decimal string `json:"decimal"`
}

// Of a preview no more is shown than somebody looks at.
const (
	previewRows    = 5
	previewColumns = 100
)

// preview reads a file that may become a layer and keeps nothing of it.
func (s *Server) preview(ctx context.Context, q *request, in previewIn) (any, error) {
	u := Upload{Name: "file", Format: cmp.Or(in.Format, uploadMedia[q.media]), Reading: in.reading(), Body: q.body}
	table, err := s.asTable(ctx, u)
	if wrong := (*problem)(nil); errors.As(err, &wrong) && len(wrong.choice) > 0 {
		return &previewDoc{previewFile: previewFile{u.Format, wrong.choice},
			Columns: []previewColumn{}, First: [][]string{}, Box: []float64{}, Notes: []string{}, Problem: wrong.detail}, nil
	}
	if err != nil {
		return nil, err
	}
	format := cmp.Or(table.Origin.Format, u.Format)                   // of a file in an archive
	flat, csv := format == "csv" || format == "xlsx", format == "csv" // flat: shapes, if any, stand in columns
	people := ""
	if in.Guess == "yes" {
		if csv && u.Decimal == "" && decimalCommas(table) {
			u.Decimal = ","
			if table, err = s.asTable(ctx, u); err != nil {
				return nil, err
			}
		}
		people = guessed(table, calledPeople, isNumber)
		u.Reading = u.guessed(table, flat)
	}
	doc := previewOf(table)
	doc.Format, doc.Tables = format, append([]string{}, table.Origin.Tables...)
	if csv && u.Format == "csv" {
		doc.Separator = separatorIn(q.body, doc.Columns)
	}
	layer, err := s.decode(ctx, u)
	if in.Guess == "yes" && !flat && err == nil && layer.IsTable() { // without shapes of its own
		u.Reading = u.guessed(table, true)
		layer, err = s.decode(ctx, u)
	}
	doc.Read = previewRead{u.ID, u.Title, u.Lon, u.Lat, u.WKT, people, u.CRS, map[string]string{",": "comma"}[u.Decimal]}
	var p *problem
	switch {
	case errors.As(err, &p) && p.kind == badLayer:
		doc.Problem = p.detail
	case err != nil:
		return nil, err
	default:
		doc.place(layer)
	}
	return doc, nil
}

// asTable reads a file without its shapes: every column is as it stands there.
func (s *Server) asTable(ctx context.Context, u Upload) (*geo.Layer, error) {
	u.Reading = Reading{Table: u.Table, Decimal: u.Decimal, Plain: true}
	return s.decode(ctx, u)
}

func previewOf(l *geo.Layer) *previewDoc {
	doc := &previewDoc{Rows: l.Len(), Columns: []previewColumn{}, First: make([][]string, min(previewRows, l.Len())), Box: []float64{}, Notes: []string{}}
	for _, c := range l.Columns()[:min(previewColumns, len(l.Columns()))] {
		p := previewColumn{Name: c.Name, Type: c.Type.String()}
		for i := range l.Len() {
			if c.Null(i) {
				p.Empty++
			}
		}
		doc.Columns = append(doc.Columns, p)
		for i := range doc.First {
			text := ""
			if !c.Null(i) {
				text = shorten(c.Text(i))
			}
			doc.First[i] = append(doc.First[i], text)
		}
	}
	return doc
}

// place says where the rows lie.
func (d *previewDoc) place(l *geo.Layer) {
	d.Notes = append(d.Notes, l.Notes...)
	for _, doubt := range l.Doubts {
		if !slices.Contains(d.Notes, doubt.Text) {
			d.Notes = append(d.Notes, doubt.Text)
		}
	}
	if l.IsTable() {
		return
	}
	var box orb.Bound
	for i := range l.Len() {
		g := l.Shape(i)
		if g == nil {
			continue
		}
		if d.Located++; d.Located == 1 {
			box = g.Bound()
		}
		box = box.Union(g.Bound())
		kind := [...]string{"points", "lines", "areas"}[min(g.Dimensions(), 2)]
		if d.Shapes != "" && d.Shapes != kind {
			kind = "mixed"
		}
		d.Shapes = kind
	}
	if d.Located > 0 {
		d.Box = []float64{box.Min[0], box.Min[1], box.Max[0], box.Max[1]}
	}
}

// What columns are called in the five languages of the app. A name counts if it is one of
// these, or begins or ends with one beside a sign that is no letter.
var (
	calledTitle = calledOneOf("name|hospital|center|centre|klinik|krankenhaus|zentrum|ort|hôpital|" +
		"hopital|nom|nombre|centro|ospedale|nome|ciudad|city|ville|città|title|titel")
	calledLon    = calledOneOf("lon|long|lng|longitude|länge|laenge|längengrad|longitud|longitudine|x|xcoord|easting|rechtswert")
	calledLat    = calledOneOf("lat|latitude|breite|breitengrad|latitud|latitudine|y|ycoord|northing|hochwert")
	calledPeople = calledOneOf("population|pop|people|persons|inhabitants|einwohner|ew|bevölkerung|" +
		"bevoelkerung|habitants|habitantes|población|poblacion|abitanti|popolazione")
	calledID  = calledOneOf("id|code|key|ags|iso|uuid|kennung|schlüssel|clave|clé|codice")
	calledWKT = calledOneOf("wkt|geom|geometry|the_geom|shape")
)

func calledOneOf(list string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|[^\pL])(?:` + list + `)(?:$|[^\pL])`)
}

// guessed is the first column whose name is one of these, those first that are called nothing
// else, and for which something holds; "" if none is.
func guessed(l *geo.Layer, called *regexp.Regexp, holds func(geo.Column) bool) string {
	best := ""
	for _, c := range l.Columns() {
		found := called.FindString(c.Name)
		if found == "" || !holds(c) {
			continue
		}
		if found == c.Name {
			return c.Name
		}
		best = cmp.Or(best, c.Name)
	}
	return best
}

// guessed fills in the columns that were not named; those of coordinates only for a file
// whose shapes stand in columns.
func (r Reading) guessed(l *geo.Layer, flat bool) Reading {
	if r.ID == "" {
		r.ID = guessed(l, calledID, tellsApart)
	}
	if r.Title == "" {
		r.Title = guessed(l, calledTitle, isText)
	}
	if !flat {
		return r
	}
	if r.Lon == "" && r.Lat == "" {
		lon, lat := guessed(l, calledLon, isNumber), guessed(l, calledLat, isNumber)
		if lon != "" && lat != "" {
			r.Lon, r.Lat = lon, lat
		}
	}
	if r.WKT == "" && r.Lon == "" {
		r.WKT = guessed(l, calledWKT, isText)
	}
	return r
}

func isText(c geo.Column) bool { return c.Type == geo.Text }

func isNumber(c geo.Column) bool { return c.Type == geo.Integer || c.Type == geo.Number }

// tellsApart reports whether every row has a value of its own.
func tellsApart(c geo.Column) bool {
	seen := make(map[string]bool, c.Len())
	for i := range c.Len() {
		text := c.Text(i)
		if c.Null(i) || seen[text] {
			return false
		}
		seen[text] = true
	}
	return c.Len() > 0
}

var withComma = regexp.MustCompile(`^\s*[-+]?\d+,\d+\s*$`)

// decimalCommas reports whether a column holds numbers with a comma before decimals, and
// nothing else.
func decimalCommas(l *geo.Layer) bool {
	return slices.ContainsFunc(l.Columns(), func(c geo.Column) bool {
		if c.Type != geo.Text {
			return false
		}
		found := false
		for i := range c.Len() {
			if c.Null(i) {
				continue
			}
			text := c.Text(i)
			if withComma.MatchString(text) {
				found = true
			} else if strings.Trim(text, "+-0123456789 ") != "" {
				return false
			}
		}
		return found
	})
}

// separatorIn is what stands between the names of the first two columns of a CSV, by its
// name; "" if it cannot be told.
func separatorIn(body []byte, columns []previewColumn) string {
	if len(columns) < 2 {
		return ""
	}
	head := body[:min(len(body), 64<<10)]
	for _, quote := range []string{`"`, ""} {
		for _, s := range [][2]string{{";", "semicolon"}, {"\t", "tab"}, {"|", "bar"}, {",", "comma"}} {
			if bytes.Contains(head, []byte(columns[0].Name+quote+s[0])) {
				return s[1]
			}
		}
	}
	return ""
}

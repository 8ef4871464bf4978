package api

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"reflect"
	"strconv"
	"strings"

	"careshed/access/study"
	"careshed/geo"
)

// tabular is an answer that is a table too: a slice of structs, one a row.
type tabular interface{ rows() any }

// encode writes a value in the format that was chosen.
func (s *Server) encode(rt *route, q *request, v any) (*answer, error) {
	switch x := v.(type) {
	case *answer:
		return x, nil
	case replied:
		a, err := s.encode(rt, q, x.value)
		if err == nil {
			a.status, a.header = x.status, append(a.header, x.header...)
		}
		return a, err
	}
	switch q.format {
	case asCSV:
		t, ok := v.(tabular)
		if !ok {
			return nil, fmt.Errorf("%s: %T is no table", rt.path, v)
		}
		body, err := toCSV(t.rows())
		return &answer{kind: asCSV.kind, body: body}, err
	case asHTML:
		return s.page(rt, q, v)
	}
	body, err := toJSON(v)
	return &answer{kind: q.format.kind, body: body}, err
}

// tableOf gives the names and cells of a slice of structs.
func tableOf(rows any) (head []string, cells [][]string) {
	v := reflect.ValueOf(rows)
	t := v.Type().Elem()
	for i := range t.NumField() {
		head = append(head, jsonName(t.Field(i)))
	}
	for i := range v.Len() {
		line := make([]string, len(head))
		for k := range line {
			line[k] = cellText(v.Index(i).Field(k))
		}
		cells = append(cells, line)
	}
	return head, cells
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

func cellText(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case study.Num:
		if x != x {
			return ""
		}
		return string(geo.AppendNumber(nil, float64(x)))
	case string:
		return x
	case int:
		return strconv.Itoa(x)
	case bool:
		return strconv.FormatBool(x)
	case []string:
		return strings.Join(x, "; ")
	case float64:
		return string(geo.AppendNumber(nil, x))
	case [2]float64: // an interval; zeros are none
		if x == [2]float64{} {
			return ""
		}
		return fmt.Sprintf("%v to %v", x[0], x[1])
	}
	return fmt.Sprint(v.Interface())
}

func toCSV(rows any) ([]byte, error) {
	head, cells := tableOf(rows)
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.Write(head); err != nil {
		return nil, err
	}
	for _, row := range cells {
		for i := range row {
			row[i] = geo.Inert(row[i]) // as in files: see data.Write
		}
	}
	err := w.WriteAll(cells)
	return b.Bytes(), err
}

//go:embed page.html
var pageText string

// newPage is the one page there is: links, a table, the document.
func newPage() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{"begins": strings.HasPrefix}).Parse(pageText))
}

// view is what a page shows.
type view struct {
	Title, Text, Home string
	Links             []link
	Pictures          []link
	Head              []string
	Cells             [][]string
	More              template.HTML // the rest of the document, its links made
}

// page shows a value to people: its table if it is one, and the document.
func (s *Server) page(rt *route, q *request, v any) (*answer, error) {
	p := view{Title: rt.summary, Home: q.base + "/"}
	if t, ok := v.(tabular); ok {
		p.Head, p.Cells = tableOf(t.rows())
		for _, line := range p.Cells {
			for k, c := range line {
				line[k] = readable(p.Head[k], c)
			}
		}
	}
	body, err := toJSON(v)
	if err != nil {
		return nil, err
	}
	var known struct {
		Title, Description string
		Links              []link
	}
	if json.Unmarshal(body, &known) == nil {
		p.Text, p.Links = known.Description, known.Links
		for _, l := range known.Links {
			if l.Type == asSVG.kind {
				p.Pictures = append(p.Pictures, l)
			}
		}
		if known.Title != "" {
			p.Title = known.Title
		}
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, body, "", "  "); err != nil {
		return nil, err
	}
	p.More = linked(indented.String(), q.base)
	return s.render(p)
}

// readable is a number cut to the decimals that are worth reading, for people: as many as
// the register of columns says, else four, and all of one that would be nothing then. CSV
// and JSON have all.
func readable(column, cell string) string {
	worth := 4
	switch c, known := study.ColumnOf(column); {
	case known && c.Kind == study.Words:
		return cell
	case known:
		worth = c.Kind.Decimals()
	}
	v, err := strconv.ParseFloat(cell, 64)
	_, decimals, point := strings.Cut(cell, ".")
	if err != nil || !point || len(decimals) <= worth || math.Abs(v) < 10*math.Pow10(-worth) {
		return cell
	}
	return strconv.FormatFloat(v, 'f', worth, 64)
}

func (s *Server) render(p view) (*answer, error) {
	var b bytes.Buffer
	if err := s.html.Execute(&b, p); err != nil {
		return nil, err
	}
	return &answer{kind: asHTML.kind, body: b.Bytes()}, nil
}

// linked escapes a JSON text and makes links of our own addresses in it.
func linked(text, base string) template.HTML {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, `"`+base)
		b.WriteString(template.HTMLEscapeString(before))
		if !found {
			return template.HTML(b.String())
		}
		path, after, _ := strings.Cut(rest, `"`)
		url := template.HTMLEscapeString(base + path)
		b.WriteString(`&#34;<a href="` + url + `">` + url + `</a>&#34;`)
		text = after
	}
}

package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// quickProcess is a route that can be asked as a process too: its parameters are
// the inputs.
type quickProcess struct{ id, path, title, description string }

var quickProcesses = []quickProcess{
	{"nearest", "/nearest", "The centers nearest to a point", "The same as GET /nearest, with its parameters as inputs."},
	{"isochrone", "/isochrone", "The area within minutes of a point", "The same as GET /isochrone, with its parameters as inputs."},
}

func quick(id string) (quickProcess, error) {
	for _, p := range quickProcesses {
		if p.id == id {
			return p, nil
		}
	}
	return quickProcess{}, missing("there is no process %q; /processes lists them", shorten(id))
}

func (p quickProcess) row(q *request) processRow {
	return processRow{p.id, "1.0.0", p.title, p.description, []string{"sync-execute"}, []link{
		q.to("/processes/"+p.id, "self", "application/json", "Its inputs"),
		q.to("/processes/"+p.id+"/execution", "http://www.opengis.net/def/rel/ogc/1.0/execute", "application/json", "Ask it (POST)"),
	}}
}

type quickDoc struct {
	ID          string                     `json:"id"`
	Version     string                     `json:"version"`
	Title       string                     `json:"title"`
	Description string                     `json:"description"`
	Control     []string                   `json:"jobControlOptions"`
	Inputs      map[string]processInput    `json:"inputs"`
	Outputs     map[string]json.RawMessage `json:"outputs"`
	Links       []link                     `json:"links"`
}

type processInput struct {
	Title  string          `json:"title"`
	Min    int             `json:"minOccurs"`
	Schema json.RawMessage `json:"schema"`
}

type processIn struct {
	ID string `path:"processId" doc:"nearest or isochrone"`
}

func (s *Server) routeOf(path string) *route {
	for _, rt := range s.table {
		if rt.path == path && rt.method == http.MethodGet {
			return rt
		}
	}
	panic("api: no route " + path)
}

func (s *Server) quickProcess(_ context.Context, q *request, in processIn) (any, error) {
	p, err := quick(in.ID)
	if err != nil {
		return nil, err
	}
	row := p.row(q)
	d := quickDoc{ID: p.id, Version: row.Version, Title: p.title, Description: p.description, Control: row.Control, Links: row.Links,
		Inputs: map[string]processInput{}, Outputs: map[string]json.RawMessage{"answer": json.RawMessage(`{"title": "The answer", "schema": {"type": "object"}}`)}}
	rt := s.routeOf(p.path)
	for i := range rt.params {
		x := &rt.params[i]
		text, err := json.Marshal(x.openapi()["schema"])
		if err != nil {
			return nil, err
		}
		min := 0
		if x.required {
			min = 1
		}
		d.Inputs[x.name] = processInput{x.doc, min, text}
	}
	return d, nil
}

// executeQuick asks a route with the inputs as its parameters.
func (s *Server) executeQuick(ctx context.Context, q *request, in processIn) (any, error) {
	p, err := quick(in.ID)
	if err != nil {
		return nil, err
	}
	var body struct {
		Inputs map[string]any `json:"inputs"`
	}
	d := json.NewDecoder(bytes.NewReader(q.body))
	d.UseNumber()
	if err := d.Decode(&body); err != nil {
		return nil, &problem{kind: badBody, detail: "the body is no JSON object with inputs", accepted: `{"inputs": {"lon": 15.8, "lat": 40.64}}`}
	}
	query := url.Values{}
	for name, v := range body.Inputs {
		text, err := inputText(v)
		if err != nil {
			return nil, parameter("inputs."+shorten(name), fmt.Sprint(v), "a number, a text or a list of them", "%v", err)
		}
		query.Set(name, text)
	}
	rt := s.routeOf(p.path)
	asked := *q
	asked.params, asked.query, asked.path = rt.params, query, p.path
	asked.format = rt.formats[0]
	v, err := rt.handle(ctx, &asked, query, func(string) string { return "" })
	if a, ok := v.(*answer); ok && err == nil {
		plain := *a
		plain.kind = asJSON.kind
		return &plain, nil
	}
	return v, err
}

func inputText(v any) (string, error) {
	switch x := v.(type) {
	case string:
		return x, nil
	case json.Number:
		return x.String(), nil
	case bool:
		return fmt.Sprint(x), nil
	case []any:
		var parts []string
		for _, e := range x {
			t, err := inputText(e)
			if err != nil {
				return "", err
			}
			parts = append(parts, t)
		}
		return strings.Join(parts, ","), nil
	}
	return "", fmt.Errorf("an input is a plain value")
}

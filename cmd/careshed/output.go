package main

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"careshed/access/study"
	"careshed/access/study/spec"
	"careshed/api/draw"
	"careshed/data"
	"careshed/geo"
)

// resultFormats are those that a result may be written in.
func resultFormats() []string {
	return data.Names(func(f data.Format) bool { return f.Result })
}

// textFormats are written unless others are asked for.
func textFormats() []string { return []string{data.CSV, data.GeoJSON} }

// wholeResult is the file that holds all of a result, "" for a format with a file
// for each layer and table.
func wholeResult(f data.Format) string {
	if f.Whole() {
		return "result" + f.Endings[0]
	}
	return ""
}

// formatsOf are the rows of the table of formats.
func formatsOf(names []string) []data.Format {
	out := make([]data.Format, len(names))
	for i, n := range names {
		out[i], _ = data.FormatNamed(n)
	}
	return out
}

// resultKind begins the name of the list of the files of a result.
const resultKind = "careshed-run"

// resultFolder is the folder for the result of a study. What a run is sure to
// write is looked at before it computes.
func resultFolder(dir string, s spec.Spec, formats, inputs []string) (*data.Folder, error) {
	f, err := data.OpenFolder(dir, resultKind, inputs...)
	if err != nil {
		return nil, err
	}
	names := []string{"summary.json", manifestName}
	for _, format := range formatsOf(formats) {
		if format.Whole() {
			names = append(names, wholeResult(format))
			continue
		}
		for _, layer := range []string{"places", "regions", "sites", "links"} {
			if layer != "regions" || s.Regions != nil {
				names = append(names, layer+format.Endings[0])
			}
		}
	}
	return f, f.Check(names...)
}

// stylesOf are the classes and colours that a map of each layer has, for those
// that can be drawn.
func stylesOf(layers []*geo.Layer) map[string]data.Style {
	styles := map[string]data.Style{}
	for _, l := range layers {
		if l.IsTable() {
			continue
		}
		c, err := draw.Classify(l, draw.Options{})
		if err != nil {
			continue // nothing to colour by: QGIS shows it in one colour
		}
		styles[l.Name] = data.Style{Column: c.Column, Title: c.Title, Breaks: c.Breaks, Colours: c.Colours, Percent: c.Percent}
	}
	return styles
}

// sink takes the files of a result, all or none: a folder, or a bundle for a store.
type sink interface {
	Write(name string, write func(io.Writer) error) error
	Sum(name string) string
	Commit(last ...string) error
	Close() error
}

// writeResult writes a result into a folder, in the given formats. What the
// spec's output says of a layer holds: none leaves it out of all of them, csv
// and geojson out of the other of the two. Everything is written beside it
// first and moved in at the end, the manifest last, so that a failure leaves
// what was there. Files that an earlier run has written and this one has not are
// removed; others are not touched.
func writeResult(f sink, r *study.Result, formats []string) error {
	defer f.Close()
	type job struct {
		name  string
		write func(io.Writer) error
	}
	var jobs []job
	add := func(l *geo.Layer, folder string, format data.Format) {
		jobs = append(jobs, job{folder + l.Name + format.Endings[0], func(w io.Writer) error { return data.Write(w, l, format.Name) }})
	}
	chosen := formatsOf(formats)
	var packaged []*geo.Layer
	for _, l := range r.Layers {
		how := r.Spec.Output[l.Name]
		if ofScenario(l.Name) {
			how = r.Spec.Output["scenario_regions"]
		}
		if how == "none" {
			continue
		}
		packaged = append(packaged, l)
		for _, format := range chosen {
			other := how == "csv" && format.Name == data.GeoJSON || how == "geojson" && format.Name == data.CSV
			if !format.Whole() && !(l.IsTable() && format.Shapes) && !other {
				add(l, "", format)
			}
		}
	}
	if r.Spec.Output["tables"] != "none" {
		for _, t := range r.Tables {
			packaged = append(packaged, t)
			for _, format := range chosen {
				if !format.Whole() && !format.Shapes {
					add(t, "tables/", format)
				}
			}
		}
	}
	for _, format := range chosen {
		if format.Whole() {
			jobs = append(jobs, job{wholeResult(format), func(w io.Writer) error { return data.WriteWhole(w, format.Name, stylesOf(packaged), packaged...) }})
		}
	}
	jobs = append(jobs, job{"summary.json", func(w io.Writer) error { return writeJSON(w, r.Summary) }})
	failed := make([]error, len(jobs))
	done := make(chan int)
	slots := make(chan struct{}, 2)
	for i, j := range jobs {
		go func() {
			slots <- struct{}{}
			failed[i] = f.Write(j.name, j.write)
			<-slots
			done <- i
		}()
	}
	for range jobs {
		<-done
	}
	manifest := r.Manifest
	if !slices.Equal(formats, textFormats()) {
		manifest.Formats = formats
	}
	for i, j := range jobs {
		if failed[i] != nil {
			return failed[i]
		}
		manifest.Outputs = append(manifest.Outputs, study.File{Name: j.name, SHA256: f.Sum(j.name)})
	}
	if err := f.Write(manifestName, func(w io.Writer) error { return writeJSON(w, manifest) }); err != nil {
		return err
	}
	return f.Commit("summary.json", manifestName)
}

// ofScenario reports whether a layer shows the regions or sites of a scenario.
func ofScenario(name string) bool {
	return strings.HasPrefix(name, "regions_") || strings.HasPrefix(name, "sites_")
}

func writeJSON(w io.Writer, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"careshed/access/study"
	"careshed/data"
	"careshed/geo"
)

// extension of each format that a result may be written in. A GeoPackage holds
// all of its layers and tables, the others one each.
var extension = map[string]string{data.CSV: ".csv", data.GeoJSON: ".geojson", data.GeoPackage: ".gpkg",
	data.GeoParquet: ".parquet", data.KML: ".kml", data.HTML: ".html"}

// resultFormats are the keys of extension, in the order of the manual.
var resultFormats = []string{data.CSV, data.GeoJSON, data.GeoPackage, data.GeoParquet, data.KML, data.HTML}

// textFormats are written unless others are asked for.
var textFormats = []string{data.CSV, data.GeoJSON}

const resultPackage = "result.gpkg"

// writeResult writes a result into a folder, in the given formats. What the
// spec's output says of a layer holds: none leaves it out of all of them, csv
// and geojson out of the other of the two. Everything is written beside it
// first and moved in at the end, the manifest last, so that a failure leaves
// what was there. Other files of the folder are not touched; outputs of an
// earlier run that this one does not have are removed.
func writeResult(dir string, r *study.Result, formats []string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("write %s: %w", dir, plainPath(err))
	}
	stage, err := os.MkdirTemp(dir, ".careshed-")
	if err != nil {
		return fmt.Errorf("write %s: %w", dir, plainPath(err))
	}
	defer os.RemoveAll(stage)
	if err := os.Mkdir(filepath.Join(stage, "tables"), 0o777); err != nil {
		return err
	}
	type job struct {
		name  string
		write func(io.Writer) error
	}
	var jobs []job
	add := func(l *geo.Layer, folder, format string) {
		jobs = append(jobs, job{filepath.Join(folder, l.Name+extension[format]), func(w io.Writer) error { return data.Write(w, l, format) }})
	}
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
		for _, f := range formats {
			shapeless := l.IsTable() && (f == data.GeoJSON || f == data.KML)
			other := how == "csv" && f == data.GeoJSON || how == "geojson" && f == data.CSV
			if f != data.GeoPackage && !shapeless && !other {
				add(l, "", f)
			}
		}
	}
	if r.Spec.Output["tables"] != "none" {
		for _, t := range r.Tables {
			packaged = append(packaged, t)
			for _, f := range formats {
				if f != data.GeoPackage && f != data.GeoJSON && f != data.KML {
					add(t, "tables", f)
				}
			}
		}
	}
	if slices.Contains(formats, data.GeoPackage) {
		jobs = append(jobs, job{resultPackage, func(w io.Writer) error { return data.WriteGeoPackage(w, packaged...) }})
	}
	manifest := r.Manifest
	for _, j := range jobs {
		manifest.Outputs = append(manifest.Outputs, filepath.ToSlash(j.name))
	}
	jobs = append(jobs,
		job{"summary.json", func(w io.Writer) error { return writeJSON(w, r.Summary) }},
		job{"manifest.json", func(w io.Writer) error { return writeJSON(w, manifest) }})
	failed := make([]error, len(jobs))
	done := make(chan int)
	slots := make(chan struct{}, 2)
	for i, j := range jobs {
		go func() {
			slots <- struct{}{}
			failed[i] = writePlain(filepath.Join(stage, j.name), j.write)
			<-slots
			done <- i
		}()
	}
	for range jobs {
		<-done
	}
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	if err := removeOutputs(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, "tables"), 0o777); err != nil {
		return err
	}
	for _, j := range jobs {
		if err := os.Rename(filepath.Join(stage, j.name), filepath.Join(dir, j.name)); err != nil {
			return fmt.Errorf("write %s: %w", dir, err)
		}
	}
	return nil
}

// ofScenario reports whether a layer or its file shows the regions or sites of a
// scenario. Such files are removed if the manifest of the earlier run names them.
func ofScenario(name string) bool {
	return strings.HasPrefix(name, "regions_") || strings.HasPrefix(name, "sites_")
}

// removeOutputs removes what an earlier run has written into a folder.
func removeOutputs(dir string) error {
	stale := []string{"manifest.json", "summary.json", resultPackage}
	for _, f := range resultFormats {
		for _, layer := range []string{"places", "regions", "sites", "links"} {
			stale = append(stale, layer+extension[f])
		}
		tables, err := filepath.Glob(filepath.Join(dir, "tables", "*"+extension[f]))
		if err != nil {
			return err
		}
		for _, t := range tables {
			stale = append(stale, filepath.Join("tables", filepath.Base(t)))
		}
	}
	earlier, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	var m study.Manifest
	if json.Unmarshal(earlier, &m) == nil {
		for _, name := range m.Outputs {
			if ofScenario(name) && filepath.Base(name) == name {
				stale = append(stale, name)
			}
		}
	}
	for _, name := range stale {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

// writePlain writes a file that only its rename makes visible.
func writePlain(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		f.Close()
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
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

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"careshed/access/study"
	"careshed/data"
	"careshed/geo"
)

// extension of each format that a result is written in.
var extension = map[string]string{data.CSV: ".csv", data.GeoJSON: ".geojson"}

// writeResult writes a result into a folder: everything is written beside it
// first and moved in at the end, the manifest last, so that a failure leaves
// what was there. Other files of the folder are not touched; outputs of an
// earlier run that this one does not have are removed.
func writeResult(dir string, r *study.Result) error {
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
	for _, l := range r.Layers {
		how := r.Spec.Output[l.Name]
		if how == "" || how == "both" || how == "csv" {
			add(l, "", data.CSV)
		}
		if (how == "" || how == "both" || how == "geojson") && !l.IsTable() {
			add(l, "", data.GeoJSON)
		}
	}
	if r.Spec.Output["tables"] != "none" {
		for _, t := range r.Tables {
			add(t, "tables", data.CSV)
		}
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
	for _, stale := range []string{"manifest.json", "summary.json", "places", "regions", "sites", "links", "tables"} {
		for _, end := range []string{"", ".csv", ".geojson"} {
			if end == "" && stale != "tables" && filepath.Ext(stale) == "" {
				continue
			}
			if err := removeOutput(filepath.Join(dir, stale+end), stale == "tables"); err != nil {
				return err
			}
		}
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

// removeOutput removes a file of an earlier run, or the tables of one.
func removeOutput(path string, tables bool) error {
	if !tables {
		if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			return err
		}
		return nil
	}
	old, err := filepath.Glob(filepath.Join(path, "*.csv"))
	if err != nil {
		return err
	}
	for _, f := range old {
		if err := os.Remove(f); err != nil {
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

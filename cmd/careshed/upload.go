package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"careshed/api"
	"careshed/data"
	"careshed/geo"
)

// temporaryName begins the names of the folders in which layers that are sent are read.
const temporaryName = "careshed-upload-"

// keyVariable is the environment variable with the key that lets layers be sent:
// what stands in a command is seen by everybody on a machine.
const keyVariable = "CARESHED_KEY"

// shortestKey is how long a key must be not to be guessed.
const shortestKey = 16

// uploadKey is the key of a server that takes layers, "" for one that does not.
func uploadKey() (string, error) {
	key := strings.TrimSpace(os.Getenv(keyVariable))
	if key != "" && len(key) < shortestKey {
		return "", usageError{fmt.Errorf("%s has %d characters; accepted: %d or more, such as openssl rand -hex 16 gives", keyVariable, len(key), shortestKey)}
	}
	return key, nil
}

// endings are those of files in the formats that may be sent: all that are read.
func endings() map[string]string {
	out := map[string]string{}
	for _, f := range data.Formats() {
		if f.Reads() {
			out[f.Name] = f.Endings[0]
		}
	}
	return out
}

// largest bounds what a file that is sent may hold after decompression, by format: a
// workbook is small, and becomes many times larger while it is read.
var largest = map[string]int64{data.XLSX: 256 << 20, data.KML: 1 << 30}

// sentLimits bound what one layer that was sent may hold, unpacked: less than what a
// person at a command reads, for the memory is everybody's.
func sentLimits(memory int64) data.Limits {
	return data.Limits{Bytes: min(512<<20, memory/8), Features: 5e6, Columns: 500, Cells: 25e6, Vertices: 1e6, Text: 256 << 10, Tables: true}
}

// decoder is decodeUpload within limits.
func decoder(limits data.Limits) func(context.Context, api.Upload) (*geo.Layer, error) {
	return func(ctx context.Context, u api.Upload) (*geo.Layer, error) { return decodeUpload(ctx, u, limits) }
}

// decodeUpload reads a layer that a request sent, as if it were a file in a folder
// of its own.
func decodeUpload(ctx context.Context, u api.Upload, limits data.Limits) (*geo.Layer, error) {
	endings := endings()
	ending, ok := endings[u.Format]
	if u.Format == "" {
		return nil, errors.New("the format is not said; accepted: a Content-Type such as text/csv or application/geo+json, or the parameter format: " + strings.Join(sortedKeys(endings), ", "))
	}
	if !ok {
		return nil, fmt.Errorf("format %q; accepted: %s", u.Format, strings.Join(sortedKeys(endings), ", "))
	}
	dir, err := data.TempFolder("", temporaryName)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	name := u.Name + ending
	if err := os.WriteFile(filepath.Join(dir, name), u.Body, 0o600); err != nil {
		return nil, err
	}
	limits.Formats = largest
	source := data.Source{File: name, Format: u.Format, Table: u.Table, ID: u.ID, Lon: u.Lon, Lat: u.Lat, WKT: u.WKT, CRS: u.CRS, Decimal: u.Decimal,
		Licence: u.Licence, Attribution: u.From}
	if u.Title != "" && u.Title != "name" {
		source.Columns = map[string]string{"name": u.Title}
	}
	if u.Plain {
		source.Geometry = "none"
	}
	l, err := data.NewCatalog(dir, map[string]data.Source{u.Name: source}).Limited(limits).Layer(ctx, u.Name)
	var p *os.PathError
	if errors.As(err, &p) {
		return nil, fmt.Errorf("%s: %w", name, p.Err)
	}
	return l, err
}

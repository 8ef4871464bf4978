package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"careshed/data"
	"careshed/geo/road"
	"careshed/geo/travel"

	"github.com/paulmach/orb"
)

// partRows is how many rows a part holds at most. Writing a row takes as long wherever it
// leads, 0.3 µs, and finding it a sixth of that: so parts of as many rows take as long as
// each other, this many some three seconds of one core, and are 50 MB.
const partRows = 8_000_000

// matrixList is the kind of a folder of parts, and matrixManifest the file that says of what
// they were made.
const (
	matrixList     = "careshed-matrix"
	matrixManifest = "manifest.json"
)

// matrixSpec is what the parts of a matrix are made of. Roads, places and sites are the
// SHA-256 of their files.
type matrixSpec struct {
	Version  string   `json:"version"`
	Roads    string   `json:"roads"`
	Places   string   `json:"places"`
	Sites    string   `json:"sites"`
	LimitMin *float64 `json:"limit_min,omitempty"` // nil: none
	PartRows int      `json:"part_rows"`
}

// id is the hash of what makes a part.
func (s matrixSpec) id(part int) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // texts and numbers
	}
	sum := sha256.Sum256(fmt.Appendf(text, "part %d", part))
	return hex.EncodeToString(sum[:16])
}

// matrix is a table of ways that is made part by part, counted from 0.
type matrix struct {
	matrixSpec
	places, sites []travel.Stop
	table         *road.Table // nil before it is made ready
}

// prepare makes the table ready, with the roads of an index.
func (m *matrix) prepare(ctx context.Context, index string) error {
	engine, err := openRoads(index)
	if err != nil {
		return err
	}
	limit := 0.0
	if m.LimitMin != nil {
		limit = *m.LimitMin
	}
	m.table, err = engine.Table(ctx, matrixQuery(m.places, m.sites, limit))
	return err
}

// sitesEach is how many sites a part has.
func (m *matrix) sitesEach() int { return max(1, m.PartRows/max(1, len(m.places))) }

// parts is how many there are: at least one, which may be empty.
func (m *matrix) parts() int { return max(1, (len(m.sites)+m.sitesEach()-1)/m.sitesEach()) }

// partName is the file of a part.
func partName(part int) string { return fmt.Sprintf("part-%05d.parquet", part+1) }

// write writes a part.
func (m *matrix) write(ctx context.Context, w io.Writer, part int) error {
	out := data.NewMatrixWriter(w, m.id(part))
	rows := make([]data.MatrixRow, 0, len(m.places))
	from := part * m.sitesEach()
	err := m.table.Rows(ctx, from, min(from+m.sitesEach(), len(m.sites)), func(site int, legs []travel.Leg) error {
		rows = rows[:0]
		for _, l := range legs {
			rows = append(rows, data.MatrixRow{Place: m.places[l.Place].ID, Site: m.sites[site].ID, Minutes: l.Time.Minutes(), Kilometres: l.Length.Kilometres()})
		}
		return out.Write(rows)
	})
	if err != nil {
		return err
	}
	return out.Close()
}

// stopFile are stops as workers get them: the same stops are the same bytes, whatever file
// they came from.
type stopFile struct {
	ID string     `json:"id"`
	At *orb.Point `json:"at,omitempty"` // not there: nobody knows where
}

func packStops(stops []travel.Stop) (text []byte, sum string, err error) {
	out := make([]stopFile, len(stops))
	for i, s := range stops {
		if out[i].ID = s.ID; s.Located {
			out[i].At = &stops[i].At
		}
	}
	if text, err = json.Marshal(out); err != nil {
		return nil, "", err
	}
	of := sha256.Sum256(text)
	return text, hex.EncodeToString(of[:]), nil
}

func unpackStops(text []byte) ([]travel.Stop, error) {
	var in []stopFile
	if err := json.Unmarshal(text, &in); err != nil {
		return nil, err
	}
	out := make([]travel.Stop, len(in))
	for i, s := range in {
		if out[i].ID = s.ID; s.At != nil {
			out[i].At, out[i].Located = *s.At, true
		}
	}
	return out, nil
}

// partFolder is a folder of parts of a matrix, as it is filled.
type partFolder struct {
	*env
	*matrix
	ask   matrixAsk
	files map[string][]byte // what workers read beside the index, by SHA-256
	done  int
}

// matrixParts makes a folder of parts here, of those of other folders, or by a fleet.
func (e *env) matrixParts(ctx context.Context, a matrixAsk) error {
	f := &partFolder{env: e, ask: a, files: map[string][]byte{}}
	var err error
	if f.matrix, err = f.read(ctx); err != nil {
		return err
	}
	aside, err := data.Mend(a.out.path, matrixList, nil)
	if err != nil {
		return err
	}
	if len(aside) > 0 {
		fmt.Fprintf(e.log, "not as it was written, and kept with .changed after its name: %s\n", strings.Join(aside, ", "))
	}
	only, err := partOf(a.shard)
	if err != nil {
		return err
	}
	all := make([]int, f.parts())
	for k := range all {
		all[k] = k
	}
	all = taken(only, all)
	missing, err := f.missing(all)
	if err != nil {
		return err
	}
	switch {
	case len(missing) == 0:
	case len(a.merge) > 0:
		err = f.merge(ctx, missing)
	case a.on != "":
		err = f.on(ctx, missing)
	default:
		err = f.here(ctx, missing)
	}
	if err != nil {
		return err
	}
	return f.finish(all)
}

// read is the matrix that is asked for, not made ready.
func (f *partFolder) read(ctx context.Context) (*matrix, error) {
	places, sites, err := f.stops(ctx, f.ask)
	if err != nil {
		return nil, err
	}
	m := &matrix{matrixSpec: matrixSpec{Version: version, PartRows: f.ask.rows}, places: places, sites: sites}
	if f.ask.limit > 0 {
		m.LimitMin = &f.ask.limit
	}
	if m.Roads, err = digest(f.ask.index); err != nil {
		return nil, inputError{fmt.Errorf("%s: %w", f.ask.index, plainPath(err))}
	}
	for _, s := range []struct {
		stops []travel.Stop
		sum   *string
	}{{places, &m.Places}, {sites, &m.Sites}} {
		text, sum, err := packStops(s.stops)
		if err != nil {
			return nil, err
		}
		*s.sum, f.files[sum] = sum, text
	}
	return m, nil
}

// folder opens the folder, whose other parts stay.
func (f *partFolder) folder() (*data.Folder, error) {
	out, err := data.OpenFolder(f.ask.out.path, matrixList, f.ask.index, f.ask.places, f.ask.sites)
	if err != nil {
		return nil, err
	}
	for k := range f.parts() {
		out.Keep(partName(k))
	}
	return out, nil
}

// missing are those of some parts that are not there, whole and made of the same.
func (f *partFolder) missing(parts []int) (out []int, err error) {
	folder, err := f.folder()
	if err != nil {
		return nil, err
	}
	for _, k := range parts {
		name := partName(k)
		of, _, err := data.MatrixFile(filepath.Join(f.ask.out.path, name))
		if folder.Kept(name) == "" || err != nil || of != f.id(k) {
			out = append(out, k)
			continue
		}
		f.say(k, len(parts), "there already")
	}
	return out, nil
}

func (f *partFolder) say(part, of int, what string) {
	f.done++
	fmt.Fprintf(f.log, "%d of %d: %s: %s\n", f.done, of, partName(part), what)
}

// add writes a part into the folder, whole or not at all.
func (f *partFolder) add(part int, write func(io.Writer) error) error {
	folder, err := f.folder()
	if err != nil {
		return err
	}
	defer folder.Close()
	if err := folder.Write(partName(part), write); err != nil {
		return err
	}
	return folder.Commit()
}

// here makes parts on this machine.
func (f *partFolder) here(ctx context.Context, parts []int) error {
	if err := f.prepare(ctx, f.ask.index); err != nil {
		return err
	}
	all := f.done + len(parts)
	for _, k := range parts {
		if err := f.add(k, func(w io.Writer) error { return f.write(ctx, w, k) }); err != nil {
			return err
		}
		f.say(k, all, "done")
	}
	return nil
}

// merge takes parts from the folders in which they were made.
func (f *partFolder) merge(ctx context.Context, parts []int) error {
	all := f.done + len(parts)
	var missing []string
	for _, k := range parts {
		if err := ctx.Err(); err != nil {
			return err
		}
		from := f.wholeIn(k)
		if from == "" {
			missing = append(missing, partName(k))
			continue
		}
		err := f.add(k, func(w io.Writer) error {
			r, err := os.Open(filepath.Join(from, partName(k)))
			if err != nil {
				return err
			}
			_, err = io.Copy(w, r)
			return errors.Join(err, r.Close())
		})
		if err != nil {
			return err
		}
		f.say(k, all, "from "+from)
	}
	if len(missing) == 0 {
		return nil
	}
	more := ""
	if len(missing) > 5 {
		more = " …"
	}
	return inputError{fmt.Errorf("%d of %d parts are in none of the folders, whole and made by this version of the same roads, places and sites: %s%s",
		len(missing), f.parts(), strings.Join(missing[:min(len(missing), 5)], ", "), more)}
}

// wholeIn is the folder that has a part, made of the same and as it was written; "" if none
// has.
func (f *partFolder) wholeIn(part int) string {
	for _, dir := range f.ask.merge {
		path := filepath.Join(dir, partName(part))
		list, err := data.OpenFolder(dir, matrixList)
		if err != nil {
			continue
		}
		if of, _, err := data.MatrixFile(path); err != nil || of != f.id(part) {
			continue
		}
		if sum, err := digest(path); err == nil && sum == list.Kept(partName(part)) {
			return dir
		}
	}
	return ""
}

// matrixTold is manifest.json.
type matrixTold struct {
	Program string `json:"program"`
	matrixSpec
	Files struct {
		Roads  string `json:"roads"`
		Places string `json:"places"`
		Sites  string `json:"sites"`
	} `json:"files"`
	Pairs int64      `json:"pairs"`
	Parts []partTold `json:"parts"`
}

type partTold struct {
	File   string `json:"file"`
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"`
}

// finish writes the manifest, if all parts are there, and says what there is.
func (f *partFolder) finish(parts []int) error {
	folder, err := f.folder()
	if err != nil {
		return err
	}
	defer folder.Close()
	told := matrixTold{Program: "careshed", matrixSpec: f.matrixSpec}
	told.Files.Roads, told.Files.Places, told.Files.Sites = filepath.Base(f.ask.index), filepath.Base(f.ask.places), filepath.Base(f.ask.sites)
	for _, k := range parts {
		_, rows, err := data.MatrixFile(filepath.Join(f.ask.out.path, partName(k)))
		if err != nil {
			return err
		}
		told.Pairs += rows
		told.Parts = append(told.Parts, partTold{partName(k), rows, folder.Kept(partName(k))})
	}
	if len(parts) == f.parts() {
		var text bytes.Buffer
		in := json.NewEncoder(&text)
		in.SetIndent("", "  ")
		if err := in.Encode(told); err != nil {
			return err
		}
		if err := folder.Write(matrixManifest, func(w io.Writer) error { _, err := w.Write(text.Bytes()); return err }); err != nil {
			return err
		}
		if err := folder.Commit(); err != nil {
			return err
		}
	}
	pairs := whole(float64(len(f.places) * len(f.sites)))
	fmt.Fprintf(f.out, "%s: %s of %s pairs in %d of %d parts\n", f.ask.out.path, whole(float64(told.Pairs)), pairs, len(parts), f.parts())
	return nil
}

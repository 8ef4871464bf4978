// Package draw makes finished maps of results: a choropleth as SVG, PNG or PDF,
// with the finding, legend, sources and caveats on the same page.
//
// A map is a function of its layers and options, the same to the byte each
// time. It draws what the result says and computes nothing of its own beyond
// classes; there are no base maps or tiles. A region has its name on it where that fits.
package draw

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"careshed/access/study"
	"careshed/access/study/spec"
	"careshed/api/canvas"
	"careshed/api/words"
	"careshed/geo"
)

// Options choose what a map shows. The zero value takes what the study asks for
// under present.map, else regions by centers per 10 million people, else
// whatever number the layer has first.
type Options struct {
	Layer    string    // regions, places or sites
	Column   string    // a column of numbers
	Breaks   []float64 // class limits, rising; if left out the usual ones of the column, or chosen to be round
	Title    string    // made from the finding if left out
	Subtitle string    // the finding if left out
	Width    int       // of the page, pixels; 1000 if left out
	Page     string    // a sheet of paper in place of the width: one of Pages

	Format string          // svg, png or pdf; svg if left out
	DPI    float64         // of a PNG; 192 if left out, or fewer where that is too large
	Words  *words.Language // what is written on the map, and the unit of lengths; English if left out
	Bare   bool            // without title, subtitle, notes and sources, for a page that has them
}

// Formats lists what a map can be written as, the first if nothing is said.
func Formats() []string { return []string{"svg", "png", "pdf"} }

// The narrowest and widest page, pixels.
const (
	MinWidth, MaxWidth = 320, 4000
	defaultWidth       = 1000
)

// OptionError says which option of a map cannot be had, and what can.
type OptionError struct {
	Option          string // layer, column, breaks, width, format or dpi
	Problem, Accept string
	Near            string // what may have been meant
}

func (e *OptionError) Error() string {
	s := e.Option + ": " + e.Problem
	if e.Near != "" {
		s += fmt.Sprintf("; did you mean %s?", e.Near)
	}
	if e.Accept != "" {
		s += "; accepted: " + e.Accept
	}
	return s
}

// Map draws a result. Errors about the options are *OptionError.
func Map(w io.Writer, r *study.Result, o Options) error {
	return o.write(w, func() (*canvas.Drawing, error) { return Picture(r, o) })
}

// Picture is the map of a result, to be put on a page.
func Picture(r *study.Result, o Options) (*canvas.Drawing, error) {
	if s := r.Spec.Present; s != nil && s.Map != nil {
		o = o.over(*s.Map)
	}
	l, err := choose(r, o.Layer)
	if err != nil {
		return nil, err
	}
	d, err := newDrawing(l, o)
	if err != nil {
		return nil, err
	}
	if !d.areas {
		if regions := r.Layer("regions"); regions != nil {
			d.regions = regions
			if d.outline, _, err = polygonsOf(regions); err != nil {
				return nil, err
			}
		}
	}
	scenario, _ := scenarioOf(r, l.Name, d.column.Name)
	sites := r.Layer("sites")
	if scenario != "" {
		if changed := r.Layer("sites_" + scenario); changed != nil {
			sites = changed
		}
	}
	if sites != nil && sites != l && !sites.IsTable() {
		d.sites = sites
	}
	d.found(r)
	return d.picture(), nil
}

// Layer draws one layer by itself, without what a study found of it.
func Layer(w io.Writer, l *geo.Layer, o Options) error {
	return o.write(w, func() (*canvas.Drawing, error) {
		d, err := newDrawing(l, o)
		if err != nil {
			return nil, err
		}
		if d.title == "" {
			d.title = cmp.Or(l.Title, l.Name)
		}
		if l.Attribution != "" {
			d.sources = append(d.sources, credit(l))
		}
		d.notes = l.Notes
		return d.picture(), nil
	})
}

// write writes what is drawn in the format asked for; a format that there is not
// is refused before anything is drawn.
func (o Options) write(w io.Writer, draw func() (*canvas.Drawing, error)) error {
	format := cmp.Or(o.Format, Formats()[0])
	if !slices.Contains(Formats(), format) {
		return &OptionError{Option: "format", Problem: fmt.Sprintf("there is no map as %q", o.Format), Accept: strings.Join(Formats(), ", ")}
	}
	if o.DPI != 0 && !(o.DPI >= canvas.MinDPI && o.DPI <= canvas.MaxDPI) {
		return &OptionError{Option: "dpi", Problem: fmt.Sprintf("%v dots per inch", o.DPI), Accept: fmt.Sprintf("%d to %d", canvas.MinDPI, canvas.MaxDPI)}
	}
	page, err := draw()
	if err != nil {
		return err
	}
	switch format {
	case "png":
		err = page.PNG(w, o.DPI)
	case "pdf":
		err = page.PDF(w)
	default:
		err = page.SVG(w)
	}
	var large *canvas.TooLargeError
	if errors.As(err, &large) {
		return &OptionError{Option: "dpi", Problem: large.Error(), Accept: "fewer dots per inch, or a narrower page"}
	}
	return err
}

// over fills what the options leave out from a study's wishes. What was wished
// for another column does not hold for this one.
func (o Options) over(m spec.MapSpec) Options {
	if o.Layer == "" && (o.Column == "" || o.Column == m.Column) {
		o.Layer = m.Layer
	}
	if o.Column == "" && (m.Layer == "" || o.Layer == m.Layer) {
		o.Column = m.Column
	}
	if o.Column == m.Column && (m.Layer == "" || o.Layer == m.Layer) {
		if o.Breaks == nil && !o.inMiles(m.Column) { // they are of the unit of the column
			o.Breaks = m.Breaks
		}
		o.Title = cmp.Or(o.Title, m.Title)
	}
	return o
}

// inMiles reports whether a column of kilometres is shown in miles.
func (o Options) inMiles(column string) bool {
	return o.Words != nil && o.Words.Miles && strings.HasSuffix(column, "_km")
}

// choose is the layer to draw: regions, or places where there are no regions.
func choose(r *study.Result, name string) (*geo.Layer, error) {
	var known []string
	for _, l := range r.Layers {
		if !l.IsTable() && l.Name != "links" {
			known = append(known, l.Name)
		}
	}
	if name == "" {
		name = "places"
		if l := r.Layer("regions"); l != nil && !l.IsTable() {
			name = "regions"
		}
	}
	e := &OptionError{Option: "layer", Accept: strings.Join(known, ", ")}
	l := r.Layer(name)
	switch {
	case l == nil:
		e.Problem, e.Near = fmt.Sprintf("this result has no layer %q", name), geo.Like(name, known)
	case l.IsTable():
		e.Problem = fmt.Sprintf("%s has no shapes to draw", name)
	default:
		return l, nil
	}
	return nil, e
}

// drawing is a map about to be laid out.
type drawing struct {
	layer    *geo.Layer
	column   geo.Column
	values   []float64
	areas    bool // the layer has polygons
	parts    []part
	regions  *geo.Layer // beneath points
	outline  []part     // of these regions
	sites    *geo.Layer
	doubts   []doubt // by row, "" for none; nil where the column has none
	classes  classes
	style    style
	say      *words.Language
	bare     bool
	subject  subject
	limit    float64 // of travel in the study, minutes; 0 for none
	patients string  // whose disease the figures of patients are of
	width    float64
	paper    string  // that it is for, "" for none
	high     float64 // of the map itself: at most; then as it is
	title    string
	subtitle string
	notes    []string
	foremost int // of the notes, those that stand before what the page adds
	sources  []string
}

func newDrawing(l *geo.Layer, o Options) (*drawing, error) {
	d := &drawing{layer: l, title: o.Title, subtitle: o.Subtitle, width: defaultWidth, paper: o.Page, say: o.Words, bare: o.Bare}
	if err := o.checkPage(); err != nil {
		return nil, err
	}
	if d.say == nil {
		d.say = words.Default()
	}
	if o.Width != 0 {
		d.width = float64(o.Width)
	}
	if d.width < MinWidth || d.width > MaxWidth {
		return nil, &OptionError{Option: "width", Problem: fmt.Sprintf("%d pixels", o.Width), Accept: fmt.Sprintf("%d to %d", MinWidth, MaxWidth)}
	}
	var err error
	if d.column, err = columnOf(l, o.Column); err != nil {
		return nil, err
	}
	d.values = d.column.Values()
	if o.inMiles(d.column.Name) {
		d.values = slices.Clone(d.values)
		for i := range d.values {
			d.values[i] /= words.KmPerMile
		}
	}
	d.subject = subjectOf(d.column.Name)
	d.style = style{say: d.say, flag: d.column.Type == geo.Bool, percent: strings.HasPrefix(d.column.Name, "share_")}
	if d.parts, d.areas, err = polygonsOf(l); err != nil {
		return nil, err
	}
	if !d.areas {
		if d.parts = pointsOf(l); len(d.parts) == 0 {
			return nil, &OptionError{Option: "layer", Problem: fmt.Sprintf("no row of %s has a location", l.Name)}
		}
	}
	if err := checkBreaks(o.Breaks); err != nil {
		return nil, err
	}
	d.doubts = doubtsOf(l, d.column.Name)
	sure := make([]float64, len(d.values)) // those that have a class
	found := false
	for i, v := range d.values {
		if sure[i] = v; d.doubted(i) {
			sure[i] = math.NaN()
		}
		found = found || known(v)
	}
	if !found {
		return nil, &OptionError{Option: "column", Problem: fmt.Sprintf("no row of %s has a value of %s", l.Name, d.column.Name), Accept: strings.Join(numeric(l), ", ")}
	}
	d.classes.ramp = rampOf(d.column.Field)
	switch {
	case o.Breaks != nil:
		d.classes.breaks = o.Breaks
	case d.column.Name == density:
		d.classes.breaks = published
	case telling(usual(d.column.Name), sure):
		d.classes.breaks = usual(d.column.Name)
	case d.style.flag:
		d.classes.breaks = []float64{0.5}
	default:
		d.classes.breaks = chooseBreaks(sure, d.subject == centers)
	}
	for i := range sure {
		if d.unsure(i) {
			sure[i] = math.NaN() // coloured, and counted apart
		}
	}
	d.classes.tally(sure)
	return d, nil
}

// columnOf is the column to colour by.
func columnOf(l *geo.Layer, name string) (geo.Column, error) {
	can := numeric(l)
	if name == "" {
		for _, n := range append([]string{density, "time_min"}, can...) {
			if c, ok := l.Column(n); ok && c.Type != geo.Text {
				return c, nil
			}
		}
		return geo.Column{}, &OptionError{Option: "column", Problem: fmt.Sprintf("%s has no column of numbers", l.Name)}
	}
	c, ok := l.Column(name)
	e := &OptionError{Option: "column", Accept: strings.Join(can, ", ")}
	switch {
	case !ok:
		e.Problem, e.Near = fmt.Sprintf("%s has no column %q", l.Name, name), geo.Like(name, can)
	case c.Type == geo.Text:
		e.Problem = fmt.Sprintf("%s is text, and classes need numbers", name)
	default:
		return c, nil
	}
	return geo.Column{}, e
}

// numeric lists the columns that a map can show.
func numeric(l *geo.Layer) (names []string) {
	for _, f := range l.Fields() {
		if f.Type != geo.Text {
			names = append(names, f.Name)
		}
	}
	return names
}

// doubted reports whether a row has no center in the list and may have one all
// the same: its zero is not a gap and is not coloured as one.
func (d *drawing) doubted(i int) bool {
	return d.subject == centers && d.doubt(i) != "" && d.values[i] == 0
}

// unsure reports whether a row has a number that is not to be taken as it stands.
func (d *drawing) unsure(i int) bool {
	return d.subject != centers && d.doubt(i) != "" && known(d.values[i])
}

// doubt is what stands against the number of a row, "" for nothing.
func (d *drawing) doubt(i int) doubt {
	if d.doubts == nil {
		return ""
	}
	return d.doubts[i]
}

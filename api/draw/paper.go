package draw

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"careshed/api/canvas"
)

// pages are the sheets of paper that a map may fill, wide and high, in pixels of 1/96 inch.
var pages = map[string][2]float64{
	"a4": {1122.5, 793.7}, "a4-portrait": {793.7, 1122.5}, "letter": {1056, 816}, "letter-portrait": {816, 1056},
}

// Pages lists the sheets of paper that there are maps for.
func Pages() []string { return slices.Sorted(maps.Keys(pages)) }

// checkPage refuses a sheet that there is not, and one beside a width.
func (o Options) checkPage() error {
	_, known := pages[o.Page]
	switch {
	case o.Page == "":
		return nil
	case !known:
		return &OptionError{Option: "page", Problem: fmt.Sprintf("found %q", o.Page), Accept: strings.Join(Pages(), ", ")}
	case o.Width != 0:
		return &OptionError{Option: "page", Problem: "a sheet of paper has a width of its own", Accept: "page or width"}
	}
	return nil
}

// How much smaller than usual a map is drawn on a sheet at most, and how low it may become
// before it is.
const (
	smallest = 2.2
	lowest   = 0.38 // of the sheet
)

// picture is the map, on its sheet of paper if it is for one: the map as low as need be for
// all to be on it, and then all smaller.
func (d *drawing) picture() *canvas.Drawing {
	size, ok := pages[d.paper]
	if !ok {
		return d.page()
	}
	sheet := canvas.New(size[0], size[1])
	for k := 1.0; ; k *= 1.1 {
		of := d.fitted(k*size[0], k*size[1])
		if of.Height > k*size[1] && k < smallest {
			continue
		}
		sheet.Title, sheet.Description, sheet.Language = of.Title, of.Description, of.Language
		sheet.Place(of, 0, 0, size[0], size[1])
		return sheet
	}
}

// below reports whether the legend stands under a map so wide for its height, and not beside
// it. On a high sheet it does, on a wide one hardly ever.
func (d *drawing) below(aspect float64) bool {
	size, ok := pages[d.paper]
	switch {
	case !ok:
		return d.width < narrow || aspect > flat
	case size[1] > size[0]:
		return true
	}
	return aspect > 2
}

// fitted lays the map out in a width, and lower where it would be too high.
func (d *drawing) fitted(wide, high float64) *canvas.Drawing {
	try := *d
	try.width, try.notes = wide, slices.Clip(d.notes)
	of := try.page()
	if over := of.Height - high; over > 0 {
		again := *d
		again.width, again.notes, again.high = wide, slices.Clip(d.notes), math.Max(lowest*high, try.high-over)
		of = again.page()
	}
	return of
}

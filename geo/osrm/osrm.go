package osrm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"careshed/geo/travel"
)

// New is an engine that asks OSRM's table service (version 1 of its HTTP
// interface). The cap on coordinates is what osrm-routed was started with as
// --max-table-size.
func New(c Config) (*Engine, error) {
	c, err := c.filled("driving")
	if err != nil {
		return nil, fmt.Errorf("osrm: %w", err)
	}
	c.Pairs = max(c.Pairs, c.Stops*c.Stops/4) // OSRM counts coordinates only
	return &Engine{Config: c, service: &table{&c}, sampled: map[bool]int{}}, nil
}

type table struct{ *Config }

func (t *table) name() string { return "osrm" }

func (t *table) table(ctx context.Context, sources, targets []orb.Point) (grid, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s/table/v1/%s/", t.URL, url.PathEscape(t.Profile))
	for i, p := range append(append([]orb.Point{}, sources...), targets...) {
		if i > 0 {
			b.WriteByte(';')
		}
		b.WriteString(strconv.FormatFloat(p[0], 'f', 6, 64) + "," + strconv.FormatFloat(p[1], 'f', 6, 64))
	}
	for i := range sources {
		b.WriteString(separator(i, "?sources=") + strconv.Itoa(i))
	}
	for i := range targets {
		b.WriteString(separator(i, "&destinations=") + strconv.Itoa(len(sources)+i))
	}
	b.WriteString("&annotations=duration,distance")
	var answer struct {
		Code, Message         string
		Durations, Distances  [][]*float64
		Sources, Destinations []struct{ Distance *float64 }
	}
	if err := t.call(ctx, "GET", b.String(), nil, room(len(sources)*len(targets), len(sources)+len(targets)), &answer); err != nil {
		var r *refusal
		if !errors.As(err, &r) || json.Unmarshal(r.body, &answer) != nil {
			return grid{}, err
		}
		switch answer.Code {
		case "NoSegment":
			return grid{}, errRoad
		case "TooBig":
			return grid{}, errBig
		}
		return grid{}, err
	}
	if answer.Code != "Ok" {
		return grid{}, fmt.Errorf("%w: code %q: %s", errAnswer, answer.Code, answer.Message)
	}
	g := grid{sources: offs(answer.Sources), targets: offs(answer.Destinations)}
	var err error
	g.cells, err = cellsOf(answer.Durations, answer.Distances, len(sources), len(targets), 1)
	return g, err
}

func separator(i int, first string) string {
	if i == 0 {
		return first
	}
	return ";"
}

func offs(list []struct{ Distance *float64 }) []float64 {
	out := make([]float64, len(list))
	for i, s := range list {
		if s.Distance != nil {
			out[i] = *s.Distance
		}
	}
	return out
}

// cellsOf is a matrix of times and one of lengths, in units of so many metres;
// the lengths may be missing.
func cellsOf(times, lengths [][]*float64, sources, targets int, unit float64) ([]cell, error) {
	if len(times) != sources || len(lengths) != 0 && len(lengths) != sources {
		return nil, fmt.Errorf("%w: %d rows of times and %d of lengths for %d sources", errAnswer, len(times), len(lengths), sources)
	}
	out := make([]cell, 0, sources*targets)
	for i, row := range times {
		if len(row) != targets || len(lengths) != 0 && len(lengths[i]) != targets {
			return nil, fmt.Errorf("%w: row %d has %d times for %d targets", errAnswer, i, len(row), targets)
		}
		for k, t := range row {
			c := cell{length: math.NaN()}
			if t == nil {
				c.why = travel.NoWay
			} else {
				c.time = *t
			}
			if len(lengths) != 0 && lengths[i][k] != nil {
				c.length = *lengths[i][k] * unit
			}
			out = append(out, c)
		}
	}
	return out, nil
}

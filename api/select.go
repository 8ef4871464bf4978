package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"careshed/api/cql2"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// wanted is what a request selects of a collection.
type wanted struct {
	box    box
	boxCRS refSystem

	time instants

	filter, lang string
	filterCRS    refSystem
	equal        map[string][]string // columns that must have one of some values, by name
	sort         string
}

// key tells selections of one collection apart.
func (w *wanted) key() string {
	if !w.box.given && w.time.text == "" && w.filter == "" && w.sort == "" && len(w.equal) == 0 {
		return ""
	}
	return fmt.Sprintf("%v %v %s\n%q\n%q %s %s\n%q\n%q", w.box.given, w.box.v, w.boxCRS.uri, w.time.text, w.filter, w.lang, w.filterCRS.uri, w.equal, w.sort)
}

// selection is the rows of a collection that a request selects, in the order in
// which its pages show them.
type selection struct {
	of   *opened
	key  string
	rows []int32

	once sync.Once
	mark []bool // of each row: whether it is selected
}

// find is where a row stands, -1 if nowhere.
func (x *selection) find(row int32) int {
	if x.key == "" {
		return int(x.of.place[row])
	}
	return slices.Index(x.rows, row)
}

// selected finds the rows that a request selects; the next page of the same
// need not look again.
func (s *Server) selected(ctx context.Context, c *collection, o *opened, w *wanted) (*selection, error) {
	x := &selection{of: o, key: w.key(), rows: o.order}
	if x.key == "" {
		return x, nil
	}
	name := c.id + "\n" + x.key
	if known, ok := s.selections.get(name); ok && known.of == o {
		return known, nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.limits.Filter)
	defer cancel()
	holds, err := w.holds(o.layer)
	if err != nil {
		return nil, err
	}
	keys, err := sortKeys(o.layer, w.sort)
	if err != nil {
		return nil, err
	}
	all, err := w.boxed(o)
	if err != nil {
		return nil, err
	}
	in := w.time.during(o)
	x.rows = make([]int32, 0, len(all)/4)
	for n, row := range all {
		if n%8 == 0 && ctx.Err() != nil {
			return nil, &problem{kind: tooLong, field: "filter", retry: s.limits.Filter, cause: ctx.Err(),
				detail: fmt.Sprintf("the filter takes longer than %s; fewer geometries, or a bbox beside it, help", s.limits.Filter)}
		}
		if (in == nil || in(int(row))) && holds(int(row)) {
			x.rows = append(x.rows, row)
		}
	}
	if keys != nil {
		slices.SortStableFunc(x.rows, func(a, b int32) int {
			for _, k := range keys {
				if d := k(int(a), int(b)); d != 0 {
					return d
				}
			}
			return 0
		})
	} else {
		x.rows = arrange(o.layer, x.rows)
	}
	s.selections.put(name, x, int64(4*cap(x.rows)+len(name)+256))
	return x, nil
}

// boxed are the rows that meet the box, in order.
func (w *wanted) boxed(o *opened) ([]int32, error) {
	if !w.box.given {
		all := make([]int32, o.layer.Len())
		for i := range all {
			all[i] = int32(i)
		}
		return all, nil
	}
	b, err := w.box.in(&w.boxCRS)
	if err != nil {
		return nil, err
	}
	var out []int32
	for i := range o.layer.Search(b) {
		if geo.Meets(o.layer.Shape(i), b) {
			out = append(out, int32(i))
		}
	}
	// What has no place meets every box (Part 1, 7.15.3): a table, or a row of it.
	for i := range o.layer.Len() {
		if o.layer.Shape(i) == nil {
			out = append(out, int32(i))
		}
	}
	slices.Sort(out)
	return out, nil
}

// holds compiles the filter and the columns that must be equal to something.
func (w *wanted) holds(l *geo.Layer) (func(row int) bool, error) {
	var conditions []cql2.Node
	if w.filter != "" {
		n, err := w.parse()
		if err != nil {
			return nil, filterProblem("filter", w.filter, err)
		}
		conditions = append(conditions, n)
	}
	for name, values := range w.equal {
		any := cql2.Call{Op: "or"}
		for _, value := range values {
			n, err := equals(l, name, value)
			if err != nil {
				return nil, err
			}
			any.Args = append(any.Args, n)
		}
		if len(any.Args) == 1 {
			conditions = append(conditions, any.Args[0])
		} else {
			conditions = append(conditions, any)
		}
	}
	switch len(conditions) {
	case 0:
		return func(int) bool { return true }, nil
	case 1:
		conditions = append(conditions, cql2.Bool(true))
	}
	f, err := cql2.Compile(cql2.Call{Op: "and", Args: conditions}, l)
	if err != nil {
		return nil, filterProblem("filter", w.filter, err)
	}
	return f.Holds, nil
}

func (w *wanted) parse() (cql2.Node, error) {
	read := cql2.ParseText
	if w.lang == "cql2-json" {
		read = func(s string) (cql2.Node, error) { return cql2.ParseJSON([]byte(s)) }
	}
	n, err := read(w.filter)
	if err != nil {
		return nil, err
	}
	return cql2.Move(n, func(p orb.Point) (orb.Point, error) {
		q, err := w.filterCRS.toDegrees(p)
		if err != nil {
			return q, &cql2.Error{Problem: err.Error(), Found: fmt.Sprintf("%v %v", p[0], p[1]), Accepted: "positions as filter-crs says, " + w.filterCRS.orDefault()}
		}
		return q, nil
	})
}

// filterProblem is what a client is told of its filter.
func filterProblem(name, filter string, err error) error {
	var e *cql2.Error
	if !errors.As(err, &e) {
		return err
	}
	return parameter(name, cmp.Or(e.Found, filter), cmp.Or(e.Accepted, "a filter in CQL2; /collections/ID/queryables lists the properties"), "%v", e)
}

// equals is the condition that a column has a value given as text.
func equals(l *geo.Layer, name, value string) (cql2.Node, error) {
	op := cql2.Call{Op: "=", Args: []cql2.Node{cql2.Property(name), cql2.Text(value)}}
	c, ok := l.Column(name)
	if !ok || c.Type == geo.Text {
		return op, nil
	}
	if c.Type == geo.Bool {
		if v, err := strconv.ParseBool(value); err == nil {
			op.Args[1] = cql2.Bool(v)
			return op, nil
		}
	} else if v, err := strconv.ParseFloat(value, 64); err == nil && !math.IsInf(v, 0) && !math.IsNaN(v) {
		op.Args[1] = cql2.Number(v)
		return op, nil
	}
	accepted := "a number"
	if c.Type == geo.Bool {
		accepted = "true or false"
	}
	return nil, parameter(name, value, accepted, "%s is a column of type %s", name, c.Type)
}

// mostKeys is how many columns an order may have.
const mostKeys = 8

// sortKeys reads an order: names with commas between, + or - before each. Rows
// without a value come last, whichever way.
func sortKeys(l *geo.Layer, text string) ([]func(a, b int) int, error) {
	if text == "" {
		return nil, nil
	}
	parts := strings.Split(text, ",")
	if len(parts) > mostKeys {
		return nil, parameter("sortby", text, fmt.Sprintf("%d columns at most", mostKeys), "sortby names %d columns", len(parts))
	}
	var out []func(a, b int) int
	for _, name := range parts {
		name = strings.TrimSpace(name) // a + of a query is read as a space
		name, down := strings.CutPrefix(name, "-")
		name = strings.TrimPrefix(name, "+")
		key, err := sortKey(l, name)
		if err != nil {
			return nil, err
		}
		out = append(out, key(down))
	}
	return out, nil
}

func sortKey(l *geo.Layer, name string) (func(down bool) func(a, b int) int, error) {
	c, ok := l.Column(name)
	if !ok && name != "id" {
		return nil, unknownColumn(l, "sortby", name)
	}
	order := func(null func(int) bool, compare func(a, b int) int) func(down bool) func(a, b int) int {
		return func(down bool) func(a, b int) int {
			return func(a, b int) int {
				if x, y := null(a), null(b); x || y {
					switch {
					case x && y:
						return 0
					case x:
						return 1
					}
					return -1
				}
				if down {
					return compare(b, a)
				}
				return compare(a, b)
			}
		}
	}
	switch {
	case !ok:
		return order(func(int) bool { return false }, func(a, b int) int { return strings.Compare(l.ID(a), l.ID(b)) }), nil
	case c.Type == geo.Text:
		codes, words := c.Codes()
		rank := make([]int, len(words))
		for at, k := range ranked(words) {
			rank[k] = at
		}
		return order(c.Null, func(a, b int) int { return rank[codes[a]] - rank[codes[b]] }), nil
	}
	v := c.Values()
	return order(func(i int) bool { return math.IsNaN(v[i]) }, func(a, b int) int { return cmp.Compare(v[a], v[b]) }), nil
}

// ranked are the indices of words in the order of the words.
func ranked(words []string) []int {
	out := make([]int, len(words))
	for i := range out {
		out[i] = i
	}
	slices.SortFunc(out, func(a, b int) int { return strings.Compare(words[a], words[b]) })
	return out
}

// unknownColumn says that a collection lacks a column.
func unknownColumn(l *geo.Layer, field, name string) *problem {
	var known []string
	for _, f := range l.Fields() {
		known = append(known, f.Name)
	}
	near := ""
	if n := geo.Like(shorten(name), known); n != "" {
		near = fmt.Sprintf("; did you mean %q?", n)
	}
	return parameter(field, name, strings.Join(known, ", "), "there is no property %q%s", shorten(name), near)
}

// columnsOf reads a list of names with commas between; nil stands for all. The
// order is that of the layer.
func columnsOf(l *geo.Layer, text string) ([]geo.Column, error) {
	if text == "" {
		return nil, nil
	}
	names := map[string]bool{}
	for name := range strings.SplitSeq(text, ",") {
		name = strings.TrimSpace(name)
		if _, ok := l.Column(name); !ok {
			return nil, unknownColumn(l, "properties", name)
		}
		names[name] = true
	}
	out := []geo.Column{}
	for _, c := range l.Columns() {
		if names[c.Name] {
			out = append(out, c)
		}
	}
	return out, nil
}

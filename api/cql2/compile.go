package cql2

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"careshed/geo"
)

// truth is a value of three-valued logic.
type truth uint8

const (
	no truth = iota
	yes
	unknown
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

func not(t truth) truth { return [...]truth{yes, no, unknown}[t] }

// Filter is a filter for the rows of one layer. It may be used from several
// goroutines.
type Filter struct{ holds func(row int) truth }

// Holds reports whether the filter is true of a row; unknown is not true.
func (f *Filter) Holds(row int) bool { return f.holds(row) == yes }

// Compile prepares a filter for a layer. The error is an *Error that names what
// the layer lacks or what does not fit.
func Compile(n Node, l *geo.Layer) (*Filter, error) {
	c := &compiler{layer: l}
	h, err := c.truth(n)
	if err != nil {
		return nil, err
	}
	return &Filter{h}, nil
}

// valueKind is the kind of a value.
type valueKind uint8

const (
	isBool valueKind = iota
	isNumber
	isText
	isInstant
	isShape
)

func (k valueKind) String() string {
	return [...]string{"a truth value", "a number", "a text", "an instant", "a geometry"}[k]
}

type compiler struct{ layer *geo.Layer }

// column finds the column of a property; a feature's own are id and geometry.
func (c *compiler) column(name Property) (col geo.Column, own string, err error) {
	if col, ok := c.layer.Column(string(name)); ok {
		return col, "", nil
	}
	if name == "id" || name == "geometry" && !c.layer.IsTable() {
		return col, string(name), nil
	}
	e := &Error{Problem: fmt.Sprintf("there is no property %q", clip(string(name))), Found: clip(string(name))}
	for _, f := range c.layer.Fields() {
		e.Accepted += f.Name + ", "
	}
	if e.Accepted += "id"; !c.layer.IsTable() {
		e.Accepted += ", geometry"
	}
	return col, "", e
}

func (c *compiler) kind(n Node) (valueKind, error) {
	switch n := n.(type) {
	case Bool:
		return isBool, nil
	case Number:
		return isNumber, nil
	case Text:
		return isText, nil
	case Instant:
		return isInstant, nil
	case Shape:
		return isShape, nil
	case Property:
		col, own, err := c.column(n)
		switch {
		case err != nil:
			return 0, err
		case own == "geometry":
			return isShape, nil
		case own == "id" || col.Type == geo.Text:
			return isText, nil
		case col.Type == geo.Bool:
			return isBool, nil
		}
		return isNumber, nil
	case Call:
		switch n.Op {
		case "casei", "accenti":
			return isText, nil
		case "+", "-", "*", "/", "^", "%", "div":
			return isNumber, nil
		}
	}
	return isBool, nil
}

// show is a node for an error.
func show(n Node) string {
	switch n := n.(type) {
	case Property:
		return string(n)
	case Text:
		return "'" + string(n) + "'"
	case Number:
		return strconv.FormatFloat(float64(n), 'g', -1, 64)
	case Call:
		return n.Op
	case Shape:
		return "a geometry"
	}
	return fmt.Sprint(n)
}

func mismatch(n Node, is, want valueKind) *Error {
	return &Error{Problem: fmt.Sprintf("%s is %s where %s is needed", clip(show(n)), is, want), Found: clip(show(n)), Accepted: want.String()}
}

// truth compiles a condition.
func (c *compiler) truth(n Node) (func(int) truth, error) {
	switch n := n.(type) {
	case Bool:
		t := truthOf(bool(n))
		return func(int) truth { return t }, nil
	case Property:
		col, own, err := c.column(n)
		if err != nil {
			return nil, err
		}
		if own != "" || col.Type != geo.Bool {
			k, _ := c.kind(n)
			return nil, mismatch(n, k, isBool)
		}
		v := col.Values()
		return func(i int) truth {
			if math.IsNaN(v[i]) {
				return unknown
			}
			return truthOf(v[i] != 0)
		}, nil
	case Call:
		return c.condition(n)
	}
	k, _ := c.kind(n)
	return nil, mismatch(n, k, isBool)
}

func (c *compiler) condition(n Call) (func(int) truth, error) {
	switch n.Op {
	case "and", "or":
		parts := make([]func(int) truth, len(n.Args))
		for i, a := range n.Args {
			var err error
			if parts[i], err = c.truth(a); err != nil {
				return nil, err
			}
		}
		return joined(parts, n.Op == "or"), nil
	case "not":
		h, err := c.truth(n.Args[0])
		if err != nil {
			return nil, err
		}
		return func(i int) truth { return not(h(i)) }, nil
	case "isNull":
		null, err := c.null(n.Args[0])
		if err != nil {
			return nil, err
		}
		return func(i int) truth { return truthOf(null(i)) }, nil
	case "=", "<>", "<", ">", "<=", ">=":
		return c.compare(n.Op, n.Args[0], n.Args[1])
	case "between":
		for _, a := range n.Args {
			if k, err := c.kind(a); err != nil {
				return nil, err
			} else if k != isNumber {
				return nil, mismatch(a, k, isNumber)
			}
		}
		low, err := c.compare(">=", n.Args[0], n.Args[1])
		if err != nil {
			return nil, err
		}
		high, err := c.compare("<=", n.Args[0], n.Args[2])
		if err != nil {
			return nil, err
		}
		return joined([]func(int) truth{low, high}, false), nil
	case "in":
		return c.among(n.Args[0], n.Args[1:])
	case "like":
		return c.like(n.Args[0], n.Args[1])
	case "s_intersects", "s_disjoint", "s_within", "s_contains":
		return c.spatial(n)
	}
	k, _ := c.kind(n)
	return nil, mismatch(n, k, isBool)
}

// joined is "or" of conditions, or "and".
func joined(parts []func(int) truth, or bool) func(int) truth {
	settles := truthOf(or)
	return func(i int) truth {
		out := not(settles)
		for _, h := range parts {
			switch h(i) {
			case settles:
				return settles
			case unknown:
				out = unknown
			}
		}
		return out
	}
}

// null compiles the question whether a value is missing.
func (c *compiler) null(n Node) (func(int) bool, error) {
	if p, ok := n.(Property); ok {
		col, own, err := c.column(p)
		switch {
		case err != nil:
			return nil, err
		case own == "id":
			return func(int) bool { return false }, nil
		case own == "geometry":
			return func(i int) bool { return !c.layer.Located(i) }, nil
		}
		return col.Null, nil
	}
	k, err := c.kind(n)
	if err != nil {
		return nil, err
	}
	switch k {
	case isNumber:
		v, err := c.number(n)
		return func(i int) bool { return math.IsNaN(v(i)) }, err
	case isText:
		v, err := c.text(n)
		return func(i int) bool { _, ok := v(i); return !ok }, err
	case isBool:
		h, err := c.truth(n)
		return func(i int) bool { return h(i) == unknown }, err
	}
	return func(int) bool { return false }, nil
}

// compare compiles a comparison of two values of one kind. A text is compared
// with an instant as the date or time that it holds; one that holds none is
// unknown.
func (c *compiler) compare(op string, a, b Node) (func(int) truth, error) {
	ka, err := c.kind(a)
	if err != nil {
		return nil, err
	}
	kb, err := c.kind(b)
	if err != nil {
		return nil, err
	}
	accept := accepts(op)
	switch {
	case ka == isInstant && (kb == isInstant || kb == isText) || ka == isText && kb == isInstant:
		x, err := c.instant(a)
		if err != nil {
			return nil, err
		}
		y, err := c.instant(b)
		if err != nil {
			return nil, err
		}
		return c.byWord(a, b, func(i int) truth {
			s, ok := x(i)
			t, ok2 := y(i)
			if !ok || !ok2 {
				return unknown
			}
			return truthOf(accept(s.Compare(t)))
		})
	case ka != kb:
		return nil, mismatch(b, kb, ka)
	case ka == isNumber:
		x, err := c.number(a)
		if err != nil {
			return nil, err
		}
		y, err := c.number(b)
		if err != nil {
			return nil, err
		}
		return func(i int) truth {
			v, w := x(i), y(i)
			switch {
			case v < w:
				return truthOf(accept(-1))
			case v > w:
				return truthOf(accept(1))
			case v == w:
				return truthOf(accept(0))
			}
			return unknown
		}, nil
	case ka == isText:
		x, err := c.text(a)
		if err != nil {
			return nil, err
		}
		y, err := c.text(b)
		if err != nil {
			return nil, err
		}
		return c.byWord(a, b, func(i int) truth {
			v, ok := x(i)
			w, ok2 := y(i)
			if !ok || !ok2 {
				return unknown
			}
			return truthOf(accept(strings.Compare(v, w)))
		})
	case ka == isBool:
		x, err := c.truth(a)
		if err != nil {
			return nil, err
		}
		y, err := c.truth(b)
		if err != nil {
			return nil, err
		}
		return func(i int) truth {
			v, w := x(i), y(i)
			if v == unknown || w == unknown {
				return unknown
			}
			return truthOf(accept(int(v) - int(w)))
		}, nil
	}
	return nil, &Error{Problem: "geometries are not compared with " + op, Found: op, Accepted: functions}
}

func accepts(op string) func(order int) bool {
	switch op {
	case "=":
		return func(o int) bool { return o == 0 }
	case "<>":
		return func(o int) bool { return o != 0 }
	case "<":
		return func(o int) bool { return o < 0 }
	case ">":
		return func(o int) bool { return o > 0 }
	case "<=":
		return func(o int) bool { return o <= 0 }
	}
	return func(o int) bool { return o >= 0 }
}

// among compiles "in": the value equals one of the list.
func (c *compiler) among(v Node, list []Node) (func(int) truth, error) {
	k, err := c.kind(v)
	if err != nil {
		return nil, err
	}
	numbers, texts := map[float64]bool{}, map[string]bool{}
	plain := true
	for _, x := range list {
		xk, err := c.kind(x)
		if err != nil {
			return nil, err
		}
		if xk != k {
			return nil, mismatch(x, xk, k)
		}
		switch x := constant(x).(type) {
		case Number:
			numbers[float64(x)] = true
		case Text:
			texts[string(x)] = true
		default:
			plain = false
		}
	}
	switch {
	case plain && k == isNumber:
		x, err := c.number(v)
		if err != nil {
			return nil, err
		}
		return func(i int) truth {
			n := x(i)
			if math.IsNaN(n) {
				return unknown
			}
			return truthOf(numbers[n])
		}, nil
	case plain && k == isText:
		x, err := c.text(v)
		if err != nil {
			return nil, err
		}
		return c.byWord(v, Text(""), func(i int) truth {
			s, ok := x(i)
			if !ok {
				return unknown
			}
			return truthOf(texts[s])
		})
	}
	parts := make([]func(int) truth, len(list))
	for i, x := range list {
		if parts[i], err = c.compare("=", v, x); err != nil {
			return nil, err
		}
	}
	return joined(parts, true), nil
}

// like compiles a comparison with a pattern.
func (c *compiler) like(v, pattern Node) (func(int) truth, error) {
	if k, err := c.kind(v); err != nil {
		return nil, err
	} else if k != isText {
		return nil, mismatch(v, k, isText)
	}
	x, err := c.text(v)
	if err != nil {
		return nil, err
	}
	p, ok := constant(pattern).(Text)
	if !ok {
		return nil, patternOnly("", pattern)
	}
	g := newGlob(string(p))
	return c.byWord(v, Text(""), func(i int) truth {
		s, ok := x(i)
		if !ok {
			return unknown
		}
		return truthOf(g.matches(s))
	})
}

// byWord asks once for each distinct text, where a condition rests on nothing
// but one column of texts.
func (c *compiler) byWord(a, b Node, h func(int) truth) (func(int) truth, error) {
	col, ok := c.onlyText(a, b)
	if !ok {
		return h, nil
	}
	codes, words := col.Codes()
	if len(words) > len(codes)/2 {
		return h, nil
	}
	table := make([]truth, len(words)+1)
	for k := range table {
		table[k] = 255
	}
	for i, code := range codes {
		if table[code+1] == 255 {
			table[code+1] = h(i)
		}
	}
	return func(i int) truth { return table[codes[i]+1] }, nil
}

// onlyText is the one column of texts that two expressions rest on.
func (c *compiler) onlyText(nodes ...Node) (col geo.Column, ok bool) {
	for _, n := range nodes {
		for {
			call, isCall := n.(Call)
			if !isCall {
				break
			}
			if call.Op != "casei" && call.Op != "accenti" {
				return col, false
			}
			n = call.Args[0]
		}
		p, isProperty := n.(Property)
		if !isProperty {
			continue
		}
		found, exists := c.layer.Column(string(p))
		if !exists || found.Type != geo.Text || ok && found.Name != col.Name {
			return col, false
		}
		col, ok = found, true
	}
	return col, ok
}

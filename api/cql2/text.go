package cql2

import (
	"fmt"

	"github.com/paulmach/orb"
)

// ParseText reads a filter in CQL2 Text. The error is an *Error.
func ParseText(s string) (Node, error) {
	if len(s) > MaxBytes {
		return nil, &Error{Problem: "the filter is too long", Found: fmt.Sprintf("%d bytes", len(s)), Accepted: fmt.Sprintf("%d bytes", MaxBytes)}
	}
	tokens, err := lex(s)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	n, err := p.either()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != end {
		return nil, p.unexpected(t, "AND, OR or the end")
	}
	if err := predicate(n, "the filter"); err != nil {
		return nil, err
	}
	return n, nil
}

// predicate refuses a filter that is a value and no statement about one.
func predicate(n Node, where string) error {
	switch n := n.(type) {
	case Bool, Property:
		return nil
	case Call:
		switch n.Op {
		case "casei", "accenti", "+", "-", "*", "/", "^", "%", "div":
		default:
			return nil
		}
	}
	return &Error{Where: where, Problem: "this is a value; a filter is a condition", Accepted: "a condition such as population > 1000"}
}

// parser descends through the tokens.
type parser struct {
	tokens []token
	next   int
	depth  int
	budget budget
}

func (p *parser) peek() token { return p.tokens[p.next] }

func (p *parser) take() token {
	t := p.tokens[p.next]
	if t.kind != end {
		p.next++
	}
	return t
}

// takes goes past a keyword or symbol if it stands here.
func (p *parser) takes(what string) bool {
	if p.peek().is(what) {
		p.next++
		return true
	}
	return false
}

func (p *parser) unexpected(t token, accepted string) *Error {
	return &Error{Where: where(t.at), Problem: fmt.Sprintf("%s does not belong here", clip(t.String())), Found: clip(t.String()), Accepted: accepted}
}

func (p *parser) need(what string) error {
	if t := p.peek(); !p.takes(what) {
		return p.unexpected(t, what)
	}
	return nil
}

func (p *parser) down() error {
	if p.depth++; p.depth > MaxDepth {
		return &Error{Where: where(p.peek().at), Problem: "the filter is nested too deep", Accepted: fmt.Sprintf("%d levels", MaxDepth)}
	}
	return nil
}

func (p *parser) call(t token, op string, args ...Node) (Node, error) {
	if err := checkCount(where(t.at), op, len(args)); err != nil {
		return nil, err
	}
	if err := p.budget.call(where(t.at), op); err != nil {
		return nil, err
	}
	return Call{op, args}, nil
}

// joined reads operands with a keyword between them.
func (p *parser) joined(word, op string, operand func() (Node, error)) (Node, error) {
	first, err := operand()
	if err != nil || !p.peek().is(word) {
		return first, err
	}
	args, t := []Node{first}, p.peek()
	for p.takes(word) {
		n, err := operand()
		if err != nil {
			return nil, err
		}
		args = append(args, n)
		if err := p.budget.call(where(t.at), op); err != nil {
			return nil, err
		}
	}
	return Call{op, args}, nil
}

func (p *parser) either() (Node, error) { return p.joined("OR", "or", p.all) }
func (p *parser) all() (Node, error)    { return p.joined("AND", "and", p.negated) }

func (p *parser) negated() (Node, error) {
	t := p.peek()
	if !p.takes("NOT") {
		return p.compared()
	}
	if err := p.down(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	n, err := p.negated()
	if err != nil {
		return nil, err
	}
	return p.call(t, "not", n)
}

// compared reads a value and what is said of it.
func (p *parser) compared() (Node, error) {
	left, err := p.sum()
	if err != nil {
		return nil, err
	}
	t := p.peek()
	for _, op := range []string{"=", "<>", "<=", ">=", "<", ">"} {
		if p.takes(op) {
			right, err := p.sum()
			if err != nil {
				return nil, err
			}
			return p.call(t, op, left, right)
		}
	}
	if p.takes("IS") {
		not := p.takes("NOT")
		if err := p.need("NULL"); err != nil {
			return nil, err
		}
		return p.perhapsNot(t, not, "isNull", left)
	}
	not := p.takes("NOT")
	switch {
	case p.takes("LIKE"):
		pattern, err := p.sum()
		if err != nil {
			return nil, err
		}
		if err := patternOnly(where(t.at), pattern); err != nil {
			return nil, err
		}
		return p.perhapsNot(t, not, "like", left, pattern)
	case p.takes("BETWEEN"):
		low, err := p.sum()
		if err != nil {
			return nil, err
		}
		if err := p.need("AND"); err != nil {
			return nil, err
		}
		high, err := p.sum()
		if err != nil {
			return nil, err
		}
		return p.perhapsNot(t, not, "between", left, low, high)
	case p.takes("IN"):
		if err := p.need("("); err != nil {
			return nil, err
		}
		args := []Node{left}
		for {
			v, err := p.sum()
			if err != nil {
				return nil, err
			}
			args = append(args, v)
			if !p.takes(",") {
				break
			}
		}
		if err := p.need(")"); err != nil {
			return nil, err
		}
		return p.perhapsNot(t, not, "in", args...)
	}
	if not {
		return nil, p.unexpected(p.peek(), "LIKE, BETWEEN or IN after NOT")
	}
	return left, nil
}

func (p *parser) perhapsNot(t token, not bool, op string, args ...Node) (Node, error) {
	n, err := p.call(t, op, args...)
	if err != nil || !not {
		return n, err
	}
	return p.call(t, "not", n)
}

// patternOnly lets nothing follow LIKE but a text, perhaps within CASEI and
// ACCENTI.
func patternOnly(where string, n Node) error {
	for {
		switch x := n.(type) {
		case Text:
			return nil
		case Call:
			if x.Op == "casei" || x.Op == "accenti" {
				n = x.Args[0]
				continue
			}
		}
		return &Error{Where: where, Problem: "LIKE needs a pattern that is written out", Accepted: "a text such as 'Smith%', or one within CASEI() and ACCENTI()"}
	}
}

// chain reads operands with operators of one rank between them.
func (p *parser) chain(operand func() (Node, error), ops ...string) (Node, error) {
	left, err := operand()
	if err != nil {
		return nil, err
	}
again:
	t := p.peek()
	for _, op := range ops {
		if !p.takes(op) {
			continue
		}
		right, err := operand()
		if err != nil {
			return nil, err
		}
		if left, err = p.call(t, op, left, right); err != nil {
			return nil, err
		}
		goto again
	}
	return left, nil
}

func (p *parser) sum() (Node, error)     { return p.chain(p.product, "+", "-") }
func (p *parser) product() (Node, error) { return p.chain(p.power, "*", "/", "%", "div") }

func (p *parser) power() (Node, error) {
	if err := p.down(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	t := p.peek()
	if p.takes("-") {
		n, err := p.power()
		if err != nil {
			return nil, err
		}
		if v, ok := n.(Number); ok {
			return -v, nil
		}
		return p.call(t, "*", Number(-1), n)
	}
	if p.takes("+") {
		return p.power()
	}
	base, err := p.operand()
	if err != nil {
		return nil, err
	}
	t = p.peek()
	if !p.takes("^") {
		return base, nil
	}
	exponent, err := p.power()
	if err != nil {
		return nil, err
	}
	return p.call(t, "^", base, exponent)
}

func (p *parser) operand() (Node, error) {
	t := p.take()
	switch {
	case t.kind == text:
		return Text(t.text), nil
	case t.kind == number:
		return Number(t.value), nil
	case t.kind == quoted && p.peek().is("("):
		return nil, unsupported(where(t.at), clip(t.text))
	case t.kind == quoted:
		return Property(t.text), nil
	case t.is("("):
		n, err := p.either()
		if err != nil {
			return nil, err
		}
		if p.peek().is(",") {
			return nil, noArrays(where(t.at))
		}
		return n, p.need(")")
	case t.kind != word:
		return nil, p.unexpected(t, "a property, a value or a condition")
	}
	if g, ok, err := p.shape(t); ok || err != nil {
		return Shape{g}, err
	}
	if !p.peek().is("(") {
		switch lowerASCII(t.text) {
		case "true":
			return Bool(true), nil
		case "false":
			return Bool(false), nil
		case "and", "or", "not", "like", "between", "in", "is", "null", "div":
			return nil, p.unexpected(t, "a property, a value or a condition (a property of this name stands in double quotes)")
		}
		return Property(t.text), nil
	}
	return p.function(t)
}

// function reads what stands in the brackets after a name.
func (p *parser) function(t token) (Node, error) {
	name := lowerASCII(t.text)
	p.next++ // the bracket
	if name == "date" || name == "timestamp" {
		v := p.take()
		if v.kind != text {
			return nil, p.unexpected(v, "a text in single quotes")
		}
		n, err := instantOf(where(v.at), v.text, name == "date")
		if err != nil {
			return nil, err
		}
		return n, p.need(")")
	}
	switch name {
	case "casei", "accenti", "s_intersects", "s_disjoint", "s_within", "s_contains":
	default:
		return nil, unsupported(where(t.at), clip(t.text))
	}
	var args []Node
	for {
		n, err := p.sum()
		if err != nil {
			return nil, err
		}
		args = append(args, n)
		if !p.takes(",") {
			break
		}
	}
	if err := p.need(")"); err != nil {
		return nil, err
	}
	return p.call(t, name, args...)
}

// shape reads a geometry in WKT, or a BBOX, if t begins one.
func (p *parser) shape(t token) (orb.Geometry, bool, error) {
	kind := lowerASCII(t.text)
	start := p.next
	for _, z := range []string{"Z", "M", "ZM"} {
		if p.peek().is(z) && kind != "bbox" {
			p.next++
			break
		}
	}
	if !p.peek().is("(") {
		p.next = start
		return nil, false, nil
	}
	var g orb.Geometry
	var err error
	switch kind {
	case "bbox":
		g, err = p.bbox(t)
	case "point":
		var l []orb.Point
		if l, err = p.positions(false); err == nil && len(l) != 1 {
			err = &Error{Where: where(t.at), Problem: "a point has one position", Accepted: "POINT(lon lat)"}
		} else if err == nil {
			g = l[0]
		}
	case "multipoint":
		var l []orb.Point
		l, err = p.positions(true)
		g = orb.MultiPoint(l)
	case "linestring":
		var l []orb.Point
		l, err = p.positions(false)
		g = orb.LineString(l)
	case "multilinestring":
		m := orb.MultiLineString{}
		err = p.list(func() error {
			l, err := p.positions(false)
			m = append(m, l)
			return err
		})
		g = m
	case "polygon":
		g, err = p.polygon()
	case "multipolygon":
		m := orb.MultiPolygon{}
		err = p.list(func() error {
			o, err := p.polygon()
			m = append(m, o)
			return err
		})
		g = m
	case "geometrycollection":
		m := orb.Collection{}
		err = p.list(func() error {
			if err := p.down(); err != nil {
				return err
			}
			defer func() { p.depth-- }()
			t := p.take()
			one, ok, err := p.shape(t)
			if err == nil && !ok {
				err = p.unexpected(t, "a geometry")
			}
			m = append(m, one)
			return err
		})
		g = m
	default:
		p.next = start
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return g, true, sound(where(t.at), g)
}

// list reads items in brackets with commas between.
func (p *parser) list(item func() error) error {
	if err := p.need("("); err != nil {
		return err
	}
	for {
		if err := item(); err != nil {
			return err
		}
		if !p.takes(",") {
			return p.need(")")
		}
	}
}

func (p *parser) polygon() (orb.Polygon, error) {
	var o orb.Polygon
	err := p.list(func() error {
		r, err := p.positions(false)
		o = append(o, r)
		return err
	})
	return o, err
}

// positions reads a list of positions, each perhaps in brackets of its own.
func (p *parser) positions(bracketed bool) ([]orb.Point, error) {
	var out []orb.Point
	err := p.list(func() error {
		inner := bracketed && p.takes("(")
		var v []float64
		at := p.peek().at
		for {
			if t := p.peek(); t.kind != number && !t.is("-") && !t.is("+") {
				break
			}
			x, err := p.signed()
			if err != nil {
				return err
			}
			v = append(v, x)
		}
		if len(v) < 2 || len(v) > 4 {
			return p.unexpected(p.peek(), "a position: longitude and latitude with a space between")
		}
		q := orb.Point{v[0], v[1]}
		if err := p.budget.position(where(at), q); err != nil {
			return err
		}
		out = append(out, q)
		if inner {
			return p.need(")")
		}
		return nil
	})
	return out, err
}

func (p *parser) signed() (float64, error) {
	sign := 1.0
	if p.takes("-") {
		sign = -1
	} else {
		p.takes("+")
	}
	t := p.take()
	if t.kind != number {
		return 0, p.unexpected(t, "a number")
	}
	return sign * t.value, nil
}

func (p *parser) bbox(t token) (orb.Geometry, error) {
	var v []float64
	if err := p.list(func() error {
		x, err := p.signed()
		v = append(v, x)
		return err
	}); err != nil {
		return nil, err
	}
	return bound(where(t.at), v, &p.budget)
}

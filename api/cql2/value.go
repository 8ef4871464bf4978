package cql2

import (
	"math"
	"time"

	"careshed/geo"
)

// constant works out texts within CASEI and ACCENTI.
func constant(n Node) Node {
	if call, ok := n.(Call); ok && (call.Op == "casei" || call.Op == "accenti") {
		if s, ok := constant(call.Args[0]).(Text); ok {
			return Text(folded(call.Op)(string(s)))
		}
	}
	return n
}

// number compiles a number; NaN is null.
func (c *compiler) number(n Node) (func(int) float64, error) {
	switch n := n.(type) {
	case Number:
		v := float64(n)
		return func(int) float64 { return v }, nil
	case Property:
		col, own, err := c.column(n)
		if err != nil {
			return nil, err
		}
		if own == "" && (col.Type == geo.Number || col.Type == geo.Integer) {
			v := col.Values()
			return func(i int) float64 { return v[i] }, nil
		}
	case Call:
		if do := arithmetic(n.Op); do != nil {
			a, err := c.number(n.Args[0])
			if err != nil {
				return nil, err
			}
			b, err := c.number(n.Args[1])
			if err != nil {
				return nil, err
			}
			return func(i int) float64 { return do(a(i), b(i)) }, nil
		}
	}
	k, err := c.kind(n)
	if err != nil {
		return nil, err
	}
	return nil, mismatch(n, k, isNumber)
}

// arithmetic is what an operator does; a division by zero has no value.
func arithmetic(op string) func(a, b float64) float64 {
	divided := func(a, b float64) float64 {
		if b == 0 {
			return math.NaN()
		}
		return a / b
	}
	switch op {
	case "+":
		return func(a, b float64) float64 { return a + b }
	case "-":
		return func(a, b float64) float64 { return a - b }
	case "*":
		return func(a, b float64) float64 { return a * b }
	case "/":
		return divided
	case "div":
		return func(a, b float64) float64 { return math.Trunc(divided(a, b)) }
	case "%":
		return math.Mod
	case "^":
		return func(a, b float64) float64 {
			if math.IsNaN(a) || math.IsNaN(b) { // else NaN^0 and 1^NaN are 1
				return math.NaN()
			}
			return math.Pow(a, b)
		}
	}
	return nil
}

// text compiles a text.
func (c *compiler) text(n Node) (func(int) (string, bool), error) {
	switch n := n.(type) {
	case Text:
		s := string(n)
		return func(int) (string, bool) { return s, true }, nil
	case Property:
		col, own, err := c.column(n)
		if err != nil {
			return nil, err
		}
		if own == "id" {
			return func(i int) (string, bool) { return c.layer.ID(i), true }, nil
		}
		if own == "" && col.Type == geo.Text {
			codes, words := col.Codes()
			return func(i int) (string, bool) {
				if codes[i] < 0 {
					return "", false
				}
				return words[codes[i]], true
			}, nil
		}
	case Call:
		if n.Op != "casei" && n.Op != "accenti" {
			break
		}
		if s, ok := constant(n).(Text); ok {
			return c.text(s)
		}
		v, err := c.text(n.Args[0])
		if err != nil {
			return nil, err
		}
		fold := folded(n.Op)
		return func(i int) (string, bool) {
			s, ok := v(i)
			if !ok {
				return "", false
			}
			return fold(s), true
		}, nil
	}
	k, err := c.kind(n)
	if err != nil {
		return nil, err
	}
	return nil, mismatch(n, k, isText)
}

// instant compiles an instant, or a text that holds one.
func (c *compiler) instant(n Node) (func(int) (time.Time, bool), error) {
	if at, ok := n.(Instant); ok {
		return func(int) (time.Time, bool) { return at.Time, true }, nil
	}
	v, err := c.text(n)
	if err != nil {
		return nil, err
	}
	return func(i int) (time.Time, bool) {
		s, ok := v(i)
		if !ok {
			return time.Time{}, false
		}
		return timeIn(s)
	}, nil
}

// timeIn reads a text as RFC 3339 or a date.
func timeIn(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

package spec

import (
	"fmt"
	"math"

	"careshed/geo/travel"

	"go.yaml.in/yaml/v4"
)

// Optimism is how many minutes people need for a modelled one: a factor, or stretches
// of the journey with a factor each. Empty is 1.
type Optimism []StretchSpec

// Between these a factor is one, and not a slip of units.
const leastOptimism, mostOptimism = 0.1, 10.0

// mostStretches is how many a small table has, and longest how many minutes it covers.
const (
	mostStretches = 12
	longest       = 1e4
)

func (o *Optimism) decode(n *yaml.Node, path string) error {
	const accept = "a factor from 0.1 to 10, or a list of up to 12 {to_min, factor} with rising to_min, the last without"
	switch n.Kind {
	case yaml.ScalarNode:
		x, err := number(n, path)
		if err != nil {
			return wrong(n, path, accept, "found %q", n.Value)
		}
		*o = Optimism{{Factor: x}}
	case yaml.SequenceNode:
		*o = nil
		for i, c := range n.Content {
			var s StretchSpec
			if err := decodeFields(c, fmt.Sprintf("%s[%d]", path, i), &s); err != nil {
				return err
			}
			*o = append(*o, s)
		}
	default:
		return wrong(n, path, accept, "found %s", kindOf(n))
	}
	if len(*o) == 0 || len(*o) > mostStretches {
		return wrong(n, path, accept, "found %d stretches", len(*o))
	}
	last := 0.0
	for i, s := range *o {
		end := i == len(*o)-1
		switch {
		case !(s.Factor >= leastOptimism && s.Factor <= mostOptimism):
			return wrong(n, path, accept, "found a factor of %v", s.Factor)
		case end && s.ToMin != 0:
			return wrong(n, path, accept, "the last stretch ends at %v", s.ToMin)
		case !end && !(s.ToMin > last && s.ToMin <= longest):
			return wrong(n, path, accept, "stretch %d ends at %v after %v", i+1, s.ToMin, last)
		}
		last = s.ToMin
	}
	return nil
}

// Acts reports whether any minute is another than the engine's.
func (o Optimism) Acts() bool {
	for _, s := range o {
		if s.Factor != 1 {
			return true
		}
	}
	return false
}

// Stretches are those of the engine.
func (o Optimism) Stretches() (out []travel.Stretch) {
	for i, s := range o {
		to := travel.FromMinutes(s.ToMin)
		if i == len(o)-1 {
			to = travel.Seconds(math.Inf(1))
		}
		out = append(out, travel.Stretch{To: to, Factor: s.Factor})
	}
	return out
}

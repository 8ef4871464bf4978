package osm

import (
	"bytes"
	"context"

	"github.com/paulmach/orb"
)

// Named are the places of the dense nodes of a file that have one of some keys.
func Named(data []byte, keys ...string) (out []orb.Point, err error) {
	some := map[string]bool{}
	for _, k := range keys {
		some[k] = true
	}
	decode := func(data []byte) ([]orb.Point, error) {
		var found []orb.Point
		b, err := parseBlock(data)
		if err != nil {
			return nil, err
		}
		b.keys = make([]key, len(b.text)) // whichever, the tag is noted as a highway
		for i, s := range b.text {
			if some[s] {
				b.keys[i] = highway
			}
		}
		err = b.nodes(func(int64) bool { return true }, func(n *rawNode) {
			if n.tags[highway] != "" {
				found = append(found, n.at.Point())
			}
		})
		return found, err
	}
	take := func(found []orb.Point, _ int64) error {
		out = append(out, found...)
		return nil
	}
	err = walk(context.Background(), bytes.NewReader(data), func(header) error { return nil }, decode, take)
	return out, err
}

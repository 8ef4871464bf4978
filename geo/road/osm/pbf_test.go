package osm_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"testing"
)

// message writes a protocol buffer.
type message []byte

func (m *message) varint(field int, v uint64) {
	*m = binary.AppendUvarint(*m, uint64(field<<3))
	*m = binary.AppendUvarint(*m, v)
}

func (m *message) bytes(field int, b []byte) {
	*m = binary.AppendUvarint(*m, uint64(field<<3|2))
	*m = binary.AppendUvarint(*m, uint64(len(b)))
	*m = append(*m, b...)
}

func zigzag(v int64) uint64 { return uint64(v<<1) ^ uint64(v>>63) }

// mapText is a map as text: one node or way a line.
//
//	node 1 8.5 47.25 barrier=gate
//	way 10 1,2,3 highway=primary oneway=yes
type mapText string

// How pbf writes a map.
type style struct {
	plain bool // nodes one by one, not dense
	raw   bool // not compressed
	stamp int64
	needs string // a required feature
	// placed has the places of points on the ways, and no node without tags, as
	// osmium add-locations-to-ways writes them.
	placed bool
}

// pbf is the map as a file.
func (m mapText) pbf(t testing.TB, s style) []byte {
	t.Helper()
	table := []string{""}
	word := func(text string) uint64 {
		i := slices.Index(table, text)
		if i < 0 {
			i = len(table)
			table = append(table, text)
		}
		return uint64(i)
	}
	var nodes, ways, ids, lats, lons, texts []byte
	var id, lat, lon int64
	at := map[int64][2]int64{}
	tagged := func(fields []string) (keys, values []byte) {
		for _, f := range fields {
			k, v, _ := strings.Cut(f, "=")
			keys = binary.AppendUvarint(keys, word(k))
			values = binary.AppendUvarint(values, word(strings.ReplaceAll(v, "_ ", " ")))
		}
		return keys, values
	}
	for line := range strings.Lines(string(m)) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		switch f[0] {
		case "node":
			n, x, y := number(t, f[1]), int64(float(t, f[2])*1e7), int64(float(t, f[3])*1e7)
			keys, values := tagged(f[4:])
			if at[n] = [2]int64{y, x}; s.placed && len(keys) == 0 {
				continue
			}
			if s.plain {
				var one message
				one.varint(1, zigzag(n))
				one.bytes(2, keys)
				one.bytes(3, values)
				one.varint(8, zigzag(y))
				one.varint(9, zigzag(x))
				(*message)(&nodes).bytes(1, one)
				continue
			}
			ids = binary.AppendUvarint(ids, zigzag(n-id))
			lats = binary.AppendUvarint(lats, zigzag(y-lat))
			lons = binary.AppendUvarint(lons, zigzag(x-lon))
			id, lat, lon = n, y, x
			for len(keys) > 0 {
				k, n := binary.Uvarint(keys)
				v, p := binary.Uvarint(values)
				keys, values = keys[n:], values[p:]
				texts = binary.AppendUvarint(binary.AppendUvarint(texts, k), v)
			}
			texts = append(texts, 0)
		case "way":
			var one message
			one.varint(1, uint64(number(t, f[1])))
			keys, values := tagged(f[3:])
			one.bytes(2, keys)
			one.bytes(3, values)
			var refs, wayLats, wayLons []byte
			var y, x int64
			previous := int64(0)
			for r := range strings.SplitSeq(f[2], ",") {
				n := number(t, r)
				refs = binary.AppendUvarint(refs, zigzag(n-previous))
				previous = n
				p, known := at[n]
				if !known {
					p = [2]int64{1 << 31, 1 << 31} // as osmium writes what it does not know
				}
				wayLats = binary.AppendUvarint(wayLats, zigzag(p[0]-y))
				wayLons = binary.AppendUvarint(wayLons, zigzag(p[1]-x))
				y, x = p[0], p[1]
			}
			one.bytes(8, refs)
			if s.placed {
				one.bytes(9, wayLats)
				one.bytes(10, wayLons)
			}
			(*message)(&ways).bytes(3, one)
		default:
			t.Fatalf("%q is neither a node nor a way", line)
		}
	}
	if !s.plain {
		var dense message
		dense.bytes(1, ids)
		dense.bytes(8, lats)
		dense.bytes(9, lons)
		dense.bytes(10, texts)
		(*message)(&nodes).bytes(2, dense)
	}
	var words, head, block message
	for _, w := range table {
		words.bytes(1, []byte(w))
	}
	head.bytes(4, []byte("OsmSchema-V0.6"))
	if s.needs != "" {
		head.bytes(4, []byte(s.needs))
	}
	if s.stamp != 0 {
		head.varint(32, uint64(s.stamp))
	}
	block.bytes(1, words)
	block.bytes(2, nodes)
	block.bytes(2, ways)
	return slices.Concat(frame("OSMHeader", head, s.raw), frame("OSMData", block, s.raw))
}

// frame is a block as it stands in a file.
func frame(kind string, data []byte, raw bool) []byte {
	var blob, head message
	if raw {
		blob.bytes(1, data)
	} else {
		var packed bytes.Buffer
		z := zlib.NewWriter(&packed)
		z.Write(data)
		z.Close()
		blob.varint(2, uint64(len(data)))
		blob.bytes(3, packed.Bytes())
	}
	head.bytes(1, []byte(kind))
	head.varint(3, uint64(len(blob)))
	return slices.Concat(binary.BigEndian.AppendUint32(nil, uint32(len(head))), head, blob)
}

func opener(data []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
}

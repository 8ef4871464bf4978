// Package osmtest writes OpenStreetMap extracts for tests: maps as text, or as the
// XML of OpenStreetMap, become PBF files of every style.
package osmtest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Message writes a protocol buffer.
type Message []byte

// Varint appends a number.
func (m *Message) Varint(field int, v uint64) {
	*m = binary.AppendUvarint(*m, uint64(field<<3))
	*m = binary.AppendUvarint(*m, v)
}

// Bytes appends text or another message.
func (m *Message) Bytes(field int, b []byte) {
	*m = binary.AppendUvarint(*m, uint64(field<<3|2))
	*m = binary.AppendUvarint(*m, uint64(len(b)))
	*m = append(*m, b...)
}

// Zigzag is a signed number as a varint.
func Zigzag(v int64) uint64 { return uint64(v<<1) ^ uint64(v>>63) }

// Map is a map as text: one node or way a line, a space in a value written ␣. A
// number may have a version, a date in seconds of 1970, and a sign that it was
// deleted.
//
//	node 1 8.5 47.25 barrier=gate
//	way 10 1,2,3 highway=primary oneway=yes
//	way 11@2@1700000000! 1,3
//	relation 5 from:w10,via:n2,to:w11 type=restriction restriction=no_left_turn
type Map string

// element is the number of an element, and its metadata.
type element struct {
	id, version, stamp int64
	gone, aged         bool
}

func elementOf(t testing.TB, text string) (e element) {
	text, e.gone = strings.CutSuffix(text, "!")
	parts := strings.Split(text, "@")
	e.id = number(t, parts[0])
	e.aged = e.gone || len(parts) > 1
	if len(parts) > 1 {
		e.version = number(t, parts[1])
	}
	if len(parts) > 2 {
		e.stamp = number(t, parts[2])
	}
	return e
}

// info is the metadata, if there are any.
func (e element) info() (info Message) {
	if e.aged {
		info.Varint(1, uint64(e.version))
		info.Varint(2, uint64(e.stamp))
	}
	if e.gone {
		info.Varint(6, 0)
	}
	return info
}

// Style is how PBF writes a map.
type Style struct {
	Plain bool // nodes one by one, not dense
	Raw   bool // not compressed
	Stamp int64
	Needs string // a required feature
	// Placed has the places of points on the ways, and no node without tags, as
	// osmium add-locations-to-ways writes them.
	Placed bool
}

// PBF is the map as a file.
func (m Map) PBF(t testing.TB, s Style) []byte {
	t.Helper()
	return Join(t, s, m)
}

// Join is a file of several maps, each a block of its own.
func Join(t testing.TB, s Style, maps ...Map) []byte {
	t.Helper()
	var head Message
	head.Bytes(4, []byte("OsmSchema-V0.6"))
	if s.Needs != "" {
		head.Bytes(4, []byte(s.Needs))
	}
	if s.Stamp != 0 {
		head.Varint(32, uint64(s.Stamp))
	}
	file := Frame("OSMHeader", head, s.Raw)
	for _, m := range maps {
		file = append(file, Frame("OSMData", m.block(t, s), s.Raw)...)
	}
	return file
}

// block is the map as a block of data.
func (m Map) block(t testing.TB, s Style) Message {
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
	var nodes, ways, relations, ids, lats, lons, texts []byte
	var id, lat, lon, stamp int64
	var versions, stamps, visible []byte
	aged, gone := false, false
	at := map[int64][2]int64{}
	tagged := func(fields []string) (keys, values []byte) {
		for _, f := range fields {
			k, v, _ := strings.Cut(f, "=")
			keys = binary.AppendUvarint(keys, word(k))
			values = binary.AppendUvarint(values, word(strings.ReplaceAll(v, "␣", " ")))
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
			e := elementOf(t, f[1])
			n, x, y := e.id, units(t, f[2]), units(t, f[3])
			keys, values := tagged(f[4:])
			if at[n] = [2]int64{y, x}; s.Placed && len(keys) == 0 {
				continue
			}
			if s.Plain {
				var one Message
				one.Varint(1, Zigzag(n))
				one.Bytes(2, keys)
				one.Bytes(3, values)
				one.Bytes(4, e.info())
				one.Varint(8, Zigzag(y))
				one.Varint(9, Zigzag(x))
				(*Message)(&nodes).Bytes(1, one)
				continue
			}
			ids = binary.AppendUvarint(ids, Zigzag(n-id))
			lats = binary.AppendUvarint(lats, Zigzag(y-lat))
			lons = binary.AppendUvarint(lons, Zigzag(x-lon))
			id, lat, lon = n, y, x
			aged, gone = aged || e.aged, gone || e.gone
			versions = binary.AppendUvarint(versions, uint64(e.version))
			stamps = binary.AppendUvarint(stamps, Zigzag(e.stamp-stamp))
			stamp = e.stamp
			there := uint64(1)
			if e.gone {
				there = 0
			}
			visible = binary.AppendUvarint(visible, there)
			for len(keys) > 0 {
				k, n := binary.Uvarint(keys)
				v, p := binary.Uvarint(values)
				keys, values = keys[n:], values[p:]
				texts = binary.AppendUvarint(binary.AppendUvarint(texts, k), v)
			}
			texts = append(texts, 0)
		case "way":
			var one Message
			e := elementOf(t, f[1])
			one.Varint(1, uint64(e.id))
			keys, values := tagged(f[3:])
			one.Bytes(2, keys)
			one.Bytes(3, values)
			if e.aged {
				one.Bytes(4, e.info())
			}
			var refs, wayLats, wayLons []byte
			var y, x int64
			previous := int64(0)
			for r := range strings.SplitSeq(f[2], ",") {
				n := number(t, r)
				refs = binary.AppendUvarint(refs, Zigzag(n-previous))
				previous = n
				p, known := at[n]
				if !known {
					p = [2]int64{1 << 31, 1 << 31} // as osmium writes what it does not know
				}
				wayLats = binary.AppendUvarint(wayLats, Zigzag(p[0]-y))
				wayLons = binary.AppendUvarint(wayLons, Zigzag(p[1]-x))
				y, x = p[0], p[1]
			}
			one.Bytes(8, refs)
			if s.Placed {
				one.Bytes(9, wayLats)
				one.Bytes(10, wayLons)
			}
			(*Message)(&ways).Bytes(3, one)
		case "relation":
			e := elementOf(t, f[1])
			var one Message
			one.Varint(1, uint64(e.id))
			keys, values := tagged(f[3:])
			one.Bytes(2, keys)
			one.Bytes(3, values)
			if e.aged {
				one.Bytes(4, e.info())
			}
			var roles, members, kinds []byte
			last := int64(0)
			for m := range strings.SplitSeq(f[2], ",") {
				role, id, _ := strings.Cut(m, ":")
				n := number(t, id[1:])
				roles = binary.AppendUvarint(roles, word(role))
				members = binary.AppendUvarint(members, Zigzag(n-last))
				kinds = append(kinds, byte(strings.IndexByte("nwr", id[0])))
				last = n
			}
			one.Bytes(8, roles)
			one.Bytes(9, members)
			one.Bytes(10, kinds)
			(*Message)(&relations).Bytes(4, one)
		default:
			t.Fatalf("%q is neither a node nor a way", line)
		}
	}
	if !s.Plain {
		var dense Message
		dense.Bytes(1, ids)
		if aged {
			var info Message
			info.Bytes(1, versions)
			info.Bytes(2, stamps)
			if gone {
				info.Bytes(6, visible)
			}
			dense.Bytes(5, info)
		}
		dense.Bytes(8, lats)
		dense.Bytes(9, lons)
		dense.Bytes(10, texts)
		(*Message)(&nodes).Bytes(2, dense)
	}
	var words, block Message
	for _, w := range table {
		words.Bytes(1, []byte(w))
	}
	block.Bytes(1, words)
	block.Bytes(2, nodes)
	block.Bytes(2, ways)
	block.Bytes(2, relations)
	return block
}

// Frame is a block as it stands in a file.
func Frame(kind string, data []byte, raw bool) []byte {
	var blob, head Message
	if raw {
		blob.Bytes(1, data)
	} else {
		var packed bytes.Buffer
		z := zlib.NewWriter(&packed)
		z.Write(data)
		z.Close()
		blob.Varint(2, uint64(len(data)))
		blob.Bytes(3, packed.Bytes())
	}
	head.Bytes(1, []byte(kind))
	head.Varint(3, uint64(len(blob)))
	return slices.Concat(binary.BigEndian.AppendUint32(nil, uint32(len(head))), head, blob)
}

// Opener gives a file again and again.
func Opener(data []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
}

// XML is the map that a file of OpenStreetMap's XML holds.
func XML(t testing.TB, data []byte) Map {
	t.Helper()
	type tag struct {
		K string `xml:"k,attr"`
		V string `xml:"v,attr"`
	}
	var file struct {
		Nodes []struct {
			ID   int64   `xml:"id,attr"`
			Lon  float64 `xml:"lon,attr"`
			Lat  float64 `xml:"lat,attr"`
			Tags []tag   `xml:"tag"`
		} `xml:"node"`
		Ways []struct {
			ID   int64 `xml:"id,attr"`
			Refs []struct {
				Ref int64 `xml:"ref,attr"`
			} `xml:"nd"`
			Tags []tag `xml:"tag"`
		} `xml:"way"`
		Relations []struct {
			ID      int64 `xml:"id,attr"`
			Members []struct {
				Kind string `xml:"type,attr"`
				Ref  int64  `xml:"ref,attr"`
				Role string `xml:"role,attr"`
			} `xml:"member"`
			Tags []tag `xml:"tag"`
		} `xml:"relation"`
	}
	if err := xml.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	end := func(tags []tag) {
		for _, g := range tags {
			fmt.Fprintf(&b, " %s=%s", g.K, strings.ReplaceAll(g.V, " ", "␣"))
		}
		b.WriteByte('\n')
	}
	for _, n := range file.Nodes {
		fmt.Fprintf(&b, "node %d %v %v", n.ID, n.Lon, n.Lat)
		end(n.Tags)
	}
	for _, w := range file.Ways {
		fmt.Fprintf(&b, "way %d ", w.ID)
		for i, r := range w.Refs {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprint(&b, r.Ref)
		}
		end(w.Tags)
	}
	for _, r := range file.Relations {
		fmt.Fprintf(&b, "relation %d ", r.ID)
		for i, m := range r.Members {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, "%s:%c%d", m.Role, m.Kind[0], m.Ref)
		}
		end(r.Tags)
	}
	return Map(b.String())
}

func number(t testing.TB, s string) int64 {
	t.Helper()
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// units is degrees as 1e-7 degrees.
func units(t testing.TB, s string) int64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return int64(math.Round(v * 1e7))
}

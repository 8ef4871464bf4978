package osm_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"careshed/geo/road"
	"careshed/geo/road/osm"
	"careshed/geo/road/osm/osmtest"
)

func imported(t testing.TB, m osmtest.Map) (*road.Network, osm.Summary) {
	t.Helper()
	net, sum, err := osm.Import(context.Background(), osmtest.Opener(m.PBF(t, osmtest.Style{})), osm.Car(), nil)
	if err != nil {
		t.Fatal(err)
	}
	check(t, net)
	return net, sum
}

// On the equator 0.001 degrees of longitude are 111.32 m: 16.03 s at 25 km/h.
const cross = `
	node 1 0      0
	node 2 0.001  0
	node 3 0.002  0
	node 4 0.003  0
	node 5 0.002  0.001
	node 6 0.002 -0.001
`

// lines writes the edges of a network: ends by longitude and latitude in
// thousandths of a degree, seconds there and back, bends, marks.
func lines(n *road.Network) string {
	var out []string
	at := func(v int32) string {
		c := n.Nodes[v]
		return fmt.Sprintf("%d,%d", c.Lon/10000, c.Lat/10000)
	}
	sec := func(ms uint32) string {
		if ms == road.Never {
			return "-"
		}
		return strconv.FormatFloat(float64(ms)/1000, 'f', 1, 64)
	}
	for i, e := range n.Edges {
		s := fmt.Sprintf("%s %s %s/%s", at(e.From), at(e.To), sec(e.Ahead), sec(e.Back))
		if b := len(n.Shape(i)) - 2; b > 0 {
			s += fmt.Sprintf(" %d bends", b)
		}
		if e.Local {
			s += " local"
		}
		if e.Through {
			s += " through"
		}
		out = append(out, s)
	}
	return strings.Join(out, "\n")
}

func TestImport(t *testing.T) {
	for _, c := range []struct{ name, ways, want string }{
		{"ways that are alike become one edge, with bends", `
			way 1 1,2,3 highway=residential
			way 2 3,4 highway=unclassified`,
			"0,0 3,0 48.1/48.1 2 bends"},
		{"a change of speed is a node", `
			way 1 1,2,3 highway=residential
			way 2 3,4 highway=primary`,
			"0,0 2,0 32.1/32.1 1 bends\n2,0 3,0 6.2/6.2"},
		{"who comes to a main road waits, who stays on it does not", `
			way 1 1,2,3,4 highway=primary
			way 2 3,5 highway=residential`,
			"0,0 2,0 12.3/12.3 1 bends\n2,0 3,0 6.2/6.2\n2,0 2,1 15.9/19.7"},
		{"one-way, backwards", `way 1 1,2 highway=residential oneway=-1`, "0,0 1,0 -/16.0"},
		{"a roundabout is one-way, and a loop", `
			way 1 2,3,5,2 highway=residential junction=roundabout`,
			"1,0 1,0 54.5/- 2 bends"},
		{"a loop that a road leads to", `
			way 1 1,2 highway=residential
			way 2 2,3,5,2 highway=residential`,
			"0,0 1,0 16.0/16.0\n1,0 1,0 54.5/54.5 2 bends"},
		{"a one-way in the middle of a street cuts it in three", `
			way 1 1,2 highway=residential
			way 2 2,3 highway=residential oneway=yes
			way 3 3,4 highway=residential`,
			"0,0 1,0 16.0/16.0\n1,0 2,0 16.0/-\n2,0 3,0 16.0/16.0"},
		{"ways drawn against each other", `
			way 1 3,2,1 highway=residential
			way 2 3,4 highway=residential`,
			"3,0 0,0 48.1/48.1 2 bends"},
		{"private and destination serve the last mile", `
			way 1 1,2 highway=residential
			way 2 2,3 highway=service access=private
			way 3 3,4 highway=residential access=private motor_vehicle=permissive`,
			"0,0 1,0 16.0/16.0\n1,0 2,0 26.7/26.7 local\n2,0 3,0 16.0/16.0 local"},
		{"a bollard ends the road for cars", `
			node 9 0.0015 0 barrier=bollard
			way 1 1,2,9,3,4 highway=residential`,
			"0,0 1,0 24.0/24.0 1 bends\n1,0 3,0 24.0/24.0 1 bends"},
		{"a gate takes a minute", `
			node 9 0.0015 0 barrier=gate
			way 1 1,2,9,3,4 highway=residential`,
			"0,0 3,0 108.1/108.1 3 bends"},
		{"behind a private gate everything is private", `
			node 9 0.0015 0 barrier=gate access=private
			way 1 1,9,4 highway=residential
			way 2 5,1,6 highway=residential`,
			"0,0 1,0 24.0/24.0\n1,0 3,0 24.0/24.0 local\n2,1 0,0 35.8/35.8\n0,0 2,-1 35.8/35.8\n1,0 1,0 60.0/60.0 local"},
		{"signals for one direction", `
			node 9 0.0015 0 highway=traffic_signals traffic_signals:direction=forward
			way 1 1,9,4 highway=residential`,
			"0,0 3,0 50.1/48.1 1 bends"},
		{"a ferry by its duration, and nobody lives on it", `
			way 1 1,4 route=ferry duration=00:20 motor_vehicle=yes
			way 2 4,5 highway=residential`,
			"0,0 3,0 1200.0/1200.0 through\n3,0 2,1 22.6/22.6"},
		{"a ferry that would fly", `way 1 1,4 route=ferry duration=PT1S motor_vehicle=yes`, "0,0 3,0 8.6/8.6 through"},
		{"what is missing is left out", `
			way 1 1,2,77,3,4 highway=residential
			way 2 78,79 highway=residential`,
			"0,0 1,0 16.0/16.0\n2,0 3,0 16.0/16.0"},
		{"points twice in a row", `way 1 1,1,2,2,2,3 highway=residential`, "0,0 2,0 32.1/32.1 1 bends"},
		{"not for cars", `
			way 1 1,2 highway=footway
			way 2 2,3 highway=residential motor_vehicle=no
			way 3 3,4 highway=residential area=yes
			way 4 3,5 highway=construction
			way 5 3,6 highway=residential`,
			"2,0 2,-1 15.9/15.9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			net, _ := imported(t, osmtest.Map(cross+c.ways))
			if got := lines(net); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// However a file is written, the network is the same.
func TestStylesOfFiles(t *testing.T) {
	m := osmtest.Map(cross + "way 1 1,2,3,4 highway=primary\nway 2 6,3,5 highway=residential")
	want, _ := imported(t, m)
	for _, s := range []osmtest.Style{{Plain: true}, {Raw: true}, {Plain: true, Raw: true}} {
		got, _, err := osm.Import(context.Background(), osmtest.Opener(m.PBF(t, s)), osm.Car(), nil)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v: %v: %+v", s, err, got)
		}
	}
	dated, _, err := osm.Import(context.Background(), osmtest.Opener(m.PBF(t, osmtest.Style{Stamp: 1700000000})), osm.Car(), nil)
	if err != nil || dated.Stamp != "2023-11-14T22:13:20Z" {
		t.Errorf("%q, %v", dated.Stamp, err)
	}
}

func TestImportErrors(t *testing.T) {
	ctx := context.Background()
	good := osmtest.Map(cross+"way 1 1,2 highway=residential").PBF(t, osmtest.Style{})
	head := plainHeader(false) // as pbf writes it
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"nothing", nil, "the file is empty"},
		{"text", []byte("<osm version='0.6'>..................."), "not an OpenStreetMap PBF"},
		{"cut short", good[:len(good)-3], fmt.Sprintf("block at byte %d: data: unexpected EOF", len(head))},
		{"a history", osmtest.Map(cross).PBF(t, osmtest.Style{Needs: "HistoricalInformation"}), `needs "HistoricalInformation"`},
		{"no roads", osmtest.Map(cross+"way 1 1,2 highway=footway").PBF(t, osmtest.Style{}), "no road that a car may use"},
		{"no nodes", osmtest.Map("way 1 1,2 highway=primary").PBF(t, osmtest.Style{}), "2 of their 2 points are missing"},
		{"off the earth", osmtest.Map("node 1 200 0\nnode 2 0 0\nway 1 1,2 highway=primary").PBF(t, osmtest.Style{}), "node 1: it lies off the earth"},
		{"a bomb", slices.Concat(head, bomb()), "claim to unpack"},
	} {
		_, _, err := osm.Import(ctx, osmtest.Opener(c.data), osm.Car(), nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, _, err := osm.Import(gone, osmtest.Opener(good), osm.Car(), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	broken := errors.New("the disk is gone")
	if _, _, err := osm.Import(ctx, func() (io.ReadCloser, error) { return nil, broken }, osm.Car(), nil); !errors.Is(err, broken) {
		t.Errorf("unreadable: %v", err)
	}
}

// bomb is a block of a few bytes that claims to be 30 MB.
func bomb() []byte {
	var blob osmtest.Message
	blob.Varint(2, 30<<20)
	blob.Bytes(3, []byte{0x78, 0x9c, 3, 0, 0, 0, 0, 1})
	var head osmtest.Message
	head.Bytes(1, []byte("OSMData"))
	head.Varint(3, uint64(len(blob)))
	return append([]byte{0, 0, 0, byte(len(head))}, append(head, blob...)...)
}

// No bytes make the import panic, and what it accepts is whole.
func FuzzImport(f *testing.F) {
	m := osmtest.Map(cross + "node 9 0.0015 0 barrier=gate access=private\nway 1 1,2,9,3,4 highway=primary maxspeed=50\nway 2 6,3,5 highway=residential oneway=yes\nway 3 1,4 route=ferry duration=1:20")
	for _, s := range []osmtest.Style{{Raw: true}, {Plain: true, Raw: true}, {Stamp: 1, Raw: true}, {}} {
		f.Add(m.PBF(f, s))
	}
	f.Add(bomb())
	f.Fuzz(func(t *testing.T, data []byte) {
		net, _, err := osm.Import(context.Background(), osmtest.Opener(data), osm.Car(), nil)
		if err == nil {
			check(t, net)
		}
	})
}

// The same for the content of a block, which mutations of a whole file seldom
// get to.
func FuzzBlock(f *testing.F) {
	head := plainHeader(true)
	m := osmtest.Map(cross + "node 9 0.0015 0 barrier=gate access=private\nway 1 1,2,9,3,4 highway=primary maxspeed=50\nway 2 6,3,5,6 highway=residential")
	for _, s := range []osmtest.Style{{Raw: true}, {Raw: true, Plain: true}} {
		file := m.PBF(f, s)[len(head):]
		f.Add(file[len(file)-lastBlock(file):])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file := slices.Concat(head, osmtest.Frame("OSMData", data, true))
		net, _, err := osm.Import(context.Background(), osmtest.Opener(file), osm.Car(), nil)
		if err == nil {
			check(t, net)
		}
	})
}

// lastBlock is the length of the content of a file of one raw block.
func lastBlock(file []byte) int {
	blob := file[4+int(file[3]):]
	_, n := binary.Uvarint(blob[1:])
	return len(blob) - 1 - n
}

func plainHeader(raw bool) []byte {
	var features osmtest.Message
	features.Bytes(4, []byte("OsmSchema-V0.6"))
	return osmtest.Frame("OSMHeader", features, raw)
}

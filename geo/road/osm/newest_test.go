package osm_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"careshed/geo/road/osm"
	"careshed/geo/road/osm/osmtest"
)

// Of an element that is there several times, in whatever order, the newest counts,
// by version and then by date, and what is the same once.
func TestNewestOfEach(t *testing.T) {
	const net = cross + "way 1 1,2,3,4 highway=primary\nway 2 5,3,6 highway=residential\n"
	for name, c := range map[string]struct{ lines, want string }{
		"twice the same":            {net, net},
		"a bridge that was closed":  {"way 1@2 1,2,3,4 highway=construction\n" + strings.Replace(net, "way 1", "way 1@1", 1), strings.Replace(net, "way 1 1,2,3,4 highway=primary", "", 1)},
		"closed, the other order":   {strings.Replace(net, "way 1", "way 1@1", 1) + "way 1@2 1,2,3,4 highway=construction", strings.Replace(net, "way 1 1,2,3,4 highway=primary", "", 1)},
		"opened":                    {strings.Replace(net, "way 1", "way 1@2", 1) + "way 1@1 1,2,3,4 highway=construction", net},
		"a way that was shortened":  {strings.Replace(net, "way 1", "way 1@9", 1) + "way 1@10 1,2,3 highway=primary", strings.Replace(net, "1,2,3,4", "1,2,3", 1)},
		"by date":                   {strings.Replace(net, "way 1", "way 1@1@1700000000", 1) + "way 1@1@1600000000 1,4 highway=primary", net},
		"a deleted way":             {net + "way 2@3! 5,6", strings.Replace(net, "way 2 5,3,6 highway=residential", "", 1)},
		"a way that came back":      {net + "way 9@3! 1,5 highway=primary\nway 9@4 1,5 highway=primary", net + "way 9 1,5 highway=primary"},
		"a moved node":              {net + "node 4@5 0.0035 0", strings.Replace(net, "node 4 0.003 ", "node 4 0.0035 ", 1)},
		"a node that was there":     {strings.Replace(net, "node 4", "node 4@5", 1) + "node 4@4 0.0035 0", net},
		"a gate that was taken off": {net + "node 2@2 0.001 0\nnode 2@1 0.001 0 barrier=gate", net},
		"a gate that was put up":    {net + "node 2@2 0.001 0 barrier=gate", strings.Replace(net, "node 2 0.001  0", "node 2 0.001  0 barrier=gate", 1)},
	} {
		want, _ := imported(t, osmtest.Map(c.want))
		for _, s := range []osmtest.Style{{}, {Plain: true}} {
			got, _, err := osm.Import(context.Background(), osmtest.Opener(osmtest.Map(c.lines).PBF(t, s)), osm.Car(), nil)
			if err != nil || sorted(lines(got)) != sorted(lines(want)) {
				t.Errorf("%s: %v\n%s\nwant\n%s", name, err, lines(got), lines(want))
			}
		}
	}
	for name, more := range map[string]string{
		"ways":  "way 1 1,2,3 highway=primary",
		"nodes": "node 4 0.0035 0",
		"rules": "way 1 1,2,3,4 highway=primary oneway=yes",
	} {
		_, _, err := osm.Import(context.Background(), osmtest.Opener(osmtest.Map(net+more).PBF(t, osmtest.Style{})), osm.Car(), nil)
		if err == nil || !strings.Contains(err.Error(), "is there twice, differs") {
			t.Errorf("%s that differ and have no age: %v", name, err)
		}
	}
}

// Elements in any order, twice and with older selves among them, in several blocks:
// the network is that of the newest alone.
func TestNewestOfRandomMerges(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 3))
		var plain, merged []string
		add := func(kind, id, rest, older string) {
			plain = append(plain, kind+" "+id+" "+rest)
			merged = append(merged, kind+" "+id+"@7 "+rest)
			for range r.IntN(3) {
				merged = append(merged, kind+" "+id+"@7 "+rest)
				merged = append(merged, kind+" "+id+"@"+string(rune('1'+r.IntN(5)))+" "+older)
			}
		}
		digit := func(n int) string { return string(rune('1' + r.IntN(n))) }
		for i := range 9 {
			id := string(rune('1' + i))
			add("node", id, "0.00"+digit(9)+id+" 0.00"+digit(9), "0.1"+digit(9)+" 0.2 barrier=block")
		}
		for i := range 6 {
			a, b, c := digit(9), digit(9), digit(9)
			add("way", string(rune('1'+i)), a+","+b+","+c+" highway=primary", a+","+c+" highway="+[]string{"footway", "primary"}[r.IntN(2)])
		}
		want, _ := imported(t, osmtest.Map(strings.Join(plain, "\n")))
		r.Shuffle(len(merged), func(i, j int) { merged[i], merged[j] = merged[j], merged[i] })
		half := len(merged) / 2
		a, b := osmtest.Map(strings.Join(merged[:half], "\n")), osmtest.Map(strings.Join(merged[half:], "\n"))
		got, sum, err := osm.Import(context.Background(), osmtest.Opener(osmtest.Join(t, osmtest.Style{Plain: seed%2 == 0}, a, b)), osm.Car(), nil)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if sorted(lines(got)) != sorted(lines(want)) || sum.Older == 0 {
			t.Fatalf("seed %d:\n%s\nwant\n%s", seed, lines(got), lines(want))
		}
	}
}

// sorted are the edges of a network in an order that does not hang on the file's.
func sorted(text string) string {
	all := strings.Split(text, "\n")
	for i, line := range all {
		f := strings.Fields(line)
		if f[0] > f[1] {
			there, back, _ := strings.Cut(f[2], "/")
			f[0], f[1], f[2] = f[1], f[0], back+"/"+there
		}
		all[i] = strings.Join(f, " ")
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

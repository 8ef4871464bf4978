package osm

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

// The elements of real files are those that another decoder finds: the numbers
// of nodes, ways and points of ways, and a sum over all of them, are of
// github.com/paulmach/osm v0.8.0 on the same files.
func TestSameElements(t *testing.T) {
	root := os.Getenv("CARESHED_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "..", "shared")
	}
	type census struct {
		nodes, ways, points int
		sum                 int64
	}
	for name, want := range map[string]census{
		"andorra_gh":             {69644, 2725, 72968, 349741723324580},
		"heidelberg_ors":         {221009, 31619, 266661, 1693834152887716},
		"liechtenstein_valhalla": {142832, 15247, 159076, 1395560172145231},
		"maryland_nextmv":        {122503, 21833, 176532, 2284202089478145},
		"monaco_osrm":            {180118, 27377, 238855, 1277313034986094},
		"poa_r5r":                {43264, 16032, 66840, 673259338999826},
		"porto_r5":               {347944, 51458, 427898, 2752165660687844},
	} {
		f, err := os.Open(filepath.Join(root, "data", "roads", "pbf", name+".osm.pbf"))
		if err != nil {
			t.Skipf("SKIPPED: no OpenStreetMap extracts here: %v (set CARESHED_SHARED)", err)
		}
		defer f.Close()
		var got census
		take := func(b *block, _ int64) error {
			all := func(int64) bool { return true }
			if err := b.nodes(all, func(n *rawNode) {
				got.nodes++
				got.sum += n.id ^ (int64(n.at.Lat) + 1e9) ^ (int64(n.at.Lon) + 2e9)
			}); err != nil {
				return err
			}
			return b.ways(func(w *rawWay) error {
				got.ways++
				refs, id := wire{data: w.refs}, int64(0)
				for len(refs.data) > 0 {
					id += refs.signed()
					got.points++
					got.sum += id * int64(got.points%7)
				}
				return refs.err()
			})
		}
		if err := walk(context.Background(), f, func(header) error { return nil }, parseBlock, take); err != nil || got != want {
			t.Errorf("%s: %+v, want %+v: %v", name, got, want, err)
		}
	}
}

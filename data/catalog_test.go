package data

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"careshed/geo"
)

// folder is a folder of files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestCatalog(t *testing.T) {
	dir := folder(t, map[string]string{"a.csv": "id,n\nx,1\n", "b.geojson": collection(feature1)})
	c := NewCatalog(dir, map[string]Source{
		"towns":  {File: "b.geojson", Title: "Towns", Licence: "CC0"},
		"counts": {File: "a.csv"},
		"none":   {File: "none.csv"},
	})
	ctx := context.Background()
	if got := c.Names(); !slices.Equal(got, []string{"counts", "none", "towns"}) {
		t.Errorf("names %v", got)
	}
	if s, ok := c.Source("towns"); !ok || s.Title != "Towns" {
		t.Errorf("source %v %v", s, ok)
	}
	if _, err := c.Digest("counts"); err == nil {
		t.Error("a digest of what was not read")
	}
	// Many ask at once and get one layer.
	layers := make([]*geo.Layer, 8)
	var all sync.WaitGroup
	for i := range layers {
		all.Go(func() { layers[i], _ = c.Layer(ctx, "counts") })
	}
	all.Wait()
	for _, l := range layers {
		if l == nil || l != layers[0] {
			t.Fatal("not one layer")
		}
	}
	towns, err := c.Layer(ctx, "towns")
	if err != nil || towns.Name != "towns" || towns.Title != "Towns" || towns.Licence != "CC0" || towns.Source != "b.geojson" {
		t.Errorf("about %+v, %v", towns.About, err)
	}
	files, err := c.Digest("counts")
	want := []File{{"a.csv", "1f736a4e5744b8834a785da80ab077565349d1df37d2250c92105b71147002b4", 9}} // by sha256sum
	if err != nil || !slices.Equal(files, want) {
		t.Errorf("digest %v, %v, want %v", files, err, want)
	}
	_, err = c.Layer(ctx, "cuonts")
	var unknown *UnknownLayerError
	if !errors.As(err, &unknown) || err.Error() != `no layer "cuonts", did you mean "counts"?; there are: counts, none, towns` {
		t.Errorf("unknown: %v", err)
	}
	if _, err = c.Layer(ctx, "none"); err == nil || err.Error() != "layer none: none.csv: no such file or directory" || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	if _, err = c.Limited(Limits{Features: 0, Bytes: 4}).Layer(ctx, "counts"); err == nil || !strings.Contains(err.Error(), "holds more than 4 bytes") {
		t.Errorf("limit: %v", err)
	}
}

// A caller that gives up does not spoil the layer for the others.
func TestCatalogCancelled(t *testing.T) {
	c := NewCatalog(folder(t, map[string]string{"a.csv": "n\n1\n"}), map[string]Source{"a": {File: "a.csv"}})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.Layer(ctx, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Layer(context.Background(), "a"); err != nil {
		t.Error(err)
	}
}

func TestJoin(t *testing.T) {
	dir := folder(t, map[string]string{
		"areas.geojson": collection(properties(`"fips":"01001","name":"A"`), properties(`"fips":"01003","name":"B"`), properties(`"fips":null`)),
		"svi.csv":       "FIPS,svi,label,n,ok\n01003,0.5,x,2,true\n01005,0.7,y,3,false\n01001,,,,\n",
		"twice.csv":     "FIPS,svi\n01003,0.5\n01003,0.7\n",
		"bare.csv":      "FIPS,svi\n1001,0.5\n",
	})
	for _, c := range []struct {
		join Join
		want string // columns, or the error
	}{
		{Join{File: "svi.csv", On: "fips=FIPS"}, "fips text 01001 01003 .\nname text A B .\nsvi number . 0.5 .\nlabel text . x .\nn integer . 2 .\nok bool . true ."},
		{Join{File: "svi.csv", On: "fips = FIPS", Columns: map[string]string{"vulnerable": "svi"}}, "fips text 01001 01003 .\nname text A B .\nvulnerable number . 0.5 ."},
		{Join{File: "svi.csv"}, "layer a: areas.geojson: join has no key; accepted: on: a field of both files, or on: ours=theirs"},
		{Join{File: "svi.csv", On: "fips"}, `layer a: svi.csv: join on names column "fips", which is not there, did you mean "FIPS"?; there are: FIPS, svi, label, n, ok`},
		{Join{File: "svi.csv", On: "code=FIPS"}, `layer a: areas.geojson: join on names column "code", which is not there; there are: fips, name`},
		{Join{File: "svi.csv", On: "fips=FIPS", Columns: map[string]string{"x": "sv"}}, `layer a: svi.csv: join columns names column "sv", which is not there, did you mean "svi"?; there are: FIPS, svi, label, n, ok`},
		{Join{File: "svi.csv", On: "fips=FIPS", Columns: map[string]string{"name": "svi"}}, `layer a: svi.csv: join brings a column "name", which areas.geojson has already; accepted: columns: {another name: svi}`},
		{Join{File: "twice.csv", On: "fips=FIPS"}, `layer a: twice.csv: feature 2: FIPS is "01003": the key of row 1 too; accepted: a key that differs in every row`},
		{Join{File: "bare.csv", On: "fips=FIPS"}, `layer a: bare.csv: join no key fits: areas.geojson has fips "01001", bare.csv has FIPS 1001 ("01001" here, "1001" there: leading zeros?); accepted: keys that are written alike (01001 is not 1001)`},
		{Join{File: "none.csv", On: "fips=FIPS"}, `layer a: join: none.csv: no such file or directory`},
	} {
		catalog := NewCatalog(dir, map[string]Source{"a": {File: "areas.geojson", Join: &c.join}})
		l, err := catalog.Layer(context.Background(), "a")
		got := fmt.Sprint(err)
		if err == nil {
			got = describe(l)
			if files, _ := catalog.Digest("a"); len(files) != 2 || files[1].Name != "svi.csv" || len(files[1].SHA256) != 64 {
				t.Errorf("digest %v", files)
			}
		}
		if got != c.want {
			t.Errorf("%+v:\ngot  %s\nwant %s", c.join, got, c.want)
		}
	}
}

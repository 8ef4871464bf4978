package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"careshed/data"
	"careshed/geo"
)

// The yardstick on real layers: 238,437 block groups × 144 centers and × 22,000
// hospitals and settlements, through Layer.Nearest, on one core.
func BenchmarkNearestReal(b *testing.B) {
	root := shared(b)
	read := func(folder, file string) *geo.Layer {
		l, err := data.NewCatalog(filepath.Join(root, "data", folder), map[string]data.Source{"l": {File: file}}).Layer(context.Background(), "l")
		if err != nil {
			b.Fatal(err)
		}
		return l
	}
	places := read("layers", "us-blockgroups.csv")
	centers := read("centers", "cart-centers.geojson")
	country, _ := centers.Texts("country")
	var us []int
	for i, c := range country {
		if c == "US" {
			us = append(us, i)
		}
	}
	many := read("layers", "us-popgrid01.csv")
	rows := make([]int, 22_000)
	for i := range rows {
		rows[i] = i * many.Len() / len(rows)
	}
	for _, c := range []struct {
		name  string
		sites *geo.Layer
	}{{"centers", centers.Pick(us)}, {"22000", many.Pick(rows)}} {
		for range c.sites.Nearest(places.Point(0)) {
			break
		}
		b.Run(c.name, func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			for b.Loop() {
				for i := range places.Len() {
					for range c.sites.Nearest(places.Point(i)) {
						break
					}
				}
			}
		})
	}
	b.Run("centers, brute force over 2,000 places", func(b *testing.B) {
		sites := centers.Pick(us)
		for b.Loop() {
			for i := range 2000 {
				least := geo.Metres(1e12)
				for j := range sites.Len() {
					least = min(least, geo.Distance(places.Point(i), sites.Point(j)))
				}
			}
		}
	})
}

// The whole run: read, nearest, bands, regions, penalty, write, on one core.
func BenchmarkRunReal(b *testing.B) {
	root := shared(b)
	path := countries[0].write(b, root, "")
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for b.Loop() {
		if code, _, log := call(b, "run", path, "-o", filepath.Join(b.TempDir(), "out"), "-q"); code != 0 {
			b.Fatal(log)
		}
	}
}

// Ranking: block groups × some 800 cities of 50,000 people and more, ten spokes
// within three hours of a hub.
func BenchmarkRankReal(b *testing.B) {
	rankReal(b, "siting: {pick: 10, goal: treated, hub: {within_min: 180}}\nuncertainty: {draws: 10, seed: 7}\n")
}

// A thousand draws of penalty, speed, family and demand, five sites each.
func BenchmarkDrawsReal(b *testing.B) {
	rankReal(b, "siting: {pick: 5, goal: treated, hub: {within_min: 180}}\nuncertainty: {draws: 1000, seed: 7, vary: [effect, speed, family, demand]}\n")
}

func rankReal(b *testing.B, ask string) {
	root := shared(b)
	path := countries[0].write(b, root, "candidates: {layer: cities, where: {country: US, population: {min: 50000}}}\n"+ask)
	text, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	text = bytes.Replace(text, []byte("layers:\n"), []byte("layers:\n  cities: {file: layers/world-cities.csv}\n"), 1)
	if err := os.WriteFile(path, text, 0o666); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if code, _, log := call(b, "rank", path, "-q"); code != 0 {
			b.Fatal(log)
		}
	}
}

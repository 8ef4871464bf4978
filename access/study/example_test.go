package study_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"careshed/access/study"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// layers are those that the study names.
type layers map[string]*geo.Layer

func (l layers) Layer(_ context.Context, name string) (*geo.Layer, error) {
	if l[name] == nil {
		return nil, errors.New("no layer " + name)
	}
	return l[name], nil
}

func (layers) Files(string) []study.File { return nil }

// A study of two towns and a center: how long the way is, and how many people
// live within half an hour.
func Example() {
	towns, err := geo.NewPoints(geo.About{Name: "towns"}, []string{"here", "there"}, []orb.Point{{11, 45}, {11, 45.5}},
		geo.Numbers(geo.Field{Name: "population"}, []float64{3000, 1000}))
	if err != nil {
		panic(err)
	}
	centers, err := geo.NewPoints(geo.About{Name: "centers"}, []string{"center"}, []orb.Point{{11, 45}})
	if err != nil {
		panic(err)
	}
	s, err := study.Parse(strings.NewReader(`
version: 1
name: two towns
places: {layer: towns}
sites: {layer: centers}
travel: {engine: crow, borders: free}
measures: [travel: {bands_min: [30]}]
`), nil)
	if err != nil {
		panic(err)
	}
	r, err := study.Run(context.Background(), study.World{Layers: layers{"towns": towns, "centers": centers}}, s, nil)
	if err != nil {
		panic(err)
	}
	fmt.Printf("mean %.0f minutes, %.0f people within %.0f\n", r.Summary.Travel.TimeMin.Mean, r.Summary.Travel.Bands[0].People, r.Summary.Travel.Bands[0].Minutes)
	// Output: mean 16 minutes, 3000 people within 30
}

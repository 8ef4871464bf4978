package main

import (
	"context"
	"regexp"
	"slices"
	"testing"

	"careshed/api/words"
	"careshed/data/atlas"
)

var figuresOf = regexp.MustCompile(`\d+`)

// numbersIn are the numbers of a text, sorted.
func numbersIn(text string) []string {
	return slices.Sorted(slices.Values(figuresOf.FindAllString(text, -1)))
}

// What the atlas says in English of its list of centers, and of regions without one, is said
// in every language, with the same numbers.
func TestTheAtlasIsSaidInEveryLanguage(t *testing.T) {
	ctx := context.Background()
	var a atlas.Atlas
	countries, err := a.Countries(ctx)
	if err != nil {
		t.Fatal(err)
	}
	regions, err := a.Layer(ctx, "regions")
	if err != nil {
		t.Fatal(err)
	}
	notes, ok := regions.Column("gap_note")
	if !ok {
		t.Fatal("the regions have no gap_note")
	}
	for _, code := range words.Known() {
		l, err := words.In(code)
		if err != nil {
			t.Fatal(err)
		}
		same := func(what, raw, said string) {
			if raw == said {
				t.Errorf("%s: %s is said as the data have it: %s", code, what, raw)
			}
			if got, want := numbersIn(said), numbersIn(raw); !slices.Equal(got, want) {
				t.Errorf("%s: %s: %q has the numbers %v, the data %v: %q", code, what, said, got, want, raw)
			}
		}
		for _, c := range countries {
			list := listOf(ctx, &a, c.Code)
			if list.Key == "" {
				t.Errorf("%s: no text of the list of %s", code, c.Code)
				continue
			}
			if got, want := numbersIn(list.In(l)), numbersIn(a.Completeness(ctx, c.Code)); !slices.Equal(got, want) {
				t.Errorf("%s: %s: %q has the numbers %v, the data %v", code, c.Code, list.In(l), got, want)
			}
		}
		for i := range regions.Len() {
			if !notes.Null(i) && notes.Text(i) != "" {
				same(regions.ID(i), notes.Text(i), l.Called("gap.", notes.Text(i)))
			}
		}
	}
}

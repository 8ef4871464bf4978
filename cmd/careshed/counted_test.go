package main

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Rates that were derived from the same sources, with the populations of others:
// within 6 % of what the layer gives with its own.
func TestCountsGiveThePublishedRates(t *testing.T) {
	e := &env{}
	counts, err := e.counts(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(counts) != 112 {
		t.Errorf("%d counts", len(counts))
	}
	for _, c := range []struct {
		area, to, stage string
		count, rate     float64
	}{
		{"Austria", "2024", "infused", 150, 1.68}, {"Switzerland", "2025-12", "infused", 900, 1.48}, {"France", "2025-01", "infused", 5000, 1.14}, {"Czechia", "2023", "infused", 100, 0.93},
		{"Italy", "2024", "infused", 498, 0.83}, {"Japan", "2025", "infused", 1000, 0.79}, {"Germany", "2024", "infused", 3600, 0.62}, {"Germany", "2021-04", "infused", 356, 0.18},
		{"Spain", "2024-05", "infused", 1406, 0.54}, {"Spain", "2023", "applied", 430, 0.91}, {"Spain", "2024", "applied", 746, 1.57}, {"Spain", "2025-06-30", "applied", 492, 2.07},
		{"United Kingdom, Scotland", "2023", "infused", 26, 0.48}, {"United Kingdom, Scotland", "2020", "infused", 15, 0.28}, {"United Kingdom, England", "2025-02", "infused", 1500, 0.42},
		{"Portugal", "2025-06", "infused", 200, 0.32}, {"Croatia", "2025", "infused", 10, 0.25}, {"Netherlands", "2022-05", "infused", 145, 0.41}, {"Sweden", "2024", "infused", 93, 0.15},
		{"Canada, Quebec", "2022-06-30", "infused", 108, 0.43}, {"Australia, South Australia", "2025", "sent elsewhere", 30, 1.69}, {"Spain, Principado de Asturias", "2025-11", "infused", 26, 0.98},
	} {
		found := false
		for _, k := range counts {
			if k.Area != c.area || k.To != c.to || k.Stage != c.stage || k.Low != c.count {
				continue
			}
			found = true
			if got := k.Per100k(k.People); !(math.Abs(got/c.rate-1) <= 0.06) {
				t.Errorf("%s to %s: %.3f per 100,000, published or derived %v", c.area, c.to, got, c.rate)
			}
		}
		if !found {
			t.Errorf("no count of %v in %s to %s", c.count, c.area, c.to)
		}
	}
	for _, k := range counts {
		if k.Qualifier == "percent of expected" && k.Low > 0 || k.Rate > 0 && k.Low > 0 {
			t.Errorf("%s, %s: a share or a rate is taken for a count: %+v", k.Area, k.To, k)
		}
		if k.Source == "" && k.Note == "" {
			t.Errorf("%s, %s: no source", k.Area, k.To)
		}
	}
}

// Every count of an area by year stands beside the model where the atlas has the
// area, and what sets it apart is said wherever it is twice the model or half.
func TestRealityIsDocumented(t *testing.T) {
	e := &env{}
	ctx := context.Background()
	rows, err := e.countsBeside(ctx)
	if err != nil {
		t.Fatal(err)
	}
	with := map[string]bool{}
	for _, r := range rows {
		if math.IsNaN(r.model) {
			continue
		}
		with[r.Area] = true
		if ratio := r.ratio(); (ratio > 2 || ratio < 0.5) && len(r.Why(modelled)) == 0 {
			t.Errorf("%s, %s: %.1f times the model, and nothing explains it", r.Area, r.To, ratio)
		}
		if got, want := 1e5*r.model/r.People, 0.238; !(got > 0.5*want && got < 1.5*want) {
			t.Errorf("%s: the model has %.2f per 100,000", r.Area, got)
		}
	}
	for _, area := range []string{"Spain", "Austria", "France", "Italy", "Germany", "United Kingdom, England", "United Kingdom, Scotland", "Portugal", "Switzerland", "Australia, South Australia"} {
		if !with[area] {
			t.Errorf("%s has no count beside the model", area)
		}
	}
	table, err := e.realityTable(ctx)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("..", "..", "docs", "reality.md")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const fence = "\n```\n"
	prose, old, ok := strings.Cut(string(text), fence)
	if !ok {
		t.Fatalf("%s has no table", file)
	}
	if want := table + "```\n"; old != want {
		if *update {
			if err := os.WriteFile(file, []byte(prose+fence+want), 0o666); err != nil {
				t.Fatal(err)
			}
			return
		}
		t.Errorf("the table of %s is not what the atlas gives: look at both, then renew it with -update", file)
	}
}

package main

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"careshed/access"
)

// England by itself: nobody is lost, the nearest is the nearest, and the exponent
// gives what it is asked for.
func TestHowFarPeopleGoInEngland(t *testing.T) {
	e := &env{}
	england, err := e.england(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	all := england.left
	for _, p := range england.people {
		all += p
	}
	if math.Abs(all-56_550_138) > 0.001*all || england.sites < 15 || england.sites > 24 || len(england.km) != england.matrix.Len() {
		t.Errorf("%v people, %d sites", all, england.sites)
	}
	nearest, err := england.by(math.Inf(1))
	if err != nil {
		t.Fatal(err)
	}
	b, err := access.Exponent(england.matrix, england.people, england.beyondAnHour, 0.44)
	if err != nil {
		t.Fatal(err)
	}
	chosen, err := england.by(b)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(chosen.beyond-0.44) > 1e-4 || nearest.nearest != 1 || nearest.extra != 0 || !(nearest.beyond < chosen.beyond && nearest.mean < chosen.mean && chosen.nearest < 1) {
		t.Errorf("nearest %+v, by %v %+v", nearest, b, chosen)
	}
	// The quantiles of one kind are those of the other.
	median := england.medianKm()(access.ToNearest(england.matrix, england.people))
	if median != nearest.median {
		t.Errorf("a median of %v and one of %v", median, nearest.median)
	}
}

// docs/reality.md has the table as it is.
func TestHowFarPeopleGoIsDocumented(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED with -short: every pair of settlement and center in Europe takes seconds; England alone is tested")
	}
	table, err := (&env{}).seenTable(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("..", "..", "docs", "reality.md")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const fence = "\n~~~\n"
	before, rest, _ := strings.Cut(string(text), fence)
	old, after, ok := strings.Cut("\n"+rest, fence)
	if !ok {
		t.Fatalf("%s has no table between ~~~", file)
	}
	if old = strings.TrimPrefix(old, "\n") + "\n"; old == table {
		return
	}
	if !*update {
		t.Errorf("the table of %s is not what the atlas gives: look at both, then renew it with -update", file)
		return
	}
	if err := os.WriteFile(file, []byte(before+fence+table+"~~~\n"+after), 0o666); err != nil {
		t.Fatal(err)
	}
}

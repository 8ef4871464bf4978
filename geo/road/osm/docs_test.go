package osm

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The page about road times has the numbers of the profile.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "methods", "roads.md"))
	if err != nil {
		t.Fatal(err)
	}
	p := Car()
	want := []string{
		fmt.Sprintf("profile `%s`, version %d", p.Name, p.Version),
		fmt.Sprintf("%v s in the direction that ends at a junction", p.Yield),
		fmt.Sprintf("%v × posted limit", p.Signed),
		fmt.Sprintf("%v s at traffic signals and stop signs", p.Signals),
		fmt.Sprintf("between %v and %v km/h", p.Slowest, p.Fastest),
		fmt.Sprintf("`walk` is %v, `none` %v × %v", p.Walk, p.Unposted, p.Signed),
		fmt.Sprintf("its duration, else %v km/h", p.Ferry.Speed),
	}
	for _, k := range p.Kinds {
		want = append(want, fmt.Sprintf("| %s | %v | %d | ", k.Name, k.Speed, k.Rank))
	}
	for _, c := range p.Surfaces {
		want = append(want, c.Value)
	}
	for _, w := range want {
		if !strings.Contains(string(text), w) {
			t.Errorf("docs/methods/roads.md does not say %q", w)
		}
	}
	if p.Signals != p.Stop {
		t.Error("the page gives one time for signals and stop signs")
	}
}

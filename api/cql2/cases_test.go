package cql2

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// shared is the folder of cases with known answers; tests without it skip.
func shared(t testing.TB, parts ...string) string {
	t.Helper()
	root := os.Getenv("CARESHED_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	path := filepath.Join(append([]string{root, "cases", "ogc"}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("SKIPPED: no known answers here: %v (set CARESHED_SHARED)", err)
	}
	return path
}

// outside are the official examples that use what is not kept, by the word that
// the error must name.
var outside = map[string]string{
	"clause6_01": "avg", "clause6_02b": "avg", "clause7_10": "s_crosses", "clause7_12": "t_intersects", "clause7_13": "t_during", "clause7_15": "a_contains",
	"clause7_16": "s_crosses", "clause7_17": "t_during", "clause7_18": "buffer", "example20": "t_before", "example21": "t_after", "example22": "t_during",
	"example46": "s_equals", "example48": "s_touches", "example50": "s_overlaps", "example51": "s_crosses", "example53": "t_after", "example54": "t_before",
	"example55": "t_contains", "example56": "t_disjoint", "example57": "t_during", "example58": "t_equals", "example59": "t_finishedby", "example60": "t_finishes",
	"example61": "t_intersects", "example62": "t_meets", "example63": "t_metby", "example64": "t_overlappedby", "example65": "t_overlaps", "example66": "t_startedby",
	"example67": "t_starts", "example68": "foo", "example69": "bar", "example79": "a_containedby", "example80": "a_contains", "example81": "array", "example82": "a_overlaps",
	"example83": "s_equals", "example84": "s_equals",
}

// Every official example is read, or refused with what of it is not supported;
// the two encodings of one example give one tree.
func TestOfficialExamples(t *testing.T) {
	trees := map[string]map[string]Node{}
	n := 0
	for _, encoding := range []string{"text", "json"} {
		ending := map[string]string{"text": ".txt", "json": ".json"}[encoding]
		files, err := filepath.Glob(filepath.Join(shared(t, "cql2_examples", encoding), "*"+ending))
		if err != nil || len(files) == 0 {
			t.Fatalf("%v: %d files", err, len(files))
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			n++
			name := strings.TrimSuffix(filepath.Base(file), ending)
			var tree Node
			if encoding == "text" {
				tree, err = ParseText(string(b))
			} else {
				tree, err = ParseJSON(b)
			}
			base, _, _ := strings.Cut(name, "-alt")
			if word, out := outside[base]; out {
				var e *Error
				if !errors.As(err, &e) || !strings.Contains(strings.ToLower(e.Problem), word) || !strings.Contains(e.Problem, "not supported") || e.Accepted == "" {
					t.Errorf("%s: %v", file, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			if trees[base] == nil {
				trees[base] = map[string]Node{}
			}
			trees[base][name+ending] = tree
		}
	}
	for base, of := range trees {
		var first Node
		for name, tree := range of {
			if base == "example43" || base == "example70" {
				continue // NOT a AND b; a letter composed in one and decomposed in the other
			}
			if first == nil {
				first = tree
			} else if !reflect.DeepEqual(first, tree) {
				t.Errorf("%s: %#v differs from %#v", name, tree, first)
			}
		}
	}
	t.Logf("%d examples, %d read", n, len(trees))
}

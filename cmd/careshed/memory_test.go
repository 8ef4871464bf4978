package main

import (
	"os"
	"path/filepath"
	"testing"
)

// The memory is that of the container, unless it has no limit or the machine has less.
func TestAvailableMemory(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	machine := file("meminfo", "MemTotal:       16000000 kB\nMemFree:        1000 kB\n")
	for _, c := range []struct {
		group string
		want  int64
	}{
		{file("a", "2147483648\n"), 2 << 30},
		{file("b", "max\n"), 16000000 << 10},
		{file("c", "99999999999999\n"), 16000000 << 10},
		{filepath.Join(dir, "none"), 16000000 << 10},
	} {
		if got := available(c.group, machine); got != c.want {
			t.Errorf("%s: %d, want %d", c.group, got, c.want)
		}
	}
	if got := available(filepath.Join(dir, "none"), filepath.Join(dir, "none")); got != unknownMemory {
		t.Errorf("where nothing tells: %d", got)
	}
}

func TestMemoryFlag(t *testing.T) {
	for text, want := range map[string]int64{"6GiB": 6 << 30, "800MiB": 800 << 20, "1.5 GiB": 3 << 29, "1073741824": 1 << 30} {
		if got, err := memoryOf(text); err != nil || got != want {
			t.Errorf("%s: %d %v", text, got, err)
		}
	}
	for _, text := range []string{"6GB", "-1GiB", "511MiB", "many", "NaN", "1e300GiB", "0"} {
		if got, err := memoryOf(text); err == nil {
			t.Errorf("%s: %d is accepted", text, got)
		}
	}
	if got, err := memoryOf(""); err != nil || got < leastMemory {
		t.Errorf("left out: %d %v", got, err)
	}
}

// Whatever the memory is, its parts are no more than it, and something is left for
// studies.
func TestPartsOfTheMemory(t *testing.T) {
	for _, most := range []int64{leastMemory, 1 << 30, 6 << 30, 1 << 40} {
		l := limitsWithin(most, 3)
		sum := atlasMemory + l.Memory + l.LayerBytes + l.StudyBytes + 3*l.AnswerBytes + l.PagesBytes + l.TilesBytes
		if sum != most || l.Memory < most/4 || l.StudyBytes < 1<<20 || l.Runs != 3 {
			t.Errorf("of %d: %+v, %d in all", most, l, sum)
		}
	}
}

package main

import (
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"careshed/access/study"
	"careshed/api"

	"github.com/spf13/cobra"
)

// unknownMemory is what is taken for the memory of a machine that does not tell, in
// bytes.
const unknownMemory = 8 << 30

// atlasMemory is what the program itself needs with the layers of the atlas, and
// leastMemory what it can do something with, in bytes.
const (
	atlasMemory = 256 << 20
	leastMemory = 512 << 20
)

// memoryOf is the memory that a flag grants, in bytes.
func memoryOf(text string) (int64, error) {
	if text == "" {
		return max(leastMemory, available("/sys/fs/cgroup/memory.max", "/proc/meminfo")/4*3), nil
	}
	n, err := bytesOf(text)
	if err != nil || n < leastMemory {
		return 0, usageError{fmt.Errorf("--memory %q; accepted: %s or more, such as 6GiB or 800MiB", text, study.Bytes(leastMemory))}
	}
	return n, nil
}

// memoryFlag is how much memory a study may take.
func memoryFlag(c *cobra.Command, text *string) {
	c.Flags().StringVar(text, "memory", "", "how much memory to take at most, such as 6GiB or 800MiB: a study that needs more is refused; three quarters of what the container or machine has if left out")
}

// commandGarbage is how much garbage, in percent of what is in use, a command lets lie before
// it is collected: what a study has in use is large arrays without pointers, which cost the
// collector next to nothing, so that 40 takes a quarter less memory than Go's 100 in the same time.
const commandGarbage = 40

// within bounds what the study of a command takes by the text of its flag.
func (e *env) within(text string) error {
	most, err := memoryOf(text)
	if err != nil {
		return err
	}
	collectWithin(most)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(commandGarbage)
	}
	e.memory = study.NewBudget(most - atlasMemory)
	return nil
}

// bytesOf reads a number of bytes with its unit.
func bytesOf(text string) (int64, error) {
	unit := int64(1)
	for _, u := range []struct {
		name  string
		bytes int64
	}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}} {
		if short, ok := strings.CutSuffix(text, u.name); ok {
			text, unit = short, u.bytes
			break
		}
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || !(v >= 0) || v*float64(unit) > math.MaxInt64/2 {
		return 0, fmt.Errorf("%q is no number of bytes", text)
	}
	return int64(v * float64(unit)), nil
}

// available is the memory of the container by the file of its control group, or that
// of the machine, whichever is less, in bytes.
func available(group, machine string) int64 {
	most := int64(unknownMemory)
	if text, err := os.ReadFile(machine); err == nil {
		for line := range strings.Lines(string(text)) {
			if f := strings.Fields(line); len(f) == 3 && f[0] == "MemTotal:" && f[2] == "kB" {
				if kib, err := strconv.ParseInt(f[1], 10, 64); err == nil {
					most = kib << 10
				}
			}
		}
	}
	if text, err := os.ReadFile(group); err == nil { // "max": no limit
		if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil {
			most = min(most, n)
		}
	}
	return most
}

// collectWithin has the collector work the harder the nearer the program comes to a
// limit, unless GOMEMLIMIT says another.
func collectWithin(bytes int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(bytes)
	}
}

// limitsWithin parts the memory of a server: a quarter is for results and answers that
// are kept, as far as they need so much, a part is the program's own, and the rest is
// for what is being made.
func limitsWithin(bytes int64, jobs int) api.Limits {
	kept := (bytes - atlasMemory) / 4
	l := api.Limits{Runs: jobs, StudyBytes: min(512<<20, kept/2), AnswerBytes: min(32<<20, kept/16), PagesBytes: min(64<<20, kept/8), TilesBytes: min(64<<20, kept/8)}
	l.LayerBytes = min(512<<20, kept/2)
	l.Memory = bytes - atlasMemory - l.LayerBytes - l.StudyBytes - 3*l.AnswerBytes - l.PagesBytes - l.TilesBytes
	return l
}

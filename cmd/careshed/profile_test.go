package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// --pprof writes three files, also of a command that fails, and none over
// those that are there.
func TestProfile(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "p")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"version", "--pprof", folder}, exitDone, ""},
		{[]string{"version", "--pprof", folder}, exitUsage, "p is there already"},
		{[]string{"run", "no-such-study.yaml", "--pprof", folder + "2"}, exitInput, "no-such-study.yaml"},
	} {
		var log strings.Builder
		if code := run(t.Context(), c.args, strings.NewReader(""), &log, &log); code != c.code || !strings.Contains(log.String(), c.says) {
			t.Errorf("%v: exit %d, %s", c.args, code, log.String())
		}
	}
	for _, dir := range []string{folder, folder + "2"} {
		for _, name := range []string{"cpu.pprof", "heap.pprof", "trace.out"} {
			if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
				t.Errorf("%s in %s: %v", name, dir, err)
			}
		}
	}
}

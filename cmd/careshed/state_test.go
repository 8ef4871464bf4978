package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A state file of a server is checked, copied and pruned, and what is none is refused
// with what would be accepted.
func TestStateCommand(t *testing.T) {
	bin := built(t)
	dir := t.TempDir()
	path, to := filepath.Join(dir, "jobs.sqlite"), filepath.Join(dir, "copy.sqlite")
	url, kill := started(t, bin, "--state", path)
	done := sendJob(t, url, strings.Replace(italianStudy, "NAME", "done", 1))
	waitFor(t, url, done.ID, func(j jobState) bool { return j.Status == "successful" })
	if code, out, log := call(t, "state", "check", path); code != 0 || !strings.Contains(out, "is whole: 1 jobs, 1 results") {
		t.Errorf("%d %s%s", code, out, log)
	}
	if code, out, log := call(t, "state", "backup", path, to); code != 0 || !strings.Contains(out, "copy.sqlite is whole: 1 jobs, 1 results") {
		t.Errorf("%d %s%s", code, out, log)
	}
	if code, _, log := call(t, "state", "prune", path, "--older", "0h"); code == 0 || !strings.Contains(log, path) {
		t.Errorf("pruned under a server: %d %s", code, log)
	}
	kill()
	if code, out, log := call(t, "state", "prune", path, "--older", "0h"); code != 0 || !strings.Contains(out, "1 jobs were taken away") {
		t.Errorf("%d %s%s", code, out, log)
	}
	url, kill = started(t, bin, "--state", to) // a backup serves
	defer kill()
	waitFor(t, url, done.ID, func(j jobState) bool { return j.Status == "successful" })
	other := filepath.Join(dir, "other")
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"no state file of careshed": {"check", other}, "there already": {"backup", to, other}, "no such file": {"check", other + "2"},
		"accepted: a time": {"prune", path, "--older", "soon"}, "accepted: bytes": {"prune", path, "--most", "much"},
	} {
		if code, _, log := call(t, append([]string{"state"}, args...)...); code == 0 || !strings.Contains(log, want) {
			t.Errorf("%v: %d %s", args, code, log)
		}
	}
}

package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// built is the program itself.
func built(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "careshed")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return bin
}

// started is the program serving on a free port; stop kills it as a crash would.
func started(t *testing.T, bin string, args ...string) (url string, stop func()) {
	t.Helper()
	c := exec.Command(bin, append([]string{"serve", "--addr", "127.0.0.1:0", "-q"}, args...)...)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(strings.TrimSpace(line), "/"), func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	}
}

type jobState struct {
	ID      string `json:"jobID"`
	Status  string
	Message string
}

// job sends a study as a job, and state asks for one.
func sendJob(t *testing.T, url, body string) (j jobState) {
	t.Helper()
	req, err := http.NewRequest("POST", url+"/processes/study/execution", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/yaml")
	req.Header.Set("Prefer", "respond-async")
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, _ := io.ReadAll(r.Body)
	if r.StatusCode != http.StatusCreated && r.StatusCode != http.StatusOK || json.Unmarshal(text, &j) != nil {
		t.Fatalf("%d %s", r.StatusCode, text)
	}
	return j
}

func waitFor(t *testing.T, url, id string, holds func(jobState) bool) (j jobState) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		fetch(t, url+"/jobs/"+id, &j)
		if holds(j) {
			return j
		}
	}
	t.Fatalf("job %+v", j)
	return j
}

const italianStudy = `version: 1
name: NAME
places: {layer: settlements, where: {country: IT}, weight: population}
regions: {layer: regions, where: {country: IT}, join: region_code}
sites: {layer: centers, where: {country: IT}, count: campus}
travel: {engine: crow}
measures: [travel, penalty]
`

// A server that is killed in the middle of a job comes back with every finished
// result and says of the job that it was interrupted.
func TestKilledServer(t *testing.T) {
	bin := built(t)
	state := filepath.Join(t.TempDir(), "jobs.sqlite")
	url, kill := started(t, bin, "--state", state)
	done := sendJob(t, url, strings.Replace(italianStudy, "NAME", "done", 1))
	waitFor(t, url, done.ID, func(j jobState) bool { return j.Status == "successful" })
	var before features
	fetch(t, url+"/collections/"+done.ID+"-places/items?limit=100", &before)
	long := sendJob(t, url, strings.Replace(italianStudy, "NAME", "long", 1)+"uncertainty: {draws: 10000, seed: 1}\n")
	waitFor(t, url, long.ID, func(j jobState) bool { return j.Status == "running" && j.Message != "" })
	kill()

	url, kill = started(t, bin, "--state", state)
	defer kill()
	if j := waitFor(t, url, long.ID, func(j jobState) bool { return j.Status != "" }); j.Status != "failed" || !strings.Contains(j.Message, "stopped while this ran") {
		t.Errorf("the job that ran: %+v", j)
	}
	if j := waitFor(t, url, done.ID, func(j jobState) bool { return j.Status != "" }); j.Status != "successful" {
		t.Errorf("the job that was done: %+v", j)
	}
	var after features
	fetch(t, url+"/collections/"+done.ID+"-places/items?limit=100", &after)
	if after.NumberMatched != before.NumberMatched || len(after.Features) == 0 || string(after.Features[7].Properties) != string(before.Features[7].Properties) {
		t.Errorf("%d places, there were %d", after.NumberMatched, before.NumberMatched)
	}
}

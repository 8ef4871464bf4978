package main

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"careshed/data/pgtest"

	"github.com/jackc/pgx/v5"
)

// sentLayer sends a layer with the key, and gives the status.
func sentLayer(t *testing.T, url, name, text string) int {
	t.Helper()
	r, err := http.NewRequest("PUT", url+"/collections/"+name, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "text/csv")
	r.Header.Set("Authorization", "Bearer "+testKey)
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	return w.StatusCode
}

const testKey = "a key that is long enough for a test"

// answerOf is the status, the ETag and the text of an answer.
func answerOf(t *testing.T, url string) (code int, tag, text string) {
	t.Helper()
	w, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.StatusCode, w.Header.Get("ETag"), string(body)
}

// Two programs on one database answer alike; what one had that is killed the other takes
// up; the state is checked and pruned by its address, of which no password is told.
func TestServersOnOneDatabase(t *testing.T) {
	address := pgtest.Start(t).Address
	t.Setenv("CARESHED_KEY", testKey)
	bin := built(t)
	a, killA := started(t, bin, "--state", address, "--url", "https://maps.example.org")
	b, killB := started(t, bin, "--state", address, "--url", "https://maps.example.org")
	defer killB()
	if code := sentLayer(t, a, "mine", "id,lon,lat,people\none,9,45,10\n"); code != 201 {
		t.Fatalf("a layer: %d", code)
	}
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(10 * time.Millisecond) {
		code, tag, _ := answerOf(t, b+"/collections/mine/items")
		_, other, _ := answerOf(t, a+"/collections/mine/items")
		if code == 200 && tag != "" && tag == other {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the layer at the other: %d, %s here and %s there", code, other, tag)
		}
	}
	done := sendJob(t, a, strings.Replace(italianStudy, "NAME", "done", 1))
	waitFor(t, b, done.ID, func(j jobState) bool { return j.Status == "successful" })
	if code, _, text := answerOf(t, b+"/jobs/"+done.ID+"/results"); code != 200 {
		t.Errorf("the result at the other: %d %s", code, text)
	}
	// Of two servers one is killed, and then the one that has a job: another, which is
	// there, takes it up.
	killB()
	long := sendJob(t, a, strings.Replace(italianStudy, "NAME", "long", 1)+"uncertainty: {draws: 3000, seed: 1}\n")
	waitFor(t, a, long.ID, func(j jobState) bool { return j.Status == "running" && j.Message != "" })
	c, killC := started(t, bin, "--state", address, "--url", "https://maps.example.org")
	defer killC()
	if j := waitFor(t, c, long.ID, func(j jobState) bool { return j.Status != "" }); j.Status != "running" {
		t.Fatalf("before it could be killed: %+v", j)
	}
	killA()
	for end := time.Now().Add(5 * time.Minute); ; time.Sleep(time.Second) {
		var j jobState
		fetch(t, c+"/jobs/"+long.ID, &j)
		if j.Status == "successful" {
			break
		}
		if j.Status == "failed" || time.Now().After(end) {
			t.Fatalf("what the dead one had: %+v", j)
		}
	}
	if code, out, log := call(t, "state", "check", address); code != 0 || !strings.Contains(out, "is whole: 2 jobs, 2 results, 1 layers") || strings.Contains(out, "s3cret") {
		t.Errorf("%d %s%s", code, out, log)
	}
	if code, out, log := call(t, "state", "prune", address, "--older", "0h"); code != 0 || !strings.Contains(out, "2 jobs were taken away") {
		t.Errorf("%d %s%s", code, out, log)
	}
	if code, _, _ := answerOf(t, c+"/jobs/"+long.ID); code != 404 {
		t.Errorf("what was pruned: %d", code)
	}
}

// What cannot be used as a database is bad input, and its password is not told.
func TestDatabaseOfServerRefused(t *testing.T) {
	pg := pgtest.Start(t)
	refused := func(address, want string) {
		t.Helper()
		code, _, log := call(t, "serve", "--addr", "127.0.0.1:0", "-q", "--state", address, "--url", "https://maps.example.org")
		if code != exitInput || !strings.Contains(log, want) || strings.Contains(log, "s3cret") {
			t.Errorf("%d %s; wanted %q", code, log, want)
		}
	}
	conn, err := pgx.Connect(t.Context(), pg.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), `CREATE SCHEMA careshed_server; CREATE TABLE careshed_server.version (tables int); INSERT INTO careshed_server.version VALUES (7)`); err != nil {
		t.Fatal(err)
	}
	refused(pg.Address, "version 7: it was made by a later careshed")
	refused(strings.Replace(pg.Address, "s3cret", "s3cret2", 1), "password authentication failed")
	refused("postgres://me:s3cret@127.0.0.1:port/x", "no address of PostgreSQL; accepted: postgres://USER@HOST:PORT/DATABASE")
	if code, _, log := call(t, "state", "backup", pg.Address, t.TempDir()+"/x"); code != exitInput || !strings.Contains(log, "pg_dump") || strings.Contains(log, "s3cret") {
		t.Errorf("a backup: %d %s", code, log)
	}
	pg.Kill()
	refused(pg.Address, "does not answer")
	for _, command := range []string{"check", "prune"} {
		if code, _, log := call(t, "state", command, pg.Address); code != exitInput || !strings.Contains(log, "does not answer") || strings.Contains(log, "s3cret") {
			t.Errorf("%s: %d %s", command, code, log)
		}
	}
}

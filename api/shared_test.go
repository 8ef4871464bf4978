package api

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"careshed/data/pgtest"

	"github.com/jackc/pgx/v5"
)

// together are two servers on one database.
func together(t *testing.T, change func(*Config)) (a, b *Server, address string) {
	t.Helper()
	address = pgtest.Start(t).Address
	both := func(c *Config) {
		withKey(c)
		c.State = address
		if change != nil {
			change(c)
		}
	}
	return fixture(t, both), fixture(t, both), address
}

// codeOf asks without a look at the answer.
func codeOf(t *testing.T, s *Server, path string) int {
	t.Helper()
	return do(t, s, call{path: path}).Code
}

// made is when a page was made, which differs from server to server.
var made = regexp.MustCompile(`"timeStamp":"[^"]*"`)

// tagged is an answer's code, body and ETag.
func tagged(t *testing.T, s *Server, path string) [3]string {
	t.Helper()
	w := do(t, s, call{path: path})
	return [3]string{http.StatusText(w.Code), made.ReplaceAllString(w.Body.String(), ""), w.Header().Get("ETag")}
}

// A layer that one server is sent is at the other at once, in its latest version and with
// the same ETag, and gone there when it is taken away.
func TestLayersAreShared(t *testing.T) {
	a, b, address := together(t, nil)
	const items = "/collections/mine/items"
	seen := func(s *Server, what string) func() bool {
		return func() bool { return strings.Contains(do(t, s, call{path: items}).Body.String(), what) }
	}
	if w := send(t, a, "/collections/mine", "secret", "one 5 45 1\n"); w.code != 201 {
		t.Fatalf("%d %s", w.code, w.body)
	}
	start := time.Now()
	eventually(t, "a layer of the other", seen(b, "one"))
	t.Logf("a layer is at the other after %s", time.Since(start).Round(time.Millisecond))
	if x, y := tagged(t, a, items), tagged(t, b, items); x != y || x[2] == "" {
		t.Errorf("here %v, there %v", x, y)
	}
	if w := send(t, b, "/collections/mine", "secret", "two 5 45 1\n"); w.code != 200 { // it is the second version
		t.Fatalf("%d %s", w.code, w.body)
	}
	eventually(t, "its second version", seen(a, "two"))
	if x, y := tagged(t, a, items), tagged(t, b, items); x != y {
		t.Errorf("here %v, there %v", x, y)
	}
	if x, y := tagged(t, a, "/collections/mine/versions"), tagged(t, b, "/collections/mine/versions"); x != y || strings.Count(x[1], "sha256") != 2 {
		t.Errorf("here %v, there %v", x, y)
	}
	// The connection that hears of changes is cut: what was missed is seen all the same.
	beside, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close(context.Background())
	if _, err := beside.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'LISTEN careshed_server'`); err != nil {
		t.Fatal(err)
	}
	if w := send(t, a, "/collections/mine", "secret", "three 5 45 1\n"); w.code != 200 {
		t.Fatalf("%d %s", w.code, w.body)
	}
	eventually(t, "what was sent while nothing was heard", seen(b, "three"))
	if w := do(t, b, call{method: "DELETE", path: "/collections/mine", header: []string{"Authorization", "Bearer secret"}}); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	eventually(t, "that it is gone", func() bool { return codeOf(t, a, items) == 404 })
}

// A study that one server is asked for as a job is watched, ended and read at the other;
// who asks the other for the same finds the result of the first.
func TestJobsAreShared(t *testing.T) {
	a, b, _ := together(t, func(c *Config) { gated(c); c.Limits.Runs = 1 })
	key := []string{"Authorization", "Bearer secret"}
	// The first takes a study that waits, and then each has one.
	one := read[jobDoc](t, async(t, a, small("wait-one", "")))
	eventually(t, "it runs", func() bool { return get[jobDoc](t, b, "/jobs/"+one.ID).Status == "running" })
	h := httptest.NewServer(b)
	defer h.Close()
	feed, err := http.Get(h.URL + "/jobs/" + one.ID + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer feed.Body.Close()
	events := bufio.NewScanner(feed.Body)
	until := func(event string) bool {
		for events.Scan() {
			if events.Text() == "event: "+event {
				return true
			}
		}
		return false
	}
	if !until("running") {
		t.Error("the other streams no event")
	}
	if w := do(t, a, call{method: "DELETE", path: "/jobs/" + one.ID, header: key}); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if !until("dismissed") {
		t.Error("that it was dismissed here is not streamed there")
	}
	two := read[jobDoc](t, async(t, b, small("two", "")))
	eventually(t, "its end", func() bool { return get[jobDoc](t, a, "/jobs/"+two.ID).Status == "successful" })
	for _, path := range []string{"/jobs/" + two.ID + "/results", "/collections/" + two.ID + "-places/items?limit=3", "/studies/" + two.ID} {
		if x, y := tagged(t, a, path), tagged(t, b, path); x != y || x[0] != "OK" {
			t.Errorf("%s: here %v, there %v", path, x, y)
		}
	}
	if again := read[jobDoc](t, async(t, a, small("two", ""))); again.ID != two.ID || again.Status != "successful" {
		t.Errorf("%+v", again)
	}
	// What was asked for at once is there too, also what passes.
	now := read[studyDoc](t, post(t, a, small("now", "")))
	if doc := get[studyDoc](t, b, "/studies/"+now.ID); doc.ID != now.ID {
		t.Errorf("%+v", doc)
	}
	passes := read[studyDoc](t, do(t, a, call{method: "POST", path: "/processes/study/execution?keep=no", body: small("passes", ""), header: []string{"Content-Type", "application/yaml"}}))
	if w := do(t, b, call{path: "/collections/" + passes.ID + "-places/items?limit=1"}); w.Code != 200 {
		t.Errorf("what passes: %d %s", w.Code, w.Body)
	}
	if list := read[jobList](t, do(t, b, call{path: "/jobs", header: key})); len(list.Jobs) != 3 { // without what passes
		t.Errorf("%d jobs are listed", len(list.Jobs))
	}
	// What is taken off the list at one is gone from the memory of the other.
	if w := do(t, a, call{method: "DELETE", path: "/jobs/" + two.ID, header: key}); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	eventually(t, "that it is gone", func() bool { return codeOf(t, b, "/studies/"+two.ID) == 404 })
}

// Ten layers of a key are all that both servers take together.
func TestQuotasAreShared(t *testing.T) {
	a, b, _ := together(t, func(c *Config) { c.Limits.KeyLayers = 3 })
	codes := make(chan int, 12)
	for k := range 12 {
		go func() {
			s := []*Server{a, b}[k%2]
			r := httptest.NewRequest("PUT", "http://example.org/collections/l"+string(rune('a'+k)), strings.NewReader("one 5 45 1\n"))
			r.Header.Set("Content-Type", "text/csv")
			r.Header.Set("Authorization", "Bearer secret")
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			codes <- w.Code
		}()
	}
	n := map[int]int{}
	for range 12 {
		n[<-codes]++
	}
	if n[201] != 3 || n[403] != 9 {
		t.Errorf("answers by status: %v", n)
	}
}

// While the database is away changes and what is kept are 503 with Retry-After, and are
// answered again when it is back.
func TestDatabaseAway(t *testing.T) {
	pg := pgtest.Start(t)
	s := fixture(t, func(c *Config) { withKey(c); c.State = pg.Address })
	if w := send(t, s, "/collections/mine", "secret", "one 5 45 1\n"); w.code != 201 {
		t.Fatalf("%d %s", w.code, w.body)
	}
	pg.Kill()
	for _, path := range []string{"/jobs", "/jobs/x", "/studies/x", "/collections/nobody", "/collections/mine/versions", "/readyz"} {
		w := do(t, s, call{path: path, header: []string{"Authorization", "Bearer secret"}})
		if w.Code != 503 || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "s3cret") || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/problem+json") {
			t.Errorf("%s: %d %v %s", path, w.Code, w.Header(), w.Body)
		}
	}
	if w := send(t, s, "/collections/mine", "secret", "two 5 45 1\n"); w.code != 503 {
		t.Errorf("a layer: %d %s", w.code, w.body)
	}
	if w := async(t, s, small("x", "")); w.Code != 503 {
		t.Errorf("a job: %d %s", w.Code, w.Body)
	}
	if codeOf(t, s, "/healthz") != 200 || codeOf(t, s, "/collections/settlements") != 200 {
		t.Error("what needs no database is not answered")
	}
	pg.Restart()
	eventually(t, "it is back", func() bool { return codeOf(t, s, "/jobs") == 200 && codeOf(t, s, "/collections/mine/versions") == 200 })
	eventually(t, "it takes layers", func() bool { return send(t, s, "/collections/mine", "secret", "two 5 45 1\n").code == 200 })
}

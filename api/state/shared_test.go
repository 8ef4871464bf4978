package state

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"careshed/api/fleet"
	"careshed/data/pgtest"

	"github.com/jackc/pgx/v5"
)

// asks is a connection beside the stores.
func asks(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// quick are options with which a server is soon missed.
func quick() Options { return Options{Beat: 100 * time.Millisecond, Lapse: 700 * time.Millisecond} }

// What one server takes, the other shows, watches and ends; a result is that of both.
func TestTwoServers(t *testing.T) {
	address := pgtest.Start(t).Address
	a := open(t, address, Options{Runs: 1})
	defer shut(t, a)
	if _, _, err := a.Add(t.Context(), Job{ID: "long", Title: "Long", Input: []byte("wait")}); err != nil {
		t.Fatal(err)
	}
	until(t, a, "long", func(j Job) bool { return j.Stage == "waiting" })
	b := open(t, address, Options{Runs: 1})
	defer shut(t, b)
	// Progress of the other's job comes as it does there.
	if j := until(t, b, "long", func(j Job) bool { return j.Stage == "waiting" }); j.Status != Running || j.Share() != 0.5 {
		t.Errorf("seen by the other: %+v", j)
	}
	if list, err := b.List(t.Context(), "", "", 10); err != nil || len(list) != 1 || list[0].Stage != "waiting" {
		t.Errorf("listed by the other: %+v %v", list, err)
	}
	ended := make(chan Job, 1)
	states, end, err := a.Watch(t.Context(), "long")
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	go func() {
		for j := range states {
			if done(j) {
				ended <- j
				return
			}
		}
	}()
	if j, err := b.Dismiss(t.Context(), "long"); err != nil || j.Status != Dismissed {
		t.Fatalf("dismissed by the other: %+v %v", j, err)
	}
	select {
	case j := <-ended:
		if j.Status != Dismissed {
			t.Errorf("told here: %+v", j)
		}
	case <-time.After(2 * time.Minute):
		t.Error("who watches here is not told")
	}
	free := time.Now().Add(2 * time.Minute)
	for a.e.(*shared).token("long") != "" && time.Now().Before(free) {
		time.Sleep(5 * time.Millisecond)
	}
	if a.e.(*shared).token("long") != "" {
		t.Error("it was dismissed elsewhere, and runs on")
	}
	// The same question is asked once, whoever is asked.
	if _, added, err := a.Add(t.Context(), Job{ID: "same", Input: []byte("x")}); err != nil || !added {
		t.Fatalf("%v %v", added, err)
	}
	if j := until(t, b, "same", done); j.Status != Successful {
		t.Errorf("the end, told to the other: %+v", j)
	}
	if j, added, err := b.Add(t.Context(), Job{ID: "same", Input: []byte("x")}); err != nil || added || j.Status != Successful {
		t.Errorf("asked again: %v %v %+v", added, err, j)
	}
	for _, s := range []*Store{a, b} {
		if body, _, err := s.Result(t.Context(), "same"); err != nil || string(body) != "did x" {
			t.Errorf("%q %v", body, err)
		}
	}
}

// counted counts how often each job is carried out.
func counted(n *sync.Map, hold time.Duration) Work {
	return func(ctx context.Context, j Job, report func(string, int, int)) ([]byte, error) {
		c, _ := n.LoadOrStore(j.ID, new(atomic.Int32))
		c.(*atomic.Int32).Add(1)
		select {
		case <-time.After(hold):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		return []byte("did " + j.ID), nil
	}
}

// Jobs are parted among servers, and each is carried out once.
func TestJobsAreParted(t *testing.T) {
	address := pgtest.Start(t).Address
	var n sync.Map
	var stores []*Store
	for range 3 {
		s, err := Open(t.Context(), address, counted(&n, 10*time.Millisecond), Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer shut(t, s)
		stores = append(stores, s)
	}
	var all sync.WaitGroup
	for k := range 60 {
		all.Go(func() { // from everywhere at once, each from two servers
			for _, s := range []*Store{stores[k%3], stores[(k+1)%3]} {
				if _, _, err := s.Add(t.Context(), Job{ID: fmt.Sprint("j", k), Input: []byte{}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for k := range 60 {
		id := fmt.Sprint("j", k)
		if j := until(t, stores[k%3], id, done); j.Status != Successful {
			t.Errorf("%+v", j)
		}
		if c, ok := n.Load(id); !ok || c.(*atomic.Int32).Load() != 1 {
			t.Errorf("%s was carried out otherwise than once", id)
		}
	}
}

// die ends a server as a kill would: it says nothing to anybody.
func die(s *Store) {
	p := s.e.(*shared)
	p.end()
	p.beside.Wait()
	p.pool.Config()
	go p.pool.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p.client.StopAndCancel(ctx)
}

// What a server had that dies another takes up; one that comes late changes nothing.
func TestServerDies(t *testing.T) {
	address := pgtest.Start(t).Address
	gate := make(chan struct{})
	late := func(ctx context.Context, j Job, _ func(string, int, int)) ([]byte, error) {
		<-gate // whoever ends it
		return []byte("late"), nil
	}
	a, err := Open(t.Context(), address, late, quick())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.Add(t.Context(), Job{ID: "left", Input: []byte("x")}); err != nil {
		t.Fatal(err)
	}
	until(t, a, "left", func(j Job) bool { return j.Status == Running })
	die(a)
	b := open(t, address, quick())
	defer shut(t, b)
	if j := until(t, b, "left", done); j.Status != Successful {
		t.Errorf("%+v", j)
	}
	close(gate)
	time.Sleep(50 * time.Millisecond)
	if body, _, err := b.Result(t.Context(), "left"); err != nil || string(body) != "did x" {
		t.Errorf("%q %v", body, err)
	}
}

// A server that cannot say that it lives loses its job to another, and what it finds
// later is no second result; a job that ends all servers that have it counts as failed.
func TestServerIsCutOff(t *testing.T) {
	address := pgtest.Start(t).Address
	var runs atomic.Int32
	gate := make(chan struct{})
	a, err := Open(t.Context(), address, func(ctx context.Context, j Job, _ func(string, int, int)) ([]byte, error) {
		if runs.Add(1) == 1 {
			<-gate
			return []byte("first"), nil
		}
		return []byte("second"), nil
	}, quick())
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, a)
	if _, _, err := a.Add(t.Context(), Job{ID: "twice", Input: []byte("x")}); err != nil {
		t.Fatal(err)
	}
	until(t, a, "twice", func(j Job) bool { return j.Status == Running })
	beside := asks(t, address)
	if _, err := beside.Exec(t.Context(), `UPDATE careshed_server.run SET token = 'another', beat = now() - interval '1 hour'`); err != nil {
		t.Fatal(err)
	}
	if j := until(t, a, "twice", done); j.Status != Successful {
		t.Errorf("%+v", j)
	}
	close(gate)
	time.Sleep(100 * time.Millisecond)
	if body, _, err := a.Result(t.Context(), "twice"); err != nil || string(body) != "second" || runs.Load() != 2 {
		t.Errorf("%q %v after %d runs", body, err, runs.Load())
	}
	if _, err := beside.Exec(t.Context(), `WITH j AS (INSERT INTO careshed_server.job (id, process, title, input, status, created) VALUES ('deadly', '', '', '', 'running', 1) RETURNING id)
INSERT INTO careshed_server.run (id, token, beat, attempts) SELECT id, 'dead', now() - interval '1 hour', 5 FROM j`); err != nil {
		// the reference is looked at before the job is there
		t.Fatal(err)
	}
	if j := until(t, a, "deadly", done); j.Status != Failed || !strings.Contains(string(j.Problem), "5 of them") {
		t.Errorf("%+v %s", j, j.Problem)
	}
}

// A server that ends gives back what it has, and another goes on with it.
func TestServerEnds(t *testing.T) {
	address := pgtest.Start(t).Address
	a := open(t, address, Options{Runs: 1})
	if _, _, err := a.Add(t.Context(), Job{ID: "begun", Input: []byte("wait")}); err != nil {
		t.Fatal(err)
	}
	until(t, a, "begun", func(j Job) bool { return j.Stage == "waiting" })
	shut(t, a)
	var n sync.Map
	b, err := Open(t.Context(), address, counted(&n, 0), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, b)
	if j := until(t, b, "begun", done); j.Status != Successful {
		t.Errorf("%+v", j)
	}
}

// follows collects what a store is told.
type follows struct {
	mu   sync.Mutex
	told []Change
}

func (f *follows) hear(c Change) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.told = append(f.told, c)
}

func (f *follows) has(c Change) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, told := range f.told {
		if told == c {
			return true
		}
	}
	return false
}

func (f *follows) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.told = nil
}

func soon(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Error(what)
}

// Layers and jobs that change are told to the others; where the connection that hears of
// them is cut, another is opened, and anything may have changed.
func TestChangesAreTold(t *testing.T) {
	address := pgtest.Start(t).Address
	a, b := open(t, address, Options{}), open(t, address, Options{})
	defer shut(t, a)
	defer shut(t, b)
	var f follows
	b.Follow(f.hear)
	if !f.has(Change{}) {
		t.Error("who follows begins with anything")
	}
	sent(t, a, "mine", 1000)
	soon(t, "a layer is not told", func() bool { return f.has(Change{Layer: "mine"}) })
	if list, err := b.Layers(t.Context()); err != nil || len(list) != 1 || list[0].Name != "mine" {
		t.Errorf("%v %v", list, err)
	}
	if err := a.Keep(t.Context(), Job{ID: "found", Created: time.Now(), Finished: time.Now(), Passing: true}, []byte("r")); err != nil {
		t.Fatal(err)
	}
	soon(t, "a result is not told", func() bool { return f.has(Change{Job: "found"}) })
	f.clear()
	if err := a.Stay(t.Context(), "found"); err != nil {
		t.Fatal(err)
	}
	soon(t, "that it stays is not told", func() bool { return f.has(Change{Job: "found"}) })
	if _, err := a.Dismiss(t.Context(), "found"); err != nil {
		t.Fatal(err)
	}
	soon(t, "that it is gone is not told", func() bool { return f.has(Change{Job: "found", Gone: true}) })
	f.clear()
	var cut int
	if err := asks(t, address).QueryRow(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query = 'LISTEN careshed_server'`).Scan(&cut); err != nil || cut != 2 {
		t.Fatalf("%d were cut, %v", cut, err)
	}
	soon(t, "after a cut nothing is told", func() bool { return f.has(Change{}) })
	if err := a.DropLayer(t.Context(), "mine"); err != nil {
		t.Fatal(err)
	}
	soon(t, "after a cut a layer is not told", func() bool { return f.has(Change{Layer: "mine"}) })
}

// What is too much for all together is refused, however many ask at once.
func TestSharedLimits(t *testing.T) {
	address := pgtest.Start(t).Address
	var stores []*Store
	for range 2 {
		s := open(t, address, Options{Runs: 1, Waiting: 5})
		defer shut(t, s)
		stores = append(stores, s)
	}
	for k, s := range stores { // both are busy
		id := fmt.Sprint("busy", k)
		if _, _, err := s.Add(t.Context(), Job{ID: id, Input: []byte("wait")}); err != nil {
			t.Fatal(err)
		}
		until(t, s, id, func(j Job) bool { return j.Status == Running })
	}
	var all sync.WaitGroup
	var taken, full, layers, refused atomic.Int32
	over := errors.New("too many")
	rule := Rule{Versions: 10, Allowed: func(current []Layer, _ map[string]int64) error {
		if len(current) >= 3 {
			return over
		}
		return nil
	}}
	for k := range 20 {
		all.Go(func() {
			_, _, err := stores[k%2].Add(t.Context(), Job{ID: fmt.Sprint("w", k), Input: []byte("wait")})
			switch {
			case err == nil:
				taken.Add(1)
			case errors.Is(err, ErrFull):
				full.Add(1)
			default:
				t.Error(err)
			}
			_, err = stores[k%2].PutLayer(t.Context(), Layer{Name: fmt.Sprint("l", k)}, []byte("x"), rule)
			switch {
			case err == nil:
				layers.Add(1)
			case errors.Is(err, over):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if taken.Load() != 5 || full.Load() != 15 || layers.Load() != 3 || refused.Load() != 17 {
		t.Errorf("%d jobs wait, %d were refused; %d layers, %d refused", taken.Load(), full.Load(), layers.Load(), refused.Load())
	}
}

// A database that goes away is told as such, and used again when it is back; what ran
// meanwhile is kept.
func TestDatabaseGoesAway(t *testing.T) {
	pg := pgtest.Start(t)
	var log strings.Builder
	var mu sync.Mutex
	gate := make(chan struct{})
	s, err := Open(t.Context(), pg.Address, gatedEcho(gate), Options{Log: slog.New(slog.NewTextHandler(locking{&mu, &log}, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, s)
	if _, _, err := s.Add(t.Context(), Job{ID: "runs", Input: []byte("x")}); err != nil {
		t.Fatal(err)
	}
	until(t, s, "runs", func(j Job) bool { return j.Status == Running })
	pg.Kill()
	close(gate)
	for name, err := range map[string]error{
		"get": second(s.Get(t.Context(), "runs")), "list": second(s.List(t.Context(), "", "", 10)), "layers": second(s.Layers(t.Context())),
		"dismiss": second(s.Dismiss(t.Context(), "runs")), "drop": s.DropLayer(t.Context(), "l"), "put": second(s.PutLayer(t.Context(), Layer{Name: "l"}, nil, Rule{})),
		"holding": second(s.Holding(t.Context(), "x-y")), "sweep": s.Sweep(t.Context()), "keep": s.Keep(t.Context(), Job{ID: "k"}, nil),
	} {
		if !errors.Is(err, ErrAway) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	pg.Restart()
	soon(t, "the job that ran meanwhile is not kept", func() bool {
		j, err := s.Get(t.Context(), "runs")
		return err == nil && j.Status == Successful
	})
	soon(t, "nothing is taken any more", func() bool {
		_, _, err := s.Add(t.Context(), Job{ID: "new", Input: []byte("x")})
		return err == nil
	})
	if j := until(t, s, "new", done); j.Status != Successful {
		t.Errorf("%+v", j)
	}
	mu.Lock()
	defer mu.Unlock()
	if strings.Contains(log.String(), "s3cret") {
		t.Errorf("the log tells the password:\n%s", log.String())
	}
}

func second[T any](_ T, err error) error { return err }

// locking writes one after the other.
type locking struct {
	mu *sync.Mutex
	to *strings.Builder
}

func (l locking) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(b)
}

// A database that is not ours, or of a later program, is refused by name and stays as it
// is; PGPASSWORD counts, and no password is told.
func TestDatabasesRefused(t *testing.T) {
	address := pgtest.Start(t).Address
	beside := asks(t, address)
	refused := func(want string) {
		t.Helper()
		_, err := Open(t.Context(), address, echo, Options{})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%v; wanted %q", err, want)
		}
		if _, err := Check(t.Context(), address); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("checked: %v; wanted %q", err, want)
		}
	}
	do := func(statement string) {
		t.Helper()
		if _, err := beside.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Check(t.Context(), address); err == nil || !strings.Contains(err.Error(), "has no schema careshed_server") {
		t.Errorf("an empty one: %v", err)
	}
	do(`CREATE SCHEMA careshed_server; CREATE TABLE careshed_server.cars (x int)`)
	refused("not as careshed made it")
	do(`DROP SCHEMA careshed_server CASCADE`)
	shut(t, open(t, address, Options{}))
	shut(t, open(t, address, Options{})) // as it is
	do(`UPDATE careshed_server.version SET tables = 2`)
	refused("version 2: it was made by a later careshed")
	do(`UPDATE careshed_server.version SET tables = 0`)
	refused("version 0, which no careshed made; accepted: version 1")
	do(`UPDATE careshed_server.version SET tables = 1; ALTER TABLE careshed_server.run RENAME TO runs`)
	refused("there is no table run")
	do(`ALTER TABLE careshed_server.runs RENAME TO run; INSERT INTO careshed_server.river_migration (line, version) VALUES ('main', 99)`)
	if _, err := Open(t.Context(), address, echo, Options{}); !errors.Is(err, errNewer) || !strings.Contains(err.Error(), "queue is of version 99") {
		t.Errorf("a later queue: %v", err)
	}
	do(`DELETE FROM careshed_server.river_migration WHERE version = 99`)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User("tester")
	t.Setenv("PGPASSWORD", "s3cret")
	shut(t, open(t, u.String(), Options{}))
	t.Setenv("PGPASSWORD", "wr0ng")
	if _, err := Open(t.Context(), u.String(), echo, Options{}); err == nil || strings.Contains(err.Error(), "wr0ng") {
		t.Errorf("with a wrong password: %v", err)
	}
}

// A fleet and servers in one database do not touch what is the other's.
func TestFleetBeside(t *testing.T) {
	address := pgtest.Start(t).Address
	f, err := fleet.Open(t.Context(), address, "test", fleet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := open(t, address, Options{})
	defer shut(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	made := make(chan string, 10)
	var worker sync.WaitGroup
	worker.Go(func() {
		f.Work(ctx, "w", 1, time.Second, func(_ context.Context, s fleet.Shard) (fleet.Keep, error) {
			made <- s.ID
			return func(context.Context) (string, error) { return "r", nil }, nil
		})
	})
	if err := f.Submit(t.Context(), []fleet.Shard{{ID: "same"}}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Add(t.Context(), Job{ID: "same", Input: []byte("x")}); err != nil {
		t.Fatal(err)
	}
	if j := until(t, s, "same", done); j.Status != Successful {
		t.Errorf("%+v", j)
	}
	select {
	case id := <-made:
		if id != "same" {
			t.Error(id)
		}
	case <-time.After(2 * time.Minute):
		t.Error("the worker takes nothing")
	}
	cancel()
	worker.Wait()
	if len(made) > 0 {
		t.Errorf("the worker took %s", <-made)
	}
}

// What is kept in a database is checked and pruned while servers use it.
func TestUpkeepOfShared(t *testing.T) {
	address := pgtest.Start(t).Address
	s := open(t, address, Options{})
	defer shut(t, s)
	var f follows
	s.Follow(f.hear)
	for n := range 4 {
		at := time.UnixMilli(int64(1000*n + 1))
		if err := s.Keep(t.Context(), Job{ID: fmt.Sprint("k", n), Created: at, Finished: at}, []byte(strings.Repeat("r", 100_000))); err != nil {
			t.Fatal(err)
		}
	}
	sent(t, s, "mine", 1000)
	if h, err := Check(t.Context(), address); err != nil || len(h.Faults) > 0 || h.Results != 4 || h.Layers != 1 || h.Bytes < 400_000 {
		t.Errorf("%+v %v", h, err)
	}
	if n, err := Prune(t.Context(), address, time.UnixMilli(2000), -1); err != nil || n != 2 {
		t.Errorf("%d by age, %v", n, err)
	}
	if n, err := Prune(t.Context(), address, time.UnixMilli(0), 150_000); err != nil || n != 1 {
		t.Errorf("%d by size, %v", n, err)
	}
	soon(t, "what was pruned is not told", func() bool { return f.has(Change{Job: "k0", Gone: true}) })
	if err := Backup(t.Context(), address, t.TempDir()+"/x"); err == nil || !strings.Contains(err.Error(), "pg_dump --schema=careshed_server") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("a backup: %v", err)
	}
	if _, err := asks(t, address).Exec(t.Context(), `UPDATE careshed_server.layer SET body = 'y'; DELETE FROM careshed_server.result`); err != nil {
		t.Fatal(err)
	}
	if h, err := Check(t.Context(), address); err != nil || len(h.Faults) != 2 {
		t.Errorf("%+v %v", h, err)
	}
}

package fleet

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"careshed/data/pgtest"
)

// quick waits for less than a fleet of real machines would.
var quick = Options{Beat: 100 * time.Millisecond, Lapse: 1500 * time.Millisecond}

func open(t *testing.T, address, version string, o Options) *Fleet {
	t.Helper()
	f, err := Open(t.Context(), address, version, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

func shards(prefix string, n int) (out []Shard, ids []string) {
	for i := range n {
		id := fmt.Sprintf("%s-%04d", prefix, i)
		out = append(out, Shard{ID: id, Study: prefix, Setting: fmt.Sprint(i), Spec: "a.yaml", Inputs: []Input{{"a.yaml", "abc"}}})
		ids = append(ids, id)
	}
	return out, ids
}

// until waits for all shards, and gives what became of them.
func until(t *testing.T, f *Fleet, ids []string) map[string]Outcome {
	t.Helper()
	for {
		list, err := f.Outcomes(t.Context(), ids)
		if err == nil && len(list) == len(ids) {
			out := map[string]Outcome{}
			for _, o := range list {
				out[o.ID] = o
			}
			return out
		}
		select {
		case <-t.Context().Done():
			t.Fatal(err, len(list), "of", len(ids))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// turn counts shards of all tests.
var turn atomic.Int64

// by carries shards out: of every other one all is done as its result is kept, beside the
// next one.
func by(do func(context.Context, Shard) (string, error)) Do {
	return func(ctx context.Context, s Shard) (Keep, error) {
		if turn.Add(1)%2 == 0 {
			return func(ctx context.Context) (string, error) { return do(ctx, s) }, nil
		}
		result, err := do(ctx, s)
		return func(context.Context) (string, error) { return result, nil }, err
	}
}

// working runs a worker until the end it gives is called.
func working(t *testing.T, f *Fleet, name string, do func(context.Context, Shard) (string, error)) (end func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := f.Work(ctx, name, 2, 5*time.Second, by(do)); err != nil {
			t.Error(err)
		}
	})
	var once sync.Once
	end = func() { once.Do(func() { cancel(); wg.Wait() }) }
	t.Cleanup(end)
	return end
}

// A fleet makes each shard once, whoever submits it how often; what fails says why and
// may be tried again; another version has no part in it.
func TestFleet(t *testing.T) {
	address := pgtest.Start(t).Address
	f := open(t, address, "1.0", quick)
	var mu sync.Mutex
	made := map[string]int{}
	broken := true
	do := func(_ context.Context, s Shard) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		made[s.ID]++
		if s.Setting == "3" && broken {
			return "", errors.New("no such layer")
		}
		if s.Setting == "4" && made[s.ID] == 1 {
			panic("a fault")
		}
		if len(s.Inputs) != 1 || s.Inputs[0] != (Input{"a.yaml", "abc"}) || s.Spec != "a.yaml" {
			return "", fmt.Errorf("%+v", s)
		}
		return "sum of " + s.ID, nil
	}
	list, ids := shards("a", 40)
	for _, part := range [][]Shard{list[:25], list} {
		if err := f.Submit(t.Context(), part); err != nil {
			t.Fatal(err)
		}
	}
	end := working(t, f, "one", do)
	working(t, open(t, address, "1.0", quick), "two", do)
	working(t, open(t, address, "2.0", quick), "other", func(context.Context, Shard) (string, error) { return "", errors.New("of another version") })
	for id, o := range until(t, f, ids) {
		switch id {
		case ids[3]:
			if o.Status != Failed || o.Problem != "no such layer" {
				t.Errorf("%+v", o)
			}
		case ids[4]:
			if o.Status != Failed || !strings.Contains(o.Problem, "a fault") {
				t.Errorf("%+v", o)
			}
		default:
			if o.Status != Done || o.Result != "sum of "+id {
				t.Errorf("%+v", o)
			}
		}
	}
	mu.Lock()
	broken = false
	for id, n := range made {
		if n != 1 {
			t.Errorf("%s was made %d times", id, n)
		}
	}
	mu.Unlock()
	over, err := f.Overview(t.Context())
	if err != nil || len(over.Workers) != 3 || over.Shards[Done] != 38 || over.Shards[Failed] != 2 || over.LastMin != 38 {
		t.Errorf("%+v %v", over, err)
	}
	end() // one is enough
	if err := f.Submit(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	for deadline := 0; ; deadline++ {
		if o := until(t, f, ids); o[ids[3]].Status == Done && o[ids[4]].Status == Done {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err := f.Again(t.Context(), list[0]); err != nil {
		t.Fatal(err)
	}
	for until(t, f, ids[:1])[ids[0]].Status != Done {
		time.Sleep(20 * time.Millisecond)
	}
	mu.Lock()
	defer mu.Unlock()
	if made[ids[0]] != 2 || made[ids[3]] != 2 || made[ids[5]] != 1 {
		t.Errorf("%v", made)
	}
}

// What a worker had that gives no sign of life is made elsewhere; one that lives and
// takes longer than River's own time for stuck jobs is left alone.
func TestTheDeadAndTheSlow(t *testing.T) {
	address := pgtest.Start(t).Address
	o := quick
	o.rescue = 200 * time.Millisecond
	dead, f := open(t, address, "1", quick), open(t, address, "1", o)
	list, ids := shards("b", 3)
	if err := f.Submit(t.Context(), list[:1]); err != nil {
		t.Fatal(err)
	}
	// A worker that dies: it claims a shard and is not heard of again.
	m := &member{Fleet: dead, name: "dead"}
	if err := m.register(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	s, token, err := m.take(t.Context(), ids[0])
	if err != nil || token == "" || s.ID != ids[0] {
		t.Fatal(s, token, err)
	}
	if _, again, err := m.take(t.Context(), ids[0]); err != nil || again != "" {
		t.Errorf("%q %v: a shard was claimed twice", again, err)
	}
	var mu sync.Mutex
	made := map[string]int{}
	working(t, f, "alive", func(ctx context.Context, s Shard) (string, error) {
		mu.Lock()
		made[s.ID]++
		mu.Unlock()
		if s.ID == ids[1] {
			select {
			case <-ctx.Done():
				return "", ctx.Err()
			case <-time.After(4 * time.Second): // twenty times River's, and more than the fleet's own
			}
		}
		return "x", nil
	})
	if err := f.Submit(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	for id, o := range until(t, f, ids) {
		if o.Status != Done {
			t.Errorf("%s: %+v", id, o)
		}
	}
	if made[ids[0]] != 1 || made[ids[1]] != 1 {
		t.Errorf("%v", made)
	}
}

// A worker that is asked to end finishes what it has, and gives back what takes longer.
func TestWorkersEnd(t *testing.T) {
	address := pgtest.Start(t).Address
	f := open(t, address, "1", quick)
	list, ids := shards("c", 2)
	if err := f.Submit(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	begun := make(chan string, 2)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- f.Work(ctx, "leaves", 2, time.Second, by(func(ctx context.Context, s Shard) (string, error) {
			begun <- s.ID
			if s.ID == ids[0] {
				time.Sleep(300 * time.Millisecond)
				return "finished", nil
			}
			<-ctx.Done()
			return "", ctx.Err()
		}))
	}()
	<-begun
	<-begun
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if o := until(t, f, ids[:1])[ids[0]]; o.Result != "finished" {
		t.Errorf("%+v", o)
	}
	working(t, f, "stays", func(_ context.Context, s Shard) (string, error) { return "by the other", nil })
	if o := until(t, f, ids)[ids[1]]; o.Result != "by the other" {
		t.Errorf("%+v", o)
	}
}

// However often workers end while they have a shard, it is made in the end; one that fails
// on every machine for the machine's sake fails after five, and says why.
func TestGivenBack(t *testing.T) {
	f := open(t, pgtest.Start(t).Address, "1", quick)
	list, ids := shards("g", 2)
	if err := f.Submit(t.Context(), list[:1]); err != nil {
		t.Fatal(err)
	}
	for k := range mostAttempts + 2 {
		begun := make(chan struct{}, 1)
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			ended <- f.Work(ctx, fmt.Sprint("preempted ", k), 1, 0, by(func(ctx context.Context, s Shard) (string, error) {
				begun <- struct{}{}
				<-ctx.Done()
				return "", ctx.Err()
			}))
		}()
		<-begun
		end()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
	var mu sync.Mutex
	tried := 0
	working(t, f, "stays", func(_ context.Context, s Shard) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		if s.ID == ids[0] {
			return "made", nil
		}
		tried++
		return "", fmt.Errorf("%w: no space left", ErrElsewhere)
	})
	if err := f.Submit(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	out := until(t, f, ids)
	if out[ids[0]].Result != "made" {
		t.Errorf("%+v", out[ids[0]])
	}
	mu.Lock()
	defer mu.Unlock()
	if o := out[ids[1]]; o.Status != Failed || !strings.Contains(o.Problem, "no space left") || tried != mostAttempts {
		t.Errorf("%+v after %d", o, tried)
	}
}

// The database ends at once and comes back: everything is made.
func TestTheDatabaseEnds(t *testing.T) {
	db := pgtest.Start(t)
	f := open(t, db.Address, "1", quick)
	list, ids := shards("d", 60)
	if err := f.Submit(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	working(t, f, "one", func(ctx context.Context, s Shard) (string, error) {
		time.Sleep(20 * time.Millisecond)
		return "x", nil
	})
	for range 3 {
		time.Sleep(200 * time.Millisecond)
		db.Kill()
		time.Sleep(200 * time.Millisecond)
		db.Restart()
	}
	for id, o := range until(t, f, ids) {
		if o.Status != Done {
			t.Errorf("%s: %+v", id, o)
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, bad := range []string{"", "mysql://x", "jobs.sqlite", "postgres://u:s3cret@127.0.0.1:1/x", "postgres://u:s3cret@host:notaport/x"} {
		_, err := Open(t.Context(), bad, "1", Options{})
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// BenchmarkDrain is how many shards in which there is nothing to do one worker takes a
// second, of ten thousand that wait.
func BenchmarkDrain(b *testing.B) {
	address := pgtest.Start(b).Address
	f, err := Open(b.Context(), address, "1", quick)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	for k := 0; b.Loop(); k++ {
		list, ids := shards(fmt.Sprint("run", k), 10_000)
		begun := time.Now()
		if err := f.Submit(b.Context(), list); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(begun).Seconds(), "s/submit")
		begun = time.Now()
		ctx, end := context.WithCancel(b.Context())
		var all sync.WaitGroup
		all.Go(func() {
			if err := f.Work(ctx, "one", 16, time.Second, by(func(context.Context, Shard) (string, error) { return "x", nil })); err != nil {
				b.Error(err)
			}
		})
		for done := 0; done < len(ids); time.Sleep(50 * time.Millisecond) {
			o, err := f.Overview(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			done = o.Shards[Done] - k*len(ids)
		}
		b.ReportMetric(float64(len(ids))/time.Since(begun).Seconds(), "shards/s")
		end()
		all.Wait()
	}
}

// Tables of an earlier program get what they lack; a shard is handed over with its kind.
func TestTablesOfBefore(t *testing.T) {
	address := pgtest.Start(t).Address
	if _, err := open(t, address, "1", quick).pool.Exec(t.Context(), `ALTER TABLE careshed_shard DROP COLUMN kind`); err != nil {
		t.Fatal(err)
	}
	f := open(t, address, "1", quick)
	list, ids := shards("k", 2)
	list[1].Kind = "matrix"
	if err := f.Submit(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	working(t, f, "one", func(_ context.Context, s Shard) (string, error) { return "kind " + s.Kind, nil })
	out := until(t, f, ids)
	if out[ids[0]].Result != "kind " || out[ids[1]].Result != "kind matrix" {
		t.Errorf("%+v", out)
	}
	o, err := f.Overview(t.Context())
	if err != nil || o.All() != 2 || o.Open() != 0 || o.Left() != 0 || len(o.Workers) != 1 || o.Workers[0].Done != 2 || o.Retries != 0 {
		t.Errorf("%v %+v", err, o)
	}
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var load = flag.Duration("load", 0, "how long each part of TestLoad lasts; it is skipped at 0")

// TestLoad starts the program and measures it over loopback: warm /nearest and
// /density, then 200 clients that ask for everything. It fails on any answer
// but 200 and on memory that grows.
//
//	go test ./cmd/careshed -run TestLoad -v -load 60s
func TestLoad(t *testing.T) {
	if *load == 0 {
		t.Skip("needs -load, such as -load 60s")
	}
	bin := filepath.Join(t.TempDir(), "careshed")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	server := exec.Command(bin, "serve", "--addr", "127.0.0.1:0")
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	lines, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	server.Stderr = lines
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer server.Wait()
	defer server.Process.Signal(os.Interrupt)
	first, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	addr := strings.Trim(strings.TrimSpace(first), "/")[len("http://"):]
	for ask(t, addr, "/readyz") != 200 {
		time.Sleep(50 * time.Millisecond)
	}
	point := func(r *rand.Rand) string {
		return fmt.Sprintf("/nearest?lon=%.4f&lat=%.4f&k=3&country=US", -120+40*r.Float64(), 32+13*r.Float64())
	}
	anywhere := func(r *rand.Rand) string { // the country is found by the point
		return fmt.Sprintf("/nearest?lon=%.4f&lat=%.4f&k=3", -100+15*r.Float64(), 33+8*r.Float64())
	}
	part(t, addr, "/nearest, country given", 32, *load/6, point)
	part(t, addr, "/nearest, country found", 32, *load/6, anywhere)
	part(t, addr, "/density?by=country", 32, *load/6, func(*rand.Rand) string { return "/density?by=country" })
	part(t, addr, "/density?by=country, gzip", 32, *load/6, func(*rand.Rand) string { return "/density?by=country\x00" })
	const page = "/collections/counties/items?limit=1000"
	part(t, addr, "1,000 counties, kept, gzip", 32, *load/6, func(*rand.Rand) string { return page + "\x00" })
	part(t, addr, "1,000 counties, new, gzip", 8, *load/6, func(r *rand.Rand) string { return fmt.Sprintf("%s&bbox=-180,-90,180,%.9f\x00", page, 80+9*r.Float64()) })
	tile := func(r *rand.Rand, query string) string {
		z := 4 + r.IntN(5) // where the United States are
		side := float64(int(1) << z)
		return fmt.Sprintf("/tiles/counties/%d/%d/%d.pbf%s\x00", z, int(side*(0.17+0.1*r.Float64())), int(side*(0.375+0.03*r.Float64())), query)
	}
	part(t, addr, "county tiles, kept, gzip", 32, *load/6, func(r *rand.Rand) string { return tile(r, "") })
	part(t, addr, "county tiles, new, gzip", 2, *load/6, func(r *rand.Rand) string { return tile(r, fmt.Sprintf("?filter=population%%3E%d", r.IntN(1<<30)%1000)) })
	all := func(r *rand.Rand) string {
		return []func() string{func() string { return point(r) }, func() string { return "/density?by=country" }, func() string { return "/density?by=region&country=IT" },
			func() string { return "/gaps" }, func() string { return "/penalty?country=FR" }, func() string { return "/sites?country=IT" },
			func() string { return "/collections/centers/items?limit=50" }, func() string { return "/collections/regions/items?limit=2&bbox=5,40,15,50" },
			func() string { return "/collections/settlements/items?limit=100&f=csv&bbox=0,40,10,50" }, func() string { return "/collections/baseline-us-places/items?limit=10" },
			func() string { return "/" }, func() string { return "/collections/baseline-it-regions" },
			func() string { return tile(r, "") }, func() string {
				return "/collections/settlements/items?limit=50&sortby=-population&filter=country%3D%27IT%27"
			}}[r.IntN(14)]()
	}
	part(t, addr, "all routes, warming up", 200, *load/6, all)
	before := resident(t, server.Process.Pid)
	part(t, addr, "all routes, 200 clients", 200, *load, all)
	after := resident(t, server.Process.Pid)
	t.Logf("resident memory: %d MiB before the last part, %d MiB after", before>>10, after>>10)
	if after > before+before/4+32<<10 {
		t.Errorf("memory grew from %d to %d KiB", before, after)
	}
}

func resident(t *testing.T, pid int) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skip("resident memory is read from /proc")
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("no VmRSS")
	return 0
}

func ask(t *testing.T, addr, path string) int {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	status, _, err := exchange(c, bufio.NewReader(c), addr, path)
	if err != nil {
		t.Fatal(err)
	}
	return status
}

// part lets clients ask, each over a connection of its own, and reports.
func part(t *testing.T, addr, name string, clients int, long time.Duration, path func(*rand.Rand) string) {
	t.Helper()
	var asked, bytes, slowest atomic.Int64
	ctx, cancel := context.WithTimeout(context.Background(), long)
	defer cancel()
	var wg sync.WaitGroup
	start := time.Now()
	for i := range clients {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(i)))
			c, err := net.Dial("tcp", addr)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			in := bufio.NewReaderSize(c, 64<<10)
			for ctx.Err() == nil {
				p, sent := path(r), time.Now()
				status, n, err := exchange(c, in, addr, p)
				if err != nil || status != 200 {
					t.Errorf("%s: status %d, %v", p, status, err)
					return
				}
				asked.Add(1)
				bytes.Add(int64(n))
				if took := int64(time.Since(sent)); took > slowest.Load() {
					slowest.Store(took)
				}
			}
		})
	}
	wg.Wait()
	took := time.Since(start)
	t.Logf("%-28s %3d clients, %5.1f s: %7.0f requests/s, %6.1f MB/s, slowest %v", name, clients, took.Seconds(),
		float64(asked.Load())/took.Seconds(), float64(bytes.Load())/1e6/took.Seconds(), time.Duration(slowest.Load()).Round(time.Millisecond))
}

// exchange asks once. It does no more than it must, so that the client takes
// little of the two cores that it shares with the server.
func exchange(c net.Conn, in *bufio.Reader, addr, path string) (status, n int, err error) {
	more := ""
	if p, zip := strings.CutSuffix(path, "\x00"); zip {
		path, more = p, "Accept-Encoding: gzip\r\n"
	}
	if _, err := io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: "+addr+"\r\n"+more+"\r\n"); err != nil {
		return 0, 0, err
	}
	length := -1
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return status, 0, err
		}
		n += len(line)
		if status == 0 {
			if status, err = strconv.Atoi(string(line[9:12])); err != nil {
				return 0, 0, err
			}
		}
		if rest, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(rest))); err != nil {
				return status, 0, err
			}
		}
		if len(line) == 2 {
			break
		}
	}
	if length < 0 {
		return status, n, fmt.Errorf("no Content-Length")
	}
	_, err = in.Discard(length)
	return status, n + length, err
}

package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"careshed/api"
	"careshed/data"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// What is sent is read as files are, and what is wrong is said of the file, never
// of a folder of the server.
func TestDecodeUpload(t *testing.T) {
	l, err := decodeUpload(t.Context(), api.Upload{Name: "towns", Format: "csv", Body: []byte("id,lon,lat,population\na,7,47,10\nb,8,47,\n")}, sentLimits(leastMemory))
	if err != nil || l.Len() != 2 || l.Name != "towns" {
		t.Fatalf("%v %v", l, err)
	}
	// Every format that is read may be sent; columns are found by what the sender calls them.
	var book bytes.Buffer
	sheet, err := geo.NewTable(geo.About{Name: "x"}, []string{"1"}, geo.Labels(geo.Field{Name: "Klinik"}, []string{"Bonn"}),
		geo.Numbers(geo.Field{Name: "L"}, []float64{7.1}), geo.Numbers(geo.Field{Name: "B"}, []float64{50.7}))
	if err == nil {
		err = data.WriteXLSX(&book, sheet)
	}
	if err != nil {
		t.Fatal(err)
	}
	l, err = decodeUpload(t.Context(), api.Upload{Name: "towns", Format: "xlsx", Reading: api.Reading{Title: "Klinik", Lon: "L", Lat: "B"}, Body: book.Bytes()}, sentLimits(leastMemory))
	if err != nil || l.Len() != 1 || l.Point(0) != (orb.Point{7.1, 50.7}) {
		t.Fatalf("%v %v", l, err)
	}
	if names, err := l.Texts("name"); err != nil || names[0] != "Bonn" {
		t.Errorf("%v %v", names, err)
	}
	for _, u := range []api.Upload{
		{Name: "towns", Format: "csv", Body: []byte("id,lon,lat\na,700,47\n")},
		{Name: "towns", Format: "geojson", Body: []byte("{")},
		{Name: "towns", Format: "docx", Body: []byte("x")},
	} {
		_, err := decodeUpload(t.Context(), u, sentLimits(leastMemory))
		if err == nil || strings.Contains(err.Error(), os.TempDir()) || u.Format != "docx" && !strings.Contains(err.Error(), "towns.") {
			t.Errorf("%s: %v", u.Format, err)
		}
	}
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "careshed-*"))
	for _, dir := range left {
		if _, err := os.Stat(filepath.Join(dir, "towns.csv")); err == nil {
			t.Errorf("%s was left behind", dir)
		}
	}
	if err != nil {
		t.Error(err)
	}
}

// What a server unpacks is bounded by less than what a command reads, whatever the sizes
// that an archive tells of itself.
func TestSentLayersUnpackWithinTheLimitsOfAServer(t *testing.T) {
	text := "id,lon,lat,n\n" + strings.Repeat("a,7,47,10\n", 20_000)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := io.WriteString(z, text); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	u := api.Upload{Name: "towns", Format: "csv", Body: packed.Bytes()}
	limits := sentLimits(leastMemory)
	if _, err := decodeUpload(t.Context(), u, limits); err != nil {
		t.Error(err)
	}
	for want, l := range map[string]data.Limits{"holds more than 100000 bytes": {Bytes: 100_000}, "more than 10000": {Features: 10_000}, "times columns are more than 30000": {Cells: 30_000}} {
		_, err := decodeUpload(t.Context(), u, l)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", l, err)
		}
	}
	if all := sentLimits(1 << 50); all.Bytes > 512<<20 || limits.Bytes*8 > leastMemory {
		t.Errorf("%+v", all)
	}
}

// A server that is killed while a layer is sent has the old one or the new one.
func TestKilledWhileALayerIsSent(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "careshed")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Setenv(keyVariable, "0123456789abcdef")
	state := filepath.Join(t.TempDir(), "state.sqlite")
	url, kill := started(t, bin, "--state", state)
	put := func(body string) *exec.Cmd {
		c := exec.Command("curl", "-s", "-o", os.DevNull, "-w", "%{http_code}", "-X", "PUT", "-H", "Content-Type: text/csv", "-H", "Authorization: Bearer 0123456789abcdef", "--data-binary", "@-", url+"/collections/mine")
		c.Stdin = strings.NewReader(body)
		return c
	}
	if out, err := put("id,lon,lat,n\na,7,47,1\n").Output(); err != nil || string(out) != "201" {
		t.Skipf("SKIPPED: no curl? %s %v", out, err)
	}
	var large strings.Builder
	large.WriteString("id,lon,lat,n\n")
	for i := range 400_000 {
		large.WriteString("p" + itoa(uint32(i)) + ",7.5,47.5,2\n")
	}
	second := put(large.String())
	if err := second.Start(); err != nil {
		t.Fatal(err)
	}
	kill() // in the middle of it
	_ = second.Wait()
	url, kill = started(t, bin, "--state", state)
	defer kill()
	var got features
	fetch(t, url+"/collections/mine/items?limit=1", &got)
	if got.NumberMatched != 1 && got.NumberMatched != 400_000 {
		t.Errorf("%d rows: neither the old layer nor the new one", got.NumberMatched)
	}
}

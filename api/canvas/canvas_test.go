package canvas

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
)

// sample is a page with every mark there is.
func sample() *Drawing {
	d := New(420, 300)
	d.Title, d.Description = "A sample", "Every mark there is"
	d.Text(20, 40, Type{Size: 18, Bold: true}, "AVATAR To: Straße, Łódź, ≥ 12 × ≤ →")
	d.Text(20, 70, Type{Size: 12, Colour: "#555555"}, "Half of the people «Ωμέγα» Привет, 日本")
	d.Text(400, 90, Type{Size: 12, Anchor: End}, "1,341,633")
	d.Text(210, 120, Type{Size: 12, Anchor: Middle}, "in the middle")
	d.Text(30, 200, Type{Size: 12, Turn: -90}, "turned")
	for i, h := range []Hatch{Rising, Level, Upright, Crossed, Speckled} {
		d.Rect(60+float64(i)*60, 140, 50, 40, Style{Fill: Fill{"#ffffff", h, "#8a6d86"}, Stroke: "#6b6b6b", Weight: 0.6})
	}
	var p Path
	p.Move(60, 200)
	p.Line(160, 200)
	p.Line(110, 280)
	p.Close()
	p.Move(95, 215)
	p.Line(110, 240)
	p.Line(125, 215)
	p.Close()
	d.Group("shapes", "a group", func() {
		d.Draw(&p, Style{Fill: Plain("#41b6c4"), Stroke: "#225ea8", Weight: 2}, About{ID: "t", Title: "a <triangle>"})
		d.Circle(220, 240, 30, Style{Fill: Plain("#fec44f"), Stroke: "#1a1a1a", Dash: []float64{6, 3}})
		d.Dots([]Spot{{270, 220}, {280, 230}, {290, 240}}, 6, "#c51b8a")
	})
	sub := New(100, 50)
	sub.Rect(0, 0, 100, 50, Style{Stroke: "#c8c8c8"})
	sub.Text(5, 20, Type{Size: 14}, "placed")
	d.Place(sub, 310, 210, 80, 80)
	d.Link(310, 210, 80, 40, "https://example.org/?a=1&b=(2)")
	d.Link(310, 210, 80, 40, "javascript:alert(1)")
	return d
}

// written writes a page twice and wants the same bytes.
func written(t *testing.T, write func(io.Writer) error) []byte {
	t.Helper()
	var a, b bytes.Buffer
	if err := write(&a); err != nil {
		t.Fatal(err)
	}
	if err := write(&b); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Fatal("written twice, two files")
	}
	return a.Bytes()
}

func TestSVG(t *testing.T) {
	svg := written(t, sample().SVG)
	dec := xml.NewDecoder(bytes.NewReader(svg))
	for {
		if _, err := dec.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("not XML: %v", err)
		}
	}
	for _, want := range []string{`data-id="t"`, "<title>a &lt;triangle&gt;</title>", "@font-face", "日本", `href="https://example.org/?a=1&amp;b=(2)"`, `id="shapes"`} {
		if !bytes.Contains(svg, []byte(want)) {
			t.Errorf("no %s", want)
		}
	}
	if bytes.Contains(svg, []byte("javascript")) {
		t.Error("a link leads where it should not")
	}
	if len(svg) > 20_000 {
		t.Errorf("%d bytes", len(svg))
	}
}

func TestPNG(t *testing.T) {
	d := sample()
	img, err := png.Decode(bytes.NewReader(written(t, func(w io.Writer) error { return d.PNG(w, 0) })))
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() != 840 || b.Dy() != 600 {
		t.Fatalf("%v", b)
	}
	for _, c := range []struct {
		x, y    int
		r, g, b uint32
		what    string
	}{{2, 2, 255, 255, 255, "ground"}, {220, 500, 0x41, 0xb6, 0xc4, "triangle"}, {220, 450, 255, 255, 255, "its hole"}, {440, 480, 0xfe, 0xc4, 0x4f, "circle"}, {560, 460, 0xc5, 0x1b, 0x8a, "dot"}} {
		r, g, b, _ := img.At(c.x, c.y).RGBA()
		if r>>8 != c.r || g>>8 != c.g || b>>8 != c.b {
			t.Errorf("%s is %02x%02x%02x", c.what, r>>8, g>>8, b>>8)
		}
	}
	var large *TooLargeError
	if err := New(4000, 4000).PNG(io.Discard, 1200); !errors.As(err, &large) {
		t.Errorf("%v", err)
	}
	for _, dpi := range []float64{-1, math.NaN(), math.Inf(1)} {
		if err := d.PNG(io.Discard, dpi); err == nil {
			t.Errorf("%v dots per inch are drawn", dpi)
		}
	}
	if testing.Short() {
		return
	}
	if err := New(9000, 9000).PNG(io.Discard, 0); err != nil {
		t.Errorf("a large page has no picture: %v", err)
	}
}

// The text of a document can be read back, also what the font lacks.
func TestPDF(t *testing.T) {
	d := sample()
	pdf := written(t, func(w io.Writer) error { return PDF(w, d, A4()) })
	if bytes.Contains(pdf, []byte("Date")) {
		t.Error("it says when it was made")
	}
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("no pdftotext of poppler-utils to read it with")
	}
	file := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(file, pdf, 0o666); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", "-layout", file, "-").CombinedOutput()
	if err != nil {
		t.Fatal(err, string(out))
	}
	for _, want := range []string{"AVATAR To: Straße, Łódź, ≥ 12 × ≤ →", "«Ωμέγα» Привет, 日本", "1,341,633", "placed", "\f"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(string(out), "rror") {
		t.Errorf("%s", out)
	}
	out, err = exec.Command("pdffonts", file).CombinedOutput()
	if err != nil || strings.Count(string(out), "yes yes yes") != 2 { // embedded, subset, Unicode
		t.Errorf("fonts: %v\n%s", err, out)
	}
}

// The glyphs of a subset are those of the font, as wide and as near.
func TestSubset(t *testing.T) {
	const text = "AVATAR Łódź ≥ Ωμέγα 1,234"
	s := newSubset(regular(), []string{text})
	got, err := sfnt.Parse(s.bytes())
	if err != nil {
		t.Fatal(err)
	}
	var buf sfnt.Buffer
	em := regular().em()
	before := sfnt.GlyphIndex(0)
	wide := 0
	for _, g := range regular().shape(text) {
		i, err := got.GlyphIndex(&buf, g.r)
		if err != nil || i == 0 {
			t.Fatalf("no %q: %v", g.r, err)
		}
		segments, err := got.LoadGlyph(&buf, i, em, nil)
		if err != nil || len(segments) != len(regular().outline(g.id)) {
			t.Errorf("%q has %d lines: %v", g.r, len(segments), err)
		}
		w, err := got.GlyphAdvance(&buf, i, em, font.HintingNone)
		if err != nil {
			t.Fatal(err)
		}
		wide += w.Round()
		if before != 0 {
			if k, err := got.Kern(&buf, before, i, em, font.HintingNone); err == nil {
				wide += k.Round()
			}
		}
		before = i
	}
	if got, want := float64(wide)/regular().units, (Type{Size: 1}).Width(text); math.Abs(got-want) > 1e-9 {
		t.Errorf("the subset sets it %v wide, the font %v", got, want)
	}
	if regular().kern(glyph{r: 'A', id: regular().gid['A']}, glyph{r: 'V', id: regular().gid['V']}) >= 0 {
		t.Error("A and V do not come nearer")
	}
}

// Where a text is broken and cut is where going letter by letter and word by word ends.
func TestWrapIsAsLetterByLetter(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	most := func(n int, fits func(n int) bool) (k int) {
		for k < n && fits(k+1) {
			k++
		}
		return k
	}
	for range 3000 {
		text := ""
		for range r.IntN(40) {
			text += string([]rune("AVTo.,-WwiléfÅ ح 日†%  ")[r.IntN(22)])
		}
		ty, width := Type{Size: 4 + 10*r.Float64(), Bold: r.IntN(2) > 0}, 200*r.Float64()
		for _, n := range []int{1, 5, 6, 7, 40} {
			at := r.IntN(n + 1)
			if got, want := longestThat(n, func(k int) bool { return k <= at }), most(n, func(k int) bool { return k <= at }); got != want {
				t.Fatalf("%d of %d: %d, want %d", at, n, got, want)
			}
		}
		letters := []rune(clean(text))
		fits := func(n int) bool { return ty.Width(string(letters[:n])) <= width }
		if got, want := longestThat(len(letters), fits), most(len(letters), fits); got != want {
			t.Fatalf("%q in %v of %v: %d letters, want %d", text, width, ty, got, want)
		}
		cut := func(n int) string { return strings.TrimRight(string(letters[:n]), " ,") + "…" }
		letters = []rune(strings.TrimRight(clean(text), " …"))
		want := cut(most(len(letters), func(n int) bool { return ty.Width(cut(n)) <= width }))
		if ty.Width(text) <= width {
			want = clean(text)
		}
		if got := ty.Fit(text, width); got != want {
			t.Fatalf("%q in %v of %v: %q, want %q", text, width, ty, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	ty := Type{Size: 10}
	for _, c := range []struct {
		s     string
		width float64
		most  int
		want  string
	}{
		{"one two three", 1000, 9, "one two three"},
		{"one two three", 40, 9, "one two|three"},
		{"12.5 % of all", 38, 9, "12.5 %|of all"},
		{"wwwwwwwwww", 30, 9, "wwww|wwww|ww"},
		{"one two three four", 40, 1, "one tw…"},
		{"for 9.8\u00a0million", 55, 9, "for|9.8 million"},
		{"", 40, 3, ""},
	} {
		lines := ty.Wrap(c.s, c.width, c.most)
		if got := strings.Join(lines, "|"); got != c.want {
			t.Errorf("%q: %q, want %q", c.s, got, c.want)
		}
		for _, l := range lines {
			if ty.Width(l) > c.width {
				t.Errorf("%q is wider than %v", l, c.width)
			}
		}
	}
	if a, b := ty.Width("0123456789"), ty.Width("1111111111"); a != b {
		t.Errorf("figures are not of one width: %v and %v", a, b)
	}
}

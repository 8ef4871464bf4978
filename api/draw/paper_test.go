package draw

import (
	"bytes"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"

	"careshed/api/canvas"
)

// A map for a sheet of paper fills it and no more: nothing that is written lies outside, in
// either direction of the sheet, with short notes and with long ones.
func TestPages(t *testing.T) {
	for _, name := range Pages() {
		for _, notes := range []int{0, 60} {
			r := marland()
			page, err := Picture(r, Options{Page: name, Subtitle: strings.Repeat("A sentence that goes on. ", notes)})
			if err != nil {
				t.Fatal(err)
			}
			want := pages[name]
			if page.Width != want[0] || page.Height != want[1] {
				t.Errorf("%s: %v by %v", name, page.Width, page.Height)
			}
			if wide := page.Width > page.Height; wide == strings.HasSuffix(name, "portrait") {
				t.Errorf("%s: it lies the other way", name)
			}
			if len(page.Texts()) < 10 {
				t.Errorf("%s: %d texts", name, len(page.Texts()))
			}
			for _, box := range page.Texts() {
				if box.X < 0 || box.Y < 0 || box.X+box.W > page.Width+0.5 || box.Y+box.H > page.Height+0.5 {
					t.Errorf("%s: %q lies outside, at %v %v", name, box.Text, box.X, box.Y)
				}
			}
		}
	}
	for _, o := range []Options{{Page: "a3"}, {Page: "a4", Width: 500}} {
		var e *OptionError
		if _, err := Picture(marland(), o); !errors.As(err, &e) || e.Option != "page" {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// A PDF has the size of the sheet in points.
func TestPageOfPDF(t *testing.T) {
	var b bytes.Buffer
	if err := Map(&b, marland(), Options{Page: "a4-portrait", Format: "pdf"}); err != nil {
		t.Fatal(err)
	}
	i := bytes.Index(b.Bytes(), []byte("/MediaBox["))
	if i < 0 {
		t.Fatal("no size")
	}
	box := strings.Fields(string(b.Bytes()[i+len("/MediaBox[") : i+60]))
	w, _ := strconv.ParseFloat(box[2], 64)
	h, _ := strconv.ParseFloat(strings.TrimRight(strings.Split(box[3], "]")[0], "]"), 64)
	if math.Abs(w-595.3) > 0.5 || math.Abs(h-841.9) > 0.5 {
		t.Errorf("%v by %v points", w, h)
	}
}

// A region has its name on it where all of it fits: inside, once, off other names, and on no
// center.
func TestNamesOfRegions(t *testing.T) {
	svg := drawn(t, mapOf(marland(), Options{}))
	count := func(svg []byte, name string) (n int) {
		for _, e := range elements(t, svg) {
			if e.name == "text" && e.text == name || e.name == "tspan" && e.text == name {
				n++
			}
		}
		return n
	}
	l := marland().Layer("regions")
	some := 0
	for i := range l.Len() {
		n := count(svg, nameOf(l, i))
		if n > 1 {
			t.Errorf("%s stands %d times", nameOf(l, i), n)
		}
		some += n
	}
	if some == 0 {
		t.Error("no region has its name")
	}
}

// A box fits into a shape where there is room for it and nothing else stands.
func TestRoom(t *testing.T) {
	var p canvas.Path
	p.Rect(10, 10, 100, 20)
	anywhere := func(_, _, _, _ float64) bool { return true }
	if x, y, ok := p.Room(60, 10, anywhere); !ok || x != 30 || y < 10 || y > 20 {
		t.Errorf("%v %v %v", x, y, ok)
	}
	if _, _, ok := p.Room(130, 10, anywhere); ok {
		t.Error("what is wider fits")
	}
	if _, _, ok := p.Room(60, 30, anywhere); ok {
		t.Error("what is higher fits")
	}
	if _, _, ok := p.Room(60, 10, func(_, _, _, _ float64) bool { return false }); ok {
		t.Error("it stands where nothing may")
	}
}

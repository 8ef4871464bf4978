package draw

import (
	"bytes"
	"image/png"
	"regexp"
	"strings"
	"testing"

	"careshed/api/words"
	"careshed/geo"

	"github.com/paulmach/orb"
)

// Whatever a title holds, a map is drawn in every format, and the title is text.
func FuzzTitles(f *testing.F) {
	for _, s := range []string{"", "Plain", `<script>alert("1") & 'x'</script>`, "]]>", "\x00\x1b\xff\xfe", "عربي \u202eevil", "日本の地図", strings.Repeat("W", 5000), strings.Repeat("a ", 2500), strings.Repeat("a-", 60), "a\u2028b", "\ufffe"} {
		f.Add(s, s)
	}
	layer := dateline()
	strange := regexp.MustCompile(`[\x00-\x08\x0b-\x1f\x7f-\x9f\x{202a}-\x{202e}]`)
	f.Fuzz(func(t *testing.T, title, name string) {
		l := must(geo.NewLayer(geo.About{Name: "l", Attribution: name}, []string{name, "2", "3"}, []orb.Geometry{layer.Shape(0), layer.Shape(1), layer.Shape(2)},
			geo.Numbers(geo.Field{Name: "v", Title: name, Unit: title}, []float64{1, 2, 3}), label("name", name, title, "x")))
		var b bytes.Buffer
		if err := Layer(&b, l, Options{Title: title, Subtitle: name}); err != nil {
			t.Fatal(err)
		}
		scripts := 0
		for _, e := range elements(t, b.Bytes()) {
			if e.name == "script" {
				scripts++
			}
			if strange.MatchString(e.text) {
				t.Errorf("%q has characters that are none", e.text)
			}
		}
		if scripts > 0 {
			t.Error("a title became an element")
		}
		for _, o := range []Options{{Format: "png", DPI: 36}, {Format: "pdf", Words: words.Default().InMiles()}} {
			o.Title, o.Subtitle, o.Width = title, name, MinWidth
			b.Reset()
			if err := Layer(&b, l, o); err != nil {
				t.Fatal(err)
			}
			if o.Format == "png" {
				if _, err := png.Decode(&b); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

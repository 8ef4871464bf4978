package canvas_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"careshed/api/canvas"
)

// A picture keeps its shape and its colours in all three formats; what is no picture, or
// too large, is refused.
func TestPictures(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 40, 20))
	for y := range 20 {
		for x := range 40 {
			img.Set(x, y, color.NRGBA{200, 20, 20, 255})
		}
	}
	var p, j bytes.Buffer
	if err := png.Encode(&p, img); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&j, img, nil); err != nil {
		t.Fatal(err)
	}
	for kind, raw := range map[string][]byte{"png": p.Bytes(), "jpeg": j.Bytes()} {
		pic, err := canvas.ReadPicture(raw)
		if err != nil {
			t.Fatal(kind, err)
		}
		d := canvas.New(100, 100)
		if w, h := d.Picture(pic, 10, 10, 60, 60); w != 60 || h != 30 {
			t.Errorf("%s takes %v by %v", kind, w, h)
		}
		var out bytes.Buffer
		if err := d.PNG(&out, 96); err != nil {
			t.Fatal(err)
		}
		drawn, err := png.Decode(&out)
		if err != nil {
			t.Fatal(err)
		}
		if r, g, _, _ := drawn.At(40, 25).RGBA(); r>>8 < 190 || g>>8 > 40 {
			t.Errorf("%s is drawn in %v", kind, drawn.At(40, 25))
		}
		if r, g, _, _ := drawn.At(40, 60).RGBA(); r>>8 != 255 || g>>8 != 255 {
			t.Errorf("%s is drawn beside its box", kind)
		}
		out.Reset()
		if err := d.SVG(&out); err != nil || !strings.Contains(out.String(), `<image x="10" y="10" width="60" height="30" href="data:image/`+kind) {
			t.Errorf("%s: %v, %s", kind, err, out.String())
		}
		out.Reset()
		if err := d.PDF(&out); err != nil || !strings.Contains(out.String(), "/XObject<</P0") {
			t.Errorf("%s: %v", kind, err)
		}
	}
	for what, raw := range map[string][]byte{"nothing": nil, "text": []byte("a logo"), "half a picture": p.Bytes()[:60], "too many bytes": make([]byte, canvas.MostPictureBytes+1)} {
		if _, err := canvas.ReadPicture(raw); err == nil {
			t.Errorf("%s is a picture", what)
		}
	}
}

package canvas

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // a picture may be one
	_ "image/png"  // likewise

	"golang.org/x/image/draw"
	"rsc.io/qr"
)

// Most of a picture that is put on a page, in bytes and in pixels.
const (
	MostPictureBytes  = 2 << 20
	MostPicturePixels = 4 << 20
)

// Picture is a photograph or a logo to be put on a page.
type Picture struct {
	kind string // png or jpeg
	raw  []byte
	*image.NRGBA
}

// ReadPicture reads a PNG or JPEG.
func ReadPicture(raw []byte) (*Picture, error) {
	if len(raw) > MostPictureBytes {
		return nil, fmt.Errorf("a picture of %d bytes; accepted: %d", len(raw), MostPictureBytes)
	}
	c, kind, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("no picture that can be read; accepted: PNG, JPEG")
	}
	if c.Width < 1 || c.Height < 1 || c.Width*c.Height > MostPicturePixels {
		return nil, fmt.Errorf("a picture of %d by %d pixels; accepted: %d pixels in all", c.Width, c.Height, MostPicturePixels)
	}
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("a %s that is damaged: %w", kind, err)
	}
	p := &Picture{kind: kind, raw: raw, NRGBA: image.NewNRGBA(image.Rect(0, 0, c.Width, c.Height))}
	draw.Draw(p.NRGBA, p.Rect, img, img.Bounds().Min, draw.Src)
	return p, nil
}

// photo is a picture on the page.
type photo struct {
	box
	of *Picture
}

// Picture puts a picture into a box, as large as it goes, at its top left, and gives the
// room that it takes.
func (d *Drawing) Picture(p *Picture, x, y, width, height float64) (w, h float64) {
	k := min(width/float64(p.Rect.Dx()), height/float64(p.Rect.Dy()))
	w, h = k*float64(p.Rect.Dx()), k*float64(p.Rect.Dy())
	d.marks = append(d.marks, photo{box{x, y, w, h}, p})
	return w, h
}

// Code puts a QR code of a text into a square, with the quiet margin that readers need.
func (d *Drawing) Code(text string, x, y, size float64) error {
	c, err := qr.Encode(text, qr.M)
	if err != nil {
		return fmt.Errorf("code of %q: %w", text, err)
	}
	const quiet = 4
	module := size / float64(c.Size+2*quiet)
	var p Path
	for row := range c.Size {
		for col := 0; col < c.Size; col++ {
			from := col
			for col < c.Size && c.Black(col, row) {
				col++
			}
			if col == from {
				continue
			}
			left, right := x+module*float64(from+quiet), x+module*float64(col+quiet)
			top := y + module*float64(row+quiet)
			p.Move(left, top)
			p.Line(right, top)
			p.Line(right, top+module)
			p.Line(left, top+module)
			p.Close()
		}
	}
	d.Rect(x, y, size, size, Style{Fill: Plain("#ffffff")})
	d.Draw(&p, Style{Fill: Plain("#000000")}, About{Title: text})
	return nil
}

func (s *svg) photo(m photo) {
	s.add(`<image x="%s" y="%s" width="%s" height="%s" href="data:image/%s;base64,%s"/>`, num(m.x), num(m.y), num(m.w), num(m.h), m.of.kind,
		base64.StdEncoding.EncodeToString(m.of.raw))
}

func (p *painter) photo(m photo, at place) {
	x, y := at.of(m.x, m.y)
	to := image.Rect(int(x), int(y), int(x+m.w*at.k+0.5), int(y+m.h*at.k+0.5))
	draw.CatmullRom.Scale(p.dst, to, m.of.NRGBA, m.of.Rect, draw.Over, nil)
}

func (c *content) photo(m photo) {
	c.add("q %s 0 0 %s %s %s cm /P%d Do Q", real(m.w), real(-m.h), real(m.x), real(m.y+m.h), len(c.photos))
	c.photos = append(c.photos, m.of)
}

// photo writes a picture as an object of its own, and gives its number.
func (p *pdf) photo(of *Picture) (int, error) {
	rgb, alpha, opaque := make([]byte, 0, 3*len(of.Pix)/4), make([]byte, 0, len(of.Pix)/4), true
	for y := range of.Rect.Dy() {
		for x := range of.Rect.Dx() {
			c := of.At(x, y).(color.NRGBA)
			rgb, alpha = append(rgb, c.R, c.G, c.B), append(alpha, c.A)
			opaque = opaque && c.A == 255
		}
	}
	const head = "/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace/%s%s"
	mask := ""
	if !opaque {
		n := p.next()
		if err := p.stream(n, fmt.Sprintf(head, of.Rect.Dx(), of.Rect.Dy(), "DeviceGray", ""), alpha); err != nil {
			return 0, err
		}
		mask = fmt.Sprintf("/SMask %d 0 R", n)
	}
	n := p.next()
	return n, p.stream(n, fmt.Sprintf(head, of.Rect.Dx(), of.Rect.Dy(), "DeviceRGB", mask), rgb)
}

package sheet

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"
	"sync"

	"careshed/api/words"
)

//go:embed sheet.html
var pageHTML string

// pages is the template of a sheet, which is part of the program.
var pages = sync.OnceValue(func() *template.Template { return template.Must(template.New("sheet").Parse(pageHTML)) })

// picture is a locator as the template takes it.
type picture struct {
	Width, Height string
	Radius        string
	Title, Left   string
	Paths         []stroke
	Dots          []place
	Inset         *box
}

type stroke struct{ Class, D string }
type place struct{ X, Y string }
type box struct{ X, Y, W, H string }

// HTML writes the sheet as one page that needs nothing from elsewhere: for
// screens, light and dark, and for paper.
func HTML(w io.Writer, s Sheet, l *words.Language) error {
	var b bytes.Buffer
	err := pages().Execute(&b, struct {
		Page page
		Map  *picture
		Say  map[string]string
	}{s.page(l), s.picture(l), map[string]string{"Center": l.Say("sheet.center.title"), "Sites": l.Say("sheet.sites.title"), "List": l.Say("sheet.list.title"),
		"Method": l.Say("sheet.method.title"), "Sources": l.Say("sheet.sources.title"), "Notes": l.Say("sheet.notes.title"), "Printed": l.Say("sheet.printed")}})
	if err != nil {
		return fmt.Errorf("fact sheet of %s: %w", s.Name, err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// picture draws the map, nil where the regions have no shapes.
func (s *Sheet) picture(l *words.Language) *picture {
	m := s.locate(300, 320)
	if m == nil {
		return nil
	}
	p := &picture{Width: px(m.width), Height: px(m.height), Radius: "2.6", Title: s.mapTitle(l), Left: writer{l, s}.left(m)}
	for _, a := range m.areas {
		var d strings.Builder
		for _, ring := range a.rings {
			for i, v := range ring {
				d.WriteByte("ML"[min(i, 1)])
				d.WriteString(px(v.x) + " " + px(v.y))
			}
			d.WriteByte('Z')
		}
		class := "r"
		if a.own {
			class = "r own"
		}
		p.Paths = append(p.Paths, stroke{class, d.String()})
	}
	for _, d := range m.dots {
		p.Dots = append(p.Dots, place{px(d.x), px(d.y)})
	}
	if f := m.inset; f != nil {
		p.Inset = &box{px(f.x), px(f.y), px(f.w), px(f.h)}
	}
	return p
}

// left names the regions that are not on the map.
func (w writer) left(m *locator) string {
	if len(m.left) == 0 {
		return ""
	}
	return w.Say("sheet.map.left", "regions", w.names(m.left))
}

// mapTitle says what the map shows to those who do not see it.
func (s *Sheet) mapTitle(l *words.Language) string {
	whole := writer{l, s}.whole()
	if s.row < 0 {
		return l.Say("sheet.map.whole", "whole", whole)
	}
	return l.Say("sheet.map", "whole", whole, "name", s.Name)
}

// px writes a length of the page.
func px(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

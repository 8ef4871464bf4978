package sheet

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"sync"

	"careshed/api/canvas"
	"careshed/api/words"
)

//go:embed sheet.html
var pageHTML string

// pages is the template of a sheet, which is part of the program.
var pages = sync.OnceValue(func() *template.Template { return template.Must(template.New("sheet").Parse(pageHTML)) })

// HTML writes the sheet as one page that needs nothing from elsewhere: for
// screens, light and dark, and for paper.
func HTML(w io.Writer, s Sheet, l *words.Language) error {
	var b, drawn, mark bytes.Buffer
	if c := s.corner(); c != nil {
		if err := c.SVG(&mark); err != nil {
			return fmt.Errorf("fact sheet of %s: %w", s.Name, err)
		}
	}
	left := ""
	if c := s.chart(l); c != nil {
		if err := c.SVG(&drawn); err != nil {
			return fmt.Errorf("fact sheet of %s: %w", s.Name, err)
		}
		left = writer{l, &s}.left(c.left)
	}
	say := map[string]string{}
	for _, key := range []string{"center", "sites", "list", "method", "sources", "notes", "against"} {
		say[key] = l.Say("sheet." + key + ".title")
	}
	p := s.page(l)
	say["here"] = l.Say("sheet.here", "n", len(p.Here))
	err := pages().Execute(&b, struct {
		Page page
		Map  template.HTML // ours
		Mark template.HTML // likewise
		Left string
		Say  map[string]string
	}{p, template.HTML(drawn.String()), template.HTML(mark.String()), left, say})
	if err != nil {
		return fmt.Errorf("fact sheet of %s: %w", s.Name, err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// corner is the publisher's picture with the code of the sheet's address, nil without
// either.
func (s *Sheet) corner() *canvas.Drawing {
	p := s.Publisher
	if p.Logo == nil && p.Address == "" {
		return nil
	}
	d := canvas.New(0, cornerHigh)
	d.Title = p.By
	if p.Logo != nil {
		d.Width, _ = d.Picture(p.Logo, 0, 0, logoWidth, cornerHigh)
		d.Width += 8
	}
	if p.Address != "" && d.Code(p.Address, d.Width, 0, cornerHigh) == nil {
		d.Width += cornerHigh
	}
	return d
}

// left names the regions that are not on the map.
func (w writer) left(regions []string) string {
	if len(regions) == 0 {
		return ""
	}
	return w.Say("sheet.map.left", "regions", w.names(regions))
}

// mapTitle says what the map shows to those who do not see it.
func (s *Sheet) mapTitle(l *words.Language) string {
	whole := writer{l, s}.whole()
	if s.row < 0 {
		return l.Say("sheet.map.whole", "whole", whole)
	}
	return l.Say("sheet.map", "whole", whole, "name", s.Name)
}

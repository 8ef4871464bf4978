package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"strings"

	"careshed/access"
	"careshed/access/study"
	"careshed/access/study/spec"
	"careshed/api/canvas"
	"careshed/api/sheet"
	"careshed/api/words"
	"careshed/data"

	"github.com/spf13/cobra"
)

func reportCommand(e *env) *cobra.Command {
	var o reporting
	c := &cobra.Command{
		Use: "report COUNTRY|REGION|SPEC", Short: "Make fact sheets: of a country and each of its regions",
		Long: `Make fact sheets: of a country of the atlas and of every region of it, of one
region alone by id or name, or of a study of your own that has regions.
DIR/index.html links them.

The first page is to be handed out: how long people take to the nearest center, a
map, where a new center would help most, the comparison with the country and with
regions like it. Behind it stand all figures, treatments expected and lost under
each assumption beyond four hours, and how far all that can be trusted. Intervals
and sites are there as far as the study has uncertainty and siting; those of the
atlas have both.

What a study asks for under present.report (title, by, contact, logo, paper, …)
holds where no flag says otherwise.`,
		Example: `  careshed report Italy -o italy
  careshed report US -o us --miles
  careshed report Bayern -o bayern --lang de
  careshed report DE -o de --lang de --format html
  careshed report study.yaml -o sheets`,
		Args: exactly(1, "a country or region of the atlas, or the path of a study"),
		RunE: func(c *cobra.Command, args []string) error {
			o.chosen = c.Flags().Changed
			return e.report(c.Context(), args[0], o)
		},
	}
	c.Flags().StringVarP(&o.dir, "output", "o", "", "folder for the sheets; needed")
	c.Flags().StringSliceVar(&o.formats, "format", []string{"html", "pdf"}, "what is made: "+strings.Join(sheetFormats, ", "))
	c.Flags().StringVar(&o.lang, "lang", words.English, "language: "+strings.Join(words.Known(), ", "))
	c.Flags().BoolVar(&o.miles, "miles", false, "lengths in miles")
	c.Flags().StringVar(&o.paper, "paper", string(sheet.A4), "of the PDF: "+strings.Join(sheet.Papers(), ", "))
	c.Flags().StringVar(&o.config, "config", "", "a file with further layers; careshed.yaml beside the study if left out")
	c.Flags().BoolVarP(&o.quiet, "quiet", "q", false, "no progress bar")
	return c
}

// sheetFormats are what a sheet can be written as.
var sheetFormats = []string{"html", "pdf", "json"}

// reporting is how fact sheets are made.
type reporting struct {
	dir, lang, paper, config string
	formats                  []string
	inputs                   []string // files that no sheet may replace
	miles, quiet             bool
	chosen                   func(flag string) bool
}

func (e *env) report(ctx context.Context, of string, o reporting) error {
	if o.dir == "" {
		return usageError{errors.New("where to? add -o DIR, a folder for the sheets")}
	}
	for _, f := range o.formats {
		if err := oneOf("--format", f, sheetFormats...); err != nil {
			return err
		}
	}
	if err := oneOf("--lang", o.lang, words.Known()...); err != nil {
		return err
	}
	if err := oneOf("--paper", o.paper, sheet.Papers()...); err != nil {
		return err
	}
	about, err := e.subject(ctx, of)
	if err != nil {
		return err
	}
	if about.country == nil {
		if s, err := readSpec(of); err == nil {
			o.inputs = inputsOf(of, s, o.config)
		}
	}
	if f, err := data.OpenFolder(o.dir, "careshed-report", o.inputs...); err != nil {
		return err
	} else if err := f.Check("index.html"); err != nil {
		return err
	}
	carried := asked{of: of, config: o.config, quiet: o.quiet}
	if about.country != nil {
		carried.of, carried.more = about.country.Code, study.Baseline.InSheets
	}
	r, err := e.study(ctx, carried)
	if err != nil {
		return err
	}
	if r.Layer("regions") == nil {
		return inputError{fmt.Errorf("%s: the study has no regions to make sheets of; accepted: a study with regions (careshed run prints a study without)", of)}
	}
	by := "region"
	if p := r.Spec.Present; p != nil && p.Report != nil {
		by = p.Report.Sheets()
		if !o.chosen("lang") {
			o.lang = cmp.Or(p.Report.Language, o.lang)
		}
		if !o.chosen("miles") {
			o.miles = p.Report.Units == "miles"
		}
		if !o.chosen("paper") {
			o.paper = cmp.Or(p.Report.Paper, o.paper)
		}
	}
	l, err := words.In(o.lang)
	if err != nil {
		return inputError{fmt.Errorf("%s: present.report.language: %w", of, err)}
	}
	if o.miles {
		l = l.InMiles()
	}
	m, err := sheet.New(r)
	if err != nil {
		return err
	}
	logo, err := logoOf(of, r.Spec.Present)
	if err != nil {
		return err
	}
	b := &binder{logo: logo, maker: m, language: l, formats: o.formats, paper: sheet.Paper(o.paper), used: map[string]bool{"index": true}}
	if about.country != nil {
		if b.peers, err = e.peers(ctx, o.config); err != nil {
			return err
		}
		if b.paid, err = e.reimbursed(ctx, about.country.Code); err != nil {
			return err
		}
		b.country = about.country
	}
	sheets := append([]string{""}, m.Regions()...)
	switch {
	case about.region != "":
		sheets = []string{about.region}
	case by == "country":
		sheets = sheets[:1]
	}
	return e.bind(ctx, b, sheets, o)
}

// logoOf reads the picture of the publisher that a spec names, nil if it names none.
func logoOf(path string, p *spec.PresentSpec) (*canvas.Picture, error) {
	if p == nil || p.Report == nil || p.Report.Logo == "" {
		return nil, nil
	}
	logo, err := readPicture(filepath.Join(filepath.Dir(path), p.Report.Logo))
	if err == nil {
		return logo, nil
	}
	return nil, inputError{fmt.Errorf("%s: present.report.logo: %s: %w", path, p.Report.Logo, err)}
}

func readPicture(path string) (*canvas.Picture, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, canvas.MostPictureBytes+1))
	if err != nil {
		return nil, err
	}
	return canvas.ReadPicture(raw)
}

// peers are the countries of the atlas, to compare one with.
func (e *env) peers(ctx context.Context, config string) ([]sheet.Peer, error) {
	s, err := study.Parse(strings.NewReader(`version: 1
name: countries
places: {layer: settlements, weight: population}
sites: {layer: centers, where: {tier: [1, 2]}, count: campus}
travel: {engine: crow, borders: same-country}
measures:
  - density: {by: country}
`), nil)
	if err != nil {
		return nil, err
	}
	w, err := e.world(ctx, ".", s, config)
	if err != nil {
		return nil, err
	}
	r, err := study.Run(ctx, w, s, nil)
	if err != nil {
		return nil, err
	}
	published, err := e.atlas.Layer(ctx, "countries")
	if err != nil {
		return nil, err
	}
	return sheet.Peers(r.Summary.Density.Countries, published), nil
}

// binder makes the pages of a report.
type binder struct {
	maker    *sheet.Maker
	language *words.Language
	formats  []string
	paper    sheet.Paper
	logo     *canvas.Picture
	country  *study.Baseline // of the atlas, or nil
	peers    []sheet.Peer
	paid     []access.Reimbursement // of the country
	used     map[string]bool        // names of files
	index    []entry
}

// entry is a sheet as the index lists it.
type entry struct {
	Name  string
	Files []string
}

// bind writes the sheets of regions, of the whole for "", and the index: beside the
// folder's files first, and moved in when all are there.
func (e *env) bind(ctx context.Context, b *binder, of []string, o reporting) error {
	f, err := data.OpenFolder(o.dir, "careshed-report", o.inputs...)
	if err != nil {
		return err
	}
	defer f.Close()
	bar := newBar(e.log, o.quiet)
	defer bar.end()
	for i, id := range of {
		if err := ctx.Err(); err != nil {
			return err
		}
		bar.report(study.Progress{Stage: "sheets", Done: i, Total: len(of)})
		if err := b.add(f, id); err != nil {
			return err
		}
	}
	if err := f.Write("index.html", b.writeIndex); err != nil {
		return err
	}
	if err := f.Commit("index.html"); err != nil {
		return err
	}
	bar.end()
	sheets := "sheets"
	if len(b.index) == 1 {
		sheets = "sheet"
	}
	fmt.Fprintf(e.out, "%s: %d %s\n", filepath.Join(o.dir, "index.html"), len(b.index), sheets)
	return nil
}

// add writes the sheet of a region, or of the whole for "", in every format.
func (b *binder) add(to *data.Folder, region string) error {
	s, err := b.maker.Sheet(region)
	if err != nil {
		return err
	}
	s.Publisher.Logo = b.logo
	entry, id := entry{Name: s.Name}, cmp.Or(region, s.Study)
	if b.country != nil {
		s.Subject, s.CountryName = sheet.CarT, b.country.Name
		s.Among(b.peers)
		s.Pays(b.paid)
		if region == "" {
			entry.Name, id = cmp.Or(b.language.Country(b.country.Code), b.country.Name), b.country.Code
		}
	}
	name := b.file(id)
	for _, f := range b.formats {
		write := map[string]func(io.Writer) error{
			"html": func(w io.Writer) error { return sheet.HTML(w, s, b.language) },
			"pdf":  func(w io.Writer) error { return sheet.PDF(w, s, b.language, b.paper) },
			"json": func(w io.Writer) error { return writeJSON(w, s) },
		}[f]
		if err := to.Write(name+"."+f, write); err != nil {
			return err
		}
		entry.Files = append(entry.Files, name+"."+f)
	}
	b.index = append(b.index, entry)
	return nil
}

// file is the name of a file for an id: what file systems take, and not twice
// the same even where they do not tell capitals apart.
func (b *binder) file(id string) string {
	name := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '-'
	}, id), "-")
	name = cmp.Or(name, "sheet")
	unique := name
	for n := 2; b.used[strings.ToLower(unique)]; n++ {
		unique = fmt.Sprintf("%s-%d", name, n)
	}
	b.used[strings.ToLower(unique)] = true
	return unique
}

// writeIndex writes the page that links the sheets.
func (b *binder) writeIndex(w io.Writer) error {
	page, err := template.New("index").Parse(indexHTML)
	if err != nil {
		return err
	}
	say := map[string]string{}
	for _, key := range []string{"title", "region", "files"} {
		say[key] = b.language.Say("sheet.index." + key)
	}
	var out bytes.Buffer
	if err := page.Execute(&out, struct {
		Language string
		Say      map[string]string
		Whole    entry
		Regions  []entry
	}{b.language.Code, say, b.index[0], b.index[1:]}); err != nil {
		return err
	}
	_, err = w.Write(out.Bytes())
	return err
}

const indexHTML = `<!doctype html>
<html lang="{{.Language}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Say.title}}: {{.Whole.Name}}</title>
<style>
:root { color-scheme: light dark; --ink: #1c2430; --line: #d6dbe3; --paper: #fff; --mark: #0b6e75 }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebf0; --line: #38414f; --paper: #14181f; --mark: #4bb9c1 } }
body { margin: 0 auto; max-width: 44rem; padding: 1.5rem 1.25rem 3rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif }
table { border-collapse: collapse; width: 100% }
th, td { padding: .4rem .9rem .4rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top }
tbody th { font-weight: 400 }
a { color: var(--mark); margin-right: .6rem }
</style>
</head>
<body>
<h1>{{.Say.title}}: {{.Whole.Name}}</h1>
<p>{{range .Whole.Files}}<a href="{{.}}">{{.}}</a>{{end}}</p>
{{if .Regions}}<table>
<thead><tr><th scope="col">{{.Say.region}}</th><th scope="col">{{.Say.files}}</th></tr></thead>
<tbody>
{{range .Regions}}<tr><th scope="row">{{.Name}}</th><td>{{range .Files}}<a href="{{.}}">{{.}}</a>{{end}}</td></tr>
{{end}}</tbody>
</table>{{end}}
</body>
</html>
`

package sheet_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"image"
	"image/png"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"careshed/access"
	"careshed/api/canvas"
	"careshed/api/sheet"
	"careshed/api/words"
)

func page(w *bytes.Buffer, s sheet.Sheet, l *words.Language) error { return sheet.HTML(w, s, l) }
func paper(w *bytes.Buffer, s sheet.Sheet, l *words.Language) error {
	return sheet.PDF(w, s, l, sheet.A4)
}

// Every page of every region is well formed, says its language, and needs nothing
// from elsewhere.
func TestPagesAreWholeInThemselves(t *testing.T) {
	inside := regexp.MustCompile(`url\(#[A-Za-z0-9_-]+\)|url\(data:font/woff;base64,[A-Za-z0-9+/=]*\)|xmlns="http://www.w3.org/2000/svg"`) // in the page itself
	noNumber := regexp.MustCompile(`\b(NaN|Inf)\b`)
	outside := regexp.MustCompile(`(?i)<script|<link|<img|<iframe|\b(src|href)=|url\(|@import|https?://`)
	for _, code := range codes {
		m, err := sheet.New(of(t, code))
		if err != nil {
			t.Fatal(err)
		}
		for n, id := range append([]string{""}, m.Regions()...) {
			s, err := m.Sheet(id)
			if err != nil {
				t.Fatal(err)
			}
			s.Subject = sheet.CarT
			s.Pays(paid(t, code))
			languages := words.Known()
			if n > 2 { // all are filled alike
				languages = languages[:2]
			}
			for _, lang := range languages {
				body := inside.ReplaceAllString(written(t, s, lang, page), "")
				if !strings.Contains(body, `<html lang="`+lang+`">`) || outside.MatchString(body) || noNumber.MatchString(body) {
					t.Errorf("%s in %s: %q %q", s.Name, lang, outside.FindString(body), noNumber.FindString(body))
				}
				if strings.Count(body, "<h1") != 1 {
					t.Errorf("%s: %d titles", s.Name, strings.Count(body, "<h1"))
				}
				if err := wellFormed(body); err != nil {
					t.Errorf("%s in %s: %v", s.Name, lang, err)
				}
			}
		}
	}
}

func wellFormed(body string) error {
	d := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(body, "<!doctype html>")))
	d.Entity = xml.HTMLEntity
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// What a user names his regions is not taken for markup, on screen or on paper.
func TestNamesAreNotMarkup(t *testing.T) {
	s := sheetOf(t, of(t, "IT"), "IT-16")
	s.Name = `<script>alert("x")</script> & ` + strings.Repeat("Long", 200)
	if body := written(t, s, "en", page); strings.Contains(body, "<script") || wellFormed(body) != nil {
		t.Error("a name is markup")
	}
	if n := pages(written(t, s, "en", paper)); n != 2 {
		t.Errorf("%d pages", n)
	}
}

var isPage = regexp.MustCompile(`/Type\s*/Page[^s]`)

func pages(pdf string) int { return len(isPage.FindAllString(pdf, -1)) }

// Every sheet on paper is two pages that say the headline numbers.
func TestPaper(t *testing.T) {
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Log("SKIPPED: the text of the pages is not looked at: pdftotext is not here")
	}
	for _, code := range codes {
		m, err := sheet.New(of(t, code))
		if err != nil {
			t.Fatal(err)
		}
		for i, id := range append([]string{""}, m.Regions()...) {
			s, err := m.Sheet(id)
			if err != nil {
				t.Fatal(err)
			}
			if id != "" && len(s.Own) != s.Figures.Centers {
				t.Errorf("%s: %d centers are named, %d counted: %v", s.Name, len(s.Own), s.Figures.Centers, s.Own)
			}
			body := written(t, s, "en", paper)
			if n := pages(body); n != 2 {
				t.Errorf("%s: %d pages", s.Name, n)
			}
			if i <= 1 && body != written(t, s, "en", paper) {
				t.Errorf("%s: two writings differ", s.Name)
			}
			if tool == "" || i > 1 {
				continue
			}
			path := filepath.Join(t.TempDir(), "sheet.pdf")
			if err := os.WriteFile(path, []byte(body), 0o666); err != nil {
				t.Fatal(err)
			}
			text, err := exec.Command(tool, "-layout", path, "-").Output()
			if err != nil {
				t.Fatal(err)
			}
			en, err := words.In("en")
			if err != nil {
				t.Fatal(err)
			}
			flat := strings.Join(strings.Fields(string(text)), " ")
			for _, n := range s.Notes { // nothing is cut
				if first := strings.Join(strings.Fields(n.Text)[:4], " "); !strings.Contains(strings.ToLower(flat), strings.ToLower(first)) {
					t.Errorf("%s: no note %q", s.Name, first)
				}
			}
			want := []string{cmp.Or(en.Country(s.Name), s.Name), en.Decimal(float64(s.Figures.People), 0)}
			if s.Figures.Timed > 0 {
				lost := s.Figures.Treatments[0].Foregone
				digits := 1 // as many for the ends of the interval as for the value
				switch {
				case math.Abs(float64(lost.Value)) < 0.0995:
					digits = 3
				case math.Abs(float64(lost.Value)) < 0.995:
					digits = 2
				case lost.Value >= 99.5:
					digits = 0
				}
				want = append(want, fmt.Sprintf("%.0f min", s.Figures.P90Time.Value), en.Decimal(float64(lost.High), digits))
			}
			for _, w := range want {
				if w = strings.TrimSuffix(w, " min"); !strings.Contains(strings.ReplaceAll(string(text), ",", ""), strings.ReplaceAll(w, ",", "")) {
					t.Errorf("%s: the page does not say %q\n%s", s.Name, w, text)
				}
			}
		}
	}
}

// A sheet says what its travel times rest on.
func TestWhoseEstimate(t *testing.T) {
	for says, settings := range map[string]map[string]string{
		"calibrated on the United States":  {},
		"fitted to free roads of Andorra":  {"country": "AD", "basis": "fitted to journeys"},
		"with speeds that the study gives": {"basis": "with speeds that the study gives"},
	} {
		r := *of(t, "FR")
		r.Manifest.Engine.Settings = settings
		body := written(t, sheetOf(t, &r, ""), "en", page)
		_, method, _ := strings.Cut(body, "Travel times are estimated from straight-line distance")
		if line, _, _ := strings.Cut(method, "</li>"); !strings.Contains(line, says) {
			t.Errorf("%v: %s", settings, line)
		}
	}
}

func TestGoldens(t *testing.T) {
	r := of(t, "FR")
	for name, region := range map[string]string{"fr": "", "fr-84": "FR-84", "fr-04": "FR-04"} {
		s := sheetOf(t, r, region)
		s.Subject, s.CountryName = sheet.CarT, "France"
		golden(t, name+".html", written(t, s, map[string]string{"fr-84": "de"}[name], page))
		b, err := json.MarshalIndent(s, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".json", string(b)+"\n")
	}
}

// paid is what the atlas knows of reimbursement in a country.
func paid(t *testing.T, code string) []access.Reimbursement {
	t.Helper()
	l, err := embedded.Layer(t.Context(), "indications")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := access.Reimbursements(l, code)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// The sheet of a country says which indications are known to be reimbursed, that the rest
// is not known, and still is two pages; that of a region says nothing of it.
func TestSheetsSayWhatIsReimbursed(t *testing.T) {
	for _, code := range codes {
		s, rows := sheetOf(t, of(t, code), ""), paid(t, code)
		s.Subject, s.CountryName = sheet.CarT, code
		s.Pays(rows)
		for _, lang := range words.Known() {
			say, err := words.In(lang)
			if err != nil {
				t.Fatal(err)
			}
			line := sheet.PaidLine(say, access.PaidBy(rows))
			if !strings.Contains(html.UnescapeString(written(t, s, lang, page)), line) {
				t.Errorf("%s in %s does not say %q", code, lang, line)
			}
			if (len(rows) == 0) != (line == say.Say("paid.none")) || len(rows) > 0 && !strings.HasSuffix(line, say.Say("paid.rest")) {
				t.Errorf("%s in %s has %d rows and says %q", code, lang, len(rows), line)
			}
			if n := pages(written(t, s, lang, paper)); n != 2 {
				t.Errorf("%s in %s: %d pages", code, lang, n)
			}
		}
	}
	region := sheetOf(t, of(t, "IT"), "IT-16")
	region.Pays(paid(t, "IT"))
	if region.Paid != nil {
		t.Error("a region has what is said of its country")
	}
}

// Who publishes a sheet gives it a title, a picture, whom to ask and an address, which
// also stands as a code; on A4 and on Letter.
func TestPublisher(t *testing.T) {
	var logo bytes.Buffer
	if err := png.Encode(&logo, image.NewNRGBA(image.Rect(0, 0, 30, 10))); err != nil {
		t.Fatal(err)
	}
	picture, err := canvas.ReadPicture(logo.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	s := sheetOf(t, of(t, "IT"), "IT-16")
	s.Publisher = sheet.Publisher{Title: "Lymphoma days", By: "A society", Contact: "ask@example.org", Date: "1 March 2027", Address: "https://example.org/puglia", Logo: picture}
	raw := written(t, s, "en", page)
	body := html.UnescapeString(raw)
	for _, want := range []string{"Lymphoma days · ", "Published by A society · 1 March 2027 · Contact: ask@example.org · https://example.org/puglia", `<title>https://example.org/puglia</title>`,
		`href="data:image/png;base64,`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if err := wellFormed(raw); err != nil {
		t.Error(err)
	}
	l, err := words.In("en")
	if err != nil {
		t.Fatal(err)
	}
	for paper, box := range map[sheet.Paper]string{sheet.A4: "/MediaBox[0 0 595.2756 841.8898]", sheet.Letter: "/MediaBox[0 0 612 792]"} {
		var b bytes.Buffer
		if err := sheet.PDF(&b, s, l, paper); err != nil {
			t.Fatal(err)
		}
		if pages(b.String()) != 2 || strings.Count(b.String(), box) != 2 || !strings.Contains(b.String(), "/Subtype/Image") || !strings.Contains(b.String(), "/URI(https://example.org/puglia)") {
			t.Errorf("%s: %d pages, %d of %s", paper, pages(b.String()), strings.Count(b.String(), box), box)
		}
	}
}

package sheet

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"careshed/access/study"
	"careshed/api/canvas"
)

// Publisher is who gives a sheet out, and whom to ask.
type Publisher struct {
	Title   string `json:"title,omitempty" doc:"above the name of the region"`
	By      string `json:"by,omitempty"`
	Contact string `json:"contact,omitempty"`
	Date    string `json:"date,omitempty"`
	Address string `json:"address,omitempty" doc:"of the sheet on the web"`

	Logo *canvas.Picture `json:"-"`
}

// publisher is that of a study, the zero value if it names none.
func publisher(r *study.Result) Publisher {
	if r.Spec.Present == nil || r.Spec.Present.Report == nil {
		return Publisher{}
	}
	p := r.Spec.Present.Report
	return Publisher{Title: p.Title, By: p.Publisher(), Contact: p.Contact, Date: p.Date, Address: p.Address}
}

// dataVersion is the beginning of a hash over all inputs of a result: two sheets that
// show the same were made of the same data.
func dataVersion(m *study.Manifest) string {
	sum := sha256.New()
	for _, i := range m.Inputs {
		for _, f := range i.Files {
			sum.Write([]byte(i.Layer + " " + f.SHA256 + "\n"))
		}
	}
	return hex.EncodeToString(sum.Sum(nil))[:8]
}

// asOf is the date of the youngest source of a center.
func asOf(m *study.Manifest) string {
	for _, i := range m.Inputs {
		if i.Layer == "centers" {
			return i.AsOf
		}
	}
	return ""
}

// made says what made a sheet, and of which data.
func (w writer) made() string {
	s := w.s
	parts := []string{w.Say("sheet.made", "version", s.Version, "study", s.Study), w.Say("sheet.data", "sum", s.DataVersion)}
	if s.AsOf != "" {
		parts = append(parts, w.Say("sheet.asof", "date", s.AsOf))
	}
	return strings.Join(parts, " · ")
}

// published says who gives a sheet out.
func (w writer) published() string {
	var parts []string
	if p := w.s.Publisher; p.By != "" {
		parts = append(parts, w.Say("sheet.publisher", "by", p.By))
	}
	if p := w.s.Publisher; p.Date != "" {
		parts = append(parts, p.Date)
	}
	if p := w.s.Publisher; p.Contact != "" {
		parts = append(parts, w.Say("sheet.contact", "contact", p.Contact))
	}
	if p := w.s.Publisher; p.Address != "" {
		parts = append(parts, p.Address)
	}
	return strings.Join(parts, " · ")
}

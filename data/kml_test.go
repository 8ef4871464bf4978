package data

import (
	"cmp"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"careshed/geo"
)

// GDAL reads our KML with the types of its fields.
func TestGDALReadsKML(t *testing.T) {
	for name, l := range trying(t) {
		if l.IsTable() || l.Len() == 0 || name == "texts" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			text := written(t, l, KML)
			d := xml.NewDecoder(strings.NewReader(text))
			for {
				if _, err := d.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatal(err)
				}
			}
			path := save(t, "a.kml", text)
			k := keep(l)
			fields := map[string]string{}
			for i, f := range l.Fields() {
				if c, _ := l.Column(f.Name); c.Type != geo.Text { // an empty text is none for GDAL
					fields[f.Name] = k.Fields[i].Column
				}
			}
			delete(fields, "pop")   // GDAL's KML has no 64-bit numbers
			delete(fields, "SHARE") // and cuts 5e-324
			title := cmp.Or(l.Title, l.Name)
			sameShapes(t, l, asGDAL(t, path, title, "-dim", "XY"), fields)
		})
	}
}

func TestHTML(t *testing.T) {
	l, err := geo.NewTable(geo.About{Name: "t", Title: "<b>Bands</b>", Licence: "CC & BY"}, []string{"a<"},
		geo.Integers(geo.Field{Name: "n", Title: "People", Unit: "10³"}, []float64{5}),
		geo.Labels(geo.Field{Name: `<script>`}, []string{`"><script>alert(1)</script>`}))
	if err != nil {
		t.Fatal(err)
	}
	got := written(t, l, HTML)
	for _, want := range []string{
		`<html lang="en">`, `<caption id="caption">&lt;b&gt;Bands&lt;/b&gt;: 1 row</caption>`, `<th scope="col" class="n">People (10³)</th>`,
		`<th scope="col">&lt;script&gt;</th>`, `<th scope="row">a&lt;</th><td class="n">5</td><td>&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;</td>`, `<p>CC &amp; BY</p>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if strings.Contains(got, "<script") {
		t.Error("a script")
	}
	if got := written(t, places(t), HTML); !strings.Contains(got, `longitude (°)</th>`) || !strings.Contains(got, `<td class="n">8.5</td><td class="n">47.4</td>`) {
		t.Errorf("no coordinates in\n%s", got)
	}
}

package data

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"

	"careshed/geo"
)

// Style is how a layer of a GeoPackage looks in QGIS: a column by classes.
type Style struct {
	Column  string
	Title   string
	Breaks  []float64 // class i holds values from Breaks[i-1] to under Breaks[i]
	Colours []string  // #rrggbb, one more than there are breaks
	Percent bool      // values are shares, shown as percent
}

// missingColour is that of rows without a value.
const missingColour = "#d9d9d9"

// gpkgStyles is the table in which QGIS looks for styles.
const gpkgStyles = `CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  f_table_catalog TEXT(256),
  f_table_schema TEXT(256),
  f_table_name TEXT(256),
  f_geometry_column TEXT(256),
  styleName TEXT(30),
  styleQML TEXT,
  styleSLD TEXT,
  useAsDefault BOOLEAN,
  description TEXT,
  owner TEXT(30),
  ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
)`

// style enters how a table looks.
func (g *gpkgWriter) style(s Style, l *geo.Layer, table string, k kept, kind string) {
	column := ""
	for i, c := range l.Columns() {
		if c.Name == s.Column {
			column = k.Fields[i].Column
		}
	}
	if column == "" || len(s.Colours) != len(s.Breaks)+1 {
		return
	}
	if !g.styled {
		g.styled = true
		g.exec(gpkgStyles)
		g.exec("INSERT INTO gpkg_contents VALUES ('layer_styles', 'attributes', 'layer_styles', '', '" + gpkgTime + "', NULL, NULL, NULL, NULL, NULL)")
	}
	g.exec("INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner, ui, update_time) VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '', NULL, '"+gpkgTime+"')",
		table, gpkgGeometry, shortenTo(s.Column, 27), s.qml(column, kind), s.Title)
}

// qml is a style in the words of QGIS 3: a rule for each class, for its ranges
// hold both their ends and ours do not.
func (s Style) qml(column, kind string) string {
	symbol, class := "fill", "SimpleFill"
	switch {
	case strings.Contains(kind, "POINT"):
		symbol, class = "marker", "SimpleMarker"
	case strings.Contains(kind, "LINE"):
		symbol, class = "line", "SimpleLine"
	}
	field := `"` + strings.ReplaceAll(column, `"`, `""`) + `"`
	var rules, symbols strings.Builder
	add := func(n int, filter, label, colour string) {
		fmt.Fprintf(&rules, "   <rule key=\"{class-%d}\" symbol=\"%d\" filter=\"%s\" label=\"%s\"/>\n", n, n, escaped(filter), escaped(label))
		fmt.Fprintf(&symbols, "   <symbol name=\"%d\" type=\"%s\" alpha=\"1\" clip_to_extent=\"1\" force_rhr=\"0\">\n    <layer class=\"%s\" enabled=\"1\" locked=\"0\" pass=\"0\">\n     <Option type=\"Map\">\n", n, symbol, class)
		var older strings.Builder // as QGIS before 3.22 reads it
		option := func(name, value string) {
			fmt.Fprintf(&symbols, "      <Option name=\"%s\" type=\"QString\" value=\"%s\"/>\n", name, value)
			fmt.Fprintf(&older, "     <prop k=\"%s\" v=\"%s\"/>\n", name, value)
		}
		switch symbol {
		case "line":
			option("line_color", rgba(colour))
			option("line_width", "0.6")
		case "marker":
			option("name", "circle")
			option("size", "2")
			option("color", rgba(colour))
			option("outline_color", rgba("#555555"))
			option("outline_width", "0.1")
		default:
			option("style", "solid")
			option("color", rgba(colour))
			option("outline_color", rgba("#808080"))
			option("outline_width", "0.1")
		}
		symbols.WriteString("     </Option>\n" + older.String() + "    </layer>\n   </symbol>\n")
	}
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	shown := func(v float64) string {
		if s.Percent {
			return strconv.FormatFloat(100*v, 'g', 6, 64) + " %"
		}
		return strconv.FormatFloat(v, 'g', 6, 64)
	}
	last := len(s.Breaks)
	for i, colour := range s.Colours {
		switch {
		case last == 0:
			add(i, field+" IS NOT NULL", s.Title, colour)
		case i == 0:
			add(i, field+" < "+number(s.Breaks[0]), "under "+shown(s.Breaks[0]), colour)
		case i == last:
			add(i, field+" >= "+number(s.Breaks[i-1]), shown(s.Breaks[i-1])+" and more", colour)
		default:
			add(i, field+" >= "+number(s.Breaks[i-1])+" AND "+field+" < "+number(s.Breaks[i]), shown(s.Breaks[i-1])+" to under "+shown(s.Breaks[i]), colour)
		}
	}
	add(len(s.Colours), field+" IS NULL", "no value", missingColour)
	return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n<qgis version=\"3.22.0\" styleCategories=\"Symbology\">\n" +
		" <renderer-v2 type=\"RuleRenderer\" symbollevels=\"0\" enableorderby=\"0\" forceraster=\"0\">\n  <rules key=\"{classes}\">\n" + rules.String() +
		"  </rules>\n  <symbols>\n" + symbols.String() + "  </symbols>\n </renderer-v2>\n <blendMode>0</blendMode>\n</qgis>\n"
}

func escaped(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		return "" // a builder takes all
	}
	return b.String()
}

// rgba is a colour #rrggbb as QGIS writes it.
func rgba(colour string) string {
	v, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	if err != nil || len(colour) != 7 {
		v = 0xd9d9d9
	}
	return fmt.Sprintf("%d,%d,%d,255", v>>16&255, v>>8&255, v&255)
}

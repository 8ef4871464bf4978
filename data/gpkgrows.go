package data

import (
	"database/sql"
	"slices"
	"strings"
	"unicode/utf8"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// titles are those of the columns of a table, none without the extension for schemas.
func (g *gpkg) titles(table string) map[string]string {
	titles := map[string]string{}
	if !g.has("gpkg_data_columns") {
		return titles
	}
	rows, err := g.conn.QueryContext(g.ctx, "SELECT column_name, title FROM gpkg_data_columns WHERE table_name = ? LIMIT "+mostTables, table)
	if err != nil {
		return titles
	}
	defer rows.Close()
	for rows.Next() {
		var name, title sql.NullString
		if rows.Scan(&name, &title) == nil {
			titles[name.String] = title.String
		}
	}
	return titles
}

// columns are the columns to read, in the order of the table. Blobs are left out.
func (g *gpkg) columns(t *table, from gpkgTable) ([]typedColumn, error) {
	titles := g.titles(from.name)
	rows, err := g.conn.QueryContext(g.ctx, "SELECT name, type, pk FROM pragma_table_info(?)", from.name)
	if err != nil {
		return nil, g.fault(err)
	}
	defer rows.Close()
	var columns []typedColumn
	for rows.Next() {
		var name, declared string
		var key int
		if err := rows.Scan(&name, &declared, &key); err != nil {
			return nil, g.fault(err)
		}
		if !utf8.ValidString(name) {
			return nil, &InputError{File: t.name, Field: name, Problem: "is a name that is not UTF-8", Accept: "names in UTF-8"}
		}
		c := typedColumn{name: name}
		known := false
		c.declared, known = sqlType(declared)
		c.any = !known
		switch {
		case strings.EqualFold(name, from.geometry):
			c.role = aShape
		case key == 1 && strings.EqualFold(declared, "INTEGER"):
			c.role = aKey
		case strings.Contains(strings.ToUpper(declared), "BLOB"):
			t.note("The column " + plain(name) + " holds bytes and was left out.")
			continue
		default:
			if c.to, err = t.typed(name); err != nil {
				return nil, err
			}
			if c.to == nil {
				c.role = anID
				break
			}
			if !c.any {
				c.to.declare(c.declared)
			}
			if c.to.field.Title == "" {
				c.to.field.Title = titles[name]
			}
		}
		columns = append(columns, c)
	}
	if err := rows.Err(); err != nil {
		return nil, g.fault(err)
	}
	return columns, t.typedID(columns)
}

// sqlType is our type of a column by its declaration: the types of GeoPackage,
// then the affinities of SQLite. Other declarations say nothing.
func sqlType(declared string) (geo.Type, bool) {
	d := strings.ToUpper(declared)
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(d, w) })
	}
	switch {
	case has("BOOL"):
		return geo.Bool, true
	case has("INT"):
		return geo.Integer, true
	case has("CHAR", "CLOB", "TEXT", "DATE", "TIME"):
		return geo.Text, true
	case has("REAL", "FLOA", "DOUB"):
		return geo.Number, true
	}
	return 0, false
}

// rows reads the rows of a table.
func (g *gpkg) rows(t *table, from gpkgTable, columns []typedColumn) error {
	if len(columns) == 0 {
		return &InputError{File: t.name, Field: "table", Value: from.name, Problem: "without columns that are read", Accept: acceptGPKG}
	}
	names := make([]string, len(columns))
	values := make([]any, len(columns))
	into := make([]any, len(columns))
	for i, c := range columns {
		names[i] = sqlName(c.name)
		if c.declared == geo.Text { // keep the driver from making times of dates
			names[i] = "+" + names[i]
		}
		into[i] = &values[i]
	}
	rows, err := g.conn.QueryContext(g.ctx, "SELECT "+strings.Join(names, ", ")+" FROM "+sqlName(from.name))
	if err != nil {
		return g.fault(err)
	}
	defer rows.Close()
	for rows.Next() {
		if t.rows == t.lim.Features {
			return t.endRow() // which refuses it
		}
		if err := rows.Scan(into...); err != nil {
			return g.fault(err)
		}
		if err := t.typedRow(columns, values, t.gpkgShape); err != nil {
			return err
		}
	}
	return g.fault(rows.Err())
}

// gpkgShape reads a geometry with its header (clause 2.1.3).
func (t *table) gpkgShape(value any) (g orb.Geometry, err error) {
	if value == nil {
		return nil, nil
	}
	b, ok := value.([]byte)
	if !ok || len(b) < 8 || b[0] != 'G' || b[1] != 'P' {
		return nil, t.fault("geometry", "", "is not the geometry of a GeoPackage", "bytes that begin with GP")
	}
	flags := b[3]
	envelope := map[byte]int{0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
	size, known := envelope[flags>>1&7]
	if flags&0x20 != 0 || !known || len(b) < 8+size {
		return nil, t.fault("geometry", "", "has a header that is damaged or of an extended kind", "the standard geometry of a GeoPackage")
	}
	g, _, err = t.binaryShape(b[8+size:]) // the system is that of the table
	return g, err
}

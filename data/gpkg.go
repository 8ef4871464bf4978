package data

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"modernc.org/sqlite"
	"modernc.org/sqlite/vfs"
)

// Table is what a file of several tables holds of one.
type Table struct {
	Name     string
	Title    string
	Geometry string // the kind of geometry in upper case, "" for a table without
	Rows     int
}

// Tables lists the tables of a GeoPackage, in the order of their names. The
// errors are as with [Read].
func Tables(ctx context.Context, r io.Reader, name string, lim Limits) ([]Table, error) {
	g, err := openGPKG(ctx, r, name, lim.withDefaults())
	if err != nil {
		return nil, err
	}
	defer g.close()
	tables, err := g.tables()
	if err != nil {
		return nil, err
	}
	out := make([]Table, len(tables))
	for i, t := range tables {
		out[i] = Table{Name: t.name, Title: t.title, Geometry: strings.ToUpper(t.kind)}
		row := g.conn.QueryRowContext(ctx, "SELECT count(*) FROM "+sqlName(t.name))
		if err := row.Scan(&out[i].Rows); err != nil {
			return nil, g.fault(err)
		}
	}
	return out, nil
}

// gpkg is an open GeoPackage.
type gpkg struct {
	ctx   context.Context
	name  string
	files *vfs.FS
	db    *sql.DB
	conn  *sql.Conn
	// styles are the tables of QGIS that are no data.
	styles []string
	// real are the tables of the file, in lower case: what is neither a view nor virtual,
	// and so computes nothing as it is read.
	real map[string]bool
}

const acceptGPKG = "a GeoPackage (OGC 12-128r18) with a table of features or attributes"

// openGPKG opens a file for reading only, with nothing of its schema trusted.
func openGPKG(ctx context.Context, r io.Reader, name string, lim Limits) (*gpkg, error) {
	file, err := at(ctx, r, name, lim.Bytes)
	if err != nil {
		return nil, err
	}
	var head [100]byte
	if _, err := file.ReadAt(head[:], 0); err != nil || !strings.HasPrefix(string(head[:]), "SQLite format 3\x00") {
		return nil, &InputError{File: name, Problem: "is not an SQLite database", Accept: acceptGPKG}
	}
	g := &gpkg{ctx: ctx, name: name}
	system, files, err := vfs.New(file.file("gpkg"))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	g.files = files
	g.db, err = sql.Open("sqlite", "file:gpkg?mode=ro&immutable=1&vfs="+system+
		"&_pragma=trusted_schema(0)&_pragma=cell_size_check(1)&_pragma=query_only(1)&_pragma=temp_store(2)&_pragma=cache_size(-16384)")
	if err != nil {
		g.close()
		return nil, g.fault(err)
	}
	if g.conn, err = g.db.Conn(ctx); err != nil {
		g.close()
		return nil, g.fault(err)
	}
	const lengthLimit = 0 // SQLITE_LIMIT_LENGTH: bytes of one text, blob or row
	if _, err := sqlite.Limit(g.conn, lengthLimit, int(min(file.size+1000, 1<<30))); err != nil {
		g.close()
		return nil, g.fault(err)
	}
	return g, nil
}

func (g *gpkg) close() {
	if g.conn != nil {
		g.conn.Close()
	}
	if g.db != nil {
		g.db.Close()
	}
	g.files.Close()
}

// fault turns an error of the database into one for the user; none stays none.
func (g *gpkg) fault(err error) error {
	var known *InputError
	if err == nil {
		return nil
	}
	if errors.As(err, &known) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if g.ctx.Err() != nil {
		return g.ctx.Err()
	}
	return &InputError{File: g.name, Problem: "damaged or not a GeoPackage: " + plainWords(err), Accept: acceptGPKG, Err: err}
}

// oneLine is a message of a library on one line, and valid.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(shortenTo(s, 200), "\ufffd")), " ")
}

// plainWords is the message of a library on one line, or less where it speaks of
// the insides of a program.
func plainWords(err error) string {
	text := oneLine(err.Error())
	for _, word := range innards {
		if strings.Contains(text, word) {
			return "the bytes make no sense"
		}
	}
	return text
}

// innards are words of Go and of its libraries that say nothing to people.
var innards = []string{"unmarshal", "Go struct", "Go value", "json:", "thrift", "interface", "reflect", "runtime error", "uint", "int32", "int64", "float64", "[]", "nil", "parquet.", "geom.", "sql:", "strconv", "struct", "0x"}

// gpkgTable is a table that gpkg_contents lists.
type gpkgTable struct {
	name, title, description string
	geometry, kind           string // the column and its kind; "" for attributes
	srs                      int
}

// mostTables is how many tables of a file, or rows of a list of them, are looked at.
const mostTables = "10000"

// has reports whether the file has a table of a name. SQLite itself holds what the
// schema says of a name and a kind against its text.
func (g *gpkg) has(name string) bool { return g.real[strings.ToLower(name)] }

// survey finds the tables.
func (g *gpkg) survey() error {
	names, err := g.names("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%' LIMIT " + mostTables)
	g.real = map[string]bool{}
	for _, name := range names {
		g.real[strings.ToLower(name)] = true
	}
	return err
}

// tables are the tables of features and attributes by name.
func (g *gpkg) tables() ([]gpkgTable, error) {
	if err := g.survey(); err != nil {
		return nil, err
	}
	if !g.has("gpkg_contents") {
		return nil, &InputError{File: g.name, Problem: "has no table gpkg_contents: an SQLite database, but no GeoPackage", Accept: acceptGPKG}
	}
	query := "SELECT c.table_name, c.identifier, c.description, NULL, NULL, NULL FROM gpkg_contents c WHERE c.data_type IN ('features', 'attributes', 'aspatial') ORDER BY c.table_name"
	if g.has("gpkg_geometry_columns") {
		query = `SELECT c.table_name, c.identifier, c.description, g.column_name, g.geometry_type_name, g.srs_id
			FROM (SELECT * FROM gpkg_contents LIMIT ` + mostTables + `) c LEFT JOIN (SELECT * FROM gpkg_geometry_columns LIMIT ` + mostTables + `) g ON g.table_name = c.table_name COLLATE NOCASE
			WHERE c.data_type IN ('features', 'attributes', 'aspatial') ORDER BY c.table_name`
	}
	rows, err := g.conn.QueryContext(g.ctx, query+" LIMIT "+mostTables)
	if err != nil {
		return nil, g.fault(err)
	}
	defer rows.Close()
	var tables []gpkgTable
	for rows.Next() {
		var name, title, description, column, kind sql.NullString
		var srs sql.NullInt64
		if err := rows.Scan(&name, &title, &description, &column, &kind, &srs); err != nil {
			return nil, g.fault(err)
		}
		if styleTable(name.String) {
			g.styles = append(g.styles, name.String)
			continue
		}
		tables = append(tables, gpkgTable{name.String, title.String, description.String, column.String, kind.String, int(srs.Int64)})
	}
	return tables, g.fault(rows.Err())
}

// styleTable reports whether a table is one of QGIS's own, with styles or
// projects: never data.
func styleTable(name string) bool {
	name = strings.ToLower(name)
	return name == "layer_styles" || strings.HasPrefix(name, "qgis_")
}

// names are the first column of what a query gives.
func (g *gpkg) names(query string, args ...any) ([]string, error) {
	rows, err := g.conn.QueryContext(g.ctx, query, args...)
	if err != nil {
		return nil, g.fault(err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name sql.NullString
		if err := rows.Scan(&name); err != nil {
			return nil, g.fault(err)
		}
		names = append(names, name.String)
	}
	return names, g.fault(rows.Err())
}

// pick is the table that the source names, or the only one, or the only one with
// shapes.
func (g *gpkg) pick(t *table) (gpkgTable, error) {
	s := t.source
	tables, err := g.tables()
	if err != nil {
		return gpkgTable{}, err
	}
	var names []string
	for _, t := range tables {
		names = append(names, t.name)
	}
	if i := slices.Index(names, s.Table); i >= 0 {
		t.offers(names)
		return tables[i], nil
	}
	switch {
	case s.Table != "":
		return gpkgTable{}, &InputError{File: g.name, Field: "table", Value: s.Table,
			Problem: "not there" + meant(s.Table, names), Accept: list(names), Tables: names}
	case len(tables) == 0:
		return gpkgTable{}, &InputError{File: g.name, Problem: "has no table of features or attributes", Accept: acceptGPKG}
	case len(tables) > 1:
		var shaped []gpkgTable
		for _, t := range tables {
			if t.geometry != "" {
				shaped = append(shaped, t)
			}
		}
		if len(shaped) == 1 {
			names = slices.DeleteFunc(names, func(n string) bool { return n == shaped[0].name })
			t.offers(append([]string{shaped[0].name}, names...))
			t.note("Of several tables the one with shapes was read, " + plain(shaped[0].name) + "; not read: " + list(append(names, g.styles...)) + ".")
			return shaped[0], nil
		}
		return gpkgTable{}, &InputError{File: g.name, Problem: fmt.Sprintf("has %d tables", len(tables)),
			Accept: "the name of one of them as table: " + list(names), Tables: names}
	}
	if len(g.styles) > 0 {
		t.note("Tables of QGIS that are no data were not read: " + list(g.styles) + ".")
	}
	return tables[0], nil
}

// readGPKG reads one table of a GeoPackage.
func readGPKG(ctx context.Context, r io.Reader, t *table) error {
	g, err := openGPKG(ctx, r, t.name, t.lim)
	if err != nil {
		return err
	}
	defer g.close()
	from, err := g.pick(t)
	if err != nil {
		return err
	}
	kind, err := g.names("SELECT type FROM sqlite_master WHERE name = ? COLLATE NOCASE AND type IN ('table', 'view') AND sql NOT LIKE 'CREATE VIRTUAL%'", from.name)
	if err != nil {
		return err
	}
	if len(kind) != 1 || kind[0] == "table" && !g.has(from.name) {
		return &InputError{File: t.name, Field: "table", Value: from.name, Problem: "not a table or view of the file, or a virtual one",
			Accept: "a table or view; GDAL makes a table: ogr2ogr out.gpkg in.gpkg NAME"}
	}
	if kind[0] == "view" && t.lim.Tables {
		return &InputError{File: t.name, Field: "table", Value: from.name, Problem: "a view, which is not read here: it may compute without end",
			Accept: "a table; GDAL makes one of a view: ogr2ogr out.gpkg in.gpkg VIEW"}
	}
	if kind[0] == "view" {
		text, err := g.names("SELECT sql FROM sqlite_master WHERE name = ? COLLATE NOCASE", from.name)
		if err != nil {
			return err
		}
		if strings.Contains(strings.ToUpper(strings.Join(text, " ")), "RECURSIVE") { // it may never end
			return &InputError{File: t.name, Field: "table", Value: from.name, Problem: "a view that is recursive",
				Accept: "a table; GDAL makes one of a view: ogr2ogr out.gpkg in.gpkg VIEW"}
		}
		t.note("The table " + plain(from.name) + " is a view, which has no key: the order of its rows is that in which they came.")
	}
	if t.about.Title == "" && from.title != from.name {
		t.about.Title = from.title
	}
	if t.about.Description == "" {
		t.about.Description = from.description
	}
	g.recall(t, from)
	columns, err := g.columns(t, from)
	if err != nil {
		return err
	}
	if from.geometry != "" && t.source.Geometry != "none" && t.source.Lon == "" {
		if err := g.system(t, from); err != nil {
			return err
		}
		t.flat = false
	} else {
		t.flat = true
	}
	return g.rows(t, from, columns)
}

// system looks up the system of the coordinates. Its definition decides; the
// code does where the definition says nothing.
func (g *gpkg) system(t *table, from gpkgTable) error {
	if !g.has("gpkg_spatial_ref_sys") {
		return &InputError{File: t.name, Problem: "has no table gpkg_spatial_ref_sys", Accept: acceptGPKG}
	}
	row := g.conn.QueryRowContext(g.ctx, "SELECT srs_name, organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?", from.srs)
	var name, organization, definition sql.NullString
	var code sql.NullInt64
	if err := row.Scan(&name, &organization, &code, &definition); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return g.fault(err)
	}
	if d := strings.TrimSpace(definition.String); d == "" || strings.EqualFold(d, "undefined") { // the extension for well-known text 2
		if later, err := g.names("SELECT definition_12_063 FROM gpkg_spatial_ref_sys WHERE srs_id = ?", from.srs); err == nil && len(later) == 1 {
			definition.String = later[0]
		}
	}
	if from.srs == 0 || from.srs == -1 {
		return t.undeclared(fmt.Sprintf("The reference system of the GeoPackage's table is undefined (srs_id %d)", from.srs))
	}
	coded := &system{code: fmt.Sprintf("%s:%d", organization.String, code.Int64), name: name.String, problem: "is not known"}
	if strings.EqualFold(organization.String, "OGC") && strings.HasSuffix(strings.ToUpper(name.String), "CRS84") {
		coded = wgs84Degrees("OGC:CRS84", false)
	} else if organization.String != "" && code.Int64 > 0 {
		coded = systemOfCode(organization.String, strconv.FormatInt(code.Int64, 10))
	}
	if text := strings.TrimSpace(definition.String); text != "" && !strings.EqualFold(text, "undefined") {
		defined := systemOfText(text)
		switch {
		case defined.problem == "" && coded.problem == "" && !defined.same(coded):
			return &InputError{File: t.name, Field: "srs", Value: coded.title(), Problem: "another system than its definition, " + plain(defined.title()), Accept: "a code and a definition of one system"}
		case defined.problem == "" && coded.problem != "":
			coded = defined
		case defined.problem != "" && coded.problem != "" && defined.name != "":
			defined.code = coded.code
			coded = defined
		}
	}
	return t.declared("srs", coded)
}

// recall takes what the extensions for metadata and schema say of a table.
func (g *gpkg) recall(t *table, from gpkgTable) {
	if !g.has("gpkg_metadata") || !g.has("gpkg_metadata_reference") {
		return
	}
	records, err := g.names(`SELECT m.metadata FROM gpkg_metadata m JOIN gpkg_metadata_reference r ON r.md_file_id = m.id
		WHERE m.md_standard_uri = ? AND r.table_name = ? AND length(m.metadata) <= ? LIMIT 1`, gpkgKept, from.name, 16*t.lim.Text)
	if err == nil && len(records) == 1 { // the extension is no duty
		t.recall(records[0])
	}
}

package data

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"

	"careshed/geo"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/paulmach/orb"
)

// The name under which a table of a database stands in messages and manifests:
// never its address, which may hold credentials.
func (s Source) databaseName() string { return "postgis:" + s.Table }

const acceptDatabase = "the name of an environment variable that holds postgres://user:password@host/database, or such an address without a password"

// databaseURL is the address of the database. A password stands in the
// environment only, so that no spec, manifest or message can repeat it.
func (s Source) databaseURL() (string, error) {
	fault := func(problem string) error {
		return &InputError{File: s.databaseName(), Field: "postgis", Problem: problem, Accept: acceptDatabase}
	}
	if !strings.Contains(s.PostGIS, "://") {
		if strings.ContainsAny(s.PostGIS, "= ") {
			return "", fault("is neither of what is accepted")
		}
		address, ok := os.LookupEnv(s.PostGIS)
		if !ok || address == "" {
			return "", fault("names the environment variable " + plain(s.PostGIS) + ", which is not set")
		}
		return address, nil
	}
	u, err := url.Parse(s.PostGIS)
	if err != nil {
		return "", fault("is not an address")
	}
	if _, secret := u.User.Password(); secret || u.Query().Has("password") || u.Query().Has("sslpassword") {
		return "", fault("holds a password")
	}
	return s.PostGIS, nil
}

// database reads a table or view of a PostgreSQL database with or without
// PostGIS, in one read-only transaction.
func database(ctx context.Context, s Source, lim Limits) (*geo.Layer, File, error) {
	name := s.databaseName()
	if s.Table == "" {
		return nil, File{}, &InputError{File: "postgis", Field: "table", Problem: "is missing", Accept: "schema.table"}
	}
	if s.Join != nil {
		return nil, File{}, &InputError{File: name, Field: "join", Problem: "cannot be carried out on a database", Accept: "a source without join; a view joins better"}
	}
	address, err := s.databaseURL()
	if err != nil {
		return nil, File{}, err
	}
	p := &postgis{ctx: ctx, name: name, sum: sha256.New()}
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, File{}, &InputError{File: name, Field: "postgis", Problem: "is not the address of a database", Accept: acceptDatabase}
	}
	config.RuntimeParams["default_transaction_read_only"] = "on"
	config.RuntimeParams["application_name"] = "careshed"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, File{}, p.fault("cannot connect", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, File{}, p.fault("cannot begin to read", err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	p.tx = tx
	t := newTable(name, s, lim.withDefaults())
	t.about.Source = name
	if err := t.settle(); err != nil {
		return nil, File{}, err
	}
	if err := p.read(t); err != nil {
		return nil, File{}, err
	}
	l, err := t.layer()
	return l, File{Name: name, SHA256: hex.EncodeToString(p.sum.Sum(nil)), Bytes: p.bytes}, err
}

// postgis reads one table.
type postgis struct {
	ctx   context.Context
	name  string
	tx    pgx.Tx
	sum   hash.Hash // of the values as they come
	bytes int64
}

// fault turns an error of the database into one for the user, without the
// address of the database.
func (p *postgis) fault(what string, err error) error {
	var known *InputError
	var server *pgconn.PgError
	var wire *net.OpError
	if p.ctx.Err() != nil {
		return p.ctx.Err()
	}
	problem := what
	switch {
	case errors.As(err, &known):
		return err
	case errors.As(err, &server):
		problem += ": " + oneLine(server.Message)
	case errors.As(err, &wire):
		problem += ": " + oneLine(wire.Err.Error())
	}
	return &InputError{File: p.name, Problem: problem}
}

func (p *postgis) read(t *table) error {
	schema, table, two := strings.Cut(t.source.Table, ".")
	full := pgx.Identifier{schema, table}.Sanitize()
	if !two {
		full = pgx.Identifier{schema}.Sanitize()
	}
	columns, selected, err := p.columns(t, full)
	if err != nil {
		return err
	}
	key, err := p.key(full)
	if err != nil {
		return err
	}
	if err := p.systems(t, full); err != nil {
		return err
	}
	if len(key) == 1 {
		_, hasID := t.byName["id"]
		if _, ok := t.byName[key[0]]; ok && t.idFrom == idUnknown && !hasID {
			t.idFrom, t.idName = idField, key[0]
		}
	}
	if err := t.typedID(columns); err != nil {
		return err
	}
	query := "SELECT " + strings.Join(selected, ", ") + " FROM " + full
	if len(key) == 0 {
		t.note("The table or view has no primary key: the order of its rows is that in which they came.")
	} else {
		for i, k := range key {
			key[i] = pgx.Identifier{k}.Sanitize()
		}
		query += " ORDER BY " + strings.Join(key, ", ")
	}
	rows, err := p.tx.Query(p.ctx, query)
	if err != nil {
		return p.fault("cannot be read", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := p.count(t, rows.RawValues()); err != nil {
			return err
		}
		values, err := rows.Values()
		if err != nil {
			return p.fault("cannot be read", err)
		}
		if err := t.typedRow(columns, values, t.ewkbValue); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return p.fault("cannot be read", err)
	}
	return nil
}

// count sums up the values of a row.
func (p *postgis) count(t *table, raw [][]byte) error {
	var length [8]byte
	for _, v := range raw {
		binary.LittleEndian.PutUint64(length[:], uint64(len(v)))
		if v == nil {
			binary.LittleEndian.PutUint64(length[:], 1<<63)
		}
		p.sum.Write(length[:])
		p.sum.Write(v)
		p.bytes += int64(len(v))
	}
	if p.bytes > t.lim.Bytes {
		return &InputError{File: p.name, Problem: fmt.Sprintf("holds more than %d bytes", t.lim.Bytes), Accept: "a smaller table, or a higher limit"}
	}
	return nil
}

// key are the columns of the primary key in their order, none if there is no key.
func (p *postgis) key(full string) ([]string, error) {
	rows, err := p.tx.Query(p.ctx, `SELECT a.attname::text FROM pg_index i
		CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
		JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
		WHERE i.indrelid = to_regclass($1) AND i.indisprimary ORDER BY k.place`, full)
	if err != nil {
		return nil, p.fault("cannot be read", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, p.fault("cannot be read", err)
	}
	return names, nil
}

// systems looks up the systems of the table's shapes that the database itself
// defines, by their number.
func (p *postgis) systems(t *table, full string) error {
	var has bool
	err := p.tx.QueryRow(p.ctx, `SELECT to_regclass('spatial_ref_sys') IS NOT NULL AND to_regclass('geometry_columns') IS NOT NULL`).Scan(&has)
	if err != nil {
		return p.fault("cannot be read", err)
	}
	if !has {
		return nil
	}
	rows, err := p.tx.Query(p.ctx, `SELECT s.srid, coalesce(s.auth_name, ''), coalesce(s.auth_srid, 0), coalesce(s.srtext, '') FROM spatial_ref_sys s
		JOIN geometry_columns g ON g.srid = s.srid WHERE to_regclass(quote_ident(g.f_table_schema) || '.' || quote_ident(g.f_table_name)) = to_regclass($1)`, full)
	if err != nil {
		return p.fault("cannot be read", err)
	}
	type found struct {
		SRID      int
		Authority string
		Code      int
		Text      string
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[found])
	if err != nil {
		return p.fault("cannot be read", err)
	}
	for _, f := range all {
		s := systemOfCode(f.Authority, strconv.Itoa(f.Code))
		if s.problem != "" && f.Text != "" {
			s = systemOfText(f.Text)
		}
		if t.srids == nil {
			t.srids = map[int]*system{}
		}
		t.srids[f.SRID] = s
	}
	return nil
}

// columns are the columns of the table, and how each is selected.
func (p *postgis) columns(t *table, full string) (columns []typedColumn, selected []string, err error) {
	rows, err := p.tx.Query(p.ctx, `SELECT a.attname::text, format_type(b.oid, b.typmod), coalesce(col_description(a.attrelid, a.attnum), '')
		FROM pg_attribute a CROSS JOIN LATERAL (
			WITH RECURSIVE r(oid, typmod) AS (SELECT a.atttypid, a.atttypmod
				UNION ALL SELECT d.typbasetype, d.typtypmod FROM r JOIN pg_type d ON d.oid = r.oid WHERE d.typtype = 'd')
			SELECT r.oid, r.typmod FROM r JOIN pg_type d ON d.oid = r.oid WHERE d.typtype <> 'd') b
		WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`, full)
	if err != nil {
		return nil, nil, p.fault("cannot be read", err)
	}
	type found struct{ Name, Type, Comment string }
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[found])
	if err != nil {
		return nil, nil, p.fault("cannot be read", err)
	}
	if len(all) == 0 {
		return nil, nil, p.missing(t)
	}
	t.flat = true
	for _, f := range all {
		quoted := pgx.Identifier{f.Name}.Sanitize()
		c := typedColumn{name: f.Name, declared: geo.Text}
		kind, modifier, _ := strings.Cut(f.Type, "(")
		switch kind = kind[strings.LastIndexByte(kind, '.')+1:]; kind { // PostGIS may live in another schema
		case "geometry", "geography":
			if t.source.Geometry == "none" || t.source.Lon != "" || !t.flat {
				t.note("The column " + plain(f.Name) + " holds shapes and was left out.")
				continue
			}
			t.flat = false
			c.role = aShape
			columns = append(columns, c)
			selected = append(selected, "ST_AsEWKB("+quoted+"::geometry)")
			continue
		case "bytea":
			t.note("The column " + plain(f.Name) + " holds bytes and was left out.")
			continue
		case "smallint", "integer", "bigint":
			c.declared = geo.Integer
			quoted += "::int8"
		case "real":
			c.declared = geo.Number
			quoted += "::float4"
		case "double precision":
			c.declared = geo.Number
			quoted += "::float8"
		case "numeric": // all its digits; without a scale it may be whole
			c.declared, c.digits = geo.Number, true
			if _, scale, scaled := strings.Cut(strings.TrimSuffix(modifier, ")"), ","); modifier == "" || !scaled || scale == "0" || strings.HasPrefix(scale, "-") {
				c.declared = geo.Integer
			}
			quoted += "::text"
		case "boolean":
			c.declared = geo.Bool
		default:
			quoted += "::text"
		}
		if c.to, err = t.typed(f.Name); err != nil {
			return nil, nil, err
		}
		c.to.declare(c.declared)
		c.to.field.Title = f.Comment
		columns, selected = append(columns, c), append(selected, quoted)
	}
	if len(columns) == 0 {
		return nil, nil, &InputError{File: p.name, Problem: "has no columns that are read", Accept: "a table or view with fields or a geometry"}
	}
	return columns, selected, nil
}

// missing says which tables there are.
func (p *postgis) missing(t *table) error {
	rows, err := p.tx.Query(p.ctx, `SELECT n.nspname::text || '.' || c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1 LIMIT 200`)
	if err != nil {
		return p.fault("cannot be read", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return p.fault("cannot be read", err)
	}
	return &InputError{File: p.name, Field: "table", Value: t.source.Table, Problem: "not there" + meant(t.source.Table, names), Accept: list(names)}
}

// ewkbValue is the shape of a value that is EWKB with the number of its system.
func (t *table) ewkbValue(value any) (orb.Geometry, error) {
	b, ok := value.([]byte)
	if !ok || b == nil {
		return nil, nil
	}
	if err := t.srid("geometry", sridOf(b)); err != nil {
		return nil, err
	}
	g, _, err := t.binaryShape(b)
	return g, err
}

// sridOf is the number of the system that EWKB names, 0 for none.
func sridOf(b []byte) int {
	if len(b) < 9 || b[0] > 1 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if b[0] == 1 {
		order = binary.LittleEndian
	}
	if order.Uint32(b[1:])&ewkbSRID == 0 {
		return 0
	}
	return int(order.Uint32(b[5:]))
}

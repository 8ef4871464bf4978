package data

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"careshed/data/pgtest"
	"careshed/geo"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
)

// server starts a PostgreSQL of its own with PostGIS and gives its address.
// CARESHED_POSTGIS names a database that may be used instead.
func server(t *testing.T) string {
	t.Helper()
	if address := os.Getenv("CARESHED_POSTGIS"); address != "" {
		return address
	}
	if scripts, _ := filepath.Glob("/usr/share/postgresql/*/extension/postgis.control"); len(scripts) == 0 {
		t.Skip("SKIPPED: no PostGIS here; install postgis, or set CARESHED_POSTGIS")
	}
	return pgtest.Start(t).Address
}

func TestPostGIS(t *testing.T) {
	address := server(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, `
		CREATE EXTENSION IF NOT EXISTS postgis;
		DROP SCHEMA IF EXISTS "Care Shed" CASCADE;
		CREATE SCHEMA "Care Shed";
		SET search_path = "Care Shed", public;
		CREATE TABLE "Orte" (fips text PRIMARY KEY, "Name" varchar(20), pop bigint, share numeric(5,3), ratio real, ok boolean, day date, big bigint, raw bytea, tags text[], nan float8, geom geometry);
		COMMENT ON COLUMN "Orte".pop IS 'Einwohner';
		INSERT INTO "Orte" VALUES
			('b', 'Zürich', 434008, 0.125, 0.5, true, '2020-01-02', 9007199254740993, '\x01', '{a,b}', 'NaN', 'SRID=4326;POINT Z (8.123456789012345 47.4 400)'),
			('a', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
			('c', '', -1, 1, 2, false, '1999-12-31', 1, NULL, NULL, 1e300, 'SRID=4326;MULTIPOLYGON(((0 0,10 0,10 10,0 10,0 0),(2 2,2 3,3 3,3 2,2 2)),((20 20,21 20,21 21,20 20)))');
		CREATE VIEW mercator AS SELECT fips, ST_Transform(ST_Force2D(geom), 3857) AS geom FROM "Orte" WHERE fips = 'b';
		CREATE VIEW grid AS SELECT fips, ST_SetSRID(geom, 25832) AS geom FROM "Orte" WHERE fips = 'b';
		CREATE TABLE bands (id int, n int);
		INSERT INTO bands VALUES (7, 1), (8, 2);
		CREATE TABLE bad (id int, x float8, geom geography);
		INSERT INTO bad VALUES (1, 'infinity', 'POINT(1 2)');`); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CARESHED_TEST_DB", address)
	get := func(s Source) (*geo.Layer, []File, error) {
		if s.PostGIS == "" {
			s.PostGIS = "CARESHED_TEST_DB"
		}
		c := NewCatalog("", map[string]Source{"l": s})
		l, err := c.Layer(ctx, "l")
		if err != nil {
			return nil, nil, err
		}
		files, err := c.Digest("l")
		return l, files, err
	}
	l, files, err := get(Source{Table: "Care Shed.Orte"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"fips text a b c", "Name text  Zürich ", "pop integer  434008 -1", "share number  0.125 1", "ratio number  0.5 2", "ok bool  true false",
		"day text  2020-01-02 1999-12-31", "big text  9007199254740993 1", "tags text  {a,b} ", "nan"}
	for i, c := range l.Columns() {
		got := fmt.Sprintf("%s %s %s %s %s", c.Name, c.Type, c.Text(0), c.Text(1), c.Text(2))
		if i >= len(want) || got != want[i] && c.Name != "nan" {
			t.Errorf("column %d: %q", i, got)
		}
	}
	if l.ID(0) != "a" || l.Located(0) || l.Point(1) != (orb.Point{8.123456789012345, 47.4}) || l.Columns()[2].Title != "Einwohner" || len(l.Notes) != 2 {
		t.Errorf("%s at %v, %v", l.ID(1), l.Point(1), l.Notes)
	}
	if m, ok := l.Shape(2).(orb.MultiPolygon); !ok || len(m) != 2 || len(m[0]) != 2 {
		t.Errorf("%v", l.Shape(2))
	}
	if _, again, _ := get(Source{Table: "Care Shed.Orte"}); len(files) != 1 || files[0].Name != "postgis:Care Shed.Orte" || files[0].Bytes < 100 || again[0] != files[0] {
		t.Errorf("%v, %v", files, again)
	}
	if l, _, err = get(Source{Table: "Care Shed.mercator"}); err != nil || math.Abs(l.Point(0)[0]-8.123456789012345) > 1e-12 || math.Abs(l.Point(0)[1]-47.4) > 1e-12 {
		t.Errorf("%v", err)
	}
	if l, _, err = get(Source{Table: "Care Shed.bands"}); err != nil || !l.IsTable() || l.ID(1) != "8" {
		t.Errorf("%v", err)
	}
	t.Setenv("CARESHED_CLOSED_DB", "postgres://tester:s3cret@127.0.0.1:1/postgres")
	t.Setenv("CARESHED_WRONG_DB", strings.Replace(address, "s3cret", "s4cret", 1))
	t.Setenv("CARESHED_NO_DB", "postgres://tester:s3cret@[::1")
	for _, c := range []struct {
		source Source
		want   string
	}{
		{Source{Table: "Care Shed.orte"}, `postgis:Care Shed.orte: table is "Care Shed.orte": not there, did you mean "Care Shed.Orte"?; accepted: Care Shed.Orte, Care Shed.bad`},
		{Source{Table: "Care Shed.grid"}, "postgis:Care Shed.grid: crs is \"ETRS89 / UTM zone 32N (EPSG:25832)\": in metres or feet, but all coordinates look like degrees"},
		{Source{Table: "Care Shed.bad"}, `postgis:Care Shed.bad: feature 1: x is "+Inf": infinite`},
		{Source{Table: `x"; DROP TABLE bands; --`}, `"postgis:x\"; DROP TABLE bands; --": table is`},
		{Source{Table: "Care Shed.bands", PostGIS: "CARESHED_CLOSED_DB"}, "postgis:Care Shed.bands: cannot connect: connect: connection refused"},
		{Source{Table: "Care Shed.bands", PostGIS: "CARESHED_WRONG_DB"}, `postgis:Care Shed.bands: cannot connect: password authentication failed for user "tester"`},
		{Source{Table: "Care Shed.bands", PostGIS: "CARESHED_NO_DB"}, "postgis:Care Shed.bands: postgis is not the address of a database; accepted: " + acceptDatabase},
		{Source{Table: "Care Shed.bands", PostGIS: "CARESHED_NOT_SET"}, "postgis:Care Shed.bands: postgis names the environment variable CARESHED_NOT_SET, which is not set"},
		{Source{Table: "Care Shed.bands", PostGIS: address}, "postgis:Care Shed.bands: postgis holds a password; accepted: " + acceptDatabase},
		{Source{}, "postgis: table is missing; accepted: schema.table"},
	} {
		_, _, err := get(c.source)
		var input *InputError
		if !errors.As(err, &input) || !strings.HasPrefix(input.Error(), c.want) {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
		if strings.Contains(fmt.Sprintf("%v %+v", err, err), "cret@") || strings.Contains(fmt.Sprint(err), "s3cret") {
			t.Errorf("the password shows: %v", err)
		}
	}
	var n int
	if err := conn.QueryRow(ctx, `SELECT count(*) FROM bands`).Scan(&n); err != nil || n != 2 {
		t.Errorf("%d bands, %v", n, err)
	}
}

package data

import (
	"context"
	"strings"
	"testing"
	"time"

	"careshed/geo"

	"github.com/jackc/pgx/v5"
)

// Numbers of a database keep their digits: numeric, domains over any type, 32
// bits. Rows come in the order of the whole key, and what has none says so.
func TestPostGISTypes(t *testing.T) {
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
		DROP SCHEMA IF EXISTS kinds CASCADE;
		CREATE SCHEMA kinds;
		SET search_path = kinds, public;
		CREATE DOMAIN pos AS int CHECK (value >= 0);
		CREATE DOMAIN strict AS pos CHECK (value < 100);
		CREATE DOMAIN money2 AS numeric(12,2);
		CREATE DOMAIN word AS varchar(9);
		CREATE DOMAIN place AS geometry(Point, 4326);
		CREATE TABLE k (id numeric(20,0) PRIMARY KEY, hospital numeric, whole numeric(10), cost numeric(18,2), share numeric(5,3), rate real, odd numeric, pop pos, few strict, price money2, name word, geom place);
		INSERT INTO k VALUES (9007199254740993, 9007199254740993, 7, 90071992547409.93, 0.125, 0.1, 1.5, 5, 3, 2.50, 'a', 'SRID=4326;POINT(9 45)'),
			(9007199254740992, 9007199254740992, 8, 1, 1, 16777217, 2, 7, 4, 3, 'b', 'SRID=4326;POINT(9.1 45)');
		CREATE TABLE pair (a int, b text, v int, PRIMARY KEY (b, a));
		INSERT INTO pair VALUES (2, 'x', 1), (1, 'y', 2), (1, 'x', 3);
		CREATE TABLE parts (a int, b int, v int, PRIMARY KEY (a, b)) PARTITION BY RANGE (a);
		CREATE TABLE parts1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
		CREATE TABLE parts2 PARTITION OF parts FOR VALUES FROM (10) TO (20);
		INSERT INTO parts VALUES (12, 1, 1), (3, 9, 2), (3, 2, 3);
		CREATE VIEW seen AS SELECT * FROM pair;
		CREATE TABLE nan (id int PRIMARY KEY, v numeric);
		INSERT INTO nan VALUES (1, 'NaN'), (2, 3);
		INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text) VALUES (990001, 'mine', 1, 'PROJCS["mine",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["central_meridian",9],PARAMETER["scale_factor",1],PARAMETER["false_easting",500000],UNIT["metre",1]]', '') ON CONFLICT DO NOTHING;
		CREATE TABLE own (id int PRIMARY KEY, geom geometry(Point, 990001));
		INSERT INTO own VALUES (1, 'SRID=990001;POINT(500000 4984944.378)');`); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CARESHED_TEST_DB", address)
	get := func(table string) *geo.Layer {
		t.Helper()
		c := NewCatalog("", map[string]Source{"l": {PostGIS: "CARESHED_TEST_DB", Table: "kinds." + table}})
		l, err := c.Layer(ctx, "l")
		if err != nil {
			t.Fatalf("%s: %v", table, err)
		}
		return l
	}
	l := get("k")
	if l.ID(0) != "9007199254740992" || l.ID(1) != "9007199254740993" || len(l.Notes) > 0 {
		t.Errorf("%s, %s, %q", l.ID(0), l.ID(1), l.Notes)
	}
	want := []string{"id text 9007199254740992 9007199254740993", "hospital text 9007199254740992 9007199254740993", "whole integer 8 7", "cost number 1 90071992547409.94", "share number 1 0.125", "rate number 16777216 0.1",
		"odd number 2 1.5", "pop integer 7 5", "few integer 4 3", "price number 3 2.5", "name text b a"}
	for i, c := range l.Columns() {
		got := c.Name + " " + c.Type.String() + " " + c.Text(0) + " " + c.Text(1)
		if c.Name == "id" {
			got = strings.Replace(got, "integer", "text", 1)
		}
		if i >= len(want) || got != want[i] {
			t.Errorf("column %d: %q", i, got)
		}
	}
	for table, order := range map[string]string{"pair": "3 1 2", "parts": "3 2 1"} {
		if l := get(table); words(l, "v") != order || len(l.Notes) > 0 {
			t.Errorf("%s: %s, %q", table, words(l, "v"), l.Notes)
		}
	}
	if l := get("seen"); !told(l, "no primary key") {
		t.Errorf("%q", l.Notes)
	}
	if l := get("nan"); words(l, "v") != " 3" {
		t.Errorf("%q", words(l, "v"))
	}
	if l := get("own"); apart([2]float64(l.Point(0)), [2]float64{9, 45}) > 0.01 {
		t.Errorf("%v", l.Point(0))
	}
}

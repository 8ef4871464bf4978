package data

import (
	"fmt"
	"strings"
	"testing"
)

// Arrays of records, of rows and of features are read as the tables and layers they are.
func TestRecords(t *testing.T) {
	for _, c := range []struct{ name, file, input, want string }{
		{"records", "a.json", `[{"code":"01","lon":8.5,"lat":47.4,"pop":5},{"code":"02","lon":9,"lat":46,"pop":null,"note":{"a":[1]}}]`,
			`ids 01,02 at [8.5 47.4] [9 46]: code=01,02 pop=5, note=,{"a":[1]}`},
		{"a table", "a.json", ` [ {"name":"A","pop":5} ] `, `ids 1 table: name=A pop=5`},
		{"the census", "a.json", `[["NAME","B01003_001E","state"],["A","1488202","06"],["B","-666666666","07"],["C",null,"08"]]`,
			`ids 1,2,3 table: NAME=A,B,C B01003_001E=1488202,-666666666, state=06,07,08`},
		{"rows with coordinates", "a.json", `[["id","lon","lat"],["A","8.5",47.4]]`, `ids A at [8.5 47.4]:`},
		{"lines", "a.ndjson", "{\"id\":7,\"pop\":5}\n{\"id\":8,\"pop\":6}\n", `ids 7,8 table: pop=5,6`},
		{"features", "a.json", `[{"type":"Feature","id":"x","geometry":{"type":"Point","coordinates":[8.5,47.4]},"properties":{"pop":5}}]`, `ids x at [8.5 47.4]: pop=5`},
		{"records with shapes", "a.json", `[{"code":"A","geom":{"type":"Point","coordinates":[8.5,47.4]}},{"code":"B","geom":null}]`, `ids A,B at [8.5 47.4] [NaN NaN]: code=A,B`},
		{"records with geometry", "a.ndjson", `{"code":"A","geometry":{"type":"Point","coordinates":[8.5,47.4]}}`, `ids A at [8.5 47.4]: code=A`},
		{"a shape that is none", "a.json", `[{"geom":{"type":"Point","coordinates":[8.5]}}]`, `feature 1: coordinates have a position of 1 number`},
		{"kinds of things", "a.json", `[{"type":"hospital","pop":5}]`, `ids 1 table: type=hospital pop=5`},
		{"nothing", "a.json", `[]`, `is an empty JSON array; accepted: a GeoJSON FeatureCollection or Feature (RFC 7946), or an array of records`},
		{"numbers", "a.json", `[1,2]`, `is a JSON array of numbers`},
		{"a feature among records", "a.json", `[{"pop":5},{"type":"Feature","geometry":null,"properties":{}}]`, `feature 2: is a feature where others are records`},
		{"a number among records", "a.json", `[{"pop":5},6]`, `feature 2: is a JSON number where others are records`},
		{"a record among rows", "a.json", `[["pop"],{"pop":5}]`, `feature 1: is a JSON object where others are rows`},
		{"a short row", "a.json", `[["name","pop"],["A"]]`, `feature 1: has 1 cell, the header has 2`},
		{"a number for a name", "a.json", `[["name",2020],["A",5]]`, `a name of a column is a JSON number; accepted: a first row with the names of the columns`},
		{"something behind it", "a.json", `[{"pop":5}] 7`, `not valid JSON`},
		{"cut short", "a.json", `[{"pop":5},`, `the file ends in the middle`},
		{"records in a member", "a.json", `{"total":2,"results":[{"pop":5}]}`, `is a JSON object with records in its member results; accepted: the array alone; convert with: jq .results in.json > out.json`},
		{"an orient of pandas", "a.json", `{"columns":["pop"],"index":[0],"data":[[5]]}`, `is a table as pandas writes with orient split`},
	} {
		got := ""
		l, err := layerOf(t, c.file, c.input, Source{})
		if err != nil {
			got = err.Error()
			if !strings.Contains(got, c.want) {
				t.Errorf("%s: %s, want %s", c.name, got, c.want)
			}
			continue
		}
		got = "ids"
		for i := range l.Len() {
			got += string(" ,"[min(i, 1)]) + l.ID(i)
		}
		if l.IsTable() {
			got += " table"
		} else {
			got += " at"
			for i := range l.Len() {
				got += " " + fmt.Sprint(l.Point(i))
			}
		}
		got += ":"
		for _, col := range l.Columns() {
			if col.Name == "id" {
				continue
			}
			var texts []string
			for i := range l.Len() {
				texts = append(texts, col.Text(i))
			}
			got += " " + col.Name + "=" + strings.Join(texts, ",")
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

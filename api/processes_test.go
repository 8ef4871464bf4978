package api

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// A process gives what its route gives, and refuses what that refuses.
func TestQuickProcesses(t *testing.T) {
	s := fixture(t, nil)
	list := get[processList](t, s, "/processes")
	if len(list.Processes) != 3 {
		t.Errorf("%+v", list)
	}
	ask := func(process, body string) (int, []byte) {
		w := do(t, s, call{method: "POST", path: "/processes/" + process + "/execution", body: body, header: []string{"Content-Type", "application/json"}})
		return w.Code, w.Body.Bytes()
	}
	for _, c := range []struct{ process, inputs, path string }{
		{"nearest", `{"lon": 7, "lat": 47, "k": 1}`, "/nearest?lon=7&lat=47&k=1"},
		{"isochrone", `{"lon": 7, "lat": 47, "minutes": [30, 90], "way": "to"}`, "/isochrone?lon=7&lat=47&minutes=30,90&way=to"},
	} {
		code, body := ask(c.process, `{"inputs": `+c.inputs+`}`)
		plain := do(t, s, call{path: c.path})
		var a, b map[string]any
		if code != 200 || plain.Code != 200 || json.Unmarshal(body, &a) != nil || json.Unmarshal(plain.Body.Bytes(), &b) != nil {
			t.Fatalf("%s: %d %s, %d %s", c.process, code, body, plain.Code, plain.Body)
		}
		for _, m := range []map[string]any{a, b} {
			delete(m, "links")
			delete(m, "timeStamp")
		}
		x, _ := json.Marshal(a)
		if y, _ := json.Marshal(b); !bytes.Equal(x, y) {
			t.Errorf("%s: %s\n%s", c.process, x, y)
		}
		doc := get[quickDoc](t, s, "/processes/"+c.process)
		if doc.Inputs["lon"].Min != 1 || doc.Inputs["lon"].Schema == nil {
			t.Errorf("%+v", doc.Inputs)
		}
	}
	for body, says := range map[string]string{
		`{"inputs": {"lat": 47}}`:                          "lon",
		`{"inputs": {"lon": 7, "lat": 470}}`:               "lat",
		`{"inputs": {"lon": 7, "lat": 47, "nonsense": 1}}`: "nonsense",
		`{"inputs": {"lon": {"a": 1}, "lat": 47}}`:         "inputs.lon",
		`[]`: "inputs",
		`{"inputs": {"lon": 7, "lat": 47, "country": "XA,XB"}}`: "country",
	} {
		if code, text := ask("nearest", body); code/100 != 4 || !strings.Contains(string(text), says) {
			t.Errorf("%s: %d %s", body, code, text)
		}
	}
	if code, _ := ask("nothing", `{"inputs": {}}`); code != 404 {
		t.Errorf("no such process: %d", code)
	}
	for _, query := range []string{"minutes=0", "minutes=1,2,3,4,5,6,7", "minutes=ten", "roads=other", "way=by"} {
		if w := do(t, s, call{path: "/isochrone?lon=7&lat=47&" + query}); w.Code != 400 {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
	without := fixture(t, func(c *Config) { c.Roads = nil })
	if w := do(t, without, call{path: "/isochrone?lon=7&lat=47&minutes=60"}); w.Code != 200 || !strings.Contains(w.Body.String(), `"engine":"crow"`) || !strings.Contains(w.Body.String(), `"estimate":true`) {
		t.Errorf("the estimate: %d %s", w.Code, w.Body)
	}
	if w := do(t, s, call{path: "/isochrone?lon=7&lat=47&engine=crow&roads=square"}); w.Code != 400 {
		t.Errorf("the estimate by road: %d %s", w.Code, w.Body)
	}
	if w := do(t, without, call{path: "/isochrone?lon=7&lat=47&engine=road"}); w.Code != 422 || !strings.Contains(w.Body.String(), "knows no roads") {
		t.Errorf("without roads: %d %s", w.Code, w.Body)
	}
}

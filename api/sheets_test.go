package api

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	factsheet "careshed/api/sheet"
)

// A sheet of a baseline has a plan and intervals, and is the same as the result
// on which it rests; that of another study has what the study has.
func TestSheets(t *testing.T) {
	s := fixture(t, nil)
	get := func(path string) factsheet.Sheet {
		t.Helper()
		w := do(t, s, call{method: "GET", path: path})
		var out struct{ factsheet.Sheet }
		if w.Code != 200 || json.Unmarshal(w.Body.Bytes(), &out) != nil {
			t.Fatalf("%s: %d %.300s", path, w.Code, w.Body)
		}
		return out.Sheet
	}
	whole := get("/studies/baseline-xa/sheet")
	e, err := s.study(context.Background(), "baseline-xa")
	if err != nil {
		t.Fatal(err)
	}
	if sum := e.result.Summary; whole.Figures.People != sum.Population || whole.Figures.Centers != sum.Sites.Campuses || whole.Figures.ShareBeyond.Value != sum.Gaps.ShareBeyond ||
		whole.Figures.Treatments[0].Foregone.Value != sum.Penalty.Curves[0].Foregone || whole.Study != "baseline-xa" || whole.CountryName != "Exa" {
		t.Errorf("%+v, the study has %+v", whole.Figures, sum)
	}
	if len(whole.Sites) == 0 || whole.Draws != 100 || whole.Rank == nil || whole.Rank.Of != 2 || whole.Rank.Among != "countries" {
		t.Errorf("%+v %d %+v", whole.Sites, whole.Draws, whole.Rank)
	}
	east := get("/studies/baseline-xa/sheet/XA-2")
	if east.Name != "East" || east.Gap != "none" || east.Rank == nil || east.Rank.Place != 2 || east.Rank.Unranked != 1 || len(east.Sites) != 1 || !(east.Sites[0].Gain.Low <= east.Sites[0].Gain.Value) {
		t.Errorf("%+v", east)
	}
	isles := get("/studies/baseline-xa/sheet/XA-3")
	if isles.Rank != nil || isles.Missing["rank"] != "doubtful" || isles.Missing["times"] != "sea" || isles.Missing["treatments"] != "no time" {
		t.Errorf("%+v %v", isles.Rank, isles.Missing)
	}
	home := get("/studies/baseline-xa-metropolitan/sheet")
	if home.Figures.People != whole.Figures.People-isles.Figures.People || home.Rank != nil || len(home.Sites) == 0 {
		t.Errorf("without the isles %+v", home.Figures)
	}
	// XB has no settlement that is a candidate.
	if twin := get("/studies/baseline-xb/sheet/XB-1"); len(twin.Sites) != 0 || twin.Missing["sites"] != "not asked" || twin.Draws != 100 {
		t.Errorf("%+v %v", twin.Sites, twin.Missing)
	}
	w := do(t, s, call{method: "POST", path: "/processes/study/execution", body: small("own", ""), header: []string{"Content-Type", "application/yaml"}})
	var doc struct{ ID string }
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil || doc.ID == "" {
		t.Fatalf("%d %.300s", w.Code, w.Body)
	}
	own := get("/studies/" + doc.ID + "/sheet")
	if own.Subject != "" || own.Missing["sites"] != "not asked" || own.Missing["intervals"] != "not asked" {
		t.Errorf("%q %v", own.Subject, own.Missing)
	}
}

func TestSheetsForPeople(t *testing.T) {
	s := fixture(t, nil)
	for path, want := range map[string]string{"/studies/baseline-xa/sheet/XA-2?f=html": "<title>East", "/studies/baseline-xa/sheet/XA-2?f=html&lang=de&units=mi": `lang="de"`} {
		if w := do(t, s, call{method: "GET", path: path}); w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %.300s", path, w.Code, w.Body)
		}
	}
	if w := do(t, s, call{method: "GET", path: "/studies/baseline-xa/sheet?f=pdf"}); w.Code != 200 || !bytes.HasPrefix(w.Body.Bytes(), []byte("%PDF-")) {
		t.Errorf("%d %.100s", w.Code, w.Body)
	}
	for path, code := range map[string]int{"/studies/baseline-xa/sheet/XA-9": 404, "/studies/no-such/sheet": 404, "/studies/baseline-xa/sheet?lang=xx": 400, "/studies/baseline-xa/sheet?units=leagues": 400, "/studies/baseline-xa/sheet?f=gif": 400} {
		if w := do(t, s, call{method: "GET", path: path}); w.Code != code || problemIn(t, w).Detail == "" {
			t.Errorf("%s: %d, want %d: %.300s", path, w.Code, code, w.Body)
		}
	}
}

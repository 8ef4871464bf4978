package spec

import (
	"reflect"
	"strings"
	"testing"
)

// What is left out is filled from the tags, and what is given stays.
func TestFilled(t *testing.T) {
	if f := Filled(SitingSpec{Aversion: 0.5}); f.WithinMin != 120 || f.Aversion != 0.5 || f.Seed != 1 || f.AtMost != 0 || f.Power != nil {
		t.Errorf("%+v", f)
	}
	if !Chosen(&PenaltySpec{Effect: 0.5}, "effect") || Chosen(&PenaltySpec{Effect: 0.6}, "effect") || Chosen(&PenaltySpec{}, "effect") {
		t.Error("an effect of 0.5 is chosen, 0.6 or none is not")
	}
}

// A default stands in its tag and not in the words; the schema has both.
func TestDefaultsStandInTags(t *testing.T) {
	fields := 0
	var look func(of reflect.Type, at string)
	seen := map[reflect.Type]bool{}
	look = func(of reflect.Type, at string) {
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice || of.Kind() == reflect.Map {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct || seen[of] {
			return
		}
		seen[of] = true
		for i := range of.NumField() {
			f := of.Field(i)
			numeric := f.Type.Kind() == reflect.Float64 || f.Type.Kind() == reflect.Int || f.Type.Kind() == reflect.Uint64
			if numeric && strings.Contains(f.Tag.Get("doc"), "if left out") {
				t.Errorf("%s.%s: the words say a default; it belongs into the tag default", at, f.Name)
			}
			if f.Tag.Get("default") != "" {
				fields++
			}
			look(f.Type, at+"."+f.Name)
		}
	}
	look(reflect.TypeFor[Spec](), "spec")
	if fields < 20 {
		t.Errorf("%d defaults", fields)
	}
	if s := string((&Grammar{}).Schema()); !strings.Contains(s, `"default": 120`) || !strings.Contains(s, "the line; 120 if left out") {
		t.Error("the schema lacks a default")
	}
}

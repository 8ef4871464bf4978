package study

import (
	"cmp"
	"math"
	"reflect"
	"slices"
	"strings"

	"careshed/access/study/finding"
)

// lacking finds the numbers of a summary without a value, and makes such of the
// infinite ones: the field's tag `none` says why, or the struct's own Why.
func lacking(s *finding.Summary) []finding.Missing {
	found := map[[2]string]int{}
	walk(reflect.ValueOf(s).Elem(), "", "", func(path, why string) { found[[2]string{path, why}]++ })
	out := make([]finding.Missing, 0, len(found))
	for k, n := range found {
		out = append(out, finding.Missing{Field: k[0], Count: n, Why: k[1]})
	}
	slices.SortFunc(out, func(a, b finding.Missing) int {
		return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Why, b.Why))
	})
	return out
}

var numType = reflect.TypeFor[Num]()

func walk(v reflect.Value, path, why string, each func(path, why string)) {
	switch {
	case v.Type() == numType:
		if x := v.Float(); math.IsNaN(x) || math.IsInf(x, 0) {
			if why == "" && math.IsInf(x, 0) {
				why = "it is infinite: it is divided by 0"
			}
			v.SetFloat(math.NaN())
			each(path, cmp.Or(why, "it is 0 divided by 0"))
		}
	case v.Kind() == reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), path, why, each)
		}
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Array:
		if k := v.Type().Elem().Kind(); k == reflect.String || k == reflect.Uint8 {
			return
		}
		for i := range v.Len() {
			walk(v.Index(i), path+"[]", why, each)
		}
	case v.Kind() == reflect.Map && v.Type().Elem() == numType:
		for _, k := range v.MapKeys() {
			x := reflect.New(numType).Elem()
			x.Set(v.MapIndex(k))
			walk(x, path+"."+k.String(), why, each)
			v.SetMapIndex(k, x)
		}
	case v.Kind() == reflect.Struct:
		own := "" // what the struct itself says
		for i := range v.NumField() {
			if tag := v.Type().Field(i).Tag.Get("json"); strings.HasPrefix(tag, "why_no_value") {
				own = v.Field(i).String()
			}
		}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() {
				continue
			}
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if path != "" {
				name = path + "." + name
			}
			walk(v.Field(i), name, cmp.Or(own, cmp.Or(f.Tag.Get("none"), why)), each)
		}
	}
}

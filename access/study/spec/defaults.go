package spec

import (
	"reflect"
	"strconv"
)

// A field's default stands in its tag: a number, or words where it acts as no
// number would ("any number"). Reading, the schema and whatever computes take it
// from there.

// defaultOf is the number that a field is taken as where it is left out.
func defaultOf(f reflect.StructField) (float64, bool) {
	v, err := strconv.ParseFloat(f.Tag.Get("default"), 64)
	return v, err == nil
}

// Filled is a section or the parameters of a measure with the numbers that were
// left out as their defaults.
func Filled[T any](of T) T {
	v := reflect.ValueOf(&of).Elem()
	for i := range v.NumField() {
		d, ok := defaultOf(v.Type().Field(i))
		if f := v.Field(i); ok && f.IsZero() {
			switch f.Kind() {
			case reflect.Float64:
				f.SetFloat(d)
			case reflect.Int:
				f.SetInt(int64(d))
			case reflect.Uint64:
				f.SetUint(uint64(d))
			}
		}
	}
	return of
}

// Chosen reports whether a number is given and is not what it would be if left out.
func Chosen(section any, field string) bool {
	v := reflect.Indirect(reflect.ValueOf(section))
	for i := range v.NumField() {
		if f := v.Type().Field(i); name(f) == field {
			d, _ := defaultOf(f)
			return !v.Field(i).IsZero() && v.Field(i).Float() != d
		}
	}
	panic("spec: no field " + field)
}

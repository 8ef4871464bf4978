package geo_test

import (
	"strings"
	"testing"

	"careshed/geo"
)

func TestMeet(t *testing.T) {
	for _, c := range []struct {
		ours, theirs string
		matched      int
		hint         string
	}{
		{"a b c", "c b a d", 3, ""},
		{"01001 01003 10005", "1001 1003 10005", 1, `"01001" here, "1001" there: leading zeros?`},
		{"1001 1003", "1001.0 1003.0", 0, `"1001" here, "1001.0" there: a whole number written with decimals?`},
		{"it-62", "IT-62", 0, `"it-62" here, "IT-62" there: in capital and small letters?`},
		{"IT-62", "IT62", 0, `"IT-62" here, "IT62" there: blanks, strokes or dots?`},
		{"01001", "0500000US01001", 0, `"01001" here, "0500000US01001" there: a prefix before the digits?`},
		{"Forl\u00ec", "Forli\u0300", 0, `"Forl` + "\u00ec" + `" here, "Forli` + "\u0300" + `" there: accents apart from their letters (uconv -x nfc joins them)?`},
		{"Forl\u00ec", "Forli", 0, `"Forl` + "\u00ec" + `" here, "Forli" there: accents?`},
		{"x", "y", 0, `there are keys such as "y" there`},
	} {
		m := geo.Meet("j", strings.Fields(c.ours), strings.Fields(c.theirs))
		if m.Matched != c.matched || m.Lost != len(strings.Fields(c.ours))-c.matched || m.Hint != c.hint {
			t.Errorf("%s among %s: %+v", c.ours, c.theirs, m)
		}
	}
	if m := geo.Meet("j", []string{" a ", "a", "", "b"}, []string{"a\t", ""}); m.Keys != 2 || m.Among != 1 || m.Matched != 1 || !m.IsLost("b ") || m.IsLost("a") {
		t.Errorf("%+v", m)
	}
}

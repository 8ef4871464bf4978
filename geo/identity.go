package geo

import (
	"math"
	"slices"
	"strings"
	"unicode"
)

// idNames are what columns of ids are called, in small letters and without
// anything but letters and digits, the likeliest first.
var idNames = []string{
	"id", "identifier", "uid", "uuid", "guid", "globalid", "key", "pk", "ident",
	"geoid", "geoid10", "geoid20", "geoidfq", "affgeoid", "gisjoin", "fips", "fipscode",
	"nutsid", "nutscode", "lauid", "laucode", "giscoid", "ags", "ars", "insee", "inseecode", "codeinsee", "inseecom",
	"istat", "codiceistat", "procom", "procomt", "prodr", "codreg", "codprov", "codine", "cumun",
	"ccn", "providernumber", "finess", "siret", "iso", "iso31662", "isocode", "hascode", "hasc",
	"code", "fid", "gid", "oid", "ogcfid", "objectid", "featureid", "osmid",
}

// idOf are the things whose id or code a column may be called after.
var idOf = []string{
	"place", "site", "hospital", "center", "centre", "facility", "provider", "clinic", "candidate", "spoke", "hub",
	"region", "county", "area", "district", "municipality", "commune", "province", "state", "department", "canton",
	"tract", "block", "blockgroup", "zone", "unit", "node", "point", "origin", "destination", "locality", "town", "city",
	"village", "settlement", "feature", "object", "parcel", "cell", "hex", "grid", "geo", "location", "record", "population", "zip", "lad", "lsoa", "msoa",
}

// CalledID is the place of a column's name in the list of names for ids, 0 for
// id itself, -1 for a name that is not in it. Case, blanks, dots and strokes do
// not count: "Hospital ID", hospital_id and hospitalId are one name. Codes of
// the Office for National Statistics, such as LAD21CD, are among them.
func CalledID(column string) int {
	name := PlainName(column)
	if k := slices.Index(idNames, name); k >= 0 {
		return k
	}
	for _, end := range []string{"id", "code", "cd"} {
		of, ok := strings.CutSuffix(name, end)
		if !ok {
			continue
		}
		if end == "cd" {
			letters := strings.TrimRight(of, "0123456789")
			if len(of)-len(letters) == 2 && len(letters) >= 2 && len(letters) <= 6 {
				return len(idNames)
			}
			continue
		}
		if slices.Contains(idOf, of) {
			return len(idNames)
		}
	}
	return -1
}

// PlainName is a column's name in small letters, of letters and digits alone: case,
// blanks and strokes do not tell names of one meaning apart.
func PlainName(column string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, column)
}

// serials are names of columns that number the features of a file.
var serials = []string{"id", "uid", "uuid", "guid", "globalid", "key", "pk", "fid", "gid", "oid", "ogcfid", "objectid", "featureid"}

// CalledSerial reports whether a column is called as one that numbers the
// features of a file, and says nothing of what they are.
func CalledSerial(column string) bool { return slices.Contains(serials, PlainName(column)) }

// MeantAsIDs are the columns that could be named as ids: no row is empty and no
// two are the same, but for so many rows. Columns of fractions and of truth
// values are none.
func (l *Layer) MeantAsIDs(but int) []string {
	var found []string
	for _, c := range l.columns {
		if c.Type == Bool || c.Type == Number && slices.ContainsFunc(c.numbers, func(v float64) bool { return v != math.Trunc(v) }) {
			continue
		}
		seen := make(map[string]bool, c.Len())
		left := but
		for i := range c.Len() {
			if c.Null(i) || seen[c.Text(i)] {
				if left--; left < 0 {
					break
				}
				continue
			}
			seen[c.Text(i)] = true
		}
		if left >= 0 && len(seen) > 0 {
			found = append(found, c.Name)
		}
	}
	return found
}

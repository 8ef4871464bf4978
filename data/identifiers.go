package data

import (
	"fmt"
	"strconv"
)

// identifiers are the ids of the rows so far, one after the other.
type identifiers struct {
	bytes []byte
	ends  []int
}

func (d *identifiers) add(id []byte) {
	d.bytes = append(d.bytes, id...)
	d.ends = append(d.ends, len(d.bytes))
}

// strings are the ids; they share one piece of memory.
func (d *identifiers) strings() []string {
	all := string(d.bytes)
	ids := make([]string, len(d.ends))
	from := 0
	for i, to := range d.ends {
		ids[i] = all[from:to]
		from = to
	}
	return ids
}

// twice finds the first id that an earlier row has too.
func twice(ids []string) (earlier, later int, found bool) {
	rows := make(map[string]int32, len(ids))
	for i, id := range ids {
		rows[id] = int32(i)
		if len(rows) == i+1 {
			continue
		}
		for j, other := range ids[:i] {
			if other == id {
				return j, i, true
			}
		}
	}
	return 0, 0, false
}

// where the ids of a table come from.
type idSource uint8

const (
	idUnknown idSource = iota // no row yet
	idMember                  // the "id" member of a feature
	idField                   // the column that the source names
	idPerhaps                 // a column called id, if it differs in every row
	idRow                     // the row number
)

// memberID takes or refuses the "id" member of the row under way: every
// feature has one or none has.
func (t *table) memberID(id []byte, has bool) error {
	switch {
	case t.idFrom == idUnknown && has:
		t.idFrom = idMember
	case t.idFrom == idUnknown:
		t.idFrom = idPerhaps
	case t.idFrom == idMember && !has:
		return t.fault("id", "", "is missing while the features before have one", "an id for every feature or for none")
	case has && (t.idFrom == idPerhaps || t.idFrom == idRow):
		return t.fault("id", "", "is given while the features before have none", "an id for every feature or for none")
	}
	if t.idFrom == idMember {
		if len(id) == 0 {
			return t.fault("id", "", "is empty", "a text or a number")
		}
		t.ids.add(id)
	}
	return nil
}

// fieldID takes the value of the id column for the row under way.
func (t *table) fieldID(id []byte) error {
	switch t.idFrom {
	case idField:
		if len(id) == 0 {
			return t.fault(t.idName, "", "is missing, and it is the id", "a text or a number in every row")
		}
	case idPerhaps:
		if len(id) == 0 {
			t.idFrom, t.ids = idRow, identifiers{}
			return nil
		}
	default:
		return nil
	}
	t.ids.add(id)
	return nil
}

// rowIDs are the ids of all rows; nil numbers them.
func (t *table) rowIDs() ([]string, error) {
	if len(t.ids.ends) != t.rows || t.rows == 0 {
		return nil, nil
	}
	ids := t.ids.strings()
	a, b, found := twice(ids)
	switch {
	case !found:
		return ids, nil
	case t.idFrom == idPerhaps:
		return nil, nil
	}
	return nil, &InputError{File: t.name, Feature: b + 1, Field: "id", Value: ids[b],
		Problem: fmt.Sprintf("the id of feature %d too", a+1), Accept: "an id that differs in every feature"}
}

// numbered are the ids 1 to n.
func numbered(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = strconv.Itoa(i + 1)
	}
	return ids
}

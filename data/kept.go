package data

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"careshed/geo"
)

// kept is what a container with a place for it, GeoPackage or GeoParquet, keeps
// of a layer beyond its rows, so that it comes back whole.
type kept struct {
	Title       string   `json:"title,omitempty"`
	Description string   `json:"description,omitempty"`
	Source      string   `json:"source,omitempty"`
	Licence     string   `json:"licence,omitempty"`
	Attribution string   `json:"attribution,omitempty"`
	Notes       []string `json:"notes,omitempty"`
	// ID is the column of the identifiers if it is no field of the layer.
	ID     string      `json:"id,omitempty"`
	Fields []keptField `json:"fields,omitempty"`
}

type keptField struct {
	Column   string `json:"column"` // as the container calls it
	Name     string `json:"name"`
	Title    string `json:"title,omitempty"`
	Unit     string `json:"unit,omitempty"`
	Evidence string `json:"evidence,omitempty"`
}

// keep plans the columns of a container: the identifiers in a column of their
// own, unless they are row numbers or a field called id repeats them, and the
// fields under names that differ without regard to case. Names that taken
// lists are left to the container.
func keep(l *geo.Layer, taken ...string) kept {
	k := kept{Title: l.Title, Description: l.Description, Source: l.Source, Licence: l.Licence,
		Attribution: l.Attribution, Notes: l.Notes}
	used := map[string]bool{}
	for _, name := range taken {
		used[name] = true
	}
	for _, f := range l.Fields() {
		k.Fields = append(k.Fields, keptField{Column: free(used, f.Name), Name: f.Name, Title: f.Title, Unit: f.Unit, Evidence: f.Evidence})
	}
	c, ok := l.Column("id")
	switch rows := !l.Identified(); {
	case rows, ok && sameTexts(l, c):
	default:
		k.ID = free(used, "id")
	}
	return k
}

// free is a name that is not used yet without regard to case, and valid.
func free(used map[string]bool, name string) string {
	name = strings.ReplaceAll(strings.ToValidUTF8(name, "\ufffd"), "\x00", "\ufffd")
	if name == "" {
		name = "_"
	}
	free := name
	for k := 2; used[strings.ToLower(free)]; k++ {
		free = fmt.Sprintf("%s_%d", name, k)
	}
	used[strings.ToLower(free)] = true
	return free
}

// sameTexts reports whether a column holds the ids.
func sameTexts(l *geo.Layer, c geo.Column) bool {
	for i := range c.Len() {
		if c.Null(i) || c.Text(i) != l.ID(i) {
			return false
		}
	}
	return true
}

// text is the record as it is stored, "" if it says nothing that the container
// does not. Fields that keep their name and have no description are left out.
func (k kept) text() string {
	k.Fields = slices.DeleteFunc(slices.Clone(k.Fields), func(f keptField) bool { return f == keptField{Column: f.Name, Name: f.Name} })
	if len(k.Fields) == 0 && len(k.Notes) == 0 && k.Title+k.Description+k.Source+k.Licence+k.Attribution+k.ID == "" {
		return ""
	}
	b, err := json.Marshal(k)
	if err != nil {
		panic(err) // texts only
	}
	return string(b)
}

// description says what a column holds, in words for a person.
func (f keptField) description() string {
	switch {
	case f.Unit != "" && f.Evidence != "":
		return f.Unit + "; evidence " + f.Evidence
	case f.Evidence != "":
		return "evidence " + f.Evidence
	}
	return f.Unit
}

// recall takes what keep has stored; text that is not such a record is passed
// over. It must come before the columns are made.
func (t *table) recall(text string) {
	var k kept
	if len(text) > 16*t.lim.Text || !utf8.ValidString(text) || json.Unmarshal([]byte(text), &k) != nil || len(k.Fields) > t.lim.Columns {
		return
	}
	for _, p := range []struct{ to, from *string }{
		{&t.about.Title, &k.Title}, {&t.about.Description, &k.Description},
		{&t.about.Licence, &k.Licence}, {&t.about.Attribution, &k.Attribution},
	} {
		if *p.to == "" {
			*p.to = *p.from
		}
	}
	for _, n := range k.Notes {
		t.note(n)
	}
	t.kept = k
}

// typed makes room for a column of a container, under the name and with the
// description that were kept. A nil column is the one of the identifiers.
func (t *table) typed(name string) (*column, error) {
	if t.kept.ID != "" && name == t.kept.ID && t.idFrom == idUnknown {
		return nil, nil
	}
	f := geo.Field{Name: name}
	for _, k := range t.kept.Fields {
		if k.Column == name {
			f = geo.Field{Name: k.Name, Title: k.Title, Unit: k.Unit, Evidence: k.Evidence}
		}
	}
	if other, twice := t.byName[f.Name]; twice {
		return nil, &InputError{File: t.name, Field: f.Name, Problem: fmt.Sprintf("names column %d too", other+1), Accept: "names that differ"}
	}
	c, err := t.addColumn(f.Name)
	if err != nil {
		return nil, err
	}
	c.field = f
	return c, nil
}

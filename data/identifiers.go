package data

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"careshed/geo"
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
	idUnknown idSource = iota // no row yet, or the columns are looked at in the end
	idMember                  // the "id" member of a feature, or the key of a container
	idField                   // the column that the source names
	idPerhaps                 // features without a member: the columns are looked at in the end
)

// featureMember is what a source calls the "id" member of GeoJSON features.
const featureMember = "feature"

// memberID takes or refuses the "id" member of the row under way: every
// feature has one or none has.
func (t *table) memberID(id []byte, has bool) error {
	switch {
	case t.idFrom == idUnknown && has:
		t.idFrom, t.memberName = idMember, featureMember
	case t.idFrom == idUnknown:
		t.idFrom = idPerhaps
	case t.idFrom == idMember && !has:
		return t.fault("id", "", "is missing while the features before have one", "an id for every feature or for none")
	case has && t.idFrom == idPerhaps:
		return t.fault("id", "", "is given while the features before have none", "an id for every feature or for none")
	}
	if t.idFrom == idMember {
		if t.kept.ID == "" {
			id = trimmed(id)
		}
		if len(id) == 0 {
			return t.fault("id", "", "is empty", "a text or a number")
		}
		t.ids.add(id)
	}
	return nil
}

// fieldID takes the value of the id column for the row under way.
func (t *table) fieldID(id []byte) error {
	if t.idFrom != idField {
		return nil
	}
	id = trimmed(id)
	if len(id) == 0 {
		return t.fault(t.idName, "", "is missing, and it is the id", "a text or a number in every row")
	}
	t.ids.add(id)
	return nil
}

// trimmed is an id without the blanks around it, which no two ids may differ by.
func trimmed(id []byte) []byte { return []byte(strings.TrimSpace(string(id))) }

// rowIDs are the ids of all rows, nil where rows are only numbered; the layer
// is told where they come from.
//
// An id is what the source names; else, of what differs in every row and is
// nowhere empty, the first of: the member of the features, a column called id,
// the key of a container, a column of another name that [geo.CalledID] lists.
// The others of these that are not the same stand in the identity as rivals.
// Where a column called id is empty somewhere or repeats, none is taken: it is
// what the user means, and another would only look like it.
func (t *table) rowIDs() ([]string, error) {
	if t.rows == 0 {
		return nil, nil
	}
	if len(t.ids.ends) == t.rows && (t.idFrom == idField || t.idFrom == idMember) {
		ids := t.ids.strings()
		if a, b, found := twice(ids); found {
			field := t.idName
			if t.idFrom == idMember {
				field = "id"
			}
			return nil, &InputError{File: t.name, Feature: b + 1, Field: field, Value: ids[b],
				Problem: fmt.Sprintf("the id of feature %d too", a+1), Accept: "an id that differs in every feature"}
		}
		if t.idNamed {
			t.about.Identity = geo.Identity{From: t.idFromName(), Named: true}
			return ids, nil
		}
		return t.amongRivals(ids)
	}
	return t.identified(t.idColumns(nil)), nil
}

// idFromName is what the column or member is called that the ids came from.
func (t *table) idFromName() string {
	if t.idFrom == idMember {
		return t.memberName
	}
	return t.idName
}

// amongRivals settles between the ids that came with the rows and the columns
// that are called as ids are. A feature whose id is one thing and whose
// property id is another must be asked about.
func (t *table) amongRivals(ids []string) ([]string, error) {
	member := idColumn{name: t.idFromName(), ids: ids, rank: keyRank}
	if member.name == featureMember && t.idFrom == idMember {
		member.rank = -1
		for _, c := range t.columns {
			if !strings.EqualFold(c.name, "id") {
				continue
			}
			for i, text := range c.literals(t.rows) {
				if text != "" && text != ids[i] {
					return nil, &InputError{File: t.name, Feature: i + 1, Field: "id", Value: ids[i],
						Problem: fmt.Sprintf("the id of the feature, and its property %s is %s", plain(c.name), quote(text)),
						Accept:  fmt.Sprintf("id: %s or id: %s in the layer's entry, to say which identifies it", featureMember, plain(c.name))}
				}
			}
		}
	}
	if t.idFrom == idMember && onlyNumbers(ids) {
		// What GeoPackage and geopandas give rows by themselves: their numbers.
		found := t.idColumns(nil)
		if t.about.Identity.Why == "" {
			t.about.Identity.Why = fmt.Sprintf("the %s only numbers the rows (id: %s takes it all the same)", t.memberTitle(), plain(t.memberName))
		}
		return t.identified(found), nil
	}
	found := t.idColumns(ids)
	found = append(found, member)
	slices.SortStableFunc(found, func(a, b idColumn) int { return a.rank - b.rank })
	return t.identified(found), nil
}

// identified takes the first of the columns that could be the ids; nil if there
// is none.
func (t *table) identified(found []idColumn) []string {
	if len(found) == 0 || t.idRefused && found[0].rank >= 0 {
		t.noteRefusedID()
		return nil
	}
	t.about.Identity = geo.Identity{From: found[0].name}
	for _, rival := range found[1:] {
		if !slices.Equal(rival.ids, found[0].ids) {
			t.about.Identity.Rivals = append(t.about.Identity.Rivals, rival.name)
		}
	}
	for i, id := range found[0].ids {
		if looksCut(id) {
			t.doubt(fmt.Sprintf("The ids in %s are written such as %s (feature %d): a spreadsheet has cut their digits, and different ids may have become one.", plain(found[0].name), quote(id), i+1))
			break
		}
	}
	return found[0].ids
}

// looksCut reports whether an id is a long number in the scientific form of
// spreadsheets, such as 1.8148E+14.
func looksCut(id string) bool {
	mantissa, exponent, ok := strings.Cut(id, "E+")
	return ok && len(mantissa) > 0 && len(exponent) > 0 && strings.Trim(mantissa, "0123456789.,-") == "" && strings.Trim(exponent, "0123456789") == ""
}

// idColumn is a column that could hold the ids: it is called so, is nowhere
// empty and differs in every row.
type idColumn struct {
	name string
	ids  []string
	rank int // its place in the list of names, the likeliest first
}

const keyRank = 1 // of a container's key: after a column called id, before all others

// idColumns are the columns that could hold the ids, the likeliest first.
func (t *table) idColumns(member []string) []idColumn {
	var found []idColumn
	for _, c := range t.columns {
		rank := geo.CalledID(c.name)
		if rank < 0 {
			continue
		}
		if rank > 0 {
			rank += keyRank
		}
		ids := c.literals(t.rows)
		if empty := slices.Index(ids, ""); empty >= 0 {
			t.refuseID(rank, fmt.Sprintf("%s is empty in feature %d", plain(c.name), empty+1))
			continue
		}
		if member != nil && slices.Equal(ids, member) {
			continue
		}
		if a, b, same := twice(ids); same {
			t.refuseID(rank, fmt.Sprintf("%s is %s in features %d and %d", plain(c.name), quote(ids[a]), a+1, b+1))
			continue
		}
		found = append(found, idColumn{c.name, ids, rank})
	}
	slices.SortStableFunc(found, func(a, b idColumn) int { return a.rank - b.rank })
	return found
}

// refuseID keeps why a column was not taken for the ids; one that is called id
// is what the user most likely meant.
func (t *table) refuseID(rank int, why string) {
	if t.about.Identity.Why == "" || rank == 0 {
		t.about.Identity.Why = why
	}
	t.idRefused = t.idRefused || rank == 0
}

// noteRefusedID tells that a column called id was not taken.
func (t *table) noteRefusedID() {
	if why := t.about.Identity.Why; why != "" && t.idRefused {
		t.about.Identity.Meant = true
		t.note("No column was taken for the ids, since " + why + "; features are numbered, and nothing can be joined by id.")
	}
}

// literals are the values of n rows as they stand in the file, without the
// blanks around them, "" for none.
func (c *column) literals(n int) []string {
	c.pad(n)
	if c.shape == nothing {
		return make([]string, n)
	}
	if c.shape == texts {
		col := c.text.Column(c.field)
		codes, words := col.Codes()
		short := make([]string, len(words))
		for k, w := range words {
			short[k] = strings.TrimSpace(w)
		}
		out := make([]string, n)
		for i, code := range codes {
			if code >= 0 {
				out[i] = short[code]
			}
		}
		return out
	}
	out := make([]string, n)
	odd := c.odd.first()
	var buf []byte
	for i, v := range c.values {
		if v != v {
			continue
		}
		if full := odd.of(i); full != nil {
			out[i] = strings.TrimFunc(string(full), unicode.IsSpace)
			continue
		}
		buf = spelled(buf[:0], v, c.shape)
		out[i] = string(buf)
	}
	return out
}

// memberTitle is what the ids beside the columns are called in a sentence.
func (t *table) memberTitle() string {
	if t.memberName == featureMember {
		return "id of the features"
	}
	return "key " + plain(t.memberName)
}

// onlyNumbers reports whether ids are the numbers of the rows, from 0 or 1.
func onlyNumbers(ids []string) bool {
	for first := range 2 {
		same := true
		for i, id := range ids {
			if same = id == strconv.Itoa(first+i); !same {
				break
			}
		}
		if same {
			return true
		}
	}
	return false
}

// numbersRows reports whether whole numbers are those of their rows, from 0 or from 1.
func (c *column) numbersRows(n int) bool {
	c.pad(n)
	for i, v := range c.values {
		if v != c.values[0]+float64(i) {
			return false
		}
	}
	return c.shape == wholes && n > 0 && (c.values[0] == 0 || c.values[0] == 1) && len(c.odd.coded) == 0
}

// numbered are the ids 1 to n.
func numbered(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = strconv.Itoa(i + 1)
	}
	return ids
}

// doubtCut doubts numbers in the scientific form of spreadsheets that have fewer digits than
// their size, such as 1.49E+06: what stood behind them is lost.
func (t *table) doubtCut() {
	for _, c := range t.columns {
		n, example := 0, ""
		for x := c.odd.first(); x.row >= 0; x.next() {
			if mantissa, exponent, far := bytes.Cut(x.text, []byte("E+")); far {
				_, decimals, _ := bytes.Cut(mantissa, []byte{'.'})
				if size, err := strconv.Atoi(string(exponent)); err == nil && looksCut(string(x.text)) && size > len(decimals) {
					if n++; example == "" {
						example = string(x.text)
					}
				}
			}
		}
		if n > 0 {
			t.doubt(fmt.Sprintf("%s of %s in the scientific form of spreadsheets, such as %s: digits behind those were cut; a number format without decimals in the spreadsheet keeps them.",
				counted(n, "value"), plain(c.name), example))
		}
	}
}

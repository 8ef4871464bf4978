package data

import (
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"careshed/geo"

	"github.com/paulmach/orb"
)

// typedColumn is a column of a container that has types.
type typedColumn struct {
	name     string
	to       *column // the field, nil if it is none
	role     role
	declared geo.Type
	any      bool // the declared type says nothing
	digits   bool // texts are decimal numbers with all their digits
}

// role is what a typed column is for.
type role uint8

const (
	aField role = iota
	aKey        // that a container has beside the fields
	anID        // of kept.ID
	aShape
)

// typedID says which column of a container gives the ids as the rows come: the
// one that the source names, our own column of ids, or the key of the table.
// Without any, the columns are looked at in the end.
func (t *table) typedID(columns []typedColumn) error {
	has := func(r role) int { return slices.IndexFunc(columns, func(c typedColumn) bool { return c.role == r }) }
	key, own := has(aKey), has(anID)
	if t.idFrom == idField {
		_, err := t.must("id", t.idName)
		if err != nil && key >= 0 && columns[key].name == t.idName {
			t.idFrom, t.memberName, t.kept.ID = idMember, t.idName, ""
			t.idNamed = true
			return nil
		}
		return err
	}
	switch {
	case own >= 0:
		t.idFrom, t.memberName, t.idNamed = idMember, t.kept.ID, true
	case key >= 0:
		t.idFrom, t.memberName, t.kept.ID = idMember, columns[key].name, "" // the column that was kept is gone
	}
	return nil
}

// typedRow takes one row. The id goes first, so that errors can name it.
func (t *table) typedRow(columns []typedColumn, values []any, shape func(any) (orb.Geometry, error)) error {
	for i, c := range columns {
		own := c.role == anID || c.role == aKey && t.idFrom == idMember && t.kept.ID == ""
		if own || c.to != nil && c.to.name == t.idName && t.idFrom != idMember {
			t.rowID = appendValue(t.rowID[:0], values[i], c)
		}
		if own {
			if err := t.memberID(t.rowID, true); err != nil {
				return err
			}
		}
	}
	if t.idFrom == idField {
		if err := t.fieldID(t.rowID); err != nil {
			return err
		}
	}
	located := false
	for i, c := range columns {
		switch {
		case c.role == aShape && !t.flat:
			g, err := shape(values[i])
			if err != nil {
				return err
			}
			t.addShape(g)
			located = true
		case c.to != nil && values[i] != nil:
			c.to.pad(t.rows)
			if err := t.typedValue(c, values[i]); err != nil {
				return err
			}
		}
	}
	if !located && !t.flat {
		t.addShape(nil)
	}
	return t.endRow()
}

// appendValue appends the text of a value that serves as id.
func appendValue(b []byte, v any, c typedColumn) []byte {
	switch v := v.(type) {
	case nil:
		return b
	case int64:
		if c.declared == geo.Bool && !c.any {
			return fmt.Append(b, v != 0)
		}
		return fmt.Append(b, v)
	case float32:
		return geo.AppendNumber(b, shortest(v))
	case float64:
		return geo.AppendNumber(b, v)
	}
	return fmt.Append(b, v)
}

// kindOfValue is what people call a value of a container.
func kindOfValue(v any) string {
	switch v.(type) {
	case string:
		return "text"
	case []byte:
		return "row of bytes"
	case bool:
		return "truth value"
	case int64, float64, float32, digits:
		return "number"
	}
	return "value of another kind"
}

// typedValue adds a value to its column. SQLite lets any value stand in any
// column, so each is looked at.
func (t *table) typedValue(c typedColumn, value any) error {
	wrong := func(shown, accept string) error {
		return t.fault(c.to.name, shown, fmt.Sprintf("a %s in a column of type %s", kindOfValue(value), c.declared), accept)
	}
	switch v := value.(type) {
	case bool:
		c.to.addTruth(v, fmt.Append(nil, v))
	case int64:
		switch {
		case c.declared == geo.Bool && !c.any:
			if v != 0 && v != 1 {
				return t.fault(c.to.name, fmt.Sprint(v), "not a truth value", "0 or 1")
			}
			c.to.addTruth(v == 1, fmt.Appendf(nil, "%t", v == 1))
		case c.declared == geo.Number && !c.any:
			c.to.addNumber(float64(v))
		default:
			c.to.addWhole(v)
		}
	case float64:
		if math.IsNaN(v) {
			return nil
		}
		if math.IsInf(v, 0) {
			return t.fault(c.to.name, fmt.Sprint(v), "infinite", "a finite number, or nothing")
		}
		if c.declared == geo.Bool && !c.any {
			return wrong(fmt.Sprint(v), "0 or 1")
		}
		c.to.addNumber(v)
	case digits:
		c.to.addDigits([]byte(v))
	case float32:
		return t.typedValue(c, shortest(v))
	case string:
		if c.digits {
			switch v {
			case "NaN":
				return nil
			case "Infinity", "-Infinity":
				return t.fault(c.to.name, v, "infinite", "a finite number, or nothing")
			}
			c.to.addDigits([]byte(v))
			return nil
		}
		if c.declared != geo.Text && !c.any {
			return wrong(v, "a number, or nothing")
		}
		if len(v) > t.lim.Text {
			return t.fault(c.to.name, "", fmt.Sprintf("is longer than %d bytes", t.lim.Text), "a shorter text, or a higher limit of text")
		}
		if !utf8.ValidString(v) {
			return t.fault(c.to.name, v, "not UTF-8", "text in UTF-8")
		}
		c.to.addText([]byte(v))
	default:
		return wrong("", "a text, a number or nothing")
	}
	return nil
}

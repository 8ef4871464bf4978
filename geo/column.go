package geo

import (
	"math"
	"strings"
)

// Type is the type of a field's values.
type Type uint8

const (
	Number  Type = iota // float64
	Integer             // whole numbers up to 2^53, kept as float64
	Text
	Bool
)

func (t Type) String() string {
	return [...]string{"number", "integer", "text", "bool"}[t]
}

// Field describes one column: its name as the user and the files know it, a
// title for people, the unit of its values and the row of the evidence
// register that they rest on, if any.
type Field struct {
	Name, Title, Unit, Evidence string
	Type                        Type
	Missing                     bool   // it was said which values mean none: no other is taken for a code
	Doubt                       string // why values cannot be taken for numbers for certain, "" if nothing speaks against it
}

// Column is a field with its values, one a row. A missing number is NaN and a
// missing text has code -1; build columns with Numbers, Integers, Bools and
// Texts.
type Column struct {
	Field
	numbers []float64
	codes   []int32
	words   []string
}

// Numbers makes a column of floating-point values; NaN is "no value".
func Numbers(f Field, v []float64) Column {
	f.Type = Number
	return Column{Field: f, numbers: v}
}

// Integers makes a column of whole numbers; NaN is "no value".
func Integers(f Field, v []float64) Column {
	f.Type = Integer
	return Column{Field: f, numbers: v}
}

// Bools makes a column of truth values: 0, 1 or NaN for "no value".
func Bools(f Field, v []float64) Column {
	f.Type = Bool
	return Column{Field: f, numbers: v}
}

// Texts makes a column of texts; where is nil or says which rows have a value.
func Texts(f Field, v []string, where func(i int) bool) Column {
	var t TextColumn
	for i, s := range v {
		if where != nil && !where(i) {
			t.AppendNull()
		} else {
			t.Append(s)
		}
	}
	return t.Column(f)
}

// Labels makes a column of texts in which the empty text is "no value".
func Labels(f Field, v []string) Column {
	return Texts(f, v, func(i int) bool { return v[i] != "" })
}

// TextColumn collects texts; equal texts are kept once. The zero value is empty.
type TextColumn struct {
	codes []int32
	words []string
	known map[string]int32
	after []int32 // of each code, which came behind it the last time
	bare  []bool  // of each code, whether it stands in a file as it is, without quotes
}

// Append adds a row with a text.
func (t *TextColumn) Append(s string) {
	c, ok := t.known[s]
	if !ok {
		c = t.learn(strings.Clone(s))
	}
	t.add(c)
}

// Code is what stands for a text in rows, from now on if it did not before.
func (t *TextColumn) Code(b []byte) int32 {
	c, ok := t.known[string(b)]
	if !ok {
		c = t.learn(string(b))
	}
	return c
}

func (t *TextColumn) learn(s string) int32 {
	if t.known == nil {
		t.known = map[string]int32{}
	}
	c := int32(len(t.words))
	t.words, t.known[s] = append(t.words, s), c
	t.bare = append(t.bare, strings.TrimSpace(s) != "" && !strings.ContainsAny(s, "\",;|\t\r\n"))
	return c
}

// AppendBytes is Append without a copy of a text that is known already.
func (t *TextColumn) AppendBytes(b []byte) {
	// Rows with the same text mostly stand together.
	if n := len(t.codes); n > 0 && t.codes[n-1] >= 0 && t.words[t.codes[n-1]] == string(b) {
		t.add(t.codes[n-1])
		return
	}
	t.add(t.Code(b))
}

// Grow makes room for n more rows.
func (t *TextColumn) Grow(n int) { t.codes = Room(t.codes, n) }

// Room is s with room for n more. The system gives its memory as it is written;
// slices.Grow clears all of it at once, and the collector waits for that.
func Room[T any](s []T, n int) []T {
	if cap(s)-len(s) >= n {
		return s
	}
	return append(make([]T, 0, len(s)+n), s...)
}

// Expect is the code of the text that b begins with and that a sign between cells
// follows, and its length: the text of the last row, or the one that came behind
// it the last time. The length is 0 if it is neither, or has such signs, quotes or
// nothing but blanks in it, which a file cannot have as they are.
func (t *TextColumn) Expect(b []byte) (code int32, length int) {
	n := len(t.codes)
	if n == 0 || t.codes[n-1] < 0 {
		return 0, 0
	}
	last := t.codes[n-1]
	for _, c := range [2]int32{last, t.behind(last)} {
		if w := t.words[c]; t.bare[c] && len(b) > len(w) && string(b[:len(w)]) == w && ends(b[len(w)]) {
			return c, len(w)
		}
	}
	return 0, 0
}

func ends(b byte) bool {
	return b == ',' || b == ';' || b == '\t' || b == '|' || b == '\n' || b == '\r'
}

// behind is the code that was last behind another.
func (t *TextColumn) behind(code int32) int32 {
	if int(code) < len(t.after) {
		return t.after[code]
	}
	return code
}

// AppendKnown adds a row with a text if that is there already.
func (t *TextColumn) AppendKnown(b []byte) bool {
	n := len(t.codes)
	if n > 0 && t.codes[n-1] >= 0 {
		for _, c := range [2]int32{t.codes[n-1], t.behind(t.codes[n-1])} {
			if t.words[c] == string(b) {
				t.add(c)
				return true
			}
		}
	}
	c, ok := t.known[string(b)]
	if ok {
		t.add(c)
	}
	return ok
}

// AppendCode adds a row with a text that is there already.
func (t *TextColumn) AppendCode(code int32) { t.add(code) }

// add notes also what a code comes behind.
func (t *TextColumn) add(code int32) {
	if n := len(t.codes); n > 0 && t.codes[n-1] >= 0 && t.codes[n-1] != code {
		for len(t.after) < len(t.words) {
			t.after = append(t.after, 0)
		}
		t.after[t.codes[n-1]] = code
	}
	t.codes = append(t.codes, code)
}

// AppendNull adds a row without a value.
func (t *TextColumn) AppendNull() { t.codes = append(t.codes, -1) }

// Len is the number of rows so far.
func (t *TextColumn) Len() int { return len(t.codes) }

// Column ends the collection.
func (t *TextColumn) Column(f Field) Column {
	f.Type = Text
	return Column{Field: f, codes: t.codes, words: t.words}
}

// Len is the number of rows.
func (c Column) Len() int {
	if c.Type == Text {
		return len(c.codes)
	}
	return len(c.numbers)
}

// Null reports whether row i has no value.
func (c Column) Null(i int) bool {
	if c.Type == Text {
		return c.codes[i] < 0
	}
	return math.IsNaN(c.numbers[i])
}

// Number is the value of row i of a column that is not text; NaN if none.
func (c Column) Number(i int) float64 { return c.numbers[i] }

// Text is row i as text, "" for no value. Numbers are written as short as they
// can be read back.
func (c Column) Text(i int) string {
	switch {
	case c.Null(i):
		return ""
	case c.Type == Text:
		return c.words[c.codes[i]]
	}
	return string(c.AppendText(nil, i))
}

// Value is row i as float64, int64, bool, string or nil.
func (c Column) Value(i int) any {
	switch {
	case c.Null(i):
		return nil
	case c.Type == Text:
		return c.words[c.codes[i]]
	case c.Type == Bool:
		return c.numbers[i] != 0
	case c.Type == Integer:
		return int64(c.numbers[i])
	}
	return c.numbers[i]
}

// Codes gives a text column as indices into its distinct texts, -1 for no
// value. Neither may be changed.
func (c Column) Codes() (codes []int32, words []string) { return c.codes, c.words }

// Coded is a column of any type as indices into its distinct texts, as
// [Column.Codes] gives those of a text column.
func (c Column) Coded() (codes []int32, words []string) {
	if c.Type == Text {
		return c.codes, c.words
	}
	var t TextColumn
	for i := range c.Len() {
		if c.Null(i) {
			t.AppendNull()
		} else {
			t.Append(c.Text(i))
		}
	}
	return t.codes, t.words
}

// Values gives the numbers of a column that is not text. They may not be changed.
func (c Column) Values() []float64 { return c.numbers }

func (c Column) pick(rows []int) Column {
	if c.Type == Text {
		codes := make([]int32, len(rows))
		for i, r := range rows {
			codes[i] = c.codes[r]
		}
		c.codes = codes
		return c
	}
	v := make([]float64, len(rows))
	for i, r := range rows {
		v[i] = c.numbers[r]
	}
	c.numbers = v
	return c
}

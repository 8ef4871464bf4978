package data

// Most rows of a long table are alike: texts that were there before, mostly those
// that followed the same texts then, and numbers in plain form. Such rows are
// read straight from the buffer, cell by cell; any other row goes the usual way
// (readCSV), which says what is wrong with it.

// swift reports whether rows may be read so: nothing is asked of the source that
// needs a look at each cell.
func (t *table) swift(separator byte, id int) bool {
	return id < 0 && t.wkt < 0 && t.flat && len(t.source.Missing) == 0 && !t.localNumbers && !t.latinText && !t.foreignText &&
		(separator == ',' || separator == ';' || separator == '\t' || separator == '|')
}

// swiftly reads rows as long as they are so, and says how many bytes they had.
func (t *table) swiftly(r *records, separator byte) (read int, err error) {
	for {
		n, ok := t.swiftRow(r.buf[r.from:r.to], separator)
		if !ok || n > t.lim.Text {
			return read, nil
		}
		for _, c := range t.columns {
			c.take(t.rows)
		}
		if err := t.endRow(); err != nil {
			return read, err
		}
		r.from += n
		t.line++
		if read += n; t.rows == sampleRows {
			return read, nil
		}
	}
}

// ahead is a cell that was read and not yet taken.
type ahead struct {
	code      int32
	value     float64
	kind      numeral
	canonical bool
	full      []byte
}

// swiftRow reads the cells of a row, whose length with its line end it gives.
func (t *table) swiftRow(b []byte, separator byte) (length int, ok bool) {
	at := 0
	for k, c := range t.columns {
		n := 0
		switch c.shape {
		case texts:
			if at < len(b) && b[at] == '\'' {
				return 0, false // perhaps of a text that would be live, see appendCell
			}
			c.next.code, n = c.text.Expect(b[at:])
		case wholes, numbers:
			c.next.value, c.next.kind, c.next.canonical, n = leadingNumber(b[at:])
			c.next.full = b[at : at+n]
		}
		if at += n; n == 0 || at == len(b) {
			return 0, false
		}
		if k < len(t.columns)-1 {
			if b[at] != separator {
				return 0, false
			}
			at++
		}
	}
	if at+1 < len(b) && b[at] == '\r' {
		at++
	}
	return at + 1, at > 0 && b[at] == '\n'
}

// take appends the cell that was read to a column that has so many rows before it.
func (c *column) take(rows int) {
	c.pad(rows)
	if c.shape == texts {
		c.text.AppendCode(c.next.code)
		return
	}
	if c.next.kind == fraction {
		c.shape = numbers
	}
	c.keep(c.next.value, c.next.canonical, c.next.full)
}

// leadingNumber is parseNumber of the digits at the beginning of b, n of them; n
// is 0 where that has a closer look.
func leadingNumber(b []byte) (v float64, kind numeral, canonical bool, n int) {
	i := 0
	if len(b) > 0 && b[0] == '-' {
		i++
	}
	first := i
	var digits uint64
	for i < len(b) && b[i]-'0' <= 9 && i-first <= 15 {
		digits = digits*10 + uint64(b[i]-'0')
		i++
	}
	before, after := i-first, 0
	if before == 0 || before > 1 && b[first] == '0' {
		return 0, notNumber, false, 0
	}
	kind, v, canonical = whole, float64(digits), true
	if i < len(b) && b[i] == '.' {
		for i++; i < len(b) && b[i]-'0' <= 9 && before+after <= 15; i++ {
			digits = digits*10 + uint64(b[i]-'0')
			after++
		}
		if after == 0 {
			return 0, notNumber, false, 0
		}
		kind, v = fraction, float64(digits)/tens[min(after, 15)]
		canonical = b[i-1] != '0' && digits != 0 && v >= 1e-6
	}
	if before+after > 15 || first > 0 && kind == whole && digits == 0 {
		return 0, notNumber, false, 0
	}
	if first > 0 {
		v = -v
	}
	return v, kind, canonical, i
}
